//! A log file that the people it is about can add to and cannot change: root's, append-only, not readable by
//! them, in directories only root can change. Each record is one write, so records of sessions never mix.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat};

use crate::sys;

/// The log file, open while it is what its path names.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    staging: bool,
    open: Option<Opened>,
}

#[derive(Debug)]
struct Opened {
    file: File,
    /// Device and inode.
    inode: (u64, u64),
    /// Whether the last write broke off inside a line.
    torn: bool,
}

/// Why a file is not taken as a log.
#[derive(Debug)]
#[expect(missing_docs, reason = "Display has the sentence for each")]
pub enum FileFault {
    NotAbsolute,
    SymbolicLink,
    NotRegular,
    Links(u64),
    Owner(u32),
    Mode(u32),
    NotAppendOnly,
    NoAttributes,
    NotDirectory(PathBuf),
    DirectoryOwner(PathBuf, u32),
    DirectoryMode(PathBuf, u32),
    Open(PathBuf, io::Error),
}

impl LogFile {
    pub(super) fn new(path: PathBuf, staging: bool) -> Self {
        Self { path, staging, open: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file if that is still to do, or if the path names another one since a rotation; and sees
    /// that it still is what it has to be, since a rotation may have taken the attribute off and broken off.
    pub(super) fn follow(&mut self) -> Result<(), FileFault> {
        let there =
            self.path.symlink_metadata().map_err(|error| FileFault::Open(self.path.clone(), error))?;
        if self.open.as_ref().is_none_or(|opened| opened.inode != (there.dev(), there.ino())) {
            self.open = None;
            self.open = Some(open_log(&self.path, self.staging)?);
        }
        self.open.as_ref().map_or(Ok(()), |opened| self.check(opened))
    }

    fn check(&self, opened: &Opened) -> Result<(), FileFault> {
        let failed = |errno: Errno| FileFault::Open(self.path.clone(), errno.into());
        check_file(&fstat(&opened.file).map_err(failed)?, self.staging)?;
        if self.staging { Ok(()) } else { check_append_only(&opened.file) }
    }

    /// Appends one line with one write. A line that could not be written whole is a failure, and the next
    /// begins on a new line.
    pub(super) fn append(&mut self, json: &str) -> io::Result<()> {
        let opened = self.open.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let line = if opened.torn { format!("\n{json}\n") } else { format!("{json}\n") };
        let written = loop {
            match opened.file.write(line.as_bytes()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                written => break written?,
            }
        };
        opened.torn = written != line.len();
        if opened.torn { Err(io::ErrorKind::WriteZero.into()) } else { Ok(()) }
    }
}

/// Opens what the path names, which is still to be checked.
fn open_log(path: &Path, staging: bool) -> Result<Opened, FileFault> {
    let failed = |errno: Errno| match errno {
        Errno::ELOOP => FileFault::SymbolicLink,
        other => FileFault::Open(path.to_owned(), other.into()),
    };
    let name = path.file_name().ok_or(FileFault::NotAbsolute)?;
    let directory = open_directory(path.parent().ok_or(FileFault::NotAbsolute)?, staging)?;
    // O_NONBLOCK: a named pipe in its place must not hang the session before it is refused.
    let flags = OFlag::O_WRONLY | OFlag::O_APPEND | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let descriptor = openat(&directory, name, flags | OFlag::O_NONBLOCK | OFlag::O_NOCTTY, Mode::empty())
        .map_err(failed)?;
    let stat = fstat(&descriptor).map_err(failed)?;
    Ok(Opened { file: File::from(descriptor), inode: (stat.st_dev, stat.st_ino), torn: false })
}

fn check_file(stat: &FileStat, staging: bool) -> Result<(), FileFault> {
    if SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT != SFlag::S_IFREG {
        return Err(FileFault::NotRegular);
    }
    #[allow(clippy::useless_conversion, reason = "a u32 on aarch64")]
    let links = u64::from(stat.st_nlink);
    if links != 1 {
        return Err(FileFault::Links(links));
    }
    if !is_trusted_owner(stat.st_uid, staging) {
        return Err(FileFault::Owner(stat.st_uid));
    }
    // Whoever can read it reads what others did; 0622 and 0620 are the modes that are of use.
    let mode = stat.st_mode & 0o7777;
    if mode & !0o622 != 0 && !staging { Err(FileFault::Mode(mode)) } else { Ok(()) }
}

fn check_append_only(descriptor: impl AsFd) -> Result<(), FileFault> {
    match sys::is_append_only(descriptor) {
        Ok(true) => Ok(()),
        Ok(false) => Err(FileFault::NotAppendOnly),
        Err(_) => Err(FileFault::NoAttributes),
    }
}

fn is_trusted_owner(uid: u32, staging: bool) -> bool {
    uid == 0 || (staging && uid == nix::unistd::geteuid().as_raw())
}

/// Opens a directory from the root down, none of its components a symbolic link, each checked on its
/// descriptor.
fn open_directory(path: &Path, staging: bool) -> Result<OwnedFd, FileFault> {
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    // With these flags a symbolic link is ENOTDIR, not ELOOP.
    let failed = |place: &Path, errno: Errno| match errno {
        Errno::ENOTDIR => FileFault::NotDirectory(place.to_owned()),
        other => FileFault::Open(place.to_owned(), other.into()),
    };
    let mut place = PathBuf::from("/");
    let mut directory = open(&place, flags, Mode::empty()).map_err(|errno| failed(&place, errno))?;
    for component in path.components() {
        match component {
            Component::RootDir => {}
            Component::Normal(name) => {
                place.push(name);
                directory =
                    openat(&directory, name, flags, Mode::empty()).map_err(|errno| failed(&place, errno))?;
            }
            Component::Prefix(_) | Component::CurDir | Component::ParentDir => {
                return Err(FileFault::NotAbsolute);
            }
        }
        check_directory(&directory, &place, staging)?;
    }
    if path.is_absolute() { Ok(directory) } else { Err(FileFault::NotAbsolute) }
}

fn check_directory(directory: &OwnedFd, place: &Path, staging: bool) -> Result<(), FileFault> {
    let stat = fstat(directory).map_err(|errno| FileFault::Open(place.to_owned(), errno.into()))?;
    let mode = stat.st_mode & 0o7777;
    let sticky = mode & 0o1000 != 0;
    let forbidden = if !staging {
        0o022
    } else if sticky {
        0
    } else {
        0o002
    };
    if !is_trusted_owner(stat.st_uid, staging) {
        return Err(FileFault::DirectoryOwner(place.to_owned(), stat.st_uid));
    }
    if mode & forbidden != 0 { Err(FileFault::DirectoryMode(place.to_owned(), mode)) } else { Ok(()) }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAbsolute => write!(f, "its path must be absolute, without . or .."),
            Self::SymbolicLink => write!(f, "it is a symbolic link: name the file itself"),
            Self::NotRegular => write!(f, "it is not a regular file"),
            Self::Links(links) => write!(f, "it has {links} names: remove the others"),
            Self::Owner(uid) => write!(f, "it belongs to uid {uid}: chown root"),
            Self::Mode(mode) => write!(
                f,
                "it has mode {mode:04o}: chmod 0622, or 0620 with a group that everybody who uses gatesh is in"
            ),
            Self::NotAppendOnly => write!(f, "what was written can be changed: chattr +a"),
            Self::NoAttributes => {
                write!(f, "its file system knows no append-only attribute: move it, or use sink = \"syslog\"")
            }
            Self::NotDirectory(place) => {
                write!(
                    f,
                    "{} is no directory, or a symbolic link to one: name the real path",
                    place.display()
                )
            }
            Self::DirectoryOwner(place, uid) => {
                write!(f, "{} belongs to uid {uid}: chown root", place.display())
            }
            Self::DirectoryMode(place, mode) => {
                write!(f, "others can write to {} (mode {mode:04o}): chmod go-w", place.display())
            }
            Self::Open(place, error) => write!(f, "{}: {}", place.display(), super::cause(error)),
        }
    }
}
