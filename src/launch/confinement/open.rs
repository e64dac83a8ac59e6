//! Opens the paths that a rule or a set names, for Landlock: `O_PATH`, and never through a symbolic link that
//! somebody other than root could have placed. The links are followed here, one by one, because `O_PATH` by the
//! kernel's own walk would follow all of them.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat, openat2, readlinkat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat};

/// Why a path cannot be granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OpenFault {
    /// The symbolic link is not root's, or stands where others can replace it.
    Link(PathBuf),
    /// The path does not begin with `/`.
    NotAbsolute,
    /// The kernel's own words.
    Errno(Errno),
}

// As the kernel (path_resolution(7)).
const MOST_LINKS: usize = 40;
const OTHERS_WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;

fn handle_flags() -> OFlag {
    OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC
}

/// Opens `path`. `None` when nothing is there (or this person cannot reach it, which comes to the same: there
/// is nothing to grant).
pub(super) fn open(path: &Path) -> Result<Option<OwnedFd>, OpenFault> {
    if !path.is_absolute() {
        return Err(OpenFault::NotAbsolute);
    }
    // Without O_NOFOLLOW, which would open a link at the path's end as such.
    let how =
        OpenHow::new().flags(OFlag::O_PATH | OFlag::O_CLOEXEC).resolve(ResolveFlag::RESOLVE_NO_SYMLINKS);
    // ELOOP: there is a link. ENOSYS: before Linux 5.6. EPERM: a filter that does not know openat2.
    match openat2(nix::fcntl::AT_FDCWD, path, how) {
        Ok(handle) => Ok(Some(handle)),
        Err(Errno::ELOOP | Errno::ENOSYS | Errno::EPERM) => walk(path),
        Err(errno) => absent(errno),
    }
}

/// Opens a directory that may be missing or be a link to another that is granted anyway.
pub(super) fn open_unless_link(path: &Path) -> Option<OwnedFd> {
    nix::fcntl::open(path, handle_flags() | OFlag::O_DIRECTORY, Mode::empty()).ok()
}

fn absent(errno: Errno) -> Result<Option<OwnedFd>, OpenFault> {
    match errno {
        Errno::ENOENT | Errno::ENOTDIR | Errno::EACCES => Ok(None),
        errno => Err(OpenFault::Errno(errno)),
    }
}

/// A step of a walk.
struct Place {
    handle: OwnedFd,
    name: PathBuf,
}

impl Place {
    fn root() -> Result<Self, OpenFault> {
        let handle = nix::fcntl::open("/", handle_flags() | OFlag::O_DIRECTORY, Mode::empty())
            .map_err(OpenFault::Errno)?;
        Ok(Self { handle, name: PathBuf::from("/") })
    }
}

fn walk(path: &Path) -> Result<Option<OwnedFd>, OpenFault> {
    let mut left = steps(path);
    let mut here = Place::root()?;
    let mut links = 0;
    while let Some(step) = left.pop_front() {
        let next = match openat(&here.handle, step.as_os_str(), handle_flags(), Mode::empty()) {
            Ok(next) => next,
            Err(errno) => return absent(errno),
        };
        let name = here.name.join(&step);
        if kind(&next)? != SFlag::S_IFLNK {
            here = Place { handle: next, name };
            continue;
        }
        links += 1;
        if links > MOST_LINKS {
            return Err(OpenFault::Errno(Errno::ELOOP));
        }
        let target = trusted_target(&here, &next, name)?;
        if target.is_absolute() {
            here = Place::root()?;
        }
        for step in steps(&target).into_iter().rev() {
            left.push_front(step);
        }
    }
    Ok(Some(here.handle))
}

fn steps(path: &Path) -> VecDeque<OsString> {
    let step = |component: Component<'_>| match component {
        Component::Normal(name) => Some(name.to_os_string()),
        Component::ParentDir => Some(OsString::from("..")),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    };
    path.components().filter_map(step).collect()
}

/// Where the link leads, read from the very link that was judged.
fn trusted_target(directory: &Place, link: &OwnedFd, name: PathBuf) -> Result<PathBuf, OpenFault> {
    if !only_root_placed(&stat(&directory.handle)?, &stat(link)?) {
        return Err(OpenFault::Link(name));
    }
    let target = readlinkat(link, "").map_err(OpenFault::Errno)?;
    if target.as_bytes().is_empty() {
        return Err(OpenFault::Link(name));
    }
    Ok(PathBuf::from(target))
}

fn only_root_placed(directory: &FileStat, link: &FileStat) -> bool {
    let replaceable = directory.st_mode & OTHERS_WRITE != 0 && directory.st_mode & STICKY == 0;
    link.st_uid == 0 && directory.st_uid == 0 && !replaceable
}

fn stat(handle: &impl AsFd) -> Result<FileStat, OpenFault> {
    fstat(handle).map_err(OpenFault::Errno)
}

/// What kind of object a descriptor stands for.
pub(super) fn kind(handle: &impl AsFd) -> Result<SFlag, OpenFault> {
    Ok(SFlag::from_bits_truncate(stat(handle)?.st_mode) & SFlag::S_IFMT)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn tree() -> tempfile::TempDir {
        let tree = tempfile::tempdir().unwrap();
        std::fs::create_dir(tree.path().join("real")).unwrap();
        symlink("real", tree.path().join("link")).unwrap();
        tree
    }

    fn name(handle: &OwnedFd) -> PathBuf {
        use std::os::fd::AsRawFd;
        std::fs::read_link(format!("/proc/self/fd/{}", handle.as_raw_fd())).unwrap()
    }

    #[test]
    fn a_path_without_links_opens() {
        let tree = tree();
        let path = tree.path().join("real");
        assert_eq!(name(&open(&path).unwrap().unwrap()), path);
    }

    #[test]
    fn what_is_not_there_is_nothing_to_grant() {
        assert!(open(Path::new("/nowhere/at/all")).unwrap().is_none());
        assert!(open(Path::new("/etc/passwd/below")).unwrap().is_none());
    }

    #[test]
    fn a_relative_path_is_refused() {
        assert_eq!(open(Path::new("etc")).unwrap_err(), OpenFault::NotAbsolute);
    }

    #[test]
    fn links_that_only_root_can_place_are_followed() {
        if !nix::unistd::geteuid().is_root() {
            println!("skipped: making a link of root's needs root");
            return;
        }
        let tree = tree();
        assert_eq!(name(&open(&tree.path().join("link")).unwrap().unwrap()), tree.path().join("real"));
    }

    #[test]
    fn a_link_in_a_directory_that_others_write_is_refused() {
        let tree = tree();
        std::fs::set_permissions(tree.path(), PermissionsExt::from_mode(0o777)).unwrap();
        assert_eq!(open(&tree.path().join("link")).unwrap_err(), OpenFault::Link(tree.path().join("link")));
    }

    #[test]
    fn a_link_of_somebody_elses_is_refused() {
        let tree = tree();
        let link = tree.path().join("link");
        if nix::unistd::geteuid().is_root() {
            std::os::unix::fs::lchown(&link, Some(1000), Some(1000)).unwrap();
        }
        assert_eq!(open(&link).unwrap_err(), OpenFault::Link(link));
    }

    #[test]
    fn a_loop_of_links_ends() {
        let tree = tree();
        let link = tree.path().join("loop");
        symlink("loop", &link).unwrap();
        assert!(open(&link).is_err());
    }
}
