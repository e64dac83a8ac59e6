//! `export session-document`, and what its options say of the documents of a whole stack.

use clap::{Args, ValueEnum};

use super::super::super::export::{GroupFacts, Session, SessionKind, SingleCommand};
use super::super::super::language::line::pattern;
use super::super::super::{Answer, Common, Unanswered};
use super::super::facts::{facts, rules};
use super::{Of, note, said, written};
use crate::policy::Policy;

#[derive(Args)]
pub(super) struct SessionDocument {
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    session: SessionFlags,
    /// How the document is written
    #[arg(long, value_name = "FORMAT", default_value = "yaml")]
    format: Format,
}

#[derive(Args)]
pub(super) struct SessionFlags {
    /// Run as this user where the caller has no tag `SSMSessionRunAs`
    #[arg(long, value_name = "USER")]
    run_as: Option<String>,
    /// Keep transcripts in this bucket
    #[arg(long, value_name = "BUCKET")]
    s3_bucket: Option<String>,
    /// Prefix of the transcripts' keys
    #[arg(long, value_name = "PREFIX")]
    s3_prefix: Option<String>,
    /// Send transcripts to this log group of `CloudWatch`
    #[arg(long, value_name = "NAME")]
    log_group: Option<String>,
    /// Encrypt the session with this key
    #[arg(long, value_name = "KEY")]
    pub(super) kms_key: Option<String>,
    /// Minutes without input until the session ends, 1 to 60
    #[arg(long, value_name = "MINUTES", default_value_t = 15)]
    idle_minutes: u32,
    /// Minutes until the session ends anyhow, 1 to 1440
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    max_minutes: u32,
    #[command(flatten)]
    form: Form,
}

/// What a session of the document is like.
#[derive(Args)]
struct Form {
    /// Take one command as the parameter `command` instead of showing a prompt. In a template every group then has a
    /// second document for that, beside the one with a prompt
    #[arg(long)]
    single_command: bool,
    /// What of it passes AWS: lines of the group's rules, or whatever cannot leave its quotes
    #[arg(long, value_name = "PATTERN", default_value = "rules", requires = "single_command")]
    pattern: Passes,
    /// Print the exit status last, which Session Manager drops
    #[arg(long, requires = "single_command")]
    status_line: bool,
    /// Without a terminal
    #[arg(long, requires = "single_command")]
    non_interactive: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Passes {
    Rules,
    Safe,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Yaml,
    Json,
}

impl SessionDocument {
    pub(super) fn run(&self, common: &Common) -> Answer {
        let policy = rules(common, &self.of.group)?;
        let facts = self.session.facts(&policy, &self.of.group)?;
        let document = self.session.session().document(&facts).map_err(said)?;
        let json = common.json || self.format == Format::Json;
        Ok(written(&if json { document.json() } else { document.yaml() }))
    }
}

impl SessionFlags {
    /// The group's facts, with the pattern that its rules give if one is wanted and its document can have it.
    pub(super) fn facts(&self, policy: &Policy, group: &str) -> Result<GroupFacts, Unanswered> {
        let plain = facts(policy, group)?;
        if !self.form.single_command || self.form.pattern == Passes::Safe {
            return Ok(plain);
        }
        let tight = GroupFacts { pattern: Some(pattern(policy)), ..plain.clone() };
        let session = self.session();
        let Err(fault) = session.document(&tight) else { return Ok(tight) };
        if session.document(&plain).is_ok() {
            note(&format!("{group}: no pattern from the rules ({fault}); the general one stands instead"));
        }
        Ok(plain)
    }

    pub(super) fn session(&self) -> Session {
        let command = SingleCommand { pattern: None, status_line: self.form.status_line };
        Session {
            kind: match self.form.non_interactive {
                true => SessionKind::NonInteractive,
                false => SessionKind::Interactive,
            },
            single_command: self.form.single_command.then_some(command),
            run_as: self.run_as.clone(),
            s3_bucket: self.s3_bucket.clone(),
            s3_prefix: self.s3_prefix.clone(),
            log_group: self.log_group.clone(),
            kms_key: self.kms_key.clone(),
            idle_minutes: self.idle_minutes,
            max_minutes: self.max_minutes,
        }
    }
}
