//! `gateshctl export`: the Session document, the IAM policy and the sudoers file of a group, from its rules.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::super::export::{
    Access, Data, ExportFault, GroupFacts, Session, SessionKind, SingleCommand, SudoVersion, sudoers,
};
use super::super::{Answer, Common, Unanswered, Verdict, print, print_json};
use super::facts::{elevated, facts, rules};

#[derive(Args)]
pub(in crate::admin) struct Export {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The Session document that starts gatesh for the group
    SessionDocument(SessionDocument),
    /// The IAM policy that lets people into that document and nothing else
    IamPolicy(IamPolicy),
    /// What the group's rules need sudo to allow
    Sudoers(Sudoers),
}

/// Whose rules.
#[derive(Args)]
struct Of {
    /// The group
    #[arg(long, value_name = "GROUP")]
    group: String,
}

#[derive(Args)]
struct SessionDocument {
    #[command(flatten)]
    of: Of,
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
    kms_key: Option<String>,
    /// Minutes without input until the session ends, 1 to 60
    #[arg(long, value_name = "MINUTES", default_value_t = 15)]
    idle_minutes: u32,
    /// Minutes until the session ends anyhow, 1 to 1440
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    max_minutes: u32,
    #[command(flatten)]
    form: Form,
    /// How the document is written
    #[arg(long, value_name = "FORMAT", default_value = "yaml")]
    format: Format,
}

/// What a session of the document is like.
#[derive(Args)]
struct Form {
    /// Take one command as the parameter `command` instead of showing a prompt
    #[arg(long)]
    single_command: bool,
    /// Print the exit status last, which Session Manager drops
    #[arg(long, requires = "single_command")]
    status_line: bool,
    /// Without a terminal
    #[arg(long, requires = "single_command")]
    non_interactive: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Yaml,
    Json,
}

#[derive(Args)]
struct IamPolicy {
    #[command(flatten)]
    of: Of,
    /// The account, 12 digits
    #[arg(long, value_name = "NUMBER")]
    account: String,
    /// aws, aws-cn or aws-us-gov
    #[arg(long, value_name = "NAME", default_value = "aws")]
    partition: String,
    /// Only in this region; may be given several times
    #[arg(long, value_name = "REGION")]
    region: Vec<String>,
    /// Only instances with this tag; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag)]
    tag: Vec<(String, String)>,
    /// The document, instead of Gatesh-GROUP
    #[arg(long, value_name = "NAME")]
    document: Option<String>,
    /// The key that encrypts sessions
    #[arg(long, value_name = "KEY")]
    kms_key: Option<String>,
}

#[derive(Args)]
struct Sudoers {
    #[command(flatten)]
    of: Of,
    /// The oldest sudo that will read the file
    #[arg(long, value_name = "VERSION", default_value = "1.9.10")]
    sudo_version: SudoVersion,
}

impl Export {
    pub(in crate::admin) fn run(&self, common: &Common) -> Answer {
        match &self.what {
            What::SessionDocument(wanted) => wanted.run(common),
            What::IamPolicy(wanted) => wanted.run(common),
            What::Sudoers(wanted) => wanted.run(common),
        }
    }
}

impl Of {
    fn facts(&self, common: &Common) -> Result<GroupFacts, Unanswered> {
        facts(&rules(common, &self.group)?, &self.group)
    }
}

impl SessionDocument {
    fn run(&self, common: &Common) -> Answer {
        let document = self.session().document(&self.of.facts(common)?).map_err(said)?;
        let json = common.json || self.format == Format::Json;
        Ok(written(&if json { document.json() } else { document.yaml() }))
    }

    fn session(&self) -> Session {
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

impl IamPolicy {
    fn run(&self, common: &Common) -> Answer {
        let access = Access {
            account: self.account.clone(),
            partition: self.partition.clone(),
            regions: self.region.clone(),
            tags: self.tag.clone(),
            document: self.document.clone(),
            kms_key: self.kms_key.clone(),
            ..Access::default()
        };
        let policy: Data = access.policy(&self.of.facts(common)?).map_err(said)?;
        Ok(written(&policy.json()))
    }
}

impl Sudoers {
    fn run(&self, common: &Common) -> Answer {
        let policy = rules(common, &self.of.group)?;
        let mut facts = facts(&policy, &self.of.group)?;
        facts.elevated = elevated(&policy)?;
        let text = sudoers(&facts, self.sudo_version).map_err(said)?;
        if common.json {
            print_json(&json!({ "sudoers": text }));
            return Ok(Verdict::Holds);
        }
        Ok(written(&text))
    }
}

fn written(text: &str) -> Verdict {
    print(text.lines());
    Verdict::Holds
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn said(fault: ExportFault) -> Unanswered {
    Unanswered(fault.to_string())
}

/// `KEY=VALUE`; the value may hold further equals signs.
fn tag(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("want KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
