//! What a log says as a whole: sessions, commands by rule, refusals by reason, and whether anything is missing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Trail;
use super::entry::Stamp;
use super::gather::{Seen, ranges};
use super::text::shown;

/// Counts over the records that were wanted. What is not verified is counted apart and nowhere else.
#[derive(Debug, Default)]
pub(super) struct Summary {
    begun: BTreeSet<(String, String)>,
    ended: BTreeSet<(String, String)>,
    seen: BTreeSet<(String, String)>,
    users: BTreeMap<String, u64>,
    commands: BTreeMap<String, u64>,
    enforcement: BTreeMap<String, u64>,
    denials: BTreeMap<String, u64>,
    refusals: BTreeMap<String, u64>,
    failures: BTreeMap<String, u64>,
}

impl Summary {
    pub(super) fn take(&mut self, seen: &Seen) {
        if matches!(seen.stamp, Stamp::Other(_)) {
            return;
        }
        let record = &seen.record;
        let session = (record.host.clone(), record.session.clone());
        if self.seen.insert(session.clone()) {
            count(&mut self.users, &record.user);
        }
        let code = record.reason_code.as_deref().unwrap_or("?");
        match record.event.as_str() {
            "session-start" => drop(self.begun.insert(session)),
            "session-end" => drop(self.ended.insert(session)),
            "command-start" => {
                let name = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
                count(&mut self.commands, &format!("{} of {}", name(&record.rule), name(&record.group)));
                count(&mut self.enforcement, &name(&record.enforcement));
            }
            "denied" => count(&mut self.denials, code),
            "session-refused" => count(&mut self.refusals, code),
            "not-started" | "fault" => count(&mut self.failures, code),
            _ => {}
        }
    }

    /// Sessions that began here and did not end: killed, or still running.
    fn open(&self) -> usize {
        self.begun.difference(&self.ended).count()
    }

    pub(super) fn lines(&self, trail: &Trail) -> Vec<String> {
        let open = match self.open() {
            0 => String::new(),
            open => format!(" ({open} without an end: killed, or still running)"),
        };
        let mut lines = vec![format!("sessions    {}{open}", self.seen.len())];
        lines.extend(table(&self.users));
        for (title, counts) in [
            ("commands", &self.commands),
            ("held", &self.enforcement),
            ("denied", &self.denials),
            ("refused", &self.refusals),
            ("failed", &self.failures),
        ] {
            lines.push(format!("{title:<11} {}", total(counts)));
            lines.extend(table(counts));
        }
        lines.extend(trail.lines());
        lines
    }

    pub(super) fn as_json(&self, trail: &Trail) -> Value {
        json!({
                   "sessions": self.seen.len(),
                   "sessions_without_end": self.open(),
                   "sessions_by_user": self.users,
                   "commands": total(&self.commands),
                   "commands_by_rule": self.commands,
                   "commands_by_enforcement": self.enforcement,
                   "denied": total(&self.denials),
                   "denied_by_reason": self.denials,
                   "refused": total(&self.refusals),
                   "refused_by_reason": self.refusals,
                   "failed": total(&self.failures),
                   "failed_by_reason": self.failures,
                   "lost": trail.lost,
                   "whole": trail.is_whole(),
                   "unverified": trail.unverified,
                   "incomplete": trail.incomplete,
                   "broken_lines": trail.broken,
                   "repeated": trail.repeated,
                   "gaps": trail.numbers.gaps().iter().map(|gap| {
        json!({ "host": gap.host, "session": gap.session, "missing": gap.missing })
        }).collect::<Vec<_>>(),
               })
    }
}

impl Trail {
    /// What is wrong with the log, a line each; nothing where it is whole.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.unverified > 0 {
            lines.push(format!(
                "unverified  {} records name another uid than the kernel did",
                self.unverified
            ));
        }
        if self.incomplete > 0 {
            lines.push(format!(
                "incomplete  {} parts of records whose other parts are missing",
                self.incomplete
            ));
        }
        if self.broken > 0 {
            lines.push(format!("broken      {} lines claim to be records and cannot be read", self.broken));
        }
        if self.repeated > 0 {
            lines.push(format!(
                "repeated    {} records have a number their session had used before",
                self.repeated
            ));
        }
        if self.lost > 0 {
            lines.push(format!("lost        {} records that gatesh could not write", self.lost));
        }
        for gap in self.numbers.gaps() {
            let (host, session) = (shown(gap.host), shown(gap.session));
            lines.push(format!("missing     {} of session {session} on {host}", ranges(&gap.missing)));
        }
        lines
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    let count = counts.entry(name.to_owned()).or_default();
    *count = count.saturating_add(1);
}

fn total(counts: &BTreeMap<String, u64>) -> u64 {
    counts.values().sum()
}

/// The most frequent first.
fn table(counts: &BTreeMap<String, u64>) -> Vec<String> {
    let mut all: Vec<(&String, &u64)> = counts.iter().collect();
    all.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), name.as_str()));
    all.iter().map(|(name, count)| format!("  {count:>8}  {}", shown(name))).collect()
}
