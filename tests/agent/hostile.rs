//! A client that is not Amazon's: floods of interrupts at every moment, keys ahead of the prompt, input sent twice,
//! megabytes of rubbish. It never finds a shell, nothing runs without a record, and the session is usable afterwards or
//! over.

use std::time::Duration;

use super::document::Document;
use super::session::{Agent, Session};
use super::stage::{RULES, Stage, start};

/// Ctrl-C, Ctrl-Z, Ctrl-\, and all of them.
const FLOODS: [&str; 4] = ["\x03", "\x1a", "\x1c", "\x03\x1a\x1c"];

/// As long as a client keeps sending them.
fn flood(keys: &str, rest: &str) -> String {
    let one = keys.repeat(8) + rest;
    one.repeat(40)
}

fn log(stage: &Stage) -> String {
    stage.gatesh.spelled("cat {top}/var/log/app.log")
}

/// Usable: a command runs, and the session ends when it is told to. Or over before that. Keys are sent until they are
/// taken: some fall to what a flood began, such as a search, and a Ctrl-S in it holds the terminal until Ctrl-Q.
#[track_caller]
fn usable_or_over(stage: &Stage, session: &mut Session) {
    let keys = format!("\x11\x03\r{}\rexit\rexit\r", log(stage));
    while session.keys(&keys).ends_within(Duration::from_millis(300)).is_none() {}
    assert!(!stage.gatesh.marker().exists(), "a shell ran whoami: {}", session.output());
    only_what_was_typed(stage);
}

/// Every command that started is one that the rules allow, and every record of the session is there.
#[track_caller]
fn only_what_was_typed(stage: &Stage) {
    let allowed = [log(stage), "sleep 1".to_owned(), stage.gatesh.spelled("tail -f {top}/var/log/app.log")];
    for line in stage.started() {
        assert!(allowed.contains(&line), "{line:?} ran");
    }
}

#[test]
fn a_flood_from_the_first_moment_finds_no_shell() {
    for keys in FLOODS {
        for rest in ["", "whoami\r"] {
            let stage = Stage::new(RULES);
            let mut session = stage.session_of(&stage.trapped());
            session.keys(flood(keys, rest)).line("whoami");
            usable_or_over(&stage, &mut session);
        }
    }
}

/// A profile that a shell types to itself is no gate: one interrupt at the right moment, and the shell is left.
#[test]
fn the_same_against_a_shell_profile_leaves_the_shell() {
    let stage = Stage::new(RULES);
    let Document(mut document) = stage.document(&[]);
    let gate = document["properties"]["linux"]["commands"].as_str().unwrap().to_owned();
    document["sessionType"] = "Standard_Stream".into();
    document["inputs"]["shellProfile"]["linux"] =
        format!("sh -c \"echo be''gun; exec sleep 600\"; {gate}").into();
    let mut session = start(&stage.trapped(), &Document(document), &[]);
    session.prints("begun").keys("\x03").line("whoami; echo do''ne").prints("done");
    assert!(stage.gatesh.marker().exists(), "{}", session.output());
}

#[test]
fn a_flood_at_the_prompt_leads_back_to_it() {
    for keys in FLOODS {
        let stage = Stage::new(RULES);
        let mut session = stage.session_of(&stage.trapped());
        session.at_prompt("> ").keys(flood(keys, "i")).keys("\x03\r").line(&log(&stage)).shows("two ERROR");
        usable_or_over(&stage, &mut session);
    }
}

#[test]
fn a_flood_during_a_command_leads_back_to_the_prompt() {
    for keys in FLOODS {
        let stage = Stage::new(RULES);
        let mut session = stage.session_of(&stage.trapped());
        let tail = stage.gatesh.spelled("tail -f {top}/var/log/app.log");
        session.at_prompt("> ").line(&tail).shows("two ERROR").keys(flood(keys, ""));
        session.keys("\x03\r").line("pwd").prints("/var/log\r\n");
        usable_or_over(&stage, &mut session);
    }
}

#[test]
fn a_flood_at_the_end_ends_the_session_and_nothing_else() {
    for keys in FLOODS {
        let stage = Stage::new(RULES);
        let mut session = stage.session_of(&stage.trapped());
        session.at_prompt("> ").keys("exit\r".to_owned() + &flood(keys, "whoami\r"));
        session.ends();
        assert!(!stage.gatesh.marker().exists(), "{}", session.output());
        only_what_was_typed(&stage);
    }
}

/// One command, and the client floods while gatesh starts, while the command runs and when it ends.
#[test]
fn a_flood_around_one_command_runs_no_other() {
    for keys in FLOODS {
        let stage = Stage::new(RULES);
        let document = stage.document(&["--single-command", "--status-line"]);
        let mut session = start(&stage.trapped(), &document, &[("command", &log(&stage))]);
        session.keys(flood(keys, "whoami\r")).ends();
        assert!(!stage.gatesh.marker().exists(), "{}", session.output());
        only_what_was_typed(&stage);
    }
}

#[test]
fn what_is_typed_before_the_prompt_goes_to_gatesh_and_is_judged() {
    let stage = Stage::new(RULES);
    let mut session = stage.session_of(&stage.trapped());
    session.line(&log(&stage)).line("whoami").line("exit");
    session.status();
    assert!(session.output().contains("two ERROR"), "{}", session.output());
    assert_eq!(stage.started(), [log(&stage)]);
    assert!(session.output().contains("not allowed: whoami") && !stage.gatesh.marker().exists());
}

/// The agent does not acknowledge what comes too early, and clients send it again (datachannel.go:694-699).
#[test]
fn input_that_is_sent_twice_is_judged_and_recorded_twice() {
    let stage = Stage::new(RULES);
    let mut session = stage.session_of(&stage.trapped());
    for line in [log(&stage), "whoami".to_owned()] {
        session.line(&line).line(&line);
    }
    session.line("exit").line("exit");
    session.status();
    assert_eq!(stage.started(), [log(&stage), log(&stage)]);
    let denied = stage.records().iter().filter(|record| record["event"] == "denied").count();
    assert_eq!(denied, 2);
    assert!(!stage.gatesh.marker().exists());
}

/// Bytes that look random and are the same in every run (Knuth's multiplier).
fn rubbish(count: usize) -> Vec<u8> {
    let mut state: u64 = 20_261_128;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(count).collect()
}

#[track_caller]
fn survives(bytes: &[u8]) {
    let stage = Stage::new(RULES);
    let mut session = stage.session_of(&stage.trapped());
    session.at_prompt("> ").resize(24, 80).keys(bytes);
    usable_or_over(&stage, &mut session);
}

#[test]
fn a_megabyte_of_rubbish_runs_nothing() {
    survives(&rubbish(1 << 20));
}

/// More than a line can hold: without a limit each key would cost as much as all before it.
const MORE_THAN_A_LINE: usize = 20_000;

#[test]
fn printable_rubbish_without_a_line_break_runs_nothing() {
    let printable: Vec<u8> = rubbish(MORE_THAN_A_LINE).iter().map(|byte| b' ' + byte % 95).collect();
    survives(&printable);
}

#[test]
fn a_key_that_is_held_down_is_borne() {
    for key in [b"a", b"'", b"\x1b", b"\x12", b"\x19"] {
        survives(&key.repeat(MORE_THAN_A_LINE));
    }
    // These two are whole lines, or questions about one.
    for key in [b"\t", b"\r"] {
        survives(&key.repeat(1_000));
    }
    survives(&b"'\r".repeat(MORE_THAN_A_LINE / 2));
}

/// Ctrl-S holds the terminal, and keys enough behind it keep a Ctrl-Q from ever getting through.
#[test]
fn a_terminal_that_is_held_does_not_hold_gatesh() {
    let stage = Stage::new(RULES);
    let mut session = stage.session_of(&stage.trapped());
    session.at_prompt("> ").line("sleep 1").keys("\x13").keys(("x".repeat(99) + "\r").repeat(60));
    usable_or_over(&stage, &mut session);
}

#[test]
fn a_worker_without_root_is_no_other_gate() {
    let stage = Stage::new(RULES);
    let agent = Agent { is_ordinary: true, ..stage.trapped() };
    let mut session = stage.session_of(&agent);
    session.keys(flood("\x03", "whoami\r"));
    usable_or_over(&stage, &mut session);
}
