//! The stand-in itself: what a program that it starts finds around it, as programs found it under the agent.

use super::document::{Caller, Document, Store};
use super::session::{Agent, End, SESSION_ID, Session};
use super::stage::start;
use super::worker::Order;
use crate::e2e::host::succeeds;
use crate::scenario::{is_root, ordinary, temporary};

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

/// Of such a document without `separateOutputStream`.
fn filed(commands: &str) -> Session {
    let Document(mut document) = document("NonInteractiveCommands", commands);
    document["properties"]["linux"]["separateOutputStream"] = false.into();
    start(&Agent::default(), &Document(document), &[])
}

#[test]
fn output_that_is_not_kept_apart_goes_into_a_file_of_roots_and_no_status_is_told() {
    let shut = "(: >>/proc/self/fd/1) 2>/dev/null || echo shut";
    let mut session =
        filed(&format!("sh -c 'stat -Lc \"%a %u %F %i\" /proc/self/fd/1 /proc/self/fd/2; {shut}'"));
    session.status();
    let output = session.output();
    let lines: Vec<_> = output.lines().collect();
    let owner = if is_root() { 0 } else { ordinary().uid };
    assert!(lines[0].starts_with(&format!("600 {owner} regular")) && lines[0] == lines[1], "{output}");
    assert_eq!(lines.get(2).is_some(), is_root(), "{output}");
    assert_eq!((session.exit_code(), session.errors().as_str()), (None, ""));
}

#[test]
fn of_such_a_file_nothing_is_shown_before_the_command_is_over() {
    let place = temporary();
    std::fs::set_permissions(place.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let (here, go) = (place.path().join("here"), place.path().join("go"));
    let waits = format!("until [ -e {} ]; do sleep 0.01; done", go.display());
    let mut session = filed(&format!("sh -c 'echo early; : >{}; {waits}; echo late'", here.display()));
    while !here.exists() {
        assert!(session.ends_within(std::time::Duration::from_millis(5)).is_none(), "{}", session.output());
    }
    assert_eq!(session.output(), "");
    std::fs::write(go, "").unwrap();
    session.status();
    assert_eq!(session.output(), "early\nlate\n");
}

#[test]
fn an_elevated_session_is_roots() {
    if !is_root() {
        return println!("skipped: the agent is root's where there is such a session");
    }
    let Document(mut document) = document("InteractiveCommands", "id -u; echo $HOME");
    document["properties"]["linux"]["runAsElevated"] = true.into();
    let mut session = start(&Agent::default(), &Document(document), &[]);
    session.status();
    assert_eq!(session.output(), "0\r\n/root\r\n");
}

/// In an /etc and a /home of its own: the account must not be there when the test is over.
#[test]
fn without_run_as_the_agent_makes_an_account_that_may_do_everything() {
    if !is_root() {
        return println!("skipped: the agent is root's, and so are accounts");
    }
    if !succeeds("sudo", &["-V"]) {
        return crate::scenario::lacks("sudo");
    }
    if succeeds("id", &["ssm-user"]) {
        return println!("skipped: this host has an ssm-user of its own");
    }
    let Document(mut document) =
        document("InteractiveCommands", "id -un; echo $HOME; sudo -n id -un 2>/dev/null || echo refused");
    document["inputs"]["runAsEnabled"] = false.into();
    let place = temporary();
    let session = || {
        let order = Document(document.clone()).start(&Caller::default(), &Store::new()).unwrap();
        let mut session = Agent::default().start(&Order { place: Some(place.path().to_owned()), ..order });
        session.status();
        session.output()
    };
    assert_eq!(session(), "ssm-user\r\n/home/ssm-user\r\nroot\r\n");
    // An account that is there already keeps what it has.
    std::fs::remove_file(place.path().join("etc/sudoers.d/ssm-agent-users")).unwrap();
    assert_eq!(session(), "ssm-user\r\n/home/ssm-user\r\nrefused\r\n");
    assert!(!succeeds("id", &["ssm-user"]), "it is on this host, too");
}

#[test]
fn a_session_lasts_until_the_last_holder_of_its_terminal_is_gone() {
    let place = temporary();
    let go = place.path().join("go");
    let holds =
        format!("setsid sh -c 'echo up; until [ -e {} ]; do sleep 0.01; done' & read line", go.display());
    let mut session = interactive(&format!("{holds}; echo left"));
    session.prints("up\r\n").line("exit").prints("left\r\n");
    assert!(session.ends_within(std::time::Duration::from_millis(300)).is_none(), "{}", session.output());
    std::fs::write(go, "").unwrap();
    session.status();
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
