//! A regular language over ASCII, as a tree that is kept simple while it is built.

use super::Letters;
use crate::admin::documents::automata::{CharSet, Language, Tree, shortest};

/// Some texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Regular {
    /// One of these characters.
    Letter(Letters),
    /// One after the other; of none it is the empty text.
    Row(Vec<Regular>),
    /// Any of these; of none it is no text at all.
    Either(Vec<Regular>),
    /// At least, and at most (`None`: no limit) so many times.
    Times(Box<Regular>, u32, Option<u32>),
}

impl Regular {
    /// The empty text.
    pub fn nothing() -> Self {
        Self::Row(Vec::new())
    }

    /// No text at all.
    pub fn never() -> Self {
        Self::Either(Vec::new())
    }

    /// One of the characters.
    pub fn letter(letters: Letters) -> Self {
        if letters.is_empty() { Self::never() } else { Self::Letter(letters) }
    }

    /// This text; none at all if it is not ASCII.
    pub fn text(text: &str) -> Self {
        Self::row(text.chars().map(|c| match c.is_ascii() {
            true => Self::Letter(Letters::of(c.encode_utf8(&mut [0; 4]))),
            false => Self::never(),
        }))
    }

    /// One after the other.
    pub fn row(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Vec::new();
        for part in parts {
            match part {
                Self::Row(parts) => all.extend(parts),
                Self::Either(none) if none.is_empty() => return Self::never(),
                other => all.push(other),
            }
        }
        match <[Self; 1]>::try_from(all) {
            Ok([only]) => only,
            Err(all) => Self::Row(all),
        }
    }

    /// Any of these.
    pub fn either(ways: impl IntoIterator<Item = Self>) -> Self {
        let mut all: Vec<Self> = Vec::new();
        let mut letters = Letters::default();
        let mut open: Vec<Self> = ways.into_iter().collect();
        open.reverse();
        while let Some(way) = open.pop() {
            match way {
                Self::Either(ways) => open.extend(ways.into_iter().rev()),
                Self::Letter(more) => letters = letters.or(more),
                way if all.contains(&way) => {}
                way => all.push(way),
            }
        }
        if !letters.is_empty() {
            all.push(Self::Letter(letters));
        }
        let empty = all.iter().position(|way| *way == Self::nothing());
        if let Some(at) = empty {
            all.remove(at);
            return Self::with_common_end(all).optional();
        }
        Self::with_common_end(all)
    }

    /// Ways that end in the same part, a text's last letter not counted, are one row with that part behind them.
    fn with_common_end(ways: Vec<Self>) -> Self {
        let end = |way: &Self| match way {
            Self::Row(parts) => parts.last().cloned(),
            Self::Letter(_) | Self::Either(_) | Self::Times(..) => None,
        };
        let shared = ways.first().and_then(end).filter(|first| {
            let literal = matches!(first, Self::Letter(letters) if letters.single().is_some());
            ways.len() > 1 && !literal && ways.iter().all(|way| end(way).as_ref() == Some(first))
        });
        match (shared, <[Self; 1]>::try_from(ways)) {
            (_, Ok([only])) => only,
            (None, Err(ways)) => Self::Either(ways),
            (Some(shared), Err(ways)) => {
                Self::row([Self::either(ways.into_iter().map(Self::without_last)), shared])
            }
        }
    }

    fn without_last(self) -> Self {
        match self {
            Self::Row(mut parts) => {
                parts.pop();
                Self::row(parts)
            }
            other => other,
        }
    }

    /// Repeated.
    #[must_use]
    pub fn times(self, least: u32, most: Option<u32>) -> Self {
        match (&self, least, most) {
            (Self::Either(none), 0, _) if none.is_empty() => Self::nothing(),
            (_, _, Some(0)) => Self::nothing(),
            (_, 1, Some(1)) => self,
            (Self::Row(none), _, _) if none.is_empty() => self,
            (Self::Either(none), _, _) if none.is_empty() => self,
            (Self::Times(inside, 0, Some(1)), 0, None) | (Self::Times(inside, 0 | 1, None), 0, _) => {
                Self::Times(inside.clone(), 0, None)
            }
            _ => Self::Times(Box::new(self), least, most),
        }
    }

    /// Once or not at all.
    #[must_use]
    pub fn optional(self) -> Self {
        self.times(0, Some(1))
    }

    /// Any number of times.
    #[must_use]
    pub fn any_times(self) -> Self {
        self.times(0, None)
    }

    /// Whether no text belongs.
    pub fn is_never(&self) -> bool {
        *self == Self::never()
    }

    /// Whether the empty text belongs.
    pub fn may_be_empty(&self) -> bool {
        match self {
            Self::Letter(_) => false,
            Self::Row(parts) => parts.iter().all(Self::may_be_empty),
            Self::Either(ways) => ways.iter().any(Self::may_be_empty),
            Self::Times(inside, least, _) => *least == 0 || inside.may_be_empty(),
        }
    }

    /// Only the texts of these characters.
    #[must_use]
    pub fn within(&self, letters: Letters) -> Self {
        match self {
            Self::Letter(own) => Self::letter(own.and(letters)),
            Self::Row(parts) => Self::row(parts.iter().map(|part| part.within(letters))),
            Self::Either(ways) => Self::either(ways.iter().map(|way| way.within(letters))),
            Self::Times(inside, least, most) => inside.within(letters).times(*least, *most),
        }
    }

    /// What follows `first` in the texts that begin with one of it, whichever that is; with `first` itself kept
    /// where `keep`.
    fn from(&self, first: Letters, keep: bool) -> Self {
        match self {
            Self::Letter(own) if keep => Self::letter(own.and(first)),
            Self::Letter(own) if own.and(first).is_empty() => Self::never(),
            Self::Letter(_) => Self::nothing(),
            Self::Either(ways) => Self::either(ways.iter().map(|way| way.from(first, keep))),
            Self::Times(inside, least, most) => {
                let rest =
                    inside.clone().times(least.saturating_sub(1), most.map(|most| most.saturating_sub(1)));
                Self::row([inside.from(first, keep), rest])
            }
            Self::Row(parts) => {
                let reachable = parts.iter().take_while(|part| part.may_be_empty()).count() + 1;
                let ways = parts.iter().take(reachable).enumerate().map(|(at, part)| {
                    let rest = parts.iter().skip(at + 1).cloned();
                    Self::row(std::iter::once(part.from(first, keep)).chain(rest))
                });
                Self::either(ways)
            }
        }
    }

    /// The texts, none of them empty, that begin with none of `letters`.
    #[must_use]
    pub fn not_beginning_with(&self, letters: Letters) -> Self {
        self.from(Letters::range(0, 127).without(letters), true)
    }

    /// What stands behind `letter` in the texts that begin with it.
    #[must_use]
    pub fn behind(&self, letter: Letters) -> Self {
        self.from(letter, false)
    }

    /// Counts above `most` are no limit any more: larger, and much smaller to write.
    #[must_use]
    pub fn loosened(&self, most: u32) -> Self {
        match self {
            Self::Letter(_) => self.clone(),
            Self::Row(parts) => Self::row(parts.iter().map(|part| part.loosened(most))),
            Self::Either(ways) => Self::either(ways.iter().map(|way| way.loosened(most))),
            Self::Times(inside, least, limit) => {
                let limit = limit.filter(|limit| *limit <= most);
                inside.loosened(most).times((*least).min(most), limit)
            }
        }
    }

    /// Every text, if they are at most `most`.
    pub fn texts(&self, most: usize) -> Option<Vec<String>> {
        let all = match self {
            Self::Letter(letters) => letters.iter().map(|byte| char::from(byte).to_string()).collect(),
            Self::Either(ways) => {
                ways.iter().map(|way| way.texts(most)).collect::<Option<Vec<_>>>()?.concat()
            }
            Self::Row(parts) => {
                let mut all = vec![String::new()];
                for part in parts {
                    all = pairs(&all, &part.texts(most)?, most)?;
                }
                all
            }
            Self::Times(inside, least, limit) => {
                let inside = inside.texts(most)?;
                let mut rows = vec![String::new()];
                let mut all = Vec::new();
                for count in 0..=(*limit)? {
                    if count > 0 {
                        rows = pairs(&rows, &inside, most)?;
                    }
                    if count >= *least {
                        all.extend(rows.iter().cloned());
                    }
                    if all.len() > most {
                        return None;
                    }
                }
                all
            }
        };
        let mut all: Vec<String> = all;
        all.sort_unstable();
        all.dedup();
        (all.len() <= most).then_some(all)
    }

    /// For asking what it has in common with another.
    pub(super) fn language(&self) -> Language {
        Language::described(&self.tree())
    }

    fn tree(&self) -> Tree {
        match self {
            Self::Letter(letters) => {
                let text: String = letters.iter().map(char::from).collect();
                Tree::Set { set: CharSet::of(&text), open: letters.single().is_none() }
            }
            Self::Row(parts) => Tree::Sequence(parts.iter().map(Self::tree).collect()),
            Self::Either(none) if none.is_empty() => Tree::Set { set: CharSet::default(), open: false },
            Self::Either(ways) => Tree::Either(ways.iter().map(Self::tree).collect()),
            Self::Times(inside, least, most) => Tree::Repeat(Box::new(inside.tree()), *least, *most),
        }
    }

    /// Whether it is certain that no text belongs to both.
    pub fn is_apart_from(&self, other: &Self) -> bool {
        let (one, other) = (self.loosened(LOOSE).language(), other.loosened(LOOSE).language());
        matches!(shortest(&[&one, &other]), Ok(None))
    }

    /// Whether `text` belongs.
    pub fn takes(&self, text: &str) -> bool {
        self.language().holds(text)
    }
}

/// Languages are compared without their larger counts: quicker, and an overlap too many does no harm.
const LOOSE: u32 = 8;

fn pairs(one: &[String], other: &[String], most: usize) -> Option<Vec<String>> {
    let few = one.len().checked_mul(other.len()).is_some_and(|count| count <= most);
    few.then(|| one.iter().flat_map(|a| other.iter().map(move |b| format!("{a}{b}"))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::language::Dialect;

    fn shared(regular: &Regular) -> String {
        regular.written(Dialect::Shared)
    }

    fn ab() -> Regular {
        Regular::either([Regular::text("a"), Regular::text("-b"), Regular::text("cd")])
    }

    #[test]
    fn what_begins_with_a_dash_is_taken_out() {
        let wordy = Regular::letter(Letters::of("-ab")).times(0, Some(9));
        let dashless = wordy.not_beginning_with(Letters::of("-"));
        assert!(dashless.takes("a-b") && !dashless.takes("-a") && !dashless.takes(""));
        assert_eq!(shared(&ab().not_beginning_with(Letters::of("-"))), "cd|a");
    }

    #[test]
    fn behind_a_blank_stands_the_rest_of_every_text_that_begins_with_one() {
        let option = Regular::text(" -v").any_times();
        let line = Regular::row([option, Regular::text(" go")]).behind(Letters::of(" "));
        for (text, wanted) in
            [("go", true), ("-v go", true), ("-v -v go", true), (" go", false), ("-v", false)]
        {
            assert_eq!(line.takes(text), wanted, "{text}");
        }
    }

    #[test]
    fn all_texts_are_listed_where_they_are_few() {
        assert_eq!(ab().texts(3), Some(vec!["-b".to_owned(), "a".to_owned(), "cd".to_owned()]));
        assert_eq!(ab().texts(2), None);
        assert_eq!(ab().any_times().texts(99), None);
        assert_eq!(ab().times(0, Some(2)).texts(99).unwrap().len(), 13);
    }

    #[test]
    fn a_row_with_an_impossible_part_is_impossible() {
        assert!(Regular::row([Regular::text("a"), Regular::text("\u{fc}")]).is_never());
        assert_eq!(Regular::text("\u{fc}").optional(), Regular::nothing());
    }

    #[test]
    fn languages_that_share_a_text_are_not_apart() {
        assert!(!ab().is_apart_from(&Regular::letter(Letters::of("abc")).any_times()));
        assert!(ab().is_apart_from(&Regular::text("b")));
    }
}
