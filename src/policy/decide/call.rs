//! A command taken apart, and the rules that name its program.

use super::Bench;
use crate::excerpt::Span;
use crate::policy::denial::{Denial, Unknown, all_spelled};
use crate::policy::paths::Effort;
use crate::policy::synopsis::{Elevation, Synopsis};
use crate::policy::{Alias, Group, Operators, Rule};
use crate::words::Word;
use std::rc::Rc;

/// Whether sudo stands before a program, and as whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sudo<'c> {
    Absent,
    Root,
    User(&'c str),
}

impl<'c> Sudo<'c> {
    pub(super) fn of(synopsis: &'c Synopsis) -> Self {
        match synopsis.elevation() {
            None => Self::Absent,
            Some(Elevation { user: None }) => Self::Root,
            Some(Elevation { user: Some(user) }) => Self::User(user),
        }
    }
}

impl Sudo<'_> {
    /// As it is typed; `None` without sudo.
    fn words(self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::Root => Some("sudo".to_owned()),
            Self::User(user) => Some(format!("sudo -u {user}")),
        }
    }

    fn before(self, command: &str) -> String {
        self.words().map_or_else(|| command.to_owned(), |sudo| format!("{sudo} {command}"))
    }
}

/// A command taken apart: whether sudo stands before it, and where its program is among the words.
pub(super) struct Call<'c> {
    pub(super) words: &'c [Word],
    pub(super) sudo: Sudo<'c>,
    pub(super) program: &'c str,
    /// Index of the first argument among the words.
    pub(super) first: usize,
}

impl<'c> Call<'c> {
    /// `None` when nothing follows sudo, or something sudo would read as an option of its own.
    pub(super) fn of(words: &'c [Word]) -> Option<Self> {
        let text = |at: usize| words.get(at).map(Word::text);
        let (sudo, at) = match (text(0)?, text(1)) {
            ("sudo", Some("-u")) => (Sudo::User(text(2)?), 3),
            ("sudo", _) => (Sudo::Root, 1),
            (_, _) => (Sudo::Absent, 0),
        };
        let program = text(at)?;
        let is_option = sudo != Sudo::Absent && program.starts_with('-');
        (!is_option).then_some(Self { words, sudo, program, first: at.saturating_add(1) })
    }

    pub(super) fn is_elevated(&self) -> bool {
        self.sudo != Sudo::Absent
    }

    pub(super) fn arguments(&self) -> &'c [Word] {
        self.words.get(self.first..).unwrap_or_default()
    }

    /// Where the program stands in the line.
    pub(super) fn program_span(&self) -> Span {
        self.words.get(self.first.saturating_sub(1)).map(Word::span).unwrap_or_default()
    }

    fn is_elevated_like(&self, synopsis: &Synopsis) -> bool {
        self.sudo == Sudo::of(synopsis)
    }
}

/// A synopsis that may take the call, with the name the rule has for the program.
pub(super) struct Candidate<'p> {
    pub(super) group: &'p Group,
    pub(super) rule: &'p Rc<Rule>,
    pub(super) synopsis: &'p Synopsis,
    pub(super) name: &'p str,
}

impl Candidate<'_> {
    pub(super) fn is_elevated(&self) -> bool {
        self.synopsis.elevation().is_some()
    }
}

impl<'p> Bench<'p> {
    /// The words with an alias in first place filled in. Once: what it stands for is not looked up again.
    pub(super) fn with_alias(&self, words: &[Word]) -> Result<Vec<Word>, Box<Denial>> {
        let Some((first, rest)) = words.split_first() else { return Ok(Vec::new()) };
        match self.policy.aliases.get(first.text()) {
            None => Ok(words.to_vec()),
            Some(Alias::Conflict(groups)) => Err(Box::new(Denial::alias(first.text(), groups))),
            Some(Alias::Hides { alias, program }) => {
                Err(Box::new(Denial::hidden(first.text(), alias, program)))
            }
            Some(Alias::Words(texts)) => {
                let found = texts.iter().filter_map(|text| Word::found(text.clone(), first.span()));
                Ok(found.chain(rest.iter().cloned()).collect())
            }
        }
    }

    pub(super) fn all_candidates(&self) -> impl Iterator<Item = Candidate<'p>> + use<'p> {
        self.policy.groups.iter().flat_map(|group| {
            group.rules.iter().flat_map(move |rule| {
                rule.synopses.iter().flat_map(move |synopsis| {
                    let candidate = move |name: &'p String| Candidate { group, rule, synopsis, name };
                    synopsis.programs().iter().map(candidate)
                })
            })
        })
    }

    /// Whether any rule runs something through sudo.
    pub(super) fn elevates(&self) -> bool {
        self.all_candidates().any(|candidate| candidate.is_elevated())
    }

    /// Rules whose program the call names, in the order in which they would launch it.
    pub(super) fn candidates(&self, call: &Call<'_>) -> Result<Vec<Candidate<'p>>, Box<Denial>> {
        let named = |candidate: &Candidate<'p>| names(candidate.name, call.program);
        let alike = |candidate: &Candidate<'p>| call.is_elevated_like(candidate.synopsis);
        let mut found: Vec<_> = self.all_candidates().filter(|c| alike(c) && named(c)).collect();
        // A rule that says the bare name means it; one that says a path is reached by that.
        if found.iter().any(|c| c.name == call.program) {
            found.retain(|c| c.name == call.program || self.programs.same(c.name, call.program));
        }
        let is_path = call.program.contains('/');
        let is_worth_asking = (is_path || found.is_empty())
            && (!is_path || call.program.starts_with('/'))
            && self.programs.may_have_other_names(call.program);
        if is_worth_asking {
            // Another spelling of a program that a rule names; the host is asked only here.
            let same = |c: &Candidate<'p>| c.name == call.program || self.programs.same(c.name, call.program);
            found = self.all_candidates().filter(|c| alike(c) && same(c)).collect();
        }
        self.refuse_ambiguous(call, &found)?;
        Ok(found)
    }

    /// One last part, two different files: the person must type the full path.
    fn refuse_ambiguous(&self, call: &Call<'_>, found: &[Candidate<'_>]) -> Result<(), Box<Denial>> {
        let Some(first) = found.first() else { return Ok(()) };
        match found.iter().find(|other| !self.programs.same(first.name, other.name)) {
            Some(other) => Err(Box::new(Denial::ambiguous(call.program, first.name, other.name))),
            None => Ok(()),
        }
    }

    /// No rule names the program: whether it would be allowed with sudo, or without it, is worth saying.
    pub(super) fn unknown(&self, call: &Call<'_>, beside: Operators, effort: &Effort) -> Denial {
        let groups = self.policy.groups.iter().map(|group| group.name.clone()).collect();
        self.run_otherwise(call, beside, effort).unwrap_or_else(|| {
            let (words, program, arguments) = (call.words, call.program, call.arguments());
            Denial::unknown(&Unknown { words, program, typed: call.sudo.before(program), arguments }, groups)
        })
    }

    /// The denial of words that are allowed with sudo, without it, or as another user.
    pub(super) fn run_otherwise(
        &self,
        call: &Call<'_>,
        beside: Operators,
        effort: &Effort,
    ) -> Option<Denial> {
        let is_allowed = |candidate: &Candidate<'_>| {
            let sudo = Sudo::of(candidate.synopsis);
            let otherwise = Call { words: call.words, sudo, program: call.program, first: call.first };
            sudo != call.sudo
                && names(candidate.name, call.program)
                && self.attempt(candidate, &otherwise, beside, effort).is_ok()
        };
        let allowed = self.all_candidates().find(is_allowed)?;
        let command = call.words.get(call.first.saturating_sub(1)..).unwrap_or_default();
        let instead = Sudo::of(allowed.synopsis).before(&all_spelled(command));
        Some(Denial::otherwise(call.words, call.sudo.words().as_deref(), instead))
    }
}

/// Whether a rule's name for a program is the one typed: spelled alike, or an absolute rule's last part.
pub(super) fn names(rule: &str, typed: &str) -> bool {
    let last_part = rule.strip_prefix('/').and_then(|path| path.rsplit('/').next());
    rule == typed || (!typed.is_empty() && last_part == Some(typed))
}
