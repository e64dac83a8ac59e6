//! The pattern a person types: `*`, `?` and `[...]` outside quotes. `**` is no more than `*`, and no pattern
//! character takes a leading dot.

use super::expand::ExpandFault;
use crate::policy::glob::component::{Class, Token, fits};

/// One component of a typed pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Stands for itself.
    Name(String),
    /// Stands for every name that fits.
    Like(Vec<Token>),
}

impl Part {
    /// Whether a directory entry fits.
    pub(super) fn fits(&self, entry: &[u8]) -> bool {
        match self {
            Self::Name(name) => name.as_bytes() == entry,
            Self::Like(tokens) => {
                let dotted = matches!(tokens.first(), Some(Token::Char('.')));
                (dotted || !entry.starts_with(b".")) && fits(tokens, entry)
            }
        }
    }

    /// What one entry costs: a long pattern counts for several.
    pub(super) fn cost(&self, entry: &[u8]) -> usize {
        match self {
            Self::Name(_) => 1,
            Self::Like(tokens) => 1 + tokens.len() * entry.len() / 4096,
        }
    }
}

/// Cuts a word at its slashes and reads each component. `magic` are the byte offsets of unquoted `*`, `?`, `[`.
pub(super) fn parts(text: &str, magic: &[usize]) -> Result<Vec<Part>, ExpandFault> {
    let mut parts = Vec::new();
    let mut start = 0;
    for name in text.split('/') {
        let end = start + name.len();
        let own: Vec<usize> =
            magic.iter().filter(|at| (start..end).contains(at)).map(|at| at - start).collect();
        match (name, own.as_slice()) {
            ("", _) => {}
            (name, []) => parts.push(Part::Name(name.to_owned())),
            (name, own) => parts.push(Part::Like(tokens(name, own)?)),
        }
        start = end + 1;
    }
    Ok(parts)
}

fn tokens(name: &str, magic: &[usize]) -> Result<Vec<Token>, ExpandFault> {
    let mut tokens = Vec::new();
    let mut chars = name.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let token = match c {
            '*' if magic.contains(&at) => Token::Many,
            '?' if magic.contains(&at) => Token::One,
            '[' if magic.contains(&at) => {
                let (class, end) = class(name, at + 1)?;
                while chars.next_if(|(at, _)| *at < end).is_some() {}
                Token::Class(class)
            }
            other => Token::Char(other),
        };
        if token != Token::Many || tokens.last() != Some(&Token::Many) {
            tokens.push(token);
        }
    }
    Ok(tokens)
}

/// Reads a bracket expression from behind its `[`, glob(7): `!` or `^` negates, a `]` that comes first is
/// itself, `a-z` is a range. Classes such as `[:alpha:]` are not understood. Also says where it ends.
fn class(name: &str, start: usize) -> Result<(Class, usize), ExpandFault> {
    let inside = name.get(start..).ok_or(ExpandFault::Syntax)?;
    let body = inside.strip_prefix(['!', '^']).unwrap_or(inside);
    let first = body.chars().next().map_or(0, char::len_utf8);
    let close = body.get(first..).and_then(|rest| rest.find(']')).ok_or(ExpandFault::Syntax)? + first;
    let (listed, _) = body.split_at_checked(close).ok_or(ExpandFault::Syntax)?;
    if listed.contains("[:") || listed.contains("[.") || listed.contains("[=") {
        return Err(ExpandFault::Syntax);
    }
    let negated = body.len() != inside.len();
    let end = start + usize::from(negated) + close + 1;
    Ok((Class { negated, ranges: ranges(listed)? }, end))
}

fn ranges(listed: &str) -> Result<Vec<(char, char)>, ExpandFault> {
    let mut ranges = Vec::new();
    let mut rest = listed;
    while let Some(from) = rest.chars().next() {
        let after = rest.get(from.len_utf8()..).unwrap_or_default();
        let to = after.strip_prefix('-').and_then(|upper| upper.chars().next());
        let (to, width) = to.map_or((from, 0), |to| (to, 1 + to.len_utf8()));
        if to < from {
            return Err(ExpandFault::Syntax);
        }
        ranges.push((from, to));
        rest = after.get(width..).unwrap_or_default();
    }
    Ok(ranges)
}
