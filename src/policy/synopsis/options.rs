//! Finds a word among the options of a block, the way getopt reads it: an option written as it is, then
//! `--name=value`, then text around a value, then letters in one word.

use super::shape::{Block, Name, Spelling};

/// An option of a block, and how a word names it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'s> {
    /// Index of the option in its block.
    pub(super) option: usize,
    /// Index of the spelling in its option.
    pub(super) spelling: usize,
    pub(super) written: &'s Spelling,
    pub(super) how: How,
}

/// How a word names an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// It is the option.
    Exact,
    /// `--name=value`
    Equals,
    /// The option's own text with a value in it.
    Around,
    /// One or more letters, perhaps with the value of the last.
    Bundle,
}

impl Block {
    /// The option that `text` names, or whose first letter it names.
    pub(super) fn find(&self, text: &str) -> Option<Found<'_>> {
        if !text.starts_with(['-', '+']) {
            return None;
        }
        self.first(How::Exact, |spelling| spelling.is(text))
            .or_else(|| self.first(How::Equals, |spelling| spelling.equals(text)))
            .or_else(|| self.first(How::Around, |spelling| spelling.surrounds(text)))
            .or_else(|| {
                if self.has_words() {
                    self.first(How::Around, |spelling| spelling.is_attached_to(text))
                } else {
                    first_letter(text).and_then(|letter| self.letter(letter))
                }
            })
    }

    /// The option of one letter.
    pub(super) fn letter(&self, letter: char) -> Option<Found<'_>> {
        self.first(How::Bundle, |spelling| matches!(spelling.name, Name::Short(own) if own == letter))
    }

    fn first(&self, how: How, fits: impl Fn(&Spelling) -> bool) -> Option<Found<'_>> {
        let (option, spelling, written) = self.spellings().find(|(_, _, spelling)| fits(spelling))?;
        Some(Found { option, spelling, written, how })
    }
}

/// The first letter of what may be a bundle.
pub(super) fn first_letter(text: &str) -> Option<char> {
    text.strip_prefix('-').and_then(|letters| letters.chars().next()).filter(|letter| *letter != '-')
}

impl Spelling {
    /// Whether `text` is the option alone.
    pub(super) fn is(&self, text: &str) -> bool {
        match &self.name {
            Name::Short(letter) => text.strip_prefix('-').is_some_and(|rest| is_letter(rest, *letter)),
            Name::Long(name) => text.strip_prefix("--") == Some(name),
            Name::Word(patterns) => patterns.iter().any(|p| p.is_exact() && p.before == text),
        }
    }

    fn equals(&self, text: &str) -> bool {
        let Name::Long(name) = &self.name else { return false };
        text.strip_prefix("--")
            .and_then(|rest| rest.strip_prefix(name.as_str()))
            .is_some_and(|rest| rest.starts_with('='))
    }

    fn surrounds(&self, text: &str) -> bool {
        let Name::Word(patterns) = &self.name else { return false };
        patterns.iter().any(|pattern| pattern.is_around() && pattern.inside(text).is_some())
    }

    /// `-n5` where `-n<t>` or `-n[<t>]` is written: attached by the synopsis itself, so also beside options
    /// that are words.
    fn is_attached_to(&self, text: &str) -> bool {
        let Name::Short(letter) = self.name else { return false };
        let only_attached = self.value.as_ref().is_some_and(|value| value.attachment.is_in_word());
        only_attached && first_letter(text) == Some(letter)
    }
}

fn is_letter(rest: &str, letter: char) -> bool {
    let mut letters = rest.chars();
    letters.next() == Some(letter) && letters.next().is_none()
}
