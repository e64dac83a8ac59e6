//! The Session document of a group: the one gate that is sound, `exec gatesh` with nothing of the caller's in
//! the text, or with one command in single quotes that its pattern cannot leave.

use super::names::{ExportFault, GROUP, LOG_GROUP, PREFIX, USER, minutes};
use super::values::{KmsKey, bucket};
use super::{Data, GroupFacts};
use crate::admin::documents::automata::{Language, Tree, read, shortest};
use crate::admin::documents::holes::{Place, Reader};

/// One line that cannot leave single quotes, nor reach Parameter Store, nor begin a new line. RE2 repeats at
/// most 1000 times: with more, the agent refuses every session.
pub const SAFE_PATTERN: &str = "^[A-Za-z0-9 _./:=@%+,-]{1,1000}$";

/// What no pattern may let through: lines, references to Parameter Store, and `$$`, which the agent changes.
const NEVER: &str = r"(?s:.*)[\n{$](?s:.*)";

/// Content of a document, runtime parameters included (API model).
const MOST_BYTES: usize = 64 * 1024;

/// What a document says besides the group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// With or without a terminal.
    pub kind: SessionKind,
    /// Takes one command as a parameter; without it the person types at the prompt.
    pub single_command: Option<SingleCommand>,
    /// `runAsDefaultUser`; a tag `SSMSessionRunAs` of the caller wins over it. Without it the tag is required.
    pub run_as: Option<String>,
    /// Where transcripts go when the session ends.
    pub s3_bucket: Option<String>,
    /// Prefix of their keys.
    pub s3_prefix: Option<String>,
    /// `CloudWatch` log group for the transcript.
    pub log_group: Option<String>,
    /// Key that encrypts the session's data.
    pub kms_key: Option<String>,
    /// Minutes without input after which the service ends the session, 1 to 60.
    pub idle_minutes: u32,
    /// Minutes after which the service ends it anyhow, 1 to 1440.
    pub max_minutes: u32,
}

/// Kinds of session that can hold a gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionKind {
    /// A terminal; the text is read by `sh -c`.
    #[default]
    Interactive,
    /// No terminal, no input, no shell; the exit status reaches the caller.
    NonInteractive,
}

/// The parameter `command`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SingleCommand {
    /// Instead of the group's own or [`SAFE_PATTERN`]; it must not let a single quote through.
    pub pattern: Option<String>,
    /// Prints the exit status last, which Session Manager drops.
    pub status_line: bool,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            kind: SessionKind::Interactive,
            single_command: None,
            run_as: None,
            s3_bucket: None,
            s3_prefix: None,
            log_group: None,
            kms_key: None,
            idle_minutes: 15,
            max_minutes: 60,
        }
    }
}

impl Session {
    /// The document for `group`, to be written as YAML or JSON.
    pub fn document(&self, group: &GroupFacts) -> Result<Data, ExportFault> {
        GROUP.check(&group.name)?;
        let mut document = vec![
            ("schemaVersion", Data::text("1.0")),
            ("description", Data::text(description(group))),
            ("sessionType", Data::text(self.kind.name())),
            ("inputs", self.inputs()?),
        ];
        if let Some(command) = &self.single_command {
            let pattern = command.pattern.as_deref().or(group.pattern.as_deref()).unwrap_or(SAFE_PATTERN);
            check(pattern, self.kind)?;
            document.push(("parameters", Data::map([("command", parameter(pattern))])));
        }
        document.push(("properties", Data::map([("linux", self.linux(group)?)])));
        let document = Data::map(document);
        let length = document.json().len();
        if length > MOST_BYTES {
            return Err(ExportFault::TooLong {
                what: "bytes of document",
                length,
                most: MOST_BYTES,
                cure: "--pattern safe has the general pattern in place of the rules'",
            });
        }
        Ok(document)
    }

    fn inputs(&self) -> Result<Data, ExportFault> {
        let user = self.run_as.as_deref().map(|user| USER.named("--run-as").check(user)).transpose()?;
        let s3_bucket = self.s3_bucket.as_deref().map(|name| bucket("--s3-bucket", name)).transpose()?;
        let prefix = self.s3_prefix.as_deref().map(|prefix| PREFIX.check(prefix)).transpose()?;
        let log_group = self.log_group.as_deref().map(|name| LOG_GROUP.check(name)).transpose()?;
        let key = self.kms_key.as_deref().map(|key| KmsKey::read(key).map(|_| key)).transpose()?;
        let or_empty = |text: Option<&str>| Data::text(text.unwrap_or_default());
        Ok(Data::map([
            ("s3BucketName", or_empty(s3_bucket)),
            ("s3KeyPrefix", or_empty(prefix)),
            ("s3EncryptionEnabled", Data::Flag(true)),
            ("cloudWatchLogGroupName", or_empty(log_group)),
            ("cloudWatchEncryptionEnabled", Data::Flag(true)),
            ("cloudWatchStreamingEnabled", Data::Flag(false)),
            ("kmsKeyId", or_empty(key)),
            ("runAsEnabled", Data::Flag(true)),
            ("runAsDefaultUser", or_empty(user)),
            ("idleSessionTimeout", Data::text(minutes("--idle-minutes", self.idle_minutes, 60)?)),
            ("maxSessionDuration", Data::text(minutes("--max-minutes", self.max_minutes, 1440)?)),
        ]))
    }

    fn linux(&self, group: &GroupFacts) -> Result<Data, ExportFault> {
        let mut properties =
            vec![("commands", Data::text(self.commands(group)?)), ("runAsElevated", Data::Flag(false))];
        if self.kind == SessionKind::NonInteractive {
            properties.push(("separateOutputStream", Data::Flag(true)));
        }
        Ok(Data::map(properties))
    }

    /// Without a shell there is nothing that could read `exec`.
    fn commands(&self, group: &GroupFacts) -> Result<String, ExportFault> {
        let start = match self.kind {
            SessionKind::Interactive => "exec /usr/bin/gatesh",
            SessionKind::NonInteractive => "/usr/bin/gatesh",
        };
        let argument = match (&self.single_command, self.kind) {
            (Some(command), _) => command.argument(),
            (None, SessionKind::Interactive) => String::new(),
            (None, SessionKind::NonInteractive) => {
                return Err(ExportFault::Conflict(
                    "a session without a terminal has no input: --non-interactive needs --single-command"
                        .to_owned(),
                ));
            }
        };
        Ok(format!("{start} --group {}{argument}", group.name))
    }
}

impl SessionKind {
    fn name(self) -> &'static str {
        match self {
            Self::Interactive => "InteractiveCommands",
            Self::NonInteractive => "NonInteractiveCommands",
        }
    }
}

impl SingleCommand {
    fn argument(&self) -> String {
        let status = if self.status_line { " --status-line" } else { "" };
        format!("{status} -c '{{{{command}}}}'")
    }
}

/// A pattern of whoever's must pass the same audit as any document's.
fn check(pattern: &str, kind: SessionKind) -> Result<(), ExportFault> {
    let refused =
        |why: &'static str| ExportFault::Value { what: "pattern", value: pattern.to_owned(), wants: why };
    let tree = read(pattern).map_err(|_| refused("a pattern that RE2 and Java both read"))?;
    if is_as_safe(&tree) {
        return Ok(());
    }
    let reader = match kind {
        SessionKind::Interactive => Reader::Shell,
        SessionKind::NonInteractive => Reader::Words,
    };
    let place = Place { before: "exec gatesh -c '".into(), after: "'".into(), reader, judged: true };
    let open = place.open_holes(&Language::let_through(&tree));
    let beyond = place.beyond(&Language::let_through(&tree), &tree);
    let strange =
        read(NEVER).map(|never| shortest(&[&Language::let_through(&tree), &Language::described(&never)]));
    if open.is_empty() && beyond == Ok(None) && strange == Ok(Ok(None)) {
        return Ok(());
    }
    Err(refused("a pattern held to the whole value that lets no quote, newline, { or $ through"))
}

/// Whether everything it lets through is made of the characters of [`SAFE_PATTERN`]: the audit of that one is the
/// audit of this, and much quicker.
fn is_as_safe(tree: &Tree) -> bool {
    let other = read("(?s:.*)[^A-Za-z0-9 _./:=@%+,-](?s:.*)").map(|other| Language::described(&other));
    let found = other.map(|other| shortest(&[&Language::let_through(tree), &other]));
    found == Ok(Ok(None))
}

fn parameter(pattern: &str) -> Data {
    Data::map([
        ("type", Data::text("String")),
        ("description", Data::text("One command line. gatesh judges it on the host.")),
        ("allowedPattern", Data::text(pattern)),
    ])
}

fn description(group: &GroupFacts) -> String {
    let text: String = group.description.chars().filter(|c| !c.is_control()).take(200).collect();
    // CloudFormation and Systems Manager put something else for `{{...}}`; the second pass is for three in a row.
    let text = text.replace("{{", "{ {").replace("{{", "{ {");
    if text.is_empty() {
        format!("gatesh, group {}", group.name)
    } else {
        format!("gatesh, group {}: {text}", group.name)
    }
}
