//! Reads a pattern the way the agent's regular expression library does (RE2, as Go has it), into a tree.
//!
//! The agent compiles `allowedPattern` with Go's `regexp` and fails the session when that refuses it. So this
//! reader refuses exactly what Go refuses (tried against Go 1.19): look-around, back-references, `\Z`,
//! repetition counts above 1000, doubled repetition operators. `\s` `\w` `\d` `\b` are ASCII, `$` is the end of
//! the text unless `(?m)`, and `\s` has no vertical tab. Unicode classes are understood and left undecided.

use std::fmt;

use super::charset::CharSet;

mod class;
mod reader;

/// A pattern as a tree. Groups are gone: what they hold stands in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// Nothing, which always matches.
    Empty,
    /// One character out of a set.
    Set {
        /// The characters it takes.
        set: CharSet,
        /// Written as a class or a dot, so that the person chooses; a literal is not, in either case.
        open: bool,
    },
    /// A condition on the place, taking no character.
    Look(Look),
    /// One after the other.
    Sequence(Vec<Tree>),
    /// One of these.
    Either(Vec<Tree>),
    /// At least, and at most (`None`: no limit) so many times.
    Repeat(Box<Tree>, u32, Option<u32>),
}

/// Conditions on a place between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Look {
    /// `^`, `\A`.
    TextStart,
    /// `$`, `\z`.
    TextEnd,
    /// `^` under `(?m)`.
    LineStart,
    /// `$` under `(?m)`.
    LineEnd,
    /// `\b`.
    WordEdge,
    /// `\B`.
    NotWordEdge,
}

impl Look {
    /// Whether it holds at the text's start or end and nowhere else.
    pub(super) fn at_an_end(self) -> bool {
        matches!(self, Self::TextStart | Self::TextEnd)
    }
}

/// Why a pattern could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternFault {
    /// Character at which reading stopped, counted from 0.
    pub at: usize,
    /// What is wrong there.
    pub kind: PatternFaultKind,
}

/// The kinds of [`PatternFault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternFaultKind {
    /// `(?=`, `(?!`, `(?<=`, `(?<!`: not in RE2.
    LookAround,
    /// `\1`: not in RE2.
    BackReference,
    /// `(?>`, `a++`: not in RE2.
    Possessive,
    /// A count above 1000, nested ones multiplied, or the larger one first.
    RepeatCount,
    /// Any other thing RE2 refuses, in words.
    Invalid(String),
    /// RE2 accepts it and this reader has no tables for it.
    UnicodeClass,
}

impl PatternFault {
    /// Whether the agent refuses the pattern too; otherwise only this reader does.
    pub fn refused_by_agent(&self) -> bool {
        self.kind != PatternFaultKind::UnicodeClass
    }
}

impl fmt::Display for PatternFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            PatternFaultKind::LookAround => write!(f, "look-around is not in RE2")?,
            PatternFaultKind::BackReference => write!(f, "a back-reference is not in RE2")?,
            PatternFaultKind::Possessive => write!(f, "possessive and atomic groups are not in RE2")?,
            PatternFaultKind::RepeatCount => {
                write!(f, "RE2 repeats at most 1000 times, nested counts multiplied")?;
            }
            PatternFaultKind::Invalid(what) => write!(f, "{what}")?,
            PatternFaultKind::UnicodeClass => write!(f, "a Unicode class is not decided here")?,
        }
        write!(f, " (character {})", self.at + 1)
    }
}

/// Reads `pattern`.
pub fn read(pattern: &str) -> Result<Tree, PatternFault> {
    reader::Reader::new(pattern).whole()
}

impl Tree {
    /// The alternatives at the outermost level: one when there is no `|` there.
    pub fn branches(&self) -> &[Tree] {
        match self {
            Self::Either(branches) => branches,
            Self::Empty | Self::Set { .. } | Self::Look(_) | Self::Sequence(_) | Self::Repeat(..) => {
                std::slice::from_ref(self)
            }
        }
    }

    /// The tree with every set passed through `change`, which also hears whether the set is open.
    #[must_use]
    pub fn map_sets(&self, change: &dyn Fn(&CharSet, bool) -> CharSet) -> Self {
        let each = |trees: &[Tree]| trees.iter().map(|tree| tree.map_sets(change)).collect();
        match self {
            Self::Empty => Self::Empty,
            Self::Look(look) => Self::Look(*look),
            Self::Set { set, open } => Self::Set { set: change(set, *open), open: *open },
            Self::Sequence(trees) => Self::Sequence(each(trees)),
            Self::Either(trees) => Self::Either(each(trees)),
            Self::Repeat(tree, least, most) => Self::Repeat(Box::new(tree.map_sets(change)), *least, *most),
        }
    }

    /// Whether `is` holds of a part that has no parts.
    pub fn any_leaf(&self, is: &dyn Fn(&Tree) -> bool) -> bool {
        match self {
            Self::Empty | Self::Look(_) | Self::Set { .. } => is(self),
            Self::Sequence(trees) | Self::Either(trees) => trees.iter().any(|tree| tree.any_leaf(is)),
            Self::Repeat(tree, ..) => tree.any_leaf(is),
        }
    }

    /// A wider language with a smaller automaton: counts above `cap` become "or more".
    #[must_use]
    pub fn relaxed(&self, cap: u32) -> Self {
        let each = |trees: &[Tree]| trees.iter().map(|tree| tree.relaxed(cap)).collect();
        match self {
            Self::Empty | Self::Look(_) | Self::Set { .. } => self.clone(),
            Self::Sequence(trees) => Self::Sequence(each(trees)),
            Self::Either(trees) => Self::Either(each(trees)),
            Self::Repeat(tree, least, most) => {
                let most = most.filter(|most| *most <= cap);
                Self::Repeat(Box::new(tree.relaxed(cap)), (*least).min(cap), most)
            }
        }
    }

    /// The longest chain of counts, multiplied: what RE2 limits to 1000.
    fn repetitions(&self) -> u32 {
        match self {
            Self::Empty | Self::Look(_) | Self::Set { .. } => 1,
            Self::Sequence(trees) | Self::Either(trees) => {
                trees.iter().map(Self::repetitions).max().unwrap_or(1)
            }
            Self::Repeat(tree, least, most) => {
                tree.repetitions().saturating_mul(most.unwrap_or(*least).max(1))
            }
        }
    }
}

#[cfg(test)]
mod tests;
