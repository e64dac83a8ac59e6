//! Denies: what stands against words that a rule allows, whatever their spelling, order or number.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use super::Bench;
use super::call::{Call, Candidate, names};
use crate::policy::glob::{Glob, any_matches, any_reaches};
use crate::policy::paths::{CheckedPath, Follower, real};
use crate::policy::synopsis::{Fit, TypedOption};
use crate::policy::types::{Access, Object};
use crate::policy::{Deny, sets};
use crate::words::Word;

/// What a deny is held against.
pub(super) struct Evidence<'e> {
    pub(super) call: &'e Call<'e>,
    pub(super) candidate: &'e Candidate<'e>,
    /// The arguments, globs expanded.
    pub(super) words: &'e [Word],
    /// What the synopsis made of them.
    pub(super) fit: &'e Fit,
    /// The current directory where it stands for a missing operand.
    pub(super) directory: Option<&'e CheckedPath>,
    /// Whether a text leads beneath the globs, from any of the directories.
    pub(super) leads: &'e Leads<'e>,
}

/// [`Bench::leads_to_denied`], or the same remembered.
pub(super) type Leads<'e> = dyn Fn(&[Glob], &str, &Origins) -> bool + 'e;

impl Evidence<'_> {
    /// Every word as it was typed and as the program would get it.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let typed = self.call.words.iter().chain(self.words).map(Word::text);
        typed.chain(self.fit.arguments.iter().map(|argument| argument.text.as_str()))
    }

    /// One that meets the globs, however an option in it is spelled.
    fn word(&self, globs: &[Glob]) -> Option<String> {
        let word = self.texts().find(|text| any_matches(globs, text.as_bytes())).map(str::to_owned);
        let spelled = || {
            let mut words = self.fit.options.iter().flat_map(TypedOption::words);
            words.find(|text| any_matches(globs, text.as_bytes()))
        };
        word.or_else(spelled).or_else(|| self.letters(globs))
    }

    /// Letters written as one word, of which each was typed, perhaps apart or in another order: `-rf` is met by
    /// `-fr`, `-r -f` and `-rvf` too.
    fn letters(&self, globs: &[Glob]) -> Option<String> {
        let names = self.fit.options.iter().flat_map(|option| &option.names);
        let flags = names.filter_map(|name| name.strip_prefix('-')).filter(|rest| rest.chars().count() == 1);
        let typed: HashSet<char> = flags.flat_map(str::chars).collect();
        let mut texts = globs.iter().map(Glob::text);
        let met = texts.find(|text| {
            let letters = text.strip_prefix('-').map(|rest| rest.strip_suffix('*').unwrap_or(rest));
            letters.is_some_and(|letters| {
                letters.len() > 1 && letters.chars().all(|letter| typed.contains(&letter))
            })
        });
        met.map(str::to_owned)
    }

    /// A value that is no path for the rule may be one for the program: what has a slash is looked at, and as root,
    /// whom nothing holds to what was granted, every word; values of options for themselves as well, however they
    /// were joined to their letters.
    fn may_name_files(&self) -> impl Iterator<Item = &str> {
        let elevated = self.candidate.is_elevated();
        let typed = self.words.iter().map(Word::text);
        let passed = self.fit.arguments.iter().map(|argument| argument.text.as_str());
        let values = self.fit.options.iter().filter_map(|option| option.value.as_deref());
        // Most are passed as they were typed: looking costs system calls.
        let mut seen = BTreeSet::new();
        let texts = typed.chain(passed).chain(values).filter(move |text| seen.insert(*text));
        texts.filter(move |text| elevated || text.contains('/'))
    }

    /// Whether a deny that is about the program is about these words, whatever files they name; and the word that
    /// it met, where it asks for one.
    fn concerned(&self, deny: &Deny) -> Option<Met> {
        match &deny.words {
            Some(globs) => self.word(globs).map(|word| Met { word: Some(word) }),
            None => Some(Met { word: None }),
        }
    }
}

impl<'p> Bench<'p> {
    /// The first deny that stands against the words, and what met it. More words behind these would not take it
    /// away.
    pub(super) fn deny_against(&self, evidence: &Evidence<'_>) -> Option<(&'p Deny, Option<String>)> {
        deny_among(&self.about(evidence), evidence)
    }

    /// What every program may read, less what a deny that is about this command keeps from it.
    pub(super) fn withheld(&self, evidence: &Evidence<'_>) -> Vec<&'static str> {
        let about = self.about(evidence);
        let about = about.iter().filter(|deny| evidence.concerned(deny).is_some());
        let denied: Vec<&Glob> = about.flat_map(|deny| deny.files.iter().flatten()).collect();
        let is_denied = |path: &&str| denied.iter().any(|glob| glob.reaches_beneath(path.as_bytes()));
        sets::base_to_withhold().filter(is_denied).collect()
    }

    fn about(&self, evidence: &Evidence<'_>) -> Vec<&'p Deny> {
        let is_meant = |deny: &&Deny| self.is_meant(deny, evidence.call, evidence.candidate.name);
        self.policy.denies.iter().filter(is_meant).collect()
    }

    /// Whether the deny is about the program that a rule calls `name`.
    pub(super) fn is_meant(&self, deny: &Deny, call: &Call<'_>, name: &str) -> bool {
        let is_sudo = |meant: &String| call.is_elevated() && names(meant, "sudo");
        let same = |meant: &String| {
            self.programs.same_file(meant, name) || names(meant, call.program) || is_sudo(meant)
        };
        deny.programs.as_ref().is_none_or(|programs| programs.iter().any(same))
    }

    /// Whether a text, or a path in it, leads beneath the globs from where the person stands or from one of the
    /// directories that the rule starts in.
    pub(super) fn leads_to_denied(&self, globs: &[Glob], text: &str, from: &Origins) -> bool {
        let paths = paths_in(text);
        let leads = |path: &str| self.view.may_lead(globs, path, from.follower);
        // More than anything but an attempt to hide one holds.
        paths.len() > MOST_PATHS
            || paths.into_iter().any(|path| {
                let mut started = from.directories.iter().filter(|_| !path.starts_with('/'));
                leads(path) || started.any(|directory| leads(&format!("{directory}/{path}")))
            })
    }
}

/// The first of denies that are about the program, and what met it.
pub(super) fn deny_among<'d>(
    denies: &[&'d Deny],
    evidence: &Evidence<'_>,
) -> Option<(&'d Deny, Option<String>)> {
    denies.iter().find_map(|deny| {
        let met = evidence.concerned(deny)?;
        match &deny.files {
            Some(globs) => Some((*deny, Some(denied_file(globs, evidence)?))),
            None => Some((*deny, met.word)),
        }
    })
}

/// The operand, or what else the rule opens, that a denied glob covers.
fn denied_file(globs: &[Glob], evidence: &Evidence<'_>) -> Option<String> {
    let checked = evidence.fit.arguments.iter().filter_map(|argument| argument.path.as_ref());
    let elevated = evidence.candidate.is_elevated();
    let operand = checked.chain(evidence.directory).find(|path| is_denied(globs, path, elevated));
    if let Some(path) = operand {
        return Some(path.path.display().to_string());
    }
    let from = Origins::of(evidence.candidate);
    if let Some(text) = evidence.may_name_files().find(|text| (evidence.leads)(globs, text, &from)) {
        return Some(text.to_owned());
    }
    let terms = &evidence.candidate.rule.terms;
    let tree = sets::opened(terms).find(|opened| tree_is_denied(globs, opened.path))?;
    Some(tree.to_string())
}

/// What stands between a path and what else is in a word: `--file=/a`, `/a:/b`, `@/a`, `if=a,of=b`.
const SEPARATORS: &[char] = &['=', ':', ',', ';', '@', '"', '\'', ' '];

/// The most places in one word that may be a path.
const MOST_PATHS: usize = 256;

/// What in a word may be a path for a program, options' joined values included.
fn paths_in(text: &str) -> BTreeSet<&str> {
    let behind = |(at, separator): (usize, &str)| text.get(at.saturating_add(separator.len())..);
    let values = text.match_indices(SEPARATORS).filter_map(behind);
    let from_slash = text.find('/').and_then(|at| text.get(at..));
    let attached = text.strip_prefix('-').and_then(|rest| rest.get(1..));
    let starts: BTreeSet<&str> =
        std::iter::once(text).chain(values).chain(from_slash).chain(attached).collect();
    let pieces = starts.iter().filter_map(|start| start.split(SEPARATORS).next());
    starts.iter().copied().chain(pieces).filter(|path| !path.is_empty()).collect()
}

/// Where a program under a rule may take a relative path from, besides where the person stands, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origins {
    /// Absolute, without a slash at their end.
    directories: Vec<String>,
    follower: Follower,
}

impl Origins {
    fn of(candidate: &Candidate<'_>) -> Self {
        let cwd = candidate.rule.terms.cwd.as_ref().map(|path| path.to_string_lossy().into_owned());
        match candidate.is_elevated() {
            // sudo starts its programs in `/`.
            true => Self {
                directories: cwd.into_iter().chain([String::new()]).collect(),
                follower: Follower::Root,
            },
            false => Self { directories: cwd.into_iter().collect(), follower: Follower::Person },
        }
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

/// A file by its name; a directory whose contents are granted also by what could lie beneath it. Root reads those of
/// any, since no ruleset holds it.
fn is_denied(globs: &[Glob], path: &CheckedPath, elevated: bool) -> bool {
    let name = path.path.as_os_str().as_encoded_bytes();
    let is_granted = elevated || matches!(path.access, Access::Tree | Access::Write);
    let holds_contents = path.object != Object::File && is_granted;
    any_matches(globs, name) || (holds_contents && any_reaches(globs, name))
}
