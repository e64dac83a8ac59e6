//! From text to a whole synopsis: program, items, segments; every fault that one reading can find.

use std::cell::OnceCell;

use super::elements::{self, Item};
use super::kinds::Types;
use super::lexer::{self, Token, TokenKind};
use super::program::{self, Head};
use super::shape::{Block, BlockOption, Fixed, Mixed, Name, Pattern, Run, Segment, Sequence, Slot};
use super::{Body, Synopsis, SynopsisFault};
use super::{LONGEST, MOST_OPTIONS, MOST_SEGMENTS};
use super::{faults, grammar, overlap};
use crate::excerpt::Span;

/// Reads `text`.
pub(super) fn synopsis(text: &str, types: &Types<'_>) -> Result<Synopsis, Vec<SynopsisFault>> {
    if text.len() > LONGEST {
        return Err(vec![faults::too_long(text)]);
    }
    let tokens = lexer::tokens(text)?;
    let unknown = unknown_types(&tokens, types);
    let written = grammar::elements(&tokens, text.len()).map_err(|fault| joined(unknown.clone(), fault))?;
    let (head, rest) = program::program(&written, text).map_err(|fault| joined(unknown.clone(), fault))?;
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let mut found = elements::two_readings(rest, text, types);
    let mut items = Vec::new();
    for element in rest {
        match elements::item(element, text, types) {
            Ok(item) => items.push(item),
            Err(fault) => found.push(fault),
        }
    }
    // An item that could not be read would make its neighbours look wrong.
    if !found.is_empty() {
        return Err(found);
    }
    let segments = segments(items, text)?;
    let plus = has_plus(&segments);
    let body = OnceCell::from(Body { segments, plus });
    let Head { elevation, programs } = head;
    Ok(Synopsis { text: text.to_owned(), elevation, programs, types: Vec::new(), body })
}

fn joined(mut found: Vec<SynopsisFault>, fault: SynopsisFault) -> Vec<SynopsisFault> {
    found.push(fault);
    found
}

fn unknown_types(tokens: &[Token], types: &Types<'_>) -> Vec<SynopsisFault> {
    let unknown = tokens.iter().filter_map(|token| match &token.kind {
        TokenKind::Type(name) if types(name).is_none() => Some(faults::unknown_type(token.span, name)),
        _ => None,
    });
    unknown.collect()
}

fn has_plus(segments: &[Segment]) -> bool {
    let mut spellings = segments.iter().filter_map(Segment::block).flat_map(Block::spellings);
    spellings.any(|(_, _, spelling)| match &spelling.name {
        Name::Word(patterns) => patterns.iter().any(|pattern| pattern.before.starts_with('+')),
        Name::Short(_) | Name::Long(_) => false,
    })
}

/// A stretch of items of one kind, before blocks and runs are joined.
enum Stretch {
    Options(Vec<BlockOption>),
    Values(Vec<Slot>),
    Fixed(Fixed),
    Dashes(Span),
}

fn segments(items: Vec<Item>, text: &str) -> Result<Vec<Segment>, Vec<SynopsisFault>> {
    let stretches = stretches(items);
    let found = stretch_faults(&stretches, text);
    if !found.is_empty() {
        return Err(found);
    }
    let segments = join(stretches);
    let found = overlap::points(&segments);
    if found.is_empty() { Ok(segments) } else { Err(found) }
}

fn stretches(items: Vec<Item>) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    for item in items {
        match (item, all.last_mut()) {
            (Item::Options(more), Some(Stretch::Options(options))) => options.extend(more),
            (Item::Value(slot), Some(Stretch::Values(slots))) => slots.push(slot),
            (Item::Options(options), _) => all.push(Stretch::Options(options)),
            (Item::Value(slot), _) => all.push(Stretch::Values(vec![slot])),
            (Item::Fixed(fixed), _) => all.push(Stretch::Fixed(fixed)),
            (Item::Dashes(span), _) => all.push(Stretch::Dashes(span)),
        }
    }
    all
}

fn stretch_faults(stretches: &[Stretch], text: &str) -> Vec<SynopsisFault> {
    let mut found = Vec::new();
    for stretch in stretches {
        match stretch {
            Stretch::Options(options) => found.extend(option_faults(options)),
            Stretch::Values(slots) => found.extend(value_faults(slots, text)),
            Stretch::Fixed(_) | Stretch::Dashes(_) => {}
        }
    }
    for pair in stretches.windows(2) {
        if let [Stretch::Dashes(dashes), Stretch::Options(options)] = pair {
            let options = options.first().map_or(*dashes, |option| option.span);
            found.push(faults::end_of_options(*dashes, options));
        }
    }
    found.extend(count_fault(stretches, text));
    found
}

fn option_faults(options: &[BlockOption]) -> Vec<SynopsisFault> {
    if let (Some(beyond), Some(last)) = (options.get(MOST_OPTIONS), options.last()) {
        let span = Span::new(beyond.span.start, last.span.end);
        return vec![faults::too_many_options(span, options.len())];
    }
    overlap::options(options)
}

fn value_faults(slots: &[Slot], text: &str) -> Option<SynopsisFault> {
    let mut flexible = slots.iter().filter(|slot| slot.optional || slot.repeated);
    let (first, second) = (flexible.next()?, flexible.next()?);
    let written = |span: Span| text.get(span.start..span.end).unwrap_or_default();
    let (one, other) = (written(first.span), written(second.span));
    Some(faults::optional_values(first.span, second.span, (one, other), &split(text, first, second)))
}

/// The two synopses that say what two flexible values side by side could mean.
fn split(text: &str, first: &Slot, second: &Slot) -> [String; 2] {
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let (ahead, between) = (part(0, first.span.start), part(first.span.end, second.span.start));
    let behind = part(second.span.end, text.len());
    let required = super::shape::written(&first.patterns);
    let later = part(second.span.start, second.span.end);
    if first.optional {
        let kept = if second.optional { "" } else { later };
        let without = format!("{ahead}{between}{kept}{behind}");
        [tidy(&without), tidy(&format!("{ahead}{required}{between}{later}{behind}"))]
    } else {
        let once = super::shape::written(&second.patterns);
        let one = part(first.span.start, first.span.end);
        [
            tidy(&format!("{ahead}{required}{between}{later}{behind}")),
            tidy(&format!("{ahead}{one}{between}{once}{behind}")),
        ]
    }
}

fn tidy(text: &str) -> String {
    text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Neighbouring fixed words count as one stretch: they cost the matcher nothing.
fn count_fault(stretches: &[Stretch], text: &str) -> Option<SynopsisFault> {
    let is_fixed = |stretch: &Stretch| matches!(stretch, Stretch::Fixed(_) | Stretch::Dashes(_));
    let mut count = 0;
    let mut beyond = None;
    let mut after_fixed = false;
    for stretch in stretches {
        if !(after_fixed && is_fixed(stretch)) {
            count += 1;
        }
        if count == MOST_SEGMENTS + 1 && beyond.is_none() {
            beyond = Some(start(stretch));
        }
        after_fixed = is_fixed(stretch);
    }
    beyond.map(|start| faults::too_many_segments(Span::new(start, text.trim_end().len()), count))
}

fn start(stretch: &Stretch) -> usize {
    match stretch {
        Stretch::Options(options) => options.first().map_or(0, |option| option.span.start),
        Stretch::Values(slots) => slots.first().map_or(0, |slot| slot.span.start),
        Stretch::Fixed(fixed) => fixed.span.start,
        Stretch::Dashes(span) => span.start,
    }
}

/// Which stretches mix: the last block and the last run, with nothing but `[--]` between them.
fn mixing(stretches: &[Stretch]) -> Option<(usize, usize)> {
    let block = stretches.iter().rposition(|stretch| matches!(stretch, Stretch::Options(_)))?;
    let run = stretches.iter().rposition(|stretch| matches!(stretch, Stretch::Values(_)))?;
    let (low, high) = (block.min(run), block.max(run));
    let between = stretches.get(low + 1..high)?;
    matches!(between, [] | [Stretch::Dashes(_)]).then_some((low, high))
}

fn join(stretches: Vec<Stretch>) -> Vec<Segment> {
    let mixed = mixing(&stretches);
    let mut parts = MixedParts::default();
    let mut all = Vec::new();
    for (nth, stretch) in stretches.into_iter().enumerate() {
        match mixed {
            Some((low, high)) if (low..=high).contains(&nth) => {
                parts.add(stretch);
                if nth == high {
                    all.push(Segment::Mixed(std::mem::take(&mut parts).whole()));
                }
            }
            _ => all.push(alone(stretch)),
        }
    }
    all
}

#[derive(Default)]
struct MixedParts {
    options: Vec<BlockOption>,
    slots: Vec<Slot>,
    dashes: Option<Span>,
    values_first: bool,
}

impl MixedParts {
    fn add(&mut self, stretch: Stretch) {
        match stretch {
            Stretch::Options(options) => {
                self.values_first = !self.slots.is_empty();
                self.options = options;
            }
            Stretch::Values(slots) => self.slots = slots,
            Stretch::Dashes(span) => self.dashes = Some(span),
            // Never between a block and a run that mix.
            Stretch::Fixed(_) => {}
        }
    }

    fn whole(self) -> Mixed {
        Mixed {
            block: Block { options: self.options },
            run: Run { slots: self.slots },
            dashes: self.dashes,
            values_first: self.values_first,
        }
    }
}

fn alone(stretch: Stretch) -> Segment {
    match stretch {
        Stretch::Options(options) => Segment::Block(Block { options }),
        Stretch::Values(slots) => Segment::Run(Run { slots }),
        Stretch::Fixed(fixed) => Segment::Fixed(fixed),
        Stretch::Dashes(span) => {
            let sequence =
                Sequence { words: vec![vec![Pattern::exact("--")]], repeated: false, spans: vec![span] };
            Segment::Fixed(Fixed { sequences: vec![sequence], optional: true, span })
        }
    }
}
