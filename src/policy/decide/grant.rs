//! The right to run one command once.

use std::path::PathBuf;
use std::rc::Rc;

use crate::policy::paths::CheckedPath;
use crate::policy::synopsis::{Argument, Elevation};
use crate::policy::{Rule, Terms};

/// The right to run one command once. Minted in [`super`] alone; [`crate::launch`] consumes it.
#[derive(Debug)]
pub struct Grant {
    pub(super) group: String,
    pub(super) rule: Rc<Rule>,
    pub(super) synopsis: String,
    pub(super) program: PathBuf,
    pub(super) name: String,
    pub(super) arguments: Vec<Argument>,
    pub(super) elevation: Option<Elevation>,
    pub(super) directory: Option<CheckedPath>,
    pub(super) skipped: Vec<String>,
    pub(super) withheld: Vec<&'static str>,
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

    /// The program's file, absolute, symbolic links not yet followed; the bare name where the host has no
    /// such program. [`crate::launch`] opens and checks it.
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

    /// Names that a glob found and that cannot be words, escaped for display; the person is told.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// What of the base, which every program may read, a deny keeps from this one.
    pub fn withheld(&self) -> &[&'static str] {
        &self.withheld
    }

    /// argv as a person reads it: the rule's name for the program, then the arguments.
    pub fn argv(&self) -> Vec<String> {
        let elevation = self.elevation.iter().flat_map(|elevation| {
            let user = elevation.user.iter().flat_map(|user| ["-u".to_owned(), user.clone()]);
            std::iter::once("sudo".to_owned()).chain(user)
        });
        let arguments = self.arguments.iter().map(|argument| argument.text.clone());
        elevation.chain(std::iter::once(self.name.clone())).chain(arguments).collect()
    }
}
