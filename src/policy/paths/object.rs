//! Opening by name and asking the kernel for the name back. Nothing here judges.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, OpenHow, ResolveFlag, openat, openat2, readlink};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat, lstat};
use nix::sys::statfs::{PROC_SUPER_MAGIC, fstatfs};

use super::name::joined;
use super::{View, by_hand};

/// How often a look-up that the kernel says raced with a rename is tried again, openat2(2) EAGAIN.
const TRIES: usize = 8;

/// An object held open, with what the kernel says of it.
pub(super) struct Held {
    pub(super) descriptor: OwnedFd,
    pub(super) stat: FileStat,
    /// As the view names it.
    pub(super) name: Vec<u8>,
    /// As the host names it.
    pub(super) host_name: PathBuf,
}

/// What a look-up may pass.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    /// Symbolic links, but none that procfs makes up.
    Followed,
    /// Not even symbolic links.
    Refused,
}

impl Held {
    pub(super) fn kind(&self) -> SFlag {
        kind(&self.stat)
    }

    pub(super) fn on_procfs(&self) -> bool {
        on_procfs(&self.descriptor)
    }

    /// Whether its name leads to it still.
    pub(super) fn still_there(&self) -> bool {
        lstat(&self.host_name).is_ok_and(|now| same(&now, &self.stat))
    }
}

impl View {
    /// Opens `path` as the view understands it: relative to its working directory, inside its root.
    pub(super) fn open(&self, path: &[u8], flags: OFlag, links: Links) -> Result<OwnedFd, Errno> {
        let mut resolve = ResolveFlag::RESOLVE_NO_MAGICLINKS;
        if links == Links::Refused {
            resolve |= ResolveFlag::RESOLVE_NO_SYMLINKS;
        }
        let (from, root, path) = match self {
            Self::Host { directory, .. } => (directory, None, path.to_vec()),
            Self::Rooted { root, .. } if path.starts_with(b"/") => (root, Some(root), path.to_vec()),
            Self::Rooted { root, name, .. } => (root, Some(root), joined(name.as_os_str().as_bytes(), path)),
            Self::Text { .. } => return Err(Errno::ENOENT),
        };
        if root.is_some() {
            resolve |= ResolveFlag::RESOLVE_IN_ROOT;
        }
        match open_by_rules(from.as_fd(), &path, flags, resolve) {
            // Before Linux 5.6, or a container's filter from before it.
            Err(Errno::ENOSYS | Errno::EPERM) => {
                by_hand::open(from.as_fd(), root.map(AsFd::as_fd), &path, flags, links)
            }
            other => other,
        }
    }

    /// Opens `path` with `O_PATH` and asks what it is.
    pub(super) fn hold(&self, path: &[u8], extra: OFlag) -> Result<Held, Errno> {
        self.held(self.open(path, OFlag::O_PATH | extra, Links::Followed)?)
    }

    /// Asks what a descriptor is. ENOENT for what has no name in this view.
    pub(super) fn held(&self, descriptor: OwnedFd) -> Result<Held, Errno> {
        let stat = fstat(&descriptor)?;
        let host_name = name_of(descriptor.as_fd())?;
        let name = self.inside(&host_name).ok_or(Errno::ENOENT)?;
        Ok(Held { descriptor, stat, name, host_name })
    }

    /// A host name as the view has it. A pipe or a detached mount has no absolute name, hence no name at all.
    fn inside(&self, host_name: &Path) -> Option<Vec<u8>> {
        let name = match self {
            Self::Host { .. } | Self::Text { .. } => host_name.to_owned(),
            Self::Rooted { prefix, .. } => Path::new("/").join(host_name.strip_prefix(prefix).ok()?),
        };
        name.is_absolute().then(|| name.into_os_string().into_vec())
    }

    /// Where relative paths start, as bytes.
    pub(super) fn directory_bytes(&self) -> &[u8] {
        self.directory_name().as_os_str().as_bytes()
    }
}

/// The working directory and its name.
pub(super) fn working_directory() -> io::Result<(OwnedFd, PathBuf)> {
    let directory = openat(AT_FDCWD, ".", directory_flags(), Mode::empty())?;
    let name = name_of(directory.as_fd())?;
    let leads_there = lstat(&name).is_ok_and(|there| fstat(&directory).is_ok_and(|here| same(&there, &here)));
    if name.is_absolute() && leads_there { Ok((directory, name)) } else { Err(Errno::ENOENT.into()) }
}

/// For a directory that is only passed through.
pub(super) fn directory_flags() -> OFlag {
    OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC
}

/// The name that leads to a descriptor, proc(5) /proc/pid/fd.
pub(super) fn name_of(descriptor: BorrowedFd<'_>) -> Result<PathBuf, Errno> {
    let link = format!("/proc/self/fd/{}", descriptor.as_raw_fd());
    readlink(link.as_str()).map(PathBuf::from)
}

/// What stands under `name` in an open directory, no link followed.
pub(super) fn look_at(directory: &OwnedFd, name: &[u8]) -> Result<FileStat, Errno> {
    fstatat(directory, OsStr::from_bytes(name), AtFlags::AT_SYMLINK_NOFOLLOW)
}

/// Whether the object is procfs's own. A descriptor that cannot be asked counts as such.
pub(super) fn on_procfs(descriptor: &OwnedFd) -> bool {
    !fstatfs(descriptor).is_ok_and(|system| system.filesystem_type() != PROC_SUPER_MAGIC)
}

/// Whether two looks met one object.
pub(super) fn same(one: &FileStat, other: &FileStat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
}

pub(super) fn kind(stat: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT
}

pub(super) fn open_by_rules(
    from: BorrowedFd<'_>,
    path: &[u8],
    flags: OFlag,
    resolve: ResolveFlag,
) -> Result<OwnedFd, Errno> {
    let how = OpenHow::new().flags(flags | OFlag::O_CLOEXEC).resolve(resolve);
    let path = OsStr::from_bytes(path);
    let mut last = Errno::EAGAIN;
    for _ in 0..TRIES {
        match openat2(from, path, how) {
            Err(Errno::EAGAIN) => last = Errno::EAGAIN,
            other => return other,
        }
    }
    Err(last)
}
