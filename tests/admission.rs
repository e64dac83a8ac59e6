//! Who is not let in: what they read, and that an attempt leaves a record where the host's records go.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

use std::process::Command;

use serde_json::Value;

use crate::scenario::{Answer, Gatesh, run};

const LS: &str = "[[allow]]\ncommands = [\"ls\"]\n";

/// The only record of the answer.
fn record(answer: &Answer) -> &Value {
    assert_eq!(answer.records.len(), 1, "{answer:#?}");
    &answer.records[0]
}

#[track_caller]
fn refused(answer: &Answer, code: &str, says: &str) {
    let record = record(answer);
    assert_eq!((&record["event"], &record["decision"]), (&"session-refused".into(), &"deny".into()));
    assert_eq!(record["reason_code"], code);
    assert!(answer.err.contains(says), "{answer:#?}");
    assert!(record["reason_text"].as_str().unwrap().contains(says), "{record:#}");
    assert_eq!((answer.status.code(), answer.out.as_str()), (Some(125), ""));
}

#[test]
fn whoever_has_no_rules_is_refused_with_a_record() {
    refused(&Gatesh::new().line("ls").answer(), "no-rules", "none of your groups has rules on this host");
}

#[test]
fn another_groups_name_is_refused_with_a_record() {
    let answer = Gatesh::new().policy(LS).with(&["--group", "nosuch"]).line("ls").answer();
    refused(&answer, "group-choice", "you are not in the group nosuch");
}

#[test]
fn faulty_rules_are_told_where_records_go_with_every_fault() {
    let answer =
        Gatesh::new().policy("[[allow]]\ncommands = [\"ls <a>\", \"cat <b>\"]\n").line("ls").answer();
    let record = record(&answer);
    assert_eq!((&record["event"], &record["reason_code"]), (&"fault".into(), &"policy-unreadable".into()));
    let text = record["reason_text"].as_str().unwrap();
    assert!(text.contains("<a>") && text.contains("<b>"), "{text}");
    assert!(answer.err.contains("your rules cannot be read") && !answer.err.contains("<b>"), "{answer:#?}");
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let gatesh = Gatesh::new();
    let mut command: Command = gatesh.outside(std::path::Path::new(env!("CARGO_BIN_EXE_gatesh")));
    command.args(["--config", "/no/such/place", "-c", "ls"]);
    let ended = run(command, b"");
    assert!(ended.err.contains("/no/such/place is no directory"), "{ended:#?}");
    assert_eq!(ended.status.code(), Some(125));
}
