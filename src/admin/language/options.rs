//! The options of a block as they are typed: words of their own, and letters that stand in one word.

use super::values::{Maker, Place};
use super::{Letters, Regular};
use crate::policy::synopsis::{Attachment, Block, Name, Spelling};

/// One way or several to type an option, by where it stands.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    /// As a word (or two) of its own.
    pub(super) own: Regular,
    /// Behind other letters: the letter with what follows it, which ends the word.
    pub(super) ending: Regular,
    /// Letters among others, without a value.
    pub(super) letters: Letters,
}

impl Default for Typed {
    fn default() -> Self {
        Self { own: Regular::never(), ending: Regular::never(), letters: Letters::default() }
    }
}

impl Typed {
    pub(super) fn or(&self, other: &Self) -> Self {
        Self {
            own: Regular::either([self.own.clone(), other.own.clone()]),
            ending: Regular::either([self.ending.clone(), other.ending.clone()]),
            letters: self.letters.or(other.letters),
        }
    }

    /// The word in which this is typed, beside letters of `others`.
    pub(super) fn word(&self, others: &Self) -> Regular {
        let before = Regular::letter(others.letters).any_times();
        let end = Regular::either([Regular::nothing(), others.ending.clone()]);
        let among = Regular::row([Regular::letter(self.letters), before.clone(), end]);
        let letters =
            Regular::row([Regular::text("-"), before, Regular::either([self.ending.clone(), among])]);
        Regular::either([self.own.clone(), letters])
    }

    /// Any word of these options.
    pub(super) fn any_word(&self) -> Regular {
        let (letter, dash) = (Regular::letter(self.letters), Regular::text("-"));
        let ended = Regular::row([letter.clone().any_times(), self.ending.clone()]);
        let letters = Regular::either([ended, letter.times(1, None)]);
        Regular::either([self.own.clone(), Regular::row([dash, letters])])
    }

    pub(super) fn is_never(&self) -> bool {
        self.own.is_never() && self.ending.is_never() && self.letters.is_empty()
    }
}

impl Maker {
    /// How one spelling of the block's is typed.
    pub(super) fn typed(&mut self, block: &Block, spelling: &Spelling) -> Result<Typed, String> {
        let own = |own| Typed { own, ..Typed::default() };
        match &spelling.name {
            Name::Word(patterns) => {
                let word = self.word(patterns, Place::Word)?;
                let value = self.next_value(spelling)?;
                Ok(own(Regular::row([word, value.unwrap_or(Regular::nothing())])))
            }
            Name::Long(name) => {
                let value = self.value_of(spelling, Place::Equals)?;
                Ok(own(Regular::row([Regular::text("--"), Regular::text(name).within(self.letters), value])))
            }
            Name::Short(letter) => {
                let value = self.value_of(spelling, Place::Attached)?;
                let letters = Letters::of(letter.encode_utf8(&mut [0; 4])).and(self.letters);
                let whole = Regular::row([Regular::letter(letters), value]);
                if block.has_words() {
                    return Ok(own(Regular::row([Regular::text("-"), self.alone(spelling, whole)?])));
                }
                match spelling.value {
                    None => Ok(Typed { letters, ..Typed::default() }),
                    Some(_) => Ok(Typed { ending: whole, ..Typed::default() }),
                }
            }
        }
    }

    /// Beside options that are words a value is attached only where the synopsis attaches it.
    fn alone(&mut self, spelling: &Spelling, whole: Regular) -> Result<Regular, String> {
        let (Name::Short(letter), Some(value)) = (&spelling.name, &spelling.value) else { return Ok(whole) };
        if value.attachment.is_in_word() {
            return Ok(whole);
        }
        let letter = Regular::text(letter.encode_utf8(&mut [0; 4])).within(self.letters);
        let next = self.next_value(spelling)?;
        Ok(Regular::row(std::iter::once(letter).chain(next)))
    }

    /// What follows an option's name, in its word or as the next one.
    fn value_of(&mut self, spelling: &Spelling, place: Place) -> Result<Regular, String> {
        let Some(value) = &spelling.value else { return Ok(Regular::nothing()) };
        let equals = Regular::text(if place == Place::Equals { "=" } else { "" });
        let attached = Regular::row([equals, self.word(&value.patterns, place)?]);
        Ok(match value.attachment {
            Attachment::Attached => attached,
            Attachment::AttachedOrAbsent => attached.optional(),
            Attachment::Either | Attachment::Next => {
                let next = self.next_value(spelling)?.unwrap_or(Regular::never());
                Regular::either([attached, next])
            }
        })
    }

    /// The option's value as the next word, if it has one.
    fn next_value(&mut self, spelling: &Spelling) -> Result<Option<Regular>, String> {
        let Some(value) = &spelling.value else { return Ok(None) };
        let word = self.word(&value.patterns, Place::Word)?;
        Ok(Some(self.next(word)))
    }
}
