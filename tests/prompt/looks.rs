//! Where one is, on which host, and under which terms: what is shown of that, on narrow and wide screens.

use super::Terminal;
use super::screen::logs;

fn labelled() -> Terminal {
    let mut terminal = Terminal::new();
    terminal.labels = r#"["env=prod", "tier=web"]"#;
    terminal
}

#[test]
fn the_host_s_labels_stand_in_the_banner_and_in_the_question() {
    let rules = "[[allow]]\ncommands = [\"echo <word>\"]\nconfirm = true\n";
    let mut session = labelled().rules(rules).start();
    session.shows(" (env=prod, tier=web).  help shows what you may run.");
    session.line("echo deployed").shows(" (env=prod, tier=web)? [y/N]");
    session.line("n").shows("was not run");
    let mut plain = Terminal::new().rules(rules).start();
    let screen = plain.line("echo deployed").shows("? [y/N]");
    assert!(!screen.contains('('), "{screen}");
}

#[test]
fn help_of_a_command_says_its_limits_times_places_and_who_it_runs_as() {
    let rules = r#"
[types]
ticket = { regex = 'CHG[0-9]+' }
[[allow]]
commands = ["sleep <number>"]
timeout = "10m"
limits = { processes = 3, cpu = "1m", memory = "64M", files = 50 }
when = { labels = ["env=prod"], days = "mon-sun", hours = "00:00-24:00", zone = "UTC" }
confirm = true
reason = "<ticket>"
[[allow]]
commands = ["sudo -u daemon systemctl status <unit>", "sudo true", "uptime"]
"#;
    let mut session = labelled().rules(rules).size(40, 100).start();
    session.line("help sleep").shows("stopped after 10m");
    session.shows("at most 60 s of processor time, 64 MiB of memory, 3 processes, 50 open files");
    session.shows("only 00:00-24:00 UTC where env=prod");
    session.shows("asks before it runs");
    session.shows("asks for <ticket>: CHG and digits");
    session.line("help systemctl").shows("runs as daemon through sudo, which alone confines it");
    session.line("help true").shows("runs as root through sudo, which alone confines it");
    let screen = session.keys("\x0c").settle();
    assert!(!screen.contains("stopped after"), "{screen}");
    let screen = session.line("help uptime").shows("cannot start other programs");
    for term in ["stopped after", "at most", "only ", "asks", "sudo"] {
        let (_, about) = screen.split_once("help uptime").unwrap();
        assert!(!about.contains(term), "{term}: {screen}");
    }
}

#[test]
fn a_long_directory_is_shortened_from_the_left() {
    let deep = "a-directory-with-a-name/another-one-of-that-kind/deeper/still";
    let mut session = Terminal::new().file(&format!("{deep}/a.log"), "").size(24, 120).start();
    session.line(&format!("cd {deep}")).ends(":.../another-one-of-that-kind/deeper/still> ");
    session.line("pwd").shows(&format!("LOGS/{deep}\n"));
    session.line("cd LOGS").ends("/l> ");
}

/// Control characters, a right-to-left override, and what is not UTF-8.
const ODD: &[&[u8]] = &[b"x\x1b[31mred.log", b"x\xe2\x80\xaefdp.log", b"x\xff\xfe.log", b"x\rroot> .log"];

#[test]
fn odd_bytes_in_names_are_never_obeyed() {
    use std::os::unix::ffi::OsStrExt;
    for odd in ODD {
        let name = std::ffi::OsStr::from_bytes(odd);
        let mut session = Terminal::new().start();
        let here = logs(session.tree.path());
        std::fs::write(here.join(name), "odd\n").unwrap();
        std::fs::create_dir(here.join("directory")).unwrap();
        std::fs::create_dir(here.join("directory").join(name)).unwrap();
        std::os::unix::fs::symlink(here.join(name), here.join("link")).unwrap();
        std::os::unix::fs::symlink(here.join("directory").join(name), here.join("way")).unwrap();
        session.line("cat x*").shows("matches only names that cannot be written in a line");
        session.line("cat link").shows("link has a name that cannot be written in a line");
        session.line("cd way").shows("cd: way: has a name that cannot be written in a line");
        session.keys("cat x\t\t\x15cat directory/\t\t\x15cd directory/\t\t\x15").settle();
        // Its name is not among what was written, not even in part: neither as it is nor obeyed.
        let raw = session.raw();
        assert!(!raw.windows(odd.len() - 4).any(|part| part == &odd[..odd.len() - 4]), "{raw:?}");
        assert_eq!(session.red(), "", "{}", session.text());
    }
}

/// What is typed is shown, but as text; only a terminal that merely prints hands such bytes on.
#[test]
fn odd_bytes_in_a_line_are_shown_as_text() {
    let mut session = Terminal::new().variable("TERM", Some("dumb")).start();
    session.send(b"cat x\x1b[31mred.log\n");
    session.shows("a control character (\\x1b) cannot stand here");
    session.send(b"cat x\xe2\x80\xaefdp.log\n");
    session.shows("an invisible character (\\u{202e}) cannot stand in a line");
    session.send(b"cat x\xff.log\n");
    session.shows("not UTF-8");
}

#[test]
fn a_wide_screen_is_used_for_lists_and_lines_and_help_is_no_page() {
    let wide = || {
        let terminal = Terminal::new().size(50, 200);
        (0..60).fold(terminal, |terminal, number| terminal.file(&format!("web/name-{number:03}.log"), ""))
    };
    let mut session = wide().start();
    let screen = session.line("help").shows("help COMMAND says more");
    assert!(!screen.contains("-- more"), "{screen}");
    let screen = session.keys("cat web/\t").shows("name-059.log");
    let rows = |screen: &str| screen.lines().filter(|row| row.contains(".log  name-")).count();
    assert!((1..=5).contains(&rows(&screen)), "{screen}");
    let narrow = wide().size(50, 80).start().keys("cat web/\t").shows("name-059.log");
    assert!(rows(&narrow) > rows(&screen), "{narrow}");
    // A long line and its hint are one row, and a refusal is no wider than elsewhere.
    session.keys("\x15").keys(&format!("grep {} app.log", "x".repeat(120))).settle();
    let (row, column) = session.cursor();
    assert!(row.contains("x app.log [-ivc]") && column > 140, "{row} {column}");
    let screen = session.keys("\x15").line("cat /etc/shadow").shows("word 2  /etc/shadow does not match");
    let (_, denial) = screen.split_once("gatesh: not allowed").unwrap();
    assert!(denial.lines().all(|row| row.chars().count() <= 80), "{screen}");
}
