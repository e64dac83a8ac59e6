//! The facts about a session that do not depend on who runs it: its number, its beginning, its terminal, its
//! host, and where it came from.

use std::ffi::{CStr, OsStr};
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::signal::kill;
use nix::sys::stat::{Mode, fstatat};
use nix::unistd::{Pid, getpid, getppid, read};

use super::origin::Origin;
use crate::sys::{hostname, random, terminal};

/// One run of gatesh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// 128 random bits in hexadecimal: joins the records of a session.
    pub id: String,
    /// When it began.
    pub started: SystemTime,
    /// The host's name.
    pub host: String,
    /// Process id.
    pub pid: u32,
    /// The terminal on standard input, such as `/dev/pts/3`.
    pub terminal: Option<String>,
    /// What started it; a hint.
    pub origin: Origin,
}

impl Session {
    /// The session this process is, as seen now. Fails only where the kernel gives no random bytes.
    pub fn of_process() -> io::Result<Self> {
        let parent = u32::try_from(getppid().as_raw()).unwrap_or_default();
        Ok(Self {
            id: hexadecimal(random::<16>()?),
            started: SystemTime::now(),
            host: hostname(),
            pid: u32::try_from(getpid().as_raw()).unwrap_or_default(),
            terminal: terminal_name(),
            origin: Origin::above(Path::new("/proc"), parent),
        })
    }
}

fn hexadecimal(bytes: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// By the link, because a Session Manager terminal cannot be opened by its user, and ttyname(3) looks it up.
fn terminal_name() -> Option<String> {
    if !terminal(io::stdin().as_fd()) {
        return None;
    }
    let name = fs::read_link("/proc/self/fd/0").ok()?;
    name.to_str().filter(|name| name.starts_with("/dev/")).map(str::to_owned)
}

/// How often processes are counted before somebody is one too many, and how long after one another.
const COUNTS: usize = 10;
const PAUSE: Duration = Duration::from_millis(30);

/// Whether more than `most` processes of `uid` are called gatesh, this one included where it is. A person can start
/// something else of that name and raise the count, but lower it only by ending sessions. Where /proc hides other
/// processes (`hidepid`) this one alone is counted.
///
/// A command between fork and exec is still called gatesh and is no session. It is so for a moment, a session stays:
/// who is one too many waits 0.3 seconds for the answer, and nobody else does.
pub fn are_too_many(uid: u32, most: usize) -> io::Result<bool> {
    are_too_many_in(Path::new("/proc"), uid, most)
}

fn are_too_many_in(proc: &Path, uid: u32, most: usize) -> io::Result<bool> {
    for count in 0..COUNTS {
        if count > 0 {
            thread::sleep(PAUSE);
        }
        if count_in(proc, uid)? <= most {
            return Ok(false);
        }
    }
    Ok(true)
}

fn count_in(proc: &Path, uid: u32) -> io::Result<usize> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let mut processes = Dir::open(proc, flags, Mode::empty())?;
    let directory = processes.as_fd().try_clone_to_owned()?;
    let mut count = 0;
    for entry in processes.iter() {
        let entry = entry?;
        let name = entry.file_name();
        let Some(process) = number(name.to_bytes()) else { continue };
        // By descriptor: a host has hundreds of processes, and a path for each would cost more than the answer.
        let owner = || fstatat(&directory, name, AtFlags::AT_SYMLINK_NOFOLLOW);
        // A process that ended meanwhile has no owner any more, and no session.
        if may_be_own(process)
            && owner().is_ok_and(|owner| owner.st_uid == uid)
            && is_gatesh(&directory, name)
        {
            count += 1;
        }
    }
    Ok(count)
}

fn number(name: &[u8]) -> Option<Pid> {
    str::from_utf8(name).ok()?.parse().ok().map(Pid::from_raw)
}

/// Whether a signal could reach it: a tenth of what procfs takes to answer whose it is, and no to most. A session's
/// person can signal all their sessions, kill(2); no other error than EPERM says that it is somebody else's.
fn may_be_own(process: Pid) -> bool {
    !matches!(kill(process, None), Err(Errno::EPERM))
}

/// The kernel keeps at most 15 bytes of a program's name, and a line feed.
fn is_gatesh(processes: &OwnedFd, process: &CStr) -> bool {
    let name = Path::new(OsStr::from_bytes(process.to_bytes())).join("comm");
    let comm = openat(processes, &name, OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty());
    let mut text = [0; 16];
    comm.and_then(|comm| read(&comm, &mut text))
        .is_ok_and(|length| text.get(..length).is_some_and(|name| name.trim_ascii_end() == b"gatesh"))
}

#[cfg(test)]
mod tests;
