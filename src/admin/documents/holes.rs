//! The ways out of a pattern: for each, the texts that show it, as languages over what finally stands on the
//! command line.
//!
//! A value is pasted into a text that `sh -c` reads. A hole is a value the pattern lets through in which a
//! character *of the person's own choosing* does more than stand in a plain word. Each hole has two languages:
//! texts in which `id` (or a file, or an expansion) is really reached and that the shell reads without an
//! error, and the wider one of all texts in which such a character is active at all. The first gives
//! witnesses that can be tried, the second decides whether a pattern holds.

mod plain;
mod texts;

pub use self::plain::{runs_operands, unknown};
use self::texts::stops;
use super::automata::{Language, Search, TooLarge, Tree, read, shortest};

/// The kinds of hole, in the order they are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hole {
    /// `;` `&` `|` `&&` `||`.
    Operator,
    /// A newline separates commands as `;` does.
    Newline,
    /// `$(`, backtick, `$NAME`, `${`.
    Substitution,
    /// `<` and `>`.
    Redirection,
    /// What the pattern asks for stands after a `#`.
    Comment,
    /// `NAME=value` before the program.
    Assignment,
    /// The value itself names the program.
    Program,
    /// A word that begins with `-` where the pattern does not write one.
    Option,
    /// Several words where the pattern means one.
    Operand,
    /// `..` or a path from the root where the pattern does not write them.
    Path,
    /// `*` `?` `[` `~` `{`.
    Glob,
    /// Quotes and backslashes.
    Quoting,
    /// Characters a terminal does not show.
    Control,
}

/// What reads the text after the value was pasted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// `sh -c TEXT`, or a script file.
    Shell,
    /// Cut into words with quotes and backslashes, no shell (`NonInteractiveCommands`).
    Words,
}

/// A text that passes a pattern and goes through a hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The value, as given to the parameter.
    pub value: String,
    /// Found in the narrow language: what it reaches really runs.
    pub runs: bool,
}

impl Hole {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Operator,
        Self::Newline,
        Self::Substitution,
        Self::Redirection,
        Self::Comment,
        Self::Assignment,
        Self::Program,
        Self::Option,
        Self::Operand,
        Self::Path,
        Self::Glob,
        Self::Quoting,
        Self::Control,
    ];

    /// The end of the finding's id, after `pattern-`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Newline => "newline",
            Self::Substitution => "substitution",
            Self::Redirection => "redirection",
            Self::Comment => "comment",
            Self::Assignment => "assignment",
            Self::Program => "program",
            Self::Option => "option",
            Self::Operand => "operand",
            Self::Path => "path",
            Self::Glob => "glob",
            Self::Quoting => "quoting",
            Self::Control => "control",
        }
    }

    /// What the person gains by it, as a sentence that follows the witness.
    pub fn gain(self) -> &'static str {
        match self {
            Self::Operator => "an operator starts another command",
            Self::Newline => "a newline starts another command (\\s and negated classes take it)",
            Self::Substitution => "the shell puts the output of a command or a variable in its place",
            Self::Redirection => "the shell reads or writes a file",
            Self::Comment => "what the pattern asks for is a comment, another command runs",
            Self::Assignment => "the program runs with a variable of the person's choice",
            Self::Program => "the person names the program",
            Self::Option => "a word beginning with - is an option the pattern does not write",
            Self::Operand => "a class that takes blanks makes one operand into several",
            Self::Path => "the path leads anywhere: .. or / where the pattern does not write it",
            Self::Glob => "the shell puts other names in its place",
            Self::Quoting => "quotes and backslashes change where words begin and end",
            Self::Control => "control characters reach the program and forge what a log shows",
        }
    }

    /// How a pattern is mended.
    pub fn cure(self) -> &'static str {
        match self {
            Self::Newline => "a blank is ' ', not \\s",
            Self::Program => "write the program's name in the pattern, or let gatesh judge the line",
            Self::Option => "no - in the class where a word can begin, or -- before the value",
            Self::Operand => "no blank in a class with other characters: one class for each operand",
            Self::Path => "write the directory in the pattern, and no class that takes both . and /",
            Self::Operator
            | Self::Substitution
            | Self::Redirection
            | Self::Comment
            | Self::Assignment
            | Self::Glob
            | Self::Quoting
            | Self::Control => "anchors, and classes that list the characters they take: [A-Za-z0-9_-]",
        }
    }

    /// Whether only a shell opens it.
    fn needs_shell(self) -> bool {
        match self {
            Self::Operator
            | Self::Newline
            | Self::Substitution
            | Self::Redirection
            | Self::Comment
            | Self::Assignment
            | Self::Glob => true,
            Self::Program | Self::Option | Self::Operand | Self::Path | Self::Quoting | Self::Control => {
                false
            }
        }
    }
}

/// A place in a text where a value is pasted, and what reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What the author wrote before the value on its line.
    pub before: String,
    /// And after it.
    pub after: String,
    /// Who cuts the whole into words.
    pub reader: Reader,
    /// The value is one word that gatesh judges itself (`-c '{{command}}'`): only leaving the quotes counts.
    pub judged: bool,
}

impl Place {
    /// Holes that can matter here.
    pub fn holes(&self) -> impl Iterator<Item = Hole> + '_ {
        Hole::ALL.into_iter().filter(|hole| {
            let word = matches!(hole, Hole::Program | Hole::Option | Hole::Operand | Hole::Path);
            (self.reader == Reader::Shell || !hole.needs_shell()) && !(self.judged && word)
        })
    }

    /// For each hole that `offer` leaves open here, the shortest value through it. Patterns too large to
    /// decide count as open without a witness.
    pub fn open_holes(&self, offer: &Language) -> Vec<(Hole, Option<Witness>)> {
        self.holes()
            .filter_map(|hole| match self.through(offer, hole) {
                Ok(found) => found.map(|witness| (hole, Some(witness))),
                Err(_) => Some((hole, None)),
            })
            .collect()
    }

    /// The shortest value through one hole, if it is open.
    pub fn through(&self, offer: &Language, hole: Hole) -> Result<Option<Witness>, TooLarge> {
        let texts = hole.texts();
        for runs in &texts.runs {
            if let Some(value) = self.readable_first(&[offer, &self.language(runs)])? {
                return Ok(Some(Witness { value, runs: true }));
            }
        }
        let value = shortest(&[offer, &self.language(&texts.active)])?;
        Ok(value.map(|value| Witness { value, runs: false }))
    }

    /// The shortest readable text. The words of the shell's grammar make the walk many times longer and are
    /// hardly ever met, so they come into it only when the text found without them has one.
    fn readable_first(&self, languages: &[&Language]) -> Search {
        let readable = self.readable();
        match shortest(languages)? {
            Some(value) if !readable.holds(&value) => {
                shortest(&languages.iter().copied().chain([&readable]).collect::<Vec<_>>())
            }
            found => Ok(found),
        }
    }

    /// Values that make the text at this place one that `pattern` describes.
    fn language(&self, pattern: &str) -> Language {
        Language::described(&known(pattern)).within(&self.before, &self.after)
    }

    /// Texts in which no word of the shell's grammar, nor one that ends the shell, stands in the way.
    fn readable(&self) -> Language {
        Language::containing(&known(&stops())).except().within(&self.before, &self.after)
    }

    /// The shortest value that `offer` lets through only because the pattern is not held to the whole value,
    /// best one that runs `id`.
    pub fn beyond(&self, offer: &Language, whole: &Tree) -> Search {
        let more = Language::described(whole).except();
        let running = [Hole::Operator, Hole::Comment, Hole::Newline, Hole::Program].into_iter();
        let runs = running
            .flat_map(|hole| hole.texts().runs)
            .filter_map(|runs| self.readable_first(&[offer, &more, &self.language(&runs)]).ok().flatten());
        match runs.min_by_key(String::len) {
            Some(value) => Ok(Some(value)),
            None => shortest(&[offer, &more]),
        }
    }
}

/// Our own patterns go through the same reader as those of documents.
fn known(pattern: &str) -> Tree {
    read(pattern).unwrap_or(Tree::Either(Vec::new()))
}

#[cfg(test)]
mod tests;
