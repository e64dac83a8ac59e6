//! Every fault a synopsis can have: its id, the place it points at, and that reading never fails otherwise.

use gatesh::policy::synopsis::SynopsisFault;
use proptest::prelude::*;

use super::parsed;

/// Synopsis, id of its fault, the parts pointed at, joined by ` + `.
const FAULTS: &[(&str, &str, &str)] = &[
    ("", "empty-synopsis", ""),
    ("   ", "empty-synopsis", ""),
    ("x\ty", "character", "\t"),
    ("x\ny", "character", "\n"),
    ("x \u{7}", "character", "\u{7}"),
    ("x \u{e9}\u{2013}y", "character", "\u{e9}\u{2013}"),
    ("x 'abc", "quote", "'abc"),
    ("x '' y", "quote", "''"),
    ("x > y", "angle-bracket", ">"),
    ("x <log", "angle-bracket", "<log"),
    ("x <log y", "angle-bracket", "<log"),
    ("x <Log>", "type-name", "<Log>"),
    ("x <>", "type-name", "<>"),
    ("x <logs>", "unknown-type", "<logs>"),
    ("x [a", "unbalanced", "["),
    ("x (a|b", "unbalanced", "("),
    ("x [a (b|c", "unbalanced", "("),
    ("x a]", "unbalanced", "]"),
    ("x ) y", "unbalanced", ")"),
    ("x (a]", "unbalanced", "( + ]"),
    ("ip [show [dev <x>]]", "nested", "["),
    ("x [a (b|(c|d))]", "nested", "("),
    ("x [a (b c|d)]", "choice-words", "c"),
    ("x a|b", "bar", "|"),
    ("x | b", "bar", "|"),
    ("x []", "empty-alternative", "]"),
    ("x (a|)", "empty-alternative", ")"),
    ("x (|a)", "empty-alternative", "|"),
    ("x [a][b]", "space", "["),
    ("x a[-b]", "space", "["),
    ("x [a(b|c)d]", "space", "d"),
    ("x ...", "dots", "..."),
    ("x [<log> ... a]", "dots", "..."),
    ("x a...", "dots", "..."),
    ("x [a...]", "dots", "..."),
    ("x [from <log>]...", "dots", "..."),
    ("x (from <log>...|to)", "dots", "..."),
    ("x [<log>...]...", "dots", "..."),
    ("x [<dir>|<log>...]", "dots", "..."),
    ("mount [-L <x>...]", "dots-in-option", "..."),
    ("scp <user>@<host>:<path>", "two-types", "<user>@<host>"),
    ("x a<n>(b|<n>)", "two-types", "<n>(b|<n>"),
    ("x [a[<x>]]", "optional-part", "<x>"),
    ("x [-f[=<x>]]", "optional-part", "-f[=<x>]"),
    ("x [--f[<x>]]", "optional-part", "<x>"),
    ("x [--f[=a]]", "option-value", "[=a"),
    ("x [--f=]", "option-value", "--f="),
    ("x [--=a]", "option-value", "--=a"),
    ("ss [-ab | -c]", "flags-in-choice", "-ab"),
    ("find <dir> [-delete]", "repeated-letter", "-delete"),
    ("tail [-n <rows>] [-n <rows>]", "repeated-option", "[-n <rows>] + [-n <rows>]"),
    ("tail [-f] [-nf]", "repeated-option", "[-f] + f"),
    ("tail [--x] [--x=<n>]", "repeated-option", "[--x] + [--x=<n>]"),
    ("find ['-print'] ['-print']", "repeated-option", "['-print'] + ['-print']"),
    ("cut [-1] [-<n>]", "digit-flags", "[-<n>] + [-1]"),
    ("cut [-<n>] [-1]", "digit-flags", "[-<n>] + [-1]"),
    ("tail -n <rows> <log>", "two-readings", "-n <rows>"),
    ("tail -qf <log>...", "two-readings", "-qf <log>..."),
    ("tail --lines <rows>", "two-readings", "--lines <rows>"),
    ("x [-a <n> <n>]", "several-values", "<n>"),
    ("x [--a=<n> <n>]", "several-values", "<n>"),
    ("x [-a -b]", "several-options", "-b"),
    ("x [-a <n> -b]", "several-options", "-b"),
    ("ls [-l | <dir>]", "options-and-words", "-l + <dir>"),
    ("ls [all | --long]", "options-and-words", "all + --long"),
    ("x [from -x <n>]", "options-and-words", "-x"),
    ("x [<n> <log>]", "sequence-start", "<n>"),
    ("x (from <n>|from <log>)", "sequence-start", "from + from"),
    ("x (from <n>|<log> to)", "sequence-start", "<log>"),
    ("x (a|a)", "same-word", "a + a"),
    ("x (<n>|<rows>)", "same-word", "<n> + <rows>"),
    ("x (<when>|<word>)", "same-word", "<when> + <word>"),
    ("x (<word>|<unit>)", "same-word", "<word> + <unit>"),
    ("x (<log>|<word>)", "same-word", "<log> + <word>"),
    ("x (a<n>|ab<n>)", "same-word", "a<n> + ab<n>"),
    ("x [-<n>] [-<rows>]", "same-word", "[-<n>] + [-<rows>]"),
    ("x [-n (<n>|<rows>)]", "same-word", "<n> + <rows>"),
    ("x [a] a", "same-word", "[a] + a"),
    ("x [<n>] [-f] <log>", "same-word", "[<n>] + <log>"),
    ("x [-f] [a] [-f]", "same-word", "[-f] + [-f]"),
    ("x [-n <n>] [a] ['-name']", "same-word", "[-n <n>] + ['-name']"),
    ("x <log>... [from <n>] <log>", "same-word", "<log>... + <log>"),
    ("x [-f] [--] <log> [--]", "same-word", "[--] + [--]"),
    ("dig [<host>] [<qtype>]", "optional-values", "[<host>] + [<qtype>]"),
    ("cp <log>... <log>...", "optional-values", "<log>... + <log>..."),
    ("x [--] [-f]", "end-of-options", "[--] + [-f]"),
    ("x<n> y", "program", "x<n>"),
    ("[ls] x", "program", "[ls]"),
    ("(ls|ls)", "program", "ls + ls"),
    ("(ls|cat x)", "program", "(ls|cat x)"),
    ("-x", "program", "-x"),
    ("/usr/../bin/ls", "program", "/usr/../bin/ls"),
    ("/usr/bin/", "program", "/usr/bin/"),
    ("bin/ls", "relative-program", "bin/ls"),
    ("sudo", "sudo-program", "sudo"),
    ("sudo -u app", "sudo-program", "sudo"),
    ("sudo sudo ls", "sudo-program", "sudo"),
    ("/usr/bin/sudo ls", "sudo-program", "/usr/bin/sudo"),
    ("'sudo' ls", "sudo-program", "'sudo'"),
    ("(ls|sudo)", "sudo-program", "sudo"),
    ("sudo -n ls", "sudo-option", "-n"),
    ("sudo [-u app] ls", "sudo-option", "[-u app]"),
    ("sudo --user=app ls", "sudo-option", "--user=app"),
    ("sudo -u", "sudo-user", "-u"),
    ("sudo -u Root ls", "sudo-user", "Root"),
    ("sudo -u <user> ls", "sudo-user", "<user>"),
];

fn fault(synopsis: &str) -> SynopsisFault {
    parsed(synopsis).expect_err(synopsis).remove(0)
}

fn pointed_at(synopsis: &str, fault: &SynopsisFault) -> String {
    fault.spans.iter().map(|span| &synopsis[span.start..span.end]).collect::<Vec<_>>().join(" + ")
}

#[test]
fn every_fault_has_its_id_and_points_at_its_place() {
    let wrong: Vec<String> = FAULTS
        .iter()
        .map(|(synopsis, id, place)| (synopsis, fault(synopsis), id, place))
        .filter(|(synopsis, fault, id, place)| fault.id != **id || pointed_at(synopsis, fault) != **place)
        .map(|(synopsis, fault, ..)| {
            format!("{synopsis:?}: {} at {}", fault.id, pointed_at(synopsis, &fault))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_id_is_listed_and_every_listed_id_can_be_met() {
    let limits = ["too-long", "too-many-options", "too-many-segments"];
    let mut met: Vec<&str> = FAULTS.iter().map(|(_, id, _)| *id).chain(limits).collect();
    met.sort_unstable();
    met.dedup();
    let mut listed = SynopsisFault::IDS.to_vec();
    listed.sort_unstable();
    assert_eq!(met, listed);
}

#[test]
fn every_fault_names_a_way_out_but_an_unknown_type() {
    for (synopsis, id, _) in FAULTS {
        let fault = fault(synopsis);
        assert!(
            !fault.message.is_empty() && !fault.message.ends_with('.') || fault.id == "dots",
            "{}",
            fault.message
        );
        assert_eq!(fault.cure.is_empty(), *id == "unknown-type", "{synopsis}");
    }
}

#[test]
fn a_bare_option_before_a_value_shows_both_readings() {
    let fault = fault("tail -n <rows> <log>");
    assert_eq!(fault.message, "-n <rows> has two readings");
    assert_eq!(
        fault.labels,
        [
            "(-n <rows>)   an option that must be given, with its value",
            "(-n) <rows>   a flag, and then an operand"
        ]
    );
    assert_eq!(fault.cure, ["write the one you mean; [-n <rows>] if it may be left out"]);
}

#[test]
fn a_word_read_as_flags_shows_the_letters() {
    let fault = fault("find <dir> [-delete]");
    assert_eq!(fault.message, "-delete names the letter e twice");
    assert_eq!(fault.labels, ["read as the flags -d -e -l -e -t -e"]);
    assert_eq!(fault.cure, ["the word itself is written '-delete'"]);
}

#[test]
fn two_optional_values_show_the_two_synopses_to_write() {
    let fault = fault("dig [<host>] [<qtype>]");
    assert_eq!(fault.message, "two optional values side by side");
    assert_eq!(fault.cure, ["write two synopses:  dig    and    dig <host> [<qtype>]"]);
}

#[test]
fn what_a_cure_says_can_be_read() {
    for synopsis in
        ["tail (-n <rows>) <log>", "tail (-n) <rows> <log>", "tail [-n <rows>] <log>", "mount [-L <x>]..."]
    {
        assert!(parsed(synopsis).is_ok(), "{synopsis}");
    }
}

#[test]
fn all_unknown_types_are_named_at_once() {
    let faults = parsed("cat <logs> [-n <lines>]").unwrap_err();
    let messages: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    assert_eq!(messages, ["no type is called <logs>", "no type is called <lines>"]);
}

#[test]
fn a_synopsis_of_more_than_512_bytes_is_too_long() {
    assert!(parsed(&format!("x {}", "a".repeat(510))).is_ok());
    let long = format!("x {}", "\u{e9}".repeat(256));
    let fault = fault(&long);
    assert_eq!((fault.id, fault.spans[0].end), ("too-long", 514));
    assert!(long.is_char_boundary(fault.spans[0].start));
}

#[test]
fn more_than_64_options_side_by_side_are_too_many() {
    let letters: String = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
    assert!(parsed(&format!("x [-{letters}] [--a] [--b]")).is_ok());
    let synopsis = format!("x [-{letters}] [--a] [--b] [--c]");
    let fault = fault(&synopsis);
    assert_eq!((fault.id, pointed_at(&synopsis, &fault).as_str()), ("too-many-options", "[--c]"));
}

#[test]
fn more_than_16_segments_are_too_many() {
    let pairs = |count: usize| (0..count).map(|nth| format!(" w{nth} (-a)")).collect::<Vec<_>>().concat();
    assert!(parsed(&format!("x{}", pairs(8))).is_ok());
    let synopsis = format!("x{} more", pairs(8));
    let fault = fault(&synopsis);
    assert_eq!((fault.id, pointed_at(&synopsis, &fault).as_str()), ("too-many-segments", "more"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_faulted_with_places_in_it(text in "[ -~]{0,40}|\\PC{0,20}|[-+a\\[\\]()|<>n.'= ]{0,40}") {
        for fault in parsed(&text).err().into_iter().flatten() {
            prop_assert!(!fault.spans.is_empty());
            for span in fault.spans {
                prop_assert!(text.get(span.start..span.end).is_some(), "{} {span:?}", fault.id);
            }
        }
    }

    #[test]
    fn pieces_of_synopses_are_read_or_faulted(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..14)) {
        let text = format!("x {}", pieces.concat());
        for span in parsed(&text).err().into_iter().flatten().flat_map(|fault| fault.spans) {
            prop_assert!(text.get(span.start..span.end).is_some());
        }
    }
}

const PIECES: &[&str] = &[
    " ", " ", " ", "[", "]", "(", ")", "|", "...", "<n>", "<log>", "<when>", "-a", "-n", "--long", "--x=",
    "=", "'-p'", "'a b'", "+t", "-", "--", "word", "k=", "-5", "[=", "[--]",
];
