use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;

use nix::sys::stat::fstat;

use super::tree::Tree;
use crate::policy::glob::Glob;
use crate::policy::paths::PathRefusal;
use crate::policy::types::{Access, Object, PathType};

#[test]
fn a_missing_write_operand_is_made_only_when_asked() {
    let tree = Tree::new();
    let mut new = tree.accepted(&tree.output(), "nginx/new.txt");
    assert_eq!((new.path.clone(), new.object), (tree.at("logs/nginx/new.txt"), Object::File));
    assert!(new.descriptor.is_none() && new.parent.is_some() && !new.path.exists());
    new.create().unwrap();
    let made = fs::metadata(&new.path).unwrap();
    assert_eq!(made.permissions().mode() & 0o177, 0);
    assert_eq!(fstat(new.descriptor.as_ref().unwrap()).unwrap().st_size, 0);
    new.create().unwrap();
}

#[test]
fn somebody_quicker_is_not_overwritten() {
    let tree = Tree::new();
    let mut new = tree.accepted(&tree.output(), "new.txt");
    tree.link("logs/new.txt", tree.at("secret/made"));
    assert_eq!(new.create().unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert!(!tree.at("secret/made").exists());
}

#[test]
fn a_directory_moved_away_gets_no_file() {
    let tree = Tree::new();
    let mut new = tree.accepted(&tree.output(), "nginx/new.txt");
    fs::rename(tree.at("logs/nginx"), tree.at("secret/nginx")).unwrap();
    assert_eq!(new.create().unwrap_err().kind(), ErrorKind::StaleNetworkFileHandle);
    assert!(!tree.at("secret/nginx/new.txt").exists());
}

#[test]
fn nothing_is_made_outside_or_behind_a_link() {
    let tree = Tree::new();
    tree.link("logs/dangling", tree.at("secret/made"));
    tree.link("logs/inside", "made.txt");
    tree.link("logs/dir", tree.at("secret"));
    for typed in ["dangling", "inside", "dir/made", "../secret/made", "../none/made", "/etc/made"] {
        assert_eq!(tree.refusal(&tree.output(), typed), PathRefusal::NoMatch, "{typed}");
    }
    for typed in ["none/made", "made/", "app.log/made"] {
        assert_eq!(tree.refusal(&tree.output(), typed), PathRefusal::Missing, "{typed}");
    }
}

#[test]
fn a_name_that_cannot_be_a_word_is_not_made() {
    let tree = Tree::new();
    for typed in ["a\nb", "\u{202e}x", "x (deleted)"] {
        assert_eq!(tree.refusal(&tree.output(), typed), PathRefusal::UnusableName, "{typed:?}");
    }
}

#[test]
fn a_missing_operand_must_exist_unless_the_type_says_otherwise() {
    let tree = Tree::new();
    let present = tree.takes(Object::File, Access::Write);
    assert_eq!(tree.refusal(&present, "new.txt"), PathRefusal::Missing);
    let unread = PathType { must_exist: false, ..tree.log() };
    assert_eq!(tree.refusal(&unread, "new.txt"), PathRefusal::Missing);
}

#[test]
fn an_existing_write_operand_is_a_file_with_one_link() {
    let tree = Tree::new();
    assert!(tree.accepted(&tree.output(), "app.log").descriptor.is_some());
    fs::hard_link(tree.at("logs/app.log"), tree.at("logs/second")).unwrap();
    assert_eq!(tree.refusal(&tree.output(), "app.log"), PathRefusal::HardLinks);
    let either = tree.takes(Object::Either, Access::Write);
    assert_eq!(tree.refusal(&either, "nginx"), PathRefusal::WrongObject("a directory"));
}

#[test]
fn an_elevated_rule_makes_nothing_where_others_write() {
    let tree = Tree::new();
    let refusal = tree.view().resolve(&tree.output(), "new.txt", true).unwrap_err();
    assert_eq!(refusal, PathRefusal::WritableByOthers);
}

#[test]
fn what_is_excepted_is_not_made() {
    let tree = Tree::new();
    let but = PathType { except: tree.globs(&["logs/*.sh"]), ..tree.output() };
    assert_eq!(tree.refusal(&but, "x.sh"), PathRefusal::Excepted);
    assert!(tree.resolve(&but, "x.txt").is_ok());
}

#[test]
fn nothing_is_made_in_procfs() {
    let tree = Tree::new();
    let globs = vec![Glob::path("/**", None).unwrap()];
    let anywhere = PathType { globs, ..tree.output() };
    for typed in ["/proc/none", "/proc/sys/none"] {
        assert_eq!(tree.refusal(&anywhere, typed), PathRefusal::NoMatch, "{typed}");
    }
}
