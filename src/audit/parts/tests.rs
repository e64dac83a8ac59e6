use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;

use super::*;
use crate::audit::event::{Attempt, AuditEvent, Reason, RuleName, Who};
use crate::policy::Enforcement;

fn who() -> Who {
    Who {
        pid: 4711,
        uid: 1001,
        user: "ann".to_owned(),
        groups: vec!["ann".to_owned(), "log-readers".to_owned()],
        session: "0123456789abcdef".to_owned(),
        origin: Some("session-manager".to_owned()),
        ssm_session: Some("ann-0a1b2c3d4e5f".to_owned()),
        tty: Some("/dev/pts/3".to_owned()),
        host: "ip-10-0-3-17".to_owned(),
        policy: Some("ab".repeat(32)),
    }
}

fn record(event: &AuditEvent<'_>) -> Record {
    Record::new(&who(), event, 7, 0, UNIX_EPOCH + Duration::from_secs(1_772_355_907))
}

fn start(line: &[u8], argv: &[Vec<u8>], degradations: &[String]) -> Record {
    record(&AuditEvent::CommandStart(Attempt {
        line,
        stage: 1,
        stages: 1,
        rule: RuleName { group: "log-readers", name: "ls", synopsis: Some("ls [-l] [<dir>]") },
        argv: argv.iter().map(Vec::as_slice).collect(),
        program: Some(Path::new("/usr/bin/ls")),
        cwd: Path::new("/var/log"),
        enforcement: Some(Enforcement::Full),
        degradations,
        skipped: &[],
        stated_reason: None,
    }))
}

fn denied(line: &[u8]) -> Record {
    record(&AuditEvent::Denied {
        line,
        stage: None,
        rule: None,
        cwd: Path::new("/"),
        reason: Reason::NotUnderstood,
        text: "column 1: no",
    })
}

/// The parts, each held against the limits every one has to keep.
#[track_caller]
fn sound_parts(record: Record) -> Vec<Record> {
    let parts = record.fit().unwrap();
    for part in &parts {
        let json = part.to_json();
        assert!(json.len() <= ROOM, "{} bytes", json.len());
        assert!(json.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        assert_eq!(Record::parse(&json).as_ref(), Ok(part));
    }
    parts
}

#[test]
fn a_short_record_has_no_parts() {
    let parts = sound_parts(start(b"ls", &[b"ls".to_vec()], &[]));
    assert_eq!((parts.len(), parts[0].part, parts[0].parts), (1, None, None));
}

#[test]
fn a_long_start_goes_into_parts_that_each_say_who_and_what() {
    let record = start(&[b'x'; 9_000], &[b"ls".to_vec(), vec![b'y'; 9_000]], &[]);
    let parts = sound_parts(record);
    assert_eq!(parts.iter().map(|part| part.part).collect::<Vec<_>>(), [Some(1), Some(2), Some(3)]);
    assert!(parts.iter().all(|part| part.parts == Some(3) && part.seq == 7 && part.uid == 1001));
    assert!(parts.iter().all(|part| part.decision.as_deref() == Some("allow")));
}

#[test]
fn an_argument_cut_between_parts_is_marked() {
    let parts = sound_parts(start(b"ls", &[b"ls".to_vec(), vec![b'y'; 9_000]], &[]));
    assert_eq!(parts[0].continues, None);
    assert_eq!(parts[1].continues.as_deref(), Some("argv"));
    assert_eq!(parts[0].argv[1].len() + parts[1].argv[0].len(), 9_000);
}

#[test]
fn a_start_of_more_than_eight_parts_is_refused() {
    assert_eq!(start("x".repeat(60_000).as_bytes(), &[b"ls".to_vec()], &[]).fit(), Err(TooLong));
    assert_eq!(start("\u{202e}".repeat(10_000).as_bytes(), &[b"ls".to_vec()], &[]).fit(), Err(TooLong));
    assert_eq!(sound_parts(start("x".repeat(48_000).as_bytes(), &[b"ls".to_vec()], &[])).len(), 7);
}

#[test]
fn facts_that_leave_no_room_for_the_rest_are_refused() {
    let huge = Who { host: "h".repeat(7_500), ..who() };
    let event = AuditEvent::SessionStart { cwd: Path::new("/") };
    assert_eq!(Record::new(&huge, &event, 1, 0, UNIX_EPOCH).fit(), Err(TooLong));
}

#[test]
fn a_denied_line_is_cut_to_head_and_tail_with_digest_and_length() {
    let line = [vec![b'a'; 30_000], vec![b'z'; 30_000]].concat();
    let parts = sound_parts(denied(&line));
    assert_eq!(parts.len(), 1);
    assert_eq!(
        (parts[0].cut.as_slice(), parts[0].line_bytes),
        (["line".to_owned()].as_slice(), Some(60_000))
    );
    assert_eq!(parts[0].line_sha256, Some(hex(&Sha256::digest(&line))));
    assert!(parts[0].line.as_ref().is_some_and(|head| head.len() > 3_000 && head.ends_with('a')));
    assert!(parts[0].line_tail.as_ref().is_some_and(|tail| tail.len() > 3_000 && tail.ends_with('z')));
}

#[test]
fn the_digest_of_a_cut_line_is_of_the_bytes_that_were_typed() {
    let line = [b"\\ \xff".repeat(10_000), b"\\xff".to_vec()].concat();
    let parts = sound_parts(denied(&line));
    assert_eq!(parts[0].line_sha256, Some(hex(&Sha256::digest(&line))));
    assert_eq!(parts[0].line_bytes, Some(30_004));
    assert_eq!(parts[0].escaped, ["line"]);
}

#[test]
fn a_denied_line_that_fits_is_never_cut() {
    let parts = sound_parts(denied(&[b'x'; 7_000]));
    assert_eq!((parts[0].line_tail.as_ref(), parts[0].line_sha256.as_ref()), (None, None));
}

#[test]
fn a_fault_too_long_to_fit_keeps_its_beginning() {
    let text = format!("groups.d/a.toml:1:1: {}", "x".repeat(20_000));
    let parts = sound_parts(record(&AuditEvent::Fault { reason: Reason::PolicyFault, text: &text }));
    assert_eq!((parts.len(), parts[0].cut.as_slice()), (1, ["reason_text".to_owned()].as_slice()));
    assert!(parts[0].reason_text.as_ref().is_some_and(|kept| kept.len() > 5_000 && text.starts_with(kept)));
}

#[test]
fn end_records_stay_small_however_many_groups_there_are() {
    let who = Who { groups: vec!["g".repeat(30); 1_000], ..who() };
    let (status, signal, duration) = (Some(0), None, Duration::from_millis(12));
    let end = AuditEvent::CommandEnd { start: 3, status, signal, left: false, timed_out: false, duration };
    assert!(Record::new(&who, &end, 4, 0, UNIX_EPOCH).to_json().len() < 500);
}

#[test]
fn parts_that_are_not_all_there_are_not_joined() {
    let parts = sound_parts(start("x".repeat(20_000).as_bytes(), &[b"ls".to_vec()], &[]));
    assert_eq!(parts.len(), 3);
    assert_eq!(Record::join(&[]), None);
    assert_eq!(Record::join(&parts[..2]), None);
    assert_eq!(Record::join(&parts[1..]), None);
    assert_eq!(Record::join(&[parts[0].clone(), parts[2].clone(), parts[1].clone()]), None);
}

#[test]
fn parts_of_different_records_are_not_joined() {
    let mut parts = sound_parts(start("x".repeat(10_000).as_bytes(), &[b"ls".to_vec()], &[]));
    parts[1].id.push('x');
    assert_eq!(Record::join(&parts), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn parts_join_to_the_record_they_came_from(
        line in prop::collection::vec(any::<u8>(), 0..4_000),
        argv in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..1_500), 1..6),
        degradations in prop::collection::vec(any::<String>(), 0..3),
    ) {
        let whole = start(&line, &argv, &degradations);
        if let Ok(parts) = whole.clone().fit() {
            prop_assert!(parts.iter().all(|part| part.to_json().len() <= ROOM));
            prop_assert_eq!(Record::join(&parts), Some(whole));
        }
    }

    #[test]
    fn text_of_any_length_joins_again(line in "\\PC{0,9000}", argument in "[ -~\u{202e}\n]{0,9000}") {
        let whole = start(line.as_bytes(), &[b"ls".to_vec(), argument.into_bytes(), Vec::new()], &[]);
        if let Ok(parts) = whole.clone().fit() {
            prop_assert!(parts.iter().all(|part| part.to_json().len() <= ROOM));
            prop_assert_eq!(Record::join(&parts), Some(whole));
        }
    }

    #[test]
    fn a_denied_line_of_any_bytes_is_one_record(line in prop::collection::vec(any::<u8>(), 0..20_000)) {
        let parts = denied(&line).fit().unwrap();
        prop_assert!(parts.len() == 1 && parts[0].to_json().len() <= ROOM);
    }
}
