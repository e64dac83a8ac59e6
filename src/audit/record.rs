//! The record: one flat JSON object whose field names are a promise (`docs/audit.md` describes each). Fields
//! may be added under the same version; none is renamed, retyped or given another meaning.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::clock::rfc3339;
use super::event::{Attempt, AuditEvent, Reason, RuleName, Who};
use super::text;
use crate::policy::Enforcement;

/// Version of the record, its field `v`.
pub const VERSION: u32 = 1;

/// One record, or one part of it. Fields that do not apply are absent from the JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "docs/audit.md has a sentence on each field, and a test compares the two")]
pub struct Record {
    pub v: u32,
    pub event: String,
    pub id: String,
    pub seq: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<u32>,
    pub time: String,
    pub session: String,
    pub pid: u32,
    pub uid: u32,
    pub user: String,
    pub host: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tty: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssm_session_hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforcement: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stages: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_status: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timed_out: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_sha256: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub escaped: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cut: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continues: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synopsis: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_tail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub argv: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub degradations: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

impl Record {
    /// The record of `event`, whole. `lost` counts the records before it that could not be written.
    pub(super) fn new(who: &Who, event: &AuditEvent<'_>, seq: u64, lost: u64, time: SystemTime) -> Self {
        let mut record = Self {
            v: VERSION,
            id: format!("{}-{seq}", who.session),
            seq,
            time: rfc3339(time),
            session: who.session.clone(),
            pid: who.pid,
            uid: who.uid,
            user: who.user.clone(),
            host: who.host.clone(),
            tty: who.tty.clone(),
            origin_hint: who.origin.as_deref().map(hint),
            ssm_session_hint: who.ssm_session.as_deref().map(hint),
            policy: who.policy.clone(),
            lost: (lost > 0).then_some(lost),
            ..Self::default()
        };
        record.tell(event);
        if !matches!(event, AuditEvent::CommandEnd { .. } | AuditEvent::SessionEnd { .. }) {
            record.groups.clone_from(&who.groups);
        }
        record
    }

    fn tell(&mut self, event: &AuditEvent<'_>) {
        match event {
            AuditEvent::SessionStart { cwd } => {
                self.named("session-start");
                self.cwd = Some(self.path("cwd", cwd));
            }
            AuditEvent::SessionRefused { reason, text } => {
                self.named("session-refused").decided("deny").because(*reason, Some(text));
            }
            AuditEvent::SessionEnd { status, cause } => {
                self.named("session-end").because(*cause, None);
                self.exit_status = Some(*status);
            }
            AuditEvent::CommandStart(attempt) => {
                self.named("command-start").decided("allow").attempt(attempt);
            }
            AuditEvent::CommandEnd { .. } => self.end(event),
            AuditEvent::Denied { reason, text, .. } => {
                self.named("denied").decided("deny").because(*reason, Some(text));
                self.denial(event);
            }
            AuditEvent::PolicyReload { .. } => {
                self.named("policy-reload");
            }
            AuditEvent::Fault { reason, text } => self.named("fault").because(*reason, Some(text)),
            AuditEvent::NotStarted { start, attempt, reason, text } => {
                self.named("not-started").decided("allow").because(*reason, Some(text));
                self.start_seq = *start;
                self.attempt(attempt);
            }
        }
    }

    fn named(&mut self, event: &str) -> &mut Self {
        event.clone_into(&mut self.event);
        self
    }

    fn decided(&mut self, decision: &str) -> &mut Self {
        self.decision = Some(decision.to_owned());
        self
    }

    fn because(&mut self, reason: Reason, text: Option<&str>) {
        self.reason_code = Some(reason.code().to_owned());
        self.reason_text = text.map(str::to_owned);
    }

    fn attempt(&mut self, attempt: &Attempt<'_>) {
        self.line = Some(self.bytes("line", attempt.line));
        (self.stage, self.stages) = (Some(attempt.stage), Some(attempt.stages));
        self.rule(attempt.rule);
        self.argv = self.list("argv", &attempt.argv);
        self.program = attempt.program.map(|program| self.path("program", program));
        self.cwd = Some(self.path("cwd", attempt.cwd));
        self.enforcement = attempt.enforcement.map(|enforcement| name(enforcement).to_owned());
        self.degradations = attempt.degradations.to_vec();
        self.skipped = attempt.skipped.to_vec();
        self.stated_reason = attempt.stated_reason.map(str::to_owned);
    }

    fn rule(&mut self, rule: RuleName<'_>) {
        self.group = Some(rule.group.to_owned());
        self.rule = Some(rule.name.to_owned());
        self.synopsis = rule.synopsis.map(str::to_owned);
    }

    fn denial(&mut self, event: &AuditEvent<'_>) {
        let AuditEvent::Denied { line, stage, rule, cwd, .. } = event else { return };
        self.line = Some(self.bytes("line", line));
        (self.stage, self.stages) = stage.unzip();
        if let Some(rule) = rule {
            self.rule(*rule);
        }
        self.cwd = Some(self.path("cwd", cwd));
    }

    fn end(&mut self, event: &AuditEvent<'_>) {
        let AuditEvent::CommandEnd { start, status, signal, left, timed_out, duration } = event else {
            return;
        };
        self.named("command-end");
        if *left {
            self.because(Reason::LeftRunning, None);
        }
        self.start_seq = Some(*start);
        (self.exit_status, self.signal) = (*status, *signal);
        self.timed_out = timed_out.then_some(true);
        self.duration_ms = Some(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
    }

    fn path(&mut self, field: &str, path: &Path) -> String {
        self.bytes(field, path.as_os_str().as_bytes())
    }

    fn bytes(&mut self, field: &str, bytes: &[u8]) -> String {
        self.list(field, &[bytes]).pop().unwrap_or_default()
    }

    /// `items` as text: all of them escaped, and the field named in `escaped`, as soon as one needs it.
    fn list(&mut self, field: &str, items: &[&[u8]]) -> Vec<String> {
        if items.iter().any(|item| text::needs_escape(item)) {
            self.escaped.push(field.to_owned());
            return items.iter().map(|item| text::escape(item)).collect();
        }
        items.iter().map(|item| String::from_utf8_lossy(item).into_owned()).collect()
    }

    /// The record as one line of printable ASCII.
    pub fn to_json(&self) -> String {
        // The fields are strings, numbers and lists of strings: nothing that serde_json can refuse.
        text::to_json(self).unwrap_or_default()
    }

    /// Reads a record, or a part of one, as [`to_json`](Self::to_json) wrote it. Fields of later versions
    /// are passed over.
    pub fn parse(json: &str) -> Result<Self, ParseFault> {
        let record: Self =
            serde_json::from_str(json).map_err(|error| ParseFault::NotJson(error.to_string()))?;
        if record.v == VERSION { Ok(record) } else { Err(ParseFault::Version(record.v)) }
    }

    /// Whether it tells of the session as such, and not of a line or a command.
    pub fn is_about_session(&self) -> bool {
        let events = ["session-start", "session-refused", "session-end", "policy-reload", "fault"];
        events.contains(&self.event.as_str())
    }

    /// Severity as syslog and journald count it.
    pub(super) fn severity(&self) -> Severity {
        match self.event.as_str() {
            "fault" | "not-started" => Severity::Error,
            "denied" | "session-refused" => Severity::Warning,
            _ => Severity::Informational,
        }
    }
}

/// syslog's severities, as far as records use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    Error,
    Warning,
    Informational,
}

/// Why a text is no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseFault {
    /// What the JSON reader says of it.
    NotJson(String),
    /// A version other than [`VERSION`]; 0 where the object has none.
    Version(u32),
}

impl std::fmt::Display for ParseFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotJson(why) => write!(f, "not an audit record: {why}"),
            Self::Version(0) => write!(f, "not an audit record: it has no version"),
            Self::Version(v) => {
                write!(f, "an audit record of version {v}: this gateshctl reads version {VERSION}")
            }
        }
    }
}

impl std::error::Error for ParseFault {}

/// What other processes said of themselves is kept short: it is a hint, and stands in every record.
fn hint(text: &str) -> String {
    text.chars().take(128).collect()
}

fn name(enforcement: Enforcement) -> &'static str {
    match enforcement {
        Enforcement::Full => "full",
        Enforcement::Listed => "listed",
        Enforcement::ExecOnce => "exec-once only",
        Enforcement::Elevated => "elevated",
        Enforcement::None => "none",
    }
}
