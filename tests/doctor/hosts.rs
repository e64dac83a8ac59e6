//! The host around the accounts: policy, program, shells, logs, the agent; and how the doctor speaks.

use super::*;

const MANUAL: &str = include_str!("../../docs/doctor.md");

fn configured(name: &str, text: &str) -> Report {
    Host::well_kept().file(name, text).doctor()
}

#[test]
fn a_well_kept_host_has_neither_problems_nor_warnings() {
    let report = Host::well_kept().doctor();
    assert_eq!(
        (report.count("problem"), report.count("warning"), report.status),
        (0, 0, Some(0)),
        "{}",
        report.shown()
    );
    report.says("ok", "sudo", "ann", "nothing beyond").says("ok", "shells", "/etc/shells", "not listed");
    report.says("note", "not-looked-at", "Landlock", "--root names files");
}

#[test]
fn the_policy_is_told_with_its_digest() {
    let report = Host::well_kept().doctor();
    let [.., text] = report.findings().find(|[_, id, ..]| *id == "policy").unwrap();
    let digest = text.rsplit(' ').next().unwrap();
    assert!(digest.len() == 64 && text.starts_with("1 group loaded"), "{text}");
}

#[test]
fn a_policy_that_others_can_write_is_a_problem() {
    for name in ["etc", "etc/gatesh", "etc/gatesh/gatesh.toml", "etc/gatesh/groups.d/log-readers.toml"] {
        let host = Host::well_kept();
        let mode = if host.path(name).is_dir() { 0o775 } else { 0o664 };
        host.mode(name, mode).doctor().says(
            "problem",
            "policy-mode",
            &format!("/{name}"),
            "can allow anything",
        );
    }
}

#[test]
fn a_policy_of_somebody_else_is_a_problem() {
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: only root can give a file away");
        return;
    }
    let host = Host::well_kept();
    std::os::unix::fs::chown(host.path("etc/gatesh/groups.d/log-readers.toml"), Some(4242), None).unwrap();
    let file = "/etc/gatesh/groups.d/log-readers.toml";
    host.doctor().says("problem", "policy-owner", file, "does not belong to root").lacks("policy-fault");
}

#[test]
fn a_fault_of_the_policy_is_a_problem_with_its_place() {
    let host = Host::well_kept()
        .file("etc/gatesh/groups.d/log-readers.toml", "[[allow]]\ncommands = [\"cat <logs>\"]\n");
    let report = host.doctor();
    let [.., subject, text] = report.findings().find(|[_, id, ..]| *id == "policy-fault").unwrap();
    assert!(subject.contains("log-readers.toml line 2") && text.contains("<logs>"), "{}", report.shown());
    assert_eq!(report.status, Some(1));
    report.lacks("policy");
}

#[test]
fn a_file_for_a_group_that_is_none_is_a_warning() {
    let report = configured("etc/gatesh/groups.d/log-raeders.toml", RULES);
    assert!(
        report.shown().contains("no Unix group is called \"log-raeders\": nobody gets"),
        "{}",
        report.shown()
    );
}

#[test]
fn a_rule_that_check_fails_for_is_a_warning() {
    let rules = "[[allow]]\nname = \"python\"\ncommands = [\"python3\"]\n";
    let report = configured("etc/gatesh/groups.d/log-readers.toml", rules);
    assert!(
        report.findings().any(|[is, id, ..]| (is, id) == ("warning", "policy-lints")),
        "{}",
        report.shown()
    );
    Host::well_kept().doctor().lacks("policy-lints");
}

#[test]
fn no_policy_at_all_is_a_warning() {
    let report = Host::well_kept().without("etc/gatesh/groups.d").doctor();
    assert!(report.findings().any(|[is, id, ..]| (is, id) == ("warning", "no-policy")), "{}", report.shown());
}

#[test]
fn a_program_file_that_is_not_as_it_should_be_is_told() {
    let program = |mode| Host::well_kept().mode("usr/bin/gatesh", mode).doctor();
    program(0o775).says("problem", "binary", "/usr/bin/gatesh", "others than root can replace it");
    program(0o4755).says("problem", "binary-privileged", "/usr/bin/gatesh", "set-user-id");
    program(0o2755).says("problem", "binary-privileged", "/usr/bin/gatesh", "set-group-id");
    let host = Host::well_kept().without("usr/bin/gatesh");
    host.doctor().says("warning", "binary", "/usr/bin/gatesh", "cannot log in");
}

#[test]
fn a_registered_shell_is_a_warning_that_says_why() {
    configured("etc/shells", "/bin/sh\n/usr/bin/gatesh\n").says("warning", "shells", "/etc/shells", "chsh");
    configured("etc/shells", "/bin/sh\n# /usr/bin/gatesh\n").says(
        "ok",
        "shells",
        "/etc/shells",
        "not listed",
    );
}

#[test]
fn a_log_file_that_cannot_be_used_is_a_problem() {
    let settings = "[audit]\nsink = \"file\"\nfile = \"/var/log/gatesh.log\"\n";
    let host = Host::well_kept().file("etc/gatesh/gatesh.toml", settings);
    let missing = host.doctor();
    assert!(missing.findings().any(|[is, id, ..]| (is, id) == ("problem", "audit")), "{}", missing.shown());
    let there = host.file("var/log/gatesh.log", "").doctor();
    assert!(there.findings().any(|[is, id, ..]| (is, id) == ("ok", "audit")), "{}", there.shown());
}

#[test]
fn a_log_that_may_fail_is_a_warning() {
    let report = configured("etc/gatesh/gatesh.toml", "[audit]\non_failure = \"run\"\n");
    report.says("warning", "audit-failure", "gatesh.toml", "without a record");
}

#[test]
fn the_journals_drop_ins_count_in_the_order_of_their_names() {
    let host = Host::well_kept()
        .file("usr/lib/systemd/systemd-journald", "")
        .file("etc/systemd/journald.conf", "[Journal]\nRateLimitBurst=7\n")
        .file("usr/lib/systemd/journald.conf.d/90-last.conf", "[Journal]\nRateLimitBurst=5000\n")
        .file("etc/systemd/journald.conf.d/10-first.conf", "[Journal]\nRateLimitBurst=8\n")
        .file("usr/lib/systemd/journald.conf.d/10-first.conf", "[Journal]\nMaxLevelStore=err\n");
    let report = host.doctor();
    report.says("warning", "journal-rate", "journald.conf", "beyond 5000 messages in 30 seconds");
    report.lacks("journal-level");
}

#[test]
fn a_journal_that_throws_records_away_is_a_problem() {
    let host = Host::well_kept().file("lib/systemd/systemd-journald", "");
    let host = host.file("etc/systemd/journald.conf", "MaxLevelStore=notice\nStorage=none\n");
    let report = host.doctor();
    report.says("problem", "journal-level", "journald.conf", "what was allowed");
    report.says("warning", "journal-storage", "journald.conf", "keeps nothing");
}

#[test]
fn a_log_daemon_that_cuts_records_is_a_problem() {
    let host = Host::well_kept().file("etc/rsyslog.conf", "module(load=\"imuxsock\")\n");
    host.doctor().says("ok", "rsyslog-size", "/etc/rsyslog.conf", "8192 bytes");
    let host = host.file("etc/rsyslog.d/10-site.conf", "global(maxMessageSize=\"2k\")\n");
    host.doctor().says("problem", "rsyslog-size", "/etc/rsyslog.conf", "2048 bytes");
}

#[test]
fn an_agent_that_will_make_its_user_is_a_warning() {
    let status = "Package: amazon-ssm-agent\nStatus: install ok installed\nVersion: 3.3.4364.0-1\n";
    let report = configured("var/lib/dpkg/status", status);
    report.says("ok", "ssm-agent", "amazon-ssm-agent", "version 3.3.4364.0-1");
    report.says("warning", "ssm-user", "ssm-user", "password-less sudo for everything");
}

#[test]
fn the_agents_sudoers_file_waits_for_its_user() {
    let report = configured("etc/sudoers.d/ssm-agent-users", "ssm-user ALL=(ALL) NOPASSWD:ALL\n");
    report.says("warning", "ssm-sudoers", "/etc/sudoers.d/ssm-agent-users", "no such user yet");
}

#[test]
fn a_protected_agent_is_a_note() {
    let host = Host::well_kept().file("lib/systemd/system/amazon-ssm-agent.service", "[Service]\n");
    let drop_in = "etc/systemd/system/amazon-ssm-agent.service.d/oom.conf";
    let report = host.file(drop_in, "[Service]\nOOMScoreAdjust=-900\n").doctor();
    report.says("note", "ssm-oom", "amazon-ssm-agent.service", "(-900)");
}

#[test]
fn switches_of_the_kernel_are_told() {
    let host = Host::well_kept()
        .file("proc/sys/kernel/seccomp/actions_avail", "kill trap log allow\n")
        .file("proc/sys/dev/tty/legacy_tiocsti", "1\n")
        .file("proc/self/mounts", "proc /proc proc rw,nosuid,hidepid=invisible 0 0\n")
        .file("proc/sys/net/ipv4/ping_group_range", "1\t0\n");
    let report = host.doctor();
    report.says("problem", "seccomp", "seccomp", "nothing can be confined");
    report.says("note", "tiocsti", "dev.tty.legacy_tiocsti", "type into the terminal");
    report.says("warning", "hidepid", "/proc", "max_sessions holds nobody back");
    report.says("note", "ping", "net.ipv4.ping_group_range", "ping does not work");
}

#[test]
fn switches_that_are_as_they_should_be_are_not() {
    let host = Host::well_kept()
        .file("proc/sys/kernel/seccomp/actions_avail", "kill_process errno log allow\n")
        .file("proc/sys/dev/tty/legacy_tiocsti", "0\n")
        .file("proc/self/mounts", "proc /proc proc rw,hidepid=0 0 0\n")
        .file("proc/sys/net/ipv4/ping_group_range", "0\t2147483647\n");
    host.doctor()
        .says("ok", "seccomp", "seccomp", "")
        .says("ok", "tiocsti", "dev.tty.legacy_tiocsti", "")
        .lacks("ping")
        .lacks("hidepid");
}

#[test]
fn a_link_in_an_image_does_not_lead_out_of_it() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("shells"), "/usr/bin/gatesh\n").unwrap();
    let host = Host::well_kept().without("etc/shells");
    let host = host.link("etc/shells", outside.path().join("shells").to_str().unwrap());
    host.doctor().says("ok", "shells", "/etc/shells", "not listed");
}

#[test]
fn a_host_without_users_cannot_be_looked_at() {
    let output = Host::well_kept().without("etc/passwd").run(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("gateshctl: "));
    let output = gateshctl(&["doctor", "--root", "/nonexistent"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_name_that_drives_the_terminal_is_shown_and_not_sent() {
    let passwd = format!("{PASSWD}ev\u{1b}[2Jil:x:1001:100::/home/ann:/usr/bin/gatesh\n");
    let output = Host::well_kept().file("etc/passwd", &passwd).run(&[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("ev\\x1b[2Jil") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn the_worst_comes_first_and_the_last_line_counts() {
    let output = Host::well_kept().mode("home/ann", 0o777).run(&[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("problem  ann  (home)\n"), "{text}");
    assert!(text.contains("\n         mend it: chmod go-w /home/ann\n"), "{text}");
    assert!(text.lines().last().unwrap().starts_with("1 problem, 0 warnings, "), "{text}");
}

#[test]
fn this_very_host_can_be_looked_over() {
    let output = gateshctl(&["doctor", "--json"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(i32::from(!json["holds"].as_bool().unwrap())));
    assert!(json["findings"].as_array().unwrap().iter().any(|finding| finding["id"] == "landlock"));
}

/// Every id as the code spells it, and every id of the manual's table.
#[test]
fn the_manual_describes_every_finding_and_no_other() {
    let spelled = regex::Regex::new(r#"(?:ok|note|warning|problem|finding)\(\s*"([a-z][a-z-]+)""#).unwrap();
    let mut ids: Vec<String> = vec!["not-looked-at".into()];
    for file in sources(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/admin/doctor")) {
        let text = fs::read_to_string(file).unwrap();
        ids.extend(spelled.captures_iter(&text).map(|found| found[1].to_owned()));
    }
    let table = MANUAL.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let mut documented: Vec<String> = table.map(str::to_owned).collect();
    ids.sort();
    ids.dedup();
    documented.sort();
    assert_eq!(documented, ids);
}

fn sources(directory: &PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn what_is_so_of_several_accounts_is_one_text_and_a_finding_each_in_json() {
    let host = Host::well_kept()
        .file("etc/passwd", &format!("{PASSWD}bob:x:1002:100::/home/bob:/usr/bin/gatesh\n"))
        .file("etc/group", "root:x:0:\nusers:x:100:\nlog-readers:x:500:ann,bob\ndocker:x:998:ann,bob\n")
        .file("home/bob/.profile", "");
    let text = String::from_utf8(host.run(&[]).stdout).unwrap();
    let said = "problem  ann, bob  (group)\n         is in the group docker, which may start a container";
    assert!(text.contains(said), "{text}");
    assert!(text.contains("mend it: gpasswd -d NAME docker\n"), "{text}");
    assert!(text.ends_with(" ok\n") && text.contains("\n1 problem, "), "{text}");
    let report = host.doctor();
    report.says("problem", "group", "ann", "docker").says("problem", "group", "bob", "docker");
    assert_eq!(report.count("problem"), 2);
}
