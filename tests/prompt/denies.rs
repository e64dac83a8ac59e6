//! What a deny refuses is not offered, and red before it is refused; what it does not refuse is neither.

use super::Terminal;
use super::screen::{RULES, Session};

/// With these denies beside the rules.
fn session(denies: &str) -> Session {
    let rules = format!("{RULES}{denies}");
    let files = ["a-secret.log", "a-plain.log", "payroll/a.log", "payroll/b.log"];
    let terminal = Terminal::new().rules(&rules).size(24, 120);
    files.iter().fold(terminal, |terminal, name| terminal.file(name, "")).start()
}

const SECRET: &str = "[[deny]]\nwords = [\"*secret*\"]\nreason = \"secrets stay secret\"\n";
const FOLLOW: &str = "[[deny]]\nprograms = [\"tail\"]\nwords = [\"-f\"]\nreason = \"nobody follows\"\n";
const STTY: &str = "[[deny]]\nprograms = [\"stty\"]\nreason = \"leave the terminal alone\"\n";
const BOTH: &str = "[[deny]]\nfiles = [\"LOGS/payroll/**\"]\nwords = [\"-n\"]\nreason = \"unnumbered\"\n";
const FILES: &str = "[[deny]]\nfiles = [\"LOGS/payroll/**\"]\nreason = \"ask payroll\"\n";

#[test]
fn a_file_whose_name_a_deny_of_words_meets_is_not_offered() {
    session(SECRET).keys("cat a-\t").shows("> cat a-plain.log ");
    session("").keys("cat a-\t").shows("a-plain.log   a-secret.log");
}

#[test]
fn a_word_is_red_once_whatever_follows_meets_a_deny() {
    let mut session = session(SECRET);
    session.keys("cat a-secre").settle();
    assert_eq!(session.red(), "");
    session.keys("t").shows("secrets stay secret");
    session.turns_red("a-secret");
    session.keys("\x15cat a-plain.log ").settle();
    assert_eq!(session.red(), "");
}

#[test]
fn a_word_that_a_deny_names_whole_is_red_when_it_is_whole() {
    let mut session = session("[[deny]]\nwords = [\"app.log\"]\nreason = \"not this one\"\n");
    session.keys("cat app.log").settle();
    assert_eq!(session.red(), "");
    session.keys(" ").shows("not this one");
    session.turns_red("app.log");
}

#[test]
fn an_option_that_is_denied_is_neither_offered_nor_left_uncoloured() {
    let mut session = session(FOLLOW);
    session.keys("tail -\t").shows("> tail -n ");
    session.keys("\x15tail -f ").shows("nobody follows");
    session.turns_red("-f");
    session.keys("\x15tail -fn5 ").shows("nobody follows");
    session.keys("\x15grep -i x ").settle();
    assert_eq!(session.red(), "");
}

#[test]
fn a_program_that_is_denied_is_neither_offered_nor_left_uncoloured() {
    let mut session = session(STTY);
    session.keys("stt\t").until("a bell", |session| (session.bells() == 1).then_some(()));
    session.keys("y").shows("leave the terminal alone");
    session.turns_red("stty");
    session.keys("\x15ta\t").shows("> tail ");
}

#[test]
fn a_deny_of_words_and_files_refuses_only_both_together() {
    let mut session = session(BOTH);
    session.keys("cat payroll/\t").shows("a.log  b.log");
    session.keys("\x15cat -n payroll/\t").until("a bell", |session| (session.bells() == 1).then_some(()));
    session.keys("\x15cat -n payroll/a.log ").shows("unnumbered");
    session.keys("\x15cat payroll/a.log ").settle();
    assert_eq!(session.red(), "");
}

#[test]
fn a_denied_directory_is_red_while_a_name_in_it_is_typed() {
    let mut session = session(FILES);
    session.keys("cat payroll/a").shows("ask payroll");
    session.turns_red("payroll/a");
    session.keys("\x15cat payrol").settle();
    assert_eq!(session.red(), "");
}

/// The prompt and the judge agree on every one of these lines.
#[test]
fn what_is_red_is_refused_and_what_is_refused_by_a_deny_is_red() {
    let all = [SECRET, FOLLOW, STTY, BOTH, FILES].concat();
    let lines = [
        ("cat a-secret.log", true),
        ("cat a-plain.log", false),
        ("tail -f app.log", true),
        ("tail -n 1 app.log", false),
        ("stty size", true),
        ("cat payroll/a.log", true),
        ("cat -n app.log", false),
    ];
    for (line, is_denied) in lines {
        let mut session = session(&all);
        session.keys(line).keys(" ");
        if is_denied {
            session.until("something red", |session| (!session.red().is_empty()).then_some(()));
        }
        session.settle();
        assert_eq!(!session.red().is_empty(), is_denied, "{line}: {}", session.text());
        session.keys("\r").until("the line's end", |session| {
            let records = session.records();
            (records.contains("deny-rule") || records.contains("command-end")).then_some(())
        });
        assert_eq!(session.records().contains("deny-rule"), is_denied, "{line}: {}", session.records());
    }
}
