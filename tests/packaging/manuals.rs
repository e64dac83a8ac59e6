//! The manual pages against the code.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gatesh::input::invocation::HELP;
use gatesh::policy::types::Type;

type Names = BTreeSet<String>;

#[test]
fn gatesh_1_has_every_option_of_the_help_and_no_other() {
    assert_eq!(options_of_page("gatesh.1"), dashed(between(HELP, "", "Without -c")));
}

#[test]
fn gateshctl_1_has_every_verb_and_no_other() {
    let page = page("gateshctl.1");
    let synopsis = between(&page, ".Sh SYNOPSIS", ".Sh DESCRIPTION");
    let named = synopsis.lines().filter_map(|line| line.strip_prefix(".Cm ")).map(first_word).collect();
    assert_eq!(verbs(), named);
}

#[test]
fn gateshctl_1_has_every_option_of_every_verb_and_no_other() {
    let verbs = verbs();
    let mut known: Names = verbs.iter().flat_map(|verb| options_of_verb(verb)).collect();
    known.extend(dashed(&gateshctl(&["--help"])));
    // Every program has these.
    known.retain(|option| !matches!(option.as_str(), "-h" | "-V" | "--help" | "--version"));
    assert_eq!(options_of_page("gateshctl.1"), known);
}

#[test]
fn completions_know_every_verb_and_no_other() {
    let lists = [
        ("gateshctl.bash", "local verbs=\"", "\"", ""),
        ("_gateshctl", "\nverbs=(\n", "\n)", ":"),
        ("gateshctl.fish", "set -l verbs ", "\n", ""),
    ];
    for (file, from, to, after) in lists {
        let text = read(&format!("packaging/completions/{file}"));
        let list = between(&text, from, to);
        // zsh has a line for each: 'verb:what it does'
        let named = if after.is_empty() {
            list.split_whitespace().map(str::to_owned).collect()
        } else {
            list.lines()
                .filter_map(|line| line.trim().trim_start_matches('\'').split(after).next())
                .map(str::to_owned)
                .collect()
        };
        assert_eq!(verbs(), named, "{file}");
    }
}

#[test]
fn completions_know_every_option_and_no_other() {
    let mut known = options_of_page("gateshctl.1");
    known.extend(["--help", "--version"].map(str::to_owned));
    for file in ["gateshctl.bash", "_gateshctl", "gateshctl.fish"] {
        let text = read(&format!("packaging/completions/{file}"));
        // fish names them without hyphens: -l option
        let named = if file == "gateshctl.fish" {
            let complete = text.lines().filter(|line| line.starts_with("complete "));
            complete
                .flat_map(|line| line.split(" -l ").skip(1))
                .map(|rest| format!("--{}", first_word(rest)))
                .collect()
        } else {
            dashed(&text)
        };
        let long = |names: &Names| names.iter().filter(|it| it.starts_with("--")).cloned().collect::<Names>();
        assert_eq!(long(&known), long(&named), "{file}");
    }
}

#[test]
fn gatesh_toml_5_has_every_key_of_the_host_file_and_no_other() {
    assert_eq!(
        keys_of_page("gatesh.toml.5"),
        without(keys("host.rs"), &["session", "programs", "confinement", "audit", "types"])
    );
}

#[test]
fn gatesh_group_5_has_every_key_of_a_group_file_and_no_other() {
    let files = ["group.rs", "types.rs", "rule.rs", "terms.rs", "deny.rs"];
    let known: Names = files.iter().flat_map(|file| keys(file)).collect();
    assert_eq!(
        keys_of_page("gatesh-group.5"),
        without(known, &["types", "aliases", "allow", "deny", "cases"])
    );
}

#[test]
fn gatesh_group_5_has_the_keys_that_stand_in_running_text() {
    let page = page("gatesh-group.5");
    for key in keys("when.rs").union(&keys("cases.rs")) {
        let marked = format!(".Cm {key} ");
        let is_marked = page.lines().any(|line| format!("{line} ").starts_with(&marked));
        let is_set = page.contains(&format!(" {key} =")) || page.contains(&format!("\n{key} ="));
        assert!(is_marked || is_set, "nothing is said of {key}");
    }
}

#[test]
fn gatesh_group_5_has_every_built_in_type_and_no_other() {
    let page = page("gatesh-group.5");
    let listed = between(&page, "Built in, and not", ".El");
    let named: Names =
        listed.lines().filter_map(|line| line.strip_prefix(".It Li ")).map(str::to_owned).collect();
    assert_eq!(named, Type::BUILT_IN.iter().map(|name| (*name).to_owned()).collect());
}

#[test]
fn gatesh_group_5_has_every_set_and_no_other() {
    let page = page("gatesh-group.5");
    let named: Names = page.lines().filter_map(|line| line.strip_prefix(".Li @")).map(first_word).collect();
    let known: Names = gatesh::policy::sets::names().map(str::to_owned).collect();
    assert_eq!(named, known);
}

#[test]
fn the_examples_of_gatesh_group_5_hold() {
    let page = page("gatesh-group.5");
    let examples: Vec<&str> = literals(&page).collect();
    assert_eq!(examples.len(), 2, "the page has an example for each kind of rule");
    for example in examples {
        let policy = policy_of(example);
        let (status, said) = run("gateshctl", &["test", path(policy.path())]);
        assert!(status == Some(0), "{said}");
        let (status, said) = run("gateshctl", &["check", path(policy.path())]);
        assert!(status == Some(0), "{said}");
    }
}

#[test]
fn the_example_of_gatesh_toml_5_is_read() {
    let page = page("gatesh.toml.5");
    let policy = tempfile::tempdir().unwrap();
    fs::write(policy.path().join("gatesh.toml"), literals(&page).next().unwrap()).unwrap();
    let (status, said) = run("gateshctl", &["check", path(policy.path())]);
    assert_eq!(status, Some(0), "{said}");
}

#[test]
fn a_fault_put_into_an_example_is_found() {
    let page = page("gatesh-group.5");
    let example = literals(&page).next().unwrap().replace("<log>...", "<lgo>...");
    let policy = policy_of(&example);
    let (status, said) = run("gateshctl", &["check", path(policy.path())]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("lgo"), "{said}");
}

/// Synopsis, what the page says it takes, what it says it does not take.
const WORKED: &[(&str, &[&str], &[&str])] = &[
    (
        "tail [-f] [-n <rows>] <log>...",
        &["tail app.log", "tail -fn 5 app.log", "tail app.log -n5"],
        &["tail", "tail --lines 5 app.log", "tail -n -5 app.log"],
    ),
    ("systemctl (status|restart) <unit>", &["systemctl status nginx"], &["systemctl stop nginx"]),
    ("cp <log>... <dir>", &["cp a.log b.log /srv/out"], &[]),
    (
        "find <dir> [-name <glob>] ['-print']",
        &["find /var/log -print -name '*.gz'"],
        &["find /var/log -delete"],
    ),
];

#[test]
fn the_worked_examples_of_gatesh_group_5_are_as_it_says() {
    let page = page("gatesh-group.5");
    for (synopsis, takes, refuses) in WORKED {
        assert!(page.contains(&format!(".It Li \\&{synopsis}\n")), "the page has no {synopsis}");
        for line in takes.iter().chain(*refuses) {
            assert!(page.contains(&format!(".Ql {line}")), "the page has no {line}");
        }
        let policy = policy_of(&worked(synopsis, takes, refuses));
        let (status, said) = run("gateshctl", &["test", path(policy.path())]);
        assert_eq!(status, Some(0), "{synopsis}: {said}");
    }
}

/// A group whose cases are the page's claims. Values are words here, so that no file need exist.
fn worked(synopsis: &str, takes: &[&str], refuses: &[&str]) -> String {
    format!(
        "[types]\nlog = {{ regex = '[a-z.]+' }}\ndir = {{ regex = '[a-z/]+' }}\nrows = {{ integer = [1, 100] }}\n\
         [[allow]]\ncommands = [{synopsis:?}]\n[cases]\nallow = {takes:?}\ndeny = {refuses:?}\n"
    )
}

#[test]
fn manual_pages_have_no_fault_a_formatter_finds() {
    if Command::new("mandoc").arg("-h").output().is_err() {
        crate::scenario::lacks("mandoc");
        return;
    }
    let pages = ["gatesh.1", "gateshctl.1", "gatesh.toml.5", "gatesh-group.5"].map(manual);
    let output = Command::new("mandoc").args(["-T", "lint"]).args(pages).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    // What the machine's own pages are is no fault of ours.
    let machine = |line: &&str| {
        ["outdated mandoc.db", "referenced manual not found"].iter().any(|it| line.contains(it))
    };
    let faults: Vec<&str> = said.lines().filter(|line| !machine(line)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn without(mut names: Names, left_out: &[&str]) -> Names {
    names.retain(|name| !left_out.contains(&name.as_str()));
    names
}

/// The keys in the tables that the loader reads with.
fn keys(file: &str) -> Names {
    let code = read(&format!("src/policy/file/{file}"));
    let tables = code.split("keys: &[").skip(1).filter_map(|rest| rest.split("};").next());
    let starts = tables.flat_map(|table| table.split("(\"").skip(1));
    starts.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

/// The keys that head an entry of a list.
fn keys_of_page(name: &str) -> Names {
    let page = page(name);
    let entries = page.lines().filter_map(|line| line.strip_prefix(".It Cm "));
    let nested =
        between(&page, ".It Cm limits", ".It Cm read").lines().filter_map(|line| line.strip_prefix(".Cm "));
    entries.chain(nested).map(first_word).collect()
}

/// The options that head an entry of a list.
fn options_of_page(name: &str) -> Names {
    let page = page(name);
    let flags = page.split(['\n', ' ']).zip(page.split(['\n', ' ']).skip(1));
    let flags = flags.filter(|(macro_name, _)| matches!(*macro_name, ".Fl" | "Fl")).map(|(_, flag)| flag);
    let options = flags.map(|flag| format!("-{}", flag.replace("\\-", "-")));
    // A pair of hyphens alone ends the options.
    options.filter(|option| option != "--").collect()
}

/// Every word that begins like an option.
fn dashed(text: &str) -> Names {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let options = words.filter(|word| {
        let name = word.trim_start_matches('-');
        name != *word && name.starts_with(|c: char| c.is_ascii_alphabetic())
    });
    options.map(str::to_owned).collect()
}

/// Those of the verb and of what may stand after it.
fn options_of_verb(verb: &str) -> Names {
    let help = gateshctl(&[verb, "--help"]);
    let beneath = listed(&help).into_iter().map(|next| dashed(&gateshctl(&[verb, &next, "--help"])));
    beneath.fold(dashed(&help), |all, more| &all | &more)
}

fn verbs() -> Names {
    listed(&gateshctl(&["--help"]))
}

/// The verbs a help names.
fn listed(help: &str) -> Names {
    let listed = between(help, "Commands:", "Options:");
    without(listed.lines().map(first_word).collect(), &["", "help"])
}

/// The text of each literal block.
fn literals(page: &str) -> impl Iterator<Item = &str> {
    let examples = between(page, ".Sh EXAMPLES", ".Sh SEE ALSO");
    let blocks = examples.split(".Bd -literal").skip(1);
    blocks.filter_map(|block| block.split_once('\n')?.1.split("\n.Ed").next())
}

/// A policy whose one group has these rules, beside the shipped sets.
fn policy_of(group: &str) -> tempfile::TempDir {
    let policy = tempfile::tempdir().unwrap();
    for directory in ["groups.d", "sets.d"] {
        fs::create_dir(policy.path().join(directory)).unwrap();
    }
    fs::copy(root().join("config/sets.d/filters.toml"), policy.path().join("sets.d/filters.toml")).unwrap();
    // A group that every system has: check warns of others.
    fs::write(policy.path().join("groups.d/users.toml"), group).unwrap();
    policy
}

fn gateshctl(arguments: &[&str]) -> String {
    run("gateshctl", arguments).1
}

fn run(program: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let programs = [("gateshctl", env!("CARGO_BIN_EXE_gateshctl"))];
    let file = programs.iter().find(|(name, _)| *name == program).unwrap().1;
    let output = Command::new(file).args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    text.split_once(from).map_or("", |(_, rest)| rest.split_once(to).map_or(rest, |(inner, _)| inner))
}

fn first_word(line: &str) -> String {
    line.split_whitespace().next().unwrap_or_default().to_owned()
}

fn page(name: &str) -> String {
    read(&format!("packaging/man/{name}"))
}

fn manual(name: &str) -> PathBuf {
    root().join("packaging/man").join(name)
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
