//! Who else could have a hand in it, and whether a name still leads to what was opened.

use std::fs;

use nix::fcntl::OFlag;
use nix::sys::stat::lstat;
use nix::unistd::{Uid, chown};

use super::tree::Tree;
use crate::policy::paths::object::Held;
use crate::policy::paths::ownership::only_root_writes;

fn held(tree: &Tree, name: &str) -> Held {
    tree.view().hold(name.as_bytes(), OFlag::empty()).unwrap()
}

#[test]
fn a_name_that_was_given_to_another_object_no_longer_leads_to_the_first() {
    let tree = Tree::new();
    let held = held(&tree, "app.log");
    assert!(held.still_there());
    fs::rename(tree.at("logs/app.log"), tree.at("secret/app.log")).unwrap();
    assert!(!held.still_there());
    tree.file("logs/app.log");
    assert!(!held.still_there());
    fs::remove_file(tree.at("logs/app.log")).unwrap();
    tree.link("logs/app.log", tree.at("secret/app.log"));
    assert!(!held.still_there());
}

#[test]
fn a_file_of_somebody_elses_is_not_roots_alone_whatever_its_mode() {
    let tree = Tree::new();
    if Uid::effective().is_root() {
        assert!(only_root_writes(&lstat(&tree.at("logs/app.log")).unwrap()));
        chown(&tree.at("logs/app.log"), Some(Uid::from_raw(65_534)), None).unwrap();
    }
    assert!(!only_root_writes(&lstat(&tree.at("logs/app.log")).unwrap()));
}

#[test]
fn the_way_from_the_root_must_end_at_the_very_object() {
    let view = Tree::new().view();
    let Ok(passwd) = view.hold(b"/etc/passwd", OFlag::empty()) else {
        println!("skipped: there is no /etc/passwd here");
        return;
    };
    let group = Held { host_name: "/etc/group".into(), ..passwd };
    assert!(!group.only_root_leads_here());
}
