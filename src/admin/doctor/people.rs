//! Whom the doctor looks at: everybody whose shell is gatesh, the agent's own user, and the members of groups
//! that have rules.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::finding::Finding;
use super::host::{Host, caller};
use super::rules::Rules;
use crate::identity::names::{Database, Names, User};

/// The user Session Manager runs sessions as by default.
pub(super) const SSM_USER: &str = "ssm-user";

/// How a person comes to gatesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tie {
    /// It is their login shell.
    Shell,
    /// They are `ssm-user`: a Session document decides what starts, so an escape is as good as any session.
    Agent,
    /// They are in a group that has rules, and have another login shell.
    Rules,
}

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) user: User,
    pub(super) tie: Tie,
    /// Names of all their groups; those of the files alone where the rest could not be had.
    pub(super) groups: Vec<String>,
    /// Why a session of theirs would be refused for who they are.
    pub(super) refused: Option<String>,
}

/// All of them, and what else of the user database the checks want.
#[derive(Debug)]
pub(super) struct People {
    pub(super) all: Vec<Person>,
    /// Every uid that several names share.
    pub(super) shared: BTreeMap<u32, Vec<String>>,
    /// Group ids by name, from /etc/group.
    pub(super) gids: BTreeMap<String, u32>,
}

impl People {
    pub(super) fn read(host: &Host, rules: &Rules) -> Result<Self, String> {
        let names = database(host).read().map_err(|error| error.to_string())?;
        let passwd = host.read("/etc/passwd").map_err(|error| format!("/etc/passwd: {error}"))?;
        let gids = gids(&host.read("/etc/group").unwrap_or_default());
        let mut all = Vec::new();
        let mut seen = BTreeSet::new();
        for name in passwd.lines().filter_map(name_of) {
            let Ok(Some(user)) = names.user_by_name(name) else { continue };
            if seen.insert(user.name.clone()) {
                all.extend(person(user, &names, rules));
            }
        }
        Ok(Self { all, shared: shared(&passwd), gids })
    }

    pub(super) fn gated(&self) -> impl Iterator<Item = &Person> {
        self.all.iter().filter(|person| person.tie == Tie::Shell)
    }

    pub(super) fn ssm_user(&self) -> Option<&Person> {
        self.all.iter().find(|person| person.user.name == SSM_USER)
    }
}

/// The user database of the host. Beneath a directory only its files: its getent is not ours to run.
pub(super) fn database(host: &Host) -> Database {
    match host.is_live {
        true => Database::host(),
        false => Database {
            nsswitch: PathBuf::from("/nonexistent/nsswitch.conf"),
            ..Database::under(&host.place("/"), caller())
        },
    }
}

fn person(user: User, names: &Names, rules: &Rules) -> Option<Person> {
    let (groups, refused) = match names.groups_of(&user.name) {
        Ok(groups) => (groups.unwrap_or_default().into_iter().map(|group| group.name).collect(), None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let groups: Vec<String> = groups;
    let tie = if is_gatesh(&user.shell) {
        Tie::Shell
    } else if user.name == SSM_USER {
        Tie::Agent
    } else if groups.iter().any(|group| rules.has(group)) {
        Tie::Rules
    } else {
        return None;
    };
    Some(Person { user, tie, groups, refused })
}

/// By its name: the gate may stand elsewhere than in /usr/bin on a host that was set up by hand.
pub(super) fn is_gatesh(shell: &Path) -> bool {
    shell.file_name().is_some_and(|name| name == "gatesh")
}

fn name_of(line: &str) -> Option<&str> {
    line.split(':').next().map(str::trim).filter(|name| !name.is_empty())
}

fn shared(passwd: &str) -> BTreeMap<u32, Vec<String>> {
    let mut by_uid: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for line in passwd.lines() {
        let uid = line.split(':').nth(2).and_then(|uid| uid.parse().ok());
        if let (Some(name), Some(uid)) = (name_of(line), uid) {
            by_uid.entry(uid).or_default().push(name.to_owned());
        }
    }
    by_uid.retain(|_, names| names.len() > 1);
    by_uid
}

fn gids(group: &str) -> BTreeMap<String, u32> {
    let line = |line: &str| {
        let gid = line.split(':').nth(2)?.parse().ok()?;
        Some((name_of(line)?.to_owned(), gid))
    };
    group.lines().filter_map(line).collect()
}

/// What several checks have to say of somebody they cannot look at.
pub(super) fn needs_root(person: &Person, what: &str) -> Finding {
    Finding::not_looked_at(format!("{what} of {}", person.user.name), "needs root")
}
