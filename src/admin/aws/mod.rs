//! The verbs about what stands around a session: the Session document that starts it, the IAM policy that lets
//! people in, and what sudo is told. Files in, text out; neither AWS nor sudo is asked.

mod audit_document;
mod export;
mod facts;
mod import;
mod sudo;
mod sudo_denies;

pub(super) use audit_document::AuditDocument;
pub(super) use export::Export;
pub(super) use import::Import;
pub(super) use sudo::sudoers_lines;

use std::fs::read_to_string;
use std::path::Path;

use super::Unanswered;
use super::documents::document::Document;

/// The document in `file`.
fn document(file: &Path) -> Result<Document, Unanswered> {
    let text = read_to_string(file).map_err(|error| Unanswered(format!("{}: {error}", file.display())))?;
    Document::read(&text).map_err(|fault| Unanswered(format!("{}: {fault}", file.display())))
}
