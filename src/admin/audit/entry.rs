//! One line of a log: a record as gatesh wrote it, behind a syslog header, or inside an entry of the journal,
//! with what the kernel said about its sender.

use serde_json::Value;

use crate::audit::Record;

/// How far a record can be believed to be gatesh's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stamp {
    /// The kernel names the uid that the record names.
    Same,
    /// The log does not carry what the kernel said.
    None,
    /// The kernel names another uid: whoever that is wrote it.
    Other(u32),
}

/// What a line is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    /// A record or a part of one.
    Record(Box<Record>, Stamp),
    /// Something else: other programs write to the same log.
    Foreign,
    /// It claims to be a record and cannot be read; why.
    Broken(String),
}

impl Entry {
    /// `line` without its line break.
    pub(super) fn read(line: &str) -> Self {
        let line = line.trim();
        if !line.starts_with('{') {
            return match behind_header(line) {
                Some(json) => plain(json, Stamp::None),
                None => Self::Foreign,
            };
        }
        match serde_json::from_str::<Value>(line) {
            Ok(object) if object.get("MESSAGE").is_some() => journal(&object),
            Ok(object) if object.get("v").is_some() && object.get("session").is_some() => {
                plain(line, Stamp::None)
            }
            // An object without a version may be a record of ours that was tampered with, or anything.
            Ok(_) => Self::Foreign,
            Err(error) => Self::Broken(error.to_string()),
        }
    }
}

fn plain(json: &str, stamp: Stamp) -> Entry {
    match Record::parse(json) {
        Ok(record) => Entry::Record(Box::new(record), stamp),
        Err(fault) => Entry::Broken(fault.to_string()),
    }
}

/// An entry of `journalctl -o json`. Fields that begin with an underscore are journald's own.
fn journal(object: &Value) -> Entry {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let Some(message) = text("MESSAGE").map(str::trim).filter(|message| message.starts_with('{')) else {
        return Entry::Foreign;
    };
    // Both sinks that reach the journal name themselves so.
    if text("SYSLOG_IDENTIFIER") != Some("gatesh") {
        return Entry::Foreign;
    }
    match (plain(message, Stamp::None), text("_UID").and_then(|uid| uid.parse::<u32>().ok())) {
        (Entry::Record(record, _), Some(uid)) if uid == record.uid => Entry::Record(record, Stamp::Same),
        (Entry::Record(record, _), Some(uid)) => Entry::Record(record, Stamp::Other(uid)),
        (other, _) => other,
    }
}

/// The JSON behind `... gatesh[PID]: `. The tag must be the header's own: a program that logs the text of a
/// record has its own tag before it, which ends in a colon too.
fn behind_header(line: &str) -> Option<&str> {
    let at = line.find('{')?;
    let (header, json) = line.split_at_checked(at)?;
    let mut words = header.split_whitespace().rev();
    let tag = words.next()?.strip_suffix(':')?;
    let name = tag.split_once('[').map_or(tag, |(name, _)| name);
    (name == "gatesh" && !words.any(|word| word.ends_with(':'))).then_some(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str =
        r#"{"v":1,"event":"denied","id":"s-1","seq":1,"session":"s","uid":1001,"user":"ann"}"#;

    fn stamp(line: &str) -> Option<Stamp> {
        match Entry::read(line) {
            Entry::Record(_, stamp) => Some(stamp),
            Entry::Foreign | Entry::Broken(_) => None,
        }
    }

    fn in_journal(identifier: &str, uid: &str) -> String {
        serde_json::json!({ "MESSAGE": RECORD, "SYSLOG_IDENTIFIER": identifier, "_UID": uid }).to_string()
    }

    #[test]
    fn a_record_is_found_behind_every_usual_header() {
        for header in [
            "",
            "Mar  1 09:05:07 ip-10-0-3-17 gatesh[4711]: ",
            "2026-03-01T09:05:07.000123+00:00 ip-10-0-3-17 gatesh[4711]: ",
            "<86>Mar  1 09:05:07 gatesh[4711]: ",
            "Mar  1 09:05:07 host gatesh: ",
        ] {
            assert_eq!(stamp(&format!("{header}{RECORD}")), Some(Stamp::None), "{header}");
        }
    }

    #[test]
    fn a_record_in_another_programs_message_is_none() {
        for header in [
            "Mar  1 09:05:07 host evil[1]: gatesh[4711]: ",
            "Mar  1 09:05:07 host evil[1]: ",
            "Mar  1 09:05:07 host sudo: gatesh: ",
            "Mar  1 09:05:07 host gateshx[1]: ",
        ] {
            assert_eq!(Entry::read(&format!("{header}{RECORD}")), Entry::Foreign, "{header}");
        }
    }

    #[test]
    fn the_kernels_uid_verifies_a_record_or_gives_it_away() {
        assert_eq!(stamp(&in_journal("gatesh", "1001")), Some(Stamp::Same));
        assert_eq!(stamp(&in_journal("gatesh", "1002")), Some(Stamp::Other(1002)));
        assert_eq!(stamp(&in_journal("evil", "1001")), None);
    }

    #[test]
    fn other_entries_of_a_journal_are_passed_over() {
        for message in ["\"started\"", "[27,91]", "\"{}\"", "null"] {
            let entry = format!(r#"{{"MESSAGE":{message},"SYSLOG_IDENTIFIER":"cron","_UID":"0"}}"#);
            assert_eq!(Entry::read(&entry), Entry::Foreign, "{message}");
        }
    }

    #[test]
    fn what_claims_to_be_a_record_and_is_none_is_said_to_be_broken() {
        for line in ["{", "{\"v\":2,\"session\":\"s\"}", "Mar 1 00:00:00 h gatesh[1]: {\"v\":1,"] {
            assert!(matches!(Entry::read(line), Entry::Broken(_)), "{line}");
        }
    }
}
