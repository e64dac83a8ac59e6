//! Values that AWS reads in more than one place, or by rules that no list of characters can state. What is refused
//! here would have been refused at deployment, or have granted nothing without a word.

use super::Data;
use super::names::{ExportFault, Form};

/// An S3 bucket (S3 user guide, general purpose buckets).
pub(super) fn bucket<'a>(flag: &'static str, name: &'a str) -> Result<&'a str, ExportFault> {
    let wants =
        "3 to 63 lower-case letters, digits, . -, a letter or digit at both ends, no two dots, no IP address";
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let labels = || name.split('.').all(|label| label.starts_with(known) && label.ends_with(known));
    let address = name.chars().all(|c| c.is_ascii_digit() || c == '.');
    let fits = (3..=63).contains(&name.len()) && name.chars().all(|c| known(c) || c == '.' || c == '-');
    if fits && labels() && !address { Ok(name) } else { Err(refused(flag, name, wants)) }
}

/// One region: `eu-west-1`, `us-gov-east-1`.
pub(super) fn region<'a>(flag: &'static str, name: &'a str) -> Result<&'a str, ExportFault> {
    let mut parts = name.rsplit('-');
    let number = parts.next().is_some_and(|last| last.parse::<u8>().is_ok());
    let words: Vec<&str> = parts.collect();
    let word = |word: &&str| (2..=12).contains(&word.len()) && word.chars().all(|c| c.is_ascii_lowercase());
    if number && words.len() >= 2 && words.iter().all(word) {
        return Ok(name);
    }
    Err(refused(flag, name, "a region such as eu-west-1"))
}

/// The partition a region lies in.
fn partition_of(region: &str) -> &'static str {
    match region.split('-').collect::<Vec<_>>().as_slice() {
        ["cn", ..] => "aws-cn",
        ["us", "gov", ..] => "aws-us-gov",
        _ => "aws",
    }
}

/// Regions of another partition than the ARNs name would make a policy that grants nothing.
pub(super) fn partition(name: &str, regions: &[String]) -> Result<(), ExportFault> {
    if !matches!(name, "aws" | "aws-cn" | "aws-us-gov") {
        return Err(refused("--partition", name, "aws, aws-cn or aws-us-gov"));
    }
    for one in regions.iter().filter(|one| *one != "*") {
        let own = partition_of(region("--region", one)?);
        if own != name {
            return Err(ExportFault::Conflict(format!(
                "--region {one} lies in the partition {own} and not in {name}: --partition {own}"
            )));
        }
    }
    Ok(())
}

const TAG_KEY: Form =
    Form::new("--tag", "1 to 128 letters, digits, blank _ . : / = + - @", (1, 128), TAG_SIGNS);
const TAG_VALUE: Form =
    Form::new("--tag", "up to 256 letters, digits, blank _ . : / = + - @", (0, 256), TAG_SIGNS);
/// AWS takes letters of every script; these are the ASCII ones, none of which means anything in a policy.
const TAG_SIGNS: &str = " _.:/=+-@";

/// A tag of instances.
pub(super) fn tag(flag: &'static str, (key, value): &(String, String)) -> Result<(), ExportFault> {
    TAG_KEY.named(flag).check(key)?;
    TAG_VALUE.named(flag).check(value).map(|_| ())
}

/// The tags of one condition. Its keys are compared without regard to case, and one key cannot stand there twice.
pub(super) fn tags(all: &[(String, String)]) -> Result<(), ExportFault> {
    all.iter().try_for_each(|one| tag("--tag", one))?;
    for (at, (key, _)) in all.iter().enumerate() {
        let same = all.iter().take(at).find(|(other, _)| other != key && other.eq_ignore_ascii_case(key));
        if let Some((other, _)) = same {
            return Err(ExportFault::Conflict(format!(
                "--tag {key} and --tag {other} are one key to IAM, which does not regard case: write it one way"
            )));
        }
    }
    Ok(())
}

/// When State Manager runs an association: a rate of half an hour at least, or five or six fields of cron.
pub(super) fn schedule(flag: &'static str, text: &str) -> Result<(), ExportFault> {
    let fields = |kind: &str| -> Option<Vec<&str>> {
        let inner = text.strip_prefix(kind)?.strip_prefix('(')?.strip_suffix(')')?;
        Some(inner.split(' ').collect())
    };
    let rate = fields("rate").is_some_and(|fields| match fields.as_slice() {
        [number, unit] => number.parse().is_ok_and(|number: u16| is_rate(number, unit)),
        _ => false,
    });
    let known = |c: char| c.is_ascii_alphanumeric() || "*?,/#-".contains(c);
    let cron = fields("cron").is_some_and(|fields| {
        matches!(fields.len(), 5 | 6) && fields.iter().all(|one| !one.is_empty() && one.chars().all(known))
    });
    if (rate || cron) && text.len() <= 256 {
        return Ok(());
    }
    Err(refused(flag, text, "rate(N minutes), of 30 at least, hours or days, or cron(...) of 5 or 6 fields"))
}

fn is_rate(number: u16, unit: &str) -> bool {
    match unit {
        "minutes" => number >= 30,
        "hour" | "day" => number == 1,
        "hours" | "days" => number > 1,
        _ => false,
    }
}

/// A key of KMS, by any of its names.
pub(super) enum KmsKey<'a> {
    Id(&'a str),
    /// With `alias/`.
    Alias(&'a str),
    /// `arn:PARTITION:kms:REGION:ACCOUNT`, then one of the others.
    Arn {
        front: String,
        key: &'a str,
    },
    AliasArn {
        front: String,
        alias: &'a str,
    },
}

impl<'a> KmsKey<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, ExportFault> {
        let wants =
            "an id (12345678-90ab-cdef-1234-567890abcdef, mrk-...), alias/NAME, or the ARN of a key or alias";
        Self::of(text).ok_or_else(|| refused("--kms-key", text, wants))
    }

    fn of(text: &'a str) -> Option<Self> {
        if is_key_id(text) {
            return Some(Self::Id(text));
        }
        if is_alias(text) {
            return Some(Self::Alias(text));
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, "kms", place, account, resource] = parts.as_slice() else { return None };
        let named = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
        let placed = region("--kms-key", place).is_ok_and(|place| partition_of(place) == *partition);
        let front = format!("arn:{partition}:kms:{place}:{account}");
        match resource.strip_prefix("key/") {
            _ if !(named && placed) => None,
            Some(key) => is_key_id(key).then_some(Self::Arn { front, key: resource }),
            None => is_alias(resource).then_some(Self::AliasArn { front, alias: resource }),
        }
    }

    /// What a statement about the key names: IAM takes keys by ARN alone, and an alias only as a condition. `here` are
    /// the fronts of ARNs in the account.
    pub(super) fn statement(&self, here: &[String]) -> (Vec<String>, Option<Data>) {
        let arns =
            |fronts: &[String], key: &str| fronts.iter().map(|front| format!("{front}:{key}")).collect();
        match self {
            Self::Id(id) => (arns(here, &format!("key/{id}")), None),
            Self::Arn { front, key } => (arns(std::slice::from_ref(front), key), None),
            Self::Alias(alias) => (arns(here, "key/*"), Some(has_alias(alias))),
            Self::AliasArn { front, alias } => {
                (arns(std::slice::from_ref(front), "key/*"), Some(has_alias(alias)))
            }
        }
    }
}

fn has_alias(alias: &str) -> Data {
    let is = Data::map([("kms:ResourceAliases", Data::texts([alias]))]);
    Data::map([("ForAnyValue:StringEquals", is)])
}

/// A UUID, or that of a key of several regions.
fn is_key_id(text: &str) -> bool {
    let hexadecimal = |text: &str, length: usize| {
        text.len() == length && text.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
    };
    let groups: Vec<&str> = text.split('-').collect();
    match groups.as_slice() {
        ["mrk", id] => hexadecimal(id, 32),
        groups => {
            groups.len() == 5
                && groups.iter().zip([8, 4, 4, 4, 12]).all(|(group, length)| hexadecimal(group, length))
        }
    }
}

fn is_alias(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "/_-".contains(c);
    text.strip_prefix("alias/").is_some_and(|name| (1..=250).contains(&name.len()) && name.chars().all(known))
}

fn refused(what: &'static str, value: &str, wants: &'static str) -> ExportFault {
    ExportFault::Value { what, value: value.to_owned(), wants }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "12345678-90ab-cdef-1234-567890abcdef";

    #[test]
    fn buckets_are_named_as_s3_names_them() {
        for name in ["abc", "a.b-c.d1", "1ab"] {
            assert!(bucket("--s3-bucket", name).is_ok(), "{name}");
        }
        for name in ["ab", "Abc", "a_b", "-ab", "ab-", "a..b", "a.-b", "192.168.0.1", &"a".repeat(64)] {
            assert!(bucket("--s3-bucket", name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_region_lies_in_its_partition() {
        for (name, own) in [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-east-1", "aws-us-gov")] {
            assert!(partition(own, &[name.to_owned()]).is_ok(), "{name}");
            let other = if own == "aws" { "aws-cn" } else { "aws" };
            let said = partition(other, &[name.to_owned()]).unwrap_err().to_string();
            assert!(said.contains("--region") && said.ends_with(&format!("--partition {own}")), "{said}");
        }
        for name in ["eu-west", "EU-west-1", "eu", "*-1", "eu west-1", "eu-west-1a"] {
            assert!(region("--region", name).is_err(), "{name}");
        }
    }

    #[test]
    fn an_association_runs_every_half_hour_at_most() {
        for text in
            ["rate(30 minutes)", "rate(1 hour)", "rate(2 days)", "cron(0 2 ? * SUN *)", "cron(0 0 ? * THU#2)"]
        {
            assert!(schedule("--policy-schedule", text).is_ok(), "{text}");
        }
        for text in [
            "rate(29 minutes)",
            "rate(1 hours)",
            "rate(2 hour)",
            "rate(x days)",
            "cron(1)",
            "hourly",
            "cron(a\" b c d e)",
        ] {
            assert!(schedule("--policy-schedule", text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_is_named_by_arn_and_an_alias_is_a_condition() {
        let here = ["arn:aws:kms:eu-west-1:111122223333".to_owned()];
        let arn = format!("arn:aws:kms:us-east-1:444455556666:key/{ID}");
        let in_alias = "arn:aws:kms:us-east-1:444455556666:alias/sessions";
        let cases = [
            (ID, format!("arn:aws:kms:eu-west-1:111122223333:key/{ID}"), false),
            (&arn, arn.clone(), false),
            ("alias/sessions", "arn:aws:kms:eu-west-1:111122223333:key/*".to_owned(), true),
            (in_alias, "arn:aws:kms:us-east-1:444455556666:key/*".to_owned(), true),
        ];
        for (text, resource, by_alias) in cases {
            let (resources, condition) = KmsKey::read(text).unwrap().statement(&here);
            assert_eq!((resources, condition.is_some()), (vec![resource], by_alias), "{text}");
        }
    }

    #[test]
    fn what_names_no_key_is_refused() {
        for text in [
            "sessions",
            "key/12345678-90ab-cdef-1234-567890abcdef",
            "alias/",
            "alias/a*",
            "arn:aws:s3:::rules",
            "arn:aws:kms:cn-north-1:111122223333:alias/sessions",
            "arn:aws:kms:*:111122223333:key/*",
            "arn:aws:kms:eu-west-1:1:alias/sessions",
        ] {
            assert!(KmsKey::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn one_key_of_a_tag_is_written_one_way() {
        let tag = |key: &str| (key.to_owned(), "x".to_owned());
        assert!(tags(&[tag("Role"), tag("Role")]).is_ok());
        assert!(tags(&[tag("Role"), tag("role")]).unwrap_err().to_string().contains("--tag role"));
        assert!(tags(&[(String::new(), "x".to_owned())]).is_err());
        assert!(tags(&[("Role".to_owned(), "x".repeat(256))]).is_ok());
    }
}
