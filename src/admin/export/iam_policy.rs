//! The IAM policy that lets people into a group's document, and into nothing else.
//!
//! The allows alone are no gate: anybody who can start another document, send a command or write a document gets
//! a shell. So most of the policy is explicit denies, which win over whatever other policies allow.

use super::names::{ExportFault, GROUP, document_name};
use super::values::{KmsKey, partition, tags};
use super::{Data, GroupFacts};

/// A managed policy may have this many characters, white space not counted (IAM quotas).
const MOST_CHARACTERS: usize = 6144;

/// Where the policy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Twelve digits.
    pub account: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// Regions; all when empty.
    pub regions: Vec<String>,
    /// Tags an instance must carry, as key and value. Several values of one key are alternatives.
    pub tags: Vec<(String, String)>,
    /// What the group's people may start; `Gatesh-GROUP` when empty.
    pub documents: Vec<String>,
    /// Documents that the denies leave alone, so that a person can be in several groups.
    pub every_group: String,
    /// Key of the session, if it is encrypted.
    pub kms_key: Option<String>,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            account: String::new(),
            partition: "aws".to_owned(),
            regions: Vec::new(),
            tags: Vec::new(),
            documents: Vec::new(),
            every_group: "Gatesh-*".to_owned(),
            kms_key: None,
        }
    }
}

/// Ways onto an instance, or to what a document says, other than the document itself.
const OTHER_WAYS: &[&str] = &[
    "ec2-instance-connect:*",
    "ec2:*IamInstanceProfile*",
    "ec2:ModifyInstanceAttribute",
    "fis:StartExperiment",
    "ssm-guiconnect:*",
    "ssm-quicksetup:*",
    "ssm:*PatchBaseline*",
    "ssm:CreateAssociation*",
    "ssm:CreateDocument",
    "ssm:DeleteDocument",
    "ssm:GetAccessToken",
    "ssm:ModifyDocumentPermission",
    "ssm:RegisterTaskWithMaintenanceWindow",
    "ssm:SendCommand",
    "ssm:StartAccessRequest",
    "ssm:StartAssociationsOnce",
    "ssm:StartAutomationExecution",
    "ssm:StartChangeRequestExecution",
    "ssm:UpdateAssociation*",
    "ssm:UpdateDocument*",
    "ssm:UpdateMaintenanceWindowTask",
    "ssm:UpdateServiceSetting",
];

/// The tag by which a caller's session runs as another user; whoever sets it chooses the group.
const RUN_AS_TAG: &str = "SSMSessionRunAs";

/// The tag that the service sets on a session: the unique id of whoever started it.
const SESSION_TAG: &str = "ssm:resourceTag/aws:ssmmessages:session-id";

impl Access {
    /// The policy for members of `group`.
    pub fn policy(&self, group: &GroupFacts) -> Result<Data, ExportFault> {
        GROUP.check(&group.name)?;
        self.check()?;
        let documents = self.documents(&group.name)?;
        let mut statements = vec![self.start_documents(&documents), self.start_instances()];
        statements.extend([self.own_sessions(), self.own_channels(), look_around()]);
        if let Some(key) = &self.kms_key {
            statements.push(self.encrypt(&KmsKey::read(key)?));
        }
        statements.extend([self.deny_documents(&documents), deny_other_sessions()]);
        statements.extend([deny_other_ways(), deny_run_as()]);
        statements.extend(self.deny_instance_tags());
        let policy =
            Data::map([("Version", Data::text("2012-10-17")), ("Statement", Data::List(statements))]);
        let length = policy.json().chars().filter(|c| !c.is_whitespace()).count();
        if length > MOST_CHARACTERS {
            return Err(ExportFault::TooLong {
                what: "characters of policy",
                length,
                most: MOST_CHARACTERS,
                cure: "fewer --region, --tag or --document in one, and another policy for the rest",
            });
        }
        Ok(policy)
    }

    fn documents(&self, group: &str) -> Result<Vec<String>, ExportFault> {
        if self.documents.is_empty() {
            return Ok(vec![document_name(group, None)?]);
        }
        self.documents.iter().map(|name| document_name(group, Some(name))).collect()
    }

    fn check(&self) -> Result<(), ExportFault> {
        let digits = self.account.len() == 12 && self.account.chars().all(|c| c.is_ascii_digit());
        if !digits {
            return Err(ExportFault::Value {
                what: "--account",
                value: self.account.clone(),
                wants: "12 digits",
            });
        }
        partition(&self.partition, &self.regions)?;
        let named = self.every_group.strip_suffix('*').unwrap_or(&self.every_group);
        document_name("", Some(named))?;
        tags(&self.tags)
    }

    fn regions(&self) -> Vec<&str> {
        if self.regions.is_empty() { vec!["*"] } else { self.regions.iter().map(String::as_str).collect() }
    }

    /// The ARN of `what` of `service`, once for each region.
    fn arns(&self, service: &str, what: &str) -> Vec<String> {
        let arn = |region| format!("arn:{}:{service}:{region}:{}:{what}", self.partition, self.account);
        self.regions().into_iter().map(arn).collect()
    }

    /// EC2 instances, and the managed nodes that are none.
    fn instances(&self) -> Vec<String> {
        [self.arns("ec2", "instance/*"), self.arns("ssm", "managed-instance/*")].concat()
    }

    fn start_documents(&self, documents: &[String]) -> Data {
        let arns = |document: &String| self.arns("ssm", &format!("document/{document}"));
        let resources: Vec<String> = documents.iter().flat_map(arns).collect();
        allow("StartGroupDocument", &["ssm:StartSession"], &resources, Some(conditions(Vec::new())))
    }

    fn start_instances(&self) -> Data {
        let tagged = self.tag_condition();
        allow("StartOnInstances", &["ssm:StartSession"], &self.instances(), Some(conditions(tagged)))
    }

    /// `ssm:resourceTag/KEY`, all values of a key as alternatives.
    fn tag_condition(&self) -> Vec<(String, Data)> {
        let mut keys: Vec<(String, Vec<&str>)> = Vec::new();
        for (key, value) in &self.tags {
            let name = format!("ssm:resourceTag/{key}");
            match keys.iter_mut().find(|(known, _)| *known == name) {
                Some((_, values)) => values.push(value),
                None => keys.push((name, vec![value])),
            }
        }
        keys.into_iter().map(|(name, values)| (name, Data::texts(values))).collect()
    }

    /// By the tag the service sets on a session. The session's name would not do: it begins with the user's, and
    /// what matches `ann-*` is also `ann-admin-...`.
    fn own_sessions(&self) -> Data {
        let own = Data::texts(["${aws:userid}"]);
        let condition = Data::map([("StringLike", Data::Map(vec![(SESSION_TAG.to_owned(), own)]))]);
        let actions = ["ssm:ResumeSession", "ssm:TerminateSession"];
        allow("EndOwnSessions", &actions, &self.arns("ssm", "session/*"), Some(condition))
    }

    /// Newer clients sign the opening of the data channel.
    fn own_channels(&self) -> Data {
        let resources = self.arns("ssm", "session/${aws:userid}-*");
        allow("OpenOwnSessions", &["ssmmessages:OpenDataChannel"], &resources, None)
    }

    fn encrypt(&self, key: &KmsKey<'_>) -> Data {
        let front = |region| format!("arn:{}:kms:{region}:{}", self.partition, self.account);
        let fronts: Vec<String> = self.regions().into_iter().map(front).collect();
        let (keys, condition) = key.statement(&fronts);
        allow("EncryptSession", &["kms:GenerateDataKey"], &keys, condition)
    }

    /// Everything but the groups' documents and the instances, which a session is checked against as well.
    fn deny_documents(&self, documents: &[String]) -> Data {
        let everywhere =
            |service: &str, what: &str| format!("arn:{}:{service}:*:{}:{what}", self.partition, self.account);
        let mut rest = vec![everywhere("ssm", &format!("document/{}", self.every_group))];
        let others = documents.iter().filter(|document| !matches(&self.every_group, document));
        rest.extend(others.map(|document| everywhere("ssm", &format!("document/{document}"))));
        rest.extend([everywhere("ec2", "instance/*"), everywhere("ssm", "managed-instance/*")]);
        deny("DenyOtherDocuments", &["ssm:StartSession"], ("NotResource", &rest), None)
    }

    /// Who may tag an instance chooses the instances.
    fn deny_instance_tags(&self) -> Option<Data> {
        let mut keys: Vec<&str> = self.tags.iter().map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        let actions =
            ["ec2:CreateTags", "ec2:DeleteTags", "ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"];
        (!keys.is_empty()).then(|| deny_tags("DenyOtherInstances", &actions, &keys))
    }
}

/// Whether `name` is one of `names`, which may end in `*`.
fn matches(names: &str, name: &str) -> bool {
    names.strip_suffix('*').map_or(names == name, |start| name.starts_with(start))
}

/// Without `SessionDocumentAccessCheck` in every statement that allows `StartSession`, a plain `start-session`
/// gets the account's default shell document even where no statement names it.
fn conditions(equal: Vec<(String, Data)>) -> Data {
    let check = Data::map([("ssm:SessionDocumentAccessCheck", Data::text("true"))]);
    let mut all = vec![("BoolIfExists", check)];
    if !equal.is_empty() {
        all.push(("StringEquals", Data::Map(equal)));
    }
    Data::map(all)
}

fn allow(sid: &str, actions: &[&str], resources: &[String], condition: Option<Data>) -> Data {
    statement((sid, "Allow"), actions, ("Resource", resources), condition)
}

/// `what` is `Resource`, or `NotResource` for everything else.
fn deny(sid: &str, actions: &[&str], what: (&'static str, &[String]), condition: Option<Data>) -> Data {
    statement((sid, "Deny"), actions, what, condition)
}

fn statement(
    (sid, effect): (&str, &str),
    actions: &[&str],
    (key, resources): (&'static str, &[String]),
    condition: Option<Data>,
) -> Data {
    let mut statement = vec![
        ("Sid", Data::text(sid)),
        ("Effect", Data::text(effect)),
        ("Action", Data::texts(actions.iter().copied())),
        (key, Data::texts(resources.iter().map(String::as_str))),
    ];
    statement.extend(condition.map(|condition| ("Condition", condition)));
    Data::map(statement)
}

/// What the command line client asks before and while it connects. None of it changes anything.
fn look_around() -> Data {
    let actions = [
        "ec2:DescribeInstances",
        "ssm:DescribeInstanceInformation",
        "ssm:DescribeInstanceProperties",
        "ssm:DescribeSessions",
        "ssm:GetConnectionStatus",
    ];
    allow("FindInstances", &actions, &["*".to_owned()], None)
}

/// Whatever other policies allow. A negated operator holds where the tag is missing, so a session without it is
/// nobody's own. Channels stay with the allow alone: how a session is named is the service's, and a deny that mistook
/// it would shut everybody out.
fn deny_other_sessions() -> Data {
    let own = Data::Map(vec![(SESSION_TAG.to_owned(), Data::texts(["${aws:userid}"]))]);
    let actions = ["ssm:ResumeSession", "ssm:TerminateSession"];
    let condition = Data::map([("StringNotLike", own)]);
    deny("DenyOtherSessions", &actions, ("Resource", &["*".to_owned()]), Some(condition))
}

fn deny_other_ways() -> Data {
    deny("DenyOtherWays", OTHER_WAYS, ("Resource", &["*".to_owned()]), None)
}

fn deny_run_as() -> Data {
    let actions = ["iam:TagRole", "iam:TagUser", "iam:UntagRole", "iam:UntagUser", "sts:TagSession"];
    deny_tags("DenyOtherUser", &actions, &[RUN_AS_TAG])
}

/// Changing these tags, whatever else is changed with them. IAM compares keys of tags without regard to case where
/// a condition names them, so a key in another case must not pass here.
fn deny_tags(sid: &str, actions: &[&str], keys: &[&str]) -> Data {
    let keys = Data::map([("aws:TagKeys", Data::texts(keys.iter().copied()))]);
    let condition = Data::map([("ForAnyValue:StringEqualsIgnoreCase", keys)]);
    deny(sid, actions, ("Resource", &["*".to_owned()]), Some(condition))
}
