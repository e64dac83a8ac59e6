//! One component of a glob: characters, `?`, `*` and, in what a person types, brackets. The matcher here is
//! the only one; whole paths go through it too, with `**` in the place of `*`.

/// One element of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::policy) enum Token {
    /// This character.
    Char(char),
    /// `?`: any one.
    One,
    /// `*`: any number, none included.
    Many,
    /// `[...]`: only in what a person types.
    Class(Class),
}

/// A bracket expression: single characters are ranges of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::policy) struct Class {
    pub(in crate::policy) negated: bool,
    pub(in crate::policy) ranges: Vec<(char, char)>,
}

impl Token {
    /// A byte that is no part of a UTF-8 character is `None`: only `?`, `*` and a negated class take it.
    fn takes(&self, unit: Option<char>) -> bool {
        match self {
            Self::Char(wanted) => unit == Some(*wanted),
            Self::One | Self::Many => true,
            Self::Class(class) => class.takes(unit),
        }
    }
}

impl Class {
    fn takes(&self, unit: Option<char>) -> bool {
        let listed = unit.is_some_and(|c| self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)));
        listed != self.negated
    }
}

/// `*` and `?` as pattern characters, all else as itself; neighbouring stars are one.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = text
        .chars()
        .map(|c| match c {
            '*' => Token::Many,
            '?' => Token::One,
            other => Token::Char(other),
        })
        .collect();
    tokens.dedup_by(|a, b| matches!((a, b), (Token::Many, Token::Many)));
    tokens
}

/// Whether the whole of `text` fits. At most tokens × bytes steps.
pub(in crate::policy) fn fits(tokens: &[Token], text: &[u8]) -> bool {
    greedy(
        tokens,
        text,
        |token| matches!(token, Token::Many),
        |token, text| next_unit(text).and_then(|(unit, rest)| token.takes(unit).then_some(rest)),
        |text| next_unit(text).map(|(_, rest)| rest),
    )
}

/// Matches without a stack: of all stars only the last one met is ever widened, because an earlier one has
/// already given what follows it the most room. `step` takes one unit that the element accepts, `skip` any.
pub(super) fn greedy<'t, P>(
    pattern: &[P],
    text: &'t [u8],
    is_many: impl Fn(&P) -> bool,
    step: impl Fn(&P, &'t [u8]) -> Option<&'t [u8]>,
    skip: impl Fn(&'t [u8]) -> Option<&'t [u8]>,
) -> bool {
    let (mut wanted, mut left) = (pattern, text);
    let mut widen: Option<(&[P], &'t [u8])> = None;
    loop {
        match wanted.split_first() {
            Some((element, after)) if is_many(element) => {
                if after.is_empty() {
                    return true;
                }
                (wanted, widen) = (after, Some((after, left)));
                continue;
            }
            Some((element, after)) => {
                if let Some(rest) = step(element, left) {
                    (wanted, left) = (after, rest);
                    continue;
                }
            }
            None if left.is_empty() => return true,
            None => {}
        }
        let Some((after, from)) = widen else { return false };
        let Some(rest) = skip(from) else { return false };
        (wanted, left, widen) = (after, rest, Some((after, rest)));
    }
}

/// The next character where valid UTF-8 stands, else the next byte alone.
fn next_unit(text: &[u8]) -> Option<(Option<char>, &[u8])> {
    let (&first, rest) = text.split_first()?;
    if first.is_ascii() {
        return Some((Some(char::from(first)), rest));
    }
    let width = match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    };
    let whole = text
        .split_at_checked(width)
        .and_then(|(bytes, rest)| Some((str::from_utf8(bytes).ok()?.chars().next()?, rest)));
    Some(match whole {
        Some((c, rest)) => (Some(c), rest),
        None => (None, rest),
    })
}
