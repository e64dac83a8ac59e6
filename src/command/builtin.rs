//! What gatesh does itself, and what each of those takes.

use super::Command;
use crate::excerpt::Span;
use crate::words::{Problem, Word};

/// What gatesh does itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// `help`, `help COMMAND...`; `?` is another name of it.
    Help(Vec<Word>),
    /// `cd`, `cd DIRECTORY`
    Cd(Option<Word>),
    /// `pwd`
    Pwd,
    /// `history`
    History,
    /// `jobs`
    Jobs,
    /// `fg`, `fg %N`, `fg N`
    Foreground(Option<u32>),
    /// `bg`, `bg %N`, `bg N`
    Background(Option<u32>),
    /// `exit`, `logout`
    Exit,
    /// `clear`
    Clear,
}

/// What a built-in takes, as the refusal of anything else says it.
const NOTHING: &str = "no operands";
const EXIT: &str = "nothing: the session ends with the last exit status";
const DIRECTORY: &str = "one directory";
const JOB: &str = "one job, such as %1";

impl Builtin {
    /// The names they are typed by.
    pub const NAMES: &[&str] =
        &["help", "?", "cd", "pwd", "history", "jobs", "fg", "bg", "exit", "logout", "clear"];

    /// The built-in a command names, if it names one: or what is wrong with the words after it, and where.
    pub(super) fn named(command: &Command) -> Option<Result<Self, (Problem, Span)>> {
        let name = Self::NAMES.iter().find(|&&name| name == command.name())?;
        let operands = command.arguments();
        let alone = |builtin, takes| if operands.is_empty() { Ok(builtin) } else { Err(takes) };
        let named = match *name {
            "help" | "?" => Ok(Self::Help(operands.to_vec())),
            "cd" => one(operands, DIRECTORY).map(|word| Self::Cd(word.cloned())),
            "fg" => job(operands).map(Self::Foreground),
            "bg" => job(operands).map(Self::Background),
            "pwd" => alone(Self::Pwd, NOTHING),
            "history" => alone(Self::History, NOTHING),
            "jobs" => alone(Self::Jobs, NOTHING),
            "clear" => alone(Self::Clear, NOTHING),
            // `exit` and `logout`.
            _ => alone(Self::Exit, EXIT),
        };
        Some(named.map_err(|takes| (Problem::BuiltinOperands(name, takes), extent(operands))))
    }
}

fn extent(operands: &[Word]) -> Span {
    let start = operands.first().map_or(0, |word| word.span().start);
    Span::new(start, operands.last().map_or(start, |word| word.span().end))
}

/// At most one operand; otherwise what is taken instead.
fn one<'w>(operands: &'w [Word], takes: &'static str) -> Result<Option<&'w Word>, &'static str> {
    match operands {
        [] => Ok(None),
        [word] => Ok(Some(word)),
        [_, _, ..] => Err(takes),
    }
}

/// At most one job number, from 1, with or without `%`.
fn job(operands: &[Word]) -> Result<Option<u32>, &'static str> {
    let Some(word) = one(operands, JOB)? else { return Ok(None) };
    let digits = word.text().strip_prefix('%').unwrap_or(word.text());
    let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten();
    number.filter(|&number| number > 0).map(Some).ok_or(JOB)
}
