//! Names and values that AWS and the shell accept, held to their limits before anything is written.

use std::fmt;

/// Why nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportFault {
    /// A value that the receiving side does not take.
    Value {
        /// What it is for.
        what: &'static str,
        /// As given.
        value: String,
        /// What would be taken.
        wants: &'static str,
    },
    /// Two things that do not go together, and the way out.
    Conflict(String),
    /// More of something than AWS takes.
    TooLong {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        length: usize,
        /// How much there may be.
        most: usize,
        /// The way out.
        cure: &'static str,
    },
    /// A rule that this version of sudo cannot state.
    Unsayable {
        /// The program of the rule.
        rule: String,
        /// What is missing, and the way out.
        why: String,
    },
}

impl fmt::Display for ExportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { what, value, wants } => {
                write!(f, "{what} {}: want {wants}", crate::excerpt::escape(value))
            }
            Self::Conflict(why) => f.write_str(why),
            Self::TooLong { what, length, most, cure } => {
                write!(f, "{length} {what}, of which AWS takes {most}: {cure}")
            }
            Self::Unsayable { rule, why } => write!(f, "{rule}: {why}"),
        }
    }
}

impl std::error::Error for ExportFault {}

/// What a value must look like.
#[derive(Clone, Copy)]
pub(super) struct Form {
    what: &'static str,
    wants: &'static str,
    least: usize,
    most: usize,
    also: &'static str,
}

/// Unix group, in a text that a shell reads: no character that one could take for its own.
pub(super) const GROUP: Form =
    Form::new("group", "1 to 32 letters, digits, _ . -: rename the Unix group and its file", (1, 32), "_.-");
/// User of a Unix system, as `useradd` and the agent take it.
pub(super) const USER: Form = Form::new("user", "1 to 32 letters, digits, _ . -", (1, 32), "_.-");
/// Prefix of S3 keys.
pub(super) const PREFIX: Form =
    Form::new("--s3-prefix", "up to 500 letters, digits, ! _ . * ' ( ) / -", (0, 500), "!_.*'()/-");
/// `CloudWatch` log group (API model: `[\.\-_/#A-Za-z0-9]+`, 1 to 512).
pub(super) const LOG_GROUP: Form =
    Form::new("--log-group", "1 to 512 letters, digits, . - _ / #", (1, 512), ".-_/#");
/// Name of a Systems Manager document (API model).
const DOCUMENT: Form = Form::new("--document", "3 to 128 letters, digits, _ - .", (3, 128), "_-.");
/// Beginnings that AWS keeps for itself (API reference of `CreateDocument`).
const RESERVED: &[&str] = &["aws", "amazon", "amzn", "awsec2", "awsconfigremediation", "awssupport"];

impl Form {
    pub(super) const fn new(
        what: &'static str,
        wants: &'static str,
        (least, most): (usize, usize),
        also: &'static str,
    ) -> Self {
        Self { what, wants, least, most, also }
    }

    /// The same of what another flag says.
    pub(super) const fn named(self, what: &'static str) -> Self {
        Self { what, ..self }
    }

    pub(super) fn check<'a>(&self, value: &'a str) -> Result<&'a str, ExportFault> {
        let fits = (self.least..=self.most).contains(&value.len()) && !value.starts_with('-');
        if fits && value.chars().all(|c| c.is_ascii_alphanumeric() || self.also.contains(c)) {
            return Ok(value);
        }
        Err(self.refusal(value))
    }

    pub(super) fn refusal(&self, value: &str) -> ExportFault {
        ExportFault::Value { what: self.what, value: value.to_owned(), wants: self.wants }
    }
}

/// A number of minutes as the document states it.
pub(super) fn minutes(what: &'static str, minutes: u32, most: u32) -> Result<String, ExportFault> {
    if (1..=most).contains(&minutes) {
        return Ok(minutes.to_string());
    }
    let wants = if most == 60 { "1 to 60 minutes" } else { "1 to 1440 minutes" };
    Err(ExportFault::Value { what, value: minutes.to_string(), wants })
}

/// Refuses what cannot be a group's name here.
pub fn group_name(name: &str) -> Result<&str, ExportFault> {
    if name.starts_with('.') {
        let wants = "a name without a dot in front: such a group has no file";
        return Err(ExportFault::Value { what: "group", value: name.to_owned(), wants });
    }
    GROUP.check(name)
}

/// `Gatesh-GROUP`, or the name given instead.
pub fn document_name(group: &str, given: Option<&str>) -> Result<String, ExportFault> {
    let name = given.map_or_else(|| format!("Gatesh-{group}"), str::to_owned);
    DOCUMENT.check(&name)?;
    let lower = name.to_ascii_lowercase();
    if RESERVED.iter().any(|reserved| lower.starts_with(reserved)) {
        return Err(ExportFault::Value {
            what: "--document",
            value: name,
            wants: "a name that AWS does not reserve",
        });
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_aws_keeps_for_itself_is_refused() {
        assert!(document_name("g", Some("AWS-Start")).is_err());
        assert!(document_name("g", Some("AmazonThing")).is_err());
        assert!(document_name("g", Some("ab")).is_err());
        assert_eq!(document_name("log-readers", None).as_deref(), Ok("Gatesh-log-readers"));
    }

    #[test]
    fn a_group_that_a_shell_could_read_otherwise_is_refused() {
        for group in ["a b", "a;b", "-a", "", "a'b", "é"] {
            assert!(GROUP.check(group).is_err(), "{group}");
        }
    }
}
