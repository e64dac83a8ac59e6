//! A type's own regular expression as a language: read by the parser of the crate that matches it, so that there
//! is no second opinion on what it says.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::{Letters, Regular};

/// The texts that are matched from end to end, as far as they are ASCII; `None` where the expression asks what
/// stands beside a place within it.
pub(super) fn expression(text: &str) -> Option<Regular> {
    let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(text).ok()?;
    match hir.kind() {
        HirKind::Concat(parts) => {
            let parts = parts.strip_prefix(&[Hir::look(Look::Start)][..]).unwrap_or(parts);
            let parts = parts.strip_suffix(&[Hir::look(Look::End)][..]).unwrap_or(parts);
            parts.iter().map(regular).collect::<Option<Vec<_>>>().map(Regular::row)
        }
        _ => regular(&hir),
    }
}

fn regular(hir: &Hir) -> Option<Regular> {
    Some(match hir.kind() {
        HirKind::Empty => Regular::nothing(),
        HirKind::Literal(bytes) => Regular::row(bytes.0.iter().map(|byte| ascii(*byte, *byte))),
        HirKind::Class(Class::Bytes(class)) => {
            Regular::either(class.ranges().iter().map(|range| ascii(range.start(), range.end())))
        }
        HirKind::Class(Class::Unicode(class)) => {
            let end = |c: char| u8::try_from(c).unwrap_or(u8::MAX);
            Regular::either(class.ranges().iter().map(|range| ascii(end(range.start()), end(range.end()))))
        }
        HirKind::Look(_) => return None,
        HirKind::Repetition(again) => regular(&again.sub)?.times(again.min, again.max),
        HirKind::Capture(group) => regular(&group.sub)?,
        HirKind::Concat(parts) => Regular::row(parts.iter().map(regular).collect::<Option<Vec<_>>>()?),
        HirKind::Alternation(ways) => Regular::either(ways.iter().map(regular).collect::<Option<Vec<_>>>()?),
    })
}

fn ascii(first: u8, last: u8) -> Regular {
    Regular::letter(Letters::range(first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::types::Pattern;

    #[test]
    fn it_takes_what_the_matcher_takes() {
        let texts = ["", "a", "b", "ab", "aab", "a-b", "-", "a b", "]", "^", "7", "_", "abc", "aa", "zz"];
        let expressions = [
            "[a-z]+",
            "a|b",
            "a{1,2}b?",
            r"\w+",
            r"\d*",
            "(a|ab)(c|)",
            "[a-z&&[^b]]+",
            r"[\]^]",
            "^a+$",
            "a.b",
            "[^a]",
            r"(?:a-)?b",
            "[[:alpha:]]{2}",
        ];
        for written in expressions {
            let (pattern, language) = (Pattern::new(written).unwrap(), expression(written).unwrap());
            for text in texts {
                assert_eq!(language.takes(text), pattern.matches(text), "{written} on {text:?}");
            }
        }
    }

    #[test]
    fn what_asks_for_an_edge_of_a_word_is_left_alone() {
        assert_eq!(expression(r"a\b-"), None);
    }
}
