//! A fault or a lint in a policy file: where it stands, what is wrong, and the way out, in the reader's words.

use std::path::PathBuf;

use crate::excerpt::Span;

/// One fault or lint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable id, kebab-case.
    pub id: &'static str,
    /// How bad.
    pub severity: Severity,
    /// The file.
    pub file: PathBuf,
    /// Where, in bytes of the file's text; empty for a fault of the file itself.
    pub spans: Vec<Span>,
    /// Line and column (in characters) of the first span, from 1; `None` for a fault of the file itself.
    pub position: Option<(usize, usize)>,
    /// The line of text the first span stands in, without its newline.
    pub line_text: String,
    /// One line, no full stop.
    pub message: String,
    /// What stands beside the carets, a line each.
    pub labels: Vec<String>,
    /// The way out, a line each.
    pub cure: Vec<String>,
}

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth a look; nothing is refused.
    Warning,
    /// `check` fails, the gate still works: the rule is dangerous or cannot work.
    Lint,
    /// The policy cannot be used.
    Error,
}
