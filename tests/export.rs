//! What a group's AWS and sudo side looks like, held against files, against our own audit, and against the tools
//! that will read it, where they are installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gatesh::admin::documents::audit::audit;
use gatesh::admin::documents::document::Document;
use gatesh::admin::documents::finding::{Severity, text};
use gatesh::admin::export::{
    Access, Arguments, Data, Elevated, GroupFacts, Session, SessionKind, SingleCommand, SudoVersion, sudoers,
};

fn readers() -> GroupFacts {
    GroupFacts {
        name: "log-readers".into(),
        description: "Support engineers read application logs".into(),
        synopses: vec!["ls [-alhtr] [<dir>...]".into(), "tail [-f] <log>...".into()],
        elevated: Vec::new(),
    }
}

fn updaters() -> GroupFacts {
    let yum = |arguments| Elevated {
        user: None,
        program: "/usr/bin/yum".into(),
        arguments,
        starts_programs: true,
        timeout: Some(Duration::from_secs(1800)),
    };
    let elevated = vec![
        yum(Arguments::Words(vec!["update".into()])),
        yum(Arguments::Expression("(install|downgrade)( [A-Za-z0-9][A-Za-z0-9+._-]*)+".into())),
        Elevated { starts_programs: false, timeout: None, ..yum(Arguments::None) },
    ];
    GroupFacts { name: "package-updaters".into(), elevated, ..readers() }
}

fn access() -> Access {
    Access { account: "111122223333".into(), ..Access::default() }
}

fn session() -> Session {
    Session { run_as: Some("gatesh-log-readers".into()), ..Session::default() }
}

fn single() -> Session {
    Session { single_command: Some(SingleCommand::default()), ..session() }
}

fn without_terminal() -> Session {
    Session { kind: SessionKind::NonInteractive, ..single() }
}

/// Compares with a file; `GATESH_BLESS=1` writes it instead, to be read before it is committed.
fn golden(name: &str, found: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/export").join(name);
    if std::env::var_os("GATESH_BLESS").is_some() {
        fs::write(&path, found).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), found, "{name}");
}

/// Whether a tool is installed; says so where it is not.
fn installed(tool: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths).any(|dir| dir.join(tool).exists());
    if !found {
        println!("skipped: {tool} is not installed");
    }
    found
}

fn run(tool: &str, arguments: &[&str], file: &Path) -> (bool, String) {
    let output = Command::new(tool).args(arguments).arg(file).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn the_documents_are_those_of_the_files() {
    golden("session.yaml", &session().document(&readers()).unwrap().yaml());
    golden("session.json", &session().document(&readers()).unwrap().json());
    golden("single-command.yaml", &single().document(&readers()).unwrap().yaml());
    golden("non-interactive.yaml", &without_terminal().document(&readers()).unwrap().yaml());
}

#[test]
fn every_exported_document_passes_our_own_audit_without_a_warning() {
    for session in [session(), single(), without_terminal()] {
        for written in
            [session.document(&readers()).unwrap().yaml(), session.document(&readers()).unwrap().json()]
        {
            let found = audit(&Document::read(&written).unwrap());
            assert!(found.iter().all(|one| one.severity < Severity::Warning), "{}", text("it", &found));
        }
    }
}

#[test]
fn without_a_shell_there_is_no_exec_and_with_one_there_is() {
    assert!(
        session().document(&readers()).unwrap().yaml().contains("'exec /usr/bin/gatesh --group log-readers'")
    );
    assert!(!without_terminal().document(&readers()).unwrap().yaml().contains("exec"));
}

#[test]
fn a_pattern_that_could_leave_the_quotes_is_refused() {
    for pattern in ["^[a-z']+$", "^[a-z ]+", ".*", "^[^']+$", "^(?!x)[a-z]+$", "^[a-z{]+$", "^[a-z]{1,1024}$"]
    {
        let command = SingleCommand { pattern: Some(pattern.into()), status_line: false };
        let session = Session { single_command: Some(command), ..session() };
        assert!(session.document(&readers()).is_err(), "{pattern}");
    }
}

#[test]
fn a_tighter_pattern_is_taken() {
    let command = SingleCommand { pattern: Some("^(uptime|ls( [a-z/]{1,100})?)$".into()), status_line: true };
    let session = Session { single_command: Some(command), ..session() };
    let yaml = session.document(&readers()).unwrap().yaml();
    assert!(yaml.contains("--status-line -c ''{{command}}'''"), "{yaml}");
}

#[test]
fn what_aws_or_a_shell_would_not_take_is_refused() {
    let refused = [
        Session { run_as: Some("a b".into()), ..session() },
        Session { s3_bucket: Some("A".into()), ..session() },
        Session { log_group: Some("a b".into()), ..session() },
        Session { kms_key: Some("a'b".into()), ..session() },
        Session { idle_minutes: 0, ..session() },
        Session { idle_minutes: 61, ..session() },
        Session { max_minutes: 1441, ..session() },
        Session { kind: SessionKind::NonInteractive, ..session() },
    ];
    for session in refused {
        assert!(session.document(&readers()).is_err(), "{session:?}");
    }
    assert!(session().document(&GroupFacts { name: "a;b".into(), ..readers() }).is_err());
}

#[test]
fn the_policy_is_that_of_the_file() {
    golden("iam-policy.json", &access().policy(&readers()).unwrap().json());
    let narrow = Access {
        regions: vec!["eu-west-1".into(), "eu-central-1".into()],
        tags: vec![
            ("env".into(), "prod".into()),
            ("env".into(), "test".into()),
            ("team".into(), "web".into()),
        ],
        kms_key: Some("alias/sessions".into()),
        partition: "aws-cn".into(),
        ..access()
    };
    golden("iam-policy-narrow.json", &narrow.policy(&readers()).unwrap().json());
}

fn statements(policy: &Data) -> Vec<serde_json::Value> {
    let value: serde_json::Value = serde_json::from_str(&policy.json()).unwrap();
    value["Statement"].as_array().unwrap().clone()
}

#[test]
fn every_statement_that_allows_a_session_asks_for_the_document_check() {
    let allows = statements(&access().policy(&readers()).unwrap());
    let starts =
        allows.iter().filter(|one| one["Effect"] == "Allow" && one.to_string().contains("StartSession"));
    let checked: Vec<bool> = starts
        .map(|one| one["Condition"]["BoolIfExists"]["ssm:SessionDocumentAccessCheck"] == "true")
        .collect();
    assert_eq!(checked, [true, true]);
}

#[test]
fn sessions_are_tied_to_the_caller_by_tag_and_never_by_user_name() {
    let policy = access().policy(&readers()).unwrap().json();
    assert!(!policy.contains("aws:username"));
    assert!(policy.contains("\"ssm:resourceTag/aws:ssmmessages:session-id\""));
}

#[test]
fn nothing_is_allowed_on_everything_but_looking() {
    let all = statements(&access().policy(&readers()).unwrap());
    for one in all.iter().filter(|one| one["Effect"] == "Allow" && one["Resource"][0] == "*") {
        let actions = one["Action"].as_array().unwrap();
        let looks = |action: &str| action.contains(":Describe") || action.contains(":Get");
        assert!(actions.iter().all(|action| looks(action.as_str().unwrap())), "{one}");
    }
}

#[test]
fn the_denies_leave_the_other_groups_documents_alone() {
    let all = statements(&access().policy(&readers()).unwrap());
    let deny = all.iter().find(|one| one["Sid"] == "DenyOtherDocuments").unwrap();
    assert_eq!(deny["NotResource"][0], "arn:aws:ssm:*:111122223333:document/Gatesh-*");
}

#[test]
fn an_account_partition_region_or_tag_that_is_none_is_refused() {
    let refused = [
        Access { account: "1".into(), ..access() },
        Access { partition: "amazon".into(), ..access() },
        Access { regions: vec!["eu west".into()], ..access() },
        Access { tags: vec![("a\"b".into(), "c".into())], ..access() },
        Access { document: Some("AWS-RunShellScript".into()), ..access() },
        Access { documents: "*".into(), ..access() },
    ];
    for access in refused {
        assert!(access.policy(&readers()).is_err(), "{access:?}");
    }
}

#[test]
fn the_sudoers_file_is_that_of_the_fixture_and_visudo_takes_it() {
    let written = sudoers(&updaters(), "1.9.13p3".parse().unwrap()).unwrap();
    golden("sudoers", &written);
    if installed("visudo") {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("sudoers");
        fs::write(&file, written).unwrap();
        let (taken, said) = run("visudo", &["-c", "-f"], &file);
        assert!(taken, "{said}");
    }
}

#[test]
fn what_a_version_of_sudo_cannot_say_is_refused_by_name() {
    let refusal = |version: &str| sudoers(&updaters(), version.parse().unwrap()).unwrap_err().to_string();
    assert!(refusal("1.9.5").contains("1.9.10"), "{}", refusal("1.9.5"));
    assert!(refusal("1.8.6").contains("TIMEOUT="), "{}", refusal("1.8.6"));
    assert!("1.9".parse::<SudoVersion>().is_err() && "one".parse::<SudoVersion>().is_err());
}

#[test]
fn a_group_without_elevated_rules_gets_no_line() {
    let written = sudoers(&readers(), "1.9.13".parse().unwrap()).unwrap();
    assert!(written.lines().all(|line| line.starts_with('#')), "{written}");
}

#[test]
fn a_rule_without_exec_may_not_start_programs_under_sudo_either() {
    let written = sudoers(&updaters(), "1.9.13".parse().unwrap()).unwrap();
    assert!(written.contains("ALL = (root) NOPASSWD: NOEXEC: /usr/bin/yum \"\""), "{written}");
}
