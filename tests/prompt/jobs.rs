//! Job control, and the terminal after whatever ran.

use super::Terminal;

#[test]
fn ctrl_c_stops_a_command_and_shows_no_status() {
    let mut session = Terminal::new().start();
    session.line("tail -f app.log").shows("two");
    let screen = session.keys("\x03").ends("> ");
    assert!(!screen.contains("[130]"), "{screen}");
}

#[test]
fn ctrl_backslash_ends_a_command() {
    let mut session = Terminal::new().start();
    session.runs("sleep 600");
    session.keys("\x1c").ends("> ");
    session.line("cat app.log").shows("two");
}

#[test]
fn a_stopped_job_is_listed_resumed_and_ended() {
    let mut session = Terminal::new().start();
    session.line("tail -f app.log").shows("two");
    session.keys("\x1a").shows("[1]+ stopped   tail -f");
    session.line("jobs").shows_times("[1]+ stopped", 2);
    session.line("fg").settle();
    session.keys("\x03").ends("> ");
    session.line("fg").shows("there is no job");
}

#[test]
fn a_job_goes_on_in_the_background_and_its_end_is_told() {
    let mut session = Terminal::new().start();
    session.runs("sleep 2");
    session.keys("\x1a").shows("stopped");
    session.line("bg").shows("[1]+ running   sleep 2");
    // Ends are told before the next line.
    while !session.line("").settle().contains("[1]  ended (0)   sleep 2") {
        assert!(session.text().contains("sleep 2"), "{}", session.text());
    }
}

#[test]
fn a_job_in_the_background_that_wants_the_terminal_is_told_to_have_stopped() {
    let mut session = Terminal::new().start();
    session.runs("cat");
    session.keys("\x1a").shows("[1]+ stopped   cat");
    session.line("bg").shows("[1]+ running   cat");
    // Told before the next line.
    while session.line("").settle().matches("[1]+ stopped   cat").count() < 2 {
        assert!(session.text().contains("[1]+ stopped   cat"), "{}", session.text());
    }
    session.line("jobs").shows_times("[1]+ stopped   cat", 3);
}

#[test]
fn exit_warns_of_stopped_jobs_once() {
    let mut session = Terminal::new().start();
    session.runs("sleep 600");
    session.keys("\x1a").shows("stopped");
    session.line("exit").shows("1 stopped job: fg to go on with it, exit again to end it");
    session.line("exit");
    session.status();
}

/// Each is given five seconds between TERM and KILL: together, and not one behind the other.
#[test]
fn jobs_that_do_not_heed_their_end_are_ended_all_at_once() {
    let line = "env --ignore-signal=TERM head -n1 /etc/passwd -";
    let rule = "exec = [\"/usr/bin/head\"]\nread = [\"/etc/passwd\"]\n";
    let rule = format!(
        "[[allow]]\n{rule}commands = [\"env '--ignore-signal=TERM' 'head' '-n1' /etc/passwd '-'\"]\n"
    );
    let mut session = Terminal::new().rules(&rule).start();
    for number in 1..=3 {
        session.line(line).shows_times("root:x:0:0", number);
        session.keys("\x1a").shows(&format!("[{number}]+ stopped"));
    }
    session.line("exit").shows("3 stopped jobs");
    let begun = std::time::Instant::now();
    session.line("exit");
    session.status();
    assert!(begun.elapsed() < std::time::Duration::from_secs(13), "{:?}", begun.elapsed());
    assert_eq!(session.records().matches("\"signal\":9").count(), 3, "{}", session.records());
}

#[test]
fn a_pipeline_stops_with_one_ctrl_c() {
    let mut session = Terminal::new().start();
    session.line("tail -f app.log | grep o").shows("two");
    session.keys("\x03").ends("> ");
    session.line("jobs").ends("> ");
    assert!(!session.text().contains("[1]"), "{}", session.text());
}

#[test]
fn the_terminal_is_mended_after_a_program_that_left_it_raw() {
    let mut session = Terminal::new().start();
    let ended = |session: &super::screen::Session| session.records().contains("command-end").then_some(());
    session.line("stty raw").until("its end", ended);
    session.runs("cat");
    session.keys("echoed\n").shows_times("echoed", 2);
    session.keys("\x04").ends("> ");
}

#[test]
fn colours_and_a_hidden_cursor_do_not_outlast_the_output_that_left_them() {
    let left = "\x1b[31m\x1b[?25l\x1b(0left behind\n";
    let mut session = Terminal::new().file("left.log", left).start();
    session.line("cat left.log").shows("left behind");
    session.ends("> ");
    session.line("pwd").shows("LOGS\n");
    session.ends("> ");
    assert!(!session.red().contains("pwd") && session.is_cursor_shown(), "{}", session.red());
    assert!(session.raw().windows(3).any(|bytes| bytes == b"\x1b(B"), "the character set is still another");
}

#[test]
fn commands_see_the_window_s_new_size() {
    let mut session = Terminal::new().start();
    session.line("stty size").shows("24 80");
    session.resize(50, 200);
    session.line("stty size").shows("50 200");
}

#[test]
fn the_status_is_shown_when_it_is_not_zero() {
    let mut session = Terminal::new().start();
    session.line("grep -c nothing app.log").ends("[1]> ");
    session.line("cat app.log").settle();
    assert!(!session.cursor().0.contains('['), "{}", session.text());
}

#[test]
fn ctrl_c_before_a_command_starts_keeps_it_from_starting() {
    let mut session = Terminal::new().start();
    // Read anew before the next command, which takes a moment.
    let rule = |number: u32| format!("[[allow]]\ncommands = [\"program-{number} <log>\"]\n");
    let more = (0..4_000).map(rule).collect::<Vec<_>>().concat();
    super::screen::write_rules(session.tree.path(), &format!("{}{more}", super::screen::RULES));
    session.keys("sleep 600\r").is_entered().keys("\x03").ends("> ");
    assert!(!session.text().contains('['), "{}", session.text());
    session.line("cat app.log").shows("two");
}

#[test]
fn ctrl_c_ends_the_whole_line() {
    let mut session = Terminal::new().start();
    session.runs("sleep 600; cat app.log");
    session.keys("\x03").ends("> ");
    session.line("pwd").shows("LOGS\n");
    assert!(!session.text().contains("two"), "{}", session.text());
}

#[test]
fn ctrl_c_drops_the_rest_of_what_was_pasted() {
    let mut session = Terminal::new().start();
    session.keys("\x1b[200~sleep 600\ncat app.log\x1b[201~\r").shows("[y/N]");
    let before = session.records().matches("command-start").count();
    session.keys("y\n");
    session.until("sleep to start", |session| {
        (session.records().matches("command-start").count() > before).then_some(())
    });
    session.keys("\x03").shows("^C");
    session.line("pwd").shows("LOGS\n");
    assert!(!session.text().contains("two"), "{}", session.text());
}

#[test]
fn a_stopped_job_is_called_what_was_typed() {
    let mut session = Terminal::new().start();
    session.line("tail -f app.log | grep o").shows("two");
    session.keys("\x1a").shows("[1]+ stopped   tail -f app.log | grep o");
}

/// Three kinds of rest for a job whose rule has a time limit.
const LIMITED: &str = r#"
directories = ["LOGS/**"]
[types]
log = { file = ["LOGS/**"] }
seconds = { integer = [1, 600] }
[[allow]]
commands = ["sleep <seconds>"]
timeout = "2s"
[[allow]]
commands = ["tail [-f] <log>", "cat <log>"]
[[allow]]
commands = ["echo <word>"]
confirm = true
"#;

/// One with a job that has stopped, and the job's process.
fn stopped(term: Option<&str>) -> super::screen::Session {
    let mut session = Terminal::new().rules(LIMITED).variable("TERM", term).start();
    session.runs("sleep 600");
    session.keys("\x1a").shows("[1]+ stopped   sleep 600");
    session
}

fn timed_out(session: &super::screen::Session) -> Option<()> {
    session.records().contains("\"timed_out\":true").then_some(())
}

const TOLD: &str = "[1]  ended (124: the rule's time limit of 2s)   sleep 600";

#[test]
fn a_stopped_job_is_ended_on_time_while_nobody_types() {
    for term in [Some("xterm"), None] {
        let mut session = stopped(term);
        session.until("the job's end", timed_out);
        session.shows(&format!("\n{TOLD}"));
        session.ends("> ");
        session.line("fg").shows("there is no job");
    }
}

#[test]
fn what_is_half_typed_when_a_job_s_time_is_up_stays() {
    let mut session = stopped(Some("xterm"));
    session.keys("cat ap.log\x1b[D\x1b[D\x1b[D\x1b[D").settle();
    session.shows(TOLD);
    session.shows_times("> cat ap.log", 2);
    session.keys("p\r").shows("> cat app.log\none\ntwo\n");
}

/// Keys behind which the editor waits for more: the rest of a sequence, a key to insert as it is, or a search.
const UNFINISHED: [&str; 6] = ["\x1b", "\x1b[", "\x1b2", "\x16", "\x18", "\x12"];

#[test]
fn a_job_is_ended_on_time_behind_the_first_key_of_several() {
    for keys in UNFINISHED {
        let mut session = stopped(Some("xterm"));
        session.keys(keys);
        session.until(&format!("the job's end behind {keys:?}"), timed_out);
        session.shows(TOLD);
        session.ends("> ");
        session.keys("\x07\x15").line("cat app.log").shows("two");
    }
}

#[test]
fn nobody_loses_a_quote_that_is_open_when_a_job_s_time_is_up() {
    let mut session = stopped(None);
    session.line("cat 'app.").ends("> ");
    session.until("the job's end", timed_out);
    session.shows(TOLD);
    session.line("log'").shows("gatesh: not allowed: cat 'app. log'");
}

#[test]
fn a_job_in_the_background_is_ended_on_time_while_another_runs_in_front() {
    let mut session = stopped(Some("xterm"));
    session.line("bg").shows("[1]+ running   sleep 600");
    session.line("tail -f app.log").shows("two");
    session.until("the job's end", timed_out);
    let screen = session.settle();
    assert!(!screen.contains("[1]  ended"), "{screen}");
    session.keys("\x03").shows(TOLD);
}

#[test]
fn a_job_is_ended_on_time_while_a_question_waits() {
    let mut session = stopped(Some("xterm"));
    session.line("echo deployed").shows("[y/N]");
    session.until("the job's end", timed_out);
    session.line("y").shows("\ndeployed\n");
    session.shows(TOLD);
}

#[test]
fn a_job_is_ended_on_time_while_pasted_lines_wait_for_a_yes() {
    let mut session = stopped(Some("xterm"));
    session.keys("\x1b[200~cat app.log\ncat app.log\x1b[201~\r").shows("[y/N]");
    session.until("the job's end", timed_out);
    session.shows(TOLD);
    session.shows_times("[y/N]", 2);
    session.line("y").shows_times("two", 2);
}

#[test]
fn a_job_is_ended_on_time_while_help_waits_for_a_key() {
    let mut session = Terminal::new().rules(LIMITED).size(5, 80).start();
    session.runs("sleep 600");
    session.keys("\x1a").shows("[1]+ stopped");
    session.line("help").shows("-- more:");
    session.until("the job's end", timed_out);
    session.keys("q").shows(TOLD);
}

#[test]
fn a_job_that_is_fetched_back_is_told_its_own_time_limit() {
    let mut session = stopped(Some("xterm"));
    session.line("fg").shows("gatesh: stopped after 2s, the time limit of this rule");
    session.ends("[124]> ");
}

#[test]
fn a_command_stops_neither_gatesh_s_output_nor_its_clock() {
    let rules =
        format!("{LIMITED}[[allow]]\ncommands = [\"python3 <log>\"]\naccept.interpreter = \"tried here\"\n");
    let stop = "import termios\ntermios.tcflow(0, termios.TCOOFF)\n";
    let mut session = Terminal::new().rules(&rules).file("stop.py", stop).start();
    session.line("python3 stop.py").shows("Inappropriate ioctl for device");
    session.line("pwd").shows("LOGS\n");
}

/// Processes whose words end with this path.
fn running(path: &std::path::Path) -> usize {
    let wanted = format!("{}\0", path.display()).into_bytes();
    let is_it = |entry: &std::fs::DirEntry| {
        std::fs::read(entry.path().join("cmdline")).is_ok_and(|words| words.ends_with(&wanted))
    };
    std::fs::read_dir("/proc").unwrap().flatten().filter(is_it).count()
}

#[test]
fn what_root_runs_cannot_outlive_a_killed_gatesh_by_becoming_somebody_else() {
    if !nix::unistd::geteuid().is_root() {
        return println!("skipped: only root can become somebody else");
    }
    // The kernel clears the signal that comes with a parent's end when the user changes (PR_SET_PDEATHSIG(2const)).
    let change = "import ctypes, signal, time\nsignal.signal(1, signal.SIG_IGN)\n\
                  print('changed', ctypes.CDLL(None).setresuid(-1, 1, -1), flush=True)\ntime.sleep(600)\n";
    let rules =
        format!("{LIMITED}[[allow]]\ncommands = [\"python3 <log>\"]\naccept.interpreter = \"tried here\"\n");
    let mut session = Terminal::new().rules(&rules).file("change.py", change).start();
    let script = super::screen::logs(session.tree.path()).join("change.py");
    session.line("python3 change.py").shows("changed -1");
    assert_eq!(running(&script), 1);
    session.signal(nix::sys::signal::Signal::SIGKILL);
    session.until("its end", |_| (running(&script) == 0).then_some(()));
}
