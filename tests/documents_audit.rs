//! The published documents do not hold, and every value the audit prints really does what it says: it is
//! pasted as the agent pastes it and run by a real `sh -c` among stand-in programs that record how they were
//! started.

mod shape;
mod stage;

use std::fs;
use std::path::Path;

use gatesh::admin::documents::audit::audit;
use gatesh::admin::documents::document::Document;
use gatesh::admin::documents::finding::{Finding, Severity, holds, json, text};
use stage::{Stage, happened, shells};

fn published(name: &str) -> String {
    let path = format!("{}/tests/fixtures/documents/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).unwrap()
}

fn findings(document: &str) -> Vec<Finding> {
    audit(&Document::read(document).unwrap())
}

/// A document of one parameter `c`, pasted into `commands`, with `pattern`.
fn pasted(commands: &str, pattern: &str) -> String {
    let quoted = |text: &str| text.replace('\'', "''");
    format!(
        "schemaVersion: '1.0'\nsessionType: InteractiveCommands\ninputs: {{runAsEnabled: true}}\n\
         parameters:\n  c:\n    type: String\n    allowedPattern: '{}'\n\
         properties:\n  linux:\n    commands: '{}'\n",
        quoted(pattern),
        quoted(commands)
    )
}

fn ids(findings: &[Finding], least: Severity) -> Vec<&str> {
    findings.iter().filter(|finding| finding.severity >= least).map(|finding| finding.id.as_str()).collect()
}

fn witness(document: &str, id: &str) -> Option<String> {
    findings(document).into_iter().find(|finding| finding.id == id)?.witness
}

fn every_witness_happens(commands: &str, document: &str) {
    let pattern = document.lines().find(|line| line.contains("allowedPattern")).unwrap_or_default();
    let meant = format!("{commands} {pattern}");
    for finding in findings(document).into_iter().filter(|finding| finding.id.starts_with("pattern-")) {
        let witness = finding.witness.unwrap_or_else(|| panic!("{}: {}", finding.id, finding.what));
        let text = commands.replace("{{c}}", &witness).replace("{{command}}", &witness);
        for shell in shells() {
            let happened = happened(&finding.id, &shell, &text, &meant);
            assert!(happened, "{} in {}: {text:?}", finding.id, shell.display());
        }
    }
}

const READ_ONLY: &str = "SSM-StartReadOnlyInteractiveCommand";
const UPDATE: &str = "SSM-StartUpdatePackagesInteractiveCommand";

#[test]
fn every_witness_against_the_published_documents_really_runs() {
    every_witness_happens("{{command}}", &published(READ_ONLY));
    every_witness_happens("{{command}}", &published(UPDATE));
}

#[test]
fn every_witness_out_of_quotes_really_runs() {
    for commands in ["exec prog -- '{{c}}'", "prog \"{{c}}\"", "prog {{c}}", "cat logs/{{c}}"] {
        every_witness_happens(commands, &pasted(commands, "^.+$"));
    }
}

#[test]
fn the_published_documents_fall_in_every_class() {
    for name in [READ_ONLY, UPDATE] {
        let document = published(name);
        let found = findings(&document);
        let ids = ids(&found, Severity::Error);
        // sudo's own words stand before whatever the second one lets through, and no path.
        let own: &[&str] = if name == READ_ONLY { &["path"] } else { &[] };
        for class in [
            "operator",
            "newline",
            "substitution",
            "redirection",
            "comment",
            "program",
            "option",
            "operand",
            "unanchored",
        ]
        .iter()
        .chain(own)
        {
            let id = format!("pattern-{class}");
            assert!(
                ids.contains(&id.as_str()) && witness(&document, &id).is_some(),
                "{name} {class}: {ids:?}"
            );
        }
        assert!(!holds(&found));
    }
}

#[test]
fn no_witness_is_longer_than_the_one_found_by_hand() {
    let cases = [
        (READ_ONLY, "pattern-operator", "ls -d /; id -un"),
        (READ_ONLY, "pattern-substitution", "ls -d \"$(id -un)\""),
        (READ_ONLY, "pattern-redirection", "ls -d / > f; echo wrote"),
        (READ_ONLY, "pattern-comment", "id -un #cat x.log"),
        (READ_ONLY, "pattern-newline", "ls -d /\nsudo id"),
        (READ_ONLY, "pattern-option", "cat -n /etc/hostname /etc/x.log"),
        (UPDATE, "pattern-operator", "sudo yum update --version; id -un"),
        (UPDATE, "pattern-comment", "sudo sh -c \"id -un; exit\" #sudo yum install x"),
    ];
    for (name, id, by_hand) in cases {
        let witness = witness(&published(name), id).unwrap();
        assert!(witness.len() <= by_hand.len(), "{id}: {witness:?}");
    }
}

#[test]
fn each_branch_of_a_published_pattern_is_shown_to_lack_an_anchor() {
    let found = findings(&published(UPDATE));
    let branches = found.iter().filter(|finding| finding.id == "pattern-unanchored");
    let witnesses: Vec<_> = branches.filter_map(|finding| finding.witness.as_deref()).collect();
    assert_eq!(witnesses, ["sudo yum update;id", "sudo yum install x;id", "id;sudo yum downgrade x"]);
}

#[test]
fn anchors_alone_do_not_mend_the_first_published_pattern() {
    let anchored = r"^((ls(\s[\s\w\/-]+)?)|((cat |less |tail -f )([\s\w\/-]+\.log)))$";
    let document = pasted("{{c}}", anchored);
    assert_eq!(witness(&document, "pattern-newline").as_deref(), Some("ls\nid"));
    assert_eq!(witness(&document, "pattern-operator"), None);
    every_witness_happens("{{c}}", &document);
}

#[test]
fn the_text_gatesh_itself_judges_holds() {
    let commands = "exec /usr/bin/gatesh --group log-readers -c '{{c}}'";
    let found = findings(&pasted(commands, r"^[A-Za-z0-9 _./:=@%+,-]{1,1000}$"));
    assert!(ids(&found, Severity::Warning).is_empty(), "{}", text("d", &found));
    assert!(holds(&found));
}

#[test]
fn the_same_pattern_with_a_quote_in_it_does_not() {
    let commands = "exec /usr/bin/gatesh --group log-readers -c '{{c}}'";
    let document = pasted(commands, r"^[A-Za-z0-9 |'_./:=@%+,-]{1,1000}$");
    assert_eq!(witness(&document, "pattern-operator").as_deref(), Some("'|id'"));
}

/// What the audit says against `pattern` in `commands`: id and witness of every error.
fn errors(commands: &str, pattern: &str) -> Vec<(String, Option<String>)> {
    let found = findings(&pasted(commands, pattern)).into_iter();
    found.filter(|one| one.severity == Severity::Error).map(|one| (one.id, one.witness)).collect()
}

/// A value of plain characters for a program that runs what it is given: it really does.
fn interpreter_runs(commands: &str, pattern: &str) {
    let found = errors(commands, pattern);
    let witness = found.iter().find(|(id, _)| id == "interpreter").and_then(|(_, witness)| witness.clone());
    let witness = witness.unwrap_or_else(|| panic!("{commands}: {found:?}"));
    let text = commands.replace("{{c}}", &witness);
    for shell in shells() {
        assert!(happened("interpreter", &shell, &text, commands), "{} in {}", text, shell.display());
    }
}

#[test]
fn a_value_quoted_for_another_shell_is_judged_as_that_shell_reads_it() {
    for commands in [
        "exec bash -c '{{c}}'",
        "exec nohup timeout 5 sh -ec 'prog {{c}}' name",
        "eval prog '{{c}}'",
        "bash -c \"bash -c '{{c}}'\"",
    ] {
        for pattern in ["^ls [a-z;|]+$", "^x [a-z()$`]+$", r"^x [a-z\n>]+$"] {
            let document = pasted(commands, pattern);
            assert!(!holds(&findings(&document)), "{commands} {pattern}");
            every_witness_happens(commands, &document);
        }
    }
}

#[test]
fn the_way_out_of_an_inner_text_is_shown_for_the_whole() {
    for commands in ["exec bash -c '{{c}}'", "exec sudo su - root -c '{{c}}'", "ssh host '{{c}}'"] {
        let found = errors(commands, "^ls [a-z;]+$");
        assert!(found.contains(&("pattern-operator".into(), Some("ls ;id".into()))), "{commands}: {found:?}");
    }
    assert_eq!(witness(&pasted("eval '{{c}}'", "^[a-z;|&]+$"), "pattern-program").as_deref(), Some("id"));
}

#[test]
fn an_inner_text_holds_like_any_other() {
    for (commands, pattern) in [
        ("exec bash -c 'ls -- {{c}} | wc'", "^[a-z]+$"),
        ("exec sudo su - app -c 'cat /var/log/{{c}}.log'", "^[a-z]+$"),
        ("exec bash -c '{{c}}'", "^(uptime|free -m)$"),
        ("exec sh -c \"exec /usr/bin/gatesh -c '{{c}}'\"", "^[a-z ]+$"),
    ] {
        let found = errors(commands, pattern);
        assert!(found.is_empty(), "{commands}: {found:?}");
    }
}

#[test]
fn a_value_that_is_a_program_of_something_else_does_not_hold() {
    for (commands, pattern) in [
        ("xargs '{{c}}'", "^[a-z]+$"),
        ("exec env -S '{{c}}'", "^[a-z ]+$"),
        ("env {{c}}", "^[a-z]+$"),
        ("exec timeout 5 '{{c}}'", "^[a-z]+$"),
        ("echo {{c}} | sh", "^[a-z]+$"),
        ("awk '{{c}}'", "^[ -&(-~]+$"),
        ("perl -e '{{c}}'", "^[ -&(-~]+$"),
    ] {
        interpreter_runs(commands, pattern);
    }
    for commands in
        ["find . -exec '{{c}}' +", "python3 -c '{{c}}'", "sed '{{c}}'", "ruby -e '{{c}}'", "less {{c}}"]
    {
        let ids: Vec<String> = errors(commands, "^[a-z]+$").into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, ["interpreter"], "{commands}");
    }
    let whole = errors("{{c}}", "^bash -c [a-z]+$");
    assert_eq!(whole, [("interpreter".to_owned(), Some("bash -c x".to_owned()))]);
}

#[test]
fn what_a_command_makes_of_a_value_is_undecided_unless_it_is_known() {
    let ids = |commands: &str, pattern: &str| {
        errors(commands, pattern).into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert_eq!(ids("exec prog '{{c}}'", "^[a-z]+$"), ["undecided"]);
    assert_eq!(ids("exec /usr/bin/{{c}}", "^[a-z]+$"), ["undecided"]);
    assert_eq!(ids("echo {{c}} > /etc/x", "^[a-z]+$"), ["undecided"]);
    assert_eq!(ids("echo \"$LOG{{c}}\"", "^[A-Z]+$"), ["pattern-substitution"]);
    assert_eq!(ids("echo \"${{{c}}}\"", "^[A-Z]+$")[0], "pattern-substitution");
    assert_eq!(ids("echo '{{c}}'\"  $file\" | sha256sum -c -", "^[0-9a-f]{64}$"), [""; 0]);
    assert_eq!(ids("exec cat '/var/log/{{c}}'", "^[a-z]+$"), [""; 0]);
}

#[test]
fn without_a_shell_in_front_an_inner_one_runs_the_value_all_the_same() {
    let document = pasted("/bin/sh -c '{{c}}'", "^ls [a-z;]+$").replace("InteractiveC", "NonInteractiveC");
    assert_eq!(witness(&document, "pattern-operator").as_deref(), Some("ls ;id"));
    let document = pasted("/bin/sh -c '{{c}}'", "").replace("InteractiveC", "NonInteractiveC");
    let document = document.replace("    allowedPattern: ''\n", "");
    assert_eq!(ids(&findings(&document), Severity::Error), ["no-pattern"]);
}

#[test]
fn only_the_exported_text_is_left_to_gatesh() {
    let safe = r"^[A-Za-z0-9 _./:=@%+,-]{1,1000}$";
    interpreter_runs("/usr/bin/gatesh --version; sh -c '{{c}}'", "^[a-z]+$");
    for commands in [
        "/usr/bin/gatesh --version; exec sh -c '{{c}}'",
        "exec /tmp/evil/gatesh --config /tmp/x -c '{{c}}'",
        "exec gatesh -c '{{c}}'",
        "exec /usr/bin/gatesh --config /tmp/x -c '{{c}}'",
        "/usr/bin/gatesh -c '{{c}}'; sh -c '{{c}}'",
    ] {
        assert!(!errors(commands, safe).is_empty(), "{commands}");
    }
    for commands in
        ["exec /usr/bin/gatesh -c '{{c}}'", "exec /usr/bin/gatesh --group a --status-line -c '{{c}}'"]
    {
        assert!(errors(commands, safe).is_empty(), "{commands}");
    }
}

/// A document of parameters `d` and `f`.
fn of_two(commands: &str, d: &str, f: &str) -> String {
    let one = |name: &str, pattern: &str| {
        format!("  {name}: {{type: String, allowedPattern: '{}'}}\n", pattern.replace('\'', "''"))
    };
    format!(
        "schemaVersion: '1.0'\nsessionType: InteractiveCommands\ninputs: {{runAsEnabled: true}}\n\
         parameters:\n{}{}properties:\n  linux:\n    commands: \"{commands}\"\n",
        one("d", d),
        one("f", f)
    )
}

/// The text with `d=.  f=x` in it.
fn with_values(commands: &str, witness: &str) -> String {
    witness
        .split("  ")
        .filter_map(|one| one.split_once('='))
        .fold(commands.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
}

#[test]
fn what_values_do_together_is_found_and_the_same_parameter_has_one_value() {
    for (commands, d, f, id) in [
        ("exec cat logs/{{d}}{{d}}/{{d}}{{d}}/etc/{{f}}", "^[a-z.]$", "^[a-z]+$", "pattern-path"),
        ("exec cat logs/{{d}}{{f}}", "^[a-z.]$", "^[.]$", "pattern-path"),
        ("ls '{{d}}' {{f}}'", "^[a-z]$", "^[a-z;']+$", "pattern-operator"),
        ("ls {{d}}{{f}}", "^[0-9]?$", "^[>a-z]+$", "pattern-redirection"),
    ] {
        let found = witness(&of_two(commands, d, f), id);
        let found = found.unwrap_or_else(|| panic!("{commands}: {:?}", findings(&of_two(commands, d, f))));
        let text = if found.contains('=') { with_values(commands, &found) } else { continue };
        for shell in shells() {
            let stage = Stage::new();
            let ran = stage.run(&shell, &text);
            let up = ran.iter().flatten().any(|word| word.contains(".."));
            let wrote = fs::read_dir(stage.work()).unwrap().count() > 1;
            let other = ran.iter().any(|run| run.first().is_some_and(|program| program == "id"));
            let happened = match id {
                "pattern-path" => up,
                "pattern-redirection" => wrote,
                _ => other,
            };
            assert!(happened, "{text}: {ran:?}");
        }
    }
    let text = of_two("exec cat /var/log/{{d}}{{d}}/{{d}}{{d}}/etc/{{f}}", "^[a-z.]$", "^[a-z]+$");
    assert_eq!(witness(&text, "pattern-path").as_deref(), Some("d=.  f=x"));
}

#[test]
fn several_values_that_hold_together_hold() {
    for (commands, d, f) in [
        ("exec cat /var/log/{{d}}/{{f}}.log", "^[a-z]{1,100}$", "^[a-z0-9]+$"),
        ("exec grep -- {{d}} /var/log/{{f}}", "^[a-z]+$", "^(messages|secure)$"),
        ("exec echo {{d}} {{d}}", "^[a-z]+$", "^x$"),
    ] {
        let found = findings(&of_two(commands, d, f));
        assert!(holds(&found), "{commands}: {}", text("d", &found));
    }
}

#[test]
fn a_hole_that_would_need_two_values_for_one_parameter_is_undecided_and_does_not_hold() {
    let found = findings(&of_two("exec cat /var/log{{d}}{{d}}", "^(/[.,]|[.,]/x)$", "^x$"));
    let one = found.iter().find(|one| one.id == "pattern-path").unwrap();
    assert!(one.witness.is_none() && one.what.contains("could not be decided"), "{}", one.what);
}

#[test]
fn a_count_above_a_thousand_fails_every_session_and_is_said() {
    let found = findings(&pasted("exec prog '{{c}}'", "^[a-z]{1,1024}$"));
    assert_eq!(ids(&found, Severity::Error), ["pattern-not-re2"]);
}

#[test]
fn look_around_is_not_what_the_agent_understands() {
    let found = findings(&pasted("exec prog '{{c}}'", "^(?!rm)[a-z]+$"));
    assert_eq!(ids(&found, Severity::Error), ["pattern-not-re2"]);
}

#[test]
fn a_fixed_choice_of_command_lines_holds_wherever_it_is_pasted() {
    let found = findings(&pasted("exec prog {{c}}", "^(status|uptime -p|list all)$"));
    assert!(holds(&found), "{}", text("d", &found));
}

#[test]
fn what_the_author_wrote_is_no_hole() {
    let found = findings(&pasted("{{c}}", r"^(uptime; free -m|ls /var/log \| head)$"));
    assert!(holds(&found), "{}", text("d", &found));
}

#[test]
fn every_id_of_the_audit_is_named_by_a_test() {
    let tests = [include_str!("documents_audit.rs"), include_str!("documents_audit/shape.rs")].concat();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/admin/documents/audit");
    for file in fs::read_dir(sources).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let ids = text.split('"').filter(|one| {
            one.contains('-')
                && one.chars().all(|c| c.is_ascii_lowercase() || c == '-')
                && !one.starts_with('-')
        });
        for id in ids.filter(|id| !id.ends_with('-')) {
            assert!(tests.contains(&format!("\"{id}\"")), "{id} is not tried");
        }
    }
}

#[test]
fn without_a_shell_an_operator_is_a_plain_word_and_an_option_is_not() {
    let document = pasted("/usr/bin/prog {{c}}", "^.+$").replace("InteractiveC", "NonInteractiveC");
    assert_eq!(witness(&document, "pattern-operator"), None);
    assert!(witness(&document, "pattern-option").is_some());
}

/// bash is `sh` on Amazon Linux, and its `test` evaluates.
#[test]
fn the_shells_own_test_is_not_known_to_make_nothing_of_its_operands() {
    let ran = Stage::new().run(Path::new("/bin/bash"), "test -v 'a[$(id)]'");
    assert_eq!(ran, [["id"]]);
    assert!(!holds(&findings(&pasted("test -v '{{c}}'", "^a[a-z]+$"))));
}

#[test]
fn machines_get_the_same_findings_as_people() {
    let found = findings(&published(READ_ONLY));
    let value = json("a.yaml", &found);
    assert_eq!(value["holds"], false);
    assert_eq!(value["findings"].as_array().unwrap().len(), found.len());
    assert!(!text("a.yaml", &found).contains("ls\nid"), "a newline in a witness is shown as an escape");
}
