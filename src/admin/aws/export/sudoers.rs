//! `export sudoers`.

use clap::Args;
use serde_json::json;

use super::super::super::export::{SudoVersion, sudoers};
use super::super::super::{Answer, Common, Verdict, print_json};
use super::super::facts::{facts, rules};
use super::super::sudo::elevated;
use super::{Of, note, said, written};

#[derive(Args)]
pub(super) struct Sudoers {
    #[command(flatten)]
    of: Of,
    /// The oldest sudo that will read the file
    #[arg(long, value_name = "VERSION", default_value = "1.9.10")]
    sudo_version: SudoVersion,
}

impl Sudoers {
    pub(super) fn run(&self, common: &Common) -> Answer {
        let policy = rules(common, &self.of.group)?;
        let mut facts = facts(&policy, &self.of.group)?;
        elevated(&policy, self.sudo_version, &mut facts)?;
        let text = sudoers(&facts, self.sudo_version).map_err(said)?;
        facts.notes.iter().for_each(|text| note(text));
        if common.json {
            print_json(&json!({ "sudoers": text, "notes": facts.notes }));
            return Ok(Verdict::Holds);
        }
        Ok(written(&text))
    }
}
