//! What is proposed from a published document loads, holds its own cases, and says where it differs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use gatesh::admin::documents::document::Document;
use gatesh::admin::documents::import::{Import, ImportFault, NotWords};

fn published(name: &str) -> Document {
    let path = format!("{}/tests/fixtures/documents/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    Document::read(&fs::read_to_string(path).unwrap()).unwrap()
}

fn of_pattern(commands: &str, pattern: &str) -> Document {
    let text = format!(
        "schemaVersion: '1.0'\nsessionType: InteractiveCommands\nparameters:\n  c:\n    type: String\n    \
         allowedPattern: '{pattern}'\nproperties:\n  linux:\n    commands: '{commands}'\n"
    );
    Document::read(&text).unwrap()
}

fn import() -> Import {
    Import { source: "document.yaml".into(), ..Import::default() }
}

fn filled() -> Import {
    Import { files: vec!["/var/log/**".into()], directories: vec!["/var/log/**".into()], ..import() }
}

/// Runs `gateshctl VERB` on a directory with this one group file; whether it held, and what it said.
fn gateshctl(verb: &str, group_file: &str) -> (bool, String) {
    let dir = tempfile::tempdir().unwrap();
    let groups = dir.path().join("groups.d");
    fs::create_dir(&groups).unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(groups.join("imported.toml"), group_file).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_gateshctl")).arg(verb).arg(dir.path()).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.success(), said)
}

const READ_ONLY: &str = "SSM-StartReadOnlyInteractiveCommand";
const UPDATE: &str = "SSM-StartUpdatePackagesInteractiveCommand";

#[test]
fn the_package_document_becomes_the_synopses_it_meant() {
    let file = import().group_file(&published(UPDATE)).unwrap();
    assert!(file.contains("\"sudo yum (update|upgrade)\""), "{file}");
    assert!(file.contains("\"sudo yum (install|downgrade) <package>\""), "{file}");
}

#[test]
fn the_log_document_becomes_the_synopses_it_meant() {
    let file = filled().group_file(&published(READ_ONLY)).unwrap();
    for synopsis in
        ["\"ls [-1AFRadhlrt] [<dir>...]\"", "\"cat [-n] <log>...\"", "\"tail [-n <number>] (-f) <log>...\""]
    {
        assert!(file.contains(synopsis), "{synopsis} in {file}");
    }
}

#[test]
fn a_file_without_paths_is_complete_and_holds_its_own_cases() {
    let file = import().group_file(&published(UPDATE)).unwrap();
    assert!(gateshctl("check", &file).0, "{}", gateshctl("check", &file).1);
    assert!(gateshctl("test", &file).0, "{}", gateshctl("test", &file).1);
}

#[test]
fn a_file_with_paths_faults_until_they_are_filled_in() {
    let file = import().group_file(&published(READ_ONLY)).unwrap();
    let (holds, said) = gateshctl("check", &file);
    assert!(!holds && said.contains("is empty"), "{said}");
}

/// What `gateshctl import session-document` prints for a published document.
fn imported(name: &str, options: &[&str]) -> String {
    let path = format!("{}/tests/fixtures/documents/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
    let output = command.args(["import", "session-document", &path]).args(options).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The lines of a list under `[cases]`.
fn cases(file: &str, list: &str) -> usize {
    let parsed: toml::Table = file.parse().unwrap();
    parsed["cases"][list].as_array().unwrap().len()
}

#[test]
fn filled_in_on_the_command_line_it_loads_and_holds_cases_of_both_sides() {
    let files = ["--files", "/var/log/**", "--files", "{home}/app/logs/**"];
    let directories = ["--directories", "/var/log/**", "--directories", "{home}/app/logs/**"];
    let file = imported(READ_ONLY, &[files, directories].concat());
    assert!(file.contains("log = { file = [\"/var/log/**\", \"{home}/app/logs/**\"] }"), "{file}");
    assert!(cases(&file, "allow") > 3 && cases(&file, "deny") > 3, "{file}");
    for verb in ["check", "test"] {
        assert!(gateshctl(verb, &file).0, "{}", gateshctl(verb, &file).1);
    }
    let packages = imported(UPDATE, &[]);
    assert!(cases(&packages, "allow") > 1 && cases(&packages, "deny") > 1, "{packages}");
}

#[test]
fn filled_in_it_loads_and_holds_its_own_cases() {
    let file = filled().group_file(&published(READ_ONLY)).unwrap();
    assert!(gateshctl("check", &file).0, "{}", gateshctl("check", &file).1);
    assert!(gateshctl("test", &file).0, "{}", gateshctl("test", &file).1);
}

#[test]
fn what_only_one_side_takes_is_said() {
    let file = import().group_file(&published(UPDATE)).unwrap();
    assert!(file.contains("#   only the old pattern takes  sudo yum install -\n"), "{file}");
    assert!(file.contains("#   only the new rules take     sudo yum install "), "{file}");
    assert!(file.contains("#   only the old pattern takes  sudo yum downgrade -\n"), "{file}");
    let file = filled().group_file(&published(READ_ONLY)).unwrap();
    for program in ["ls -", "cat -.log", "less -.log", "tail -f -.log"] {
        assert!(file.contains(&format!("#   only the old pattern takes  {program}")), "{program}: {file}");
    }
}

#[test]
fn nothing_that_runs_more_than_the_old_pattern_meant_is_proposed() {
    let file = filled().group_file(&published(READ_ONLY)).unwrap();
    let (directory, words) = (tempfile::tempdir().unwrap(), ["ls", "cat", "less", "tail"]);
    let groups = directory.path().join("groups.d");
    fs::create_dir(&groups).unwrap();
    fs::write(groups.join("imported.toml"), file).unwrap();
    let explains = |line: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
        command.args(["explain", "--group", "imported", "--config"]).arg(directory.path()).args(["--", line]);
        command.output().unwrap().status.code()
    };
    for word in words {
        let follow = if word == "tail" { "-f " } else { "" };
        assert_eq!(explains(&format!("{word} {follow}/var/log/x.log")), Some(0), "{word}");
        for wider in
            [format!("{word} {follow}/etc/shadow"), format!("{word} --version"), format!("sudo {word}")]
        {
            assert_eq!(explains(&wider), Some(1), "{wider}");
        }
    }
    assert_eq!(explains("head /var/log/x.log"), Some(1));
}

#[test]
fn the_text_around_the_parameter_belongs_to_the_line() {
    let document = of_pattern("exec systemctl status {{c}}", "^(nginx|php-fpm)$");
    let file = import().group_file(&document).unwrap();
    assert!(file.contains("\"systemctl status (nginx|php-fpm)\""), "{file}");
}

#[test]
fn a_class_without_a_slash_becomes_an_expression_that_keeps_its_characters() {
    let file = import().group_file(&of_pattern("echo {{c}}", r"^[a-z\]^-]{2,5}$")).unwrap();
    assert!(file.contains(r"value = { regex = '[\-\]\^a-z]{2,5}' }"), "{file}");
    assert!(gateshctl("check", &file).0, "{}\n{file}", gateshctl("check", &file).1);
}

#[test]
fn a_value_behind_a_directory_is_a_path_to_be_filled_in_and_no_expression() {
    let file = import().group_file(&of_pattern("exec sudo cat /var/log/{{c}}", "^[a-z.]+$")).unwrap();
    assert!(file.contains("file = { file = [] }") && !file.contains("regex"), "{file}");
    assert!(file.contains("<file> was any path beginning with /var/log/; write the globs"), "{file}");
    let (holds, said) = gateshctl("check", &file);
    assert!(!holds && said.contains("is empty"), "{said}");
    let filled = filled().group_file(&of_pattern("ls /var/log/{{c}}", "^[a-z]+[.]log$")).unwrap();
    assert!(filled.contains("log = { file = [\"/var/log/**\"] }"), "{filled}");
}

#[test]
fn several_parameters_are_not_taken_for_words() {
    let document = of_pattern("ls {{c}} {{c}}", "^[a-z]$");
    assert_eq!(import().group_file(&document).unwrap_err(), ImportFault::Several);
}

#[test]
fn what_cannot_be_carried_over_is_refused_with_the_reason() {
    let fault = |commands, pattern| import().group_file(&of_pattern(commands, pattern)).unwrap_err();
    assert_eq!(fault("{{c}}", "^(ab)+$"), ImportFault::NotWords(NotWords::Repetition));
    assert_eq!(fault("ls", "^a$"), ImportFault::NoParameter);
    assert!(matches!(fault("ls; {{c}}", "^a$"), ImportFault::Around(_)));
    assert!(matches!(fault("{{c}}", "^(?!a)$"), ImportFault::Pattern(_)));
}

/// Descriptions in YAML often have several lines, and nothing of them may be read as anything else.
#[test]
fn a_description_of_several_lines_becomes_one() {
    let text = "schemaVersion: '1.0'\nsessionType: InteractiveCommands\ndescription: |\n  it's \"x\"\n\n  [[allow]]\n  \
                commands = [\"sh\"]\nparameters: {c: {allowedPattern: '^uname -r$'}}\n\
                properties: {linux: {commands: '{{c}}'}}\n";
    let file = import().group_file(&Document::read(text).unwrap()).unwrap();
    let line = r#"description = "it's \"x\" [[allow]] commands = [\"sh\"]""#;
    assert!(file.lines().any(|one| one == line) && file.matches("\n[[allow]]").count() == 1, "{file}");
    let (holds, said) = gateshctl("check", &file);
    assert!(holds, "{said}\n{file}");
}
