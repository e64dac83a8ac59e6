//! `export iam-policy`, and what its options say of the policies of a whole stack.

use clap::Args;

use super::super::super::export::{Access, Data};
use super::super::super::{Answer, Common};
use super::{Of, said, written};

#[derive(Args)]
pub(super) struct IamPolicy {
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    access: AccessFlags,
    /// A document of the group, instead of Gatesh-GROUP; may be given several times
    #[arg(long, value_name = "NAME")]
    document: Vec<String>,
    /// The key that encrypts sessions
    #[arg(long, value_name = "KEY")]
    kms_key: Option<String>,
}

#[derive(Args)]
pub(super) struct AccessFlags {
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
}

impl IamPolicy {
    pub(super) fn run(&self, common: &Common) -> Answer {
        let access =
            Access { documents: self.document.clone(), ..self.access.access(self.kms_key.as_deref()) };
        let policy: Data = access.policy(&self.of.facts(common)?).map_err(said)?;
        Ok(written(&policy.json()))
    }
}

impl AccessFlags {
    pub(super) fn access(&self, kms_key: Option<&str>) -> Access {
        Access {
            account: self.account.clone(),
            partition: self.partition.clone(),
            regions: self.region.clone(),
            tags: self.tag.clone(),
            kms_key: kms_key.map(str::to_owned),
            ..Access::default()
        }
    }
}

/// `KEY=VALUE`; the value may hold further equals signs.
pub(super) fn tag(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("want KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
