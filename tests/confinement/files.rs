//! Files and programs for trials: opened, granted, given to the ordinary user.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::rc::Rc;

use gatesh::policy::paths::CheckedPath;
use gatesh::policy::types::{Access, Object};

/// The user that programs run as when the tests run as root.
pub(crate) const ORDINARY: u32 = 1000;

/// Opens `path` as checking a word does.
pub(crate) fn handle(path: &Path) -> OwnedFd {
    let flags = nix::fcntl::OFlag::O_PATH | nix::fcntl::OFlag::O_CLOEXEC;
    nix::fcntl::open(path, flags, nix::sys::stat::Mode::empty()).unwrap()
}

/// A checked path to what stands at `path` now.
pub(crate) fn checked(path: &Path, access: Access) -> CheckedPath {
    let object = if path.is_dir() { Object::Directory } else { Object::File };
    CheckedPath {
        path: path.to_path_buf(),
        descriptor: Some(Rc::new(handle(path))),
        parent: None,
        object,
        access,
    }
}

/// The program's file, the interpreters of a script, the loader of either.
pub(crate) fn program_files(path: &Path) -> Vec<OwnedFd> {
    let mut files = vec![handle(path)];
    let mut image = path.to_path_buf();
    while let Some(interpreter) = interpreter(&image) {
        files.push(handle(&interpreter));
        image = interpreter;
    }
    files.extend(loader(&image).map(|loader| handle(&loader)));
    files
}

fn interpreter(path: &Path) -> Option<PathBuf> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(256).read_to_end(&mut head).ok()?;
    let line = String::from_utf8_lossy(head.strip_prefix(b"#!")?).into_owned();
    line.lines().next()?.split_whitespace().next().map(PathBuf::from)
}

fn loader(path: &Path) -> Option<PathBuf> {
    let bytes = std::fs::read(path).ok()?;
    let number = |at: usize, size: usize| {
        bytes
            .get(at..at + size)?
            .iter()
            .rev()
            .try_fold(0_usize, |sum, byte| Some(sum << 8 | usize::from(*byte)))
    };
    let (table, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
    let header = (0..count).map(|index| table + index * size).find(|at| number(*at, 4) == Some(3))?;
    let (start, length) = (number(header + 8, 8)?, number(header + 32, 8)?);
    let name = bytes.get(start..start + length.checked_sub(1)?)?;
    Some(PathBuf::from(std::ffi::OsStr::from_bytes(name)))
}

/// A directory that the ordinary user owns and everybody can look into.
pub(crate) fn scratch() -> tempfile::TempDir {
    let directory = tempfile::Builder::new().prefix("gatesh-confinement-").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(directory.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    give(directory.path());
    directory
}

/// Makes `path` the ordinary user's.
pub(crate) fn give(path: &Path) {
    if nix::unistd::geteuid().is_root() {
        std::os::unix::fs::lchown(path, Some(ORDINARY), Some(ORDINARY)).unwrap();
    }
}

/// Makes a file of the ordinary user's.
pub(crate) fn file(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    give(path);
}

/// Where `program` is installed.
pub(crate) fn installed(program: &str) -> Option<PathBuf> {
    let places = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];
    places.iter().map(|place| Path::new(place).join(program)).find_map(|path| path.canonicalize().ok())
}

/// The error number of an outcome by its name, or how it ended.
pub(crate) fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "allowed".to_owned(),
        (Some(code), _) => format!("{:?}", nix::errno::Errno::from_raw(code)),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "?".to_owned(),
    }
}

/// Whether this kernel has Landlock; a test that needs it says that it was skipped.
pub(crate) fn landlock() -> bool {
    let there = gatesh::launch::confinement::abi::Kernel::probe().abi() > 0;
    if !there {
        println!("skipped: this kernel has no Landlock");
    }
    there
}
