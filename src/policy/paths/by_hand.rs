//! The look-up for kernels without openat2 (before Linux 5.6), one component at a time. What it opens is
//! judged by the name the kernel gives back all the same, so a mistake here could refuse and not let in.
//!
//! It follows no link of procfs at all, the harmless ones (`/proc/self`) included: only the kernel knows which
//! of them it makes up.

use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, openat, readlinkat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat};

use super::object::{Links, directory_flags, kind, on_procfs, same};

/// Links on one look-up, as the kernel has it.
const HOPS: usize = 40;

/// Opens `path` relative to `from`. With a `root`, absolute paths and links begin there and `..` ends there.
pub(super) fn open(
    from: BorrowedFd<'_>,
    root: Option<BorrowedFd<'_>>,
    path: &[u8],
    flags: OFlag,
    links: Links,
) -> Result<OwnedFd, Errno> {
    if path.is_empty() {
        return Err(Errno::ENOENT);
    }
    let mut steps = Steps { root, at: opened(from, b".", directory_flags())?, left: Vec::new(), hops: 0 };
    steps.push(path)?;
    let (found, stat) = steps.walk(flags, links)?;
    if flags.contains(OFlag::O_DIRECTORY) && kind(&stat) != SFlag::S_IFDIR {
        return Err(Errno::ENOTDIR);
    }
    if flags.contains(OFlag::O_PATH) { Ok(found) } else { opened(found.as_fd(), b".", flags) }
}

struct Steps<'a> {
    root: Option<BorrowedFd<'a>>,
    /// The directory the next component stands in.
    at: OwnedFd,
    /// Components to come, the next one last.
    left: Vec<Vec<u8>>,
    hops: usize,
}

impl Steps<'_> {
    /// Puts the components of a path or of a link's text before those to come. A `/` at the end asks for a
    /// directory, as `/.` does.
    fn push(&mut self, path: &[u8]) -> Result<(), Errno> {
        if path.starts_with(b"/") {
            self.at = self.beginning()?;
        }
        if path.ends_with(b"/") {
            self.left.push(b".".to_vec());
        }
        let names = path.split(|byte| *byte == b'/').rev().filter(|name| !name.is_empty());
        self.left.extend(names.map(<[u8]>::to_vec));
        Ok(())
    }

    fn beginning(&self) -> Result<OwnedFd, Errno> {
        match self.root {
            Some(root) => opened(root, b".", directory_flags()),
            None => opened(AT_FDCWD, b"/", directory_flags()),
        }
    }

    fn walk(mut self, flags: OFlag, links: Links) -> Result<(OwnedFd, FileStat), Errno> {
        while let Some(name) = self.left.pop() {
            let found = self.step(&name)?;
            let stat = fstat(&found)?;
            let kept = self.left.is_empty() && flags.contains(OFlag::O_NOFOLLOW);
            if kind(&stat) == SFlag::S_IFLNK && !kept {
                self.follow(&found, links)?;
            } else if self.left.is_empty() {
                return Ok((found, stat));
            } else {
                self.at = found;
            }
        }
        let stat = fstat(&self.at)?;
        Ok((self.at, stat))
    }

    fn step(&self, name: &[u8]) -> Result<OwnedFd, Errno> {
        let at_root = || -> Result<bool, Errno> {
            let Some(root) = self.root else { return Ok(false) };
            Ok(same(&fstat(root)?, &fstat(&self.at)?))
        };
        match name {
            b".." if at_root()? => self.beginning(),
            b"." | b".." => opened(self.at.as_fd(), name, directory_flags()),
            name => opened(self.at.as_fd(), name, OFlag::O_PATH | OFlag::O_NOFOLLOW),
        }
    }

    fn follow(&mut self, link: &OwnedFd, links: Links) -> Result<(), Errno> {
        self.hops += 1;
        if links == Links::Refused || self.hops > HOPS || on_procfs(link) {
            return Err(Errno::ELOOP);
        }
        self.push(&readlinkat(link, "")?.into_vec())
    }
}

fn opened(from: BorrowedFd<'_>, name: &[u8], flags: OFlag) -> Result<OwnedFd, Errno> {
    openat(from, OsStr::from_bytes(name), flags | OFlag::O_CLOEXEC, Mode::empty())
}
