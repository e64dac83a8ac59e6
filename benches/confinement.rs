//! What confinement adds to starting a program: one rule's command planned and run in this process, with the whole
//! fence and with none, in turns with `dash -c` of the same program. Processor time of this process and of its
//! children, so that what else the machine does matters little.
#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

use std::path::PathBuf;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use gatesh::command::{CommandLine, Line, read};
use gatesh::identity::Identity;
use gatesh::launch::confinement::abi::Kernel;
use gatesh::launch::job::{Input, Outcome, run};
use gatesh::launch::terminal::Terminal;
use gatesh::launch::{Launch, Surroundings};
use gatesh::policy::decide::{Bench, Decision, judge_line};
use gatesh::policy::file::load_embedded;
use gatesh::policy::paths::{Effort, View};
use gatesh::policy::programs::Programs;
use gatesh::policy::{Need, Policy};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

const ROUNDS: usize = 400;
const RULES: &str = "[[allow]]\ncommands = [\"true\", \"cat '/etc/passwd'\"]\n\
                     [[allow]]\nwith = [\"@packages\", \"@systemd\", \"@proc\"]\ncommands = [\"false\"]\n";

/// What is measured: a line, or only its planning.
struct Gate {
    policy: Policy,
    programs: Programs,
    view: View,
    terminal: Terminal,
}

impl Gate {
    fn new() -> Self {
        let policy = load_embedded("", ("bench", RULES), &[], &Identity::of_process().unwrap()).unwrap();
        let programs = Programs::on_host(&policy.settings.program_path);
        Self { policy, programs, view: View::host().unwrap(), terminal: Terminal::acquire().unwrap() }
    }

    fn surroundings(&self, kernel: Kernel) -> Surroundings {
        let View::Host { directory, name } = &self.view else { unreachable!("made on the host") };
        Surroundings {
            user: "bench".to_owned(),
            uid: nix::unistd::getuid().as_raw(),
            home: PathBuf::from("/"),
            shell: PathBuf::from("/usr/bin/gatesh"),
            inherited: Vec::new(),
            directory: Rc::new(directory.try_clone().unwrap()),
            directory_name: name.clone(),
            program_path: self.policy.settings.program_path.clone(),
            landlock: Need::Preferred,
            kernel,
        }
    }

    fn plan(&self, line: &CommandLine, kernel: Kernel) -> Vec<Launch> {
        let bench = Bench { policy: &self.policy, view: &self.view, programs: &self.programs, clock: None };
        let around = self.surroundings(kernel);
        let launch = |decision| match decision {
            Decision::Allow(grant) => Launch::plan(*grant, &around).unwrap(),
            Decision::Deny(_) => unreachable!("the rules allow it"),
        };
        judge_line(&bench, line, &Effort::default())
            .into_iter()
            .map(|judged| launch(judged.judgement.decision))
            .collect()
    }

    fn run(&mut self, line: &CommandLine, kernel: Kernel) {
        let launches = self.plan(line, kernel);
        let Outcome::Ended(_) = run(launches, Input::Null, &mut self.terminal, None, &mut || None).unwrap()
        else {
            unreachable!("there is no terminal to stop it from")
        };
    }
}

fn line(text: &str) -> CommandLine {
    match read(text.as_bytes(), "/") {
        Ok(Line::Run(line)) => line,
        Ok(Line::Empty | Line::Builtin(_)) | Err(_) => unreachable!("a command"),
    }
}

/// Processor time so far.
fn spent() -> Duration {
    let of = |who| {
        let usage = getrusage(who).unwrap();
        (usage.user_time() + usage.system_time()).num_microseconds()
    };
    let micros = of(UsageWho::RUSAGE_SELF) + of(UsageWho::RUSAGE_CHILDREN);
    Duration::from_micros(micros.try_into().unwrap())
}

fn dash(program: &str) {
    let status = Command::new("/bin/dash").args(["-c", program]).stdout(std::process::Stdio::null()).status();
    status.unwrap();
}

/// Median processor time of each of `works`, which take turns.
fn in_turns<const N: usize>(works: &mut [&mut dyn FnMut(); N]) -> [Duration; N] {
    let mut times: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::with_capacity(ROUNDS));
    for _ in 0..ROUNDS {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let before = spent();
            work();
            times.push(spent().saturating_sub(before));
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times.get(ROUNDS / 2).copied().unwrap_or_default()
    })
}

fn ratio(part: Duration, whole: Duration) -> f64 {
    part.as_secs_f64() / whole.as_secs_f64()
}

fn main() {
    let full = Kernel::probe();
    let filter_only = full.acting_like(0);
    let ruleset_only = full.without_filters();
    let bare = filter_only.without_filters();
    println!("processor time, medians of {ROUNDS}, this kernel's Landlock has ABI {}", full.abi());
    for (text, program) in [("true", "/usr/bin/true"), ("false", "/usr/bin/false")] {
        let line = line(text);
        let gate = std::cell::RefCell::new(Gate::new());
        let with = |kernel| {
            let (gate, line) = (&gate, &line);
            move || gate.borrow_mut().run(line, kernel)
        };
        let planned = |kernel| {
            let (gate, line) = (&gate, &line);
            move || drop(gate.borrow().plan(line, kernel))
        };
        let [dash, none, ruleset, filter, all, plain_plan, plan] = in_turns(&mut [
            &mut || dash(program),
            &mut with(bare),
            &mut with(ruleset_only),
            &mut with(filter_only),
            &mut with(full),
            &mut planned(bare),
            &mut planned(full),
        ]);
        let added = all.saturating_sub(none);
        println!(
            "{text}: dash -c {program} {dash:?}; planned and run without a fence {none:?}, with {all:?}"
        );
        println!("  confinement adds {added:?}, {:.2}x of dash -c (budget 0.30x)", ratio(added, dash));
        println!(
            "  of that Landlock {:?}, seccomp {:?}; the ruleset and filter made in {:?}",
            ruleset.saturating_sub(none),
            filter.saturating_sub(none),
            plan.saturating_sub(plain_plan)
        );
    }
}
