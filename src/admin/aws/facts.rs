//! What the exports are told of a group.

use super::super::export::GroupFacts;
use super::super::{Common, Unanswered};
use crate::policy::Policy;
use crate::policy::fault::Severity;
use crate::policy::file::{UnixName, load_everything, load_for_groups};

/// The rules of one group. `{home}` stays as written: an export is for every member.
pub(super) fn rules(common: &Common, group: &str) -> Result<Policy, Unanswered> {
    let source = common.source(None)?;
    let policy = load_for_groups(&source, &[group.to_owned()], None)
        .map_err(|errors| Unanswered(format!("the policy cannot be used:\n{errors}")))?;
    if policy.groups.is_empty() {
        return Err(Unanswered(format!("the group {group} has no rules here")));
    }
    Ok(policy)
}

/// The groups that have a file. A file that cannot be read is one whose group would be missing, so there are none.
pub(super) fn all_groups(common: &Common) -> Result<Vec<String>, Unanswered> {
    let survey = load_everything(&common.source(None)?, &|_| UnixName::Known);
    if let Some(fault) = survey.faults.iter().find(|fault| fault.severity == Severity::Error) {
        return Err(Unanswered(format!("the policy cannot be used:\n{fault}")));
    }
    if survey.groups.is_empty() {
        return Err(Unanswered("no group has rules here".to_owned()));
    }
    Ok(survey.groups.into_iter().map(|group| group.name).collect())
}

/// All but what runs under sudo, which not every export needs and not every rule can be put into.
pub(super) fn facts(policy: &Policy, name: &str) -> Result<GroupFacts, Unanswered> {
    let group = policy.groups.iter().find(|group| group.name == name);
    let group = group.ok_or_else(|| Unanswered(format!("the group {name} has no rules here")))?;
    Ok(GroupFacts { name: name.to_owned(), description: group.description.clone(), ..GroupFacts::default() })
}
