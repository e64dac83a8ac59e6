//! Puts a test into a process of its own, if wanted on a terminal of its own, and makes orders to run there.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::signal::{SigSet, SigmaskHow};
use nix::unistd::{dup, dup2_stderr, dup2_stdin, dup2_stdout, geteuid, setsid};

use super::super::job::{Input, Outcome, run};
use super::super::outcome::{Ended, RunError};
use super::super::program::find;
use super::super::terminal::Terminal;
use super::super::{Launch, Order, Surroundings, open_directory};
use crate::launch::confinement::abi::Kernel;
use crate::policy::synopsis::Argument;
use crate::policy::{Exec, Limits, Need, Network, Terms};

/// Names the test whose body the process is to run.
const ALONE: &str = "GATESH_TEST_ALONE";
/// Names the terminal it is to run on.
const TTY: &str = "GATESH_TEST_TTY";

/// Tests whose bodies run in a process of their own.
macro_rules! alone {
    ($($(#[$attribute:meta])* fn $name:ident() $body:block)*) => {$(
        #[test]
        $(#[$attribute])*
        fn $name() {
            $crate::launch::tests::stage::in_a_process(concat!(module_path!(), "::", stringify!($name)), || $body);
        }
    )*};
}

/// Tests with two sides: a person at a terminal, and the body whose terminal it is.
macro_rules! at_a_terminal {
    ($(fn $name:ident() { person: $person:expr, session: $body:block })*) => {$(
        #[test]
        fn $name() {
            let name = concat!(module_path!(), "::", stringify!($name));
            $crate::launch::tests::stage::with_a_person(name, $person, || $body);
        }
    )*};
}

pub(super) use {alone, at_a_terminal};

pub(super) fn in_a_process(name: &str, body: impl FnOnce()) {
    if is_alone(name) {
        take_no_heed();
        return body();
    }
    let mut command = again(name);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = blocked(|| command.spawn().unwrap()).wait_with_output().unwrap();
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", shown(&output.stdout), shown(&output.stderr));
}

pub(super) fn with_a_person(name: &str, act: impl FnOnce(&mut Person), body: impl FnOnce()) {
    if is_alone(name) {
        take_no_heed();
        sit_down();
        body();
        return stand_up();
    }
    let mut person = Person::begin(name);
    person.expect("ready");
    act(&mut person);
    person.leave();
}

/// Whether this process was started for that test.
pub(super) fn is_alone(name: &str) -> bool {
    std::env::var(ALONE).is_ok_and(|wanted| wanted == name)
}

/// This test binary, to run one test's body.
pub(super) fn again(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let (_, test) = name.split_once("::").unwrap();
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(ALONE, name);
    command
}

/// Starts with every signal blocked, as every thread of the new process needs it: SIGCHLD would otherwise be
/// dropped by one that ignores it.
pub(super) fn blocked<T>(start: impl FnOnce() -> T) -> T {
    let old = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK).unwrap();
    let started = start();
    old.thread_set_mask().unwrap();
    started
}

/// Whoever runs the tests may ignore signals, as `nohup` does; gatesh undoes that when it starts.
fn take_no_heed() {
    let inherited = (1..crate::sys::FIRST_REALTIME).filter(|signal| !crate::sys::IGNORED.contains(signal));
    inherited.for_each(crate::sys::default_action);
}

/// The terminal becomes the controlling one because a session leader without one opens it.
fn sit_down() {
    setsid().unwrap();
    let tty = File::options().read(true).write(true).open(std::env::var(TTY).unwrap()).unwrap();
    dup2_stdin(&tty).unwrap();
    dup2_stdout(&tty).unwrap();
    dup2_stderr(&tty).unwrap();
    say("ready");
}

/// The test harness has something to say at the end, and a terminal that hung up takes nothing.
fn stand_up() {
    let null = File::options().write(true).open("/dev/null").unwrap();
    dup2_stdout(&null).unwrap();
    dup2_stderr(&null).unwrap();
}

/// Writes past the test harness's own buffer.
pub(super) fn say(text: &str) {
    nix::unistd::write(std::io::stdout(), format!("{text}\n").as_bytes()).unwrap();
}

/// The far end of a terminal.
pub(super) struct Person {
    master: Option<PtyMaster>,
    pub(super) session: Child,
    seen: String,
    position: usize,
}

impl Person {
    fn begin(name: &str) -> Self {
        let master =
            posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let mut command = again(name);
        command.env(TTY, ptsname_r(&master).unwrap());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let session = blocked(|| command.spawn().unwrap());
        Self { master: Some(master), session, seen: String::new(), position: 0 }
    }

    /// Waits until `text` appears behind what was expected before.
    pub(super) fn expect(&mut self, text: &str) {
        let begun = Instant::now();
        while !self.seen[self.position..].contains(text) {
            assert!(begun.elapsed() < Duration::from_secs(20), "no {text:?} in {:?}", self.seen);
            self.read();
        }
        self.position += self.seen[self.position..].find(text).unwrap() + text.len();
    }

    pub(super) fn types(&mut self, text: &str) {
        self.master.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    pub(super) fn hangs_up(&mut self) {
        self.master = None;
    }

    fn read(&mut self) {
        let mut block = [0; 4096];
        match self.master.as_mut().map(|master| master.read(&mut block)) {
            Some(Ok(length)) => self.seen.push_str(&String::from_utf8_lossy(&block[..length])),
            _ => std::thread::sleep(Duration::from_millis(5)),
        }
    }

    fn leave(&mut self) {
        let begun = Instant::now();
        let status = loop {
            self.read();
            if let Some(status) = self.session.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not end: {:?}", self.seen);
        };
        self.read();
        assert!(status.success(), "{:?}", self.seen);
    }
}

/// An order for a program of the host's, under terms that give nothing.
pub(super) fn order(program: &str, arguments: &[&str]) -> Order {
    let directories = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    Order {
        program: find(program, &directories).unwrap_or_else(|| PathBuf::from(program)),
        name: program.to_owned(),
        arguments: arguments.iter().enumerate().map(argument).collect(),
        elevation: None,
        terms: no_terms(),
        directory: None,
        withheld: Vec::new(),
    }
}

/// `sh -c TEXT`: the shell stands for any program that can be told what to do.
pub(super) fn shell(text: &str) -> Order {
    order("sh", &["-c", text])
}

fn argument((word, text): (usize, &&str)) -> Argument {
    Argument { text: (*text).to_owned(), word, path: None }
}

pub(super) fn no_terms() -> Terms {
    Terms {
        timeout: None,
        cwd: None,
        env: std::collections::BTreeMap::new(),
        keep_env: Vec::new(),
        umask: None,
        limits: Limits::default(),
        read: Vec::new(),
        write: Vec::new(),
        exec: Exec::Nothing,
        network: Network::default(),
        with: Vec::new(),
        sha256: None,
    }
}

pub(super) fn surroundings() -> Surroundings {
    Surroundings {
        user: "ann".to_owned(),
        uid: geteuid().as_raw(),
        home: PathBuf::from("/home/ann"),
        shell: PathBuf::from("/usr/bin/gatesh"),
        inherited: Vec::new(),
        directory: Rc::new(open_directory("/usr".as_ref()).unwrap()),
        directory_name: PathBuf::from("/usr"),
        program_path: ["/usr/bin", "/bin"].map(PathBuf::from).to_vec(),
        landlock: Need::Preferred,
        kernel: Kernel::probe(),
    }
}

/// Without its fence: these tests are about processes, and their programs start others at will.
pub(super) fn plan(order: Order) -> Launch {
    let mut launch = Launch::order(order, &surroundings()).unwrap();
    launch.confinement = None;
    launch
}

pub(super) fn start(orders: Vec<Order>, terminal: &mut Terminal) -> Result<Outcome, RunError> {
    run(orders.into_iter().map(plan).collect(), Input::Inherit, terminal, None, &mut || None)
}

pub(super) fn finish(orders: Vec<Order>) -> Ended {
    ended(start(orders, &mut Terminal::acquire().unwrap()).unwrap())
}

pub(super) fn ended(outcome: Outcome) -> Ended {
    match outcome {
        Outcome::Ended(ended) => ended,
        Outcome::Stopped(job) => panic!("stopped: {}", job.text()),
    }
}

/// What commands wrote to standard output while `body` ran.
pub(super) fn output_of(body: impl FnOnce()) -> String {
    let mut file = tempfile::tempfile().unwrap();
    let kept: OwnedFd = dup(std::io::stdout().as_fd()).unwrap();
    dup2_stdout(&file).unwrap();
    body();
    dup2_stdout(&kept).unwrap();
    file.rewind().unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    text
}

/// What one order writes; it has to end well.
pub(super) fn output(order: Order) -> String {
    output_of(|| assert_eq!(finish(vec![order]).code(), 0))
}

/// Whether a process exists and has not ended.
pub(super) fn is_alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

pub(super) fn eventually(condition: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while !condition() && begun.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(10));
    }
    condition()
}

/// Says that a test was skipped because it needs root.
pub(super) fn needs_root() -> bool {
    let skipped = !geteuid().is_root();
    if skipped {
        eprintln!("skipped: only root can make files that are root's");
    }
    skipped
}
