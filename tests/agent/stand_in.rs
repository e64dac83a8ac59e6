//! The stand-in itself: what a program that it starts finds around it, as programs found it under the agent.

use super::document::{Caller, Document, Store};
use super::session::{Agent, End, SESSION_ID, Session};
use super::stage::start;
use crate::scenario::{is_root, ordinary};

/// A document that starts `commands` as whoever the tests' ordinary user is.
fn document(kind: &str, commands: &str) -> Document {
    Document(serde_json::json!({
        "schemaVersion": "1.0",
        "sessionType": kind,
        "inputs": { "runAsEnabled": true, "runAsDefaultUser": ordinary().user },
        "properties": { "linux": { "commands": commands, "separateOutputStream": true } },
    }))
}

fn interactive(commands: &str) -> Session {
    start(&Agent::default(), &document("InteractiveCommands", commands), &[])
}

#[test]
fn the_worker_is_the_parent_and_carries_the_session_id() {
    let mut session =
        interactive("tr '\\0' ' ' </proc/$PPID/cmdline; sed -n 's/^Uid:/uids/p' /proc/$PPID/status");
    session.status();
    assert!(
        session.output().starts_with(&format!("/usr/bin/ssm-session-worker {SESSION_ID} ")),
        "{}",
        session.output()
    );
    assert_eq!(session.output().contains("uids\t0\t0\t0\t0"), is_root(), "{}", session.output());
}

#[test]
fn a_session_leads_itself_and_has_no_environment_but_the_agents() {
    let mut session =
        interactive("exec sh -c 'echo $$ $(cut -d\" \" -f5,6,8 /proc/$$/stat); env; pwd; umask'");
    session.status();
    let output = session.output();
    let mut numbers = output.lines().next().unwrap().split_whitespace();
    let pid = numbers.next().unwrap();
    assert!(numbers.all(|number| number == pid), "process, group, session and terminal differ: {output}");
    for line in
        ["TERM=xterm-256color", "LANG=C.UTF-8", "INVOCATION_ID=", "LD_PRELOAD=", "AWS_SECRET_ACCESS_KEY="]
    {
        assert!(output.contains(line), "{line}: {output}");
    }
    assert!(output.contains(&format!("HOME=/home/{}", ordinary().user)), "{output}");
    for name in ["USER=", "LOGNAME=", "SHELL=", "SSH_", "XDG_"] {
        assert!(!output.lines().any(|line| line.starts_with(name)), "{name}: {output}");
    }
    assert!(output.contains("/usr/bin\r\n0022\r\n"), "{output}");
}

#[test]
fn the_terminal_is_roots_has_no_size_at_first_and_cannot_be_opened_again() {
    let tried = "(: <$(readlink /proc/self/fd/0)) 2>/dev/null && echo reopened; : </dev/tty && echo dev-tty";
    let mut session = interactive(&format!("stty size; {tried}; read line; stty size"));
    session.prints("dev-tty").prints("0 0");
    assert_eq!(session.output().contains("reopened"), !is_root(), "{}", session.output());
    session.resize(40, 132).line("go on").prints("40 132");
    session.status();
}

#[test]
fn nobody_is_told_the_status_of_a_session_with_a_terminal() {
    let mut session = interactive("exit 3");
    assert_eq!((session.status(), session.exit_code()), (3, None));
}

#[test]
fn without_a_terminal_there_is_no_shell_no_input_and_the_status_is_told() {
    let commands = "sh -c 'read line; echo $? $0 \"$1\" >&2; (: </dev/tty) 2>/dev/null || echo no-tty; exit 9' '$HOME' 'a; b'";
    let mut session = start(&Agent::default(), &document("NonInteractiveCommands", commands), &[]);
    session.status();
    assert_eq!(session.exit_code().as_deref(), Some("EXIT_CODE: 9"));
    assert_eq!((session.errors().as_str(), session.output().as_str()), ("1 $HOME a; b\n", "no-tty\n"));
}

#[test]
fn a_session_lasts_until_the_last_holder_of_its_terminal_is_gone() {
    let mut session = interactive("setsid sh -c 'echo up; sleep 1' & read line");
    session.prints("up\r\n").line("exit");
    let began = std::time::Instant::now();
    session.status();
    assert!(began.elapsed().as_millis() >= 800, "{:?}", began.elapsed());
}

#[test]
fn cancel_kills_the_direct_child_without_any_warning() {
    let mut session = interactive("trap 'echo warned' TERM HUP INT; echo ready; while :; do sleep 0.1; done");
    session.prints("ready\r\n");
    let End::Status(status) = session.cancel() else { panic!("not started") };
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
    assert!(!session.output().contains("warned\r\n"));
}

#[test]
fn signals_to_the_worker_are_a_cancel() {
    use nix::sys::signal::Signal;
    for signal in [Signal::SIGINT, Signal::SIGHUP, Signal::SIGTERM, Signal::SIGQUIT] {
        let mut session = interactive("echo ready; sleep 600");
        session.prints("ready\r\n").signal_worker(signal);
        assert_eq!(session.status(), 128 + 9);
    }
}

#[test]
fn root_and_users_that_do_not_exist_are_refused() {
    if !is_root() {
        return println!("skipped: the agent is root's where Run As is on");
    }
    for (user, why) in [("root", "invalid uid or gid"), ("no-such-user", "does not exist")] {
        let caller = Caller { run_as: Some(user), ..Caller::default() };
        let order = document("InteractiveCommands", "id").start(&caller, &Store::new()).unwrap();
        let mut session = Agent::default().start(&order);
        let End::Failed(said) = session.ends() else { panic!("{user} was let in") };
        assert!(said.contains(why), "{said}");
    }
}
