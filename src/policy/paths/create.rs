//! Making a write operand that was not there, after the decision was recorded.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::rc::Rc;

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::{Mode, fstat};

use super::CheckedPath;
use super::object::{name_of, same};

impl CheckedPath {
    /// Makes the file (mode 0600, less the umask) in the directory that was checked, and holds the new inode
    /// as `descriptor`. Does nothing for what was there already. Fails with EEXIST if somebody was quicker,
    /// and with ESTALE if the directory is not where it was when it was checked.
    pub fn create(&mut self) -> io::Result<()> {
        let (None, Some(parent)) = (&self.descriptor, &self.parent) else { return Ok(()) };
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
}
