//! Records as documents of the Elastic Common Schema. docs/audit-reading.md has the table.

use serde_json::{Value, json};

use super::entry::Stamp;
use super::gather::Seen;
use super::ocsf::compact;
use super::text::{command_line, line};
use crate::audit::Record;

/// Action, categories, types, outcome.
type Kind = (&'static str, &'static [&'static str], &'static [&'static str], &'static str);

fn kind(record: &Record) -> Kind {
    match record.event.as_str() {
        "command-start" => {
            ("command-allowed", &["process", "intrusion_detection"], &["start", "allowed"], "success")
        }
        "command-end" => ("command-exited", &["process"], &["end"], ended(record)),
        "denied" => ("command-denied", &["process", "intrusion_detection"], &["info", "denied"], "failure"),
        "not-started" => {
            ("command-failed", &["process", "intrusion_detection"], &["info", "allowed"], "failure")
        }
        "session-start" => ("session-started", &["session", "process"], &["start"], "success"),
        "session-refused" => (
            "session-refused",
            &["session", "process", "intrusion_detection"],
            &["info", "denied"],
            "failure",
        ),
        "session-end" => ("session-ended", &["session", "process"], &["end"], "success"),
        "policy-reload" => ("policy-reloaded", &["configuration"], &["change"], "success"),
        "fault" => ("fault", &["process"], &["info"], "failure"),
        _ => ("other", &["process"], &["info"], "unknown"),
    }
}

fn ended(record: &Record) -> &'static str {
    if record.exit_status == Some(0) { "success" } else { "failure" }
}

pub(super) fn document(seen: &Seen) -> Value {
    let record = &seen.record;
    compact(json!({
        "@timestamp": record.time,
        "ecs": { "version": "9.0.0" },
        "message": line(seen),
        "event": event(record),
        "process": process(seen),
        "user": { "id": record.uid.to_string(), "name": record.user },
        "group": record.group.as_ref().map(|group| json!({ "name": group })),
        "related": { "user": [record.user], "hosts": [record.host] },
        "rule": rule(record),
        "host": { "hostname": record.host, "name": record.host, "os": { "type": "linux" } },
        "observer": { "product": "gatesh", "type": "access-control" },
        "labels": labels(seen),
        "tags": tags(seen),
    }))
}

fn event(record: &Record) -> Value {
    let (action, category, types, outcome) = kind(record);
    let severity = match record.event.as_str() {
        "fault" | "not-started" => 3,
        "denied" | "session-refused" => 4,
        _ => 6,
    };
    compact(json!({
        "kind": "event",
        "category": category,
        "type": types,
        "action": action,
        "outcome": outcome,
        "reason": record.reason_text,
        "code": record.reason_code,
        "id": record.id,
        "sequence": record.seq,
        "provider": "gatesh",
        "module": "gatesh",
        "dataset": "gatesh.audit",
        "severity": severity,
        "duration": record.duration_ms.map(|millis| millis.saturating_mul(1_000_000)),
        "original": record.to_json(),
    }))
}

fn process(seen: &Seen) -> Value {
    let record = &seen.record;
    let session = json!({ "entity_id": record.ssm_session_hint.as_ref().unwrap_or(&record.session) });
    let gate = json!({ "pid": record.pid, "name": "gatesh", "entity_id": record.session });
    if record.is_about_session() {
        return compact(json!({
            "pid": record.pid, "name": "gatesh", "entity_id": record.session, "entry_leader": session,
            "working_directory": record.cwd, "interactive": record.tty.is_some(), "exit_code": record.exit_status,
        }));
    }
    let told = seen.start.as_deref().unwrap_or(record);
    let line = if told.argv.is_empty() { told.line.clone() } else { Some(command_line(&told.argv)) };
    compact(json!({
        "entity_id": format!("{}-{}", record.session, record.start_seq.unwrap_or(record.seq)),
        "args": told.argv,
        "args_count": (!told.argv.is_empty()).then_some(told.argv.len()),
        "command_line": line,
        "executable": told.program,
        "name": told.program.as_deref().and_then(|path| path.rsplit('/').next()),
        "working_directory": told.cwd,
        "interactive": record.tty.is_some(),
        "exit_code": record.exit_status,
        "parent": gate,
        "entry_leader": session,
    }))
}

fn rule(record: &Record) -> Option<Value> {
    let (group, name) = (record.group.as_ref()?, record.rule.as_ref()?);
    Some(compact(json!({
        "id": format!("{group}/{name}"), "name": name, "ruleset": group,
        "version": record.policy, "description": record.synopsis,
    })))
}

/// ECS takes strings there and nothing deeper.
fn labels(seen: &Seen) -> Value {
    let record = &seen.record;
    let number = |value: Option<u32>| value.map(|value| value.to_string());
    compact(json!({
        "gatesh_session": record.session,
        "ssm_session_id": record.ssm_session_hint,
        "origin": record.origin_hint,
        "tty": record.tty,
        "policy": record.policy,
        "enforcement": record.enforcement,
        "stage": number(record.stage),
        "stages": number(record.stages),
        "stated_reason": record.stated_reason,
        "signal": record.signal.map(|signal| signal.to_string()),
        "timed_out": record.timed_out.map(|is| is.to_string()),
        "lost": record.lost.map(|lost| lost.to_string()),
        "line": record.line,
        "line_sha256": record.line_sha256,
    }))
}

fn tags(seen: &Seen) -> Vec<&'static str> {
    let mut tags = Vec::new();
    if matches!(seen.stamp, Stamp::Other(_)) {
        tags.push("unverified");
    }
    if seen.incomplete {
        tags.push("incomplete");
    }
    tags
}
