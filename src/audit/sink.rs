//! Where records go: one of four places, chosen by the policy.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::AuditError;
use super::console::Console;
use super::datagram::Datagrams;
use super::file::LogFile;
use super::record::Record;
use super::{journald, syslog};
use crate::policy::Sink as Chosen;

/// The sockets of the log daemons. They are part of how Linux hosts are built and no setting; tests put
/// their own here.
#[derive(Clone, Debug)]
pub struct Sockets {
    /// syslog's, `/dev/log`.
    pub syslog: PathBuf,
    /// journald's native one, `/run/systemd/journal/socket`.
    pub journald: PathBuf,
}

impl Default for Sockets {
    fn default() -> Self {
        Self { syslog: "/dev/log".into(), journald: "/run/systemd/journal/socket".into() }
    }
}

/// The chosen place.
#[derive(Debug)]
pub(super) enum Sink {
    Syslog(Datagrams),
    Journald(Datagrams),
    File(LogFile),
    Console(Console),
}

impl Sink {
    pub(super) fn new(chosen: &Chosen, sockets: Sockets, staging: bool) -> Self {
        match chosen {
            Chosen::Syslog => Self::Syslog(Datagrams::new(sockets.syslog)),
            Chosen::Journald => Self::Journald(Datagrams::new(sockets.journald)),
            Chosen::File(path) => Self::File(LogFile::new(path.clone(), staging)),
            Chosen::StandardError => Self::Console(Console::open()),
        }
    }

    /// Makes the connection, or says why there is none.
    pub(super) fn open(&mut self) -> Result<(), AuditError> {
        match self {
            Self::Syslog(socket) | Self::Journald(socket) => {
                let connected = socket.connect().map(|_| ());
                connected.map_err(|error| AuditError::sending(socket.path(), error))
            }
            Self::File(file) => {
                let followed = file.follow();
                followed.map_err(|fault| AuditError::opening(file.path(), fault))
            }
            Self::Console(_) => Ok(()),
        }
    }

    /// Sends one record (or part) whole, or says why it is not written. Sockets are given up at `deadline`;
    /// a file is a local one and takes its time.
    pub(super) fn send(&mut self, record: &Record, deadline: Instant) -> Result<(), AuditError> {
        match self {
            Self::Syslog(socket) => {
                syslog::send(socket, record, deadline).map_err(|e| AuditError::sending(socket.path(), e))
            }
            Self::Journald(socket) => {
                journald::send(socket, record, deadline).map_err(|e| AuditError::sending(socket.path(), e))
            }
            Self::File(_) => self.append(record),
            Self::Console(console) => {
                console.send(record).map_err(|e| AuditError::sending(Path::new("standard error"), e))
            }
        }
    }

    fn append(&mut self, record: &Record) -> Result<(), AuditError> {
        self.open()?;
        let Self::File(file) = self else { return Ok(()) };
        file.append(&record.to_json()).map_err(|e| AuditError::sending(file.path(), e))
    }
}
