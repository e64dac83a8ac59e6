//! Where a line ends in "no": said to the person, recorded, counted.

use std::rc::Rc;

use super::note::Note;
use super::opening::Session;
use super::rules::{Change, Fault};
use super::say::{lines, say, say_more, width};
use super::{CANNOT_WORK, DENIED, NO_PROGRAM, USAGE};
use crate::audit::{AuditError, AuditEvent, Reason, RuleName};
use crate::launch::LaunchError;
use crate::policy::denial::{Denial, Setting};
use crate::policy::listing;
use crate::words::LineFault;

/// The first command of a line that may not.
pub(super) struct Refused {
    pub(super) stage: usize,
    pub(super) denial: Denial,
    pub(super) setting: Setting,
}

impl Session {
    pub(super) fn refuse(&mut self, raw: &[u8], stages: usize, refused: &Refused) -> Option<Reason> {
        let explain = self.rules.policy().settings.explain;
        lines(&refused.denial.lines(explain, &refused.setting, width()));
        let reason = Reason::from(refused.denial.ground());
        let named = |(group, name, synopsis)| RuleName { group, name, synopsis: Some(synopsis) };
        let rule = refused.denial.rule().map(named);
        self.record_denied(raw, Some((refused.stage, stages)), rule, reason, &refused.denial.reason());
        self.denied()
    }

    pub(super) fn not_understood(&mut self, raw: &[u8], fault: &LineFault) -> Option<Reason> {
        self.remember(raw);
        say(&fault.message());
        fault.cure().iter().for_each(|cure| say_more(cure));
        self.record_denied(raw, None, None, Reason::NotUnderstood, &fault.message());
        self.denied();
        self.failed(USAGE)
    }

    /// No record, no run. A line that is too long for one leaves at least the record that it was refused.
    pub(super) fn not_recorded(&mut self, raw: &[u8], error: &AuditError) -> Option<Reason> {
        say(&error.to_string());
        if matches!(error, AuditError::TooLong) {
            self.record_denied(raw, None, None, Reason::TooLong, &error.to_string());
        }
        self.failed(CANNOT_WORK)
    }

    /// A line typed while no rules hold.
    pub(super) fn without_rules(&mut self, raw: &[u8]) -> Option<Reason> {
        let text = "the rules cannot be read: nothing runs until they are mended";
        self.record_denied(raw, None, None, Reason::PolicyUnreadable, text);
        self.failed(CANNOT_WORK)
    }

    pub(super) fn cannot_start(&mut self, raw: &[u8], note: &Note, error: &LaunchError) -> Option<Reason> {
        let text = error.to_string();
        say(&text);
        let (reason, status) = match error {
            LaunchError::Program(error) | LaunchError::Sudo(error) if error.is_missing() => {
                (Reason::NoProgram, NO_PROGRAM)
            }
            LaunchError::Program(error) if error.is_changed() => (Reason::ProgramChanged, DENIED),
            LaunchError::Program(_) | LaunchError::Sudo(_) => (Reason::ProgramUntrusted, DENIED),
            LaunchError::Confinement(_) => (Reason::Confinement, CANNOT_WORK),
            LaunchError::Directory(..)
            | LaunchError::Nul(_)
            | LaunchError::NotOpened(_)
            | LaunchError::Create(..)
            | LaunchError::PrivateTmp(_)
            | LaunchError::Processes(_)
            | LaunchError::Image(_) => (Reason::LaunchFailed, CANNOT_WORK),
        };
        self.record(&AuditEvent::NotStarted { start: None, attempt: note.attempt(raw), reason, text: &text });
        self.failed(status)
    }

    /// Counts a denial; too many end the session.
    pub(super) fn denied(&mut self) -> Option<Reason> {
        self.denials = self.denials.saturating_add(1);
        self.status = DENIED;
        self.shows_status = true;
        let most = self.rules.policy().settings.max_denials;
        if self.denials < most {
            return None;
        }
        say(&format!("{most} refusals: session ended"));
        Some(Reason::MaxDenials)
    }

    pub(super) fn failed(&mut self, status: u8) -> Option<Reason> {
        self.status = status;
        self.shows_status = true;
        let most = self.rules.policy().settings.max_denials;
        (self.denials >= most).then_some(Reason::MaxDenials)
    }

    /// Whether rules are in force, after a look at what changed.
    pub(super) fn rules_hold(&mut self) -> bool {
        match self.rules.refresh(&mut self.person) {
            Change::None => {}
            Change::Reloaded(before) => {
                let policy = Rc::clone(self.rules.policy());
                let groups: Vec<String> = self.person.groups.iter().map(|group| group.name.clone()).collect();
                self.record(&AuditEvent::PolicyReload { digest: &policy.digest, groups: &groups });
                if self.is_prompt {
                    say(&format!("your rules were changed: {}", listing::difference(&before, &policy)));
                }
            }
            Change::Faulty(fault) => {
                say("your rules were changed and cannot be read: nothing runs until mended");
                let (reason, text) = match fault {
                    Fault::Policy(errors) => {
                        say_more(&format!("ask your administrator: {}", errors.summary_for_person()));
                        (Reason::PolicyFault, errors.to_string())
                    }
                    Fault::Identity(text) => (Reason::IdentityFault, text),
                };
                self.record(&AuditEvent::Fault { reason, text: &text });
            }
        }
        self.rules.hold()
    }
}
