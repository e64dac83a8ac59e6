//! A datagram socket of a log daemon that may be absent, restarted or stuck: sending is bounded in time, and
//! a daemon that came back is found again.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, poll};

use crate::sys::waiting;

/// The socket, connected when first needed.
#[derive(Debug)]
pub(super) struct Datagrams {
    path: PathBuf,
    socket: Option<UnixDatagram>,
}

impl Datagrams {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, socket: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Connects unless connected.
    pub(super) fn connect(&mut self) -> io::Result<&UnixDatagram> {
        if self.socket.is_none() {
            let socket = UnixDatagram::unbound()?;
            // A full queue must be waited for with a limit, which only poll gives.
            socket.set_nonblocking(true)?;
            socket.connect(&self.path)?;
            self.socket = Some(socket);
        }
        self.socket.as_ref().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    /// Sends one datagram, waiting for a full queue until `deadline` ([`io::ErrorKind::TimedOut`] then). A
    /// daemon that was restarted since the last time is connected to again, once.
    pub(super) fn send(&mut self, datagram: &[u8], deadline: Instant) -> io::Result<()> {
        let known = self.socket.is_some();
        match send_until(self.connect()?, datagram, deadline) {
            Err(error) if known && is_gone(&error) => {
                self.socket = None;
                send_until(self.connect()?, datagram, deadline)
            }
            sent => sent,
        }
    }
}

fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionRefused, ConnectionReset, NotConnected};
    matches!(error.kind(), ConnectionRefused | ConnectionReset | NotConnected | BrokenPipe)
}

fn send_until(socket: &UnixDatagram, datagram: &[u8], deadline: Instant) -> io::Result<()> {
    loop {
        match socket.send(datagram) {
            Ok(sent) if sent == datagram.len() => return Ok(()),
            Ok(_) => return Err(io::ErrorKind::WriteZero.into()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => wait_until(socket, deadline)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Waits for room in the reader's queue.
fn wait_until(socket: &UnixDatagram, deadline: Instant) -> io::Result<()> {
    if deadline <= Instant::now() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    match poll(&mut [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)], waiting::until(Some(deadline))) {
        Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}
