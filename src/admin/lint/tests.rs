use super::programs::{Class, is};
use super::*;
use crate::policy::file::{PolicySource, UnixName, load_everything};

/// The ids found in a group file with this text.
fn found(text: &str) -> Vec<&'static str> {
    found_in(&[("team", text)])
}

fn found_in(groups: &[(&str, &str)]) -> Vec<&'static str> {
    of(groups).into_iter().map(|fault| fault.id).collect()
}

/// The same as `check` shows them.
fn texts(groups: &[(&str, &str)]) -> Vec<String> {
    of(groups).iter().map(ToString::to_string).collect()
}

fn of(groups: &[(&str, &str)]) -> Vec<Fault> {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("groups.d")).unwrap();
    for (name, text) in groups {
        std::fs::write(directory.path().join(format!("groups.d/{name}.toml")), text).unwrap();
    }
    let uid = nix::unistd::getuid().as_raw();
    let source = PolicySource::staging(directory.path().to_owned(), uid);
    let survey = load_everything(&source, &|_| UnixName::Known);
    assert!(survey.faults.iter().all(|fault| fault.severity < Severity::Error), "{:?}", survey.faults);
    lints(&survey)
}

fn rule(commands: &str, rest: &str) -> String {
    format!("[[allow]]\ncommands = [{commands}]\n{rest}\n")
}

#[test]
fn a_plain_reader_has_nothing_to_find() {
    let types = "[types]\nlog = { file = [\"/var/log/**\"] }\n";
    assert_eq!(found(&format!("{types}{}", rule("\"cat <log>...\"", ""))), [""; 0]);
}

#[test]
fn shells_wrappers_and_versioned_interpreters_are_refused() {
    for program in ["bash", "/bin/sh", "busybox", "env", "python3.11", "perl", "/lib64/ld-linux-x86-64.so.2"]
    {
        assert_eq!(found(&rule(&format!("\"{program} <word>\""), "")), ["interpreter"], "{program}");
    }
}

#[test]
fn accepting_a_lint_silences_it_and_no_other() {
    let accept = "accept = { \"interpreter\" = \"reports are written in it\" }\nexec = \"any\"";
    assert_eq!(found(&rule("\"gawk <word>\"", accept)), ["exec-any"]);
}

#[test]
fn systemctl_without_its_set_cannot_work() {
    assert_eq!(found(&rule("\"systemctl status <unit>\"", "")), ["needs-set"]);
    assert_eq!(found(&rule("\"systemctl status <unit>\"", "with = [\"@systemd\", \"@journal\"]")), [""; 0]);
}

#[test]
fn writing_next_to_starting_needs_a_reason() {
    let terms = "write = [\"/srv/drop\"]\nexec = [\"/usr/bin/id\"]";
    assert_eq!(found(&rule("\"deploy\"", terms)), ["write-and-exec"]);
}

#[test]
fn what_a_lint_says_names_the_cause_and_the_way_out() {
    let said = |text: &str| texts(&[("team", text)]).concat();
    let systemctl = said(&rule("\"systemctl status <unit>\"", ""));
    assert!(
        systemctl.contains("groups.d/team.toml:2:13: systemctl cannot work under this rule"),
        "{systemctl}"
    );
    assert!(
        systemctl.contains("    2 | commands = [\"systemctl status <unit>\"]\n      |             ^"),
        "{systemctl}"
    );
    assert!(systemctl.contains("it talks to the service manager over D-Bus\n"), "{systemctl}");
    assert!(
        systemctl.contains("[lint needs-set]") && systemctl.contains("with = [\"@systemd\"]"),
        "{systemctl}"
    );
    let deploy = said(&rule("\"deploy\"", "write = [\"/srv/drop\"]\nexec = \"any\""));
    assert!(deploy.contains("\"write\" needs a reason to live next to exec = \"any\""), "{deploy}");
    assert!(deploy.contains("a person can put a program in /srv/drop and run it"), "{deploy}");
}

#[test]
fn the_bus_is_worth_a_look_and_fails_with_an_interpreter() {
    let unix = "network = [\"unix\"]\naccept.interpreter = \"x\"";
    assert_eq!(found(&rule("\"logger <word>\"", unix)), ["bus-network"]);
    assert_eq!(found(&rule("\"vim\"", unix)), ["bus-interpreter"]);
    let failing = |id: &str| LINTS.iter().any(|lint| lint.id == id && lint.severity == Severity::Lint);
    assert!(failing("bus-interpreter") && !failing("bus-network"));
}

#[test]
fn a_package_manager_that_takes_only_packages_is_a_warning() {
    assert_eq!(found(&rule("\"sudo yum install <package>\"", "exec = \"any\"")), ["package-scripts"]);
    assert_eq!(found(&rule("\"sudo yum install <word>\"", "exec = \"any\"")), ["elevated-escape"]);
}

#[test]
fn an_elevated_pager_with_exec_is_an_escape_and_without_it_hangs_on_its_secure_mode() {
    let types = "[types]\nlog = { file = [\"/var/log/**\"] }\n";
    let with = format!("{types}{}", rule("\"sudo less <log>\"", "exec = \"any\""));
    assert_eq!(found(&with), ["elevated-escape", "elevated-pager"]);
    assert_eq!(found(&format!("{types}{}", rule("\"sudo less <log>\"", ""))), ["elevated-pager"]);
}

#[test]
fn root_is_not_given_paths_as_plain_text() {
    assert_eq!(found(&rule("\"sudo cat <text>\"", "")), ["free-path"]);
    assert_eq!(found(&rule("\"sudo cat <package>\"", "")), [""; 0]);
}

#[test]
fn two_rules_for_one_command_with_other_terms_overlap() {
    let text = rule("\"date\"", "") + &rule("\"date\"", "timeout = \"5s\"");
    assert_eq!(found(&text), ["overlap"]);
    let accepted = "timeout = \"5s\"\naccept = { overlap = \"the first is meant\" }";
    assert_eq!(found(&(rule("\"date\"", "") + &rule("\"date\"", accepted))), [""; 0]);
}

const TWO: &str = "[types]\nlog = { file = [\"/var/log/**\"] }\nconf = { file = [\"/etc/app/*\"] }\n\
                   app = { file = [\"/var/log/app/*\"] }\n";

#[test]
fn synopses_that_share_commands_overlap_however_they_are_written() {
    let two = |one: &str, other: &str| {
        found(&format!("{TWO}{}{}", rule(one, ""), rule(other, "network = [\"inet\"]")))
    };
    assert_eq!(two("\"cat [-n] <log>...\"", "\"cat <log>\""), ["overlap"]);
    assert_eq!(two("\"cat <log>\"", "\"/usr/bin/cat [-A] <app>...\""), ["overlap"]);
    assert_eq!(two("\"cat <log>\"", "\"cat <conf>\""), [""; 0]);
    assert_eq!(two("\"cat <log>\"", "\"cat (-n) <log>\""), [""; 0]);
    assert_eq!(two("\"cat <log>\"", "\"tac <log>\""), [""; 0]);
    assert_eq!(two("\"id\"", "\"id [-u]\""), ["overlap"]);
}

#[test]
fn a_question_that_is_never_asked_is_an_overlap() {
    for asks in ["confirm = true", "reason = \"<word>\""] {
        let twice = |first: &str, second: &str| found(&(rule("\"date\"", first) + &rule("\"date\"", second)));
        assert_eq!(twice("", asks), ["overlap"], "{asks}");
        assert_eq!(twice(asks, ""), ["overlap"], "{asks}");
        assert_eq!(twice(asks, asks), [""; 0], "{asks}");
    }
}

#[test]
fn between_groups_the_same_synopsis_with_other_terms_is_an_overlap() {
    let two = |one: String, other: String| found_in(&[("a", &one), ("b", &other)]);
    assert_eq!(two(rule("\"date\"", ""), rule("\"date\"", "timeout = \"5s\"")), ["overlap"]);
    assert_eq!(two(rule("\"date\"", ""), rule("\"date\"", "")), [""; 0]);
    assert_eq!(two(rule("\"date\"", ""), rule("\"date [-u]\"", "timeout = \"5s\"")), [""; 0]);
}

#[test]
fn names_with_versions_meet_their_stem() {
    assert!(is("python3.12", Class::Interpreter));
    assert!(is("/usr/bin/bash", Class::Shell));
    assert!(!is("ls", Class::Interpreter));
    assert!(!is("3", Class::Shell));
}

#[test]
fn a_rule_that_opens_what_its_group_denies_never_runs() {
    let deny = |files: &str, rest: &str| format!("[[deny]]\nfiles = [\"{files}\"]\n{rest}\n");
    let ps = rule("\"ps\"", "with = [\"@proc\"]");
    assert_eq!(found(&(ps.clone() + &deny("/proc/*/environ", ""))), ["denied-grant"]);
    assert_eq!(found(&(ps.clone() + &deny("/srv/**", ""))), [""; 0]);
    assert_eq!(found(&(ps.clone() + &deny("/proc/**", "programs = [\"cat\"]"))), [""; 0]);
    assert_eq!(found(&(ps + &deny("/proc/**", "words = [\"-x\"]"))), [""; 0]);
    let reads = rule("\"git log\"", "with = [\"@git\"]\nread = [\"/srv\"]");
    assert_eq!(found(&(reads + &deny("/srv/secret/**", ""))), ["denied-grant"]);
}
