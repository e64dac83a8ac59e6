//! Hints and colours.

use super::Terminal;

#[test]
fn the_rest_of_the_synopsis_stands_dimmed_behind_the_cursor() {
    let mut session = Terminal::new().start();
    session.keys("tail -n ").shows("<rows: 1 to 10000> <log>...");
    assert_eq!(session.dim().trim(), "<rows: 1 to 10000> <log>...");
    session.keys("5 ").shows("> tail -n 5 <log>...");
}

#[test]
fn a_word_is_red_as_soon_as_no_rule_can_accept_it() {
    let mut session = Terminal::new().start();
    session.keys("tai").settle();
    assert_eq!(session.red(), "");
    session.keys("x").shows("(no rule names taix)");
    session.turns_red("taix");
}

#[test]
fn the_reason_stands_beside_the_red_word() {
    let mut session = Terminal::new().start();
    session.keys("tail --li").shows("--li is not one of -f, -n");
    session.turns_red("--li");
}

#[test]
fn a_path_is_red_where_no_glob_can_be_reached_and_not_before() {
    let mut session = Terminal::new().start();
    session.keys("cat LOGS/nothing-here").settle();
    assert_eq!(session.red(), "");
    session.keys("\x15cat /et").shows("(/et does not match");
    session.turns_red("/et");
}

#[test]
fn a_link_to_an_allowed_file_is_not_red() {
    let mut session = Terminal::new().start();
    let link = session.tree.path().canonicalize().unwrap().join("current");
    std::os::unix::fs::symlink(super::screen::logs(session.tree.path()).join("app.log"), &link).unwrap();
    let typed = link.to_str().unwrap().to_owned();
    session.keys("cat ").keys(&typed[..typed.len() - 2]).settle();
    assert_eq!(session.red(), "");
    session.keys("nt ").settle();
    assert_eq!(session.red(), "");
}

#[test]
fn a_number_is_red_when_it_leaves_its_range() {
    let mut session = Terminal::new().size(24, 100).start();
    session.keys("tail -n 1000").settle();
    assert_eq!(session.red(), "");
    session.keys("00").shows("1 to 10000");
    session.turns_red("100000");
}

#[test]
fn what_only_a_shell_understands_is_red_with_the_cure() {
    let mut session = Terminal::new().start();
    session.keys("tail app.log > /tmp/x").shows("is not understood");
    assert!(session.red().starts_with('>'), "{:?}", session.red());
}

#[test]
fn without_colour_nothing_is_coloured_and_the_reason_is_still_there() {
    let mut session = Terminal::new().variable("NO_COLOR", Some("1")).size(24, 120).start();
    session.keys("cat /etc/shadow ").shows("(/etc/shadow does not match <log>");
    session.keys("\x15tail -n ").shows("(<rows: 1 to 10000> <log>...)");
    assert!(!String::from_utf8_lossy(&session.raw()).contains("\x1b[31m"));
    assert!(!String::from_utf8_lossy(&session.raw()).contains("\x1b[2m"));
}

#[test]
fn nothing_ever_blinks() {
    let mut session = Terminal::new().start();
    session.keys("cat /etc/shadow $x | vi").settle();
    assert!(!String::from_utf8_lossy(&session.raw()).contains("\x1b[5m"));
}

#[test]
fn each_command_of_a_pipeline_is_looked_at() {
    let mut session = Terminal::new().start();
    session.keys("cat app.log | awk x | grep ").shows("names awk");
    session.turns_red("awk");
}

#[test]
fn a_hint_is_cut_where_the_row_ends() {
    let mut session = Terminal::new().size(24, 60).start();
    session.keys("cat /etc/shadow ").shows("...");
    let rows = session.settle().lines().filter(|row| !row.is_empty()).count();
    assert_eq!(rows, 2, "{}", session.text());
}

#[test]
fn behind_an_option_stands_what_its_value_may_be() {
    let rules =
        "[types]\nc = { one_of = [\"always\", \"never\"] }\n[[allow]]\ncommands = [\"ls [--color=<c>]\"]\n";
    let mut session = Terminal::new().rules(rules).start();
    session.keys("ls --color=").shows("--color=<c: always, never>");
}

#[test]
fn a_directory_that_no_rule_opens_is_red() {
    let mut session = Terminal::new().file("web/a.log", "").start();
    session.keys("cd we").settle();
    assert_eq!(session.red(), "");
    session.keys("\x15cd /et").shows("(no rule opens /et)");
    session.turns_red("/et");
}
