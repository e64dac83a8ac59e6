//! What a descriptor that can only be read is good for on a file system of many requests: btrfs, where directories
//! take orders that no file rule of the kernel's sees.

use std::path::{Path, PathBuf};
use std::process::Command;

use gatesh::policy::Terms;
use gatesh::policy::types::Access;

use super::files::{give, installed, landlock, scratch};
use super::trial::{Outcome, Trial, nothing};

/// A file system of its own, in a file, mounted for as long as the value lives.
struct Btrfs {
    directory: tempfile::TempDir,
}

impl Btrfs {
    /// `None`, said, where it cannot be had.
    fn mount() -> Option<Self> {
        if !nix::unistd::geteuid().is_root() {
            println!("skipped: only root may mount");
            return None;
        }
        let Some(mkfs) = installed("mkfs.btrfs") else {
            crate::scenario::lacks("mkfs.btrfs");
            return None;
        };
        let directory = scratch();
        let (image, place) = (directory.path().join("image"), directory.path().join("place"));
        std::fs::File::create(&image).unwrap().set_len(256 << 20).unwrap();
        std::fs::create_dir(&place).unwrap();
        let made = Command::new(mkfs).arg("-q").arg(&image).status().unwrap();
        let options = "loop,user_subvol_rm_allowed";
        let mounted = Command::new("mount").args(["-o", options]).arg(&image).arg(&place).status().unwrap();
        if !(made.success() && mounted.success()) {
            println!("skipped: no btrfs could be mounted here");
            return None;
        }
        give(&place);
        Some(Self { directory })
    }

    fn place(&self) -> PathBuf {
        self.directory.path().join("place")
    }
}

impl Drop for Btrfs {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.place()).status();
    }
}

/// Python's `f` is the directory, opened for reading; `named(n)` the structure that names a child of it.
const BEFORE: &str = "import fcntl, os, struct, sys\n\
                      f = os.open(sys.argv[1], os.O_RDONLY)\n\
                      named = lambda n: bytearray(struct.pack('q4088s', f, n))\n";

/// What is done, and what to look for afterwards: a name that has come (`+`) or gone (`-`).
const ORDERS: &[(&str, &str, &str)] = &[
    ("make a subvolume", "fcntl.ioctl(f, 0x5000940e, named(b'made'))", "+made"),
    (
        "make one, newer form",
        "fcntl.ioctl(f, 0x50009418, bytearray(struct.pack('qQQ4q4040s', f, 0, 0, 0,0,0,0, b'made')))",
        "+made",
    ),
    ("snapshot it all", "fcntl.ioctl(f, 0x50009401, named(b'made'))", "+made"),
    ("remove a subvolume", "fcntl.ioctl(f, 0x5000940f, named(b'old'))", "-old"),
];

fn give_order(place: &Path, order: &str, terms: Option<Terms>) -> Outcome {
    let trial = Trial::new(installed("python3").unwrap())
        .words(&["-S", "-c", &format!("{BEFORE}{order}"), &place.display().to_string()])
        .grant(place, Access::Tree);
    match terms {
        Some(terms) => trial.terms(terms).run(),
        None => trial.unconfined().run(),
    }
}

/// Gives the order in a fresh place; whether it was obeyed.
fn obeyed(order: &str, shown: &str, terms: Option<Terms>, btrfs: &Btrfs) -> bool {
    let fresh = |name: &str| btrfs.place().join(name);
    let _ = Command::new("btrfs").args(["-q", "subvolume", "delete"]).arg(fresh("made")).output();
    let made = Command::new("btrfs").args(["-q", "subvolume", "create"]).arg(fresh("old")).output();
    assert!(made.is_ok() && fresh("old").is_dir());
    give(&fresh("old"));
    let outcome = give_order(&btrfs.place(), order, terms);
    let (sign, name) = shown.split_at(1);
    let done = fresh(name).exists() == (sign == "+");
    assert_eq!(done, outcome.status.success(), "{outcome:?}");
    done
}

#[test]
fn a_directory_that_can_be_read_takes_no_orders() {
    let Some(btrfs) = Btrfs::mount() else { return };
    for (name, order, shown) in ORDERS {
        assert!(obeyed(order, shown, None, &btrfs), "{name}: not even without confinement");
        assert!(!obeyed(order, shown, Some(nothing()), &btrfs), "{name}");
        let writing = Terms { write: vec![btrfs.place()], ..nothing() };
        assert!(!obeyed(order, shown, Some(writing), &btrfs), "{name}, where it may write");
    }
}

#[test]
fn a_copy_shares_its_blocks_where_it_may_be_written_and_not_elsewhere() {
    let Some(btrfs) = Btrfs::mount() else { return };
    if !landlock() {
        return;
    }
    super::files::file(&btrfs.place().join("one"), "contents");
    let (one, two) = (btrfs.place().join("one"), btrfs.place().join("two"));
    let copy = |terms| {
        Trial::new(installed("cp").unwrap())
            .words(&["--reflink=always", &one.display().to_string(), &two.display().to_string()])
            .grant(&btrfs.place(), Access::Tree)
            .terms(terms)
            .run()
    };
    let held = copy(nothing());
    assert!(!held.status.success() && !two.exists(), "{held:?}");
    let written = copy(Terms { write: vec![btrfs.place()], ..nothing() });
    assert!(written.status.success() && two.exists(), "{written:?}");
}
