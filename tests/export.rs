//! What a group's AWS and sudo side looks like, held against files, against our own audit, and against the tools
//! that will read it, where they are installed.

mod delivery;
mod requests;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gatesh::admin::documents::audit::audit;
use gatesh::admin::documents::document::Document;
use gatesh::admin::documents::finding::{Severity, text};
use gatesh::admin::export::{
    Access, Arguments, Data, Delivery, Elevated, GroupFacts, Session, SessionKind, SingleCommand, Stack,
    SudoVersion, sudoers,
};

fn readers() -> GroupFacts {
    GroupFacts {
        name: "log-readers".into(),
        description: "Support engineers read application logs".into(),
        ..GroupFacts::default()
    }
}

fn updaters() -> GroupFacts {
    let yum = |arguments| Elevated {
        user: None,
        program: "/usr/bin/yum".into(),
        arguments,
        starts_programs: true,
        timeout: Some(Duration::from_mins(30)),
        sha256: None,
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

/// Where `tests/run.sh` puts tools of Python, beside what is installed.
const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/tools/bin");

/// A tool that reads what is exported; says so where it is missing, and in CI that is a failure.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let places =
        [PathBuf::from(TOOLS), PathBuf::from("/usr/sbin")].into_iter().chain(std::env::split_paths(&paths));
    // A shim of a version manager is there and cannot run.
    let works = |path: &PathBuf| {
        path.exists()
            && Command::new(path).arg("--version").output().is_ok_and(|output| output.status.success())
    };
    let found = places.map(|place| place.join(name)).find(works);
    if found.is_none() {
        crate::scenario::lacks(name);
    }
    found
}

fn run(tool: &Path, arguments: &[&str], file: &Path) -> (bool, String) {
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
        Session { kms_key: Some("sessions".into()), ..session() },
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
        regions: vec!["cn-north-1".into(), "cn-northwest-1".into()],
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
fn whoever_is_let_in_by_tag_may_not_change_that_tag() {
    // `Env` is the same key to `ssm:resourceTag/env`.
    let tagged = Access { tags: vec![("env".into(), "prod".into())], ..access() };
    let all = statements(&tagged.policy(&readers()).unwrap());
    let deny = all.iter().find(|one| one["Sid"] == "DenyOtherInstances").unwrap();
    assert_eq!(deny["Effect"], "Deny");
    assert_eq!(deny["Condition"]["ForAnyValue:StringEqualsIgnoreCase"]["aws:TagKeys"][0], "env");
    assert!(deny["Action"].to_string().contains("ec2:CreateTags"));
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
fn a_session_that_is_not_the_callers_is_denied_whatever_else_is_allowed() {
    let all = statements(&access().policy(&readers()).unwrap());
    let find = |sid: &str| all.iter().find(|one| one["Sid"] == sid).unwrap();
    let sessions = find("DenyOtherSessions");
    assert_eq!(
        sessions["Condition"]["StringNotLike"],
        find("EndOwnSessions")["Condition"]["StringLike"],
        "what is not allowed here is denied"
    );
    assert_eq!(sessions["Action"], find("EndOwnSessions")["Action"]);
    assert_eq!(sessions["Effect"], "Deny");
}

#[test]
fn a_policy_for_some_regions_and_tags_has_room_left() {
    let regions = ["us-gov-east-1", "us-gov-west-1", "us-gov-north-1"].map(str::to_owned).to_vec();
    let tags = (0..5).map(|at| (format!("key-{at}"), format!("some-value-{at}"))).collect();
    let wide = Access {
        regions,
        tags,
        kms_key: Some("alias/sessions".into()),
        partition: "aws-us-gov".into(),
        ..access()
    };
    let length = wide.policy(&readers()).unwrap().json().chars().filter(|c| !c.is_whitespace()).count();
    assert!(length < 6144, "{length}");
}

#[test]
fn a_description_refers_to_nothing() {
    for text in ["{{resolve:ssm-secure:/a:1}}", "{{{x}}}", "{{{{"] {
        let group = GroupFacts { description: text.into(), ..readers() };
        let written = session().document(&group).unwrap().json();
        assert!(!written.contains("{{"), "{written}");
    }
}

#[test]
fn a_group_has_an_identifier_that_terraform_takes_and_nobody_elses() {
    for (name, id) in [("1abc", "Group1abc"), ("_", "Group"), ("log-readers", "LogReaders")] {
        let written = stack().terraform(&[GroupFacts { name: name.into(), ..readers() }]).unwrap();
        assert!(written.contains(&format!("\"aws_ssm_document\" \"{id}\"")), "{written}");
    }
    for name in ["deliver-policy", "deliver.policy"] {
        let group = GroupFacts { name: name.into(), ..readers() };
        assert!(stack().cloudformation(std::slice::from_ref(&group)).is_err(), "{name}");
        assert!(stack().terraform(&[group]).is_err(), "{name}");
    }
}

#[test]
fn the_denies_leave_the_other_groups_documents_alone() {
    let all = statements(&access().policy(&readers()).unwrap());
    let deny = all.iter().find(|one| one["Sid"] == "DenyOtherDocuments").unwrap();
    assert_eq!(deny["NotResource"][0], "arn:aws:ssm:*:111122223333:document/Gatesh-*");
}

#[test]
fn a_group_with_two_documents_starts_both_and_no_third() {
    let two = Access { documents: vec!["Gatesh-a".into(), "Elsewhere-a".into()], ..access() };
    let all = statements(&two.policy(&readers()).unwrap());
    let find = |sid: &str| all.iter().find(|one| one["Sid"] == sid).unwrap();
    let arn = |name: &str| format!("arn:aws:ssm:*:111122223333:document/{name}");
    assert_eq!(
        find("StartGroupDocument")["Resource"],
        serde_json::json!([arn("Gatesh-a"), arn("Elsewhere-a")])
    );
    let spared = find("DenyOtherDocuments")["NotResource"].to_string();
    assert!(spared.contains(&arn("Gatesh-*")) && spared.contains(&arn("Elsewhere-a")), "{spared}");
}

#[test]
fn an_account_partition_region_or_tag_that_is_none_is_refused() {
    let refused = [
        Access { account: "1".into(), ..access() },
        Access { partition: "amazon".into(), ..access() },
        Access { regions: vec!["eu west".into()], ..access() },
        Access { tags: vec![("a\"b".into(), "c".into())], ..access() },
        Access { documents: vec!["AWS-RunShellScript".into()], ..access() },
        Access { every_group: "*".into(), ..access() },
    ];
    for access in refused {
        assert!(access.policy(&readers()).is_err(), "{access:?}");
    }
}

#[test]
fn the_sudoers_file_is_that_of_the_fixture_and_visudo_takes_it() {
    let written = sudoers(&updaters(), "1.9.13p3".parse().unwrap()).unwrap();
    golden("sudoers", &written);
    if let Some(visudo) = tool("visudo") {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("sudoers");
        fs::write(&file, written).unwrap();
        let (taken, said) = run(&visudo, &["-c", "-f"], &file);
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

fn delivery() -> Delivery {
    Delivery {
        bucket: "example-policy".into(),
        key: "gatesh/policy.tar.gz".into(),
        region: "eu-west-1".into(),
        tag: ("gatesh".into(), "on".into()),
        schedule: "rate(30 minutes)".into(),
    }
}

fn stack() -> Stack {
    let session = Session { single_command: Some(SingleCommand::default()), ..Session::default() };
    Stack { session, access: access(), delivery: Some(delivery()) }
}

#[test]
fn the_template_is_that_of_the_file_and_cfn_lint_takes_it() {
    let template = stack().cloudformation(&[readers(), updaters()]).unwrap().yaml();
    golden("stack.yaml", &template);
    lint("stack.yaml", &template);
}

/// Fails with what cfn-lint says of a template.
pub(crate) fn lint(name: &str, template: &str) {
    let Some(cfn_lint) = tool("cfn-lint") else { return };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(name);
    fs::write(&file, template).unwrap();
    let (taken, said) = run(&cfn_lint, &["--regions", "eu-west-1", "--"], &file);
    assert!(taken, "{said}");
}

#[test]
fn the_linter_finds_a_fault_that_is_put_in() {
    let Some(cfn_lint) = tool("cfn-lint") else { return };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("stack.yaml");
    fs::write(
        &file,
        stack().cloudformation(&[readers()]).unwrap().yaml().replace("DocumentType", "Documenttype"),
    )
    .unwrap();
    assert!(!run(&cfn_lint, &["--regions", "eu-west-1", "--"], &file).0);
}

/// The configuration as an HCL parser reads it.
pub(crate) fn hcl(configuration: &str) -> Option<serde_json::Value> {
    let reader = tool("hcl2tojson")?;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("main.tf");
    fs::write(&file, configuration).unwrap();
    let output = Command::new(reader).arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn the_configuration_is_that_of_the_file_and_a_parser_reads_it() {
    let configuration = stack().terraform(&[readers(), updaters()]).unwrap();
    golden("main.tf", &configuration);
    let Some(read) = hcl(&configuration) else { return };
    let kinds: Vec<String> = read["resource"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|one| one.as_object().unwrap().keys().map(|kind| kind.trim_matches('"').to_owned()))
        .collect();
    let count = |kind: &str| kinds.iter().filter(|one| *one == kind).count();
    assert_eq!(
        [count("aws_ssm_document"), count("aws_iam_policy"), count("aws_ssm_association")],
        [5, 2, 1],
        "{kinds:?}"
    );
}

#[test]
fn policy_variables_reach_aws_and_are_no_template_of_terraform() {
    let configuration = stack().terraform(&[readers()]).unwrap();
    assert!(
        configuration.contains("$${aws:userid}") && !configuration.contains(" \"${aws"),
        "{configuration}"
    );
}

#[test]
fn groups_whose_names_become_one_are_refused_by_name() {
    for name in ["log.readers", "Log_Readers"] {
        let other = GroupFacts { name: name.into(), ..readers() };
        let said = stack().cloudformation(&[readers(), other]).unwrap_err().to_string();
        assert!(said.contains("Gatesh-log-readers and") && said.contains(name), "{said}");
    }
    // The second document of the one is called as the first of the other.
    let other = GroupFacts { name: "log-readers-command".into(), ..readers() };
    assert!(stack().cloudformation(&[readers(), other.clone()]).is_err());
    let plain = Stack { session: Session::default(), ..stack() };
    assert!(plain.cloudformation(&[readers(), other]).is_ok());
}

#[test]
fn both_ways_to_use_a_group_are_in_one_template_and_its_policy_names_both() {
    let template: serde_json::Value =
        serde_json::from_str(&stack().cloudformation(&[readers()]).unwrap().json()).unwrap();
    let document = |id: &str| &template["Resources"][id]["Properties"];
    let (prompt, command) = (document("DocumentLogReaders"), document("DocumentLogReadersCommand"));
    assert_eq!(
        (&prompt["Name"], &command["Name"]),
        (&"Gatesh-log-readers".into(), &"Gatesh-log-readers-command".into())
    );
    assert!(
        prompt["Content"]["parameters"].is_null() && command["Content"]["parameters"]["command"].is_object()
    );
    let start = &document("PolicyLogReaders")["PolicyDocument"]["Statement"][0]["Resource"];
    let arn = |name: &str| format!("arn:aws:ssm:*:111122223333:document/{name}");
    assert_eq!(*start, serde_json::json!([arn("Gatesh-log-readers"), arn("Gatesh-log-readers-command")]));
}

#[test]
fn an_alias_of_a_key_is_a_condition_and_never_a_resource() {
    let access = Access { kms_key: Some("alias/sessions".into()), ..access() };
    let all = statements(&access.policy(&readers()).unwrap());
    let encrypt = all.iter().find(|one| one["Sid"] == "EncryptSession").unwrap();
    assert_eq!(encrypt["Resource"], serde_json::json!(["arn:aws:kms:*:111122223333:key/*"]));
    let condition = &encrypt["Condition"]["ForAnyValue:StringEquals"]["kms:ResourceAliases"];
    assert_eq!(*condition, serde_json::json!(["alias/sessions"]));
}

#[test]
fn more_than_aws_takes_is_refused_with_a_way_out() {
    let tags = (0..40).map(|at| (format!("key-{at}"), "v".repeat(200))).collect();
    let said = Access { tags, ..access() }.policy(&readers()).unwrap_err().to_string();
    assert!(said.contains("AWS takes 6144") && said.contains("--tag"), "{said}");
    let groups: Vec<GroupFacts> =
        (0..250).map(|at| GroupFacts { name: format!("g{at}"), ..readers() }).collect();
    let said = stack().cloudformation(&groups).unwrap_err().to_string();
    assert!(said.contains("752 resources") && said.contains("terraform"), "{said}");
    assert!(stack().terraform(&groups).is_ok());
}

#[test]
fn the_document_that_delivers_policies_passes_our_own_audit() {
    let found = audit(&Document::read(&delivery().document().unwrap().yaml()).unwrap());
    assert!(found.is_empty(), "{}", text("it", &found));
}

#[test]
fn what_a_delivery_would_paste_into_a_script_is_held_to_its_form() {
    let refused = [
        Delivery { bucket: "a b".into(), ..delivery() },
        Delivery { key: "a'b".into(), ..delivery() },
        Delivery { region: "x y".into(), ..delivery() },
        Delivery { region: "*".into(), ..delivery() },
        Delivery { key: "policies/".into(), ..delivery() },
        Delivery { schedule: "rate(1 minute)".into(), ..delivery() },
        Delivery { tag: ("a\"".into(), "b".into()), ..delivery() },
    ];
    for delivery in refused {
        let said = delivery.document().unwrap_err().to_string();
        assert!(said.starts_with("--policy-"), "{said}");
    }
}
