//! Names what the words of a line ask for: nothing, a built-in, or commands joined by operators.

use crate::words::Word;

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
}

impl Command {
    /// All words, the program's name first; at least one.
    pub fn words(&self) -> &[Word] {
        &self.words
    }
}

/// What gatesh does itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// `help`, `?`, `help COMMAND...`
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
