//! How a command line ended, or why it did not begin, and the exit status either has.

use std::fmt;
use std::time::Duration;

use nix::errno::Errno;
use nix::unistd::Pid;

use super::terminal::Farewell;
use super::{LaunchError, Step, StepFailure};

/// How a command line ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Ended {
    /// Of each command, in the order written.
    pub statuses: Vec<Status>,
    /// From its start, stops included.
    pub duration: Duration,
    /// Who ended it, if not it itself.
    pub by: Option<Cause>,
    /// The time its rule gives it.
    pub limit: Option<Duration>,
    /// Processes of root's that were asked to end and left running.
    pub left: Vec<Pid>,
}

/// How one process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// By itself.
    Code(u8),
    /// By a signal, its number.
    Signal(u8),
    /// By a signal that has no name (a real-time one).
    Unnamed,
    /// It did not: it is root's, or hangs in the kernel, and gatesh left.
    Left,
}

/// Why gatesh ended a command line. In the order in which one outdoes another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// `timeout` of the rule.
    Timeout,
    /// The person ended a stopped job.
    Request,
    /// `max_duration` of the session.
    SessionOver,
    /// The terminal hung up.
    HangUp,
    /// gatesh was sent SIGTERM.
    Terminated,
}

/// Why nothing ran, or not all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunError {
    /// There was nothing to run.
    Nothing,
    /// /dev/null or a pipe could not be opened.
    Pipe(Errno),
    /// A command could not be made ready. Nothing was started.
    Launch(LaunchError),
    /// A command could not be started; those before it were ended again.
    Start {
        /// Its argv[0].
        name: String,
        /// What failed.
        failure: StepFailure,
    },
    /// One of these, after commands before it had started.
    Partly {
        /// Which.
        error: Box<Self>,
        /// How those that had started ended, from the first on.
        begun: Ended,
    },
}

impl Status {
    /// As shells count it: 128+n for a signal.
    pub fn code(self) -> u8 {
        match self {
            Self::Code(code) => code,
            Self::Signal(number) => number.saturating_add(128),
            Self::Unnamed | Self::Left => 125,
        }
    }
}

impl Ended {
    /// Exit status of the line: its last command's, or 124 after a timeout.
    pub fn code(&self) -> u8 {
        match self.by {
            Some(Cause::Timeout) => 124,
            _ => self.statuses.last().map_or(125, |status| status.code()),
        }
    }
}

impl RunError {
    /// 127 where the program is gone, 126 where the kernel refuses it, else 125.
    pub fn code(&self) -> u8 {
        if let Self::Partly { error, .. } = self {
            return error.code();
        }
        let Self::Start { failure: StepFailure { step: Step::Exec, errno }, .. } = self else {
            return 125;
        };
        if *errno == Errno::ENOENT { 127 } else { 126 }
    }

    /// How the commands ended that had started before one did not.
    pub fn begun(&self) -> Option<&Ended> {
        match self {
            Self::Partly { begun, .. } => Some(begun),
            Self::Nothing | Self::Pipe(_) | Self::Launch(_) | Self::Start { .. } => None,
        }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => write!(f, "there is no command to run"),
            Self::Pipe(errno) => write!(f, "could not connect the commands: {}", errno.desc()),
            Self::Launch(error) => write!(f, "{error}"),
            Self::Partly { error, .. } => write!(f, "{error}"),
            Self::Start { name, failure } => {
                write!(f, "{name}: could not {}: {}", failure.step.describe(), failure.errno.desc())
            }
        }
    }
}

impl std::error::Error for RunError {}

impl From<Farewell> for Cause {
    fn from(farewell: Farewell) -> Self {
        match farewell {
            Farewell::HangUp => Self::HangUp,
            Farewell::Terminate => Self::Terminated,
        }
    }
}
