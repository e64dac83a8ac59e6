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
