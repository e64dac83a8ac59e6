//! The host that is looked at: this one, or the files of another beneath a directory (an image, a chroot). A
//! name beneath a directory never leads out of it, whatever links the image holds.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use nix::dir::Dir;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, open, openat2};
use nix::sys::stat::Mode;

use crate::launch::program::Program;

/// No configuration file comes near this; more is not read.
const LARGEST_FILE: u64 = 16 << 20;
/// How long a program may take that is asked something.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long its errors are waited for once it has ended: what it started may hold them open.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// Where to look.
#[derive(Debug)]
pub(super) struct Host {
    root: PathBuf,
    /// Whether this is the running host, which can be asked more than its files.
    pub(super) is_live: bool,
    pub(super) is_root: bool,
}

impl Host {
    pub(super) fn new(root: Option<&Path>) -> Self {
        Self {
            root: root.unwrap_or(Path::new("/")).to_owned(),
            is_live: root.is_none(),
            is_root: nix::unistd::geteuid().is_root(),
        }
    }

    /// Where `path` of the host stands on this one, links not looked at.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    /// Whether files of that user can be trusted: root's, and in a tree beside the host also one's own.
    pub(super) fn trusts(&self, uid: u32) -> bool {
        uid == 0 || (!self.is_live && uid == caller())
    }

    /// The text of a file, what is not UTF-8 replaced.
    pub(super) fn read(&self, path: &str) -> io::Result<String> {
        let file = self.open(path, OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY)?;
        let mut bytes = Vec::new();
        file.take(LARGEST_FILE).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// What stat(2) says of it, links followed.
    pub(super) fn stat(&self, path: &str) -> io::Result<Metadata> {
        self.open(path, OFlag::O_PATH)?.metadata()
    }

    pub(super) fn exists(&self, path: &str) -> bool {
        self.stat(path).is_ok()
    }

    /// The names in a directory, in byte order; none where there is no such directory.
    pub(super) fn names(&self, path: &str) -> io::Result<Vec<String>> {
        let directory = match self.open(path, OFlag::O_RDONLY | OFlag::O_DIRECTORY) {
            Ok(directory) => directory,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in Dir::from_fd(directory.into())?.iter() {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if !matches!(name.as_str(), "." | "..") {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn open(&self, path: &str, flags: OFlag) -> io::Result<File> {
        let flags = flags | OFlag::O_CLOEXEC;
        if self.is_live {
            return Ok(File::from(open(path, flags, Mode::empty())?));
        }
        let root = open(&self.root, OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty())?;
        let how = OpenHow::new().flags(flags).resolve(ResolveFlag::RESOLVE_IN_ROOT);
        Ok(File::from(openat2(&root, path, how)?))
    }
}

/// Who runs the doctor.
pub(super) fn caller() -> u32 {
    nix::unistd::geteuid().as_raw()
}

/// What a program printed.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) out: String,
    /// Its errors, as far as they came with the rest.
    pub(super) err: String,
}

/// What a program of this host prints, or why it was not asked.
pub(super) fn ask(program: &str, arguments: &[&str]) -> Result<String, String> {
    ask_all(program, arguments).map(|said| said.out)
}

/// The same with its errors. Only programs that root alone can have placed are run: the doctor may be root.
pub(super) fn ask_all(program: &str, arguments: &[&str]) -> Result<Said, String> {
    let trusted = Program::open(Path::new(program), None).map_err(|error| error.to_string())?;
    let mut child = Command::new(&trusted.path)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    let (out, err) = (child.stdout.take().map(read_beside), child.stderr.take().map(read_beside));
    let text = out.and_then(|answer| answer.recv_timeout(PATIENCE).ok());
    if text.is_none() {
        let _ = child.kill();
    }
    let _ = child.wait();
    let err = err.and_then(|answer| answer.recv_timeout(AFTERWARDS).ok()).unwrap_or_default();
    text.map(|out| Said { out, err })
        .ok_or_else(|| format!("{program} gave no answer in {} seconds", PATIENCE.as_secs()))
}

/// Reads in a thread of its own, so that waiting can end.
fn read_beside(stream: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stream.take(LARGEST_FILE).read_to_end(&mut bytes);
        if read.is_ok() {
            let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
        }
    });
    receiver
}

/// `0664 uid 0`.
pub(super) fn shown(about: &Metadata) -> String {
    format!("mode {:04o}, uid {}, gid {}", about.mode() & 0o7777, about.uid(), about.gid())
}

/// A short reason, without the number.
pub(super) fn because(error: &io::Error) -> String {
    let words = |number| nix::errno::Errno::from_raw(number).desc().to_lowercase();
    error.raw_os_error().map_or_else(|| error.to_string(), words)
}
