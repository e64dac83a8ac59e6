//! The facts about a session that do not depend on who runs it: its number, its beginning, its terminal, its
//! host, and where it came from.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use nix::unistd::{getpid, getppid};

use super::origin::Origin;
use crate::sys::{hostname, random, read_bounded, terminal};

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
    if !terminal(std::os::fd::AsFd::as_fd(&io::stdin())) {
        return None;
    }
    let name = fs::read_link("/proc/self/fd/0").ok()?;
    name.to_str().filter(|name| name.starts_with("/dev/")).map(str::to_owned)
}

/// How many processes of `uid` are called gatesh, this one included where it is. A person can start something
/// else of that name and raise the count, but lower it only by ending sessions. Where /proc hides other
/// processes (`hidepid`) it is 1.
pub fn count_sessions(uid: u32) -> io::Result<usize> {
    count_in(Path::new("/proc"), uid)
}

fn count_in(proc: &Path, uid: u32) -> io::Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(proc)? {
        let entry = entry?;
        let is_process = entry.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit);
        // A process that ended meanwhile has no metadata any more, and no session.
        if is_process && entry.metadata().is_ok_and(|owner| owner.uid() == uid) && is_gatesh(&entry.path()) {
            count += 1;
        }
    }
    Ok(count)
}

/// The kernel keeps at most 15 bytes of a program's name, and a line feed.
fn is_gatesh(process: &Path) -> bool {
    read_bounded(&process.join("comm"), 64).is_ok_and(|name| name.trim_ascii_end() == b"gatesh")
}

#[cfg(test)]
mod tests;
