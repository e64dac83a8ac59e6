use std::path::PathBuf;

use super::*;
use crate::identity::names::User;

const TIGHT: &str = "port 22\nallowtcpforwarding no\nallowstreamlocalforwarding no\npermittunnel no\nx11forwarding no\n\
    allowagentforwarding no\npermituserrc no\npermituserenvironment no\ndisableforwarding no\n\
    subsystem sftp /usr/lib/openssh/sftp-server\nacceptenv LANG\nacceptenv LC_*\nforcecommand none\n";

fn person(shell: &str, tie: Tie) -> Person {
    let user = User {
        name: "ann".into(),
        uid: 1001,
        gid: 100,
        home: "/home/ann".into(),
        shell: PathBuf::from(shell),
    };
    Person { user, tie, groups: Vec::new(), refused: None }
}

fn gated(changes: &[(&str, &str)]) -> Vec<(&'static str, Severity)> {
    judged(&person("/usr/bin/gatesh", Tie::Shell), changes)
}

fn judged(person: &Person, changes: &[(&str, &str)]) -> Vec<(&'static str, Severity)> {
    let text = changes.iter().fold(TIGHT.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    judge(person, &Settings::read(&text)).iter().map(|finding| (finding.id, finding.severity)).collect()
}

#[test]
fn a_tight_sshd_is_well() {
    assert_eq!(gated(&[]), [("sshd", Severity::Ok)]);
}

#[test]
fn internal_sftp_is_a_way_around_the_shell() {
    let internal = [("/usr/lib/openssh/sftp-server", "internal-sftp -f AUTH")];
    assert_eq!(gated(&internal), [("ssh-sftp", Severity::Problem)]);
}

#[test]
fn a_forced_gatesh_stands_in_for_the_subsystem() {
    let forced = [
        ("/usr/lib/openssh/sftp-server", "internal-sftp"),
        ("forcecommand none", "forcecommand /usr/bin/gatesh --command-env SSH_ORIGINAL_COMMAND"),
    ];
    assert_eq!(judged(&person("/bin/bash", Tie::Rules), &forced), [("sshd", Severity::Ok)]);
}

#[test]
fn a_forced_internal_sftp_is_a_way_around() {
    assert_eq!(
        gated(&[("forcecommand none", "forcecommand internal-sftp")]),
        [("ssh-sftp", Severity::Problem)]
    );
}

#[test]
fn every_forwarding_is_told() {
    for way in ["allowtcpforwarding", "allowstreamlocalforwarding", "permittunnel", "x11forwarding"] {
        let change = (format!("{way} no"), format!("{way} yes"));
        assert_eq!(gated(&[(&change.0, &change.1)]), [("ssh-way", Severity::Warning)], "{way}");
    }
}

#[test]
fn forwarding_that_is_disabled_as_a_whole_is_no_way() {
    let changes = [
        ("allowtcpforwarding no", "allowtcpforwarding yes"),
        ("x11forwarding no", "x11forwarding yes"),
        ("disableforwarding no", "disableforwarding yes"),
    ];
    assert_eq!(gated(&changes), [("sshd", Severity::Ok)]);
}

#[test]
fn an_rc_file_matters_where_another_shell_reads_it() {
    let rc = ("permituserrc no", "permituserrc yes");
    assert_eq!(gated(&[rc]), [("sshd", Severity::Ok)], "gatesh refuses the line");
    let forced = ("forcecommand none", "forcecommand /usr/bin/gatesh --command-env SSH_ORIGINAL_COMMAND");
    assert_eq!(judged(&person("/bin/bash", Tie::Rules), &[rc, forced]), [("ssh-way", Severity::Problem)]);
}

#[test]
fn variables_of_the_loader_are_not_to_be_taken() {
    for pattern in ["LD_PRELOAD", "LD_*", "*"] {
        assert_eq!(
            gated(&[("acceptenv LANG", &format!("acceptenv {pattern}"))]),
            [("ssh-environment", Severity::Warning)]
        );
    }
}

#[test]
fn a_member_with_another_shell_and_no_forced_command_is_told() {
    assert_eq!(judged(&person("/bin/bash", Tie::Rules), &[]), [("ssh-ungated", Severity::Note)]);
}

/// What a real sshd says of ann under `config`; `None`, with the reason printed, where there is none to ask.
fn of_real_sshd(config: &str) -> Option<String> {
    let directory = tempfile::tempdir().unwrap();
    let (key, file) = (directory.path().join("key"), directory.path().join("config"));
    let key_made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&key)
        .status();
    std::fs::write(&file, format!("HostKey {}\n{config}", key.display())).unwrap();
    // sshd's service makes it, and without it even a question is refused; here the service may never have run.
    let _ = std::fs::create_dir("/run/sshd");
    let about = "user=ann,host=localhost,addr=127.0.0.1";
    let answer = std::process::Command::new(SSHD).args(["-T", "-C", about, "-f"]).arg(&file).output();
    match (key_made, answer) {
        (Ok(_), Ok(answer)) if answer.status.success() => Some(String::from_utf8(answer.stdout).unwrap()),
        (_, answer) => {
            let by_root = nix::unistd::geteuid().is_root();
            assert!(
                std::env::var_os("CI").is_none() || !by_root,
                "sh tests/run.sh installs sshd: {answer:?}"
            );
            println!("skipped: no sshd answers here: {answer:?}");
            None
        }
    }
}

#[test]
fn a_real_sshd_is_understood() {
    let config = "Subsystem sftp internal-sftp\nAcceptEnv LD_PRELOAD\nPermitUserEnvironment no\nMatch User ann\n  \
        AllowTcpForwarding no\n  AllowStreamLocalForwarding no\n  AllowAgentForwarding no\n  X11Forwarding no\n";
    let Some(text) = of_real_sshd(config) else { return };
    let found = judge(&person("/usr/bin/gatesh", Tie::Shell), &Settings::read(&text));
    let ids: Vec<_> = found.iter().map(|finding| finding.id).collect();
    assert_eq!(ids, ["ssh-sftp", "ssh-environment"], "{text}");
}

#[test]
fn why_sshd_gives_no_answer_is_told_in_its_own_words_once() {
    let nowhere = ["-T", "-f", "/nonexistent/sshd_config"];
    let said = match ask_all(SSHD, &nowhere) {
        Ok(said) => said,
        Err(why) => {
            assert!(std::env::var_os("CI").is_none(), "sh tests/run.sh installs sshd: {why}");
            println!("skipped: {why}");
            return;
        }
    };
    assert_eq!(said.out, "");
    let mut found = Vec::new();
    let why = format!("sshd -T says: {}", first_line(&said.err));
    no_answer(&mut found, &why);
    no_answer(&mut found, &why);
    let [finding] = found.as_slice() else { panic!("{found:?}") };
    assert!(finding.text.contains("/nonexistent/sshd_config: No such file"), "{}", finding.text);
}

#[test]
fn the_first_line_with_words_is_the_one_told() {
    let said = "\n\nMissing privilege separation directory: /run/sshd\nmore\n";
    assert_eq!(first_line(said), "Missing privilege separation directory: /run/sshd");
    assert_eq!(first_line("\n"), "nothing, and ends");
}
