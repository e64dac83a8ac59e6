//! Why nothing takes a word, and what is missing at the end.

use super::Why;
use super::options;
use super::shape::{Block, BlockOption, Fixed, Run, Segment};
use super::walk::Walk;
use crate::excerpt::Span;

impl<'s> Walk<'s, '_> {
    /// Why nothing takes this word.
    pub(super) fn refusal(&self, text: &str) -> Why {
        if (text.starts_with('-') && text.len() > 1) || (self.synopsis.plus && text.starts_with('+')) {
            return self.unknown(self.option_name(text));
        }
        if self.needs_more_than_words()
            && let Some(what) = self.missing()
        {
            return Why::Missing { what };
        }
        let reach = self.reach().filter(|nth| *nth != self.at || self.state.inside.is_none());
        let fixed = reach.filter_map(|nth| self.synopsis.segments.get(nth)?.fixed());
        let words: Vec<String> = fixed.flat_map(Fixed::firsts).collect();
        if words.is_empty() { Why::Surplus } else { Why::Expected { typed: text.to_owned(), words } }
    }

    /// Whether an option or a value must come before anything else can.
    fn needs_more_than_words(&self) -> bool {
        let last =
            self.reach().next_back().and_then(|nth| self.synopsis.segments.get(nth).map(|last| (nth, last)));
        last.is_some_and(|(nth, last)| {
            let lacks = if nth == self.at { !self.satisfied() } else { !last.may_be_absent() };
            lacks && last.fixed().is_none()
        })
    }

    /// The option in a word that begins like one: the name before `=`, or one letter where letters are bundled.
    fn option_name(&self, text: &str) -> String {
        let words = self.reach().filter_map(|nth| self.open_block(nth)).any(Block::has_words);
        match options::first_letter(text) {
            Some(letter) if !words && !text.starts_with('+') => format!("-{letter}"),
            _ if text.starts_with("--") => text.split('=').next().unwrap_or(text).to_owned(),
            _ => text.to_owned(),
        }
    }

    pub(super) fn unknown(&self, option: String) -> Why {
        let spellings = self.reach().flat_map(|nth| self.open_spellings(nth));
        let offered = spellings.map(|spelling| spelling.name.to_string()).collect();
        Why::UnknownOption { option, offered }
    }

    /// What is missing before the command can end, as the synopsis writes it.
    pub(super) fn missing(&self) -> Option<String> {
        if let Some((sequence, taken)) = self.state.inside
            && let Some(span) = sequence.spans.get(taken)
        {
            return Some(self.written(*span));
        }
        let segment = self.synopsis.segments.get(self.at)?;
        if self.state.inside.is_none()
            && let Some(span) = self.lacking(segment)
        {
            return Some(self.written(span));
        }
        let later =
            self.synopsis.segments.iter().skip(self.at + 1).find(|segment| !segment.may_be_absent())?;
        later.first_required().map(|span| self.written(span))
    }

    /// The first required option that was not typed.
    pub(super) fn unused(&self, block: &'s Block) -> Option<&'s BlockOption> {
        let used = |nth: usize| self.state.used.iter().any(|(used, _)| *used == nth);
        let mut options = block.options.iter().enumerate();
        options.find(|(nth, option)| option.required && !used(*nth)).map(|(_, option)| option)
    }

    /// The first thing that the present segment needs and has not.
    fn lacking(&self, segment: &'s Segment) -> Option<Span> {
        let option = segment.block().and_then(|block| self.unused(block)).map(|option| option.span);
        let taken = self.state.operands.len();
        let lacks = |run: &&Run| taken < run.least();
        let value =
            segment.run().filter(lacks).and_then(|run| run.slot(taken, run.least())).map(|slot| slot.span);
        let words = segment.fixed().filter(|fixed| !fixed.optional).map(|fixed| fixed.span);
        option.or(value).or(words)
    }

    pub(super) fn written(&self, span: Span) -> String {
        self.text.get(span.start..span.end).unwrap_or_default().to_owned()
    }
}

impl Segment {
    /// Where the first thing stands that must be typed.
    fn first_required(&self) -> Option<Span> {
        let option = self.block().and_then(|block| block.options.iter().find(|option| option.required));
        let value = self.run().and_then(|run| run.slots.iter().find(|slot| !slot.optional));
        let words = self.fixed().filter(|fixed| !fixed.optional);
        option.map(|o| o.span).or(value.map(|v| v.span)).or(words.map(|w| w.span))
    }
}
