//! Cuts a line into words and operators, once, and refuses whatever only a shell could mean. What is judged
//! later is exactly these words: nothing is ever cut again.
//!
//! A quote-aware pass ([`scan`]) finds where words and operators stand and reads the words; the `shell-words`
//! crate then reads each word on its own, and both must have read the same: a line that two readers take
//! differently is refused, for the next reader could be a program.

mod fault;
mod partial;
mod quote;
mod reading;
mod scan;

pub use fault::{LineFault, Problem};
pub use partial::{Partial, PartialWord, Quote, cut_until};
pub use quote::quote;

use crate::excerpt::{Span, is_hidden};

/// Bytes of a line. Session Manager passes less, and no person types more.
pub const MAX_LINE: usize = 16 * 1024;

/// Words of a line, over all its commands.
pub const MAX_WORDS: usize = 1_000;

/// Commands of a line.
pub const MAX_COMMANDS: usize = 64;

/// Commands of one pipeline: they all run at once.
pub const MAX_PIPELINE: usize = 16;

/// Bytes of a word: the longest path the kernel takes (`PATH_MAX`, without its NUL).
pub const MAX_WORD: usize = 4_095;

/// One word of a line: free of NUL, control and format characters, unquoted, never cut again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    text: String,
    span: Span,
    /// Byte offsets in `text` of `*`, `?` and `[` that stood outside quotes.
    magic: Vec<usize>,
}

impl Word {
    /// A name found in a directory for the pattern typed at `span`; `None` if it can be no word: empty, too
    /// long, or holding control or format characters.
    pub fn found(text: String, span: Span) -> Option<Self> {
        (!text.is_empty() && is_speakable(&text)).then_some(Self { text, span, magic: Vec::new() })
    }

    /// A word that nobody typed (an alias's text), taken literally; `None` if it can be no word.
    pub fn plain(text: &str) -> Option<Self> {
        is_speakable(text).then(|| Self { text: text.to_owned(), span: Span::default(), magic: Vec::new() })
    }

    /// The same place in the line with another text, taken literally; `None` if that can be no word.
    pub fn with_text(&self, text: String) -> Option<Self> {
        is_speakable(&text).then_some(Self { text, span: self.span, magic: Vec::new() })
    }

    /// The word as the program will get it, quotes removed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it stands in the typed line, quotes included.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Byte offsets in the text of the pattern characters that stood outside quotes; empty for most words.
    pub fn magic(&self) -> &[usize] {
        &self.magic
    }
}

/// Whether a text can be a word at all.
fn is_speakable(text: &str) -> bool {
    text.len() <= MAX_WORD && !text.chars().any(is_hidden)
}

/// What stands between two commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `|`
    Pipe,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;`
    Then,
}

impl Operator {
    /// As it is typed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pipe => "|",
            Self::And => "&&",
            Self::Or => "||",
            Self::Then => ";",
        }
    }
}

/// A word or an operator, in the order typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A word.
    Word(Word),
    /// An operator that stood outside quotes, and where.
    Operator(Operator, Span),
}

impl Token {
    /// Where it stands in the line.
    pub fn span(&self) -> Span {
        match self {
            Self::Word(word) => word.span(),
            Self::Operator(_, span) => *span,
        }
    }
}

/// Cuts a whole line. `home` replaces `~` where a word is `~` or begins with `~/`; an empty one makes that an
/// error. A blank line has no tokens. The work is linear in the line's length and bounded by [`MAX_LINE`].
///
/// # Errors
/// The first fault from the left; a line that is too long, no UTF-8, or that holds a control or format
/// character is refused for that before anything of it is read.
pub fn cut(line: &[u8], home: &str) -> Result<Vec<Token>, LineFault> {
    let line = scan::readable(line)?;
    let mut scan = scan::Scan::new(line, home);
    scan.run()?;
    scan.end()
}

#[cfg(test)]
mod tests;
