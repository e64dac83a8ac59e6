//! What a whole run of gatesh costs, against dash starting the same program: processor time, in turns, so that
//! whatever else the machine does meets all alike. Then how it grows with the rules, how much memory it takes, and
//! what a hostile line costs. Instructions are counted where valgrind is installed: they repeat exactly.
#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

#[path = "rules/mod.rs"]
mod rules;

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};
use rules::{Layout, own_group, policy, shipped};

const GATESH: &str = env!("CARGO_BIN_EXE_gatesh");
const DASH: [&str; 3] = ["/bin/dash", "-c", "/usr/bin/true"];
const RUNS: usize = 101;
/// A line that no rule names the program of.
const DENIED: &str = "nosuch x";

fn main() {
    let tree = tempfile::Builder::new().prefix("gs").tempdir().unwrap();
    commands(tree.path());
    growth(tree.path());
    memory(&tree.path().join("shipped"));
    hostile(&tree.path().join("shipped"));
}

fn gatesh(config: &Path, line: &str) -> Vec<String> {
    [GATESH, "--config", config.to_str().unwrap(), "-c", line].map(str::to_owned).to_vec()
}

fn commands(tree: &Path) {
    let config = tree.join("shipped");
    shipped(&config, &own_group());
    let runs = [DASH.map(str::to_owned).to_vec(), gatesh(&config, "true"), gatesh(&config, DENIED)];
    let [dash, allowed, denied] = in_turns(&runs, RUNS);
    println!("dash -c /usr/bin/true {dash:?} of processor time");
    println!("  allowed {:.2}x (budget 1.5x), audit and confinement on", ratio(allowed, dash));
    println!("  denied  {:.2}x (budget 0.8x)", ratio(denied, dash));
    let counts: Vec<String> = runs.iter().map(|run| instructions(run)).collect();
    println!("  instructions: dash, allowed, denied  {}", counts.join(", "));
}

fn growth(tree: &Path) {
    for (layout, name) in [(Layout::Together, "in one [[allow]]"), (Layout::Apart, "an [[allow]] each")] {
        let configs = [10, 1_000, 10_000].map(|count| {
            let config = tree.join(format!("{name}-{count}").replace(' ', "-"));
            policy(&config, &own_group(), count, layout);
            config
        });
        let runs = configs.each_ref().map(|config| gatesh(config, DENIED));
        let [few, more, many] = in_turns(&runs, RUNS / 2);
        println!(
            "10 -> 1,000 -> 10,000 rules, {name}: {:.2}x -> {:.2}x (budget 1.3x -> 5x), {few:?} with 10",
            ratio(more, few),
            ratio(many, few)
        );
    }
}

/// Processor time of each, waited-for children included: the median of runs taken in turns.
fn in_turns<const N: usize>(commands: &[Vec<String>; N], runs: usize) -> [Duration; N] {
    let mut times = [const { Vec::new() }; N];
    for _ in 0..runs {
        for (command, times) in commands.iter().zip(&mut times) {
            times.push(processor_time(command));
        }
    }
    times.map(median)
}

fn processor_time(command: &[String]) -> Duration {
    let before = spent();
    let (program, arguments) = command.split_first().unwrap();
    let mut child = Command::new(program);
    child.args(arguments).env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
    child.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    spent().saturating_sub(before)
}

fn spent() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let micros = |time: TimeVal| u64::try_from(time.num_microseconds()).unwrap();
    Duration::from_micros(micros(usage.user_time()) + micros(usage.system_time()))
}

fn instructions(command: &[String]) -> String {
    let mut counted = Command::new("valgrind");
    counted.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).args(command).env_clear();
    let Ok(output) = counted.env("PATH", "/usr/bin:/bin").output() else { return "no valgrind".to_owned() };
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, count)| count.trim());
    count.unwrap_or("not counted").to_owned()
}

/// A session that reads its lines from a pipe: what it has at most once it has answered.
fn memory(config: &Path) {
    let mut child = Command::new(GATESH)
        .arg("--config")
        .arg(config)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.as_mut().unwrap(), "{DENIED}").unwrap();
    child.stderr.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim();
    println!("peak memory {most} (budget 4 MiB)");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// What a line costs beyond a short one that is denied too.
fn hostile(config: &Path) {
    let nested = format!("true {}", "\"'".repeat(100_000));
    let lines =
        [("2 MiB", "x".repeat(2 << 20)), ("10,000 words", "x ".repeat(10_000)), ("100,000 quotes", nested)];
    let short = (0..21).map(|_| piped(config, DENIED)).collect();
    let short = median(short);
    for (name, line) in lines {
        let times = (0..21).map(|_| piped(config, &line)).collect();
        println!("a line of {name}: {:?} (budget 5 ms)", median(times).saturating_sub(short));
    }
}

fn piped(config: &Path, line: &str) -> Duration {
    let before = spent();
    let mut child = Command::new(GATESH)
        .arg("--config")
        .arg(config)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // A session that refuses to read on closes its end.
    let _ = writeln!(child.stdin.take().unwrap(), "{line}");
    child.wait().unwrap();
    spent().saturating_sub(before)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}
