//! One command as a parameter: what a script gets of its output and its exit status.

use super::document::Document;
use super::session::Agent;
use super::stage::{RULES, Stage, start};
use crate::scenario::run;

fn cat(stage: &Stage, name: &str) -> String {
    stage.gatesh.spelled(&format!("cat {{top}}/var/log/{name}"))
}

#[test]
fn a_command_prints_its_output_and_nothing_else() {
    let stage = Stage::new(RULES);
    let mut session = stage.command(&[], &cat(&stage, "app.log"));
    assert_eq!(session.status(), 0);
    assert_eq!(session.output(), "one\r\ntwo ERROR\r\nthree\r\n");
    assert_eq!(stage.started().len(), 1);
}

#[test]
fn output_is_not_lost_though_the_command_ends_before_the_agent_reads() {
    let stage = Stage::new(RULES);
    let mut session = stage.command(&["--status-line"], &cat(&stage, "app.log"));
    session.resize(24, 80).status();
    assert_eq!(session.output(), "one\r\ntwo ERROR\r\nthree\r\ngatesh: exit status 0\r\n");
}

#[test]
fn the_status_line_says_how_it_ended_however_it_ended() {
    let stage = Stage::new(RULES);
    for (command, status) in [
        ("cat /etc/shadow", 126),
        ("no-such-program", 126),
        ("ls /var/log/../..", 126),
        ("cat a=b", 126),
        ("x=1 ls", 2),
    ] {
        let mut session = stage.command(&["--status-line"], command);
        assert_eq!(session.status(), status, "{}", session.output());
        assert!(
            session.output().ends_with(&format!("\r\ngatesh: exit status {status}\r\n")),
            "{}",
            session.output()
        );
    }
}

/// The worst for a script is silence: it would take the session's end for success.
#[test]
fn the_status_line_is_there_when_gatesh_cannot_work() {
    let stage = Stage::new(RULES);
    let document = stage.document(&["--single-command", "--status-line"]);
    std::fs::write(stage.gatesh.path("policy/gatesh.toml"), "[session\n").unwrap();
    let mut session = start(&Agent::default(), &document, &[("command", &cat(&stage, "app.log"))]);
    assert_eq!(session.status(), 125, "{}", session.output());
    assert!(session.output().starts_with("gatesh: your rules cannot be read"), "{}", session.output());
    assert!(session.output().ends_with("\r\ngatesh: exit status 125\r\n"), "{}", session.output());
}

#[test]
fn without_a_terminal_the_agent_tells_the_status_and_keeps_the_streams_apart() {
    let stage = Stage::new(RULES);
    let mut session = stage.command(&["--non-interactive"], &cat(&stage, "app.log"));
    session.status();
    assert_eq!((session.output().as_str(), session.errors().as_str()), ("one\ntwo ERROR\nthree\n", ""));
    assert_eq!(session.exit_code().as_deref(), Some("EXIT_CODE: 0"));
    let mut session = stage.command(&["--non-interactive"], "cat /etc/shadow");
    session.status();
    assert_eq!((session.output().as_str(), session.exit_code().as_deref()), ("", Some("EXIT_CODE: 126")));
    assert!(session.errors().contains("not allowed: cat /etc/shadow"), "{}", session.errors());
    assert_eq!(stage.started().len(), 1);
}

/// A document that somebody wrote by hand, or of before: the agent writes all output into one file, and shows it when
/// everything is over.
#[test]
fn output_is_complete_and_clean_where_the_agent_takes_it_in_a_file() {
    let lines = "\u{e4}\u{20ac}\u{1f600} and what else takes more bytes than one\n".repeat(5_000);
    let stage = Stage::of(Stage::new(RULES).gatesh.file("var/log/long", &lines));
    let filed = |options: &[&str], command: &str| {
        let options = [&["--single-command", "--non-interactive"], options].concat();
        let Document(mut document) = stage.document(&options);
        document["properties"]["linux"]["separateOutputStream"] = false.into();
        let mut session = start(&Agent::default(), &Document(document), &[("command", command)]);
        (session.status(), session.output())
    };
    assert_eq!(filed(&[], &cat(&stage, "long")), (0, lines.clone()));
    let several = format!("{} {}", cat(&stage, "app.log"), stage.gatesh.path("var/log/a").display());
    assert_eq!(filed(&[], &several), (0, "one\ntwo ERROR\nthree\na\n".to_owned()));
    let (status, output) = filed(&["--status-line"], &cat(&stage, "long"));
    assert!(status == 0 && output == format!("{lines}gatesh: exit status 0\n"), "{} bytes", output.len());
    let (status, output) = filed(&["--status-line"], "cat /etc/shadow");
    assert!(status == 126 && output.starts_with("gatesh: not allowed: cat /etc/shadow\n"), "{output}");
    assert!(output.ends_with("\ngatesh: exit status 126\n") && !output.contains('\x1b'), "{output}");
}

/// No shell reads that document, so nothing could read `exec`.
#[test]
fn a_document_without_a_terminal_starts_gatesh_itself() {
    let stage = Stage::new(RULES);
    let document = stage.document(&["--single-command", "--non-interactive"]);
    let commands = document.0["properties"]["linux"]["commands"].as_str().unwrap();
    assert!(commands.starts_with('/') && !commands.contains("exec "), "{commands}");
    // The control: with exec it would not start at all.
    let mut broken = document.0.clone();
    broken["properties"]["linux"]["commands"] = format!("exec {commands}").into();
    let caller = super::document::Caller { parameters: &[("command", "ls")], run_as: None };
    let order = super::document::Document(broken).start(&caller, &super::document::Store::new()).unwrap();
    assert!(matches!(Agent::default().start(&order).ends(), super::session::End::Failed(_)));
}

#[test]
fn without_a_terminal_ctrl_c_reaches_the_command_through_gatesh() {
    let stage = Stage::new(RULES);
    let mut session =
        stage.command(&["--non-interactive"], &stage.gatesh.spelled("tail -f {top}/var/log/app.log"));
    session.prints("two ERROR").keys("\x03");
    session.status();
    assert_eq!(session.exit_code().as_deref(), Some("EXIT_CODE: 130"));
}

/// What the guide tells scripts to do, with an aws that prints what the client prints around a session.
#[test]
fn the_guides_script_reads_the_status() {
    let guide = include_str!("../../docs/session.md");
    let (_, section) = guide.split_once("## One command, and its exit status").unwrap();
    let script = section.split("```").nth(1).unwrap().strip_prefix("sh\n").unwrap();
    let stage = Stage::new(RULES);
    let gatesh = stage.gatesh.file("var/log/unfinished", "no line feed at its end");
    let stage = Stage::of(gatesh);
    for (command, status, output) in [
        (cat(&stage, "app.log"), 0, "two ERROR"),
        (cat(&stage, "unfinished"), 0, "no line feed at its end"),
        ("cat /etc/shadow".to_owned(), 126, "not allowed"),
    ] {
        let mut session = stage.command(&["--status-line"], &command);
        session.status();
        let around = format!(
            "\r\nStarting session with SessionId: ann-0a1b2c3d4e5f60718\r\n{}\r\n\r\n\
             Exiting session with sessionId: ann-0a1b2c3d4e5f60718.\r\n\r\n",
            session.output()
        );
        let mut sh = std::process::Command::new("sh");
        sh.args(["-c", &format!("aws() {{ printf %s \"$SHOWN\"; }}\n{script}")]).env("SHOWN", around);
        let answer = run(sh, b"");
        assert_eq!(answer.code(), status, "{answer:#?}");
        assert!(answer.out.contains(output) && !answer.out.contains("SessionId"), "{answer:#?}");
    }
    let mut sh = std::process::Command::new("sh");
    sh.args(["-c", &format!("aws() {{ echo nothing; }}\n{script}")]);
    assert_eq!(run(sh, b"").code(), 125, "no status is no success");
}
