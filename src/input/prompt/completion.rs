//! What Tab offers: exactly what the rules allow at the cursor, written so that it is read back as it is.

use std::rc::Rc;

use super::names;
use super::sight::{Eyes, Typed, commands};
use crate::command::Builtin;
use crate::excerpt::escape;
use crate::policy::Group;
use crate::policy::decide::ahead::{Foresight, Way, attached};
use crate::policy::glob::Glob;
use crate::policy::paths::{Candidate, Candidates};
use crate::policy::synopsis::{Attachment, Name, Pattern, Spelling};
use crate::policy::types::{PathType, Type};
use crate::words::{PartialWord, Quote, Word, cut_until, quote};

/// What is shown instead of more names than anybody reads.
const TOO_MANY: &str = "more than 1,000 begin so: type more of the name";

/// Offers that are each held against denies of words in every spelling; of more than these, only as they stand.
const EACH: usize = 200;

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

    /// Stands for values that nobody can list, where none is begun: what else may stand there is not to be taken
    /// for all that may.
    fn any_text(wanted: &Type) -> Self {
        Self { text: String::new(), shown: format!("<{}>", wanted.name), ends: false }
    }

    fn is_any_text(&self) -> bool {
        self.text.is_empty()
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
    let Offers { mut all, many } = search.offers(command, is_alone);
    all.retain(|offer| offer.text.starts_with(&partial.last.text) && offer.text != "-");
    all.sort();
    all.dedup();
    search.leave_out_denied(&mut all, command);
    // The name of an option up to its value is of no use to whoever has typed it.
    let is_news = |offer: &Offer| offer.ends || offer.text != partial.last.text;
    match all.iter().any(is_news) {
        true => all.retain(|offer| is_news(offer) || offer.is_any_text()),
        false => all.retain(|offer| !offer.is_any_text()),
    }
    let typed = line.get(start..).unwrap_or_default();
    let candidates = match many {
        Some(common) => too_many(&common, &all, &partial.last, typed),
        None => written(all, &partial.last, typed, eyes.home),
    };
    Completion { start, candidates }
}

/// What may stand at the cursor.
#[derive(Default)]
struct Offers {
    all: Vec<Offer>,
    /// Beside them more paths than can be listed; what those have in common.
    many: Option<String>,
}

impl From<Vec<Offer>> for Offers {
    fn from(all: Vec<Offer>) -> Self {
        Self { all, many: None }
    }
}

struct Search<'a> {
    eyes: &'a Eyes<'a>,
    foresight: Foresight<'a>,
    last: &'a PartialWord,
}

impl Search<'_> {
    fn offers(&self, command: &Typed, is_alone: bool) -> Offers {
        let words: Vec<&str> = command.words.iter().map(Word::text).collect();
        match words.as_slice() {
            ["help" | "?"] if is_alone => self.topics().into(),
            ["cd"] if is_alone => {
                self.paths("", &self.foresight.bench().directories().collect::<Vec<_>>(), "")
            }
            [name, ..] if Builtin::NAMES.contains(name) => Offers::default(),
            _ => match self.foresight.programs(&command.words, command.beside(), &self.last.text) {
                Some(programs) => {
                    let mut offers: Vec<Offer> = programs.iter().map(|name| Offer::whole(name)).collect();
                    let builtins = Builtin::NAMES.iter().filter(|name| **name != "?");
                    offers.extend(
                        builtins.filter(|_| is_alone && words.is_empty()).map(|name| Offer::whole(name)),
                    );
                    offers.into()
                }
                None => self.after(command),
            },
        }
    }

    /// What `help` knows.
    fn topics(&self) -> Vec<Offer> {
        let programs = self.eyes.policy.groups.iter().flat_map(Group::programs);
        let aliases = self.eyes.policy.aliases.keys().map(String::as_str);
        programs.chain(aliases).map(Offer::whole).collect()
    }

    fn after(&self, command: &Typed) -> Offers {
        let ahead = self.foresight.after(&command.words, command.beside(), usize::MAX);
        let mut offers = self.values(&ahead.ways);
        for way in &ahead.ways {
            offers.all.extend(way.expected.words.iter().map(|word| Offer::whole(word)));
        }
        // Options where one is being typed, or where there is nothing else.
        let is_nothing_else = offers.all.iter().all(Offer::is_any_text) && offers.many.is_none();
        if self.last.text.starts_with(['-', '+']) || is_nothing_else {
            for way in &ahead.ways {
                let unused =
                    way.expected.options.iter().filter(|spelling| !is_used(spelling, &command.words));
                offers.all.extend(unused.flat_map(|spelling| options(spelling)));
                way.expected.options.iter().for_each(|spelling| self.attached(way, spelling, &mut offers));
            }
        }
        offers
    }

    /// Values of all ways. Directories are read once for all their types.
    fn values(&self, ways: &[Way<'_>]) -> Offers {
        let mut paths: Vec<Rc<PathType>> = Vec::new();
        let mut others = Vec::new();
        for way in ways {
            for pattern in &way.expected.values {
                match pattern.is_value() && pattern.value.as_ref().is_some_and(|wanted| wanted.is_path()) {
                    true => {
                        paths.extend(pattern.value.iter().map(|wanted| self.foresight.path(wanted, way)));
                    }
                    false => others.push((way, *pattern)),
                }
            }
        }
        paths.dedup_by(|a, b| Rc::ptr_eq(a, b));
        let wanted: Vec<&PathType> = paths.iter().map(Rc::as_ref).collect();
        let mut offers = self.paths("", &wanted, "");
        for (way, pattern) in others {
            self.value(way, pattern, "", &mut offers);
        }
        offers
    }

    /// Takes out what a deny refuses, however it is spelled.
    fn leave_out_denied(&self, offers: &mut Vec<Offer>, command: &Typed) {
        let denies = self.eyes.policy.denies.iter();
        let globs: Vec<&Glob> = denies.filter_map(|deny| deny.words.as_ref()).flatten().collect();
        if globs.is_empty() || command.words.is_empty() {
            return;
        }
        let is_few = offers.len() <= EACH;
        let is_open = |text: &str| globs.iter().any(|glob| glob.takes_all_that_begin(text.as_bytes()));
        let is_met = |text: &str| is_few || globs.iter().any(|glob| glob.matches(text.as_bytes()));
        offers.retain(|offer| match offer.ends {
            true => {
                !is_met(&offer.text)
                    || !self.foresight.is_refused(&command.words, command.beside(), &offer.text)
            }
            false => {
                !is_open(&offer.text)
                    || self.foresight.may_go_on(&command.words, command.beside(), &offer.text)
            }
        });
    }

    /// A value in the option's own word.
    fn attached(&self, way: &Way<'_>, spelling: &Spelling, offers: &mut Offers) {
        let prefix = attached(spelling);
        let value = spelling.value.as_ref().filter(|value| value.attachment != Attachment::Next);
        let value = value.filter(|_| self.last.text.starts_with(&prefix));
        for pattern in value.iter().flat_map(|value| &value.patterns) {
            self.value(way, pattern, &prefix, offers);
        }
    }

    /// Values of one pattern behind `prefix`.
    fn value(&self, way: &Way<'_>, pattern: &Pattern, prefix: &str, offers: &mut Offers) {
        let before = format!("{prefix}{}", pattern.before);
        let Some(wanted) = &pattern.value else { return offers.all.push(Offer::whole(&before)) };
        if !self.last.text.starts_with(&before) {
            let shown = format!("{before}<{}>{}", wanted.name, pattern.after);
            return offers.all.push(Offer { text: before, shown, ends: false });
        }
        if wanted.is_path() {
            let paths = self.paths(&before, &[&self.foresight.path(wanted, way)], &pattern.after);
            offers.all.extend(paths.all);
            offers.many = offers.many.take().or(paths.many);
            return;
        }
        let offer = |name: &String| {
            let text = format!("{before}{name}{}", pattern.after);
            Offer { text, shown: escape(name), ends: true }
        };
        let known = names::of(wanted);
        if known.is_empty() && before.is_empty() && self.last.text.is_empty() {
            offers.all.push(Offer::any_text(wanted));
        }
        offers.all.extend(known.iter().map(offer));
    }

    fn paths(&self, before: &str, wanted: &[&PathType], after: &str) -> Offers {
        let typed = self.last.text.strip_prefix(before).unwrap_or_default();
        if wanted.is_empty() {
            return Offers::default();
        }
        let (directory, name) =
            typed.rfind('/').map_or(("", typed), |slash| typed.split_at(slash.saturating_add(1)));
        let few = match self.eyes.view.list(directory, name, wanted) {
            Candidates::Few(few) => few,
            Candidates::Many { common } => {
                return Offers { all: Vec::new(), many: Some(format!("{before}{directory}{common}")) };
            }
        };
        let offer = |candidate: Candidate| {
            let (slash, after) = if candidate.is_dir { ("/", "") } else { ("", after) };
            let shown = format!("{}{slash}", escape(&candidate.name));
            let text = format!("{before}{directory}{}{slash}{after}", candidate.name);
            Offer { text, shown, ends: !candidate.is_dir }
        };
        // A value never begins with a dash.
        let is_value = |offer: &Offer| !before.is_empty() || !offer.text.starts_with('-');
        few.into_iter().map(offer).filter(is_value).collect::<Vec<_>>().into()
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

/// What all begin with.
fn common(offers: &[Offer], first: &str) -> String {
    let mut shared = first.to_owned();
    for offer in offers {
        let same = shared.char_indices().zip(offer.text.chars()).find(|((_, a), b)| a != b);
        let end = same.map_or(shared.len().min(offer.text.len()), |((at, _), _)| at);
        shared.truncate(end);
    }
    shared
}

/// Two lines of a list, which the editor takes for two names that have this much in common.
fn too_many(many: &str, offers: &[Offer], last: &PartialWord, typed: &str) -> Vec<(String, String)> {
    let shared = common(offers, many);
    let is_plain = quote(&shared) == shared && last.quote == Quote::None && shared.len() > last.text.len();
    let text = if is_plain && !typed.starts_with('~') { shared } else { typed.to_owned() };
    vec![(TOO_MANY.to_owned(), text.clone()), (String::new(), text)]
}

/// The offers as they stand in the line. Several that begin differently leave the line as it is but for what they
/// have in common, so only that decides about quotes.
fn written(offers: Vec<Offer>, last: &PartialWord, typed: &str, home: &str) -> Vec<(String, String)> {
    let first = offers.first().map(|offer| offer.text.clone()).unwrap_or_default();
    let shared = common(&offers, &first);
    let needs_quotes = !shared.is_empty() && quote(&shared) != shared;
    let style = match last.quote {
        Quote::None if needs_quotes && typed.starts_with('"') => Quote::Double,
        Quote::None if needs_quotes => Quote::Single,
        other => other,
    };
    let is_one = offers.len() == 1;
    // `~/` stays as it was typed where nothing after it needs quotes.
    let tilde = typed.starts_with("~/") && style == Quote::None && home.len() > 1;
    let one = |offer: Offer| {
        let text = match offer.text.strip_prefix(home).filter(|_| tilde) {
            Some(beneath) => format!("~{beneath}{}", if offer.ends { " " } else { "" }),
            None if style == Quote::None && !is_one => offer.text.clone(),
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
