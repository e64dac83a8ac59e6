//! The eighteen values that pass the published patterns and run something else. Through the published documents they
//! do; through the exported ones none does, whether the pattern stops it or gatesh.

use std::fs;

use super::document::{Caller, Document, Store};
use super::session::{Agent, Session};
use super::stage::{RULES, Stage, start};
use crate::scenario::{SECRET, is_root, ordinary, write_program};

/// ls, cat, less and tail -f.
const READ: &str = include_str!("../fixtures/documents/SSM-StartReadOnlyInteractiveCommand.yaml");
/// sudo yum.
const UPDATE: &str = include_str!("../fixtures/documents/SSM-StartUpdatePackagesInteractiveCommand.yaml");

/// What shows that it ran something else.
enum Shows {
    /// This stand-in program was started.
    Ran(&'static str),
    /// A file that only root and the rules' author meant to be read is shown.
    Secret,
    /// A file was written.
    Wrote,
}
use Shows::{Ran, Secret, Wrote};

struct Hole {
    document: &'static str,
    /// `TOP` is a directory of the test's.
    value: &'static str,
    /// What the person types then.
    keys: &'static str,
    shows: Shows,
}

const fn hole(document: &'static str, value: &'static str, keys: &'static str, shows: Shows) -> Hole {
    Hole { document, value, keys, shows }
}

/// In the order of the table in which they were first written down.
const HOLES: [Hole; 18] = [
    hole(READ, "ls -d /; whoami", "", Ran("whoami")),
    hole(READ, "ls -d / && sudo whoami", "", Ran("sudo")),
    hole(READ, "lsmod | head -1", "", Ran("lsmod")),
    hole(READ, "ls -d \"$(whoami)\"", "", Ran("whoami")),
    hole(READ, "ls -d / > TOP/open/written; echo wrote", "", Wrote),
    hole(READ, "whoami; cat x.log", "", Ran("whoami")),
    hole(READ, "whoami #cat x.log", "", Ran("whoami")),
    hole(READ, "sudo head -1 /etc/shadow #cat x.log", "", Ran("sudo")),
    hole(READ, "exec bash --norc -c \"whoami\" #less x.log", "", Ran("whoami")),
    hole(READ, "ls -d /\nsudo whoami", "", Ran("sudo")),
    hole(READ, "ls -d /\nbash --norc -i", "whoami\rexit\r", Ran("whoami")),
    hole(READ, "cat -n TOP/etc/shadow TOP/var/log/app.log", "", Secret),
    hole(READ, "tail -f TOP/x\nwhoami\nx.log", "", Ran("whoami")),
    hole(READ, "less TOP/var/log/app.log", "!whoami\r\rq", Ran("whoami")),
    hole(UPDATE, "sudo yum update --version; whoami", "", Ran("whoami")),
    hole(UPDATE, "sudo whoami; : sudo yum install x", "", Ran("sudo")),
    hole(UPDATE, "sudo sh -c \"whoami\" #sudo yum install x", "", Ran("sudo")),
    hole(UPDATE, "whoami; echo sudo yum downgrade x", "", Ran("whoami")),
];

/// Programs that write down that they ran, ahead of everything else on the agent's PATH.
struct Trap {
    stage: Stage,
}

impl Trap {
    fn new() -> Self {
        let stage = Stage::new(RULES);
        let trap = Self { stage };
        for name in ["whoami", "sudo", "lsmod"] {
            let ran = trap.open().join(name);
            trap.program(name, &format!("#!/bin/sh\necho \"$@\" >>'{}'\n", ran.display()));
        }
        fs::create_dir(trap.open()).unwrap();
        trap.stage.gatesh.hand_over("open");
        trap
    }

    fn program(&self, name: &str, text: &str) {
        write_program(&self.stage.gatesh.path(&format!("trap/{name}")), text);
    }

    /// Where the session's user may write.
    fn open(&self) -> std::path::PathBuf {
        self.stage.gatesh.path("open")
    }

    fn spelled(&self, text: &str) -> String {
        text.replace("TOP", self.stage.gatesh.path("").to_str().unwrap().trim_end_matches('/'))
    }

    /// Whether the session did what it should not have, and forgets it.
    fn fell(&self, hole: &Hole, session: &Session) -> bool {
        let made = |name: &str| fs::remove_file(self.open().join(name)).is_ok();
        match hole.shows {
            Ran(program) => made(program),
            Wrote => made("written"),
            Secret => session.output().contains(SECRET),
        }
    }

    /// Nothing of the traps was touched.
    #[track_caller]
    fn is_whole(&self, session: &Session, value: &str) {
        let found: Vec<_> =
            fs::read_dir(self.open()).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert!(found.is_empty(), "{value:?} left {found:?}: {}", session.output());
        assert!(!session.output().contains(SECRET), "{value:?}: {}", session.output());
    }
}

/// The published document has no inputs: whom it runs as was said elsewhere.
fn published(text: &str) -> Document {
    let Document(mut document) = Document::read(text);
    document["inputs"] = serde_json::json!({ "runAsEnabled": true, "runAsDefaultUser": ordinary().user });
    Document(document)
}

fn played(agent: &Agent<'_>, document: &Document, value: &str, keys: &str) -> Result<Session, String> {
    let parameters = [("command", value)];
    let order = document.start(&Caller { parameters: &parameters, run_as: None }, &Store::new())?;
    let mut session = agent.start(&order);
    if keys.starts_with('!') {
        // less drops what was typed before it is ready.
        session.shows("three");
    }
    session.keys(keys).ends();
    Ok(session)
}

#[test]
fn through_the_published_documents_all_eighteen_run_something_else() {
    let trap = Trap::new();
    let agent = trap.stage.trapped();
    for hole in &HOLES {
        let value = trap.spelled(hole.value);
        let session = played(&agent, &published(hole.document), &value, hole.keys).unwrap();
        assert!(trap.fell(hole, &session), "{value:?} did no harm: {}", session.output());
    }
}

#[test]
fn through_the_exported_document_of_one_command_none_does() {
    let trap = Trap::new();
    let agent = trap.stage.trapped();
    for form in [&["--single-command"][..], &["--single-command", "--non-interactive"]] {
        let document = trap.stage.document(form);
        for hole in &HOLES {
            let value = trap.spelled(hole.value);
            match played(&agent, &document, &value, "") {
                Ok(session) => trap.is_whole(&session, &value),
                Err(refused) => assert!(refused.contains("does not match allowedPattern"), "{refused}"),
            }
        }
    }
    // Two in each form are words like any others: the pattern lets them through, and gatesh says no.
    let denied = trap.stage.records().iter().filter(|record| record["event"] == "denied").count();
    assert_eq!((denied, trap.stage.started()), (4, vec![]));
}

/// What the pattern stops, gatesh stops too: the same document without it, as an older or careless one might be.
#[test]
fn nor_does_any_that_reaches_gatesh_without_a_pattern() {
    let trap = Trap::new();
    let agent = trap.stage.trapped();
    let Document(mut document) = trap.stage.document(&["--single-command"]);
    document["parameters"]["command"]["allowedPattern"] = "".into();
    let document = Document(document);
    for hole in &HOLES {
        let value = trap.spelled(hole.value);
        let session = played(&agent, &document, &value, "").unwrap();
        trap.is_whole(&session, &value);
    }
    assert_eq!(trap.stage.started(), [""; 0]);
}

#[test]
fn nor_does_any_that_is_typed_at_the_prompt() {
    let trap = Trap::new();
    let agent = trap.stage.trapped();
    let mut session = start(&agent, &trap.stage.document(&[]), &[]);
    session.at_prompt("> ");
    for hole in &HOLES {
        let value = trap.spelled(hole.value).replace('\n', "\r");
        session.keys(value + "\r").keys(hole.keys.replace('q', "\r"));
    }
    session.line("exit").line("exit");
    session.ends();
    trap.is_whole(&session, "all of them");
    let started = trap.stage.started();
    let harmless = |line: &String| *line == "ls -d /" || line.contains("x.log");
    assert!(!started.iter().any(|line| !harmless(line)), "{started:?}");
    if !is_root() {
        println!("as an ordinary user, the secret is readable without gatesh as well");
    }
}
