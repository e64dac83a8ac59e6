//! Watches over a prompt that waits for a key: for signals that end the session, for too long a silence, for the end
//! of the session's time and that of its jobs.
//!
//! rustyline waits in select(2) for three things: the terminal, the message of another thread, and a byte that its
//! own handler for SIGINT writes. Signals that end a session are blocked, to be read from a descriptor, and
//! it waits for no descriptor but its own. So a thread waits beside it, as long as one line is typed and no
//! longer: no command is ever started while it exists. It shows warnings as rustyline's messages and breaks the
//! wait with a SIGINT to itself, which rustyline's handler turns into the byte. That handler comes and goes
//! with the line; between, SIGINT is ignored ([`crate::sys::ignore_interrupts`]), and the thread tries again.
//! Behind the first byte of a key, and in a search, rustyline waits in read(2) for the terminal alone, and looks for the
//! byte when that is interrupted: SIGWINCH to its thread does so, and says no more than that the window may have changed.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::pthread::{Pthread, pthread_kill, pthread_self};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::{getpid, pipe2};

use crate::input::Ending;
use crate::sys::waiting;

/// How long before an end the person is warned.
const NOTICE: Duration = Duration::from_mins(1);
/// Between two attempts to break the wait.
const AGAIN: Duration = Duration::from_millis(100);
/// It sleeps, and formats two sentences.
const STACK: usize = 128 * 1024;

/// Why the wait for a key ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::input) enum Wake {
    /// The session ends.
    End(Ending),
    /// Jobs have to be looked after.
    Due,
}

/// What ends a wait.
#[derive(Clone, Copy, Debug)]
pub(in crate::input) struct Limits {
    /// Silence after which the session ends.
    pub(in crate::input) idle: Duration,
    /// The end of the session's time.
    pub(in crate::input) over: Option<Instant>,
    /// When jobs have to be looked after.
    pub(in crate::input) due: Option<Instant>,
    /// When the last key before the wait came.
    pub(in crate::input) last: Instant,
}

/// When the last key came. Shared with the thread that watches.
#[derive(Debug)]
pub(super) struct Pulse {
    start: Instant,
    last: AtomicU64,
    cause: OnceLock<Wake>,
}

impl Pulse {
    /// The last key came at `start`.
    pub(super) fn since(start: Instant) -> Self {
        Self { start, last: AtomicU64::new(0), cause: OnceLock::new() }
    }

    /// A key came.
    pub(super) fn beat(&self) {
        let since = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(since, Ordering::Relaxed);
    }

    pub(super) fn last(&self) -> Instant {
        let since = Duration::from_millis(self.last.load(Ordering::Relaxed));
        self.start.checked_add(since).unwrap_or(self.start)
    }

    /// Only the first is a cause: the wait is over with it.
    fn wake(&self, wake: Wake) {
        let _ = self.cause.set(wake);
    }

    fn cause(&self) -> Option<Wake> {
        self.cause.get().copied()
    }
}

/// The watch over one line.
pub(super) struct Vigil {
    pulse: Arc<Pulse>,
    thread: JoinHandle<()>,
    /// Closed, it tells the thread to end.
    stop: OwnedFd,
}

impl Vigil {
    /// Begins to watch. `say` shows a message above what is being typed.
    pub(super) fn begin(
        pulse: Arc<Pulse>,
        limits: Limits,
        say: impl FnMut(&str) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (stopped, stop) = pipe2(OFlag::O_CLOEXEC)?;
        let signals = ending_signals()?;
        let (shared, reader) = (Arc::clone(&pulse), pthread_self());
        let watch = move || {
            if let Some(wake) = watch(&shared, limits, &signals, &stopped, say) {
                shared.wake(wake);
                break_off(reader, &stopped);
            }
        };
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(watch)?;
        Ok(Self { pulse, thread, stop })
    }

    /// Ends the watch, and says what it ended the wait for, if it did. The thread is gone afterwards.
    pub(super) fn end(self) -> Option<Wake> {
        drop(self.stop);
        let _ = self.thread.join();
        self.pulse.cause()
    }
}

/// What the wait is to be broken off for; `None` where it ended by itself.
fn watch(
    pulse: &Pulse,
    limits: Limits,
    signals: &SignalFd,
    stopped: &OwnedFd,
    mut say: impl FnMut(&str),
) -> Option<Wake> {
    let mut clock = Clock::new(limits);
    loop {
        match clock.tell(Instant::now(), pulse.last()) {
            Told::Wake(wake) => return Some(wake),
            Told::Warning(text) => say(&text),
            Told::Sleep(until) => match wait(&[stopped.as_fd(), signals.as_fd()], until).as_slice() {
                [true, ..] => return None,
                [_, true] => return Some(Wake::End(Ending::Told)),
                _ => {}
            },
        }
    }
}

/// Breaks off what the thread `reader` waits for, until it says that it has stopped.
fn break_off(reader: Pthread, stopped: &OwnedFd) {
    let interrupt: SigSet = [Signal::SIGINT].into_iter().collect();
    if interrupt.thread_unblock().is_err() {
        return;
    }
    loop {
        let _ = kill(getpid(), Signal::SIGINT);
        let _ = pthread_kill(reader, Signal::SIGWINCH);
        let until = Instant::now().checked_add(AGAIN);
        if wait(&[stopped.as_fd()], until).first() == Some(&true) {
            return;
        }
    }
}

/// A descriptor that is readable while a signal that ends the session is pending. It is not read here.
pub(super) fn ending_signals() -> nix::Result<SignalFd> {
    let ending: SigSet = [Signal::SIGHUP, Signal::SIGTERM].into_iter().collect();
    SignalFd::with_flags(&ending, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
}

/// A descriptor for SIGINT and SIGQUIT: the terminal sends them, and has dropped what was typed.
pub(super) fn interrupts() -> nix::Result<SignalFd> {
    let interrupts: SigSet = [Signal::SIGINT, Signal::SIGQUIT].into_iter().collect();
    SignalFd::with_flags(&interrupts, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
}

/// Forgets interrupts that came so far. Those before a line was entered were for something else; one that comes
/// behind it is for the line.
pub(super) fn forget(interrupts: &SignalFd) {
    while let Ok(Some(_)) = interrupts.read_signal() {}
}

/// Waits until one of the descriptors has something (or its other end is gone), and says which.
pub(in crate::input) fn wait(descriptors: &[BorrowedFd<'_>], until: Option<Instant>) -> Vec<bool> {
    let mut wanted: Vec<PollFd<'_>> =
        descriptors.iter().map(|descriptor| PollFd::new(*descriptor, PollFlags::POLLIN)).collect();
    match poll(&mut wanted, waiting::until(until)) {
        Ok(_) => wanted.iter().map(|one| one.any().unwrap_or(false)).collect(),
        Err(_) => vec![false; descriptors.len()],
    }
}

/// What the clock says.
pub(in crate::input) enum Told {
    /// It is time to end the wait.
    Wake(Wake),
    /// To be shown.
    Warning(String),
    /// Nothing before then.
    Sleep(Option<Instant>),
}

/// Knows when to warn and when to end.
pub(in crate::input) struct Clock {
    limits: Limits,
    /// The key after which it has warned of silence.
    warned_after: Option<Instant>,
    warned_of_end: bool,
}

impl Clock {
    pub(in crate::input) fn new(limits: Limits) -> Self {
        // Whoever comes back from a command shortly before the end was not at the prompt a minute before it.
        Self { limits, warned_after: None, warned_of_end: false }
    }

    /// What is due, given the time and that of the last key.
    pub(in crate::input) fn tell(&mut self, now: Instant, last: Instant) -> Told {
        let idle_at = last.checked_add(self.limits.idle);
        let is_past = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if is_past(self.limits.over) {
            return Told::Wake(Wake::End(Ending::Over));
        }
        if is_past(idle_at) {
            return Told::Wake(Wake::End(Ending::Idle));
        }
        if is_past(self.limits.due) {
            return Told::Wake(Wake::Due);
        }
        let warn_at = notice(idle_at, self.limits.idle).filter(|_| self.warned_after != Some(last));
        if is_past(warn_at) {
            self.warned_after = Some(last);
            return Told::Warning(format!("no input: the session ends in {}", left(idle_at, now)));
        }
        let over_notice = self.limits.over.and_then(|over| over.checked_sub(NOTICE));
        let over_notice = over_notice.filter(|_| !self.warned_of_end);
        if is_past(over_notice) {
            self.warned_of_end = true;
            return Told::Warning(format!("the session's time is over in {}", left(self.limits.over, now)));
        }
        let moments = [idle_at, warn_at, self.limits.over, over_notice, self.limits.due];
        Told::Sleep(moments.into_iter().flatten().min())
    }

    /// Jobs were looked after.
    pub(in crate::input) fn due_again(&mut self, due: Option<Instant>) {
        self.limits.due = due;
    }
}

/// A minute before; half-way where there is no minute.
fn notice(at: Option<Instant>, of: Duration) -> Option<Instant> {
    at?.checked_sub(NOTICE.min(of.checked_div(2)?))
}

fn left(at: Option<Instant>, now: Instant) -> String {
    let left = at.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
    match left.as_millis().div_ceil(1_000) {
        60 => "a minute".to_owned(),
        1 => "a second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_mins(15);

    fn clock(over: Option<Instant>) -> Clock {
        Clock::new(Limits { idle: IDLE, over, due: None, last: Instant::now() })
    }

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn silence_is_warned_of_once_a_minute_before_it_ends_the_session() {
        let (mut clock, key) = (clock(None), Instant::now());
        assert!(matches!(clock.tell(after(key, 839), key), Told::Sleep(Some(at)) if at == after(key, 840)));
        assert!(
            matches!(clock.tell(after(key, 840), key), Told::Warning(text) if text.ends_with("a minute"))
        );
        assert!(matches!(clock.tell(after(key, 841), key), Told::Sleep(Some(at)) if at == after(key, 900)));
        assert!(matches!(clock.tell(after(key, 900), key), Told::Wake(Wake::End(Ending::Idle))));
    }

    #[test]
    fn a_key_after_the_warning_begins_a_new_silence() {
        let (mut clock, key) = (clock(None), Instant::now());
        assert!(matches!(clock.tell(after(key, 850), key), Told::Warning(_)));
        let later = after(key, 855);
        assert!(matches!(clock.tell(after(key, 900), later), Told::Sleep(_)));
        assert!(matches!(clock.tell(after(later, 840), later), Told::Warning(_)));
    }

    #[test]
    fn jobs_are_due_whatever_the_keys_do_and_after_them_the_silence_goes_on() {
        let key = Instant::now();
        let mut clock = clock(None);
        clock.due_again(Some(after(key, 30)));
        assert!(matches!(clock.tell(after(key, 29), key), Told::Sleep(Some(at)) if at == after(key, 30)));
        assert!(matches!(clock.tell(after(key, 30), after(key, 30)), Told::Wake(Wake::Due)));
        clock.due_again(None);
        assert!(matches!(clock.tell(after(key, 900), key), Told::Wake(Wake::End(Ending::Idle))));
    }

    #[test]
    fn the_session_s_time_ends_however_busy_the_keys_are() {
        let start = Instant::now();
        let mut clock = clock(Some(after(start, 100)));
        assert!(matches!(clock.tell(after(start, 41), after(start, 41)), Told::Warning(_)));
        assert!(matches!(clock.tell(after(start, 99), after(start, 99)), Told::Sleep(_)));
        assert!(matches!(
            clock.tell(after(start, 100), after(start, 100)),
            Told::Wake(Wake::End(Ending::Over))
        ));
    }
}
