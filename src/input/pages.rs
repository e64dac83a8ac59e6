//! Shows a text a screen at a time. No pager is started for it: what gatesh says itself must not need a rule. The
//! session's limits hold here as at the prompt.

use std::io::{IsTerminal, Write, stdin, stdout};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::termios::{LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr};
use nix::unistd::read;

use super::Ending;
use super::prompt::vigil::{Clock, Limits, Told, Wake, wait};
use crate::excerpt::columns_of;
use crate::sys::waiting::Tend;
use crate::sys::winsize;

/// What stands below a page that is not the last: it must fit one row to be taken away again.
const MORE: &str = "-- more: Space or Enter goes on, q ends --";
/// The same where a row has no room for it.
const SHORT: &str = "-- more --";
/// Between the bytes of one key. A person's next key takes longer.
const ONE_KEY: Duration = Duration::from_millis(30);
/// Ctrl-D, which ends input elsewhere.
const END: u8 = 0x04;
const ESCAPE: u8 = 0x1b;

/// How the person left a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Why the session ends with it, if it does.
    pub ending: Option<Ending>,
    /// A key that was meant for the prompt and is still to begin its line.
    pub typed: Option<char>,
}

/// Shows `lines` on standard output, a screen at a time where that is a terminal and they do not fit. `idle` is
/// the silence after which a session ends, `over` the end of its time. Meanwhile it lets `tend` look after jobs.
pub fn show(lines: &[String], idle: Duration, over: Option<Instant>, tend: &mut Tend<'_>) -> Left {
    let size = winsize(stdout().as_fd()).filter(|_| stdin().is_terminal() && stdout().is_terminal());
    let Some(size) = size else { return print(lines) };
    let columns = usize::from(size.columns).max(1);
    let most = usize::from(size.rows).saturating_sub(1).max(1);
    if heights(lines, columns) <= most {
        return print(lines);
    }
    let more = if columns > MORE.len() { MORE } else { SHORT };
    let Some(keys) = Keys::new(more) else { return print(lines) };
    let mut clock = Clock::new(Limits { idle, over, due: tend(), last: Instant::now() });
    let mut used = 0_usize;
    for line in lines {
        let height = heights(std::slice::from_ref(line), columns);
        if used.saturating_add(height) > most {
            match keys.answer(&mut clock, tend) {
                Answer::More => used = 0,
                Answer::Enough(left) => return left,
            }
        }
        used = used.saturating_add(height);
        print(std::slice::from_ref(line));
    }
    Left::default()
}

/// Rows that lines take.
fn heights(lines: &[String], columns: usize) -> usize {
    lines.iter().map(|line| columns_of(line).div_ceil(columns).max(1)).sum()
}

fn print(lines: &[String]) -> Left {
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    put(&text);
    Left::default()
}

fn put(text: &str) {
    let _ = stdout().write_all(text.as_bytes());
    let _ = stdout().flush();
}

enum Answer {
    More,
    Enough(Left),
}

/// Single keys, read without echo. The terminal's settings come back when it is dropped.
struct Keys {
    before: Termios,
    signals: SignalFd,
    more: &'static str,
}

impl Keys {
    fn new(more: &'static str) -> Option<Self> {
        let before = tcgetattr(stdin()).ok()?;
        let ending: SigSet =
            [Signal::SIGHUP, Signal::SIGTERM, Signal::SIGINT, Signal::SIGQUIT].into_iter().collect();
        let signals = SignalFd::with_flags(&ending, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK).ok()?;
        let mut single = before.clone();
        single.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
        set(&mut single, SpecialCharacterIndices::VMIN, 1);
        set(&mut single, SpecialCharacterIndices::VTIME, 0);
        tcsetattr(stdin(), SetArg::TCSADRAIN, &single).ok()?;
        Some(Self { before, signals, more })
    }

    /// Asks below a page. A signal is a no, and stays to be read by whoever it is for.
    fn answer(&self, clock: &mut Clock, tend: &mut Tend<'_>) -> Answer {
        let asked = Instant::now();
        put(self.more);
        let answer = loop {
            let until = match clock.tell(Instant::now(), asked) {
                Told::Wake(Wake::End(ending)) => {
                    break Answer::Enough(Left { ending: Some(ending), typed: None });
                }
                Told::Wake(Wake::Due) => {
                    clock.due_again(tend());
                    continue;
                }
                Told::Warning(text) => {
                    put(&format!("\ngatesh: {text}\n{}", self.more));
                    continue;
                }
                Told::Sleep(until) => until,
            };
            match wait(&[self.signals.as_fd(), stdin().as_fd()], until).as_slice() {
                [true, ..] => break Answer::Enough(Left::default()),
                [_, true] => {
                    if let Some(answer) = key() {
                        break answer;
                    }
                }
                _ => {}
            }
        };
        put(&format!("\r{}\r", " ".repeat(self.more.len())));
        answer
    }
}

/// What a key says; `None` where it says nothing. Whoever types on as if at the prompt is done with the text.
fn key() -> Option<Answer> {
    match byte() {
        Ok(Some(b' ' | b'\n' | b'\r')) => Some(Answer::More),
        Ok(Some(ESCAPE)) => sequence(),
        Ok(Some(b'q' | b'Q' | END) | None) => Some(Answer::Enough(Left::default())),
        Ok(Some(typed)) if typed.is_ascii_graphic() => {
            Some(Answer::Enough(Left { ending: None, typed: Some(char::from(typed)) }))
        }
        Ok(Some(_)) | Err(Errno::EINTR | Errno::EAGAIN) => None,
        // The prompt finds out what is wrong with the terminal.
        Err(_) => Some(Answer::Enough(Left::default())),
    }
}

/// The rest of a key that sends several bytes: Down and Page Down go on, others say nothing. Escape alone ends.
fn sequence() -> Option<Answer> {
    let mut rest = Vec::new();
    while wait(&[stdin().as_fd()], Instant::now().checked_add(ONE_KEY)).first() == Some(&true) {
        match byte() {
            Ok(Some(next)) => rest.push(next),
            Ok(None) | Err(_) => break,
        }
        let is_whole = rest.len() > 1 && rest.last().is_some_and(|last| (0x40..0x7f).contains(last));
        if is_whole || rest.len() > 8 {
            break;
        }
    }
    match rest.as_slice() {
        [] => Some(Answer::Enough(Left::default())),
        b"[B" | b"OB" | b"[6~" => Some(Answer::More),
        _ => None,
    }
}

/// `None` at the end of input.
fn byte() -> nix::Result<Option<u8>> {
    let mut one = [0];
    read(stdin(), &mut one).map(|count| (count == 1).then_some(one[0]))
}

fn set(modes: &mut Termios, index: SpecialCharacterIndices, value: u8) {
    #[expect(clippy::as_conversions, reason = "nix declares its indices with their numbers")]
    if let Some(character) = modes.control_chars.get_mut(index as usize) {
        *character = value;
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = tcsetattr(stdin(), SetArg::TCSADRAIN, &self.before);
    }
}
