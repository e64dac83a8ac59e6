//! The audit log against real readers: datagram sockets, rsyslogd, a log file, standard error.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

mod daemon;
mod file;
mod record;

use std::path::Path;
use std::time::Duration;

use gatesh::audit::{Attempt, AuditEvent, Reason, RuleName, Who};
use gatesh::policy::Enforcement;

/// A session's facts.
fn ann() -> Who {
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
        policy: Some("5f".repeat(32)),
    }
}

fn denied(line: &[u8]) -> AuditEvent<'_> {
    AuditEvent::Denied {
        line,
        stage: None,
        rule: None,
        cwd: Path::new("/var/log"),
        reason: Reason::NotUnderstood,
        text: "column 1: not understood",
    }
}

fn attempt<'a>(line: &'a [u8], argv: &[&'a [u8]]) -> Attempt<'a> {
    Attempt {
        line,
        stage: 1,
        stages: 1,
        rule: RuleName { group: "log-readers", name: "ls", synopsis: Some("ls [-l] [<dir>]") },
        argv: argv.to_vec(),
        program: Some(Path::new("/usr/bin/ls")),
        cwd: Path::new("/var/log"),
        enforcement: Some(Enforcement::Full),
        degradations: &[],
        skipped: &[],
        stated_reason: None,
    }
}

fn start<'a>(line: &'a [u8], argv: &[&'a [u8]]) -> AuditEvent<'a> {
    AuditEvent::CommandStart(attempt(line, argv))
}

const ENDED: AuditEvent<'_> = AuditEvent::CommandEnd {
    start: 1,
    status: Some(0),
    signal: None,
    left: false,
    timed_out: false,
    duration: Duration::from_micros(12_345),
};

#[track_caller]
fn refused<T>(result: Result<T, gatesh::audit::AuditError>, because: &str) {
    let text = result.err().expect("it was taken").to_string();
    assert!(text.contains(because), "{text}");
}
