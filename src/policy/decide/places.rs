//! Directories a person may stand in.

use std::path::{Path, PathBuf};

use super::Bench;
use crate::policy::Deny;
use crate::policy::denial::Nearest;
use crate::policy::glob::{Glob, any_matches};
use crate::policy::paths::{CheckedPath, PathRefusal};
use crate::policy::types::PathType;

impl<'p> Bench<'p> {
    /// Where a session may start, best first: in `here` if `directories` allows that, at home, in those of them that
    /// exist up to their first wildcard.
    pub fn starts<'a>(
        &'a self,
        here: Option<&'a str>,
        home: &'a Path,
    ) -> impl Iterator<Item = CheckedPath> + use<'a, 'p> {
        let globs = self.directories().flat_map(|wanted| &wanted.globs);
        let listed = globs.map(Glob::fixed_directory).filter_map(Path::to_str);
        let all: Vec<&str> = here.into_iter().chain(home.to_str()).chain(listed).collect();
        let mut new: Vec<&str> = Vec::with_capacity(all.len());
        for path in all {
            if !new.contains(&path) {
                new.push(path);
            }
        }
        new.into_iter().filter_map(|path| self.enter(path).ok())
    }

    /// The first of them where nobody is anywhere yet, else `/`.
    pub fn start(&self, home: &Path) -> PathBuf {
        self.starts(None, home).next().map_or_else(|| PathBuf::from("/"), |found| found.path)
    }

    /// Where the person may stand: what `cd` takes is what one of them takes.
    pub fn directories(&self) -> impl Iterator<Item = &'p PathType> + use<'p> {
        self.policy.groups.iter().flat_map(|group| &group.directories)
    }

    fn directory(&self, typed: &str) -> Result<CheckedPath, PathRefusal> {
        let mut refusal = PathRefusal::NoMatch;
        for wanted in self.directories() {
            match self.view.resolve(wanted, typed, false) {
                Ok(found) => return Ok(found),
                // That it does not match one says less than what another says of it.
                Err(PathRefusal::NoMatch) => {}
                Err(other) => refusal = other,
            }
        }
        Err(refusal)
    }

    /// Whether the person may stand in `typed`: any group's `directories`, and no deny.
    pub fn enter(&self, typed: &str) -> Result<CheckedPath, Nearest> {
        let globs = || self.directories().flat_map(|wanted| &wanted.globs);
        let refused = |refusal| Nearest::directory(typed, globs(), refusal);
        let directory = self.directory(typed).map_err(refused)?;
        let denied = |deny: &&Deny| {
            let files = deny.files.as_deref().unwrap_or_default();
            is_of_files_alone(deny) && any_matches(files, directory.path.as_os_str().as_encoded_bytes())
        };
        match self.policy.denies.iter().find(denied) {
            Some(deny) => Err(Nearest::denied_directory(typed, deny.reason.as_deref())),
            None => Ok(directory),
        }
    }
}

/// Whether a deny holds for whatever looks at its files.
pub(super) fn is_of_files_alone(deny: &Deny) -> bool {
    deny.programs.is_none() && deny.words.is_none()
}
