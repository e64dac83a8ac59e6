//! One test for each hole that was found and closed, named for what broke.

use crate::scenario::{Gatesh, SECRET};

const TYPES: &str =
    "[types]\nlog = { file = [\"{top}/var/log/**\"] }\ndir = { directory = [\"{top}/var/log/**\"] }\n";

fn rules(text: &str) -> Gatesh {
    Gatesh::new().policy(&format!("{TYPES}{text}"))
}

fn denying(commands: &str, deny: &str) -> Gatesh {
    rules(&format!("[[allow]]\ncommands = [{commands}]\n[[deny]]\n{deny}\n"))
}

/// `{top}/var/link` leads to `{top}/var/log`.
fn linked(gatesh: Gatesh) -> Gatesh {
    gatesh.link("var/link", "log")
}

#[test]
fn a_deny_written_through_a_link_denied_nothing() {
    let gatesh = linked(Gatesh::new()).policy(&format!(
        "{TYPES}[[allow]]\ncommands = [\"cat <log>\"]\n[[deny]]\nfiles = [\"{{top}}/var/link/a\"]\n"
    ));
    let _ = gatesh.line("cat {top}/var/log/a").denied_because("denied");
}

#[test]
fn an_except_written_through_a_link_excepted_nothing() {
    let gatesh = linked(Gatesh::new()).policy(
        "[types]\nlog = { file = [\"{top}/var/log/**\"], except = [\"{top}/var/link/a\"] }\n\
         [[allow]]\ncommands = [\"cat <log>\"]\n",
    );
    let _ = gatesh.line("cat {top}/var/log/a").denied_because("is excepted");
}

#[test]
fn a_text_that_cannot_be_looked_at_passed_a_deny() {
    let gatesh = denying("\"tail [<text>]\"", "files = [\"{top}/closed/**\"]").file("closed/h", SECRET);
    let closed = gatesh.path("closed");
    std::fs::set_permissions(closed, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let _ = gatesh.line("tail {top}/closed/h").denied_because("denied");
}

#[test]
fn a_path_attached_to_an_option_passed_a_deny() {
    let gatesh = denying("\"grep [-c] [-f <text>] <text> <log>\"", "files = [\"{top}/etc/**\"]");
    let _ = gatesh.line("grep -f{top}/etc/shadow x {top}/var/log/a").denied_because("denied");
}

#[test]
fn a_deny_of_sudo_met_nothing() {
    let gatesh = denying("\"sudo id\"", "programs = [\"sudo\"]\nreason = \"not on this host\"");
    let _ = gatesh.line("sudo id").denied_because("not on this host");
}

#[test]
fn an_elevated_rule_took_the_current_directory_for_a_missing_operand() {
    let _ = rules("[[allow]]\ncommands = [\"sudo ls [<dir>]\"]\n")
        .line("sudo ls")
        .denied_because("does not match <dir>");
}

#[test]
fn a_tree_that_is_read_gave_what_a_type_takes_out() {
    let gatesh = Gatesh::new().policy(
        "[types]\nlog = { file = [\"{top}/var/log/**\"], except = [\"{top}/var/log/app/**\"] }\n\
         [[allow]]\ncommands = [\"cat <log>\"]\nread = [\"{top}/var/log\"]\n",
    );
    let _ = gatesh.line("cat {top}/var/log/a").session_refused_because("rules cannot be read");
}

#[test]
fn a_tree_that_is_read_through_a_link_passed_a_deny() {
    let gatesh = linked(Gatesh::new()).policy(&format!(
        "{TYPES}[[allow]]\ncommands = [\"cat <log>\"]\nread = [\"{{top}}/var/link\"]\n\
         [[deny]]\nfiles = [\"{{top}}/var/log/app/**\"]\n"
    ));
    let _ = gatesh.line("cat {top}/var/log/a").denied_because("denied");
}

#[test]
fn a_pipe_outlived_the_sessions_time() {
    let gatesh = rules("[[allow]]\ncommands = [\"cat <log>\"]\n").session("max_duration = \"1s\"");
    let mut child = gatesh.command().stdin(std::process::Stdio::piped()).spawn().unwrap();
    let held_open = child.stdin.take();
    let status = child.wait().unwrap();
    drop(held_open);
    assert!(status.code().is_some());
    assert!(gatesh.records().iter().any(|record| record["reason_code"] == "max-duration"));
}

#[test]
fn an_answer_counted_for_another_rule_later_in_the_line() {
    let gatesh = Gatesh::new().policy(
        "[types]\nopen = { file = [\"{top}/var/log/app/**\"] }\nguarded = { file = [\"{top}/var/log/*.log\"] }\n\
         [[allow]]\ncommands = [\"sleep 1\", \"head <open>\"]\n\
         [[allow]]\ncommands = [\"head <guarded>\"]\nconfirm = true\n",
    );
    let swapped = gatesh.path("var/log/app/x");
    std::fs::write(&swapped, "harmless\n").unwrap();
    let swap = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(400));
        std::fs::remove_file(&swapped).unwrap();
        std::os::unix::fs::symlink("../app.log", &swapped).unwrap();
    });
    let answer = gatesh.line("sleep 1; head {top}/var/log/app/x").answer().says("asks for confirmation");
    swap.join().unwrap();
    assert!(!answer.out.contains("ERROR"), "{}", answer.out);
}

#[test]
fn a_name_in_the_root_directory_passed_a_deny_when_root_was_to_read_it() {
    let gatesh = denying("\"sudo id [<word>]\"", "files = [\"/etc/**\"]");
    let _ = gatesh.line("sudo id etc").denied_because("etc: denied");
}

#[test]
fn every_glob_of_a_line_could_walk_as_far_as_one_may() {
    let many = |words: usize| {
        let gatesh = rules("[[allow]]\ncommands = [\"cat <log>...\"]\n");
        let directory = gatesh.path("var/log/app");
        (0..3_000).for_each(|number| std::fs::write(directory.join(format!("f{number}")), "").unwrap());
        std::fs::write(directory.join("a"), "").unwrap();
        gatesh.line(format!("cat{}", " a*".repeat(words)))
    };
    let _ = many(100).allowed();
    let _ = many(900).denied_because("too many names");
}

/// An elevated rule whose values are texts, and a deny beneath `{top}/etc`.
fn as_root(commands: &str) -> Gatesh {
    let text = "file = { regex = '[a-zA-Z0-9/._:=,@-]+' }\n";
    Gatesh::new().policy(&format!(
        "[types]\n{text}[[allow]]\ncommands = [{commands}]\n[[deny]]\nfiles = [\"{{top}}/etc/**\"]\n"
    ))
}

/// As somebody in the root directory writes it.
fn below_root(gatesh: &Gatesh, name: &str) -> String {
    gatesh.path(name).display().to_string().trim_start_matches('/').to_owned()
}

#[test]
fn a_path_through_procfs_passed_a_deny_and_root_followed_it() {
    let gatesh = as_root("\"sudo head <file>\"");
    let line = format!("sudo head /proc/self/root{}/etc/shadow", gatesh.path("").display());
    let _ = gatesh.line(line).denied_because("denied");
}

#[test]
fn a_path_behind_a_mode_passed_a_deny_and_root_followed_it() {
    let gatesh = as_root("\"sudo head <file>\"").file("closed/a", "").link("closed/l", "../etc/shadow");
    let none = std::os::unix::fs::PermissionsExt::from_mode(0o000);
    std::fs::set_permissions(gatesh.path("closed"), none).unwrap();
    let _ = gatesh.line("sudo head {top}/closed/l").denied_because("denied");
}

#[test]
fn a_link_and_two_dots_led_a_text_past_a_deny() {
    let gatesh = as_root("\"sudo head <file>\"")
        .file("etc/apt/list", "")
        .file("home/a", "")
        .link("home/l", "../etc/apt");
    let _ = gatesh.line("sudo head {top}/home/l/../shadow").denied_because("denied");
}

#[test]
fn a_link_that_led_nowhere_yet_passed_a_deny_and_was_written_through() {
    let gatesh = as_root("\"sudo sort (-o <file>)\"").file("home/a", "").link("home/l", "../etc/new");
    let _ = gatesh.line("sudo sort -o {top}/home/l").denied_because("denied");
}

#[test]
fn what_would_be_made_below_a_linked_directory_passed_a_deny() {
    let gatesh = as_root("\"sudo mkdir (-p) <file>\"")
        .file("etc/apt/list", "")
        .file("home/a", "")
        .link("home/l", "../etc/apt");
    let _ = gatesh.line("sudo mkdir -p {top}/home/l/new/below").denied_because("denied");
}

#[test]
fn a_path_from_the_root_directory_passed_a_deny_behind_a_link() {
    let gatesh = as_root("\"sudo head <file>\"").file("home/a", "").link("home/l", "../etc/shadow");
    let line = format!("sudo head {}", below_root(&gatesh, "home/l"));
    let _ = gatesh.line(line).denied_because("denied");
}

#[test]
fn a_value_at_the_end_of_a_bundle_passed_a_deny() {
    let gatesh = as_root("\"sudo sort [-r] [-o <file>] <file>\"");
    let line = format!("sudo sort -ro{} x", below_root(&gatesh, "etc/victim"));
    let _ = gatesh.line(line).denied_because("denied");
}

#[test]
fn a_path_between_other_words_of_a_value_passed_a_deny() {
    for value in
        ["x=/ok:{top}/etc/shadow", "/ok:{top}/etc/shadow:ro", "@{top}/etc/shadow", "if=/ok,of={top}/etc/x"]
    {
        let _ = as_root("\"sudo run <file>\"").line(format!("sudo run {value}")).denied_because("denied");
    }
}

#[test]
fn a_text_that_is_a_directory_above_what_is_denied_was_read_whole_by_root() {
    let gatesh = as_root("\"sudo grep (-r) x <file>\"").file("etc/shadow", "");
    let _ = gatesh.line("sudo grep -r x {top}").denied_because("denied");
}

#[test]
fn a_deny_beneath_what_every_program_may_read_was_not_withheld() {
    let rule = "[[allow]]\ncommands = [\"date '+%z'\"]\nenv = { TZ = \"Asia/Kolkata\" }\n";
    if Gatesh::new().policy(rule).line("date +%z").allowed().out != "+0530\n" {
        return crate::scenario::lacks("tzdata");
    }
    let denied = format!("{rule}[[deny]]\nfiles = [\"/usr/share/zoneinfo/Asia/**\"]\n");
    let answer = Gatesh::new().policy(&denied).line("date +%z").allowed();
    assert_eq!(answer.out, "+0000\n");
}

#[test]
fn a_pattern_that_found_only_names_that_cannot_be_words_vanished_and_other_words_took_its_place() {
    let text = "[[allow]]\ncommands = [\"ls [<dir>...]\", \"wc (-l) [<log>...]\"]\n";
    for (line, name) in [("ls new*", "var/log/new\nline/a"), ("wc -l new*", "var/log/new\nline")] {
        let gatesh = rules(text).file(name, "");
        let directory = gatesh.path("var/log");
        let answer = gatesh.line(line.replace("new", &format!("{}/new", directory.display())));
        let _ = answer.denied_because("matches only names that cannot be written in a line");
    }
}

#[test]
fn what_one_type_excepts_was_closed_to_the_directories_of_all() {
    let types = "[types]\nwide = { directory = [\"{top}/var/**\"], except = [\"{top}/var/log/**\"] }\n\
                 narrow = { directory = [\"{top}/var/log/app\"] }\n";
    let gatesh = || {
        Gatesh::new().policy(&format!("{types}[[allow]]\ncommands = [\"ls [<wide>]\", \"du [<narrow>]\"]\n"))
    };
    let _ = gatesh().line("cd {top}/var/log/app").allowed();
    let _ = gatesh().line("cd {top}/var/log").answer().says("is excepted");
}

#[test]
fn a_name_that_grants_nothing_had_to_exist_whatever_its_type_said() {
    let text = "[types]\nspot = { path = [\"{top}/var/**\"], access = \"none\", must_exist = false }\n\
                [[allow]]\ncommands = [\"echo <spot>\"]\n";
    let gatesh = Gatesh::new().policy(text);
    let there = gatesh.path("var/log/nothing");
    let answer = gatesh.line("echo {top}/var/log/nothing").allowed();
    assert_eq!(answer.out.trim_end(), there.to_str().unwrap());
    assert!(!there.exists());
}

#[test]
fn a_rule_with_a_path_took_a_bare_name_from_the_rule_that_says_it() {
    let gatesh = Gatesh::new().program("bin/echo", "#!/bin/sh\nexit 9\n");
    let text = "[[allow]]\ncommands = [\"echo <word>\"]\n[[allow]]\ncommands = [\"{top}/bin/echo <word>\"]\n";
    assert_eq!(gatesh.policy(text).line("echo a").allowed().out, "a\n");
}

#[test]
fn a_program_that_is_not_there_was_named_by_no_rule_when_its_path_was_typed() {
    let text = "[[allow]]\ncommands = [\"/opt/app/bin/nosuch [<word>]\"]\n";
    for line in ["nosuch a", "/opt/app/bin/nosuch a"] {
        assert_eq!(rules(text).line(line).answer().says("does not exist").code(), 127, "{line}");
    }
}

#[test]
fn words_that_are_allowed_without_sudo_were_said_to_be_named_by_no_rule() {
    let text = "[[allow]]\ncommands = [\"sudo id [<word>]\", \"cat <log>\"]\n";
    for (line, said) in [
        ("sudo cat {top}/var/log/a", "not allowed with sudo: try cat {top}/var/log/a"),
        ("sudo -u daemon id", "not allowed with sudo -u daemon: try sudo id"),
        ("id", "not allowed without sudo: try sudo id"),
        ("sudo vi", "not allowed: sudo vi"),
        ("sudo cat /etc/passwd", "not allowed: sudo cat"),
    ] {
        let gatesh = rules(text);
        let said = gatesh.spelled(said);
        let _ = gatesh.line(line).denied_because(&said);
    }
}

#[test]
fn no_line_of_a_denial_is_wider_than_a_serial_console() {
    let long = "u".repeat(120);
    let text = "[[allow]]\ncommands = [\"sudo id <word>\", \"cat <log>\"]\n";
    for line in
        [format!("id {long}"), format!("cat {long} | cat {long}"), format!("cat {long} && cat {long}")]
    {
        let answer = rules(text).line(&line).answer();
        let widest = answer.err.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(80), "{}", answer.err);
    }
}

#[test]
fn a_pattern_that_finds_one_wrong_name_was_blamed_as_a_whole() {
    let gatesh = rules("[[allow]]\ncommands = [\"cat <log>...\"]\n").link("var/log/out", "../../etc/shadow");
    let directory = gatesh.path("var/log").display().to_string();
    let _ = gatesh
        .line(format!("cat {directory}/o*"))
        .denied_because(&format!("word 2 {directory}/out does not match"));
}
