//! Denies: what stands against words that a rule allows, whatever their spelling, order or number.

use std::path::Path;

use super::Bench;
use super::attempt::Fitted;
use super::call::{Call, Candidate, Sudo, names};
use crate::policy::Deny;
use crate::policy::glob::Glob;
use crate::policy::paths::{CheckedPath, View};
use crate::policy::synopsis::TypedOption;
use crate::policy::types::{Access, Object, PathType};
use crate::words::Word;

impl<'p> Bench<'p> {
    /// The first deny that stands against the words, and the word that met it.
    pub(super) fn deny_against(
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
            let sudo = |name: &str| call.sudo != Sudo::Absent && matches!(name, "sudo" | "/usr/bin/sudo");
            let same = |name: &String| {
                sudo(name) || self.programs.same_file(name, candidate.name) || names(name, call.program)
            };
            programs.iter().any(same).then_some(())?;
        }
        let mut met = Met::default();
        if let Some(globs) = &deny.words {
            let typed = call.words.iter().chain(words).map(Word::text);
            let passed = fitted.fit.arguments.iter().map(|argument| argument.text.as_str());
            let word =
                typed.chain(passed).find(|text| any_matches(globs, text.as_bytes())).map(str::to_owned);
            let spelled = || {
                let mut words = fitted.fit.options.iter().flat_map(TypedOption::words);
                words.find(|text| any_matches(globs, text.as_bytes()))
            };
            met.word = Some(word.or_else(spelled)?);
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
        let elevated = candidate.synopsis.elevation().is_some();
        let spelled = words.iter().map(Word::text).filter(|text| text.contains('/'));
        if let Some(text) = spelled.into_iter().find(|text| self.leads_to_denied(globs, text, elevated)) {
            return Some(text.to_owned());
        }
        let terms = &candidate.rule.terms;
        let trees = terms.read.iter().chain(&terms.write);
        let tree = trees.into_iter().find(|tree| self.tree_reaches(globs, tree))?;
        Some(tree.display().to_string())
    }

    /// As written, and as the kernel names it: a link of root's in it is followed when it is granted.
    fn tree_reaches(&self, globs: &[Glob], tree: &Path) -> bool {
        let real = match self.view {
            View::Host { .. } => std::fs::canonicalize(tree).ok(),
            View::Rooted { .. } | View::Text { .. } => None,
        };
        let reaches = |tree: &Path| any_reaches(globs, tree.as_os_str().as_encoded_bytes());
        reaches(tree) || real.is_some_and(|real| reaches(&real))
    }

    /// Whether the word, what stands in it after a `=` or from a `/` on, or what is attached to a short option,
    /// names something denied. What an elevated program is given starts from `/`. Where the person cannot look
    /// (root can), the text alone decides: a path that cannot be followed is no way around a deny.
    fn leads_to_denied(&self, globs: &[Glob], text: &str, elevated: bool) -> bool {
        let anywhere = PathType {
            object: Object::Either,
            globs: globs.to_vec(),
            except: Vec::new(),
            access: Access::Nothing,
            must_exist: false,
        };
        let from = if elevated { Path::new("/") } else { self.view.directory_name() };
        let by_text = View::Text { name: from.to_owned() };
        let attached = text.strip_prefix('-').and_then(|rest| rest.get(1..));
        let values = text.match_indices('=').filter_map(|(at, _)| text.get(at.saturating_add(1)..));
        let absolute = text.find('/').and_then(|at| text.get(at..));
        std::iter::once(text).chain(attached).chain(values).chain(absolute).any(|spelled| {
            let rooted = format!("/{spelled}");
            let looked_up = if elevated { &rooted } else { spelled };
            self.view.resolve(&anywhere, looked_up, false).is_ok()
                || by_text.resolve(&anywhere, spelled, false).is_ok()
        })
    }
}

/// What a deny was met by.
#[derive(Default)]
struct Met {
    word: Option<String>,
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
