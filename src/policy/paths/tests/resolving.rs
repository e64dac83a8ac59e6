use std::ffi::OsStr;
use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::stat::{Mode, fstat};
use nix::unistd::{Uid, mkfifo};

use super::tree::Tree;
use crate::policy::glob::Glob;
use crate::policy::paths::{PathRefusal, View};
use crate::policy::types::{Access, Object, PathType};

fn anywhere(object: Object, globs: &[&str]) -> PathType {
    let globs = globs.iter().map(|text| Glob::path(text, None).unwrap()).collect();
    PathType { object, globs, except: Vec::new(), access: Access::Read, must_exist: true }
}

fn is_root() -> bool {
    Uid::effective().is_root()
}

#[test]
fn a_relative_name_becomes_the_absolute_one_and_is_held_open() {
    let tree = Tree::new();
    let checked = tree.accepted(&tree.log(), "./nginx/../app.log");
    assert_eq!(checked.path, tree.at("logs/app.log"));
    assert_eq!(checked.object, Object::File);
    let stat = fstat(checked.descriptor.as_ref().unwrap()).unwrap();
    assert_eq!(stat.st_ino, fs::metadata(tree.at("logs/app.log")).unwrap().ino());
}

#[test]
fn a_link_that_stays_inside_is_followed_and_replaced() {
    let tree = Tree::new();
    tree.link("logs/current", "nginx/access.log");
    tree.link("secret/way-in", tree.at("logs/app.log"));
    assert_eq!(tree.accepted(&tree.log(), "current").path, tree.at("logs/nginx/access.log"));
    let outside = tree.text("secret/way-in");
    assert_eq!(tree.accepted(&tree.log(), &outside).path, tree.at("logs/app.log"));
}

#[test]
fn a_link_that_leads_out_does_not_match_whether_or_not_its_target_exists() {
    let tree = Tree::new();
    tree.link("logs/out", tree.at("secret/key"));
    tree.link("logs/nowhere", tree.at("secret/none"));
    tree.link("logs/dir", tree.at("secret"));
    tree.link("logs/nodir", tree.at("nosecret"));
    tree.link("logs/loop", "loop");
    for typed in [
        "out",
        "nowhere",
        "dir/key",
        "dir/none",
        "nodir/key",
        "dir/../secret/key",
        "loop",
        "loop/x",
        "dir/..",
    ] {
        assert_eq!(tree.refusal(&tree.log(), typed), PathRefusal::NoMatch, "{typed}");
    }
}

#[test]
fn what_is_outside_does_not_match_whether_or_not_it_exists() {
    let tree = Tree::new();
    for name in ["secret/key", "secret/none", "secret/none/x", "secret", "logs2/x"] {
        assert_eq!(tree.refusal(&tree.log(), &tree.text(name)), PathRefusal::NoMatch, "{name}");
    }
    for typed in ["../secret/key", "../secret/none", "..", "../none/../secret/key"] {
        assert_eq!(tree.refusal(&tree.log(), typed), PathRefusal::NoMatch, "{typed}");
    }
}

#[test]
fn a_way_in_that_climbs_out_of_an_unknown_directory_tells_nothing_of_it() {
    let tree = Tree::new();
    for directory in ["secret", "none"] {
        let typed = tree.text(&format!("{directory}/../logs/app.log"));
        assert_eq!(tree.refusal(&tree.log(), &typed), PathRefusal::NoMatch, "{directory}");
    }
    assert!(tree.view_from("secret").resolve(&tree.log(), "../logs/app.log", false).is_ok());
}

#[test]
fn what_is_missing_inside_is_said_to_be_missing() {
    let tree = Tree::new();
    tree.link("logs/inner", "nginx");
    for typed in ["none.log", "none/x.log", "app.log/x", "nginx/../none.log", "inner/none.log"] {
        assert_eq!(tree.refusal(&tree.log(), typed), PathRefusal::Missing, "{typed}");
    }
    let cure = tree.refusal(&tree.log(), "app.log/");
    assert_eq!(cure, PathRefusal::Unreadable(String::from("Not a directory")));
}

#[test]
fn words_that_can_be_no_path_do_not_match() {
    let tree = Tree::new();
    tree.file("logs/-rf");
    for typed in ["", "-", "-rf", "app.log\0", "\0"] {
        assert_eq!(tree.refusal(&tree.log(), typed), PathRefusal::NoMatch, "{typed:?}");
    }
    assert!(tree.resolve(&tree.log(), "./-rf").is_ok());
}

#[test]
fn a_file_is_a_regular_file_and_nothing_else() {
    let tree = Tree::new();
    mkfifo(&tree.at("logs/fifo"), Mode::S_IRWXU).unwrap();
    let _listening = UnixListener::bind(tree.at("logs/socket")).unwrap();
    for (typed, what) in [("fifo", "a named pipe"), ("socket", "a socket"), ("nginx", "a directory")] {
        assert_eq!(tree.refusal(&tree.log(), typed), PathRefusal::WrongObject(what));
    }
    let either = tree.takes(Object::Either, Access::Read);
    assert_eq!(tree.refusal(&either, "fifo"), PathRefusal::WrongObject("a named pipe"));
    let device = anywhere(Object::File, &["/dev/**"]);
    assert_eq!(tree.refusal(&device, "/dev/zero"), PathRefusal::WrongObject("a character device"));
}

#[test]
fn a_directory_type_takes_directories_with_or_without_a_slash() {
    let tree = Tree::new();
    let dir = tree.takes(Object::Directory, Access::Read);
    for typed in ["nginx", "nginx/", "nginx/.", ".", "../logs"] {
        assert_eq!(tree.accepted(&dir, typed).object, Object::Directory, "{typed}");
    }
    assert_eq!(tree.refusal(&dir, "app.log"), PathRefusal::WrongObject("a regular file"));
    assert_eq!(tree.refusal(&dir, ".."), PathRefusal::NoMatch);
}

#[test]
fn either_takes_both() {
    let tree = Tree::new();
    let either = tree.takes(Object::Either, Access::Nothing);
    assert_eq!(tree.accepted(&either, "nginx").object, Object::Directory);
    assert_eq!(tree.accepted(&either, "app.log").object, Object::File);
}

#[test]
fn a_hard_link_is_refused_unless_only_root_could_have_placed_it() {
    let tree = Tree::new();
    fs::hard_link(tree.at("secret/key"), tree.at("logs/hard")).unwrap();
    fs::set_permissions(tree.at("logs"), PermissionsExt::from_mode(0o775)).unwrap();
    assert_eq!(tree.refusal(&tree.log(), "hard"), PathRefusal::HardLinks);
    fs::set_permissions(tree.at("logs"), PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(tree.resolve(&tree.log(), "hard").is_ok(), is_root());
    fs::set_permissions(tree.at("logs/hard"), PermissionsExt::from_mode(0o666)).unwrap();
    assert_eq!(tree.refusal(&tree.log(), "hard"), PathRefusal::HardLinks);
    let write = tree.takes(Object::File, Access::Write);
    fs::set_permissions(tree.at("logs/hard"), PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(tree.refusal(&write, "hard"), PathRefusal::HardLinks);
}

#[test]
fn what_is_excepted_is_refused_and_says_so_only_when_typed() {
    let tree = Tree::new();
    tree.link("logs/sideways", "nginx/access.log");
    tree.link("logs/dangling", "nginx/none.log");
    let but = tree.all_but(Object::File, Access::Read, "logs/nginx/**");
    assert_eq!(tree.refusal(&but, "nginx/access.log"), PathRefusal::Excepted);
    assert_eq!(tree.refusal(&but, "nginx/none.log"), PathRefusal::Excepted);
    assert_eq!(tree.refusal(&but, "sideways"), PathRefusal::NoMatch);
    assert_eq!(tree.refusal(&but, "dangling"), PathRefusal::NoMatch);
}

#[test]
fn a_tree_with_something_excepted_beneath_it_is_refused() {
    let tree = Tree::new();
    fs::create_dir(tree.at("logs/other")).unwrap();
    let but = tree.all_but(Object::Directory, Access::Tree, "logs/nginx/*.log");
    assert_eq!(tree.refusal(&but, "."), PathRefusal::Excepted);
    assert_eq!(tree.refusal(&but, "nginx"), PathRefusal::Excepted);
    assert_eq!(tree.accepted(&but, "other").access, Access::Tree);
    let names_only = tree.all_but(Object::Directory, Access::Read, "logs/nginx/*.log");
    assert!(tree.resolve(&names_only, ".").is_ok());
}

#[test]
fn names_that_cannot_be_words_are_refused() {
    let tree = Tree::new();
    for name in
        [&b"logs/a\nb"[..], b"logs/\x1b[2J", b"logs/\xff\xfe", b"logs/\xe2\x80\xaegpj", b"logs/x (deleted)"]
    {
        tree.file(OsStr::from_bytes(name));
    }
    for (link, target) in [("1", "a\nb"), ("2", "\u{1b}[2J"), ("3", "\u{202e}gpj"), ("4", "x (deleted)")] {
        tree.link(&format!("logs/{link}"), target);
        assert_eq!(tree.refusal(&tree.log(), link), PathRefusal::UnusableName, "{target:?}");
        assert_eq!(tree.refusal(&tree.log(), target), PathRefusal::UnusableName, "{target:?}");
    }
    symlink(OsStr::from_bytes(b"\xff\xfe"), tree.at("logs/5")).unwrap();
    assert_eq!(tree.refusal(&tree.log(), "5"), PathRefusal::UnusableName);
}

#[test]
fn an_unusable_name_outside_does_not_match_and_nothing_more() {
    let tree = Tree::new();
    tree.file("secret/a\nb");
    tree.link("logs/out", tree.at("secret/a\nb"));
    assert_eq!(tree.refusal(&tree.log(), "out"), PathRefusal::NoMatch);
}

#[test]
fn a_working_directory_that_is_gone_leads_nowhere() {
    let tree = Tree::new();
    let view = tree.view_from("logs/nginx");
    fs::remove_dir_all(tree.at("logs/nginx")).unwrap();
    let dir = tree.takes(Object::Directory, Access::Read);
    assert_eq!(view.resolve(&dir, ".", false).unwrap_err(), PathRefusal::UnusableName);
    fs::create_dir(tree.at("logs/nginx")).unwrap();
    fs::create_dir(tree.at("logs/nginx (deleted)")).unwrap();
    assert!(view.resolve(&dir, ".", false).is_err());
}

#[test]
fn links_that_procfs_makes_up_are_not_followed() {
    let tree = Tree::new();
    let key = fs::File::open(tree.at("logs/app.log")).unwrap();
    let everything = anywhere(Object::Either, &["/**"]);
    let number = key.as_raw_fd();
    for typed in [
        format!("/proc/self/fd/{number}"),
        format!("/dev/fd/{number}"),
        format!("/proc/thread-self/fd/{number}"),
    ] {
        assert_eq!(tree.refusal(&tree.log(), &typed), PathRefusal::NoMatch, "{typed}");
        assert_eq!(tree.refusal(&everything, &typed), PathRefusal::NoMatch, "{typed}");
    }
    for typed in ["/proc/self/root/etc/passwd", "/proc/self/cwd", "/proc/self/exe", "/dev/stdin"] {
        assert_eq!(tree.refusal(&everything, typed), PathRefusal::NoMatch, "{typed}");
    }
}

#[test]
fn procfs_matches_only_globs_that_name_it() {
    let tree = Tree::new();
    let everything = anywhere(Object::Either, &["/**"]);
    for typed in ["/proc", "/proc/self/status", "/proc/1", "/proc/meminfo"] {
        assert_eq!(tree.refusal(&everything, typed), PathRefusal::NoMatch, "{typed}");
    }
    let named = anywhere(Object::File, &["/proc/meminfo", "/proc/**/fd/*"]);
    assert_eq!(tree.accepted(&named, "/proc/meminfo").path, Path::new("/proc/meminfo"));
    assert_eq!(tree.refusal(&named, "/proc/self/fd/0"), PathRefusal::NoMatch);
}

#[test]
fn elevated_rules_take_only_what_root_alone_can_write() {
    let tree = Tree::new();
    let refusal = tree.view().resolve(&tree.log(), "app.log", true).unwrap_err();
    assert_eq!(refusal, PathRefusal::WritableByOthers);
    let passwd = anywhere(Object::File, &["/etc/passwd"]);
    let roots = ["/", "/etc", "/etc/passwd"].map(fs::metadata).map(Result::unwrap);
    let expected = roots.iter().all(|found| found.uid() == 0 && found.mode() & 0o022 == 0);
    assert_eq!(tree.view().resolve(&passwd, "/etc/passwd", true).is_ok(), expected);
}

#[test]
fn a_sticky_directory_counts_as_written_by_all() {
    let sticky = anywhere(Object::Directory, &["/tmp", "/var/tmp"]);
    let tree = Tree::new();
    for typed in
        ["/tmp", "/var/tmp"].into_iter().filter(|typed| fs::metadata(typed).is_ok_and(|d| d.mode() & 2 != 0))
    {
        let refusal = tree.view().resolve(&sticky, typed, true).unwrap_err();
        assert_eq!(refusal, PathRefusal::WritableByOthers, "{typed}");
    }
}

#[test]
fn a_directory_that_may_not_be_searched_is_said_to_be_so_only_inside() {
    if is_root() {
        println!("skipped: root searches every directory");
        return;
    }
    let tree = Tree::new();
    tree.link("logs/out", tree.at("secret/key"));
    for name in ["logs/nginx", "secret"] {
        fs::set_permissions(tree.at(name), PermissionsExt::from_mode(0o000)).unwrap();
    }
    let denied = PathRefusal::Unreadable(String::from("Permission denied"));
    assert_eq!(tree.refusal(&tree.log(), "nginx/access.log"), denied);
    assert_eq!(tree.refusal(&tree.log(), "out"), PathRefusal::NoMatch);
    assert_eq!(tree.refusal(&tree.log(), &tree.text("secret/key")), PathRefusal::NoMatch);
    for name in ["logs/nginx", "secret"] {
        fs::set_permissions(tree.at(name), PermissionsExt::from_mode(0o755)).unwrap();
    }
}

#[test]
fn a_name_that_is_swapped_while_it_is_checked_gains_nothing() {
    let tree = Tree::new();
    let (inside, secret) =
        (fs::metadata(tree.at("logs/b.log")).unwrap(), fs::metadata(tree.at("secret/key")).unwrap());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| flip(&tree, &stop));
        for _ in 0..3000 {
            let Ok(checked) = tree.resolve(&tree.log(), "swap") else { continue };
            let held = fstat(checked.descriptor.as_ref().unwrap()).unwrap();
            assert!(held.st_ino == inside.ino() && held.st_ino != secret.ino(), "{}", checked.path.display());
        }
        stop.store(true, Ordering::Relaxed);
    });
}

/// Lets `logs/swap` lead in and out by turns, without ever being absent.
fn flip(tree: &Tree, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        for target in ["logs/b.log", "secret/key"] {
            tree.link("logs/next", tree.at(target));
            fs::rename(tree.at("logs/next"), tree.at("logs/swap")).unwrap();
        }
    }
}

#[test]
fn a_directory_swapped_for_a_link_while_it_is_checked_gains_nothing() {
    let tree = Tree::new();
    tree.file("secret/access.log");
    let secret = fs::metadata(tree.at("secret/access.log")).unwrap().ino();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| flip_directory(&tree, &stop));
        for _ in 0..3000 {
            let Ok(checked) = tree.resolve(&tree.log(), "nginx/access.log") else { continue };
            let held = fstat(checked.descriptor.as_ref().unwrap()).unwrap();
            assert_ne!(held.st_ino, secret);
        }
        stop.store(true, Ordering::Relaxed);
    });
}

fn flip_directory(tree: &Tree, stop: &AtomicBool) {
    tree.link("logs/link", tree.at("secret"));
    while !stop.load(Ordering::Relaxed) {
        fs::rename(tree.at("logs/nginx"), tree.at("logs/aside")).unwrap();
        fs::rename(tree.at("logs/link"), tree.at("logs/nginx")).unwrap();
        fs::rename(tree.at("logs/nginx"), tree.at("logs/link")).unwrap();
        fs::rename(tree.at("logs/aside"), tree.at("logs/nginx")).unwrap();
    }
}

#[test]
fn a_fixture_tree_stands_for_the_root() {
    let tree = Tree::new();
    tree.link("logs/etc", "/secret/key");
    tree.link("logs/in", "/logs/app.log");
    let View::Host { directory: root, .. } = tree.view_from("") else { unreachable!() };
    let view = View::Rooted { root, prefix: tree.root.clone(), name: "/logs".into() };
    let log = anywhere(Object::File, &["/logs/**"]);
    for typed in ["app.log", "/logs/app.log", "in", "../../../logs/app.log"] {
        assert_eq!(view.resolve(&log, typed, true).unwrap().path, Path::new("/logs/app.log"), "{typed}");
    }
    for typed in ["etc", "/secret/key", "../secret/key", "/etc/passwd", &tree.text("logs/app.log")] {
        assert_eq!(view.resolve(&log, typed, false).unwrap_err(), PathRefusal::NoMatch, "{typed}");
    }
    assert_eq!(view.resolve(&log, "none", false).unwrap_err(), PathRefusal::Missing);
}

#[test]
fn as_text_nothing_is_opened() {
    let view = View::Text { name: "/var/log".into() };
    let log = anywhere(Object::File, &["/var/log/**"]);
    let checked = view.resolve(&log, "none/../../log/./x.log", true).unwrap();
    assert_eq!(checked.path, Path::new("/var/log/x.log"));
    assert!(checked.descriptor.is_none() && checked.parent.is_none());
    assert_eq!(view.resolve(&log, "../lib/x", false).unwrap_err(), PathRefusal::NoMatch);
    assert_eq!(view.resolve(&log, "x.log/", false).unwrap_err(), PathRefusal::WrongObject("a directory"));
    assert_eq!(view.resolve(&log, "a\nb", false).unwrap_err(), PathRefusal::UnusableName);
}

#[test]
fn the_present_working_directory_makes_a_view() {
    let view = View::host().unwrap();
    assert_eq!(view.directory_name(), std::env::current_dir().unwrap().canonicalize().unwrap());
}

#[test]
fn a_refusal_reads_on_from_the_word() {
    let said = [
        (PathRefusal::NoMatch, "does not match"),
        (PathRefusal::Missing, "is not there"),
        (PathRefusal::WrongObject("a directory"), "is a directory"),
        (PathRefusal::Unreadable(String::from("Permission denied")), "cannot be opened: Permission denied"),
    ];
    for (refusal, words) in said {
        assert_eq!(refusal.to_string(), words);
    }
}
