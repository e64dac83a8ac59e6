//! Making a write operand that was not there, after the decision was recorded, and taking it away again when nothing
//! started.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::rc::Rc;

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::{Mode, fstat};
use nix::unistd::{UnlinkatFlags, unlinkat};

use super::CheckedPath;
use super::object::{look_at, name_of, same};
use crate::policy::types::Access;

impl CheckedPath {
    /// Whether it is a file still to be made: nothing is there yet, and the rule writes it.
    pub fn is_to_be_made(&self) -> bool {
        self.descriptor.is_none() && self.parent.is_some() && self.access == Access::Write
    }

    /// Makes the file (mode 0600, less the umask) in the directory that was checked, and holds the new inode
    /// as `descriptor`. Does nothing for what is not to be made. Fails with EEXIST if somebody was quicker, and with
    /// ESTALE if the directory is not where it was when it was checked.
    pub fn create(&mut self) -> io::Result<()> {
        let Some(parent) = self.parent.as_ref().filter(|_| self.is_to_be_made()) else { return Ok(()) };
        let name = self.path.file_name().ok_or(Errno::EINVAL)?;
        if self.path.parent() != Some(name_of(parent.as_fd())?.as_path()) {
            return Err(Errno::ESTALE.into());
        }
        let new = OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_WRONLY | OFlag::O_CLOEXEC;
        let made = openat(parent, Path::new(name), new, Mode::S_IRUSR | Mode::S_IWUSR)?;
        let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        let held = openat(parent, Path::new(name), flags, Mode::empty())?;
        if !same(&fstat(&made)?, &fstat(&held)?) || name_of(held.as_fd())? != self.path {
            return Err(Errno::ESTALE.into());
        }
        self.descriptor = Some(Rc::new(held));
        Ok(())
    }

    /// Takes away what [`Self::create`] made, for commands that did not start: if it is that very file still, and
    /// still empty. Its failing leaves an empty file.
    pub fn remove_unused(&self) {
        let (Some(made), Some(parent), Some(name)) = (&self.descriptor, &self.parent, self.path.file_name())
        else {
            return;
        };
        let is_unused = fstat(made).is_ok_and(|made| {
            made.st_size == 0 && look_at(parent, name.as_bytes()).is_ok_and(|there| same(&made, &there))
        });
        if is_unused {
            let _ = unlinkat(parent, name, UnlinkatFlags::NoRemoveDir);
        }
    }
}
