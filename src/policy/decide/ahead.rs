//! What may follow words that are still being typed: what completion offers, a hint says and a colour warns of.
//! It asks the same walk over the same rules that decides, and promises nothing: a line is judged only when it
//! is entered.

mod answers;
mod begun;

use std::collections::BTreeSet;
use std::rc::Rc;

pub use answers::Answers;

use super::attempt::at_typed_word;
use super::call::{Call, Candidate, Sudo, names};
use super::denies::{Evidence, deny_among};
use super::{Attempt, Bench, Outcome};
use crate::excerpt::{Span, escape};
use crate::policy::denial::{Denial, Nearest, rank};
use crate::policy::synopsis::{Expected, Name, Spelling, Stop, Synopsis, Value};
use crate::policy::{Alias, Deny, Group, Operators, Rule};
use crate::words::Word;

/// Looks ahead in one line.
#[derive(Clone, Copy, Debug)]
pub struct Foresight<'p> {
    bench: Bench<'p>,
    answers: &'p Answers,
}

/// What a command may become.
#[derive(Debug)]
pub struct Ahead<'p> {
    /// Every synopsis that takes the words so far.
    pub ways: Vec<Way<'p>>,
    /// Where there is none: the word at which the last of them stopped.
    pub standstill: Option<Standstill>,
}

/// A synopsis that takes the words so far.
#[derive(Debug)]
pub struct Way<'p> {
    /// The group.
    pub group: &'p Group,
    /// The rule.
    pub rule: &'p Rc<Rule>,
    /// The synopsis.
    pub synopsis: &'p Synopsis,
    /// The rule's name for the program.
    pub program: &'p str,
    /// What may stand next.
    pub expected: Expected<'p>,
    /// The denies that are about the program.
    denies: Vec<&'p Deny>,
}

/// A word that no rule takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standstill {
    /// Where it stands in the line.
    pub span: Span,
    /// Why not, in one line.
    pub reason: String,
}

impl<'p> Foresight<'p> {
    /// Looks ahead with these rules.
    pub fn new(bench: Bench<'p>, answers: &'p Answers) -> Self {
        Self { bench, answers }
    }

    /// What it looks with.
    pub fn bench(&self) -> &Bench<'p> {
        &self.bench
    }

    /// What may stand as the next word, beginning with `start`, of a command that names no program yet: programs,
    /// aliases, `sudo` and its `-u NAME`. `None` when a program is named.
    pub fn programs(&self, words: &[Word], beside: Operators, start: &str) -> Option<BTreeSet<String>> {
        let texts: Vec<&str> = words.iter().map(Word::text).collect();
        let mut found = BTreeSet::new();
        let sudo = match texts.as_slice() {
            [] => Sudo::Absent,
            ["sudo"] => Sudo::Root,
            ["sudo", "-u"] => {
                let users = self.open(beside).filter_map(|c| c.synopsis.elevation()?.user.clone());
                return Some(users.collect());
            }
            ["sudo", "-u", user] => Sudo::User(user),
            _ => return None,
        };
        for candidate in self.open(beside) {
            let name = match (sudo, Sudo::of(candidate.synopsis)) {
                (wanted, own) if wanted == own => {
                    let names = [last_part(candidate.name), candidate.name];
                    names.into_iter().find(|name| name.starts_with(start))
                }
                (Sudo::Absent, _) => Some("sudo"),
                (Sudo::Root, Sudo::User(_)) => Some("-u"),
                (Sudo::Root | Sudo::User(_), _) => None,
            };
            let Some(name) = name.filter(|name| !found.contains(*name)) else { continue };
            if matches!(name, "sudo" | "-u") || !self.is_denied(&candidate, name) {
                found.insert(name.to_owned());
            }
        }
        if sudo == Sudo::Absent {
            let aliases = self.bench.policy.aliases.iter().filter(|(word, _)| word.starts_with(start));
            found.extend(aliases.filter(|(_, a)| matches!(a, Alias::Words(_))).map(|(word, _)| word.clone()));
        }
        Some(found)
    }

    /// What may follow complete words, the first of which names a program or an alias. Looks no further than for
    /// `enough` ways.
    pub fn after(&self, words: &[Word], beside: Operators, enough: usize) -> Ahead<'p> {
        let mut ways = Vec::new();
        let standstill = self.walk(words, beside, |way| {
            ways.push(way);
            ways.len() < enough
        });
        Ahead { standstill: standstill.filter(|_| ways.is_empty()), ways }
    }

    /// Whether a deny stands against the words with `next` behind them.
    pub fn is_refused(&self, words: &[Word], beside: Operators, next: &str) -> bool {
        let Some(next) = Word::found(next.to_owned(), Span::default()) else { return true };
        let words: Vec<Word> = words.iter().cloned().chain([next]).collect();
        self.after(&words, beside, 1).ways.is_empty()
    }

    /// Hands every synopsis that takes the words to `each`, until that has enough. The word at which the last of the
    /// others stopped, if any did.
    fn walk(
        &self,
        words: &[Word],
        beside: Operators,
        mut each: impl FnMut(Way<'p>) -> bool,
    ) -> Option<Standstill> {
        let refused = |reason: String| {
            let span = words.last().map(Word::span).unwrap_or_default();
            Some(Standstill { span, reason })
        };
        let words = match self.bench.with_alias(words) {
            Ok(words) => words,
            Err(denial) => return refused(denial.reason()),
        };
        let Some(call) = Call::of(&words) else {
            return refused(Denial::sudo(&words, false).reason());
        };
        let candidates = match self.candidates(&call) {
            Ok(candidates) if !candidates.is_empty() => candidates,
            Ok(_) => return Some(self.named_by_no_rule(&call)),
            Err(reason) => return refused(reason),
        };
        let mut furthest: Option<Attempt> = None;
        let mut meant = Meant::default();
        for candidate in candidates.into_iter().filter(|candidate| self.is_open(candidate, beside)) {
            let denies = meant.by(self.bench, &call, candidate.name);
            let outcome = match self.next(&candidate, call.arguments()) {
                Ok(expected) => match self.denied(&call, &candidate, &denies, &expected) {
                    None if each(way(&candidate, expected, denies)) => continue,
                    None => return None,
                    Some(outcome) => outcome,
                },
                Err(stop) => Outcome::Stopped(at_typed_word(stop, &call, call.arguments())),
            };
            let weight = |outcome: &Outcome| rank(outcome, call.words.len());
            if furthest.as_ref().is_none_or(|other| weight(&other.outcome) < weight(&outcome)) {
                furthest = Some(attempt(&candidate, outcome));
            }
        }
        furthest.and_then(|attempt| self.standstill(&attempt, &call, beside))
    }

    fn next(&self, candidate: &Candidate<'p>, arguments: &[Word]) -> Result<Expected<'p>, Stop> {
        let elevated = candidate.synopsis.elevation().is_some();
        candidate.synopsis.next(arguments, &mut |wanted, word, text, after| {
            // A pattern is expanded only when the line is entered.
            if wanted.is_path() && !word.magic().is_empty() && word.text() == text {
                return Ok(Value::Text);
            }
            self.answers.value(self.bench, wanted, text, after, elevated)
        })
    }

    /// What a deny says of the words so far; what was met stays met whatever follows.
    fn denied(
        &self,
        call: &Call<'_>,
        candidate: &Candidate<'p>,
        denies: &[&'p Deny],
        expected: &Expected<'_>,
    ) -> Option<Outcome> {
        if denies.is_empty() {
            return None;
        }
        let (deny, word) = deny_among(
            denies,
            &Evidence {
                call,
                candidate,
                words: call.arguments(),
                fit: &expected.taken,
                directory: None,
                leads: &|globs, text, bases| self.answers.leads(self.bench, globs, text, bases),
            },
        )?;
        Some(Outcome::denied(deny, word))
    }

    /// Whether a program, typed by that name, is denied whatever follows it.
    fn is_denied(&self, candidate: &Candidate<'p>, name: &str) -> bool {
        if self.bench.policy.denies.is_empty() {
            return false;
        }
        let typed = match candidate.synopsis.elevation() {
            Some(elevation) => {
                let user = elevation.user.iter().flat_map(|user| ["-u", user.as_str()]);
                std::iter::once("sudo").chain(user).chain([name]).collect()
            }
            None => vec![name],
        };
        let word = |text: &str| Word::found(text.to_owned(), Span::default());
        let Some(words) = typed.into_iter().map(word).collect::<Option<Vec<Word>>>() else { return true };
        let Some(call) = Call::of(&words) else { return true };
        let denies = Meant::default().by(self.bench, &call, candidate.name);
        let Ok(expected) = self.next(candidate, &[]) else { return true };
        self.denied(&call, candidate, &denies, &expected).is_some()
    }

    /// Rules that could count here and now.
    fn open(&self, beside: Operators) -> impl Iterator<Item = Candidate<'p>> {
        self.bench.all_candidates().filter(move |candidate| self.is_open(candidate, beside))
    }

    fn is_open(&self, candidate: &Candidate<'_>, beside: Operators) -> bool {
        candidate.group.operators.permit(beside) && self.bench.holds_now(candidate.rule)
    }

    /// As the judge finds them; but a name that no rule and no file has is not compared with every rule.
    fn candidates(&self, call: &Call<'_>) -> Result<Vec<Candidate<'p>>, String> {
        let is_named = || self.bench.all_candidates().any(|candidate| names(candidate.name, call.program));
        if !is_named() && self.bench.programs.find(call.program).is_none() {
            return Ok(Vec::new());
        }
        self.bench.candidates(call).map_err(|denial| denial.reason())
    }

    fn named_by_no_rule(&self, call: &Call<'_>) -> Standstill {
        let with_sudo = call.sudo == Sudo::Absent
            && self.bench.all_candidates().any(|candidate| names(candidate.name, call.program));
        let reason = match with_sudo {
            true => "allowed only with sudo".to_owned(),
            false => format!("no rule names {}", escape(call.program)),
        };
        Standstill { span: call.program_span(), reason }
    }

    /// Where and why the rule that came furthest stopped.
    fn standstill(&self, attempt: &Attempt, call: &Call<'_>, beside: Operators) -> Option<Standstill> {
        let span = match &attempt.outcome {
            Outcome::Stopped(stop) => call.words.get(stop.word)?.span(),
            Outcome::Denied { word: Some(word), .. } => {
                let met = call.words.iter().find(|typed| typed.text() == word).or(call.words.last());
                met.map(Word::span).unwrap_or_default()
            }
            _ => call.program_span(),
        };
        let is_denied = matches!(attempt.outcome, Outcome::Denied { .. });
        let reason = match !is_denied && self.goes_on_with_sudo(call, beside) {
            true => "allowed only with sudo".to_owned(),
            false => Nearest::stood_against(attempt, call.words)?.text().to_owned(),
        };
        Some(Standstill { span, reason })
    }

    fn goes_on_with_sudo(&self, call: &Call<'_>, beside: Operators) -> bool {
        let elevated = |candidate: &Candidate<'p>| {
            candidate.synopsis.elevation().is_some() && names(candidate.name, call.program)
        };
        call.sudo == Sudo::Absent
            && self.open(beside).filter(elevated).any(|c| self.next(&c, call.arguments()).is_ok())
    }
}

/// Which denies are about a program: neighbouring rules mostly have the same.
#[derive(Default)]
struct Meant<'p> {
    known: Option<(&'p str, Vec<&'p Deny>)>,
}

impl<'p> Meant<'p> {
    fn by(&mut self, bench: Bench<'p>, call: &Call<'_>, name: &'p str) -> Vec<&'p Deny> {
        if let Some((known, denies)) = &self.known
            && *known == name
        {
            return denies.clone();
        }
        let denies: Vec<&Deny> =
            bench.policy.denies.iter().filter(|deny| bench.is_meant(deny, call, name)).collect();
        self.known = Some((name, denies.clone()));
        denies
    }
}

fn way<'p>(candidate: &Candidate<'p>, expected: Expected<'p>, denies: Vec<&'p Deny>) -> Way<'p> {
    Way {
        group: candidate.group,
        rule: candidate.rule,
        synopsis: candidate.synopsis,
        program: candidate.name,
        expected,
        denies,
    }
}

fn attempt(candidate: &Candidate<'_>, outcome: Outcome) -> Attempt {
    Attempt {
        group: candidate.group.name.clone(),
        rule: Rc::clone(candidate.rule),
        synopsis: candidate.synopsis.text().to_owned(),
        outcome,
    }
}

/// How a person types a rule's program.
fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// What stands in a word before a value that is attached to an option.
pub fn attached(spelling: &Spelling) -> String {
    match &spelling.name {
        Name::Long(name) => format!("--{name}="),
        other => other.to_string(),
    }
}
