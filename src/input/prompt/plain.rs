//! Lines from a terminal that can only print (a serial console, TERM=dumb), and answers to questions: the terminal
//! itself edits the line, and gatesh waits for it beside the signals and the clock.

use std::io::{Write, stdin, stdout};
use std::os::fd::AsFd;
use std::time::Instant;

use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::termios::{FlushArg, tcflush};
use nix::unistd::read;

use super::vigil::{Clock, Limits, Told, Wake, ending_signals, wait};
use crate::words::MAX_LINE;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A line, without its end.
    Line(Vec<u8>),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D.
    End,
    /// The wait was broken off.
    Woken(Wake),
    /// The terminal cannot be read.
    Unreadable,
}

/// Shows `prompt` and waits for a line.
pub(super) fn line(prompt: &str, limits: Limits) -> Typed {
    let Ok(wait) = Wait::new(limits) else { return Typed::Unreadable };
    // Interrupts from before the prompt were meant for something else; from here on they are for this line.
    while let Ok(Some(_)) = wait.interrupts.read_signal() {}
    show(prompt);
    wait.line()
}

/// Asks; what was typed before the question does not answer it.
pub(super) fn ask(question: &str, limits: Limits) -> Typed {
    let _ = tcflush(stdin(), FlushArg::TCIFLUSH);
    line(question, limits)
}

fn show(text: &str) {
    let _ = stdout().write_all(text.as_bytes());
    let _ = stdout().flush();
}

struct Wait {
    clock: Clock,
    last: Instant,
    ending: SignalFd,
    /// SIGINT and SIGQUIT: the terminal sends them, and has dropped what was typed.
    interrupts: SignalFd,
    line: Vec<u8>,
}

impl Wait {
    fn new(limits: Limits) -> nix::Result<Self> {
        let interrupts: SigSet = [Signal::SIGINT, Signal::SIGQUIT].into_iter().collect();
        let interrupts = SignalFd::with_flags(&interrupts, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        let (clock, last) = (Clock::new(limits), Instant::now());
        Ok(Self { clock, last, ending: ending_signals()?, interrupts, line: Vec::new() })
    }

    fn line(mut self) -> Typed {
        loop {
            let until = match self.clock.tell(Instant::now(), self.last) {
                Told::End(wake) => return Typed::Woken(wake),
                Told::Warning(text) => {
                    show(&format!("\ngatesh: {text}\n"));
                    continue;
                }
                Told::Sleep(until) => until,
            };
            let ready = wait(&[self.ending.as_fd(), self.interrupts.as_fd(), stdin().as_fd()], until);
            match ready.as_slice() {
                [true, ..] => return Typed::Woken(Wake::Signal),
                [_, true, _] => {
                    let _ = self.interrupts.read_signal();
                    show("\n");
                    return Typed::Interrupted;
                }
                [_, _, true] => {
                    if let Some(typed) = self.take() {
                        return typed;
                    }
                }
                _ => {}
            }
        }
    }

    /// What the terminal has: a line, or the part of one that Ctrl-D pushed.
    fn take(&mut self) -> Option<Typed> {
        let mut buffer = [0; 4_096];
        self.last = Instant::now();
        let count = match read(stdin(), &mut buffer) {
            Ok(count) => count,
            Err(Errno::EINTR | Errno::EAGAIN) => return None,
            Err(_) => return Some(Typed::Unreadable),
        };
        let got = buffer.get(..count).unwrap_or_default();
        if got.is_empty() && self.line.is_empty() {
            return Some(Typed::End);
        }
        let room = MAX_LINE.saturating_add(1).saturating_sub(self.line.len());
        self.line.extend(got.iter().copied().filter(|byte| *byte != b'\n').take(room));
        let is_whole = got.is_empty() || got.contains(&b'\n');
        is_whole.then(|| Typed::Line(std::mem::take(&mut self.line)))
    }
}
