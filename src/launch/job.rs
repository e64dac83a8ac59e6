//! A command line's processes from their start to their end: they stand in one process group, are waited for
//! together, stopped and resumed together, and ended together when their time is up or the session's is.

use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::termios::Termios;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::Launch;
use super::confinement::tmp::PrivateTmp;
use super::outcome::{Cause, Ended, RunError, Status};
use super::pipeline;
use super::terminal::{Event, Terminal};
use crate::sys::waiting::Tend;

/// Between a request to end and the end.
pub const GRACE: Duration = Duration::from_secs(5);
/// After KILL, for what cannot be killed: root's processes, or one that hangs in the kernel.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the first command of a pipeline reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// gatesh's own standard input.
    Inherit,
    /// Nothing: gatesh reads its commands from there.
    Null,
}

/// What became of a command line.
#[derive(Debug)]
#[must_use]
pub enum Outcome {
    /// All its processes ended.
    Ended(Ended),
    /// Ctrl-Z: it waits to be resumed. Only where [`Terminal::is_controlled`].
    Stopped(Job),
}

/// Runs `launches` as one pipeline and waits for its end, its stop, or the session's end: `deadline`, a
/// hang-up, or SIGTERM. Meanwhile it lets `tend` look after other jobs.
pub fn run(
    launches: Vec<Launch>,
    input: Input,
    terminal: &mut Terminal,
    deadline: Option<Instant>,
    tend: &mut Tend<'_>,
) -> Result<Outcome, RunError> {
    terminal.prepare();
    let started = pipeline::start(launches, input, terminal);
    match started {
        Ok(job) => Ok(job.wait(terminal, deadline, tend)),
        Err(error) => {
            terminal.take_back();
            Err(error)
        }
    }
}

/// A pipeline whose processes exist.
#[derive(Debug)]
#[must_use]
pub struct Job {
    group: Pid,
    processes: Vec<Process>,
    text: String,
    started: Instant,
    timeout: Option<Duration>,
    modes: Option<Termios>,
    ending: Option<Ending>,
    /// Removed when the job is over.
    _tmps: Vec<PrivateTmp>,
}

/// One command of it.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) pid: Pid,
    /// Root's: gatesh asks it to end and never kills it.
    pub(super) elevated: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    Stopped,
    Ended(Status),
}

/// It was asked to end.
#[derive(Clone, Copy, Debug)]
struct Ending {
    cause: Cause,
    kill_at: Instant,
    killed: bool,
}

impl Process {
    pub(super) fn new(pid: Pid, elevated: bool) -> Self {
        Self { pid, elevated, state: State::Running }
    }

    fn look(&mut self) {
        let flags = WaitPidFlag::WNOHANG | WaitPidFlag::WUNTRACED | WaitPidFlag::WCONTINUED;
        while !self.has_ended() {
            self.state = match waitpid(self.pid, Some(flags)) {
                Ok(WaitStatus::Exited(_, code)) => State::Ended(Status::Code(low_byte(code))),
                Ok(WaitStatus::Signaled(_, signal, _)) => State::Ended(Status::Signal(number(signal))),
                Ok(WaitStatus::Stopped(..)) => State::Stopped,
                Ok(WaitStatus::Continued(_)) => State::Running,
                Err(Errno::EINTR) => self.state,
                // Real-time signals, which nix cannot name, come here as EINVAL.
                Err(_) => State::Ended(Status::Unnamed),
                Ok(_) => return,
            }
        }
    }

    fn has_ended(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }

    fn status(&self) -> Status {
        match self.state {
            State::Ended(status) => status,
            State::Running | State::Stopped => Status::Left,
        }
    }
}

fn low_byte(code: i32) -> u8 {
    u8::try_from(code & 0xff).unwrap_or(u8::MAX)
}

#[expect(clippy::as_conversions, reason = "nix declares its signals with their numbers")]
fn number(signal: Signal) -> u8 {
    low_byte(signal as i32)
}

impl Job {
    pub(super) fn new(
        group: Pid,
        processes: Vec<Process>,
        text: String,
        timeout: Option<Duration>,
        tmps: Vec<PrivateTmp>,
    ) -> Self {
        let started = Instant::now();
        Self { group, processes, text, started, timeout, modes: None, ending: None, _tmps: tmps }
    }

    /// Calls it what the person typed, rather than by its resolved words.
    pub fn called(self, text: String) -> Self {
        Self { text, ..self }
    }

    /// What it is called: its words, quoted so that they could be typed again, if nothing else was said.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its process group.
    pub fn group(&self) -> i32 {
        self.group.as_raw()
    }

    /// Whether all that is left of it is stopped.
    pub fn is_stopped(&self) -> bool {
        self.processes.iter().any(|process| process.state == State::Stopped)
            && self.processes.iter().all(|process| process.state != State::Running)
    }

    /// One line of `jobs`; `current` is what `fg` alone means.
    pub fn describe(&self, number: usize, current: bool) -> String {
        let state = if self.is_stopped() { "stopped" } else { "running" };
        format!("[{number}]{} {state}   {}", if current { '+' } else { ' ' }, self.text)
    }

    /// When the rule's timeout ends it, running or stopped.
    fn deadline(&self) -> Option<Instant> {
        self.started.checked_add(self.timeout?)
    }

    /// When [`Job::poll`] is due at the latest: to ask it to end, or to kill it.
    pub fn due(&self) -> Option<Instant> {
        self.next_deadline(None)
    }

    /// Whether it was asked to end and has not yet.
    pub fn is_ending(&self) -> bool {
        self.ending.is_some()
    }

    /// Looks at a job that is not waited for: ends it when its time is up, and says how it ended if it has. One that was
    /// asked ([`Job::ask`]) and cannot be killed is left after a second more.
    pub fn poll(&mut self) -> Option<Ended> {
        self.look();
        self.keep_time(Instant::now(), None);
        (self.has_ended() || self.is_given_up(Instant::now())).then(|| self.ended())
    }

    /// Lets it go on where it stopped, without the terminal. Reading from it stops it again.
    pub fn resume_in_background(&mut self) {
        self.signal(Signal::SIGCONT);
        self.mark_running();
    }

    /// Lets it go on with the terminal, and waits as [`run`] does.
    pub fn resume(
        mut self,
        terminal: &mut Terminal,
        deadline: Option<Instant>,
        tend: &mut Tend<'_>,
    ) -> Outcome {
        terminal.lend_to(self.group, self.modes.take().as_ref());
        self.signal(Signal::SIGCONT);
        self.mark_running();
        self.wait(terminal, deadline, tend)
    }

    /// Asks it to end: TERM, and KILL after a grace of five seconds, to which [`Job::poll`] sees.
    pub fn ask(&mut self, cause: Cause) {
        self.ask_to_end(cause, Instant::now());
    }

    fn wait(mut self, terminal: &mut Terminal, limit: Option<Instant>, tend: &mut Tend<'_>) -> Outcome {
        if let Some(farewell) = terminal.farewell_read() {
            self.ask_to_end(Cause::from(farewell), Instant::now());
        }
        loop {
            self.look();
            self.keep_time(Instant::now(), limit);
            if self.has_ended() || self.is_given_up(Instant::now()) {
                terminal.take_back();
                return Outcome::Ended(self.ended());
            }
            if self.is_stopped() && self.ending.is_none() && terminal.is_controlled() {
                self.modes = terminal.take_back();
                return Outcome::Stopped(self);
            }
            let due = [self.next_deadline(limit), tend()].into_iter().flatten().min();
            self.take(terminal.wait(due));
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Look => {}
            Event::Farewell(farewell) => self.ask_to_end(Cause::from(farewell), Instant::now()),
            // The command did not get it: it has no terminal, or did not have it yet.
            Event::Interrupt(signal) => self.signal(signal),
        }
    }

    fn look(&mut self) {
        self.processes.iter_mut().for_each(Process::look);
    }

    fn mark_running(&mut self) {
        for process in &mut self.processes {
            if process.state == State::Stopped {
                process.state = State::Running;
            }
        }
    }

    fn has_ended(&self) -> bool {
        self.processes.iter().all(Process::has_ended)
    }

    fn ended(&self) -> Ended {
        Ended {
            statuses: self.processes.iter().map(Process::status).collect(),
            duration: self.started.elapsed(),
            by: self.ending.map(|ending| ending.cause),
            limit: self.timeout,
            left: self.left().collect(),
        }
    }

    /// Root's processes that have not ended.
    fn left(&self) -> impl Iterator<Item = Pid> {
        self.processes
            .iter()
            .filter(|process| process.elevated && !process.has_ended())
            .map(|process| process.pid)
    }

    /// Asks once; a weightier cause that comes later is what the end is put down to.
    fn ask_to_end(&mut self, cause: Cause, now: Instant) {
        if let Some(ending) = &mut self.ending {
            ending.cause = ending.cause.max(cause);
            return;
        }
        self.signal(if cause == Cause::HangUp { Signal::SIGHUP } else { Signal::SIGTERM });
        self.signal(Signal::SIGCONT);
        self.ending = Some(Ending { cause, kill_at: now + GRACE, killed: false });
    }

    fn keep_time(&mut self, now: Instant, limit: Option<Instant>) {
        let passed = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= now);
        if self.has_ended() {
            return;
        }
        if passed(limit) {
            self.ask_to_end(Cause::SessionOver, now);
        } else if passed(self.deadline()) {
            self.ask_to_end(Cause::Timeout, now);
        }
        if let Some(ending) = self.ending.as_mut().filter(|ending| !ending.killed && ending.kill_at <= now) {
            ending.killed = true;
            self.kill();
        }
    }

    /// After a timeout gatesh goes on waiting for what it cannot kill (sudo keeps the rule's time itself); at the
    /// end of the session it leaves.
    fn is_given_up(&self, now: Instant) -> bool {
        self.ending.is_some_and(|ending| ending.cause != Cause::Timeout && ending.kill_at + PATIENCE <= now)
    }

    fn next_deadline(&self, limit: Option<Instant>) -> Option<Instant> {
        match self.ending {
            None => [self.deadline(), limit].into_iter().flatten().min(),
            Some(Ending { killed: false, kill_at, .. }) => Some(kill_at),
            Some(Ending { cause: Cause::Timeout, .. }) => limit,
            Some(Ending { kill_at, .. }) => Some(kill_at + PATIENCE),
        }
    }

    /// The group exists as long as one of its processes was not waited for. EPERM (sudo's, root's) is the
    /// kernel's answer and stands.
    fn signal(&self, signal: Signal) {
        if !self.has_ended() {
            let _ = killpg(self.group, signal);
        }
    }

    fn kill(&self) {
        if self.processes.iter().any(|process| process.elevated) {
            for process in self.processes.iter().filter(|process| !process.elevated && !process.has_ended()) {
                let _ = kill(process.pid, Signal::SIGKILL);
            }
        } else {
            self.signal(Signal::SIGKILL);
        }
    }

    /// For a pipeline of which a later command did not start. What is root's is asked, and waited for no longer than
    /// at the end of a session.
    pub(super) fn discard(mut self) -> Ended {
        self.ask_to_end(Cause::Request, Instant::now());
        self.kill();
        while !self.has_ended() && !self.is_given_up(Instant::now()) {
            self.look();
            std::thread::sleep(Duration::from_millis(1));
        }
        self.ended()
    }
}
