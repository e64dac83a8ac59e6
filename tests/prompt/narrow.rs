//! Half a screen, or a telephone: what gatesh says itself is folded at blanks.

use super::Terminal;
use super::screen::Session;

const RULES: &str = r#"
description = "Read application logs of every service on this host"
directories = ["LOGS/**"]
include = ["filters"]
[types]
log = { file = ["LOGS/**", "/opt/app/logs/**/*.log"] }
rows = { integer = [1, 100000] }
[[allow]]
commands = ["ls [-1aAdFhilnrRSt] [--color[=(auto|always|never)]] [<log>...]", "tail [-f] [-n <rows>] <log>..."]
timeout = "10m"
"#;

fn session(columns: u16) -> Session {
    let mut session = Terminal::new().rules(RULES).size(50, columns).begin();
    session.shows("help shows");
    session.ends("> ");
    session
}

/// The rows between the line that was entered and the prompt after it.
fn below(screen: &str, entered: &str) -> Vec<String> {
    let rows: Vec<&str> = screen.trim_end().lines().collect();
    let at = rows.iter().position(|row| row.ends_with(entered)).unwrap();
    rows[at + 1..rows.len() - 1].iter().map(|row| (*row).to_owned()).collect()
}

#[test]
fn help_is_folded_between_words() {
    let mut session = session(40);
    session.line("help").shows("help COMMAND says more");
    let rows = below(&session.ends("> "), "> help");
    let whole = rows.iter().map(|row| row.trim()).collect::<Vec<_>>().join(" ");
    for text in [
        "Read application logs of every service on this host",
        "ls [-1aAdFhilnrRSt] [--color[=(auto|always|never)]] [<log>...]",
        "filters: cut grep head less sort tail uniq wc",
        "or a .log file under /opt/app/logs",
        "cd pwd history jobs fg bg exit",
        "join with | && || ;",
    ] {
        assert!(whole.contains(text), "{text} in {rows:#?}");
    }
    assert!(rows.contains(&"  ls [-1aAdFhilnrRSt]".to_owned()), "{rows:#?}");
    assert!(rows.contains(&"      [--color[=(auto|always|never)]]".to_owned()), "{rows:#?}");
}

#[test]
fn help_of_a_command_is_folded_between_words() {
    let mut session = session(40);
    session.line("help tail").shows("stopped after 10m");
    let rows = below(&session.ends("> "), "> help tail");
    assert_eq!(rows[0], "tail [-f] [-n <rows>] <log>...");
    assert!(rows[1].starts_with("    ") && rows[1].trim().starts_with("allowed by "), "{rows:#?}");
    assert!(rows.contains(&"  <log>...   one or more: a file under".to_owned()), "{rows:#?}");
    assert!(rows.contains(&"             file under /opt/app/logs".to_owned()), "{rows:#?}");
    session.line("help history").shows("lists the lines you entered;\n    Up and Ctrl-R find them again\n");
}

#[test]
fn a_refusal_is_folded_between_words() {
    let mut session = session(40);
    session.line("tail --lines 5 app.log").shows(
        "gatesh: not allowed: tail --lines 5\n        app.log\n  rule    tail [-f] [-n <rows>] <log>...\n",
    );
    session.shows("  word 2  --lines is not one of -f, -n\n");
    session.line("vim").shows("not allowed: vim\n");
    let rows = below(&session.ends("> "), "> vim");
    let whole = rows.iter().map(|row| row.trim()).collect::<Vec<_>>().join(" ");
    assert!(whole.ends_with("names it; help lists what you may run"), "{rows:#?}");
    session.line("ls > x").shows("column 4: > is not understood:\n        there is no redirection here\n        to search for the character\n        itself, quote it: '>'\n");
}

#[test]
fn the_directory_leaves_room_to_type() {
    let deep = "a-directory/another-one/deeper/stillness";
    for (columns, shown) in [(40, ":.../stillness> "), (60, ":.../deeper/stillness> ")] {
        let terminal = Terminal::new().file(&format!("{deep}/a.log"), "").rules(RULES).size(24, columns);
        let mut session = terminal.begin();
        session.shows("help shows");
        session.line(&format!("cd {deep}")).ends(shown);
    }
}

#[test]
fn what_stands_below_a_page_goes_away_again() {
    for (columns, more) in [(40, "-- more --"), (60, "-- more: Space or Enter goes on, q ends --")] {
        let mut session = Terminal::new().rules(RULES).size(8, columns).begin();
        session.shows("help shows");
        session.line("help").shows(more);
        let screen = session.keys("q").ends("> ");
        assert!(!screen.contains("more") && !screen.contains("\n--"), "{screen}");
    }
}

#[test]
fn a_reason_that_has_no_room_behind_the_line_stands_below_it() {
    let mut session = Terminal::new().rules(RULES).size(24, 40).begin();
    session.shows("help shows");
    session.ends("> ");
    session.settle();
    let room = 40 - usize::from(session.cursor().1);
    session.keys(&"x".repeat(room.saturating_sub(5))).shows("\n(no rule names xx");
    session.keys("\x15tail -").settle();
    assert!(!session.text().contains("(no rule"), "{}", session.text());
    session.keys("f app.log\r").until("the file below the line", |session| {
        session.text().contains("> tail -f app.log\none\ntwo\n").then_some(())
    });
}
