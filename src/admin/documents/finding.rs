//! What an audit of a document found, for people and for machines.

use std::fmt::Write;

use serde_json::{Value, json};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Weakens the gate or surprises; the document still holds.
    Warning,
    /// The document does not hold, or does not work.
    Error,
}

/// One thing that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable name, for tools and for the manual.
    pub id: String,
    /// Its weight.
    pub severity: Severity,
    /// JSON pointer to the place.
    pub pointer: String,
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// A value that shows it.
    pub witness: Option<String>,
    /// What to do.
    pub cure: String,
}

impl Severity {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Whether a document with these findings holds.
pub fn holds(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.severity < Severity::Error)
}

/// For people: `file` stands before each line number.
pub fn text(file: &str, findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let Finding { id, severity, line, what, cure, .. } = finding;
        let _ = writeln!(out, "{file}:{line}: {what}   [{} {id}]", severity.name());
        if let Some(witness) = &finding.witness {
            let _ = writeln!(out, "   passes  {}", shown(witness));
        }
        let _ = writeln!(out, "   {cure}");
    }
    let verdict = if holds(findings) { "holds" } else { "does not hold" };
    let _ = writeln!(out, "{file}: {verdict}");
    out
}

/// For machines: one object, findings in the same order.
pub fn json(file: &str, findings: &[Finding]) -> Value {
    let all = findings.iter().map(|finding| {
        json!({
            "id": finding.id,
            "severity": finding.severity.name(),
            "pointer": finding.pointer,
            "line": finding.line,
            "what": finding.what,
            "witness": finding.witness,
            "cure": finding.cure,
        })
    });
    json!({ "file": file, "holds": holds(findings), "findings": all.collect::<Vec<_>>() })
}

/// A value on one line: newlines and control characters as escapes, so that none reaches the terminal.
pub fn shown(value: &str) -> String {
    value
        .chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] })
        .collect()
}
