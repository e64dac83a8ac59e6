//! journald's native protocol (systemd's `JOURNAL_NATIVE_PROTOCOL`): one datagram of `NAME=value` lines; a value
//! that holds a newline goes as `NAME`, newline, its length in eight bytes little-endian, the value, newline.

use std::io;
use std::time::Instant;

use super::datagram::Datagrams;
use super::record::{Record, Severity};

/// authpriv, as in syslog.
const FACILITY: &str = "10";

fn message(record: &Record) -> Vec<u8> {
    let priority = match record.severity() {
        Severity::Error => "3",
        Severity::Warning => "4",
        Severity::Informational => "6",
    };
    let mut message = Vec::with_capacity(2048);
    let mut put = |name, value: &str| field(&mut message, name, value);
    put("MESSAGE", &record.to_json());
    put("PRIORITY", priority);
    put("SYSLOG_FACILITY", FACILITY);
    put("SYSLOG_IDENTIFIER", "gatesh");
    put("SYSLOG_PID", &record.pid.to_string());
    put("GATESH_EVENT", &record.event);
    put("GATESH_ID", &record.id);
    put("GATESH_SESSION", &record.session);
    put("GATESH_USER", &record.user);
    let optional = [
        ("GATESH_DECISION", &record.decision),
        ("GATESH_REASON_CODE", &record.reason_code),
        ("GATESH_GROUP", &record.group),
        ("GATESH_RULE", &record.rule),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            put(name, value);
        }
    }
    message
}

fn field(message: &mut Vec<u8>, name: &str, value: &str) {
    message.extend_from_slice(name.as_bytes());
    if value.contains('\n') {
        message.push(b'\n');
        message.extend_from_slice(&u64::try_from(value.len()).unwrap_or(u64::MAX).to_le_bytes());
    } else {
        message.push(b'=');
    }
    message.extend_from_slice(value.as_bytes());
    message.push(b'\n');
}

pub(super) fn send(socket: &mut Datagrams, record: &Record, deadline: Instant) -> io::Result<()> {
    socket.send(&message(record), deadline)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a datagram as journald does.
    fn read(mut rest: &[u8]) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap();
            let line = String::from_utf8(rest[..end].to_vec()).unwrap();
            rest = &rest[end + 1..];
            if let Some((name, value)) = line.split_once('=') {
                fields.push((name.to_owned(), value.to_owned()));
            } else {
                let (length, after) = rest.split_first_chunk().unwrap();
                let (value, after) = after.split_at(usize::try_from(u64::from_le_bytes(*length)).unwrap());
                fields.push((line, String::from_utf8(value.to_vec()).unwrap()));
                rest = after.strip_prefix(b"\n").unwrap();
            }
        }
        fields
    }

    #[test]
    fn fields_come_out_as_they_went_in() {
        let record = Record { event: "denied".to_owned(), user: "ann".to_owned(), ..Record::default() };
        let fields = read(&message(&record));
        assert_eq!(fields[0], ("MESSAGE".to_owned(), record.to_json()));
        assert!(fields.contains(&("PRIORITY".to_owned(), "4".to_owned())));
        assert!(fields.contains(&("SYSLOG_FACILITY".to_owned(), "10".to_owned())));
        assert!(fields.contains(&("GATESH_USER".to_owned(), "ann".to_owned())));
    }

    #[test]
    fn a_newline_in_a_rule_name_adds_no_field() {
        let rule = "tail\nGATESH_DECISION=allow\n_UID=0";
        let record = Record { rule: Some(rule.to_owned()), ..Record::default() };
        let fields = read(&message(&record));
        assert!(fields.contains(&("GATESH_RULE".to_owned(), rule.to_owned())));
        assert!(!fields.iter().any(|(name, _)| name == "_UID" || name == "GATESH_DECISION"));
    }

    #[test]
    fn what_does_not_apply_is_left_out() {
        let fields = read(&message(&Record::default()));
        assert!(!fields.iter().any(|(name, _)| name == "GATESH_RULE"));
    }
}
