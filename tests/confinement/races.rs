//! Somebody swaps the checked file for a link to another one, over and over, while programs are started on it.
//! The rule is made from the descriptor that was checked, so at worst a program is refused.

use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gatesh::policy::types::Access;

use super::files::{checked, file, installed, landlock, scratch};
use super::trial::{Outcome, Trial};

/// How often the file is swapped while commands run; `GATESH_RACE_FLIPS` says otherwise.
fn flips() -> usize {
    std::env::var("GATESH_RACE_FLIPS").ok().and_then(|text| text.parse().ok()).unwrap_or(100_000)
}

struct Track {
    directory: tempfile::TempDir,
    inode: u64,
}

impl Track {
    fn new() -> Self {
        let directory = scratch();
        for name in ["good", "secret"] {
            std::fs::create_dir(directory.path().join(name)).unwrap();
            super::files::give(&directory.path().join(name));
            file(&directory.path().join(name).join("app.log"), &format!("the {name} one\n"));
        }
        let inode = std::fs::metadata(directory.path().join("good/app.log")).unwrap().ino();
        std::fs::hard_link(directory.path().join("good/app.log"), directory.path().join("app.log")).unwrap();
        symlink("good", directory.path().join("swapped")).unwrap();
        Self { directory, inode }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Puts something else in the place of `name`, as one step.
    fn swap(&self, name: &str, make: impl Fn(&Path)) {
        let fresh = self.path("fresh");
        make(&fresh);
        std::fs::rename(&fresh, self.path(name)).unwrap();
        // A hard link renamed onto another of the same inode stays (rename(2)).
        let _ = std::fs::remove_file(&fresh);
    }

    fn flip(&self, turn: usize) {
        let (good, secret) = (self.path("good/app.log"), self.path("secret/app.log"));
        match turn % 5 {
            0 => self.swap("app.log", |fresh| symlink(&secret, fresh).unwrap()),
            1 | 3 => self.swap("app.log", |fresh| std::fs::hard_link(&good, fresh).unwrap()),
            2 => self.swap("app.log", |fresh| std::fs::hard_link(&secret, fresh).unwrap()),
            _ => {
                let target = if turn % 10 == 4 { "secret" } else { "good" };
                self.swap("swapped", |fresh| symlink(target, fresh).unwrap());
            }
        }
    }

    /// Flips in one thread and calls `launch` in another until both have done enough. Answers how often it was
    /// swapped while one was under way, and how many there were.
    fn race(&self, mut launch: impl FnMut(usize)) -> (usize, usize) {
        let (flipped, over) = (AtomicUsize::new(0), AtomicBool::new(false));
        let end = Instant::now() + Duration::from_mins(5);
        let (mut launched, mut during) = (0, 0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    self.flip(flipped.fetch_add(1, Ordering::Relaxed));
                }
            });
            while Instant::now() < end && (during < flips() || launched < 100) {
                let before = flipped.load(Ordering::Relaxed);
                launch(launched);
                during += flipped.load(Ordering::Relaxed) - before;
                launched += 1;
            }
            over.store(true, Ordering::Relaxed);
        });
        assert!(during >= flips(), "only {during} flips in five minutes, {launched} launches");
        (during, launched)
    }

    /// Opens `name` as checking it would, until it is the permitted file.
    fn check(&self, name: &str, access: Access) -> gatesh::policy::paths::CheckedPath {
        loop {
            let found = std::panic::catch_unwind(|| checked(&self.path(name), access));
            let Ok(found) = found else { continue };
            let stat = nix::sys::stat::fstat(found.descriptor.as_ref().unwrap().as_ref()).unwrap();
            if stat.st_ino == self.inode {
                return found;
            }
        }
    }
}

fn names() -> [&'static str; 2] {
    ["app.log", "swapped/app.log"]
}

#[test]
fn a_file_swapped_after_the_check_is_never_read() {
    if !landlock() {
        return;
    }
    let track = Track::new();
    let cat = installed("cat").unwrap();
    let (mut good, mut refused, mut leaked) = (0, 0, 0);
    let (flipped, launched) = track.race(|turn| {
        let name = names()[turn % 2];
        let path = track.path(name).display().to_string();
        let Outcome { out, .. } =
            Trial::new(&cat).words(&[path]).checked(track.check(name, Access::Read)).run();
        match out.as_str() {
            "the good one\n" => good += 1,
            "" => refused += 1,
            _ => leaked += 1,
        }
    });
    println!("{flipped} flips, {launched} launches: {good} read, {refused} refused");
    assert_eq!(leaked, 0);
    assert!(good > 0 && refused > 0, "the race was never close: {good} read, {refused} refused");
}

#[test]
fn without_confinement_the_same_race_leaks() {
    let track = Track::new();
    let cat = installed("cat").unwrap();
    let mut leaked = 0;
    let (flipped, launched) = track.race(|turn| {
        let name = names()[turn % 2];
        let path = track.path(name).display().to_string();
        drop(track.check(name, Access::Read));
        leaked += usize::from(Trial::new(&cat).words(&[path]).unconfined().run().out.contains("secret"));
    });
    println!("{flipped} flips, {launched} launches, {leaked} leaks");
    assert!(leaked > 0, "the race was never close");
}

#[test]
fn a_file_swapped_after_the_check_is_never_written() {
    if !landlock() {
        return;
    }
    let track = Track::new();
    let tee = installed("tee").unwrap();
    let (mut written, mut refused) = (0, 0);
    let (flipped, launched) = track.race(|turn| {
        let name = names()[turn % 2];
        let path = track.path(name).display().to_string();
        let trial = Trial::new(&tee).words(&["-a", &path]).checked(track.check(name, Access::Write));
        if trial.run_with_input("more\n").status.success() { written += 1 } else { refused += 1 }
    });
    println!("{flipped} flips, {launched} launches: {written} written, {refused} refused");
    assert_eq!(std::fs::read_to_string(track.path("secret/app.log")).unwrap(), "the secret one\n");
    assert!(std::fs::read_to_string(track.path("good/app.log")).unwrap().ends_with("more\n"));
    assert!(written > 0 && refused > 0, "the race was never close: {written} written, {refused} refused");
}
