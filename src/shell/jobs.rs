//! Jobs that were stopped with Ctrl-Z or sent to the background, by number, until their end is on record and told.

use std::time::Instant;

use nix::unistd::Pid;

use super::{last_resort, record};
use crate::audit::AuditLog;
use crate::launch::job::Job;
use crate::launch::leftovers;
use crate::launch::outcome::{Cause, Ended};

/// One of them, with the start records that its end must name.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) number: u32,
    pub(super) job: Job,
    pub(super) starts: Vec<u64>,
    /// Whether the person was last told that it runs.
    runs: bool,
}

/// All of them; the last is the current one.
#[derive(Debug)]
pub(super) struct Jobs {
    kept: Vec<Kept>,
    /// Those whose end is on record and not yet told.
    over: Vec<(Kept, Ended)>,
    /// Processes of root's that outlived their job.
    left: Vec<Pid>,
    /// The end of the session's time.
    deadline: Option<Instant>,
}

impl Jobs {
    /// None yet, in a session that ends at `deadline`.
    pub(super) fn until(deadline: Option<Instant>) -> Self {
        Self { kept: Vec::new(), over: Vec::new(), left: Vec::new(), deadline }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    pub(super) fn count(&self) -> usize {
        self.kept.len()
    }

    /// Whether none of them goes on in the background.
    pub(super) fn are_stopped(&self) -> bool {
        self.kept.iter().all(|kept| kept.job.is_stopped())
    }

    /// Ends what belongs to none of them, but for what only root can end.
    pub(super) fn sweep_others(&mut self) {
        let jobs: Vec<&Job> = self.kept.iter().map(|kept| &kept.job).collect();
        leftovers::sweep(&jobs, &mut self.left);
    }

    /// Records how a job ended, and remembers what of it was left.
    pub(super) fn record_ends(&mut self, audit: &mut AuditLog, starts: &[u64], ended: &Ended) {
        record::ends(audit, starts, ended);
        self.left.extend(&ended.left);
    }

    /// Numbers a job that stopped; it becomes the current one. A job that had a number keeps it.
    pub(super) fn keep(&mut self, job: Job, starts: Vec<u64>, number: Option<u32>) {
        let next = self.kept.iter().map(|kept| kept.number).max().unwrap_or(0).saturating_add(1);
        let runs = !job.is_stopped();
        let kept = Kept { number: number.unwrap_or(next), job, starts, runs };
        self.kept.push(kept);
    }

    /// Takes out the job of that number, or the current one.
    pub(super) fn take(&mut self, number: Option<u32>) -> Option<Kept> {
        let index = match number {
            Some(number) => self.kept.iter().position(|kept| kept.number == number),
            None => self.kept.len().checked_sub(1),
        }?;
        Some(self.kept.remove(index))
    }

    /// Looks after all of them, running or stopped: ends those whose time is up, and records the ends. Answers when
    /// it has to be done again at the latest.
    pub(super) fn tend(&mut self, audit: &mut AuditLog) -> Option<Instant> {
        for mut kept in std::mem::take(&mut self.kept) {
            match kept.job.poll() {
                Some(ended) => {
                    self.record_ends(audit, &kept.starts, &ended);
                    self.over.push((kept, ended));
                }
                None => self.kept.push(kept),
            }
        }
        let due = self.kept.iter().filter_map(|kept| kept.job.due()).min();
        last_resort::arm(due.into_iter().chain(self.deadline).min());
        due
    }

    /// Asks all of them to end.
    pub(super) fn ask(&mut self, cause: Cause) {
        self.kept.iter_mut().for_each(|kept| kept.job.ask(cause));
    }

    /// Whether one of them was asked to end and has not yet.
    pub(super) fn are_ending(&self) -> bool {
        self.kept.iter().any(|kept| kept.job.is_ending())
    }

    /// Takes out those that ended, with how.
    pub(super) fn ended(&mut self) -> Vec<(Kept, Ended)> {
        std::mem::take(&mut self.over)
    }

    /// Those in the background that have stopped by themselves since, as `jobs` shows them: they wanted to read from
    /// the terminal, or to change it.
    pub(super) fn halted(&mut self) -> Vec<String> {
        let current = self.kept.last().map(|kept| kept.number);
        let halted = |kept: &&mut Kept| kept.runs && kept.job.is_stopped();
        let told = |kept: &mut Kept| {
            kept.runs = false;
            kept.describe(current == Some(kept.number))
        };
        self.kept.iter_mut().filter(halted).map(told).collect()
    }

    /// One line each, as `jobs` shows them.
    pub(super) fn describe(&self) -> Vec<String> {
        let current = self.kept.last().map(|kept| kept.number);
        self.kept.iter().map(|kept| kept.describe(current == Some(kept.number))).collect()
    }
}

impl Kept {
    pub(super) fn describe(&self, current: bool) -> String {
        self.job.describe(usize::try_from(self.number).unwrap_or(0), current)
    }
}
