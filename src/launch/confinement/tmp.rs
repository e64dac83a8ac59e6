//! The private TMPDIR of a run: made empty, the person's alone, and removed when the run is over.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::sys::stat::Mode;

// Both are root's and sticky on every distribution, so nobody else can rename what is made in them.
const PARENTS: [&str; 2] = ["/tmp", "/var/tmp"];

/// A directory that goes away with this value.
#[derive(Debug)]
pub struct PrivateTmp {
    path: PathBuf,
    handle: OwnedFd,
}

impl PrivateTmp {
    /// Makes one, mode 0700.
    ///
    /// # Errors
    /// None of /tmp and /var/tmp is root's, sticky and writable.
    pub fn create() -> io::Result<Self> {
        let mut last = io::Error::other("neither /tmp nor /var/tmp is a sticky directory of root's");
        for parent in PARENTS.iter().map(Path::new).filter(|parent| is_safe(parent)) {
            match Self::create_in(parent) {
                Ok(made) => return Ok(made),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn create_in(parent: &Path) -> io::Result<Self> {
        let path = nix::unistd::mkdtemp(&parent.join("gatesh-XXXXXX"))?;
        let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let handle = nix::fcntl::open(&path, flags, Mode::empty())?;
        Ok(Self { path, handle })
    }

    /// Its name, for TMPDIR.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The directory itself, `O_PATH`.
    pub fn handle(&self) -> &OwnedFd {
        &self.handle
    }
}

impl Drop for PrivateTmp {
    fn drop(&mut self) {
        // What cannot be removed is the person's own, and cleaned up with the rest of /tmp.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

fn is_safe(directory: &Path) -> bool {
    std::fs::symlink_metadata(directory).is_ok_and(|found| {
        found.is_dir() && found.uid() == 0 && (found.mode() & 0o1000 != 0 || found.mode() & 0o022 == 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_empty_private_and_goes_away_with_its_contents() {
        let tmp = PrivateTmp::create().unwrap();
        let path = tmp.path().to_path_buf();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o700);
        assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0);
        std::fs::write(path.join("left-over"), "x").unwrap();
        drop(tmp);
        assert!(!path.exists());
    }

    #[test]
    fn a_directory_that_others_can_rename_in_is_not_used() {
        let open = tempfile::tempdir().unwrap();
        std::fs::set_permissions(open.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        assert!(!is_safe(open.path()));
    }
}
