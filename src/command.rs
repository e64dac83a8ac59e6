//! Names what the words of a line ask for: nothing, a built-in, or commands joined by operators.

mod builtin;

pub use builtin::Builtin;

use crate::excerpt::Span;
use crate::words::{LineFault, Operator, Problem, Token, Word, cut};

/// A whole line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Blank.
    Empty,
    /// One built-in, alone on its line.
    Builtin(Builtin),
    /// Commands to judge and run.
    Run(CommandLine),
}

/// Pipelines and what joins them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// The first pipeline.
    pub first: Pipeline,
    /// The others, each with what stands before it.
    pub rest: Vec<(Joint, Pipeline)>,
}

/// What stands between two pipelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Joint {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;`
    Then,
}

/// Commands joined by `|`; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// In the order typed.
    pub commands: Vec<Command>,
}

/// One command: its words, the first of which names the program. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    words: Vec<Word>,
    span: Span,
}

/// A command and its place in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage<'a> {
    /// From 0, over the whole line.
    pub index: usize,
    /// What stands before it; `None` for the first.
    pub after: Option<Operator>,
    /// Which of its kind that operator is in the line, from 1: "after the second |". 0 for the first command.
    pub nth: usize,
    /// The command.
    pub command: &'a Command,
}

/// Cuts a line and names what it asks for. `home` replaces `~`.
///
/// # Errors
/// As [`cut`], and for a built-in that does not stand alone or has the wrong words after it.
pub fn read(line: &[u8], home: &str) -> Result<Line, LineFault> {
    let tokens = cut(line, home)?;
    let commands = split(&tokens);
    let Some((first, rest)) = commands.split_first() else { return Ok(Line::Empty) };
    // Only text was cut into words, so this takes nothing away.
    let text = str::from_utf8(line).unwrap_or_default();
    if rest.is_empty()
        && let Some(builtin) = Builtin::named(&first.1)
    {
        return builtin.map(Line::Builtin).map_err(|(problem, span)| LineFault::new(problem, text, span));
    }
    match commands.iter().find_map(|(_, command)| joined(command)) {
        Some((problem, span)) => Err(LineFault::new(problem, text, span)),
        None => Ok(Line::Run(assemble(commands))),
    }
}

/// The commands of a line, each with the operator before it.
fn split(tokens: &[Token]) -> Vec<(Option<Operator>, Command)> {
    let mut commands: Vec<(Option<Operator>, Command)> = Vec::new();
    let mut before = None;
    for token in tokens {
        match (token, before.take(), commands.last_mut()) {
            (Token::Operator(operator, _), ..) => before = Some(*operator),
            (Token::Word(word), None, Some((_, command))) => command.push(word.clone()),
            (Token::Word(word), operator, _) => commands.push((operator, Command::of(word.clone()))),
        }
    }
    commands
}

/// Why a command of a longer line is none: it is a built-in.
fn joined(command: &Command) -> Option<(Problem, Span)> {
    let name = Builtin::NAMES.iter().find(|&&name| name == command.name())?;
    Some((Problem::BuiltinJoined(name), command.words.first()?.span()))
}

fn assemble(commands: Vec<(Option<Operator>, Command)>) -> CommandLine {
    let mut line = CommandLine { first: Pipeline { commands: Vec::new() }, rest: Vec::new() };
    for (operator, command) in commands {
        match operator.and_then(Joint::of) {
            Some(joint) => line.rest.push((joint, Pipeline { commands: vec![command] })),
            None => line.last_mut().commands.push(command),
        }
    }
    line
}

impl CommandLine {
    fn last_mut(&mut self) -> &mut Pipeline {
        self.rest.last_mut().map_or(&mut self.first, |(_, pipeline)| pipeline)
    }

    /// All commands in the order typed.
    pub fn commands(&self) -> impl Iterator<Item = Stage<'_>> {
        let rest = self.rest.iter().map(|(joint, pipeline)| (Some(joint.operator()), pipeline));
        let pipelines = std::iter::once((None, &self.first)).chain(rest);
        let mut seen = Vec::new();
        pipelines.flat_map(|(before, pipeline)| pipeline.stages(before)).enumerate().map(
            move |(index, (after, command))| {
                seen.extend(after);
                let nth = seen.iter().filter(|&&operator| Some(operator) == after).count();
                Stage { index, after, nth, command }
            },
        )
    }
}

impl Joint {
    /// The joint an operator is; `None` for `|`, which joins commands and not pipelines.
    pub const fn of(operator: Operator) -> Option<Self> {
        match operator {
            Operator::And => Some(Self::And),
            Operator::Or => Some(Self::Or),
            Operator::Then => Some(Self::Then),
            Operator::Pipe => None,
        }
    }

    /// The operator it was typed as.
    pub const fn operator(self) -> Operator {
        match self {
            Self::And => Operator::And,
            Self::Or => Operator::Or,
            Self::Then => Operator::Then,
        }
    }
}

impl Pipeline {
    /// Its commands, each with what stands before it.
    fn stages(&self, before: Option<Operator>) -> impl Iterator<Item = (Option<Operator>, &Command)> {
        let operators = std::iter::once(before).chain(std::iter::repeat(Some(Operator::Pipe)));
        operators.zip(&self.commands)
    }
}

impl Command {
    /// A command of these words; `None` without any.
    pub fn new(words: Vec<Word>) -> Option<Self> {
        let span = Span::new(words.first()?.span().start, words.last()?.span().end);
        Some(Self { words, span })
    }

    /// The same command with other words (an alias or a pattern expanded); `None` without any.
    pub fn with_words(&self, words: Vec<Word>) -> Option<Self> {
        (!words.is_empty()).then_some(Self { words, span: self.span })
    }

    fn of(word: Word) -> Self {
        Self { span: word.span(), words: vec![word] }
    }

    fn push(&mut self, word: Word) {
        self.span.end = word.span().end;
        self.words.push(word);
    }

    /// All words, the program's name first; at least one.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// The first word's text: the program, as typed.
    pub fn name(&self) -> &str {
        self.words.first().map_or("", Word::text)
    }

    /// The words after the first.
    pub fn arguments(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }

    /// Where it stands in the typed line, from its first word to its last.
    pub fn span(&self) -> Span {
        self.span
    }
}

#[cfg(test)]
mod tests;
