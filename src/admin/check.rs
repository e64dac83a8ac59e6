//! `gateshctl check`: every fault of every file, and what is dangerous or cannot work.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::lint;
use super::{Answer, Common, Verdict, print, print_json};
use crate::excerpt::nearest;
use crate::identity::names::{Database, Names};
use crate::policy::fault::{Fault, Severity};
use crate::policy::file::{Survey, UnixName, load_everything};

#[derive(Args)]
pub(super) struct Check {
    /// A policy directory, instead of --config
    directory: Option<PathBuf>,
}

impl Check {
    pub(super) fn run(&self, common: &Common) -> Answer {
        let source = common.source(self.directory.as_ref())?;
        let names = Database::host().read().ok();
        // Another directory may be for another host, whose groups this one need not have.
        let is_installed = self.directory.is_none() && common.config.is_none();
        let known = |group: &str| match &names {
            Some(names) if is_installed => known(names, group),
            Some(_) | None => UnixName::Known,
        };
        let mut survey = load_everything(&source, &known);
        let found = lint::lints(&survey);
        survey.faults.extend(found);
        let fails = survey.faults.iter().any(lint::fails);
        if common.json {
            print_json(
                &json!({ "holds": !fails, "faults": survey.faults.iter().map(as_json).collect::<Vec<_>>() }),
            );
        } else {
            print(survey.faults.iter().map(|fault| format!("{fault}")));
            print([summary(&survey)]);
            if survey.groups.is_empty() && !fails {
                let place = source.directory.join("groups.d");
                print([format!("there is no group file in {}: nobody may run anything", place.display())]);
            }
        }
        Ok(if fails { Verdict::Fails } else { Verdict::Holds })
    }
}

fn known(names: &Names, group: &str) -> UnixName {
    match names.group_by_name(group) {
        Ok(None) => UnixName::Unknown(similar(group)),
        Ok(Some(_)) | Err(_) => UnixName::Known,
    }
}

fn similar(group: &str) -> Option<(String, u32)> {
    let text = std::fs::read_to_string("/etc/group").ok()?;
    let near = nearest(group, text.lines().filter_map(|line| line.split(':').next()))?;
    let line = text.lines().find(|line| line.split(':').next() == Some(near))?;
    Some((near.to_owned(), line.split(':').nth(2)?.parse().ok()?))
}

fn as_json(fault: &Fault) -> Value {
    json!({
        "id": fault.id,
        "severity": match fault.severity {
            Severity::Warning => "warning",
            Severity::Lint => "lint",
            Severity::Error => "error",
        },
        "file": fault.file,
        "line": fault.position.map(|(line, _)| line),
        "column": fault.position.map(|(_, column)| column),
        "message": fault.message,
        "labels": fault.labels,
        "cure": fault.cure,
    })
}

fn summary(survey: &Survey) -> String {
    let rules: usize = survey.groups.iter().map(|group| group.rules.len()).sum();
    let count = |severity| survey.faults.iter().filter(|fault| fault.severity == severity).count();
    let errors = count(Severity::Error).saturating_add(count(Severity::Lint));
    let said = match (errors, count(Severity::Warning)) {
        (0, 0) => "no faults".to_owned(),
        (errors, warnings) => {
            format!("{}, {}", plural(errors, "fault"), plural(warnings, "warning"))
        }
    };
    let groups = plural(survey.groups.len(), "group");
    format!("{groups}, {}, {}: {said}", plural(rules, "rule"), plural(survey.sets.len(), "set"))
}

/// "1 fault", "2 faults".
pub(super) fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
