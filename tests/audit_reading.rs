//! `gateshctl audit` on logs as daemons write them and as somebody hostile would.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

mod following;
mod formats;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audit_reading").join(name)
}

fn golden(name: &str) -> String {
    std::fs::read_to_string(fixture(name)).unwrap()
}

fn audit(log: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
    command.arg("audit").arg(fixture(log)).args(arguments).output().unwrap()
}

fn text(output: &[u8]) -> String {
    String::from_utf8(output.to_vec()).unwrap()
}

fn shown(log: &str, arguments: &[&str]) -> String {
    text(&audit(log, arguments).stdout)
}

fn piped(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
    command.arg("audit").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// The session's records but those whose text holds `part`.
fn session_without(part: &str) -> String {
    let log = golden("session.jsonl");
    log.lines().filter(|line| !line.contains(part)).flat_map(|line| [line, "\n"]).collect()
}

/// The session and number of every record that is shown.
fn numbers(shown: &str) -> Vec<&str> {
    shown.lines().map(|line| line.split_whitespace().find(|word| word.contains('#')).unwrap()).collect()
}

#[test]
fn a_session_reads_line_by_line() {
    let output = audit("session.jsonl", &[]);
    assert_eq!(text(&output.stdout), golden("session.text"));
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[test]
fn behind_syslog_headers_it_reads_the_same() {
    assert_eq!(shown("syslog.log", &[]), golden("session.text"));
}

#[test]
fn from_standard_input_it_reads_the_same() {
    assert_eq!(text(&piped(&["-"], &golden("session.jsonl")).stdout), golden("session.text"));
    assert_eq!(text(&piped(&["-"], golden("session.jsonl").trim_end()).stdout), golden("session.text"));
}

#[test]
fn what_another_uid_sent_is_marked_and_ends_no_command() {
    let output = audit("journal.jsonl", &[]);
    assert_eq!(text(&output.stdout), golden("journal.text"));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stderr),
        "gateshctl: unverified  1 records name another uid than the kernel did\n"
    );
}

#[test]
fn hostile_records_are_shown_and_never_sent() {
    let output = audit("hostile.jsonl", &[]);
    assert_eq!(text(&output.stdout), golden("hostile.text"));
    assert_eq!(text(&output.stderr), golden("hostile.errors"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn no_format_lets_a_control_character_through() {
    for format in ["text", "json", "ocsf", "ecs"] {
        let output = audit("hostile.jsonl", &["--format", format]);
        let printable = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n');
        assert!(output.stdout.iter().chain(&output.stderr).all(printable), "{format}");
        assert_eq!(text(&output.stdout).lines().count(), 10, "{format}: a record, a line");
    }
    let summary = audit("hostile.jsonl", &["summary"]);
    assert!(summary.stdout.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n')));
}

#[test]
fn a_summary_counts() {
    assert_eq!(shown("session.jsonl", &["summary"]), golden("summary.text"));
    assert_eq!(shown("hostile.jsonl", &["summary"]), golden("hostile.summary"));
    assert_eq!(text(&piped(&["summary"], &golden("session.jsonl")).stdout), golden("summary.text"));
}

#[test]
fn a_summary_for_machines_counts_the_same() {
    let json: serde_json::Value =
        serde_json::from_str(&shown("journal.jsonl", &["summary", "--json"])).unwrap();
    assert_eq!(
        (&json["commands"], &json["unverified"], &json["whole"]),
        (&1.into(), &1.into(), &false.into())
    );
    assert_eq!(json["commands_by_rule"]["tail of log-readers"], 1);
}

#[test]
fn filters_narrow() {
    let all = |arguments: &[&str]| shown("session.jsonl", arguments);
    assert_eq!(numbers(&all(&["--user", "bob"])), ["fedcba98#1", "fedcba98#2"]);
    assert_eq!(numbers(&all(&["--user", "1002"])), ["fedcba98#1", "fedcba98#2"]);
    assert_eq!(numbers(&all(&["--group", "support"])), ["fedcba98#1", "fedcba98#2"]);
    assert_eq!(numbers(&all(&["--denied"])), ["01234567#4"]);
    assert_eq!(numbers(&all(&["--session", "fedc"])), ["fedcba98#1", "fedcba98#2"]);
    assert_eq!(numbers(&all(&["--session", "ann-0a1b2c3d4e5f", "--denied"])), ["01234567#4"]);
    assert_eq!(
        numbers(&all(&["--since", "2026-03-01T09:38Z", "--until", "2026-03-01 09:41"])),
        ["fedcba98#2", "01234567#7"]
    );
}

#[test]
fn filters_that_nothing_passes_show_nothing() {
    for arguments in [
        ["--user", "root"],
        ["--user", "an"],
        ["--group", "log-reader"],
        ["--session", "ann"],
        ["--since", "1s"],
        ["--until", "2026-03-01"],
    ] {
        assert_eq!(shown("session.jsonl", &arguments), "", "{arguments:?}");
    }
}

#[test]
fn the_end_of_a_command_belongs_to_the_group_of_its_start() {
    let shown = shown("session.jsonl", &["--group", "log-readers"]);
    assert!(numbers(&shown).contains(&"01234567#3"), "{shown}");
}

#[test]
fn a_record_whose_time_is_garbage_hides_behind_no_time() {
    let shown = shown("hostile.jsonl", &["--since", "2030-01-01"]);
    assert_eq!(shown.lines().count(), 2, "{shown}");
}

#[test]
fn what_is_missing_is_said() {
    let without = session_without("\"seq\":4,");
    let output = piped(&["-", "--denied"], &without);
    assert_eq!(
        text(&output.stderr),
        "gateshctl: missing     4 of session 0123456789abcdef0123456789abcdef on ip-10-0-3-17\n"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_record_that_came_twice_is_said() {
    let log = golden("session.jsonl");
    let twice = format!("{log}{}", log.lines().next().unwrap());
    assert_eq!(
        text(&piped(&["-"], &twice).stderr),
        "gateshctl: repeated    1 records have a number their session had used before\n"
    );
}

#[test]
fn a_part_that_is_missing_is_said() {
    let without = session_without("\"part\":2");
    let output = piped(&["-"], &without);
    assert!(text(&output.stdout).contains("INCOMPLETE (part 1 of 2) 2026-03-01 09:07:00Z  ann"));
    assert!(text(&output.stderr).contains("incomplete  1 parts"));
}

#[test]
fn a_line_without_end_is_passed_over() {
    let log = format!("{{\"v\":1,{}\n{}", "x".repeat(3 << 20), golden("session.jsonl"));
    assert_eq!(text(&piped(&["-"], &log).stdout), golden("session.text"));
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (arguments, because) in [
        (&["--since", "yesterday"][..], "yesterday is no time"),
        (&["summary", "--follow"], "a summary is text or json"),
        (&["summary", "--format", "ocsf"], "a summary is text or json"),
        (&["--format", "xml"], "xml"),
        (&["graph"], "graph"),
    ] {
        let output = audit("session.jsonl", arguments);
        assert!(text(&output.stderr).contains(because), "{}", text(&output.stderr));
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    }
}

#[test]
fn a_log_that_is_not_there_is_an_error() {
    let output = audit("nothing.log", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("nothing.log: No such file"), "{}", text(&output.stderr));
}

#[test]
fn the_log_file_of_the_settings_is_the_default() {
    let directory = tempfile::tempdir().unwrap();
    let settings = format!("[audit]\nsink = \"file\"\nfile = \"{}\"\n", fixture("session.jsonl").display());
    std::fs::write(directory.path().join("gatesh.toml"), settings).unwrap();
    let output = piped(&["--config", directory.path().to_str().unwrap()], "");
    assert_eq!(text(&output.stdout), golden("session.text"), "{}", text(&output.stderr));
}
