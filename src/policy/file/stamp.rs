//! What the policy's files were like when they were read, so that a running session notices any change.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What a policy was read from. Two questions to the kernel per file, none to a person's groups without one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    seen: Vec<(PathBuf, Seen)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// Not there.
    Absent,
    /// There and not readable, or the like: never equal to what is seen later.
    Unknown,
    /// A file, or a directory whose names count: any change shows in ctime.
    Whole { device: u64, inode: u64, size: u64, changed: (i64, i64) },
    /// A directory on the way. Its ctime moves with every unrelated name in it, its owner and mode do not.
    Way { device: u64, inode: u64, owner: u32, mode: u32 },
}

impl Stamp {
    /// Whether anything is different now: another file, other contents, a file come or gone, another owner.
    pub fn changed(&self) -> bool {
        self.seen.iter().any(|(path, seen)| !seen.still_at(path))
    }

    pub(super) fn absent(&mut self, path: PathBuf) {
        self.seen.push((path, Seen::Absent));
    }

    pub(super) fn unknown(&mut self, path: PathBuf) {
        self.seen.push((path, Seen::Unknown));
    }

    pub(super) fn file(&mut self, path: PathBuf, data: &std::fs::Metadata) {
        self.seen.push((path, Seen::whole(data)));
    }

    pub(super) fn way(&mut self, path: PathBuf, data: &std::fs::Metadata) {
        self.seen.push((path, Seen::way(data)));
    }

    /// A directory whose names were listed by following `path`.
    pub(super) fn listed(&mut self, path: &Path) {
        let seen = match path.metadata() {
            Ok(data) => Seen::whole(&data),
            Err(error) if error.kind() == ErrorKind::NotFound => Seen::Absent,
            Err(_) => Seen::Unknown,
        };
        if !self.seen.iter().any(|(known, _)| known == path) {
            self.seen.push((path.to_owned(), seen));
        }
    }
}

impl Seen {
    fn whole(data: &std::fs::Metadata) -> Self {
        let changed = (data.ctime(), data.ctime_nsec());
        Self::Whole { device: data.dev(), inode: data.ino(), size: data.size(), changed }
    }

    fn way(data: &std::fs::Metadata) -> Self {
        Self::Way { device: data.dev(), inode: data.ino(), owner: data.uid(), mode: data.mode() }
    }

    fn still_at(self, path: &Path) -> bool {
        let now = path.metadata();
        match self {
            Self::Absent => now.is_err_and(|error| error.kind() == ErrorKind::NotFound),
            Self::Unknown => false,
            Self::Whole { .. } => now.is_ok_and(|data| Self::whole(&data) == self),
            Self::Way { .. } => now.is_ok_and(|data| Self::way(&data) == self),
        }
    }
}
