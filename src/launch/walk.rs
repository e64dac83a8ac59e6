//! Follows a path the way execve(2) will, one component at a time, and holds every step against one question:
//! could anybody but root have put this here? Directories, symbolic links and the file itself are all asked,
//! because whoever can replace any of them chooses what runs.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat, readlinkat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat};

/// Symbolic links on one path; `path_resolution(7)` allows as many.
const MOST_LINKS: usize = 40;

/// A file that only root could have placed, held open.
#[derive(Debug)]
pub struct CheckedFile {
    /// Its name with every symbolic link followed.
    pub path: PathBuf,
    /// The file itself, `O_PATH`.
    pub descriptor: OwnedFd,
}

/// What stands against a file, or against a step on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// The path does not begin with `/`.
    NotAbsolute,
    /// There is nothing of that name.
    Missing(PathBuf),
    /// The kernel did not let gatesh look.
    Unreadable(PathBuf, Errno),
    /// Somebody but root owns it.
    Owner(Step),
    /// Its group, or everybody, may write it.
    Writable(Step),
    /// A component that is not last is no directory.
    NotADirectory(PathBuf),
    /// The last component is no regular file.
    NotAFile(PathBuf),
    /// Nobody may execute it.
    NotExecutable(Step),
    /// More than 40 symbolic links.
    TooManyLinks,
}

/// One thing on the way, with what is wrong about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where it is.
    pub path: PathBuf,
    /// "directory", "symbolic link" or "file".
    pub kind: &'static str,
    /// Its owner.
    pub uid: u32,
    /// Its permission bits, `0o7777` at most.
    pub mode: u32,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the {} {} (mode {:04o}, owner uid {})",
            self.kind,
            self.path.display(),
            self.mode,
            self.uid
        )
    }
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAbsolute => write!(f, "its path does not begin with /: write it out from the root"),
            Self::Missing(path) => write!(f, "{} does not exist", path.display()),
            Self::Unreadable(path, errno) => write!(f, "{}: {}", path.display(), errno.desc()),
            Self::Owner(step) => {
                write!(f, "{step} is not root's; mend it with: chown -h root {}", step.path.display())
            }
            Self::Writable(step) => {
                write!(
                    f,
                    "{step} is writable by others than root; mend it with: chmod go-w {}",
                    step.path.display()
                )
            }
            Self::NotADirectory(path) => write!(f, "{} is not a directory", path.display()),
            Self::NotAFile(path) => write!(f, "{} is not a regular file", path.display()),
            Self::NotExecutable(step) => {
                write!(f, "{step} is not executable; mend it with: chmod a+x {}", step.path.display())
            }
            Self::TooManyLinks => write!(f, "more than {MOST_LINKS} symbolic links lie on its path"),
        }
    }
}

/// Follows `path` to an executable regular file. Nothing on the way may be writable by others than root: POSIX
/// access control lists are covered too, because the group bits of a file that has one are its mask (acl(5)).
pub(super) fn walk(path: &Path) -> Result<CheckedFile, Distrust> {
    if !path.is_absolute() {
        return Err(Distrust::NotAbsolute);
    }
    let mut walk = Walk::begin()?;
    walk.queue(path);
    while let Some(name) = walk.ahead.pop_front() {
        if let Some(found) = walk.step(&name)? {
            return Ok(found);
        }
    }
    Err(Distrust::NotAFile(walk.here()))
}

/// Where a walk stands: the directories entered so far, and the names still ahead.
struct Walk {
    entered: Vec<(OwnedFd, PathBuf)>,
    ahead: VecDeque<OsString>,
    links: usize,
}

impl Walk {
    fn begin() -> Result<Self, Distrust> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let root = PathBuf::from("/");
        let opened =
            open("/", flags, Mode::empty()).map_err(|errno| Distrust::Unreadable(root.clone(), errno))?;
        check("directory", &root, &status(&opened, &root)?)?;
        Ok(Self { entered: vec![(opened, root)], ahead: VecDeque::new(), links: 0 })
    }

    /// Puts a path in front of what is still ahead, as `path_resolution(7)` does with a link's text.
    fn queue(&mut self, path: &Path) {
        if path.is_absolute() {
            self.entered.truncate(1);
        }
        for component in path.components().rev() {
            match component {
                Component::Normal(name) => self.ahead.push_front(name.to_owned()),
                Component::ParentDir => self.ahead.push_front(OsString::from("..")),
                Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            }
        }
    }

    fn here(&self) -> PathBuf {
        self.entered.last().map_or_else(|| PathBuf::from("/"), |(_, path)| path.clone())
    }

    fn step(&mut self, name: &OsStr) -> Result<Option<CheckedFile>, Distrust> {
        if name == ".." {
            self.leave();
            return Ok(None);
        }
        let path = self.here().join(name);
        let descriptor = self.open(name, &path)?;
        let status = status(&descriptor, &path)?;
        let kind = SFlag::from_bits_truncate(status.st_mode & SFlag::S_IFMT.bits());
        if kind == SFlag::S_IFLNK {
            self.follow(&descriptor, &path, &status).map(|()| None)
        } else if kind == SFlag::S_IFDIR {
            check("directory", &path, &status)?;
            self.entered.push((descriptor, path));
            Ok(None)
        } else {
            self.arrive(descriptor, path, &status, kind).map(Some)
        }
    }

    fn leave(&mut self) {
        if self.entered.len() > 1 {
            self.entered.pop();
        }
    }

    fn open(&self, name: &OsStr, path: &Path) -> Result<OwnedFd, Distrust> {
        let Some((parent, _)) = self.entered.last() else {
            return Err(Distrust::Missing(path.to_owned()));
        };
        let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
        openat(parent, name, flags, Mode::empty()).map_err(|errno| match errno {
            Errno::ENOENT => Distrust::Missing(path.to_owned()),
            other => Distrust::Unreadable(path.to_owned(), other),
        })
    }

    /// The mode of a link means nothing (symlink(7)): its owner and its directory say who could have made it.
    fn follow(&mut self, link: &OwnedFd, path: &Path, status: &FileStat) -> Result<(), Distrust> {
        if status.st_uid != 0 {
            return Err(Distrust::Owner(step("symbolic link", path, status)));
        }
        self.links += 1;
        if self.links > MOST_LINKS {
            return Err(Distrust::TooManyLinks);
        }
        let target = readlinkat(link, "").map_err(|errno| Distrust::Unreadable(path.to_owned(), errno))?;
        self.queue(Path::new(&target));
        Ok(())
    }

    fn arrive(
        &self,
        descriptor: OwnedFd,
        path: PathBuf,
        status: &FileStat,
        kind: SFlag,
    ) -> Result<CheckedFile, Distrust> {
        if !self.ahead.is_empty() {
            return Err(Distrust::NotADirectory(path));
        }
        if kind != SFlag::S_IFREG {
            return Err(Distrust::NotAFile(path));
        }
        check("file", &path, status)?;
        if status.st_mode & 0o111 == 0 {
            return Err(Distrust::NotExecutable(step("file", &path, status)));
        }
        Ok(CheckedFile { path, descriptor })
    }
}

fn status(descriptor: &OwnedFd, path: &Path) -> Result<FileStat, Distrust> {
    fstat(descriptor).map_err(|errno| Distrust::Unreadable(path.to_owned(), errno))
}

fn check(kind: &'static str, path: &Path, status: &FileStat) -> Result<(), Distrust> {
    if status.st_uid != 0 {
        return Err(Distrust::Owner(step(kind, path, status)));
    }
    if status.st_mode & 0o022 != 0 {
        return Err(Distrust::Writable(step(kind, path, status)));
    }
    Ok(())
}

fn step(kind: &'static str, path: &Path, status: &FileStat) -> Step {
    Step { path: path.to_owned(), kind, uid: status.st_uid, mode: status.st_mode & 0o7777 }
}
