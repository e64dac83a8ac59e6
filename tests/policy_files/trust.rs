//! Files, directories and links that somebody else could have placed.

use super::*;

/// Neither root's nor the test user's.
const STRANGER: u32 = 65_533;

fn refused_when_installed(change: impl FnOnce(Files) -> Files) -> Option<String> {
    let files = change(Files::installed()?.with("groups.d/a.toml", LS));
    Some(files.refused(&["a"]).replace("root:root", "OWNER"))
}

fn refused_as_root(change: impl FnOnce(Files) -> Files, expected: &str) {
    if let Some(refused) = refused_when_installed(change) {
        assert_eq!(refused, expected);
    }
}

#[test]
fn a_sound_directory_is_believed() {
    if let Some(files) = Files::installed() {
        let files = files.with("gatesh.toml", "").with("groups.d/a.toml", LS);
        assert_eq!(files.load(&["a"]).expect("sound").groups.len(), 1);
    }
}

#[test]
fn a_group_writable_file_is_refused() {
    refused_as_root(
        |files| files.mode("groups.d/a.toml", 0o664),
        "groups.d/a.toml: is writable by its group (0664 OWNER)",
    );
}

#[test]
fn a_world_writable_file_is_refused() {
    refused_as_root(
        |files| files.mode("groups.d/a.toml", 0o646),
        "groups.d/a.toml: is writable by everyone (0646 OWNER)",
    );
}

#[test]
fn a_strangers_file_is_refused() {
    refused_as_root(
        |files| files.owner("groups.d/a.toml", STRANGER),
        "groups.d/a.toml: does not belong to root (0644 65533:root)",
    );
}

#[test]
fn a_group_writable_directory_is_refused() {
    refused_as_root(|files| files.mode("groups.d", 0o775), "groups.d: is writable by its group (0775 OWNER)");
}

#[test]
fn a_strangers_directory_is_refused() {
    refused_as_root(
        |files| files.owner("groups.d", STRANGER),
        "groups.d: does not belong to root (0755 65533:root)",
    );
}

#[test]
fn a_writable_directory_above_is_refused_even_when_sticky() {
    let Some(files) = Files::installed() else { return };
    let mut files = files.with("open/groups.d", "").mode("open", 0o1777);
    fs::remove_file(files.path("open/groups.d")).expect("rm");
    fs::create_dir(files.path("open/inner")).expect("mkdir");
    files.source.directory = files.path("open/inner");
    assert_eq!(files.refused(&["a"]), "open: is writable by everyone (1777 root:root)");
}

#[test]
fn a_strangers_gatesh_toml_stops_even_people_without_rules() {
    refused_as_root(
        |files| files.with("gatesh.toml", "").owner("gatesh.toml", STRANGER),
        "gatesh.toml: does not belong to root (0644 65533:root)",
    );
}

#[test]
fn a_directory_that_root_linked_is_believed() {
    let Some(mut files) = Files::installed() else { return };
    files = files.with("groups.d/a.toml", LS);
    symlink(files.path(""), files.path("link")).expect("symlink");
    files.source.directory = files.path("link");
    assert_eq!(files.load(&["a"]).expect("root placed the link").groups.len(), 1);
}

#[test]
fn a_directory_that_a_stranger_linked_is_refused() {
    let Some(mut files) = Files::installed() else { return };
    files = files.with("groups.d/a.toml", LS);
    symlink(files.path(""), files.path("link")).expect("symlink");
    std::os::unix::fs::lchown(files.path("link"), Some(STRANGER), None).expect("chown");
    files.source.directory = files.path("link");
    assert_eq!(files.refused(&["a"]), "link: does not belong to root (0777 65533:root)");
}

#[test]
fn links_that_lead_in_a_circle_are_refused() {
    let mut files = Files::staged();
    symlink("b", files.path("a")).expect("symlink");
    symlink("a", files.path("b")).expect("symlink");
    files.source.directory = files.path("a");
    assert!(files.refused(&["x"]).ends_with(": is a symbolic link"));
}

#[test]
fn a_file_that_is_a_link_is_refused() {
    let files = Files::staged().with("groups.d/real", LS);
    symlink("real", files.path("groups.d/a.toml")).expect("symlink");
    assert_eq!(files.refused(&["a"]), "groups.d/a.toml: is a symbolic link");
}

#[test]
fn a_link_to_nowhere_is_no_missing_file() {
    let files = Files::staged().with("groups.d/b.toml", LS);
    symlink("nowhere", files.path("groups.d/a.toml")).expect("symlink");
    assert_eq!(files.refused(&["a"]), "groups.d/a.toml: is a symbolic link");
}

#[test]
fn a_pipe_is_refused_without_waiting() {
    let files = Files::staged().with("groups.d/b.toml", LS);
    nix::unistd::mkfifo(&files.path("groups.d/a.toml"), nix::sys::stat::Mode::S_IRUSR).expect("mkfifo");
    assert_eq!(files.refused(&["a"]), "groups.d/a.toml: is not a regular file");
}

#[test]
fn a_directory_in_a_files_place_is_refused() {
    let files = Files::staged().with("groups.d/b.toml", LS);
    fs::create_dir(files.path("groups.d/a.toml")).expect("mkdir");
    assert_eq!(files.refused(&["a"]), "groups.d/a.toml: is not a regular file");
}

#[test]
fn a_file_in_a_directorys_place_is_refused() {
    let files = Files::staged().with("groups.d", "");
    assert_eq!(files.refused(&["a"]), "groups.d: is not a directory");
}

#[test]
fn a_file_larger_than_4_mib_is_refused() {
    let files = Files::staged().with("groups.d/a.toml", "#".repeat(4 * 1024 * 1024 + 1));
    assert_eq!(files.refused(&["a"]), "groups.d/a.toml: is larger than 4 MiB");
}

#[test]
fn a_file_of_4_mib_is_read() {
    let files = Files::staged().with("groups.d/a.toml", "#".repeat(4 * 1024 * 1024));
    assert!(files.load(&["a"]).is_ok());
}

#[test]
fn a_file_that_is_not_utf_8_is_refused() {
    let files = Files::staged().with("groups.d/a.toml", b"# a\n# \xe4\n");
    assert_eq!(files.refused(&["a"]), "groups.d/a.toml: is not UTF-8 in line 2");
}

#[test]
fn a_file_that_may_not_be_read_is_not_a_missing_one() {
    if nix::unistd::geteuid().is_root() {
        println!("skipped: root may read everything");
        return;
    }
    let files = Files::staged().with("groups.d/a.toml", LS).mode("groups.d/a.toml", 0);
    assert_eq!(files.refused(&["a"]), "groups.d/a.toml: cannot be read: permission denied");
}

#[test]
fn staging_takes_what_the_group_may_write() {
    let files =
        Files::staged().with("groups.d/a.toml", LS).mode("groups.d/a.toml", 0o664).mode("groups.d", 0o775);
    assert_eq!(files.load(&["a"]).expect("group-writable is accepted").groups.len(), 1);
}

#[test]
fn staging_refuses_what_everyone_may_write() {
    let files = Files::staged().with("groups.d/a.toml", LS).mode("groups.d/a.toml", 0o666);
    assert!(files.refused(&["a"]).starts_with("groups.d/a.toml: is writable by everyone (0666 "));
    let files = Files::staged().with("groups.d/a.toml", LS).mode("groups.d", 0o1777);
    assert!(files.refused(&["a"]).starts_with("groups.d: is writable by everyone (1777 "));
}

#[test]
fn staging_refuses_a_strangers_file() {
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: only root can give files away");
        return;
    }
    let files = Files::staged().with("groups.d/a.toml", LS).owner("groups.d/a.toml", STRANGER);
    assert_eq!(files.refused(&["a"]), "groups.d/a.toml: does not belong to root or you (0644 65533:root)");
}

#[test]
fn a_directory_that_is_not_there_has_no_rules() {
    let mut files = Files::staged();
    files.source.directory = files.path("nowhere");
    let policy = files.load(&["a"]).expect("nothing is refused by files that are not there");
    assert!(policy.groups.is_empty());
}
