//! Turns a rule's `limits` into resource limits, and counts what a user already runs for the one limit that
//! the kernel counts per user.

use std::fs;
use std::io;

use nix::sys::resource::{Resource, getrlimit};

use crate::policy::Limits;

/// What a process may use at most. The default leaves everything as it is, which is what sudo gets.
#[derive(Clone, Debug, Default)]
pub(super) struct Ceilings {
    fixed: Vec<(Resource, u64)>,
    /// Processes beyond those this uid already runs.
    processes: Option<(u32, u64)>,
}

impl Ceilings {
    /// Without a core file: it would put what a program read where the rule lets nobody write.
    pub(super) fn of(limits: &Limits, uid: u32) -> Self {
        let wanted = [
            (Resource::RLIMIT_CORE, Some(0)),
            (Resource::RLIMIT_CPU, limits.cpu),
            (Resource::RLIMIT_AS, limits.memory),
            (Resource::RLIMIT_NOFILE, limits.files),
            (Resource::RLIMIT_FSIZE, limits.file_size),
        ];
        let fixed =
            wanted.into_iter().filter_map(|(resource, most)| most.map(|most| (resource, most))).collect();
        Self { fixed, processes: limits.processes.map(|more| (uid, more)) }
    }

    /// Soft and hard limit of each resource, never above the hard one in force, which only root may raise.
    pub(super) fn settings(&self) -> io::Result<Vec<(Resource, u64)>> {
        let mut settings = self.fixed.clone();
        if let Some((uid, more)) = self.processes {
            settings.push((Resource::RLIMIT_NPROC, tasks_of(uid)?.saturating_add(more)));
        }
        for (resource, most) in &mut settings {
            let (_, hard) = getrlimit(*resource)?;
            *most = hard.min(*most);
        }
        Ok(settings)
    }
}

/// Threads of all processes of a real uid, which is what `RLIMIT_NPROC` is held against (getrlimit(2)). A process
/// that ends while it is looked at counts as gone.
fn tasks_of(uid: u32) -> io::Result<u64> {
    let mut tasks: u64 = 0;
    for entry in fs::read_dir("/proc")? {
        let path = entry?.path().join("status");
        if let Ok(status) = fs::read_to_string(path)
            && number(&status, "Uid:") == Some(u64::from(uid))
        {
            tasks = tasks.saturating_add(number(&status, "Threads:").unwrap_or(1));
        }
    }
    Ok(tasks)
}

/// The first number behind `key` in a status file (`proc_pid_status(5)`).
fn number(status: &str, key: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}
