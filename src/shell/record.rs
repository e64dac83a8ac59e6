//! The records a line leaves: before each command, after it, and where something was refused.

use super::note::Note;
use super::opening::Session;
use super::say::say;
use crate::audit::{AuditError, AuditEvent, AuditLog, Reason, RuleName};
use crate::launch::outcome::{Cause, Ended, Status};

/// How each command of a job ended.
pub(super) fn ends(audit: &mut AuditLog, starts: &[u64], ended: &Ended) {
    for (start, status) in starts.iter().zip(&ended.statuses) {
        let (code, signal) = match status {
            Status::Code(code) => (Some(i32::from(*code)), None),
            Status::Signal(number) => (None, Some(i32::from(*number))),
            Status::Unnamed | Status::Left => (None, None),
        };
        let end = AuditEvent::CommandEnd {
            start: *start,
            status: code,
            signal,
            left: *status == Status::Left,
            timed_out: ended.by == Some(Cause::Timeout),
            duration: ended.duration,
        };
        afterwards(audit, &end);
    }
}

/// A record after the fact: what it is about has happened, so its failing can only be said. The next command is
/// refused by its own start record.
fn afterwards(audit: &mut AuditLog, event: &AuditEvent<'_>) {
    if let Err(error) = audit.record(event) {
        say(&error.to_string());
    }
}

impl Session {
    pub(super) fn record_starts(&mut self, raw: &[u8], notes: &[Note]) -> Result<Vec<u64>, AuditError> {
        notes.iter().map(|note| self.audit.record(&AuditEvent::CommandStart(note.attempt(raw)))).collect()
    }

    pub(super) fn record_ends(&mut self, starts: &[u64], ended: &Ended) {
        self.jobs.record_ends(&mut self.audit, starts, ended);
    }

    pub(super) fn record(&mut self, event: &AuditEvent<'_>) {
        afterwards(&mut self.audit, event);
    }

    pub(super) fn record_denied(
        &mut self,
        raw: &[u8],
        stage: Option<(usize, usize)>,
        rule: Option<RuleName<'_>>,
        reason: Reason,
        text: &str,
    ) {
        let stage = stage.map(|(index, stages)| {
            let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            (count(index.saturating_add(1)), count(stages))
        });
        let cwd = std::env::current_dir().unwrap_or_default();
        self.record(&AuditEvent::Denied { line: raw, stage, rule, cwd: &cwd, reason, text });
    }
}
