//! "Instead": the command with the one word mended that looks like a slip of the finger, offered only where the
//! rules allow it then.

use super::call::{Call, Sudo};
use super::{Attempt, Bench, Decision, Outcome, judge_as_typed};
use crate::command::{Builtin, Command};
use crate::excerpt::nearest;
use crate::policy::Operators;
use crate::policy::denial::{all_spelled, rank};
use crate::policy::paths::Effort;
use crate::policy::synopsis::Why;
use crate::policy::types::{Kind, Type};
use crate::words::{Operator, Word, quote};

/// Aliases and programs that elsewhere do the same, or nearly.
const ELSEWHERE: &[(&str, &str)] =
    &[("ll", "ls"), ("la", "ls"), ("l", "ls"), ("more", "less"), ("view", "less")];

/// What may have been meant.
#[derive(Debug, Default)]
pub(super) struct Meant {
    /// The program.
    pub(super) program: Option<String>,
    /// A whole command, which is allowed.
    pub(super) command: Option<String>,
}

impl Bench<'_> {
    /// Looks for the slip in a denied command.
    pub(super) fn meant(
        &self,
        command: &Command,
        beside: Operators,
        trace: &[Attempt],
        effort: &Effort,
    ) -> Meant {
        let words = command.words();
        let is_alias = words.first().is_some_and(|word| self.policy.aliases.contains_key(word.text()));
        let Some(call) = Call::of(words).filter(|_| !is_alias) else { return Meant::default() };
        if !trace.is_empty() && asks_for_help(&call) && beside == Operators::NONE {
            let program = call.program.rsplit('/').next().unwrap_or(call.program);
            return Meant { program: None, command: Some(format!("help {}", quote(program))) };
        }
        let program = if trace.is_empty() { self.nearest_program(&call) } else { None };
        let mended = match &program {
            Some(program) => Some((call.first.saturating_sub(1), program.clone())),
            None => nearest_word(words, trace),
        };
        let slip = mended.and_then(|(index, text)| {
            let mended = with_word(command, index, text)?;
            let judgement = judge_as_typed(self, &mended, beside, effort);
            matches!(judgement.decision, Decision::Allow(_)).then(|| spelled(mended.words()))
        });
        let command = slip.or_else(|| self.piped(command, beside, trace, effort));
        Meant { program, command }
    }

    /// Of a filter that takes no files, with files: the same with the files piped into it, where that is allowed.
    fn piped(
        &self,
        command: &Command,
        beside: Operators,
        trace: &[Attempt],
        effort: &Effort,
    ) -> Option<String> {
        let words = command.words();
        let Outcome::Stopped(stop) = &nearest_attempt(words, trace)?.outcome else { return None };
        if !matches!(stop.why, Why::Surplus) || beside != Operators::NONE {
            return None;
        }
        let (taken, surplus) = words.split_at_checked(stop.word)?;
        let (options, files): (Vec<Word>, Vec<Word>) =
            surplus.iter().cloned().partition(|word| word.text().starts_with('-'));
        let shows = Command::new([vec![Word::plain("cat")?], files].concat())?;
        let filters = Command::new([taken.to_vec(), options].concat())?;
        let may = |command: &Command, before, after| {
            let judgement = judge_as_typed(self, command, Operators::beside(before, after), effort);
            matches!(judgement.decision, Decision::Allow(_))
        };
        let is_allowed = may(&shows, None, Some(Operator::Pipe)) && may(&filters, Some(Operator::Pipe), None);
        is_allowed.then(|| format!("{} | {}", all_spelled(shows.words()), all_spelled(filters.words())))
    }

    /// Names of one or two letters are all near to each other, and what begins with a dash was no slip.
    fn nearest_program(&self, call: &Call<'_>) -> Option<String> {
        let alike = || self.all_candidates().filter(|candidate| Sudo::of(candidate.synopsis) == call.sudo);
        let names = || alike().map(|candidate| candidate.name.rsplit('/').next().unwrap_or(candidate.name));
        if let Some((_, here)) = ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == call.program) {
            return names().any(|name| name == *here).then(|| (*here).to_owned());
        }
        if call.program.len() < 3 || call.program.starts_with('-') || call.program.contains('/') {
            return None;
        }
        let builtins =
            Builtin::NAMES.iter().copied().filter(|_| call.sudo == Sudo::Absent && call.words.len() == 1);
        nearest(call.program, names().chain(builtins)).map(str::to_owned)
    }
}

/// Whether the words ask the program what it can do. Where it may be asked, this is not denied.
fn asks_for_help(call: &Call<'_>) -> bool {
    match call.arguments() {
        [only] => matches!(only.text(), "--help" | "-h" | "-?" | "--usage"),
        arguments => arguments.iter().any(|word| word.text() == "--help"),
    }
}

fn nearest_attempt<'t>(words: &[Word], trace: &'t [Attempt]) -> Option<&'t Attempt> {
    trace.iter().rev().max_by_key(|attempt| rank(&attempt.outcome, words.len()))
}

/// The word at which the nearest rule stopped, and the one it knows that is nearest to it.
fn nearest_word(words: &[Word], trace: &[Attempt]) -> Option<(usize, String)> {
    let Outcome::Stopped(stop) = &nearest_attempt(words, trace)?.outcome else { return None };
    let typed = words.get(stop.word)?.text();
    let near = match &stop.why {
        Why::UnknownOption { option, offered } => {
            let (name, value) = typed
                .split_once('=')
                .map_or((typed, ""), |(name, _)| (name, typed.get(name.len()..).unwrap_or_default()));
            let names = offered.iter().map(|option| option.split([' ', '=', '[']).next().unwrap_or(option));
            // `--` was no slip.
            nearest(name, names)
                .filter(|_| option == name && name != "--")
                .map(|near| format!("{near}{value}"))
        }
        Why::Expected { words, .. } => nearest(typed, words.iter().map(String::as_str)).map(str::to_owned),
        Why::Value { types, .. } => {
            nearest(typed, types.iter().flat_map(|one| choices(one))).map(str::to_owned)
        }
        Why::Excluded { .. }
        | Why::NeedsValue { .. }
        | Why::TakesNoValue { .. }
        | Why::Missing { .. }
        | Why::Surplus => None,
    };
    Some((stop.word, near?))
}

fn choices(wanted: &Type) -> impl Iterator<Item = &str> {
    let values = match &wanted.kind {
        Kind::OneOf(values) => values.as_slice(),
        Kind::Path(_) | Kind::Regex(_) | Kind::Integer { .. } | Kind::BuiltIn(_) => &[],
    };
    values.iter().map(String::as_str)
}

fn with_word(command: &Command, index: usize, text: String) -> Option<Command> {
    let mut words = command.words().to_vec();
    let word = words.get_mut(index)?;
    *word = word.with_text(text)?;
    command.with_words(words)
}

fn spelled(words: &[Word]) -> String {
    words.iter().map(|word| quote(word.text())).collect::<Vec<_>>().join(" ")
}
