//! The look-up that older kernels get, held against the kernel's own.

use std::fs;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, ResolveFlag, openat};
use nix::sys::stat::{Mode, fstat};
use proptest::prelude::{prop, prop_assert_eq, proptest};

use super::tree::Tree;
use crate::policy::paths::by_hand;
use crate::policy::paths::object::{Links, directory_flags, open_by_rules};

/// What was found, as device and inode.
type Answer = Result<(u64, u64), Errno>;

fn identity(opened: Result<OwnedFd, Errno>) -> Answer {
    opened.and_then(|found| fstat(&found)).map(|stat| (stat.st_dev, stat.st_ino))
}

fn by_hand(from: BorrowedFd<'_>, root: bool, path: &str, flags: OFlag, links: Links) -> Answer {
    identity(by_hand::open(from, root.then_some(from), path.as_bytes(), flags | OFlag::O_PATH, links))
}

fn by_kernel(from: BorrowedFd<'_>, root: bool, path: &str, flags: OFlag, links: Links) -> Answer {
    let mut resolve = ResolveFlag::RESOLVE_NO_MAGICLINKS;
    resolve.set(ResolveFlag::RESOLVE_NO_SYMLINKS, links == Links::Refused);
    resolve.set(ResolveFlag::RESOLVE_IN_ROOT, root);
    identity(open_by_rules(from, path.as_bytes(), flags | OFlag::O_PATH, resolve))
}

/// Links of every kind, and the tree's own root.
fn maze() -> (Tree, OwnedFd) {
    let tree = Tree::new();
    for (link, target) in [
        ("d", "logs"),
        ("logs/f", "app.log"),
        ("logs/up", ".."),
        ("abs", "/logs/f"),
        ("slash", "logs/"),
        ("gone", "x"),
    ] {
        tree.link(link, target);
    }
    tree.link("loop", "loop");
    tree.link("away", "/etc");
    let root = openat(AT_FDCWD, &tree.root, directory_flags(), Mode::empty()).unwrap();
    (tree, root)
}

fn kernel_has_openat2() -> bool {
    let has = by_kernel(AT_FDCWD, false, "/", OFlag::empty(), Links::Followed).is_ok();
    if !has {
        println!("skipped: this kernel has no openat2 to compare with");
    }
    has
}

proptest! {
    #[test]
    fn by_hand_the_same_object_is_found_as_by_the_kernel(
        parts in prop::collection::vec("logs|d|f|up|abs|slash|gone|loop|away|passwd|app\\.log|\\.|\\.\\.|", 1..6),
        choices in 0..16,
    ) {
        let (_tree, root) = maze();
        let rooted = choices & 1 != 0;
        let links = if choices & 2 != 0 { Links::Refused } else { Links::Followed };
        let mut flags = OFlag::empty();
        flags.set(OFlag::O_NOFOLLOW, choices & 4 != 0);
        flags.set(OFlag::O_DIRECTORY, choices & 8 != 0);
        let path = parts.join("/");
        if kernel_has_openat2() {
            let expected = by_kernel(root.as_fd(), rooted, &path, flags, links);
            prop_assert_eq!(by_hand(root.as_fd(), rooted, &path, flags, links), expected, "{}", path);
        }
    }
}

#[test]
fn by_hand_no_link_of_procfs_is_followed() {
    let file = fs::File::open("/dev/null").unwrap();
    let descriptor = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
    for path in
        [descriptor.as_str(), "/proc/self/root/etc/passwd", "/proc/self/cwd", "/dev/stdin", "/proc/mounts"]
    {
        let answer = by_hand(AT_FDCWD, false, path, OFlag::empty(), Links::Followed);
        assert_eq!(answer, Err(Errno::ELOOP), "{path}");
    }
}

#[test]
fn by_hand_a_directory_opens_for_reading() {
    let (tree, root) = maze();
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY;
    let opened =
        by_hand::open(root.as_fd(), Some(root.as_fd()), b"/d/up/slash", flags, Links::Followed).unwrap();
    assert!(nix::dir::Dir::from_fd(opened).unwrap().iter().count() > 2);
    let file = by_hand::open(root.as_fd(), None, b"abs", flags, Links::Followed);
    assert!(file.is_err() && tree.at("logs/f").exists());
}
