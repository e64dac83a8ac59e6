//! Shows a text a screen at a time. No pager is started for it: what gatesh says itself must not need a rule.

use std::io::{IsTerminal, Write, stdin, stdout};
use std::os::fd::AsFd;

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::termios::{LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr};
use nix::unistd::read;

use super::prompt::vigil::wait;
use crate::sys::winsize;

/// What stands below a page that is not the last.
const MORE: &str = "-- more: Space or Enter goes on, q ends --";

/// Shows `lines` on standard output, a screen at a time where that is a terminal and they do not fit.
pub fn show(lines: &[String]) {
    let size = winsize(stdout().as_fd()).filter(|_| stdin().is_terminal() && stdout().is_terminal());
    let Some(size) = size else { return print(lines) };
    let columns = usize::from(size.columns);
    let height = |line: &String| line.chars().count().div_ceil(columns.max(1)).max(1);
    let most = usize::from(size.rows).saturating_sub(1).max(1);
    if lines.iter().map(height).sum::<usize>() <= most {
        return print(lines);
    }
    let Some(keys) = Keys::new() else { return print(lines) };
    let mut used = 0_usize;
    for line in lines {
        if used.saturating_add(height(line)) > most {
            if !keys.wants_more() {
                return;
            }
            used = 0;
        }
        used = used.saturating_add(height(line));
        print(std::slice::from_ref(line));
    }
}

fn print(lines: &[String]) {
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    let _ = stdout().write_all(text.as_bytes());
    let _ = stdout().flush();
}

/// Single keys, read without echo. The terminal's settings come back when it is dropped.
struct Keys {
    before: Termios,
    signals: SignalFd,
}

impl Keys {
    fn new() -> Option<Self> {
        let before = tcgetattr(stdin()).ok()?;
        let ending: SigSet =
            [Signal::SIGHUP, Signal::SIGTERM, Signal::SIGINT, Signal::SIGQUIT].into_iter().collect();
        let signals = SignalFd::with_flags(&ending, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK).ok()?;
        let mut single = before.clone();
        single.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
        set(&mut single, SpecialCharacterIndices::VMIN, 1);
        set(&mut single, SpecialCharacterIndices::VTIME, 0);
        tcsetattr(stdin(), SetArg::TCSADRAIN, &single).ok()?;
        Some(Self { before, signals })
    }

    /// Asks below a page. A signal is a no, and stays to be read by whoever it is for; so is an hour's silence.
    fn wants_more(&self) -> bool {
        let _ = stdout().write_all(MORE.as_bytes());
        let _ = stdout().flush();
        let until = std::time::Instant::now().checked_add(std::time::Duration::from_secs(600));
        let ready = wait(&[self.signals.as_fd(), stdin().as_fd()], until);
        let mut key = [0];
        let wants = ready.as_slice() == [false, true]
            && matches!(read(stdin(), &mut key), Ok(1))
            && matches!(key, [b' ' | b'\n' | b'\r' | b'f' | b'j' | b'd']);
        let _ = stdout().write_all(format!("\r{}\r", " ".repeat(MORE.len())).as_bytes());
        wants
    }
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
