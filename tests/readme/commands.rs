//! Every command of ours that a document shows: its verb and options are there, and those of the guide to Session
//! Manager run, one after the other, from nothing to two groups.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use regex::Regex;

use super::{document, gateshctl, root};
use crate::scenario::{Answer, like_ordinary, run, temporary};

/// A document's code as lines, those that end in a backslash joined to the next: blocks, and what stands in
/// backquotes.
fn code(text: &str) -> Vec<String> {
    let (mut blocks, mut prose, mut fenced) = (String::new(), String::new(), false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced || line.starts_with("    ") {
            blocks = blocks + line.trim() + "\n";
        } else {
            prose = prose + line.trim() + " ";
        }
    }
    let spans = Regex::new("`([^`]+)`").unwrap();
    let spans = spans.captures_iter(&prose).map(|span| span[1].to_owned()).collect::<Vec<_>>();
    blocks.replace("\\\n", " ").lines().map(str::to_owned).chain(spans).collect()
}

/// The words of each command of gatesh or gateshctl in a line.
fn commands(line: &str) -> Vec<Vec<String>> {
    let line = line.split("  #").next().unwrap_or_default();
    let parts = Regex::new(r"&&|\|\||\$\(|[;|()]|<|>").unwrap();
    let words = parts.split(line).filter_map(|part| shell_words::split(part).ok());
    let before = ["$", "sudo", "exec", "do", "then"];
    let words =
        words.map(|words| words.into_iter().skip_while(|word| before.contains(&word.as_str())).collect());
    words
        .filter(|words: &Vec<String>| {
            let program = words.first().and_then(|word| word.rsplit('/').next());
            matches!(program, Some("gatesh" | "gateshctl"))
        })
        .collect()
}

fn options(words: &[String]) -> impl Iterator<Item = &str> {
    let words = words.iter().take_while(|word| *word != "--");
    words.filter(|word| word.starts_with('-')).map(|word| word.split('=').next().unwrap_or_default())
}

/// A help has it: an option as a word, a verb at the beginning of a line.
fn has_option(help: &str, option: &str) -> bool {
    help.split([' ', ',', '\n', '=']).any(|word| word == option)
}

fn has_verb(help: &str, verb: &str) -> bool {
    help.lines().any(|line| line.starts_with("  ") && line.split_whitespace().next() == Some(verb))
}

/// What a command names that its program does not have.
fn unknown(words: &[String]) -> Vec<String> {
    let (program, words) = words.split_first().unwrap();
    let mut help = if program.ends_with("gatesh") {
        run(like_ordinary(Path::new(env!("CARGO_BIN_EXE_gatesh")), &["--help"]), b"").out
    } else {
        gateshctl(&["--help"]).out
    };
    let mut missing = Vec::new();
    let mut path: Vec<&str> = Vec::new();
    // Verbs come first in every document.
    let mut rest = words.iter().map(String::as_str);
    while let Some(verb) = help.contains("Commands:").then(|| rest.next()).flatten() {
        // "import and export", `gateshctl VERB --help`
        if verb.starts_with('-') || verb.chars().all(|c| c.is_ascii_uppercase()) {
            break;
        }
        if !has_verb(&help, verb) {
            missing.push(verb.to_owned());
            break;
        }
        path.push(verb);
        help = gateshctl(&[path.as_slice(), &["--help"]].concat()).out;
    }
    missing.extend(options(words).filter(|option| !has_option(&help, option)).map(str::to_owned));
    missing
}

fn documents() -> Vec<String> {
    let docs = fs::read_dir(root().join("docs")).unwrap();
    let docs = docs.map(|entry| format!("docs/{}", entry.unwrap().file_name().into_string().unwrap()));
    let docs = docs.filter(|name| Path::new(name).extension().is_some_and(|end| end == "md"));
    docs.chain(["README.md", "SECURITY.md", "CHANGELOG.md"].map(str::to_owned)).collect()
}

#[test]
fn verbs_and_options_that_the_documents_show_are_there() {
    let mut seen = 0;
    for name in documents() {
        for words in code(&document(&name)).iter().flat_map(|line| commands(line)) {
            assert_eq!(unknown(&words), Vec::<String>::new(), "{name}: {words:?}");
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn what_is_not_there_is_found() {
    let text = "see `gateshctl chek`:\n\n    gateshctl export iam-policy --group x \\\n        --acount 1 | less\n\
                \n`x=$(gatesh --demmo -c 'ls')` `gateshctl export sudo --group x` `gateshctl list --all`";
    let found: Vec<Vec<String>> =
        code(text).iter().flat_map(|line| commands(line)).map(|words| unknown(&words)).collect();
    let wanted: [&[&str]; 5] = [&["--acount"], &["chek"], &["--demmo"], &["sudo", "--group"], &["--all"]];
    assert_eq!(found, wanted);
}

/// The guide's lines, its loops written out.
fn lines_of_the_guide() -> Vec<String> {
    let mut names = vec![String::new()];
    let mut lines = Vec::new();
    for line in code(&document("docs/session-manager.md")) {
        if let Some(list) = line.strip_prefix("for name in ").and_then(|rest| rest.strip_suffix("; do")) {
            names = list.split_whitespace().map(str::to_owned).collect();
        } else if line == "done" {
            names = vec![String::new()];
        } else {
            lines.extend(names.iter().map(|name| line.replace("$name", name)));
        }
    }
    lines
}

/// Somebody who follows the guide: a directory to work in, and a policy in place of /etc/gatesh.
struct Operator(tempfile::TempDir);

impl Operator {
    fn new() -> Self {
        let operator = Self(temporary());
        for name in ["groups.d", "sets.d"] {
            fs::create_dir_all(operator.0.path().join("policy").join(name)).unwrap();
        }
        for entry in fs::read_dir(root().join("tests/fixtures/documents")).unwrap() {
            let file = entry.unwrap();
            fs::copy(file.path(), operator.0.path().join(file.file_name())).unwrap();
        }
        operator
    }

    /// What the guide has run, with `--config` where it reads /etc/gatesh; kept where it says `> FILE`.
    fn runs(&self, line: &str, words: &[String]) -> Answer {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
        command.args(&words[1..2]).arg("--config").arg(self.0.path().join("policy")).args(&words[2..]);
        let answer = run(
            {
                command.current_dir(self.0.path());
                command
            },
            b"",
        );
        if let Some(file) = line.split(" > ").nth(1) {
            fs::write(self.0.path().join(file), &answer.out).unwrap();
            if words[1] == "new" {
                fs::write(self.0.path().join("policy/groups.d").join(file), &answer.out).unwrap();
            }
        }
        answer
    }
}

/// A refusal is what is wanted of these.
fn wanted_status(verb: &str) -> i32 {
    i32::from(matches!(verb, "explain" | "audit-document"))
}

#[test]
fn the_guide_to_session_manager_leads_from_nothing_to_two_groups() {
    let operator = Operator::new();
    let mut written = BTreeSet::new();
    for line in lines_of_the_guide().iter().filter(|line| line.starts_with("gateshctl ")) {
        // Of the host, and with the published documents instead of the roles: the next test.
        if line.starts_with("gateshctl doctor") || line.contains("import session-document") {
            continue;
        }
        for words in commands(line).iter().filter(|_| !line.contains(" --status-line")) {
            // Named in the text, with the rest left to the reader.
            if words.len() <= 3 && words[1] == "export" {
                continue;
            }
            let answer = operator.runs(line, words);
            assert_eq!(answer.code(), wanted_status(&words[1]), "{line}\n{}{}", answer.out, answer.err);
        }
        written.extend(line.split(" > ").nth(1).map(str::to_owned));
    }
    for group in ["log-readers", "package-updaters"] {
        for end in [".yaml", "-command.yaml", ".json"] {
            assert!(written.contains(&format!("Gatesh-{group}{end}")), "{group}{end}: {written:?}");
        }
    }
    let lines = lines_of_the_guide().join("\n");
    let handed = Regex::new(r"file://([\w.-]+)").unwrap();
    let handed: BTreeSet<String> = handed.captures_iter(&lines).map(|name| name[1].to_owned()).collect();
    assert!(handed.len() >= 6 && handed.is_subset(&written), "{handed:?} of {written:?}");
}

#[test]
fn documents_of_the_guide_run_as_accounts_that_it_makes_and_policies_open_them() {
    let lines = lines_of_the_guide();
    let provision = lines.iter().find(|line| line.starts_with("/usr/libexec/gatesh/provision")).unwrap();
    for group in ["log-readers", "package-updaters"] {
        let of = |verb: &str| {
            let start = format!("gateshctl export {verb} --group {group} ");
            lines.iter().filter(|line| line.starts_with(&start)).collect::<Vec<_>>()
        };
        assert!(provision.contains(&format!("--user gatesh-{group}:{group}")), "{provision}");
        assert_eq!(of("session-document").len(), 2, "{group}");
        for line in of("session-document") {
            assert!(line.contains(&format!("--run-as gatesh-{group} ")), "{line}");
        }
        for name in [format!("Gatesh-{group}"), format!("Gatesh-{group}-command")] {
            assert!(of("iam-policy")[0].contains(&format!("--document {name} ")), "{name}");
            let made = format!("aws ssm create-document --name {name} ");
            assert!(lines.iter().any(|line| line.starts_with(&made)), "{made}");
        }
        let attached = format!("policy/Gatesh-{group}");
        assert!(lines.iter().any(|line| line.contains("attach-group-policy") && line.ends_with(&attached)));
    }
}

#[test]
fn the_published_documents_are_imported_as_the_guide_says() {
    let operator = Operator::new();
    let lines = lines_of_the_guide();
    let imports: Vec<&String> =
        lines.iter().filter(|line| line.contains("import session-document")).collect();
    assert_eq!(imports.len(), 2);
    for line in imports {
        let answer = operator.runs(line, &commands(line)[0]);
        assert_eq!(answer.code(), 0, "{line}\n{}", answer.err);
        assert!(answer.out.contains("[[allow]]"), "{}", answer.out);
    }
}
