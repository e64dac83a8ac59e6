//! gateshctl: one verb, one file, on the same library that decides for the gate. It never runs what it judges.
//!
//! Exit status: 0 holds or allowed, 1 does not hold or denied, 2 bad usage or unreadable input.

mod audit;
mod aws;
mod builtins;
mod cases;
mod check;
mod completions;
mod doctor;
mod explain;
mod lint;
mod list;
mod new;
mod people;
mod schema;

pub mod documents;
pub mod export;
pub mod language;

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::policy::file::PolicySource;

/// What a verb found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It holds, it is allowed.
    Holds,
    /// It does not.
    Fails,
}

/// Why a verb could not answer: a sentence for the admin.
struct Unanswered(String);

type Answer = Result<Verdict, Unanswered>;

impl From<String> for Unanswered {
    fn from(text: String) -> Self {
        Self(text)
    }
}

#[derive(Parser)]
#[command(name = "gateshctl", version, about = "Check, explain and test what gatesh lets people run")]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    verb: Verb,
}

/// Options of every verb.
#[derive(Args)]
struct Common {
    /// Read the rules from DIR instead of /etc/gatesh
    #[arg(long, global = true, value_name = "DIR")]
    config: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Verb {
    /// Find every fault in the policy, each at its place
    Check(check::Check),
    /// Say whether a line would run, by which rule, and how; or where each rule stopped it
    Explain(explain::Explain),
    /// Run the [cases] of the group files
    Test(cases::Test),
    /// Show what a person, or the members of a group, may run
    List(list::List),
    /// Say what on this host weakens the gate, and how to mend it
    Doctor(doctor::Doctor),
    /// Read the audit log: show, filter, count, convert
    Audit(audit::Audit),
    /// Say whether a Session document holds, with values that get through where it does not
    AuditDocument(aws::AuditDocument),
    /// Propose a group file from another gate
    Import(aws::Import),
    /// Write what AWS and sudo must be told for a group, or for all
    Export(Box<aws::Export>),
    /// Print a group file to start from
    New(new::New),
    /// Print the JSON Schema of a policy file, for editors
    Schema(schema::Schema),
    /// Print the completion script of a shell
    Completions(completions::Completions),
}

/// What the binary does.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => {
            let status = if usage.use_stderr() { 2 } else { 0 };
            let _ = usage.print();
            return ExitCode::from(status);
        }
    };
    let answer = match &cli.verb {
        Verb::Check(check) => check.run(&cli.common),
        Verb::Explain(explain) => explain.run(&cli.common),
        Verb::Test(test) => test.run(&cli.common),
        Verb::List(list) => list.run(&cli.common),
        Verb::Doctor(doctor) => doctor.run(&cli.common),
        Verb::Audit(audit) => audit.run(&cli.common),
        Verb::AuditDocument(audit) => audit.run(&cli.common),
        Verb::Import(import) => import.run(&cli.common),
        Verb::Export(export) => export.run(&cli.common),
        Verb::New(new) => new.run(&cli.common),
        Verb::Schema(schema) => Ok(schema.run()),
        Verb::Completions(completions) => Ok(completions.run()),
    };
    ExitCode::from(match answer {
        Ok(Verdict::Holds) => 0,
        Ok(Verdict::Fails) => 1,
        Err(Unanswered(text)) => {
            let _ = writeln!(std::io::stderr(), "gateshctl: {text}");
            2
        }
    })
}

impl Common {
    /// The directory named after the verb, or by `--config`, or the host's own.
    fn source(&self, directory: Option<&PathBuf>) -> Result<PolicySource, Unanswered> {
        match (directory, &self.config) {
            (Some(_), Some(_)) => {
                Err(Unanswered("DIR and --config name two directories: give one".to_owned()))
            }
            (Some(directory), None) | (None, Some(directory)) => {
                if !directory.is_dir() {
                    return Err(Unanswered(format!("{} is no directory", directory.display())));
                }
                Ok(PolicySource::staging(directory.clone(), nix::unistd::getuid().as_raw()))
            }
            (None, None) => Ok(PolicySource::installed()),
        }
    }
}

/// Lines of an answer. A reader that went away needs none.
fn print(lines: impl IntoIterator<Item = impl AsRef<str>>) {
    let mut out = stdout().lock();
    for line in lines {
        let _ = writeln!(out, "{}", line.as_ref());
    }
}

fn print_json(value: &serde_json::Value) {
    print([serde_json::to_string_pretty(value).unwrap_or_default()]);
}
