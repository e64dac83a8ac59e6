//! A fault or a lint in a policy file: where it stands, what is wrong, and the way out, in the reader's words.

mod ids;

pub use ids::{FAULTS, LINTS, Lint};

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use crate::excerpt::{Span, escape, render_line};

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

impl Fault {
    /// A fault of a whole file.
    pub fn of_file(id: &'static str, file: PathBuf, message: String) -> Self {
        Self {
            id,
            severity: Severity::Error,
            file,
            spans: Vec::new(),
            position: None,
            line_text: String::new(),
            message,
            labels: Vec::new(),
            cure: Vec::new(),
        }
    }

    /// With a line beside the carets.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.labels.push(label.into());
        self
    }

    /// With a line that shows the way out.
    #[must_use]
    pub fn cure(mut self, cure: impl Into<String>) -> Self {
        self.cure.push(cure.into());
        self
    }

    /// With a way out where one is known.
    #[must_use]
    pub fn cures(self, cures: impl IntoIterator<Item = String>) -> Self {
        cures.into_iter().fold(self, Self::cure)
    }

    /// As bad as that instead of an error.
    #[must_use]
    pub const fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// `FILE line N`, or the file alone: what a person can pass on.
    pub fn place(&self) -> String {
        match self.position {
            Some((line, _)) => format!("{} line {line}", self.file.display()),
            None => self.file.display().to_string(),
        }
    }

    fn tag(&self) -> String {
        match self.severity {
            Severity::Error => String::new(),
            Severity::Warning => "[warning]".to_owned(),
            Severity::Lint => format!("[lint {}]", self.id),
        }
    }

    fn heading(&self) -> String {
        let place = match self.position {
            Some((line, column)) => format!("{}:{line}:{column}", self.file.display()),
            None => self.file.display().to_string(),
        };
        let heading = format!("{place}: {}", self.message);
        match self.tag() {
            tag if tag.is_empty() => heading,
            tag => format!("{heading:<69}  {tag}"),
        }
    }

    /// The line of the first span with carets under all that begin in it.
    fn excerpt(&self) -> Option<String> {
        let (line, column) = self.position?;
        let before = self.line_text.char_indices().nth(column.saturating_sub(1));
        let before = before.map_or(self.line_text.len(), |(at, _)| at);
        let start = self.spans.first()?.start.saturating_sub(before);
        let end = self.line_text.len();
        let here = |span: &Span| span.seen_from(start).filter(|span| span.start <= end);
        let spans: Vec<Span> =
            self.spans.iter().filter_map(here).map(|span| Span::new(span.start, span.end.min(end))).collect();
        Some(render_line(line, &self.line_text, &spans, &self.labels))
    }
}

/// As `check` shows it: heading, excerpt with carets, cure; ends with a newline.
impl Display for Fault {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", escape(&self.heading()))?;
        self.excerpt().into_iter().try_for_each(|excerpt| writeln!(out, "{excerpt}"))?;
        self.cure.iter().try_for_each(|line| writeln!(out, "   {}", escape(line)))
    }
}
