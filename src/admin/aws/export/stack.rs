//! `export cloudformation` and `export terraform`: all groups of the policy at once.

use clap::Args;
use serde_json::json;

use super::super::super::export::{Delivery, GroupFacts, Stack};
use super::super::super::{Answer, Common, Unanswered, Verdict, print_json};
use super::super::facts::{all_groups, rules};
use super::access::{AccessFlags, tag};
use super::session::SessionFlags;
use super::{note, said, written};

/// Bytes of a template that `CloudFormation` takes without a bucket between (its quotas).
const MOST_ALONE: usize = 51_200;

#[derive(Args)]
pub(super) struct Cloudformation {
    #[command(flatten)]
    stack: StackFlags,
}

#[derive(Args)]
pub(super) struct Terraform {
    #[command(flatten)]
    stack: StackFlags,
}

#[derive(Args)]
struct StackFlags {
    #[command(flatten)]
    session: SessionFlags,
    #[command(flatten)]
    access: AccessFlags,
    #[command(flatten)]
    delivery: DeliveryFlags,
}

/// How the policy files come onto the instances, if this is to bring them.
#[derive(Args)]
struct DeliveryFlags {
    /// Deliver the policy files from this bucket
    #[arg(long = "policy-bucket", id = "policy-bucket", value_name = "BUCKET", requires_all = ["policy-region", "policy-tag"])]
    bucket: Option<String>,
    /// The archive in it: a gzipped tar of gatesh.toml, groups.d and sets.d
    #[arg(
        long = "policy-key",
        id = "policy-key",
        value_name = "KEY",
        default_value = "gatesh/policy.tar.gz",
        requires = "policy-bucket"
    )]
    key: String,
    /// The bucket's region
    #[arg(long = "policy-region", id = "policy-region", value_name = "REGION", requires = "policy-bucket")]
    region: Option<String>,
    /// Instances with this tag receive them
    #[arg(
        long = "policy-tag",
        id = "policy-tag",
        value_name = "KEY=VALUE",
        value_parser = tag,
        requires = "policy-bucket"
    )]
    target: Option<(String, String)>,
    /// How often the instances look
    #[arg(
        long = "policy-schedule",
        id = "policy-schedule",
        value_name = "EXPRESSION",
        default_value = "rate(30 minutes)",
        requires = "policy-bucket"
    )]
    schedule: String,
}

impl Cloudformation {
    pub(super) fn run(&self, common: &Common) -> Answer {
        let (stack, groups) = self.stack.stack(common)?;
        let template = stack.cloudformation(&groups).map_err(said)?;
        let text = if common.json { template.json() } else { template.yaml() };
        if text.len() > MOST_ALONE {
            note(&format!(
                "the template has {} bytes: above {MOST_ALONE} aws cloudformation deploy needs --s3-bucket",
                text.len()
            ));
        }
        Ok(written(&text))
    }
}

impl Terraform {
    pub(super) fn run(&self, common: &Common) -> Answer {
        let (stack, groups) = self.stack.stack(common)?;
        let configuration = stack.terraform(&groups).map_err(said)?;
        if common.json {
            print_json(&json!({ "terraform": configuration }));
            return Ok(Verdict::Holds);
        }
        Ok(written(&configuration))
    }
}

impl StackFlags {
    fn stack(&self, common: &Common) -> Result<(Stack, Vec<GroupFacts>), Unanswered> {
        let groups = all_groups(common)?;
        let facts = groups.iter().map(|group| self.session.facts(&rules(common, group)?, group));
        let facts = facts.collect::<Result<Vec<_>, Unanswered>>()?;
        let stack = Stack {
            session: self.session.session(),
            access: self.access.access(self.session.kms_key.as_deref()),
            delivery: self.delivery.delivery(),
        };
        Ok((stack, facts))
    }
}

impl DeliveryFlags {
    fn delivery(&self) -> Option<Delivery> {
        Some(Delivery {
            bucket: self.bucket.clone()?,
            key: self.key.clone(),
            region: self.region.clone()?,
            tag: self.target.clone()?,
            schedule: self.schedule.clone(),
        })
    }
}
