//! From a typed path to the very object it names: opened without following anything procfs makes up, its name
//! read back from the kernel, matched, and kept open, so that what was checked is what will be used.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::glob::Glob;
use super::types::{Access, Object, PathType};
use crate::words::Word;

/// Where relative paths start and absolute ones end.
#[derive(Debug)]
pub enum View {
    /// The host's own tree, from the working directory held open.
    Host {
        /// The working directory.
        directory: OwnedFd,
        /// Its name, for globs a person types without a leading `/`.
        name: PathBuf,
    },
    /// A fixture tree that stands for `/` (`gateshctl test --root`).
    Rooted {
        /// The tree.
        root: OwnedFd,
        /// Its own name on the host, cut off every name the kernel gives back.
        prefix: PathBuf,
        /// The working directory inside the tree.
        name: PathBuf,
    },
    /// Nothing is opened: `.` and `..` are folded as text.
    Text {
        /// The working directory.
        name: PathBuf,
    },
}

/// A path value that was checked.
#[derive(Clone, Debug)]
pub struct CheckedPath {
    /// What the program is given: absolute, as the kernel names it.
    pub path: PathBuf,
    /// The object itself, O_PATH; absent in [`View::Text`] and for a file still to be made.
    pub descriptor: Option<Rc<OwnedFd>>,
    /// For a file still to be made: its directory (O_PATH), in which the last component of `path` is created.
    pub parent: Option<Rc<OwnedFd>>,
    /// What it is; `File` for one still to be made.
    pub object: Object,
    /// What the rule grants on it.
    pub access: Access,
}

/// Why a path is no value of a type. Outside the type's globs nothing tells whether the path exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathRefusal {
    /// Does not match (or does not exist, where existing would not change the answer).
    NoMatch,
    /// Matches, but `except` takes it out.
    Excepted,
    /// Matches as text and is not there.
    Missing,
    /// Is something else than the type takes: "a directory", "a named pipe", ...
    WrongObject(&'static str),
    /// A regular file with several links that not only root could have placed.
    HardLinks,
    /// Elevated rules: somebody but root can write it or a directory above it.
    WritableByOthers,
    /// Its name cannot be a word (control characters, invalid UTF-8, ` (deleted)`).
    UnusableName,
    /// The kernel said no: the errno's own words.
    Unreadable(String),
    /// Changed while it was being checked.
    Moved,
}

/// A word's names after expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expansion {
    /// What was found, sorted, as it would have been typed (relative stays relative).
    pub names: Vec<Word>,
    /// Found names that cannot be words, escaped for display.
    pub skipped: Vec<String>,
}

/// Why a glob a person typed gives nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpandFault {
    /// No name matches.
    NoMatch,
    /// More than 1,000 names.
    TooMany,
    /// More than 100,000 directory entries were looked at.
    TooMuchWork,
    /// `[` without `]` and the like.
    Syntax,
}

impl View {
    /// The host's own tree from the present working directory.
    pub fn host() -> std::io::Result<Self> {
        unimplemented!()
    }

    /// The working directory's name.
    pub fn directory_name(&self) -> &Path {
        match self {
            Self::Host { name, .. } | Self::Rooted { name, .. } | Self::Text { name } => name,
        }
    }

    /// Holds `typed` against `wanted`. `elevated` adds that only root may have placed it.
    pub fn resolve(
        &self,
        _wanted: &PathType,
        _typed: &str,
        _elevated: bool,
    ) -> Result<CheckedPath, PathRefusal> {
        unimplemented!()
    }

    /// Expands a word's unquoted `*`, `?`, `[...]`, walking only directories that can lead to `globs`.
    pub fn expand(&self, _word: &Word, _globs: &[&Glob]) -> Result<Expansion, ExpandFault> {
        unimplemented!()
    }
}
