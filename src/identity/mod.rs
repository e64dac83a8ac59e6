//! Says who is asking: user and groups as the kernel holds them, never as the environment tells it.
//!
//! The kernel knows numbers, rules know names. [`names`] leads from one to the other and refuses what does not
//! lead back; [`session`] adds what else a record should tell about where the person came from.

mod fault;
mod getent;
pub mod names;
mod nsswitch;
pub mod origin;
mod passwd;
pub mod session;

use std::collections::BTreeSet;
use std::path::PathBuf;

use nix::unistd::{getegid, geteuid, getgid, getgroups, getuid};

pub use fault::IdentityError;
pub use getent::GetentFault;
use names::{Database, Names};

/// The person behind the session, as the kernel and the host's user database agree on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Real user id, equal to the effective one.
    pub uid: u32,
    /// Login name for that uid.
    pub user: String,
    /// Home directory of the user database, absolute.
    pub home: PathBuf,
    /// Login shell of the user database.
    pub shell: PathBuf,
    /// Real and supplementary groups, each with a name that leads back to the same gid. No doubles.
    pub groups: Vec<UnixGroup>,
}

/// A Unix group the kernel says the process is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnixGroup {
    /// Group id.
    pub gid: u32,
    /// Its name. It may be one that no file can be called by, such as `a/b`: then it has no rules.
    pub name: String,
}

/// The ids the kernel holds for a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// getuid(2).
    pub uid: u32,
    /// geteuid(2).
    pub effective_uid: u32,
    /// getgid(2).
    pub gid: u32,
    /// getegid(2).
    pub effective_gid: u32,
    /// getgroups(2).
    pub supplementary: Vec<u32>,
}

impl Credentials {
    /// Those of this process.
    pub fn of_process() -> Result<Self, IdentityError> {
        let supplementary = getgroups().map_err(IdentityError::Groups)?;
        Ok(Self {
            uid: getuid().as_raw(),
            effective_uid: geteuid().as_raw(),
            gid: getgid().as_raw(),
            effective_gid: getegid().as_raw(),
            supplementary: supplementary.iter().map(|gid| gid.as_raw()).collect(),
        })
    }
}

impl Identity {
    /// Who this process runs for, by the kernel and the host's own database.
    pub fn of_process() -> Result<Self, IdentityError> {
        Self::of(&Credentials::of_process()?, &Database::host().read()?)
    }

    /// Who a process with these ids runs for.
    pub fn of(kernel: &Credentials, names: &Names) -> Result<Self, IdentityError> {
        if kernel.uid != kernel.effective_uid {
            return Err(IdentityError::TwoUsers { real: kernel.uid, effective: kernel.effective_uid });
        }
        if kernel.gid != kernel.effective_gid {
            return Err(IdentityError::TwoGroups { real: kernel.gid, effective: kernel.effective_gid });
        }
        let mut gids = vec![kernel.gid];
        gids.extend(&kernel.supplementary);
        let user = names.user_by_id(kernel.uid)?;
        if !user.home.is_absolute() {
            return Err(IdentityError::NoHome { user: user.name, home: user.home });
        }
        let groups = names.groups(&gids)?;
        Ok(Self { uid: kernel.uid, user: user.name, home: user.home, shell: user.shell, groups })
    }

    /// The same person by the database as it is now; asked of the identity a session started with, since what the
    /// kernel gave it then is the upper bound: it can lose groups, have them back, and never gain any. Groups that
    /// only the kernel knows of (newgrp(1), a service's `SupplementaryGroups=`) are lost.
    pub fn read_again(&self, names: &Names) -> Result<Self, IdentityError> {
        let user = names.user_by_id(self.uid)?;
        if user.name != self.user {
            return Err(IdentityError::Renamed { before: self.user.clone(), now: user.name });
        }
        let now: BTreeSet<u32> = names.group_ids_of(&user)?.into_iter().collect();
        let kept: Vec<u32> =
            self.groups.iter().map(|group| group.gid).filter(|gid| now.contains(gid)).collect();
        Ok(Self { groups: names.groups(&kept)?, ..self.clone() })
    }

    /// Whether the person is in the group of that name.
    pub fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|found| found.name == group)
    }
}
