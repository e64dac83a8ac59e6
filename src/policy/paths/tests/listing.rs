use std::time::Instant;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::tree::Tree;
use crate::policy::paths::Candidates;
use crate::policy::types::{Access, Object, PathType};

fn offered(tree: &Tree, directory: &str, prefix: &str, wanted: &PathType) -> Vec<String> {
    let list = tree.view().list(directory, prefix, &[wanted]);
    let Candidates::Few(list) = list else { return vec!["too many".to_owned()] };
    list.into_iter().map(|found| if found.is_dir { found.name + "/" } else { found.name }).collect()
}

#[test]
fn files_that_match_and_directories_that_lead_on_are_offered() {
    let tree = Tree::new();
    assert_eq!(offered(&tree, "", "", &tree.log()), ["app.log", "b.log", "nginx/"]);
    assert_eq!(offered(&tree, "nginx/", "a", &tree.log()), ["access.log"]);
    assert_eq!(offered(&tree, &tree.text(""), "", &tree.log()), ["logs/"]);
    assert_eq!(offered(&tree, "", "", &tree.takes(Object::Directory, Access::Read)), ["nginx/"]);
}

#[test]
fn nothing_outside_is_offered() {
    let tree = Tree::new();
    tree.link("logs/out", tree.at("secret/key"));
    tree.link("logs/outdir", tree.at("secret"));
    tree.link("logs/nowhere", tree.at("secret/none"));
    tree.link("logs/loop", "loop");
    mkfifo(&tree.at("logs/fifo"), Mode::S_IRWXU).unwrap();
    assert_eq!(offered(&tree, "", "", &tree.log()), ["app.log", "b.log", "nginx/"]);
    for directory in
        ["outdir/", "../secret/", "/etc/", "/root/", "none/", "/proc/self/root/etc/", "/root/../etc/"]
    {
        assert_eq!(offered(&tree, directory, "", &tree.log()), [""; 0], "{directory}");
    }
}

#[test]
fn climbing_out_of_an_unknown_directory_offers_nothing() {
    let tree = Tree::new();
    for directory in ["secret/../logs/", "none/../logs/"] {
        assert_eq!(offered(&tree, &tree.text(directory), "", &tree.log()), [""; 0], "{directory}");
    }
    assert_eq!(offered(&tree, "nginx/../", "a", &tree.log()), ["app.log"]);
}

#[test]
fn links_are_offered_by_where_they_lead() {
    let tree = Tree::new();
    tree.link("logs/in", "nginx/access.log");
    tree.link("logs/indir", "nginx");
    assert_eq!(offered(&tree, "", "in", &tree.log()), ["in", "indir/"]);
}

#[test]
fn what_is_excepted_hidden_or_unusable_is_not_offered() {
    let tree = Tree::new();
    for name in ["logs/.dot", "logs/a\x1b[2J", "logs/a\nb"] {
        tree.file(name);
    }
    let but = tree.all_but(Object::File, Access::Read, "logs/nginx/**");
    assert_eq!(offered(&tree, "", "", &but), ["app.log", "b.log"]);
    assert_eq!(offered(&tree, "", ".", &but), [".dot"]);
}

#[test]
fn ten_thousand_entries_are_judged_without_opening_each() {
    let tree = Tree::new();
    (0..10_000).for_each(|n| tree.file(format!("logs/m{n}")));
    let start = Instant::now();
    assert_eq!(offered(&tree, "", "m12", &tree.log()).len(), 111);
    assert_eq!(
        tree.view().list("", "m", &[&tree.log()]),
        Candidates::Many { common: "m".to_owned() },
        "nobody reads so many"
    );
    println!("10,000 entries: {:?} (not optimised)", start.elapsed());
    assert!(start.elapsed().as_millis() < 2_000);
}
