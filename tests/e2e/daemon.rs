//! A log daemon: a real reader on /dev/log, for hosts that have none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

const SOCKET: &str = "/dev/log";

/// Reads what comes in, as it comes.
pub(crate) struct Daemon {
    records: Arc<Mutex<Vec<Value>>>,
    is_over: Arc<AtomicBool>,
    is_stalled: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Daemon {
    /// `None` where the host has its own.
    pub(crate) fn start() -> Option<Self> {
        if UnixDatagram::unbound().unwrap().connect(SOCKET).is_ok() {
            return None;
        }
        // A socket that nobody reads is left over from a test that was killed.
        if fs::symlink_metadata(SOCKET).is_ok_and(|found| !found.is_symlink()) {
            let _ = fs::remove_file(SOCKET);
        }
        let mut daemon = Self {
            records: Arc::default(),
            is_over: Arc::default(),
            is_stalled: Arc::default(),
            reader: None,
        };
        daemon.listen();
        Some(daemon)
    }

    /// Binds the socket and reads it.
    pub(crate) fn listen(&mut self) {
        let socket = UnixDatagram::bind(SOCKET).unwrap();
        fs::set_permissions(SOCKET, fs::Permissions::from_mode(0o666)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        self.is_over.store(false, Ordering::SeqCst);
        let (records, is_over) = (Arc::clone(&self.records), Arc::clone(&self.is_over));
        let is_stalled = Arc::clone(&self.is_stalled);
        self.reader = Some(std::thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while !is_over.load(Ordering::SeqCst) {
                if is_stalled.load(Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(5));
                } else if let Ok(length) = socket.recv(&mut buffer) {
                    records.lock().unwrap().extend(record(&buffer[..length]));
                }
            }
        }));
    }

    /// Goes away, socket and all.
    pub(crate) fn leave(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = self.reader.take().map(JoinHandle::join);
        let _ = fs::remove_file(SOCKET);
    }

    /// Reads no more, and its queue is full.
    pub(crate) fn stall(&self) {
        self.is_stalled.store(true, Ordering::SeqCst);
        // It may be in the middle of waiting for one.
        std::thread::sleep(Duration::from_millis(60));
        while takes_from_another() {}
    }

    /// Reads on.
    pub(crate) fn go_on(&self) {
        self.is_stalled.store(false, Ordering::SeqCst);
    }

    /// What this user's sessions wrote so far.
    pub(crate) fn records(&self, user: &str) -> Vec<Value> {
        let records = self.records.lock().unwrap();
        records.iter().filter(|record| record["user"] == user).cloned().collect()
    }

    /// Waits for a record of that event, and answers all.
    #[track_caller]
    pub(crate) fn wait_for(&self, user: &str, event: &str) -> Vec<Value> {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let records = self.records(user);
            if records.iter().any(|record| record["event"] == event) {
                return records;
            }
            assert!(Instant::now() < end, "no {event} in {records:#?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Whether a sender that has sent nothing yet could send; it goes on until it cannot, which may be for its own
/// buffer's sake and not the reader's.
fn takes_from_another() -> bool {
    let sender = UnixDatagram::unbound().unwrap();
    sender.set_nonblocking(true).unwrap();
    sender.connect(SOCKET).unwrap();
    std::iter::from_fn(|| sender.send(b"noise").ok()).count() > 0
}

/// The JSON of a message of gatesh's; `None` of other people's.
fn record(message: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(message).ok()?;
    let (header, json) = text.split_at(text.find('{')?);
    // authpriv is 10; info, warning and err are 6, 4 and 3.
    let is_ours = ["<86>", "<84>", "<83>"].iter().any(|priority| header.starts_with(priority));
    (is_ours && header.contains(" gatesh[")).then(|| serde_json::from_str(json).unwrap())
}
