//! Denies: what stands against words that a rule allows, whatever their spelling, order or number.

use std::path::{Path, PathBuf};

use super::Bench;
use super::attempt::Fitted;
use super::call::{Call, Candidate, names};
use crate::policy::glob::Glob;
use crate::policy::paths::{CheckedPath, PathRefusal, View, real};
use crate::policy::synopsis::TypedOption;
use crate::policy::types::{Access, Object, PathType};
use crate::policy::{Deny, sets};
use crate::words::Word;

impl<'p> Bench<'p> {
    /// The first deny that stands against the words, and what met it.
    pub(super) fn deny_against(
        &self,
        call: &Call<'_>,
        candidate: &Candidate<'_>,
        words: &[Word],
        fitted: &Fitted,
    ) -> Option<(&'p Deny, Option<String>)> {
        self.policy.denies.iter().find_map(|deny| {
            let met = self.concerns(deny, call, candidate, words, fitted)?;
            match &deny.files {
                Some(globs) => Some((deny, Some(self.denied_file(globs, candidate, words, fitted)?))),
                None => Some((deny, met.word)),
            }
        })
    }

    /// What every program may read, less what a deny that is about this command keeps from it.
    pub(super) fn withheld(
        &self,
        call: &Call<'_>,
        candidate: &Candidate<'_>,
        words: &[Word],
        fitted: &Fitted,
    ) -> Vec<&'static str> {
        let about_this = |deny: &&Deny| self.concerns(deny, call, candidate, words, fitted).is_some();
        let denied: Vec<&Glob> = self
            .policy
            .denies
            .iter()
            .filter(about_this)
            .flat_map(|deny| deny.files.iter().flatten())
            .collect();
        let is_denied = |path: &&str| denied.iter().any(|glob| glob.matches(path.as_bytes()));
        sets::base_to_withhold().filter(is_denied).collect()
    }

    /// Whether a deny is about this program and these words, whatever files they name; and the word that it met,
    /// where it asks for one.
    fn concerns(
        &self,
        deny: &Deny,
        call: &Call<'_>,
        candidate: &Candidate<'_>,
        words: &[Word],
        fitted: &Fitted,
    ) -> Option<Met> {
        if let Some(programs) = &deny.programs {
            let is_sudo = |name: &String| call.is_elevated() && names(name, "sudo");
            let same = |name: &String| {
                self.programs.same_file(name, candidate.name) || names(name, call.program) || is_sudo(name)
            };
            programs.iter().any(same).then_some(())?;
        }
        match &deny.words {
            Some(globs) => denied_word(globs, call, words, fitted).map(|word| Met { word: Some(word) }),
            None => Some(Met { word: None }),
        }
    }

    /// The operand, or what else the rule opens, that a denied glob covers.
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
        // A value that is no path for the rule may be one for the program: what has a slash is looked at, and as
        // root, whom nothing holds to what was granted, every word.
        let elevated = candidate.synopsis.elevation().is_some();
        let typed = words.iter().map(Word::text);
        let passed = fitted.fit.arguments.iter().map(|argument| argument.text.as_str());
        let mut spelled = typed.chain(passed).filter(|text| elevated || text.contains('/'));
        let bases = self.bases(candidate);
        if let Some(text) = spelled.find(|text| self.leads_to_denied(globs, text, &bases)) {
            return Some(text.to_owned());
        }
        let tree = sets::opened(&candidate.rule.terms).find(|opened| tree_is_denied(globs, opened.path))?;
        Some(tree.to_string())
    }

    /// Where a program under the rule may read a relative path from.
    fn bases(&self, candidate: &Candidate<'_>) -> Vec<View> {
        let elevated = candidate.synopsis.elevation().map(|_| PathBuf::from("/"));
        let names = [Some(self.view.directory_name().to_owned()), candidate.rule.terms.cwd.clone(), elevated];
        names.into_iter().flatten().map(|name| View::Text { name }).collect()
    }

    /// Whether a text leads beneath the globs, as the kernel finds it or as it is spelled. What cannot be looked
    /// at is denied too: only an answer that it lies elsewhere lets it pass.
    fn leads_to_denied(&self, globs: &[Glob], text: &str, bases: &[View]) -> bool {
        let anywhere = PathType {
            object: Object::Either,
            globs: globs.to_vec(),
            except: Vec::new(),
            access: Access::Nothing,
            must_exist: false,
        };
        let reaches = |view: &View, text: &str| {
            !matches!(view.resolve(&anywhere, text, false), Err(PathRefusal::NoMatch))
        };
        // `--file=/a/b` and `-f/a/b` hold a path behind their option.
        let values = text.match_indices('=').filter_map(|(at, _)| text.get(at.saturating_add(1)..));
        let from_slash = text.find('/').and_then(|at| text.get(at..));
        let attached = text.strip_prefix('-').and_then(|rest| rest.get(1..));
        let parts = std::iter::once(text).chain(values).chain(from_slash).chain(attached);
        parts
            .filter(|part| !part.is_empty())
            .any(|part| reaches(self.view, part) || bases.iter().any(|base| reaches(base, part)))
    }
}

/// Whether the globs cover a file or tree that a rule opens, or anything beneath it: as it is written, and as the
/// kernel knows it, which is what a ruleset opens.
pub fn tree_is_denied(globs: &[Glob], tree: &Path) -> bool {
    [tree.to_owned(), real(tree)].iter().any(|tree| any_reaches(globs, tree.as_os_str().as_encoded_bytes()))
}

/// What a deny was met by.
struct Met {
    word: Option<String>,
}

/// The word that one of the globs covers, as it was typed, as it is passed on, or as an option could have been
/// spelled.
fn denied_word(globs: &[Glob], call: &Call<'_>, words: &[Word], fitted: &Fitted) -> Option<String> {
    let typed = call.words.iter().chain(words).map(Word::text);
    let passed = fitted.fit.arguments.iter().map(|argument| argument.text.as_str());
    let word = typed.chain(passed).find(|text| any_matches(globs, text.as_bytes())).map(str::to_owned);
    word.or_else(|| {
        let mut spelled = fitted.fit.options.iter().flat_map(TypedOption::words);
        spelled.find(|text| any_matches(globs, text.as_bytes()))
    })
}

pub(super) fn any_matches(globs: &[Glob], text: &[u8]) -> bool {
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
