//! Asks getent(1) for what the files do not hold. The program is statically linked and cannot load the host's
//! name service modules itself; getent is the one that can, in a process that may fail without harm.

use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::sys::waiting;

/// More than any group's members take; a directory with 50,000 of them is near.
const LONGEST_ANSWER: usize = 1 << 20;

/// Status of getent for a key that no source holds.
const NOT_FOUND: i32 = 2;

/// Why getent's answer cannot be used.
#[derive(Debug)]
pub enum GetentFault {
    /// It is not a file that only its trusted owner can write.
    Untrusted,
    /// It could not be started or read.
    Start(io::Error),
    /// No answer in time.
    TooSlow(Duration),
    /// More than a mebibyte.
    TooLong,
    /// It failed.
    Status(ExitStatus),
    /// None or several lines.
    NotOneLine,
    /// A line about something else.
    OtherKey,
}

impl fmt::Display for GetentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untrusted => f.write_str("it is not a file that only root can write"),
            Self::Start(error) => write!(f, "{error}"),
            Self::TooSlow(limit) => write!(f, "no answer in {} s", limit.as_secs_f32()),
            Self::TooLong => write!(f, "its answer is longer than {LONGEST_ANSWER} bytes"),
            Self::Status(status) => write!(f, "it failed ({status})"),
            Self::NotOneLine => f.write_str("its answer is not one line"),
            Self::OtherKey => f.write_str("it answered about something else"),
        }
    }
}

/// The one line getent prints for `key`, without its line feed; None if no source holds the key.
/// `owner` is whom besides root the program may belong to.
pub(super) fn ask(
    program: &Path,
    owner: u32,
    limit: Duration,
    question: [&str; 2],
) -> Result<Option<Vec<u8>>, GetentFault> {
    check(program, owner)?;
    let deadline = Instant::now() + limit;
    let mut child = start(program, question).map_err(GetentFault::Start)?;
    let outcome = answer(&mut child, deadline, limit);
    end(&mut child);
    one_line(outcome?)
}

fn check(program: &Path, owner: u32) -> Result<(), GetentFault> {
    let file = fs::metadata(program).map_err(GetentFault::Start)?;
    let trusted = file.is_file() && (file.uid() == 0 || file.uid() == owner) && file.mode() & 0o022 == 0;
    if trusted { Ok(()) } else { Err(GetentFault::Untrusted) }
}

/// In a process group of its own, so that whatever it starts ends with it.
fn start(program: &Path, question: [&str; 2]) -> io::Result<Child> {
    Command::new(program)
        .args(question)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}

fn answer(child: &mut Child, deadline: Instant, limit: Duration) -> Result<Option<Vec<u8>>, GetentFault> {
    let text = match child.stdout.take() {
        Some(pipe) => read_until(pipe, deadline, limit)?,
        None => Vec::new(),
    };
    let status = wait_until(child, deadline, limit)?;
    match status.code() {
        Some(0) => Ok(Some(text)),
        Some(NOT_FOUND) => Ok(None),
        Some(_) | None => Err(GetentFault::Status(status)),
    }
}

fn read_until(mut pipe: ChildStdout, deadline: Instant, limit: Duration) -> Result<Vec<u8>, GetentFault> {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    loop {
        wait_readable(&pipe, deadline, limit)?;
        match pipe.read(&mut piece) {
            Ok(0) => return Ok(text),
            Ok(length) => text.extend(piece.iter().take(length)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(GetentFault::Start(error)),
        }
        if text.len() > LONGEST_ANSWER {
            return Err(GetentFault::TooLong);
        }
    }
}

fn wait_readable(pipe: &ChildStdout, deadline: Instant, limit: Duration) -> Result<(), GetentFault> {
    loop {
        if deadline <= Instant::now() {
            return Err(GetentFault::TooSlow(limit));
        }
        match poll(&mut [PollFd::new(pipe.as_fd(), PollFlags::POLLIN)], waiting::until(Some(deadline))) {
            Ok(0) | Err(nix::errno::Errno::EINTR) => {}
            Ok(_) => return Ok(()),
            Err(errno) => return Err(GetentFault::Start(errno.into())),
        }
    }
}

/// It has closed its output, so this is a matter of microseconds, unless it is not getent at all.
fn wait_until(child: &mut Child, deadline: Instant, limit: Duration) -> Result<ExitStatus, GetentFault> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() >= deadline => return Err(GetentFault::TooSlow(limit)),
            Ok(None) => std::thread::sleep(Duration::from_micros(200)),
            Err(error) => return Err(GetentFault::Start(error)),
        }
    }
}

/// A child that was not reaped yet still holds its number, so the group is its own.
fn end(child: &mut Child) {
    if let (Ok(None), Ok(group)) = (child.try_wait(), i32::try_from(child.id())) {
        // Neither can fail for a child of ours, and nobody could do anything about it.
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        let _ = child.wait();
    }
}

fn one_line(text: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, GetentFault> {
    let Some(mut text) = text else { return Ok(None) };
    let whole = text.pop() == Some(b'\n') && !text.is_empty() && !text.contains(&b'\n');
    if whole { Ok(Some(text)) } else { Err(GetentFault::NotOneLine) }
}
