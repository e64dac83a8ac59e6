//! Names by which the kernel knows what a policy names. An administrator may write a path through a link (`/var/run`
//! for `/run`); what is resolved never has such a name, so a deny written that way would deny nothing.

use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, ResolveFlag};

use super::object::open_by_rules;
use crate::policy::glob::Glob;

/// The path with the links of all that exists of it followed. What does not exist keeps its name.
pub fn real(path: &Path) -> PathBuf {
    let known = |ancestor: &Path| {
        let followed = match has_links(ancestor) {
            Some(false) => ancestor.to_owned(),
            Some(true) => ancestor.canonicalize().ok()?,
            None => return None,
        };
        Some(path.strip_prefix(ancestor).map_or_else(|_| followed.clone(), |rest| joined(&followed, rest)))
    };
    path.ancestors().find_map(known).unwrap_or_else(|| path.to_owned())
}

/// Whether links are on the way; `None` where nothing is. One question to the kernel instead of one for each
/// component; where it does not know the question, there may be links.
fn has_links(path: &Path) -> Option<bool> {
    let is_normal = path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    let no_links = ResolveFlag::RESOLVE_NO_SYMLINKS;
    match open_by_rules(AT_FDCWD, path.as_os_str().as_bytes(), OFlag::O_PATH, no_links) {
        Ok(_) => Some(!is_normal),
        Err(Errno::ENOENT | Errno::ENOTDIR) => None,
        Err(_) => Some(true),
    }
}

fn joined(directory: &Path, rest: &Path) -> PathBuf {
    if rest.as_os_str().is_empty() { directory.to_owned() } else { directory.join(rest) }
}

/// The globs, and beside each whose fixed directory leads through a link the same one by its real name.
pub fn with_real(globs: Vec<Glob>) -> Vec<Glob> {
    let real_one = |glob: &Glob| {
        let fixed = glob.fixed_directory();
        let real = real(fixed);
        let rest = glob.text().strip_prefix(fixed.to_str()?)?;
        let text = format!("{}{rest}", real.to_str()?.trim_end_matches('/'));
        (real != fixed).then(|| Glob::path(&text, None).ok())?
    };
    let real: Vec<Glob> = globs.iter().filter_map(real_one).collect();
    globs.into_iter().chain(real).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linked() -> (tempfile::TempDir, PathBuf) {
        let tree = tempfile::tempdir().unwrap();
        let root = tree.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("logs")).unwrap();
        std::os::unix::fs::symlink("logs", root.join("link")).unwrap();
        (tree, root)
    }

    #[test]
    fn a_glob_through_a_link_stands_for_the_real_tree_too() {
        let (_tree, root) = linked();
        let glob = Glob::path(&format!("{}/link/payroll/**", root.display()), None).unwrap();
        let globs = with_real(vec![glob]);
        let real = root.join("logs/payroll/a.log");
        assert!(globs.iter().any(|glob| glob.matches(real.as_os_str().as_encoded_bytes())));
        assert_eq!(globs.len(), 2);
    }

    #[test]
    fn a_glob_without_links_stays_alone() {
        let (_tree, root) = linked();
        let glob = Glob::path(&format!("{}/logs/**", root.display()), None).unwrap();
        assert_eq!(with_real(vec![glob]).len(), 1);
    }

    #[test]
    fn what_does_not_exist_keeps_its_name_beneath_what_does() {
        let (_tree, root) = linked();
        assert_eq!(real(&root.join("link/new/file")), root.join("logs/new/file"));
        assert_eq!(real(Path::new("/nonexistent/x")), Path::new("/nonexistent/x"));
    }
}
