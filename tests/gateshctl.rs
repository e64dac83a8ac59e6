//! gateshctl as scripts and admins meet it: exit statuses, JSON, and what is said.

mod cures;
mod elevated;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::scenario::{Answer, Gatesh, flat, ordinary, output, run, temporary};

const RULES: &str = "\
description = \"Reads logs\"
directories = [\"/var/log/**\"]

[types]
log = { file = [\"/var/log/**/*.log\"] }

[[allow]]
name = \"read\"
commands = [\"cat [-n] <log>...\", \"wc [-l]\"]

[cases]
allow = [\"cat /var/log/a.log | wc -l\", \"cd /var/log\"]
deny  = [\"cat /etc/shadow\", \"cd /etc\", { line = \"cat /etc/x.log\", because = \"does not match <log>\" }]
";

/// A policy with one group, called support.
struct Policy {
    directory: tempfile::TempDir,
}

impl Policy {
    fn of(text: &str) -> Self {
        let directory = temporary();
        fs::create_dir(directory.path().join("groups.d")).unwrap();
        fs::write(directory.path().join("groups.d/support.toml"), text).unwrap();
        Self { directory }
    }

    fn path(&self) -> &str {
        self.directory.path().to_str().unwrap()
    }

    fn asked(&self, words: &[&str]) -> Answer {
        gateshctl(&[&["--config", self.path()], words].concat())
    }

    fn explained(&self, line: &str) -> Answer {
        self.asked(&["explain", "--group", "support", "--", line])
    }

    /// What is said, without the name of the directory.
    fn said(&self, words: &[&str]) -> String {
        self.asked(words).out.replace(&format!("{}/", self.path()), "")
    }
}

fn gateshctl(words: &[&str]) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
    run(
        {
            command.args(words);
            command
        },
        b"",
    )
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {answer:#?}"))
}

#[test]
fn explain_answers_with_its_exit_status() {
    let policy = Policy::of(RULES);
    for (line, status) in [
        ("cat /var/log/a.log", 0),
        ("cat /var/log/a.log | wc -l", 0),
        ("pwd", 0),
        ("cd /var/log", 0),
        ("cd /etc", 1),
        ("cat /etc/shadow", 1),
        ("cat /var/log/a.log | sh", 1),
        ("id", 1),
        ("cat $x", 1),
        ("", 2),
    ] {
        assert_eq!(policy.explained(line).code(), status, "{line}");
    }
}

#[test]
fn what_cannot_be_answered_is_status_two_and_a_sentence() {
    let policy = Policy::of(RULES);
    let nowhere = gateshctl(&["--config", "/nowhere", "check"]).says("gateshctl: /nowhere is no directory");
    assert_eq!((nowhere.code(), nowhere.out.as_str()), (2, ""));
    assert_eq!(
        policy.asked(&["explain", "--group", "nobodys", "--", "ls"]).says("has no rules here").code(),
        2
    );
    assert_eq!(
        policy.asked(&["explain", "--user", "no-such-user", "--", "ls"]).says("there is no user").code(),
        2
    );
    assert_eq!(policy.asked(&["explain", "--group", "support"]).code(), 2);
    assert_eq!(policy.asked(&["expalin", "--", "ls"]).says("explain").code(), 2);
    assert_eq!(gateshctl(&[]).code(), 2);
    let broken = Policy::of("[[allow]\n");
    assert_eq!(broken.explained("ls").says("the policy cannot be used").code(), 2);
}

#[test]
fn explain_says_of_somebody_without_rules_that_there_are_none() {
    let directory = temporary();
    let asked =
        |words: &[&str]| gateshctl(&[&["--config", directory.path().to_str().unwrap()], words].concat());
    let user = crate::scenario::output("id", &["-un"]);
    let none = format!("none of {user}'s groups has rules here\n");
    // Of root something else is said before.
    fs::write(directory.path().join("gatesh.toml"), "[session]\nroot = true\n").unwrap();
    let told = asked(&["explain", "--", "ls"]);
    assert_eq!((told.code(), told.out.starts_with(&none)), (1, true), "{told:#?}");
    assert_eq!(json(&asked(&["--json", "explain", "--", "ls"]))["groups"], serde_json::json!([]));
    assert_eq!(asked(&["list"]).out, none);
}

/// A listing shows names beneath such a directory; from root, which no ruleset holds, the contents are not kept.
#[test]
fn root_gets_no_directory_that_holds_what_is_excepted_or_denied() {
    let rules = |except: &str, commands: &str| {
        format!(
            "[types]\ndir = {{ directory = [\"/var/**\"]{except} }}\n[[allow]]\ncommands = [\"{commands}\"]\n"
        )
    };
    let deny = "[[deny]]\nfiles = [\"/var/log/private/**\"]\n";
    for (except, deny) in [("", deny), (", except = [\"/var/log/private/**\"]", "")] {
        let root = Policy::of(&(rules(except, "sudo grep (-r) <word> <dir>") + deny));
        for (directory, status) in [("/var/log", 1), ("/var/log/private/a", 1), ("/var/log/apt", 0)] {
            assert_eq!(root.explained(&format!("sudo grep -r x {directory}")).code(), status, "{directory}");
        }
        let person = Policy::of(&(rules(except, "ls <dir>") + deny));
        assert_eq!(person.explained("ls /var/log").code(), 0);
    }
}

#[test]
fn explain_shows_words_rules_and_where_they_stopped() {
    let policy = Policy::of(RULES);
    let answer = policy.explained("cat -n '/etc/shadow'");
    let expected = "\
command 1  cat -n /etc/shadow
  words     cat · -n · /etc/shadow
  tried     cat [-n] <log>...
            read of support (support.toml line 7)
            word 3: /etc/shadow does not match <log>: /var/log/**/*.log
  denied    the person reads:
    gatesh: not allowed: cat -n /etc/shadow
      rule    cat [-n] <log>...                                            (support)
      word 3  /etc/shadow does not match <log>: /var/log/**/*.log
denied: nothing of the line runs
";
    assert_eq!(answer.out, expected);
}

#[test]
fn explain_names_the_launch_for_a_real_person() {
    let group = crate::scenario::output("id", &["-gn"]);
    let policy = Policy::of(RULES);
    fs::write(
        policy.directory.path().join(format!("groups.d/{group}.toml")),
        "[[allow]]\ncommands = [\"uname [-s]\"]\n",
    )
    .unwrap();
    fs::write(policy.directory.path().join("gatesh.toml"), "[session]\nroot = true\n").unwrap();
    let answer = policy.asked(&["explain", "--", "uname -s"]);
    assert_eq!(answer.code(), 0, "{answer:#?}");
    let answer = answer.prints("program   /usr/bin/uname").prints("argv      uname · -s");
    let _ = answer.prints("environ   ").prints("held      ");
}

#[test]
fn every_answer_is_json_when_asked() {
    let policy = Policy::of(RULES);
    for line in ["cat /var/log/a.log | wc -l", "cat /etc/shadow", "cat $x", "pwd", "cd /etc"] {
        let answer = policy.asked(&["explain", "--group", "support", "--json", "--", line]);
        let answered = json(&answer);
        assert_eq!((&answered["line"], &answered["allowed"]), (&line.into(), &(answer.code() == 0).into()));
    }
    for verb in [&["check"][..], &["test"], &["list", "--group", "support"]] {
        let _ = json(&policy.asked(&[verb, &["--json"]].concat()));
    }
    let broken = Policy::of("[[allow]]\ncommands = [\"cat <logs>\"]\n");
    let faults = json(&broken.asked(&["check", "--json"]));
    assert_eq!((&faults["holds"], &faults["faults"][0]["line"]), (&false.into(), &2.into()));
}

#[test]
fn the_digest_of_a_policy_is_that_of_the_records_wherever_its_files_are() {
    let scene = Gatesh::new().policy(RULES);
    let recorded = |scene: &Gatesh| {
        let mut command = scene.command();
        command.args(["-c", "pwd"]);
        assert_eq!(run(command, b"").code(), 0);
        scene.records().last().unwrap()["policy"].clone()
    };
    let record = recorded(&scene);
    let elsewhere = temporary();
    let copy = [scene.path("policy/."), elsewhere.path().to_owned()];
    output("cp", &["-r", copy[0].to_str().unwrap(), copy[1].to_str().unwrap()]);
    let listed = |directory: &std::path::Path| {
        let words = ["--config", directory.to_str().unwrap(), "--json", "list", "--group", &ordinary().group];
        json(&gateshctl(&words))["policy"].clone()
    };
    assert_eq!((record.as_str().map(str::len), &listed(elsewhere.path())), (Some(64), &record));
    fs::write(elsewhere.path().join("gatesh.toml"), "labels = [\"env=prod\"]\n").unwrap();
    assert_ne!(listed(elsewhere.path()), record);
}

#[test]
fn json_says_where_a_rule_stopped() {
    let answer =
        json(&Policy::of(RULES).asked(&["explain", "--group", "support", "--json", "--", "cat /etc/shadow"]));
    let decision = &answer["commands"][0]["decision"];
    assert_eq!((&decision["allowed"], &decision["code"]), (&false.into(), &"no-match".into()));
    assert_eq!(answer["commands"][0]["tried"][0]["rule"], "read");
    assert_eq!(answer["commands"][0]["words"], serde_json::json!(["cat", "/etc/shadow"]));
}

/// What `check` begins with for three faults.
const FAULTS: &str = "\
groups.d/support.toml:3:8: no type is called <logs>
    3 |   \"cat <logs>\",
      |        ^^^^^^
   define it in [types], or take one that is built in: word text any number
   host port user group pid unit package date duration glob

groups.d/support.toml:4:9: -n <number> has two readings
    4 |   \"tail -n <number> <text>\",
      |         ^^^^^^^^^^^ (-n <number>)   an option that must be given, with its value
      |                     (-n) <number>   a flag, and then an operand
   write the one you mean; [-n <number>] if it may be left out

groups.d/support.toml:6:1: unknown key \"foo\" in [[allow]]
    6 | foo = 1
      | ^^^
";

#[test]
fn check_shows_every_fault_at_its_place() {
    let policy = Policy::of(
        "[[allow]]\ncommands = [\n  \"cat <logs>\",\n  \"tail -n <number> <text>\",\n]\nfoo = 1\n",
    );
    let said = policy.said(&["check"]);
    assert!(said.starts_with(FAULTS), "{said}");
    assert!(said.ends_with("3 faults, 0 warnings\n"), "{said}");
    assert_eq!(policy.asked(&["check"]).code(), 1);
}

#[test]
fn a_directory_is_named_without_the_dots_it_was_typed_with() {
    let policy = Policy::of("[[allow]]\ncomands = [\"ls\"]\n");
    let real = fs::canonicalize(policy.path()).unwrap();
    for typed in [".", "./", "./groups.d/.."] {
        let mut check = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
        check.args(["check", typed]).current_dir(&real);
        let said = run(check, b"").out;
        let named = match typed {
            // Whatever stands before it may be a link, whose parent is elsewhere.
            "./groups.d/.." => format!("{}/groups.d/../groups.d/support.toml:2:1", real.display()),
            _ => format!("{}/groups.d/support.toml:2:1", real.display()),
        };
        assert!(said.starts_with(&named), "{typed}: {said}");
    }
}

#[test]
fn a_policy_without_groups_is_said_to_let_nobody_in() {
    let directory = temporary();
    let answer = gateshctl(&["check", directory.path().to_str().unwrap()]);
    assert_eq!(answer.code(), 0, "{answer:#?}");
    assert!(answer.out.ends_with("/groups.d: nobody may run anything\n"), "{answer:#?}");
}

#[test]
fn a_policy_without_faults_says_so() {
    let policy = Policy::of(RULES);
    assert_eq!(policy.said(&["check"]), "1 group, 1 rule, 0 sets: no faults\n");
    assert_eq!(policy.asked(&["check"]).code(), 0);
}

#[test]
fn cases_that_hold_are_counted_and_how_is_said() {
    let policy = Policy::of(RULES);
    assert_eq!(
        policy.said(&["test"]),
        "5 cases hold; paths judged as text (--root DIR resolves them in a tree)\n"
    );
    assert_eq!(policy.asked(&["test"]).code(), 0);
}

#[test]
fn the_cases_of_a_set_are_judged_by_the_set_alone() {
    let policy = Policy::of("include = [\"more\"]\n[[allow]]\ncommands = [\"id\"]\n");
    let set = |cases: &str| {
        fs::create_dir_all(policy.directory.path().join("sets.d")).unwrap();
        let text = format!("[[allow]]\ncommands = [\"wc [-l]\"]\n[cases]\n{cases}\n");
        fs::write(policy.directory.path().join("sets.d/more.toml"), text).unwrap();
        policy.asked(&["test"])
    };
    let holds = set("allow = [\"wc -l\"]\ndeny = [\"wc x\", \"id\"]");
    assert_eq!((holds.code(), holds.out.starts_with("3 cases hold")), (0, true), "{}", holds.out);
    let fails = set("allow = [\"id\"]");
    assert_eq!(
        (fails.code(), fails.out.contains("sets.d/more.toml:4: id is denied")),
        (1, true),
        "{}",
        fails.out
    );
}

#[test]
fn an_alias_that_is_a_program_to_another_group_is_warned_of() {
    let policy = Policy::of("[aliases]\ncat = \"wc\"\n[[allow]]\ncommands = [\"wc\"]\n");
    let other = policy.directory.path().join("groups.d/other.toml");
    fs::write(other, "[[allow]]\ncommands = [\"cat\"]\n").unwrap();
    let checked = policy.asked(&["check"]);
    assert_eq!(checked.code(), 0);
    assert!(checked.out.contains("\"cat\" is a program of a rule in other"), "{}", checked.out);
    assert!(checked.out.contains("members of both groups are refused that word"), "{}", checked.out);
    assert_eq!(policy.explained("cat").code(), 0);
}

#[test]
fn cases_that_do_not_hold_are_told_one_by_one() {
    let rules = RULES.replace("allow = [\"cat /var/log/a.log | wc -l\"", "allow = [\"cat /etc/shadow\"");
    let rules = rules.replace("deny  = [\"cat /etc/shadow\"", "deny  = [\"cat /var/log/a.log\"");
    let rules = rules.replace("because = \"does not match <log>\"", "because = \"excepted\"");
    let policy = Policy::of(&rules);
    let said = flat(&policy.said(&["test"]));
    for part in [
        "support.toml:12: cat /etc/shadow is denied, and was to be allowed gatesh: not allowed: cat /etc/shadow",
        "support.toml:13: cat /var/log/a.log is allowed, and was to be denied",
        "support.toml:13: cat /etc/x.log is denied, but not because of that expected: excepted",
        "3 of 5 cases do not hold",
    ] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    assert_eq!(policy.asked(&["test"]).code(), 1);
}

#[test]
fn with_a_tree_links_in_paths_are_followed() {
    let tree = temporary();
    fs::create_dir_all(tree.path().join("var/log")).unwrap();
    fs::create_dir_all(tree.path().join("etc")).unwrap();
    fs::write(tree.path().join("etc/shadow"), "").unwrap();
    std::os::unix::fs::symlink("/etc/shadow", tree.path().join("var/log/link.log")).unwrap();
    let policy = Policy::of(
        &RULES.replace("allow = [\"cat /var/log/a.log | wc -l\", ", "allow = [\"cat /var/log/link.log\", "),
    );
    assert_eq!(policy.asked(&["test"]).code(), 0, "as text it matches");
    let answer = policy.asked(&["test", "--root", tree.path().to_str().unwrap()]);
    assert_eq!(answer.code(), 1, "{answer:#?}");
    assert!(
        flat(&answer.out).contains("cat /var/log/link.log is denied, and was to be allowed"),
        "{}",
        answer.out
    );
}

#[test]
fn list_shows_what_help_shows() {
    let said = Policy::of(RULES).said(&["list", "--group", "support"]);
    for part in ["Reads logs", "cat [-n] <log>...", "wc [-l]", "where  <log>"] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
}

#[test]
fn two_directories_are_one_too_many() {
    let policy = Policy::of(RULES);
    let answer = policy.asked(&["check", policy.path()]).says("name two directories: give one");
    assert_eq!(answer.code(), 2);
    assert!(Path::new(policy.path()).is_dir());
}
