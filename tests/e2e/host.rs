//! A host with gatesh installed, for as long as a test lasts.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::fcntl::{Flock, FlockArg};

use super::daemon::Daemon;
use crate::scenario::{is_root, output, write_program};

const POLICY: &str = "/etc/gatesh";
/// Stands in a policy directory that tests made.
const OURS: &str = "made-by-the-tests-of-gatesh";
/// Where packages put gatesh, and where Session documents name it.
pub(crate) const INSTALLED: &str = "/usr/bin/gatesh";
/// How names of users, and of files outside the policy directory, begin.
pub(crate) const PREFIX: &str = "gatesh-e2e-";
/// How long other copies of these tests are waited for.
const PATIENCE: Duration = Duration::from_mins(2);

/// gatesh installed: the program, the policy directory and, where there is none, a log daemon.
pub(crate) struct Host {
    people: Vec<String>,
    groups: Vec<String>,
    paths: Vec<PathBuf>,
    /// What is on /dev/log, unless the host has a daemon of its own.
    pub(crate) daemon: Option<Daemon>,
    place: PathBuf,
    _turn: Turn,
}

/// This process's and then this test's turn to change the host.
struct Turn {
    _lock: Flock<File>,
    _others: MutexGuard<'static, ()>,
}

impl Turn {
    fn wait() -> Self {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let others = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waits in another process gets a chance between two tests of this one.
        std::thread::sleep(Duration::from_millis(60));
        let path = if Path::new("/run/lock").is_dir() { "/run/lock/gatesh-e2e" } else { "/run/gatesh-e2e" };
        let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        let end = Instant::now() + PATIENCE;
        loop {
            match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(lock) => return Self { _lock: lock, _others: others },
                Err((back, _)) => file = back,
            }
            assert!(Instant::now() < end, "other end-to-end tests hold {path} for too long");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Somebody whose login shell is gatesh.
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) home: PathBuf,
}

impl Host {
    /// Installs gatesh, or says why not and answers `None`.
    pub(crate) fn new() -> Option<Self> {
        if !is_root() {
            println!("skipped: users, login shells and {POLICY} need root");
            return None;
        }
        let turn = Turn::wait();
        if Path::new(POLICY).exists() && !Path::new(POLICY).join(OURS).exists() {
            println!("skipped: {POLICY} is in use on this host");
            return None;
        }
        sweep();
        let place = PathBuf::from(format!("/usr/local/lib/{PREFIX}{}", std::process::id()));
        let daemon = Daemon::start();
        let host = Self { people: vec![], groups: vec![], paths: vec![], daemon, place, _turn: turn };
        host.install();
        Some(host)
    }

    /// Everything is made beside its place and moved there at once: tests of other kinds run at the same time.
    fn install(&self) {
        make_directory(&self.place);
        // Another process copies it: a descriptor open for writing here could be inherited by a neighbour's child.
        let built = env!("CARGO_BIN_EXE_gatesh");
        output("install", &["-m", "0755", built, self.gatesh().to_str().unwrap()]);
        let new = self.place.join("policy");
        for directory in ["", "groups.d", "sets.d"] {
            make_directory(&new.join(directory));
        }
        fs::write(new.join(OURS), "").unwrap();
        copy(&config("gatesh.toml"), &new.join("gatesh.toml"));
        copy(&config("sets.d/filters.toml"), &new.join("sets.d/filters.toml"));
        fs::rename(new, POLICY).unwrap();
    }

    pub(crate) fn gatesh(&self) -> PathBuf {
        self.place.join("gatesh")
    }

    /// A directory of root's that everybody can read.
    pub(crate) fn place(&self) -> &Path {
        &self.place
    }

    /// The rules of a group.
    pub(crate) fn rules(&self, group: &str, text: &str) {
        self.put(&format!("groups.d/{group}.toml"), text);
    }

    /// The host's settings, in the place of the shipped ones.
    pub(crate) fn settings(&self, text: &str) {
        self.put("gatesh.toml", text);
    }

    fn put(&self, name: &str, text: &str) {
        let new = self.place.join("new");
        fs::write(&new, text).unwrap();
        fs::set_permissions(&new, fs::Permissions::from_mode(0o644)).unwrap();
        fs::rename(new, Path::new(POLICY).join(name)).unwrap();
    }

    /// The group and rules that the repository publishes.
    pub(crate) fn published(&mut self, group: &str) {
        self.rules(group, &fs::read_to_string(config(&format!("groups.d/{group}.toml"))).unwrap());
        if !succeeds("getent", &["group", group]) {
            output("groupadd", &[group]);
            self.groups.push(group.to_owned());
        }
    }

    /// Somebody in these groups whose login shell is gatesh.
    pub(crate) fn person(&mut self, groups: &[&str]) -> Person {
        let shell = self.gatesh();
        self.person_with_shell(groups, shell.to_str().unwrap())
    }

    pub(crate) fn person_with_shell(&mut self, groups: &[&str], shell: &str) -> Person {
        let name = format!("{PREFIX}{}-{}", std::process::id(), self.people.len());
        let home = PathBuf::from("/home").join(&name);
        self.people.push(name.clone());
        output("useradd", &["-m", "-U", "-s", shell, "-G", &groups.join(","), &name]);
        // No password, and not locked either.
        output("usermod", &["-p", "*", &name]);
        Person { name, home }
    }

    /// Makes a file of root's, and takes it away at the end.
    pub(crate) fn file(&mut self, path: &str, text: &str, mode: u32) {
        let path = PathBuf::from(path);
        assert!(!path.exists(), "{} is there already", path.display());
        self.paths.push(path.clone());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if mode == 0o755 {
            return write_program(&path, text);
        }
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Makes a link unless that name is taken.
    pub(crate) fn link(&mut self, path: &str, target: &str) {
        if !Path::new(path).exists() {
            self.paths.push(path.into());
            std::os::unix::fs::symlink(target, path).unwrap();
        }
    }

    /// The log of an application, readable by all.
    pub(crate) fn log(&mut self, text: &str) -> String {
        let path = format!("/var/log/{PREFIX}{}.log", std::process::id());
        self.file(&path, text, 0o644);
        path
    }
}

impl Person {
    /// A file in the person's home directory, theirs.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.join(name);
        let owner = fs::metadata(&self.home).unwrap();
        let (uid, gid) =
            (std::os::unix::fs::MetadataExt::uid(&owner), std::os::unix::fs::MetadataExt::gid(&owner));
        for directory in path.parent().unwrap().ancestors().take_while(|above| **above != self.home) {
            fs::create_dir_all(directory).unwrap();
            chown(directory, Some(uid), Some(gid)).unwrap();
        }
        fs::write(&path, text).unwrap();
        chown(&path, Some(uid), Some(gid)).unwrap();
        path
    }

    /// `su - NAME`, with what else su is to be told.
    pub(crate) fn su(&self, words: &[&str]) -> Command {
        let mut command = Command::new("su");
        command.args(["-", &self.name]).args(words);
        command
    }

    /// Any program as this person, with their groups and no shell between.
    pub(crate) fn run(&self, program: &Path, words: &[&str]) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", &self.name, "--regid", &self.name, "--init-groups", "--reset-env", "--"]);
        command.arg(program).args(words).current_dir(&self.home);
        command
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.people.iter().for_each(|name| remove_person(name));
        for group in &self.groups {
            let _ = Command::new("groupdel").arg(group).output();
        }
        for path in &self.paths {
            let _ = fs::remove_file(path);
        }
        remove_policy(&self.place);
        let _ = fs::remove_dir_all(&self.place);
    }
}

/// Moved away first, so that nobody sees half of it.
fn remove_policy(place: &Path) {
    let old = place.join("old");
    let _ = fs::remove_dir_all(&old);
    if fs::rename(POLICY, &old).is_err() {
        let _ = fs::remove_dir_all(POLICY);
    }
}

/// What is left of tests that were killed.
fn sweep() {
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let people =
        passwd.lines().filter_map(|line| line.split(':').next()).filter(|name| name.starts_with(PREFIX));
    people.for_each(remove_person);
    for directory in ["/usr/local/lib", "/etc/sudoers.d", "/var/log"] {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(PREFIX) {
                let _ = fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()));
            }
        }
    }
    let installed = Path::new(INSTALLED);
    if fs::read_link(installed).is_ok_and(|target| target.to_string_lossy().contains(PREFIX)) {
        let _ = fs::remove_file(installed);
    }
    let _ = fs::remove_dir_all(POLICY);
}

/// Ends what still runs as this person, and removes the account with the home directory.
fn remove_person(name: &str) {
    for _ in 0..50 {
        let Some(processes) = processes_of(name) else { break };
        if processes.is_empty() {
            break;
        }
        for process in processes {
            let _ = nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGKILL);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = Command::new("userdel").args(["-r", "-f", name]).output();
    let _ = Command::new("groupdel").arg(name).output();
}

/// The processes of a user made by these tests.
pub(crate) fn processes_of(name: &str) -> Option<Vec<nix::unistd::Pid>> {
    let uid: u32 = String::from_utf8(Command::new("id").args(["-u", name]).output().ok()?.stdout)
        .ok()?
        .trim()
        .parse()
        .ok()?;
    let is_theirs = |pid: &i32| {
        let owner = fs::metadata(format!("/proc/{pid}")).ok();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let real = status
            .lines()
            .find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().next()?.parse().ok());
        owner.is_some() && real == Some(uid) && !status.contains("State:\tZ")
    };
    let names = fs::read_dir("/proc").ok()?.flatten();
    let pids = names.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    Some(pids.filter(is_theirs).map(nix::unistd::Pid::from_raw).collect())
}

fn make_directory(path: &Path) {
    fs::create_dir_all(path).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::write(to, fs::read(from).unwrap()).unwrap();
    fs::set_permissions(to, fs::Permissions::from_mode(0o644)).unwrap();
}

/// A file that the repository ships.
pub(crate) fn config(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(name)
}

pub(crate) fn succeeds(program: &str, words: &[&str]) -> bool {
    Command::new(program).args(words).output().is_ok_and(|output| output.status.success())
}
