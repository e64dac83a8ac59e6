//! The client's side of a session: types, looks at the screen, changes the window's size, ends it.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::worker::{ENDED, ERRORS, EXIT_CODE, FAILED, FLAG, OUTPUT, Order, SIZE, read_frame, write_frame};

/// No session waits longer for anything, on a machine however busy.
const PATIENCE: Duration = Duration::from_mins(1);
/// Of the emulator: a client that has said no size looks at something all the same.
const ROWS_AND_COLUMNS: (u16, u16) = (24, 80);

/// A session, as long as it is held.
pub(super) struct Session {
    worker: Child,
    channel: UnixStream,
    shared: Arc<Shared>,
    began: Instant,
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
}

/// What came from the agent.
#[derive(Default)]
struct Seen {
    screen: Option<vt100::Parser>,
    output: Vec<u8>,
    errors: Vec<u8>,
    exit_code: Option<String>,
    end: Option<End>,
}

/// How a session ended.
#[derive(Clone, Debug)]
pub(super) enum End {
    /// The direct child's status, which the agent keeps to itself.
    Status(ExitStatus),
    /// The agent could not start it.
    Failed(String),
    /// The worker died.
    Lost,
}

/// A worker that is still to be started.
pub(super) struct Agent<'a> {
    /// The path it is started by.
    pub(super) name: &'a str,
    /// Its only argument, if it has one.
    pub(super) session_id: Option<&'a str>,
    /// The agent's own environment.
    pub(super) environment: Vec<(String, String)>,
    /// Whether to run it as the ordinary user, where root runs the tests.
    pub(super) is_ordinary: bool,
}

pub(super) const WORKER: &str = "/usr/bin/ssm-session-worker";
/// As seen: a name that the caller chose, and 17 hexadecimal digits.
pub(super) const SESSION_ID: &str = "ann-0a1b2c3d4e5f60718";

impl Default for Agent<'_> {
    fn default() -> Self {
        let environment = leaked().map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { name: WORKER, session_id: Some(SESSION_ID), environment, is_ordinary: false }
    }
}

/// What systemd gives a unit, and what administrators set for it by drop-in: all of it reaches every session.
fn leaked() -> [(&'static str, &'static str); 16] {
    [
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("INVOCATION_ID", "5f0c8b5d7a0e4d6d9d5d3f5f4b1a2c3d"),
        ("JOURNAL_STREAM", "8:12345"),
        ("SYSTEMD_EXEC_PID", "611"),
        ("http_proxy", "http://agent:proxy-secret@10.0.0.1:3128"),
        ("https_proxy", "http://agent:proxy-secret@10.0.0.1:3128"),
        ("no_proxy", "169.254.169.254"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/root/.aws/credentials"),
        ("AWS_SECRET_ACCESS_KEY", "agent-secret"),
        // There, and harmless: the shell in between is a program with a loader.
        ("LD_PRELOAD", "libm.so.6"),
        ("LD_LIBRARY_PATH", "/tmp"),
        ("BASH_ENV", "/tmp/gatesh-test-bash-env"),
        ("ENV", "/tmp/gatesh-test-env"),
        ("SNAP", "/snap/amazon-ssm-agent/7993"),
        ("SNAP_NAME", "amazon-ssm-agent"),
        ("SHELLOPTS", "xtrace"),
    ]
}

impl Agent<'_> {
    /// Starts the worker and hands it the session.
    pub(super) fn start(&self, order: &Order) -> Session {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let worker = self.command(theirs).spawn().unwrap();
        write_frame(&ours, OUTPUT, &serde_json::to_vec(order).unwrap()).unwrap();
        let shared = Arc::<Shared>::default();
        let (rows, columns) = ROWS_AND_COLUMNS;
        shared.seen.lock().unwrap().screen = Some(vt100::Parser::new(rows, columns, 500));
        let (reader, watched) = (ours.try_clone().unwrap(), Arc::clone(&shared));
        std::thread::spawn(move || watch(&reader, &watched));
        Session { worker, channel: ours, shared, began: Instant::now() }
    }

    fn command(&self, channel: UnixStream) -> Command {
        let program = std::env::current_exe().unwrap();
        let mut command = Command::new(program);
        command.arg0(self.name).args(self.session_id);
        // Where the unit's WorkingDirectory is (packaging/linux/amazon-ssm-agent.service).
        command.env_clear().envs(self.environment.iter().cloned()).current_dir("/usr/bin");
        if self.is_ordinary && crate::scenario::is_root() {
            let ordinary = crate::scenario::ordinary();
            command.uid(ordinary.uid).gid(ordinary.gid);
        }
        command.stdin(OwnedFd::from(channel)).stdout(Stdio::null());
        command
    }
}

/// Reads until the worker is gone.
fn watch(from: &UnixStream, shared: &Shared) {
    loop {
        let frame = read_frame(from);
        let mut seen = shared.seen.lock().unwrap();
        let is_last = seen.take(frame.ok());
        shared.changed.notify_all();
        if is_last {
            return;
        }
    }
}

impl Seen {
    /// Whether nothing more can come.
    fn take(&mut self, frame: Option<(u8, Vec<u8>)>) -> bool {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match frame {
            Some((OUTPUT, bytes)) => {
                self.screen.as_mut().unwrap().process(&bytes);
                self.output.extend(bytes);
            }
            Some((ERRORS, bytes)) => self.errors.extend(bytes),
            Some((EXIT_CODE, bytes)) => self.exit_code = Some(text(&bytes)),
            Some((ENDED, raw)) => {
                let raw = i32::from_le_bytes(raw.try_into().unwrap());
                self.end = Some(End::Status(ExitStatus::from_raw(raw)));
            }
            Some((FAILED, why)) => self.end = Some(End::Failed(text(&why))),
            Some(_) => {}
            None => {
                self.end.get_or_insert(End::Lost);
                return true;
            }
        }
        false
    }
}

impl Session {
    /// Types keys as they are: `\r` is Return, `\x03` Ctrl-C. A session that is over takes none.
    pub(super) fn keys(&mut self, keys: impl AsRef<[u8]>) -> &mut Self {
        for some in keys.as_ref().chunks(1024) {
            let _ = write_frame(&self.channel, OUTPUT, some);
        }
        self
    }

    /// Types a line and Return.
    pub(super) fn line(&mut self, line: &str) -> &mut Self {
        self.keys(format!("{line}\r"))
    }

    pub(super) fn resize(&mut self, rows: u16, columns: u16) -> &mut Self {
        self.shared.seen.lock().unwrap().screen.as_mut().unwrap().screen_mut().set_size(rows, columns);
        let _ = write_frame(&self.channel, SIZE, &serde_json::to_vec(&[rows, columns]).unwrap());
        self
    }

    /// `TerminateSession`, the idle timeout and the maximum duration all arrive so (datachannel.go:757-768).
    pub(super) fn cancel(&mut self) -> End {
        self.ask_to_cancel();
        self.ends()
    }

    /// Without waiting for the end, which comes when whatever holds the session's output is gone.
    pub(super) fn ask_to_cancel(&mut self) {
        let _ = write_frame(&self.channel, FLAG, b"");
    }

    /// Sends a signal to the worker.
    pub(super) fn signal_worker(&self, signal: Signal) {
        kill(Pid::from_raw(self.worker.id().try_into().unwrap()), signal).unwrap();
    }

    /// Waits until the screen shows this.
    #[track_caller]
    pub(super) fn shows(&mut self, text: &str) -> &mut Self {
        self.until(&format!("{text:?} to be shown"), |seen| seen.text().contains(text).then_some(()));
        self
    }

    /// Waits for the last row that is not blank to end so.
    #[track_caller]
    pub(super) fn at_prompt(&mut self, end: &str) -> &mut Self {
        let is_last = |row: &str| row.trim_end().ends_with(end.trim_end());
        self.until(&format!("the last row to end in {end:?}"), |seen| {
            let text = seen.text();
            text.lines().rev().find(|row| !row.trim().is_empty()).filter(|row| is_last(row)).map(drop)
        });
        self
    }

    /// Waits until everything that came, screen or not, holds this.
    #[track_caller]
    pub(super) fn prints(&mut self, text: &str) -> &mut Self {
        self.until(&format!("{text:?}"), |seen| seen.output().contains(text).then_some(()));
        self
    }

    /// Waits for the end of the session.
    #[track_caller]
    pub(super) fn ends(&mut self) -> End {
        self.until("the end of the session", |seen| seen.end.clone())
    }

    /// Waits a moment for the end of the session. One that takes too long in all is a failure.
    #[track_caller]
    pub(super) fn ends_within(&mut self, moment: Duration) -> Option<End> {
        assert!(self.began.elapsed() < 2 * PATIENCE, "it does not end; the screen is\n{}", self.screen());
        let seen = self.shared.seen.lock().unwrap();
        let seen = self.shared.changed.wait_timeout_while(seen, moment, |seen| seen.end.is_none());
        seen.unwrap().0.end.clone()
    }

    /// Waits for its end by itself, and answers with the status.
    #[track_caller]
    pub(super) fn status(&mut self) -> i32 {
        match self.ends() {
            End::Status(status) => status.code().unwrap_or_else(|| 128 + status.signal().unwrap()),
            End::Failed(why) => panic!("the agent could not start it: {why}"),
            End::Lost => panic!("the worker died; {}", self.output()),
        }
    }

    /// What is on the screen, line by line.
    pub(super) fn screen(&self) -> String {
        self.shared.seen.lock().unwrap().text()
    }

    /// All that ever came, as it came.
    pub(super) fn output(&self) -> String {
        self.shared.seen.lock().unwrap().output()
    }

    /// The second stream, where there are two.
    pub(super) fn errors(&self) -> String {
        String::from_utf8_lossy(&self.shared.seen.lock().unwrap().errors).into_owned()
    }

    /// What the client is told of the exit status.
    pub(super) fn exit_code(&self) -> Option<String> {
        self.shared.seen.lock().unwrap().exit_code.clone()
    }

    #[track_caller]
    fn until<T>(&self, what: &str, found: impl Fn(&Seen) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        let mut seen = self.shared.seen.lock().unwrap();
        loop {
            if let Some(found) = found(&seen) {
                return found;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && seen.end.is_none(),
                "waited for {what}; {:?}; the screen is\n{}",
                seen.end,
                seen.text()
            );
            seen = self.shared.changed.wait_timeout(seen, left).unwrap().0;
        }
    }
}

impl Seen {
    fn text(&self) -> String {
        self.screen.as_ref().unwrap().screen().contents()
    }

    fn output(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The worker cancels the session when its client is gone, and waits for whatever holds it open.
        let _ = self.channel.shutdown(std::net::Shutdown::Both);
        let end = Instant::now() + Duration::from_secs(5);
        while matches!(self.worker.try_wait(), Ok(None)) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(2));
        }
        let _ = self.worker.kill();
        let _ = self.worker.wait();
    }
}
