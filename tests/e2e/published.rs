//! The two published groups, used as the published Session documents use them.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use super::host::{Host, Person};
use crate::scenario::{Answer, output, run};

fn reader() -> Option<(Host, Person)> {
    let mut host = Host::new()?;
    host.published("log-readers");
    let person = host.person_with_shell(&["log-readers"], "/bin/sh");
    person.file("app/logs/web.log", "GET /\n");
    Some((host, person))
}

fn asked(host: &Host, person: &Person, line: &str) -> Answer {
    run(person.run(&host.gatesh(), &["--group", "log-readers", "-c", line]), b"")
}

#[test]
fn the_published_listing_works_as_published() {
    let Some((host, person)) = reader() else { return };
    let answer = asked(&host, &person, "ls -al app/logs");
    assert_eq!(answer.code(), 0, "{answer:#?}");
    let answer = answer.prints("web.log");
    assert!(answer.out.lines().all(|line| line.starts_with(['t', 'd', '-'])), "{answer:#?}");
}

#[test]
fn a_log_below_home_is_read_followed_and_filtered() {
    let Some((host, person)) = reader() else { return };
    assert_eq!(asked(&host, &person, "cat app/logs/web.log").out, "GET /\n");
    assert_eq!(asked(&host, &person, "tail -n 1 app/logs/*.log | wc -l").out.trim(), "1");
    let answer = asked(&host, &person, "less app/logs/web.log");
    assert_eq!(answer.out, "GET /\n");
}

#[test]
fn what_passed_the_published_patterns_is_refused_here() {
    let Some((host, person)) = reader() else { return };
    person.file("app/logs/notes.txt", "private\n");
    for (line, because) in [
        ("ls -d / && sudo id", "word 3 / does not match <dir>"),
        ("ls -d /var/log && sudo id", "not allowed: sudo id nothing was run"),
        ("ls -d /var/log; id", "not allowed: id nothing was run"),
        ("cat app/logs/notes.txt", "does not match <log>"),
        ("cat /etc/passwd app/logs/web.log", "word 2 /etc/passwd does not match <log>"),
        ("cat app/logs/../../../../etc/shadow", "does not match <log>"),
        ("id #cat x.log", "there are no comments on a line"),
        ("less -o/tmp/x app/logs/web.log", "-o is not one of"),
        ("ls -al app/logs\nid", "a line break"),
    ] {
        let answer = asked(&host, &person, line).says(because);
        assert!([2, 126].contains(&answer.code()) && answer.out.is_empty(), "{answer:#?}");
    }
}

#[test]
fn an_account_with_another_shell_is_still_held_to_the_rules_of_the_host() {
    let Some((host, person)) = reader() else { return };
    let answer = run(person.run(&host.gatesh(), &["--demo", "-c", "ls"]), b"");
    assert_eq!(answer.says("--demo is not for you").code(), 125);
}

#[test]
fn a_membership_that_was_lost_for_a_while_counts_again() {
    let Some((host, person)) = reader() else { return };
    let mut command = person.run(&host.gatesh(), &[]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut session = command.spawn().unwrap();
    let mut lines = session.stdin.take().unwrap();
    let mut shown = BufReader::new(session.stdout.take().unwrap()).lines();
    let mut said = BufReader::new(session.stderr.take().unwrap()).lines();
    let mut enter = |line: &str| writeln!(lines, "{line}").unwrap();
    enter("cat app/logs/web.log");
    assert_eq!(shown.next().unwrap().unwrap(), "GET /");
    output("gpasswd", &["-d", &person.name, "log-readers"]);
    enter("cat app/logs/web.log");
    let refused = said.find(|line| line.as_ref().is_ok_and(|line| line.contains("not allowed"))).unwrap();
    assert!(refused.is_ok(), "{refused:?}");
    output("gpasswd", &["-a", &person.name, "log-readers"]);
    enter("cat app/logs/web.log");
    assert_eq!(shown.next().unwrap().unwrap(), "GET /");
    drop(lines);
    assert!(session.wait().unwrap().success());
}
