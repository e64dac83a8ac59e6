//! Directories a person may stand in.

use std::path::Path;

use super::Bench;
use super::denies::any_matches;
use crate::policy::Deny;
use crate::policy::denial::Nearest;
use crate::policy::glob::Glob;
use crate::policy::paths::CheckedPath;
use crate::policy::types::{Access, Object, PathType};

impl Bench<'_> {
    /// Where a session starts: in `here` if `directories` allows that, else at home, else in the first of them
    /// that exists up to its first wildcard.
    pub fn start(&self, here: Option<&str>, home: &Path) -> Option<CheckedPath> {
        let globs = self.policy.groups.iter().flat_map(|group| &group.directories);
        let listed = globs.map(Glob::fixed_directory).filter_map(Path::to_str);
        let all: Vec<&str> = here.into_iter().chain(home.to_str()).chain(listed).collect();
        let mut new =
            all.iter().enumerate().filter(|(at, path)| !all.iter().take(*at).any(|one| one == *path));
        new.find_map(|(_, path)| self.enter(path).ok())
    }

    /// Where the person may stand, as a type: what `cd` takes.
    pub fn directories(&self) -> PathType {
        let groups = &self.policy.groups;
        PathType {
            object: Object::Directory,
            globs: groups.iter().flat_map(|group| group.directories.clone()).collect(),
            except: groups.iter().flat_map(|group| group.except_directories.clone()).collect(),
            access: Access::Nothing,
            must_exist: true,
        }
    }

    /// Whether the person may stand in `typed`: any group's `directories`, and no deny.
    pub fn enter(&self, typed: &str) -> Result<CheckedPath, Nearest> {
        let wanted = self.directories();
        let refused = |refusal| Nearest::directory(typed, &wanted, refusal);
        let directory = self.view.resolve(&wanted, typed, false).map_err(refused)?;
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
