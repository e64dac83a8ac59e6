//! Where sessions take place: on a host with gatesh installed, as root; or with rules of the test's own in a directory
//! of its own, which an ordinary user can do too and many tests at once.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::document::{Caller, Document, Store};
use super::session::{Agent, Session};
use crate::e2e::host::{Host, INSTALLED, Person};
use crate::scenario::{Gatesh, ordinary, run};

/// The user in exported documents, until it is known who.
const SOMEBODY: &str = "gatesh-somebody";

/// What `gateshctl export session-document` prints for a group of a policy, with whom it runs as filled in. The pattern
/// of a document is proved at each export, which takes a second in a test's build, so the same one is not asked for
/// twice.
fn exported(policy: &str, group: &str, user: &str, options: &[&str]) -> String {
    static PRINTED: Mutex<BTreeMap<Vec<String>, String>> = Mutex::new(BTreeMap::new());
    let words =
        [&["export", "session-document", "--group", group, "--run-as", SOMEBODY][..], options].concat();
    // What it says of the group: the only other thing that goes in.
    let rules = fs::read_to_string(format!("{policy}/groups.d/{group}.toml")).unwrap();
    let about = rules.lines().find(|line| line.starts_with("description")).unwrap_or_default();
    let key = words.iter().chain([&about]).map(|word| (*word).to_owned()).collect();
    let mut printed = PRINTED.lock().unwrap_or_else(PoisonError::into_inner);
    let print = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
        command.args(["--config", policy]).args(&words);
        let answer = run(command, b"");
        assert_eq!(answer.code(), 0, "{words:?}: {answer:#?}");
        answer.out
    };
    printed.entry(key).or_insert_with(print).replace(SOMEBODY, user)
}

/// gatesh installed, with the groups that the repository publishes.
pub(super) struct Instance {
    pub(super) host: Host,
}

impl Instance {
    /// `None`, said, without root.
    pub(super) fn new() -> Option<Self> {
        let mut host = Host::new()?;
        if std::path::Path::new(INSTALLED).exists() {
            println!("skipped: {INSTALLED} is there already");
            return None;
        }
        let program = host.gatesh();
        host.link(INSTALLED, program.to_str().unwrap());
        host.published("log-readers");
        host.published("package-updaters");
        Some(Self { host })
    }

    /// An account whose shell is not gatesh: the agent looks at none.
    pub(super) fn person(&mut self, groups: &[&str]) -> Person {
        self.host.person_with_shell(groups, "/bin/sh")
    }

    /// The document of a group, for whoever has no tag.
    #[expect(clippy::unused_self, reason = "only an instance has a policy to export from")]
    pub(super) fn document(&self, group: &str, user: &str, options: &[&str]) -> Document {
        Document::read(&exported("/etc/gatesh", group, user, options))
    }

    /// This user's records of so many sessions that are over. `None`, said, where the log daemon is the host's own.
    pub(super) fn records(&self, user: &str, sessions: usize) -> Option<Vec<Value>> {
        let Some(daemon) = &self.host.daemon else {
            println!("skipped: this host has its own log daemon, which is not asked");
            return None;
        };
        let end = Instant::now() + Duration::from_mins(1);
        loop {
            let records = daemon.records(user);
            if records.iter().filter(|record| record["event"] == "session-end").count() >= sessions {
                return Some(records);
            }
            assert!(Instant::now() < end, "not {sessions} ends in {records:#?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Rules of the test's own, for the ordinary user.
pub(super) struct Stage {
    pub(super) gatesh: Gatesh,
    program: String,
    policy: PathBuf,
}

/// What most tests need: something to read, something that lasts.
pub(super) const RULES: &str = r#"
description = "Reads logs"
directories = ["{top}/var/log/**"]
[types]
log = { file = ["{top}/var/log/**"] }
dir = { directory = ["{top}/var/log/**"] }
[[allow]]
name = "read"
commands = ["cat <log>...", "tail [-f] <log>...", "ls [-al] [<dir>]", "sleep <number>", "env", "stty size"]
"#;

impl Stage {
    pub(super) fn new(rules: &str) -> Self {
        let gatesh = Gatesh::new().policy(rules);
        let marker = format!("#!/bin/sh\n: >'{}'\n", gatesh.marker().display());
        Self::of(gatesh.program("trap/whoami", &marker))
    }

    pub(super) fn of(gatesh: Gatesh) -> Self {
        // Writes the policy, too.
        let program = gatesh.command().get_program().to_str().unwrap().to_owned();
        let policy = gatesh.path("policy");
        Self { gatesh, program, policy }
    }

    /// The exported document, with this program and this policy in the place of the installed ones.
    pub(super) fn document(&self, options: &[&str]) -> Document {
        let policy = self.policy.to_str().unwrap();
        // The gate is on trial, so what it would refuse must reach it.
        let passes: &[&str] =
            if options.contains(&"--single-command") { &["--pattern", "safe"] } else { &[] };
        let options = [options, passes].concat();
        let text = exported(policy, &ordinary().group, &ordinary().user, &options);
        Document::read(&text.replace(INSTALLED, &format!("{} --config {policy}", self.program)))
    }

    /// The same with other words in the place of `exec`.
    pub(super) fn document_without_exec(&self, before: &str, after: &str) -> Document {
        let Document(mut document) = self.document(&[]);
        let commands = &mut document["properties"]["linux"]["commands"];
        let text = commands.as_str().unwrap().strip_prefix("exec ").unwrap();
        *commands = format!("{before}{text}{after}").into();
        Document(document)
    }

    /// At the prompt.
    pub(super) fn session(&self) -> Session {
        self.session_of(&Agent::default())
    }

    pub(super) fn session_of(&self, agent: &Agent<'_>) -> Session {
        start(agent, &self.document(&[]), &[])
    }

    /// One command, as `--parameters command=...`.
    pub(super) fn command(&self, options: &[&str], command: &str) -> Session {
        let document = self.document(&[&["--single-command"], options].concat());
        start(&Agent::default(), &document, &[("command", command)])
    }

    pub(super) fn records(&self) -> Vec<Value> {
        self.gatesh.records()
    }

    /// Of each command that was started, its words.
    pub(super) fn started(&self) -> Vec<String> {
        let records = self.records();
        let started = records.iter().filter(|record| record["event"] == "command-start");
        started.map(|record| record["line"].as_str().unwrap().to_owned()).collect()
    }

    /// An agent whose PATH begins with a program `whoami` that leaves the marker: what a shell would run.
    pub(super) fn trapped(&self) -> Agent<'static> {
        let path = self.gatesh.path("trap");
        let mut agent = Agent::default();
        agent.environment.retain(|(name, _)| name != "PATH");
        agent.environment.push(("PATH".into(), format!("{}:/usr/bin:/bin", path.display())));
        agent
    }
}

/// A session of the document.
#[track_caller]
pub(super) fn start(agent: &Agent<'_>, document: &Document, parameters: &[(&str, &str)]) -> Session {
    let order = document.start(&Caller { parameters, run_as: None }, &Store::new()).unwrap();
    agent.start(&order)
}
