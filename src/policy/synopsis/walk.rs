//! The one evaluator: takes the words one after the other and knows after each what may come next. Matching,
//! completion and hints are all this walk. No word is looked at twice, but for values that are counted from
//! the right, which wait until it is certain which they are.

use super::options::Found;
use super::shape::{self, Block, Fixed, Pattern, Run, Segment, Sequence, Slot};
use super::typed::needs_value;
use super::values::{self, Offer, Typed};
use super::{Argument, Body, Fit, Stop, TypedOption, ValueCheck, Why};
use crate::policy::types::Type;
use crate::words::Word;
use std::ops::Range;
use std::rc::Rc;

/// How far the words have come.
pub(super) struct Walk<'s, 'w> {
    pub(super) synopsis: &'s Body,
    /// The synopsis as written.
    pub(super) text: &'s str,
    words: &'w [Word],
    /// The segment that took the last word; one past the last when all are done.
    pub(super) at: usize,
    pub(super) state: State<'s>,
    placed: Vec<Placed>,
    absent: Vec<Rc<Type>>,
    /// For denies, which hold whatever the spelling.
    pub(super) typed: Vec<TypedOption>,
}

/// What the present segment has taken.
#[derive(Default)]
pub(super) struct State<'s> {
    /// Options by index, with the spelling and the name they were typed with.
    pub(super) used: Vec<(usize, usize)>,
    /// The option that waits for its value as the next word.
    pub(super) awaiting: Option<Found<'s>>,
    /// Indices of the words that are values.
    pub(super) operands: Vec<usize>,
    /// How many of them have been judged.
    settled: usize,
    /// Whether `--` was typed.
    pub(super) ended: bool,
    /// Within fixed words: the sequence, and how many of its words have been taken.
    pub(super) inside: Option<(&'s Sequence, usize)>,
}

struct Placed {
    /// Where the program gets it: segment, then part of a mixed one.
    order: (usize, u8),
    argument: Argument,
}

/// What takes a word.
#[derive(Clone, Copy)]
enum Claim<'s> {
    Dashes,
    Option(&'s Block, Found<'s>),
    Operand,
    Begin(&'s Sequence),
    Again(&'s Sequence),
}

/// The kinds of element in the order in which they are asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Exact,
    Option,
    Around,
    Value,
}

impl<'s, 'w> Walk<'s, 'w> {
    pub(super) fn new(synopsis: &'s Body, text: &'s str, words: &'w [Word]) -> Self {
        let state = State::default();
        let (placed, absent, typed) = (Vec::new(), Vec::new(), Vec::new());
        Self { synopsis, text, words, at: 0, state, placed, absent, typed }
    }

    /// Takes every word.
    pub(super) fn all(&mut self, check: &mut ValueCheck<'_>) -> Result<(), Stop> {
        for (index, word) in self.words.iter().enumerate() {
            self.take(Typed { word, index }, check)?;
        }
        Ok(())
    }

    fn take(&mut self, typed: Typed<'w>, check: &mut ValueCheck<'_>) -> Result<(), Stop> {
        if let Some(found) = self.state.awaiting.take() {
            return self.awaited(found, typed, check).map_err(|why| Stop::at(typed.index, why));
        }
        if let Some((sequence, patterns)) = self.forced() {
            let argument =
                self.offer(typed).take(patterns, check).map_err(|why| Stop::at(typed.index, why))?;
            self.advance(sequence, argument);
            return Ok(());
        }
        match self.claim(typed.word.text()) {
            Some((segment, claim)) => {
                self.move_to(segment, check)?;
                self.accept(claim, typed, check)
            }
            None => Err(Stop::at(typed.index, self.refusal(typed.word.text()))),
        }
    }

    pub(super) fn offer(&self, typed: Typed<'w>) -> Offer<'w> {
        Offer { typed, start: 0, equals: false, plus: self.synopsis.plus }
    }

    /// The word that a sequence once begun must go on with.
    pub(super) fn forced(&self) -> Option<(&'s Sequence, &'s [Pattern])> {
        let (sequence, taken) = self.state.inside?;
        sequence.words.get(taken).map(|patterns| (sequence, patterns.as_slice()))
    }

    /// Segments that may take the next word: the present one, and those after it up to the first that must be
    /// there.
    pub(super) fn reach(&self) -> Range<usize> {
        let segments = &self.synopsis.segments;
        if !self.satisfied() {
            return self.at..(self.at + 1).min(segments.len());
        }
        let beyond = segments.iter().enumerate().skip(self.at + 1);
        let required = beyond.filter(|(_, segment)| !segment.may_be_absent()).map(|(nth, _)| nth + 1).next();
        self.at..required.unwrap_or(segments.len())
    }

    fn claim(&self, text: &str) -> Option<(usize, Claim<'s>)> {
        let reach = self.reach();
        let classes = [Class::Exact, Class::Option, Class::Around, Class::Value];
        classes.into_iter().find_map(|class| {
            reach.clone().find_map(|nth| self.claims(class, nth, text).map(|claim| (nth, claim)))
        })
    }

    fn claims(&self, class: Class, nth: usize, text: &str) -> Option<Claim<'s>> {
        let segment = self.synopsis.segments.get(nth)?;
        if class == Class::Option {
            return self.open_block(nth).and_then(|block| Some(Claim::Option(block, block.find(text)?)));
        }
        if class == Class::Exact && text == "--" && self.takes_dashes(nth) {
            return Some(Claim::Dashes);
        }
        let plus = self.synopsis.plus;
        let fits = |patterns: &[Pattern]| patterns.iter().any(|pattern| class.fits(pattern, text, plus));
        if self.slots(nth).iter().any(|slot| fits(&slot.patterns)) {
            return Some(Claim::Operand);
        }
        match (segment.fixed()?, self.state.inside.filter(|_| nth == self.at)) {
            (_, Some((sequence, _))) => {
                sequence.words.last().filter(|last| fits(last)).map(|_| Claim::Again(sequence))
            }
            (fixed, None) => fixed.beginning(fits).map(Claim::Begin),
        }
    }

    /// The segment's options, unless a `--` was typed.
    pub(super) fn open_block(&self, nth: usize) -> Option<&'s Block> {
        self.synopsis.segments.get(nth)?.block().filter(|_| !(self.state.ended && nth == self.at))
    }

    /// Whether the segment still takes a `--`.
    pub(super) fn takes_dashes(&self, nth: usize) -> bool {
        let mixed =
            matches!(self.synopsis.segments.get(nth), Some(Segment::Mixed(mixed)) if mixed.dashes.is_some());
        mixed && !(self.state.ended && nth == self.at)
    }

    /// The slots of the segment's run that could take its next value, whatever comes after.
    pub(super) fn slots(&self, nth: usize) -> Vec<&'s Slot> {
        let Some(run) = self.synopsis.segments.get(nth).and_then(Segment::run) else { return Vec::new() };
        let taken = if nth == self.at { self.state.operands.len() } else { 0 };
        let most = run.most().unwrap_or(usize::MAX).min(taken + run.slots.len() + 1);
        let totals = run.least().max(taken + 1)..=most;
        let mut all: Vec<&Slot> = totals.filter_map(|total| run.slot(taken, total)).collect();
        all.sort_by_key(|slot| slot.span);
        all.dedup_by_key(|slot| slot.span);
        all
    }

    fn move_to(&mut self, segment: usize, check: &mut ValueCheck<'_>) -> Result<(), Stop> {
        if segment != self.at {
            self.leave(check)?;
            for skipped in self.synopsis.segments.get(self.at + 1..segment).unwrap_or_default() {
                self.miss(skipped.run(), 0);
            }
            self.at = segment;
            self.state = State::default();
        }
        Ok(())
    }

    /// Settles what waits in the present segment.
    fn leave(&mut self, check: &mut ValueCheck<'_>) -> Result<(), Stop> {
        let Some(run) = self.synopsis.segments.get(self.at).and_then(Segment::run) else { return Ok(()) };
        self.settle(run, true, check)?;
        self.miss(Some(run), self.state.operands.len());
        Ok(())
    }

    /// Notes the types of an optional value that was not typed.
    fn miss(&mut self, run: Option<&Run>, typed: usize) {
        let Some(run) = run.filter(|run| typed < run.slots.len()) else { return };
        let slots = run.slots.iter().filter(|slot| slot.optional);
        let types = slots.flat_map(|slot| &slot.patterns).filter_map(|pattern| pattern.value.clone());
        self.absent.extend(types);
    }

    fn accept(&mut self, claim: Claim<'s>, typed: Typed<'w>, check: &mut ValueCheck<'_>) -> Result<(), Stop> {
        let stop = |why| Stop::at(typed.index, why);
        match claim {
            Claim::Dashes => {
                self.state.ended = true;
                self.place(1, values::plain(typed));
                Ok(())
            }
            Claim::Option(block, found) => self.option(block, found, typed, check).map_err(stop),
            Claim::Operand => {
                self.state.operands.push(typed.index);
                let run = self.synopsis.segments.get(self.at).and_then(Segment::run);
                run.map_or(Ok(()), |run| self.settle(run, false, check))
            }
            Claim::Begin(sequence) => {
                self.fixed(sequence, sequence.words.first(), typed, check).map_err(stop)
            }
            Claim::Again(sequence) => self.fixed(sequence, sequence.words.last(), typed, check).map_err(stop),
        }
    }

    fn fixed(
        &mut self,
        sequence: &'s Sequence,
        patterns: Option<&'s Vec<Pattern>>,
        typed: Typed<'w>,
        check: &mut ValueCheck<'_>,
    ) -> Result<(), Why> {
        let patterns = patterns.map(Vec::as_slice).unwrap_or_default();
        let argument = self.offer(typed).take(patterns, check)?;
        self.advance(sequence, argument);
        Ok(())
    }

    /// One more word of fixed ones is there.
    fn advance(&mut self, sequence: &'s Sequence, argument: Argument) {
        self.place(0, argument);
        let taken = self.state.inside.map_or(0, |(_, taken)| taken) + 1;
        if taken >= sequence.words.len() && !sequence.repeated {
            self.at += 1;
            self.state = State::default();
        } else {
            self.state.inside = Some((sequence, taken));
        }
    }

    pub(super) fn place(&mut self, part: u8, argument: Argument) {
        self.placed.push(Placed { order: (self.at, part), argument });
    }

    /// Judges the values of which it is certain where they belong; with `all`, no more will come.
    fn settle(&mut self, run: &'s Run, all: bool, check: &mut ValueCheck<'_>) -> Result<(), Stop> {
        let (before, after) = run.around_flexible();
        let count = self.state.operands.len();
        while let Some(&index) = self.state.operands.get(self.state.settled) {
            let nth = self.state.settled;
            if !all && nth >= before && count - nth <= after {
                break;
            }
            let (Some(word), Some(slot)) = (self.words.get(index), run.slot(nth, count)) else { break };
            let typed = Typed { word, index };
            let taken = self.offer(typed).take(&slot.patterns, check);
            let argument = taken.map_err(|why| Stop::at(typed.index, why))?;
            self.place(self.values_part(), argument);
            self.state.settled += 1;
        }
        Ok(())
    }

    fn values_part(&self) -> u8 {
        match self.synopsis.segments.get(self.at) {
            Some(Segment::Mixed(mixed)) if !mixed.values_first => 2,
            _ => 0,
        }
    }

    pub(super) fn options_part(&self) -> u8 {
        match self.synopsis.segments.get(self.at) {
            Some(Segment::Mixed(mixed)) if mixed.values_first => 2,
            _ => 0,
        }
    }

    /// Whether the present segment has all it needs.
    pub(super) fn satisfied(&self) -> bool {
        let Some(segment) = self.synopsis.segments.get(self.at) else { return true };
        let options = segment.block().is_none_or(|block| self.unused(block).is_none());
        let values = segment.run().is_none_or(|run| self.state.operands.len() >= run.least());
        let words = segment.fixed().is_none_or(|fixed| match self.state.inside {
            Some((sequence, taken)) => taken >= sequence.words.len(),
            None => fixed.optional,
        });
        options && values && words && self.state.awaiting.is_none()
    }

    /// What was made of the words so far, in the order typed.
    pub(super) fn taken(&self) -> Fit {
        let arguments = self.placed.iter().map(|placed| placed.argument.clone()).collect();
        Fit { arguments, absent: Vec::new(), options: self.typed.clone() }
    }

    /// The words end here.
    pub(super) fn finish(mut self, check: &mut ValueCheck<'_>) -> Result<Fit, Stop> {
        let word = self.words.len();
        if let Some(found) = self.state.awaiting {
            return Err(Stop::at(word, needs_value(found)));
        }
        let end = self.synopsis.segments.len();
        if !self.satisfied() || self.reach().end < end || self.required_ahead() {
            return Err(Stop::at(word, Why::Missing { what: self.missing().unwrap_or_default() }));
        }
        self.move_to(end, check)?;
        self.placed.sort_by_key(|placed| placed.order);
        let arguments = self.placed.into_iter().map(|placed| placed.argument).collect();
        Ok(Fit { arguments, absent: self.absent, options: self.typed })
    }

    fn required_ahead(&self) -> bool {
        self.synopsis.segments.iter().skip(self.at + 1).any(|segment| !segment.may_be_absent())
    }

    /// Whether the command could end here.
    pub(super) fn may_end(&self) -> bool {
        self.satisfied() && !self.required_ahead()
    }
}

impl Class {
    /// Whether a pattern of this kind has the shape of `text`.
    fn fits(self, pattern: &Pattern, text: &str, plus: bool) -> bool {
        match self {
            Self::Exact => pattern.is_exact() && pattern.before == text,
            Self::Around => pattern.is_around() && pattern.inside(text).is_some(),
            Self::Value => pattern.is_value() && may_be_value(pattern, text, plus),
            Self::Option => false,
        }
    }
}

/// A lone `-` is refused as a value rather than as an option.
fn may_be_value(pattern: &Pattern, text: &str, plus: bool) -> bool {
    let dash = text.starts_with('-') && text.len() > 1;
    let plus =
        plus && text.starts_with('+') && !pattern.value.as_deref().is_some_and(shape::may_begin_with_plus);
    !dash && !plus
}

impl Fixed {
    /// The sequence whose first word fits.
    fn beginning(&self, fits: impl Fn(&[Pattern]) -> bool) -> Option<&Sequence> {
        self.sequences.iter().find(|sequence| sequence.words.first().is_some_and(|first| fits(first)))
    }

    /// What it can begin with, as the synopsis writes it.
    pub(super) fn firsts(&self) -> Vec<String> {
        self.sequences
            .iter()
            .filter_map(|sequence| sequence.words.first())
            .flat_map(|first| shape::each(first))
            .collect()
    }
}
