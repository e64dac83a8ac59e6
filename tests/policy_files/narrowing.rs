//! Which groups count: membership, `--group`, `groups = "one"`.

use gatesh::command::{Line, read};
use gatesh::policy::decide::{Bench, Decision, judge_line};
use gatesh::policy::paths::{Effort, View};
use gatesh::policy::programs::Programs;

use super::*;

fn two() -> Files {
    let deny = "[[deny]]\nwords = [\"--x\"]\n";
    Files::staged()
        .with("groups.d/a.toml", format!("{LS}\n{deny}"))
        .with("groups.d/b.toml", format!("{LS}\n{deny}"))
        .with("groups.d/c.toml", LS)
}

fn names(policy: &Policy) -> Vec<&str> {
    policy.groups.iter().map(|group| group.name.as_str()).collect()
}

fn choice(files: &Files, groups: &[&str], only: Option<&str>) -> String {
    let errors = load(&files.source, &person(groups), only).expect_err("no choice");
    errors.choice().expect("a fault of the choice").to_owned()
}

#[test]
fn several_groups_add_up_in_the_order_of_their_names() {
    assert_eq!(names(&two().load(&["b", "wheel", "a"]).unwrap()), ["a", "b"]);
}

#[test]
fn a_person_without_a_file_has_no_rules() {
    assert!(two().load(&["wheel"]).unwrap().groups.is_empty());
}

#[test]
fn names_that_cannot_be_files_have_none() {
    let files = two().with("x.toml", LS).with("groups.d/.toml", LS).with("groups.d/.h.toml", LS);
    for name in ["", "../x", ".h", "a/b", "a\n", "\u{1}"] {
        assert!(files.load(&[name]).unwrap().groups.is_empty(), "{name:?}");
    }
}

#[test]
fn choosing_a_group_leaves_the_denies_of_all() {
    let policy = load(&two().source, &person(&["a", "b"]), Some("b")).unwrap();
    assert_eq!(names(&policy), ["b"]);
    let denies: Vec<&str> = policy.denies.iter().map(|deny| deny.group.as_str()).collect();
    assert_eq!(denies, ["a", "b"]);
}

#[test]
fn a_group_the_person_is_not_in_cannot_be_chosen() {
    assert_eq!(choice(&two(), &["a"], Some("c")), "you are not in the group c");
    assert_eq!(choice(&two(), &["a"], Some("x\u{1b}")), "you are not in the group x\\u{1b}");
}

#[test]
fn a_group_without_a_file_cannot_be_chosen() {
    assert_eq!(choice(&two(), &["a", "wheel"], Some("wheel")), "the group wheel has no rules here");
}

#[test]
fn one_group_at_a_time_must_be_chosen_among_several() {
    let files = two().with("gatesh.toml", "[session]\ngroups = \"one\"\n");
    assert_eq!(choice(&files, &["a", "b"], None), "this host takes one group at a time: --group a or b");
    assert_eq!(names(&files.load(&["a", "wheel"]).unwrap()), ["a"]);
    let chosen = load(&files.source, &person(&["a", "b"]), Some("a")).unwrap();
    assert_eq!((names(&chosen), chosen.denies.len()), (vec!["a"], 2));
}

#[test]
fn a_fault_in_a_group_that_was_not_chosen_still_refuses() {
    let files = two().with("groups.d/b.toml", "colour = 1\n");
    let errors = load(&files.source, &person(&["a", "b"]), Some("a")).expect_err("b is faulty");
    assert_eq!(errors.choice(), None);
    assert!(errors.summary_for_person().ends_with("b.toml line 1"));
}

#[test]
fn groups_by_name_need_no_person() {
    let files = Files::staged().with("groups.d/a.toml", "directories = [\"{home}/**\"]\n");
    let with_home = load_for_groups(&files.source, &["a".to_owned()], Some(Path::new("/home/ann"))).unwrap();
    assert_eq!(with_home.groups[0].directories[0].globs[0].text(), "/home/ann/**");
    let without = load_for_groups(&files.source, &["a".to_owned()], None).unwrap();
    assert_eq!(without.groups[0].directories[0].globs[0].text(), "{home}/**");
}

#[test]
fn one_alias_with_two_texts_is_a_conflict() {
    let files = Files::staged()
        .with("groups.d/a.toml", "[aliases]\nll = \"ls -l\"\nt = \"tail -n 5\"\n")
        .with("groups.d/b.toml", "[aliases]\nll = \"ls -la\"\nt = \"tail -n 5\"\n");
    let policy = files.load(&["a", "b"]).unwrap();
    assert_eq!(policy.aliases["ll"], Alias::Conflict(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(policy.aliases["t"], Alias::Words(["tail", "-n", "5"].map(str::to_owned).to_vec()));
}

#[test]
fn an_alias_that_is_a_program_to_another_group_is_refused_to_members_of_both() {
    let files = Files::staged()
        .with("groups.d/a.toml", "[[allow]]\ncommands = [\"/usr/bin/cat\", \"ls\"]\n")
        .with("groups.d/b.toml", "[aliases]\ncat = \"ls\"\nt = \"ls\"\n");
    let both = files.load(&["a", "b"]).unwrap();
    assert_eq!(both.aliases["cat"], Alias::Hides { alias: "b".to_owned(), program: "a".to_owned() });
    assert_eq!(both.aliases["t"], Alias::Words(vec!["ls".to_owned()]));
    assert_eq!(denial(&both, "cat").as_deref(), Some("cat is an alias in b and a program in a"));
    assert_eq!(denial(&both, "t"), None);
    let one = files.load(&["b"]).unwrap();
    assert_eq!(one.aliases["cat"], Alias::Words(vec!["ls".to_owned()]));
}

/// Why a line of one command is denied, if it is.
fn denial(policy: &Policy, line: &str) -> Option<String> {
    let view = View::Text { name: "/".into() };
    let programs = Programs::as_text(&policy.settings.program_path);
    let bench = Bench { policy, view: &view, programs: &programs, clock: None };
    let Ok(Line::Run(line)) = read(line.as_bytes(), "/") else { panic!("{line} is not understood") };
    let judged = judge_line(&bench, &line, &Effort::default()).into_iter().next().unwrap();
    match judged.judgement.decision {
        Decision::Allow(_) => None,
        Decision::Deny(denial) => Some(denial.reason()),
    }
}
