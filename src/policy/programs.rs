//! Which file a program's name means on this host. Rules and denies meet what a person typed by resolved file,
//! so that no other spelling of a program slips past a rule about it. Whether the file may be trusted is
//! checked again, on descriptors, when it is launched.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Looks names up in `programs.path`, and remembers the answers for as long as it lives (one line).
#[derive(Debug)]
pub struct Programs {
    path: Vec<PathBuf>,
    /// The directories of `path` that exist, by their real names, without doubles: `/bin` is mostly `/usr/bin`.
    places: OnceCell<Vec<Place>>,
    /// False where paths are judged as text only: then nothing on the host is asked.
    ask_host: bool,
    seen: RefCell<BTreeMap<String, Option<Found>>>,
}

/// A directory of `programs.path`.
#[derive(Debug)]
struct Place {
    named: PathBuf,
    resolved: PathBuf,
}

/// A program that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// As named: a directory of `programs.path` and the name, or the absolute path itself.
    pub path: PathBuf,
    /// With every symbolic link followed.
    pub resolved: PathBuf,
    /// Device and inode: a program can have several names without any link.
    file: (u64, u64),
}

impl Programs {
    /// Looks in `path`, in order.
    pub fn on_host(path: &[PathBuf]) -> Self {
        Self { path: path.to_vec(), places: OnceCell::new(), ask_host: true, seen: RefCell::default() }
    }

    /// Knows `path` as text only: for tests of a policy on a machine that lacks its programs.
    pub fn as_text(path: &[PathBuf]) -> Self {
        Self { path: path.to_vec(), places: OnceCell::new(), ask_host: false, seen: RefCell::default() }
    }

    /// The file `name` means: a bare name is looked up, an absolute path stands for itself, anything else
    /// (a relative path) is none.
    pub fn find(&self, name: &str) -> Option<Found> {
        if let Some(known) = self.seen.borrow().get(name) {
            return known.clone();
        }
        let found = if self.ask_host { self.look(name) } else { None };
        self.seen.borrow_mut().insert(name.to_owned(), found.clone());
        found
    }

    fn look(&self, name: &str) -> Option<Found> {
        if name.starts_with('/') {
            return regular(PathBuf::from(name));
        }
        if name.is_empty() || name.contains('/') {
            return None;
        }
        self.places.get_or_init(|| places(&self.path)).iter().find_map(|place| place.program(name))
    }

    /// Whether a rule may name the same program as `typed` in other letters. What is not on the host is no
    /// other name of anything.
    pub fn may_have_other_names(&self, typed: &str) -> bool {
        !self.ask_host || self.find(typed).is_some()
    }

    /// Whether `a` and `b` mean one program: spelled alike, one the full path of the other in `programs.path`,
    /// or both the same file.
    pub fn same(&self, a: &str, b: &str) -> bool {
        if a == b || self.is_full_path_of(a, b) || self.is_full_path_of(b, a) {
            return true;
        }
        match (self.find(a), self.find(b)) {
            (Some(a), Some(b)) => a.resolved == b.resolved,
            (None, _) | (_, None) => false,
        }
    }

    /// The same, hard links included: what a deny asks.
    pub fn same_file(&self, a: &str, b: &str) -> bool {
        let alike = || Some(self.find(a)?.file == self.find(b)?.file);
        self.same(a, b) || alike().unwrap_or(false)
    }

    /// Whether `full` is the path that looking `name` up gives. Without asking the host, any directory of
    /// `programs.path` counts.
    fn is_full_path_of(&self, full: &str, name: &str) -> bool {
        if name.contains('/') || !full.starts_with('/') {
            return false;
        }
        match self.ask_host {
            true => self.find(name).is_some_and(|found| found.path == Path::new(full)),
            false => self.path.iter().any(|directory| directory.join(name) == Path::new(full)),
        }
    }
}

fn places(path: &[PathBuf]) -> Vec<Place> {
    let mut all: Vec<Place> = Vec::with_capacity(path.len());
    for named in path {
        let Ok(resolved) = std::fs::canonicalize(named) else { continue };
        if all.iter().all(|known| known.resolved != resolved) {
            all.push(Place { named: named.clone(), resolved });
        }
    }
    all
}

impl Place {
    /// One question for what is no link or is not there, which is most of what is asked.
    fn program(&self, name: &str) -> Option<Found> {
        let path = self.named.join(name);
        let about = std::fs::symlink_metadata(&path).ok()?;
        if about.is_symlink() {
            return regular(path);
        }
        let file = (about.dev(), about.ino());
        about.is_file().then(|| Found { path, resolved: self.resolved.join(name), file })
    }
}

fn regular(path: PathBuf) -> Option<Found> {
    let resolved = std::fs::canonicalize(&path).ok()?;
    let about = std::fs::metadata(&resolved).ok().filter(std::fs::Metadata::is_file)?;
    Some(Found { path, resolved, file: (about.dev(), about.ino()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn two_names_of_one_file() -> (tempfile::TempDir, Programs) {
        let tree = tempfile::tempdir().unwrap();
        std::fs::write(tree.path().join("real"), "").unwrap();
        symlink("real", tree.path().join("alias")).unwrap();
        let programs = Programs::on_host(&[tree.path().to_owned()]);
        (tree, programs)
    }

    #[test]
    fn a_link_and_its_target_are_one_program() {
        let (tree, programs) = two_names_of_one_file();
        assert!(programs.same("alias", "real"));
        assert!(programs.same(tree.path().join("real").to_str().unwrap(), "alias"));
    }

    #[test]
    fn a_relative_path_is_no_program() {
        let (_tree, programs) = two_names_of_one_file();
        assert_eq!(programs.find("./real"), None);
        assert_eq!(programs.find(""), None);
    }

    #[test]
    fn the_same_last_part_elsewhere_is_another_program() {
        let (_tree, programs) = two_names_of_one_file();
        let other = tempfile::tempdir().unwrap();
        std::fs::write(other.path().join("real"), "").unwrap();
        assert!(!programs.same(other.path().join("real").to_str().unwrap(), "real"));
    }

    #[test]
    fn as_text_nothing_is_looked_up() {
        let programs = Programs::as_text(&[PathBuf::from("/usr/bin")]);
        assert!(programs.same("/usr/bin/yum", "yum"));
        assert!(!programs.same("/opt/bin/yum", "yum"));
        assert_eq!(programs.find("cat"), None);
    }
}
