//! `gateshctl audit-document`, `import` and `export`, as admins and scripts meet them.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::scenario::{Answer, run, temporary};

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config");
const PUBLISHED: [&str; 2] =
    ["SSM-StartReadOnlyInteractiveCommand.yaml", "SSM-StartUpdatePackagesInteractiveCommand.yaml"];

fn gateshctl(words: &[&str]) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
    command.args(words);
    run(command, b"")
}

fn published(name: &str) -> String {
    format!("{}/tests/fixtures/documents/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn export(words: &[&str]) -> Answer {
    gateshctl(&[&["--config", CONFIG, "export"], words].concat())
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {answer:#?}"))
}

/// `export sudoers` for a group with this one synopsis, and these types.
fn sudoers_for(synopsis: &str, types: &str) -> Answer {
    let policy = temporary();
    fs::create_dir(policy.path().join("groups.d")).unwrap();
    let group = format!("[types]\n{types}\n[[allow]]\ncommands = [{synopsis:?}]\n");
    fs::write(policy.path().join("groups.d/ops.toml"), group).unwrap();
    let directory = policy.path().to_str().unwrap();
    gateshctl(&["--config", directory, "export", "sudoers", "--group", "ops"])
}

/// What stands behind the program in each line that allows something.
fn arguments(answer: &Answer) -> Vec<&str> {
    let lines = answer.out.lines().filter(|line| line.starts_with('%'));
    lines.filter_map(|line| line.split_once("/prog ").map(|(_, arguments)| arguments)).collect()
}

/// Whether visudo finds no fault; true where it is not installed.
fn visudo_takes(text: &str) -> bool {
    let directory = temporary();
    let file = directory.path().join("sudoers");
    fs::write(&file, text).unwrap();
    let Some(visudo) = ["/usr/sbin/visudo", "/usr/bin/visudo"].into_iter().find(|it| Path::new(it).exists())
    else {
        println!("skipped: visudo is not installed");
        return true;
    };
    let answer = Command::new(visudo).arg("-cf").arg(&file).output().unwrap();
    println!("{}", String::from_utf8_lossy(&[answer.stdout, answer.stderr].concat()));
    answer.status.success()
}

#[test]
fn the_published_documents_do_not_hold_and_a_value_shows_it() {
    for name in PUBLISHED {
        let answer = gateshctl(&["audit-document", &published(name)]);
        assert_eq!(answer.code(), 1, "{name}");
        assert!(answer.out.contains("   passes  ") && answer.out.contains("does not hold"), "{}", answer.out);
        let found = json(&gateshctl(&["--json", "audit-document", &published(name)]));
        assert_eq!(found["holds"], false);
        assert!(found["findings"].as_array().unwrap().iter().any(|one| one["witness"].is_string()));
    }
}

#[test]
fn what_is_no_document_is_not_judged() {
    for file in ["/nonexistent/document.yaml", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
        let answer = gateshctl(&["audit-document", file]);
        assert_eq!(answer.code(), 2);
        assert!(answer.err.contains(file), "{}", answer.err);
    }
}

#[test]
fn an_exported_document_holds() {
    let forms: [&[&str]; 4] = [
        &["--run-as", "support"],
        &["--run-as", "support", "--single-command", "--status-line"],
        &["--single-command", "--non-interactive", "--format", "json"],
        &["--s3-bucket", "transcripts", "--kms-key", "alias/sessions", "--idle-minutes", "5"],
    ];
    for form in forms {
        let written = export(&[&["session-document", "--group", "log-readers"], form].concat());
        assert_eq!(written.code(), 0, "{}", written.err);
        let directory = temporary();
        let file = directory.path().join("document");
        fs::write(&file, &written.out).unwrap();
        let answer = gateshctl(&["audit-document", file.to_str().unwrap()]);
        assert_eq!(answer.code(), 0, "{form:?}: {}", answer.out);
    }
}

#[test]
fn a_document_in_json_is_json() {
    let words = ["session-document", "--group", "log-readers", "--format", "json"];
    assert_eq!(json(&export(&words))["inputs"]["runAsEnabled"], true);
}

#[test]
fn a_proposal_names_where_it_is_from() {
    let answer = gateshctl(&["import", "session-document", &published(PUBLISHED[1])]);
    assert_eq!(answer.code(), 0, "{}", answer.err);
    assert!(answer.out.contains(PUBLISHED[1]) && answer.out.contains("[[allow]]"), "{}", answer.out);
    assert!(answer.out.contains("sudo yum"), "{}", answer.out);
}

#[test]
fn an_iam_policy_names_account_regions_and_tags() {
    let answer = export(&[
        "iam-policy",
        "--group",
        "log-readers",
        "--account",
        "111122223333",
        "--region",
        "eu-west-1",
        "--tag",
        "Role=web",
    ]);
    assert_eq!(json(&answer)["Version"], "2012-10-17");
    for part in ["arn:aws:ssm:eu-west-1:111122223333:document/Gatesh-log-readers", "ssm:resourceTag/Role"] {
        assert!(answer.out.contains(part), "{}", answer.out);
    }
}

#[test]
fn what_no_receiver_takes_is_not_exported() {
    let refused: [&[&str]; 6] = [
        &["iam-policy", "--group", "log-readers", "--account", "12"],
        &["iam-policy", "--group", "log-readers", "--account", "111122223333", "--tag", "Role"],
        &["session-document", "--group", "log-readers", "--idle-minutes", "61"],
        &["session-document", "--group", "log-readers", "--status-line"],
        &["sudoers", "--group", "package-updaters", "--sudo-version", "1.8.23"],
        &["sudoers", "--group", "package-updaters", "--sudo-version", "new"],
    ];
    for words in refused {
        let answer = export(words);
        assert_eq!((answer.code(), answer.out.as_str()), (2, ""), "{words:?}");
    }
}

#[test]
fn a_group_without_rules_has_nothing_to_export() {
    for what in ["session-document", "sudoers"] {
        let answer = export(&[what, "--group", "nobodys"]);
        assert_eq!(answer.code(), 2);
        assert!(answer.err.contains("the group nobodys has no rules here"), "{}", answer.err);
    }
}

#[test]
fn sudo_is_told_of_yum_and_nothing_else() {
    let answer = export(&["sudoers", "--group", "package-updaters"]);
    assert_eq!(answer.code(), 0, "{}", answer.err);
    let lines: Vec<&str> = answer.out.lines().filter(|line| line.starts_with('%')).collect();
    let yum = "%package-updaters ALL = (root) TIMEOUT=1800 NOPASSWD: EXEC: /usr/bin/yum";
    let package = "[A-Za-z0-9]([A-Za-z0-9+._-]*[A-Za-z0-9._])?";
    let expected = [
        format!("{yum} ^(install|downgrade)( {package})+$"),
        format!("{yum} update"),
        format!("{yum} upgrade"),
    ];
    assert_eq!(lines, expected);
    assert!(visudo_takes(&answer.out));
}

#[test]
fn a_group_without_sudo_gets_no_lines() {
    let answer = export(&["sudoers", "--group", "log-readers"]);
    assert_eq!(answer.code(), 0, "{}", answer.err);
    assert!(!answer.out.lines().any(|line| line.starts_with('%')), "{}", answer.out);
}

#[test]
fn arguments_that_vary_become_expressions() {
    let types = "kind = { one_of = ['a.b', 'c'] }\nrows = { integer = [1, 500] }\nname = { regex = 'x[0-9]{2}' }\n\
                 log = { file = ['/var/log/**/*.log'] }";
    let cases = [
        ("sudo prog", vec!["\"\""]),
        ("sudo prog status", vec!["status"]),
        ("sudo prog <kind>", vec![r"^(a\.b|c)$"]),
        ("sudo prog rows <rows>", vec!["^rows (0|[1-9][0-9]{0,2})$"]),
        ("sudo prog [<name>]", vec!["\"\"", "^((x[0-9]{2}))?$"]),
        ("sudo prog <kind> <name>...", vec![r"^(a\.b|c)( (x[0-9]{2}))+$"]),
    ];
    for (synopsis, expected) in cases {
        let answer = sudoers_for(synopsis, types);
        assert_eq!(arguments(&answer), expected, "{synopsis}: {}{}", answer.out, answer.err);
        assert!(visudo_takes(&answer.out), "{}", answer.out);
    }
}

#[test]
fn a_path_cannot_climb_out_of_its_glob() {
    let answer = sudoers_for("sudo prog <log>", "log = { file = ['/var/log/**/*.log'] }");
    assert!(visudo_takes(&answer.out), "{}{}", answer.out, answer.err);
    let expression = arguments(&answer).concat();
    let expression = regex::Regex::new(&expression.replace("[:space:]", r"\s")).unwrap();
    assert!(expression.is_match("/var/log/a.log") && expression.is_match("/var/log/a/..b/c.log"));
    for other in
        ["/var/log/../../etc/x.log", "/var/log/a.log /etc/x.log", "/var/log/a.txt", "/var/log/./a.log"]
    {
        assert!(!expression.is_match(other), "{other}");
    }
}

#[test]
fn what_sudoers_cannot_say_is_refused_by_name() {
    let types = "loose = { regex = '[a-z -]+' }\nlog = { file = ['/var/log/*.log'], except = ['/var/log/auth.log'] }\n\
                 own = { file = ['{home}/*.log'] }\nhidden = { file = ['/srv/.*'] }";
    let cases = [
        ("sudo prog [-v] status", "options such as -v"),
        ("sudo prog <text>", "<text> may have a blank"),
        ("sudo prog <loose>", "<loose> also takes"),
        ("sudo prog <log>", "<log> excepts /var/log/auth.log"),
        ("sudo prog <own>", "<own> matches {home}/*.log"),
        ("sudo prog <hidden>", "<hidden> has .* in a path"),
    ];
    for (synopsis, reason) in cases {
        let answer = sudoers_for(synopsis, types);
        assert_eq!((answer.code(), answer.out.as_str()), (2, ""), "{synopsis}");
        assert!(answer.err.contains(reason) && answer.err.contains(synopsis), "{synopsis}: {}", answer.err);
    }
}
