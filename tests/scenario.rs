//! A policy, a person, a line, and what must come of it, tried on the built gatesh: the tests that use it read as
//! sentences. It never runs as root: where the tests do, gatesh runs as nobody.
//!
//! Every scenario has a tree of its own, and `{top}` stands for it in policies, lines and files: secrets and log
//! files in it are read and asserted on, and never those of the host.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::screen::Screen;
use serde_json::Value;
use tempfile::TempDir;

/// What the file `{top}/etc/shadow` holds.
pub(crate) const SECRET: &str = "root:$6$QXJlIHlvdQ:20000:0:99999:7:::";
/// No command of a scenario takes this long.
const LIMIT: Duration = Duration::from_mins(1);

/// Who a scenario runs as.
#[derive(Debug)]
pub(crate) struct Ordinary {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) user: String,
    /// The primary group's name, which is the name of the policy's group file.
    pub(crate) group: String,
}

/// The person who runs the tests, or nobody where that is root.
pub(crate) fn ordinary() -> &'static Ordinary {
    static ORDINARY: OnceLock<Ordinary> = OnceLock::new();
    ORDINARY.get_or_init(|| {
        let of: &[&str] = if is_root() { &["nobody"] } else { &[] };
        let id = |option: &str| output("id", &[&[option], of].concat());
        Ordinary {
            uid: id("-u").parse().unwrap(),
            gid: id("-g").parse().unwrap(),
            user: id("-un"),
            group: id("-gn"),
        }
    })
}

pub(crate) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// What a test drives is not installed: that is said, and in CI it is a failure, for `tests/run.sh` installs all of it
/// there. What a kernel lacks, or only root can do, is skipped everywhere.
#[track_caller]
pub(crate) fn lacks(what: &str) {
    assert!(std::env::var_os("CI").is_none(), "{what} is not installed: sh tests/run.sh installs it");
    println!("skipped: {what} is not installed");
}

/// What a program of the host prints, without its last newline.
#[track_caller]
pub(crate) fn output(program: &str, words: &[&str]) -> String {
    let output = Command::new(program).args(words).output().unwrap();
    assert!(output.status.success(), "{program} {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// Writes a program that everybody may run. Another process does, because a descriptor that is open for writing here
/// could be inherited by a neighbour's child, and then nobody can execute the file.
pub(crate) fn write_program(place: &Path, text: &str) {
    let write = "umask 022; printf %s \"$1\" >\"$2\" && chmod 755 \"$2\"";
    output("sh", &["-c", write, "sh", text, place.to_str().unwrap()]);
}

/// A policy, the tree it is about, and who meets it.
#[must_use]
pub(crate) struct Gatesh {
    top: TempDir,
    session: String,
    host: String,
    words: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
}

impl Gatesh {
    /// No rules yet; a tree with a secret, a log and a program that leaves a marker.
    pub(crate) fn new() -> Self {
        let top = temporary();
        let gatesh =
            Self { top, session: String::new(), host: String::new(), words: Vec::new(), env: Vec::new() };
        for directory in ["policy/groups.d", "policy/sets.d", "etc", "root", "var/log/app", "tmp"] {
            fs::create_dir_all(gatesh.path(directory)).unwrap();
        }
        gatesh.furnish()
    }

    fn furnish(self) -> Self {
        let marker = format!("#!/bin/sh\n: >'{}'\n", self.marker().display());
        let gatesh = self
            .file("etc/shadow", SECRET)
            .file("root/.bashrc", SECRET)
            .file("var/log/app.log", "one\ntwo ERROR\nthree\n")
            .file("var/log/a", "a\n")
            .file("audit.log", "")
            .program("tmp/mk", &marker)
            .program("tmp/ls", &marker)
            .program("var/log/app/ls", &marker);
        for owned in ["var/log/app", "tmp", "audit.log"] {
            gatesh.hand_over(owned);
        }
        gatesh
    }

    /// The rules of the person's group.
    pub(crate) fn policy(self, text: &str) -> Self {
        let name = format!("policy/groups.d/{}.toml", ordinary().group);
        let text = self.spelled(text);
        self.file(&name, &text)
    }

    /// A file of `sets.d`.
    pub(crate) fn set(self, name: &str, text: &str) -> Self {
        let text = self.spelled(text);
        self.file(&format!("policy/sets.d/{name}.toml"), &text)
    }

    /// A line of `[session]` in gatesh.toml.
    pub(crate) fn session(mut self, line: &str) -> Self {
        self.session.push_str(line);
        self.session.push('\n');
        self
    }

    /// A line at the top of gatesh.toml, or tables at its end.
    pub(crate) fn host(mut self, text: &str) -> Self {
        self.host.push_str(text);
        self.host.push('\n');
        self
    }

    /// Words of gatesh's own, before the line.
    pub(crate) fn with(mut self, words: &[&str]) -> Self {
        self.words.extend(words.iter().map(OsString::from));
        self
    }

    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: &str) -> Self {
        self.env.push((name.as_ref().to_owned(), self.spelled(value).into()));
        self
    }

    /// Writes a file of the tree.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o644)).unwrap();
        self
    }

    pub(crate) fn link(self, name: &str, target: &str) -> Self {
        symlink(self.spelled(target), self.path(name)).unwrap();
        self
    }

    /// Writes a program.
    pub(crate) fn program(self, name: &str, text: &str) -> Self {
        let place = self.path(name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        write_program(&place, text);
        self
    }

    /// Gives a file to the person.
    pub(crate) fn hand_over(&self, name: &str) {
        chown(self.path(name), Some(ordinary().uid), Some(ordinary().gid)).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.top.path().join(name)
    }

    /// The file that `{top}/tmp/mk` makes when it is run.
    pub(crate) fn marker(&self) -> PathBuf {
        self.path("tmp/marker")
    }

    /// With `{top}` filled in.
    pub(crate) fn spelled(&self, text: &str) -> String {
        text.replace("{top}", self.top.path().to_str().unwrap())
    }

    fn spelled_bytes(&self, text: &[u8]) -> Vec<u8> {
        let (name, top) = (b"{top}", self.top.path().as_os_str().as_bytes());
        let mut spelled = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.windows(name.len()).position(|window| window == name) {
            spelled.extend([&rest[..at], top].concat());
            rest = &rest[at + name.len()..];
        }
        spelled.extend(rest);
        spelled
    }

    /// One line, as `-c`.
    pub(crate) fn line(self, line: impl AsRef<[u8]>) -> Asked {
        let line = OsString::from_vec(self.spelled_bytes(line.as_ref()));
        let words = vec![OsString::from("-c"), line];
        Asked { gatesh: self, words, input: Vec::new() }
    }

    /// Lines on standard input that is no terminal.
    pub(crate) fn lines(self, lines: impl AsRef<[u8]>) -> Asked {
        let input = self.spelled_bytes(lines.as_ref());
        Asked { gatesh: self, words: Vec::new(), input }
    }

    /// gatesh at a terminal. The scenario is to be kept as long as the screen is.
    pub(crate) fn at_terminal(&self) -> Screen {
        Screen::open(&self.command())
    }

    /// gatesh as it is going to be called, with the policy written out.
    pub(crate) fn command(&self) -> Command {
        // Other scenarios of the same person run at the same time.
        let sessions = if self.session.contains("max_sessions") { "" } else { "max_sessions = 100000\n" };
        let host = format!(
            "{}\n[session]\n{sessions}{}\n[confinement]\nlandlock = \"preferred\"\n\
             [audit]\nsink = \"file\"\nfile = \"{}\"\n",
            self.host,
            self.session,
            self.path("audit.log").display()
        );
        fs::write(self.path("policy/gatesh.toml"), host).unwrap();
        let mut command = self.outside(&gatesh_program(self.top.path()));
        command.arg("--config").arg(self.path("policy")).args(&self.words);
        command
    }

    /// Any program as the same person, in the same place and environment: what an attack does without the gate.
    pub(crate) fn outside(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/").env("TERM", "dumb");
        command.envs(self.env.iter().cloned()).current_dir(self.path("var/log/app"));
        if is_root() {
            command.uid(ordinary().uid).gid(ordinary().gid);
        }
        command
    }

    /// The audit records so far.
    pub(crate) fn records(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("audit.log")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// The same command, started by another program that becomes it: `program words... command`. Whoever runs it and
/// where stay.
pub(crate) fn like(command: &Command, program: &str, words: &[&str]) -> Command {
    let mut outer = Command::new(program);
    outer.args(words);
    if is_root() && command.get_program().as_bytes().ends_with(b"gatesh") {
        let (uid, gid) = (ordinary().uid.to_string(), ordinary().gid.to_string());
        outer.args(["setpriv", "--reuid", &uid, "--regid", &gid, "--clear-groups", "--"]);
    }
    outer.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    if let Some(directory) = command.get_current_dir() {
        outer.current_dir(directory);
    }
    outer
}

/// A program as the ordinary user, in an empty environment.
pub(crate) fn like_ordinary(program: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(words).env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
    if is_root() {
        command.uid(ordinary().uid).gid(ordinary().gid);
    }
    command
}

/// A directory that an ordinary user can reach too.
pub(crate) fn temporary() -> TempDir {
    // What is made in it is for them to reach, too, whatever mask the tests are started with.
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o022));
    let above = if is_root() { PathBuf::from("/tmp") } else { std::env::temp_dir() };
    let directory = tempfile::Builder::new().prefix("gatesh-test-").tempdir_in(above).unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

/// The built gatesh, or a copy in `place` where others cannot reach the directory it was built in.
pub(crate) fn gatesh_program(place: &Path) -> PathBuf {
    let built = Path::new(env!("CARGO_BIN_EXE_gatesh"));
    let is_open = |path: &Path| fs::metadata(path).is_ok_and(|found| found.mode() & 0o1 != 0);
    if !is_root() || built.ancestors().all(is_open) {
        return built.to_owned();
    }
    let copy = place.join("gatesh");
    output("cp", &[built.to_str().unwrap(), copy.to_str().unwrap()]);
    copy
}

/// A line at the gate.
#[must_use]
pub(crate) struct Asked {
    gatesh: Gatesh,
    words: Vec<OsString>,
    input: Vec<u8>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) records: Vec<Value>,
    pub(crate) took: Duration,
    pub(crate) marker: bool,
}

impl Asked {
    /// Runs it to its end.
    #[track_caller]
    pub(crate) fn answer(self) -> Answer {
        let mut command = self.gatesh.command();
        command.args(&self.words);
        let ended = run(command, &self.input);
        Answer { marker: self.gatesh.marker().exists(), records: self.gatesh.records(), ..ended }
    }

    /// It ran and succeeded.
    #[track_caller]
    pub(crate) fn allowed(self) -> Answer {
        let answer = self.answer();
        assert_eq!(answer.code(), 0, "{answer:#?}");
        assert!(answer.denied().is_empty(), "{answer:#?}");
        answer
    }

    /// A rule refuses it, for this reason, and nothing of it ran.
    #[track_caller]
    pub(crate) fn denied_because(self, reason: &str) -> Answer {
        self.refused(126, reason)
    }

    /// It is no line gatesh understands, and nothing of it ran.
    #[track_caller]
    pub(crate) fn not_understood_because(self, reason: &str) -> Answer {
        self.refused(2, reason)
    }

    /// gatesh itself cannot work, and says why.
    #[track_caller]
    pub(crate) fn session_refused_because(self, reason: &str) -> Answer {
        let answer = self.answer().says(reason);
        assert_eq!(answer.code(), 125, "{answer:#?}");
        assert_eq!(answer.started(), Vec::<String>::new(), "{answer:#?}");
        answer
    }

    #[track_caller]
    fn refused(self, status: i32, reason: &str) -> Answer {
        let answer = self.answer().says(reason);
        assert_eq!(answer.code(), status, "{answer:#?}");
        assert_eq!(answer.started(), Vec::<String>::new(), "something ran: {answer:#?}");
        assert_eq!(answer.denied().len(), 1, "not one record of a denial: {answer:#?}");
        answer
    }
}

/// Runs a command with this input to its end.
#[track_caller]
pub(crate) fn run(mut command: Command, input: &[u8]) -> Answer {
    let began = Instant::now();
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    let mut writer = child.stdin.take().unwrap();
    let input = input.to_owned();
    let typing = std::thread::spawn(move || writer.write_all(&input));
    let id = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    let (done, watch) = std::sync::mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        let is_late = watch.recv_timeout(LIMIT) == Err(std::sync::mpsc::RecvTimeoutError::Timeout);
        is_late.then(|| nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGKILL)).is_some()
    });
    let output = child.wait_with_output().unwrap();
    drop(done);
    assert!(!watchdog.join().unwrap(), "it took longer than {LIMIT:?}");
    let _ = typing.join();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Answer {
        status: output.status,
        out: text(output.stdout),
        err: text(output.stderr),
        records: Vec::new(),
        took: began.elapsed(),
        marker: false,
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| panic!("ended by a signal: {self:#?}"))
    }

    /// The message, wherever its lines were wrapped, holds this.
    #[track_caller]
    pub(crate) fn says(self, reason: &str) -> Self {
        let said = flat(&self.err);
        assert!(said.contains(&flat(reason)), "no {reason:?} in {self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(self.out.contains(text), "no {text:?} in {self:#?}");
        self
    }

    /// Records of one kind of event.
    pub(crate) fn events(&self, event: &str) -> Vec<&Value> {
        self.records.iter().filter(|record| record["event"] == event).collect()
    }

    pub(crate) fn denied(&self) -> Vec<&Value> {
        self.events("denied")
    }

    /// argv of each command that was started, in one string.
    pub(crate) fn started(&self) -> Vec<String> {
        let argv = |record: &&Value| {
            let words = record["argv"].as_array().unwrap().iter();
            words.map(|word| word.as_str().unwrap()).collect::<Vec<_>>().join(" ")
        };
        self.events("command-start").iter().map(argv).collect()
    }

    /// The reason code of the only denial.
    #[track_caller]
    pub(crate) fn code_of_denial(&self) -> &str {
        let denied = self.denied();
        assert_eq!(denied.len(), 1, "{self:#?}");
        denied[0]["reason_code"].as_str().unwrap()
    }

    /// The attack did nothing: no program of the attacker's ran, no secret was shown.
    #[track_caller]
    pub(crate) fn harmless(self) -> Self {
        assert!(!self.marker, "the attacker's program ran: {self:#?}");
        assert!(!self.out.contains(SECRET) && !self.err.contains(SECRET), "the secret was shown: {self:#?}");
        self
    }
}

/// On one line, blanks as one.
pub(crate) fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
