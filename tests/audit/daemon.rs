//! Log daemons: absent, stuck, restarted, real.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gatesh::audit::{AuditError, AuditLog, LONGEST, Record, Sockets};
use gatesh::policy::{AuditSettings, OnFailure, Sink};
use tempfile::TempDir;

use super::{ENDED, ann, denied, refused, start};

/// A log daemon of our own, at a socket of its own.
pub(super) struct Daemon {
    directory: TempDir,
    socket: Option<UnixDatagram>,
}

impl Daemon {
    fn absent() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), socket: None }
    }

    pub(super) fn running() -> Self {
        let mut daemon = Self::absent();
        daemon.start();
        daemon
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("log")
    }

    fn start(&mut self) {
        let socket = UnixDatagram::bind(self.path()).unwrap();
        socket.set_nonblocking(true).unwrap();
        self.socket = Some(socket);
    }

    fn stop(&mut self) {
        // Another test's child, between fork and exec, may hold it open a little longer.
        if let Some(socket) = self.socket.take() {
            socket.shutdown(std::net::Shutdown::Both).unwrap();
        }
        fs::remove_file(self.path()).unwrap();
    }

    /// Fills its queue: nothing goes in until something is read. A single sender may meet its own buffer's end
    /// first (`net.unix.max_dgram_qlen` is 10 in the kernel and 512 under systemd), so others go on.
    pub(super) fn fill(&self) {
        while self.takes_from_another() {}
    }

    /// Whether a sender that has sent nothing yet could send; it goes on until it cannot.
    fn takes_from_another(&self) -> bool {
        let sender = UnixDatagram::unbound().unwrap();
        sender.set_nonblocking(true).unwrap();
        sender.connect(self.path()).unwrap();
        std::iter::from_fn(|| sender.send(b"noise").ok()).count() > 0
    }

    fn open(&self, sink: Sink, on_failure: OnFailure) -> Result<AuditLog, AuditError> {
        open_at(&self.path(), sink, on_failure)
    }

    pub(super) fn log(&self) -> AuditLog {
        self.open(Sink::Syslog, OnFailure::Deny).unwrap()
    }

    fn log_or_run(&self) -> AuditLog {
        self.open(Sink::Syslog, OnFailure::Run).unwrap()
    }

    /// Everything that came in since the last time, but for what [`fill`](Self::fill) sent.
    fn datagrams(&self) -> Vec<String> {
        let (mut all, mut buffer) = (Vec::new(), vec![0; 100_000]);
        while let Ok(length) = self.socket.as_ref().unwrap().recv(&mut buffer) {
            all.push(String::from_utf8(buffer[..length].to_vec()).unwrap());
        }
        all.retain(|datagram| datagram != "noise");
        all
    }

    /// The JSON of every message, each held against the limits that all have to keep.
    pub(super) fn jsons(&self) -> Vec<String> {
        self.datagrams().iter().map(|message| json_of(message)).collect()
    }

    pub(super) fn records(&self) -> Vec<Record> {
        self.jsons().iter().map(|json| Record::parse(json).unwrap()).collect()
    }

    fn record(&self) -> Record {
        let mut records = self.records();
        assert_eq!(records.len(), 1, "{records:?}");
        records.remove(0)
    }
}

fn open_at(socket: &Path, sink: Sink, on_failure: OnFailure) -> Result<AuditLog, AuditError> {
    let sockets = Sockets { syslog: socket.to_owned(), journald: socket.to_owned() };
    AuditLog::open_at(&AuditSettings { sink, on_failure }, ann(), false, sockets)
}

#[track_caller]
fn json_of(message: &str) -> String {
    assert!(message.len() <= LONGEST, "{} bytes", message.len());
    assert!(message.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{message:?}");
    let (header, json) = message.split_at(message.find('{').unwrap());
    assert!(header.ends_with(" gatesh[4711]: "), "{header}");
    json.to_owned()
}

#[test]
fn without_a_daemon_no_session_opens() {
    let daemon = Daemon::absent();
    let opened = daemon.open(Sink::Syslog, OnFailure::Deny);
    let expected = "log cannot be written (no such file or directory): nothing runs without a record";
    refused(opened, expected);
    refused(daemon.open(Sink::Journald, OnFailure::Deny), expected);
}

#[test]
fn a_socket_that_nobody_listens_on_is_refused() {
    let mut daemon = Daemon::running();
    daemon.socket = None;
    refused(daemon.open(Sink::Syslog, OnFailure::Deny), "(connection refused)");
}

#[test]
fn a_daemon_that_goes_away_stops_commands() {
    let mut daemon = Daemon::running();
    let mut log = daemon.log();
    log.record(&start(b"ls", &[b"ls"])).unwrap();
    daemon.stop();
    refused(log.record(&start(b"ls", &[b"ls"])), "cannot be written (no such file or directory)");
}

#[test]
fn a_daemon_that_was_restarted_is_found_again() {
    let mut daemon = Daemon::running();
    let mut log = daemon.log();
    daemon.stop();
    daemon.start();
    log.record(&start(b"ls", &[b"ls"])).unwrap();
    assert_eq!((daemon.record().seq, log.lost()), (1, 0));
}

#[test]
fn a_daemon_that_reads_nothing_is_given_up_after_two_seconds() {
    for sink in [Sink::Syslog, Sink::Journald] {
        let daemon = Daemon::running();
        let mut log = daemon.open(sink, OnFailure::Deny).unwrap();
        daemon.fill();
        let began = Instant::now();
        refused(log.record(&start(b"ls", &[b"ls"])), "takes nothing for 2 seconds: nothing runs");
        let waited = began.elapsed();
        assert!(waited >= Duration::from_millis(1_900) && waited < Duration::from_secs(5), "{waited:?}");
    }
}

#[test]
fn eight_parts_to_a_daemon_that_reads_nothing_wait_no_longer_than_one() {
    let daemon = Daemon::running();
    let mut log = daemon.log();
    daemon.fill();
    let began = Instant::now();
    refused(log.record(&start("x".repeat(48_000).as_bytes(), &[b"ls"])), "takes nothing");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_daemon_that_reads_again_in_time_loses_nothing() {
    let daemon = Daemon::running();
    let mut log = daemon.log();
    daemon.fill();
    let reader = daemon.socket.as_ref().unwrap().try_clone().unwrap();
    let late = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        reader.recv(&mut [0; 100]).unwrap()
    });
    log.record(&start(b"ls", &[b"ls"])).unwrap();
    late.join().unwrap();
    assert_eq!(daemon.record().event, "command-start");
}

#[test]
fn a_record_that_was_not_written_leaves_a_gap_and_is_counted() {
    let mut daemon = Daemon::running();
    let mut log = daemon.log();
    daemon.stop();
    refused(log.record(&ENDED), "cannot be written");
    refused(log.record(&ENDED), "cannot be written");
    daemon.start();
    log.record(&ENDED).unwrap();
    log.record(&ENDED).unwrap();
    let numbers: Vec<_> = daemon.records().iter().map(|record| (record.seq, record.lost)).collect();
    assert_eq!(numbers, [(3, Some(2)), (4, None)]);
}

#[test]
fn where_the_policy_says_run_commands_run_and_the_next_record_counts() {
    let mut daemon = Daemon::absent();
    let mut log = daemon.log_or_run();
    assert_eq!(log.record(&start(b"ls", &[b"ls"])).unwrap(), 1);
    assert_eq!((log.record(&ENDED).unwrap(), log.lost()), (2, 2));
    daemon.start();
    log.record(&start(b"ls", &[b"ls"])).unwrap();
    let record = daemon.record();
    assert_eq!((record.seq, record.lost), (3, Some(2)));
}

#[test]
fn where_the_policy_says_run_only_the_first_record_waits_for_a_stuck_daemon() {
    let daemon = Daemon::running();
    let mut log = daemon.log_or_run();
    daemon.fill();
    log.record(&ENDED).unwrap();
    let began = Instant::now();
    log.record(&ENDED).unwrap();
    // One that waits takes two seconds, as above.
    assert!(began.elapsed() < Duration::from_millis(1_900));
    assert_eq!(log.lost(), 2);
}

#[test]
fn a_line_too_long_to_record_is_refused_even_where_the_policy_says_run() {
    let daemon = Daemon::running();
    let mut log = daemon.log_or_run();
    refused(log.record(&start("x".repeat(70_000).as_bytes(), &[b"ls"])), "too long to be recorded");
    assert_eq!(daemon.datagrams().len(), 0);
    log.record(&denied("x".repeat(70_000).as_bytes())).unwrap();
    assert_eq!(daemon.record().seq, 1);
}

#[test]
fn the_fifty_first_record_of_a_burst_waits() {
    let daemon = Daemon::running();
    let mut log = daemon.log();
    let began = Instant::now();
    for _ in 0..53 {
        log.record(&ENDED).unwrap();
        assert_eq!(daemon.datagrams().len(), 1);
    }
    assert!(began.elapsed() >= Duration::from_millis(149), "{:?}", began.elapsed());
}

#[test]
fn journald_gets_one_message_with_fields_beside_it() {
    let daemon = Daemon::running();
    let mut log = daemon.open(Sink::Journald, OnFailure::Deny).unwrap();
    log.record(&denied(b"a\nGATESH_DECISION=allow")).unwrap();
    let datagrams = daemon.datagrams();
    let fields: Vec<_> = datagrams[0].lines().filter_map(|line| line.split_once('=')).collect();
    assert_eq!(fields[0].0, "MESSAGE");
    assert_eq!(Record::parse(fields[0].1).unwrap().line.as_deref(), Some("a\nGATESH_DECISION=allow"));
    let decisions: Vec<_> = fields.iter().filter(|(name, _)| *name == "GATESH_DECISION").collect();
    assert_eq!(decisions, [&("GATESH_DECISION", "deny")]);
}

/// rsyslogd on a socket of its own, writing the text of each message as a line.
struct Rsyslogd {
    directory: TempDir,
    process: Child,
}

impl Rsyslogd {
    fn start() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let (socket, out) = (directory.path().join("log"), directory.path().join("out"));
        let configuration = format!(
            "module(load=\"imuxsock\" SysSock.Use=\"off\")\n\
             input(type=\"imuxsock\" Socket=\"{}\" RateLimit.Interval=\"0\")\n\
             template(name=\"text\" type=\"string\" string=\"%syslogfacility-text% %programname%%msg%\\n\")\n\
             action(type=\"omfile\" file=\"{}\" template=\"text\")\n",
            socket.display(),
            out.display()
        );
        fs::write(directory.path().join("conf"), configuration).unwrap();
        let mut command = Command::new("/usr/sbin/rsyslogd");
        command.args(["-n", "-i", "NONE", "-f"]).arg(directory.path().join("conf"));
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        Some(Self { directory, process })
    }

    /// The lines it wrote, once there are `count`.
    fn lines(&self, count: usize) -> Vec<String> {
        let read = || fs::read_to_string(self.directory.path().join("out")).unwrap_or_default();
        until(|| read().lines().count() >= count);
        read().lines().map(str::to_owned).collect()
    }
}

impl Drop for Rsyslogd {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[track_caller]
fn until(mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(20), "waited too long");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn rsyslogd_writes_every_record_as_it_was_sent() {
    let Some(rsyslogd) = Rsyslogd::start() else {
        return crate::scenario::lacks("rsyslog");
    };
    let socket = rsyslogd.directory.path().join("log");
    until(|| UnixDatagram::unbound().unwrap().connect(&socket).is_ok());
    let mut log = open_at(&socket, Sink::Syslog, OnFailure::Deny).unwrap();
    let hostile = b"nope\n2026-01-01 00:00:00 root: ALLOW rm \x1b[2J\xff %s #012";
    log.record(&denied(hostile)).unwrap();
    let long = [b'"'; 3_900];
    log.record(&start(&long, &[b"ls"])).unwrap();
    log.record(&ENDED).unwrap();
    let lines = rsyslogd.lines(4);
    let jsons: Vec<_> = lines.iter().map(|line| line.strip_prefix("authpriv gatesh ").unwrap()).collect();
    let records: Vec<_> = jsons.iter().map(|json| Record::parse(json).unwrap()).collect();
    assert_eq!(gatesh::audit::unescape(records[0].line.as_ref().unwrap()).unwrap(), hostile);
    assert_eq!(Record::join(&records[1..3]).unwrap().line.unwrap().as_bytes(), long);
    assert_eq!((records.len(), records[3].event.as_str()), (4, "command-end"));
}
