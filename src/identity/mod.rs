//! Says who is asking: user and groups as the kernel holds them, never as the environment tells it.

use std::path::PathBuf;

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
    /// Its name.
    pub name: String,
}
