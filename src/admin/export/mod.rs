//! The AWS and sudo side of a group, from its rules: Session document, IAM policy, sudoers lines, and templates
//! of all of it. Pure functions of facts; whoever has a policy states the facts.

mod data;
mod iam_policy;
mod names;
mod session_document;
mod sudoers;

pub use data::Data;
pub use iam_policy::Access;
pub use names::{ExportFault, document_name};
pub use session_document::{SAFE_PATTERN, Session, SessionKind, SingleCommand};
pub use sudoers::{SudoVersion, sudoers};

use std::time::Duration;

/// What the exports know of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupFacts {
    /// The Unix group, which names the file.
    pub name: String,
    /// The file's `description`.
    pub description: String,
    /// Every synopsis as written.
    pub synopses: Vec<String>,
    /// What its elevated rules let sudo run.
    pub elevated: Vec<Elevated>,
}

/// One command that runs under sudo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elevated {
    /// `sudo -u NAME`; root when absent.
    pub user: Option<String>,
    /// Absolute path of the program.
    pub program: String,
    /// What may follow it.
    pub arguments: Arguments,
    /// The rule has `exec`: the program may start others.
    pub starts_programs: bool,
    /// The rule's `timeout`.
    pub timeout: Option<Duration>,
}

/// Arguments of an elevated command, as sudo can be told them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// None at all.
    None,
    /// Exactly these words.
    Words(Vec<String>),
    /// Those the regular expression describes, joined by single blanks. Anchors are added.
    Expression(String),
}
