//! A line that is still being typed: what stands before the cursor, for completion and hints. It is read by the
//! same pass as a whole line, so both see the same words.

use super::Token;
use super::fault::{LineFault, Problem};
use super::reading::Reading;
use super::scan::{Scan, readable};

/// The quote a word stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Quote {
    /// None.
    #[default]
    None,
    /// `'`
    Single,
    /// `"`
    Double,
}

/// A line up to the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial {
    /// What is complete: everything before the last word.
    pub tokens: Vec<Token>,
    /// The word the cursor stands at the end of; empty after a blank or an operator.
    pub last: PartialWord,
    /// The first fault, beyond which nothing was read. An open quote is none: it may still be closed.
    pub fault: Option<LineFault>,
}

/// The word at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartialWord {
    /// Its text so far, quotes removed, `~` replaced.
    pub text: String,
    /// Its first byte in the line, quotes included: what stands from here to the cursor is what was typed.
    pub start: usize,
    /// The quote that is open at the cursor.
    pub quote: Quote,
    /// Byte offsets in `text` of unquoted pattern characters.
    pub magic: Vec<usize>,
}

/// Reads a line up to the cursor, which stands at its end. Never fails: a fault comes with what was understood
/// before it.
pub fn cut_until(line: &str, home: &str) -> Partial {
    let nothing = PartialWord { start: line.len(), ..PartialWord::default() };
    let text = match readable(line.as_bytes()) {
        Ok(text) => text,
        Err(fault) => return Partial { tokens: Vec::new(), last: nothing, fault: Some(fault) },
    };
    let mut scan = Scan::new(text, home);
    let fault = scan.run().err().filter(|fault| !matches!(fault.problem(), Problem::OpenQuote(_)));
    let (mut tokens, reading) = scan.stopped();
    let last = match reading {
        Some(reading) => reading.into(),
        None => pop_touching(&mut tokens, line.len()).unwrap_or(nothing),
    };
    Partial { tokens, last, fault }
}

/// Takes the last token off if it is a word that ends at the cursor: more may still be typed onto it.
fn pop_touching(tokens: &mut Vec<Token>, cursor: usize) -> Option<PartialWord> {
    let token = tokens.pop_if(|token| matches!(token, Token::Word(word) if word.span().end == cursor))?;
    let Token::Word(word) = token else { return None };
    Some(PartialWord { start: word.span.start, text: word.text, quote: Quote::None, magic: word.magic })
}

impl From<Reading> for PartialWord {
    fn from(reading: Reading) -> Self {
        Self { text: reading.text, start: reading.start, quote: reading.quote, magic: reading.magic }
    }
}
