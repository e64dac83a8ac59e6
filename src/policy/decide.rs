//! Holds a command against a policy: the decision and its trace, from one walk.

use std::path::PathBuf;
use std::rc::Rc;

use super::paths::CheckedPath;
use super::synopsis::{Argument, Elevation};
use super::{Rule, Terms};

/// The right to run one command once. Minted here alone; [`crate::launch`] consumes it.
#[derive(Debug)]
pub struct Grant {
    group: String,
    rule: Rc<Rule>,
    synopsis: String,
    program: PathBuf,
    name: String,
    arguments: Vec<Argument>,
    elevation: Option<Elevation>,
    directory: Option<CheckedPath>,
}

impl Grant {
    /// The group whose rule allows it.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The rule that allows it.
    pub fn rule(&self) -> &Rc<Rule> {
        &self.rule
    }

    /// How it is to be run.
    pub fn terms(&self) -> &Terms {
        &self.rule.terms
    }

    /// The synopsis that fitted, as written.
    pub fn synopsis(&self) -> &str {
        &self.synopsis
    }

    /// The program's file, absolute, as found in `programs.path` or written in the rule (symlinks not yet
    /// followed; [`crate::launch`] opens and checks it).
    pub fn program(&self) -> &PathBuf {
        &self.program
    }

    /// argv[0]: the rule's own name for the program.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// argv[1..], in the synopsis's own order, with the checked paths they carry.
    pub fn arguments(&self) -> &[Argument] {
        &self.arguments
    }

    /// Present when it runs through sudo.
    pub fn elevation(&self) -> Option<&Elevation> {
        self.elevation.as_ref()
    }

    /// The current directory where it stands for a missing operand, checked.
    pub fn directory(&self) -> Option<&CheckedPath> {
        self.directory.as_ref()
    }
}
