//! Policy files on disk: what is believed, what is refused, and how every fault reads.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that stops has failed"
)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use gatesh::identity::{Identity, UnixGroup};
use gatesh::policy::file::{
    PolicyErrors, PolicySource, Survey, UnixName, load, load_embedded, load_everything, load_for_groups,
};
use gatesh::policy::{Alias, Policy};
use tempfile::TempDir;

mod contents;
mod faults;
mod narrowing;
mod stamps;
mod trust;

/// A policy directory of a test's own.
struct Files {
    directory: TempDir,
    source: PolicySource,
}

impl Files {
    /// Read as with `--config`, by the user who runs the tests.
    fn staged() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let source = PolicySource::staging(directory.path().to_owned(), nix::unistd::geteuid().as_raw());
        Self { directory, source }
    }

    /// Read as /etc/gatesh is; only root can make such a directory.
    fn installed() -> Option<Self> {
        if !nix::unistd::geteuid().is_root() || !Path::new("/root").is_dir() {
            println!("skipped: only root can make a directory that nobody else could have written");
            return None;
        }
        let directory = tempfile::tempdir_in("/root").expect("a temporary directory");
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).expect("chmod");
        let source = PolicySource { directory: directory.path().to_owned(), ..PolicySource::installed() };
        Some(Self { directory, source })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn with(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        let above = path.parent().expect("a directory");
        if !above.exists() {
            fs::create_dir(above).expect("mkdir");
            fs::set_permissions(above, fs::Permissions::from_mode(0o755)).expect("chmod");
        }
        fs::write(&path, text).expect("write");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("chmod");
        self
    }

    fn mode(self, name: &str, mode: u32) -> Self {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).expect("chmod");
        self
    }

    fn owner(self, name: &str, uid: u32) -> Self {
        chown(self.path(name), Some(uid), None).expect("chown");
        self
    }

    fn load(&self, groups: &[&str]) -> Result<Policy, PolicyErrors> {
        load(&self.source, &person(groups), None)
    }

    /// The only fault there is, its file without the test's directory.
    fn refused(&self, groups: &[&str]) -> String {
        let errors = self.load(groups).expect_err("it must be refused");
        assert_eq!(errors.faults.len(), 1, "{errors}");
        let fault = &errors.faults[0];
        format!("{}: {}", self.relative(&fault.file), fault.message)
    }

    fn relative(&self, path: &Path) -> String {
        path.strip_prefix(self.directory.path()).unwrap_or(path).display().to_string()
    }

    fn survey(&self) -> Survey {
        load_everything(&self.source, &|_| UnixName::Known)
    }
}

fn person(groups: &[&str]) -> Identity {
    let group = |(gid, name): (u32, &&str)| UnixGroup { gid, name: (*name).to_owned() };
    Identity {
        uid: 1000,
        user: "ann".to_owned(),
        home: PathBuf::from("/home/ann"),
        shell: PathBuf::from("/usr/bin/gatesh"),
        groups: (1000..).zip(groups).map(group).collect(),
    }
}

const LS: &str = "[[allow]]\ncommands = [\"ls\"]\n";
