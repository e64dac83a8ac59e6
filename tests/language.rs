//! Synopses as regular languages against the matcher itself: what a pattern lets through must hold all that the
//! rules take, and what sudo is told nothing else.

use std::collections::BTreeSet;
use std::rc::Rc;

use gatesh::admin::language::argv::{Joined, joined};
use gatesh::admin::language::{Dialect, Regular, line};
use gatesh::policy::synopsis::{Synopsis, Value, ValueRefusal};
use gatesh::policy::types::{Kind, Pattern, Type};
use proptest::prelude::*;
use regex::Regex;

use crate::synopsis::generator::{Tape, line as typed_line, synopsis, written};
use crate::synopsis::{types, value, words};

fn parsed(text: &str) -> Option<Synopsis> {
    Synopsis::parse(text, &types).ok()
}

/// As the matcher gives it to the program, if it takes the words at all.
fn started(read: &Synopsis, line: &[String]) -> Option<Vec<String>> {
    let fit = read.fits(&words(&line.join(" ")), &mut |wanted, _, text, after| value(wanted, text, after));
    Some(fit.ok()?.arguments.into_iter().map(|argument| argument.text).collect())
}

fn regex(regular: &Regular) -> Regex {
    Regex::new(&format!("^({})$", regular.written(Dialect::Shared))).unwrap()
}

/// Whether sudo, told `joined`, would take these words.
fn sudo_takes(joined: &Joined, words: &[String]) -> bool {
    if words.is_empty() {
        return joined.none;
    }
    let text = words.join(" ");
    joined.ways.iter().any(|way| regex(way).is_match(&text))
}

fn pattern_takes(read: &Synopsis, words: &[String]) -> bool {
    let line = std::iter::once("x").chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
    regex(&line::command(read)).is_match(&line)
}

/// What came of one synopsis and line: whether it was read, accepted, and stated to sudo.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    Unread,
    Refused,
    Accepted,
    AcceptedBySudo,
    RefusedBySudo,
}

fn compare(choices: &[u8]) -> Result<BTreeSet<Seen>, TestCaseError> {
    let mut tape = Tape(choices.iter());
    let segments = synopsis(&mut tape);
    let Some(read) = parsed(&written(&segments)) else { return Ok([Seen::Unread].into()) };
    let typed = typed_line(&mut tape, &segments);
    let taken = started(&read, &typed);
    let mut seen = BTreeSet::from([if taken.is_some() { Seen::Accepted } else { Seen::Refused }]);
    prop_assert!(
        taken.is_none() || pattern_takes(&read, &typed),
        "{} {:?} does not pass",
        read.text(),
        typed
    );
    let Ok(joined) = joined(read.segments()) else { return Ok(seen) };
    if let Some(canonical) = &taken {
        prop_assert!(sudo_takes(&joined, canonical), "{} {:?}: sudo refuses", read.text(), canonical);
        seen.insert(Seen::AcceptedBySudo);
    } else {
        prop_assert!(!sudo_takes(&joined, &typed), "{} {:?}: sudo takes it", read.text(), typed);
        seen.insert(Seen::RefusedBySudo);
    }
    Ok(seen)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_pattern_loses_no_line_and_sudo_wins_none(choices in prop::collection::vec(any::<u8>(), 80)) {
        compare(&choices)?;
    }

    #[test]
    fn what_sudo_takes_the_matcher_takes(choices in prop::collection::vec(any::<u8>(), 80), pick in any::<u64>()) {
        from_sudo(&choices, pick)?;
    }
}

/// Texts made from what sudo is told, each of which the matcher must take just as it stands.
fn from_sudo(choices: &[u8], pick: u64) -> Result<usize, TestCaseError> {
    let segments = synopsis(&mut Tape(choices.iter()));
    let Some(read) = parsed(&written(&segments)) else { return Ok(0) };
    let Ok(joined) = joined(read.segments()) else { return Ok(0) };
    let mut random = pick;
    for way in &joined.ways {
        let Some(text) = sample(way, &mut random) else { continue };
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let again = started(&read, &words);
        prop_assert_eq!(again.as_ref(), Some(&words), "{} takes {:?}", read.text(), text);
    }
    Ok(joined.ways.len())
}

/// Some text of the language.
fn sample(regular: &Regular, random: &mut u64) -> Option<String> {
    let mut next = |among: usize| {
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*random >> 33).unwrap() % among.max(1)
    };
    Some(match regular {
        Regular::Letter(letters) => {
            let all: Vec<u8> = letters.iter().collect();
            char::from(*all.get(next(all.len()))?).to_string()
        }
        Regular::Row(parts) => parts.iter().map(|part| sample(part, random)).collect::<Option<String>>()?,
        Regular::Either(ways) => {
            let way = next(ways.len());
            sample(ways.get(way)?, random)?
        }
        Regular::Times(inside, least, most) => {
            let more = next(usize::try_from(most.unwrap_or(least + 3).min(least + 3) - least).unwrap() + 1);
            let count = usize::try_from(*least).unwrap() + more;
            (0..count).map(|_| sample(inside, random)).collect::<Option<String>>()?
        }
    })
}

#[test]
fn the_comparison_sees_both_verdicts_of_all_three() {
    let mut random: u32 = 1;
    let mut all: Vec<Seen> = Vec::new();
    let mut ways = 0;
    for pick in 0..600 {
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random.to_be_bytes()[0]
        };
        let choices: Vec<u8> = (0..80).map(|_| next()).collect();
        all.extend(compare(&choices).unwrap());
        ways += from_sudo(&choices, pick).unwrap();
    }
    for kind in [Seen::Accepted, Seen::Refused, Seen::AcceptedBySudo, Seen::RefusedBySudo] {
        let count = all.iter().filter(|seen| **seen == kind).count();
        assert!(count > 40, "{kind:?}: {count} of {}", all.len());
    }
    assert!(ways > 400, "{ways}");
}

/// Lines that an expression would take, since it tries everything, and that the matcher, which never goes back,
/// refuses: such a synopsis is not stated at all.
#[test]
fn what_the_matcher_decides_by_order_is_not_left_to_an_expression() {
    let cases = [
        ("x [show] <x>", "show", "show or <x>"),
        ("x [<x>] show", "show show", "<x> or show"),
        ("x (k=<n>|<x>)", "k=a", "k=<n> or <x>"),
        ("x [get <n>] [<x>]", "get", "get or <x>"),
    ];
    for (synopsis, line, why) in cases {
        let read = parsed(synopsis).unwrap_or_else(|| panic!("{synopsis} has a fault"));
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        assert_eq!(started(&read, &words), None, "{synopsis} takes {line}");
        let refused = joined(read.segments()).unwrap_err();
        assert!(refused.contains(why), "{synopsis}: {refused}");
    }
    // With types that have nothing in common there is no such line.
    assert!(joined(parsed("x [show] <n>").unwrap().segments()).is_ok());
}

/// Types that have values which begin with a dash, and some that have none.
fn dashed(name: &str) -> Option<Rc<Type>> {
    let regex = |text: &str| Pattern::new(text).ok().map(Kind::Regex);
    let kind = match name {
        "key" => regex("-?[a-z]+")?,
        "any-key" => regex("[a-z-]*")?,
        // The edge of a word is no language of ours: the pattern then stands for any word.
        "edge" => regex("-?\\b[a-z]+")?,
        "sort" => Kind::OneOf(["-rss", "rss", "-", "--rss"].map(String::from).to_vec()),
        "nice" => Kind::Integer { min: -5, max: 5 },
        other => return Type::built_in(other),
    };
    Some(Rc::new(Type { name: name.to_owned(), kind }))
}

/// Every place a value can stand in, and words for it.
const PLACES: [(&str, &str); 9] = [
    ("x [--k=<T>]", "--k={}"),
    ("x [--k <T>]", "--k={}"),
    ("x [--k <T>]", "--k {}"),
    ("x [--k[=<T>]]", "--k={}"),
    ("x [-k <T>]", "-k {}"),
    ("x [-k<T>]", "-k{}"),
    ("x [--k=(<T>|auto)]", "--k={}"),
    ("x a<T>", "a{}"),
    ("x <T>", "{}"),
];

const TYPES: [&str; 11] =
    ["key", "any-key", "edge", "sort", "nice", "word", "text", "any", "unit", "glob", "package"];

/// What the rule takes of a value is what sudo is told, and passes the pattern; whether it is taken.
fn alike(name: &str, (place, form): (&str, &str), text: &str) -> Result<bool, TestCaseError> {
    let synopsis = place.replace('T', name);
    let Ok(read) = Synopsis::parse(&synopsis, &dashed) else { return Ok(false) };
    let line: Vec<String> = form.replace("{}", text).split(' ').map(str::to_owned).collect();
    let check = &mut |wanted: &Rc<Type>, _: &_, text: &str, after| match wanted.takes(text, after) {
        true => Ok(Value::Text),
        false => Err(ValueRefusal::Text),
    };
    let fits = read.fits(&words(&line.join(" ")), check).is_ok();
    prop_assert!(!fits || pattern_takes(&read, &line), "{synopsis} {line:?} does not pass");
    if let Ok(joined) = joined(read.segments()) {
        prop_assert_eq!(sudo_takes(&joined, &line), fits, "{} {:?}", synopsis, line);
    }
    Ok(fits)
}

#[test]
fn values_that_begin_with_a_dash_are_taken_behind_equals_and_nowhere_else() {
    for name in TYPES {
        for place in PLACES {
            for text in ["rss", "-rss", "-", "--", "--rss", "a", "-a", "a-", "3", "-3", "-9", "+a"] {
                let taken = alike(name, place, text).unwrap();
                assert!(!taken || !text.starts_with('-') || place.1 == "--k={}", "{place:?} {text}");
            }
        }
    }
    for (name, text) in [("key", "-rss"), ("any-key", "-"), ("edge", "-a"), ("sort", "--rss"), ("nice", "-3")]
    {
        assert!(alike(name, PLACES[0], text).unwrap(), "{name} {text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_is_taken_alike_by_rule_and_sudo(
        name in 0..TYPES.len(),
        place in 0..PLACES.len(),
        text in "-{0,2}[a-z0-9+.:@_-]{1,5}",
    ) {
        alike(TYPES[name], PLACES[place], &text)?;
    }
}
