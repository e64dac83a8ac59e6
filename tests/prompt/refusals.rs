//! Why not, and what instead.

use super::Terminal;

#[test]
fn a_denial_names_the_rule_and_the_word() {
    let mut session = Terminal::new().start();
    let screen = session.line("cat /etc/shadow").shows("word 2  /etc/shadow does not match <log>");
    assert!(screen.contains("gatesh: not allowed: cat /etc/shadow"), "{screen}");
    assert!(screen.contains("  rule    cat [-n] [<log>...]"), "{screen}");
    assert!(screen.contains("  word 2  "), "{screen}");
}

#[test]
fn a_misspelt_command_is_recognised_and_the_whole_line_mended() {
    let mut session = Terminal::new().start();
    session.line("tial -n 5 app.log").shows("did you mean tail?");
    session.shows("instead tail -n 5 app.log");
}

#[test]
fn a_misspelt_word_of_a_rule_is_mended() {
    let mut session = Terminal::new().start();
    session.line("stty siez").shows("instead stty size");
}

#[test]
fn what_would_be_denied_all_the_same_is_not_suggested() {
    let mut session = Terminal::new().start();
    let screen = session.line("tial /etc/shadow").shows("did you mean tail?");
    assert!(!screen.contains("instead"), "{screen}");
}

#[test]
fn a_command_that_is_nothing_like_any_other_is_not_guessed_at() {
    let mut session = Terminal::new().start();
    let screen = session.line("nc -l 80").shows("help lists what you may run");
    assert!(!screen.contains("did you mean"), "{screen}");
}

#[test]
fn a_brief_host_explains_nothing() {
    let mut session = Terminal::new().host("explain = \"brief\"").start();
    session.line("tial app.log").shows("gatesh: not allowed: tial app.log");
    let screen = session.settle();
    assert!(!screen.contains("tail"), "{screen}");
}

#[test]
fn a_refused_stage_of_a_pipeline_says_which_and_that_nothing_ran() {
    let mut session = Terminal::new().start();
    let screen = session.line("cat app.log | awk x").shows("(after the first |)");
    assert!(screen.contains("nothing was run"), "{screen}");
    assert!(!screen.contains("two"), "{screen}");
}
