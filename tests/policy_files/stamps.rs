//! A running session notices what changed, and nothing else.

use super::*;

fn staff() -> Files {
    Files::staged().with("gatesh.toml", "").with("groups.d/staff.toml", LS)
}

fn notices(files: &Files, groups: &[&str], change: impl FnOnce(&Files)) -> bool {
    let policy = files.load(groups).expect("sound");
    assert!(!policy.stamp.changed(), "nothing happened yet");
    change(files);
    policy.stamp.changed()
}

fn write(files: &Files, name: &str, text: &str) {
    fs::write(files.path(name), text).expect("write");
}

#[test]
fn a_rewritten_file_is_noticed() {
    assert!(notices(&staff(), &["staff"], |files| write(files, "groups.d/staff.toml", "# less\n")));
}

#[test]
fn another_file_of_the_same_size_in_its_place_is_noticed() {
    assert!(notices(&staff(), &["staff"], |files| {
        write(files, "groups.d/new", LS);
        fs::rename(files.path("groups.d/new"), files.path("groups.d/staff.toml")).expect("mv");
    }));
}

#[test]
fn a_file_that_comes_is_noticed() {
    assert!(notices(&staff(), &["staff", "wheel"], |files| write(files, "groups.d/wheel.toml", LS)));
}

#[test]
fn a_file_that_goes_is_noticed() {
    assert!(notices(&staff(), &["staff"], |files| fs::remove_file(files.path("gatesh.toml")).expect("rm")));
}

#[test]
fn a_directory_others_may_write_is_noticed() {
    let change = |files: &Files| {
        fs::set_permissions(files.path("groups.d"), fs::Permissions::from_mode(0o777)).expect("chmod");
    };
    assert!(notices(&staff(), &["staff"], change));
}

#[test]
fn a_directory_that_comes_is_noticed() {
    let files = Files::staged().with("gatesh.toml", "");
    assert!(notices(&files, &["staff"], |files| fs::create_dir(files.path("groups.d")).expect("mkdir")));
}

#[test]
fn files_of_other_groups_are_not() {
    assert!(!notices(&staff(), &["staff"], |files| write(files, "groups.d/other.toml", LS)));
}

#[test]
fn a_name_come_to_a_listed_directory_is_noticed() {
    let files = staff();
    fs::create_dir(files.path("bin")).expect("mkdir");
    let rule = format!("{LS}exec = [\"{}/*\"]\n", files.path("bin").display());
    write(&files, "groups.d/staff.toml", &rule);
    assert!(notices(&files, &["staff"], |files| write(files, "bin/new", "")));
}

#[test]
fn a_faulty_policy_is_noticed_when_it_is_mended() {
    let files = staff().with("groups.d/staff.toml", "colour = 1\n");
    let errors = files.load(&["staff"]).expect_err("faulty");
    assert!(!errors.stamp.changed());
    write(&files, "groups.d/staff.toml", LS);
    assert!(errors.stamp.changed());
}

#[test]
fn the_digest_is_of_names_and_texts_and_not_of_the_place() {
    let digest = |files: Files| files.load(&["staff"]).unwrap().digest;
    let here = digest(staff());
    assert_eq!(here.len(), 64);
    assert_eq!(here, digest(staff()));
    assert_ne!(here, digest(staff().with("gatesh.toml", "\n")));
    let other_name = Files::staged().with("gatesh.toml", "").with("groups.d/other.toml", LS);
    assert_ne!(here, other_name.load(&["other"]).unwrap().digest);
}
