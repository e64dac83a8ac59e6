//! Sets of characters as sorted ranges of code points: the labels on the edges of an automaton.
//!
//! Beside a character stands its *own* twin: the same character where the person, and not the author of the
//! pattern, decided on it. `[\w-]` leaves a dash to the person, `tail -f` does not; a language that asks for an
//! own dash therefore finds the first and not the second. The twins of ASCII live in 128 code points of the
//! private use area, which no pattern has a use for.

/// First code point of the twins: the twin of `c` is `OWN + c`.
const OWN: u32 = 0xE000;
const ASCII_END: u32 = 0x7F;
const LAST: u32 = 0x0010_FFFF;

/// Inclusive ranges, sorted, disjoint and not adjacent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CharSet {
    ranges: Vec<(u32, u32)>,
}

impl CharSet {
    /// The characters from `first` to `last`, both included.
    pub fn range(first: char, last: char) -> Self {
        Self { ranges: vec![(u32::from(first), u32::from(last))] }
    }

    /// One character.
    pub fn one(c: char) -> Self {
        Self::range(c, c)
    }

    /// Every character of `text`.
    pub fn of(text: &str) -> Self {
        text.chars().map(Self::one).fold(Self::default(), |all, c| all.union(&c))
    }

    /// Any character at all.
    pub fn any() -> Self {
        Self { ranges: vec![(0, LAST)] }
    }

    /// Both sets together.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut all: Vec<_> = self.ranges.iter().chain(&other.ranges).copied().collect();
        all.sort_unstable();
        let mut ranges: Vec<(u32, u32)> = Vec::with_capacity(all.len());
        for (first, last) in all {
            match ranges.last_mut() {
                Some(end) if first <= end.1.saturating_add(1) => end.1 = end.1.max(last),
                _ => ranges.push((first, last)),
            }
        }
        Self { ranges }
    }

    /// Every character that is not in the set.
    #[must_use]
    pub fn negated(&self) -> Self {
        let mut ranges = Vec::new();
        let mut from = 0;
        for &(first, last) in &self.ranges {
            if first > from {
                ranges.push((from, first.saturating_sub(1)));
            }
            from = last.saturating_add(1);
        }
        if from <= LAST {
            ranges.push((from, LAST));
        }
        Self { ranges }
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.negated().union(&other.negated()).negated()
    }

    /// Whether `c` is in the set.
    pub fn holds(&self, c: char) -> bool {
        let point = u32::from(c);
        self.ranges.iter().any(|&(first, last)| first <= point && point <= last)
    }

    /// Whether nothing is in the set.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The only character of a set of one.
    pub fn single(&self) -> Option<char> {
        match self.ranges.as_slice() {
            [(first, last)] if first == last => char::from_u32(*first),
            _ => None,
        }
    }

    /// The members, in order, as characters; surrogates are none.
    pub fn chars(&self) -> impl Iterator<Item = char> + '_ {
        self.ranges.iter().flat_map(|&(first, last)| first..=last).filter_map(char::from_u32)
    }

    /// With the other case of every letter, as RE2 folds: `k` and `s` have a third form each.
    #[must_use]
    pub fn folded(&self) -> Self {
        let letters = Self::range('a', 'z').union(&Self::range('A', 'Z')).union(&Self::of("\u{212A}\u{17F}"));
        let found: String = self.intersection(&letters).chars().flat_map(other_cases).collect();
        self.union(&Self::of(&found))
    }

    /// The set whoever chose the character: with the own twin of each ASCII character in it and no others. A
    /// set of nothing but twins asks for the person's choice and stays as it is.
    #[must_use]
    pub fn with_own(&self) -> Self {
        let plain = self.without_own();
        if plain.is_empty() { self.clone() } else { plain.union(&plain.own()) }
    }

    /// The own twins of the ASCII characters in the set, without the characters themselves.
    #[must_use]
    pub fn own(&self) -> Self {
        let ascii = self.intersection(&Self::range('\0', '\u{7F}'));
        Self { ranges: ascii.ranges.iter().map(|&(first, last)| (first + OWN, last + OWN)).collect() }
    }

    /// The set without any twin.
    #[must_use]
    pub fn without_own(&self) -> Self {
        self.intersection(&Self { ranges: vec![(OWN, OWN + ASCII_END)] }.negated())
    }

    /// Where membership changes: the first point of each range and the first after it.
    pub(super) fn borders(&self) -> impl Iterator<Item = u32> + '_ {
        self.ranges.iter().flat_map(|&(first, last)| [first, last.saturating_add(1)])
    }
}

fn other_cases(c: char) -> Vec<char> {
    match c {
        'k' | 'K' | '\u{212A}' => vec!['k', 'K', '\u{212A}'],
        's' | 'S' | '\u{17F}' => vec!['s', 'S', '\u{17F}'],
        _ => vec![c.to_ascii_lowercase(), c.to_ascii_uppercase()],
    }
}

/// The own twin of an ASCII character; other characters have none and stay as they are.
pub fn own(c: char) -> char {
    if c.is_ascii() { char::from_u32(u32::from(c) + OWN).unwrap_or(c) } else { c }
}

/// The character a twin stands for; others stand for themselves.
pub fn plain(c: char) -> char {
    match u32::from(c) {
        point @ OWN..=0xE07F => char::from_u32(point - OWN).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_ranges_melt_together() {
        let all = CharSet::range('a', 'c').union(&CharSet::range('d', 'f'));
        assert_eq!(all, CharSet::range('a', 'f'));
    }

    #[test]
    fn a_set_and_its_negation_share_nothing_and_miss_nothing() {
        let set = CharSet::of("az09-").union(&CharSet::range('\u{100}', '\u{200}'));
        assert!(set.intersection(&set.negated()).is_empty());
        assert_eq!(set.union(&set.negated()), CharSet::any());
    }

    #[test]
    fn folding_knows_the_third_forms_of_k_and_s() {
        assert!(CharSet::one('k').folded().holds('\u{212A}'));
        assert!(CharSet::one('S').folded().holds('\u{17F}'));
        assert!(!CharSet::one('a').folded().holds('b'));
    }

    #[test]
    fn a_twin_is_neither_its_character_nor_lost() {
        let dash = CharSet::one('-');
        assert!(!dash.own().holds('-') && dash.own().holds(own('-')));
        assert_eq!(plain(own('-')), '-');
        assert_eq!(dash.with_own().without_own(), dash);
    }

    #[test]
    fn a_negated_set_does_not_let_its_characters_in_as_twins() {
        let no_quote = CharSet::one('\'').negated().with_own();
        assert!(!no_quote.holds(own('\'')) && no_quote.holds(own('-')));
    }
}
