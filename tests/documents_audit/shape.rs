//! What is wrong with a document as a whole: its keys and kinds, and lines of a script that reach into each other.

use gatesh::admin::documents::finding::{Severity, holds, text};

use super::stage::{Stage, shells};
use super::{findings, ids, pasted, witness};

#[test]
fn a_parameter_in_run_as_is_an_error_with_its_place() {
    let document = "schemaVersion: '1.0'\nsessionType: InteractiveCommands\ninputs:\n  runAsEnabled: true\n  \
                    runAsDefaultUser: '{{who}}'\nparameters:\n  who: {type: String}\n\
                    properties: {linux: {commands: exec /usr/bin/gatesh}}\n";
    let found = findings(document);
    let one = found.iter().find(|finding| finding.id == "placeholder-in-inputs").unwrap();
    assert_eq!((one.pointer.as_str(), one.line), ("/inputs/runAsDefaultUser", 5));
}

#[test]
fn each_fault_of_shape_is_found_by_its_id() {
    let head = "schemaVersion: '1.0'\nsessionType: InteractiveCommands\ninputs: {runAsEnabled: true}\n";
    let cases = [
        ("properties: {linux: {commands: [ls, x]}}", "commands-not-text"),
        ("properties: {linux: {commands: exec x, runAsElevated: 'True'}}", "run-as-elevated"),
        ("properties: {linux: {commands: ls}}", "no-exec"),
        ("properties: {linux: {commands: ''}}", "no-commands"),
        ("properties: {linux: {commands: \"exec x '{{a-b}}'\"}}\nparameters: {a-b: {}}", "parameter-name"),
        ("properties: {linux: {commands: \"exec x '{{a}}'\"}}", "placeholder-undeclared"),
        ("properties: {linux: {commands: \"exec x '{{a}}'\"}}\nparameters: {a: {}}", "no-pattern"),
        ("properties: {linux: {commands: exec x}}\nparameters: {a: {maxChars: 3}}", "not-enforced"),
        ("properties: {linux: {commands: exec x}}\nparameters: {a: {}}", "parameter-unused"),
        ("properties: {linux: {comands: exec x}}", "unknown-key"),
        (
            "properties: {linux: {commands: \"exec x '{{a}}'\"}}\nparameters: {a: {allowedPattern: '^[$]+$'}}",
            "dollar",
        ),
    ];
    for (rest, id) in cases {
        let found = findings(&format!("{head}{rest}\n"));
        assert!(ids(&found, Severity::Note).contains(&id), "{id}: {}", text("d", &found));
    }
}

#[test]
fn what_a_whole_document_lacks_is_found_by_its_id() {
    let whole = |kind: &str, rest: &str| format!("schemaVersion: '1.0'\nsessionType: {kind}\n{rest}\n");
    let run_as = "inputs: {runAsEnabled: true}\n";
    let linux = "properties: {linux: {commands: exec x}}\n";
    let value = "properties: {linux: {commands: 'exec x {{a}}'}}\nparameters: {a: {allowedPattern: '%'}}\n";
    let with =
        |pattern: &str| whole("InteractiveCommands", &format!("{run_as}{}", value.replace('%', pattern)));
    let cases = [
        (whole("InteractiveCommands", linux), "inputs-missing"),
        (whole("InteractiveCommands", &format!("inputs: {{runAsEnabled: false}}\n{linux}")), "run-as-off"),
        (whole("InteractiveCommands", &format!("inputs: {{s3BucketName: ''}}\n{linux}")), "run-as-off"),
        (whole("Nonsense", &format!("{run_as}{linux}")), "document-kind"),
        (whole("InteractiveCommands", linux).replace("1.0", "2.2"), "schema-version"),
        (whole("NonInteractiveCommands", &format!("{run_as}{linux}")), "exec-without-shell"),
        (
            whole("InteractiveCommands", "properties: {linux: {commands: exec x}, windows: {commands: y}}"),
            "windows-not-judged",
        ),
        (with("^[a-z]+$"), "placeholder-unquoted"),
        (with("^[a-z{}:]+$"), "parameter-store"),
        (with(r"^\p{L}+$"), "pattern-undecided"),
        (with("^[a-z]+$").replace("a: {", "a: {interpolationType: ENV_VAR, "), "interpolation-type"),
    ];
    for (document, id) in cases {
        let found = findings(&document);
        assert!(ids(&found, Severity::Note).contains(&id), "{id}: {}", text("d", &found));
    }
    let sound = whole("InteractiveCommands", &format!("{run_as}{linux}"));
    assert_eq!(findings(&sound), []);
}

#[test]
fn a_shell_profile_is_no_gate() {
    let document = "schemaVersion: '1.0'\nsessionType: Standard_Stream\ninputs:\n  runAsEnabled: true\n  \
                    shellProfile: {linux: exec /usr/bin/gatesh}\n";
    assert_eq!(ids(&findings(document), Severity::Error), ["shell-profile"]);
}

#[test]
fn a_command_document_is_judged_line_by_line() {
    let document = "schemaVersion: '2.2'\nparameters:\n  c:\n    type: String\n    allowedPattern: '^[a-z;]+$'\n\
                    mainSteps:\n- action: aws:runShellScript\n  name: a\n  inputs:\n    runCommand:\n    - set -e\n    - ls {{c}}\n";
    assert_eq!(witness(document, "pattern-operator").as_deref(), Some(";id"));
}

/// A Command document of these lines, with a pattern that holds in each of them alone.
fn script(pattern: &str, lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("    - {line:?}\n")).collect();
    format!(
        "schemaVersion: '2.2'\nparameters: {{c: {{type: String, allowedPattern: '{pattern}'}}}}\n\
         mainSteps:\n- action: aws:runShellScript\n  name: a\n  inputs:\n    runCommand:\n{}",
        lines.concat()
    )
}

/// In each of them a shell runs what the value says, and no line shows it.
#[test]
fn lines_that_reach_into_each_other_do_not_hold() {
    let letters = "^[a-z]+$";
    let scripts: [(&[&str], &str, &str); 8] = [
        (&["echo 'a", "cat '{{c}}'", "b'"], "^x[a-z;]+$", "x;id;x"),
        (&["eval \\", "echo x\\;{{c}}"], letters, "id"),
        (&["echo '{{c}}' |", "sh"], letters, "id"),
        (&["eval $(", "echo '{{c}}'", ")"], letters, "id"),
        (&["cat <<E", "echo '{{c}}'", "E"], "^x[$()a-z]+$", "x$(id)"),
        (&["{", "echo '{{c}}'", "} | sh"], letters, "id"),
        (&["if true; then", "echo '{{c}}'", "fi | sh"], letters, "id"),
        (&["f() {", "echo '{{c}}'", "}", "f | sh"], letters, "id"),
    ];
    for (lines, pattern, value) in scripts {
        for shell in shells() {
            let ran = Stage::new().run(&shell, &lines.join("\n").replace("{{c}}", value));
            assert!(ran.iter().any(|run| run[0] == "id"), "{lines:?} runs {ran:?}");
        }
        let found = findings(&script(pattern, lines));
        assert!(ids(&found, Severity::Error).contains(&"lines-together"), "{}", text("d", &found));
        // Nobody chooses anything of a value that is written out.
        let found = findings(&script("^(one|other)$", lines));
        assert!(!ids(&found, Severity::Note).contains(&"lines-together"), "{}", text("d", &found));
    }
    assert!(holds(&findings(&script("^[a-z]+$", &["# don't", "cat '/x/{{c}}' 2>&1 | wc -l", "exit 0"]))));
}

/// The agent's JSON takes them for the same key, and the last of two.
#[test]
fn a_key_in_other_capitals_is_the_key() {
    let session = pasted("exec cat {{c}}", "^[a-z]+$");
    assert!(holds(&findings(&session)), "{}", text("d", &findings(&session)));
    let command = script("^[a-z]+$", &["cat {{c}}"]);
    assert!(holds(&findings(&command)), "{}", text("d", &findings(&command)));
    for (document, from, to) in [
        (&session, "    allowedPattern", "    AllowedPattern: '.*'\n    allowedPattern"),
        (&session, "    commands", "    COMMANDS: sh\n    commands"),
        (&session, "  linux", "  Linux: {commands: sh}\n  linux"),
        (&session, "properties", "propertie\u{17f}: {linux: {commands: sh}}\nproperties"),
        (&command, "runCommand", "RunCommand"),
        (&command, "allowedPattern", "AllowedPattern: '.*', allowedPattern"),
    ] {
        let found = findings(&document.replace(from, to));
        assert!(ids(&found, Severity::Error).contains(&"key-spelling"), "{to}: {}", text("d", &found));
    }
    // A parameter's name is its author's.
    let named = script("^[a-z]+$", &["cat {{Action}}"]).replace("{c:", "{Action:");
    assert!(holds(&findings(&named)), "{}", text("d", &findings(&named)));
}
