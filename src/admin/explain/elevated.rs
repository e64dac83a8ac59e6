//! What becomes of a command that runs through sudo: who it runs as, what of the confinement is lost, and the lines
//! of sudoers without which sudo refuses it. The same whether a launch could be planned or only the group is known.

use serde_json::{Value, json};

use super::super::aws::sudoers_lines;
use super::super::people::Person;
use crate::excerpt::escape;
use crate::policy::decide::Grant;
use crate::policy::listing::spelled;
use crate::policy::{Exec, Terms};

/// A command that runs through sudo: as whom, under which terms, and by which lines of sudoers.
pub(super) struct Elevated {
    user: String,
    terms: Terms,
    group: String,
    sudoers: Result<Vec<String>, String>,
}

impl Elevated {
    /// `None` for a command that gatesh starts itself.
    pub(super) fn of(grant: &Grant, person: &Person) -> Option<Self> {
        let user = grant.elevation()?.user.clone().unwrap_or_else(|| "root".to_owned());
        let sudoers = sudoers_lines(&person.policy, grant);
        Some(Self { user, terms: grant.terms().clone(), group: grant.group().to_owned(), sudoers })
    }

    /// What holds it, one line a subject: none of it is the kernel's.
    pub(super) fn held(&self) -> Vec<String> {
        let user = &self.user;
        let starts = match self.terms.exec {
            Exec::Nothing => {
                "no other program, as far as sudo's NOEXEC reaches (not into statically linked programs)"
            }
            Exec::Listed(_) | Exec::Any => "any program: the rule has exec, so sudoers has EXEC",
        };
        let timeout = match self.terms.timeout {
            Some(timeout) => {
                format!("{}, then TERM by gatesh and by sudo, and never KILL", spelled(timeout))
            }
            None => "none".to_owned(),
        };
        vec![
            format!("reads:     whatever {user} may: the words were checked, and nothing after that"),
            format!("writes:    whatever {user} may"),
            format!("starts:    {starts}"),
            "processes: any number".to_owned(),
            format!("network:   whatever {user} may"),
            format!("timeout:   {timeout}"),
        ]
    }

    /// What sudo must have been told, for the trace.
    pub(super) fn told(&self, text: &mut Vec<String>) {
        match &self.sudoers {
            Ok(lines) => {
                for (index, line) in lines.iter().enumerate() {
                    let label = if index == 0 { "sudoers" } else { "" };
                    text.push(format!("  {label:<8}  {}", escape(line)));
                }
                text.push("            without such a line sudo refuses it, with exit status 1".to_owned());
                text.push(format!(
                    "            gateshctl export sudoers --group {} writes them all",
                    self.group
                ));
            }
            Err(why) => text.push(format!("  sudoers   cannot say it: {}", escape(why))),
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "user": self.user,
            "sudoers": self.sudoers.as_ref().ok(),
            "unsayable": self.sudoers.as_ref().err(),
        })
    }
}
