//! What a check found: how bad it is, what it is about, and the way out.

use serde_json::{Value, json};

/// How bad, mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    /// Looked at, and as it should be.
    Ok,
    /// Worth knowing; nothing needs to be done.
    Note,
    /// Weaker than it could be, or about to go wrong.
    Warning,
    /// The gate can be walked around, or does not work.
    Problem,
}

impl Severity {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// Stable id, kebab-case; docs/doctor.md describes each.
    pub(super) id: &'static str,
    pub(super) severity: Severity,
    /// A file, a user, or a part of the host.
    pub(super) subject: String,
    /// What is so, and what follows from it.
    pub(super) text: String,
    /// What to do about it.
    pub(super) cure: Option<String>,
    /// The same for each of several accounts, with `NAME` for theirs. Absent where `cure` names none.
    for_each: Option<String>,
}

impl Finding {
    fn new(
        severity: Severity,
        id: &'static str,
        subject: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self { id, severity, subject: subject.into(), text: text.into(), cure: None, for_each: None }
    }

    pub(super) fn ok(id: &'static str, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Severity::Ok, id, subject, text)
    }

    pub(super) fn note(id: &'static str, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Severity::Note, id, subject, text)
    }

    pub(super) fn warning(id: &'static str, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Severity::Warning, id, subject, text)
    }

    pub(super) fn problem(id: &'static str, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Severity::Problem, id, subject, text)
    }

    /// For what only root can see, or what `--root` has no host to ask.
    pub(super) fn not_looked_at(subject: impl Into<String>, why: &str) -> Self {
        Self::note("not-looked-at", subject, format!("not looked at: {why}"))
    }

    #[must_use]
    pub(super) fn cure(mut self, cure: impl Into<String>) -> Self {
        self.cure = Some(cure.into());
        self
    }

    /// A cure that names whom the finding is about.
    #[must_use]
    pub(super) fn cure_of(mut self, name: &str, cure: impl Fn(&str) -> String) -> Self {
        self.cure = Some(cure(name));
        self.for_each = Some(cure("NAME"));
        self
    }

    /// What to do for each of several of whom the same is so.
    pub(super) fn cure_for_each(&self) -> Option<&str> {
        self.for_each.as_deref().or(self.cure.as_deref())
    }

    /// Whether both say the same, perhaps of different subjects.
    pub(super) fn says_the_same_as(&self, other: &Self) -> bool {
        (self.id, self.severity) == (other.id, other.severity)
            && self.text == other.text
            && self.cure_for_each() == other.cure_for_each()
    }

    #[must_use]
    pub(super) fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    pub(super) fn as_json(&self) -> Value {
        json!({
            "id": self.id,
            "severity": self.severity.word(),
            "subject": self.subject,
            "text": self.text,
            "cure": self.cure,
        })
    }
}
