//! What may follow words that are still being typed: what completion offers, a hint says and a colour warns of.
//! It asks the same walk over the same rules that decides, and promises nothing: a line is judged only when it
//! is entered.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::attempt::{at_typed_word, path_type};
use super::beginnings::may_begin;
use super::call::{Call, Candidate, Sudo, names};
use super::{Attempt, Bench, Outcome};
use crate::excerpt::{Span, escape};
use crate::policy::denial::Denial;
use crate::policy::denial::Nearest;
use crate::policy::synopsis::{Expected, Name, Pattern, Spelling, Stop, Synopsis, Value, ValueRefusal};
use crate::policy::types::{Access, Object, PathType, Type};
use crate::policy::{Alias, Group, Operators, Rule, When};
use crate::words::Word;

/// Looks ahead in one line.
#[derive(Clone, Copy, Debug)]
pub struct Foresight<'p> {
    bench: Bench<'p>,
    answers: &'p Answers,
}

/// What was asked about one line's values: every key asks the same again. Good for one line and one policy.
#[derive(Debug, Default)]
pub struct Answers {
    values: RefCell<BTreeMap<Question, Result<(), ValueRefusal>>>,
    paths: RefCell<BTreeMap<(usize, String), Rc<PathType>>>,
}

/// A type by its place in memory (the policy outlives the answers), the value, whether text stands before it,
/// whether it runs as root.
type Question = (usize, String, String, bool, bool);

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

    /// What may stand as the next word of a command that names no program yet: programs, aliases, `sudo` and its
    /// `-u NAME`. `None` when a program is named.
    pub fn programs(&self, words: &[Word], beside: Operators) -> Option<BTreeSet<String>> {
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
            match (sudo, Sudo::of(candidate.synopsis)) {
                (wanted, own) if wanted == own => drop(found.insert(typed(candidate.name))),
                (Sudo::Absent, _) => drop(found.insert("sudo".to_owned())),
                (Sudo::Root, Sudo::User(_)) => drop(found.insert("-u".to_owned())),
                (Sudo::Root | Sudo::User(_), _) => {}
            }
        }
        if sudo == Sudo::Absent {
            let aliases = self.bench.policy.aliases.iter();
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

    /// Whether some rule takes a next word that begins with `start`.
    pub fn may_go_on(&self, words: &[Word], beside: Operators, start: &str) -> bool {
        let mut may = false;
        let _ = self.walk(words, beside, |way| {
            may |= self.may_become(&way, start);
            !may
        });
        may
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
            return refused(Denial::sudo(&words).reason());
        };
        let candidates = match self.candidates(&call) {
            Ok(candidates) if !candidates.is_empty() => candidates,
            Ok(_) => return Some(self.named_by_no_rule(&call)),
            Err(reason) => return refused(reason),
        };
        let mut furthest: Option<(Candidate<'p>, Stop)> = None;
        for candidate in candidates.into_iter().filter(|candidate| self.is_open(candidate, beside)) {
            match self.next(&candidate, call.arguments()) {
                Ok(expected) => {
                    if !each(way(&candidate, expected)) {
                        return None;
                    }
                }
                Err(stop) if furthest.as_ref().is_some_and(|(_, other)| other.word >= stop.word) => {}
                Err(stop) => furthest = Some((candidate, stop)),
            }
        }
        furthest.and_then(|(candidate, stop)| standstill(&candidate, stop, &call))
    }

    /// Whether a word that is still being typed can become one that `way` takes next.
    fn may_become(&self, way: &Way<'p>, start: &str) -> bool {
        let expected = &way.expected;
        start.is_empty()
            || expected.words.iter().any(|word| word.starts_with(start))
            || expected.values.iter().any(|pattern| self.begins(way, pattern, start))
            || expected.options.iter().any(|spelling| self.option_begins(way, spelling, start))
    }

    fn option_begins(&self, way: &Way<'p>, spelling: &Spelling, start: &str) -> bool {
        let called = spelling.typed();
        let patterns = spelling.value.iter().flat_map(|value| &value.patterns);
        let mut values = patterns.map(|pattern| (pattern, attached(spelling)));
        called.iter().any(|called| called.starts_with(start))
            || values.any(|(pattern, called)| {
                start.strip_prefix(called.as_str()).is_some_and(|rest| self.begins(way, pattern, rest))
            })
    }

    fn begins(&self, way: &Way<'p>, pattern: &Pattern, start: &str) -> bool {
        if pattern.before.starts_with(start) {
            return true;
        }
        let (Some(rest), Some(wanted)) = (start.strip_prefix(pattern.before.as_str()), &pattern.value) else {
            return false;
        };
        // Text after the value may be begun already.
        if !pattern.after.is_empty() {
            return true;
        }
        let path = path_type(wanted).map(|_| self.path(wanted, way.program));
        may_begin(wanted, path.as_deref(), self.bench.view, rest)
    }

    /// What a path type takes here: what the denies take out is taken out of it.
    pub fn path(&self, wanted: &Rc<Type>, program: &str) -> Rc<PathType> {
        let key = (Rc::as_ptr(wanted).addr(), program.to_owned());
        if let Some(known) = self.answers.paths.borrow().get(&key) {
            return Rc::clone(known);
        }
        let mut path = path_type(wanted).cloned().unwrap_or_else(nowhere);
        let is_meant = |program_of_deny: &String| {
            names(program_of_deny, program) || self.bench.programs.same(program_of_deny, program)
        };
        for deny in self.bench.policy.denies.iter().filter(|deny| deny.words.is_none()) {
            if deny.programs.as_ref().is_none_or(|programs| programs.iter().any(is_meant)) {
                path.except.extend(deny.files.iter().flatten().cloned());
            }
        }
        let path = Rc::new(path);
        self.answers.paths.borrow_mut().insert(key, Rc::clone(&path));
        path
    }

    fn next(&self, candidate: &Candidate<'p>, arguments: &[Word]) -> Result<Expected<'p>, Stop> {
        let elevated = candidate.synopsis.elevation().is_some();
        candidate.synopsis.next(arguments, &mut |wanted, word, text, after| {
            // A pattern is expanded only when the line is entered.
            if wanted.is_path() && !word.magic().is_empty() && word.text() == text {
                return Ok(Value::Text);
            }
            self.value(candidate, wanted, text, after, elevated).map(|()| Value::Text)
        })
    }

    fn value(
        &self,
        candidate: &Candidate<'_>,
        wanted: &Rc<Type>,
        text: &str,
        after: bool,
        elevated: bool,
    ) -> Result<(), ValueRefusal> {
        if !wanted.is_path() {
            return if wanted.takes(text, after) { Ok(()) } else { Err(ValueRefusal::Text) };
        }
        let program = candidate.name.to_owned();
        let question = (Rc::as_ptr(wanted).addr(), program, text.to_owned(), after, elevated);
        if let Some(known) = self.answers.values.borrow().get(&question) {
            return known.clone();
        }
        let path = self.path(wanted, candidate.name);
        let answer = match self.bench.view.resolve(&path, text, elevated) {
            Ok(_) => Ok(()),
            Err(refusal) => Err(ValueRefusal::Path(refusal)),
        };
        self.answers.values.borrow_mut().insert(question, answer.clone());
        answer
    }

    /// Rules that could count here and now.
    fn open(&self, beside: Operators) -> impl Iterator<Item = Candidate<'p>> {
        self.bench.all_candidates().filter(move |candidate| self.is_open(candidate, beside))
    }

    fn is_open(&self, candidate: &Candidate<'_>, beside: Operators) -> bool {
        let labels = &self.bench.policy.settings.labels;
        let holds = |when: &When| self.bench.clock.is_none_or(|now| when.holds(now, labels));
        candidate.group.operators.permit(beside) && candidate.rule.when.as_ref().is_none_or(holds)
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
        let span = call.words.get(call.first.saturating_sub(1)).map(Word::span).unwrap_or_default();
        let with_sudo = call.sudo == Sudo::Absent
            && self.bench.all_candidates().any(|candidate| names(candidate.name, call.program));
        let reason = match with_sudo {
            true => format!("{} is allowed only with sudo", call.program),
            false => format!("no rule names {}", escape(call.program)),
        };
        Standstill { span, reason }
    }
}

fn way<'p>(candidate: &Candidate<'p>, expected: Expected<'p>) -> Way<'p> {
    Way {
        group: candidate.group,
        rule: candidate.rule,
        synopsis: candidate.synopsis,
        program: candidate.name,
        expected,
    }
}

fn standstill(candidate: &Candidate<'_>, stop: Stop, call: &Call<'_>) -> Option<Standstill> {
    let stop = at_typed_word(stop, call, call.arguments());
    let span = call.words.get(stop.word)?.span();
    let attempt = Attempt {
        group: candidate.group.name.clone(),
        rule: Rc::clone(candidate.rule),
        synopsis: candidate.synopsis.text().to_owned(),
        outcome: Outcome::Stopped(stop),
    };
    let reason = Nearest::stood_against(&attempt, call.words)?.text().to_owned();
    Some(Standstill { span, reason })
}

fn nowhere() -> PathType {
    PathType {
        object: Object::File,
        globs: Vec::new(),
        except: Vec::new(),
        access: Access::Nothing,
        must_exist: true,
    }
}

/// How a person types a rule's program: by its last part.
fn typed(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_owned()
}

/// What stands in a word before a value that is attached to an option.
pub fn attached(spelling: &Spelling) -> String {
    match &spelling.name {
        Name::Long(name) => format!("--{name}="),
        other => other.to_string(),
    }
}
