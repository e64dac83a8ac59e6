//! Who could have placed or could change an object: the questions that hard links and elevated rules ask.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, lstat};

use super::object::{Held, directory_flags, kind, same};

/// Whether root owns it and neither group nor others may write it. The sticky bit mends nothing: in /tmp
/// anybody can place a name. A write entry of an access list shows in the group bits, acl(5).
pub(super) fn only_root_writes(stat: &FileStat) -> bool {
    let others = Mode::S_IWGRP | Mode::S_IWOTH;
    stat.st_uid == 0 && !Mode::from_bits_truncate(stat.st_mode).intersects(others)
}

impl Held {
    /// Whether only root can write the file and place names in its directory.
    pub(super) fn is_roots_alone(&self) -> bool {
        let directory = self.host_name.parent().and_then(|directory| lstat(directory).ok());
        only_root_writes(&self.stat)
            && directory.is_some_and(|stat| kind(&stat) == SFlag::S_IFDIR && only_root_writes(&stat))
    }

    /// Whether every directory from `/` down, and the object itself, can be written by root alone. The way is
    /// walked on descriptors, without links, and must end at this very object.
    pub(super) fn only_root_leads_here(&self) -> bool {
        walk(&self.host_name).is_ok_and(|end| end.is_some_and(|end| same(&end, &self.stat)))
    }
}

/// `None` as soon as something on the way is not root's alone. A link on the way counts as that: its mode
/// grants everything.
fn walk(name: &Path) -> Result<Option<FileStat>, Errno> {
    let mut at: OwnedFd = openat(AT_FDCWD, "/", directory_flags(), Mode::empty())?;
    let mut stat = fstat(&at)?;
    for part in name.as_os_str().as_bytes().split(|byte| *byte == b'/').filter(|part| !part.is_empty()) {
        if !only_root_writes(&stat) {
            return Ok(None);
        }
        let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        at = openat(&at, OsStr::from_bytes(part), flags, Mode::empty())?;
        stat = fstat(&at)?;
    }
    Ok(only_root_writes(&stat).then_some(stat))
}
