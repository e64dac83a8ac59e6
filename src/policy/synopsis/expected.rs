//! What may come next: completion and hints, asked of the same walk that decides.

use super::Fit;
use super::shape::{
    self, Attachment, Block, BlockOption, Mixed, Name, OptionValue, Pattern, Run, Segment, Slot, Spelling,
};
use super::walk::Walk;

/// What may follow some complete words.
#[derive(Debug, Default)]
pub struct Expected<'s> {
    /// Options that may be typed, in the order written. Those that may not be given again are left out.
    pub options: Vec<&'s Spelling>,
    /// Whether short options may be joined in one word.
    pub bundles: bool,
    /// Words of the synopsis itself.
    pub words: Vec<&'s str>,
    /// Values, and text around values. After an option that takes its value as the next word these are that
    /// option's, and nothing else may follow.
    pub values: Vec<&'s Pattern>,
    /// The option that awaits its value, as it is called.
    pub awaiting: Option<String>,
    /// Whether the command may end here.
    pub may_end: bool,
    /// The rest of the synopsis, for a hint: what was typed already and optional options before it left out.
    pub rest: String,
    /// What was made of the words so far.
    pub taken: Fit,
}

impl<'s> Expected<'s> {
    pub(super) fn after(walk: &Walk<'s, '_>) -> Self {
        let mut all =
            Self { may_end: walk.may_end(), rest: rest(walk), taken: walk.taken(), ..Self::default() };
        if let Some(found) = walk.state.awaiting {
            all.awaiting = Some(found.written.name.to_string());
            all.add(found.written.value.as_ref().map(|value| value.patterns.as_slice()).unwrap_or_default());
        } else if let Some((_, patterns)) = walk.forced() {
            all.add(patterns);
        } else {
            for nth in walk.reach() {
                all.add_segment(walk, nth);
            }
        }
        all
    }

    fn add(&mut self, patterns: &'s [Pattern]) {
        let (words, values): (Vec<_>, Vec<_>) = patterns.iter().partition(|pattern| pattern.is_exact());
        self.words.extend(words.into_iter().map(|pattern| pattern.before.as_str()));
        self.values.extend(values);
    }

    fn add_segment(&mut self, walk: &Walk<'s, '_>, nth: usize) {
        if let Some(block) = walk.open_block(nth) {
            self.options.extend(walk.open_spellings(nth));
            self.bundles |= !block.has_words();
        }
        if walk.takes_dashes(nth) {
            self.words.push("--");
        }
        for slot in walk.slots(nth) {
            self.add(&slot.patterns);
        }
        match (walk.synopsis.segments.get(nth).and_then(Segment::fixed), walk.state.inside) {
            (Some(_), Some((sequence, _))) if nth == walk.at => {
                self.add(sequence.words.last().map(Vec::as_slice).unwrap_or_default());
            }
            (Some(fixed), _) => {
                let firsts = fixed.sequences.iter().filter_map(|sequence| sequence.words.first());
                firsts.for_each(|first| self.add(first));
            }
            (None, _) => {}
        }
    }
}

/// The synopsis from here on.
fn rest(walk: &Walk<'_, '_>) -> String {
    let synopsis = walk.synopsis;
    let mut parts = Vec::new();
    if let Some(OptionValue { patterns, .. }) =
        walk.state.awaiting.and_then(|found| found.written.value.as_ref())
    {
        parts.push(shape::written(patterns));
    }
    match synopsis.segments.get(walk.at) {
        Some(Segment::Block(block)) => parts.extend(options(walk, block)),
        Some(Segment::Run(run)) => parts.extend(values(walk, run)),
        Some(Segment::Mixed(mixed)) => parts.extend(mixed_parts(walk, mixed)),
        Some(Segment::Fixed(fixed)) => match walk.state.inside {
            Some((sequence, taken)) => {
                parts.extend(sequence.spans.iter().skip(taken).map(|span| walk.written(*span)));
            }
            None => parts.push(walk.written(fixed.span)),
        },
        None => {}
    }
    if let Some(next) = synopsis.segments.get(walk.at + 1) {
        let later = walk.text.get(next.start(walk.text)..).unwrap_or_default();
        parts.push(later.trim_end().to_owned());
    }
    parts.join(" ")
}

fn mixed_parts(walk: &Walk<'_, '_>, mixed: &Mixed) -> Vec<String> {
    let open = !walk.state.ended;
    let options = if open { options(walk, &mixed.block) } else { Vec::new() };
    let dashes = mixed.dashes.filter(|_| open).map(|_| "[--]".to_owned());
    let values = values(walk, &mixed.run);
    let (first, last) = if mixed.values_first { (values, options) } else { (options, values) };
    first.into_iter().chain(dashes).chain(last).collect()
}

/// Options behind the last one typed, and whatever is still required.
fn options(walk: &Walk<'_, '_>, block: &Block) -> Vec<String> {
    let used = |nth: usize| walk.state.used.iter().any(|(used, _)| *used == nth);
    let last = walk.state.used.iter().map(|(used, _)| *used).max();
    let shown = |nth: usize, option: &BlockOption| {
        !used(nth) && (option.required || last.is_none_or(|last| nth > last))
    };
    let mut parts: Vec<String> = Vec::new();
    let mut letters: Option<(usize, bool)> = None;
    for (_, option) in block.options.iter().enumerate().filter(|(nth, option)| shown(*nth, option)) {
        let text = walk.written(option.span);
        let joins = letters == Some((option.span.start, option.required));
        match (is_flag(option), parts.last_mut()) {
            (true, Some(word)) if joins => word.insert_str(word.len() - usize::from(!option.required), &text),
            (true, _) => parts.push(if option.required { format!("-{text}") } else { format!("[-{text}]") }),
            (false, _) => parts.push(text),
        }
        letters = is_flag(option).then_some((option.span.end, option.required));
    }
    parts
}

/// A letter of a word of flags, whose span is that letter alone.
fn is_flag(option: &BlockOption) -> bool {
    option.span.end - option.span.start == 1
}

/// Values that were not typed; one that may be repeated stays, as optional.
fn values(walk: &Walk<'_, '_>, run: &Run) -> Vec<String> {
    let taken = walk.state.operands.len();
    let (before, _) = run.around_flexible();
    let mut parts = Vec::new();
    for (nth, slot) in run.slots.iter().enumerate() {
        let gone = nth < taken && (nth <= before || run.most().is_some());
        if !gone {
            parts.push(walk.written(slot.span));
        } else if slot.repeated {
            parts.push(again(slot));
        }
    }
    parts
}

fn again(slot: &Slot) -> String {
    format!("[{}...]", shape::written(&slot.patterns))
}

impl Segment {
    /// Where it begins in the synopsis's text.
    fn start(&self, text: &str) -> usize {
        let option = self.block().and_then(|block| block.options.first()).map(|option| option.start(text));
        let value = self.run().and_then(|run| run.slots.first()).map(|slot| slot.span.start);
        let words = self.fixed().map(|fixed| fixed.span.start);
        [option, value, words].into_iter().flatten().min().unwrap_or_default()
    }
}

impl BlockOption {
    /// Where its pair begins: a letter stands behind the dash, and that perhaps behind a bracket.
    fn start(&self, text: &str) -> usize {
        let dash = if is_flag(self) { self.span.start.saturating_sub(1) } else { self.span.start };
        let ahead = text.get(..dash).unwrap_or_default().trim_end();
        if is_flag(self) && ahead.ends_with(['[', '(']) { ahead.len() - 1 } else { dash }
    }
}

impl Spelling {
    /// What to type for it, up to its value: `-n`, `--lines=`, `+short`; the text before a value in its word.
    pub fn typed(&self) -> Vec<String> {
        match (&self.name, self.value.as_ref().map(|value| value.attachment)) {
            (Name::Word(patterns), _) => patterns.iter().map(|pattern| pattern.before.clone()).collect(),
            (Name::Long(name), Some(Attachment::Attached)) => vec![format!("--{name}=")],
            (Name::Long(_) | Name::Short(_), _) => vec![self.name.to_string()],
        }
    }
}
