//! A type's regular expression: checked when the policy is loaded, made for matching when first used.

use std::cell::OnceCell;
use std::fmt;

use regex::bytes::{Regex, RegexBuilder};

mod plain;
mod spoken;

/// Bytes of compiled program that a pattern may take, as the regex crate counts them.
const SIZE: usize = 1 << 18;
/// What the anchors may add to that.
const ANCHORED_SIZE: usize = SIZE + (1 << 12);
/// How deep groups and classes may nest.
const NESTING: u32 = 32;

/// A compiled regular expression, anchored at both ends, ASCII classes.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    anchored: OnceCell<Option<Regex>>,
}

impl Pattern {
    /// Checks `text` alone (size-bounded, no inline flags), then anchors it. Alone, because `a)|(?:b` would
    /// be no fault between the anchors' parentheses and then match what begins with `a`.
    ///
    /// Flags are looked for as text: `(?` is taken for the beginning of a group inside brackets too, where
    /// `\(` says a parenthesis.
    pub fn new(text: &str) -> Result<Self, PatternFault> {
        if text.is_empty() {
            return Err(PatternFault::Empty);
        }
        if has_flags(text) {
            return Err(PatternFault::InlineFlags);
        }
        if plain::is_plain(text) {
            return Ok(Self { text: text.to_owned(), anchored: OnceCell::new() });
        }
        compile(text, SIZE).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => PatternFault::TooLarge,
            other => PatternFault::Syntax(last_line(&other.to_string())),
        })?;
        Ok(Self { text: text.to_owned(), anchored: OnceCell::new() })
    }

    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// In words where it is simple enough, else as written.
    pub fn describe(&self) -> String {
        spoken::spoken(&self.text).unwrap_or_else(|| format!("text matching {}", self.text))
    }

    /// Whether the whole of `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        let anchored =
            self.anchored.get_or_init(|| compile(&format!(r"\A(?:{})\z", self.text), ANCHORED_SIZE).ok());
        anchored.as_ref().is_some_and(|regex| regex.is_match(text.as_bytes()))
    }
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternFault {
    /// What the regex crate says of it, in one line.
    Syntax(String),
    /// Too large once compiled.
    TooLarge,
    /// `(?i)` and its like.
    InlineFlags,
    /// Nothing in it.
    Empty,
}

impl fmt::Display for PatternFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(why) => write!(f, "the regular expression cannot be read: {why}"),
            Self::TooLarge => {
                write!(f, "the regular expression takes more than {} KiB: lower its repetitions", SIZE / 1024)
            }
            Self::InlineFlags => f.write_str("(?flags) are not understood here; (?:...) groups are"),
            Self::Empty => f.write_str("the regular expression is empty"),
        }
    }
}

impl std::error::Error for PatternFault {}

fn compile(text: &str, size: usize) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).unicode(false).size_limit(size).nest_limit(NESTING).build()
}

fn has_flags(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '(']) {
        let (_, from) = rest.split_at(at);
        let mut chars = from.chars();
        if chars.next() == Some('\\') {
            chars.next();
            rest = chars.as_str();
            continue;
        }
        rest = chars.as_str();
        let group =
            rest.strip_prefix('?').is_none_or(|kind| kind.starts_with([':', '<']) || kind.starts_with("P<"));
        if !group {
            return true;
        }
    }
    false
}

/// The regex crate shows the pattern with a caret and says what is wrong last.
fn last_line(message: &str) -> String {
    let line = message.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.trim().trim_start_matches("error: ").to_owned()
}
