//! What a synopsis is once it is read: blocks of options, runs of values, fixed words. The matcher walks this,
//! and so do help, completion and the exports, which therefore cannot say anything else than the gate does.

use std::fmt;
use std::rc::Rc;

use crate::excerpt::Span;
use crate::policy::types::{BuiltIn, Kind, Type};

/// A stretch of a synopsis. Segments are matched in their order, each completely before the next.
#[derive(Debug)]
pub enum Segment {
    /// Neighbouring options, in any order.
    Block(Block),
    /// Neighbouring values.
    Run(Run),
    /// Words of the synopsis itself, with values in fixed places among them.
    Fixed(Fixed),
    /// The last block and the last run, side by side: options may be typed among the values.
    Mixed(Mixed),
}

/// Neighbouring options.
#[derive(Debug)]
pub struct Block {
    /// In the order written; a word of flags has been taken apart into its letters.
    pub options: Vec<BlockOption>,
}

/// One option: its spellings exclude each other.
#[derive(Debug)]
pub struct BlockOption {
    /// At least one.
    pub spellings: Vec<Spelling>,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it may be given several times with a value (without one it always may).
    pub repeatable: bool,
    /// Where it stands in the synopsis's text.
    pub span: Span,
}

/// One way to write an option.
#[derive(Debug)]
pub struct Spelling {
    /// What it is called.
    pub name: Name,
    /// Its option-argument, where it has one.
    pub value: Option<OptionValue>,
}

/// How an option is called.
#[derive(Debug)]
pub enum Name {
    /// `-x`
    Short(char),
    /// `--name`, without its dashes
    Long(String),
    /// A word of its own that is never bundled: `-print`, `+short`, `-<n>`. One of the patterns.
    Word(Vec<Pattern>),
}

/// An option-argument.
#[derive(Debug)]
pub struct OptionValue {
    /// One of them.
    pub patterns: Vec<Pattern>,
    /// Where it may stand.
    pub attachment: Attachment,
}

/// Where an option-argument may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attachment {
    /// In the option's own word only: `--lines=5`, `-n5`.
    Attached,
    /// In the option's own word, or nowhere: `--color`, `--color=auto`.
    AttachedOrAbsent,
    /// In the option's own word or as the next one (in a block with word options: `--name=value` or next).
    Either,
    /// As the next word only.
    Next,
}

impl Attachment {
    /// Whether the value stands in the option's own word or not at all.
    pub fn is_in_word(self) -> bool {
        matches!(self, Self::Attached | Self::AttachedOrAbsent)
    }
}

/// Neighbouring values. At most one of them is optional or repeated; those behind it count from the right.
#[derive(Debug)]
pub struct Run {
    /// At least one.
    pub slots: Vec<Slot>,
}

/// A place for one value, or for several of a kind.
#[derive(Debug)]
pub struct Slot {
    /// One of them.
    pub patterns: Vec<Pattern>,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether it takes any number of words (at least one, unless optional).
    pub repeated: bool,
    /// Where it stands in the synopsis's text.
    pub span: Span,
}

/// Words that stand where they are written.
#[derive(Debug)]
pub struct Fixed {
    /// Exactly one of them is typed.
    pub sequences: Vec<Sequence>,
    /// Whether all of it may be left out.
    pub optional: bool,
    /// Where it stands in the synopsis's text.
    pub span: Span,
}

/// Words that come together.
#[derive(Debug)]
pub struct Sequence {
    /// One for each word; at least one.
    pub words: Vec<Vec<Pattern>>,
    /// Whether the last may be typed several times.
    pub repeated: bool,
    /// Where each word stands in the synopsis's text.
    pub spans: Vec<Span>,
}

/// Options and values that may be typed among each other. The program gets them in the synopsis's order.
#[derive(Debug)]
pub struct Mixed {
    /// The options.
    pub block: Block,
    /// The values.
    pub run: Run,
    /// Where `[--]` stands between them, if it does: after a typed `--` only values follow.
    pub dashes: Option<Span>,
    /// Whether the values stand before the options.
    pub values_first: bool,
}

/// What one word, or the value's part of it, must look like: text, a value, or text around a value.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// The text before the value; all of the text where there is no value.
    pub before: String,
    /// The value's type.
    pub value: Option<Rc<Type>>,
    /// The text after the value.
    pub after: String,
}

impl Pattern {
    /// Text and nothing else.
    pub(super) fn exact(text: &str) -> Self {
        Self { before: text.to_owned(), value: None, after: String::new() }
    }

    /// Whether it is text and nothing else.
    pub fn is_exact(&self) -> bool {
        self.value.is_none()
    }

    /// Whether it is the text `--`.
    pub(super) fn is_dashes(&self) -> bool {
        self.is_exact() && self.before == "--"
    }

    /// Whether it is a value and nothing else.
    pub fn is_value(&self) -> bool {
        self.value.is_some() && self.before.is_empty() && self.after.is_empty()
    }

    /// Whether it is text around a value.
    pub fn is_around(&self) -> bool {
        self.value.is_some() && !self.is_value()
    }

    /// The value's part of `text`, where the text around it is there; it may be empty.
    pub(super) fn inside<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}<{}>{}", self.before, value.name, self.after),
            None => f.write_str(&self.before),
        }
    }
}

/// Patterns as a synopsis writes them: one as it is, several as `(a|b)`.
pub(super) fn written(patterns: &[Pattern]) -> String {
    let all = each(patterns);
    match all.as_slice() {
        [one] => one.clone(),
        several => format!("({})", several.join("|")),
    }
}

/// Every pattern by itself.
pub(super) fn each(patterns: &[Pattern]) -> Vec<String> {
    patterns.iter().map(ToString::to_string).collect()
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short(letter) => write!(f, "-{letter}"),
            Self::Long(name) => write!(f, "--{name}"),
            Self::Word(patterns) => f.write_str(&written(patterns)),
        }
    }
}

impl fmt::Display for Spelling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(value) = &self.value else { return self.name.fmt(f) };
        let patterns = written(&value.patterns);
        let equals = if matches!(self.name, Name::Long(_)) { "=" } else { "" };
        match value.attachment {
            Attachment::Attached => write!(f, "{}{equals}{patterns}", self.name),
            Attachment::AttachedOrAbsent => write!(f, "{}[{equals}{patterns}]", self.name),
            Attachment::Either | Attachment::Next => write!(f, "{} {patterns}", self.name),
        }
    }
}

impl Spelling {
    /// Whether a value goes with it, in its own word or as the next.
    pub fn carries_value(&self) -> bool {
        match &self.name {
            Name::Word(patterns) if patterns.iter().any(|p| !p.is_exact()) => true,
            Name::Word(_) | Name::Short(_) | Name::Long(_) => self.value.is_some(),
        }
    }
}

impl Block {
    /// Whether one of its options is a word of its own, so that nothing is bundled.
    pub fn has_words(&self) -> bool {
        self.spellings().any(|(_, _, spelling)| matches!(spelling.name, Name::Word(_)))
    }

    /// Every spelling with the places of its option and of itself.
    pub(super) fn spellings(&self) -> impl Iterator<Item = (usize, usize, &Spelling)> {
        self.options.iter().enumerate().flat_map(|(option, written)| {
            written.spellings.iter().enumerate().map(move |(spelling, s)| (option, spelling, s))
        })
    }
}

impl Run {
    /// How many words it takes at least.
    pub fn least(&self) -> usize {
        self.slots.iter().filter(|slot| !slot.optional).count()
    }

    /// How many words it takes at most; `None` when a value of it may be repeated.
    pub fn most(&self) -> Option<usize> {
        if self.slots.iter().any(|slot| slot.repeated) { None } else { Some(self.slots.len()) }
    }

    /// How many slots stand before the one that is optional or repeated, and how many after it.
    pub(super) fn around_flexible(&self) -> (usize, usize) {
        let flexible = self.slots.iter().position(|slot| slot.optional || slot.repeated);
        let before = flexible.unwrap_or(self.slots.len());
        (before, self.slots.len().saturating_sub(before + 1))
    }

    /// The slot of the `nth` of `count` words.
    pub(super) fn slot(&self, nth: usize, count: usize) -> Option<&Slot> {
        let (before, after) = self.around_flexible();
        let from_right = count.saturating_sub(nth);
        if nth < before {
            self.slots.get(nth)
        } else if from_right <= after {
            self.slots.get(self.slots.len().saturating_sub(from_right))
        } else {
            self.slots.get(before)
        }
    }
}

impl Segment {
    /// Its options, if it has any.
    pub fn block(&self) -> Option<&Block> {
        match self {
            Self::Block(block) | Self::Mixed(Mixed { block, .. }) => Some(block),
            Self::Run(_) | Self::Fixed(_) => None,
        }
    }

    /// Its values, if it is or holds a run.
    pub fn run(&self) -> Option<&Run> {
        match self {
            Self::Run(run) | Self::Mixed(Mixed { run, .. }) => Some(run),
            Self::Block(_) | Self::Fixed(_) => None,
        }
    }

    /// Its fixed words, if it is such.
    pub fn fixed(&self) -> Option<&Fixed> {
        match self {
            Self::Fixed(fixed) => Some(fixed),
            Self::Block(_) | Self::Run(_) | Self::Mixed(_) => None,
        }
    }

    /// Whether nothing of it needs to be typed.
    pub fn may_be_absent(&self) -> bool {
        self.block().is_none_or(|block| block.options.iter().all(|option| !option.required))
            && self.run().is_none_or(|run| run.least() == 0)
            && self.fixed().is_none_or(|fixed| fixed.optional)
    }

    /// Every pattern in it, options' values included, in the order written.
    pub fn patterns(&self) -> Vec<&Pattern> {
        let mut all = Vec::new();
        for (_, _, spelling) in self.block().into_iter().flat_map(Block::spellings) {
            if let Name::Word(patterns) = &spelling.name {
                all.extend(patterns);
            }
            all.extend(spelling.value.iter().flat_map(|value| &value.patterns));
        }
        all.extend(self.run().into_iter().flat_map(|run| &run.slots).flat_map(|slot| &slot.patterns));
        let sequences = self.fixed().into_iter().flat_map(|fixed| &fixed.sequences);
        all.extend(sequences.flat_map(|sequence| &sequence.words).flatten());
        all
    }
}

/// Whether a type may take a word beginning with `+` although the synopsis has `+` options: a file may be
/// called so, and no integer is.
pub(super) fn may_begin_with_plus(wanted: &Type) -> bool {
    wanted.is_path() || is_integer(wanted)
}

/// Whether all values of a type are integers.
pub(super) fn is_integer(wanted: &Type) -> bool {
    match &wanted.kind {
        Kind::Integer { .. } => true,
        Kind::BuiltIn(built_in) => matches!(built_in, BuiltIn::Number | BuiltIn::Port | BuiltIn::Pid),
        Kind::Path(_) | Kind::Regex(_) | Kind::OneOf(_) => false,
    }
}
