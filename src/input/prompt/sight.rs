//! What can be seen of a line while it is typed: which words no rule can take any more, why, and what may follow.

use std::time::SystemTime;

use super::{KEYS, spaced_once};
use crate::command::Builtin;
use crate::excerpt::{Span, escape};
use crate::policy::decide::Bench;
use crate::policy::decide::ahead::{Ahead, Answers, Foresight, Way, attached};
use crate::policy::paths::View;
use crate::policy::programs::Programs;
use crate::policy::synopsis::{Pattern, Spelling, Synopsis};
use crate::policy::types::{Kind, Type};
use crate::policy::{Operators, Policy};
use crate::words::{Operator, Partial, Quote, Token, Word, cut_until};

/// Ways a command may go on that a hint looks at.
const FORMS: usize = 3;

/// What a line is looked at with: good as long as one line is typed.
pub(super) struct Eyes<'a> {
    pub(super) policy: &'a Policy,
    pub(super) view: &'a View,
    pub(super) programs: &'a Programs,
    pub(super) answers: &'a Answers,
    pub(super) home: &'a str,
}

/// One command of a line as far as it is typed.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) words: Vec<Word>,
    pub(super) before: Option<Operator>,
    pub(super) after: Option<Operator>,
    /// Where the operator before it stands.
    at: Span,
}

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sight {
    /// The words that no rule can take.
    pub(super) wrong: Vec<Span>,
    /// Why the first of them is wrong, in one line.
    pub(super) reason: Option<String>,
    /// What may follow.
    pub(super) rest: Option<String>,
}

impl Typed {
    pub(super) fn beside(&self) -> Operators {
        Operators::beside(self.before, self.after)
    }
}

/// The commands of a line; the last is the one the cursor stands in, without the word it stands at.
pub(super) fn commands(tokens: &[Token]) -> Vec<Typed> {
    let mut commands = vec![Typed::default()];
    for token in tokens {
        match (token, commands.last_mut()) {
            (Token::Word(word), Some(last)) => last.words.push(word.clone()),
            (Token::Operator(operator, span), Some(last)) => {
                last.after = Some(*operator);
                commands.push(Typed { before: Some(*operator), at: *span, ..Typed::default() });
            }
            (Token::Word(_) | Token::Operator(..), None) => {}
        }
    }
    commands
}

impl<'a> Eyes<'a> {
    pub(super) fn foresight(&self) -> Foresight<'a> {
        let bench = Bench {
            policy: self.policy,
            view: self.view,
            programs: self.programs,
            clock: Some(SystemTime::now()),
        };
        Foresight::new(bench, self.answers)
    }

    /// Looks at a whole line; its last word is taken for one that is still being typed.
    pub(super) fn look(&self, line: &str) -> Sight {
        let mut sight = Sight::default();
        // Several lines are looked at one by one, when they run.
        if line.trim().is_empty() || line.contains('\n') || is_about_keys(line) {
            return sight;
        }
        let partial = cut_until(line, self.home);
        let mut commands = commands(&partial.tokens);
        let current = commands.pop().unwrap_or_default();
        let is_joined = !commands.is_empty();
        for command in &commands {
            self.look_at_whole(command, &mut sight);
        }
        match &partial.fault {
            Some(fault) => {
                let message = fault.message();
                let text = message.split_once(": ").map_or(message.as_str(), |(_, text)| text);
                sight.is_wrong(fault.span(), text);
            }
            None => self.look_at_current(&partial, &current, is_joined, &mut sight),
        }
        sight
    }

    fn look_at_whole(&self, command: &Typed, sight: &mut Sight) {
        let Some(first) = command.words.first() else { return };
        if Builtin::NAMES.contains(&first.text()) {
            sight.is_wrong(first.span(), &format!("{} stands alone on a line", first.text()));
            return;
        }
        let ahead = self.foresight().after(&command.words, command.beside(), 1);
        sight.note(&ahead, command);
    }

    fn look_at_current(&self, partial: &Partial, command: &Typed, joined: bool, sight: &mut Sight) {
        let last = Last::of(partial);
        match self.foresight().programs(&command.words, command.beside(), last.text) {
            Some(programs) => {
                let builtins = if joined || !command.words.is_empty() { &[] } else { Builtin::NAMES };
                let names = programs.iter().map(String::as_str).chain(builtins.iter().copied());
                let begun = names.into_iter().any(|name| name.starts_with(last.text));
                self.look_at_program(&last, begun, command, sight);
            }
            None => match command.words.first().map(Word::text) {
                Some("cd") => self.look_at_directory(&last, sight),
                Some(name) if Builtin::NAMES.contains(&name) => {}
                Some(_) | None => self.look_at_argument(&last, command, sight),
            },
        }
    }

    fn look_at_program(&self, last: &Last<'_>, begun: bool, command: &Typed, sight: &mut Sight) {
        let Some(words) = last.added_to(command) else { return };
        let ahead = self.foresight().after(&words, command.beside(), FORMS);
        if !begun && !last.text.is_empty() && !self.is_path_of_program(last.text) {
            let reason = ahead.standstill.map(|stand| stand.reason);
            let unknown = || format!("no rule names {}", escape(last.text));
            sight.is_wrong(last.span, &reason.unwrap_or_else(unknown));
        } else {
            sight.rest = rest(&ahead.ways).map(|rest| format!(" {rest}"));
        }
    }

    /// Where `cd` would go; `-` is back, wherever that is.
    fn look_at_directory(&self, last: &Last<'_>, sight: &mut Sight) {
        let foresight = self.foresight();
        if !last.is_nothing && last.text != "-" && !foresight.may_enter(last.text) {
            sight.is_wrong(last.span, &format!("no rule opens {}", escape(last.text)));
        }
    }

    fn look_at_argument(&self, last: &Last<'_>, command: &Typed, sight: &mut Sight) {
        let foresight = self.foresight();
        let words = match last.is_nothing {
            true => command.words.clone(),
            false => last.added_to(command).unwrap_or_default(),
        };
        let ahead = foresight.after(&words, command.beside(), FORMS);
        if !ahead.ways.is_empty() {
            let blank = if last.is_nothing { "" } else { " " };
            sight.rest = rest(&ahead.ways).map(|rest| format!("{blank}{rest}"));
        } else if last.is_nothing || !self.may_go_on(last, command) {
            let denied = || foresight.denial_of_all(&command.words, command.beside(), last.text);
            match Some(last).filter(|last| !last.is_nothing).and_then(|_| denied()) {
                Some(reason) => sight.is_wrong(last.span, &reason),
                None => sight.note(&ahead, command),
            }
        } else {
            let ways = foresight.after(&command.words, command.beside(), FORMS).ways;
            sight.rest = ways.first().and_then(|way| value_of_option(way, last.text));
        }
    }

    /// Whether the last word can still become one that some rule takes.
    fn may_go_on(&self, last: &Last<'_>, command: &Typed) -> bool {
        let foresight = self.foresight();
        match last.is_pattern {
            true => !foresight.after(&command.words, command.beside(), 1).ways.is_empty(),
            false => foresight.may_go_on(&command.words, command.beside(), last.text),
        }
    }

    /// A program may be typed by its full path.
    fn is_path_of_program(&self, start: &str) -> bool {
        let rules = self.policy.groups.iter().flat_map(|group| &group.rules);
        let mut names = rules.flat_map(|rule| &rule.synopses).flat_map(Synopsis::programs);
        let found = |name: &String| self.programs.find(name);
        start.starts_with('/')
            && names.any(|name| {
                name.starts_with(start)
                    || found(name).is_some_and(|found| found.path.to_string_lossy().starts_with(start))
            })
    }
}

/// The word the cursor stands at.
struct Last<'p> {
    text: &'p str,
    span: Span,
    /// Not even an opening quote is typed of it.
    is_nothing: bool,
    /// It is expanded only when the line is entered.
    is_pattern: bool,
}

impl<'p> Last<'p> {
    fn of(partial: &'p Partial) -> Self {
        let last = &partial.last;
        // Quotes make it longer, and nothing stands behind it.
        let end = last.start.saturating_add(last.text.len().max(1)).saturating_add(2);
        Self {
            text: &last.text,
            span: Span::new(last.start, end),
            is_nothing: last.text.is_empty() && last.quote == Quote::None,
            is_pattern: !last.magic.is_empty(),
        }
    }

    /// The words of the command with this one.
    fn added_to(&self, command: &Typed) -> Option<Vec<Word>> {
        let word = Word::found(self.text.to_owned(), self.span)?;
        Some(command.words.iter().cloned().chain(std::iter::once(word)).collect())
    }
}

/// One of [`KEYS`] as far as it is typed: the prompt itself does what it says.
fn is_about_keys(line: &str) -> bool {
    let typed = spaced_once(line);
    typed.starts_with("set") && KEYS.iter().any(|(whole, _)| whole.starts_with(&typed))
}

impl Sight {
    /// Notes where no rule goes on. With rules that would but for the operators, the operator is what is wrong.
    fn note(&mut self, ahead: &Ahead<'_>, command: &Typed) {
        match &ahead.standstill {
            _ if !ahead.ways.is_empty() => {}
            Some(stand) => self.is_wrong(stand.span, &stand.reason),
            None => self.is_wrong(command.at, "your group does not join commands this way"),
        }
    }

    fn is_wrong(&mut self, span: Span, reason: &str) {
        self.wrong.push(span);
        self.reason.get_or_insert_with(|| reason.to_owned());
    }
}

/// What may follow, as the synopsis that comes first writes it; with what its next value may be, where that is a
/// number or a choice.
fn rest(ways: &[Way<'_>]) -> Option<String> {
    let first = ways.first()?;
    let mut text = first.expected.rest.clone();
    let next = first.expected.values.first().filter(|_| text.starts_with('<')).map(|pattern| told(pattern));
    if let (Some(told), Some((_, behind))) = (next, text.split_once('>')) {
        text = format!("{told}{behind}");
    }
    if ways.iter().skip(1).any(|way| way.expected.rest != first.expected.rest) {
        text.push_str("   or ...");
    }
    (!text.is_empty()).then_some(text)
}

/// `<rows: 1 to 10000>`; `<log>`.
fn told(pattern: &Pattern) -> String {
    match pattern.value.as_deref() {
        Some(wanted) if is_short(wanted) => format!("<{}: {}>", wanted.name, wanted.describe_short()),
        Some(wanted) => format!("<{}>", wanted.name),
        None => pattern.to_string(),
    }
}

/// Behind `--since=`, what may stand there.
fn value_of_option(way: &Way<'_>, typed: &str) -> Option<String> {
    let called = |spelling: &&&Spelling| attached(spelling) == typed;
    let value = way.expected.options.iter().find(called)?.value.as_ref()?;
    value.patterns.first().filter(|_| typed.ends_with('=')).map(told)
}

/// Whether what a type takes is said in few words.
fn is_short(wanted: &Type) -> bool {
    match &wanted.kind {
        Kind::Integer { .. } | Kind::BuiltIn(_) => true,
        Kind::OneOf(values) => values.len() <= 8,
        Kind::Path(_) | Kind::Regex(_) => false,
    }
}
