//! Every fixture beside its rendering.

use super::*;
use gatesh::policy::fault::{FAULTS, LINTS, Severity};

fn fixtures(kind: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/policy").join(kind);
    let entries = directory.read_dir().expect("fixtures").map(|entry| entry.expect("entry").path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    files.sort();
    files
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The sets that a fixture names.
fn with_sets(files: Files, fixture: &str) -> Files {
    fixtures("sets").iter().fold(files, |files, set| {
        let name = set.file_stem().expect("name").to_str().expect("UTF-8");
        if fixture.contains(&format!("\"{name}\"")) {
            return files.with(&format!("sets.d/{name}.toml"), text(set));
        }
        files
    })
}

/// `GATESH_BLESS=1` writes what is found, to be read before it is committed.
fn compare(kind: &str, name: &str) {
    let all = fixtures(kind);
    assert!(!all.is_empty());
    for fixture in all {
        let files = with_sets(Files::staged(), &text(&fixture)).with(name, text(&fixture));
        let survey = files.survey();
        let faults: Vec<String> = survey.faults.iter().map(ToString::to_string).collect();
        let rendered = faults.join("\n").replace(&format!("{}/", files.directory.path().display()), "");
        let expected = fixture.with_extension("expected");
        if std::env::var_os("GATESH_BLESS").is_some() {
            fs::write(&expected, &rendered).expect("written");
        }
        assert_eq!(rendered, text(&expected), "{}", fixture.display());
    }
}

#[test]
fn every_fault_of_a_group_file_reads_as_its_fixture_says() {
    compare("groups", "groups.d/staff.toml");
}

#[test]
fn every_fault_of_gatesh_toml_reads_as_its_fixture_says() {
    compare("hosts", "gatesh.toml");
}

#[test]
fn all_faults_of_all_files_that_apply_come_at_once() {
    let files = Files::staged()
        .with("gatesh.toml", "colour = 1\n")
        .with("groups.d/a.toml", "include = [\"s\"]\ncolour = 1\n\n[[allow]]\n")
        .with("groups.d/b.toml", "x = \n")
        .with("groups.d/not-mine.toml", "colour = 1\n")
        .with("sets.d/s.toml", "colour = 1\n");
    let errors = files.load(&["a", "b"]).expect_err("four files are faulty");
    let places: Vec<String> =
        errors.faults.iter().map(|fault| files.relative(&PathBuf::from(fault.place()))).collect();
    let expected = [
        "gatesh.toml line 1",
        "groups.d/a.toml line 2",
        "groups.d/a.toml line 4",
        "sets.d/s.toml line 1",
        "groups.d/b.toml line 1",
    ];
    assert_eq!(places, expected);
}

#[test]
fn the_person_reads_file_and_line_of_the_first_error() {
    let files = Files::staged().with("groups.d/a.toml", "\n\ncolour = 1\n");
    let errors = files.load(&["a"]).expect_err("an unknown key");
    assert_eq!(errors.summary_for_person(), format!("{} line 3", files.path("groups.d/a.toml").display()));
    assert_eq!(errors.choice(), None);
}

#[test]
fn warnings_alone_do_not_stop_a_session() {
    let files =
        Files::staged().with("groups.d/a.toml", format!("[types]\nn = {{ integer = [1, 2] }}\n\n{LS}"));
    assert_eq!(files.survey().faults.len(), 1, "the type is not used");
    assert!(files.load(&["a"]).is_ok());
}

#[test]
fn a_group_nobody_is_in_is_a_warning_with_the_nearest_name() {
    let files = Files::staged().with("groups.d/suport.toml", LS);
    let unknown = |_: &str| UnixName::Unknown(Some(("support".to_owned(), 1204)));
    let survey = load_everything(&files.source, &unknown);
    assert_eq!(survey.faults[0].message, "no Unix group is called \"suport\"");
    assert_eq!(survey.faults[0].cure, ["nobody gets these rules. Did you mean \"support\" (gid 1204)?"]);
}

#[test]
fn a_fault_in_a_set_is_said_once_however_many_groups_include_it() {
    let include = format!("include = [\"s\"]\n\n{LS}");
    let files = Files::staged()
        .with("groups.d/a.toml", &include)
        .with("groups.d/b.toml", &include)
        .with("sets.d/s.toml", "colour = 1\n");
    assert_eq!(files.refused(&["a", "b"]), "sets.d/s.toml: unknown key \"colour\"");
}

#[test]
fn every_fault_of_a_file_has_a_documented_id() {
    // A synopsis has ids of its own.
    let other = |path: &PathBuf| !path.ends_with("synopses.toml");
    for fixture in fixtures("groups").into_iter().filter(other) {
        let survey = Files::staged().with("groups.d/staff.toml", text(&fixture)).survey();
        for fault in survey.faults {
            let known = FAULTS.iter().any(|(id, _)| *id == fault.id);
            assert!(known, "{} of {}", fault.id, fixture.display());
        }
    }
}

#[test]
fn a_text_cut_anywhere_is_refused_or_read_and_never_more() {
    let whole = text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/policy/groups/clean.toml"));
    for (end, _) in whole.char_indices() {
        for tail in ["", "\"", "[", "\u{e9}", "\u{1b}"] {
            let cut = format!("{}{tail}", &whole[..end]);
            let loaded = load_embedded("", ("staff", &cut), &[("filters", "")], &person(&[]));
            let shown = loaded.map_or_else(|errors| errors.to_string(), |_| String::new());
            assert!(!shown.contains('\u{1b}'), "{shown:?}");
        }
    }
}

#[test]
fn deep_nesting_is_refused() {
    let deep = format!("x = {}", "[".repeat(100_000));
    let errors = load_embedded("", ("staff", &deep), &[], &person(&[])).expect_err("not TOML");
    assert_eq!(errors.faults[0].id, "syntax");
}

#[test]
fn every_lint_stands_in_the_document_as_it_is() {
    let document = include_str!("../../docs/rules.md");
    for lint in LINTS {
        let weight = if lint.severity == Severity::Warning { "warning" } else { "fails" };
        let row = format!("| `{}` | {weight} | {} |", lint.id, lint.finds);
        assert!(document.lines().any(|line| line == row), "write into docs/rules.md:\n{row}");
    }
}
