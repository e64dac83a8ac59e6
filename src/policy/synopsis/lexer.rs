//! Cuts a synopsis into tokens, longest first. Everything that cannot be a token is a fault here, all of them
//! at once, so that the grammar only ever sees printable ASCII in known pieces.

use super::SynopsisFault;
use super::faults;
use crate::excerpt::Span;

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A run of plain characters.
    Text(String),
    /// `'...'`, without the quotes.
    Quoted(String),
    /// `<name>`, without the angle brackets.
    Type(String),
    /// `[`
    Open,
    /// `]`
    Close,
    /// `(`
    OpenRound,
    /// `)`
    CloseRound,
    /// `|`
    Bar,
    /// `...`
    Dots,
    /// One or more spaces.
    Space,
}

/// The tokens of `text`, or every fault in its characters.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Vec<SynopsisFault>> {
    let mut found = faults::characters(text);
    if !found.is_empty() {
        return Err(found);
    }
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        match token(rest, at) {
            Ok((kind, length)) => {
                all.push(Token { kind, span: Span::new(at, at + length) });
                at += length;
            }
            Err((fault, length)) => {
                found.push(fault);
                at += length;
            }
        }
    }
    if found.is_empty() { Ok(all) } else { Err(found) }
}

/// The token `rest` begins with and its length in bytes, or a fault and how much to pass over.
fn token(rest: &str, at: usize) -> Result<(TokenKind, usize), (SynopsisFault, usize)> {
    let Some(first) = rest.chars().next() else { return Ok((TokenKind::Space, 1)) };
    let single = |kind| Ok((kind, 1));
    match first {
        '[' => single(TokenKind::Open),
        ']' => single(TokenKind::Close),
        '(' => single(TokenKind::OpenRound),
        ')' => single(TokenKind::CloseRound),
        '|' => single(TokenKind::Bar),
        ' ' => Ok((TokenKind::Space, rest.len() - rest.trim_start_matches(' ').len())),
        '\'' => quoted(rest, at),
        '<' => type_name(rest, at),
        '>' => Err((faults::stray_angle(at), 1)),
        _ if rest.starts_with("...") => Ok((TokenKind::Dots, 3)),
        _ => Ok(plain(rest)),
    }
}

fn plain(rest: &str) -> (TokenKind, usize) {
    let special = rest.find([' ', '[', ']', '(', ')', '|', '<', '>', '\'']).unwrap_or(rest.len());
    let end = rest.find("...").unwrap_or(rest.len()).min(special);
    (TokenKind::Text(rest.get(..end).unwrap_or_default().to_owned()), end)
}

fn quoted(rest: &str, at: usize) -> Result<(TokenKind, usize), (SynopsisFault, usize)> {
    let inner = rest.get(1..).unwrap_or_default();
    match inner.split_once('\'') {
        None => Err((faults::unclosed_quote(Span::new(at, at + rest.len())), rest.len())),
        Some(("", _)) => Err((faults::empty_quotes(Span::new(at, at + 2)), 2)),
        Some((word, _)) => Ok((TokenKind::Quoted(word.to_owned()), word.len() + 2)),
    }
}

fn type_name(rest: &str, at: usize) -> Result<(TokenKind, usize), (SynopsisFault, usize)> {
    let inner = rest.get(1..).unwrap_or_default();
    let end =
        inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).unwrap_or(inner.len());
    let (name, after) = inner.split_at_checked(end).unwrap_or((inner, ""));
    if let Some(words) = inner.split('>').next().filter(|words| is_choice(words) && words.len() < inner.len())
    {
        let length = words.len() + 2;
        return Err((faults::choice_as_type(Span::new(at, at + length), words), length));
    }
    if !after.starts_with('>') {
        return Err((faults::unclosed_type(Span::new(at, at + 1 + end), name), 1 + end));
    }
    let length = name.len() + 2;
    if is_name(name) {
        Ok((TokenKind::Type(name.to_owned()), length))
    } else {
        Err((faults::type_name(Span::new(at, at + length), name), length))
    }
}

/// `a|b`, of words that a choice takes.
fn is_choice(text: &str) -> bool {
    let is_word = |word: &str| {
        let word = word.trim_matches(' ');
        !word.is_empty()
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'@'))
    };
    text.contains('|') && text.split('|').all(is_word)
}

/// Whether `text` is a NAME: a lower-case letter, then lower-case letters, digits and dashes.
pub(in crate::policy) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}
