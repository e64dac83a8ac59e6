//! ssm-session-worker: the process of root's that stands between the agent and a session. This very test program
//! becomes it when it is started under that name, before the C library calls main.
//!
//! The facts are of the agent's source, release 3.3.987.0, and of runs of it. What the worker has from the agent over
//! IPC, and what goes to and fro with the client over a web socket, goes over its standard input here.
#![allow(unsafe_code, reason = "runs before main, and in the child between fork and exec")]

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::SignalFd;
use serde::{Deserialize, Serialize};

use super::plugin::{self, Plugin};

/// The session that is to be started: the state of the document with its commands resolved, which the agent keeps on
/// disk (outofproc/master.go:98).
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) kind: String,
    pub(super) commands: String,
    pub(super) run_as: RunAs,
    pub(super) separate_output: bool,
    pub(super) profile: Option<String>,
    /// Not the agent's: a directory for an /etc and a /home of the session's own, where the agent may make accounts
    /// that the host does not have.
    pub(super) place: Option<PathBuf>,
}

/// Whom the session runs as.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum RunAs {
    /// `runAsElevated`.
    Elevated,
    /// `runAsEnabled` is false.
    Nobody,
    User(String),
}

/// What kind of payload a frame holds: the numbers of the agent's own protocol, and one for the tests.
pub(super) const OUTPUT: u8 = 1;
pub(super) const SIZE: u8 = 3;
pub(super) const FLAG: u8 = 10;
pub(super) const ERRORS: u8 = 11;
pub(super) const EXIT_CODE: u8 = 12;
/// How it really ended, which no client of the agent's is told.
pub(super) const ENDED: u8 = 255;
/// The agent could not start it, with what it says.
pub(super) const FAILED: u8 = 254;

/// The names this program is known by: the worker of a session, and the agent itself where it must serve one in its own
/// process (master.go:100-103).
const NAMES: [&str; 2] = ["ssm-session-worker", "ssm-agent-worker"];

#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = become_worker;

extern "C" fn become_worker() {
    let name = std::env::args().next().unwrap_or_default();
    if NAMES.iter().any(|worker| name.ends_with(&format!("/{worker}"))) {
        serve();
        std::process::exit(0);
    }
}

pub(super) fn write_frame(mut to: impl Write, kind: u8, payload: &[u8]) -> io::Result<()> {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    to.write_all(&[&[kind][..], &length, payload].concat())
}

pub(super) fn read_frame(mut from: impl Read) -> io::Result<(u8, Vec<u8>)> {
    let mut head = [0; 5];
    from.read_exact(&mut head)?;
    let [kind, length @ ..] = head;
    let mut payload = vec![0; usize::try_from(u32::from_le_bytes(length)).unwrap()];
    from.read_exact(&mut payload)?;
    Ok((kind, payload))
}

fn serve() {
    // Of a daemon: no controlling terminal. A group of its own, so that it outlives the agent (process_unix.go:25-28).
    let _ = nix::unistd::setsid();
    // As systemd starts the agent, whatever mask the tests have.
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o022));
    let channel = UnixStream::from(io::stdin().as_fd().try_clone_to_owned().unwrap());
    let (_, order) = read_frame(&channel).unwrap();
    let order: Order = serde_json::from_slice(&order).unwrap();
    let moved = order.place.as_deref().map_or(Ok(()), move_in);
    let outcome = moved.and_then(|()| plugin::plan(&order)).and_then(|plugin| match plugin {
        plugin if plugin.has_terminal => with_terminal(plugin, &channel),
        plugin if order.separate_output => with_pipes(plugin, &channel),
        plugin => with_a_file(plugin, &channel),
    });
    let _ = match outcome {
        Ok(status) => write_frame(&channel, ENDED, &status.into_raw().to_le_bytes()),
        Err(why) => write_frame(&channel, FAILED, why.as_bytes()),
    };
}

/// What is made in /etc and /home from here on lies in the directory.
fn move_in(place: &Path) -> Result<(), String> {
    let directory = |name: &str| {
        let path = place.join(name);
        // What becomes /etc and /home is everybody's to read.
        let made =
            DirBuilder::new().recursive(true).mode(0o755).create(&path).map(|()| path.display().to_string());
        made.map_err(|error| error.to_string())
    };
    let mount = |words: &[&str]| match std::process::Command::new("mount").args(words).status() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(format!("mount {words:?} failed")),
    };
    // SAFETY: no memory is passed.
    if unsafe { libc::unshare(libc::CLONE_NEWNS) } != 0 {
        return Err(io::Error::last_os_error().to_string());
    }
    mount(&["--make-rprivate", "/"])?;
    mount(&["--bind", &directory("home")?, "/home"])?;
    let (upper, work) = (directory("etc")?, directory("work")?);
    let layers = format!("lowerdir=/etc,upperdir={upper},workdir={work}");
    mount(&["-t", "overlay", "overlay", "-o", &layers, "/etc"])
}

/// These to the worker cancel its session (shell.go:252-261).
fn cancelling() -> SignalFd {
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGINT, Signal::SIGHUP, Signal::SIGTERM, Signal::SIGQUIT] {
        signals.add(signal);
    }
    signals.thread_block().unwrap();
    SignalFd::new(&signals).unwrap()
}

struct Terminal<'c> {
    channel: &'c UnixStream,
    master: File,
    /// Nothing is read before.
    reads_from: Instant,
    /// What the client typed and the terminal has not taken yet.
    typed: Vec<u8>,
    /// The beginning of a character.
    held: Vec<u8>,
}

/// Why a session with a terminal is over.
enum Over {
    /// The client or a signal ends it.
    Cancelled,
    /// Nobody has the slave open any more.
    Left,
}

fn with_terminal(mut plugin: Plugin, channel: &UnixStream) -> Result<ExitStatus, String> {
    let signals = cancelling();
    // No size until the client's first message (shell_unix.go), settings as the kernel has them.
    let pair = openpty(None::<&Winsize>, None).map_err(|errno| errno.desc().to_owned())?;
    // Root's alone: the session's user can use it and cannot open it again.
    let slave = File::from(pair.slave);
    slave.set_permissions(PermissionsExt::from_mode(0o600)).unwrap();
    let end = || Stdio::from(slave.try_clone().unwrap());
    plugin.command.stdin(end()).stdout(end()).stderr(end());
    let mut child = plugin.command.spawn().map_err(|error| error.to_string())?;
    // Whatever of the slave is left here would keep the session open.
    drop((plugin.command, slave));
    let master = File::from(pair.master);
    fcntl(&master, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
    // As if it were typed, and input is taken before it: only in sessions without commands (shell.go:334).
    let typed = plugin.profile.map(|profile| format!("{profile}\n").into_bytes()).unwrap_or_default();
    // Nothing shows in the first second (shell.go:329,797); in the first twentieth here, that tests end some day.
    let reads_from = Instant::now() + Duration::from_millis(50);
    let mut terminal = Terminal { channel, master, reads_from, typed, held: Vec::new() };
    if let Over::Cancelled = terminal.serve(&signals) {
        // SIGKILL to the direct child and to nobody else, with no signal before it; then the master is closed, and then
        // the child waited for (shell.go:348-370, execcmd.go:51-59).
        let _ = child.kill();
    }
    // The master with it: before, the hang-up would give gatesh a moment to end what it started.
    drop(terminal);
    child.wait().map_err(|error| error.to_string())
}

impl Terminal<'_> {
    /// Until it is over.
    fn serve(&mut self, signals: &SignalFd) -> Over {
        loop {
            if let Some(over) = self.next(signals) {
                return over;
            }
        }
    }

    /// One round of typing and reading.
    fn next(&mut self, signals: &SignalFd) -> Option<Over> {
        let may_read = Instant::now() >= self.reads_from;
        let wants = |wanted: bool, flag| if wanted { flag } else { PollFlags::empty() };
        let master = wants(may_read, PollFlags::POLLIN) | wants(!self.typed.is_empty(), PollFlags::POLLOUT);
        let mut ready = [
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.channel.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.master.as_fd(), master),
        ];
        let _ = poll(&mut ready, if may_read { PollTimeout::NONE } else { PollTimeout::from(5u8) });
        let [told, client, terminal] = ready.map(|one| one.revents().unwrap_or(PollFlags::empty()));
        if !told.is_empty() || (!client.is_empty() && !self.client_says()) {
            return Some(Over::Cancelled);
        }
        if terminal.contains(PollFlags::POLLOUT) {
            let taken = self.master.write(&self.typed).unwrap_or(0);
            self.typed.drain(..taken);
        }
        let has_output = terminal.intersects(PollFlags::POLLIN | PollFlags::POLLHUP | PollFlags::POLLERR);
        (may_read && has_output && !self.terminal_says()).then_some(Over::Left)
    }

    /// False for the flag that ends the session, and when the client is gone.
    fn client_says(&mut self) -> bool {
        match read_frame(self.channel) {
            Ok((OUTPUT, keys)) => self.typed.extend(keys),
            // TIOCSWINSZ on the master; the kernel sends SIGWINCH.
            Ok((SIZE, size)) => resize(&self.master, &size),
            Ok((FLAG, _)) | Err(_) => return false,
            Ok(_) => {}
        }
        true
    }

    /// Frames of 1,024 bytes, divided where characters end. False when nobody has the slave open any more.
    fn terminal_says(&mut self) -> bool {
        let mut bytes = [0; 1024];
        let length = match self.master.read(&mut bytes) {
            Ok(0) => return false,
            Ok(length) => length,
            Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
        };
        let mut frame = std::mem::take(&mut self.held);
        frame.extend(&bytes[..length]);
        self.held = unfinished(&mut frame);
        write_frame(self.channel, OUTPUT, &frame).is_ok()
    }
}

/// Takes the beginning of a character off the end.
fn unfinished(frame: &mut Vec<u8>) -> Vec<u8> {
    match std::str::from_utf8(frame) {
        Err(error) if error.error_len().is_none() => frame.split_off(error.valid_up_to()),
        _ => Vec::new(),
    }
}

fn resize(master: &File, size: &[u8]) {
    let [rows, columns]: [u16; 2] = serde_json::from_slice(size).unwrap();
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCSWINSZ reads one `winsize`.
    unsafe { libc::ioctl(std::os::fd::AsRawFd::as_raw_fd(master), libc::TIOCSWINSZ, &raw const size) };
}

/// No terminal, no input, no setsid: the session and process group are the worker's own. This is how a document with
/// `separateOutputStream` has its output: two pipes, read as long as anybody holds them.
fn with_pipes(mut plugin: Plugin, channel: &UnixStream) -> Result<ExitStatus, String> {
    let command = plugin.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    hand_signals_on(&child, channel);
    let (out, errors) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(|| pass_on(out, channel, OUTPUT));
        pass_on(errors, channel, ERRORS);
    });
    let status = child.wait().map_err(|error| error.to_string())?;
    // The only session whose exit code goes any further (shell.go:523-526,760-782).
    if let Some(code) = status.code() {
        let _ = write_frame(channel, EXIT_CODE, format!("EXIT_CODE: {code}").as_bytes());
    }
    Ok(status)
}

/// And this is how any other has it: one file of root's alone, in a directory of root's alone, and nothing of it is
/// sent before the command is over (`StartCommandExecutor` of `shell_unix.go`, `processCommandsWithExec`
/// of shell.go).
fn with_a_file(mut plugin: Plugin, channel: &UnixStream) -> Result<ExitStatus, String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = directory.path().join("output");
    let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&path);
    let file = file.map_err(|error| error.to_string())?;
    let end = || Stdio::from(file.try_clone().unwrap());
    let command = plugin.command.stdin(Stdio::null()).stdout(end()).stderr(end());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    hand_signals_on(&child, channel);
    let status = child.wait().map_err(|error| error.to_string())?;
    pass_on(File::open(&path).map_err(|error| error.to_string())?, channel, OUTPUT);
    Ok(status)
}

/// Without a terminal, of input only these are looked for, and go to the direct child.
fn hand_signals_on(child: &Child, channel: &UnixStream) {
    let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    let client = channel.try_clone().unwrap();
    std::thread::spawn(move || {
        loop {
            let signal = match read_frame(&client) {
                Ok((OUTPUT, keys)) if keys.contains(&0x03) => Signal::SIGINT,
                Ok((OUTPUT, keys)) if keys.contains(&0x1c) => Signal::SIGQUIT,
                Ok((FLAG, _)) => Signal::SIGKILL,
                Ok(_) => continue,
                Err(_) => return nix::sys::signal::kill(pid, Signal::SIGKILL),
            };
            let _ = nix::sys::signal::kill(pid, signal);
        }
    });
}

fn pass_on(mut from: impl Read, channel: &UnixStream, kind: u8) {
    let mut bytes = [0; 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        let _ = write_frame(channel, kind, &bytes[..length]);
    }
}
