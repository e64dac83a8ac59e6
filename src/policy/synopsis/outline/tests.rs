use proptest::prelude::*;

use super::*;
use crate::policy::synopsis::{Synopsis, assemble};

fn types(name: &str) -> Option<Rc<Type>> {
    Type::built_in(name)
}

fn is_plain(text: &str) -> bool {
    outline(text, &types).is_some()
}

fn whole(text: &str) -> Result<Synopsis, String> {
    assemble::synopsis(text, &types).map_err(|faults| format!("{text}: {}", faults[0].message))
}

#[test]
fn what_most_rules_have_is_plain() {
    for text in [
        "yum update",
        "sudo systemctl (start|stop|restart) <unit>",
        "ls [-alh] [<word>...]",
        "tail [-f] [-n <number>] <word>...",
        "tail [-f | --follow] [--lines=<number>] [-c<number>] <word>",
        "journalctl [--since <date>] (-u <unit>)... [<word>]",
        "/opt/app/bin/tool show a.b/c=d [--all] <word> <word>",
        "cp <word>... <word>",
        "ls [-1aAd] [--color[=(auto|always|never)]] [(<word>)...]",
        "cut (-d <word>) (-f (<number>|x))",
        "tail [-f] [-n (<number>|+<number>)] <word>...",
        "tool [-v] list [--all] <word>",
    ] {
        assert!(is_plain(text) && whole(text).is_ok(), "{text}");
    }
}

#[test]
fn what_is_not_certain_is_read_whole() {
    for text in [
        "",
        "ls ",
        " ls",
        "ls  -l",
        "ls -l",
        "ls [-ll]",
        "ls [-l] [-l]",
        "ls [-la] [-a]",
        "ls [-l|-l]",
        "ls [--all] [--all]",
        "ls [--all=<word> <word>]",
        "ls [-n<word> <word>]",
        "ls <nobody>",
        "ls [<word>] [<word>]",
        "ls <word>... [<word>]",
        "ls [<word>...]...",
        "ls (a|a)",
        "ls (a|b|a)",
        "ls [a]",
        "ls ['-print']",
        "ls [+f]",
        "ls [--]",
        "ls <word> [-l]",
        "ls <word> a",
        "ls a..b",
        "ls a...",
        "sudo",
        "sudo sudo ls",
        "sudo -u ann ls",
        "/bin/sudo ls",
        "a/b",
        "/a//b",
        "/a/../b",
        "(ls|cat)",
        "ls (<word>|<number>)",
        "ls [-n (<number>|<number>)]",
        "ls [-n (a|a)]",
        "ls [--x[=(a|a)]]",
        "ls [--x[<word>]]",
        "ls [-x[<word>]]",
    ] {
        assert!(!is_plain(text), "{text}");
    }
}

/// Everything that [`Synopsis`] answers from its outline, and from the whole.
fn facts(synopsis: &Synopsis) -> impl PartialEq + std::fmt::Debug {
    let types: Vec<String> = synopsis.types().iter().map(|kind| kind.name.clone()).collect();
    (synopsis.elevation().cloned(), synopsis.programs().to_vec(), types, format!("{:?}", synopsis.segments()))
}

fn agree(text: &str) -> Result<(), TestCaseError> {
    if is_plain(text) {
        let whole = whole(text).map_err(TestCaseError::fail)?;
        let glanced = Synopsis::parse(text, &types).map_err(|_| TestCaseError::fail(text.to_owned()))?;
        prop_assert_eq!(facts(&glanced), facts(&whole));
    }
    Ok(())
}

fn elements() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        "a",
        "b",
        "a.b",
        "(a|b)",
        "(a|b|c)",
        "[-a]",
        "[-ab]",
        "[-bc]",
        "[-c]",
        "(-a)",
        "[-n <number>]",
        "[-n<number>]",
        "(-u <unit>)...",
        "[-f | --follow]",
        "[-f|-F]",
        "[--all]",
        "[--lines=<number>]",
        "[--lines <number>]",
        "<word>",
        "<word>...",
        "[<word>]",
        "[<word>...]",
        "[<word>]...",
        "<number>",
        "-a",
        "[+f]",
        "[--]",
        "'x'",
        "[a <word>]",
        "[--x[=<word>]]",
        "[-5]",
        "[-<number>]",
        "(<word>|<number>)",
        "x<word>",
        "[-v]...",
    ];
    let some = proptest::collection::vec(proptest::sample::select(PARTS), 0..6);
    (proptest::sample::select(vec!["ls", "sudo ls", "/bin/ls", "sudo -u ann ls"]), some)
        .prop_map(|(program, parts)| [&[program], parts.as_slice()].concat().join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_plain_synopsis_has_no_fault_and_reads_the_same(text in elements()) {
        agree(&text)?;
    }

    #[test]
    fn so_it_is_with_a_character_changed(text in elements(), at in 0usize..60, with in "[-a-c<>|()\\[\\] .'/=+]{0,2}") {
        let at = at.min(text.len());
        let (head, tail) = text.split_at(at);
        agree(&format!("{head}{with}{}", tail.get(1..).unwrap_or_default()))?;
    }
}
