//! `gateshctl export`: what AWS and sudo must be told, for one group or for all of them, from their rules.

mod access;
mod session;
mod stack;
mod sudoers;

use std::io::{Write, stderr};

use clap::{Args, Subcommand};

use super::super::export::{ExportFault, GroupFacts};
use super::super::{Answer, Common, Unanswered, Verdict, print};
use super::facts::{facts, rules};

#[derive(Args)]
pub(in crate::admin) struct Export {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The Session document that starts gatesh for the group
    SessionDocument(session::SessionDocument),
    /// The IAM policy that lets people into that document and nothing else
    IamPolicy(access::IamPolicy),
    /// What the group's rules need sudo to allow
    Sudoers(sudoers::Sudoers),
    /// A `CloudFormation` template: documents and policies of all groups, and the delivery of their rules
    Cloudformation(stack::Cloudformation),
    /// The same as Terraform configuration
    Terraform(stack::Terraform),
}

/// Whose rules.
#[derive(Args)]
struct Of {
    /// The group
    #[arg(long, value_name = "GROUP")]
    group: String,
}

impl Export {
    pub(in crate::admin) fn run(&self, common: &Common) -> Answer {
        match &self.what {
            What::SessionDocument(wanted) => wanted.run(common),
            What::IamPolicy(wanted) => wanted.run(common),
            What::Sudoers(wanted) => wanted.run(common),
            What::Cloudformation(wanted) => wanted.run(common),
            What::Terraform(wanted) => wanted.run(common),
        }
    }
}

impl Of {
    fn facts(&self, common: &Common) -> Result<GroupFacts, Unanswered> {
        facts(&rules(common, &self.group)?, &self.group)
    }
}

fn written(text: &str) -> Verdict {
    print(text.lines());
    Verdict::Holds
}

/// What the admin should know, apart from what is printed.
fn note(text: &str) {
    let _ = writeln!(stderr(), "gateshctl: {text}");
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn said(fault: ExportFault) -> Unanswered {
    Unanswered(fault.to_string())
}
