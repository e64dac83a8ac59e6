//! Holds a command against a policy: the decision and its trace, from one walk. The shell, help, `explain`,
//! `list` and `test` all ask here, so none of them can disagree with the gate.
//!
//! The law: a command runs if some rule of one of the person's groups allows it and none of the person's
//! groups denies it; otherwise not. Order never decides whether, only which rule launches it: not elevated
//! before elevated, then the group's name, then the place in the file.

pub mod ahead;
mod attempt;
mod beginnings;
mod call;
mod denies;
mod grant;
mod places;
mod suggest;

use std::path::PathBuf;
use std::rc::Rc;
use std::time::SystemTime;

pub use denies::tree_is_denied;
pub use grant::Grant;

use super::denial::Denial;
use super::paths::{Effort, ExpandFault, PathRefusal, View};
use super::programs::Programs;
use super::synopsis::Stop;
use super::types::Type;
use super::{Operators, Policy, Rule};
use crate::command::{Command, CommandLine, Stage};
use attempt::Fitted;
use call::{Call, Candidate};

/// What came of holding one command against the policy.
#[must_use]
#[derive(Debug)]
pub struct Judgement {
    /// Whether it runs.
    pub decision: Decision,
    /// Every rule that names the program, and how far the words went in it.
    pub trace: Vec<Attempt>,
}

/// Allowed, with the right to run it, or denied, with the reason.
#[must_use]
#[derive(Debug)]
pub enum Decision {
    /// It runs.
    Allow(Box<Grant>),
    /// It does not.
    Deny(Box<Denial>),
}

/// One synopsis that was tried.
#[derive(Debug)]
pub struct Attempt {
    /// The group.
    pub group: String,
    /// The rule.
    pub rule: Rc<Rule>,
    /// The synopsis, as written.
    pub synopsis: String,
    /// How it went.
    pub outcome: Outcome,
}

/// How a synopsis took the words.
#[derive(Debug)]
pub enum Outcome {
    /// All words fit.
    Fits,
    /// Stopped at a word (an index among all words of the command, the program's being 0).
    Stopped(Stop),
    /// A glob the person typed gave nothing; the word's index.
    Glob(usize, ExpandFault),
    /// The current directory stands for a missing operand and does not match this type.
    Directory(Rc<Type>, PathRefusal),
    /// The rule's `when` does not hold now.
    NotNow,
    /// The group does not permit an operator that stands beside the command.
    Operator,
    /// The words fit, and this deny stands against them.
    Denied {
        /// The group that denies.
        group: String,
        /// What the deny says to the person.
        reason: Option<String>,
        /// The word that met it, where one did.
        word: Option<String>,
    },
}

/// What a judgement needs besides the words.
#[derive(Clone, Copy, Debug)]
pub struct Bench<'p> {
    /// The rules.
    pub policy: &'p Policy,
    /// How paths are resolved.
    pub view: &'p View,
    /// What program names mean.
    pub programs: &'p Programs,
    /// For `when`; without a clock (`[cases]`) every `when` holds.
    pub clock: Option<SystemTime>,
}

/// A command of a line with what came of it.
#[derive(Debug)]
pub struct Judged<'l> {
    /// The command and its place.
    pub stage: Stage<'l>,
    /// What came of it.
    pub judgement: Judgement,
}

/// Judges every command of a line, each with the operators that stand beside it. Whoever judges a line again goes
/// on with the same effort.
pub fn judge_line<'l>(bench: &Bench<'_>, line: &'l CommandLine, effort: &Effort) -> Vec<Judged<'l>> {
    judge_rest(bench, line, 0, effort)
}

/// As [`judge_line`], without the first `done` commands, whose turn is over.
pub fn judge_rest<'l>(
    bench: &Bench<'_>,
    line: &'l CommandLine,
    done: usize,
    effort: &Effort,
) -> Vec<Judged<'l>> {
    let stages: Vec<Stage<'l>> = line.commands().collect();
    let after = |index: usize| stages.get(index.saturating_add(1)).and_then(|next| next.after);
    let judged = |(index, stage): (usize, &Stage<'l>)| {
        let beside = Operators::beside(stage.after, after(index));
        Judged { stage: *stage, judgement: judge(bench, stage.command, beside, effort) }
    };
    stages.iter().enumerate().skip(done).map(judged).collect()
}

/// Judges one command. `beside` are the operators that stand before or after it.
fn judge(bench: &Bench<'_>, command: &Command, beside: Operators, effort: &Effort) -> Judgement {
    let mut judgement = judge_as_typed(bench, command, beside, effort);
    if let Decision::Deny(denial) = &mut judgement.decision {
        let meant = bench.meant(command, beside, &judgement.trace, effort);
        denial.suggest(meant.program.as_deref(), meant.command);
    }
    judgement
}

fn judge_as_typed(bench: &Bench<'_>, command: &Command, beside: Operators, effort: &Effort) -> Judgement {
    let words = match bench.with_alias(command.words()) {
        Ok(words) => words,
        Err(denial) => return Judgement::denied(denial, Vec::new()),
    };
    let Some(call) = Call::of(&words) else {
        return Judgement::denied(Box::new(Denial::sudo(&words, bench.elevates())), Vec::new());
    };
    let candidates = match bench.candidates(&call) {
        Ok(candidates) => candidates,
        Err(denial) => return Judgement::denied(denial, Vec::new()),
    };
    if candidates.is_empty() {
        return Judgement::denied(Box::new(bench.unknown(&call, beside, effort)), Vec::new());
    }
    let mut first_fit = None;
    let mut trace = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let outcome = match bench.attempt(&candidate, &call, beside, effort) {
            Ok(fitted) => {
                first_fit.get_or_insert_with(|| bench.grant(&candidate, fitted));
                Outcome::Fits
            }
            Err(outcome) => *outcome,
        };
        trace.push(Attempt {
            group: candidate.group.name.clone(),
            rule: Rc::clone(candidate.rule),
            synopsis: candidate.synopsis.text().to_owned(),
            outcome,
        });
    }
    // A deny that one reading of the words meets is a deny of the command.
    let denied = trace.iter().any(|attempt| matches!(attempt.outcome, Outcome::Denied { .. }));
    match first_fit {
        Some(grant) if !denied => Judgement { decision: Decision::Allow(Box::new(grant)), trace },
        Some(_) => Judgement::denied(Box::new(Denial::nearest(&words, call.first, &trace)), trace),
        None => {
            let otherwise = if denied { None } else { bench.run_otherwise(&call, beside, effort) };
            let denial = otherwise.unwrap_or_else(|| Denial::nearest(&words, call.first, &trace));
            Judgement::denied(Box::new(denial), trace)
        }
    }
}

impl Judgement {
    fn denied(denial: Box<Denial>, trace: Vec<Attempt>) -> Self {
        Self { decision: Decision::Deny(denial), trace }
    }
}

impl Bench<'_> {
    fn grant(&self, candidate: &Candidate<'_>, fitted: Fitted) -> Grant {
        let found = self.programs.find(candidate.name).map(|found| found.path);
        Grant {
            group: candidate.group.name.clone(),
            rule: Rc::clone(candidate.rule),
            synopsis: candidate.synopsis.text().to_owned(),
            program: found.unwrap_or_else(|| PathBuf::from(candidate.name)),
            name: candidate.name.to_owned(),
            arguments: fitted.fit.arguments,
            elevation: candidate.synopsis.elevation().cloned(),
            directory: fitted.directory,
            skipped: fitted.skipped,
            withheld: fitted.withheld,
        }
    }
}
