//! What stands against a command in one rule: which word, and why, in the person's words.

use super::value::value_text;
use crate::excerpt::escape;
use crate::policy::Deny;
use crate::policy::decide::{Attempt, Outcome};
use crate::policy::denial::Ground;
use crate::policy::glob::Glob;
use crate::policy::listing;
use crate::policy::paths::{ExpandFault, PathRefusal};
use crate::policy::synopsis::{Stop, Why};
use crate::words::Word;

/// What stands against a command in the rule that came nearest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    pub(super) ground: Ground,
    /// "word 2", "missing", "here", "when"...
    pub(super) label: String,
    pub(super) text: String,
    /// The text says all there is to say, and no rule need be shown.
    pub(super) is_whole: bool,
}

impl Nearest {
    pub(super) fn of(attempt: &Attempt, words: &[Word]) -> Self {
        match &attempt.outcome {
            Outcome::Fits => {
                Self::new(Ground::DenyRule, "also", "another rule fits, and a deny stands against it".into())
            }
            Outcome::Stopped(stop) => Self::stopped(stop, words),
            Outcome::Glob(word, fault) => Self::glob(*word, words, *fault),
            Outcome::Directory(wanted, refusal) => {
                let limits = format!("<{}>: {}", wanted.name, wanted.describe_short());
                let text = match refusal {
                    PathRefusal::NoMatch => format!("the current directory does not match {limits}"),
                    other => format!("the current directory {} ({limits})", other.words()),
                };
                Self::new(Ground::DirectoryNotAllowed, "here", text)
            }
            Outcome::NotNow => {
                let when = attempt.rule.when.as_ref().map(listing::when).unwrap_or_default();
                Self::new(Ground::OutsideWhen, "when", format!("this rule holds only {when}"))
            }
            Outcome::Operator => {
                let text = format!("{} does not permit the operators beside it", attempt.group);
                Self::new(Ground::OperatorNotAllowed, "joined", text)
            }
            Outcome::Denied { group, reason, word } => {
                Self::denied(group, reason.as_deref(), word.as_deref())
            }
        }
    }

    fn new(ground: Ground, label: &str, text: String) -> Self {
        Self { ground, label: label.to_owned(), text, is_whole: false }
    }

    fn denied(group: &str, reason: Option<&str>, word: Option<&str>) -> Self {
        let word = word.map(|word| format!("{}: ", escape(word))).unwrap_or_default();
        let reason = reason.map_or_else(|| format!("denied by {group}"), |r| format!("{r} ({group})"));
        Self::new(Ground::DenyRule, "denied", format!("{word}{reason}"))
    }

    /// What a deny says to the person of a word.
    pub(in crate::policy) fn denied_by(deny: &Deny, word: &str) -> Self {
        Self::denied(&deny.group, deny.reason.as_deref(), Some(word))
    }

    fn stopped(stop: &Stop, words: &[Word]) -> Self {
        let number = stop.word.saturating_add(1);
        let Some(word) = words.get(stop.word) else {
            let text = match &stop.why {
                Why::Missing { what } => what.clone(),
                why => why.to_string(),
            };
            return Self::new(Ground::NoMatch, "missing", text);
        };
        let word = stop.found.as_deref().unwrap_or(word.text());
        let word = if word.is_empty() { "''".to_owned() } else { escape(word) };
        let text = match &stop.why {
            Why::Value { types, refusal } => value_text(&word, types, refusal),
            Why::Surplus => format!("{word}: {}", stop.why),
            why => why.to_string(),
        };
        Self::new(Ground::NoMatch, &format!("word {number}"), text)
    }

    fn glob(at: usize, words: &[Word], fault: ExpandFault) -> Self {
        let word = words.get(at).map(|word| escape(word.text())).unwrap_or_default();
        let (is_whole, text) = match fault {
            ExpandFault::NoMatch => {
                let here = if word.contains('/') { "" } else { " here" };
                (true, format!("{word} matches no file{here} that you may name"))
            }
            ExpandFault::NoWord => (true, format!("{word}: {fault}")),
            ExpandFault::TooMany => (false, format!("{word} matches more than 1,000 names: narrow it")),
            ExpandFault::TooMuchWork => {
                (false, format!("{word} would have to look at too many names: narrow it"))
            }
            ExpandFault::Syntax => {
                (false, format!("{word}: a [ without its ] (quote it to mean the character)"))
            }
            ExpandFault::Climbs => (false, format!("{word}: .. cannot stand after a pattern")),
        };
        let label = format!("word {}", at.saturating_add(1));
        Self { is_whole, ..Self::new(Ground::GlobFailed, &label, text) }
    }

    /// `cd` somewhere it may not.
    pub(in crate::policy) fn directory<'g>(
        typed: &str,
        globs: impl Iterator<Item = &'g Glob>,
        refusal: PathRefusal,
    ) -> Self {
        let typed = escape(typed);
        let globs: Vec<&str> = globs.map(Glob::text).collect();
        let text = match refusal {
            PathRefusal::NoMatch if globs.is_empty() => "no rule of yours opens a directory".to_owned(),
            PathRefusal::NoMatch => format!("{typed} does not match {}", globs.join(", ")),
            PathRefusal::Missing => format!("{typed}: no such directory"),
            PathRefusal::WrongObject(what) => format!("{typed} is {what}"),
            other => format!("{typed}: {}", other.words()),
        };
        Self::new(Ground::DirectoryNotAllowed, "cd", text)
    }

    pub(in crate::policy) fn denied_directory(typed: &str, reason: Option<&str>) -> Self {
        Self::new(Ground::DenyRule, "cd", format!("{}: {}", escape(typed), reason.unwrap_or("denied")))
    }

    /// What stood against the words in a rule that was tried; nothing where they fit.
    pub fn stood_against(attempt: &Attempt, words: &[Word]) -> Option<Self> {
        (!matches!(attempt.outcome, Outcome::Fits)).then(|| Self::of(attempt, words))
    }

    /// What the text is about: "word 2", "missing", "when"...
    pub fn label(&self) -> &str {
        &self.label
    }

    /// One line.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What kind of reason it is.
    pub fn ground(&self) -> Ground {
        self.ground
    }
}

/// A deny outranks everything; else the more words fitted, the nearer.
pub(in crate::policy) fn rank(outcome: &Outcome, words: usize) -> usize {
    match outcome {
        Outcome::Denied { .. } => usize::MAX,
        Outcome::Directory(..) | Outcome::NotNow | Outcome::Operator => words.saturating_add(1),
        Outcome::Stopped(stop) => stop.word,
        Outcome::Glob(word, _) => *word,
        Outcome::Fits => 0,
    }
}
