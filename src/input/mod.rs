//! Yields the lines a person or a caller wants run: from a prompt, from `-c`, or from a pipe.

pub mod invocation;
mod pipe;
mod prompt;

use std::io::{IsTerminal, stdin};

use invocation::Source;
use pipe::Pipe;
use prompt::Prompt;

/// Where lines come from.
pub enum Input {
    /// One line, once.
    Line(Option<Vec<u8>>),
    /// Standard input that is no terminal: a line at a time.
    Pipe(Pipe),
    /// A person at a terminal.
    Prompt(Box<Prompt>),
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A line, whatever bytes it has.
    Line(Vec<u8>),
    /// Ctrl-C at the prompt: what was typed is dropped.
    Interrupted,
    /// No more lines.
    End(Ending),
}

/// Why there are no more lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The one line was done, or the pipe or the person's input is at its end.
    EndOfInput,
    /// Standard input cannot be read.
    Unreadable,
}

impl Input {
    /// From where the invocation says.
    pub fn new(source: Source) -> Self {
        match source {
            Source::Line(line) | Source::Environment { value: Some(line), .. } => Self::Line(Some(line)),
            Source::StandardInput | Source::Environment { value: None, .. } if stdin().is_terminal() => {
                Self::Prompt(Box::default())
            }
            Source::StandardInput | Source::Environment { value: None, .. } => Self::Pipe(Pipe::default()),
        }
    }

    /// Whether a person types the lines.
    pub fn is_prompt(&self) -> bool {
        matches!(self, Self::Prompt(_))
    }

    /// Waits for the next line. `prompt` is shown where a person types.
    pub fn next(&mut self, prompt: &str) -> Next {
        match self {
            Self::Line(line) => line.take().map_or(Next::End(Ending::EndOfInput), Next::Line),
            Self::Pipe(pipe) => pipe.next(),
            Self::Prompt(editor) => editor.next(prompt),
        }
    }
}
