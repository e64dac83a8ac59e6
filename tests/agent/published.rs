//! The two published groups in both published usages, from the exported document to the record of the command: at the
//! prompt, and as `--parameters command=...`.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::session::{Agent, SESSION_ID};
use super::stage::{Instance, start};
use crate::e2e::host::{PREFIX, Person, succeeds};
use crate::scenario::{output, run};

/// The commands of a person's records: line, enforcement and exit status.
fn commands(records: &[Value]) -> Vec<(String, String, i64)> {
    let ends = |start: &Value| {
        records.iter().find(|end| end["start_seq"] == start["seq"] && end["session"] == start["session"])
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let started = records.iter().filter(|record| record["event"] == "command-start");
    started
        .map(|start| {
            assert_eq!(start["ssm_session_hint"], SESSION_ID, "{start:#?}");
            assert!(start["tty"].is_string(), "{start:#?}");
            let status = ends(start).and_then(|end| end["exit_status"].as_i64()).unwrap_or(-1);
            (text(&start["line"]), text(&start["enforcement"]), status)
        })
        .collect()
}

fn reader(instance: &mut Instance) -> Person {
    let reader = instance.person(&["log-readers"]);
    reader.file("app/logs/web.log", "GET /\n");
    reader
}

#[test]
fn a_log_reader_works_at_the_prompt() {
    let Some(mut instance) = Instance::new() else { return };
    let reader = reader(&mut instance);
    let document = instance.document("log-readers", &reader.name, &[]);
    let mut session = start(&Agent::default(), &document, &[]);
    session
        .resize(24, 100)
        .shows("gatesh  log-readers on")
        .at_prompt(&format!("{}> ", reader.home.display()));
    session.line("ls -al app/logs").shows("web.log").at_prompt("> ");
    session.line("tail -f app/logs/web.log").shows("GET /").keys("\x03").at_prompt("> ");
    session.line("cat /etc/shadow").shows("not allowed: cat /etc/shadow").at_prompt("[126]> ");
    session.line("exit");
    session.status();
    let Some(records) = instance.records(&reader.name, 1) else { return };
    let full = |line: &str, status| (line.to_owned(), "full".to_owned(), status);
    assert_eq!(commands(&records), [full("ls -al app/logs", 0), full("tail -f app/logs/web.log", -1)]);
    assert_eq!(records.last().unwrap()["event"], "session-end");
}

#[test]
fn the_published_listing_is_one_command() {
    let Some(mut instance) = Instance::new() else { return };
    let reader = reader(&mut instance);
    let document = instance.document("log-readers", &reader.name, &["--single-command", "--status-line"]);
    let mut session = start(&Agent::default(), &document, &[("command", "ls -al app/logs")]);
    assert_eq!(session.status(), 0);
    let listing = session.output();
    assert!(listing.starts_with("total ") && listing.contains("web.log\r\n"), "{listing}");
    assert!(listing.ends_with("web.log\r\ngatesh: exit status 0\r\n"), "{listing}");
    let Some(records) = instance.records(&reader.name, 1) else { return };
    assert_eq!(commands(&records), [("ls -al app/logs".to_owned(), "full".to_owned(), 0)]);
}

/// An updater, with the sudoers file that `gateshctl export sudoers` prints and nothing else; and sudo's own log.
fn updater(instance: &mut Instance) -> Option<(Person, String)> {
    if !succeeds("sudo", &["-V"]) || !Path::new("/usr/bin/dnf").exists() {
        crate::scenario::lacks("sudo or dnf");
        return None;
    }
    instance.host.link("/usr/bin/yum", "dnf");
    let updater = instance.person(&["package-updaters"]);
    let log = instance.host.place().join("sudo.log").display().to_string();
    let mut export = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
    export.args(["export", "sudoers", "--group", "package-updaters"]);
    let exported = run(export, b"");
    assert_eq!(exported.code(), 0, "{exported:#?}");
    let text = format!("{}Defaults:{} logfile={log}, !syslog\n", exported.out, updater.name);
    instance.host.file(&format!("/etc/sudoers.d/{PREFIX}{}", std::process::id()), &text, 0o440);
    output("visudo", &["-c"]);
    Some((updater, log))
}

/// What sudo ran, as it says itself.
fn ran(log: &str) -> Vec<String> {
    let log = fs::read_to_string(log).unwrap_or_default().replace("\n    ", " ");
    log.lines().filter_map(|line| line.split_once("USER=")).map(|(_, it)| it.to_owned()).collect()
}

const UPGRADE: &str = "root ; COMMAND=/usr/bin/yum upgrade";

#[test]
fn a_package_updater_upgrades_at_the_prompt() {
    let Some(mut instance) = Instance::new() else { return };
    let Some((updater, log)) = updater(&mut instance) else { return };
    let document = instance.document("package-updaters", &updater.name, &[]);
    let mut session = start(&Agent::default(), &document, &[]);
    session.resize(24, 100).at_prompt("> ").line("sudo whoami").shows("not allowed: sudo whoami");
    // Each prompt by its own status: what is typed while sudo runs is sudo's.
    session.at_prompt(" [126]> ").line("sudo yum upgrade").at_prompt(" [1]> ").line("exit");
    session.ends();
    assert_eq!(ran(&log), [UPGRADE], "{}", session.output());
    let Some(records) = instance.records(&updater.name, 1) else { return };
    let [(line, enforcement, _)] = &commands(&records)[..] else { panic!("{records:#?}") };
    assert_eq!((line.as_str(), enforcement.as_str()), ("sudo yum upgrade", "elevated"));
}

#[test]
fn the_published_upgrade_is_one_command() {
    let Some(mut instance) = Instance::new() else { return };
    let Some((updater, log)) = updater(&mut instance) else { return };
    let document =
        instance.document("package-updaters", &updater.name, &["--single-command", "--status-line"]);
    let direct = Command::new("/usr/bin/yum").arg("upgrade").output().unwrap().status.code().unwrap();
    let mut session = start(&Agent::default(), &document, &[("command", "sudo yum upgrade")]);
    assert_eq!(session.status(), direct, "{}", session.output());
    assert!(session.output().ends_with(&format!("gatesh: exit status {direct}\r\n")), "{}", session.output());
    assert_eq!(ran(&log), [UPGRADE]);
    // And without a terminal, where the agent passes the status on.
    let document =
        instance.document("package-updaters", &updater.name, &["--single-command", "--non-interactive"]);
    let mut session = start(&Agent::default(), &document, &[("command", "sudo yum upgrade")]);
    session.status();
    assert_eq!(session.exit_code(), Some(format!("EXIT_CODE: {direct}")), "{}", session.errors());
    assert_eq!(ran(&log), [UPGRADE, UPGRADE]);
}
