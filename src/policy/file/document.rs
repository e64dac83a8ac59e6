//! One policy file's text, and where in it an offset stands.

use std::path::{Path, PathBuf};

use crate::excerpt::Span;
use crate::policy::Place;
use crate::policy::fault::Fault;

/// A file that was read.
#[derive(Debug)]
pub struct Document {
    path: PathBuf,
    text: String,
    /// Where each line begins.
    starts: Vec<usize>,
}

impl Document {
    /// A text under the name it was read from.
    pub fn new(path: PathBuf, text: String) -> Self {
        let mut starts = vec![0];
        for (at, byte) in text.bytes().enumerate() {
            if byte == b'\n' {
                starts.push(at + 1);
            }
        }
        Self { path, text, starts }
    }

    /// Its name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span; empty when it is none of this text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The line, from 1, an offset stands in.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The place an offset stands at.
    pub fn place(&self, offset: usize) -> Place {
        Place { file: self.path.clone(), line: self.line(offset) }
    }

    /// An error at a span, still without label and cure.
    pub fn fault(&self, id: &'static str, span: Span, message: impl Into<String>) -> Fault {
        let line = self.line(span.start);
        let start = line.checked_sub(1).and_then(|index| self.starts.get(index)).copied().unwrap_or(0);
        let rest = self.text.get(start..).unwrap_or_default();
        let line_text = rest.split('\n').next().unwrap_or_default().trim_end_matches('\r');
        let before = self.text.get(start..span.start).unwrap_or_default();
        Fault {
            spans: vec![span],
            position: Some((line, before.chars().count() + 1)),
            line_text: line_text.to_owned(),
            ..Fault::of_file(id, self.path.clone(), message.into())
        }
    }
}
