//! What a sound file turns into.

use std::time::Duration;

use gatesh::policy::{
    Exec, Expect, Explain, GroupMode, History, Limits, Need, Network, OnFailure, Operators, Settings, Sink,
};

use super::*;

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/policy").join(name);
    fs::read_to_string(path).expect("fixture")
}

fn clean() -> Policy {
    let files = Files::staged()
        .with("groups.d/staff.toml", fixture("groups/clean.toml"))
        .with("sets.d/filters.toml", fixture("sets/filters.toml"));
    files.load(&["staff"]).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn every_key_of_a_rule_arrives() {
    let policy = clean();
    let rule = &policy.groups[0].rules[0];
    assert_eq!((rule.name.as_str(), rule.place.line, rule.confirm), ("all", 17, true));
    assert_eq!(rule.reason.as_ref().unwrap().name, "ticket");
    assert_eq!(rule.accept["write-and-exec"], "the directory is mounted noexec");
    let when = rule.when.as_ref().unwrap();
    assert_eq!(when.labels, ["env=prod"]);
    assert_eq!(when.days, [true, true, true, true, true, false, false]);
    assert_eq!((when.hours, when.zone.as_str()), (Some((540, 1020)), "UTC"));
}

#[test]
fn every_term_of_a_rule_arrives() {
    let terms = (*clean().groups[0].rules[0].terms).clone();
    assert_eq!(terms.timeout, Some(Duration::from_mins(90)));
    assert_eq!(terms.cwd, Some(PathBuf::from("/srv")));
    assert_eq!(terms.env["PAGER"], "less");
    assert_eq!((terms.keep_env.clone(), terms.umask), (vec!["TZ".to_owned()], Some(0o027)));
    let (memory, file_size) = (Some(512 << 20), Some(1 << 30));
    assert_eq!(
        terms.limits,
        Limits { cpu: Some(60), memory, processes: Some(10), files: Some(64), file_size }
    );
    assert_eq!(terms.read, ["/srv/app", "/home/ann"].map(PathBuf::from));
    assert_eq!(terms.write, [PathBuf::from("/srv/out")]);
    assert_eq!(terms.exec, Exec::Listed(vec![PathBuf::from("/usr/bin/gzip")]));
    assert_eq!(terms.network, Network { inet: true, ..Network::default() });
    assert_eq!(terms.with, ["journal", "dns"]);
    assert!(terms.sha256.clone().unwrap().starts_with("e3b0c442"));
}

#[test]
fn sets_come_after_the_groups_own_rules() {
    let policy = clean();
    let group = &policy.groups[0];
    let names: Vec<&str> = group.rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["all", "rule-2", "rule-1"]);
    assert!(group.rules[2].place.file.ends_with("sets.d/filters.toml"));
    assert_eq!(group.rules[1].terms.exec, Exec::Any);
    assert_eq!(group.operators, Operators { pipe: true, and: true, or: false, then: false });
    assert_eq!(group.aliases["t"], ["tail", "-n", "5"]);
}

#[test]
fn spans_lead_back_to_the_text() {
    let files =
        Files::staged().with("groups.d/staff.toml", fixture("groups/when.toml").replace("when =", "# "));
    let survey = files.survey();
    let document = survey.document(&files.path("groups.d/staff.toml")).expect("read");
    let rule = &survey.groups[0].rules[0];
    assert_eq!(document.slice(rule.spans.synopses[0]), "\"ls\"");
    assert_eq!(document.slice(rule.spans.header), "[[allow]]");
}

#[test]
fn denies_and_cases_arrive() {
    let policy = clean();
    let deny = &policy.denies[0];
    assert_eq!(deny.programs.as_deref().unwrap(), ["vim", "/usr/bin/nano"]);
    assert_eq!(deny.files.as_ref().unwrap()[0].text(), "/srv/secret/**");
    assert_eq!(deny.words.as_ref().unwrap()[0].text(), "--force*");
    assert_eq!((deny.group.as_str(), deny.reason.as_deref()), ("staff", Some("ask the security team")));
    let cases = &policy.groups[0].cases;
    assert_eq!(cases.len(), 4);
    assert_eq!(cases[1].expect, Expect::Allow);
    assert_eq!(cases[3].expect, Expect::Deny { because: Some("does not match".to_owned()) });
}

#[test]
fn a_host_without_gatesh_toml_has_the_defaults() {
    let settings = Files::staged().load(&[]).unwrap().settings;
    assert_eq!(settings, Settings::default());
    assert_eq!((settings.groups, settings.root, settings.max_denials), (GroupMode::Union, false, 50));
    assert_eq!((settings.idle_timeout.as_secs(), settings.max_duration.as_secs()), (900, 28_800));
    assert_eq!(settings.program_path, ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map(PathBuf::from));
    assert_eq!((settings.audit.sink, settings.audit.on_failure), (Sink::Syslog, OnFailure::Deny));
}

#[test]
fn every_setting_of_the_host_arrives() {
    let settings =
        Files::staged().with("gatesh.toml", fixture("hosts/shared.toml")).load(&[]).unwrap().settings;
    assert_eq!((settings.groups, settings.root), (GroupMode::One, true));
    assert_eq!((settings.idle_timeout.as_secs(), settings.max_duration.as_secs()), (300, 3600));
    assert_eq!((settings.max_denials, settings.max_sessions), (3, 2));
    assert_eq!((settings.history, settings.explain), (History::Off, Explain::Brief));
    assert_eq!((settings.landlock, settings.audit.on_failure), (Need::Preferred, OnFailure::Run));
    assert_eq!(settings.audit.sink, Sink::File(PathBuf::from("/var/log/gatesh.log")));
    assert_eq!(settings.labels, ["env=prod", "role=app server"]);
    assert_eq!(settings.program_path, ["/opt/bin", "/usr/bin"].map(PathBuf::from));
}

#[test]
fn shared_types_are_known_to_groups_and_not_to_be_repeated() {
    let files = Files::staged().with("gatesh.toml", fixture("hosts/shared.toml"));
    let files = files.with("groups.d/a.toml", "[[allow]]\ncommands = [\"head (-n <rows>)\"]\n");
    assert!(files.load(&["a"]).is_ok());
    let files = files.with("groups.d/a.toml", "[types]\nrows = { integer = [1, 2] }\n");
    assert_eq!(files.refused(&["a"]), "groups.d/a.toml: <rows> is already a shared type of gatesh.toml");
}

#[test]
fn types_of_a_set_are_its_own() {
    let files = Files::staged()
        .with("groups.d/a.toml", "include = [\"s\"]\n\n[[allow]]\ncommands = [\"head (-n <count>)\"]\n")
        .with("sets.d/s.toml", fixture("sets/filters.toml"));
    assert_eq!(files.refused(&["a"]), "groups.d/a.toml: no type is called <count>");
}

#[test]
fn tree_grants_may_not_hold_the_audit_file() {
    let host = "[audit]\nsink = \"file\"\nfile = \"/var/log/gatesh.log\"\n";
    let files = Files::staged().with("gatesh.toml", host);
    let files = files.with("groups.d/a.toml", format!("{LS}read = [\"/var/log\"]\n"));
    let refused = "groups.d/a.toml: \"read\" would open gatesh's own files in /var/log/gatesh.log";
    assert_eq!(files.refused(&["a"]), refused);
}

#[test]
fn exec_globs_are_files_when_the_policy_is_loaded() {
    let files =
        Files::staged().with("bin/b", "").with("bin/a", "").with("bin/.hidden", "").with("bin/c.sh", "");
    fs::create_dir(files.path("bin/directory")).expect("mkdir");
    let files = with_exec(files, "bin/*");
    let policy = files.load(&["a"]).unwrap();
    let expected = ["bin/a", "bin/b", "bin/c.sh"].map(|name| files.path(name)).to_vec();
    assert_eq!(policy.groups[0].rules[0].terms.exec, Exec::Listed(expected));
    let files = with_exec(files, "bin/*.sh");
    let expected = Exec::Listed(vec![files.path("bin/c.sh")]);
    assert_eq!(files.load(&["a"]).unwrap().groups[0].rules[0].terms.exec, expected);
}

fn with_exec(files: Files, glob: &str) -> Files {
    let rule = format!("{LS}exec = [\"{}\"]\n", files.path(glob).display());
    files.with("groups.d/a.toml", rule)
}

#[test]
fn directories_are_those_of_the_directory_types_by_default() {
    let types =
        "[types]\nd = { directory = [\"/srv/**\"], except = [\"/srv/x\"] }\nf = { file = [\"/opt/*\"] }\n\n";
    let files = Files::staged().with("groups.d/a.toml", format!("{types}{LS}"));
    let policy = files.load(&["a"]).unwrap();
    let texts =
        |globs: &[gatesh::policy::glob::Glob]| globs.iter().map(|g| g.text().to_owned()).collect::<Vec<_>>();
    assert_eq!(texts(&policy.groups[0].directories[0].globs), ["/srv/**"]);
    assert_eq!(texts(&policy.groups[0].directories[0].except), ["/srv/x"]);
    let files = files.with("groups.d/a.toml", format!("directories = []\n\n{types}{LS}"));
    assert!(files.load(&["a"]).unwrap().groups[0].directories.is_empty());
}

#[test]
fn the_demonstration_is_read_from_memory() {
    let group = ("demo", "include = [\"s\"]\n\n[[allow]]\ncommands = [\"ls\"]\n");
    let policy = load_embedded("[session]\nroot = true\n", group, &[("s", LS)], &person(&[])).unwrap();
    assert!(policy.settings.root);
    assert_eq!(policy.groups[0].rules.len(), 2);
    assert!(!policy.stamp.changed());
    let errors = load_embedded("", ("demo", "include = [\"t\"]\n"), &[("s", LS)], &person(&[])).unwrap_err();
    assert_eq!(errors.summary_for_person(), "demo/groups.d/demo.toml line 1");
}
