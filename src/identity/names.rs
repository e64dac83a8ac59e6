//! Leads from numbers to names and back: first in /etc/passwd and /etc/group, then, only where another source
//! can hold the answer, through getent. Rules are found by group name, so a name that does not lead back to the
//! number it came from is no name at all.

use std::collections::BTreeSet;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::getent::{self, GetentFault};
use super::nsswitch::{Reach, beyond_files};
use super::passwd::{self, UserLine, group_lines, user_lines};
use super::{IdentityError, UnixGroup};
use crate::sys::read_bounded;

/// Both files together stay far below this on any host; more is not read.
const LARGEST_FILE: u64 = 16 << 20;

/// Where a host keeps its users and groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// passwd(5).
    pub passwd: PathBuf,
    /// group(5).
    pub group: PathBuf,
    /// nsswitch.conf(5); may be missing.
    pub nsswitch: PathBuf,
    /// getent(1).
    pub getent: PathBuf,
    /// Who besides root may own `getent`.
    pub owner: u32,
    /// How long getent may take for one answer.
    pub patience: Duration,
}

impl Database {
    /// The host's own.
    pub fn host() -> Self {
        Self::under(Path::new("/"), 0)
    }

    /// The same places beneath a directory, where getent may also belong to `owner`.
    pub fn under(root: &Path, owner: u32) -> Self {
        Self {
            passwd: root.join("etc/passwd"),
            group: root.join("etc/group"),
            nsswitch: root.join("etc/nsswitch.conf"),
            getent: root.join("usr/bin/getent"),
            owner,
            patience: Duration::from_secs(5),
        }
    }

    /// Reads both files, each once, so that all answers come from the same text.
    pub fn read(self) -> Result<Names, IdentityError> {
        let passwd = read(&self.passwd)?;
        let group = read(&self.group)?;
        let groups = group_lines(&group).map(|line| (line.gid, line.name.into())).collect();
        Ok(Names { database: self, passwd, group, groups })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, IdentityError> {
    read_bounded(path, LARGEST_FILE)
        .map_err(|error| IdentityError::Unreadable { path: path.to_owned(), error })
}

/// A user of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Login name.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// Primary group's id.
    pub gid: u32,
    /// Home directory as written, which may be empty.
    pub home: PathBuf,
    /// Login shell as written; /bin/sh where the field is empty, as login(1) has it.
    pub shell: PathBuf,
}

/// The user database, as read at one moment.
#[derive(Clone, Debug)]
pub struct Names {
    database: Database,
    passwd: Vec<u8>,
    group: Vec<u8>,
    /// The ids and names of `group` in their order: a person with 30 groups needs 60 look-ups.
    groups: Vec<(u32, Box<[u8]>)>,
}

impl Names {
    /// The user with that id, whose name leads back to it.
    pub fn user_by_id(&self, uid: u32) -> Result<User, IdentityError> {
        let user = self.find_user(Key::Id(uid))?.ok_or(IdentityError::NamelessUser(uid))?;
        match self.user_by_name(&user.name)?.map(|found| found.uid) {
            Some(back) if back == uid => Ok(user),
            back => Err(IdentityError::UserLeadsElsewhere { uid, name: user.name, back }),
        }
    }

    /// The group with that id, whose name leads back to it.
    pub fn group_by_id(&self, gid: u32) -> Result<UnixGroup, IdentityError> {
        let group = self.find_group(Key::Id(gid))?.ok_or(IdentityError::NamelessGroup(gid))?;
        match self.group_by_name(&group.name)?.map(|found| found.gid) {
            Some(back) if back == gid => Ok(group),
            back => Err(IdentityError::GroupLeadsElsewhere { gid, name: group.name, back }),
        }
    }

    /// The user of that name.
    pub fn user_by_name(&self, name: &str) -> Result<Option<User>, IdentityError> {
        self.find_user(Key::Name(name))
    }

    /// The group of that name.
    pub fn group_by_name(&self, name: &str) -> Result<Option<UnixGroup>, IdentityError> {
        self.find_group(Key::Name(name))
    }

    /// The groups the host's database puts a user in, the primary one first: what a new login would get. Each
    /// name leads back to its id. None if there is no such user.
    pub fn groups_of(&self, name: &str) -> Result<Option<Vec<UnixGroup>>, IdentityError> {
        let Some(user) = self.user_by_name(name)? else { return Ok(None) };
        self.groups(&self.group_ids_of(&user)?).map(Some)
    }

    /// The same as ids, whatever they are called, doubles not removed.
    pub fn group_ids_of(&self, user: &User) -> Result<Vec<u32>, IdentityError> {
        let member_of = group_lines(&self.group).filter(|line| line.has_member(user.name.as_bytes()));
        let mut gids = vec![user.gid];
        gids.extend(member_of.map(|line| line.gid));
        if self.reach("group")?.max(self.reach("initgroups")?) == Reach::Anything {
            gids.extend(self.ask_memberships(&user.name)?);
        }
        Ok(gids)
    }

    /// Those ids as groups, in that order, without doubles; the first that has no proper name is an error.
    pub fn groups(&self, gids: &[u32]) -> Result<Vec<UnixGroup>, IdentityError> {
        let mut seen = BTreeSet::new();
        gids.iter().filter(|&&gid| seen.insert(gid)).map(|&gid| self.group_by_id(gid)).collect()
    }

    /// The users of the files whose login shell is `shell`, byte for byte. Users that only another source holds
    /// are not looked for: many directories refuse to list theirs.
    pub fn users_with_shell(&self, shell: &Path) -> Vec<User> {
        user_lines(&self.passwd)
            .filter_map(|line| user(&line).ok())
            .filter(|user| user.shell.as_os_str() == shell.as_os_str())
            .collect()
    }

    fn find_user(&self, key: Key<'_>) -> Result<Option<User>, IdentityError> {
        if let Some(line) = user_lines(&self.passwd).find(|line| key.is(line.name, line.uid)) {
            return user(&line).map(Some);
        }
        let reach = self.reach("passwd")?;
        let Some(answer) = self.ask("passwd", key, reach)? else { return Ok(None) };
        match user_lines(&answer).find(|line| key.is(line.name, line.uid) && reach.covers(line.uid)) {
            Some(line) => user(&line).map(Some),
            None => Err(self.getent_error("passwd", key, GetentFault::OtherKey)),
        }
    }

    fn find_group(&self, key: Key<'_>) -> Result<Option<UnixGroup>, IdentityError> {
        if let Some((gid, name)) = self.groups.iter().find(|(gid, name)| key.is(name, *gid)) {
            return group(*gid, name).map(Some);
        }
        let reach = self.reach("group")?;
        let Some(answer) = self.ask("group", key, reach)? else { return Ok(None) };
        match group_lines(&answer).find(|line| key.is(line.name, line.gid) && reach.covers(line.gid)) {
            Some(line) => group(line.gid, line.name).map(Some),
            None => Err(self.getent_error("group", key, GetentFault::OtherKey)),
        }
    }

    /// getent's `name gid gid ...`, the files' own groups among them.
    fn ask_memberships(&self, user: &str) -> Result<Vec<u32>, IdentityError> {
        let key = Key::Name(user);
        let Some(answer) = self.ask("initgroups", key, Reach::Anything)? else { return Ok(Vec::new()) };
        let mut words = answer.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let about = words.next() == Some(user.as_bytes());
        let gids: Option<Vec<u32>> = words.map(passwd::id).collect();
        gids.filter(|_| about).ok_or_else(|| self.getent_error("initgroups", key, GetentFault::OtherKey))
    }

    fn reach(&self, database: &str) -> Result<Reach, IdentityError> {
        match read_bounded(&self.database.nsswitch, LARGEST_FILE) {
            Ok(text) => Ok(beyond_files(&text, database)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Reach::Nothing),
            Err(error) => Err(IdentityError::Unreadable { path: self.database.nsswitch.clone(), error }),
        }
    }

    fn ask(&self, database: &str, key: Key<'_>, reach: Reach) -> Result<Option<Vec<u8>>, IdentityError> {
        if !key.can_be_asked(reach) {
            return Ok(None);
        }
        let Database { getent, owner, patience, .. } = &self.database;
        getent::ask(getent, *owner, *patience, [database, &key.to_string()])
            .map_err(|fault| self.getent_error(database, key, fault))
    }

    fn getent_error(&self, database: &str, key: Key<'_>, fault: GetentFault) -> IdentityError {
        let program = self.database.getent.display();
        IdentityError::Getent { command: format!("{program} {database} {key}"), fault }
    }
}

/// What a line is looked for by.
#[derive(Clone, Copy)]
enum Key<'a> {
    Id(u32),
    Name(&'a str),
}

impl Key<'_> {
    fn is(self, name: &[u8], id: u32) -> bool {
        match self {
            Self::Id(wanted) => wanted == id,
            Self::Name(wanted) => wanted.as_bytes() == name,
        }
    }

    /// getent takes what strtoul(3) reads as a number for an id, a leading dash for an option, and cannot print
    /// some names so that they can be read again: such names are nobody's outside the files.
    fn can_be_asked(self, reach: Reach) -> bool {
        match self {
            Self::Id(id) => reach.covers(id),
            Self::Name(name) => {
                let number =
                    name.trim_start_matches([' ', '+', '-']).bytes().all(|byte| byte.is_ascii_digit());
                let odd = name.starts_with('-') || name.contains(|c: char| c == ':' || c.is_control());
                reach != Reach::Nothing && !number && !odd
            }
        }
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

fn user(line: &UserLine<'_>) -> Result<User, IdentityError> {
    let shell = if line.shell.is_empty() { b"/bin/sh" } else { line.shell };
    Ok(User {
        name: text(line.name)?,
        uid: line.uid,
        gid: line.gid,
        home: path(line.home),
        shell: path(shell),
    })
}

fn group(gid: u32, name: &[u8]) -> Result<UnixGroup, IdentityError> {
    Ok(UnixGroup { gid, name: text(name)? })
}

fn text(name: &[u8]) -> Result<String, IdentityError> {
    String::from_utf8(name.to_vec()).map_err(|_| IdentityError::NotUtf8(name.to_vec()))
}

fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}
