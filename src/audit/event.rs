//! What can happen in a session that is worth a record: plain data, borrowed from whoever knows it.

use std::path::Path;
use std::time::Duration;

use crate::policy::Enforcement;
use crate::policy::denial::Ground;

/// The facts of a session that stand in every record. A policy reload alone changes `policy` and `groups`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// gatesh's own process id.
    pub pid: u32,
    /// Real user id.
    pub uid: u32,
    /// Login name for that uid.
    pub user: String,
    /// Names of the person's Unix groups.
    pub groups: Vec<String>,
    /// gatesh's own id of the session, unique on the host.
    pub session: String,
    /// How the session seems to have come in; a hint, since it is read from other processes.
    pub origin: Option<String>,
    /// The Session Manager session id; a hint likewise.
    pub ssm_session: Option<String>,
    /// Terminal, where there is one.
    pub tty: Option<String>,
    /// Host name.
    pub host: String,
    /// [`crate::policy::Policy::digest`]; `None` while no policy could be loaded.
    pub policy: Option<String>,
}

/// One thing that happened, or is about to.
#[derive(Clone, Debug)]
pub enum AuditEvent<'a> {
    /// Before the first line is read.
    SessionStart {
        /// Working directory.
        cwd: &'a Path,
    },
    /// The only record of a session that is not to be.
    SessionRefused {
        /// Stable code.
        reason: Reason,
        /// What the person was told.
        text: &'a str,
    },
    /// The last record of a session.
    SessionEnd {
        /// gatesh's own exit status.
        status: i32,
        /// What ended it.
        cause: Reason,
    },
    /// Before a command runs. Without this record it does not.
    CommandStart(Attempt<'a>),
    /// A command ended.
    CommandEnd {
        /// What [`record`](super::AuditLog::record) answered to its start.
        start: u64,
        /// Exit status, unless a signal ended it.
        status: Option<i32>,
        /// The signal that ended it.
        signal: Option<i32>,
        /// Whether it did not end: gatesh left it to root.
        left: bool,
        /// Whether gatesh ended it for its time limit.
        timed_out: bool,
        /// Wall time.
        duration: Duration,
    },
    /// A line, or one command of it, was refused; nothing of the line runs, or nothing more.
    Denied {
        /// The line as typed, whatever bytes it has.
        line: &'a [u8],
        /// Which command of the line, from 1, and of how many; `None` when the line was not understood.
        stage: Option<(u32, u32)>,
        /// The nearest rule.
        rule: Option<RuleName<'a>>,
        /// Working directory.
        cwd: &'a Path,
        /// Stable code.
        reason: Reason,
        /// What the person was told.
        text: &'a str,
    },
    /// The policy's files changed and were read again.
    PolicyReload {
        /// The new [`crate::policy::Policy::digest`].
        digest: &'a str,
        /// The person's groups as they are now.
        groups: &'a [String],
    },
    /// Something that ought to work does not. One event per fault.
    Fault {
        /// Stable code.
        reason: Reason,
        /// The fault, with file and line where it has them.
        text: &'a str,
    },
    /// Allowed, but it could not be started.
    NotStarted {
        /// What its start record was answered, if it came that far.
        start: Option<u64>,
        /// What was to run.
        attempt: Attempt<'a>,
        /// Stable code.
        reason: Reason,
        /// What the person was told.
        text: &'a str,
    },
}

/// A command that a rule allows.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// The whole line as typed.
    pub line: &'a [u8],
    /// Which command of the line, from 1.
    pub stage: u32,
    /// How many commands the line has.
    pub stages: u32,
    /// The rule that allows it.
    pub rule: RuleName<'a>,
    /// argv as executed, argv[0] first.
    pub argv: Vec<&'a [u8]>,
    /// The program's file after every symlink, where it was found.
    pub program: Option<&'a Path>,
    /// Working directory of the program.
    pub cwd: &'a Path,
    /// What holds it; `None` when it did not come that far.
    pub enforcement: Option<Enforcement>,
    /// What the kernel could not hold, in words.
    pub degradations: &'a [String],
    /// Names a glob found that cannot be words and were left out, escaped for display.
    pub skipped: &'a [String],
    /// What the person answered to the rule's `reason`.
    pub stated_reason: Option<&'a str>,
}

/// Which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleName<'a> {
    /// Its group.
    pub group: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The synopsis, as written; `None` where a `[[deny]]` spoke, which has none.
    pub synopsis: Option<&'a str>,
}

/// Why: the stable half of an explanation. A code is never renamed; new ones may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "docs/audit.md has a sentence on each code, and a test compares the two")]
pub enum Reason {
    NotUnderstood,
    NoRule,
    NoMatch,
    AmbiguousName,
    DenyRule,
    OperatorNotAllowed,
    DirectoryNotAllowed,
    GlobFailed,
    OutsideWhen,
    NotConfirmed,
    NoReason,
    TooLong,
    PolicyUnreadable,
    StagingRefused,
    GroupChoice,
    RootRefused,
    NoRules,
    TooManySessions,
    NoProgram,
    ProgramUntrusted,
    ProgramChanged,
    Confinement,
    LaunchFailed,
    LeftRunning,
    PolicyFault,
    IdentityFault,
    Exit,
    EndOfInput,
    HangUp,
    Terminated,
    Idle,
    MaxDuration,
    MaxDenials,
}

impl From<Ground> for Reason {
    fn from(ground: Ground) -> Self {
        match ground {
            Ground::NoRule => Self::NoRule,
            Ground::NoMatch => Self::NoMatch,
            Ground::AmbiguousName => Self::AmbiguousName,
            Ground::DenyRule => Self::DenyRule,
            Ground::OperatorNotAllowed => Self::OperatorNotAllowed,
            Ground::DirectoryNotAllowed => Self::DirectoryNotAllowed,
            Ground::GlobFailed => Self::GlobFailed,
            Ground::OutsideWhen => Self::OutsideWhen,
        }
    }
}

impl Reason {
    /// Every reason with its code as it stands in a record.
    pub const CODES: &[(Self, &str)] = &[
        (Self::NotUnderstood, "not-understood"),
        (Self::NoRule, "no-rule"),
        (Self::NoMatch, "no-match"),
        (Self::AmbiguousName, "ambiguous-name"),
        (Self::DenyRule, "deny-rule"),
        (Self::OperatorNotAllowed, "operator-not-allowed"),
        (Self::DirectoryNotAllowed, "directory-not-allowed"),
        (Self::GlobFailed, "glob-failed"),
        (Self::OutsideWhen, "outside-when"),
        (Self::NotConfirmed, "not-confirmed"),
        (Self::NoReason, "no-reason"),
        (Self::TooLong, "too-long"),
        (Self::PolicyUnreadable, "policy-unreadable"),
        (Self::StagingRefused, "staging-refused"),
        (Self::GroupChoice, "group-choice"),
        (Self::RootRefused, "root-refused"),
        (Self::NoRules, "no-rules"),
        (Self::TooManySessions, "too-many-sessions"),
        (Self::NoProgram, "no-program"),
        (Self::ProgramUntrusted, "program-untrusted"),
        (Self::ProgramChanged, "program-changed"),
        (Self::Confinement, "confinement"),
        (Self::LaunchFailed, "launch-failed"),
        (Self::LeftRunning, "left-running"),
        (Self::PolicyFault, "policy-fault"),
        (Self::IdentityFault, "identity-fault"),
        (Self::Exit, "exit"),
        (Self::EndOfInput, "end-of-input"),
        (Self::HangUp, "hang-up"),
        (Self::Terminated, "terminated"),
        (Self::Idle, "idle"),
        (Self::MaxDuration, "max-duration"),
        (Self::MaxDenials, "max-denials"),
    ];

    /// The code as it stands in a record.
    pub fn code(self) -> &'static str {
        Self::CODES.iter().find(|(reason, _)| *reason == self).map_or("unknown", |(_, code)| code)
    }
}
