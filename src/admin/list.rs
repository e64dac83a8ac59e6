//! `gateshctl list`: what a person may run, as their own `help` shows it; for machines with the digest of the files it
//! is read from, which is that of the person's audit records.

use clap::Args;
use serde_json::json;

use super::people::Whose;
use super::{Answer, Common, Verdict, print, print_json};
use crate::excerpt::COLUMNS;
use crate::policy::listing;

#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    whose: Whose,
}

impl List {
    pub(super) fn run(&self, common: &Common) -> Answer {
        let person = self.whose.load(common)?;
        if common.json {
            let groups: Vec<_> = person.policy.groups.iter().map(group).collect();
            print_json(&json!({ "policy": person.policy.digest, "groups": groups }));
        } else if let Some(none) = person.without_rules() {
            print([none]);
        } else {
            print(listing::overview(&person.policy, COLUMNS));
        }
        let allows = person.policy.groups.iter().any(|group| !group.rules.is_empty());
        Ok(if allows { Verdict::Holds } else { Verdict::Fails })
    }
}

fn group(group: &crate::policy::Group) -> serde_json::Value {
    let rule = |rule: &std::rc::Rc<crate::policy::Rule>| {
        json!({
            "name": rule.name,
            "file": rule.place.file,
            "line": rule.place.line,
            "commands": rule.synopses.iter().map(|synopsis| synopsis.text().to_owned()).collect::<Vec<_>>(),
        })
    };
    json!({
        "name": group.name,
        "description": group.description,
        "rules": group.rules.iter().map(rule).collect::<Vec<_>>(),
    })
}
