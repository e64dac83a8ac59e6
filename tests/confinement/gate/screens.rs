//! Programs that people sit at: what can be typed into them reaches no further than their rule.

use std::path::Path;

use nix::sys::termios::{LocalFlags, tcgetattr};

use super::{confines, has, rule};
use crate::confinement::trial::AtTerminal;
use crate::scenario::{Gatesh, SECRET};

const LOG: &str = "{top}/var/log/app.log";

/// The line at the gate, at a terminal of its own.
fn gated(scene: &Gatesh, line: &str) -> AtTerminal {
    let mut command = scene.command();
    command.args(["-c", &scene.spelled(line)]).env("TERM", "xterm");
    AtTerminal::of(command)
}

/// The same without the gate.
fn free(scene: &Gatesh, words: &[&str]) -> AtTerminal {
    let mut command = scene.outside(Path::new("/usr/bin/env"));
    command.args(words.iter().map(|word| scene.spelled(word))).env("TERM", "xterm");
    AtTerminal::of(command)
}

/// A name that no editor knows a syntax for, so that it shows the text in one piece.
fn with_secret(scene: Gatesh) -> Gatesh {
    scene.file("root/secret", SECRET)
}

/// Types an escape and a look at a secret; whether the marker came and whether the secret was shown.
fn escapes(scene: &Gatesh, mut at: AtTerminal, start: &str, open: &str) -> (bool, bool) {
    at.settle();
    at.keys(&scene.spelled(&format!("{start}touch {{top}}/tmp/marker\r"))).keys("\r");
    at.keys(&scene.spelled(&format!("{open}{{top}}/root/secret\r")));
    let shown = at.end();
    (scene.marker().exists(), shown.contains(SECRET))
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
    let mut at = gated(&held, &format!("env -u LESSSECURE /usr/bin/less {LOG}"));
    at.expect("ERROR");
    assert_eq!(escapes(&held, at, "!", ":e "), (false, false));
}

#[test]
fn a_program_at_the_terminal_has_it_by_name_too() {
    let scene = rule(r#""tee '/dev/tty'", "cat <log>""#, "");
    let mut at = gated(&scene, &format!("cat {LOG} | tee /dev/tty"));
    at.expect("three").settle();
    assert_eq!(at.end().matches("two ERROR").count(), 2);
}

fn echoes(at: &AtTerminal) -> bool {
    tcgetattr(at.master()).unwrap().local_flags.contains(LocalFlags::ECHO | LocalFlags::ICANON)
}

#[test]
fn settings_that_a_program_leaves_behind_are_undone() {
    let scene = rule(r#""stty (raw) (-echo)", "sleep <number>""#, "");
    let mut at = free(&scene, &["sh", "-c", "stty raw -echo; echo done; sleep 60"]);
    assert!(!echoes(at.expect("done")), "unconfined");
    at.end();
    let mut at = gated(&scene, "stty raw -echo; sleep 60");
    at.until(std::time::Duration::from_secs(1), || false);
    assert!(echoes(&at), "{}", at.end());
    at.end();
}

#[test]
fn a_pager_that_is_killed_leaves_the_terminal_as_it_was() {
    if !has("less") {
        return;
    }
    let scene = rule(r#""less <log>", "sleep <number>""#, "");
    let mut at = gated(&scene, &format!("less {LOG}; sleep 60"));
    at.expect("ERROR").settle();
    assert!(!echoes(&at), "less does not read key by key");
    let pager = super::endings::children(at.id());
    nix::sys::signal::kill(pager[0], nix::sys::signal::Signal::SIGKILL).unwrap();
    at.until(std::time::Duration::from_secs(1), || false);
    assert!(echoes(&at), "{}", at.end());
    at.end();
}
