//! From elements to items: an element is options, a value, fixed words or `[--]`, and is judged here on its own.

use super::SynopsisFault;
use super::faults;
use super::grammar::{Element, Pair, Part, Place, WordText};
use super::kinds::{self, Kind, Types};
use super::lexer::TokenKind;
use super::overlap;
use super::shape::{Attachment, BlockOption, Fixed, Name, OptionValue, Pattern, Sequence, Slot, Spelling};
use crate::excerpt::Span;

/// What an element is.
#[derive(Debug)]
pub(super) enum Item {
    Options(Vec<BlockOption>),
    Value(Slot),
    Fixed(Fixed),
    /// `[--]`
    Dashes(Span),
}

/// One alternative of an element: what its first word is, and what follows.
struct Alternative<'e> {
    kind: Kind,
    first: Span,
    rest: &'e [Place],
    dots: Option<Span>,
    span: Span,
}

/// Reads one element; `text` is the whole synopsis.
pub(super) fn item(element: &Element, text: &str, types: &Types<'_>) -> Result<Item, SynopsisFault> {
    let all = alternatives(element, types)?;
    let option = all.iter().find(|alternative| is_option(&alternative.kind));
    let word = all.iter().find(|alternative| !is_option(&alternative.kind));
    match (option, word) {
        (Some(option), Some(word)) => {
            let spans = [option.first, word.first];
            Err(match choice_of_values(element, &all, text) {
                Some(meant) => faults::values_of_option(&spans, &meant),
                None => faults::options_and_words(&spans),
            })
        }
        (Some(_), None) => options(element, all, text, types).map(Item::Options),
        (None, _) => words(element, all, types),
    }
}

/// `[--color=auto|never]` as it is most likely meant: one option with a choice of values.
fn choice_of_values(element: &Element, all: &[Alternative<'_>], text: &str) -> Option<String> {
    let written = |span: Span| text.get(span.start..span.end);
    let (first, rest) = all.split_first()?;
    let (name, value) = written(first.span)?.split_once('=').filter(|(name, _)| name.starts_with("--"))?;
    let plain = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let others: Option<Vec<&str>> = rest.iter().map(|other| written(other.span)).collect();
    let values = [vec![value], others?].concat();
    let (open, close) = if element.pair == Pair::Optional { ("[", "]") } else { ("(", ")") };
    let is_meant = values.iter().all(|value| plain(value) && !value.starts_with('-'));
    is_meant.then(|| format!("{open}{name}=({}){close}", values.join("|")))
}

fn is_option(kind: &Kind) -> bool {
    match kind {
        Kind::Flags(_) | Kind::Option(_) => true,
        Kind::Dashes | Kind::Words(_) => false,
    }
}

fn alternatives<'e>(element: &'e Element, types: &Types<'_>) -> Result<Vec<Alternative<'e>>, SynopsisFault> {
    let mut all = Vec::new();
    for part in &element.body {
        let Some((first, rest)) = part.places.split_first() else { continue };
        if rest.is_empty() {
            for word in &first.words {
                all.push(Alternative {
                    kind: kinds::kind(word, types)?,
                    first: word.span,
                    rest,
                    dots: part.dots,
                    span: word.span,
                });
            }
        } else {
            let kind = first_kind(first, types)?;
            all.push(Alternative { kind, first: first.span, rest, dots: part.dots, span: part.span });
        }
    }
    Ok(all)
}

/// The kind of the first of several words; a choice can only be of plain words there.
fn first_kind(first: &Place, types: &Types<'_>) -> Result<Kind, SynopsisFault> {
    if let (false, [word]) = (first.choice, first.words.as_slice()) {
        return kinds::kind(word, types);
    }
    plain_patterns(first, types).map(Kind::Words)
}

/// A place among words: text and values, where whatever looks like an option is quoted.
fn plain_patterns(place: &Place, types: &Types<'_>) -> Result<Vec<Pattern>, SynopsisFault> {
    for word in &place.words {
        let quoted = matches!(word.pieces.first().map(|piece| &piece.kind), Some(TokenKind::Quoted(_)));
        if !quoted && is_option(&kinds::kind(word, types)?) {
            return Err(faults::options_and_words(&[word.span]));
        }
    }
    place_patterns(place, types)
}

/// A place as what a value may look like, without two that the same word could match.
fn place_patterns(place: &Place, types: &Types<'_>) -> Result<Vec<Pattern>, SynopsisFault> {
    let mut all = Vec::new();
    for word in &place.words {
        all.extend(kinds::patterns(word, types)?.into_iter().map(|pattern| (pattern, word.span)));
    }
    overlap::distinct(&all)?;
    Ok(all.into_iter().map(|(pattern, _)| pattern).collect())
}

fn options(
    element: &Element,
    all: Vec<Alternative<'_>>,
    text: &str,
    types: &Types<'_>,
) -> Result<Vec<BlockOption>, SynopsisFault> {
    if let Some(dots) = all.iter().find_map(|alternative| alternative.dots) {
        let written = text.get(element.span.start..element.span.end).unwrap_or_default();
        return Err(faults::dots_in_option(dots, written));
    }
    let required = element.pair != Pair::Optional;
    let repeatable = element.dots.is_some();
    if let [Alternative { kind: Kind::Flags(word), rest: [], first, .. }] = all.as_slice() {
        return letters(word, *first, required, repeatable);
    }
    let spellings: Result<Vec<_>, _> =
        all.into_iter().map(|one| spelling(one, element.pair, text, types)).collect();
    let span = whole(element);
    Ok(vec![BlockOption { spellings: spellings?, required, repeatable, span }])
}

/// The element with its dots.
fn whole(element: &Element) -> Span {
    Span::new(element.span.start, element.dots.map_or(element.span.end, |dots| dots.end))
}

fn letters(
    word: &str,
    span: Span,
    required: bool,
    repeatable: bool,
) -> Result<Vec<BlockOption>, SynopsisFault> {
    let mut all: Vec<BlockOption> = Vec::new();
    for (at, letter) in word.char_indices().skip(1) {
        if word.get(1..at).is_some_and(|earlier| earlier.contains(letter)) {
            return Err(faults::repeated_letter(span, word, letter));
        }
        let spellings = vec![Spelling { name: Name::Short(letter), value: None }];
        let span = Span::new(span.start + at, span.start + at + 1);
        all.push(BlockOption { spellings, required, repeatable, span });
    }
    Ok(all)
}

fn spelling(
    alternative: Alternative<'_>,
    pair: Pair,
    text: &str,
    types: &Types<'_>,
) -> Result<Spelling, SynopsisFault> {
    let mut spelling = match alternative.kind {
        Kind::Option(spelling) => spelling,
        Kind::Flags(word) if alternative.rest.is_empty() => {
            return Err(faults::flags_in_choice(alternative.first, &word));
        }
        Kind::Flags(word) => Spelling { name: Name::Word(vec![Pattern::exact(&word)]), value: None },
        // Only options come here; were it otherwise, this is the fault that says so.
        Kind::Dashes | Kind::Words(_) => {
            return Err(faults::options_and_words(&[alternative.first]));
        }
    };
    let Some((value, more)) = alternative.rest.split_first() else { return Ok(spelling) };
    if let Some(second) = alternative.rest.iter().find(|place| looks_like_option(place)) {
        let written = text.get(second.span.start..second.span.end).unwrap_or_default();
        let brackets = if pair == Pair::Optional { ("[", "]") } else { ("(", ")") };
        let could_be_value = alternative.rest.len() == 1 && !spelling.carries_value();
        return Err(faults::several_options(second.span, written, brackets, could_be_value));
    }
    let surplus = if spelling.carries_value() { Some(value) } else { more.first() };
    if let Some(surplus) = surplus {
        return Err(faults::several_values(surplus.span, &spelling.name.to_string()));
    }
    let attachment =
        if matches!(spelling.name, Name::Word(_)) { Attachment::Next } else { Attachment::Either };
    spelling.value = Some(OptionValue { patterns: place_patterns(value, types)?, attachment });
    Ok(spelling)
}

/// A word in a value's place that begins with an unquoted dash: more likely an option of its own.
fn looks_like_option(place: &Place) -> bool {
    let [WordText { pieces, .. }] = place.words.as_slice() else { return false };
    let Some(TokenKind::Text(text)) = pieces.first().map(|piece| &piece.kind) else { return false };
    !place.choice && text.starts_with('-') && !(text == "-" && pieces.len() == 1)
}

fn words(element: &Element, all: Vec<Alternative<'_>>, types: &Types<'_>) -> Result<Item, SynopsisFault> {
    if let ([Alternative { kind: Kind::Dashes, rest: [], dots: None, .. }], Pair::Optional, None) =
        (all.as_slice(), element.pair, element.dots)
    {
        return Ok(Item::Dashes(element.span));
    }
    let mut singles: Vec<(Pattern, Span)> = Vec::new();
    let mut sequences = Vec::new();
    for alternative in all {
        let first = match alternative.kind {
            Kind::Words(patterns) => patterns,
            Kind::Dashes | Kind::Flags(_) | Kind::Option(_) => vec![Pattern::exact("--")],
        };
        if alternative.rest.is_empty() {
            singles.extend(first.into_iter().map(|pattern| (pattern, alternative.span)));
        } else {
            sequences.push(sequence(first, alternative.first, alternative.rest, types)?);
        }
    }
    overlap::distinct(&singles)?;
    if sequences.is_empty() && singles.iter().any(|(pattern, _)| pattern.is_value()) {
        return slot(element, singles).map(Item::Value);
    }
    fixed(element, singles, sequences).map(Item::Fixed)
}

fn sequence(
    first: Vec<Pattern>,
    span: Span,
    rest: &[Place],
    types: &Types<'_>,
) -> Result<Sequence, SynopsisFault> {
    let mut words = vec![first];
    let mut spans = vec![span];
    for place in rest {
        words.push(plain_patterns(place, types)?);
        spans.push(place.span);
    }
    Ok(Sequence { words, repeated: false, spans })
}

fn slot(element: &Element, patterns: Vec<(Pattern, Span)>) -> Result<Slot, SynopsisFault> {
    let inner = element.body.iter().find_map(|part| part.dots);
    if let (Some(dots), [_, _, ..]) = (inner, element.body.as_slice()) {
        return Err(faults::dots_in_choice(dots));
    }
    if let (Some(_), Some(outer)) = (inner, element.dots) {
        return Err(faults::twice_repeated(outer));
    }
    Ok(Slot {
        patterns: patterns.into_iter().map(|(pattern, _)| pattern).collect(),
        optional: element.pair == Pair::Optional,
        repeated: inner.or(element.dots).is_some(),
        span: whole(element),
    })
}

fn fixed(
    element: &Element,
    singles: Vec<(Pattern, Span)>,
    mut sequences: Vec<Sequence>,
) -> Result<Fixed, SynopsisFault> {
    if let Some(dots) = element.dots {
        return Err(faults::dots_behind_words(dots));
    }
    repeat_last(element, &mut sequences)?;
    let optional = element.pair == Pair::Optional;
    let spans: Vec<Span> = singles.iter().map(|(_, span)| *span).collect();
    if !singles.is_empty() {
        let words = vec![singles.into_iter().map(|(pattern, _)| pattern).collect()];
        let first = spans.first().copied().unwrap_or(element.span);
        let last = spans.last().copied().unwrap_or(element.span);
        let spans = vec![Span::new(first.start, last.end)];
        sequences.insert(0, Sequence { words, repeated: false, spans });
    }
    beginnings(&sequences, optional)?;
    Ok(Fixed { sequences, optional, span: element.span })
}

/// Dots within the pair belong to the value that ends it.
fn repeat_last(element: &Element, sequences: &mut [Sequence]) -> Result<(), SynopsisFault> {
    let last = element.body.len().saturating_sub(1);
    for (nth, part) in element.body.iter().enumerate() {
        let Part { dots: Some(dots), places, .. } = part else { continue };
        if nth < last {
            return Err(faults::dots_in_choice(*dots));
        }
        let ends_in_value = |sequence: &&mut Sequence| {
            sequence.words.last().is_some_and(|patterns| patterns.iter().any(Pattern::is_value))
        };
        match sequences.last_mut().filter(|_| places.len() > 1).filter(ends_in_value) {
            Some(sequence) => sequence.repeated = true,
            None => return Err(faults::dots_behind_words(*dots)),
        }
    }
    Ok(())
}

/// Words that come together must show which they are by their first.
fn beginnings(sequences: &[Sequence], optional: bool) -> Result<(), SynopsisFault> {
    let choice = sequences.len() > 1;
    let firsts = || sequences.iter().filter_map(|sequence| Some((sequence, sequence.words.first()?)));
    for (sequence, patterns) in firsts().filter(|(sequence, _)| sequence.words.len() > 1) {
        let vague = |p: &Pattern| if choice { !p.is_exact() } else { optional && p.is_value() };
        if patterns.iter().any(vague) {
            return Err(faults::sequence_start(sequence.spans.get(..1).unwrap_or_default()));
        }
    }
    let mut seen: Vec<(&str, Span)> = Vec::new();
    for (sequence, patterns) in firsts() {
        let span = sequence.spans.first().copied().unwrap_or_default();
        for pattern in patterns.iter().filter(|pattern| pattern.is_exact()) {
            if let Some((_, earlier)) = seen.iter().find(|(text, _)| *text == pattern.before) {
                return Err(faults::sequence_start(&[*earlier, span]));
            }
            seen.push((&pattern.before, span));
        }
    }
    Ok(())
}

/// A bare dash word before a bare value: it could be a flag before an operand, or an option with its value.
pub(super) fn two_readings(elements: &[Element], text: &str, types: &Types<'_>) -> Vec<SynopsisFault> {
    let mut found = Vec::new();
    for pair in elements.windows(2) {
        let [option, value] = pair else { continue };
        if is_bare_dash_word(option, types) && is_bare_value(value) {
            let span = Span::new(option.span.start, whole(value).end);
            let written = |span: Span| text.get(span.start..span.end).unwrap_or_default();
            let dots = if value.dots.is_some() { "..." } else { "" };
            found.push(faults::two_readings(span, written(whole(option)), written(value.span), dots));
        }
    }
    found
}

fn bare_word(element: &Element) -> Option<&WordText> {
    let [Part { places, .. }] = element.body.as_slice() else { return None };
    let [place] = places.as_slice() else { return None };
    place.words.first().filter(|_| element.pair == Pair::Bare)
}

fn is_bare_dash_word(element: &Element, types: &Types<'_>) -> bool {
    match bare_word(element).map(|word| kinds::kind(word, types)) {
        Some(Ok(Kind::Flags(_))) => true,
        Some(Ok(Kind::Option(spelling))) => {
            !spelling.carries_value() && !spelling.name.to_string().starts_with(['+', '('])
        }
        Some(Ok(Kind::Dashes | Kind::Words(_)) | Err(_)) | None => false,
    }
}

fn is_bare_value(element: &Element) -> bool {
    let Some(WordText { pieces, .. }) = bare_word(element) else { return false };
    matches!(pieces.as_slice(), [piece] if matches!(piece.kind, TokenKind::Type(_)))
}
