//! gatesh as a login shell, behind su and sudo.

use std::fs;
use std::os::unix::fs::chown;

use super::host::{Host, Person};
use crate::scenario::{Answer, run};

const SECRET: &str = "/etc/shadow";

/// A log reader on a host with a log.
fn reader() -> Option<(Host, Person, String)> {
    let mut host = Host::new()?;
    host.published("log-readers");
    let person = host.person(&["log-readers"]);
    let log = host.log("first\nsecond ERROR\n");
    Some((host, person, log))
}

#[track_caller]
fn denied(answer: Answer) {
    let answer = answer.says("not allowed: cat /etc/shadow").says("does not match <log>");
    assert_eq!((answer.code(), answer.out.as_str()), (126, ""), "{answer:#?}");
}

#[test]
fn su_runs_a_line_that_the_rules_allow() {
    let Some((_host, person, log)) = reader() else { return };
    let answer = run(person.su(&["-c", &format!("cat {log}")]), b"");
    assert_eq!((answer.code(), answer.out.as_str()), (0, "first\nsecond ERROR\n"), "{answer:#?}");
}

#[test]
fn su_runs_no_line_that_they_do_not() {
    let Some((_host, person, log)) = reader() else { return };
    denied(run(person.su(&["-c", &format!("cat {SECRET}")]), b""));
    let answer = run(person.su(&["-c", &format!("cat {log}; id")]), b"").says("not allowed: id");
    assert_eq!((answer.code(), answer.out.as_str()), (126, ""));
    let answer = run(person.su(&["-c", "$(id)"]), b"").says("no command runs inside another");
    assert_eq!(answer.code(), 2);
}

#[test]
fn su_reads_lines_from_a_pipe_and_the_last_status_counts() {
    let Some((_host, person, log)) = reader() else { return };
    let lines =
        format!("# a comment\n\ncat {log} | grep -c ERROR\ncat {SECRET}\nls -d nothing.log\ncat {SECRET}\n");
    let answer = run(person.su(&[]), lines.as_bytes());
    assert_eq!((answer.code(), answer.out.as_str()), (126, "1\n"), "{answer:#?}");
    assert_eq!(answer.err.matches("not allowed: cat /etc/shadow").count(), 2);
}

#[test]
fn sudo_gives_a_login_shell_too() {
    let Some((_host, person, log)) = reader() else { return };
    let sudo = |words: &[&str]| {
        let mut command = std::process::Command::new("sudo");
        command.args(["-n", "-iu", &person.name]).args(words);
        run(command, b"")
    };
    denied(sudo(&["cat", SECRET]));
    assert_eq!(sudo(&["cat", &log]).out, "first\nsecond ERROR\n");
}

#[test]
fn a_login_shell_takes_no_other_rules() {
    let Some((host, person, log)) = reader() else { return };
    for words in [&["--demo"][..], &["--config", "/tmp"]] {
        let line = format!("cat {log}");
        let line = [words, &["-c", &line]].concat();
        let answer = run(person.run(&host.gatesh(), &line), b"").says("is not for you");
        assert_eq!((answer.code(), answer.out.as_str()), (125, ""));
    }
    let Some(daemon) = &host.daemon else { return };
    let record = daemon.wait_for(&person.name, "session-refused").pop().unwrap();
    assert_eq!((&record["reason_code"], &record["decision"]), (&"staging-refused".into(), &"deny".into()));
}

#[test]
fn files_that_shells_read_at_login_are_not_read() {
    let Some((_host, person, log)) = reader() else { return };
    let marker = person.home.join("ran");
    for name in [".profile", ".bash_profile", ".bashrc", ".login", ".gateshrc", ".config/gatesh/gatesh.toml"]
    {
        person.file(name, &format!(": >'{}'\n", marker.display()));
    }
    assert_eq!(run(person.su(&["-c", &format!("cat {log}")]), b"").code(), 0);
    assert!(!marker.exists());
}

#[test]
fn whoever_is_in_no_group_with_rules_is_not_let_in() {
    let Some((mut host, _, _)) = reader() else { return };
    let stranger = host.person(&[]);
    let answer = run(stranger.su(&["-c", "ls"]), b"").says("none of your groups has rules on this host");
    assert_eq!(answer.code(), 125);
}

#[test]
fn a_fault_in_the_rules_of_one_group_stops_that_group_only() {
    let Some((mut host, person, _)) = reader() else { return };
    let other = host.person(&[]);
    host.rules(&other.name, "[[allow]]\ncommands = [\"ls <dri>\"]\n");
    let answer = run(other.su(&["-c", "ls"]), b"").says("your rules cannot be read");
    assert_eq!(answer.code(), 125);
    assert_eq!(run(person.su(&["-c", "ls"]), b"").code(), 0);
}

#[test]
fn rules_that_others_can_write_let_nobody_in() {
    let Some((_host, person, _)) = reader() else { return };
    let path = "/etc/gatesh/groups.d/log-readers.toml";
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o664)).unwrap();
    let answer =
        run(person.su(&["-c", "ls"]), b"").says("your rules cannot be read").says("log-readers.toml");
    assert_eq!(answer.code(), 125);
}

#[test]
fn several_groups_allow_the_sum_and_deny_the_sum() {
    let Some((mut host, _, log)) = reader() else { return };
    let both = host.person(&["log-readers"]);
    let reason = "[[deny]]\nfiles = [\"/var/log/**\"]\nreason = \"not from here\"\n";
    host.rules(&both.name, &format!("[[allow]]\ncommands = [\"uname [-s]\"]\n{reason}"));
    assert_eq!(run(both.su(&["-c", "uname -s"]), b"").out, "Linux\n");
    assert_eq!(run(both.su(&["-c", &format!("cat {log}")]), b"").says("not from here").code(), 126);
    let narrowed = ["--group", "log-readers", "-c", &format!("cat {log}")];
    assert_eq!(run(both.run(&host.gatesh(), &narrowed), b"").says("not from here").code(), 126);
    let narrowed = ["--group", "log-readers", "-c", "uname -s"];
    assert_eq!(
        run(both.run(&host.gatesh(), &narrowed), b"").says("no rule of log-readers names it").code(),
        126
    );
}

#[test]
fn a_group_the_person_is_not_in_cannot_be_chosen() {
    let Some((mut host, person, _)) = reader() else { return };
    host.published("package-updaters");
    let answer = run(person.run(&host.gatesh(), &["--group", "package-updaters", "-c", "ls"]), b"");
    assert_eq!(answer.says("package-updaters").code(), 125);
}

/// Somebody who may stand anywhere.
fn wanderer() -> Option<(Host, Person)> {
    let mut host = Host::new()?;
    let person = host.person(&[]);
    host.rules(&person.name, "directories = [\"{home}/**\", \"/srv/**\", \"/tmp/**\"]\n");
    Some((host, person))
}

#[test]
fn whoever_arrives_where_they_may_not_look_starts_at_home() {
    let Some((host, person)) = wanderer() else { return };
    let shut = tempfile::tempdir_in("/tmp").unwrap();
    let arrives = |mode: u32| {
        fs::set_permissions(shut.path(), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        let mut command = person.run(&host.gatesh(), &["-c", "pwd"]);
        command.current_dir(shut.path());
        run(command, b"")
    };
    assert_eq!(arrives(0o755).out.trim(), shut.path().to_str().unwrap());
    assert_eq!(arrives(0o700).out.trim(), person.home.to_str().unwrap());
}

#[test]
fn whoever_arrives_in_a_directory_that_is_gone_starts_at_home() {
    let Some((host, person)) = wanderer() else { return };
    let line =
        format!("mkdir /tmp/$$ && cd /tmp/$$ && rmdir /tmp/$$ && exec {} -c pwd", host.gatesh().display());
    let answer = run(person.run(std::path::Path::new("/bin/sh"), &["-c", &line]), b"");
    assert_eq!((answer.code(), answer.out.trim()), (0, person.home.to_str().unwrap()), "{answer:#?}");
}

#[test]
fn whoever_has_no_home_they_can_enter_starts_in_the_first_directory_of_the_rules() {
    let Some((_host, person)) = wanderer() else { return };
    chown(&person.home, Some(0), Some(0)).unwrap();
    fs::set_permissions(&person.home, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut su = person.su(&["-c", "pwd"]);
    su.current_dir("/usr");
    let answer = run(su, b"");
    assert_eq!((answer.code(), answer.out.trim()), (0, "/srv"), "{answer:#?}");
}

#[test]
fn a_directory_that_is_refused_from_nowhere_is_not_entered_by_the_way() {
    let Some((host, person)) = wanderer() else { return };
    let lines = "rmdir /tmp/$$; printf 'cd /etc\\npwd\\n'";
    let line = format!(
        "mkdir /tmp/$$ && cd /tmp/$$ && (sleep 1; {lines}) | exec {} ; exit $?",
        host.gatesh().display()
    );
    let answer = run(person.run(std::path::Path::new("/bin/sh"), &["-c", &line]), b"");
    assert!(answer.says("the current directory is gone").out.is_empty());
}
