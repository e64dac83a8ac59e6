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

/// What stands behind the program in each line that allows something, in the order of the rules.
fn arguments(answer: &Answer) -> Vec<&str> {
    let lines = answer.out.lines().rev().filter(|line| line.starts_with('%'));
    lines.filter_map(|line| line.split_once("/prog ").map(|(_, arguments)| arguments)).collect()
}

/// Whether visudo finds no fault; true where it is not installed.
fn visudo_takes(text: &str) -> bool {
    let directory = temporary();
    let file = directory.path().join("sudoers");
    fs::write(&file, text).unwrap();
    let Some(visudo) = ["/usr/sbin/visudo", "/usr/bin/visudo"].into_iter().find(|it| Path::new(it).exists())
    else {
        crate::scenario::lacks("visudo");
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
    let several = format!("{yum} ^(install|downgrade)( [0-9A-Za-z](");
    assert!(lines[0].starts_with(&several), "{}", lines[0]);
    let expected = [lines[0].to_owned(), format!("{yum} upgrade"), format!("{yum} update")];
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
        ("sudo prog <kind>", vec!["a.b", "c"]),
        ("sudo prog rows <rows>", vec!["^rows ([1-9][0-9]?|[1-4][0-9]{2}|500)$"]),
        ("sudo prog [<name>]", vec!["\"\"", "^x[0-9]{2}$"]),
        ("sudo prog <kind> <name>...", vec![r"^(a\.b|c)( x[0-9]{2})+$"]),
        ("sudo prog [-vq] [<kind>]", vec!["\"\"", r"^(-[qv]+( -[qv]+)*( (a\.b|c))?|a\.b|c)$"]),
        (
            "sudo prog [-n <rows>] go",
            vec![r"^(go|-n([1-9][0-9]?|[1-4][0-9]{2}|500| ([1-9][0-9]?|[1-4][0-9]{2}|500)) go)$"],
        ),
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
    for own in ["/var/log/a.log", "/var/log/a/..b/c.log"] {
        assert!(posix_takes(&expression, own), "{own}");
    }
    for other in
        ["/var/log/../../etc/x.log", "/var/log/a.log /etc/x.log", "/var/log/a.txt", "/var/log/./a.log"]
    {
        assert!(!posix_takes(&expression, other), "{other}");
    }
}

/// Whether a POSIX reader finds the text in the expression; grep has the same one as sudo.
fn posix_takes(expression: &str, text: &str) -> bool {
    let mut command = Command::new("grep");
    command.args(["-qE", expression]).env("LC_ALL", "C");
    run(command, text.as_bytes()).code() == 0
}

#[test]
fn what_sudoers_cannot_say_is_refused_by_name() {
    let types = "n = { integer = [1, 9] }\nblank = { one_of = ['a b'] }\nedge = { regex = 'a\\b-.*' }\nlog = { file = ['/var/log/*.log'], except = ['/var/log/auth.log'] }\n\
                 own = { file = ['{home}/*.log'] }\nhidden = { file = ['/srv/.*'] }";
    let cases = [
        ("sudo prog [-a <n>] [-b <n>] [-c <n>] [-d <n>] [-e <n>]", "more than 128 orders"),
        ("sudo prog <blank>", "<blank> has no value without a blank"),
        ("sudo prog <edge>", "<edge> asks for the edge of a word"),
        ("sudo prog [show] [<word>]", "a word may be show or <word>"),
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

const STACK: &[&str] = &["--account", "111122223333", "--region", "eu-west-1", "--run-as", "support"];
const DELIVERED: &[&str] =
    &["--policy-bucket", "rules", "--policy-region", "eu-west-1", "--policy-tag", "gatesh=on"];

#[test]
fn a_template_has_every_group_and_the_linter_takes_it() {
    for more in [DELIVERED, &["--single-command", "--non-interactive"]] {
        let answer = export(&[&["cloudformation"], STACK, more].concat());
        assert_eq!(answer.code(), 0, "{more:?}: {}", answer.err);
        for part in [
            "DocumentLogReaders:",
            "PolicyLogReaders:",
            "DocumentPackageUpdaters:",
            "Gatesh-package-updaters",
        ] {
            assert!(answer.out.contains(part), "{part}: {}", answer.out);
        }
        assert_eq!(answer.out.contains("AWS::SSM::Association"), more == DELIVERED);
        assert_eq!(answer.out.contains("DocumentLogReadersCommand:"), more != DELIVERED);
        crate::export::lint("stack.yaml", &answer.out);
    }
    let answer = gateshctl(&[&["--json", "--config", CONFIG, "export", "cloudformation"], STACK].concat());
    assert_eq!(json(&answer)["AWSTemplateFormatVersion"], "2010-09-09");
}

#[test]
fn the_configuration_of_terraform_says_the_same() {
    let answer = export(&[&["terraform"], STACK, DELIVERED, &["--single-command"]].concat());
    assert_eq!(answer.code(), 0, "{}", answer.err);
    let Some(read) = crate::export::hcl(&answer.out) else { return };
    let text = read.to_string();
    for part in [
        "Gatesh-log-readers",
        "Gatesh-package-updaters",
        "gatesh-policy",
        "aws_ssm_association",
        "allowedPattern",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_policy_with_a_fault_gives_no_template() {
    let policy = temporary();
    fs::create_dir(policy.path().join("groups.d")).unwrap();
    fs::write(policy.path().join("groups.d/good.toml"), "[[allow]]\ncommands = [\"uname -r\"]\n").unwrap();
    fs::write(policy.path().join("groups.d/bad.toml"), "[[allow]]\ncommands = [\"uname <nothing>\"]\n")
        .unwrap();
    let directory = policy.path().to_str().unwrap();
    let answer = gateshctl(&[&["--config", directory, "export", "cloudformation"], STACK].concat());
    assert_eq!((answer.code(), answer.out.as_str()), (2, ""), "{}", answer.err);
    assert!(answer.err.contains("bad.toml"), "{}", answer.err);
}

#[test]
fn a_delivery_that_is_half_said_is_refused() {
    let halves: [&[&str]; 3] =
        [&["--policy-bucket", "rules"], &["--policy-tag", "gatesh=on"], &["--policy-key", "a.tar.gz"]];
    for half in halves {
        let answer = export(&[&["terraform"], STACK, half].concat());
        assert_eq!((answer.code(), answer.out.as_str()), (2, ""), "{half:?}");
    }
}
