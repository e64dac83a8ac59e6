//! sudoers, held against the rules.

use super::*;

const ELEVATED: &str = "[[allow]]\nname = \"restart\"\ncommands = [\"sudo systemctl restart nginx\"]\n";
const LINE: &str = "ann ALL=(root) NOPASSWD: /usr/bin/systemctl restart nginx\n";

fn with(sudoers: &str) -> Report {
    Host::well_kept().file("etc/sudoers.d/90-site", sudoers).doctor()
}

fn elevated(sudoers: &str) -> Report {
    let host = Host::well_kept().file("etc/gatesh/groups.d/log-readers.toml", ELEVATED);
    host.file("etc/sudoers.d/90-site", sudoers).doctor()
}

#[test]
fn the_agents_own_sudoers_file_is_a_problem() {
    let host = Host::well_kept()
        .file("etc/passwd", &format!("{PASSWD}ssm-user:x:1002:100::/home/ssm-user:/bin/sh\n"))
        .file("home/ssm-user/.profile", "")
        .file(
            "etc/sudoers.d/ssm-agent-users",
            "# User rules for ssm-user\nssm-user ALL=(ALL) NOPASSWD:ALL\n",
        );
    let report = host.doctor();
    report.says(
        "problem",
        "sudo-all",
        "ssm-user",
        "(as ALL, without a password; /etc/sudoers.d/ssm-agent-users:2)",
    );
}

#[test]
fn everything_without_a_password_is_a_problem_however_it_is_written() {
    for who in ["ann", "%log-readers", "%#500", "#1001", "ALL"] {
        with(&format!("{who} ALL=(ALL:ALL) NOPASSWD: ALL\n")).says(
            "problem",
            "sudo-all",
            "ann",
            "without a password",
        );
    }
}

#[test]
fn everything_with_a_password_is_a_warning() {
    with("ann ALL=(ALL) ALL\n").says("warning", "sudo-all", "ann", "with a password");
}

#[test]
fn a_shell_an_editor_or_a_directory_is_as_good_as_everything() {
    with("ann ALL=NOPASSWD: /bin/bash\n").says("problem", "sudo-starter", "ann", "a shell");
    with("ann ALL=NOPASSWD: /usr/bin/vim /etc/motd\n").says("problem", "sudo-starter", "ann", "an editor");
    with("ann ALL=NOPASSWD: /opt/tools/\n").says("problem", "sudo-wide", "ann", "/opt/tools/");
    with("ann ALL=NOPASSWD: /opt/*/run\n").says("problem", "sudo-wide", "ann", "/opt/*/run");
}

#[test]
fn what_no_rule_allows_is_a_warning() {
    with("ann ALL=NOPASSWD: /usr/bin/id -u\n").says(
        "warning",
        "sudo-wider",
        "ann",
        "/usr/bin/id -u, which no rule allows",
    );
}

#[test]
fn a_line_as_narrow_as_its_rule_is_well() {
    elevated(LINE).says("ok", "sudo", "ann", "nothing beyond the rules").lacks("sudo-missing");
}

#[test]
fn a_line_without_arguments_takes_all_arguments() {
    elevated("ann ALL=NOPASSWD: /usr/bin/systemctl\n").says(
        "warning",
        "sudo-arguments",
        "ann",
        "with any arguments",
    );
}

#[test]
fn an_elevated_rule_without_a_line_cannot_run() {
    elevated("").says("warning", "sudo-missing", "ann", "no line of sudoers permits it");
    let asked = elevated(&LINE.replace("NOPASSWD: ", ""));
    asked.says("warning", "sudo-missing", "ann", "a password, which gatesh never gives");
}

#[test]
fn a_member_with_another_shell_has_their_own_reasons() {
    let passwd = PASSWD.replace("/usr/bin/gatesh", "/bin/bash");
    let host = |sudoers| Host::well_kept().file("etc/passwd", &passwd).file("etc/sudoers.d/90-site", sudoers);
    host("ann ALL=NOPASSWD: ALL\n").doctor().says("warning", "sudo-all", "ann", "every command");
    host("ann ALL=NOPASSWD: /bin/sh\n").doctor().lacks("sudo-starter");
    let group = host("%log-readers ALL=NOPASSWD: ALL\n").doctor();
    group.says("problem", "sudo-all", "ann", "every command");
}

#[test]
fn others_lines_are_not_anns() {
    with("bob ALL=(ALL) NOPASSWD: ALL\n%admins ALL=(ALL) NOPASSWD: ALL\n").says(
        "ok",
        "sudo",
        "ann",
        "nothing beyond",
    );
}

#[test]
fn a_sudoers_file_that_cannot_be_read_is_said_to_be_so() {
    let host = Host::well_kept().mode("etc/sudoers", 0);
    if nix::unistd::geteuid().is_root() {
        println!("skipped: root can read every file");
        return;
    }
    let report = host.doctor();
    report.says("note", "not-looked-at", "/etc/sudoers", "not looked at: needs root").lacks("sudo");
}

#[test]
fn an_expression_is_arguments_whatever_stands_in_it() {
    let rules = "[[allow]]\nname = \"restart\"\ncommands = [\"sudo systemctl restart <word>\"]\n";
    let line = "%log-readers ALL = (root) NOPASSWD: NOEXEC: /usr/bin/systemctl ^restart [0-9A-Z_a-z][,.0-:=A-Z_a-z-]{0,254}$\n";
    let host = Host::well_kept().file("etc/gatesh/groups.d/log-readers.toml", rules);
    let report = host.file("etc/sudoers.d/90-site", line).doctor();
    for id in ["sudo-wide", "sudo-wider", "sudo-missing", "sudo-arguments"] {
        report.lacks(id);
    }
}
