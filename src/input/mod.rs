//! Yields the lines a person or a caller wants run: from a prompt, from `-c`, or from a pipe.

pub mod invocation;
pub mod pages;
mod pipe;
mod prompt;
pub mod question;

use std::ffi::OsString;
use std::io::{IsTerminal, stdin};

use invocation::Source;
use pipe::Pipe;
use prompt::Prompt;
pub use prompt::{Scene, is_addressable};

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
    /// Jobs have to be looked after. What was typed stays.
    Due,
    /// No more lines.
    End(Ending),
}

/// Why there are no more lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The one line was done.
    Done,
    /// The pipe or the person's input is at its end.
    EndOfInput,
    /// Standard input cannot be read.
    Unreadable,
    /// A signal ends the session; it is still to be read.
    Told,
    /// No key came for `idle_timeout`.
    Idle,
    /// `max_duration` is over.
    Over,
}

impl Input {
    /// From where the invocation says. `variable` looks up the environment that gatesh was started with.
    pub fn new<'e>(source: Source, variable: impl Fn(&str) -> Option<&'e OsString>) -> Self {
        match source {
            Source::Line(line) | Source::Environment { value: Some(line), .. } => Self::Line(Some(line)),
            Source::StandardInput | Source::Environment { value: None, .. } if stdin().is_terminal() => {
                Self::Prompt(Box::new(Prompt::new(variable)))
            }
            Source::StandardInput | Source::Environment { value: None, .. } => Self::Pipe(Pipe::default()),
        }
    }

    /// Whether a person types the lines.
    pub fn is_prompt(&self) -> bool {
        matches!(self, Self::Prompt(_))
    }

    /// Waits for the next line. `scene` is for a person who types.
    pub fn next(&mut self, scene: &Scene<'_>) -> Next {
        match self {
            Self::Line(line) => line.take().map_or(Next::End(Ending::Done), Next::Line),
            Self::Pipe(pipe) => pipe.next(scene.deadline),
            Self::Prompt(prompt) => prompt.next(scene),
        }
    }
}
