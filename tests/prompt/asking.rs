//! Rules that ask for a ticket and a yes before they run.

use nix::sys::signal::Signal;

use super::Terminal;
use super::screen::Session;

const RULES: &str = r#"
[types]
ticket = { regex = '(CHG|INC)[0-9]{6,9}' }
log = { file = ["LOGS/**"] }
[[allow]]
commands = ["echo <word>"]
confirm = true
reason = "<ticket>"
[[allow]]
commands = ["cat <log>"]
"#;

const TICKET: &str = "ticket (CHG or INC and 6 to 9 digits): ";

fn session() -> Session {
    Terminal::new().rules(RULES).start()
}

/// One whose question for a ticket stands on the screen.
fn asked() -> Session {
    let mut session = session();
    session.line("echo deployed").shows(TICKET.trim_end());
    session
}

fn ran(session: &Session) -> bool {
    session.records().contains("command-start")
}

#[test]
fn a_wrong_ticket_is_asked_for_again_and_a_right_one_and_a_yes_run_the_command() {
    let mut session = asked();
    session.line("nonsense").shows("gatesh: nonsense is not CHG or INC and 6 to 9 digits");
    // What is typed before the question stands there does not answer it.
    session.ends(TICKET);
    session.line("CHG004711").shows("run echo deployed on ");
    assert!(!ran(&session));
    session.shows("? [y/N]");
    session.line("y").shows("\ndeployed\n");
    assert!(session.records().contains("\"stated_reason\":\"CHG004711\""), "{}", session.records());
}

#[test]
fn three_wrong_tickets_are_enough() {
    let mut session = asked();
    for wrong in ["one", "two"] {
        session.line(wrong).shows(&format!("{wrong} is not CHG"));
        session.ends(TICKET);
    }
    session.line("three").shows("gatesh: echo asks for a reason: three is not CHG");
    session.ends("[126]> ");
    assert!(session.records().contains("no-reason") && !ran(&session), "{}", session.records());
}

#[test]
fn anything_but_a_yes_is_a_no() {
    for answer in ["n", "", "yy", "CHG004711", "no"] {
        let mut session = asked();
        session.line("INC123456").shows("[y/N]");
        session.line(answer).shows("gatesh: echo was not run");
        // It is recorded after it is said.
        session.ends("[126]> ");
        assert!(session.records().contains("not-confirmed") && !ran(&session), "{answer:?}");
    }
}

#[test]
fn ctrl_c_and_ctrl_d_at_a_question_lead_back_to_the_prompt() {
    for key in ["\x03", "\x04"] {
        let mut session = asked();
        session.keys(key).shows("\ngatesh: echo was not run");
        session.ends("[126]> ");
        session.line("echo deployed").shows(&format!("[126]> echo deployed\n{}", TICKET.trim_end()));
        session.line("CHG004711").shows("[y/N]");
        session.keys(key).ends("[126]> ");
        assert!(!ran(&session), "{}", session.records());
        session.line("cat LOGS/app.log").shows("two");
    }
}

#[test]
fn what_was_typed_ahead_answers_no_question_and_is_no_line_either() {
    let mut session = session();
    session.keys("echo deployed\rCHG004711\ry\r").shows(TICKET.trim_end());
    let screen = session.settle();
    assert!(screen.trim_end().ends_with(TICKET.trim_end()), "{screen}");
    session.keys("\x03").ends("> ");
    session.line("cat LOGS/app.log").shows("two");
    assert!(
        !session.text().contains("CHG004711") || !session.text().contains("no rule"),
        "{}",
        session.text()
    );
    assert!(!session.records().contains("echo deployed\",\"argv"), "{}", session.records());
}

#[test]
fn what_is_piped_in_answers_no_question() {
    let piped = "printf 'CHG004711\\ny\\n' | \"$@\" -c 'echo deployed'; echo status $?";
    let mut session = Terminal::new().rules(RULES).script(piped).begin();
    session.shows(TICKET.trim_end());
    let screen = session.settle();
    assert!(!screen.contains("[y/N]"), "{screen}");
    session.line("CHG004711").shows("[y/N]");
    session.line("y").shows("\ndeployed\n");
    session.shows("status 0");
}

#[test]
fn the_session_s_end_does_not_wait_for_an_answer() {
    for (signal, reason) in [(Signal::SIGHUP, "hang-up"), (Signal::SIGTERM, "terminated")] {
        let mut session = asked();
        session.signal(signal);
        session.status();
        assert!(session.records().contains(reason), "{}", session.records());
    }
}

#[test]
fn silence_at_a_question_ends_the_session_like_any_other() {
    let mut session = Terminal::new().rules(RULES).host("idle_timeout = \"2s\"").start();
    session.line("echo deployed").shows(TICKET.trim_end());
    session.shows("no input for 2s: session ended");
    session.status();
    assert!(session.records().contains("\"idle\"") && !ran(&session), "{}", session.records());
}

#[test]
fn a_question_is_asked_on_a_terminal_that_only_prints() {
    let mut session = Terminal::new().rules(RULES).variable("TERM", None).start();
    session.keys("echo deployed\n").shows(TICKET.trim_end());
    session.keys("CHG004711\n").shows("[y/N]");
    session.keys("y\n").shows("\ndeployed\n");
    assert!(!session.raw().contains(&b'\x1b'));
}

/// Without echo.
const NARROWER: &str = r#"
[types]
log = { file = ["LOGS/**"] }
[[allow]]
commands = ["cat <log>"]
"#;

/// A session in which the question of a line stands on the screen, and its rules then become `rules`.
fn asked_under(line: &str, rules: &str) -> Session {
    let mut session = session();
    session.line(line).shows(TICKET.trim_end());
    super::screen::write_rules(session.tree.path(), rules);
    session.line("CHG004711").shows("[y/N]");
    session
}

#[test]
fn a_yes_runs_nothing_that_the_rules_no_longer_allow() {
    let mut session = asked_under("echo deployed", NARROWER);
    session.line("y").shows("gatesh: not allowed: echo");
    session.ends("[126]> ");
    assert!(!ran(&session), "{}", session.records());
    assert!(!session.text().contains("nothing was run"), "{}", session.text());
}

#[test]
fn a_yes_runs_nothing_while_the_rules_are_faulty() {
    let mut session = asked_under("echo deployed", "nonsense");
    session.line("y").shows("nothing runs until mended");
    session.ends("[125]> ");
    assert!(!ran(&session), "{}", session.records());
}

#[test]
fn a_yes_under_rules_that_ask_anew_is_asked_for_again() {
    let mut session = asked_under("echo deployed", &RULES.replace("(CHG|INC)", "(CHG|OPS)"));
    session.line("y").shows("ticket (CHG or OPS and 6 to 9 digits):");
    assert!(!ran(&session), "{}", session.records());
    session.line("OPS123456").shows_times("[y/N]", 2);
    session.line("y").shows("\ndeployed\n");
    assert!(session.records().contains("\"stated_reason\":\"OPS123456\""), "{}", session.records());
}

#[test]
fn a_yes_runs_nothing_on_a_file_that_was_swapped_for_another() {
    let rules = RULES.replace("commands = [\"cat <log>\"]", "confirm = true\ncommands = [\"cat <log>\"]");
    let mut session = Terminal::new().rules(&rules).start();
    let log = super::screen::logs(session.tree.path()).join("app.log");
    session.line("cat LOGS/app.log").shows("[y/N]");
    std::fs::remove_file(&log).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", &log).unwrap();
    session.line("y").shows("gatesh: not allowed: cat");
    assert!(!ran(&session) && !session.text().contains("root:"), "{}", session.text());
}

#[test]
fn a_rest_that_is_refused_says_that_something_ran() {
    let rules = format!("{RULES}[[allow]]\ncommands = [\"sleep 3\"]\n");
    let mut session = Terminal::new().rules(&rules).start();
    session.runs("sleep 3 ; cat LOGS/app.log ; cat LOGS/app.log");
    super::screen::write_rules(session.tree.path(), &rules.replace("\"cat <log>\"", "\"head <log>\""));
    session.shows("gatesh: not allowed: cat    the rest was not run");
    let screen = session.ends("[126]> ");
    assert!(!screen.contains("nothing was run") && !screen.contains("two"), "{screen}");
    assert_eq!(session.records().matches("\"event\":\"denied\"").count(), 1, "{}", session.records());
}

#[test]
fn what_has_run_needs_no_rule_any_more() {
    let rules = format!("{RULES}[[allow]]\ncommands = [\"sleep 3\"]\n");
    let mut session = Terminal::new().rules(&rules).start();
    session.runs("sleep 3 && cat LOGS/app.log");
    super::screen::write_rules(session.tree.path(), &rules.replace("sleep 3", "sleep 4"));
    session.shows("two");
}
