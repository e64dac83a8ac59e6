//! A person at a terminal: a real one, with a program in its foreground that the test types to and reads from.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::termios::{Termios, tcgetattr};
use nix::unistd::Pid;

/// How long anything on the screen is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A terminal with a program at it.
pub(crate) struct Screen {
    child: Child,
    /// `None` after a hang-up.
    master: Option<File>,
    slave: OwnedFd,
    bytes: Vec<u8>,
    /// The same as text, without what moves the cursor or colours it.
    seen: String,
    /// Where in `seen` the next search begins.
    read_to: usize,
}

impl Screen {
    /// Starts the command as the leader of a session with this terminal. `setsid` makes it one and then becomes
    /// the command, so the process is the command's.
    pub(crate) fn open(command: &Command) -> Self {
        let size = Winsize { ws_row: 24, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = openpty(Some(&size), None).unwrap();
        let mut at_terminal = crate::scenario::like(command, "setsid", &["-c"]);
        let input = || pair.slave.try_clone().unwrap();
        let child = at_terminal.stdin(input()).stdout(input()).stderr(input()).spawn().unwrap();
        let (master, slave) = (Some(File::from(pair.master)), pair.slave);
        Self { child, master, slave, bytes: Vec::new(), seen: String::new(), read_to: 0 }
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().unwrap())
    }

    /// All the text shown so far.
    pub(crate) fn seen(&self) -> &str {
        &self.seen
    }

    /// Everything that came, escape sequences too.
    pub(crate) fn raw(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Types keys as they are: `\r` is Return, `\x03` Ctrl-C.
    pub(crate) fn keys(&mut self, keys: &str) -> &mut Self {
        self.master.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
        self
    }

    /// Types a line and Return, and waits until the line is shown.
    #[track_caller]
    pub(crate) fn types(&mut self, line: &str) -> &mut Self {
        self.keys(line).shows(line);
        self.keys("\r")
    }

    /// Waits until this is shown, after what was waited for before.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) -> &mut Self {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.seen[self.read_to..].find(text) {
                self.read_to += at + text.len();
                return self;
            }
            assert!(Instant::now() < end, "no {text:?} after {:?}", &self.seen[..]);
            self.read();
        }
    }

    /// Reads what comes in the next moment.
    pub(crate) fn settle(&mut self) -> &mut Self {
        let end = Instant::now() + Duration::from_millis(300);
        while Instant::now() < end {
            self.read();
        }
        self
    }

    fn read(&mut self) {
        let Some(master) = &mut self.master else { return std::thread::sleep(Duration::from_millis(10)) };
        let mut ready = [PollFd::new(master.as_fd(), PollFlags::POLLIN)];
        let mut bytes = [0; 4096];
        if poll(&mut ready, 20u8).unwrap_or(0) < 1 {
            return;
        }
        match master.read(&mut bytes) {
            Ok(length) => {
                self.bytes.extend(&bytes[..length]);
                self.seen = plain(&self.raw());
            }
            // Nobody has the terminal open any more; our own slave keeps that from happening.
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }

    /// Its settings, as the line discipline has them.
    pub(crate) fn settings(&self) -> Termios {
        tcgetattr(&self.slave).unwrap()
    }

    /// The terminal goes away, as when a connection breaks off.
    pub(crate) fn hang_up(&mut self) {
        self.master = None;
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn ends(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.settle();
                return status;
            }
            assert!(Instant::now() < end, "still running: {:?}", self.seen);
            self.read();
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Without escape sequences. One that has not come whole yet is left out with what follows it.
fn plain(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let body = part.strip_prefix('[').unwrap_or(part);
        let end = body.find(|c: char| ('@'..='~').contains(&c));
        plain.push_str(end.map_or("", |end| &body[end + 1..]));
    }
    plain
}
