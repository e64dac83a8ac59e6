//! What the documents say is tried: commands run, examples pass, sessions look as shown.

mod commands;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::scenario::{Answer, flat, is_root, like_ordinary, run, temporary};
use crate::screen::Screen;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// The fenced blocks of one language, without what the list they stand in indents them by.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        let Some(indent) = line.find("```").filter(|_| line.trim() == format!("```{language}")) else {
            continue;
        };
        let inside = lines.by_ref().take_while(|line| line.trim() != "```");
        let text: Vec<&str> = inside.map(|line| line.get(indent..).unwrap_or_default()).collect();
        blocks.push(text.join("\n") + "\n");
    }
    blocks
}

fn gateshctl(words: &[&str]) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
    command.args(words).current_dir(root());
    run(command, b"")
}

/// A policy directory with this text as the only group's file, and the filters.
fn policy(group: &str) -> tempfile::TempDir {
    let directory = temporary();
    for name in ["groups.d", "sets.d"] {
        fs::create_dir(directory.path().join(name)).unwrap();
    }
    fs::write(directory.path().join("groups.d/support.toml"), group).unwrap();
    fs::copy(root().join("config/sets.d/filters.toml"), directory.path().join("sets.d/filters.toml"))
        .unwrap();
    directory
}

#[track_caller]
fn holds(text: &str) {
    let directory = policy(text);
    let directory = directory.path().to_str().unwrap();
    for verb in ["check", "test"] {
        let answer = gateshctl(&[verb, directory]);
        assert_eq!(answer.code(), 0, "{verb}: {}{}", answer.out, answer.err);
    }
}

/// Indented lines at the top, as the README has its two commands: the words before the comment.
fn commands_of_the_readme() -> Vec<String> {
    let readme = document("README.md");
    let lines = readme.lines().filter_map(|line| line.strip_prefix("    "));
    let before = |line: &str| line.split("  #").next().unwrap_or_default().trim().to_owned();
    lines.map(before).take(2).collect()
}

#[test]
fn the_first_command_of_the_readme_is_a_gate_in_which_its_examples_hold() {
    let commands = commands_of_the_readme();
    assert_eq!(commands[0], "cargo run --quiet --bin gatesh -- --demo");
    let place = temporary();
    let gatesh = crate::scenario::gatesh_program(place.path());
    let mut demo = like_ordinary(&gatesh, &["--demo"]);
    let mut screen = Screen::open(demo.current_dir("/").env("TERM", "xterm"));
    screen.shows("help shows what you may run").shows("> ");
    screen.types("ls -l /var/log").shows("total ").shows("> ");
    screen.types("cat /etc/shadow").shows("not allowed: cat /etc/shadow");
    screen.shows("word 2  /etc/shadow does not match <log>").shows("> ");
    screen.types("exit");
    let _ = screen.ends();
}

#[test]
fn the_demonstration_is_for_root_too() {
    if !is_root() {
        return println!("skipped: it takes root to see that root is let in");
    }
    let mut demo = Command::new(env!("CARGO_BIN_EXE_gatesh"));
    demo.args(["--demo", "-c", "ls -l /var/log"]).current_dir("/");
    let answer = run(demo, b"");
    assert_eq!(answer.code(), 0, "{answer:#?}");
}

#[test]
fn the_second_command_of_the_readme_is_what_ci_runs() {
    let commands = commands_of_the_readme();
    assert_eq!(commands[1], "sh tests/run.sh");
    assert!(document(".ci/run").contains("exec sh tests/run.sh"));
    assert!(document("CONTRIBUTING.md").contains("sh tests/run.sh"));
}

#[test]
fn the_readmes_group_file_holds() {
    let examples = blocks(&document("README.md"), "toml");
    assert!(!examples.is_empty());
    for example in &examples {
        holds(example);
    }
}

#[test]
fn every_whole_example_of_the_rules_holds() {
    let examples = blocks(&document("docs/rules.md"), "toml");
    let whole: Vec<&String> = examples.iter().filter(|text| text.contains("[[allow]]")).collect();
    assert!(!whole.is_empty());
    for example in whole {
        holds(example);
    }
}

/// What stands behind the README's dollar signs; tests/packaging/deb.sh runs it where the package is installed.
#[test]
fn files_that_the_readme_installs_are_in_the_package() {
    let console = blocks(&document("README.md"), "console").concat();
    assert!(console.contains("cd /usr/share/gatesh/examples\n"), "{console}");
    let words = console.split_whitespace();
    let named: Vec<&str> =
        words.filter(|word| word.starts_with("groups.d/") || word.starts_with("sets.d/")).collect();
    assert!(named.len() >= 2, "{named:?}");
    let missing: Vec<_> = named.iter().filter(|name| !root().join("config").join(name).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(root().join("packaging/build.sh").exists());
}

#[test]
fn the_shipped_policy_holds() {
    let checked = gateshctl(&["check", "config"]);
    assert_eq!(checked.code(), 0, "{}", checked.out);
    let tested = gateshctl(&["test", "config"]);
    assert_eq!(tested.code(), 0, "{}", tested.out);
}

#[test]
fn each_shipped_group_has_many_cases_and_more_denials_than_permissions() {
    let answer = gateshctl(&["test", "config", "--json"]);
    let report: Value = serde_json::from_str(&answer.out).unwrap();
    let cases = report["cases"].as_array().unwrap();
    for group in ["log-readers", "package-updaters"] {
        let of = |wanted: &str| {
            cases.iter().filter(|case| case["group"] == group && case["expect"] == wanted).count()
        };
        let (allow, deny) = (of("allow"), of("deny"));
        assert!(allow + deny >= 25 && deny > allow && allow > 0, "{group}: {allow} and {deny}");
    }
}

#[test]
fn the_shipped_settings_are_the_defaults_they_say_they_are() {
    let directory = policy("[[allow]]\ncommands = [\"ls\"]\n");
    fs::copy(root().join("config/gatesh.toml"), directory.path().join("gatesh.toml")).unwrap();
    let source = |place: PathBuf| {
        let source = gatesh::policy::file::PolicySource::staging(place, nix::unistd::getuid().as_raw());
        gatesh::policy::file::load_for_groups(&source, &["support".to_owned()], None).unwrap().settings
    };
    let written = source(directory.path().to_owned());
    fs::remove_file(directory.path().join("gatesh.toml")).unwrap();
    assert_eq!(format!("{written:?}"), format!("{:?}", source(directory.path().to_owned())));
}

/// The picture of a session: whoever is in log-readers reads what it shows.
#[test]
fn the_session_in_the_readme_shows_what_gatesh_says() {
    let picture = blocks(&document("README.md"), "").remove(0);
    let said = flat(&picture);
    for message in ["help shows what you may run.", "gatesh: not allowed: cat /etc/shadow", "nothing was run"]
    {
        assert!(said.contains(message), "{message}");
    }
    let place = temporary();
    let gatesh = crate::scenario::gatesh_program(place.path());
    let answer = run(like_ordinary(&gatesh, &["--demo", "-c", "less app.log; id"]), b"");
    let first = "gatesh: not allowed: id nothing was run no rule of log-readers names it; help lists what you may run";
    assert!(said.contains(first), "{said}");
    // Without the log, less is refused first: only the manner is the same.
    assert!(answer.says("nothing was run").code() == 126);
}
