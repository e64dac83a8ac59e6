//! Programs that people sit at: what can be typed into them reaches no further than their rule.

use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::sys::termios::LocalFlags;

use super::{confines, has, rule};
use crate::scenario::{Gatesh, SECRET};
use crate::screen::Screen;

const LOG: &str = "{top}/var/log/app.log";

/// The line at the gate, at a terminal of its own.
fn gated(scene: &Gatesh, line: &str) -> Screen {
    let mut command = scene.command();
    command.args(["-c", &scene.spelled(line)]).env("TERM", "xterm");
    Screen::open(&command)
}

/// The same without the gate.
fn free(scene: &Gatesh, words: &[&str]) -> Screen {
    let mut command = scene.outside(Path::new("/usr/bin/env"));
    command.args(words.iter().map(|word| scene.spelled(word))).env("TERM", "xterm");
    Screen::open(&command)
}

/// A name that no editor knows a syntax for, so that it shows the text in one piece.
fn with_secret(scene: Gatesh) -> Gatesh {
    scene.file("root/secret", SECRET)
}

/// Types an escape and a look at a secret; whether the marker came and whether the secret was shown.
fn escapes(scene: &Gatesh, mut screen: Screen, start: &str, open: &str) -> (bool, bool) {
    screen.shows("ERROR").settle();
    let keys = [
        format!("{start}touch {{top}}/tmp/marker\r"),
        "\r".to_owned(),
        format!("{open}{{top}}/root/secret\r"),
    ];
    for keys in keys {
        screen.keys(&scene.spelled(&keys)).settle().settle();
    }
    (scene.marker().exists(), screen.seen().contains(SECRET))
}

#[test]
fn an_editor_starts_nothing_and_opens_nothing_else() {
    if !has("vim") || !confines() {
        return;
    }
    let scene = || with_secret(rule(r#""vim [-R] <log>""#, "with = [\"@editors\"]"));
    let (held, control) = (scene(), scene());
    let at = free(&control, &["vim", "-R", LOG]);
    assert_eq!(escapes(&control, at, ":!", ":e "), (true, true), "unconfined");
    let at = gated(&held, &format!("vim -R {LOG}"));
    assert_eq!(escapes(&held, at, ":!", ":e "), (false, false));
}

#[test]
fn a_pager_starts_nothing_and_opens_nothing_else() {
    if !has("less") {
        return;
    }
    let scene = || with_secret(rule(r#""less <log>""#, ""));
    let (held, control) = (scene(), scene());
    let at = free(&control, &["less", LOG]);
    assert_eq!(escapes(&control, at, "!", ":e "), (true, true), "unconfined");
    let at = gated(&held, &format!("less {LOG}"));
    assert_eq!(escapes(&held, at, "!", ":e "), (false, false));
}

#[test]
fn a_pager_that_was_talked_out_of_its_own_care_is_held_all_the_same() {
    if !has("less") || !confines() {
        return;
    }
    // env takes LESSSECURE away again; less runs, but nothing that less would start.
    let terms = "exec = [\"/usr/bin/less\"]\nread = [\"{top}/var/log\"]";
    let scene =
        || with_secret(rule(r#""env (-u) (LESSSECURE) /usr/bin/less '{top}/var/log/app.log'""#, terms));
    let (held, control) = (scene(), scene());
    let at = free(&control, &["-u", "LESSSECURE", "/usr/bin/less", LOG]);
    assert_eq!(escapes(&control, at, "!", ":e "), (true, true), "unconfined");
    let at = gated(&held, &format!("env -u LESSSECURE /usr/bin/less {LOG}"));
    assert_eq!(escapes(&held, at, "!", ":e "), (false, false));
}

/// A pager that a program starts by itself. The rule hands it over carelessly: any program may be executed, and its
/// variables name the pager again.
struct Paging {
    program: &'static str,
    words: &'static str,
    synopsis: &'static str,
    /// How the pager asks at the end of the first page.
    asks: &'static str,
}

#[rustfmt::skip]
const PAGING: &[Paging] = &[
    Paging { program: "man", words: "-P /usr/bin/less -l {top}/var/log/page.1", synopsis: "man (-P) (/usr/bin/less) (-l) <log>", asks: "press h for help" },
    Paging { program: "journalctl", words: "--list-catalog", synopsis: "journalctl (--list-catalog)", asks: "lines 1-" },
    Paging { program: "systemctl", words: "list-unit-files --root=/", synopsis: "systemctl list-unit-files (--root=<text>)", asks: "lines 1-" },
];

/// Whether a `!` typed into the pager leaves the marker.
fn starts_another(scene: &Gatesh, mut screen: Screen, asks: &str) -> bool {
    screen.shows(asks).settle();
    for keys in ["!touch {top}/tmp/marker\r", "\r", "q"] {
        screen.keys(&scene.spelled(keys)).settle().settle();
    }
    scene.marker().exists()
}

#[test]
fn a_pager_that_a_program_starts_starts_nothing() {
    for Paging { program, words, synopsis, asks } in PAGING {
        if !has(program) || !has("less") {
            continue;
        }
        let terms = "exec = \"any\"\nread = [\"/etc/systemd\", \"/usr\", \"/var/lib/systemd\"]\n\
                     limits = { processes = 20 }\nwith = [\"@tmp\"]\n\
                     env = { SYSTEMD_PAGER = \"/usr/bin/less\" }";
        let page = format!(".TH A 1\n.SH NAME\na \\- described\n{}", "line\n.PP\n".repeat(100));
        let scene = || rule(&format!("\"{synopsis}\""), terms).file("var/log/page.1", &page);
        let hostile =
            |scene: Gatesh| scene.env("SYSTEMD_PAGER", "/usr/bin/less").env("SYSTEMD_PAGERSECURE", "0");
        let (held, control) = (hostile(scene()), hostile(scene()));
        let at = free(&control, &[&[*program], &words.split(' ').collect::<Vec<_>>()[..]].concat());
        assert!(starts_another(&control, at, asks), "{program}: not even unconfined");
        let at = gated(&held, &format!("{program} {words}"));
        assert!(!starts_another(&held, at, asks), "{program}");
    }
}

#[test]
fn a_pager_keeps_no_log_of_what_it_shows() {
    if !has("less") {
        return;
    }
    let kept = |scene: &Gatesh, mut screen: Screen| {
        screen.shows("ERROR").settle();
        // s takes the name of a file for what comes from a pipe.
        screen.keys(&scene.spelled("s{top}/tmp/out\r")).settle().settle().keys("q");
        scene.path("tmp/out").exists()
    };
    let scene = || rule(r#""less", "cat <log>""#, "");
    let (held, control) = (scene(), scene());
    let at = free(&control, &["sh", "-c", &format!("cat {LOG} | less")]);
    assert!(kept(&control, at), "not even unconfined");
    let at = gated(&held, &format!("cat {LOG} | less"));
    assert!(!kept(&held, at));
}

#[test]
fn a_program_at_the_terminal_has_it_by_name_too() {
    let scene = rule(r#""tee '/dev/tty'", "cat <log>""#, "");
    let mut screen = gated(&scene, &format!("cat {LOG} | tee /dev/tty"));
    screen.shows("two ERROR").shows("two ERROR");
}

fn echoes(screen: &Screen) -> bool {
    screen.settings().local_flags.contains(LocalFlags::ECHO | LocalFlags::ICANON)
}

#[test]
fn settings_that_a_program_leaves_behind_are_undone() {
    let scene = rule(r#""stty (raw) (-echo)", "echo <word>", "sleep <number>""#, "");
    let mut screen = free(&scene, &["sh", "-c", "stty raw -echo; echo done; sleep 60"]);
    assert!(!echoes(screen.shows("done")), "unconfined");
    let mut screen = gated(&scene, "stty raw -echo; echo done; sleep 60");
    assert!(echoes(screen.shows("done")));
}

#[test]
fn a_pager_that_is_killed_leaves_the_terminal_as_it_was() {
    if !has("less") {
        return;
    }
    let scene = rule(r#""less <log>", "echo <word>", "sleep <number>""#, "");
    let mut screen = gated(&scene, &format!("less {LOG}; echo done; sleep 60"));
    screen.shows("ERROR").settle();
    assert!(!echoes(&screen), "less does not read key by key");
    let pager = super::endings::children(screen.pid());
    kill(pager[0], Signal::SIGKILL).unwrap();
    assert!(echoes(screen.shows("done")));
}
