//! A log that grows while it is read.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout};
use std::sync::mpsc;
use std::time::Duration;

use super::*;

/// gateshctl that follows a log, and what it shows, line by line.
struct Following {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Following {
    fn of(log: &std::path::Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
        command.args(["audit", "--follow"]).arg(log).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let lines = lines(child.stdout.take().unwrap());
        Self { child, lines }
    }

    fn next(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(20)).expect("a line")
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(stream: ChildStdout) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || BufReader::new(stream).lines().all(|line| sender.send(line.unwrap()).is_ok()));
    receiver
}

fn add(log: &std::path::Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(log).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_growing_log_is_followed_across_its_rotation() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("audit.log");
    let records = golden("session.jsonl");
    let record: Vec<&str> = records.lines().collect();
    add(&log, &format!("{}\n", record[0]));
    let following = Following::of(&log);
    assert!(following.next().contains("begins"));
    let (head, tail) = record[1].split_at(40);
    add(&log, head);
    std::thread::sleep(Duration::from_millis(500));
    add(&log, &format!("{tail}\n"));
    assert!(following.next().contains("runs     tail -n 5"));
    fs::rename(&log, directory.path().join("audit.log.1")).unwrap();
    add(&directory.path().join("audit.log.1"), &format!("{}\n", record[2]));
    assert!(following.next().contains("ended"), "what came into the old file at last");
    add(&log, &format!("{}\n", record[3]));
    assert!(following.next().contains("DENIED"));
}

#[test]
fn a_reader_that_goes_away_ends_it() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("audit.log");
    let records = golden("session.jsonl");
    add(&log, &records);
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
    let mut child = command
        .args(["audit", "--follow"])
        .arg(&log)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    for _ in 0..100 {
        add(&log, &records);
        std::thread::sleep(Duration::from_millis(100));
        if child.try_wait().unwrap().is_some() {
            return;
        }
    }
    let _ = child.kill();
    panic!("it still runs");
}
