//! Keys, history, pastes, quotes.

use super::Terminal;

#[test]
fn the_arrow_and_ctrl_r_find_lines_of_the_session() {
    let mut session = Terminal::new().start();
    session.line("cat app.log").shows("two");
    session.ends("> ");
    session.line("pwd").shows("LOGS\n");
    session.ends("> ");
    session.keys("\x1b[A\x1b[A").ends("> cat app.log [-n] [<log>...]");
    session.keys("\x15").ends(">");
    session.keys("\x12ap").shows("(reverse-i-search)`ap': cat app.log");
    session.keys("\r").shows_times("two", 2);
}

#[test]
fn without_history_nothing_is_remembered() {
    let mut session = Terminal::new().host("history = \"off\"").start();
    session.line("cat app.log").shows("two");
    session.ends("> ");
    session.keys("\x1b[A").settle();
    assert!(session.cursor().0.trim_end().ends_with('>'), "{}", session.text());
}

#[test]
fn several_pasted_lines_ask_first_and_then_run_one_by_one() {
    let mut session = Terminal::new().start();
    let paste = "\x1b[200~cat app.log\n# a comment\npwd\n\x1b[201~";
    session.keys(paste).settle();
    session.keys("\r").shows("2 lines were pasted. Run them one by one? [y/N]");
    let screen = session.keys("y\n").shows("> pwd");
    assert!(screen.contains("two"), "{screen}");
}

#[test]
fn output_without_a_newline_is_not_drawn_over_by_the_next_pasted_line() {
    let mut session = Terminal::new().file("half.log", "no newline").start();
    session.keys("\x1b[200~cat half.log\npwd\x1b[201~\r").shows("[y/N]");
    let screen = session.keys("y\n").shows("> pwd\nLOGS\n");
    assert!(screen.contains("\nno newline\n"), "{screen}");
}

#[test]
fn pasted_lines_that_are_declined_do_not_run() {
    let mut session = Terminal::new().start();
    session.keys("\x1b[200~cat app.log\npwd\x1b[201~\r").shows("[y/N]");
    session.keys("n\n").ends("> ");
    assert!(!session.text().contains("two"), "{}", session.text());
    assert!(!session.records().contains("command-start"));
}

#[test]
fn an_open_quote_goes_on_in_the_next_line() {
    let mut session = Terminal::new().file("my app.log", "found\n").start();
    session.keys("cat 'my").keys("\r").shows("(' is open: close it, or Ctrl-C)");
    session.keys("app.log'\r").shows("found");
}

#[test]
fn set_o_vi_edits_as_vi_does() {
    let mut session = Terminal::new().start();
    session.line("set -o vi").settle();
    session.keys("cat app.logx").shows("> cat app.logx");
    let end = session.cursor().1;
    // Escape takes the cursor back, once it is certain that it begins no other key.
    session.keys("\x1b").until("the cursor to go back", |session| (session.cursor().1 < end).then_some(()));
    session.keys("x").settle();
    session.keys("\r").shows("two");
    session.line("set -o emacs").settle();
    session.keys("x\x01cat app.log #").keys("\x05\x7f\x7f\r").shows_times("two", 2);
}

#[test]
fn ctrl_c_drops_the_line_and_ctrl_d_ends_on_an_empty_one() {
    let mut session = Terminal::new().start();
    session.keys("cat /nonsense\x03").ends("> ");
    session.keys("x\x04").settle();
    session.keys("\x15\x04");
    assert_eq!(session.status(), 0);
}

#[test]
fn ctrl_z_and_ctrl_backslash_at_the_prompt_do_nothing() {
    let mut session = Terminal::new().start();
    session.keys("\x1a").settle();
    session.keys("\x1c").settle();
    session.line("cat app.log").shows("two");
}

#[test]
fn wide_and_combining_characters_are_edited_whole() {
    let mut session = Terminal::new().file("日本語.log", "found\n").start();
    session.keys("cat 日本").keys("\t").shows("cat 日本語.log ");
    session.keys("\x7f\x7f\x7f\x7f\x7f\x7f").settle();
    session.keys("語.log\r").shows("found");
}

#[test]
fn bytes_that_are_no_text_are_refused_and_recorded() {
    let mut session = Terminal::new().start();
    session.shows("> ");
    session.send(b"cat \xff\xfe\r");
    session.shows("UTF-8");
    session.line("cat app.log").shows("two");
    assert!(session.records().contains("not-understood"));
}

#[test]
fn output_without_a_newline_is_not_drawn_over() {
    let mut session = Terminal::new().file("half.log", "no newline").start();
    session.line("cat half.log").shows("no newline");
    session.ends("> ");
    assert!(session.text().contains("\nno newline\n"), "{}", session.text());
}

#[test]
fn what_is_typed_ahead_is_kept() {
    let mut session = Terminal::new().start();
    session.runs("sleep 1");
    session.keys("cat app.log\npwd\n").shows("two");
    session.shows("LOGS\n");
}

#[test]
fn tiny_windows_do_not_end_the_session() {
    for (rows, columns) in [(1, 1), (2, 3), (1, 200), (50, 2)] {
        let mut session = Terminal::new().size(rows, columns).begin();
        session.settle();
        session.keys("tail -\tcat app.log\t\thelp\r").settle();
        session.keys("qq\x03").settle();
        session.keys("\x15exit\r");
        assert_eq!(session.status() & !2, 0, "{rows} x {columns}: {}", session.text());
    }
}
