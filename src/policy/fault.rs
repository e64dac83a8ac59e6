//! A fault or a lint in a policy file: where it stands, what is wrong, and the way out, in the reader's words.

mod ids;

pub use ids::{FAULTS, LINTS, Lint};

use std::fmt::{self, Display, Formatter};
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

    /// The columns (from 0) and widths of the carets: the spans that stand in the first one's line.
    fn carets(&self) -> Vec<(usize, usize)> {
        let Some((first, (_, column))) = self.spans.first().zip(self.position) else { return Vec::new() };
        let start = first.start.saturating_sub(bytes_before(&self.line_text, column - 1));
        let place = |span: &Span| {
            let before = self.line_text.get(..span.start.checked_sub(start)?)?;
            let rest = self.line_text.get(before.len()..)?;
            let inside = rest.get(..span.end.saturating_sub(span.start)).unwrap_or(rest);
            Some((before.chars().count(), inside.chars().count().max(1)))
        };
        let mut carets: Vec<_> = self.spans.iter().filter_map(place).collect();
        carets.sort_unstable();
        carets
    }

    fn excerpt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Some((line, _)) = self.position else { return Ok(()) };
        let text: String = self.line_text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        writeln!(out, "{line:>5} | {}", text.trim_end())?;
        let mut marks = String::new();
        let mut first = 0;
        for (column, width) in self.carets() {
            if marks.is_empty() {
                first = column;
            }
            let gap = column.saturating_sub(marks.len());
            marks.extend(std::iter::repeat_n(' ', gap));
            marks.extend(std::iter::repeat_n('^', (column + width).saturating_sub(marks.len())));
        }
        let mut labels = self.labels.iter();
        let beside = labels.next().map(|label| format!(" {}", shown(label))).unwrap_or_default();
        writeln!(out, "      | {marks}{beside}")?;
        let indent = if self.spans.len() > 1 { first } else { marks.len() + 1 };
        labels.try_for_each(|label| writeln!(out, "      | {:indent$}{}", "", shown(label)))
    }
}

/// As `check` shows it: heading, excerpt with carets, cure; ends with a newline.
impl Display for Fault {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", shown(&self.heading()))?;
        self.excerpt(out)?;
        self.cure.iter().try_for_each(|line| writeln!(out, "   {}", shown(line)))
    }
}

fn bytes_before(text: &str, characters: usize) -> usize {
    text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at)
}

/// What a file holds must not drive the terminal it is shown on.
fn shown(text: &str) -> String {
    let visible = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    text.chars().map(visible).collect()
}
