//! What Tab offers: exactly what the rules allow at the cursor, written so that it is read back as it is.

use std::rc::Rc;

use super::names;
use super::sight::{Eyes, Typed, commands};
use crate::command::Builtin;
use crate::excerpt::escape;
use crate::policy::decide::ahead::{Foresight, Way, attached};
use crate::policy::synopsis::{Attachment, Name, Pattern, Spelling, Synopsis};
use crate::policy::types::PathType;
use crate::words::{PartialWord, Quote, Word, cut_until, quote};

/// A line editor counts them in 16 bits, and nobody reads that many.
const MOST: usize = 20_000;

/// One thing that can stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Offer {
    /// The whole word.
    text: String,
    /// As it is listed.
    shown: String,
    /// Whether the word is complete with it.
    ends: bool,
}

/// Where the word begins in the line, and what to put there: as listed, as written.
pub(super) struct Completion {
    pub(super) start: usize,
    pub(super) candidates: Vec<(String, String)>,
}

impl Offer {
    fn whole(text: &str) -> Self {
        Self { text: text.to_owned(), shown: escape(text), ends: true }
    }
}

/// What may stand where the cursor is. `line` ends there.
pub(super) fn complete(eyes: &Eyes<'_>, line: &str) -> Completion {
    let partial = cut_until(line, eyes.home);
    let start = partial.last.start;
    let commands = commands(&partial.tokens);
    let nothing = Completion { start, candidates: Vec::new() };
    let Some(command) = commands.last().filter(|_| partial.fault.is_none()) else { return nothing };
    let is_alone = commands.len() == 1;
    let search = Search { eyes, foresight: eyes.foresight(), last: &partial.last };
    let mut offers = search.offers(command, is_alone);
    offers.retain(|offer| offer.text.starts_with(&partial.last.text) && offer.text != "-");
    offers.sort();
    offers.dedup();
    if offers.len() > MOST {
        return Completion { start, candidates: common(&offers, &partial.last) };
    }
    let typed = line.get(start..).unwrap_or_default();
    Completion { start, candidates: written(offers, &partial.last, typed, eyes.home) }
}

struct Search<'a> {
    eyes: &'a Eyes<'a>,
    foresight: Foresight<'a>,
    last: &'a PartialWord,
}

impl Search<'_> {
    fn offers(&self, command: &Typed, is_alone: bool) -> Vec<Offer> {
        let words: Vec<&str> = command.words.iter().map(Word::text).collect();
        match words.as_slice() {
            ["help"] if is_alone => self.programs_of_any_kind(),
            ["cd"] if is_alone => self.paths("", &[&self.foresight.bench().directories()], ""),
            [name, ..] if Builtin::NAMES.contains(name) => Vec::new(),
            _ => match self.foresight.programs(&command.words, command.beside()) {
                Some(programs) => {
                    let mut offers: Vec<Offer> = programs.iter().map(|name| Offer::whole(name)).collect();
                    let builtins = Builtin::NAMES.iter().filter(|name| **name != "?");
                    offers.extend(
                        builtins.filter(|_| is_alone && words.is_empty()).map(|name| Offer::whole(name)),
                    );
                    offers
                }
                None => self.after(command),
            },
        }
    }

    fn programs_of_any_kind(&self) -> Vec<Offer> {
        let rules = self.eyes.policy.groups.iter().flat_map(|group| &group.rules);
        let names = rules.flat_map(|rule| &rule.synopses).flat_map(Synopsis::programs);
        names.map(|name| Offer::whole(name.rsplit('/').next().unwrap_or(name))).collect()
    }

    fn after(&self, command: &Typed) -> Vec<Offer> {
        let ahead = self.foresight.after(&command.words, command.beside(), usize::MAX);
        let mut offers = Vec::new();
        for way in &ahead.ways {
            offers.extend(way.expected.words.iter().map(|word| Offer::whole(word)));
        }
        offers.extend(self.values(&ahead.ways));
        // Options where one is being typed, or where there is nothing else.
        if self.last.text.starts_with(['-', '+']) || offers.is_empty() {
            for way in &ahead.ways {
                let unused =
                    way.expected.options.iter().filter(|spelling| !is_used(spelling, &command.words));
                offers.extend(unused.flat_map(|spelling| options(spelling)));
                offers.extend(way.expected.options.iter().flat_map(|spelling| self.attached(way, spelling)));
            }
        }
        offers
    }

    /// Values of all ways. Directories are read once for all their types.
    fn values(&self, ways: &[Way<'_>]) -> Vec<Offer> {
        let mut offers = Vec::new();
        let mut paths: Vec<Rc<PathType>> = Vec::new();
        for way in ways {
            for pattern in &way.expected.values {
                match pattern.is_value() && pattern.value.as_ref().is_some_and(|wanted| wanted.is_path()) {
                    true => paths
                        .extend(pattern.value.iter().map(|wanted| self.foresight.path(wanted, way.program))),
                    false => offers.extend(self.value(way, pattern, "")),
                }
            }
        }
        paths.dedup_by(|a, b| Rc::ptr_eq(a, b));
        let wanted: Vec<&PathType> = paths.iter().map(Rc::as_ref).collect();
        offers.extend(self.paths("", &wanted, ""));
        offers
    }

    /// A value in the option's own word.
    fn attached(&self, way: &Way<'_>, spelling: &Spelling) -> Vec<Offer> {
        let prefix = attached(spelling);
        let Some(value) = spelling.value.as_ref().filter(|_| self.last.text.starts_with(&prefix)) else {
            return Vec::new();
        };
        if value.attachment == Attachment::Next {
            return Vec::new();
        }
        value.patterns.iter().flat_map(|pattern| self.value(way, pattern, &prefix)).collect()
    }

    /// Values of one pattern behind `prefix`.
    fn value(&self, way: &Way<'_>, pattern: &Pattern, prefix: &str) -> Vec<Offer> {
        let before = format!("{prefix}{}", pattern.before);
        let Some(wanted) = &pattern.value else { return vec![Offer::whole(&before)] };
        if !self.last.text.starts_with(&before) {
            let shown = format!("{before}<{}>{}", wanted.name, pattern.after);
            return vec![Offer { text: before, shown, ends: false }];
        }
        if wanted.is_path() {
            return self.paths(&before, &[&self.foresight.path(wanted, way.program)], &pattern.after);
        }
        let names = names::of(wanted).into_iter();
        names.map(|name| Offer::whole(&format!("{before}{name}{}", pattern.after))).collect()
    }

    fn paths(&self, before: &str, wanted: &[&PathType], after: &str) -> Vec<Offer> {
        let typed = self.last.text.strip_prefix(before).unwrap_or_default();
        if wanted.is_empty() {
            return Vec::new();
        }
        let (directory, name) =
            typed.rfind('/').map_or(("", typed), |slash| typed.split_at(slash.saturating_add(1)));
        let candidates = self.eyes.view.list(directory, name, wanted).into_iter();
        let offer = |candidate: crate::policy::paths::Candidate| {
            let (slash, after) = if candidate.is_dir { ("/", "") } else { ("", after) };
            let shown = format!("{}{slash}", escape(&candidate.name));
            let text = format!("{before}{directory}{}{slash}{after}", candidate.name);
            Offer { text, shown, ends: !candidate.is_dir }
        };
        // A value never begins with a dash.
        candidates.map(offer).filter(|offer| !before.is_empty() || !offer.text.starts_with('-')).collect()
    }
}

/// Whether an option without a value was typed. It may be typed again, which says nothing new.
fn is_used(spelling: &Spelling, words: &[Word]) -> bool {
    if spelling.carries_value() {
        return false;
    }
    let bundled = |word: &str, letter: char| {
        word.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.contains(letter))
    };
    words.iter().any(|word| match &spelling.name {
        Name::Short(letter) => bundled(word.text(), *letter),
        Name::Long(_) | Name::Word(_) => spelling.typed().iter().any(|typed| typed == word.text()),
    })
}

/// The ways to type an option, up to its value.
fn options(spelling: &Spelling) -> Vec<Offer> {
    let shown = spelling.to_string();
    let attachment = spelling.value.as_ref().map(|value| value.attachment);
    let offer = |text: String| {
        let ends =
            !text.ends_with('=') && attachment != Some(Attachment::Attached) && !spelling_is_open(spelling);
        Offer { text, shown: shown.clone(), ends }
    };
    spelling.typed().into_iter().map(offer).collect()
}

/// Whether a value follows in a word that is an option by itself: `-<n>`.
fn spelling_is_open(spelling: &Spelling) -> bool {
    match &spelling.name {
        Name::Word(patterns) => patterns.iter().any(|pattern| !pattern.is_exact()),
        Name::Short(_) | Name::Long(_) => false,
    }
}

/// What all have in common, where there are too many to list.
fn common(offers: &[Offer], last: &PartialWord) -> Vec<(String, String)> {
    let mut shared = offers.first().map(|offer| offer.text.clone()).unwrap_or_default();
    for offer in offers {
        let same = shared.char_indices().zip(offer.text.chars()).find(|((_, a), b)| a != b);
        let end = same.map_or(shared.len().min(offer.text.len()), |((at, _), _)| at);
        shared.truncate(end);
    }
    let is_plain = quote(&shared) == shared && last.quote == Quote::None;
    if is_plain && shared.len() > last.text.len() { vec![(shared.clone(), shared)] } else { Vec::new() }
}

/// The offers as they stand in the line, all in the same kind of quotes, so that their common beginning is one.
fn written(offers: Vec<Offer>, last: &PartialWord, typed: &str, home: &str) -> Vec<(String, String)> {
    let needs_quotes = offers.iter().any(|offer| quote(&offer.text) != offer.text);
    let style = match last.quote {
        Quote::None if needs_quotes && typed.starts_with('"') => Quote::Double,
        Quote::None if needs_quotes => Quote::Single,
        other => other,
    };
    // `~/` stays as it was typed where nothing after it needs quotes.
    let tilde = typed.starts_with("~/") && style == Quote::None && home.len() > 1;
    let one = |offer: Offer| {
        let text = match offer.text.strip_prefix(home).filter(|_| tilde) {
            Some(beneath) => format!("~{beneath}{}", if offer.ends { " " } else { "" }),
            None => quoted(&offer, style),
        };
        (offer.shown, text)
    };
    offers.into_iter().map(one).collect()
}

/// A word that goes on leaves its quote open.
fn quoted(offer: &Offer, style: Quote) -> String {
    let text = &offer.text;
    let (mark, fits) = match style {
        Quote::None => ("", true),
        Quote::Single => ("'", !text.contains('\'')),
        Quote::Double => ("\"", !text.contains(['"', '\\', '$', '`'])),
    };
    match (fits, offer.ends) {
        (true, true) => format!("{mark}{text}{mark} "),
        (true, false) => format!("{mark}{text}"),
        (false, true) => format!("{} ", quote(text)),
        (false, false) => quote(text),
    }
}
