//! The races of `confinement/races.rs` against the built gatesh and a rule: what a line names is swapped for
//! something outside the rule, over and over, between gatesh's look at it and the program's.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};

use super::confines;
use crate::scenario::{Answer, Gatesh, SECRET, run};

/// How often everything is swapped in all, while commands run, and how many commands at least.
const FLIPS: usize = 100_000;
const COMMANDS: usize = 60;

const RULES: &str = r#"
[types]
log = { file = ["{top}/var/log/**"] }
own = { file = ["{top}/var/log/**"], access = "write" }
[[allow]]
commands = ["cat <log>", "tee (-a) <own>"]
"#;

/// What is swapped: how it is called, the words that meet it, and how one turn is made.
type Swap = (&'static str, &'static str, fn(&Scene, usize));

/// Never the secret file itself: moved into the tree, it would be one of the tree's.
const SWAPS: &[Swap] = &[
    ("a file for a symbolic link", "race/app.log", |scene, _| scene.exchange("app.log", "link")),
    ("a file for a hard link", "race/app.log", |scene, _| scene.exchange("app.log", "hard")),
    ("a directory for a link to one", "race/below/app.log", |scene, _| scene.exchange("below", "beyond")),
    ("a file moved away for a link moved in", "race/app.log", |scene, turn| match turn % 2 {
        0 => scene.rename(&[("app.log", "../../parked"), ("link", "app.log")]),
        _ => scene.rename(&[("app.log", "link"), ("../../parked", "app.log")]),
    }),
];

/// A directory under the logs that holds what is swapped, and a secret outside that the person may read.
struct Scene {
    gatesh: Gatesh,
    race: PathBuf,
}

impl Scene {
    fn new() -> Self {
        let gatesh = Gatesh::new()
            .policy(RULES)
            .file("var/log/race/app.log", "the good one\n")
            .file("var/log/race/below/app.log", "the good one\n")
            .file("secret/app.log", SECRET);
        let race = gatesh.path("var/log/race");
        symlink(gatesh.path("secret/app.log"), race.join("link")).unwrap();
        std::fs::hard_link(gatesh.path("secret/app.log"), race.join("hard")).unwrap();
        symlink(gatesh.path("secret"), race.join("beyond")).unwrap();
        for owned in ["var/log/race", "var/log/race/app.log", "var/log/race/below/app.log", "secret/app.log"]
        {
            gatesh.hand_over(owned);
        }
        Self { gatesh, race }
    }

    fn exchange(&self, one: &str, other: &str) {
        let (one, other) = (self.race.join(one), self.race.join(other));
        renameat2(AT_FDCWD, &one, AT_FDCWD, &other, RenameFlags::RENAME_EXCHANGE).unwrap();
    }

    fn rename(&self, moves: &[(&str, &str)]) {
        for (from, to) in moves {
            std::fs::rename(self.race.join(from), self.race.join(to)).unwrap();
        }
    }

    /// Swaps in one thread and runs commands in another, until both were often enough. How often it was swapped
    /// while commands ran, and what came of them.
    fn race(
        &self,
        swap: fn(&Self, usize),
        command: impl Fn() -> Answer,
        enough: impl Fn(&[Answer]) -> bool,
    ) -> (usize, Vec<Answer>) {
        let (flipped, over) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (mut during, mut answers) = (0, Vec::new());
        let end = Instant::now() + Duration::from_mins(1);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    swap(self, flipped.fetch_add(1, Ordering::Relaxed));
                }
            });
            while Instant::now() < end
                && (during < FLIPS / SWAPS.len() || answers.len() < COMMANDS || !enough(&answers))
            {
                let before = flipped.load(Ordering::Relaxed);
                answers.push(command());
                during += flipped.load(Ordering::Relaxed) - before;
            }
            over.store(true, Ordering::Relaxed);
        });
        (during, answers)
    }

    fn gated(&self, line: &str, input: &str) -> Answer {
        let mut command = self.gatesh.command();
        command.args(["-c", &self.gatesh.spelled(line)]);
        run(command, input.as_bytes())
    }

    fn free(&self, words: &[&str], input: &str) -> Answer {
        let mut command = self.gatesh.outside(Path::new("/usr/bin/env"));
        command.args(words.iter().map(|word| self.gatesh.spelled(word)));
        run(command, input.as_bytes())
    }
}

fn count(answers: &[Answer], is: impl Fn(&Answer) -> bool) -> usize {
    answers.iter().filter(|answer| is(answer)).count()
}

/// Refused to the program itself, after gatesh had let the line pass.
fn was_close(answer: &Answer) -> bool {
    answer.code() == 1 && answer.err.contains("Permission denied") && !answer.err.contains("not allowed")
}

/// What is tried in each race, behind the gate and without it, and what must come of it.
struct Trial {
    gated: fn(&Scene, &str) -> Answer,
    free: fn(&Scene, &str) -> Answer,
    /// Whether it did what it was meant to.
    worked: fn(&Answer) -> bool,
    /// Whether it reached what it must not.
    leaked: fn(&Scene, &[Answer]) -> bool,
}

impl Trial {
    fn holds(&self) {
        if !confines() {
            return;
        }
        let mut flips = 0;
        for (name, path, swap) in SWAPS {
            let path = format!("{{top}}/var/log/{path}");
            let scene = Scene::new();
            let (during, answers) = scene.race(
                *swap,
                || (self.gated)(&scene, &path),
                |answers| count(answers, self.worked) > 0 && count(answers, was_close) > 0,
            );
            flips += during;
            let (worked, close) = (count(&answers, self.worked), count(&answers, was_close));
            println!("{name}: {during} flips, {} commands: {worked} worked, {close} close", answers.len());
            assert!(!(self.leaked)(&scene, &answers), "{name}: {answers:#?}");
            assert!(worked > 0 && close > 0, "{name}: the race was never close: {answers:#?}");
            let control = Scene::new();
            let (_, answers) = control.race(
                *swap,
                || (self.free)(&control, &path),
                |answers| (self.leaked)(&control, answers),
            );
            assert!((self.leaked)(&control, &answers), "{name}: not even without the gate");
        }
        assert!(flips >= FLIPS, "only {flips} flips");
    }
}

#[test]
fn what_is_swapped_behind_the_gate_is_never_read() {
    let trial = Trial {
        gated: |scene, path| scene.gated(&format!("cat {path}"), ""),
        free: |scene, path| scene.free(&["cat", path], ""),
        worked: |answer| answer.out == "the good one\n",
        leaked: |_, answers| answers.iter().any(|answer| format!("{answer:?}").contains(SECRET)),
    };
    trial.holds();
}

#[test]
fn what_is_swapped_behind_the_gate_is_never_written() {
    let trial = Trial {
        gated: |scene, path| scene.gated(&format!("tee -a {path}"), "more\n"),
        free: |scene, path| scene.free(&["tee", "-a", path], "more\n"),
        worked: |answer| answer.code() == 0,
        leaked: |scene, _| std::fs::read_to_string(scene.gatesh.path("secret/app.log")).unwrap() != SECRET,
    };
    trial.holds();
}
