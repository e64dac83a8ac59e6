//! Whether an expression, which tries everything, reads a synopsis as the matcher does, which never goes back.
//!
//! The matcher gives a word to fixed texts first, then to options, then to text around a value, then to values, and
//! what an earlier kind takes is never offered to a later one. Where two elements that are open at one point could
//! both have a word, the expression would find readings that the matcher does not: such a synopsis is refused.

use super::Regular;
use super::values::{Maker, Place};
use crate::policy::synopsis::{Block, Fixed, Name, Pattern, Run, Segment, Spelling};

/// A word that an element may take.
struct Claim {
    /// As the synopsis writes it.
    written: String,
    kind: Kind,
    /// What it keeps from others.
    shape: Regular,
    /// What it accepts.
    own: Regular,
}

/// In the order in which the matcher asks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Kind {
    Text,
    Around,
    Value,
}

impl Kind {
    fn of(pattern: &Pattern) -> Self {
        match (pattern.is_exact(), pattern.is_value()) {
            (true, _) => Self::Text,
            (false, false) => Self::Around,
            (false, true) => Self::Value,
        }
    }
}

/// The first fault of that kind, in words for the admin.
pub(super) fn check(segments: &[Segment], maker: &mut Maker) -> Result<(), String> {
    for segment in segments {
        segment.block().map_or(Ok(()), |block| check_block(block, maker))?;
        for patterns in choices(segment) {
            let claims = claims_of(patterns, maker)?;
            within_one_word(&claims)?;
        }
    }
    for (at, first) in segments.iter().enumerate() {
        for later in open_beside(segments, at) {
            blocks_apart(first, later)?;
            between(&claims(first, maker)?, &claims(later, maker)?)?;
        }
    }
    Ok(())
}

/// The segments whose words may come as the next one just as those of the segment `at`.
fn open_beside(segments: &[Segment], at: usize) -> impl Iterator<Item = &Segment> {
    let rest = segments.get(at + 1..).unwrap_or_default();
    let reach = rest.iter().take_while(|segment| segment.may_be_absent()).count() + 1;
    let open = segments.get(at).is_some_and(stays_open);
    rest.iter().take(if open { reach } else { 0 })
}

/// Whether the matcher may leave the segment and might as well have stayed.
fn stays_open(segment: &Segment) -> bool {
    let repeated = |fixed: &Fixed| fixed.sequences.iter().any(|sequence| sequence.repeated);
    let flexible = |run: &Run| run.slots.iter().any(|slot| slot.optional || slot.repeated);
    segment.may_be_absent()
        || segment.block().is_some()
        || segment.run().is_some_and(flexible)
        || segment.fixed().is_some_and(repeated)
}

/// Every place for one word that has alternatives.
fn choices(segment: &Segment) -> Vec<&[Pattern]> {
    let slots = segment.run().into_iter().flat_map(|run| &run.slots).map(|slot| slot.patterns.as_slice());
    let sequences = segment.fixed().into_iter().flat_map(|fixed| &fixed.sequences);
    let words = sequences.flat_map(|sequence| &sequence.words).map(Vec::as_slice);
    let spellings =
        segment.block().into_iter().flat_map(|block| &block.options).flat_map(|option| &option.spellings);
    let values =
        spellings.filter_map(|spelling| spelling.value.as_ref()).map(|value| value.patterns.as_slice());
    slots.chain(words).chain(values).collect()
}

/// The words that may come next in a segment, without its options.
fn claims(segment: &Segment, maker: &mut Maker) -> Result<Vec<Claim>, String> {
    let slots = segment.run().into_iter().flat_map(|run| &run.slots).map(|slot| slot.patterns.as_slice());
    let sequences = segment.fixed().into_iter().flat_map(|fixed| &fixed.sequences);
    let ends = sequences.flat_map(|sequence| {
        let again = sequence.words.last().filter(|_| sequence.repeated);
        sequence.words.first().into_iter().chain(again).map(Vec::as_slice)
    });
    let mut all = Vec::new();
    for patterns in slots.chain(ends) {
        all.extend(claims_of(patterns, maker)?);
    }
    Ok(all)
}

fn claims_of(patterns: &[Pattern], maker: &mut Maker) -> Result<Vec<Claim>, String> {
    patterns
        .iter()
        .map(|pattern| {
            let own = maker.word(std::slice::from_ref(pattern), Place::Word)?;
            let shape = if pattern.is_around() { shape(pattern) } else { own.clone() };
            Ok(Claim { written: pattern.to_string(), kind: Kind::of(pattern), shape, own })
        })
        .collect()
}

/// The text around a value with anything in it.
fn shape(pattern: &Pattern) -> Regular {
    let any = Regular::letter(super::Letters::GRAPHIC).any_times();
    Regular::row([Regular::text(&pattern.before), any, Regular::text(&pattern.after)])
}

/// Alternatives of one kind are tried one after the other; no value is tried after a text around one.
fn within_one_word(claims: &[Claim]) -> Result<(), String> {
    let around = claims.iter().filter(|claim| claim.kind == Kind::Around);
    let values: Vec<&Claim> = claims.iter().filter(|claim| claim.kind == Kind::Value).collect();
    around.into_iter().try_for_each(|one| values.iter().try_for_each(|other| apart(one, other)))
}

fn between(first: &[Claim], later: &[Claim]) -> Result<(), String> {
    first.iter().try_for_each(|one| later.iter().try_for_each(|other| apart(one, other)))
}

fn apart(one: &Claim, other: &Claim) -> Result<(), String> {
    let first_keeps = one.kind > other.kind || one.shape.is_apart_from(&other.own);
    let later_keeps = other.kind > one.kind || other.shape.is_apart_from(&one.own);
    if first_keeps && later_keeps {
        return Ok(());
    }
    Err(format!(
        "a word may be {} or {}, which sudo cannot decide as gatesh does: use types that have nothing in common",
        one.written, other.written
    ))
}

/// Options of two blocks that are open at once.
fn blocks_apart(first: &Segment, later: &Segment) -> Result<(), String> {
    let (Some(first), Some(later)) = (first.block(), later.block()) else { return Ok(()) };
    for one in spellings(first) {
        if let Some(other) = spellings(later).find(|other| !lead(one).is_apart_from(&lead(other))) {
            return Err(format!(
                "{one} and {other} may both come at one place, which sudo cannot decide as gatesh does"
            ));
        }
    }
    Ok(())
}

/// A word option with a value in it must leave the other options of its block alone.
fn check_block(block: &Block, maker: &mut Maker) -> Result<(), String> {
    let around = |spelling: &Spelling| match &spelling.name {
        Name::Word(patterns) => patterns.iter().filter(|pattern| pattern.is_around()).cloned().collect(),
        Name::Short(_) | Name::Long(_) => Vec::new(),
    };
    for (at, one) in spellings(block).enumerate() {
        let own = maker.word(&around(one), Place::Word)?;
        for (_, other) in spellings(block).enumerate().filter(|(other, _)| *other != at) {
            let shapes = around(other);
            let taken =
                if shapes.is_empty() { lead(other) } else { Regular::either(shapes.iter().map(shape)) };
            if !taken.is_apart_from(&own) {
                return Err(format!(
                    "a word may be {one} or {other}, which sudo cannot decide as gatesh does"
                ));
            }
        }
    }
    Ok(())
}

fn spellings(block: &Block) -> impl Iterator<Item = &Spelling> {
    block.options.iter().flat_map(|option| &option.spellings)
}

/// What the option's own word begins with, and anything behind it where a value may be attached.
fn lead(spelling: &Spelling) -> Regular {
    let any = Regular::letter(super::Letters::GRAPHIC).any_times();
    match &spelling.name {
        Name::Word(patterns) => Regular::either(patterns.iter().map(|pattern| match pattern.is_exact() {
            true => Regular::text(&pattern.before),
            false => shape(pattern),
        })),
        Name::Short(letter) => Regular::row([
            Regular::text(&format!("-{letter}")),
            spelling.value.as_ref().map_or(Regular::nothing(), |_| any),
        ]),
        Name::Long(name) => {
            let value = Regular::row([Regular::text("="), any]).optional();
            Regular::row([Regular::text(&format!("--{name}")), value])
        }
    }
}
