//! Holding a typed path against a type. A refusal must read the same whether or not something exists outside
//! the type's globs, so each way out of here is either about an object that matches, or about the typed text.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::rc::Rc;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::SFlag;

use super::name::{climbed, folded, joined, parent_and_last, stands_above, usable};
use super::object::{Held, Links, look_at};
use super::{CheckedPath, PathRefusal, View};

use crate::policy::glob::any_reaches;
use crate::policy::types::{Access, Object, PathType};

impl View {
    /// Holds `typed` against `wanted`. `elevated` adds that only root may have placed it; a fixture tree is
    /// not asked that, since its owner says nothing about the host's.
    pub fn resolve(
        &self,
        wanted: &PathType,
        typed: &str,
        elevated: bool,
    ) -> Result<CheckedPath, PathRefusal> {
        if typed.is_empty() || typed.starts_with('-') || typed.contains('\0') {
            return Err(PathRefusal::NoMatch);
        }
        let question = Question { view: self, wanted, typed, elevated, text: self.fold(typed) };
        if matches!(self, Self::Text { .. }) {
            return question.answer_as_text();
        }
        if !self.climbs_only_what_is_known(typed, |directory| wanted.leads_through(directory)) {
            return Err(PathRefusal::NoMatch);
        }
        match self.open(typed.as_bytes(), OFlag::O_PATH, Links::Followed) {
            Ok(descriptor) => match self.held(descriptor) {
                Ok(held) => question.judge(held),
                Err(errno) => Err(question.without_an_object(errno)),
            },
            Err(Errno::ENOENT) if question.may_be_missing() => question.judge_new(),
            Err(errno) => Err(question.without_an_object(errno)),
        }
    }

    /// `/etc/secret/../../var/log/a` exists only if /etc/secret does: `..` may climb only out of directories
    /// that lead to the globs or to where the person stands.
    pub(super) fn climbs_only_what_is_known(&self, typed: &str, leads: impl Fn(&[u8]) -> bool) -> bool {
        let here = self.directory_bytes();
        climbed(here, typed.as_bytes())
            .iter()
            .all(|directory| stands_above(directory, here) || leads(directory))
    }

    fn fold(&self, typed: &str) -> Vec<u8> {
        folded(self.directory_bytes(), typed.as_bytes())
    }
}

struct Question<'a> {
    view: &'a View,
    wanted: &'a PathType,
    typed: &'a str,
    elevated: bool,
    /// `typed` folded as text.
    text: Vec<u8>,
}

impl Question<'_> {
    /// Globs and excepts against a name.
    fn within(&self, name: &[u8]) -> Result<(), PathRefusal> {
        if !self.wanted.covers(name) {
            return Err(PathRefusal::NoMatch);
        }
        if self.wanted.excepts(name) { Err(PathRefusal::Excepted) } else { Ok(()) }
    }

    /// The same against a name that the kernel gave. Where it differs from the typed one a link led there, and
    /// why it does not match would say where to.
    fn within_really(&self, name: &[u8]) -> Result<(), PathRefusal> {
        self.within(name).map_err(|refusal| if name == self.text { refusal } else { PathRefusal::NoMatch })
    }

    fn answer_as_text(&self) -> Result<CheckedPath, PathRefusal> {
        self.within(&self.text)?;
        let text = usable(&self.text).ok_or(PathRefusal::UnusableName)?;
        if self.typed.ends_with('/') && self.wanted.object == Object::File {
            return Err(PathRefusal::WrongObject("a directory"));
        }
        if self.wanted.object != Object::File {
            self.nothing_excepted_beneath(&self.text)?;
        }
        Ok(self.checked(text, self.wanted.object))
    }

    fn judge(&self, held: Held) -> Result<CheckedPath, PathRefusal> {
        self.within_really(&held.name)?;
        self.not_made_up(&held)?;
        let name = usable(&held.name).ok_or(PathRefusal::UnusableName)?;
        if !held.still_there() {
            return Err(PathRefusal::Moved);
        }
        let object = self.object(&held)?;
        match object {
            Object::File => self.links(&held)?,
            Object::Directory | Object::Either => self.nothing_excepted_beneath(&held.name)?,
        }
        self.placed_by_root(&held)?;
        let checked = self.checked(name, object);
        Ok(CheckedPath { descriptor: Some(Rc::new(held.descriptor)), ..checked })
    }

    /// What is not there: its directory is opened and checked instead.
    fn judge_new(&self) -> Result<CheckedPath, PathRefusal> {
        let Some((parent, name)) = self.missing_in_parent() else {
            return Err(self.without_an_object(Errno::ENOENT));
        };
        self.within_really(&name)?;
        self.not_made_up(&parent)?;
        let name = usable(&name).ok_or(PathRefusal::UnusableName)?;
        if !parent.still_there() {
            return Err(PathRefusal::Moved);
        }
        self.placed_by_root(&parent)?;
        let is_made = self.wanted.access == Access::Write;
        let checked = self.checked(name, if is_made { Object::File } else { self.wanted.object });
        Ok(CheckedPath { parent: Some(Rc::new(parent.descriptor)), ..checked })
    }

    /// Where nothing is granted, a name that leads nowhere grants nothing either.
    fn may_be_missing(&self) -> bool {
        let PathType { access, must_exist, object, .. } = self.wanted;
        let can_be_made = *access == Access::Write && *object != Object::Directory;
        !must_exist && (can_be_made || *access == Access::Nothing)
    }

    /// The typed path's directory and the real name its last component would have there, if nothing at all
    /// stands under that name.
    fn missing_in_parent(&self) -> Option<(Held, Vec<u8>)> {
        let (directory, last) = parent_and_last(self.typed)?;
        let parent = self.view.hold(directory.as_bytes(), OFlag::O_DIRECTORY).ok()?;
        let name = joined(&parent.name, last.as_bytes());
        let missing = look_at(&parent.descriptor, last.as_bytes()) == Err(Errno::ENOENT);
        missing.then_some((parent, name))
    }

    /// Why there is nothing to judge. Only what is missing in a place that matches may be told apart, and only
    /// if no link led out on the way; any doubt is `NoMatch`.
    fn without_an_object(&self, errno: Errno) -> PathRefusal {
        if let Err(refusal) = self.within(&self.text) {
            return refusal;
        }
        if errno == Errno::EAGAIN {
            return PathRefusal::Moved;
        }
        if !self.typed.split('/').any(|name| name == "..") {
            match self.view.open(&self.text, OFlag::O_PATH, Links::Refused) {
                Ok(_) if errno == Errno::ENOTDIR => return PathRefusal::Unreadable(errno.desc().to_owned()),
                Ok(_) => return PathRefusal::NoMatch,
                Err(Errno::ENOENT | Errno::ENOTDIR) => return PathRefusal::Missing,
                Err(Errno::ELOOP) => {}
                Err(other) => return PathRefusal::Unreadable(other.desc().to_owned()),
            }
        }
        let inside = self.missing_in_parent().is_some_and(|(_, name)| self.within(&name).is_ok());
        if inside { PathRefusal::Missing } else { PathRefusal::NoMatch }
    }

    fn not_made_up(&self, held: &Held) -> Result<(), PathRefusal> {
        let named = self.wanted.globs.iter().any(|glob| glob.fixed_directory().starts_with("/proc"));
        if !named && held.on_procfs() { Err(PathRefusal::NoMatch) } else { Ok(()) }
    }

    fn object(&self, held: &Held) -> Result<Object, PathRefusal> {
        let object = if held.kind() == SFlag::S_IFREG {
            Object::File
        } else if held.kind() == SFlag::S_IFDIR {
            Object::Directory
        } else {
            return Err(PathRefusal::WrongObject(kind_in_words(held.kind())));
        };
        let writes_a_file = self.wanted.access == Access::Write && object != Object::File;
        let taken = self.wanted.object == object || self.wanted.object == Object::Either;
        if taken && !writes_a_file {
            Ok(object)
        } else {
            Err(PathRefusal::WrongObject(kind_in_words(held.kind())))
        }
    }

    /// A second link may stand outside the globs. One that is written has no other at all.
    fn links(&self, held: &Held) -> Result<(), PathRefusal> {
        let allowed =
            held.stat.st_nlink == 1 || (self.wanted.access != Access::Write && held.is_roots_alone());
        if allowed { Ok(()) } else { Err(PathRefusal::HardLinks) }
    }

    /// Landlock grants whole trees: what is excepted beneath one would be granted too. From root, whom no ruleset
    /// holds, nothing in a directory is kept.
    fn nothing_excepted_beneath(&self, directory: &[u8]) -> Result<(), PathRefusal> {
        let is_granted = self.elevated || self.wanted.access == Access::Tree;
        if is_granted && any_reaches(&self.wanted.except, directory) {
            Err(PathRefusal::Excepted)
        } else {
            Ok(())
        }
    }

    fn placed_by_root(&self, held: &Held) -> Result<(), PathRefusal> {
        let asked = self.elevated && matches!(self.view, View::Host { .. });
        if asked && !held.only_root_leads_here() { Err(PathRefusal::WritableByOthers) } else { Ok(()) }
    }

    fn checked(&self, name: &str, object: Object) -> CheckedPath {
        let path = PathBuf::from(name);
        CheckedPath { path, descriptor: None, parent: None, object, access: self.wanted.access }
    }
}

fn kind_in_words(kind: SFlag) -> &'static str {
    match kind {
        SFlag::S_IFREG => "a regular file",
        SFlag::S_IFDIR => "a directory",
        SFlag::S_IFIFO => "a named pipe",
        SFlag::S_IFSOCK => "a socket",
        SFlag::S_IFCHR => "a character device",
        SFlag::S_IFBLK => "a block device",
        SFlag::S_IFLNK => "a symbolic link",
        _ => "of a kind unknown here",
    }
}

impl CheckedPath {
    /// The path as bytes, as globs ask for it.
    pub fn bytes(&self) -> &[u8] {
        self.path.as_os_str().as_bytes()
    }
}
