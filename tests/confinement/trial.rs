//! Runs one program, confined or not, as an ordinary user, with pipes or at a terminal of its own.

#![allow(unsafe_code, reason = "what the launch does between fork and exec, done here without the launch")]

use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use gatesh::launch::confinement::abi::Kernel;
use gatesh::launch::confinement::tmp::PrivateTmp;
use gatesh::launch::confinement::{Confinement, Fence, Options};
use gatesh::policy::paths::CheckedPath;
use gatesh::policy::types::Access;
use gatesh::policy::{Exec, Limits, Need, Network, Terms};

use super::files::{ORDINARY, checked, program_files};

/// Terms that grant nothing.
pub(crate) fn nothing() -> Terms {
    Terms {
        timeout: None,
        cwd: None,
        env: BTreeMap::new(),
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

/// How a trial ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A program about to be run.
pub(crate) struct Trial {
    program: PathBuf,
    words: Vec<String>,
    env: Vec<(String, String)>,
    cwd: PathBuf,
    terms: Terms,
    paths: Vec<CheckedPath>,
    kernel: Kernel,
    confined: bool,
    leads: bool,
    given_terminal: bool,
    private_tmp: Option<OwnedFd>,
    listed: Vec<PathBuf>,
}

impl Trial {
    pub(crate) fn new(program: impl AsRef<Path>) -> Self {
        Self {
            program: program.as_ref().to_path_buf(),
            words: Vec::new(),
            env: vec![
                ("PATH".into(), "/usr/bin:/bin".into()),
                ("TERM".into(), "xterm".into()),
                ("LC_ALL".into(), "C".into()),
            ],
            cwd: PathBuf::from("/"),
            terms: nothing(),
            paths: Vec::new(),
            kernel: Kernel::probe(),
            confined: true,
            leads: true,
            given_terminal: false,
            private_tmp: None,
            listed: Vec::new(),
        }
    }

    pub(crate) fn words<T: AsRef<str>>(mut self, words: &[T]) -> Self {
        self.words.extend(words.iter().map(|word| word.as_ref().to_owned()));
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.env.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    pub(crate) fn cwd(mut self, directory: &Path) -> Self {
        self.cwd = directory.to_path_buf();
        self
    }

    pub(crate) fn terms(mut self, terms: Terms) -> Self {
        if let Exec::Listed(listed) = &terms.exec {
            self.listed.clone_from(listed);
        }
        self.terms = terms;
        self
    }

    pub(crate) fn grant(mut self, path: &Path, access: Access) -> Self {
        self.paths.push(checked(path, access));
        self
    }

    pub(crate) fn checked(mut self, path: CheckedPath) -> Self {
        self.paths.push(path);
        self
    }

    pub(crate) fn kernel(mut self, kernel: Kernel) -> Self {
        self.kernel = kernel;
        self
    }

    pub(crate) fn unconfined(mut self) -> Self {
        self.confined = false;
        self
    }

    /// Leaves it in the group of the tests, as a pipe leaves all but its first command in another's.
    pub(crate) fn in_this_group(mut self) -> Self {
        self.leads = false;
        self
    }

    /// Lets it open its terminal by name, as the launch does.
    pub(crate) fn given_terminal(mut self) -> Self {
        self.given_terminal = true;
        self
    }

    pub(crate) fn private_tmp(mut self, tmp: &PrivateTmp) -> Self {
        self.private_tmp = Some(tmp.handle().try_clone().unwrap());
        self
    }

    fn fence(&self, terminal: Option<&OwnedFd>) -> Fence {
        let programs = std::iter::once(&self.program).chain(&self.listed);
        let files: Vec<OwnedFd> = programs.flat_map(|path| program_files(path)).collect();
        let executables: Vec<BorrowedFd<'_>> = files.iter().map(AsFd::as_fd).collect();
        let options = Options {
            landlock: Need::Preferred,
            kernel: self.kernel,
            terminal: if self.given_terminal { terminal.map(AsFd::as_fd) } else { None },
            withheld: &[],
        };
        let paths: Vec<&CheckedPath> = self.paths.iter().collect();
        let mut made = Confinement::compile(&self.terms, &paths, &executables, &options).unwrap();
        self.private_tmp.iter().for_each(|tmp| made.grant_tmp(tmp).unwrap());
        made.finish()
    }

    fn command(self, terminal: Option<OwnedFd>) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.words).env_clear().envs(self.env.iter().cloned()).current_dir(&self.cwd);
        if nix::unistd::geteuid().is_root() {
            command.uid(ORDINARY).gid(ORDINARY);
        }
        let image = Image::new(&self);
        let leads = self.leads;
        let fence = self.confined.then(|| self.fence(terminal.as_ref()));
        // SAFETY: the closure makes system calls only, on memory that was made before fork.
        unsafe {
            command.pre_exec(move || {
                match &terminal {
                    Some(terminal) => own_terminal(terminal)?,
                    None if leads => check(libc::setpgid(0, 0).into())?,
                    None => (),
                }
                let secret = fence.as_ref().map_or(Ok([0; 2]), put_in_force)?;
                image.execute(secret)
            });
        }
        command
    }

    /// Runs it to its end with pipes.
    pub(crate) fn run(self) -> Outcome {
        self.run_with_input("")
    }

    pub(crate) fn run_with_input(self, input: &str) -> Outcome {
        let mut command = self.command(None);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Outcome { status: output.status, out: text(output.stdout), err: text(output.stderr) }
    }

    /// Starts it at a new terminal.
    pub(crate) fn at_terminal(self) -> AtTerminal {
        let size = nix::pty::Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        let pair = nix::pty::openpty(Some(&size), None).unwrap();
        let (input, output) = (pair.slave.try_clone().unwrap(), pair.slave.try_clone().unwrap());
        let errors = pair.slave.try_clone().unwrap();
        let mut command = self.command(Some(pair.slave));
        let child = command.stdin(input).stdout(output).stderr(errors).spawn().unwrap();
        AtTerminal { child, master: File::from(pair.master), seen: String::new() }
    }
}

/// A program at a terminal.
pub(crate) struct AtTerminal {
    child: Child,
    master: File,
    seen: String,
}

impl AtTerminal {
    /// Waits until the screen has been still for a moment, at most five seconds.
    pub(crate) fn settle(&mut self) -> &mut Self {
        let end = Instant::now() + Duration::from_secs(5);
        let mut still = 0;
        while still < 4 && Instant::now() < end {
            still = if self.read_some(60) { 0 } else { still + 1 };
        }
        self
    }

    fn read_some(&mut self, milliseconds: u16) -> bool {
        use nix::poll::{PollFd, PollFlags, poll};
        let mut ready = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
        let mut bytes = [0; 4096];
        if poll(&mut ready, milliseconds).unwrap_or(0) < 1 {
            return false;
        }
        match self.master.read(&mut bytes) {
            Ok(length) if length > 0 => {
                self.seen.push_str(&String::from_utf8_lossy(&bytes[..length]));
                true
            }
            _ => false,
        }
    }

    /// Types `keys` and lets the screen settle.
    pub(crate) fn keys(&mut self, keys: &str) -> &mut Self {
        let _ = self.master.write_all(keys.as_bytes());
        self.settle()
    }

    /// Lets it draw, types `keys` and waits for its end, at most ten seconds.
    pub(crate) fn settle_and_type(mut self, keys: &str) -> (ExitStatus, String) {
        self.settle();
        let _ = self.master.write_all(keys.as_bytes());
        let status = self.ended();
        while self.read_some(20) {}
        (status, std::mem::take(&mut self.seen))
    }

    /// Waits until `done`, its end, or `limit`.
    pub(crate) fn until(&mut self, limit: Duration, done: impl Fn() -> bool) {
        let end = Instant::now() + limit;
        while Instant::now() < end && !done() {
            if self.child.try_wait().unwrap().is_some() {
                // What it started may live a little longer, and on a busy machine start late.
                let rest = Instant::now() + (limit / 3).max(Duration::from_millis(300));
                while Instant::now() < rest && !done() {
                    std::thread::sleep(Duration::from_millis(10));
                }
                return;
            }
            self.read_some(10);
        }
    }

    /// Waits for its end, at most ten seconds.
    pub(crate) fn wait(mut self) -> ExitStatus {
        self.ended()
    }

    fn ended(&mut self) -> ExitStatus {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "still running: {}", self.seen);
            self.read_some(2);
        }
    }

    /// Ends it and returns all it wrote.
    pub(crate) fn end(mut self) -> String {
        let group = nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        let _ = nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL);
        let _ = self.child.kill();
        let _ = self.child.wait();
        while self.read_some(20) {}
        std::mem::take(&mut self.seen)
    }
}

/// argv, environment and path as execve takes them. The addresses are kept as numbers so that they can cross
/// into the closure; the strings live as long as they do.
struct Image {
    _strings: Vec<CString>,
    path: usize,
    words: Vec<usize>,
    env: Vec<usize>,
}

impl Image {
    fn new(trial: &Trial) -> Self {
        let mut strings = Vec::new();
        let mut keep = |bytes: &[u8]| {
            let string = CString::new(bytes).unwrap();
            let address = string.as_ptr() as usize;
            strings.push(string);
            address
        };
        let path = keep(trial.program.as_os_str().as_bytes());
        let mut words = vec![keep(trial.program.as_os_str().as_bytes())];
        words.extend(trial.words.iter().map(|word| keep(word.as_bytes())));
        words.push(0);
        let mut env: Vec<usize> =
            trial.env.iter().map(|(name, value)| keep(format!("{name}={value}").as_bytes())).collect();
        env.push(0);
        Self { _strings: strings, path, words, env }
    }

    fn execute(&self, secret: [u64; 2]) -> std::io::Result<()> {
        // SAFETY: both arrays end in a null pointer and outlive the call.
        unsafe {
            let (words, env) = (self.words.as_ptr(), self.env.as_ptr());
            libc::syscall(libc::SYS_execve, self.path, words, env, 0_usize, secret[0], secret[1]);
        }
        Err(std::io::Error::last_os_error())
    }
}

fn check(result: libc::c_long) -> std::io::Result<()> {
    if result < 0 { Err(std::io::Error::last_os_error()) } else { Ok(()) }
}

fn own_terminal(terminal: &OwnedFd) -> std::io::Result<()> {
    // SAFETY: plain system calls on an open descriptor.
    unsafe {
        check(libc::setsid().into())?;
        check(libc::ioctl(terminal.as_raw_fd(), libc::TIOCSCTTY, 0).into())
    }
}

/// What the launch does with a fence, and the secret for execve.
fn put_in_force(fence: &Fence) -> std::io::Result<[u64; 2]> {
    let mut secret = [0_u64; 2];
    // SAFETY: system calls on memory of this frame and of the fence, which the child has to itself.
    unsafe {
        check(libc::getrandom(secret.as_mut_ptr().cast(), 16, 0) as libc::c_long)?;
        check(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0).into())?;
        if let Some(ruleset) = &fence.ruleset {
            check(libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0))?;
        }
        let code = fence.filter.as_ptr().cast_mut();
        let quarters =
            [secret[0] as u32, (secret[0] >> 32) as u32, secret[1] as u32, (secret[1] >> 32) as u32];
        for (place, quarter) in fence.secret_at.iter().flatten().zip(quarters) {
            (*code.add(*place)).k = quarter;
        }
        for place in &fence.process_at {
            (*code.add(*place)).k = libc::getpid() as u32;
        }
        for place in &fence.group_at {
            (*code.add(*place)).k = (libc::getpgrp() as u32).wrapping_neg();
        }
        let program = libc::sock_fprog { len: fence.filter.len() as u16, filter: code };
        check(libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program))?;
    }
    Ok(secret)
}
