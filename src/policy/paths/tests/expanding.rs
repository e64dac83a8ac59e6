use crate::policy::paths::Effort;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use proptest::prelude::{prop_assert, proptest};

use super::tree::Tree;
use crate::policy::glob::Glob;
use crate::policy::paths::{ExpandFault, Expansion, View};

/// Every pattern character of `text` counts as unquoted.
fn expand_in(view: &View, text: &str, globs: &[Glob]) -> Result<Expansion, ExpandFault> {
    let magic: Vec<usize> = text.match_indices(['*', '?', '[']).map(|(at, _)| at).collect();
    view.expand_text(text, &magic, &globs.iter().collect::<Vec<_>>(), &Effort::default())
}

fn expand(tree: &Tree, text: &str) -> Result<Expansion, ExpandFault> {
    expand_in(&tree.view(), text, &tree.globs(&["logs/**"]))
}

fn names(tree: &Tree, text: &str) -> Vec<String> {
    expand(tree, text).unwrap_or_else(|fault| panic!("{text} {fault}")).names
}

fn fault(tree: &Tree, text: &str) -> ExpandFault {
    expand(tree, text).expect_err(text)
}

#[test]
fn names_come_sorted_and_as_they_would_be_typed() {
    let tree = Tree::new();
    tree.file("logs/B.log");
    assert_eq!(names(&tree, "*.log"), ["B.log", "app.log", "b.log"]);
    assert_eq!(names(&tree, "./a*"), ["./app.log"]);
    assert_eq!(names(&tree, "*/*.log"), ["nginx/access.log"]);
    assert_eq!(names(&tree, "*/"), ["nginx/"]);
    assert_eq!(names(&tree, &tree.text("logs/?.log")), [tree.text("logs/B.log"), tree.text("logs/b.log")]);
}

#[test]
fn brackets_take_lists_ranges_and_their_opposite() {
    let tree = Tree::new();
    for name in ["1", "2", "-", "]", "^", "é"] {
        tree.file(format!("logs/x{name}"));
    }
    assert_eq!(names(&tree, "x[12]"), ["x1", "x2"]);
    assert_eq!(names(&tree, "x[!0-9]"), ["x-", "x]", "x^", "xé"]);
    assert_eq!(names(&tree, "x[^0-9é-]"), ["x]", "x^"]);
    assert_eq!(names(&tree, "x[]]"), ["x]"]);
    assert_eq!(names(&tree, "x[à-ü]"), ["xé"]);
    assert_eq!(names(&tree, "x[1-]"), ["x-", "x1"]);
}

#[test]
fn a_bracket_that_does_not_end_is_a_fault() {
    let tree = Tree::new();
    for text in ["[", "[a", "[]", "[!]", "[a/b]", "[b-a]", "[[:alpha:]]", "*/[x"] {
        assert_eq!(fault(&tree, text), ExpandFault::Syntax, "{text}");
    }
    assert_eq!(fault(&tree, "*/../x"), ExpandFault::Climbs);
}

#[test]
fn a_quoted_pattern_character_is_itself() {
    let tree = Tree::new();
    tree.file("logs/a*b1");
    tree.file("logs/axb2");
    let globs = tree.globs(&["logs/**"]);
    let found = tree.view().expand_text("a*b?", &[3], &globs.iter().collect::<Vec<_>>(), &Effort::default());
    assert_eq!(found.unwrap().names, ["a*b1"]);
}

#[test]
fn a_leading_dot_must_be_typed() {
    let tree = Tree::new();
    tree.file("logs/.hidden");
    assert_eq!(names(&tree, ".h*"), [".hidden"]);
    for text in ["?hidden", "[.]hidden", "*hidden"] {
        assert_eq!(fault(&tree, text), ExpandFault::NoMatch, "{text}");
    }
    assert!(!names(&tree, "*").contains(&String::from(".hidden")));
}

#[test]
fn two_stars_are_no_more_than_one() {
    let tree = Tree::new();
    assert_eq!(names(&tree, "**.log"), ["app.log", "b.log"]);
    assert_eq!(names(&tree, "**/access.log"), ["nginx/access.log"]);
}

#[test]
fn nothing_outside_is_ever_listed() {
    let tree = Tree::new();
    tree.link("logs/out", tree.at("secret"));
    tree.link("logs/up", "..");
    for text in ["out/*", "*/key", "*/k*", "up/secret/*", "../secret/*", "../s*", "out/../s*"] {
        assert_eq!(fault(&tree, text), ExpandFault::NoMatch, "{text}");
    }
    for text in [
        "/etc/*",
        "/etc/pass*",
        "/[e]tc/shadow",
        "/[!a]tc/shadow",
        "/[^a]tc/shadow",
        "**/shadow",
        "/*/shadow",
        "/root/*",
        "/proc/self/fd/*",
        "/proc/*",
    ] {
        assert_eq!(fault(&tree, text), ExpandFault::NoMatch, "{text}");
    }
    let above = tree.text("*");
    assert_eq!(names(&tree, &above), [tree.text("logs")]);
}

#[test]
fn what_is_outside_gives_the_same_answer_whether_or_not_it_exists() {
    let tree = Tree::new();
    for directory in ["secret", "none"] {
        let text = tree.text(&format!("{directory}/../logs/*.log"));
        assert_eq!(fault(&tree, &text), ExpandFault::NoMatch, "{directory}");
    }
}

#[test]
fn directories_that_lead_on_are_kept_and_files_beside_them_are_not() {
    let tree = Tree::new();
    tree.file("logs/beside");
    let globs = tree.globs(&["logs/*/access.log"]);
    let found = expand_in(&tree.view(), "*", &globs).unwrap();
    assert_eq!(found.names, ["nginx"]);
    tree.link("logs/out", tree.at("secret"));
    assert_eq!(expand_in(&tree.view(), "o*", &globs), Err(ExpandFault::NoMatch));
}

#[test]
fn names_that_cannot_be_words_are_skipped_and_shown_escaped() {
    let tree = Tree::new();
    for name in [&b"logs/x\n1"[..], b"logs/x\x1b[2J", b"logs/x\xff", b"logs/x\xe2\x80\xae"] {
        tree.file(OsStr::from_bytes(name));
    }
    tree.file("logs/x1");
    let found = expand(&tree, "x*").unwrap();
    assert_eq!(found.names, ["x1"]);
    assert_eq!(found.skipped, ["x\\n1", "x\\x1b[2J", "x\\xe2\\x80\\xae", "x\\xff"]);
}

#[test]
fn no_name_of_a_file_becomes_an_option() {
    let tree = Tree::new();
    for name in ["-rf", "+F", "--help"] {
        tree.file(format!("logs/{name}"));
    }
    assert_eq!(names(&tree, "[-+]*"), ["./+F", "./--help", "./-rf"]);
}

#[test]
fn a_thousand_names_are_enough() {
    let tree = Tree::new();
    (0..1000).for_each(|n| tree.file(format!("logs/m{n}")));
    assert_eq!(names(&tree, "m*").len(), 1000);
    tree.file("logs/m1000");
    assert_eq!(fault(&tree, "m*"), ExpandFault::TooMany);
}

#[test]
fn walking_in_circles_ends() {
    let tree = Tree::new();
    for name in ["a", "b", "c", "d"] {
        tree.link(&format!("logs/{name}"), ".");
    }
    let start = Instant::now();
    assert_eq!(fault(&tree, &format!("{}x", "*/".repeat(60))), ExpandFault::TooMuchWork);
    assert_eq!(fault(&tree, &"*/".repeat(100)), ExpandFault::TooMuchWork);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn as_text_a_pattern_stands_for_itself() {
    let view = View::Text { name: "/var/log".into() };
    assert_eq!(expand_in(&view, "*.log", &[]).unwrap().names, ["*.log"]);
}

#[test]
fn a_fixture_tree_is_walked_like_the_root() {
    let tree = Tree::new();
    tree.link("logs/abs", "/logs/nginx");
    let View::Host { directory: root, .. } = tree.view_from("") else { unreachable!() };
    let view = View::Rooted { root, prefix: tree.root.clone(), name: "/logs".into() };
    let globs = [Glob::path("/logs/**", None).unwrap()];
    assert_eq!(
        expand_in(&view, "*/access.log", &globs).unwrap().names,
        ["abs/access.log", "nginx/access.log"]
    );
    assert_eq!(expand_in(&view, "/*", &globs).unwrap().names, ["/logs"]);
}

#[test]
fn an_unreadable_directory_has_no_names() {
    let tree = Tree::new();
    fs::remove_dir_all(tree.at("logs/nginx")).unwrap();
    assert_eq!(fault(&tree, "nginx/*"), ExpandFault::NoMatch);
}

proptest! {
    #[test]
    fn any_pattern_is_answered_and_gives_only_what_lies_inside(text in "[a-c.*?\\[\\]!/-]{0,16}") {
        let tree = Tree::new();
        if let Ok(found) = expand(&tree, &text) {
            let home = tree.text("logs");
            for name in found.names {
                let real = tree.at("logs").join(&name).canonicalize().unwrap();
                prop_assert!(real.starts_with(&home) || home.starts_with(real.to_str().unwrap()), "{}", name);
            }
        }
    }
}
