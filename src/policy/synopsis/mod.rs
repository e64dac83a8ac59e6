//! A rule's synopsis: pattern text, read once, and whether words fit it, in linear time.
//!
//! Reading goes text -> tokens ([`lexer`]) -> elements ([`grammar`], whose words [`kinds`] tells apart) -> items
//! ([`elements`]) -> segments ([`assemble`], with [`overlap`] watching that nothing is ambiguous). Matching is
//! one walk over the segments ([`walk`]); completion and hints ([`expected`]) ask the same walk.

mod assemble;
mod elements;
mod expected;
mod faults;
mod grammar;
mod kinds;
mod lexer;
mod options;
mod outline;
mod overlap;
mod program;
mod refusal;
mod shape;
mod typed;
mod values;
mod walk;
mod why;

use std::cell::OnceCell;
use std::rc::Rc;

pub use expected::Expected;
pub(super) use lexer::is_name;
pub use shape::{
    Attachment, Block, BlockOption, Fixed, Mixed, Name, OptionValue, Pattern, Run, Segment, Sequence, Slot,
    Spelling,
};

use super::paths::{CheckedPath, PathRefusal};
use super::types::Type;
use crate::excerpt::Span;
use crate::words::Word;
use walk::Walk;

/// One synopsis, read and free of faults.
#[derive(Debug)]
pub struct Synopsis {
    text: String,
    elevation: Option<Elevation>,
    programs: Vec<String>,
    /// What its type names mean, where its segments are still to be made.
    types: Vec<Rc<Type>>,
    body: OnceCell<Body>,
}

/// What stands behind the program.
#[derive(Debug, Default)]
struct Body {
    segments: Vec<Segment>,
    /// Whether it has options that begin with `+`.
    plus: bool,
}

/// Bytes a synopsis may have.
const LONGEST: usize = 512;

/// Options that may stand side by side, each flag counted.
const MOST_OPTIONS: usize = 64;

/// Blocks, runs and stretches of fixed words that may follow a program.
const MOST_SEGMENTS: usize = 16;

/// `sudo` before the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elevation {
    /// `-u NAME`; root when absent.
    pub user: Option<String>,
}

impl Synopsis {
    /// Reads `text`; `types` looks a name up among the file's own, the shared and the built-in types. All
    /// faults that can be found in one reading, at least one.
    pub fn parse(text: &str, types: &dyn Fn(&str) -> Option<Rc<Type>>) -> Result<Self, Vec<SynopsisFault>> {
        match outline::outline(text, types) {
            Some(outline) => Ok(Self::of(text, outline)),
            None => assemble::synopsis(text, types),
        }
    }

    fn of(text: &str, outline: outline::Outline<'_>) -> Self {
        Self {
            text: text.to_owned(),
            elevation: outline.elevated.then_some(Elevation { user: None }),
            programs: vec![outline.program.to_owned()],
            types: outline.types,
            body: OnceCell::new(),
        }
    }

    /// What stands behind the program, made now if only the outline was read so far. An outline promises that
    /// nothing is wrong; were it mistaken, there is nothing, and nothing fits.
    fn body(&self) -> Option<&Body> {
        if self.body.get().is_none() {
            let named = |name: &str| self.types.iter().find(|known| known.name == name).cloned();
            let whole = assemble::synopsis(&self.text, &named).ok()?;
            let _ = self.body.set(whole.body.into_inner()?);
        }
        self.body.get()
    }

    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Present when it begins with `sudo`.
    pub fn elevation(&self) -> Option<&Elevation> {
        self.elevation.as_ref()
    }

    /// The program as the rule names it: a bare name or an absolute path; several for `(a|b)`.
    pub fn programs(&self) -> &[String] {
        &self.programs
    }

    /// All types its values have, in order of first mention, without doubles.
    pub fn types(&self) -> Vec<Rc<Type>> {
        // An outline names them in the same order.
        let Some(body) = self.body.get() else { return without_doubles(self.types.iter()) };
        let patterns = body.segments.iter().flat_map(Segment::patterns);
        without_doubles(patterns.filter_map(|pattern| pattern.value.as_ref()))
    }

    /// What follows the program, in the order written: for help, exports and lints.
    pub fn segments(&self) -> &[Segment] {
        self.body().map(|body| body.segments.as_slice()).unwrap_or_default()
    }

    /// Holds `arguments` (the words after the program) against the synopsis. `value` is asked once for each
    /// word that a type's element takes: the type, the word, and the part of the word that is the value
    /// (after `--name=`, an attached option or fixed text, and before fixed text that follows).
    pub fn fits(&self, arguments: &[Word], value: &mut ValueCheck<'_>) -> Result<Fit, Stop> {
        let mut walk = Walk::new(self.body().ok_or_else(Stop::at_once)?, &self.text, arguments);
        walk.all(value)?;
        walk.finish(value)
    }

    /// What may follow `arguments`, all of them complete words; where they fit no beginning of a command, the
    /// word at which they stop. Values that count from the right are judged only once more words stand behind
    /// them.
    pub fn next(&self, arguments: &[Word], value: &mut ValueCheck<'_>) -> Result<Expected<'_>, Stop> {
        let mut walk = Walk::new(self.body().ok_or_else(Stop::at_once)?, &self.text, arguments);
        walk.all(value)?;
        Ok(Expected::after(&walk))
    }
}

fn without_doubles<'t>(types: impl Iterator<Item = &'t Rc<Type>>) -> Vec<Rc<Type>> {
    let mut all: Vec<Rc<Type>> = Vec::new();
    for wanted in types {
        if !all.iter().any(|known| known.name == wanted.name) {
            all.push(Rc::clone(wanted));
        }
    }
    all
}

/// Judges one value: type, word, the value's text, whether fixed text stands before it in the same word.
pub type ValueCheck<'a> = dyn FnMut(&Rc<Type>, &Word, &str, bool) -> Result<Value, ValueRefusal> + 'a;

/// A value that was accepted.
#[derive(Clone, Debug)]
pub enum Value {
    /// Stands as typed.
    Text,
    /// Its resolved path replaces the typed one.
    Path(CheckedPath),
}

/// Why a value was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueRefusal {
    /// Its text is not of the type.
    Text,
    /// It is a path, and this stands against it.
    Path(PathRefusal),
}

/// The words fit.
#[derive(Clone, Debug, Default)]
pub struct Fit {
    /// What follows the program, in the synopsis's own order.
    pub arguments: Vec<Argument>,
    /// Types of optional operands of which none was typed (a directory type among them means the current
    /// directory, which must match and is granted).
    pub absent: Vec<Rc<Type>>,
    /// The options that were typed, however they were spelled.
    pub options: Vec<TypedOption>,
}

/// An option that was typed.
#[derive(Clone, Debug, Default)]
pub struct TypedOption {
    /// Every way in which the synopsis lets it be spelled.
    pub names: Vec<String>,
    /// Its value.
    pub value: Option<String>,
}

impl TypedOption {
    /// Every word that says the same: `-n`, `-n5`, `--lines`, `--lines=5`, `5`.
    pub fn words(&self) -> impl Iterator<Item = String> + '_ {
        let joined = self.names.iter().zip(self.value.iter().cycle()).map(|(name, value)| {
            let equals = if name.starts_with("--") { "=" } else { "" };
            format!("{name}{equals}{value}")
        });
        self.names.iter().cloned().chain(joined).chain(self.value.clone())
    }
}

/// One word of the argv to be.
#[derive(Clone, Debug)]
pub struct Argument {
    /// As the program gets it: resolved paths filled in.
    pub text: String,
    /// Index among the typed arguments it came from.
    pub word: usize,
    /// The checked path in it, if its value is one.
    pub path: Option<CheckedPath>,
}

/// Where and why the words stopped fitting.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Index among the arguments; equal to their number when something is missing at the end.
    pub word: usize,
    /// Why.
    pub why: Why,
    /// The name that did not fit, where the word is a pattern that found it.
    pub found: Option<String>,
}

impl Stop {
    fn at(word: usize, why: Why) -> Self {
        Self { word, why, found: None }
    }

    fn at_once() -> Self {
        Self::at(0, Why::Surplus)
    }
}

/// Why a word does not fit, or what is missing.
#[derive(Clone, Debug)]
pub enum Why {
    /// An option that the synopsis does not have here; the ones it has.
    UnknownOption {
        /// The option itself, `-x` or `--name` (a letter of a bundle alone).
        option: String,
        /// What could have stood there.
        offered: Vec<String>,
    },
    /// An option given twice, or two that exclude each other.
    Excluded {
        /// The option.
        option: String,
        /// The one typed earlier.
        earlier: String,
    },
    /// An option that takes a value stands without.
    NeedsValue {
        /// The option.
        option: String,
        /// What it takes, as the synopsis writes it; the whole option where it must be in the same word.
        value: String,
        /// Whether it must be in the same word.
        attached: bool,
    },
    /// An option that takes no value was given one.
    TakesNoValue {
        /// The option.
        option: String,
    },
    /// A value its type does not take.
    Value {
        /// The types that were offered the word.
        types: Vec<Rc<Type>>,
        /// Why the last of them refused.
        refusal: ValueRefusal,
    },
    /// A fixed word was expected.
    Expected {
        /// What was typed.
        typed: String,
        /// What the synopsis writes there.
        words: Vec<String>,
    },
    /// Something required is missing at the end (or before this word).
    Missing {
        /// As the synopsis writes it.
        what: String,
    },
    /// Nothing more may follow.
    Surplus,
}

/// A fault in a synopsis's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynopsisFault {
    /// Stable id, kebab-case, documented: "two-readings", "unknown-type", ...
    pub id: &'static str,
    /// One line, no full stop: "-n <rows> has two readings".
    pub message: String,
    /// Where, in bytes of the synopsis's text; at least one.
    pub spans: Vec<Span>,
    /// What stands beside the carets, a line each; may be empty.
    pub labels: Vec<String>,
    /// What to write instead, a line each; may be empty.
    pub cure: Vec<String>,
}
