//! Writes what happens, escaped, before it happens. Failing to write is a failure: what has no record does not
//! run, unless the policy says that it may, and then the next record says how many were lost.
//!
//! [`AuditLog::record`] is the one way in. An [`AuditEvent`] becomes a [`Record`] (`record`), is fitted into
//! messages (`parts`), waits its turn (`pace`) and goes to the chosen sink.

mod clock;
mod console;
mod datagram;
mod event;
mod file;
mod journald;
mod pace;
mod parts;
mod record;
mod sink;
mod syslog;
mod text;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

pub use event::{Attempt, AuditEvent, Reason, RuleName, Who};
pub use file::FileFault;
pub use parts::{LONGEST, MOST_PARTS};
pub use record::{ParseFault, Record, VERSION};
pub use sink::Sockets;
pub use text::unescape;

use crate::policy::{AuditSettings, OnFailure};
use pace::Pace;
use sink::Sink;

/// How long a log daemon that does not read is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// The log of one session.
#[derive(Debug)]
pub struct AuditLog {
    who: Who,
    on_failure: OnFailure,
    sink: Sink,
    pace: Pace,
    opened: Instant,
    seq: u64,
    lost: u64,
}

impl AuditLog {
    /// Opens the log that `settings` name. `staging` (a policy directory other than the host's) takes a log
    /// file of the invoking user, of any mode and without the append-only attribute.
    ///
    /// With `on_failure = "run"` an absent log is no error here; it is tried again for each record.
    pub fn open(settings: &AuditSettings, who: Who, staging: bool) -> Result<Self, AuditError> {
        Self::open_at(settings, who, staging, Sockets::default())
    }

    /// The same with the log daemons' sockets elsewhere.
    pub fn open_at(
        settings: &AuditSettings,
        who: Who,
        staging: bool,
        sockets: Sockets,
    ) -> Result<Self, AuditError> {
        let mut sink = Sink::new(&settings.sink, sockets, staging);
        match (sink.open(), settings.on_failure) {
            (Err(error), OnFailure::Deny) => return Err(error),
            (Ok(()), _) | (Err(_), OnFailure::Run) => {}
        }
        let (pace, opened) = (Pace::default(), Instant::now());
        Ok(Self { who, on_failure: settings.on_failure, sink, pace, opened, seq: 0, lost: 0 })
    }

    /// Writes the record of `event`, all its parts, before it returns; waits when the session writes faster
    /// than 20 a second (50 in a burst), and at most two seconds for a log daemon that does not read.
    ///
    /// Answers the record's number in the session, from 1: an end names its start by it. With
    /// `on_failure = "run"` a record that cannot be written is counted and no error; one that is too long
    /// is an error always, or a long line would run without any.
    pub fn record(&mut self, event: &AuditEvent<'_>) -> Result<u64, AuditError> {
        if let AuditEvent::PolicyReload { digest, groups } = event {
            self.who.policy = Some((*digest).to_owned());
            self.who.groups = groups.to_vec();
        }
        let seq = self.seq.saturating_add(1);
        let record = Record::new(&self.who, event, seq, self.lost, SystemTime::now());
        let parts = record.fit().map_err(|parts::TooLong| AuditError::TooLong)?;
        self.seq = seq;
        match (self.send(&parts), self.on_failure) {
            (Ok(()), _) => self.lost = 0,
            (Err(error), on_failure) => {
                self.lost = self.lost.saturating_add(1);
                if on_failure == OnFailure::Deny {
                    return Err(error);
                }
            }
        }
        Ok(seq)
    }

    /// How many records in a row could not be written, up to now.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    fn send(&mut self, parts: &[Record]) -> Result<(), AuditError> {
        let count = u32::try_from(parts.len()).unwrap_or(MOST_PARTS);
        let wait = self.pace.take(count, self.opened.elapsed());
        if !wait.is_zero() {
            std::thread::sleep(wait);
        }
        let deadline = Instant::now() + self.patience();
        parts.iter().try_for_each(|part| self.sink.send(part, deadline))
    }

    /// A daemon that was stuck the last time is not waited for again where commands run without it: each
    /// would take two seconds more.
    fn patience(&self) -> Duration {
        match self.on_failure {
            OnFailure::Run if self.lost > 0 => Duration::ZERO,
            OnFailure::Run | OnFailure::Deny => PATIENCE,
        }
    }
}

/// Why there is no record.
#[derive(Debug)]
pub enum AuditError {
    /// The log is absent, or refuses.
    Unwritable {
        /// The socket or file.
        log: PathBuf,
        /// What the kernel said.
        cause: io::Error,
    },
    /// Nobody reads at the other end.
    Stalled {
        /// The socket.
        log: PathBuf,
    },
    /// The log file could be read or changed by those it is about.
    Untrusted {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        fault: FileFault,
    },
    /// More than [`MOST_PARTS`] parts of [`LONGEST`] bytes.
    TooLong,
}

impl AuditError {
    fn opening(file: &Path, fault: FileFault) -> Self {
        match fault {
            FileFault::Open(place, cause) => Self::Unwritable { log: place, cause },
            fault => Self::Untrusted { file: file.to_owned(), fault },
        }
    }

    fn sending(log: &Path, cause: io::Error) -> Self {
        let log = log.to_owned();
        if cause.kind() == io::ErrorKind::TimedOut {
            Self::Stalled { log }
        } else {
            Self::Unwritable { log, cause }
        }
    }
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let closing = "nothing runs without a record";
        match self {
            Self::Unwritable { log, cause } => {
                let cause = self::cause(cause);
                write!(f, "the audit log {} cannot be written ({cause}): {closing}", log.display())
            }
            Self::Stalled { log } => {
                let seconds = PATIENCE.as_secs();
                write!(f, "the audit log {} takes nothing for {seconds} seconds: {closing}", log.display())
            }
            Self::Untrusted { file, fault } => {
                write!(f, "the audit log {} is not safe ({fault}): {closing}", file.display())
            }
            Self::TooLong => write!(f, "the command is too long to be recorded: make it shorter"),
        }
    }
}

impl std::error::Error for AuditError {}

/// The kernel's words for an error, as they stand inside a sentence.
fn cause(error: &io::Error) -> String {
    let text = error
        .raw_os_error()
        .map_or_else(|| error.to_string(), |number| nix::errno::Errno::from_raw(number).desc().to_owned());
    let mut characters = text.chars();
    characters.next().map_or(String::new(), |first| first.to_lowercase().chain(characters).collect())
}
