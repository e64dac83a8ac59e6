//! `gateshctl audit-document`: whether a Session document holds, and values that get through where it does not.

use std::path::PathBuf;

use clap::Args;

use super::super::documents::audit::audit;
use super::super::documents::finding::{holds, json, text};
use super::super::{Answer, Common, Verdict, print, print_json};
use super::document;

#[derive(Args)]
pub(in crate::admin) struct AuditDocument {
    /// The document, YAML or JSON
    file: PathBuf,
}

impl AuditDocument {
    pub(in crate::admin) fn run(&self, common: &Common) -> Answer {
        let findings = audit(&document(&self.file)?);
        let name = self.file.to_string_lossy();
        if common.json {
            print_json(&json(&name, &findings));
        } else {
            print(text(&name, &findings).lines());
        }
        Ok(if holds(&findings) { Verdict::Holds } else { Verdict::Fails })
    }
}
