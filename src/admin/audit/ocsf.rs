//! Records as OCSF 1.9 Process Activity (class 1007), which Security Lake takes. docs/audit-reading.md has the
//! table.

use serde_json::{Map, Value, json};

use super::clock::moment;
use super::entry::Stamp;
use super::gather::Seen;
use super::text::command_line;
use crate::audit::Record;

/// The numbers of one event: activity, action, disposition, severity, status.
struct Kind {
    activity: (u32, &'static str),
    action: Option<(u32, &'static str)>,
    disposition: Option<(u32, &'static str)>,
    severity: (u32, &'static str),
    is_success: bool,
}

impl Kind {
    fn of(record: &Record) -> Self {
        const LAUNCH: (u32, &str) = (1, "Launch");
        const TERMINATE: (u32, &str) = (2, "Terminate");
        const ALLOWED: Option<(u32, &str)> = Some((1, "Allowed"));
        let told = Self {
            activity: LAUNCH,
            action: None,
            disposition: None,
            severity: (1, "Informational"),
            is_success: true,
        };
        match record.event.as_str() {
            "command-start" => Self { action: ALLOWED, disposition: ALLOWED, ..told },
            "command-end" | "session-end" => Self { activity: TERMINATE, ..told },
            "denied" | "session-refused" => Self {
                action: Some((2, "Denied")),
                disposition: Some((2, "Blocked")),
                severity: (3, "Medium"),
                is_success: false,
                ..told
            },
            "not-started" => Self {
                action: ALLOWED,
                disposition: Some((27, "Error")),
                severity: (3, "Medium"),
                is_success: false,
                ..told
            },
            "fault" => Self {
                activity: (99, "Fault"),
                disposition: Some((27, "Error")),
                severity: (4, "High"),
                is_success: false,
                ..told
            },
            "policy-reload" => Self { activity: (99, "Policy Reload"), ..told },
            // session-start: gatesh itself was launched. An event of a later version is told as such.
            "session-start" => told,
            _ => Self { activity: (99, "Other"), ..told },
        }
    }
}

pub(super) fn event(seen: &Seen) -> Value {
    let record = &seen.record;
    let kind = Kind::of(record);
    let mut event = Map::new();
    let mut put = |name: &str, value: Value| drop(event.insert(name.to_owned(), value));
    put("class_uid", json!(1007));
    put("class_name", json!("Process Activity"));
    put("category_uid", json!(1));
    put("category_name", json!("System Activity"));
    put("activity_id", json!(kind.activity.0));
    put("activity_name", json!(kind.activity.1));
    put("type_uid", json!(100_700 + kind.activity.0));
    put("severity_id", json!(kind.severity.0));
    put("severity", json!(kind.severity.1));
    put("status_id", json!(if kind.is_success { 1 } else { 2 }));
    put("status", json!(if kind.is_success { "Success" } else { "Failure" }));
    put("is_alert", json!(record.decision.as_deref() == Some("deny")));
    // Required: a time that cannot be read is the beginning of time, and original_time says what was there.
    put("time", json!(moment(&record.time).map_or(0, |micros| micros / 1000)));
    put("timezone_offset", json!(0));
    put("message", json!(super::text::line(seen)));
    put("actor", actor(record));
    put("process", process(seen));
    put(
        "device",
        json!({
            "hostname": record.host, "type_id": 1, "type": "Server",
            "os": { "name": "Linux", "type_id": 200, "type": "Linux" },
        }),
    );
    put("metadata", metadata(seen));
    for (number, name, value) in
        [("action_id", "action", kind.action), ("disposition_id", "disposition", kind.disposition)]
    {
        if let Some((id, caption)) = value {
            put(number, json!(id));
            put(name, json!(caption));
        }
    }
    for (name, value) in optional(record, &kind) {
        put(name, value);
    }
    Value::Object(event)
}

fn optional(record: &Record, kind: &Kind) -> Vec<(&'static str, Value)> {
    let mut all = Vec::new();
    let mut some = |name, value: Option<Value>| all.extend(value.map(|value| (name, value)));
    some("status_code", record.reason_code.as_ref().map(|code| json!(code)));
    some("status_detail", record.reason_text.as_ref().map(|text| json!(text)));
    some("exit_code", record.exit_status.map(|status| json!(status)));
    some("duration", record.duration_ms.map(|duration| json!(duration)));
    if kind.activity.0 == 1 {
        some("launch_type_id", Some(json!(3)));
        some("launch_type", Some(json!("Exec")));
    }
    if let Some(policy) = policy(record) {
        let decision =
            record.decision.as_deref().map(|said| if said == "deny" { "denied" } else { "allowed" });
        let authorization = |decision| json!([{ "decision": decision, "policy": policy.clone() }]);
        some("authorizations", decision.map(authorization));
        some("policy", Some(policy));
    }
    some("unmapped", unmapped(record));
    all
}

/// The rule; where none spoke, the digest of all of them.
fn policy(record: &Record) -> Option<Value> {
    let group = record.group.as_deref();
    let rule = record.rule.as_deref();
    // The nearest rule of a refusal is told, and was not applied; one that forbids was.
    let is_denied = record.decision.as_deref() == Some("deny");
    let is_applied = !is_denied || record.reason_code.as_deref() == Some("deny-rule");
    if let (Some(group), Some(rule)) = (group, rule) {
        return Some(compact(json!({
            "name": rule, "uid": format!("{group}/{rule}"), "group": { "name": group },
            "version": record.policy, "desc": record.synopsis, "is_applied": is_applied,
        })));
    }
    record.policy.as_ref().map(|digest| json!({ "name": "gatesh", "version": digest, "is_applied": true }))
}

fn actor(record: &Record) -> Value {
    let is_ssm =
        record.ssm_session_hint.is_some() || record.origin_hint.as_deref() == Some("session-manager");
    let is_remote = record.origin_hint.as_deref().map(|origin| matches!(origin, "session-manager" | "ssh"));
    json!({
        "process": gate(record),
        "user": user(record),
        "session": compact(json!({
            "uid": record.ssm_session_hint.as_ref().unwrap_or(&record.session),
            "uid_alt": record.ssm_session_hint.as_ref().map(|_| &record.session),
            "terminal": record.tty,
            "is_remote": is_remote,
            "issuer": is_ssm.then_some("ssm"),
        })),
    })
}

fn user(record: &Record) -> Value {
    let groups: Vec<Value> = record.groups.iter().map(|group| json!({ "name": group })).collect();
    compact(json!({
        "name": record.user, "uid": record.uid.to_string(), "type_id": 1, "type": "User", "groups": groups,
    }))
}

/// gatesh itself.
fn gate(record: &Record) -> Value {
    json!({ "pid": record.pid, "name": "gatesh", "uid": record.session })
}

/// The process that was started, ended or refused; a session's own where no command is meant.
fn process(seen: &Seen) -> Value {
    let record = &seen.record;
    if record.is_about_session() {
        return gate(record);
    }
    // The end of a command is told with what its start says.
    let told = seen.start.as_deref().unwrap_or(record);
    let line = if told.argv.is_empty() { told.line.clone() } else { Some(command_line(&told.argv)) };
    let name = told.program.as_deref().and_then(|path| path.rsplit('/').next());
    let file = told
        .program
        .as_ref()
        .map(|path| json!({ "name": name, "path": path, "type_id": 1, "type": "Regular File" }));
    // What was refused never had a process id: the command's own id stands for it.
    let number = record.start_seq.unwrap_or(record.seq);
    compact(json!({
        "uid": format!("{}-{number}", record.session),
        "cmd_line": line,
        "name": name.or(told.argv.first().map(String::as_str)),
        "path": told.program,
        "file": file,
        "working_directory": told.cwd,
        "user": user(record),
        "parent_process": gate(record),
    }))
}

fn metadata(seen: &Seen) -> Value {
    let record = &seen.record;
    let mut labels = Vec::new();
    if matches!(seen.stamp, Stamp::Other(_)) {
        labels.push("unverified");
    }
    if seen.incomplete {
        labels.push("incomplete");
    }
    compact(json!({
        "version": "1.9.0",
        "product": { "name": "gatesh", "vendor_name": "gatesh", "lang": "en" },
        "profiles": ["security_control", "host"],
        "uid": record.id,
        "sequence": record.seq,
        "correlation_uid": record.session,
        "event_code": record.event,
        "log_name": "gatesh",
        "log_version": record.v.to_string(),
        "original_time": record.time,
        "is_truncated": (!record.cut.is_empty()).then_some(true),
        "untruncated_size": record.line_bytes,
        "labels": labels,
    }))
}

/// What the class has no attribute for.
fn unmapped(record: &Record) -> Option<Value> {
    let all = compact(json!({
        "typed_line": record.line,
        "argv": record.argv,
        "stage": record.stage,
        "stages": record.stages,
        "enforcement": record.enforcement,
        "degradations": record.degradations,
        "stated_reason": record.stated_reason,
        "signal": record.signal,
        "timed_out": record.timed_out,
        "lost": record.lost,
        "line_sha256": record.line_sha256,
    }));
    all.as_object().is_some_and(|all| !all.is_empty()).then_some(all)
}

/// Without what is absent.
pub(super) fn compact(value: Value) -> Value {
    let Value::Object(all) = value else { return value };
    let is_there = |value: &Value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty());
    Value::Object(all.into_iter().filter(|(_, value)| is_there(value)).collect())
}
