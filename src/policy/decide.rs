//! Holds a command against a policy: the decision and its trace, from one walk. The shell, help, `explain`,
//! `list` and `test` all ask here, so none of them can disagree with the gate.
//!
//! The law: a command runs if some rule of one of the person's groups allows it and none of the person's
//! groups denies it; otherwise not. Order never decides whether, only which rule launches it: not elevated
//! before elevated, then the group's name, then the place in the file.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

use super::denial::{Denial, Nearest};
use super::glob::Glob;
use super::paths::{CheckedPath, ExpandFault, PathRefusal, View};
use super::programs::Programs;
use super::synopsis::{Argument, Elevation, Fit, Stop, Synopsis, Value, ValueRefusal};
use super::types::{Access, Kind, Object, PathType, Type};
use super::{Alias, Deny, Group, Operators, Policy, Rule, Terms, When};
use crate::command::{Command, CommandLine, Stage};
use crate::words::Word;

/// The right to run one command once. Minted here alone; [`crate::launch`] consumes it.
#[derive(Debug)]
pub struct Grant {
    group: String,
    rule: Rc<Rule>,
    synopsis: String,
    program: PathBuf,
    name: String,
    arguments: Vec<Argument>,
    elevation: Option<Elevation>,
    directory: Option<CheckedPath>,
    skipped: Vec<String>,
}

impl Grant {
    /// The group whose rule allows it.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The rule that allows it.
    pub fn rule(&self) -> &Rc<Rule> {
        &self.rule
    }

    /// How it is to be run.
    pub fn terms(&self) -> &Terms {
        &self.rule.terms
    }

    /// The synopsis that fitted, as written.
    pub fn synopsis(&self) -> &str {
        &self.synopsis
    }

    /// The program's file, absolute, symbolic links not yet followed; the bare name where the host has no
    /// such program. [`crate::launch`] opens and checks it.
    pub fn program(&self) -> &PathBuf {
        &self.program
    }

    /// argv[0]: the rule's own name for the program.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// argv[1..], in the synopsis's own order, with the checked paths they carry.
    pub fn arguments(&self) -> &[Argument] {
        &self.arguments
    }

    /// The same, given up for launching: checked paths move with their descriptors.
    pub fn into_arguments(self) -> Vec<Argument> {
        self.arguments
    }

    /// Present when it runs through sudo.
    pub fn elevation(&self) -> Option<&Elevation> {
        self.elevation.as_ref()
    }

    /// The current directory where it stands for a missing operand, checked.
    pub fn directory(&self) -> Option<&CheckedPath> {
        self.directory.as_ref()
    }

    /// Names that a glob found and that cannot be words, escaped for display; the person is told.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// argv as a person reads it: the rule's name for the program, then the arguments.
    pub fn argv(&self) -> Vec<String> {
        let elevation = self.elevation.iter().flat_map(|elevation| {
            let user = elevation.user.iter().flat_map(|user| ["-u".to_owned(), user.clone()]);
            std::iter::once("sudo".to_owned()).chain(user)
        });
        let arguments = self.arguments.iter().map(|argument| argument.text.clone());
        elevation.chain(std::iter::once(self.name.clone())).chain(arguments).collect()
    }
}

/// What came of holding one command against the policy.
#[must_use]
#[derive(Debug)]
pub struct Judgement {
    /// Whether it runs.
    pub decision: Decision,
    /// Every rule that names the program, and how far the words went in it.
    pub trace: Vec<Attempt>,
}

/// Allowed, with the right to run it, or denied, with the reason.
#[must_use]
#[derive(Debug)]
pub enum Decision {
    /// It runs.
    Allow(Box<Grant>),
    /// It does not.
    Deny(Box<Denial>),
}

/// One synopsis that was tried.
#[derive(Debug)]
pub struct Attempt {
    /// The group.
    pub group: String,
    /// The rule.
    pub rule: Rc<Rule>,
    /// The synopsis, as written.
    pub synopsis: String,
    /// How it went.
    pub outcome: Outcome,
}

/// How a synopsis took the words.
#[derive(Debug)]
pub enum Outcome {
    /// All words fit.
    Fits,
    /// Stopped at a word (an index among all words of the command, the program's being 0).
    Stopped(Stop),
    /// A glob the person typed gave nothing; the word's index.
    Glob(usize, ExpandFault),
    /// The current directory stands for a missing operand and does not match this type.
    Directory(Rc<Type>, PathRefusal),
    /// The rule's `when` does not hold now.
    NotNow,
    /// The group does not permit an operator that stands beside the command.
    Operator,
    /// The words fit, and this deny stands against them.
    Denied {
        /// The group that denies.
        group: String,
        /// What the deny says to the person.
        reason: Option<String>,
        /// The word that met it, where one did.
        word: Option<String>,
    },
}

/// What a judgement needs besides the words.
#[derive(Clone, Copy, Debug)]
pub struct Bench<'p> {
    /// The rules.
    pub policy: &'p Policy,
    /// How paths are resolved.
    pub view: &'p View,
    /// What program names mean.
    pub programs: &'p Programs,
    /// For `when`; without a clock (`[cases]`) every `when` holds.
    pub clock: Option<SystemTime>,
}

/// A command of a line with what came of it.
#[derive(Debug)]
pub struct Judged<'l> {
    /// The command and its place.
    pub stage: Stage<'l>,
    /// What came of it.
    pub judgement: Judgement,
}

/// Judges every command of a line, each with the operators that stand beside it.
pub fn judge_line<'l>(bench: &Bench<'_>, line: &'l CommandLine) -> Vec<Judged<'l>> {
    let stages: Vec<Stage<'l>> = line.commands().collect();
    let after = |index: usize| stages.get(index.saturating_add(1)).and_then(|next| next.after);
    let judged = |(index, stage): (usize, &Stage<'l>)| {
        let beside = Operators::beside(stage.after, after(index));
        Judged { stage: *stage, judgement: judge(bench, stage.command, beside) }
    };
    stages.iter().enumerate().map(judged).collect()
}

/// A command taken apart: whether sudo stands before it, and where its program is among the words.
struct Call<'c> {
    words: &'c [Word],
    elevation: Option<Option<&'c str>>,
    program: &'c str,
    /// Index of the first argument among the words.
    first: usize,
}

impl<'c> Call<'c> {
    /// `None` when nothing follows sudo, or something sudo would read as an option of its own.
    fn of(words: &'c [Word]) -> Option<Self> {
        let text = |at: usize| words.get(at).map(Word::text);
        let (elevation, at) = match (text(0)?, text(1), text(2)) {
            ("sudo", Some("-u"), user) => (Some(Some(user?)), 3),
            ("sudo", _, _) => (Some(None), 1),
            (_, _, _) => (None, 0),
        };
        let program = text(at)?;
        let is_option = elevation.is_some() && program.starts_with('-');
        (!is_option).then_some(Self { words, elevation, program, first: at.saturating_add(1) })
    }

    fn arguments(&self) -> &'c [Word] {
        self.words.get(self.first..).unwrap_or_default()
    }

    fn is_elevated_like(&self, synopsis: &Synopsis) -> bool {
        self.elevation == synopsis.elevation().map(|elevation| elevation.user.as_deref())
    }
}

/// A synopsis that may take the call, with the name the rule has for the program.
struct Candidate<'p> {
    group: &'p Group,
    rule: &'p Rc<Rule>,
    synopsis: &'p Synopsis,
    name: &'p str,
}

/// Words that fit a synopsis.
struct Fitted {
    fit: Fit,
    directory: Option<CheckedPath>,
    skipped: Vec<String>,
}

/// Judges one command. `beside` are the operators that stand before or after it.
pub fn judge(bench: &Bench<'_>, command: &Command, beside: Operators) -> Judgement {
    let words = match bench.with_alias(command.words()) {
        Ok(words) => words,
        Err(denial) => return Judgement::denied(denial, Vec::new()),
    };
    let Some(call) = Call::of(&words) else {
        return Judgement::denied(Denial::sudo(&words), Vec::new());
    };
    let candidates = match bench.candidates(&call) {
        Ok(candidates) => candidates,
        Err(denial) => return Judgement::denied(denial, Vec::new()),
    };
    if candidates.is_empty() {
        return Judgement::denied(bench.unknown(&call, beside), Vec::new());
    }
    let mut first_fit = None;
    let mut trace = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let outcome = match bench.attempt(&candidate, &call, beside) {
            Ok(fitted) => {
                first_fit.get_or_insert_with(|| bench.grant(&candidate, fitted));
                Outcome::Fits
            }
            Err(outcome) => outcome,
        };
        trace.push(Attempt {
            group: candidate.group.name.clone(),
            rule: Rc::clone(candidate.rule),
            synopsis: candidate.synopsis.text().to_owned(),
            outcome,
        });
    }
    // A deny that one reading of the words meets is a deny of the command.
    let denied = trace.iter().any(|attempt| matches!(attempt.outcome, Outcome::Denied { .. }));
    match first_fit {
        Some(grant) if !denied => Judgement { decision: Decision::Allow(Box::new(grant)), trace },
        Some(_) | None => Judgement::denied(Denial::nearest(&words, call.first, &trace), trace),
    }
}

impl Judgement {
    fn denied(denial: Denial, trace: Vec<Attempt>) -> Self {
        Self { decision: Decision::Deny(Box::new(denial)), trace }
    }
}

impl<'p> Bench<'p> {
    /// The words with an alias in first place filled in. Once: what it stands for is not looked up again.
    fn with_alias(&self, words: &[Word]) -> Result<Vec<Word>, Denial> {
        let Some((first, rest)) = words.split_first() else { return Ok(Vec::new()) };
        match self.policy.aliases.get(first.text()) {
            None => Ok(words.to_vec()),
            Some(Alias::Conflict(groups)) => Err(Denial::alias(first.text(), groups)),
            Some(Alias::Words(texts)) => {
                let found = texts.iter().filter_map(|text| Word::found(text.clone(), first.span()));
                Ok(found.chain(rest.iter().cloned()).collect())
            }
        }
    }

    fn all_candidates(&self) -> impl Iterator<Item = Candidate<'p>> + use<'p> {
        self.policy.groups.iter().flat_map(|group| {
            group.rules.iter().flat_map(move |rule| {
                rule.synopses.iter().flat_map(move |synopsis| {
                    let candidate = move |name: &'p String| Candidate { group, rule, synopsis, name };
                    synopsis.programs().iter().map(candidate)
                })
            })
        })
    }

    /// Rules whose program the call names, in the order in which they would launch it.
    fn candidates(&self, call: &Call<'_>) -> Result<Vec<Candidate<'p>>, Denial> {
        let named = |candidate: &Candidate<'p>| names(candidate.name, call.program);
        let alike = |candidate: &Candidate<'p>| call.is_elevated_like(candidate.synopsis);
        let mut found: Vec<_> = self.all_candidates().filter(|c| alike(c) && named(c)).collect();
        if call.program.contains('/') || found.is_empty() {
            // Another spelling of a program that a rule names; the host is asked only here.
            let same = |c: &Candidate<'p>| alike(c) && self.programs.same(c.name, call.program);
            let worth_asking = !call.program.contains('/') || call.program.starts_with('/');
            found = self.all_candidates().filter(|c| worth_asking && same(c)).collect();
        }
        self.refuse_ambiguous(call, &found)?;
        Ok(found)
    }

    /// One last part, two different files: the person must type the full path.
    fn refuse_ambiguous(&self, call: &Call<'_>, found: &[Candidate<'_>]) -> Result<(), Denial> {
        let Some(first) = found.first() else { return Ok(()) };
        match found.iter().find(|other| !self.programs.same(first.name, other.name)) {
            Some(other) => Err(Denial::ambiguous(call.program, first.name, other.name)),
            None => Ok(()),
        }
    }

    /// No rule names the program: whether it would be allowed with sudo is worth saying.
    fn unknown(&self, call: &Call<'_>, beside: Operators) -> Denial {
        let groups = self.policy.groups.iter().map(|group| group.name.clone()).collect();
        let with_sudo = |candidate: &Candidate<'_>| {
            let elevated = Call {
                words: call.words,
                elevation: candidate.synopsis.elevation().map(|elevation| elevation.user.as_deref()),
                program: call.program,
                first: call.first,
            };
            let is_same = candidate.synopsis.elevation().is_some() && names(candidate.name, call.program);
            is_same && self.attempt(candidate, &elevated, beside).is_ok()
        };
        let elevation = match call.elevation {
            None => self.all_candidates().find(with_sudo).and_then(|c| c.synopsis.elevation().cloned()),
            Some(_) => None,
        };
        Denial::unknown(call.words, call.program, groups, elevation)
    }

    fn attempt(
        &self,
        candidate: &Candidate<'p>,
        call: &Call<'_>,
        beside: Operators,
    ) -> Result<Fitted, Outcome> {
        let (words, skipped) = self.with_globs(candidate.synopsis, call)?;
        let elevated = candidate.synopsis.elevation().is_some();
        let fit = candidate
            .synopsis
            .fits(&words, &mut |wanted, _, text, after| self.value(wanted, text, after, elevated))
            .map_err(|stop| Outcome::Stopped(at_typed_word(stop, call, &words)))?;
        // Only now, so that a rule which the words do not fit anyway is not blamed on the clock.
        if !candidate.group.operators.permit(beside) {
            return Err(Outcome::Operator);
        }
        let labels = &self.policy.settings.labels;
        let holds = |when: &When| self.clock.is_none_or(|now| when.holds(now, labels));
        if !candidate.rule.when.as_ref().is_none_or(holds) {
            return Err(Outcome::NotNow);
        }
        let directory = self.current_directory(candidate.rule, &fit, elevated)?;
        let fitted = Fitted { fit, directory, skipped };
        match self.deny_against(call, candidate, &words, &fitted) {
            Some((deny, word)) => {
                Err(Outcome::Denied { group: deny.group.clone(), reason: deny.reason.clone(), word })
            }
            None => Ok(fitted),
        }
    }

    /// The arguments with globs expanded where they stand for paths. The words are first fitted with every
    /// such glob taken as one name, which tells where paths stand; each is then expanded, and the caller fits
    /// and judges what came out.
    fn with_globs(&self, synopsis: &Synopsis, call: &Call<'_>) -> Result<(Vec<Word>, Vec<String>), Outcome> {
        let typed = call.arguments();
        if typed.iter().all(|word| word.magic().is_empty()) {
            return Ok((typed.to_vec(), Vec::new()));
        }
        let elevated = synopsis.elevation().is_some();
        let mut to_expand = Vec::new();
        let fits = synopsis.fits(typed, &mut |wanted, word, text, after| {
            let is_glob = wanted.is_path() && !word.magic().is_empty() && word.text() == text;
            if is_glob {
                to_expand.push(word.span());
                return Ok(Value::Text);
            }
            self.value(wanted, text, after, elevated)
        });
        fits.map_err(|stop| Outcome::Stopped(at_typed_word(stop, call, typed)))?;
        let types = synopsis.types();
        let globs: Vec<&Glob> =
            types.iter().filter_map(|wanted| path_type(wanted)).flat_map(|p| &p.globs).collect();
        let mut words = Vec::with_capacity(typed.len());
        let mut skipped = Vec::new();
        for (index, word) in typed.iter().enumerate() {
            if !to_expand.contains(&word.span()) {
                words.push(word.clone());
                continue;
            }
            let at = call.first.saturating_add(index);
            let expansion = self.view.expand(word, &globs).map_err(|fault| Outcome::Glob(at, fault))?;
            words.extend(expansion.names.into_iter().filter_map(|name| Word::found(name, word.span())));
            skipped.extend(expansion.skipped);
        }
        Ok((words, skipped))
    }

    fn value(&self, wanted: &Type, text: &str, after: bool, elevated: bool) -> Result<Value, ValueRefusal> {
        match path_type(wanted) {
            Some(path) => {
                self.view.resolve(path, text, elevated).map(Value::Path).map_err(ValueRefusal::Path)
            }
            None if wanted.takes(text, after) => Ok(Value::Text),
            None => Err(ValueRefusal::Text),
        }
    }

    /// A missing directory operand is the current directory: it must match, and is granted.
    fn current_directory(
        &self,
        rule: &Rule,
        fit: &Fit,
        elevated: bool,
    ) -> Result<Option<CheckedPath>, Outcome> {
        let here = rule.terms.cwd.as_ref().and_then(|path| path.to_str()).unwrap_or(".");
        let mut refused = None;
        for wanted in &fit.absent {
            let Some(path) = path_type(wanted).filter(|path| path.object != Object::File) else { continue };
            match self.view.resolve(path, here, elevated) {
                Ok(directory) => return Ok(Some(directory)),
                Err(refusal) => refused = Some(Outcome::Directory(Rc::clone(wanted), refusal)),
            }
        }
        refused.map_or(Ok(None), Err)
    }

    /// The first deny that stands against the words, and the word that met it.
    fn deny_against(
        &self,
        call: &Call<'_>,
        candidate: &Candidate<'_>,
        words: &[Word],
        fitted: &Fitted,
    ) -> Option<(&'p Deny, Option<String>)> {
        self.policy.denies.iter().find_map(|deny| {
            let met = self.meets(deny, call, candidate, words, fitted)?;
            Some((deny, met.word))
        })
    }

    fn meets(
        &self,
        deny: &Deny,
        call: &Call<'_>,
        candidate: &Candidate<'_>,
        words: &[Word],
        fitted: &Fitted,
    ) -> Option<Met> {
        if let Some(programs) = &deny.programs {
            let same = |name: &String| self.programs.same(name, candidate.name) || names(name, call.program);
            programs.iter().any(same).then_some(())?;
        }
        let mut met = Met::default();
        if let Some(globs) = &deny.words {
            let typed = call.words.iter().chain(words).map(Word::text);
            let passed = fitted.fit.arguments.iter().map(|argument| argument.text.as_str());
            let word = typed.chain(passed).find(|text| any_matches(globs, text.as_bytes()))?;
            met.word = Some(word.to_owned());
        }
        if let Some(globs) = &deny.files {
            met.word = Some(self.denied_file(globs, candidate, words, fitted)?);
        }
        Some(met)
    }

    /// The operand, or the tree the rule grants, that a denied glob covers.
    fn denied_file(
        &self,
        globs: &[Glob],
        candidate: &Candidate<'_>,
        words: &[Word],
        fitted: &Fitted,
    ) -> Option<String> {
        let checked = fitted.fit.arguments.iter().filter_map(|argument| argument.path.as_ref());
        let operand = checked.chain(&fitted.directory).find(|path| is_denied(globs, path));
        if let Some(path) = operand {
            return Some(path.path.display().to_string());
        }
        // A value that is no path for the rule may be one for the program: what has a slash is resolved.
        let spelled = words.iter().map(Word::text).filter(|text| text.contains('/'));
        if let Some(text) = spelled.into_iter().find(|text| self.leads_to_denied(globs, text)) {
            return Some(text.to_owned());
        }
        let terms = &candidate.rule.terms;
        let trees = terms.read.iter().chain(&terms.write);
        let tree = trees.into_iter().find(|tree| any_reaches(globs, tree.as_os_str().as_encoded_bytes()))?;
        Some(tree.display().to_string())
    }

    fn leads_to_denied(&self, globs: &[Glob], text: &str) -> bool {
        let anywhere = PathType {
            object: Object::Either,
            globs: globs.to_vec(),
            except: Vec::new(),
            access: Access::Nothing,
            must_exist: false,
        };
        let after_equals = text.split_once('=').map_or(text, |(_, value)| value);
        [text, after_equals].iter().any(|spelled| self.view.resolve(&anywhere, spelled, false).is_ok())
    }

    fn grant(&self, candidate: &Candidate<'_>, fitted: Fitted) -> Grant {
        let found = self.programs.find(candidate.name).map(|found| found.path);
        Grant {
            group: candidate.group.name.clone(),
            rule: Rc::clone(candidate.rule),
            synopsis: candidate.synopsis.text().to_owned(),
            program: found.unwrap_or_else(|| PathBuf::from(candidate.name)),
            name: candidate.name.to_owned(),
            arguments: fitted.fit.arguments,
            elevation: candidate.synopsis.elevation().cloned(),
            directory: fitted.directory,
            skipped: fitted.skipped,
        }
    }

    /// Where a session starts: in `here` if `directories` allows that, else at home, else in the first of them
    /// that exists up to its first wildcard.
    pub fn start(&self, here: Option<&str>, home: &Path) -> Option<CheckedPath> {
        let globs = self.policy.groups.iter().flat_map(|group| &group.directories);
        let listed = globs.map(Glob::fixed_directory).filter_map(Path::to_str);
        here.into_iter().chain(home.to_str()).chain(listed).find_map(|path| self.enter(path).ok())
    }

    /// Whether the person may stand in `typed`: any group's `directories`, and no deny.
    pub fn enter(&self, typed: &str) -> Result<CheckedPath, Nearest> {
        let globs: Vec<Glob> =
            self.policy.groups.iter().flat_map(|group| group.directories.clone()).collect();
        let wanted = PathType {
            object: Object::Directory,
            globs,
            except: self.policy.groups.iter().flat_map(|group| group.except_directories.clone()).collect(),
            access: Access::Nothing,
            must_exist: true,
        };
        let refused = |refusal| Nearest::directory(typed, &wanted, refusal);
        let directory = self.view.resolve(&wanted, typed, false).map_err(refused)?;
        let denied = |deny: &&Deny| {
            let only_files = deny.programs.is_none() && deny.words.is_none();
            let files = deny.files.as_deref().unwrap_or_default();
            only_files && any_matches(files, directory.path.as_os_str().as_encoded_bytes())
        };
        match self.policy.denies.iter().find(denied) {
            Some(deny) => Err(Nearest::denied_directory(typed, deny.reason.as_deref())),
            None => Ok(directory),
        }
    }
}

/// What a deny was met by.
#[derive(Default)]
struct Met {
    word: Option<String>,
}

/// Whether a rule's name for a program is the one typed: spelled alike, or an absolute rule's last part.
fn names(rule: &str, typed: &str) -> bool {
    let last_part = rule.strip_prefix('/').and_then(|path| path.rsplit('/').next());
    rule == typed || (!typed.is_empty() && last_part == Some(typed))
}

fn path_type(wanted: &Type) -> Option<&PathType> {
    match &wanted.kind {
        Kind::Path(path) => Some(path),
        Kind::Regex(_) | Kind::OneOf(_) | Kind::Integer { .. } | Kind::BuiltIn(_) => None,
    }
}

fn any_matches(globs: &[Glob], text: &[u8]) -> bool {
    globs.iter().any(|glob| glob.matches(text))
}

fn any_reaches(globs: &[Glob], tree: &[u8]) -> bool {
    globs.iter().any(|glob| glob.reaches_beneath(tree))
}

/// A file by its name; a directory whose contents are granted also by what could lie beneath it.
fn is_denied(globs: &[Glob], path: &CheckedPath) -> bool {
    let name = path.path.as_os_str().as_encoded_bytes();
    let holds_contents = path.object != Object::File && matches!(path.access, Access::Tree | Access::Write);
    any_matches(globs, name) || (holds_contents && any_reaches(globs, name))
}

/// A stop counts words after expansion; the person typed the words before it.
fn at_typed_word(stop: Stop, call: &Call<'_>, words: &[Word]) -> Stop {
    let typed = call.arguments();
    let index = match words.get(stop.word) {
        Some(word) => typed.iter().position(|other| other.span() == word.span()),
        None => None,
    };
    Stop { word: call.first.saturating_add(index.unwrap_or(typed.len())), why: stop.why }
}
