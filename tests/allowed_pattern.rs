//! The pattern of `--single-command` against the shipped rules: every case they allow passes, as far as the general
//! pattern ever let it, and what can be told by its text to be denied does not.

mod readers;

use std::fs;
use std::path::{Path, PathBuf};

use gatesh::admin::documents::automata::read;
use gatesh::admin::export::SAFE_PATTERN;
use gatesh::admin::language::line::pattern;
use gatesh::policy::file::{PolicySource, load_for_groups};
use gatesh::policy::{Expect, Policy};
use regex::Regex;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every shipped group with its rules.
fn shipped() -> Vec<(String, Policy)> {
    let mut all = Vec::new();
    for config in ["config", "config/examples"] {
        let directory: PathBuf = root().join(config);
        for entry in fs::read_dir(directory.join("groups.d")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let group = name.strip_suffix(".toml").unwrap().to_owned();
            let source = PolicySource::staging(directory.clone(), nix::unistd::getuid().as_raw());
            all.push((format!("{config}/{group}"), load_for_groups(&source, &[group], None).unwrap()));
        }
    }
    all
}

/// The lines of one verdict that the general pattern lets through.
fn lines(policy: &Policy, allowed: bool) -> Vec<String> {
    let safe = Regex::new(SAFE_PATTERN).unwrap();
    let cases = policy.groups.iter().flat_map(|group| &group.cases);
    let wanted = cases.filter(|case| (case.expect == Expect::Allow) == allowed);
    wanted.map(|case| case.line.clone()).filter(|line| safe.is_match(line)).collect()
}

#[test]
fn every_allowed_case_passes_in_the_dialect_that_both_readers_share() {
    for (name, policy) in shipped() {
        let written = pattern(&policy);
        assert!(read(&written).is_ok() && !written.contains(['\'', '"', '\n']), "{name}");
        assert!(written.starts_with('^') && written.ends_with('$') && !written.contains("(?"), "{name}");
        let regex = Regex::new(&written).unwrap();
        for line in lines(&policy, true) {
            assert!(
                regex.is_match(&line) && regex.is_match(&format!("  {}  ", line.replace(' ', "   "))),
                "{name}: {line}"
            );
        }
    }
}

/// Denied by what no text tells: where a path leads, and what an `except` or a deny of files says of it.
const BY_PLACE: &[&str] = &[
    "cat /etc/shadow",
    "cat /var/log/messages",
    "cat /var/log/../../etc/shadow",
    "cat /var/log/../../etc/x.log",
    "cat /etc/hostname /var/log/app.log",
    "cat ../../etc/passwd",
    "cat /var/log/audit/audit.log",
    "cat /var/log/btmp",
    "cat /opt/app/logs/payroll/a.log",
    "tail -f /opt/app/logs/payroll/a.log",
    "ls /root",
    "ls -la /etc",
    "ls /etc",
    "less /etc/passwd",
    // A file may be called so.
    "less +F /var/log/app.log",
    "tail -n 5 /etc/hostname",
    "tail -F /var/log/syslog",
    "tail -F /etc/passwd",
    "find /home/ann/.ssh",
    "sha256sum /etc/shadow",
    "sha256sum /etc/ssh/ssh_host_ed25519_key",
    "sha256sum /root/.bash_history",
    "cat /etc/passwd",
    "grep -r error /var/log",
    "grep -r error /etc",
    "git -C /etc log",
    // Only the host knows whether that is a link to the program.
    "/tmp/ls",
    "sudo /tmp/yum update",
];

/// Of several options that must all be there, the pattern asks for the first.
const BY_COMPANY: &[&str] = &["gzip -d /var/log/syslog.2.gz"];

#[test]
fn what_its_text_denies_does_not_pass() {
    let (mut stopped, mut passed) = (0, Vec::new());
    for (name, policy) in shipped() {
        let regex = Regex::new(&pattern(&policy)).unwrap();
        for line in lines(&policy, false) {
            match regex.is_match(&line) {
                true if BY_PLACE.contains(&line.as_str()) || BY_COMPANY.contains(&line.as_str()) => {}
                true => passed.push(format!("{name}: {line}")),
                false => stopped += 1,
            }
        }
    }
    assert!(passed.is_empty(), "{passed:#?}");
    assert!(stopped > 120, "{stopped}");
}

#[test]
fn every_path_to_a_program_passes() {
    let (_, policy) = shipped().into_iter().find(|(name, _)| name == "config/log-readers").unwrap();
    let regex = Regex::new(&pattern(&policy)).unwrap();
    for path in ["ls", "/ls", "/bin/ls", "//bin/ls", "/usr/bin//ls", "/bin/../bin/ls", "/etc/alternatives/ls"]
    {
        assert!(regex.is_match(&format!("{path} /var/log")), "{path}");
    }
    for path in ["bin/ls", "./ls", "/bin/xls", "/bin/ls/", "/bin/ls/x"] {
        assert!(!regex.is_match(&format!("{path} /var/log")), "{path}");
    }
}
