use super::super::automata::read;
use super::*;

fn pasted(text: &str, pattern: &str) -> Pasted {
    Pasted::new(text, &|_| read(pattern).ok())
}

/// The text another shell reads, values as `*`.
fn inner(text: &str) -> Option<(String, String)> {
    let (program, text) = pasted(text, "^[a-z]+$").program_text()?;
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Value { .. } => "*".to_owned(),
    };
    Some((program, text.pieces.iter().map(piece).collect()))
}

fn read_by(text: &str) -> (String, String) {
    inner(text).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn the_text_of_an_inner_shell_is_found_behind_what_only_starts_it() {
    assert_eq!(read_by("exec bash -c '{{c}}'"), ("bash".into(), "*".into()));
    assert_eq!(read_by("/bin/sh -ec \"ls -- {{c}} | cat\" x\n"), ("sh".into(), "ls -- * | cat".into()));
    assert_eq!(read_by("exec sudo -n -u app timeout 5 bash -lc 'ls {{c}}'"), ("bash".into(), "ls *".into()));
    assert_eq!(read_by("exec sudo su - root -c '{{c}}'"), ("su".into(), "*".into()));
    assert_eq!(read_by("eval ls '{{c}}'"), ("eval".into(), "ls *".into()));
    assert_eq!(read_by("ssh host 'ls {{c}}'"), ("ssh".into(), "ls *".into()));
    assert_eq!(read_by("xargs -0 sh -c '{{c}}'"), ("sh".into(), "*".into()));
}

#[test]
fn what_is_not_surely_an_inner_text_is_none() {
    for text in [
        "ls '{{c}}'",
        "bash '{{c}}'",
        "bash -c ls '{{c}}'",
        "bash -c \"ls $X '{{c}}'\"",
        "bash -c '{{c}}'; id",
        "bash -o posix -c '{{c}}'",
        "su -s /bin/x -c '{{c}}'",
        "ssh -v host '{{c}}'",
        "ssh '{{c}}'",
        "'{{c}}' -c x",
    ] {
        assert_eq!(inner(text), None, "{text}");
    }
}

#[test]
fn a_value_in_an_inner_text_cannot_leave_its_quotes() {
    let (_, text) = pasted("bash -c '{{c}}'", "^[a-z']+$").program_text().unwrap();
    let tree = text.values().next().unwrap().1;
    assert!(Language::let_through(tree).holds("a") && !Language::let_through(tree).holds("a'"));
}

#[test]
fn a_text_is_cut_into_values_that_pass_and_agree() {
    let both = pasted("ls {{a}}/{{a}}", "^[a-z]+$");
    assert_eq!(both.values_in("ls x/y", true), None);
    assert!(both.values_in("ls x/y", false).is_some());
    let one = both.values_in("ls x/x", true).unwrap();
    assert_eq!(one, [("a".to_owned(), "x".to_owned()), ("a".to_owned(), "x".to_owned())]);
    assert_eq!(both.values_in("ls x/1", false), None);
}

#[test]
fn a_pattern_without_anchors_lets_anything_into_the_text() {
    let holds = |pattern: &str, text: &str| {
        let whole = pasted("ls {{a}}/x", pattern);
        Language::let_through_whole(&whole.tree()).holds(text)
    };
    assert!(holds("^(a|b)$", "ls a/x") && !holds("^(a|b)$", "ls c/x"));
    assert!(holds("^a$|^b$", "ls b/x"));
    assert!(holds("a$", "ls ;a/x") && !holds("a$", "ls a;/x"));
    assert!(holds(r"^a\b$", "ls ;/x"));
}

#[test]
fn others_are_replaced_by_a_value_that_passes() {
    let text =
        Pasted::new("p {{a}} {{b}}", &|name| read(if name == "a" { "^[0-9]{2}$" } else { "^[a-z]$" }).ok());
    let spots: Vec<_> = text.spots().into_iter().map(|spot| (spot.before, spot.after)).collect();
    assert_eq!(spots, [("p ".into(), " x".into()), ("p 11 ".into(), String::new())]);
}
