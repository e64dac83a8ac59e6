use super::*;

fn shown(line: &str, at: &[&str], labels: &[&str]) -> String {
    let spans: Vec<Span> = at.iter().map(|part| span_of(line, part)).collect();
    let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
    render_line(1, line, &spans, &labels)
}

fn span_of(text: &str, part: &str) -> Span {
    let start = text.find(part).unwrap();
    Span::new(start, start + part.len())
}

#[test]
fn carets_stand_under_the_span_and_the_label_beside_them() {
    let line = "  \"cat <logs>\",";
    let expected = "   12 |   \"cat <logs>\",\n      |        ^^^^^^ did you mean <log>?";
    let labels = ["did you mean <log>?".to_owned()];
    assert_eq!(render_line(12, line, &[span_of(line, "<logs>")], &labels), expected);
}

#[test]
fn further_labels_stand_below_the_first() {
    let expected = "    1 | \"tail -n <rows>\",\n      |       ^^^^^^^^^ one\n      |                 two";
    assert_eq!(shown("\"tail -n <rows>\",", &["-n <rows>"], &["one", "two"]), expected);
}

#[test]
fn several_spans_of_a_line_have_carets_each() {
    let expected = "    1 | dig [<host>] [<type>]\n      |     ^^^^^^^^ ^^^^^^^^ which?";
    assert_eq!(shown("dig [<host>] [<type>]", &["[<host>]", "[<type>]"], &["which?"]), expected);
}

#[test]
fn an_empty_span_behind_the_line_points_where_something_is_missing() {
    let expected = "    1 | ab\n      |   ^ here";
    assert_eq!(render_line(1, "ab", &[Span::new(2, 2)], &["here".into()]), expected);
}

#[test]
fn tabs_wide_and_combining_characters_keep_the_carets_aligned() {
    let carets = |line: &str| render_line(1, line, &[span_of(line, "X")], &[]).lines().nth(1).unwrap().len();
    assert_eq!(carets("\tX"), carets("    X"));
    assert_eq!(carets("日本X"), carets("    X"));
    assert_eq!(carets("e\u{301}X"), carets("eX"));
}

#[test]
fn control_characters_of_the_text_and_of_labels_are_escaped() {
    let display = shown("a\u{1b}[2Jb", &["b"], &["\u{202e}x"]);
    assert_eq!(display, "    1 | a\\x1b[2Jb\n      |         ^ \\u{202e}x");
}

#[test]
fn a_long_line_is_cut_to_a_window_around_the_caret() {
    let line = format!("{}HERE{}", "a".repeat(5000), "b".repeat(5000));
    let display = shown(&line, &["HERE"], &["label"]);
    let lines: Vec<&str> = display.lines().collect();
    assert!(lines.iter().all(|line| line.len() <= 80), "{display}");
    assert!(lines[0].starts_with("    1 | ...aaa") && lines[0].ends_with("bbb..."), "{display}");
    assert_eq!(lines[0].find("HERE"), lines[1].find("^^^^ label"));
}

#[test]
fn a_long_line_with_its_caret_near_either_end_loses_only_the_other() {
    let late = shown(&format!("{}X", "a".repeat(300)), &["X"], &[]);
    assert!(late.lines().next().unwrap().ends_with("aaX"), "{late}");
    let early = shown(&format!("X{}", "a".repeat(300)), &["X"], &[]);
    assert!(early.starts_with("    1 | Xaa"), "{early}");
}

#[test]
fn spans_past_the_end_or_inside_a_character_do_no_harm() {
    for span in [Span::new(90, 95), Span::new(1, 2), Span::new(5, 1), Span::new(0, usize::MAX)] {
        let display = render_line(1, "éb", &[span], &[]);
        assert!(display.contains(" | "), "{display}");
    }
}

#[test]
fn hostile_text_is_escaped_and_ordinary_text_is_not() {
    assert_eq!(escape("a\u{1b}[31m\n\t\r\u{7f}"), "a\\x1b[31m\\n\\t\\r\\x7f");
    assert_eq!(
        escape("\u{85}\u{9b}\u{202e}\u{200b}\u{feff}\u{a0}"),
        "\\u{85}\\u{9b}\\u{202e}\\u{200b}\\u{feff}\\u{a0}"
    );
    assert_eq!(escape("Łódź 日本 'x' \\ \"y\""), "Łódź 日本 'x' \\ \"y\"");
}

#[test]
fn bytes_that_are_no_text_are_escaped_one_by_one() {
    assert_eq!(escape_bytes(b"a\xff\xfeb\xe2\x80"), "a\\xff\\xfeb\\xe2\\x80");
    assert_eq!(escape_bytes("é\u{202e}".as_bytes()), "é\\u{202e}");
}

#[test]
fn escaping_twice_changes_nothing() {
    let once = escape("\u{1b}\\x\u{202e}");
    assert_eq!(escape(&once), once);
}

#[test]
fn the_nearest_name_is_one_slip_away_or_two_when_long() {
    let known = ["allow", "deny", "commands", "timeout"];
    assert_eq!(nearest("alow", known), Some("allow"));
    assert_eq!(nearest("dney", known), Some("deny"));
    assert_eq!(nearest("comand", known), Some("commands"));
    assert_eq!(nearest("timeotus", known), Some("timeout"));
}

#[test]
fn nothing_is_suggested_when_far_equal_or_undecided() {
    assert_eq!(nearest("dxxy", ["deny"]), None);
    assert_eq!(nearest("deny", ["deny"]), None);
    assert_eq!(nearest("lo", ["log", "los"]), None);
    assert_eq!(nearest("xyz", []), None);
    assert_eq!(nearest(&"a".repeat(5000), [&*"a".repeat(5001)]), None);
}

#[test]
fn the_same_candidate_twice_is_no_tie() {
    assert_eq!(nearest("lgo", ["log", "log"]), Some("log"));
}

proptest::proptest! {
    #[test]
    fn any_text_and_any_spans_can_be_shown(line in "[a\t\r\u{1b}é日\u{301}]{0,200}", a in 0..300_usize, b in 0..300_usize) {
        let spans = [Span::new(a, b), Span::new(b, a)];
        let display = render_line(1, &line, &spans, &["x".into(), "y".into()]);
        proptest::prop_assert!(!display.chars().any(|c| c != '\n' && c.is_control()));
    }
}
