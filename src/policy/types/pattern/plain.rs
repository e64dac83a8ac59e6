//! Tells patterns that are certain to be sound and small: rows of characters and simple classes, each perhaps
//! with a repetition. Those need not be compiled to find their faults, and most sessions use none of them.

/// Characters a pattern may take, repetitions counted out: far below what the compiled size allows.
const LONGEST: usize = 256;
/// Characters and ranges in one class.
const MOST_ITEMS: usize = 16;

/// Whether `text` compiles without doubt. Everything it does not know is left to the compiler.
pub(super) fn is_plain(text: &str) -> bool {
    let mut rest = text.as_bytes();
    let mut length = 0_usize;
    while !rest.is_empty() {
        let Some((times, after)) = atom(rest).and_then(repetition) else { return false };
        length = length.saturating_add(times);
        rest = after;
    }
    length <= LONGEST
}

/// What follows one character or class.
fn atom(text: &[u8]) -> Option<&[u8]> {
    match text.split_first()? {
        (b'[', inside) => class(inside),
        (b'\\', rest) => rest.strip_prefix(b"."),
        (byte, rest) => (byte.is_ascii_alphanumeric() || b" ._/:@,=%-".contains(byte)).then_some(rest),
    }
}

/// What follows the class whose inside `text` begins with.
fn class(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text.strip_prefix(b"-").unwrap_or(text);
    for _ in 0..MOST_ITEMS {
        rest = match rest {
            [b'-', b']', after @ ..] => return Some(after),
            [b']', after @ ..] if rest.len() < text.len() => return Some(after),
            [from, b'-', to, after @ ..] if is_member(*from) && is_end(*to) && from <= to => after,
            [one, after @ ..] if is_member(*one) => after,
            _ => return None,
        };
    }
    None
}

/// What stands in a class for itself wherever it stands.
fn is_member(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !b"[]\\^&~-".contains(&byte)
}

/// What ends a range.
fn is_end(byte: u8) -> bool {
    is_member(byte) || byte == b'~'
}

/// How often, at most and finitely, what stands before `text` is repeated, and what follows.
fn repetition(text: &[u8]) -> Option<(usize, &[u8])> {
    let (times, rest) = match text.split_first() {
        Some((b'+' | b'*' | b'?', rest)) => (1, rest),
        Some((b'{', inside)) => bounds(inside)?,
        Some(_) | None => return Some((1, text)),
    };
    let again = matches!(rest.first(), Some(b'+' | b'*' | b'?' | b'{'));
    (!again).then_some((times, rest))
}

/// `n}`, `n,}` or `n,m}`.
fn bounds(inside: &[u8]) -> Option<(usize, &[u8])> {
    let end = inside.iter().position(|byte| *byte == b'}')?;
    let (written, rest) = inside.split_at_checked(end)?;
    let mut numbers = str::from_utf8(written).ok()?.split(',').map(number);
    let least = numbers.next()??;
    let most = match (numbers.next(), written.last()) {
        (None, _) | (Some(_), Some(b',')) => least,
        (Some(most), _) => most?,
    };
    let sound = numbers.next().is_none() && least <= most;
    sound.then_some((most.max(1), rest.strip_prefix(b"}")?))
}

fn number(text: &str) -> Option<usize> {
    let plain = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{ANCHORED_SIZE, SIZE, compile};
    use super::*;

    #[test]
    fn everyday_patterns_are_plain() {
        for text in [
            "[0-9][0-9,.-]{0,30}",
            "[ -,.-~][ -~]{0,7}",
            "[A-Z]+-[0-9]{1,6}",
            "CHG[0-9]{7}",
            "v[0-9]*",
            r"a\.b?",
        ] {
            assert!(is_plain(text), "{text}");
        }
    }

    #[test]
    fn what_could_be_wrong_or_large_is_compiled() {
        for text in [
            "(a)",
            "a|b",
            "a**",
            "a{2,1}",
            "a{257}",
            "[a-z]{200}[a-z]{200}",
            "[z-a]",
            "[^a]",
            "[]",
            "[a",
            "[a&&b]",
            "+",
            "^a$",
            r"\d",
            "a{",
            "a{,2}",
            "[--a]",
            "\u{fc}",
            "(?i)a",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn a_plain_pattern_compiles(text in r"([a-z.-]|\[-?[a-z0-9&~,.-]{0,3}(0-9|a-z| -~|.)?-?\]|\\.)([+*?]|\{[0-9]{0,2},?[0-9]{0,3}\})?[^é]{0,3}") {
            if is_plain(&text) {
                prop_assert!(compile(&text, SIZE).is_ok(), "{}", text);
                prop_assert!(compile(&format!(r"\A(?:{text})\z"), ANCHORED_SIZE).is_ok(), "{}", text);
            }
        }

        #[test]
        fn so_does_the_largest(classes in proptest::collection::vec("\\[[a-z0-9,.;:!]{1,16}\\]\\{[0-9]{2,3}\\}", 1..4)) {
            let text = classes.concat();
            if is_plain(&text) {
                prop_assert!(compile(&text, SIZE).is_ok(), "{}", text);
            }
        }
    }
}
