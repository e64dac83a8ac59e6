use super::*;

fn place(before: &str, after: &str) -> Place {
    Place { before: before.into(), after: after.into(), reader: Reader::Shell, judged: false }
}

fn through(place: &Place, pattern: &str, hole: Hole) -> Option<String> {
    let offer = Language::let_through(&read(pattern).unwrap());
    place.through(&offer, hole).unwrap().map(|witness| witness.value)
}

fn open(place: &Place, pattern: &str) -> Vec<Hole> {
    let offer = Language::let_through(&read(pattern).unwrap());
    place.open_holes(&offer).into_iter().map(|(hole, _)| hole).collect()
}

#[test]
fn the_languages_of_the_holes_are_patterns_our_reader_takes() {
    for texts in Hole::ALL.map(Hole::texts) {
        for pattern in texts.runs.iter().chain([&texts.active]) {
            assert!(read(pattern).is_ok(), "{pattern}");
        }
    }
    assert!(read(&stops()).is_ok());
}

#[test]
fn a_single_quote_is_the_way_out_of_single_quotes_and_not_of_double_ones() {
    assert_eq!(through(&place("p '", "'"), "^[a-z' |]+$", Hole::Operator).as_deref(), Some("'|id'"));
    assert_eq!(through(&place("p \"", "\""), "^[a-z' |]+$", Hole::Operator), None);
}

#[test]
fn a_dollar_is_alive_in_double_quotes_and_dead_in_single_ones() {
    assert_eq!(through(&place("p \"", "\""), r"^[a-z$()]+$", Hole::Substitution).as_deref(), Some("$(id)"));
    assert_eq!(through(&place("p '", "'"), r"^[a-z$()]+$", Hole::Substitution), None);
}

#[test]
fn after_exec_a_semicolon_runs_nothing_more_and_a_pipe_does() {
    let wit = |class: &str| {
        let offer = Language::let_through(&read(class).unwrap());
        place("exec p ", "").through(&offer, Hole::Operator).unwrap().map(|witness| witness.runs)
    };
    assert_eq!(wit("^[a-z ;]+$"), Some(false));
    assert_eq!(wit("^[a-z |]+$"), Some(true));
}

#[test]
fn a_word_of_the_shells_grammar_is_no_way_to_run_id() {
    let found = |pattern: &str| {
        let offer = Language::let_through(&read(pattern).unwrap());
        place("", "").through(&offer, Hole::Operator).unwrap().map(|witness| (witness.value, witness.runs))
    };
    assert_eq!(found("^(if|exit)[;,][a-z]{2}$").map(|found| found.1), Some(false));
    assert_eq!(found("^(then|then[a-z])[;,][a-z]{2}$"), Some(("thenx;id".to_owned(), true)));
}

#[test]
fn what_the_author_wrote_opens_nothing() {
    assert_eq!(open(&place("", ""), r"^tail -f /var/log/x\.log; ls \*$"), []);
}

#[test]
fn one_class_for_each_operand_is_no_hole_and_one_for_all_is() {
    assert_eq!(open(&place("", ""), r"^cp[ \t][a-z]+ [a-z]+$"), []);
    assert_eq!(open(&place("", ""), r"^cp [a-z ]+$"), [Hole::Operand]);
}

#[test]
fn a_dot_alone_leads_nowhere_and_two_do() {
    assert_eq!(open(&place("cat /var/log/", ""), r"^[a-z]+\.log$"), []);
    assert_eq!(through(&place("cat /var/log/", ""), r"^[a-z./]+$", Hole::Path).as_deref(), Some(".."));
}

#[test]
fn a_count_as_high_as_the_agent_takes_is_decided() {
    assert_eq!(open(&place("p '", "'"), "^[A-Za-z0-9_]{1,1000}$"), []);
}

#[test]
fn a_pattern_held_to_the_whole_value_has_nothing_beyond() {
    let beyond = |pattern: &str| {
        let tree = read(pattern).unwrap();
        place("", "").beyond(&Language::let_through(&tree), &tree).unwrap()
    };
    assert_eq!(beyond("^(a|b)$"), None);
    assert_eq!(beyond("^ls$|^pwd$"), None);
    assert_eq!(beyond("^ls").as_deref(), Some("ls;id"));
    assert_eq!(beyond("ls$").as_deref(), Some("id;ls"));
    assert_eq!(beyond("(?m)^ls$").as_deref(), Some("id\nls"));
}

#[test]
fn a_newline_in_the_class_for_blanks_is_a_hole_even_before_a_single_word() {
    assert_eq!(through(&place("", ""), r"^cp\s[a-z]+$", Hole::Newline).as_deref(), Some("cp\nid"));
}
