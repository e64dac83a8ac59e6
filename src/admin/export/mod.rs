//! The AWS and sudo side of a group, from its rules: Session document, IAM policy, sudoers lines, and templates
//! of all of it. Pure functions of facts; whoever has a policy states the facts.

mod data;
mod delivery;
mod iam_policy;
mod names;
mod session_document;
mod stack;
mod sudoers;
mod values;

pub use data::Data;
pub use delivery::{Delivery, INSTALL};
pub use iam_policy::Access;
pub use names::{ExportFault, document_name, group_name};
pub use session_document::{SAFE_PATTERN, Session, SessionKind, SingleCommand};
pub use stack::Stack;
pub use sudoers::{MOST_EXPRESSION, SudoVersion, is_plain, sudoers};

use std::time::Duration;

/// What the exports know of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupFacts {
    /// The Unix group, which names the file.
    pub name: String,
    /// The file's `description`.
    pub description: String,
    /// The lines its rules take, for the parameter `command`: tighter than what cannot leave the quotes.
    pub pattern: Option<String>,
    /// What its elevated rules let sudo run.
    pub elevated: Vec<Elevated>,
    /// What its denies take out of that.
    pub denied: Vec<Denied>,
    /// What the sudoers file does not say, for whoever installs it.
    pub notes: Vec<String>,
}

/// Arguments with which sudo must not run a program, whatever else allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// `sudo -u NAME`; root when absent.
    pub user: Option<String>,
    /// Absolute path of the program.
    pub program: String,
    /// The arguments, joined by single blanks. Anchors are added.
    pub expression: String,
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
    /// The rule's `sha256`, in hexadecimal.
    pub sha256: Option<String>,
}

/// Arguments of an elevated command, as sudo can be told them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// None at all.
    None,
    /// Exactly these words.
    Words(Vec<String>),
    /// Those the regular expression describes, joined by single blanks, as sudoers reads it. Anchors are added.
    Expression(String),
}
