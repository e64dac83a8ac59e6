use proptest::prelude::*;
use toml::de::DeTable;

use super::*;

#[track_caller]
fn plain(text: &str) {
    let whole = DeTable::parse(text).map(Node::of).unwrap();
    assert_eq!(read(text), Some(whole), "{text}");
}

#[test]
fn the_files_that_gatesh_brings_are_plain() {
    plain(include_str!("../../../../config/gatesh.toml"));
    plain(include_str!("../../../../config/groups.d/log-readers.toml"));
    plain(include_str!("../../../../config/groups.d/package-updaters.toml"));
    plain(include_str!("../../../../config/sets.d/filters.toml"));
}

#[test]
fn what_rule_files_hold_reads_the_same() {
    plain("");
    plain("# a comment\n\n  b = 'x' # and \u{fc}\n");
    plain("a = [\n  \"x\", # first\n  'y',\n]\n[t]\nz = { file = [\"/a\"], n = 10, m = true }\ny = {}");
    plain("[[allow]]\ncommands = [\"a\"]\n[types]\nx = 1\n[[allow]]\ncommands = []\n[[deny]]");
}

#[test]
fn what_is_not_plain_is_left_to_the_parser() {
    for text in [
        "a",
        "a = ",
        "a = 1\na = 2",
        "a = [1",
        "a = {b = 1",
        "a = \"x",
        "a = \"\\n\"",
        "a = { b = 1, }",
        "a = \"\"\"x\"\"\"",
        "a = '''x'''",
        "a.b = 1",
        "'a' = 1",
        "[a.b]",
        "[a",
        "[[a]",
        "[a]\n[a]",
        "[a]\n[[a]]",
        "[[a]]\n[a]",
        "a = [[1]]\n[[a]]",
        "a = 01",
        "a = 1_0",
        "a = -1",
        "a = 1.5",
        "a = 2026-11-23",
        "a = 1 b = 2",
        "a = 1\r\n",
        "a = '\u{1}'",
        "# \u{7f}",
        "a = [1 2]",
        "a = [,]",
        "a = {,}",
        "a = { b = 1, b = 2 }",
        "a = [[[[[[1]]]]]]",
        "\u{feff}a = 1",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

fn agree(text: &str) -> Result<(), TestCaseError> {
    if let Some(tree) = read(text) {
        let whole = DeTable::parse(text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(tree, Node::of(whole));
    }
    Ok(())
}

fn lines() -> impl Strategy<Value = String> {
    const LINES: &[&str] = &[
        "[[allow]]",
        "[types]",
        "[a]",
        "[[a]]",
        "a = 1",
        "b = \"x y\" # c",
        "commands = [\"ls\", 'cat <log>...']",
        "c = [\n 1, # z\n true,\n]",
        "d = { file = [\"/x/**\"], e = 2 }",
        "e = {}",
        "f = 'a\"b'",
        "# comment",
        "",
        "  g = \"\u{fc}\"",
        "h = [{ line = \"x\" }, 'y']",
        "i = [[1], []]",
        "\"j k\" = 1",
        "p = \"\\\"x\\\\ y\"",
    ];
    proptest::collection::vec(proptest::sample::select(LINES), 0..8).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn what_it_reads_is_what_the_parser_reads(text in lines()) {
        agree(&text)?;
    }

    #[test]
    fn so_it_is_with_characters_changed(text in lines(), at in 0usize..120, with in "[\\[\\]{}\"'=#,.a1\n\t \\\\_-]{0,3}", gone in 0usize..3) {
        let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (head, tail) = text.split_at(at);
        agree(&format!("{head}{with}{}", tail.get(gone..).unwrap_or_default()))?;
    }
}
