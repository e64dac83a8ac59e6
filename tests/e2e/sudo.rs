//! Elevated rules with a real sudo, a sudoers file that says exactly what the rules say, and a real yum.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::host::{Host, PREFIX, Person, succeeds};
use crate::scenario::{Answer, output, run};

/// A package updater, and where sudo writes down what it ran.
struct Updater {
    host: Host,
    person: Person,
    log: String,
}

impl Updater {
    fn new() -> Option<Self> {
        if !succeeds("sudo", &["-V"]) || !Path::new("/usr/bin/dnf").exists() {
            crate::scenario::lacks("sudo or dnf");
            return None;
        }
        let mut host = Host::new()?;
        host.link("/usr/bin/yum", "dnf");
        host.published("package-updaters");
        let person = host.person_with_shell(&["package-updaters"], "/bin/sh");
        let log = host.place().join("sudo.log").display().to_string();
        let updater = Self { host, person, log };
        Some(updater.with_sudoers())
    }

    fn with_sudoers(mut self) -> Self {
        let (name, log) = (&self.person.name, &self.log);
        let text = format!(
            "Defaults:{name} logfile={log}, !syslog\n\
             {name} ALL=(root) NOPASSWD: /usr/bin/yum update, /usr/bin/yum upgrade, /usr/bin/yum install vim\n"
        );
        self.host.file(&format!("/etc/sudoers.d/{PREFIX}{}", std::process::id()), &text, 0o440);
        output("visudo", &["-c"]);
        self
    }

    fn asks(&self, line: &str) -> Answer {
        run(self.person.run(&self.host.gatesh(), &["--group", "package-updaters", "-c", line]), b"")
    }

    /// What sudo ran and as whom, as it says itself.
    fn ran(&self) -> Vec<String> {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let flat = log.replace("\n    ", " ");
        flat.lines().filter_map(|line| line.split_once("PWD=")).map(|(_, it)| it.trim().to_owned()).collect()
    }
}

#[test]
fn the_published_upgrade_runs_yum_as_root_and_nothing_else() {
    let Some(updater) = Updater::new() else { return };
    let answer = updater.asks("sudo yum upgrade");
    let shown = answer.out.clone() + &answer.err;
    assert!(!shown.contains("not allowed") && !shown.contains("superuser"), "{answer:#?}");
    assert_eq!(updater.ran(), ["/ ; USER=root ; COMMAND=/usr/bin/yum upgrade"], "{answer:#?}");
}

#[test]
fn the_exit_status_is_yums() {
    let Some(updater) = Updater::new() else { return };
    let direct = Command::new("/usr/bin/yum").arg("upgrade").output().unwrap();
    assert_eq!(Some(updater.asks("sudo yum upgrade").code()), direct.status.code());
}

/// Lines, and what is said of them.
const REFUSED: &[(&str, &str)] = &[
    ("yum upgrade", "not allowed without sudo: try sudo yum upgrade"),
    ("sudo yum updateinfo", "word 3 updateinfo is not one of update, upgrade"),
    ("sudo yum remove vim", "word 3 remove"),
    ("sudo yum upgrade vim", "word 4 vim: nothing more can follow"),
    ("sudo yum -y upgrade", "word 3 -y"),
    ("sudo yum install /tmp/evil.rpm", "word 4 /tmp/evil.rpm does not match <package>"),
    ("sudo yum install -y vim", "word 4 -y"),
    ("sudo yum -c/tmp/evil.conf upgrade", "word 3 -c"),
    ("sudo -s yum upgrade", "sudo takes only -u NAME here"),
    ("sudo -i", "sudo takes only -u NAME here"),
    ("sudo -u root yum upgrade", "not allowed with sudo -u root: try sudo yum upgrade"),
    ("sudo -e /etc/shadow", "sudo takes only -u NAME here"),
    ("sudo id", "not allowed: sudo id"),
    ("sudo ./yum upgrade", "no rule of package-updaters names it"),
    ("sudo LD_PRELOAD=/tmp/x.so yum upgrade", "no rule of package-updaters names it"),
    ("sudo \"yum upgrade\"", "no rule of package-updaters names it"),
    ("sudo yum upgrade; sudo id", "not allowed: sudo id"),
    ("sudo yum upgrade | sh", "not allowed: sh"),
    ("sudo", "sudo takes only -u NAME here"),
];

#[test]
fn nothing_else_reaches_sudo() {
    let Some(updater) = Updater::new() else { return };
    for (line, because) in REFUSED {
        let answer = updater.asks(line).says(because);
        assert_eq!((answer.code(), answer.out.as_str()), (126, ""), "{line}");
    }
    assert_eq!(updater.ran(), Vec::<String>::new());
}

#[test]
fn what_the_sudoers_file_does_not_say_sudo_refuses() {
    let Some(updater) = Updater::new() else { return };
    let answer = updater.asks("sudo yum downgrade openssl");
    // yum's own refusal has the same status: what sudo says, and yum does not, tells them apart.
    assert_eq!((answer.code(), answer.out.as_str()), (1, ""), "{answer:#?}");
    // Before it, sudo complains of a host whose name it cannot look up.
    assert_eq!(answer.err.lines().last(), Some("sudo: a password is required"), "{answer:#?}");
    assert!(!updater.asks("sudo yum upgrade").err.contains("password"));
}

#[test]
fn arguments_arrive_word_for_word() {
    let Some(updater) = Updater::new() else { return };
    let _ = updater.asks("sudo yum 'install' vim");
    assert_eq!(updater.ran(), ["/ ; USER=root ; COMMAND=/usr/bin/yum install vim"]);
}

#[test]
fn the_record_says_that_it_ran_elevated() {
    let Some(updater) = Updater::new() else { return };
    let Some(daemon) = &updater.host.daemon else {
        return println!("skipped: this host has its own log daemon");
    };
    let _ = updater.asks("sudo yum upgrade");
    let records = daemon.wait_for(&updater.person.name, "session-end");
    let start = records.iter().find(|record| record["event"] == "command-start").unwrap();
    assert_eq!((&start["enforcement"], &start["rule"]), (&"elevated".into(), &"update-packages".into()));
}
