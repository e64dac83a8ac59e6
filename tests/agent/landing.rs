//! What a person sees who lands at gatesh's prompt through Session Manager.

use super::session::SESSION_ID;
use super::stage::{RULES, Stage};
use crate::scenario::{is_root, ordinary};

#[test]
fn a_session_lands_at_the_prompt_before_the_window_has_a_size() {
    let stage = Stage::new(RULES);
    let mut session = stage.session();
    session.shows("help shows what you may run.").at_prompt("> ");
    session.resize(24, 80).line("cat {top}/x").at_prompt("> ");
    session.line(&stage.gatesh.spelled("cat {top}/var/log/app.log")).shows("two ERROR").at_prompt("> ");
    session.line("stty size").shows("24 80").at_prompt("> ");
    session.resize(30, 100).line("stty size").shows("30 100").at_prompt("> ");
    session.line("exit");
    assert_eq!(session.status(), 0);
}

#[test]
fn the_prompt_completes_hints_and_colours_there() {
    let stage = Stage::new(RULES);
    let mut session = stage.session();
    session.resize(24, 100).at_prompt("> ").keys("ta\t").shows("> tail");
    session.keys(stage.gatesh.spelled(" {top}/var/log/ap\t")).shows("/var/log/app");
    session.keys("\x15cat /etc/shadow").shows("does not match <log>").keys("\x03").at_prompt("> ");
    session.keys("\x15exit\r");
    session.status();
    assert!(session.output().contains("\x1b[31m"), "nothing was red: {:?}", session.output());
}

#[test]
fn what_the_agents_environment_holds_reaches_no_command() {
    let stage = Stage::new(RULES);
    let mut session = stage.session();
    session.at_prompt("> ").resize(60, 200).line("env").shows("PATH=").at_prompt("> ");
    let screen = session.screen();
    for name in [
        "INVOCATION_ID",
        "JOURNAL_STREAM",
        "SYSTEMD_EXEC_PID",
        "proxy",
        "AWS_SE",
        "AWS_SH",
        "LD_",
        "BASH_ENV",
        "ENV=",
        "SNAP",
        "SHELLOPTS",
    ] {
        assert!(!screen.contains(name), "{name}:\n{screen}");
    }
    for line in
        ["TERM=xterm-256color", &format!("USER={}", ordinary().user), &format!("LOGNAME={}", ordinary().user)]
    {
        assert!(screen.contains(line), "{line}:\n{screen}");
    }
    let home = crate::scenario::output("getent", &["passwd", &ordinary().user]);
    let home = home.split(':').nth(5).unwrap();
    assert!(screen.contains(&format!("HOME={home}\n")), "{home}:\n{screen}");
}

#[test]
fn every_record_names_the_session_and_the_terminal() {
    let stage = Stage::new(RULES);
    let mut session = stage.session();
    session.at_prompt("> ").line("ls").at_prompt("> ").line("exit");
    session.status();
    let records = stage.records();
    assert_eq!(records.len(), 4, "{records:#?}");
    for record in &records {
        assert!(record["tty"].as_str().unwrap().starts_with("/dev/pts/"), "{record:#?}");
        let hint = is_root().then_some(SESSION_ID);
        assert_eq!(record["ssm_session_hint"].as_str(), hint, "{record:#?}");
    }
}

/// As one piece, the way a client sends what was typed in a hurry.
#[test]
fn ctrl_c_drops_the_line_and_not_what_is_typed_behind_it() {
    let stage = Stage::new(RULES);
    let log = stage.gatesh.spelled("cat {top}/var/log/app.log");
    for interrupt in ["\x03", "\x1c"] {
        let mut session = stage.session();
        session.at_prompt("> ").keys(format!("cat /etc/sha{interrupt}{log}\rexit\r"));
        assert_eq!(session.status(), 0, "{}", session.output());
        assert!(session.output().contains("two ERROR"), "{}", session.output());
    }
    assert_eq!(stage.started(), [log.clone(), log]);
    assert!(stage.records().iter().all(|record| record["event"] != "denied"));
}
