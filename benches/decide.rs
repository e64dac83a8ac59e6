//! What one decision takes at the prompt, everything loaded, without asking the file system: with a rule for each
//! of many programs, and with many rules for one.
#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

#[path = "rules/mod.rs"]
mod rules;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gatesh::command::{CommandLine, Line, read};
use gatesh::policy::Policy;
use gatesh::policy::decide::{Bench, Decision, judge_line};
use gatesh::policy::file::{PolicySource, load_for_groups};
use gatesh::policy::paths::{Effort, View};
use gatesh::policy::programs::Programs;
use rules::{Layout, own_group, policy};

const RULES: usize = 1_000;
const TIMES: usize = 1_001;

fn main() {
    let tree = tempfile::Builder::new().prefix("gd").tempdir().unwrap();
    let group = own_group();
    policy(tree.path(), &group, RULES, Layout::Apart);
    let many = loaded(tree.path(), &group);
    measure(&many, "many programs, allowed", "tool994 -f -n 5 /var/log/app.log");
    measure(&many, "many programs, a word denied", "tool994 -f -n 5 /etc/shadow");
    measure(&many, "many programs, unknown program", "nosuch x");
    let file = tree.path().join("groups.d").join(format!("{group}.toml"));
    let same =
        (0..RULES).map(|number| format!("\n[[allow]]\ncommands = [\"tool sub{number} [-v] <word>\"]\n"));
    std::fs::write(file, same.collect::<String>()).unwrap();
    let one = loaded(tree.path(), &group);
    measure(&one, "one program, allowed", "tool sub994 -v x");
    measure(&one, "one program, denied", "tool nosub x");
}

fn loaded(config: &Path, group: &str) -> Policy {
    let source = PolicySource::staging(config.to_owned(), nix::unistd::getuid().as_raw());
    load_for_groups(&source, &[group.to_owned()], None).unwrap()
}

fn measure(policy: &Policy, what: &str, line: &str) {
    let Ok(Line::Run(line)) = read(line.as_bytes(), "/root") else { panic!("not a line: {line}") };
    let view = View::Text { name: PathBuf::from("/var/log") };
    let first = once(policy, &view, &line);
    let mut times: Vec<Duration> = (0..TIMES).map(|_| once(policy, &view, &line)).collect();
    times.sort();
    let (median, worst) = (times.get(TIMES / 2).unwrap(), times.last().unwrap());
    println!("{RULES} rules, {what}: {median:?} (budget 50us), worst {worst:?}, first {first:?}");
}

fn once(policy: &Policy, view: &View, line: &CommandLine) -> Duration {
    let programs = Programs::as_text(&policy.settings.program_path);
    let start = Instant::now();
    let judged =
        judge_line(&Bench { policy, view, programs: &programs, clock: None }, line, &Effort::default());
    let allowed = judged.iter().all(|one| matches!(one.judgement.decision, Decision::Allow(_)));
    black_box(allowed);
    start.elapsed()
}
