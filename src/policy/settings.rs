//! The host's own settings, from `gatesh.toml`: what holds for every group.

use std::path::PathBuf;
use std::time::Duration;

/// Host-wide settings, from `gatesh.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `session.groups`: whether several groups add up or exactly one is chosen.
    pub groups: GroupMode,
    /// `session.root`: whether uid 0 may use gatesh.
    pub root: bool,
    /// `session.idle_timeout`; default 15 minutes.
    pub idle_timeout: Duration,
    /// `session.max_duration`; default 8 hours.
    pub max_duration: Duration,
    /// `session.max_denials`; default 50.
    pub max_denials: u32,
    /// `session.max_sessions` per user; default 10.
    pub max_sessions: u32,
    /// `session.history`.
    pub history: History,
    /// `session.explain`: how much a denial says.
    pub explain: Explain,
    /// `programs.path`, absolute directories; default /usr/bin, /bin, /usr/sbin, /sbin.
    pub program_path: Vec<PathBuf>,
    /// `confinement.landlock`.
    pub landlock: Need,
    /// `[audit]`.
    pub audit: AuditSettings,
    /// `labels`, as `NAME=VALUE`.
    pub labels: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            groups: GroupMode::Union,
            root: false,
            idle_timeout: Duration::from_mins(15),
            max_duration: Duration::from_hours(8),
            max_denials: 50,
            max_sessions: 10,
            history: History::Session,
            explain: Explain::Full,
            program_path: ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map(PathBuf::from).to_vec(),
            landlock: Need::Required,
            audit: AuditSettings::default(),
            labels: Vec::new(),
        }
    }
}

/// `session.groups`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupMode {
    /// The allows of all groups add up.
    Union,
    /// Exactly one group's allows count.
    One,
}

/// `session.history`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// Kept in memory while the session lasts.
    Session,
    /// None at all.
    Off,
    /// Kept across sessions, in the person's own file beneath /var/lib/gatesh/history.
    Kept,
}

/// `session.explain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explain {
    /// A denial names the nearest rule and the word.
    Full,
    /// A denial says only that it is one.
    Brief,
}

/// `confinement.landlock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Without it nothing runs.
    Required,
    /// Weaker enforcement is taken and recorded.
    Preferred,
}

/// `[audit]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSettings {
    /// Where records go.
    pub sink: Sink,
    /// What happens when a record cannot be written.
    pub on_failure: OnFailure,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self { sink: Sink::Syslog, on_failure: OnFailure::Deny }
    }
}

/// `audit.sink`, with `audit.file` where it is a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sink {
    /// `/dev/log`, facility authpriv.
    Syslog,
    /// journald's native socket.
    Journald,
    /// An append-only file of root's.
    File(PathBuf),
    /// The demo's: standard error.
    StandardError,
}

/// `audit.on_failure`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// No record, no run.
    Deny,
    /// The command runs; the next record that gets through says how many were lost.
    Run,
}
