//! Why a session cannot tell who is asking, in the words its person and administrator read.

use std::fmt;
use std::io;
use std::path::PathBuf;

use nix::errno::Errno;

use super::getent::GetentFault;

/// Why nobody can be said to be asking. The session is refused.
#[derive(Debug)]
pub enum IdentityError {
    /// Real and effective user differ.
    TwoUsers {
        /// getuid(2).
        real: u32,
        /// geteuid(2).
        effective: u32,
    },
    /// Real and effective group differ.
    TwoGroups {
        /// getgid(2).
        real: u32,
        /// getegid(2).
        effective: u32,
    },
    /// getgroups(2) failed.
    Groups(Errno),
    /// A file of the user database cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// No user has that id.
    NamelessUser(u32),
    /// No group has that id.
    NamelessGroup(u32),
    /// A user id's name belongs to another id, or to none.
    UserLeadsElsewhere {
        /// The id asked for.
        uid: u32,
        /// Its name.
        name: String,
        /// What the name leads to.
        back: Option<u32>,
    },
    /// A group id's name belongs to another id, or to none.
    GroupLeadsElsewhere {
        /// The id asked for.
        gid: u32,
        /// Its name.
        name: String,
        /// What the name leads to.
        back: Option<u32>,
    },
    /// A name that is not UTF-8.
    NotUtf8(Vec<u8>),
    /// A home directory that is not an absolute path.
    NoHome {
        /// The user.
        user: String,
        /// The field as written.
        home: PathBuf,
    },
    /// The id has another name than at the session's start.
    Renamed {
        /// Then.
        before: String,
        /// Now.
        now: String,
    },
    /// getent could not be used.
    Getent {
        /// What was asked, as a command.
        command: String,
        /// Why it is no answer.
        fault: GetentFault,
    },
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TwoUsers { real, effective } => {
                write!(f, "the process runs for two users at once: real {real}, effective {effective}")
            }
            Self::TwoGroups { real, effective } => {
                write!(f, "the process runs for two groups at once: real {real}, effective {effective}")
            }
            Self::Groups(errno) => write!(f, "the kernel does not tell the groups: {}", errno.desc()),
            Self::Unreadable { path, error } => write!(f, "{} cannot be read: {error}", path.display()),
            Self::NamelessUser(uid) => write!(f, "user id {uid} has no name: give it one in /etc/passwd"),
            Self::NamelessGroup(gid) => write!(f, "group id {gid} has no name: give it one in /etc/group"),
            Self::UserLeadsElsewhere { uid, name, back } => elsewhere(f, USER, *uid, name, *back),
            Self::GroupLeadsElsewhere { gid, name, back } => elsewhere(f, GROUP, *gid, name, *back),
            Self::NotUtf8(name) => {
                write!(f, "the name \"{}\" is not UTF-8: choose another one", name.escape_ascii())
            }
            Self::NoHome { user, home } => {
                let home = home.as_os_str().as_encoded_bytes().escape_ascii();
                let user = user.escape_debug();
                write!(f, "the home directory of {user} is \"{home}\": make it an absolute path")
            }
            Self::Renamed { before, now } => {
                let [before, now] = [before.escape_debug(), now.escape_debug()];
                write!(f, "{before} is called {now} now: start a new session")
            }
            Self::Getent { command, fault } => write!(f, "{}: {fault}", command.escape_debug()),
        }
    }
}

/// A kind of id and the file to mend.
type Kind = (&'static str, &'static str);
const USER: Kind = ("user", "/etc/passwd");
const GROUP: Kind = ("group", "/etc/group");

fn elsewhere(f: &mut fmt::Formatter<'_>, kind: Kind, id: u32, name: &str, back: Option<u32>) -> fmt::Result {
    let (kind, file) = kind;
    let name = name.escape_debug();
    match back {
        Some(back) => {
            write!(f, "{kind} id {id} is called {name}, but {name} is {kind} id {back}: mend {file}")
        }
        None => write!(f, "{kind} id {id} is called {name}, but no {kind} of that name is found"),
    }
}

impl std::error::Error for IdentityError {}
