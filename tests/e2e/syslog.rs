//! The audit log on /dev/log: before and after each command, and no record, no run.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};

use super::host::{Host, Person};
use crate::scenario::run;

/// A session whose lines come through a pipe, on a host whose log daemon is ours.
struct Session {
    host: Host,
    person: Person,
    child: Child,
    lines: ChildStdin,
    target: PathBuf,
}

impl Session {
    /// The rule's command writes: `cp` of a log into a file that is there.
    fn start() -> Option<Self> {
        let mut host = Host::new()?;
        if host.daemon.is_none() {
            println!("skipped: this host has its own log daemon");
            return None;
        }
        let person = host.person(&[]);
        let source = person.file("source", "copied");
        let target = person.file("target", "");
        let types = format!(
            "[types]\nfrom = {{ file = [\"{}\"] }}\nto = {{ file = [\"{}\"], access = \"write\" }}\n",
            source.display(),
            target.display()
        );
        host.rules(
            &person.name,
            &format!(
                "directories = [\"{{home}}\"]\n{types}[[allow]]\ncommands = [\"cp <from> <to>\", \"true\"]\n"
            ),
        );
        let mut command = person.su(&[]);
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = child.stdin.take().unwrap();
        let session = Self { host, person, child, lines, target };
        session.daemon().wait_for(&session.person.name, "session-start");
        Some(session)
    }

    fn daemon(&self) -> &super::daemon::Daemon {
        self.host.daemon.as_ref().unwrap()
    }

    fn copy(&mut self) {
        self.lines.write_all(b"cp source target\n").unwrap();
    }

    fn is_copied(&self) -> bool {
        fs::read_to_string(&self.target).unwrap() == "copied"
    }

    /// What the session says next.
    fn says(&mut self) -> String {
        let mut line = String::new();
        BufReader::with_capacity(1, self.child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
        line
    }

    fn end(self) -> (Host, Person, i32) {
        let Self { host, person, mut child, lines, .. } = self;
        drop(lines);
        let status = child.wait().unwrap().code().unwrap();
        (host, person, status)
    }
}

#[test]
fn a_command_waits_for_its_record_and_its_end_is_recorded_after_it() {
    let Some(mut session) = Session::start() else { return };
    session.daemon().stall();
    session.copy();
    std::thread::sleep(Duration::from_millis(600));
    assert!(!session.is_copied(), "it ran before its record was written");
    session.daemon().go_on();
    let records = session.daemon().wait_for(&session.person.name, "command-end");
    assert!(session.is_copied());
    let events: Vec<_> = records.iter().map(|record| record["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["session-start", "command-start", "command-end"]);
    let (host, person, status) = session.end();
    assert_eq!(status, 0);
    let records = host.daemon.as_ref().unwrap().wait_for(&person.name, "session-end");
    assert_eq!(
        records.iter().map(|record| record["seq"].as_u64().unwrap()).collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
}

#[test]
fn a_reader_that_stalls_stops_the_command_and_holds_nobody_up() {
    let Some(mut session) = Session::start() else { return };
    session.daemon().stall();
    let began = Instant::now();
    session.copy();
    let said = session.says();
    assert!(said.contains("takes nothing for 2 seconds: nothing runs without a record"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    session.daemon().go_on();
    assert!(!session.is_copied());
    assert_eq!(session.end().2, 125);
}

#[test]
fn a_reader_that_went_away_stops_commands_until_one_is_back() {
    let Some(mut session) = Session::start() else { return };
    session.host.daemon.as_mut().unwrap().leave();
    session.copy();
    let said = session.says();
    assert!(said.contains("nothing runs without a record"), "{said}");
    assert!(!session.is_copied());
    session.host.daemon.as_mut().unwrap().listen();
    session.copy();
    session.daemon().wait_for(&session.person.name, "command-end");
    assert!(session.is_copied());
    assert_eq!(session.end().2, 0);
}

#[test]
fn without_a_reader_there_is_no_session() {
    let Some(mut session) = Session::start() else { return };
    session.host.daemon.as_mut().unwrap().leave();
    let answer = run(session.person.su(&["-c", "cp source target"]), b"");
    assert_eq!(answer.says("nothing runs without a record").code(), 125);
    assert!(!session.is_copied());
}

#[test]
fn a_refusal_is_recorded_with_its_reason_and_the_kernels_idea_of_who_it_was() {
    let Some(session) = Session::start() else { return };
    let answer = run(session.person.su(&["-c", "cp /etc/shadow target"]), b"");
    assert_eq!(answer.code(), 126);
    let records = session.daemon().wait_for(&session.person.name, "denied");
    let denied = records.iter().find(|record| record["event"] == "denied").unwrap();
    let uid: u64 = crate::scenario::output("id", &["-u", &session.person.name]).parse().unwrap();
    assert_eq!((&denied["reason_code"], &denied["uid"]), (&"no-match".into(), &uid.into()));
    assert_eq!(denied["line"], "cp /etc/shadow target");
}

#[test]
fn the_rules_are_read_again_before_each_command() {
    let Some(mut session) = Session::start() else { return };
    session.host.rules(&session.person.name, "[[allow]]\ncommands = [\"true\"]\n");
    session.copy();
    assert!(session.says().contains("not allowed: cp"));
    session.host.rules(&session.person.name, "[[allow]]\ncommands = [\"true\", \"cp <form> <to>\"]\n");
    session.lines.write_all(b"true\n").unwrap();
    while !session.says().contains("your rules were changed and cannot be read") {}
    assert!(!session.is_copied());
    let records = session.daemon().wait_for(&session.person.name, "fault");
    assert!(records.iter().any(|record| record["event"] == "policy-reload"), "{records:#?}");
    assert_eq!(session.end().2, 125);
}
