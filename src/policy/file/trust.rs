//! Opens policy files only where nobody but the right owner could have put them. Every directory is opened
//! from the one above it, and owner and mode are read from the open descriptor, so what was checked is what
//! is read.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat, readlinkat};
use nix::sys::stat::Mode;

use super::stamp::Stamp;
use crate::policy::fault::Fault;

/// The largest policy file that is read, bytes.
pub const LARGEST_FILE: u64 = 4 * 1024 * 1024;
/// As many symbolic links as one path may lead through; the kernel takes 40.
const MOST_LINKS: usize = 16;

/// Whose files are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Root's alone: neither a file nor a directory above it may be writable by group or others.
    Installed,
    /// Root's or the invoking user's (`--config`): the group may write, and a directory above may be writable
    /// by everyone if it is sticky.
    Staging {
        /// The invoking user.
        uid: u32,
    },
}

impl Trust {
    fn owns(self, uid: u32) -> bool {
        match self {
            Self::Installed => uid == 0,
            Self::Staging { uid: user } => uid == 0 || uid == user,
        }
    }

    /// Mode bits that give too much away.
    const fn forbidden(self) -> u32 {
        match self {
            Self::Installed => 0o022,
            Self::Staging { .. } => 0o002,
        }
    }

    const fn owner(self) -> &'static str {
        match self {
            Self::Installed => "root",
            Self::Staging { .. } => "root or you",
        }
    }
}

/// A directory that was opened and checked, with every directory above it.
#[derive(Debug)]
pub(super) struct Directory {
    descriptor: File,
    path: PathBuf,
    trust: Trust,
}

impl Directory {
    /// Walks from `/`; `Ok(None)` when the directory, or one above it, is not there.
    pub(super) fn open(path: &Path, trust: Trust, stamp: &mut Stamp) -> Result<Option<Self>, Box<Fault>> {
        let (here, data) = open_root()?;
        let root = PathBuf::from("/");
        let mut walk = Walk { trust, stamp, here, path: root.clone(), todo: parts(path), links: 0 };
        refuse_directory(&root, &data, trust, walk.todo.is_empty())?;
        let found = walk.run()?;
        Ok(found.then_some(Self { descriptor: walk.here, path: path.to_owned(), trust }))
    }

    /// A directory in this one.
    pub(super) fn inner(&self, name: &str, stamp: &mut Stamp) -> Result<Option<Self>, Box<Fault>> {
        let path = self.path.join(name);
        let here = self.descriptor.try_clone().map_err(|error| unreadable(path.clone(), &error))?;
        let todo = vec![OsString::from(name)];
        let mut walk = Walk { trust: self.trust, stamp, here, path: self.path.clone(), todo, links: 0 };
        let found = walk.run()?;
        Ok(found.then_some(Self { descriptor: walk.here, path, trust: self.trust }))
    }

    /// Names in it that end in `.toml`, in byte order; names that are not UTF-8 come as close as they can.
    pub(super) fn names(&self) -> Result<Vec<String>, Box<Fault>> {
        let failed = |error: std::io::Error| unreadable(self.path.clone(), &error);
        let mut names = Vec::new();
        for entry in self.path.read_dir().map_err(failed)? {
            let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            names.extend(name.strip_suffix(".toml").map(str::to_owned));
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Reads a file of this directory; `Ok(None)` when it is not there.
    pub(super) fn read(&self, name: &str, stamp: &mut Stamp) -> Result<Option<String>, Box<Fault>> {
        let path = self.path.join(name);
        // A pipe in the file's place must not make anyone wait.
        let flags =
            OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        match openat(&self.descriptor, name, flags, Mode::empty()) {
            Ok(descriptor) => self.read_open(File::from(descriptor), path, stamp).map(Some),
            Err(Errno::ENOENT) => {
                stamp.absent(path);
                Ok(None)
            }
            Err(errno) => {
                stamp.unknown(path.clone());
                Err(cannot_open(path, errno))
            }
        }
    }

    fn read_open(&self, mut file: File, path: PathBuf, stamp: &mut Stamp) -> Result<String, Box<Fault>> {
        let data = metadata(&file, &path)?;
        stamp.file(path.clone(), &data);
        if !data.is_file() {
            return Err(refusal("not-a-file", path, "is not a regular file", ""));
        }
        refuse_owner(&path, &data, self.trust)?;
        refuse_mode(&path, &data, self.trust.forbidden())?;
        if data.len() > LARGEST_FILE {
            return Err(too_large(path));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(data.len()).unwrap_or(0).saturating_add(1));
        // One byte more, to notice a file that grew after fstat.
        let read = file.by_ref().take(LARGEST_FILE + 1).read_to_end(&mut bytes);
        read.map_err(|error| unreadable(path.clone(), &error))?;
        if u64::try_from(bytes.len()).map_or(true, |length| length > LARGEST_FILE) {
            return Err(too_large(path));
        }
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let line = error.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
            let cure = "save it as UTF-8, without other encodings in comments or strings";
            refusal("not-utf-8", path, &format!("is not UTF-8 in line {line}"), cure)
        })
    }
}

/// One walk down to a directory, each step from the descriptor of the one before.
struct Walk<'w> {
    trust: Trust,
    stamp: &'w mut Stamp,
    here: File,
    path: PathBuf,
    /// Components still to go, last first.
    todo: Vec<OsString>,
    links: usize,
}

impl Walk<'_> {
    /// False when something on the way is not there.
    fn run(&mut self) -> Result<bool, Box<Fault>> {
        while let Some(name) = self.todo.pop() {
            if !self.step(&name)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn step(&mut self, name: &OsStr) -> Result<bool, Box<Fault>> {
        let next = self.path.join(name);
        let found = match openat(&self.here, name, way_flags(), Mode::empty()) {
            Ok(found) => File::from(found),
            Err(Errno::ENOENT) => {
                self.stamp.absent(next);
                return Ok(false);
            }
            Err(errno) => return Err(cannot_open(next, errno)),
        };
        let data = metadata(&found, &next)?;
        if data.is_symlink() {
            self.follow(&found, &next, &data)?;
        } else {
            self.enter(found, next, &data)?;
        }
        Ok(true)
    }

    fn enter(&mut self, found: File, path: PathBuf, data: &Metadata) -> Result<(), Box<Fault>> {
        refuse_directory(&path, data, self.trust, self.todo.is_empty())?;
        self.stamp.way(path.clone(), data);
        (self.here, self.path) = (found, path);
        Ok(())
    }

    fn follow(&mut self, link: &File, path: &Path, data: &Metadata) -> Result<(), Box<Fault>> {
        refuse_owner(path, data, self.trust)?;
        self.links += 1;
        if self.links > MOST_LINKS {
            return Err(cannot_open(path.to_owned(), Errno::ELOOP));
        }
        let target = readlinkat(link, "").map_err(|errno| cannot_open(path.to_owned(), errno))?;
        let target = Path::new(&target);
        self.todo.extend(parts(target));
        if target.is_absolute() {
            let (root, data) = open_root()?;
            self.enter(root, PathBuf::from("/"), &data)?;
        }
        Ok(())
    }
}

fn open_root() -> Result<(File, Metadata), Box<Fault>> {
    let path = Path::new("/");
    let root = open(path, way_flags(), Mode::empty()).map_err(|errno| cannot_open(path.to_owned(), errno))?;
    let root = File::from(root);
    let data = metadata(&root, path)?;
    Ok((root, data))
}

fn way_flags() -> OFlag {
    OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC
}

/// The components of a path, last first.
fn parts(path: &Path) -> Vec<OsString> {
    let name = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsStr::new("..").to_owned()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    };
    path.components().rev().filter_map(name).collect()
}

fn metadata(file: &File, path: &Path) -> Result<Metadata, Box<Fault>> {
    file.metadata().map_err(|error| unreadable(path.to_owned(), &error))
}

fn refuse_directory(path: &Path, data: &Metadata, trust: Trust, last: bool) -> Result<(), Box<Fault>> {
    if !data.is_dir() {
        return Err(refusal("not-a-directory", path.to_owned(), "is not a directory", ""));
    }
    refuse_owner(path, data, trust)?;
    let sticky = data.mode() & 0o1000 != 0 && !last;
    match trust {
        // Names in a sticky directory can be taken over by nobody but their owner, who is checked next.
        Trust::Staging { .. } if sticky => Ok(()),
        Trust::Staging { .. } | Trust::Installed => refuse_mode(path, data, trust.forbidden()),
    }
}

fn refuse_owner(path: &Path, data: &Metadata, trust: Trust) -> Result<(), Box<Fault>> {
    if trust.owns(data.uid()) {
        return Ok(());
    }
    let message = format!("does not belong to {} ({})", trust.owner(), shown(data));
    let mend = if data.is_symlink() { "chown -h root" } else { "chown root" };
    let cure = format!("whoever owns it can allow anything. Mend it with:  {mend} {}", path.display());
    Err(refusal("owner", path.to_owned(), &message, &cure))
}

fn refuse_mode(path: &Path, data: &Metadata, forbidden: u32) -> Result<(), Box<Fault>> {
    let mode = data.mode() & forbidden;
    let (who, mend) = match (mode & 0o020 != 0, mode & 0o002 != 0) {
        (false, false) => return Ok(()),
        (true, false) => ("its group", "g-w"),
        (false, true) => ("everyone", "o-w"),
        (true, true) => ("everyone", "go-w"),
    };
    let message = format!("is writable by {who} ({})", shown(data));
    let cure =
        format!("whoever can write it can allow anything. Mend it with:  chmod {mend} {}", path.display());
    Err(refusal("mode", path.to_owned(), &message, &cure))
}

/// `0664 root:wheel`, with numbers where the host's own files have no name.
fn shown(data: &Metadata) -> String {
    let user = name_of(data.uid(), "/etc/passwd");
    let group = name_of(data.gid(), "/etc/group");
    format!("{:04o} {user}:{group}", data.mode() & 0o7777)
}

fn name_of(id: u32, file: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let id = id.to_string();
    let line = text.lines().find(|line| line.split(':').nth(2) == Some(&id));
    line.and_then(|line| line.split(':').next()).unwrap_or(&id).to_owned()
}

fn cannot_open(path: PathBuf, errno: Errno) -> Box<Fault> {
    if errno == Errno::ELOOP {
        let cure = "put the file itself there; a directory may be a link if root placed it";
        return refusal("symlink", path, "is a symbolic link", cure);
    }
    unreadable(path, &std::io::Error::from(errno))
}

fn unreadable(path: PathBuf, error: &std::io::Error) -> Box<Fault> {
    let reason = match error.raw_os_error() {
        Some(code) => Errno::from_raw(code).desc().to_lowercase(),
        None => error.to_string(),
    };
    refusal("unreadable", path, &format!("cannot be read: {reason}"), "")
}

fn too_large(path: PathBuf) -> Box<Fault> {
    refusal(
        "too-large",
        path,
        "is larger than 4 MiB",
        "a policy file is a few kilobytes; is this the right file?",
    )
}

fn refusal(id: &'static str, path: PathBuf, message: &str, cure: &str) -> Box<Fault> {
    let fault = Fault::of_file(id, path, message.to_owned());
    Box::new(if cure.is_empty() { fault } else { fault.cure(cure) })
}
