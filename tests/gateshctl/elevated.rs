//! `gateshctl explain` of what runs through sudo: as whom, with which line of sudoers, and held by what; and that it
//! says what the shell does.

use super::{Policy, gateshctl, json};
use crate::scenario::{Answer, Gatesh, ordinary, run};

const RULES: &str = r#"
[types]
log = { file = ["/var/log/**/*.log"] }
[[allow]]
name = "look"
commands = ["sudo cat <log>", "sudo -u games id", "wc [-l]"]
[[allow]]
name = "restart"
commands = ["sudo systemctl (restart|reload) <unit>"]
exec = "any"
timeout = "5m"
"#;

#[test]
fn a_line_through_sudo_is_shown_with_what_sudo_must_be_told() {
    let answer = Policy::of(RULES).explained("sudo systemctl restart app.service");
    let answer = answer.prints("runs through sudo, as root").prints("writes:    whatever root may");
    let answer = answer.prints("starts:    any program").prints("timeout:   5m, then TERM");
    let line = "%support ALL = (root) TIMEOUT=300 NOPASSWD: EXEC: /usr/bin/systemctl ^(restart|reload) ";
    let answer = answer.prints(line).prints("gateshctl export sudoers --group support");
    assert!(!answer.out.contains("landlock") && !answer.out.contains("NOEXEC"), "{}", answer.out);
}

#[test]
fn the_line_of_sudoers_is_one_that_is_exported() {
    let policy = Policy::of(RULES);
    let exported = policy.asked(&["export", "sudoers", "--group", "support"]).out;
    for line in ["sudo cat /var/log/a.log", "sudo -u games id", "sudo systemctl reload a.timer"] {
        let told = json(&policy.asked(&["--json", "explain", "--group", "support", "--", line]));
        let lines = told["commands"][0]["decision"]["sudo"]["sudoers"].as_array().unwrap();
        assert!(!lines.is_empty(), "{told}");
        for line in lines {
            assert!(
                exported.lines().any(|one| one == line.as_str().unwrap()),
                "{line} is not in\n{exported}"
            );
        }
    }
}

#[test]
fn another_user_than_root_is_named() {
    let answer = Policy::of(RULES).explained("sudo -u games id").prints("reads:     whatever games may");
    let answer = answer.prints("%support ALL = (games) NOPASSWD: NOEXEC: /usr/bin/id \"\"");
    assert!(!answer.out.contains("whatever root may"), "{}", answer.out);
}

#[test]
fn what_sudoers_cannot_say_is_said() {
    let log = "log = { file = [\"/var/log/*.log\"], except = [\"/var/log/auth.log\"] }";
    let policy = Policy::of(&format!("[types]\n{log}\n[[allow]]\ncommands = [\"sudo cat <log>\"]\n"));
    let _ = policy.explained("sudo cat /var/log/a.log").prints("sudoers   cannot say it: <log> excepts");
}

#[test]
fn a_denied_line_shows_which_rules_run_through_sudo() {
    let answer = Policy::of(RULES).explained("sudo cat /etc/shadow");
    assert_eq!(answer.code(), 1);
    let _ = answer.prints("(support.toml line 4), through sudo as root").prints("does not match <log>");
}

/// Told of the ordinary user, and done by them.
fn both(rules: Option<&str>, line: &str) -> (Answer, Answer) {
    let gatesh = match rules {
        Some(rules) => Gatesh::new().policy(rules),
        None => Gatesh::new(),
    };
    let mut command = gatesh.command();
    command.args(["-c", line]);
    let config = gatesh.path("policy");
    let words = ["--config", config.to_str().unwrap(), "explain", "--user", &ordinary().user, "--", line];
    let told = gateshctl(&words);
    (told, run(command, b""))
}

#[test]
fn explain_says_what_the_shell_does() {
    for line in [
        "sudo -u games id",
        "sudo id",
        "id",
        "sudo -u games id && sudo -u games id",
        "sudo -u games id | wc -l",
        "sudo -u games id | wc -l && sudo id",
        "sudo -u games id; id",
        "sudo -u nobody id",
        "sudo -i",
        "sudo",
        "sudo -n -u games id",
        "sudo cat /etc/shadow",
        "sudo sudo -u games id",
        "sudo systemctl stop x",
        "/usr/bin/sudo -u games id",
        "sudo -u games /usr/bin/id",
        "sudo cat",
    ] {
        let (told, done) = both(Some(RULES), line);
        assert_eq!(told.code() == 0, done.code() != 126, "{line}\n{told:#?}\n{done:#?}");
    }
}

#[test]
fn whoever_is_in_no_group_is_told_that_no_session_opens() {
    for line in ["sudo -u games id", "help", "cd /"] {
        let (told, done) = both(None, line);
        assert_eq!((told.code(), done.code()), (1, 125), "{line}");
        let _ = told.prints("no session opens");
    }
}
