//! Finds, when a synopsis is read, every place where two elements of one kind could take the same word. What
//! cannot be decided counts as an overlap: the matcher never has to choose.

use std::rc::Rc;

use super::SynopsisFault;
use super::faults;
use super::shape::{Block, BlockOption, Fixed, Name, Pattern, Run, Segment, Spelling};
use crate::excerpt::Span;
use crate::policy::types::{Kind, Object, Type};

/// Alternatives for one word: no two of one kind may take the same.
pub(super) fn distinct(patterns: &[(Pattern, Span)]) -> Result<(), SynopsisFault> {
    for (nth, (one, first)) in patterns.iter().enumerate() {
        let earlier = patterns.iter().take(nth).find(|(other, _)| same_word(one, other));
        if let Some((other, second)) = earlier {
            let spans = if first == second { vec![*first] } else { vec![*second, *first] };
            return Err(faults::same_word(&spans, &other.to_string(), &one.to_string()));
        }
    }
    Ok(())
}

/// Whether two patterns are of one kind and could take the same word.
fn same_word(one: &Pattern, other: &Pattern) -> bool {
    match (&one.value, &other.value) {
        (None, None) => one.before == other.before,
        (Some(_), None) | (None, Some(_)) => false,
        (Some(a), Some(b)) if one.is_value() == other.is_value() => {
            around_meets(one, other) && values_meet(one, a, other, b)
        }
        (Some(_), Some(_)) => false,
    }
}

fn around_meets(one: &Pattern, other: &Pattern) -> bool {
    let starts = one.before.starts_with(&other.before) || other.before.starts_with(&one.before);
    let ends = one.after.ends_with(&other.after) || other.after.ends_with(&one.after);
    starts && ends
}

fn values_meet(one: &Pattern, a: &Rc<Type>, other: &Pattern, b: &Rc<Type>) -> bool {
    let same_text = one.before == other.before && one.after == other.after;
    !same_text || types_meet(a, b)
}

/// Whether a text could be a value of both types. A file and a directory are told apart when they are opened.
fn types_meet(a: &Type, b: &Type) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::OneOf(words), _) => words.iter().any(|word| b.takes(word, false)),
        (_, Kind::OneOf(words)) => words.iter().any(|word| a.takes(word, false)),
        (Kind::Integer { min, max }, Kind::Integer { min: low, max: high }) => min <= high && low <= max,
        (Kind::Path(one), Kind::Path(other)) => !matches!(
            (one.object, other.object),
            (Object::File, Object::Directory) | (Object::Directory, Object::File)
        ),
        // Digits alone are no absolute path, and a path is judged as one.
        (Kind::Integer { .. }, Kind::Path(_)) | (Kind::Path(_), Kind::Integer { .. }) => false,
        (Kind::Regex(_) | Kind::BuiltIn(_) | Kind::Integer { .. } | Kind::Path(_), _) => true,
    }
}

/// Options that stand side by side: no name twice, no two that could take one word.
pub(super) fn options(options: &[BlockOption]) -> Vec<SynopsisFault> {
    let all: Vec<(&Spelling, Span)> = spelled(options).collect();
    let mut found = Vec::new();
    for (nth, (one, first)) in all.iter().enumerate() {
        for (other, second) in all.iter().take(nth) {
            found.extend(spellings(other, *second, one, *first));
            found.extend(digits(other, *second, one, *first).or_else(|| digits(one, *first, other, *second)));
        }
    }
    found
}

fn spelled(options: &[BlockOption]) -> impl Iterator<Item = (&Spelling, Span)> {
    options.iter().flat_map(|option| option.spellings.iter().map(|spelling| (spelling, option.span)))
}

fn spellings(one: &Spelling, first: Span, other: &Spelling, second: Span) -> Option<SynopsisFault> {
    let left = one.name.patterns();
    let right = other.name.patterns();
    let (a, b) = left.iter().find_map(|a| right.iter().find(|b| same_word(a, b)).map(|b| (a, b)))?;
    Some(if a.to_string() == b.to_string() {
        faults::repeated_option(first, second, &a.to_string())
    } else {
        faults::overlapping_options(first, second, &a.to_string(), &b.to_string())
    })
}

/// `-<n>` beside a flag that is a digit: `-1` would be both.
fn digits(word: &Spelling, first: Span, flag: &Spelling, second: Span) -> Option<SynopsisFault> {
    let Name::Word(patterns) = &word.name else { return None };
    let Name::Short(digit) = &flag.name else { return None };
    let number = patterns.iter().find(|pattern| pattern.before == "-" && !pattern.is_exact())?;
    digit
        .is_ascii_digit()
        .then(|| faults::digit_flags(first, second, &number.to_string(), &flag.name.to_string()))
}

impl Name {
    /// The words it is called by, as patterns.
    fn patterns(&self) -> Vec<Pattern> {
        match self {
            Self::Word(patterns) => patterns.clone(),
            Self::Short(_) | Self::Long(_) => vec![Pattern::exact(&self.to_string())],
        }
    }
}

/// What could take the next word, at one point.
struct Taker<'s> {
    segment: usize,
    what: What<'s>,
    span: Span,
}

enum What<'s> {
    Option(&'s Spelling),
    Word(&'s Pattern),
}

/// Every point between words: whatever may stand there must differ, segment against segment.
pub(super) fn points(segments: &[Segment]) -> Vec<SynopsisFault> {
    let mut found = at_point(follow(segments, 0));
    for (nth, segment) in segments.iter().enumerate() {
        let mut takers = lingering(segment, nth);
        takers.extend(follow(segments, nth + 1));
        for fault in at_point(takers) {
            if !found.contains(&fault) {
                found.push(fault);
            }
        }
    }
    found
}

fn at_point(takers: Vec<Taker<'_>>) -> Vec<SynopsisFault> {
    let mut found: Vec<SynopsisFault> = Vec::new();
    for (nth, one) in takers.iter().enumerate() {
        let earlier = takers.iter().take(nth).filter(|other| other.segment != one.segment);
        found.extend(earlier.filter_map(|other| conflict(other, one)));
    }
    found
}

fn conflict(one: &Taker<'_>, other: &Taker<'_>) -> Option<SynopsisFault> {
    match (&one.what, &other.what) {
        (What::Option(a), What::Option(b)) => spellings(a, one.span, b, other.span),
        // Two values in different segments: types that differ today may meet on a file's name tomorrow.
        (What::Word(a), What::Word(b)) if a.is_value() && b.is_value() => {
            Some(faults::same_word(&[one.span, other.span], &a.to_string(), &b.to_string()))
        }
        (What::Word(a), What::Word(b)) if same_word(a, b) => {
            Some(faults::same_word(&[one.span, other.span], &a.to_string(), &b.to_string()))
        }
        (What::Word(_), What::Word(_))
        | (What::Option(_), What::Word(_))
        | (What::Word(_), What::Option(_)) => None,
    }
}

/// What can take the word from segment `from` on, up to the first that must be there.
fn follow(segments: &[Segment], from: usize) -> Vec<Taker<'_>> {
    let mut all = Vec::new();
    for (nth, segment) in segments.iter().enumerate().skip(from) {
        all.extend(first(segment, nth));
        if !segment.may_be_absent() {
            break;
        }
    }
    all
}

fn first(segment: &Segment, nth: usize) -> Vec<Taker<'_>> {
    let mut all: Vec<Taker<'_>> =
        segment.block().into_iter().flat_map(|block| block_options(block, nth)).collect();
    all.extend(segment.run().into_iter().flat_map(|run| run_words(run, nth, false)));
    all.extend(segment.fixed().into_iter().flat_map(|fixed| beginnings(fixed, nth)));
    all
}

/// What a segment can still take once all it needs is there.
fn lingering(segment: &Segment, nth: usize) -> Vec<Taker<'_>> {
    let mut all: Vec<Taker<'_>> =
        segment.block().into_iter().flat_map(|block| block_options(block, nth)).collect();
    all.extend(segment.run().into_iter().flat_map(|run| run_words(run, nth, true)));
    all.extend(segment.fixed().into_iter().flat_map(|fixed| endings(fixed, nth)));
    all
}

fn block_options(block: &Block, segment: usize) -> impl Iterator<Item = Taker<'_>> {
    spelled(&block.options).map(move |(spelling, span)| Taker { segment, what: What::Option(spelling), span })
}

/// The words a run can begin with, or go on with once complete.
fn run_words(run: &Run, segment: usize, complete: bool) -> Vec<Taker<'_>> {
    let (before, _) = run.around_flexible();
    let from = if complete { before } else { 0 };
    let words =
        run.slots.iter().skip(from).flat_map(|slot| slot.patterns.iter().map(move |p| (p, slot.span)));
    words.map(|(pattern, span)| Taker { segment, what: What::Word(pattern), span }).collect()
}

fn beginnings(fixed: &Fixed, segment: usize) -> Vec<Taker<'_>> {
    let firsts = fixed.sequences.iter().filter_map(|sequence| sequence.words.first());
    firsts.flatten().map(|pattern| Taker { segment, what: What::Word(pattern), span: fixed.span }).collect()
}

fn endings(fixed: &Fixed, segment: usize) -> Vec<Taker<'_>> {
    let repeated = fixed.sequences.iter().filter(|sequence| sequence.repeated);
    let lasts = repeated.filter_map(|sequence| sequence.words.last()).flatten();
    lasts.map(|pattern| Taker { segment, what: What::Word(pattern), span: fixed.span }).collect()
}
