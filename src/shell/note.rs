//! What the audit records of a command say, kept while its grant is spent and its launch runs.

use std::path::PathBuf;

use crate::audit::{Attempt, RuleName};
use crate::launch::Launch;
use crate::policy::Enforcement;
use crate::policy::decide::Grant;

/// One command of a line.
#[derive(Clone, Debug)]
pub(super) struct Note {
    group: String,
    rule: String,
    synopsis: String,
    stage: u32,
    stages: u32,
    argv: Vec<String>,
    program: Option<PathBuf>,
    cwd: PathBuf,
    enforcement: Option<Enforcement>,
    degradations: Vec<String>,
    skipped: Vec<String>,
    stated_reason: Option<String>,
}

impl Note {
    /// Of a grant that is about to be planned; `stage` counts from 0.
    pub(super) fn of(
        grant: &Grant,
        stage: usize,
        stages: usize,
        cwd: PathBuf,
        reason: Option<String>,
    ) -> Self {
        Self {
            group: grant.group().to_owned(),
            rule: grant.rule().name.clone(),
            synopsis: grant.synopsis().to_owned(),
            stage: u32::try_from(stage.saturating_add(1)).unwrap_or(u32::MAX),
            stages: u32::try_from(stages).unwrap_or(u32::MAX),
            argv: grant.argv(),
            program: None,
            cwd: grant.terms().cwd.clone().unwrap_or(cwd),
            enforcement: None,
            degradations: Vec::new(),
            skipped: grant.skipped().to_vec(),
            stated_reason: reason.filter(|_| grant.rule().reason.is_some()),
        }
    }

    /// What planning found out.
    pub(super) fn planned(&mut self, launch: &Launch) {
        self.argv = launch.argv().to_vec();
        self.program = Some(launch.program().path.clone());
        self.enforcement = Some(launch.enforcement());
        self.degradations = launch.degradations().to_vec();
    }

    /// As the audit log takes it.
    pub(super) fn attempt<'a>(&'a self, line: &'a [u8]) -> Attempt<'a> {
        Attempt {
            line,
            stage: self.stage,
            stages: self.stages,
            rule: RuleName { group: &self.group, name: &self.rule, synopsis: Some(&self.synopsis) },
            argv: self.argv.iter().map(String::as_bytes).collect(),
            program: self.program.as_deref(),
            cwd: &self.cwd,
            enforcement: self.enforcement,
            degradations: &self.degradations,
            skipped: &self.skipped,
            stated_reason: self.stated_reason.as_deref(),
        }
    }
}
