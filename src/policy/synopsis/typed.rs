//! Options as they are typed: once or several times, with their value behind them, in their word or in the
//! next one, or joined letter by letter.

use super::options::{Found, How};
use super::shape::{self, Attachment, Block, Name, Spelling};
use super::values::{self, Offer, Typed};
use super::walk::Walk;
use super::{Argument, TypedOption, ValueCheck, Why};

impl<'s, 'w> Walk<'s, 'w> {
    pub(super) fn option(
        &mut self,
        block: &'s Block,
        found: Found<'s>,
        typed: Typed<'w>,
        check: &mut ValueCheck<'_>,
    ) -> Result<(), Why> {
        let argument = match found.how {
            How::Bundle => self.bundle(block, typed, check)?,
            How::Exact => {
                self.note(block, found)?;
                self.await_value(found)?;
                values::plain(typed)
            }
            How::Equals | How::Around => {
                self.note(block, found)?;
                if let Some(start) = value_start(found.written) {
                    self.note_value(typed.word.text().get(start..).unwrap_or_default());
                }
                self.in_word(found, typed, check)?
            }
        };
        self.place(self.options_part(), argument);
        Ok(())
    }

    /// Notes that the option was typed, unless it may not be once more.
    pub(super) fn note(&mut self, block: &'s Block, found: Found<'s>) -> Result<(), Why> {
        let place = (found.option, found.spelling);
        if let Some(earlier) = self.clash(block, place) {
            return Err(Why::Excluded {
                option: found.written.name.to_string(),
                earlier: earlier.name.to_string(),
            });
        }
        if !self.state.used.contains(&place) {
            self.state.used.push(place);
        }
        let spellings = block.options.get(found.option).map(|option| option.spellings.as_slice());
        let names = spellings.unwrap_or_default().iter().map(|spelling| spelling.name.to_string()).collect();
        self.typed.push(TypedOption { names, value: None });
        Ok(())
    }

    /// Notes the value of the option that was noted last.
    fn note_value(&mut self, value: &str) {
        if let Some(option) = self.typed.last_mut() {
            option.value = Some(value.to_owned());
        }
    }

    /// The spelling typed earlier that does not let this one be typed now.
    fn clash(&self, block: &'s Block, (option, spelling): (usize, usize)) -> Option<&'s Spelling> {
        let written = block.options.get(option).filter(|option| !option.repeatable)?;
        let (_, earlier) = self.state.used.iter().find(|(used, _)| *used == option)?;
        let earlier_spelling = written.spellings.get(*earlier)?;
        let again = *earlier == spelling && !earlier_spelling.carries_value();
        (!again).then_some(earlier_spelling)
    }

    /// An option stands alone in its word: where must its value be?
    fn await_value(&mut self, found: Found<'s>) -> Result<(), Why> {
        match found.written.value.as_ref().map(|value| value.attachment) {
            None | Some(Attachment::AttachedOrAbsent) => {}
            Some(Attachment::Either | Attachment::Next) => self.state.awaiting = Some(found),
            Some(Attachment::Attached) => return Err(needs_value(found)),
        }
        Ok(())
    }

    /// The option's value, as the next word.
    pub(super) fn awaited(
        &mut self,
        found: Found<'s>,
        typed: Typed<'w>,
        check: &mut ValueCheck<'_>,
    ) -> Result<(), Why> {
        let patterns =
            found.written.value.as_ref().map(|value| value.patterns.as_slice()).unwrap_or_default();
        let text = typed.word.text();
        let written = patterns
            .iter()
            .any(|p| !p.is_value() && p.inside(text).is_some_and(|v| !p.is_exact() || v.is_empty()));
        if text.starts_with('-') && text.len() > 1 && !written {
            return Err(needs_value(found));
        }
        let argument = self.offer(typed).take(patterns, check)?;
        self.note_value(text);
        self.place(self.options_part(), argument);
        Ok(())
    }

    /// The option's value, within the option's own word.
    fn in_word(
        &self,
        found: Found<'s>,
        typed: Typed<'w>,
        check: &mut ValueCheck<'_>,
    ) -> Result<Argument, Why> {
        let offer = |start, equals| Offer { typed, start, equals, plus: self.synopsis.plus };
        match (&found.written.name, &found.written.value) {
            (Name::Word(patterns), _) => offer(0, false).take(patterns, check),
            (Name::Long(_), Some(value)) => {
                offer(value_start(found.written).unwrap_or(0), true).take(&value.patterns, check)
            }
            (Name::Short(_), Some(value)) => {
                offer(value_start(found.written).unwrap_or(0), false).take(&value.patterns, check)
            }
            (Name::Long(_) | Name::Short(_), None) => {
                Err(Why::TakesNoValue { option: found.written.name.to_string() })
            }
        }
    }

    /// `-fn5`: letters from left to right; the first that takes a value takes the rest.
    fn bundle(
        &mut self,
        block: &'s Block,
        typed: Typed<'w>,
        check: &mut ValueCheck<'_>,
    ) -> Result<Argument, Why> {
        for (at, letter) in typed.word.text().char_indices().skip(1) {
            let Some(found) = block.letter(letter) else { return Err(self.unknown(format!("-{letter}"))) };
            self.note(block, found)?;
            let Some(value) = &found.written.value else { continue };
            let start = at + letter.len_utf8();
            if start == typed.word.text().len() {
                self.await_value(found)?;
                break;
            }
            self.note_value(typed.word.text().get(start..).unwrap_or_default());
            let offer = Offer { typed, start, equals: false, plus: self.synopsis.plus };
            return offer.take(&value.patterns, check);
        }
        Ok(values::plain(typed))
    }

    /// The spellings of a segment's options that may (still) be typed.
    pub(super) fn open_spellings(&self, nth: usize) -> Vec<&'s Spelling> {
        let Some(block) = self.open_block(nth) else { return Vec::new() };
        let clashes = |place| nth == self.at && self.clash(block, place).is_some();
        let open = block.spellings().filter(|(option, spelling, _)| !clashes((*option, *spelling)));
        open.map(|(_, _, spelling)| spelling).collect()
    }
}

/// Where the value begins in a word of the form `--name=value` or `-nvalue`.
fn value_start(written: &Spelling) -> Option<usize> {
    match &written.name {
        Name::Long(name) => Some(name.len() + 3),
        Name::Short(letter) => Some(1 + letter.len_utf8()),
        Name::Word(_) => None,
    }
}

pub(super) fn needs_value(found: Found<'_>) -> Why {
    let attached = found.written.value.as_ref().is_some_and(|value| value.attachment.is_in_word());
    let patterns = found.written.value.as_ref().map(|value| shape::written(&value.patterns));
    let value = if attached { found.written.to_string() } else { patterns.unwrap_or_default() };
    Why::NeedsValue { option: found.written.name.to_string(), value, attached }
}
