//! Questions a rule asks before its command runs: a ticket, a yes. Everything that a line's rules ask for is asked
//! before anything of it starts.

use std::rc::Rc;

use super::opening::Session;
use super::say::say;
use crate::audit::{Reason, RuleName};
use crate::excerpt::{Span, escape};
use crate::input::Ending;
use crate::input::question::{Answer, Asked};
use crate::policy::Rule;
use crate::policy::decide::Grant;
use crate::policy::types::Type;
use crate::words::quote;

/// Answers of a wrong form that are asked for again.
const TRIES: usize = 3;

/// A command that may run, with its place among the commands of the line.
pub(super) struct Allowed {
    pub(super) stage: usize,
    pub(super) grant: Grant,
    /// Where its words stand in the line.
    pub(super) typed: Span,
}

/// What a rule asked about a command, and what was answered.
pub(super) struct Given {
    stage: usize,
    rule: Rc<Rule>,
    argv: Vec<String>,
    pub(super) reason: Option<String>,
}

impl Given {
    /// Whether it was given for this very command under this very rule: what would run now may be another command,
    /// or under another rule, than was asked about.
    pub(super) fn is_for(&self, allowed: &Allowed) -> bool {
        let grant = &allowed.grant;
        self.stage == allowed.stage && Rc::ptr_eq(&self.rule, grant.rule()) && self.argv == grant.argv()
    }
}

/// Why a command does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
enum NotGiven {
    /// The rule asks for a yes, and there is nobody to ask.
    NoTerminal,
    /// The person did not say yes.
    Declined,
    /// The rule asks for a reason, and none, or one of another form, was given.
    NoReason(String),
    /// The session ends.
    Ended(Ending),
}

impl NotGiven {
    /// What the person reads.
    fn text(&self, program: &str) -> String {
        match self {
            Self::NoTerminal => format!("{program} asks for confirmation, and there is no terminal"),
            Self::NoReason(what) => format!("{program} asks for a reason: {what}"),
            Self::Declined | Self::Ended(_) => format!("{program} was not run"),
        }
    }

    fn reason(&self) -> Reason {
        match self {
            Self::NoReason(_) => Reason::NoReason,
            Self::NoTerminal | Self::Declined | Self::Ended(_) => Reason::NotConfirmed,
        }
    }
}

impl Session {
    /// Whether its rule asks for something that only a person can give now.
    pub(super) fn has_questions(&self, grant: &Grant) -> bool {
        grant.rule().confirm || (grant.rule().reason.is_some() && self.reason.is_none())
    }

    /// What one command's rule asks for; a no is said, recorded and counted.
    pub(super) fn ask(
        &mut self,
        raw: &[u8],
        allowed: &Allowed,
        stages: usize,
    ) -> Result<Given, Option<Reason>> {
        let grant = &allowed.grant;
        self.was_asked |= grant.rule().confirm || grant.rule().reason.is_some();
        let not = match self.questions(grant) {
            Ok(reason) => {
                let (stage, rule) = (allowed.stage, Rc::clone(grant.rule()));
                return Ok(Given { stage, rule, argv: grant.argv(), reason });
            }
            Err(not) => not,
        };
        let text = not.text(last_part(grant.name()));
        say(&text);
        let (group, name) = (grant.group(), grant.rule().name.as_str());
        let rule = RuleName { group, name, synopsis: Some(grant.synopsis()) };
        self.record_denied(raw, Some((allowed.stage, stages)), Some(rule), not.reason(), &text);
        let refused = self.denied();
        match not {
            NotGiven::Ended(ending) => Err(self.may_end(ending)),
            NotGiven::NoTerminal | NotGiven::Declined | NotGiven::NoReason(_) => Err(refused),
        }
    }

    /// The reason that was stated.
    fn questions(&mut self, grant: &Grant) -> Result<Option<String>, NotGiven> {
        let rule = grant.rule();
        let reason = rule.reason.as_deref().map(|wanted| self.stated(wanted)).transpose()?;
        if rule.confirm {
            self.confirmed(grant)?;
        }
        Ok(reason)
    }

    fn stated(&mut self, wanted: &Type) -> Result<String, NotGiven> {
        let form = wanted.describe();
        let other = |given: &str| format!("{} is not {form}", escape(given));
        if let Some(given) = &self.reason {
            return match wanted.takes(given, false) {
                true => Ok(given.clone()),
                false => Err(NotGiven::NoReason(other(given))),
            };
        }
        let missing = || NotGiven::NoReason(format!("give one with --reason, {form}"));
        let asked = self.asked().ok_or_else(missing)?;
        for left in (0..TRIES).rev() {
            let question = format!("{} ({form}): ", wanted.name);
            match asked.ask(&question, &mut || self.jobs.tend(&mut self.audit)) {
                Answer::Text(given) if wanted.takes(&given, false) => return Ok(given),
                Answer::Text(given) if given.is_empty() => return Err(NotGiven::Declined),
                Answer::Text(given) if left == 0 => return Err(NotGiven::NoReason(other(&given))),
                Answer::Text(given) => say(&other(&given)),
                Answer::None => return Err(NotGiven::Declined),
                Answer::Ended(ending) => return Err(NotGiven::Ended(ending)),
            }
        }
        Err(missing())
    }

    fn confirmed(&mut self, grant: &Grant) -> Result<(), NotGiven> {
        let asked = self.asked().ok_or(NotGiven::NoTerminal)?;
        let host = self.host_with_labels();
        let question = format!("run {} on {host}? [y/N] ", escape(&spelled(grant)));
        match asked.ask(&question, &mut || self.jobs.tend(&mut self.audit)) {
            Answer::Text(answer) if is_yes(&answer) => Ok(()),
            Answer::Text(_) | Answer::None => Err(NotGiven::Declined),
            Answer::Ended(ending) => Err(NotGiven::Ended(ending)),
        }
    }

    fn asked(&self) -> Option<Asked> {
        Asked::at_terminal(self.rules.policy().settings.idle_timeout, self.deadline)
    }

    pub(super) fn host_with_labels(&self) -> String {
        let labels = &self.rules.policy().settings.labels;
        match labels.is_empty() {
            true => self.facts.host.clone(),
            false => format!("{} ({})", self.facts.host, labels.join(", ")),
        }
    }
}

fn is_yes(answer: &str) -> bool {
    matches!(answer, "y" | "Y" | "yes" | "Yes" | "YES")
}

fn last_part(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// The command as it will run, the program by its last part.
fn spelled(grant: &Grant) -> String {
    let argv = grant.argv();
    let program = argv.len().saturating_sub(grant.arguments().len()).saturating_sub(1);
    let word = |(at, word): (usize, &String)| quote(if at == program { last_part(word) } else { word });
    argv.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
}
