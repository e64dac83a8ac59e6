//! What ends a session by itself, and what a person hears of it.

use std::time::Duration;

use nix::sys::signal::Signal;

use super::Terminal;

#[test]
fn silence_is_warned_of_and_ends_the_session() {
    let mut session = Terminal::new().host("idle_timeout = \"2s\"").start();
    session.keys("tail half a li").settle();
    session.shows("no input: the session ends in a second");
    session.shows("no input for 2s: session ended");
    session.status();
    assert!(session.records().contains("\"idle\""), "{}", session.records());
}

#[test]
fn a_key_keeps_the_session_and_the_line() {
    let mut session = Terminal::new().host("idle_timeout = \"5s\"").start();
    // The keys take longer than the silence that ends a session, none of them nearly so long.
    for key in "cat app.log".chars() {
        session.keys(&key.to_string());
        std::thread::sleep(Duration::from_millis(600));
    }
    session.keys("\r").shows("two");
}

#[test]
fn a_plain_terminal_is_warned_and_ended_too() {
    let mut session = Terminal::new().variable("TERM", None).host("idle_timeout = \"2s\"").start();
    session.shows("no input: the session ends in a second");
    session.shows("session ended");
    session.status();
}

#[test]
fn the_session_s_time_ends_at_the_prompt_and_in_a_command() {
    let mut session = Terminal::new().host("max_duration = \"2s\"").start();
    session.shows("are over: session ended");
    session.status();
    let mut session = Terminal::new().host("max_duration = \"2s\"").start();
    session.line("sleep 600").shows("the session's 2s are over: session ended");
    session.status();
    assert!(session.records().contains("max-duration"), "{}", session.records());
}

#[test]
fn a_text_longer_than_the_screen_keeps_nobody_longer() {
    for (limit, warning, end) in [
        ("idle_timeout", "no input: the session ends in a second", "no input for 2s: session ended"),
        ("max_duration", "", "the session's 2s are over: session ended"),
    ] {
        let mut session = Terminal::new().size(6, 80).host(&format!("{limit} = \"2s\"")).start();
        session.line("help").shows("-- more:");
        session.shows(warning);
        session.shows(end);
        session.status();
    }
}

/// Keys behind which the editor waits for more: the rest of a sequence, a key to insert as it is, or a search.
const UNFINISHED: [&str; 6] = ["\x1b", "\x1b[", "\x1b2", "\x16", "\x18", "\x12"];

#[test]
fn the_first_key_of_several_keeps_nobody_longer() {
    for keys in UNFINISHED {
        for limit in ["idle_timeout", "max_duration"] {
            let mut session = Terminal::new().host(&format!("{limit} = \"2s\"")).start();
            session.keys(keys);
            session.shows("session ended");
            session.status();
            assert!(session.records().contains("session-end"), "{keys:?}: {}", session.records());
        }
        let mut session = Terminal::new().start();
        session.keys(keys).settle();
        session.signal(Signal::SIGTERM);
        session.status();
        assert!(session.records().contains("terminated"), "{keys:?}: {}", session.records());
    }
}

#[test]
fn hang_up_and_terminate_end_a_waiting_prompt_with_a_record() {
    for (signal, reason) in [(Signal::SIGHUP, "hang-up"), (Signal::SIGTERM, "terminated")] {
        for term in ["xterm", "dumb"] {
            let mut session = Terminal::new().variable("TERM", Some(term)).start();
            session.keys("half a li").settle();
            session.signal(signal);
            session.status();
            assert!(session.records().contains(reason), "{signal} {term}: {}", session.records());
        }
    }
}

#[test]
fn an_interrupt_from_elsewhere_does_not_end_the_session() {
    for term in ["xterm", "dumb"] {
        let mut session = Terminal::new().variable("TERM", Some(term)).start();
        for _ in 0..20 {
            session.signal(Signal::SIGINT);
        }
        session.settle();
        session.line("cat app.log").shows("two");
    }
}

#[test]
fn a_window_change_while_typing_keeps_the_line() {
    let mut session = Terminal::new().start();
    session.keys("cat app.l").settle();
    session.resize(30, 50);
    session.settle();
    session.keys("og\r").shows("two");
}

#[test]
fn too_many_refusals_end_the_session() {
    let mut session = Terminal::new().host("max_denials = 3").start();
    for _ in 0..3 {
        session.line("vi").settle();
    }
    session.shows("3 refusals: session ended");
    session.status();
}

#[test]
fn faults_of_the_line_count_as_refusals() {
    let mut session = Terminal::new().host("max_denials = 2").start();
    session.line("cat $x").settle();
    session.line("cat $x").settle();
    session.shows("2 refusals: session ended");
    session.status();
}

#[test]
fn one_session_too_many_is_refused() {
    let _first = Terminal::new().start();
    let mut second = Terminal::new().host("max_sessions = 1").begin();
    second.shows("you already have a session, the most that are allowed: end one first");
    assert_eq!(second.status(), 125);
}

/// Runs gatesh at a terminal whose output stands still once its prompt is there, and says how it ended.
const UNREAD: &str = "exec python3 -Sc '
import os, sys, termios
terminal, session = os.openpty()
pid = os.fork()
if pid == 0:
    os.login_tty(session)
    os.execv(sys.argv[1], sys.argv[1:])
seen = b\"\"
while b\"> \" not in seen:
    seen += os.read(terminal, 4096)
termios.tcflow(session, termios.TCOOFF)
print(\"ended by signal\", os.WTERMSIG(os.waitpid(pid, 0)[1]))
' \"$@\"";

#[test]
fn the_session_s_time_ends_where_nobody_reads_what_it_writes() {
    let mut session = Terminal::new().host("max_duration = \"2s\"").script(UNREAD).begin();
    // SIGALRM: gatesh itself could not go on.
    session.shows("ended by signal 14");
}
