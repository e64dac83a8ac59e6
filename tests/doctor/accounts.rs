//! The accounts that gatesh holds.

use super::*;

fn with_group(line: &str) -> Report {
    Host::well_kept().file("etc/group", &format!("{GROUP}{line}\n")).doctor()
}

#[test]
fn groups_that_undo_the_gate_are_problems() {
    for group in ["docker", "lxd", "wheel", "sudo", "disk", "libvirt", "shadow"] {
        with_group(&format!("{group}:x:600:bob,ann")).says(
            "problem",
            "group",
            "ann",
            &format!("the group {group},"),
        );
    }
}

#[test]
fn groups_that_only_show_more_are_notes() {
    with_group("adm:x:600:ann").says("note", "group", "ann", "may read most logs");
    with_group("systemd-journal:x:600:ann").says("note", "group", "ann", "the whole journal");
}

#[test]
fn a_group_of_others_is_nobodys_business() {
    with_group("docker:x:600:root").lacks("group");
    with_group("dockers:x:600:ann").lacks("group");
}

#[test]
fn a_primary_group_counts_too() {
    let host = Host::well_kept().file("etc/group", &format!("{GROUP}docker:x:600:\n"));
    let host = host.file("etc/passwd", &PASSWD.replace("1001:100", "1001:600"));
    host.doctor().says("problem", "group", "ann", "docker");
}

#[test]
fn a_home_that_others_can_write_is_a_problem() {
    Host::well_kept().mode("home/ann", 0o775).doctor().says("problem", "home", "ann", "into .ssh too");
    Host::well_kept().mode("home/ann", 0o757).doctor().says("problem", "home", "ann", "into .ssh too");
}

#[test]
fn a_home_of_somebody_else_is_a_problem() {
    let host = Host::well_kept();
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: only root can give a directory away");
        return;
    }
    std::os::unix::fs::chown(host.path("home/ann"), Some(4242), None).unwrap();
    host.doctor().says("problem", "home", "ann", "somebody else's (mode 0755, uid 4242");
}

#[test]
fn a_home_that_is_missing_is_a_warning() {
    Host::well_kept().without("home/ann").doctor().says("warning", "home", "ann", "is not there");
}

#[test]
fn people_who_share_a_uid_are_named() {
    let passwd = format!("{PASSWD}bob:x:1001:100::/home/bob:/bin/bash\n");
    Host::well_kept().file("etc/passwd", &passwd).doctor().says("warning", "shared-uid", "ann", "with bob");
}

#[test]
fn who_is_in_no_group_with_rules_is_locked_out() {
    let host = Host::well_kept().file("etc/group", &GROUP.replace(":ann", ":"));
    host.doctor().says("warning", "locked-out", "ann", "every line is refused");
}

#[test]
fn root_with_this_shell_is_refused_or_worse() {
    let host = Host::well_kept().file("etc/passwd", &PASSWD.replace("/bin/bash", "/usr/bin/gatesh"));
    let report = host.doctor();
    report.says("warning", "root", "root", "every session is refused");
    let host = host.file("etc/gatesh/gatesh.toml", "[session]\nroot = true\n");
    host.doctor().says("problem", "root", "root", "nothing holds root");
}

#[test]
fn a_group_without_a_name_refuses_every_session() {
    let host = Host::well_kept().file("etc/passwd", &PASSWD.replace("1001:100", "1001:777"));
    host.doctor().says("problem", "identity", "ann", "777");
}

#[test]
fn the_shell_is_known_by_its_name() {
    let passwd = PASSWD.replace("/usr/bin/gatesh", "/opt/gatesh/bin/gatesh");
    let host = Host::well_kept().file("etc/passwd", &passwd).mode("home/ann", 0o777);
    host.doctor().says("problem", "home", "ann", "others can write");
}

#[test]
fn nobody_with_this_shell_is_a_note() {
    let host = Host::well_kept().file("etc/passwd", &PASSWD.replace("/usr/bin/gatesh", "/bin/bash"));
    host.doctor().says("note", "no-users", "/etc/passwd", "Session documents");
}

#[test]
fn ways_past_the_login_shell_are_told() {
    let host = Host::well_kept()
        .file("home/ann/.ssh/rc", "touch /tmp/x\n")
        .file("var/spool/cron/crontabs/ann", "* * * * * id\n")
        .file("var/lib/systemd/linger/ann", "")
        .file("usr/bin/crontab", "");
    let report = host.doctor();
    report.says("warning", "ssh-rc", "ann", "/home/ann/.ssh/rc is there");
    report.says("warning", "crontab", "ann", "/bin/sh, which asks no rule");
    report.says("warning", "linger", "ann", "at boot");
    report.says("note", "scheduled", "/etc/cron.allow", "ann may use /usr/bin/crontab");
}

#[test]
fn who_may_use_cron_is_decided_as_crontab_decides_it() {
    let host = || Host::well_kept().file("usr/bin/crontab", "");
    host().file("etc/cron.allow", "bob\n").doctor().lacks("scheduled");
    host().file("etc/cron.deny", "ann\n").doctor().lacks("scheduled");
    let both = host().file("etc/cron.allow", "ann\n").file("etc/cron.deny", "ann\n");
    both.doctor().says("note", "scheduled", "/etc/cron.allow", "ann may use");
}
