//! `gateshctl doctor`: whether this host lets gatesh hold what its rules say. Each check has a file; each finding
//! says in plain words what is so, what follows, and the way out. Nothing is changed.

mod agent;
mod around;
mod audit_log;
mod binary;
mod finding;
mod host;
mod journal;
mod kernel;
mod people;
mod rsyslog;
mod rules;
mod shells;
mod sshd;
mod sudoers;
mod told;
mod users;

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::check::plural;
use super::{Answer, Common, Unanswered, Verdict, print, print_json};
use finding::{Finding, Severity};
use host::Host;
use told::Told;

#[derive(Args)]
pub(super) struct Doctor {
    /// Look at the files beneath DIR (an image, a chroot); nothing is run or connected to then
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

impl Doctor {
    pub(super) fn run(&self, common: &Common) -> Answer {
        let host = self.host()?;
        let rules = rules::Rules::read(&host, common)?;
        let people = people::People::read(&host, &rules).map_err(Unanswered)?;
        let mut found = look(&host, &rules, &people);
        // The sort is stable: within a severity the order of the checks stays.
        found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let fails = found.iter().any(|finding| finding.severity == Severity::Problem);
        if common.json {
            print_json(
                &json!({ "holds": !fails, "findings": found.iter().map(Finding::as_json).collect::<Vec<_>>() }),
            );
        } else {
            let told = told::together(&found);
            print(told.iter().flat_map(Told::lines));
            print([summary(&told)]);
        }
        Ok(if fails { Verdict::Fails } else { Verdict::Holds })
    }

    fn host(&self) -> Result<Host, Unanswered> {
        if let Some(root) = self.root.as_ref().filter(|root| !root.is_dir()) {
            return Err(Unanswered(format!("--root {}: there is no such directory", root.display())));
        }
        Ok(Host::new(self.root.as_deref()))
    }
}

fn look(host: &Host, rules: &rules::Rules, people: &people::People) -> Vec<Finding> {
    let mut found = kernel::findings(host, rules.survey.settings.landlock);
    found.extend(rules.findings(host));
    found.extend(binary::findings(host));
    found.extend(users::findings(host, people, rules));
    found.extend(sudoers::findings(host, people, rules));
    found.extend(shells::findings(host));
    found.extend(sshd::findings(host, people));
    found.extend(around::findings(host, people));
    found.extend(audit_log::findings(host, &rules.survey.settings));
    found.extend(agent::findings(host, people));
    found
}

/// Counts findings as they are told: what is so of several accounts is one.
fn summary(told: &[Told<'_>]) -> String {
    let count = |severity| told.iter().filter(|told| told.severity() == severity).count();
    let (problems, warnings) = (count(Severity::Problem), count(Severity::Warning));
    let (notes, ok) = (count(Severity::Note), count(Severity::Ok));
    format!(
        "{}, {}, {}, {ok} ok",
        plural(problems, "problem"),
        plural(warnings, "warning"),
        plural(notes, "note")
    )
}
