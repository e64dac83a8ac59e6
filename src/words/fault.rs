//! Why a line is not understood: the place, the character, and the way out, in the words of whoever typed it.

use std::fmt;

use super::{MAX_COMMANDS, MAX_LINE, MAX_PIPELINE, MAX_WORD, MAX_WORDS, Operator};
use crate::excerpt::{Span, escape};

/// Characters of the person's own text that a message repeats at most.
const REPEATED: usize = 24;

/// The first fault of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFault {
    problem: Problem,
    span: Span,
    column: usize,
}

/// What is wrong at that place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// More than [`MAX_LINE`] bytes.
    LineTooLong,
    /// Bytes that are no UTF-8.
    NotUtf8,
    /// A NUL byte.
    Nul,
    /// A newline or another character that some reader takes for one.
    LineBreak(char),
    /// A backslash at the end of the line, or before a newline.
    Continuation,
    /// A control character; a tab only where it would become part of a word.
    Control(char),
    /// A zero-width, bidi or other format character.
    Invisible(char),
    /// A blank outside quotes that is neither space nor tab.
    Space(char),
    /// `$` and what follows it, if that is a name or `?`.
    Variable(String),
    /// `` ` `` or `$(`.
    Substitution(&'static str),
    /// `>` or `<`.
    Redirection(char),
    /// `2>&1`, `2>/dev/null`, `&>...` and their like.
    ErrorRedirection(String),
    /// `<<`.
    HereDocument,
    /// `(` or `)`.
    Subshell(char),
    /// `{` or `}` as a word.
    Group(char),
    /// `{a,b}` or `{1..3}`.
    Braces,
    /// `&` after a command.
    Background,
    /// `&` inside a word.
    AmpersandInWord,
    /// `|&`.
    PipeBoth,
    /// `;;`, `|||` or `&&&`.
    OperatorRun(&'static str),
    /// `#` at the start of a word.
    Comment,
    /// `!` glued to a word.
    History,
    /// `NAME=` before a command.
    Assignment(String),
    /// `~` and something else than `/`.
    UserHome(String),
    /// `~` for a person without a home directory.
    NoHome,
    /// A quote that is never closed: at the prompt, more may follow.
    OpenQuote(char),
    /// An operator at the start.
    NothingBefore(Operator),
    /// An operator at the end.
    NothingAfter(Operator),
    /// Two operators side by side.
    NothingBetween(Operator, Operator),
    /// More than [`MAX_WORDS`] words.
    TooManyWords,
    /// More than [`MAX_COMMANDS`] commands.
    TooManyCommands,
    /// More than [`MAX_PIPELINE`] commands joined by `|`.
    PipelineTooLong,
    /// A word of more than [`MAX_WORD`] bytes.
    WordTooLong,
    /// The two readers of a word disagree.
    TwoReadings,
    /// A built-in command joined with others.
    BuiltinJoined(&'static str),
    /// A built-in command with the wrong words after it: its name, and what it takes.
    BuiltinOperands(&'static str, &'static str),
}

impl LineFault {
    /// A fault of `line` at `span` (in bytes).
    pub(crate) fn new(problem: Problem, line: &str, span: Span) -> Self {
        let column = line.char_indices().take_while(|&(at, _)| at < span.start).count() + 1;
        Self { problem, span, column }
    }

    /// A fault in bytes that may be no text; the column counts what would be characters.
    pub(super) fn in_bytes(problem: Problem, line: &[u8], span: Span) -> Self {
        let starts = |byte: &&u8| !(0x80..0xc0).contains(*byte);
        let column = line.iter().take(span.start).filter(starts).count() + 1;
        Self { problem, span, column }
    }

    /// What is wrong.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Where, in bytes of the line.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Where, in characters, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Whether another line could still close a quote.
    pub fn is_open_quote(&self) -> bool {
        matches!(self.problem, Problem::OpenQuote(_))
    }

    /// One line for the person, beginning "column N: ".
    pub fn message(&self) -> String {
        format!("column {}: {}", self.column, self.problem.message())
    }

    /// The way out, in one line, where the message does not already hold it.
    pub fn cure(&self) -> Option<String> {
        self.problem.cure()
    }

    /// A stable name for records and tests, kebab-case.
    pub fn code(&self) -> &'static str {
        self.problem.code()
    }
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for LineFault {}

impl Problem {
    fn code(&self) -> &'static str {
        match self {
            Self::LineTooLong => "line-too-long",
            Self::NotUtf8 => "not-utf8",
            Self::Nul => "nul",
            Self::LineBreak(_) => "line-break",
            Self::Continuation => "line-continuation",
            Self::Control(_) => "control-character",
            Self::Invisible(_) => "invisible-character",
            Self::Space(_) => "foreign-space",
            Self::Variable(_) => "variable",
            Self::Substitution(_) => "substitution",
            Self::Redirection(_) => "redirection",
            Self::ErrorRedirection(_) => "error-redirection",
            Self::HereDocument => "here-document",
            Self::Subshell(_) => "subshell",
            Self::Group(_) => "group",
            Self::Braces => "brace-expansion",
            Self::Background => "background",
            Self::AmpersandInWord => "ampersand-in-word",
            Self::PipeBoth => "pipe-both",
            Self::OperatorRun(_) => "operator-run",
            Self::Comment => "comment",
            Self::History => "history-expansion",
            Self::Assignment(_) => "assignment",
            Self::UserHome(_) => "user-home",
            Self::NoHome => "no-home",
            Self::OpenQuote(_) => "open-quote",
            Self::NothingBefore(_) => "nothing-before",
            Self::NothingAfter(_) => "nothing-after",
            Self::NothingBetween(..) => "nothing-between",
            Self::TooManyWords => "too-many-words",
            Self::TooManyCommands => "too-many-commands",
            Self::PipelineTooLong => "pipeline-too-long",
            Self::WordTooLong => "word-too-long",
            Self::TwoReadings => "two-readings",
            Self::BuiltinJoined(_) => "builtin-not-alone",
            Self::BuiltinOperands(..) => "builtin-operands",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::LineTooLong => format!("the line is longer than {MAX_LINE} bytes"),
            Self::NotUtf8 => "not UTF-8: these bytes are no text".into(),
            Self::Nul => "a NUL byte cannot stand in a line".into(),
            Self::LineBreak(c) => format!("a line break ({}) cannot stand in a line", shown(*c)),
            Self::Continuation => "\\ at the end is not understood: a command is one line".into(),
            Self::Control('\t') => "a tab cannot be part of a word".into(),
            Self::Control(c) => format!("a control character ({}) cannot stand here", shown(*c)),
            Self::Invisible(c) => format!("an invisible character ({}) cannot stand in a line", shown(*c)),
            Self::Space(c) => format!("this is no ordinary space ({})", shown(*c)),
            Self::Variable(name) => variable(name),
            Self::Substitution(what) => format!("{what} is not understood: no command runs inside another"),
            Self::Redirection(c) => not_understood(*c, "there is no redirection here"),
            Self::ErrorRedirection(text) => error_redirection(text),
            Self::HereDocument => "<< is not understood: there are no here-documents".into(),
            Self::Subshell(c) | Self::Group(c) => not_understood(*c, "commands are not grouped"),
            Self::Braces => "braces are not expanded".into(),
            Self::Background | Self::AmpersandInWord => {
                not_understood('&', "no command starts in the background")
            }
            Self::PipeBoth => "|& is not needed: errors already reach your screen".into(),
            Self::OperatorRun(run) => format!("{run} is not understood"),
            Self::Comment => not_understood('#', "there are no comments on a line"),
            Self::History => not_understood('!', "lines of the history are not expanded"),
            Self::Assignment(name) => format!("{}= is not understood: no variables can be set", clip(name)),
            Self::UserHome(name) => format!("~{} is not understood: only ~ and ~/ are", clip(name)),
            Self::NoHome => "~ stands for nothing: you have no home directory".into(),
            Self::OpenQuote(quote) => format!("the quote {quote} is not closed"),
            Self::NothingBefore(operator) => format!("nothing stands before {}", operator.as_str()),
            Self::NothingAfter(operator) => format!("nothing stands after {}", operator.as_str()),
            Self::NothingBetween(left, right) => {
                format!("nothing stands between {} and {}", left.as_str(), right.as_str())
            }
            Self::TooManyWords => format!("more than {MAX_WORDS} words"),
            Self::TooManyCommands => format!("more than {MAX_COMMANDS} commands in a line"),
            Self::PipelineTooLong => format!("more than {MAX_PIPELINE} commands joined by |"),
            Self::WordTooLong => format!("this word is longer than {MAX_WORD} bytes"),
            Self::TwoReadings => "this word can be read in two ways".into(),
            Self::BuiltinJoined(name) => format!("{name} stands alone on a line"),
            Self::BuiltinOperands(name, takes) => format!("{name} takes {takes}"),
        }
    }

    fn cure(&self) -> Option<String> {
        Some(match self {
            Self::LineTooLong | Self::TooManyCommands => "run it in several lines".into(),
            Self::TooManyWords => {
                "run it in several lines, or let a pattern such as *.log name the files".into()
            }
            Self::Nul | Self::NotUtf8 | Self::Control(_) | Self::Invisible(_) => {
                "delete it; it may have come along when the line was pasted".into()
            }
            Self::LineBreak('\r') => "lines end in a newline alone, not as Windows ends them".into(),
            Self::LineBreak(_) => "type the lines one after the other".into(),
            Self::Continuation => "write the command in one line; the character itself is '\\'".into(),
            Self::Space(_) => "type a space in its place, or quote the word".into(),
            // These have their way out in the message.
            Self::Variable(name) if held(name).is_some() => return None,
            Self::Variable(_) => quote_it('$'),
            Self::Substitution("`") => quote_it('`'),
            Self::Substitution(what) => quote_both(what),
            Self::Redirection(c) => quote_it(*c),
            Self::HereDocument => quote_both("<<"),
            Self::Subshell(c) | Self::Group(c) => format!("leave it out; the character itself is '{c}'"),
            Self::Comment => "leave it out; the character itself is '#'".into(),
            Self::History => "Up and Ctrl-R find earlier lines; the character itself is '!'".into(),
            Self::AmpersandInWord => "if it belongs to the word, quote it: '&'".into(),
            Self::Background => "Ctrl-Z stops a running command, and bg lets it go on".into(),
            Self::Braces => "write the words out; if the braces belong to the word, quote it".into(),
            Self::PipeBoth => "write | alone".into(),
            Self::OperatorRun(_) => "join commands with one of | && || ;".into(),
            Self::Assignment(_) => "leave it out: type the command alone".into(),
            Self::UserHome(_) => "write the directory out; if ~ belongs to the word, quote it: '~'".into(),
            Self::NoHome => "write the directory out".into(),
            Self::OpenQuote('\'') => "close it with ', or write \"'\" for the character itself".into(),
            Self::OpenQuote(quote) => {
                format!("close it with {quote}, or write '{quote}' for the character itself")
            }
            Self::PipelineTooLong => "join fewer commands".into(),
            Self::TwoReadings => "put the whole word in single quotes".into(),
            Self::BuiltinJoined("help" | "?") => "it shows long texts a screen at a time by itself".into(),
            Self::BuiltinJoined("history") => "Ctrl-R finds earlier lines by what is in them".into(),
            Self::BuiltinJoined(_) => "leave the other commands for the next line".into(),
            Self::BuiltinOperands("history", _) => {
                "type it alone; Ctrl-R finds lines by what is in them".into()
            }
            Self::BuiltinOperands(name @ ("exit" | "logout" | "pwd" | "jobs" | "clear"), _) => {
                format!("type {name} alone")
            }
            Self::NothingAfter(Operator::Then) => "leave it out: a line ends by itself".into(),
            Self::ErrorRedirection(text) if is_copy(text) => return None,
            Self::ErrorRedirection(_) => "leave it out: errors are always shown".into(),
            Self::NothingBefore(_)
            | Self::NothingAfter(_)
            | Self::NothingBetween(..)
            | Self::WordTooLong
            | Self::BuiltinOperands(..) => return None,
        })
    }
}

fn not_understood(c: char, why: &str) -> String {
    format!("{c} is not understood: {why}")
}

fn quote_it(c: char) -> String {
    format!("to search for the character itself, quote it: '{c}'")
}

fn quote_both(what: &str) -> String {
    format!("to search for {what} itself, quote it: '{what}'")
}

fn variable(name: &str) -> String {
    let held = held(name).map(|where_from| format!(". {where_from}")).unwrap_or_default();
    format!("$ is not understood: variables are not expanded{held}")
}

/// What has the value that somebody wants of a variable.
fn held(name: &str) -> Option<&'static str> {
    match name {
        "HOME" => Some("~ is your home"),
        "PWD" => Some("pwd says it"),
        "OLDPWD" => Some("cd - goes there"),
        "?" => Some("The prompt shows it unless it is 0"),
        "USER" | "LOGNAME" | "HOSTNAME" => Some("The prompt shows it"),
        _ => None,
    }
}

/// `2>&1` asks for what already is so; `2>/dev/null` for what cannot be had.
fn error_redirection(text: &str) -> String {
    let verdict = if is_copy(text) { "needed" } else { "understood" };
    format!("{} is not {verdict}: errors already reach your screen", clip(text))
}

fn is_copy(text: &str) -> bool {
    text.split_once(">&").is_some_and(|(_, target)| target.starts_with(|c: char| c.is_ascii_digit()))
}

/// The person's own text, as much of it as a message needs.
fn clip(text: &str) -> String {
    let short: String = text.chars().take(REPEATED).collect();
    let dots = if short.len() < text.len() { "..." } else { "" };
    format!("{}{dots}", escape(&short))
}

fn shown(c: char) -> String {
    match c {
        '\u{a0}' => "a no-break space, \\u{a0}".into(),
        c => escape(c.encode_utf8(&mut [0; 4])),
    }
}
