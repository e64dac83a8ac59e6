//! `gateshctl new`, `schema` and `completions`, as somebody who starts uses them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::export::tool;
use crate::scenario::{Answer, run, temporary};

fn gateshctl(words: &[&str]) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
    command.args(words);
    run(command, b"")
}

fn templates() -> Vec<String> {
    let answer = gateshctl(&["new", "--list"]);
    answer.out.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_template_is_a_group_file_that_holds() {
    let all = templates();
    assert!(all.len() >= 10, "{all:?}");
    for name in all.iter().filter(|name| *name != "filters") {
        let policy = temporary();
        fs::create_dir(policy.path().join("groups.d")).unwrap();
        fs::create_dir(policy.path().join("sets.d")).unwrap();
        fs::write(
            policy.path().join("sets.d/filters.toml"),
            gateshctl(&["new", "--template", "filters"]).out,
        )
        .unwrap();
        fs::write(policy.path().join("gatesh.toml"), "labels = [\"role=app\"]\n").unwrap();
        // A group that every system has: check warns of others.
        let written = gateshctl(&["new", "--template", name, "--group", "users"]);
        assert!(written.out.starts_with("# /etc/gatesh/groups.d/users.toml: "), "{}", written.out);
        fs::write(policy.path().join("groups.d/users.toml"), &written.out).unwrap();
        for verb in ["check", "test"] {
            let answer = gateshctl(&[verb, policy.path().to_str().unwrap()]);
            assert_eq!(answer.code(), 0, "{verb} {name}: {}{}", answer.out, answer.err);
        }
    }
}

#[test]
fn an_unknown_template_names_those_there_are_and_a_bad_group_is_refused() {
    let answer = gateshctl(&["new", "--template", "wizard"]);
    assert_eq!((answer.code(), answer.out.as_str()), (2, ""));
    assert!(
        answer.err.contains("there is no template wizard") && answer.err.contains("log-readers"),
        "{}",
        answer.err
    );
    assert_eq!(gateshctl(&["new", "--template", "tools", "--group", "a b"]).code(), 2);
    let hidden = gateshctl(&["new", "--template", "tools", "--group", ".ops"]);
    assert_eq!(hidden.says("such a group has no file").code(), 2);
    assert_eq!(gateshctl(&["new"]).code(), 2);
}

#[test]
fn completions_are_the_scripts_that_packages_install() {
    for (shell, file) in [("bash", "gateshctl.bash"), ("zsh", "_gateshctl"), ("fish", "gateshctl.fish")] {
        let installed = fs::read_to_string(root().join("packaging/completions").join(file)).unwrap();
        assert_eq!(gateshctl(&["completions", shell]).out, installed);
        // The shell reads it, where it is there.
        let mut command = Command::new(shell);
        command.arg("-n").arg(root().join("packaging/completions").join(file));
        match command.output() {
            Ok(output) => {
                assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr));
            }
            Err(_) => crate::scenario::lacks(shell),
        }
    }
    assert_eq!(gateshctl(&["completions", "csh"]).code(), 2);
}

/// The schema, and a file for it, as JSON; whether the file is valid.
fn valid(schema: &str, toml: &str) -> Option<bool> {
    let jsonschema = tool("jsonschema")?;
    let place = temporary();
    let (of, file) = (place.path().join("schema.json"), place.path().join("file.json"));
    fs::write(&of, gateshctl(&["schema", schema]).out).unwrap();
    let value: toml::Value = toml::from_str(toml).unwrap();
    fs::write(&file, serde_json::to_string(&value).unwrap()).unwrap();
    let output = Command::new(jsonschema).arg("-i").arg(&file).arg(&of).output().unwrap();
    println!("{}", String::from_utf8_lossy(&output.stderr));
    Some(output.status.success())
}

fn shipped() -> Vec<(&'static str, PathBuf)> {
    let mut all = vec![
        ("gatesh", root().join("config/gatesh.toml")),
        ("gatesh", root().join("config/examples/gatesh.toml")),
    ];
    for directory in ["config/groups.d", "config/sets.d", "config/examples/groups.d"] {
        let files = fs::read_dir(root().join(directory)).unwrap();
        all.extend(files.map(|file| ("group", file.unwrap().path())));
    }
    all
}

#[test]
fn every_shipped_file_is_valid_by_its_schema() {
    for (schema, file) in shipped() {
        let Some(valid) = valid(schema, &fs::read_to_string(&file).unwrap()) else { return };
        assert!(valid, "{}", file.display());
    }
}

#[test]
fn what_the_loader_refuses_by_its_form_the_schema_refuses() {
    let wrong = [
        ("group", "descripton = 'x'"),
        ("group", "[[allow]]\nname = 'x'"),
        ("group", "[[allow]]\ncommands = ['ls']\nwith = ['@nothing']"),
        ("group", "[[allow]]\ncommands = ['ls']\nnetwork = ['tcp']"),
        ("group", "[[allow]]\ncommands = ['ls']\ntimeout = 'soon'"),
        ("group", "[[allow]]\ncommands = ['ls']\numask = '999'"),
        ("group", "[[deny]]\nreason = 'x'"),
        ("group", "[types]\nlog = { file = ['/a'], regex = 'b' }"),
        ("group", "[types]\nrows = { integer = [1] }"),
        ("group", "[types]\nrows = { one_of = ['a'], access = 'read' }"),
        ("group", "[cases]\nallow = [{ line = 'x', because = 'y' }]"),
        ("group", "operators = ['&']"),
        ("gatesh", "[session]\ngroups = 'all'"),
        ("gatesh", "[audit]\nsink = 'mail'"),
        ("gatesh", "[sessions]\nroot = true"),
    ];
    for (schema, text) in wrong {
        let Some(valid) = valid(schema, text) else { return };
        assert!(!valid, "{text}");
    }
}
