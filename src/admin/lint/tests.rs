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
    // A list of the admin's own gives nobody a choice beyond it.
    let repositories = "[types]\nrepo = { one_of = [\"epel\", \"extras\"] }\n";
    let listed = rule("\"sudo dnf [--enablerepo=<repo>] [-d <number>] install <package>\"", "exec = \"any\"");
    assert_eq!(found(&format!("{repositories}{listed}")), ["elevated-escape"], "<number> is anybody's");
    let listed = listed.replace(" [-d <number>]", "");
    assert_eq!(found(&format!("{repositories}{listed}")), ["package-scripts"]);
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
    // GTFOBins has no word about what only destroys.
    for program in ["rm [-r]", "chmod 644", "mount", "mkdir"] {
        assert_eq!(found(&rule(&format!("\"sudo {program} <text>\""), "")), ["free-path"], "{program}");
    }
}

/// `sudo chmod 777 etc`, which sudo starts in `/`.
#[test]
fn root_changes_nothing_by_a_name_that_may_be_a_directory_of_the_root() {
    let types = "[types]\nname = { regex = '[a-z]+' }\nlog = { file = [\"/var/log/**\"] }\n\
                 mode = { one_of = [\"640\", \"644\"] }\n";
    let of = |command: &str| found(&format!("{types}{}", rule(&format!("\"sudo {command}\""), "")));
    for operand in ["<word>", "<glob>", "<name>"] {
        for program in ["chmod 777", "rm [-r]"] {
            assert_eq!(of(&format!("{program} {operand}")), ["free-path"], "{program} {operand}");
        }
        assert_eq!(of(&format!("systemctl restart {operand}")), [""; 0], "{operand}");
    }
    for fine in ["chown <user> <log>", "chmod <mode> <log>", "truncate [-s <number>] <log>"] {
        assert_eq!(of(fine), [""; 0], "{fine}");
    }
}

#[test]
fn what_is_so_of_several_synopses_of_a_rule_is_said_once() {
    let many: Vec<String> = (0..20).map(|n| format!("  \"sudo docker logs x{n}\",\n")).collect();
    let many = many.concat();
    let text = format!("[[allow]]\ncommands = [\n{many}  \"sudo podman ps\",\n]\n");
    assert_eq!(found(&text), ["interpreter", "interpreter"]);
    let lines = "the same in lines 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 and 7 more\n";
    assert!(texts(&[("team", &text)])[0].contains(lines), "{:#?}", texts(&[("team", &text)]));
    let two = rule("\"sudo docker logs x\",\n\"sudo docker ps\"", "");
    assert_eq!(found(&(two.clone() + &two)), ["interpreter", "interpreter"], "once for each rule");
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
