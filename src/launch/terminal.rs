//! The session's terminal, and the signals that reach the session through it: lent to a command while it is in
//! the foreground, taken back with its settings restored. gatesh itself never dies or stops of a signal that
//! was meant for a command.

use std::io::{Stdin, stderr, stdin, stdout};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::termios::{FlowArg, InputFlags, SetArg, Termios, tcflow, tcgetattr, tcsetattr};
use nix::unistd::{Pid, getpgrp, tcgetpgrp, tcsetpgrp};

use crate::sys::waiting;

/// What a session reads from; the rest of the blocked signals just stays blocked.
const READ: &[Signal] = &[Signal::SIGCHLD, Signal::SIGHUP, Signal::SIGTERM, Signal::SIGINT, Signal::SIGQUIT];
/// Job control's own signals: blocked, they neither stop gatesh nor keep it from taking its terminal back.
const BLOCKED: &[Signal] = &[Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU];

/// Why the session has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Farewell {
    /// SIGHUP: the terminal or its far end is gone.
    HangUp,
    /// SIGTERM: somebody ends the session.
    Terminate,
}

/// What came while waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Time passed, or a child changed.
    Look,
    /// The session ends.
    Farewell(Farewell),
    /// An interrupt that reached gatesh instead of the command, which then had no terminal.
    Interrupt(Signal),
}

/// The terminal of a session and its signals. One per process.
#[derive(Debug)]
pub struct Terminal {
    input: Stdin,
    signals: SignalFd,
    /// gatesh's own process group, where standard input is the controlling terminal and gatesh stood in its
    /// foreground.
    own_group: Option<Pid>,
    /// The settings it had when the session began; where it is controlled.
    found: Option<Termios>,
    modes: Option<Termios>,
    /// Status flags of standard input, output and errors when the session began.
    flags: [Option<OFlag>; 3],
    farewell: Option<Farewell>,
}

impl Terminal {
    /// Blocks the signals of a session, to be read here from then on, and makes orphaned descendants gatesh's
    /// own children (see [`super::leftovers`]). Once, at the start, while there is a single thread.
    pub fn acquire() -> Result<Self, Errno> {
        let read: SigSet = READ.iter().copied().collect();
        let blocked: SigSet = READ.iter().chain(BLOCKED).copied().collect();
        blocked.thread_block()?;
        let signals = SignalFd::with_flags(&read, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        match prctl::set_child_subreaper(true) {
            // Emulators of system calls do not know it; what a command leaves behind is then init's.
            Ok(()) | Err(Errno::EINVAL) => {}
            Err(errno) => return Err(errno),
        }
        // Any other terminal than the controlling one is refused by tcgetpgrp(3).
        let own_group = tcgetpgrp(stdin()).ok().filter(|group| *group == getpgrp());
        let found = own_group.and_then(|_| tcgetattr(stdin()).ok());
        let flags = standard(|descriptor| flags_of(descriptor).ok());
        let terminal = Self { input: stdin(), signals, own_group, found, modes: None, flags, farewell: None };
        terminal.heed_flow_control(false);
        Ok(terminal)
    }

    /// Ctrl-S is for the output of commands. One that meets gatesh's own would stop gatesh where no time limit
    /// reaches it, and with enough keys behind it no Ctrl-Q gets through to let it go on.
    fn heed_flow_control(&self, heed: bool) {
        let was_on = self.found.as_ref().is_some_and(|found| found.input_flags.contains(InputFlags::IXON));
        if let (true, Ok(mut modes)) = (was_on, tcgetattr(&self.input)) {
            modes.input_flags.set(InputFlags::IXON, heed);
            let _ = tcsetattr(&self.input, SetArg::TCSANOW, &modes);
        }
    }

    /// Leaves it as it was found.
    pub fn give_back(&mut self) {
        if let Some(found) = self.found.take() {
            let _ = tcsetattr(&self.input, SetArg::TCSADRAIN, &found);
        }
    }

    /// Whether commands get the terminal, and so can be stopped with Ctrl-Z.
    pub fn is_controlled(&self) -> bool {
        self.own_group.is_some()
    }

    /// Whether the session was told to end, as far as it was read; an interrupt for the command stays unread.
    pub(super) fn farewell_read(&self) -> Option<Farewell> {
        self.farewell
    }

    /// Whether the session was told to end. Does not wait.
    pub fn farewell(&mut self) -> Option<Farewell> {
        while let Ok(Some(_)) = self.read_signal() {}
        self.farewell
    }

    /// Whether an interrupt came that no command got: one typed between the end of a line and the start of its
    /// command, which is then not to start. Does not wait.
    pub fn interrupted(&mut self) -> bool {
        let mut interrupted = false;
        while let Ok(Some(event)) = self.read_signal() {
            interrupted |= matches!(event, Event::Interrupt(_));
        }
        interrupted
    }

    /// Keeps the terminal's settings for [`Terminal::take_back`]. An interrupt that came meanwhile stays unread:
    /// it is for the command to come.
    pub(super) fn prepare(&mut self) {
        self.modes = self.own_group.and_then(|_| tcgetattr(&self.input).ok());
        self.heed_flow_control(true);
    }

    /// What a command is given the terminal with, which its first process does itself.
    pub(super) fn lent(&self) -> Option<BorrowedFd<'_>> {
        self.own_group.map(|_| self.input.as_fd())
    }

    /// Gives it to a group that already runs, with the settings it had when it stopped.
    pub(super) fn lend_to(&mut self, group: Pid, modes: Option<&Termios>) {
        self.prepare();
        if self.is_controlled() {
            if let Some(modes) = modes {
                let _ = tcsetattr(&self.input, SetArg::TCSADRAIN, modes);
            }
            let _ = tcsetpgrp(&self.input, group);
        }
    }

    /// Takes the terminal back and restores its settings without losing what was typed ahead; answers with the
    /// settings the command left. A terminal that hung up refuses all of it, and the session ends anyway.
    pub(super) fn take_back(&mut self) -> Option<Termios> {
        self.restore_flags();
        let own_group = self.own_group?;
        let _ = tcsetpgrp(&self.input, own_group);
        // Output that a command has stopped would stop gatesh, too, out of reach of any time limit.
        let _ = tcflow(&self.input, FlowArg::TCOON);
        let left = tcgetattr(&self.input).ok();
        if let Some(modes) = self.modes.take() {
            let _ = tcsetattr(&self.input, SetArg::TCSADRAIN, &modes);
        }
        left
    }

    /// A descriptor's status flags are shared by all who have it: one that a command made non-blocking fails the
    /// next command.
    fn restore_flags(&self) {
        let (input, output, errors) = (stdin(), stdout(), stderr());
        for (descriptor, found) in [input.as_fd(), output.as_fd(), errors.as_fd()].into_iter().zip(self.flags)
        {
            let Some(found) = found else { continue };
            if flags_of(descriptor).is_ok_and(|now| now != found) {
                let _ = fcntl(descriptor, FcntlArg::F_SETFL(found));
            }
        }
    }

    /// Waits until something happens, at most until `deadline`.
    pub(super) fn wait(&mut self, deadline: Option<Instant>) -> Event {
        let mut wanted = [PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
        let _ = poll(&mut wanted, waiting::until(deadline));
        self.read_signal().ok().flatten().unwrap_or(Event::Look)
    }

    fn read_signal(&mut self) -> Result<Option<Event>, Errno> {
        let Some(read) = self.signals.read_signal()? else { return Ok(None) };
        let signal = i32::try_from(read.ssi_signo).ok().and_then(|number| Signal::try_from(number).ok());
        Ok(Some(match signal {
            Some(Signal::SIGHUP) => self.say(Farewell::HangUp),
            Some(Signal::SIGTERM) => self.say(Farewell::Terminate),
            Some(signal @ (Signal::SIGINT | Signal::SIGQUIT)) => Event::Interrupt(signal),
            _ => Event::Look,
        }))
    }

    fn say(&mut self, farewell: Farewell) -> Event {
        Event::Farewell(*self.farewell.get_or_insert(farewell))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.give_back();
    }
}

impl AsFd for Terminal {
    /// Readable when [`Terminal::farewell`] may have changed: the prompt waits for it beside its input.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.signals.as_fd()
    }
}

/// Of each standard descriptor.
fn standard<T>(mut of: impl FnMut(BorrowedFd<'_>) -> Option<T>) -> [Option<T>; 3] {
    [of(stdin().as_fd()), of(stdout().as_fd()), of(stderr().as_fd())]
}

fn flags_of(descriptor: BorrowedFd<'_>) -> nix::Result<OFlag> {
    fcntl(descriptor, FcntlArg::F_GETFL).map(OFlag::from_bits_retain)
}
