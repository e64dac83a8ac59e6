//! What is left when a command is over, when gatesh is killed, and for how long.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{has, rule};
use crate::scenario::Gatesh;
use crate::screen::Screen;

/// Process ids whose words are these.
fn running(words: &[&str]) -> Vec<Pid> {
    let wanted: Vec<u8> = words.iter().flat_map(|word| [word.as_bytes(), b"\0"].concat()).collect();
    let is_wanted =
        |pid: &Pid| std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|found| found == wanted);
    processes().filter(is_wanted).collect()
}

fn processes() -> impl Iterator<Item = Pid> {
    let names =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    names.filter_map(|name| name.parse().ok()).map(Pid::from_raw)
}

/// Children of a process.
pub(crate) fn children(parent: Pid) -> Vec<Pid> {
    let listed = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap();
    listed.split_whitespace().map(|pid| Pid::from_raw(pid.parse().unwrap())).collect()
}

fn id(gate: &Child) -> Pid {
    Pid::from_raw(gate.id().try_into().unwrap())
}

fn soon(holds: impl Fn() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(5);
    while !holds() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
    holds()
}

/// Seconds to sleep that no other test sleeps, so that the process can be told.
fn seconds(last: u32) -> String {
    format!("{}{last}", std::process::id())
}

/// The line at the gate, running.
fn start(scene: &Gatesh, line: &str) -> Child {
    let mut command = scene.command();
    command
        .args(["-c", &scene.spelled(line)])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

const ASIDE: &str = r#""setsid (-f) sleep <number>", "setsid (-f) setsid '-f' sleep <number>", "setsid (-w) sleep <number>", "true""#;
const MAY_FORK: &str = "exec = [\"/usr/bin/setsid\", \"/usr/bin/sleep\"]";

#[test]
fn what_a_command_left_running_aside_is_ended_with_it() {
    let scene = rule(ASIDE, MAY_FORK);
    let mut free = scene.outside(Path::new("/usr/bin/setsid"));
    free.args(["-f", "sleep", &seconds(1)]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(free.status().unwrap().success());
    let left = || running(&["sleep", &seconds(1)]);
    assert!(soon(|| left().len() == 1), "unconfined");
    kill(left()[0], Signal::SIGKILL).unwrap();
    for (line, seconds) in [("setsid -f sleep", seconds(2)), ("setsid -f setsid -f sleep", seconds(3))] {
        rule(ASIDE, MAY_FORK).line(format!("{line} {seconds}; true")).allowed();
        assert_eq!(running(&["sleep", &seconds]), [], "{line}");
    }
}

#[test]
fn nothing_of_a_rule_without_exec_outlives_a_killed_gatesh() {
    let scene = rule(r#""sleep <number>", "cat", "tail (-f) <log>""#, "");
    let mut gate = start(&scene, &format!("tail -f {{top}}/var/log/app.log | sleep {}", seconds(4)));
    let words = ["sleep".to_owned(), seconds(4)];
    let words = [words[0].as_str(), words[1].as_str()];
    assert!(soon(|| children(id(&gate)).len() == 2 && running(&words).len() == 1));
    let group = children(id(&gate));
    gate.kill().unwrap();
    gate.wait().unwrap();
    assert!(soon(|| group.iter().all(|pid| !is_alive(*pid))), "left: {group:?}");
}

fn is_alive(pid: Pid) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z')))
}

#[test]
fn what_a_program_that_may_fork_has_forked_survives_a_killed_gatesh() {
    // The signal that comes with a parent's end is not inherited over fork (PR_SET_PDEATHSIG(2const)): the manual
    // says so, and this is how one would notice that it is no longer true.
    let scene = rule(ASIDE, MAY_FORK);
    let mut gate = start(&scene, &format!("setsid -w sleep {}", seconds(5)));
    let find = || running(&["sleep", &seconds(5)]);
    assert!(soon(|| find().len() == 1));
    gate.kill().unwrap();
    gate.wait().unwrap();
    assert!(
        soon(|| running(&["setsid", "-w", "sleep", &seconds(5)]).is_empty()),
        "the program itself is left"
    );
    assert_eq!(find().len(), 1, "docs/confinement.md says that it survives");
    kill(find()[0], Signal::SIGKILL).unwrap();
}

#[test]
fn a_private_directory_is_there_for_the_run_and_gone_after_it() {
    let answer = rule(r#""mktemp [-d]""#, "with = [\"@tmp\"]").line("mktemp").allowed();
    let made = Path::new(answer.out.trim_end());
    assert!(made.starts_with("/tmp") && made.to_string_lossy().contains("gatesh-"), "{answer:?}");
    assert!(!made.exists() && !made.parent().unwrap().exists());
    if super::confines() {
        assert_ne!(rule(r#""mktemp""#, "").line("mktemp").answer().code(), 0);
    }
}

/// A directory that a stopped program's environment names.
fn tmpdir_of(pid: Pid) -> Option<PathBuf> {
    let environment = String::from_utf8(std::fs::read(format!("/proc/{pid}/environ")).ok()?).ok()?;
    environment.split('\0').find_map(|line| line.strip_prefix("TMPDIR=")).map(PathBuf::from)
}

#[test]
fn a_stopped_job_keeps_its_private_directory_until_it_ends() {
    if !has("sleep") || !has("less") {
        return;
    }
    let scene = rule(r#""sleep <number>""#, "with = [\"@tmp\"]");
    let mut command = scene.command();
    command.env("TERM", "xterm");
    let mut screen = Screen::open(&command);
    screen.shows("> ").keys(&format!("sleep {}\r", seconds(6)));
    let sleeper = || running(&["sleep", &seconds(6)]);
    assert!(soon(|| sleeper().len() == 1));
    screen.keys("\x1a").shows("stopped");
    let tmp = tmpdir_of(sleeper()[0]).unwrap();
    assert!(tmp.is_dir(), "{}", screen.seen());
    screen.keys("exit\r").shows("1 stopped job").keys("exit\r");
    assert!(soon(|| !tmp.exists() && sleeper().is_empty()), "{}", screen.seen());
}
