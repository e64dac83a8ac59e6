//! Where a text would lead if a program took it for a path. A type asks what a person may name, and stays silent about
//! everything else; a deny asks of any text whether it may end where nobody is to get, so here doubt says yes.

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::SFlag;

use super::View;
use super::name::{folded, joined, parent_and_last};
use super::object::{Held, kind, look_at};
use crate::policy::glob::{Glob, any_matches, any_reaches};

/// Who would follow the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Follower {
    /// The person: what the kernel keeps from them here it keeps from their program.
    Person,
    /// Root, who is stopped by no mode and reads whole trees: where this process may not look counts as led there.
    Root,
}

impl View {
    /// Whether `path` leads to something that the globs cover: as it is spelled, as the kernel finds it, or, if
    /// nothing is there, where it would be made.
    pub fn may_lead(&self, globs: &[Glob], path: &str, follower: Follower) -> bool {
        if path.is_empty() || path.contains('\0') {
            return false;
        }
        if any_matches(globs, &folded(self.directory_bytes(), path.as_bytes())) {
            return true;
        }
        if matches!(self, Self::Text { .. }) {
            return false;
        }
        match self.hold(path.as_bytes(), OFlag::empty()) {
            Ok(held) => is_covered(globs, &held, follower),
            Err(Errno::ENOENT) => self.would_be_made(globs, path, follower),
            Err(errno) => is_doubtful(errno, follower),
        }
    }

    /// Whether what is not there would be made beneath the globs. A link that leads nowhere yet can be written through.
    fn would_be_made(&self, globs: &[Glob], path: &str, follower: Follower) -> bool {
        let mut missing: Vec<&str> = Vec::new();
        let mut rest = path.trim_end_matches('/');
        while let Some((directory, last)) = parent_and_last(rest) {
            missing.insert(0, last);
            match self.hold(directory.as_bytes(), OFlag::O_DIRECTORY) {
                Ok(parent) => {
                    let is_link = look_at(&parent.descriptor, last.as_bytes())
                        .is_ok_and(|stat| kind(&stat) == SFlag::S_IFLNK);
                    return is_link
                        || any_matches(globs, &joined(&parent.name, missing.join("/").as_bytes()));
                }
                Err(Errno::ENOENT) => rest = directory.trim_end_matches('/'),
                Err(errno) => return is_doubtful(errno, follower),
            }
        }
        // A name ends in `..` below what is not there: no program gets there but by folding, which was looked at.
        false
    }
}

/// Root reads a directory's whole tree.
fn is_covered(globs: &[Glob], held: &Held, follower: Follower) -> bool {
    let holds_more = follower == Follower::Root && held.kind() == SFlag::S_IFDIR;
    any_matches(globs, &held.name) || (holds_more && any_reaches(globs, &held.name))
}

/// What the kernel would not look up: one of procfs's own links (ELOOP), or something behind a mode. A path that is
/// too long or passes through a file leads no program anywhere.
fn is_doubtful(errno: Errno, follower: Follower) -> bool {
    match errno {
        Errno::ENOTDIR | Errno::ENAMETOOLONG | Errno::ENOENT => false,
        Errno::ELOOP | Errno::EAGAIN => true,
        _ => follower == Follower::Root,
    }
}
