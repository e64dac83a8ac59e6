//! The command of a session: its words, whom it runs as, and what it is given (`agent/session/shell/shell_unix.go`).
#![allow(unsafe_code, reason = "what a child does between fork and exec")]

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, pthread_sigmask, signal as signal_action};
use nix::unistd::{Gid, Uid, geteuid, setgid, setgroups, setsid, setuid};

use super::worker::{Order, RunAs};

/// A command that is ready to be given its standard descriptors.
pub(super) struct Plugin {
    pub(super) command: Command,
    pub(super) has_terminal: bool,
    pub(super) profile: Option<String>,
}

pub(super) fn plan(order: &Order) -> Result<Plugin, String> {
    let has_terminal = order.kind != "NonInteractiveCommands";
    let mut command = command(order)?;
    let person = Person::of(&order.run_as)?;
    // Over the environment that the agent itself has, all of which stays (shell_unix.go:103-109,157-164).
    command.env("TERM", "xterm-256color");
    if std::env::var_os("LANG").is_none() {
        command.env("LANG", "C.UTF-8");
    }
    // Whatever the password file says.
    command.env("HOME", &person.home);
    // SAFETY: only system calls on memory that is there already.
    unsafe { command.pre_exec(move || become_person(&person, has_terminal)) };
    let profile = order.profile.clone().filter(|_| order.kind == "Standard_Stream");
    Ok(Plugin { command, has_terminal, profile })
}

/// The login shell in the password file is never used; `sh` is found on the agent's PATH.
fn command(order: &Order) -> Result<Command, String> {
    // Only these have commands (standardstream.go:75 passes none).
    let commands = if order.kind == "Standard_Stream" { "" } else { &order.commands };
    let mut sh = Command::new("sh");
    match order.kind.as_str() {
        _ if commands.is_empty() => {}
        // Split as google/shlex does, and no shell (shell_unix.go:82-94). This crate differs in that it knows no
        // comments; no exported document has a # outside quotes.
        "NonInteractiveCommands" => {
            let words = shell_words::split(commands).map_err(|error| error.to_string())?;
            let (program, arguments) = words.split_first().ok_or("empty command")?;
            let mut command = Command::new(program);
            command.args(arguments);
            return Ok(command);
        }
        _ => {
            sh.args(["-c", commands]);
        }
    }
    Ok(sh)
}

/// Whom the child becomes; nobody else where the worker is not root's, and where `runAsElevated` says so.
struct Person {
    home: String,
    ids: Option<(Uid, Gid, Vec<Gid>)>,
}

/// Whom a session without Run As runs as (appconfig's `DefaultRunAsUserName`).
const DEFAULT: &str = "ssm-user";

impl Person {
    fn of(run_as: &RunAs) -> Result<Self, String> {
        match run_as {
            // The agent's own user with the agent's own groups (shell_unix.go:113,162).
            RunAs::Elevated => Ok(Self { home: "/root".to_owned(), ids: None }),
            RunAs::Nobody => {
                make_default_user()?;
                Self::named(DEFAULT)
            }
            RunAs::User(name) => Self::named(name),
        }
    }

    fn named(name: &str) -> Result<Self, String> {
        let home = format!("/home/{name}");
        if !geteuid().is_root() {
            // The agent refuses Run As then (:117-132). That the tests of an ordinary user see anything, the session
            // is their own.
            return Ok(Self { home, ids: None });
        }
        let ids = |option: &str| id(option, name);
        let (uid, gid) = (ids("-u")?[0], ids("-g")?[0]);
        // uid>0 and gid>0 are required (:242-307).
        if uid == 0 || gid == 0 {
            return Err(format!("invalid uid or gid of RunAs user {name}"));
        }
        let groups = ids("-G")?.into_iter().map(Gid::from_raw).collect();
        Ok(Self { home, ids: Some((Uid::from_raw(uid), Gid::from_raw(gid), groups)) })
    }
}

/// An account that is not there is made, and with it, only then, a file that lets it do everything as root
/// (utility_unix.go:79-157).
fn make_default_user() -> Result<(), String> {
    if id("-u", DEFAULT).is_ok() {
        return Ok(());
    }
    let made = Command::new("sh").args(["-c", &format!("useradd -m {DEFAULT}")]).status();
    if !made.is_ok_and(|status| status.success()) {
        return Err(format!("Failed to create {DEFAULT}"));
    }
    let rules = format!("# User rules for {DEFAULT}\n{DEFAULT} ALL=(ALL) NOPASSWD:ALL\n");
    let file = "/etc/sudoers.d/ssm-agent-users";
    fs::write(file, rules)
        .and_then(|()| fs::set_permissions(file, fs::Permissions::from_mode(0o440)))
        .map_err(|error| error.to_string())
}

/// What id(1) prints of a user.
fn id(option: &str, name: &str) -> Result<Vec<u32>, String> {
    let output = Command::new("id").args([option, name]).output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers: Vec<u32> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    match numbers.is_empty() {
        true => Err(format!("failed to start pty since RunAs user {name} does not exist")),
        false => Ok(numbers),
    }
}

/// With a terminal: setsid and the controlling terminal from descriptor 0 (creack/pty/run.go:24-31). No PAM, no logind,
/// no login accounting.
fn become_person(person: &Person, has_terminal: bool) -> io::Result<()> {
    pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)?;
    // A service ignores neither; a shell that starts the tests in its background has them ignore both.
    for signal in [Signal::SIGINT, Signal::SIGQUIT] {
        // SAFETY: the default is no code.
        unsafe { signal_action(signal, SigHandler::SigDfl)? };
    }
    if has_terminal {
        setsid()?;
    }
    if let Some((uid, gid, groups)) = &person.ids {
        setgroups(groups)?;
        setgid(*gid)?;
        setuid(*uid)?;
    }
    // SAFETY: no memory is passed.
    if has_terminal && unsafe { libc::ioctl(0, libc::TIOCSCTTY, 0) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
