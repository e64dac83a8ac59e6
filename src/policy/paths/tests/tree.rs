//! A temporary tree: `logs` is inside the types' globs, `secret` is not.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, openat};
use nix::sys::stat::Mode;
use tempfile::TempDir;

use crate::policy::glob::Glob;
use crate::policy::paths::object::directory_flags;
use crate::policy::paths::{CheckedPath, PathRefusal, View};
use crate::policy::types::{Access, Object, PathType};

pub(super) struct Tree {
    _directory: TempDir,
    pub(super) root: PathBuf,
}

impl Tree {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        for name in ["logs/nginx", "secret"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        let tree = Self { _directory: directory, root };
        for name in ["logs/app.log", "logs/b.log", "logs/nginx/access.log", "secret/key"] {
            tree.file(name);
        }
        tree
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    pub(super) fn file(&self, name: impl AsRef<OsStr>) {
        fs::write(self.root.join(name.as_ref()), "x").unwrap();
    }

    pub(super) fn link(&self, name: &str, target: impl AsRef<Path>) {
        symlink(target, self.at(name)).unwrap();
    }

    pub(super) fn globs(&self, names: &[&str]) -> Vec<Glob> {
        names.iter().map(|name| Glob::path(&self.text(name), None).unwrap()).collect()
    }

    pub(super) fn takes(&self, object: Object, access: Access) -> PathType {
        let globs = self.globs(&["logs/**"]);
        PathType { object, globs, except: Vec::new(), access, must_exist: true }
    }

    pub(super) fn log(&self) -> PathType {
        self.takes(Object::File, Access::Read)
    }

    pub(super) fn output(&self) -> PathType {
        PathType { must_exist: false, ..self.takes(Object::File, Access::Write) }
    }

    pub(super) fn all_but(&self, object: Object, access: Access, except: &str) -> PathType {
        PathType { except: self.globs(&[except]), ..self.takes(object, access) }
    }

    /// A view from `logs`, or from another directory.
    pub(super) fn view_from(&self, directory: &str) -> View {
        let name = self.at(directory);
        View::Host { directory: openat(AT_FDCWD, &name, directory_flags(), Mode::empty()).unwrap(), name }
    }

    pub(super) fn view(&self) -> View {
        self.view_from("logs")
    }

    pub(super) fn resolve(&self, wanted: &PathType, typed: &str) -> Result<CheckedPath, PathRefusal> {
        self.view().resolve(wanted, typed, false)
    }

    pub(super) fn refusal(&self, wanted: &PathType, typed: &str) -> PathRefusal {
        match self.resolve(wanted, typed) {
            Ok(checked) => panic!("{typed:?} was accepted as {}", checked.path.display()),
            Err(refusal) => refusal,
        }
    }

    pub(super) fn accepted(&self, wanted: &PathType, typed: &str) -> CheckedPath {
        self.resolve(wanted, typed).unwrap_or_else(|refusal| panic!("{typed:?} {refusal}"))
    }
}
