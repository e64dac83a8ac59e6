//! The audit log on /dev/log: before and after each command, and no record, no run.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
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
    /// What it says to the person.
    errors: File,
    target: PathBuf,
    source: PathBuf,
}

impl Session {
    fn start() -> Option<Self> {
        let mut host = Host::new()?;
        if host.daemon.is_none() {
            println!("skipped: this host has its own log daemon");
            return None;
        }
        let person = host.person(&[]);
        let source = person.file("source", "copied");
        let target = person.file("target", "");
        host.rules(&person.name, &copying(&source, &target));
        let mut child = person
            .su(&[])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = child.stdin.take().unwrap();
        let errors = File::from(OwnedFd::from(child.stderr.take().unwrap()));
        let session = Self { host, person, child, lines, errors, target, source };
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

    /// Waits until the session has said this.
    #[track_caller]
    fn says(&mut self, text: &str) {
        let mut said = String::new();
        let errors = self.errors.try_clone().unwrap();
        let mut reader = BufReader::with_capacity(1, errors);
        while !said.contains(text) {
            use nix::poll::{PollFd, PollFlags, poll};
            let mut ready = [PollFd::new(self.errors.as_fd(), PollFlags::POLLIN)];
            assert_eq!(poll(&mut ready, 10_000u16), Ok(1), "no {text:?} in {said:?}");
            assert!(reader.read_line(&mut said).unwrap() > 0, "no {text:?} in {said:?}");
        }
    }

    fn end(self) -> (Host, Person, i32) {
        let Self { host, person, mut child, lines, .. } = self;
        drop(lines);
        let status = child.wait().unwrap().code().unwrap();
        (host, person, status)
    }
}

/// Rules under which a command has an effect that can be seen: a file is copied into one that is there.
fn copying(source: &Path, target: &Path) -> String {
    format!(
        "directories = [\"{{home}}\"]\n\
         [types]\nfrom = {{ file = [\"{}\"] }}\nto = {{ file = [\"{}\"], access = \"write\" }}\n\
         [[allow]]\ncommands = [\"cp <from> <to>\", \"true\"]\n\
         [[allow]]\ncommands = [\"tail (-f) <from>\"]\ntimeout = \"4s\"\n",
        source.display(),
        target.display()
    )
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
    session.says("takes nothing for 2 seconds: nothing runs without a record");
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    session.daemon().go_on();
    assert!(!session.is_copied());
    assert_eq!(session.end().2, 125);
}

/// What somebody watches goes on, and ends when its time is up; what would begin after it does not.
#[test]
fn a_reader_that_stalls_does_not_hold_up_what_runs_already() {
    let Some(mut session) = Session::start() else { return };
    let mut shown = BufReader::new(session.child.stdout.take().unwrap()).lines();
    session.lines.write_all(b"tail -f source\ncp source target\n").unwrap();
    session.daemon().wait_for(&session.person.name, "command-start");
    let began = Instant::now();
    session.daemon().stall();
    for line in ["first", "second"] {
        let mut source = fs::OpenOptions::new().append(true).open(&session.source).unwrap();
        source.write_all(format!("\n{line}").as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(300));
    }
    let mut source = fs::OpenOptions::new().append(true).open(&session.source).unwrap();
    source.write_all(b"\n").unwrap();
    let lines: Vec<String> = shown.by_ref().take(3).map(Result::unwrap).collect();
    assert_eq!(lines, ["copied", "first", "second"]);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    // Its end could not be recorded, and nothing can begin.
    session.says("takes nothing for 2 seconds");
    session.says("takes nothing for 2 seconds");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    session.daemon().go_on();
    assert!(!session.is_copied());
    assert_eq!(session.end().2, 125);
}

#[test]
fn a_reader_that_went_away_stops_commands_until_one_is_back() {
    let Some(mut session) = Session::start() else { return };
    session.host.daemon.as_mut().unwrap().leave();
    session.copy();
    session.says("nothing runs without a record");
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
    session.says("not allowed: cp");
    session.host.rules(&session.person.name, "[[allow]]\ncommands = [\"true\", \"cp <form> <to>\"]\n");
    session.lines.write_all(b"true\n").unwrap();
    session.says("your rules were changed and cannot be read");
    assert!(!session.is_copied());
    let records = session.daemon().wait_for(&session.person.name, "fault");
    assert!(records.iter().any(|record| record["event"] == "policy-reload"), "{records:#?}");
    assert_eq!(session.end().2, 125);
}
