//! Lines from standard input that is no terminal. Blank lines and lines that begin with `#` are passed over, so
//! that a file of commands may have both.

use std::io::{BufRead, BufReader, Read, Stdin, stdin};
use std::os::fd::AsFd;
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use super::{Ending, Next};
use crate::sys::waiting;
use crate::words::MAX_LINE;

/// Reads ahead: commands get /dev/null and not what is left of the pipe.
pub struct Pipe {
    from: BufReader<Stdin>,
}

impl Default for Pipe {
    fn default() -> Self {
        Self { from: BufReader::new(stdin()) }
    }
}

impl Pipe {
    /// Waits for a line until `deadline`, the end of the session's time.
    pub(super) fn next(&mut self, deadline: Option<Instant>) -> Next {
        loop {
            match read_line(&mut self.from, || wait(deadline)) {
                Ok(Some(line)) if is_passed_over(&line) => {}
                Ok(Some(line)) => return Next::Line(line),
                Ok(None) => return Next::End(Ending::EndOfInput),
                Err(ending) => return Next::End(ending),
            }
        }
    }
}

fn is_passed_over(line: &[u8]) -> bool {
    let text = line.trim_ascii_start();
    text.is_empty() || text.starts_with(b"#")
}

/// A line without its newline. Of one that is longer than any may be, just enough is kept to be refused: memory
/// stays flat whatever comes. `wait` is asked before each read that could last.
fn read_line<R: Read>(
    from: &mut BufReader<R>,
    mut wait: impl FnMut() -> Result<(), Ending>,
) -> Result<Option<Vec<u8>>, Ending> {
    let mut line = Vec::new();
    let mut is_any = false;
    loop {
        if from.buffer().is_empty() {
            wait()?;
        }
        let chunk = match from.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => return Err(Ending::Unreadable),
        };
        if chunk.is_empty() {
            return Ok(is_any.then_some(line));
        }
        is_any = true;
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let text = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
        let room = MAX_LINE.saturating_add(1).saturating_sub(line.len());
        line.extend(text.iter().take(room));
        let used = end.map_or(chunk.len(), |end| end.saturating_add(1));
        from.consume(used);
        if end.is_some() {
            return Ok(Some(line));
        }
    }
}

/// Until there is something to read. Signals that end the session are blocked and stay to be read by whoever asks
/// for the reason.
fn wait(deadline: Option<Instant>) -> Result<(), Ending> {
    let told: SigSet = [Signal::SIGHUP, Signal::SIGTERM].into_iter().collect();
    let signals = SignalFd::with_flags(&told, SfdFlags::SFD_CLOEXEC).map_err(|_| Ending::Unreadable)?;
    let input = stdin();
    loop {
        if deadline.is_some_and(|end| end <= Instant::now()) {
            return Err(Ending::Over);
        }
        let mut wanted =
            [PollFd::new(signals.as_fd(), PollFlags::POLLIN), PollFd::new(input.as_fd(), PollFlags::POLLIN)];
        if poll(&mut wanted, waiting::until(deadline)).is_err() {
            continue;
        }
        match wanted.map(|one| one.any().unwrap_or(false)) {
            [true, _] => return Err(Ending::Told),
            [false, true] => return Ok(()),
            [false, false] => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> Vec<Vec<u8>> {
        let mut from = BufReader::with_capacity(7, text);
        std::iter::from_fn(|| read_line(&mut from, || Ok(())).unwrap()).collect()
    }

    #[test]
    fn lines_end_at_newlines_and_the_last_may_lack_one() {
        assert_eq!(lines(b"ls /var/log\n\ncat x"), [&b"ls /var/log"[..], b"", b"cat x"]);
        assert_eq!(lines(b""), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn of_a_line_that_is_too_long_only_enough_is_kept_to_refuse_it() {
        let mut text = vec![b'a'; 3 << 20];
        text.extend(b"\nls");
        let found = lines(&text);
        assert_eq!(found[0].len(), MAX_LINE + 1);
        assert_eq!(found[1], b"ls");
    }

    #[test]
    fn a_wait_that_ends_ends_the_line() {
        let mut from = BufReader::new(&b"ls"[..]);
        assert_eq!(read_line(&mut from, || Err(Ending::Over)), Err(Ending::Over));
    }

    #[test]
    fn comments_and_blank_lines_are_passed_over() {
        assert!(is_passed_over(b"  # ls"));
        assert!(is_passed_over(b" \t"));
        assert!(!is_passed_over(b"ls # x"));
    }
}
