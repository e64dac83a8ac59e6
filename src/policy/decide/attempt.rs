//! One rule tried against a command: its words, globs and paths, then what else the rule and its group ask.

use std::rc::Rc;

use super::call::{Call, Candidate};
use super::denies::Evidence;
use super::{Bench, Outcome};
use crate::policy::glob::Glob;
use crate::policy::paths::{CheckedPath, Effort, ExpandFault};
use crate::policy::synopsis::{Fit, Stop, Synopsis, Value, ValueRefusal};
use crate::policy::types::{Kind, Object, PathType, Type};
use crate::policy::{Deny, Operators, Rule, When};
use crate::words::Word;

/// The most words a command may have once its globs are expanded: each is resolved by several system calls.
const MOST_WORDS: usize = 4_000;

/// Words that fit a synopsis.
pub(super) struct Fitted {
    pub(super) fit: Fit,
    pub(super) directory: Option<CheckedPath>,
    pub(super) skipped: Vec<String>,
    pub(super) withheld: Vec<&'static str>,
}

impl<'p> Bench<'p> {
    pub(super) fn attempt(
        &self,
        candidate: &Candidate<'p>,
        call: &Call<'_>,
        beside: Operators,
        effort: &Effort,
    ) -> Result<Fitted, Box<Outcome>> {
        let (words, skipped) = self.with_globs(candidate.synopsis, call, effort)?;
        let elevated = candidate.synopsis.elevation().is_some();
        let fit = candidate
            .synopsis
            .fits(&words, &mut |wanted, _, text, after| self.value(wanted, text, after, elevated))
            .map_err(|stop| Box::new(Outcome::Stopped(at_typed_word(stop, call, &words))))?;
        // Only now, so that a rule which the words do not fit anyway is not blamed on the clock.
        if !candidate.group.operators.permit(beside) {
            return Err(Box::new(Outcome::Operator));
        }
        if !self.holds_now(candidate.rule) {
            return Err(Box::new(Outcome::NotNow));
        }
        let directory = self.current_directory(candidate.rule, &fit, elevated)?;
        let mut fitted = Fitted { fit, directory, skipped, withheld: Vec::new() };
        let evidence = Evidence {
            call,
            candidate,
            words: &words,
            fit: &fitted.fit,
            directory: fitted.directory.as_ref(),
            leads: &|globs, text, from| self.leads_to_denied(globs, text, from),
        };
        if let Some((deny, word)) = self.deny_against(&evidence) {
            return Err(Box::new(Outcome::denied(deny, word)));
        }
        fitted.withheld = self.withheld(&evidence);
        Ok(fitted)
    }

    /// Whether the rule's `when` holds.
    pub(super) fn holds_now(&self, rule: &Rule) -> bool {
        let labels = &self.policy.settings.labels;
        let holds = |when: &When| self.clock.is_none_or(|now| when.holds(now, labels));
        rule.when.as_ref().is_none_or(holds)
    }

    /// The arguments with globs expanded where they stand for paths. The words are first fitted with every
    /// such glob taken as one name, which tells where paths stand; each is then expanded, and the caller fits
    /// and judges what came out.
    fn with_globs(
        &self,
        synopsis: &Synopsis,
        call: &Call<'_>,
        effort: &Effort,
    ) -> Result<(Vec<Word>, Vec<String>), Box<Outcome>> {
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
        fits.map_err(|stop| Box::new(Outcome::Stopped(at_typed_word(stop, call, typed))))?;
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
            let expansion = self.view.expand(word, &globs, effort);
            let expansion = expansion.map_err(|fault| Box::new(Outcome::Glob(at, fault)))?;
            // Without a name in its place other words would stand where this one stood.
            if expansion.names.is_empty() {
                return Err(Box::new(Outcome::Glob(at, ExpandFault::NoWord)));
            }
            words.extend(expansion.names.into_iter().filter_map(|name| Word::found(name, word.span())));
            skipped.extend(expansion.skipped);
            if words.len() > MOST_WORDS {
                return Err(Box::new(Outcome::Glob(at, ExpandFault::TooMany)));
            }
        }
        Ok((words, skipped))
    }

    pub(super) fn value(
        &self,
        wanted: &Type,
        text: &str,
        after: bool,
        elevated: bool,
    ) -> Result<Value, ValueRefusal> {
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
    ) -> Result<Option<CheckedPath>, Box<Outcome>> {
        // sudo starts its programs in `/`.
        let chosen = rule.terms.cwd.as_ref().and_then(|path| path.to_str());
        let here = if elevated { "/" } else { chosen.unwrap_or(".") };
        let mut refused = None;
        for wanted in &fit.absent {
            let Some(path) = path_type(wanted).filter(|path| path.object != Object::File) else { continue };
            match self.view.resolve(path, here, elevated) {
                Ok(directory) => return Ok(Some(directory)),
                Err(refusal) => refused = Some(Box::new(Outcome::Directory(Rc::clone(wanted), refusal))),
            }
        }
        refused.map_or(Ok(None), Err)
    }
}

impl Outcome {
    pub(super) fn denied(deny: &Deny, word: Option<String>) -> Self {
        Self::Denied { group: deny.group.clone(), reason: deny.reason.clone(), word }
    }
}

pub(super) fn path_type(wanted: &Type) -> Option<&PathType> {
    match &wanted.kind {
        Kind::Path(path) => Some(path),
        Kind::Regex(_) | Kind::OneOf(_) | Kind::Integer { .. } | Kind::BuiltIn(_) => None,
    }
}

/// A stop counts words after expansion; the person typed the words before it.
pub(super) fn at_typed_word(stop: Stop, call: &Call<'_>, words: &[Word]) -> Stop {
    let typed = call.arguments();
    let met = words.get(stop.word);
    let index = met.and_then(|word| typed.iter().position(|other| other.span() == word.span()));
    let is_found = index.and_then(|index| typed.get(index)).is_some_and(|typed| !typed.magic().is_empty());
    let found = met.filter(|_| is_found).map(|word| word.text().to_owned());
    Stop { word: call.first.saturating_add(index.unwrap_or(typed.len())), why: stop.why, found }
}
