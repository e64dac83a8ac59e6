//! Ends what a command left behind. gatesh is the reaper of its orphaned descendants (`PR_SET_CHILD_SUBREAPER`,
//! [`super::terminal::Terminal::acquire`]), so a process that a command started and did not wait for, even in a
//! session of its own, becomes gatesh's child when its parent ends, and is found here. Otherwise it could read
//! what the person types next.

use std::fs;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{Pid, getpid};

use super::job::Job;

/// Between TERM and KILL.
const GRACE: Duration = Duration::from_millis(200);
/// Then the rest is left: what cannot be killed is root's or hangs in the kernel.
const PATIENCE: Duration = Duration::from_secs(2);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Ends all children of gatesh that belong to no job of `kept`, and their children, as they become gatesh's.
/// Call it after each command line; takes no time when there is nothing. Answers with the number of processes
/// that could not be ended. `left` are those that a job has asked and left: a sudo, which signals reach (kill(2) goes by
/// the real user id) and without which the program that it runs would go on alone.
pub fn sweep(kept: &[&Job], left: &mut Vec<Pid>) -> usize {
    let begun = Instant::now();
    let mut asked: Vec<Pid> = Vec::new();
    loop {
        let look = look(kept, left);
        let past_grace = begun.elapsed() >= GRACE;
        let alive = look.strays.iter().filter(|stray| end(**stray, past_grace, &mut asked)).count();
        // The children of one that was waited for became gatesh's before that, but after the list was read.
        let is_settled = alive == 0 && !look.waited;
        if is_settled || begun.elapsed() >= PATIENCE {
            return look.strays.len();
        }
        if alive > 0 {
            std::thread::sleep(PAUSE);
        }
    }
}

/// Whether it can be ended and is worth waiting for. Each is asked once before it is killed.
fn end(stray: Pid, past_grace: bool, asked: &mut Vec<Pid>) -> bool {
    if past_grace || !asked.contains(&stray) {
        asked.push(stray);
        let signal = if past_grace { Signal::SIGKILL } else { Signal::SIGTERM };
        // EPERM: root's, through sudo, and not gatesh's to end.
        if kill(stray, signal) == Err(Errno::EPERM) {
            return false;
        }
        let _ = kill(stray, Signal::SIGCONT);
    }
    true
}

/// What one look finds.
struct Look {
    /// Children that belong to no kept job.
    strays: Vec<Pid>,
    /// Whether some had ended and were waited for.
    waited: bool,
}

fn look(kept: &[&Job], left: &mut Vec<Pid>) -> Look {
    let belongs = |child: &Child| kept.iter().any(|job| job.group() == child.group);
    let found: Vec<Child> = children().into_iter().filter(|child| !belongs(child)).collect();
    let count = found.len();
    let mut strays: Vec<Pid> = found.iter().map(|child| child.pid).filter(|pid| !is_over(*pid)).collect();
    let waited = strays.len() < count;
    // The number of one that has ended may be another's tomorrow.
    left.retain(|pid| strays.contains(pid));
    strays.retain(|pid| !left.contains(pid));
    Look { strays, waited }
}

fn is_over(pid: Pid) -> bool {
    waitpid(pid, Some(WaitPidFlag::WNOHANG)).is_ok_and(|status| status.pid().is_some())
}

struct Child {
    pid: Pid,
    group: i32,
}

/// /proc/self/task/TID/children needs `CONFIG_PROC_CHILDREN` and names them at once; without it all of /proc is
/// looked through. Pids of the main thread are those of the process (`proc_tid_children(5)`).
fn children() -> Vec<Child> {
    let own = getpid();
    match fs::read_to_string(format!("/proc/self/task/{own}/children")) {
        Ok(listed) => listed.split_whitespace().filter_map(|pid| child(pid, own)).collect(),
        Err(_) => every_process().iter().filter_map(|pid| child(pid, own)).collect(),
    }
}

fn every_process() -> Vec<String> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Fields of `proc_pid_stat(5)` behind the name, which may itself hold blanks and brackets.
fn child(pid: &str, parent: Pid) -> Option<Child> {
    let pid: i32 = pid.parse().ok()?;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut fields = behind_name.split_whitespace().skip(1);
    let found_parent: i32 = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    (found_parent == parent.as_raw()).then_some(Child { pid: Pid::from_raw(pid), group })
}
