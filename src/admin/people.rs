//! Whose rules a verb is about: a user's, a group's members', or the caller's own.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Common, Unanswered};
use crate::excerpt::escape;
use crate::identity::names::Database;
use crate::identity::{Identity, UnixGroup};
use crate::policy::Policy;
use crate::policy::file::{PolicyErrors, load, load_for_groups};

/// Stands for a member's home directory where only the group is known.
const HOME: &str = "/home/member";

/// Whose rules.
#[derive(Args)]
#[group(multiple = false)]
pub(super) struct Whose {
    /// The rules of this user's groups
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// The rules of this group
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
}

/// A person, real or made up, with their rules.
pub(super) struct Person {
    pub(super) identity: Identity,
    pub(super) policy: Policy,
    /// Whether the person exists: otherwise paths are judged as the caller sees them, from a made-up home.
    pub(super) is_real: bool,
}

impl Person {
    /// What to say where no file of the policy is about this person, whose every line is then denied.
    pub(super) fn without_rules(&self) -> Option<String> {
        self.policy
            .groups
            .is_empty()
            .then(|| format!("none of {}'s groups has rules here", escape(&self.identity.user)))
    }

    /// Why the rules let this person into no session.
    pub(super) fn not_let_in(&self) -> Option<String> {
        let root = self.is_real && self.identity.uid == 0 && !self.policy.settings.root;
        root.then(|| "root is not let in: session.root = true in gatesh.toml lets root in".to_owned())
            .or_else(|| self.without_rules())
    }
}

impl Whose {
    pub(super) fn load(&self, common: &Common) -> Result<Person, Unanswered> {
        let source = common.source(None)?;
        match (&self.user, &self.group) {
            (_, Some(group)) => {
                let policy = load_for_groups(&source, std::slice::from_ref(group), Some(Path::new(HOME)))
                    .map_err(|errors| unreadable(&errors))?;
                if policy.groups.is_empty() {
                    return Err(Unanswered(format!("the group {group} has no rules here")));
                }
                Ok(Person { identity: member(group), policy, is_real: false })
            }
            (user, None) => {
                let identity = identity(user.as_deref())?;
                let policy = load(&source, &identity, None).map_err(|errors| unreadable(&errors))?;
                Ok(Person { identity, policy, is_real: true })
            }
        }
    }
}

fn unreadable(errors: &PolicyErrors) -> Unanswered {
    Unanswered(format!("the policy cannot be used:\n{errors}"))
}

fn identity(user: Option<&str>) -> Result<Identity, Unanswered> {
    let Some(name) = user else {
        return Identity::of_process().map_err(|error| Unanswered(error.to_string()));
    };
    let said = |error: crate::identity::IdentityError| Unanswered(error.to_string());
    let names = Database::host().read().map_err(said)?;
    let unknown = || Unanswered(format!("there is no user {name}"));
    let user = names.user_by_name(name).map_err(said)?.ok_or_else(unknown)?;
    let groups = names.groups_of(name).map_err(said)?.ok_or_else(unknown)?;
    Ok(Identity { uid: user.uid, user: user.name, home: user.home, shell: user.shell, groups })
}

/// Somebody who is in one group only.
pub(super) fn member(group: &str) -> Identity {
    Identity {
        uid: u32::MAX - 1,
        user: "member".to_owned(),
        home: PathBuf::from(HOME),
        shell: PathBuf::from("/usr/bin/gatesh"),
        groups: vec![UnixGroup { gid: u32::MAX - 1, name: group.to_owned() }],
    }
}
