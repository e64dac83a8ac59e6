//! The rules of a session: loaded at its start, and held against the files and the group database again before
//! each command, so that a change counts at once and a fault stops everything until it is mended.

use std::rc::Rc;

use super::demo;
use crate::identity::Identity;
use crate::identity::names::Database;
use crate::policy::Policy;
use crate::policy::file::{PolicyErrors, PolicySource, load, load_embedded};

/// Where rules are read from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A policy directory.
    Files(PolicySource),
    /// The built-in demonstration.
    Demo,
}

/// The rules as they are now.
#[derive(Debug)]
pub(super) struct Rules {
    source: Source,
    narrowed: Option<String>,
    /// Who the session was started for: with every group the kernel gave it.
    at_start: Identity,
    policy: Rc<Policy>,
    is_faulty: bool,
}

/// What a look at the files found.
#[must_use]
pub(super) enum Change {
    /// Nothing new.
    None,
    /// Other rules or other groups, which now hold; with those that did.
    Reloaded(Rc<Policy>),
    /// Nothing may run until this is mended.
    Faulty(Fault),
}

/// Why no rules hold.
pub(super) enum Fault {
    /// The files.
    Policy(PolicyErrors),
    /// The user database, in words.
    Identity(String),
}

impl Rules {
    pub(super) fn load(
        source: Source,
        person: &Identity,
        narrowed: Option<String>,
    ) -> Result<Self, PolicyErrors> {
        let policy = Rc::new(read(&source, person, narrowed.as_deref())?);
        Ok(Self { source, narrowed, at_start: person.clone(), policy, is_faulty: false })
    }

    pub(super) fn policy(&self) -> &Rc<Policy> {
        &self.policy
    }

    /// Whether these are the built-in ones.
    pub(super) fn are_demo(&self) -> bool {
        matches!(self.source, Source::Demo)
    }

    /// Whether the rules last read are in force.
    pub(super) fn hold(&self) -> bool {
        !self.is_faulty
    }

    /// Reads again what changed. `person` loses the groups that the database no longer has for them, and has them
    /// back with it.
    pub(super) fn refresh(&mut self, person: &mut Identity) -> Change {
        if matches!(self.source, Source::Demo) {
            return Change::None;
        }
        match still(&self.at_start) {
            Ok(now) if now == *person && !self.policy.stamp.changed() && !self.is_faulty => Change::None,
            Ok(now) => {
                *person = now;
                self.reload(person)
            }
            Err(text) => {
                self.is_faulty = true;
                Change::Faulty(Fault::Identity(text))
            }
        }
    }

    fn reload(&mut self, person: &Identity) -> Change {
        match read(&self.source, person, self.narrowed.as_deref()) {
            Ok(policy) => {
                let before = std::mem::replace(&mut self.policy, Rc::new(policy));
                self.is_faulty = false;
                Change::Reloaded(before)
            }
            Err(errors) => {
                self.is_faulty = true;
                Change::Faulty(Fault::Policy(errors))
            }
        }
    }
}

fn still(at_start: &Identity) -> Result<Identity, String> {
    let names = Database::host().read().map_err(|error| error.to_string())?;
    at_start.read_again(&names).map_err(|error| error.to_string())
}

fn read(source: &Source, person: &Identity, narrowed: Option<&str>) -> Result<Policy, PolicyErrors> {
    match source {
        Source::Files(source) => load(source, person, narrowed),
        Source::Demo => load_embedded(demo::HOST, demo::GROUP, demo::SETS, person),
    }
}
