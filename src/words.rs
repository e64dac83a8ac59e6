//! Cuts a line into words and operators, once, and refuses whatever only a shell could mean. What is judged
//! later is exactly these words: nothing is ever cut again.

use crate::excerpt::Span;

/// One word of a line: free of NUL and control characters, unquoted, never cut again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    text: String,
    span: Span,
    /// Byte offsets in `text` of `*`, `?` and `[` that stood outside quotes.
    magic: Vec<usize>,
}

impl Word {
    /// The word as the program will get it, quotes removed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it stands in the typed line.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Byte offsets in the text of the pattern characters that stood outside quotes; empty for most words.
    pub fn magic(&self) -> &[usize] {
        &self.magic
    }
}
