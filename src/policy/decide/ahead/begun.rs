//! Whether a word that is still being typed can become one that some rule takes and no deny refuses.

use std::rc::Rc;

use super::{Foresight, Way, attached};
use crate::policy::decide::attempt::path_type;
use crate::policy::decide::beginnings::{directory_of, leads, may_begin};
use crate::policy::decide::places::is_of_files_alone;
use crate::policy::denial::Nearest;
use crate::policy::glob::Glob;
use crate::policy::synopsis::{Pattern, Spelling};
use crate::policy::types::{PathType, Type};
use crate::policy::{Deny, Operators};
use crate::words::Word;

impl<'p> Foresight<'p> {
    /// Whether some rule takes a next word that begins with `start`.
    pub fn may_go_on(&self, words: &[Word], beside: Operators, start: &str) -> bool {
        let mut may = false;
        let _ = self.walk(words, beside, |way| {
            may |= self.may_become(&way, start);
            !may
        });
        may
    }

    /// What the deny says that every next word which begins with `start` meets.
    pub fn denial_of_all(&self, words: &[Word], beside: Operators, start: &str) -> Option<String> {
        let mut said = None;
        let _ = self.walk(words, beside, |way| {
            let is_met = |deny: &&&Deny| {
                refuses_whatever_follows(deny, start) || self.refuses_all_files_there(deny, start)
            };
            said =
                way.denies.iter().find(is_met).map(|deny| Nearest::denied_by(deny, start).text().to_owned());
            said.is_none()
        });
        said
    }

    fn refuses_all_files_there(&self, deny: &Deny, start: &str) -> bool {
        let directory = || directory_of(self.bench.view, start);
        let files = deny.files.as_deref().unwrap_or_default();
        deny.words.is_none()
            && !files.is_empty()
            && files.iter().any(|glob| glob.takes_all_beneath(directory().as_bytes()))
    }

    /// Whether `cd` can go somewhere that begins so.
    pub fn may_enter(&self, start: &str) -> bool {
        if start.starts_with('~') {
            return true;
        }
        let of_all = self.bench.policy.denies.iter().filter(|deny| is_of_files_alone(deny));
        let denied: Vec<Glob> = of_all.flat_map(|deny| deny.files.iter().flatten().cloned()).collect();
        let leads_there = |wanted: &PathType| {
            let except = [&wanted.except[..], &denied].concat();
            leads(&PathType { except, ..wanted.clone() }, self.bench.view, start)
        };
        self.bench.directories().any(leads_there)
    }

    /// What a path type takes here.
    pub fn path(&self, wanted: &Rc<Type>, way: &Way<'_>) -> Rc<PathType> {
        self.answers.path(wanted, way)
    }

    fn may_become(&self, way: &Way<'p>, start: &str) -> bool {
        let expected = &way.expected;
        start.is_empty()
            || !way.denies.iter().any(|deny| refuses_whatever_follows(deny, start))
                && (expected.words.iter().any(|word| word.starts_with(start))
                    || expected.values.iter().any(|pattern| self.begins(way, pattern, start))
                    || expected.options.iter().any(|spelling| self.option_begins(way, spelling, start)))
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
        let path = path_type(wanted).map(|_| self.path(wanted, way));
        may_begin(wanted, path.as_deref(), self.bench.view, rest)
    }
}

/// Whether every word that begins so meets the deny. One that asks for files too is met only by whole words.
fn refuses_whatever_follows(deny: &Deny, start: &str) -> bool {
    let words = deny.words.iter().flatten();
    deny.files.is_none() && words.into_iter().any(|glob| glob.takes_all_that_begin(start.as_bytes()))
}
