//! What stands in a record: hostile text, every event, every field, and that the manual has them all.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gatesh::audit::{Attempt, AuditEvent, AuditLog, Reason, Record, RuleName, unescape};
use gatesh::policy::{AuditSettings, Enforcement, OnFailure, Sink};

use super::daemon::Daemon;
use super::{ENDED, ann, attempt, denied, refused, start};

const MANUAL: &str = include_str!("../../docs/audit.md");
const GOLDEN: &str = include_str!("../fixtures/audit/session.jsonl");

/// The one record of `line`, denied.
fn denial_of(line: &[u8]) -> Record {
    let daemon = Daemon::running();
    daemon.log().record(&denied(line)).unwrap();
    let mut records = daemon.records();
    assert_eq!(records.len(), 1);
    records.remove(0)
}

#[test]
fn hostile_lines_come_back_as_they_were_typed() {
    let lines = [
        "nope\n2026-01-01 00:00:00 root: ALLOW rm",
        "nope\",\"outcome\":\"success",
        "nope\",\"decision\":\"allow\"}\n{\"v\":1",
        "ls \u{202e}txt.sj",
        "ls \u{8}\u{8}\u{8}cat",
        "ls \u{1b}[2J\u{1b}]0;x\u{7} \u{9b}31m \u{7f}",
        "ls \u{2028}\u{2029}\u{feff}\u{e0001}",
        "ls \\u0041 \\xff \\",
        "%s%n ${jndi:x} #012",
    ];
    for line in lines {
        let record = denial_of(line.as_bytes());
        assert_eq!((record.line.as_deref(), record.decision.as_deref()), (Some(line), Some("deny")));
        assert!(record.escaped.is_empty());
    }
}

#[test]
fn bytes_that_are_no_text_come_back_too() {
    for line in [b"nope \xff".as_slice(), b"\xc0\xaf\\\xed\xa0\x80", b"\xf0\x9f\x94", b"\\xff \xfe"] {
        let record = denial_of(line);
        assert_eq!(record.escaped, ["line"]);
        assert_eq!(unescape(record.line.as_ref().unwrap()).as_deref(), Some(line));
    }
}

#[test]
fn a_typed_spelling_of_a_byte_is_not_taken_for_the_byte() {
    let (typed, real) = (denial_of(br"nope \xff"), denial_of(b"nope \xff"));
    assert_eq!((typed.line, typed.escaped.len()), (real.line, 0));
    assert_eq!(real.escaped, ["line"]);
}

#[test]
fn a_denied_line_of_sixty_thousand_bytes_is_one_record() {
    let record = denial_of("\"".repeat(60_000).as_bytes());
    assert_eq!((record.line_bytes, record.cut), (Some(60_000), vec!["line".to_owned()]));
}

#[test]
fn a_long_command_is_recorded_whole_in_parts() {
    let daemon = Daemon::running();
    let (line, argument) = ("x\u{202e}".repeat(1_500), "\n".repeat(9_000));
    daemon.log().record(&start(line.as_bytes(), &[b"ls", argument.as_bytes()])).unwrap();
    let records = daemon.records();
    assert!(records.len() > 2 && records.iter().all(|part| part.id == "0123456789abcdef-1"));
    let whole = Record::join(&records).unwrap();
    assert_eq!((whole.line, whole.argv), (Some(line), vec!["ls".to_owned(), argument]));
}

#[test]
fn a_command_of_more_than_eight_parts_sends_none() {
    let daemon = Daemon::running();
    let mut log = daemon.log();
    refused(
        log.record(&start("x".repeat(70_000).as_bytes(), &[b"ls"])),
        "the command is too long to be recorded",
    );
    assert_eq!(daemon.records(), []);
}

#[test]
fn a_reload_changes_the_digest_and_groups_of_what_follows() {
    let daemon = Daemon::running();
    let mut log = daemon.log();
    log.record(&AuditEvent::PolicyReload { digest: "60", groups: &["ann".to_owned()] }).unwrap();
    log.record(&start(b"ls", &[b"ls"])).unwrap();
    let records = daemon.records();
    assert!(records.iter().all(|record| record.policy.as_deref() == Some("60") && record.groups == ["ann"]));
}

#[test]
fn the_time_is_now() {
    let before = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let record = denial_of(b"x");
    let output = Command::new("date").args(["-u", "+%s", "-d", &record.time]).output().unwrap();
    let time: u64 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    assert!((before..before + 60).contains(&time), "{}", record.time);
}

#[test]
fn a_record_of_another_version_is_not_guessed_at() {
    let fault = Record::parse(r#"{"v":2,"event":"denied"}"#).unwrap_err().to_string();
    assert_eq!(fault, "an audit record of version 2: this gateshctl reads version 1");
    assert_eq!(Record::parse("{}").unwrap_err().to_string(), "not an audit record: it has no version");
    assert!(Record::parse("ls").unwrap_err().to_string().starts_with("not an audit record: "));
}

#[test]
fn a_field_of_the_future_is_passed_over() {
    assert_eq!(Record::parse(r#"{"v":1,"seq":3,"mood":"good"}"#).unwrap().seq, 3);
}

/// One of every event, and between them every field.
fn everything() -> Vec<AuditEvent<'static>> {
    const LONG: &[u8] = &[b'x'; 9_000];
    const BYTES: &[u8] = &[0xff; 3_000];
    const NOTICE: &[String] = &[];
    let here = Path::new("/var/log");
    let nearest = RuleName { group: "log-readers", name: "ls", synopsis: Some("ls [-l] [<dir>]") };
    let leaked = |text: &str| Vec::leak(vec![text.to_owned()]);
    let duration = Duration::from_micros(12_345);
    vec![
        AuditEvent::SessionStart { cwd: here },
        AuditEvent::CommandStart(Attempt {
            stages: 2,
            skipped: leaked("app\\n.log"),
            ..attempt(b"ls *.log | head", &[b"ls", b"/var/log/a.log"])
        }),
        AuditEvent::CommandEnd {
            start: 2,
            status: Some(1),
            signal: None,
            left: false,
            timed_out: false,
            duration,
        },
        AuditEvent::CommandStart(Attempt {
            enforcement: Some(Enforcement::ExecOnce),
            degradations: leaked("no Landlock: files are not held"),
            stated_reason: Some("CHG004711"),
            ..attempt(b"ls", &[b"ls"])
        }),
        AuditEvent::CommandEnd {
            start: 4,
            status: None,
            signal: Some(15),
            left: false,
            timed_out: true,
            duration,
        },
        AuditEvent::CommandStart(attempt(b"ls x...", &[b"ls", LONG])),
        AuditEvent::Denied {
            line: b"ls /etc | head",
            stage: Some((1, 2)),
            rule: Some(nearest),
            cwd: here,
            reason: Reason::NoMatch,
            text: "word 2  /etc does not match <dir>: /var/log/**",
        },
        denied(BYTES),
        AuditEvent::PolicyReload { digest: "60606060", groups: NOTICE },
        AuditEvent::Fault {
            reason: Reason::PolicyFault,
            text: "/etc/gatesh/groups.d/log-readers.toml:12:9: no type is called <logs>",
        },
        AuditEvent::NotStarted {
            start: Some(6),
            attempt: Attempt { enforcement: None, ..attempt(b"ls", &[b"ls"]) },
            reason: Reason::LaunchFailed,
            text: "ls: too many processes",
        },
        AuditEvent::SessionRefused {
            reason: Reason::NoRules,
            text: "none of your groups has rules on this host (ann)",
        },
    ]
}

/// Their records with the time taken out; before the last one, one is lost.
fn session() -> Vec<String> {
    let daemon = Daemon::running();
    let (mut log, mut jsons) = (daemon.log(), Vec::new());
    for event in everything() {
        log.record(&event).unwrap();
        jsons.append(&mut daemon.jsons());
    }
    daemon.fill();
    refused(log.record(&ENDED), "takes nothing");
    jsons.append(&mut daemon.jsons());
    log.record(&AuditEvent::SessionEnd { status: 0, cause: Reason::Exit }).unwrap();
    jsons.append(&mut daemon.jsons());
    jsons.iter().map(|json| timeless(json)).collect()
}

fn timeless(json: &str) -> String {
    let record = Record::parse(json).unwrap();
    assert_eq!(record.to_json(), json, "what is read is what was written");
    json.replace(&record.time, "2026-03-01T09:05:07.000123Z")
}

#[test]
fn the_records_of_a_session_are_the_golden_ones() {
    let session = session();
    if std::env::var_os("GATESH_BLESS").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/audit/session.jsonl");
        std::fs::write(file, session.join("\n") + "\n").unwrap();
    }
    assert_eq!(session, GOLDEN.lines().collect::<Vec<_>>());
}

/// The names in the first column of the manual's tables under `heading`.
fn documented(heading: &str) -> BTreeSet<String> {
    let section = MANUAL.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    rows.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn the_manual_has_every_field_and_no_other() {
    let objects = GOLDEN.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let fields: BTreeSet<_> =
        objects.flat_map(|object| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>()).collect();
    assert_eq!(fields, documented("Fields"));
}

#[test]
fn the_manual_has_every_event_and_no_other() {
    let events: BTreeSet<_> = GOLDEN.lines().map(|line| Record::parse(line).unwrap().event).collect();
    assert_eq!(events, documented("Events"));
}

#[test]
fn the_manual_has_every_reason_code_and_no_other() {
    let codes: BTreeSet<_> = Reason::CODES.iter().map(|(_, code)| (*code).to_owned()).collect();
    assert_eq!(codes.len(), Reason::CODES.len());
    assert_eq!(codes, documented("Reason codes"));
}

/// The name of the test below, and what tells it that its standard error is looked at.
const LOOKED_AT: (&str, &str) =
    ("audit::record::standard_error_that_is_no_terminal_gets_json", "GATESH_TEST_STDERR");

#[test]
fn standard_error_that_is_no_terminal_gets_json() {
    if std::env::var_os(LOOKED_AT.1).is_some() {
        let settings = AuditSettings { sink: Sink::StandardError, on_failure: OnFailure::Deny };
        AuditLog::open(&settings, ann(), true).unwrap().record(&denied(b"a\nb")).unwrap();
        return;
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    let output = again.args(["--exact", LOOKED_AT.0]).env(LOOKED_AT.1, "1").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(Record::parse(text.trim_end()).unwrap().line.as_deref(), Some("a\nb"), "{text}");
}
