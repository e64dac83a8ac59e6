//! Names as text.

use crate::policy::paths::name::{climbed, folded, parent_and_last, stands_above, usable};

fn fold(directory: &str, typed: &str) -> String {
    String::from_utf8(folded(directory.as_bytes(), typed.as_bytes())).unwrap()
}

#[test]
fn folding_leaves_an_absolute_normal_name() {
    for (typed, expected) in [
        ("", "/a/b"),
        ("..", "/a"),
        ("../../../x", "/x"),
        ("./c//d/", "/a/b/c/d"),
        ("/e/../f/.", "/f"),
        ("/", "/"),
    ] {
        assert_eq!(fold("/a/b", typed), expected, "{typed}");
    }
}

#[test]
fn climbing_names_each_directory_that_is_left() {
    let left = climbed(b"/a/b", b"c/../../x/..");
    assert_eq!(left, [&b"/a/b/c"[..], b"/a/b", b"/a/x"]);
    assert_eq!(climbed(b"/a", b"/etc/../x"), [b"/etc"]);
    assert!(climbed(b"/a", b"..x/...").is_empty());
}

#[test]
fn standing_above_is_by_whole_names() {
    assert!(stands_above(b"/", b"/a") && stands_above(b"/a", b"/a/b") && stands_above(b"/a", b"/a"));
    assert!(!stands_above(b"/a", b"/ab") && !stands_above(b"/a/b", b"/a"));
}

#[test]
fn the_last_name_must_be_a_plain_one() {
    assert_eq!(parent_and_last("/a"), Some(("/", "a")));
    assert_eq!(parent_and_last("a"), Some((".", "a")));
    assert_eq!(parent_and_last("a/b"), Some(("a", "b")));
    for typed in ["", "/", "a/", "..", "a/..", "a/.", "."] {
        assert_eq!(parent_and_last(typed), None, "{typed}");
    }
}

#[test]
fn names_are_usable_when_they_can_be_seen() {
    assert_eq!(usable("/a é".as_bytes()), Some("/a é"));
    for name in
        [&b"/\xff"[..], b"/\n", b"/\x7f", "/\u{85}".as_bytes(), "/\u{200b}".as_bytes(), b"/a (deleted)"]
    {
        assert_eq!(usable(name), None, "{name:?}");
    }
}
