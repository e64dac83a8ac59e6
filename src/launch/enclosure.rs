//! What holds one launch: its confinement, compiled once, when it is planned, so that the start record can tell how
//! strong it is.

use std::io::{IsTerminal, stdin};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::confinement::{Confinement, Options};
use super::program::Program;
use super::{LaunchError, Surroundings};
use crate::policy::paths::CheckedPath;
use crate::policy::{Exec, Terms, sets};

/// Directories that stand for a home where the kernel cannot keep a program out of the real one.
const EMPTY: &[&str] = &["/usr/lib/gatesh/empty", "/var/empty", "/usr/share/empty", "/run/sshd"];
/// Not there, and nobody but root can make it.
const NOWHERE: &str = "/nonexistent";

/// The fence for `program` under `terms` with the operands that exist; files still to be made are granted when they are
/// there. `withheld` is what of the base a deny keeps from it.
pub(super) fn compile(
    terms: &Terms,
    program: &Program,
    operands: &[CheckedPath],
    withheld: &[&'static str],
    around: &Surroundings,
) -> Result<Confinement, LaunchError> {
    let listed = listed(terms)?;
    // What is missing and stays so has only its directory, and is granted nothing.
    let is_missing = |one: &&CheckedPath| one.descriptor.is_none() && one.parent.is_some();
    let paths: Vec<&CheckedPath> =
        operands.iter().filter(|one| !is_missing(one) || one.is_to_be_made()).collect();
    let executables: Vec<BorrowedFd<'_>> = std::iter::once(program).chain(&listed).flat_map(files).collect();
    let own_input = stdin();
    let options = Options {
        landlock: around.landlock,
        kernel: around.kernel,
        terminal: own_input.is_terminal().then(|| own_input.as_fd()),
        withheld,
    };
    Ok(Confinement::compile(terms, &paths, &executables, &options)?)
}

/// The programs that `terms` list, opened. One that is not installed cannot be started, and is no fault; one that
/// somebody else could have placed is.
fn listed(terms: &Terms) -> Result<Vec<Program>, LaunchError> {
    let paths = match sets::exec(terms) {
        Exec::Listed(paths) => paths,
        Exec::Nothing | Exec::Any => Vec::new(),
    };
    let mut listed = Vec::with_capacity(paths.len());
    for path in paths {
        match Program::open(&path, None) {
            Ok(program) => listed.push(program),
            Err(error) if error.is_missing() => {}
            Err(error) => return Err(LaunchError::Program(error)),
        }
    }
    Ok(listed)
}

/// Everything the kernel opens for execution to start a program.
fn files(program: &Program) -> impl Iterator<Item = BorrowedFd<'_>> {
    let parts = program.interpreters.iter().chain(&program.loader).map(|part| part.descriptor.as_fd());
    std::iter::once(program.descriptor.as_fd()).chain(parts)
}

/// A directory in which nothing is and nobody but root can put anything.
pub(super) fn empty_home() -> PathBuf {
    let is_empty = |path: &&Path| {
        let about = std::fs::symlink_metadata(path);
        let is_roots =
            about.is_ok_and(|about| about.is_dir() && about.uid() == 0 && about.mode() & 0o022 == 0);
        is_roots && std::fs::read_dir(path).is_ok_and(|mut names| names.next().is_none())
    };
    EMPTY.iter().map(Path::new).find(is_empty).unwrap_or_else(|| Path::new(NOWHERE)).to_owned()
}
