//! What the exports are told of a group: its description, its synopses, and what its rules have sudo run.

use super::super::export::{Arguments, Elevated, GroupFacts};
use super::super::{Common, Unanswered};
use super::sudo_arguments::arguments;
use crate::policy::file::load_for_groups;
use crate::policy::programs::Programs;
use crate::policy::synopsis::Synopsis;
use crate::policy::{Exec, Policy, Rule};

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

/// All but what runs under sudo, which not every export needs and not every rule can be put into.
pub(super) fn facts(policy: &Policy, name: &str) -> Result<GroupFacts, Unanswered> {
    let group = policy.groups.iter().find(|group| group.name == name);
    let group = group.ok_or_else(|| Unanswered(format!("the group {name} has no rules here")))?;
    let synopses = group.rules.iter().flat_map(|rule| &rule.synopses);
    Ok(GroupFacts {
        name: name.to_owned(),
        description: group.description.clone(),
        synopses: synopses.map(|synopsis| synopsis.text().to_owned()).collect(),
        elevated: Vec::new(),
    })
}

/// What sudo must be told for the group's rules.
pub(super) fn elevated(policy: &Policy) -> Result<Vec<Elevated>, Unanswered> {
    let programs = Programs::on_host(&policy.settings.program_path);
    let mut all = Vec::new();
    for rule in policy.groups.iter().flat_map(|group| &group.rules) {
        for synopsis in &rule.synopses {
            all.extend(commands(rule, synopsis, &programs)?);
        }
    }
    Ok(all)
}

/// Each program of the synopsis with each of its arguments; nothing if it runs without sudo.
fn commands(rule: &Rule, synopsis: &Synopsis, programs: &Programs) -> Result<Vec<Elevated>, Unanswered> {
    let Some(elevation) = synopsis.elevation() else { return Ok(Vec::new()) };
    let all = arguments(synopsis.segments()).map_err(|why| {
        let place = format!("{}:{}", rule.place.file.display(), rule.place.line);
        Unanswered(format!("{place}: \"{}\" cannot be put into sudoers: {why}", synopsis.text()))
    })?;
    let elevated = |program: &String, arguments: &Arguments| Elevated {
        user: elevation.user.clone(),
        program: file(programs, program),
        arguments: arguments.clone(),
        starts_programs: rule.terms.exec != Exec::Nothing,
        timeout: rule.terms.timeout,
    };
    let each = synopsis.programs().iter();
    Ok(each.flat_map(|program| all.iter().map(move |arguments| elevated(program, arguments))).collect())
}

/// The program's file here; where this host lacks it, its usual place.
fn file(programs: &Programs, name: &str) -> String {
    match programs.find(name) {
        Some(found) => found.path.to_string_lossy().into_owned(),
        None if name.starts_with('/') => name.to_owned(),
        None => format!("/usr/bin/{name}"),
    }
}
