//! Lines from a terminal that can only print (a serial console, TERM=dumb), and answers to questions: the terminal
//! itself edits the line, and gatesh waits for it beside the signals and the clock.

use std::fs::File;
use std::io::{Write, stdin, stdout};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use nix::errno::Errno;
use nix::sys::signalfd::SignalFd;
use nix::sys::termios::{FlushArg, tcflush};
use nix::unistd::read;

use super::vigil::{Clock, Limits, Told, Wake, ending_signals, forget, interrupts, wait};
use crate::input::Ending;
use crate::sys::waiting::Tend;
use crate::words::MAX_LINE;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::input) enum Typed {
    /// A line, without its end.
    Line(Vec<u8>),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D.
    End,
    /// Jobs have to be looked after. When the last key came.
    Due(Instant),
    /// The wait was broken off: the session ends.
    Woken(Ending),
    /// The terminal cannot be read.
    Unreadable,
}

/// Shows `prompt` and waits for a line. `typed_ahead` is its beginning, which cannot be taken back.
pub(super) fn line(prompt: &str, typed_ahead: &str, limits: Limits) -> Typed {
    let (input, mut output) = (stdin(), stdout());
    let wait = Wait::at(input.as_fd(), &mut output, limits);
    wait.map_or(Typed::Unreadable, |wait| {
        wait.typed_ahead(typed_ahead).line(&format!("{prompt}{typed_ahead}"), None)
    })
}

/// Asks; what was typed before the question does not answer it.
pub(super) fn ask(question: &str, limits: Limits) -> Typed {
    let _ = tcflush(stdin(), FlushArg::TCIFLUSH);
    line(question, "", limits)
}

/// Asks at a terminal that was opened for the question. One whose type-ahead cannot be dropped gets none.
pub(in crate::input) fn ask_at(
    mut terminal: &File,
    question: &str,
    limits: Limits,
    tend: &mut Tend<'_>,
) -> Typed {
    if tcflush(terminal, FlushArg::TCIFLUSH).is_err() {
        return Typed::Unreadable;
    }
    let wait = Wait::at(terminal.as_fd(), &mut terminal, limits);
    wait.map_or(Typed::Unreadable, |wait| wait.line(question, Some(tend)))
}

struct Wait<'t> {
    input: BorrowedFd<'t>,
    output: &'t mut dyn Write,
    clock: Clock,
    last: Instant,
    ending: SignalFd,
    interrupts: SignalFd,
    line: Vec<u8>,
}

impl<'t> Wait<'t> {
    fn at(input: BorrowedFd<'t>, output: &'t mut dyn Write, limits: Limits) -> nix::Result<Self> {
        let (clock, last) = (Clock::new(limits), limits.last);
        let (ending, interrupts) = (ending_signals()?, interrupts()?);
        Ok(Self { input, output, clock, last, ending, interrupts, line: Vec::new() })
    }

    fn typed_ahead(mut self, typed_ahead: &str) -> Self {
        self.line.extend_from_slice(typed_ahead.as_bytes());
        self
    }

    fn show(&mut self, text: &str) {
        let _ = self.output.write_all(text.as_bytes());
        let _ = self.output.flush();
    }

    /// `tend` looks after jobs; without it the wait ends when they are due. A line's beginning stays in the terminal.
    fn line(mut self, prompt: &str, mut tend: Option<&mut Tend<'_>>) -> Typed {
        forget(&self.interrupts);
        self.show(prompt);
        loop {
            let until = match self.clock.tell(Instant::now(), self.last) {
                Told::Wake(Wake::End(ending)) => return Typed::Woken(ending),
                Told::Wake(Wake::Due) => {
                    let Some(tend) = &mut tend else {
                        // Behind what is asked, and the beginning of a line, which the terminal keeps.
                        self.show("\n");
                        return Typed::Due(self.last);
                    };
                    self.clock.due_again(tend());
                    continue;
                }
                Told::Warning(text) => {
                    self.show(&format!("\ngatesh: {text}\n"));
                    continue;
                }
                Told::Sleep(until) => until,
            };
            let ready = wait(&[self.ending.as_fd(), self.interrupts.as_fd(), self.input], until);
            match ready.as_slice() {
                [true, ..] => return Typed::Woken(Ending::Told),
                [_, true, _] => {
                    let _ = self.interrupts.read_signal();
                    self.show("\n");
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
        let count = match read(self.input, &mut buffer) {
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
