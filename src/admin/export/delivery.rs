//! How policy files come onto instances: a Command document that State Manager runs, which fetches an archive and
//! hands it to the package's `deploy-policy`: it compares the digest, checks and tests what is inside, switches by one
//! rename, and goes back if the policy does not hold where it is in force.
//!
//! It runs as root: whoever may write the document or the association owns the host.

use super::Data;
use super::names::{ExportFault, Form};
use super::values::{bucket, region, schedule, tag};

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

const OBJECT: Form =
    Form::new("--policy-key", "letters, digits, _ . / -, and no / at an end", (1, 500), "_./-");

/// The archive's digest is a parameter of the association, so an archive that was swapped is not installed.
const DIGEST: &str = "^[0-9a-f]{64}$";

/// A file and not a directory: the agent stores an object *as* its destination unless a directory is there already.
/// Directories that it makes are nobody's but root's, so nothing of ours lies beneath this one. On disk: an object may be
/// of any size before its digest is looked at.
const ARCHIVE: &str = "/var/lib/gatesh-delivery/policy.tar.gz";

/// Where an object lies beneath the archive's key, the agent makes a directory of the archive's name, and every later
/// archive would land inside it: each run begins with nothing.
const CLEAR: &str = "rm -rf /var/lib/gatesh-delivery";

/// What a host is told to run. The agent goes on after a download that failed, and there is no archive then.
pub const INSTALL: &str = "/usr/libexec/gatesh/deploy-policy --source file:///var/lib/gatesh-delivery/policy.tar.gz --sha256 '{{ sha256 }}'";

impl Delivery {
    /// Holds every value to its form.
    pub(super) fn check(&self) -> Result<(), ExportFault> {
        bucket("--policy-bucket", &self.bucket)?;
        // With a slash behind it the agent fetches whatever lies beneath, and between two it finds nothing.
        if self.key.split('/').any(str::is_empty) {
            return Err(OBJECT.refusal(&self.key));
        }
        OBJECT.check(&self.key)?;
        region("--policy-region", &self.region)?;
        tag("--policy-tag", &self.tag)?;
        schedule("--policy-schedule", &self.schedule)
    }

    /// The Command document.
    pub fn document(&self) -> Result<Data, ExportFault> {
        self.check()?;
        let china = if self.region.starts_with("cn-") { ".cn" } else { "" };
        let path = format!("https://s3.{}.amazonaws.com{china}/{}/{}", self.region, self.bucket, self.key);
        let source =
            Data::map([("path", Data::text(path))]).json().lines().map(str::trim).collect::<String>();
        let clear = step("aws:runShellScript", "clear", [("runCommand", Data::texts([CLEAR]))]);
        let download = step(
            "aws:downloadContent",
            "fetch",
            [
                ("sourceType", Data::text("S3")),
                ("sourceInfo", Data::text(source)),
                ("destinationPath", Data::text(ARCHIVE)),
            ],
        );
        let install = step(
            "aws:runShellScript",
            "install",
            [("timeoutSeconds", Data::text("600")), ("runCommand", Data::texts([INSTALL]))],
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
            ("mainSteps", Data::List(vec![clear, download, install])),
        ]))
    }
}

fn step<'a>(action: &str, name: &str, inputs: impl IntoIterator<Item = (&'a str, Data)>) -> Data {
    let linux = Data::map([("StringEquals", Data::texts(["platformType", "Linux"]))]);
    Data::map([
        ("action", Data::text(action)),
        ("name", Data::text(name)),
        ("precondition", linux),
        ("inputs", Data::map(inputs)),
    ])
}
