//! A denial in the person's words: what was refused, by which rule, at which word, and what would work. At most
//! 80 columns a line, because a serial console has no more, and fewer where a terminal is narrower.

mod habits;
mod layout;
mod nearest;
mod value;

use super::decide::Attempt;
use super::{Explain, Policy};
use crate::command::Stage;
use crate::excerpt::{COLUMNS, columns_of, escape, fold};
use crate::words::{Operator, Word, quote};
use layout::{INDENT, block, clip, message, rule_lines};
pub use nearest::Nearest;
pub(super) use nearest::rank;

/// Why a command does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The command as typed, escaped for display.
    command: String,
    cause: Cause,
    /// What was probably meant, and is allowed.
    instead: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cause {
    /// No rule names the program.
    Unknown { program: String, groups: Vec<String>, way_out: WayOut },
    /// Allowed with sudo in front, without it, or as another user.
    Otherwise { asked: Option<String>, instead: String },
    /// sudo with options of its own, or with nothing behind it; whether any rule uses it.
    Sudo { is_used: bool },
    /// An alias that two groups give different texts, or that is a program to one of them.
    Alias { reason: String },
    /// Two programs share the name.
    Ambiguous { program: String, one: String, other: String },
    /// A rule names the program, and this stands against it.
    Rule { synopsis: String, group: String, name: String, nearest: Nearest },
}

/// A command whose program no rule names.
pub(super) struct Unknown<'c> {
    /// All words.
    pub(super) words: &'c [Word],
    /// The program, as typed.
    pub(super) program: &'c str,
    /// The same with the sudo before it.
    pub(super) typed: String,
    /// What stands behind it.
    pub(super) arguments: &'c [Word],
}

/// What is worth trying in place of a program that no rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum WayOut {
    /// `help`.
    Help,
    /// A program of almost that name.
    Nearest(String),
    /// What there is here for something that shells have.
    Habit(String),
}

/// What kind of reason a denial has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// No rule names the program.
    NoRule,
    /// The words do not fit.
    NoMatch,
    /// A name means two things.
    AmbiguousName,
    /// A deny stands against it.
    DenyRule,
    /// The group does not permit an operator beside it.
    OperatorNotAllowed,
    /// A directory may not be entered, or not stand for a missing operand.
    DirectoryNotAllowed,
    /// A glob gave nothing, or too much.
    GlobFailed,
    /// The rule's `when` does not hold.
    OutsideWhen,
}

/// Where a denied command stands, for the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// How many `|` stand before it in its pipeline.
    pub pipes_before: usize,
    /// What became of the line's other commands.
    pub others: Others,
    /// Programs that the person may use after a pipe.
    pub filters: Vec<String>,
}

/// What became of the other commands of a line of which one is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Others {
    /// There are none.
    #[default]
    None,
    /// None of them ran.
    NotRun,
    /// Some had their turn before; the rest does not run.
    Begun,
}

impl Denial {
    /// No rule names the program.
    pub(super) fn unknown(call: &Unknown<'_>, groups: Vec<String>) -> Self {
        let habit = habits::way_out(call.program, call.arguments);
        let way_out = habit.map_or(WayOut::Help, WayOut::Habit);
        let cause = Cause::Unknown { program: escape(&call.typed), groups, way_out };
        Self { command: spelled(call.words), cause, instead: None }
    }

    /// The very command is allowed as `instead`, behind other words than those `asked`: `sudo`, `sudo -u NAME`.
    pub(super) fn otherwise(words: &[Word], asked: Option<&str>, instead: String) -> Self {
        let cause = Cause::Otherwise { asked: asked.map(escape), instead };
        Self { command: spelled(words), cause, instead: None }
    }

    pub(super) fn alias(word: &str, groups: &[String]) -> Self {
        let reason = format!("{} is an alias that {} read differently", escape(word), groups.join(" and "));
        Self { command: escape(word), cause: Cause::Alias { reason }, instead: None }
    }

    pub(super) fn hidden(word: &str, alias: &str, program: &str) -> Self {
        let reason = format!("{} is an alias in {alias} and a program in {program}", escape(word));
        Self { command: escape(word), cause: Cause::Alias { reason }, instead: None }
    }

    pub(super) fn sudo(words: &[Word], is_used: bool) -> Self {
        Self { command: spelled(words), cause: Cause::Sudo { is_used }, instead: None }
    }

    pub(super) fn ambiguous(program: &str, one: &str, other: &str) -> Self {
        let program = escape(program);
        let cause =
            Cause::Ambiguous { program: program.clone(), one: one.to_owned(), other: other.to_owned() };
        Self { command: program, cause, instead: None }
    }

    /// From the attempt that came nearest: a deny that the words met, or else the rule that took most words.
    pub(super) fn nearest(words: &[Word], first_argument: usize, trace: &[Attempt]) -> Self {
        let command = spelled(words);
        let furthest = trace.iter().rev().max_by_key(|attempt| rank(&attempt.outcome, words.len()));
        let cause = match furthest {
            Some(attempt) => Cause::Rule {
                synopsis: attempt.synopsis.clone(),
                group: attempt.group.clone(),
                name: attempt.rule.name.clone(),
                nearest: Nearest::of(attempt, words),
            },
            None => Cause::Unknown {
                program: command_name(words, first_argument),
                groups: Vec::new(),
                way_out: WayOut::Help,
            },
        };
        Self { command, cause, instead: None }
    }

    /// What was probably meant: another program, and a whole command which is allowed.
    pub(super) fn suggest(&mut self, program: Option<&str>, command: Option<String>) {
        if let Cause::Unknown { way_out, .. } = &mut self.cause {
            if matches!(way_out, WayOut::Habit(_)) {
                return;
            }
            *way_out = program.map_or(WayOut::Help, |program| WayOut::Nearest(escape(program)));
        }
        self.instead = command.map(|command| clip(&escape(&command), COLUMNS.saturating_sub(INDENT)));
    }

    /// What kind of reason it has.
    pub fn ground(&self) -> Ground {
        match &self.cause {
            Cause::Unknown { .. } | Cause::Otherwise { .. } => Ground::NoRule,
            Cause::Sudo { .. } => Ground::NoMatch,
            Cause::Alias { .. } | Cause::Ambiguous { .. } => Ground::AmbiguousName,
            Cause::Rule { nearest, .. } => nearest.ground,
        }
    }

    /// The rule that came nearest: its group, its name, its synopsis.
    pub fn rule(&self) -> Option<(&str, &str, &str)> {
        match &self.cause {
            Cause::Rule { synopsis, group, name, .. } => Some((group, name, synopsis)),
            Cause::Unknown { .. }
            | Cause::Otherwise { .. }
            | Cause::Sudo { .. }
            | Cause::Alias { .. }
            | Cause::Ambiguous { .. } => None,
        }
    }

    /// The reason in one line, for the audit record and for scripts.
    pub fn reason(&self) -> String {
        match &self.cause {
            Cause::Unknown { program, groups, .. } => unknown_reason(program, groups),
            Cause::Otherwise { instead, .. } => format!("allowed only as {instead}"),
            Cause::Alias { reason } => reason.clone(),
            Cause::Sudo { .. } => "sudo takes only -u NAME here, and a command after it".to_owned(),
            Cause::Ambiguous { program, one, other } => {
                format!("{program} may be {one} or {other}: type the full path")
            }
            Cause::Rule { nearest, .. } => format!("{}: {}", nearest.label, nearest.text),
        }
    }

    /// What the person reads, in rows of at most `width` columns: the first begins `gatesh:`.
    pub fn lines(&self, explain: Explain, setting: &Setting, width: usize) -> Vec<String> {
        let place = setting.place();
        let refused = |what: &str| {
            let start = "not allowed: ";
            let room = COLUMNS.saturating_sub("gatesh: ".len() + start.len()).saturating_sub(place.len());
            message(&format!("{start}{}{place}", clip(what, room)), width)
        };
        let mut lines = match &self.cause {
            Cause::Otherwise { asked, instead } => otherwise_lines(asked.as_deref(), instead, width),
            _ if explain == Explain::Brief => refused(&self.command),
            Cause::Unknown { program, groups, way_out } => {
                [refused(program), fold("  ", "  ", &unknown_reason_line(groups, way_out), width)].concat()
            }
            Cause::Alias { .. } | Cause::Ambiguous { .. } | Cause::Sudo { .. } => {
                [refused(&self.command), block("", &self.reason(), width)].concat()
            }
            Cause::Rule { nearest, .. } if nearest.is_whole => {
                message(&format!("{}{place}", nearest.text), width)
            }
            Cause::Rule { synopsis, group, nearest, .. } => [
                refused(&self.command),
                rule_lines(synopsis, group, width),
                block(&nearest.label, &nearest.text, width),
            ]
            .concat(),
        };
        if explain == Explain::Full {
            lines.extend(self.instead(setting).iter().flat_map(|instead| block("instead", instead, width)));
        }
        lines
    }

    /// What would work.
    fn instead(&self, setting: &Setting) -> Vec<String> {
        let piped = (setting.pipes_before > 0 && !setting.filters.is_empty())
            .then(|| format!("{} are allowed after a pipe", setting.filters.join(", ")));
        let elevated = matches!(self.cause, Cause::Sudo { is_used: true })
            .then(|| "help sudo lists what you may run with it".to_owned());
        [self.instead.clone(), piped, elevated].into_iter().flatten().collect()
    }
}

impl Setting {
    /// Of one command of a line that has `stages`, of which `done` had their turn.
    pub fn of(policy: &Policy, stage: &Stage<'_>, stages: usize, done: usize) -> Self {
        let is_piped = stage.after == Some(Operator::Pipe);
        Self {
            pipes_before: if is_piped { stage.nth } else { 0 },
            others: match (stages, done) {
                (0 | 1, _) => Others::None,
                (_, 0) => Others::NotRun,
                (..) => Others::Begun,
            },
            filters: if is_piped { super::listing::filters(policy) } else { Vec::new() },
        }
    }

    fn place(&self) -> String {
        const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];
        let pipe = match self.pipes_before.checked_sub(1) {
            Some(index) => match ORDINALS.get(index) {
                Some(ordinal) => format!(" (after the {ordinal} |)"),
                None => format!(" (after | number {})", self.pipes_before),
            },
            None => String::new(),
        };
        let rest = match self.others {
            Others::None => "",
            Others::NotRun => "    nothing was run",
            Others::Begun => "    the rest was not run",
        };
        format!("{pipe}{rest}")
    }
}

fn unknown_reason(program: &str, groups: &[String]) -> String {
    format!("no rule of {} names {program}", list(groups))
}

fn unknown_reason_line(groups: &[String], way_out: &WayOut) -> String {
    let unnamed = || format!("no rule of {} names it", list(groups));
    match way_out {
        WayOut::Habit(text) => text.clone(),
        WayOut::Nearest(meant) => format!("{}; did you mean {meant}?", unnamed()),
        WayOut::Help => format!("{}; help lists what you may run", unnamed()),
    }
}

fn list(groups: &[String]) -> String {
    if groups.is_empty() { "yours".to_owned() } else { groups.join(", ") }
}

fn otherwise_lines(asked: Option<&str>, instead: &str, width: usize) -> Vec<String> {
    let refused = match asked {
        None => "gatesh: not allowed without sudo".to_owned(),
        Some(asked) => format!("gatesh: not allowed with {asked}"),
    };
    let line = format!("{refused}: try  {instead}");
    if columns_of(&line) <= width {
        return vec![line];
    }
    std::iter::once(refused).chain(block("try", instead, width)).collect()
}

fn spelled(words: &[Word]) -> String {
    clip(&all_spelled(words), COLUMNS.saturating_sub(22))
}

/// The words as they would be typed, escaped for display.
pub(super) fn all_spelled(words: &[Word]) -> String {
    // Quotes around a pattern would make it mean another thing.
    let spelled = |word: &Word| match word.magic().is_empty() {
        true => escape(&quote(word.text())),
        false => escape(word.text()),
    };
    let words: Vec<String> = words.iter().map(spelled).collect();
    words.join(" ")
}

fn command_name(words: &[Word], first_argument: usize) -> String {
    first_argument
        .checked_sub(1)
        .and_then(|at| words.get(at))
        .map(|word| escape(word.text()))
        .unwrap_or_default()
}
