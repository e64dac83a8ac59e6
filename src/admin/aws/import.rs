//! `gateshctl import`: a proposal for a group file from a gate that stood before this one.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::super::documents::import;
use super::super::{Answer, Common, Unanswered, Verdict, print, print_json};
use super::document;

#[derive(Args)]
pub(in crate::admin) struct Import {
    #[command(subcommand)]
    source: Source,
}

#[derive(Subcommand)]
enum Source {
    /// Propose a group file from the pattern of a Session document
    SessionDocument(SessionDocument),
}

#[derive(Args)]
struct SessionDocument {
    /// The document, YAML or JSON
    file: PathBuf,
    /// Where the files are that were meant: a glob like /var/log/**/*.log; may be given again
    #[arg(long = "files", value_name = "GLOB")]
    files: Vec<String>,
    /// And the directories
    #[arg(long = "directories", value_name = "GLOB")]
    directories: Vec<String>,
}

impl Import {
    pub(in crate::admin) fn run(&self, common: &Common) -> Answer {
        let Source::SessionDocument(SessionDocument { file, files, directories }) = &self.source;
        let document = document(file)?;
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
        let import = import::Import { source: name, files: files.clone(), directories: directories.clone() };
        let text = import
            .group_file(&document)
            .map_err(|fault| Unanswered(format!("{}: {fault}", file.display())))?;
        if common.json {
            print_json(&json!({ "group_file": text }));
        } else {
            print(text.lines());
        }
        Ok(Verdict::Holds)
    }
}
