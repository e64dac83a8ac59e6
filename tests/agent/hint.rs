//! The Session Manager session id in the records: found in the worker's command line, marked as a hint, and believed of
//! root's processes only.

use super::session::{Agent, SESSION_ID, Session, WORKER};
use super::stage::{RULES, Stage, start};
use crate::scenario::is_root;

/// What the records of a session say of where it came from.
fn hints(stage: &Stage, mut session: Session) -> (Option<String>, String) {
    session.at_prompt("> ").line("exit");
    session.status();
    let records = stage.records();
    let first = &records[0];
    for record in &records {
        assert_eq!(record["ssm_session_hint"], first["ssm_session_hint"], "{record:#?}");
    }
    let origin = first["origin_hint"].as_str().unwrap().to_owned();
    (first["ssm_session_hint"].as_str().map(str::to_owned), origin)
}

/// The id where the worker is root's; an ordinary user's tests have no such worker.
fn found(id: &str) -> Option<String> {
    if !is_root() {
        println!("the worker is not root's here, so its id is not believed");
    }
    is_root().then(|| id.to_owned())
}

#[test]
fn the_parents_session_id_is_found() {
    let stage = Stage::new(RULES);
    let (id, origin) = hints(&stage, stage.session());
    assert_eq!(id, found(SESSION_ID));
    assert_eq!(origin == "session-manager", is_root(), "{origin}");
}

#[test]
fn the_grandparents_is_found_where_a_document_without_exec_keeps_the_shell() {
    let stage = Stage::new(RULES);
    for (before, after) in [("", ""), ("", "; true"), ("cd / && ", " || exit 1")] {
        let document = stage.document_without_exec(before, after);
        let session = start(&Agent::default(), &document, &[]);
        assert_eq!(hints(&stage, session).0, found(SESSION_ID), "{before:?} {after:?}");
    }
}

#[test]
fn every_form_of_id_that_was_seen_is_found() {
    let stage = Stage::new(RULES);
    let snap = "/snap/amazon-ssm-agent/7993/ssm-session-worker";
    for (name, id) in [
        (WORKER, "botocore-session-1761240839-3tyd2k2qvors9urxb6btyb98oa"),
        (WORKER, "i.am@example.com-0a1b2c3d4e5f60718"),
        (snap, SESSION_ID),
    ] {
        let agent = Agent { name, session_id: Some(id), ..Agent::default() };
        std::fs::write(stage.gatesh.path("audit.log"), "").unwrap();
        assert_eq!(hints(&stage, stage.session_of(&agent)).0, found(id));
    }
}

/// Anybody can name a process of theirs so.
#[test]
fn a_worker_that_is_not_roots_is_not_believed() {
    let stage = Stage::new(RULES);
    let agent = Agent { is_ordinary: true, ..Agent::default() };
    let (id, origin) = hints(&stage, stage.session_of(&agent));
    assert_eq!(id, None);
    // What it is instead depends on where the tests were started from.
    assert!(!origin.starts_with("session-manager"), "{origin}");
}

/// Where the channel to a worker cannot be made, the agent serves the session itself (master.go:100-103).
#[test]
fn a_session_in_the_agents_own_process_has_no_id() {
    let stage = Stage::new(RULES);
    let agent = Agent { name: "/usr/bin/ssm-agent-worker", session_id: None, ..Agent::default() };
    assert_eq!(hints(&stage, stage.session_of(&agent)).0, None);
}

#[test]
fn what_looks_like_no_id_is_not_one() {
    let stage = Stage::new(RULES);
    for id in ["ann", "-0a1b2c3d4e5f60718", "ann-0A1B2C3D4E5F60718", "ann-0a1b2c3d4e5f60718\n"] {
        let agent = Agent { session_id: Some(id), ..Agent::default() };
        std::fs::write(stage.gatesh.path("audit.log"), "").unwrap();
        assert_eq!(hints(&stage, stage.session_of(&agent)).0, None, "{id:?}");
    }
}
