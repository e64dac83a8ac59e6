//! The first minute, from every way in.

use super::Terminal;
use super::screen::RULES;

#[test]
fn the_banner_says_where_who_and_what_next() {
    let mut session = Terminal::new().host("").start();
    let screen = session.shows("help shows what you may run");
    assert!(screen.starts_with("gatesh  "), "{screen}");
    assert_eq!(screen.lines().filter(|row| !row.is_empty()).count(), 2, "{screen}");
}

#[test]
fn help_lists_synopses_by_group_with_what_their_types_take() {
    let mut session = Terminal::new().start();
    let screen = session.line("help").shows("help COMMAND says more");
    assert!(screen.contains("Read application logs"), "{screen}");
    assert!(screen.contains("  tail [-f] [-n <rows>] <log>..."), "{screen}");
    assert!(screen.contains("<rows>"), "{screen}");
    assert!(screen.contains("1 to 10000"), "{screen}");
}

#[test]
fn help_of_a_command_says_its_types_and_terms() {
    let mut session = Terminal::new().start();
    let screen = session.line("help tail").shows("cannot start other programs");
    assert!(screen.contains("tail [-f] [-n <rows>] <log>..."), "{screen}");
    assert!(screen.contains("1 to 10000"), "{screen}");
}

#[test]
fn a_question_mark_is_help_and_help_sudo_is_about_all_that_runs_by_it() {
    let rules = "[[allow]]\ncommands = [\"sudo systemctl reload nginx\", \"uptime\"]\n";
    let mut session = Terminal::new().rules(rules).start();
    let screen = session.line("help sudo").shows("sudo systemctl reload nginx");
    assert!(!screen.contains("uptime"), "{screen}");
    session.line("? uptime").shows("uptime");
}

#[test]
fn keys_that_leave_help_begin_the_next_line() {
    for term in ["xterm", "dumb"] {
        let mut session = Terminal::new().size(6, 80).variable("TERM", Some(term)).start();
        session.line("help").shows("-- more:");
        session.keys("cat app.log\r").shows("\ntwo\n");
    }
}

#[test]
fn help_goes_on_with_the_keys_that_pagers_know() {
    for key in [" ", "\r", "\x1b[B", "\x1b[6~"] {
        let mut session = Terminal::new().size(14, 80).start();
        session.line("help").shows("-- more:");
        assert!(!session.keys("\x1b[A").settle().contains("help COMMAND says more"));
        session.keys(key).shows("help COMMAND says more");
    }
    for key in ["q", "\x1b", "\x04", "\x03"] {
        let mut session = Terminal::new().size(6, 80).start();
        session.line("help").shows("-- more:");
        session.keys(key).ends("> ");
        session.line("pwd").shows("LOGS");
    }
}

#[test]
fn help_of_what_no_rule_names_says_so() {
    let mut session = Terminal::new().start();
    session.line("help vi").shows("no rule of yours names vi");
}

#[test]
fn help_longer_than_the_screen_is_paged() {
    let mut session = Terminal::new().size(10, 80).start();
    let screen = session.line("help").shows("-- more:");
    assert!(!screen.contains("help COMMAND says more"), "{screen}");
    session.keys(" ").shows("help COMMAND says more");
    session.line("help").shows("-- more:");
    let screen = session.keys("q").ends("> ");
    assert!(!screen.lines().last().unwrap_or_default().contains("more"), "{screen}");
}

#[test]
fn a_session_manager_session_works() {
    let terminal = Terminal::new().size(0, 0).from("/usr/bin").variable("LANG", None);
    let rubbish = [("AWS_SECRET", "x\x1b[31m"), ("LD_PRELOAD", "/x"), ("BASH_ENV", "/x"), ("TERMINFO", "/x")];
    let terminal =
        rubbish.iter().fold(terminal, |terminal, (name, value)| terminal.variable(name, Some(value)));
    let mut session = terminal.start();
    session.line("cat app.log").shows("two");
    session.resize(24, 60);
    session.keys("tail -").keys("\t").shows("-n <rows>");
}

#[test]
fn a_terminal_that_only_prints_gets_plain_lines() {
    for term in [Some("dumb"), None, Some("")] {
        let mut session = Terminal::new().variable("TERM", term).start();
        session.keys("cat app.log\n").shows("two");
        session.keys("nonsense").keys("\x03").ends("> ");
        session.keys("pwd\n").shows("LOGS\n");
        assert!(!session.raw().contains(&b'\x1b'), "{term:?}");
        session.keys("exit\n");
        assert_eq!(session.status(), 0);
    }
}

#[test]
fn a_serial_console_without_a_size_works() {
    for term in ["vt220", "linux"] {
        let terminal = Terminal::new().size(0, 0).variable("TERM", Some(term)).variable("LANG", None);
        let mut session = terminal.start();
        session.keys("cat ap\t").shows("cat app.log ");
        session.keys("\r").shows("two");
        session.line("help tail").shows("cannot start other programs");
        session.line("exit");
        assert_eq!(session.status(), 0, "{term}");
    }
}

#[test]
fn clear_clears_and_prints_nothing_on_a_terminal_that_can_only_print() {
    let mut session = Terminal::new().start();
    session.line("cat app.log").shows("two");
    session.line("clear").until("an empty screen", |session| {
        (!session.text().contains("two") && session.text().starts_with(|c: char| c.is_ascii_alphabetic()))
            .then_some(())
    });
    let mut plain = Terminal::new().variable("TERM", Some("dumb")).start();
    plain.keys("clear\n").keys("cat app.log\n").shows("two");
    assert!(!plain.raw().contains(&b'\x1b'));
}

#[test]
fn help_lists_only_what_there_is() {
    let rules = "operators = [\"|\"]\n[aliases]\nlast = \"tail -n 5\"\n[types]\nlog = { file = [\"LOGS/*\"] }\n[[allow]]\ncommands = [\"tail [-n <number>] <log>\"]\n";
    let mut session = Terminal::new().rules(rules).host("history = \"off\"").start();
    session.line("help").shows("also   pwd jobs fg bg exit      join with |\n");
    session.shows("short  last  for tail -n 5\n");
    session.line("help last").shows("last   stands for tail -n 5\ntail [-n <number>] <log>");
}

#[test]
fn ctrl_d_ends_a_plain_session() {
    let mut session = Terminal::new().variable("TERM", Some("dumb")).start();
    session.keys("\x04");
    assert_eq!(session.status(), 0);
}

#[test]
fn ctrl_d_leaves_the_terminal_at_the_beginning_of_a_line() {
    for term in ["xterm", "dumb"] {
        let script = "\"$@\"; echo and on";
        let mut session = Terminal::new().variable("TERM", Some(term)).script(script).start();
        session.keys("\x04").until("the line behind it", |session| {
            session.text().lines().any(|row| row == "and on").then_some(())
        });
    }
}

#[test]
fn a_file_that_cannot_be_read_refuses_the_session_in_two_lines() {
    let mut session = Terminal::new().rules("description = 1").begin();
    session.shows("your rules cannot be read");
    assert_eq!(session.status(), 125);
}

#[test]
fn changed_rules_are_counted_before_the_next_command() {
    let mut session = Terminal::new().start();
    let less = RULES.replace("\"sleep <seconds>\",\n", "").replace("\"stty (raw|size|sane)\",\n", "");
    super::screen::write_rules(session.tree.path(), &less);
    session.line("pwd").shows("your rules were changed: 2 commands less");
}

#[test]
fn faulty_rules_stop_everything_until_they_are_mended() {
    let mut session = Terminal::new().start();
    super::screen::write_rules(session.tree.path(), "nonsense = 1");
    session.line("cat app.log").shows("cannot be read: nothing runs until mended");
    super::screen::write_rules(session.tree.path(), RULES);
    session.line("cat app.log").shows("two");
}
