use proptest::prelude::*;
use regex::bytes::Regex;

use super::*;

fn whole(pattern: &str) -> Language {
    Language::described(&read(pattern).unwrap())
}

fn both(one: &str, other: &str) -> Option<String> {
    shortest(&[&whole(one), &whole(other)]).unwrap()
}

#[test]
fn the_shortest_common_text_is_found() {
    assert_eq!(both("a*b", "[ab]{3,}").as_deref(), Some("aab"));
    assert_eq!(both("(ab)*", "(aba)*").as_deref(), Some(""));
    assert_eq!(both("(ab)+", "(abab)+").as_deref(), Some("abab"));
}

#[test]
fn languages_with_nothing_in_common_are_known_to_have_nothing() {
    assert_eq!(both("a+", "b+"), None);
    assert_eq!(both("(aa)+", "a(aa)*"), None);
}

#[test]
fn the_rest_of_a_language_is_everything_else() {
    let not = whole("a*").except();
    assert_eq!(shortest(&[&whole("[ab]*"), &not]).unwrap().as_deref(), Some("b"));
}

#[test]
fn letters_are_preferred_among_texts_of_one_length() {
    assert_eq!(both(".", "[^a]").as_deref(), Some("x"));
}

#[test]
fn only_an_open_class_leaves_a_character_to_the_person() {
    let asks = whole("(?s).*[\\x{E02D}].*");
    let found =
        |pattern: &str| shortest(&[&Language::let_through_whole(&read(pattern).unwrap()), &asks]).unwrap();
    assert_eq!(found("ls -a"), None);
    assert_eq!(found("ls [-a]").as_deref(), Some("ls -"));
}

#[test]
fn what_stands_around_counts_for_one_language_and_not_for_the_other() {
    let inside = whole("p '[^']*'").within("p '", "'");
    assert!(inside.holds("a b") && !inside.holds("a'b"));
}

/// Patterns of the dialect that this reader and the regex crate share, over a small alphabet.
fn pattern() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        Just("a"),
        Just("b"),
        Just("\\n"),
        Just("."),
        Just("[ab]"),
        Just("[^a]"),
        Just("\\w"),
        Just("-"),
        Just("^"),
        Just("$"),
        Just("\\b"),
        Just("\\B"),
        Just("(?:)"),
        Just("(?i:a)"),
        Just("(?m:^)"),
        Just("(?m:$)"),
    ];
    atom.prop_map(str::to_owned).prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}{b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(?:{a}|{b})")),
            inner.clone().prop_map(|a| format!("(?:{a})*")),
            inner.clone().prop_map(|a| format!("(?:{a})?")),
            inner.prop_map(|a| format!("(?:{a}){{1,2}}")),
        ]
    })
}

/// Texts up to four characters long over a few that tell the patterns apart.
fn texts() -> Vec<String> {
    let longer = |texts: &[String]| {
        texts
            .iter()
            .flat_map(|text| ["a", "b", "A", "-", "\n"].map(|c| format!("{text}{c}")))
            .collect::<Vec<_>>()
    };
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..4 {
        last = longer(&last);
        all.extend(last.clone());
    }
    all
}

fn as_bytes(pattern: &str) -> Regex {
    regex::bytes::RegexBuilder::new(pattern).unicode(false).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_text_passes_exactly_when_the_regex_crate_finds_the_pattern(pattern in pattern()) {
        let (language, regex) = (Language::let_through(&read(&pattern).unwrap()), as_bytes(&pattern));
        for text in texts() {
            prop_assert_eq!(language.holds(&text), regex.is_match(text.as_bytes()), "{:?} {:?}", &pattern, &text);
        }
    }

    #[test]
    fn the_walk_finds_what_trying_every_short_text_finds(one in pattern(), other in pattern()) {
        let trees = [read(&one).unwrap(), read(&other).unwrap()];
        let (offer, without) = (Language::let_through(&trees[0]), Language::described(&trees[1]).except());
        let walked = shortest(&[&offer, &without]).unwrap();
        let tried = texts().into_iter().find(|text| offer.holds(text) && without.holds(text));
        match (&walked, &tried) {
            (Some(walked), Some(tried)) => prop_assert!(walked.chars().count() <= tried.len()),
            (None, Some(tried)) => prop_assert!(false, "{:?} passes {:?} and not {:?}", tried, &one, &other),
            (_, None) => {}
        }
        if let Some(walked) = walked {
            prop_assert!(as_bytes(&one).is_match(walked.as_bytes()), "{:?} {:?}", &one, &walked);
            let excluded = as_bytes(&format!("\\A(?:{other})\\z"));
            prop_assert!(!excluded.is_match(walked.as_bytes()), "{:?} {:?}", &other, &walked);
        }
    }
}
