//! JSON, OCSF and ECS.

use std::fs;

use gatesh::audit::Record;
use serde_json::Value;

use super::*;

fn values(log: &str, format: &str) -> Vec<Value> {
    let shown = shown(log, &["--format", format]);
    shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn expected(name: &str) -> Vec<Value> {
    serde_json::from_str(&golden(name)).unwrap()
}

#[test]
fn json_is_the_records_put_together() {
    let shown = shown("session.jsonl", &["--json"]);
    assert_eq!(shown, golden("session.joined.jsonl"));
    let records: Vec<Record> = shown.lines().map(|line| Record::parse(line).unwrap()).collect();
    let joined = records.iter().find(|record| record.seq == 5).unwrap();
    assert_eq!(
        (joined.line.as_deref(), joined.argv[1].as_str()),
        (Some("tail 'a b.log'"), "/var/log/a b.log")
    );
}

#[test]
fn json_says_what_the_kernel_said() {
    let values = values("journal.jsonl", "json");
    assert_eq!((&values[0]["verified"], &values[0]["sender_uid"]), (&Value::Bool(true), &Value::Null));
    assert_eq!((&values[2]["verified"], &values[2]["sender_uid"]), (&Value::Bool(false), &1002.into()));
    assert!(Record::parse(shown("journal.jsonl", &["--json"]).lines().next().unwrap()).is_ok());
}

#[test]
fn ocsf_is_as_the_table_has_it() {
    assert_eq!(values("session.jsonl", "ocsf"), expected("session.ocsf.json"));
}

#[test]
fn ecs_is_as_the_table_has_it() {
    assert_eq!(values("session.jsonl", "ecs"), expected("session.ecs.json"));
}

/// The attributes that class 1007 of the schema requires, whatever the record holds.
#[test]
fn every_ocsf_event_has_what_its_class_requires() {
    for log in ["session.jsonl", "hostile.jsonl", "journal.jsonl"] {
        for event in values(log, "ocsf") {
            for required in [
                "activity_id",
                "actor",
                "category_uid",
                "class_uid",
                "device",
                "metadata",
                "process",
                "severity_id",
                "time",
                "type_uid",
            ] {
                assert!(!event[required].is_null(), "{required} of {event}");
            }
            assert_eq!(event["type_uid"].as_i64(), Some(100_700 + event["activity_id"].as_i64().unwrap()));
            assert!(!event["metadata"]["version"].is_null() && !event["metadata"]["product"].is_null());
            assert!(!event["process"]["uid"].is_null() || !event["process"]["pid"].is_null());
            assert!(event["time"].is_i64() && !event["device"]["type_id"].is_null());
        }
    }
}

#[test]
fn a_refusal_is_denied_whatever_its_text_says() {
    let events = values("hostile.jsonl", "ocsf");
    assert!(events.iter().all(|event| event["action_id"] != 1));
    assert_eq!(events[3]["process"]["cmd_line"], "nope\",\"decision\":\"allow");
}

#[test]
fn what_is_not_verified_is_marked_in_every_format() {
    assert_eq!(values("journal.jsonl", "ocsf")[2]["metadata"]["labels"][0], "unverified");
    assert_eq!(values("journal.jsonl", "ecs")[2]["tags"][0], "unverified");
    assert!(values("journal.jsonl", "ecs")[1]["tags"].is_null());
}

#[test]
fn the_manual_has_every_event_in_both_tables() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let reading = fs::read_to_string(root.join("docs/audit-reading.md")).unwrap();
    let manual = fs::read_to_string(root.join("docs/audit.md")).unwrap();
    let events = manual.split("## Events").nth(1).unwrap().split("\n## ").next().unwrap();
    for event in events.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()) {
        assert_eq!(
            reading.lines().filter(|line| line.starts_with(&format!("| `{event}` |"))).count(),
            2,
            "{event}"
        );
    }
}
