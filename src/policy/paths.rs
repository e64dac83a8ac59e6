//! From a typed path to the very object it names: opened without following anything procfs makes up, its name
//! read back from the kernel, matched, and kept open, so that what was checked is what will be used.

use std::fmt;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::fcntl::OFlag;

use super::types::{Access, Object};

mod by_hand;
mod complete;
mod create;
mod expand;
mod leads;
mod name;
mod object;
mod ownership;
mod real;
mod resolve;
#[cfg(test)]
mod tests;
mod typed;

pub use complete::{Candidate, Candidates};
pub use expand::{Effort, ExpandFault, Expansion};
pub use leads::Follower;
pub use real::{real, with_real};

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
    /// The object itself, `O_PATH`; absent in [`View::Text`] and for a file still to be made.
    pub descriptor: Option<Rc<OwnedFd>>,
    /// For what is not there: its directory (`O_PATH`), in which the last component of `path` is created if it is
    /// to be written.
    pub parent: Option<Rc<OwnedFd>>,
    /// What it is; `File` for one still to be made, what the type takes for one that may be missing.
    pub object: Object,
    /// What the rule grants on it.
    pub access: Access,
}

/// Why a path is no value of a type. Outside the type's globs nothing tells whether the path exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathRefusal {
    /// Does not match (or does not exist, where existing would not change the answer).
    NoMatch,
    /// Matches, but `except` takes it out, or (for a tree) something beneath it.
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

impl fmt::Display for PathRefusal {
    /// What follows the word: "/etc/shadow does not match".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMatch => f.write_str("does not match"),
            Self::Excepted => f.write_str("is excepted"),
            Self::Missing => f.write_str("is not there"),
            Self::WrongObject(what) => write!(f, "is {what}"),
            Self::HardLinks => f.write_str("has several links, and others than root may have placed them"),
            Self::WritableByOthers => {
                f.write_str("or a directory above it can be written by others than root")
            }
            Self::UnusableName => f.write_str("has a name that cannot be a word"),
            Self::Unreadable(why) => write!(f, "cannot be opened: {why}"),
            Self::Moved => f.write_str("changed while it was being checked"),
        }
    }
}

impl View {
    /// The host's own tree from the present working directory. Fails when that is gone or has no name.
    pub fn host() -> std::io::Result<Self> {
        let (directory, name) = object::working_directory()?;
        Ok(Self::Host { directory, name })
    }

    /// The host's own tree from its root, for whoever stands nowhere.
    pub fn from_root() -> std::io::Result<Self> {
        let name = PathBuf::from("/");
        let directory = nix::fcntl::open(&name, object::directory_flags(), nix::sys::stat::Mode::empty())?;
        Ok(Self::Host { directory, name })
    }

    /// A fixture tree, with `name` inside it as working directory.
    pub fn rooted(root: &Path, name: PathBuf) -> std::io::Result<Self> {
        let prefix = root.canonicalize()?;
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let root = nix::fcntl::open(&prefix, flags, nix::sys::stat::Mode::empty())?;
        Ok(Self::Rooted { root, prefix, name })
    }

    /// The working directory's name.
    pub fn directory_name(&self) -> &Path {
        match self {
            Self::Host { name, .. } | Self::Rooted { name, .. } | Self::Text { name } => name,
        }
    }
}
