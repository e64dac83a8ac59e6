//! How policy files come onto instances: a Command document that State Manager runs, which fetches an archive,
//! checks it, and only then puts the files in place, each by one rename.
//!
//! It runs as root: whoever may write the document or the archive owns the host.

use super::Data;
use super::names::{BUCKET, ExportFault, Form, REGION};

/// Where the archive is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The bucket.
    pub bucket: String,
    /// The archive in it: a gzipped tar of `gatesh.toml`, `groups.d` and `sets.d`.
    pub key: String,
    /// The bucket's region.
    pub region: String,
    /// Instances with this tag receive it.
    pub tag: (String, String),
    /// A schedule expression of Systems Manager.
    pub schedule: String,
}

const OBJECT: Form = Form::new("S3 key", "letters, digits, _ . / -", (1, 500), "_./-");
const SCHEDULE: Form = Form::new("schedule", "a rate(...) or cron(...) expression", (1, 256), " ()*?,/#-");

/// The archive's digest is a parameter of the association, so an archive that was swapped is not installed.
const DIGEST: &str = "^[0-9a-f]{64}$";

/// Checks everything before anything counts. A file is replaced by one rename within its directory, so a session
/// reads the old one or the new one; files that are no longer delivered go last.
const INSTALL: &str = include_str!("install-policy.sh");

impl Delivery {
    /// Holds every value to its form.
    pub(super) fn check(&self) -> Result<(), ExportFault> {
        BUCKET.check(&self.bucket)?;
        OBJECT.check(&self.key)?;
        REGION.check(&self.region)?;
        super::names::TAG.check(&self.tag.0)?;
        super::names::TAG.check(&self.tag.1)?;
        SCHEDULE.check(&self.schedule).map(|_| ())
    }

    /// The Command document.
    pub fn document(&self) -> Result<Data, ExportFault> {
        self.check()?;
        let china = if self.region.starts_with("cn-") { ".cn" } else { "" };
        let path = format!("https://s3.{}.amazonaws.com{china}/{}/{}", self.region, self.bucket, self.key);
        let source =
            Data::map([("path", Data::text(path))]).json().lines().map(str::trim).collect::<String>();
        let download = step(
            "aws:downloadContent",
            "fetch",
            [
                ("sourceType", Data::text("S3")),
                ("sourceInfo", Data::text(source)),
                ("destinationPath", Data::text("/var/lib/gatesh/incoming")),
            ],
        );
        let lines = INSTALL.lines().filter(|line| !line.is_empty());
        let install = step(
            "aws:runShellScript",
            "install",
            [("timeoutSeconds", Data::text("120")), ("runCommand", Data::texts(lines))],
        );
        let digest = Data::map([
            ("type", Data::text("String")),
            ("description", Data::text("SHA-256 of the archive, in hexadecimal")),
            ("allowedPattern", Data::text(DIGEST)),
        ]);
        Ok(Data::map([
            ("schemaVersion", Data::text("2.2")),
            ("description", Data::text("gatesh: fetch, check and install policy files")),
            ("parameters", Data::map([("sha256", digest)])),
            ("mainSteps", Data::List(vec![download, install])),
        ]))
    }
}

fn step<'a>(action: &str, name: &str, inputs: impl IntoIterator<Item = (&'a str, Data)>) -> Data {
    let mut step = vec![("action", Data::text(action)), ("name", Data::text(name))];
    if action == "aws:runShellScript" {
        let linux = Data::map([("StringEquals", Data::texts(["platformType", "Linux"]))]);
        step.push(("precondition", linux));
    }
    step.push(("inputs", Data::map(inputs)));
    Data::map(step)
}
