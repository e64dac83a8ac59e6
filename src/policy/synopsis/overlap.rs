//! Finds, when a synopsis is read, every place where two elements of one kind could take the same word. What
//! cannot be decided counts as an overlap: the matcher never has to choose.

use std::rc::Rc;

use super::SynopsisFault;
use super::faults;
use super::shape::{Block, BlockOption, Fixed, Name, Pattern, Run, Segment, Spelling, is_integer};
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
        (Some(a), Some(b)) if one.is_value() == other.is_value() => {
            affixes_meet(&one.before, &other.before, &one.after, &other.after)
                && values_meet(one, a, other, b)
        }
        (Some(_), _) | (None, Some(_)) => false,
    }
}

/// Whether a word could have both beginnings and both ends.
fn affixes_meet(before: &str, other_before: &str, after: &str, other_after: &str) -> bool {
    let starts = before.starts_with(other_before) || other_before.starts_with(before);
    let ends = after.ends_with(other_after) || other_after.ends_with(after);
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
        (Kind::Path(_), _) => !is_integer(b),
        (_, Kind::Path(_)) => !is_integer(a),
        (Kind::Regex(_) | Kind::BuiltIn(_) | Kind::Integer { .. }, _) => true,
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
    let (a, b) = shared(one, other)?;
    Some(if a == b {
        faults::repeated_option(first, second, &a)
    } else {
        faults::overlapping_options(first, second, &a, &b)
    })
}

/// How two options of one block are called that could take the same word. Asked of every pair, so nothing is
/// written out before it is needed.
fn shared(one: &Spelling, other: &Spelling) -> Option<(String, String)> {
    let (same, name) = match (&one.name, &other.name) {
        (Name::Word(left), Name::Word(right)) => {
            let (a, b) = left.iter().find_map(|a| right.iter().find(|b| same_word(a, b)).map(|b| (a, b)))?;
            return Some((a.to_string(), b.to_string()));
        }
        (Name::Word(words), Name::Short(_) | Name::Long(_)) => {
            (words.iter().any(|p| p.is_exact() && other.is(&p.before)), &other.name)
        }
        (Name::Short(_) | Name::Long(_), Name::Word(words)) => {
            (words.iter().any(|p| p.is_exact() && one.is(&p.before)), &one.name)
        }
        (Name::Short(letter), Name::Short(again)) => (letter == again, &one.name),
        (Name::Long(long), Name::Long(again)) => (long == again, &one.name),
        (Name::Short(_), Name::Long(_)) | (Name::Long(_), Name::Short(_)) => return None,
    };
    same.then(|| (name.to_string(), name.to_string()))
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
    /// An option, and all the words it claims.
    Option(&'s Spelling, Vec<Claimed>),
    Word(&'s Pattern),
    /// `--`
    Dashes,
}

/// Every point between words: whatever may stand there must differ, segment against segment.
pub(super) fn points(segments: &[Segment]) -> Vec<SynopsisFault> {
    let mut found = at_point(&follow(segments, 0));
    for (nth, segment) in segments.iter().enumerate() {
        let mut takers = lingering(segment, nth);
        takers.extend(follow(segments, nth + 1));
        for fault in at_point(&takers) {
            if !found.contains(&fault) {
                found.push(fault);
            }
        }
    }
    found
}

fn at_point(takers: &[Taker<'_>]) -> Vec<SynopsisFault> {
    let mut found: Vec<SynopsisFault> = Vec::new();
    for (nth, one) in takers.iter().enumerate() {
        // Takers stand in the order of their segments: those of the same come last.
        let earlier = takers.iter().take(nth).take_while(|other| other.segment != one.segment);
        found.extend(earlier.filter_map(|other| conflict(other, one)));
    }
    found
}

/// Words an option claims: those with this beginning and end, or this one word.
struct Claimed {
    before: String,
    after: String,
    whole: bool,
}

/// Everything an option of one block claims. Between blocks not even a word that one takes as it is and the
/// other as a bundle may be in doubt.
fn claims(spelling: &Spelling, bundled: bool) -> Vec<Claimed> {
    let beginning = |before: String| Claimed { before, after: String::new(), whole: false };
    let attached = spelling.value.as_ref().is_some_and(|value| value.attachment.is_in_word());
    let more = match &spelling.name {
        Name::Long(name) => Some(beginning(format!("--{name}="))),
        Name::Short(letter) if bundled || attached => Some(beginning(format!("-{letter}"))),
        Name::Short(_) | Name::Word(_) => None,
    };
    let words = spelling.name.patterns().into_iter();
    let words = words.map(|p| Claimed { whole: p.is_exact(), before: p.before, after: p.after });
    words.chain(more).collect()
}

fn claims_meet(some: &[Claimed], others: &[Claimed]) -> bool {
    some.iter().any(|one| others.iter().any(|other| one.meets(other)))
}

impl Claimed {
    fn meets(&self, other: &Self) -> bool {
        match (self.whole, other.whole) {
            (true, true) => self.before == other.before,
            (true, false) => other.holds(&self.before),
            (false, true) => self.holds(&other.before),
            (false, false) => affixes_meet(&self.before, &other.before, &self.after, &other.after),
        }
    }

    fn holds(&self, word: &str) -> bool {
        word.strip_prefix(self.before.as_str()).is_some_and(|rest| rest.ends_with(&self.after))
    }
}

fn conflict(one: &Taker<'_>, other: &Taker<'_>) -> Option<SynopsisFault> {
    let (a, b) = match (&one.what, &other.what) {
        (What::Option(a, some), What::Option(b, others)) if claims_meet(some, others) => {
            (a.name.to_string(), b.name.to_string())
        }
        // Two values in different segments: types that differ today may meet on a file's name tomorrow.
        (What::Word(a), What::Word(b)) if (a.is_value() && b.is_value()) || same_word(a, b) => {
            (a.to_string(), b.to_string())
        }
        (What::Word(word), What::Dashes) | (What::Dashes, What::Word(word)) if word.is_dashes() => {
            ("--".to_owned(), "--".to_owned())
        }
        (What::Option(..) | What::Word(_) | What::Dashes, _) => return None,
    };
    Some(faults::same_word(&[one.span, other.span], &a, &b))
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
    all.extend(dashes(segment, nth));
    all.extend(segment.fixed().into_iter().flat_map(|fixed| beginnings(fixed, nth)));
    all
}

/// What a segment can still take once all it needs is there.
fn lingering(segment: &Segment, nth: usize) -> Vec<Taker<'_>> {
    let mut all: Vec<Taker<'_>> =
        segment.block().into_iter().flat_map(|block| block_options(block, nth)).collect();
    all.extend(segment.run().into_iter().flat_map(|run| run_words(run, nth, true)));
    all.extend(dashes(segment, nth));
    all.extend(segment.fixed().into_iter().flat_map(|fixed| endings(fixed, nth)));
    all
}

fn block_options(block: &Block, segment: usize) -> impl Iterator<Item = Taker<'_>> {
    let bundled = !block.has_words();
    spelled(&block.options).map(move |(spelling, span)| {
        let what = What::Option(spelling, claims(spelling, bundled));
        Taker { segment, what, span }
    })
}

fn dashes(segment: &Segment, nth: usize) -> Option<Taker<'_>> {
    let Segment::Mixed(mixed) = segment else { return None };
    mixed.dashes.map(|span| Taker { segment: nth, what: What::Dashes, span })
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
