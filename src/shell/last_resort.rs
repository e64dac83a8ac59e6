//! SIGALRM, by which the kernel ends a gatesh that can no longer write, and so cannot keep its own time limits. Where
//! nobody reads what gatesh writes, a write lasts for ever, and every time limit waits behind it.

use std::time::{Duration, Instant};

use nix::unistd::alarm;

/// So long after a limit that was not kept.
const GRACE: Duration = Duration::from_secs(30);

/// Sets it for a limit, and for no other any more. Nothing of gatesh's catches the signal, and programs do not inherit it
/// (alarm(2)): they end with gatesh.
pub(super) fn arm(limit: Option<Instant>) {
    let Some(limit) = limit else { return };
    let left = limit.saturating_duration_since(Instant::now()).saturating_add(GRACE);
    alarm::set(u32::try_from(left.as_secs()).unwrap_or(u32::MAX));
}

/// Gives what is to be done now its time: the end of the session, or of one of its jobs.
pub(super) fn arm_from_now() {
    arm(Some(Instant::now()));
}
