//! gatesh as a person at a terminal meets it.

use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::termios::InputFlags;
use nix::unistd::Pid;

use crate::scenario::Gatesh;
use crate::screen::Screen;

const RULES: &str = r#"
description = "Reads logs"
directories = ["{top}/var/log/**"]
[types]
log = { file = ["{top}/var/log/**/*.log"] }
dir = { directory = ["{top}/var/log/**"] }
[[allow]]
name = "read"
commands = ["cat <log>...", "tail [-f] <log>...", "ls [-l] [<dir>]", "sleep <number>", "less <log>"]
"#;

fn scene() -> Gatesh {
    Gatesh::new().policy(RULES).env("TERM", "xterm")
}

/// At the prompt.
fn greeted(scene: &Gatesh) -> Screen {
    let mut screen = scene.at_terminal();
    screen.shows("help shows what you may run").shows("> ");
    screen
}

/// The processes whose command line begins so, of this scenario: each names a file of its tree or a number of its own.
fn processes(words: &str) -> Vec<Pid> {
    let names = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = names.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).map(Pid::from_raw);
    let is_it = |pid: &Pid| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).replace('\0', " ").trim_end() == words
    };
    pids.filter(is_it).collect()
}

#[track_caller]
fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !done() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_prompt_names_the_rules_the_host_and_the_directory() {
    let scene = scene();
    let mut screen = scene.at_terminal();
    let group = &crate::scenario::ordinary().group;
    screen.shows(&format!("gatesh  {group} on ")).shows("help shows what you may run.");
    screen.shows(&format!("{}@", crate::scenario::ordinary().user)).shows("/var/log/app> ");
}

#[test]
fn what_is_allowed_runs_and_what_is_not_says_why() {
    let scene = scene();
    let mut screen = greeted(&scene);
    screen.types("cat ../app.log").shows("two ERROR").shows("> ");
    screen.types("cat /etc/shadow").shows("gatesh: not allowed: cat /etc/shadow");
    screen.shows("rule    cat <log>...").shows("word 2  /etc/shadow does not match <log>").shows("[126]> ");
    screen.types("ls > x").shows("> is not understood").shows("[2]> ");
    screen.types("id").shows("names it; help lists what you may run").shows("[126]> ");
    screen.types("cat ../app.log").shows("three").shows("app> ");
}

#[test]
fn help_lists_the_rules_and_their_values() {
    let scene = scene();
    let mut screen = greeted(&scene);
    screen.types("help").shows("Reads logs").shows("cat <log>...").shows("tail [-f] <log>...").shows("<log>");
    screen.types("help tail").shows("tail [-f] <log>...");
    screen.types("help id").shows("no rule of yours names id").shows("[1]> ");
}

#[test]
fn ctrl_c_ends_the_command_and_leads_back_to_the_prompt() {
    let scene = scene();
    let mut screen = greeted(&scene);
    screen.types("tail -f ../app.log").shows("three");
    screen.keys("\x03").shows("app> ");
    screen.types("pwd").shows("/var/log/app");
    assert!(!screen.seen().contains("[130]"), "{}", screen.seen());
}

#[test]
fn ctrl_c_at_the_prompt_drops_the_line_and_nothing_else() {
    let scene = scene();
    let mut screen = greeted(&scene);
    screen.keys("cat /etc/sha").shows("sha").keys("\x03").shows("> ");
    screen.keys("\x03").shows("> ").types("pwd").shows("/var/log/app").shows("> ");
    assert!(!screen.seen().contains("not allowed"));
    screen.types("exit");
    assert!(screen.ends().success());
}

#[test]
fn ctrl_d_ends_the_session() {
    let scene = scene();
    let mut screen = greeted(&scene);
    screen.keys("\x04");
    assert!(screen.ends().success());
    assert_eq!(scene.records().last().unwrap()["reason_code"], "end-of-input");
}

#[test]
fn ctrl_z_stops_and_fg_goes_on() {
    let scene = scene();
    let mut screen = greeted(&scene);
    screen.types("tail -f ../app.log").shows("three").keys("\x1a").shows("stopped").shows("> ");
    screen.types("jobs").shows("[1]+").shows("stopped").shows("app.log").shows("> ");
    screen.types("fg").shows("tail -f").settle();
    screen.keys("\x03").shows("> ").types("jobs").shows("> ");
    screen.types("fg").shows("there is no job");
}

#[test]
fn a_stopped_job_is_still_held_and_the_next_command_is_judged_as_ever() {
    let scene = scene();
    let mut screen = greeted(&scene);
    screen.types("tail -f ../app.log").shows("three").keys("\x1a").shows("stopped").shows("> ");
    screen.types("id").shows("not allowed: id").shows("> ");
    screen.types("cat ../app.log").shows("three").shows("> ");
}

#[test]
fn exit_warns_of_a_stopped_job_once() {
    let scene = scene();
    let tail = format!("tail -f {}", scene.path("var/log/app.log").display());
    let mut screen = greeted(&scene);
    screen.types("tail -f ../app.log").shows("three").keys("\x1a").shows("stopped").shows("> ");
    screen.types("exit").shows("1 stopped job: fg to go on with it, exit again to end it").shows("> ");
    screen.types("exit");
    let _ = screen.ends();
    until("its end", || processes(&tail).is_empty());
}

#[test]
fn a_hang_up_ends_the_command_and_the_session_on_record() {
    let scene = scene();
    let tail = format!("tail -f {}", scene.path("var/log/app.log").display());
    let mut screen = greeted(&scene);
    screen.types("tail -f ../app.log").shows("three");
    assert_eq!(processes(&tail).len(), 1);
    screen.hang_up();
    let _ = screen.ends();
    until("its end", || processes(&tail).is_empty());
    assert_eq!(scene.records().last().unwrap()["reason_code"], "hang-up");
}

#[test]
fn a_hang_up_at_the_prompt_ends_the_session_on_record() {
    let scene = scene();
    let mut screen = greeted(&scene);
    screen.hang_up();
    let _ = screen.ends();
    assert_eq!(scene.records().last().unwrap()["reason_code"], "hang-up");
}

#[test]
fn a_stopped_job_does_not_survive_a_hang_up() {
    let scene = scene();
    let tail = format!("tail -f {}", scene.path("var/log/app.log").display());
    let mut screen = greeted(&scene);
    screen.types("tail -f ../app.log").shows("three").keys("\x1a").shows("stopped").shows("> ");
    screen.hang_up();
    let _ = screen.ends();
    until("its end", || processes(&tail).is_empty());
}

#[test]
fn sigkill_of_gatesh_leaves_no_command_behind() {
    let scene = scene();
    let tail = format!("tail -f {}", scene.path("var/log/app.log").display());
    let mut screen = greeted(&scene);
    screen.types("tail -f ../app.log").shows("three");
    assert_eq!(processes(&tail).len(), 1);
    kill(screen.pid(), Signal::SIGKILL).unwrap();
    let _ = screen.ends();
    until("its end", || processes(&tail).is_empty());
}

#[test]
fn sigterm_ends_the_command_and_the_session_on_record() {
    let scene = scene();
    let tail = format!("tail -f {}", scene.path("var/log/app.log").display());
    let mut screen = greeted(&scene);
    screen.types("tail -f ../app.log").shows("three");
    kill(screen.pid(), Signal::SIGTERM).unwrap();
    let _ = screen.ends();
    assert!(processes(&tail).is_empty());
    assert_eq!(scene.records().last().unwrap()["reason_code"], "terminated");
}

#[test]
fn the_terminal_is_given_back_as_it_was_found() {
    let scene = scene();
    let mut screen = scene.at_terminal();
    let before = screen.settings();
    screen.shows("> ").types("cat ../app.log").shows("three").shows("> ").types("exit");
    let _ = screen.ends();
    assert_eq!(screen.settings(), before);
}

/// gatesh's own output nobody can hold up; that of a command is the person's to hold.
#[test]
fn ctrl_s_is_for_commands() {
    let scene = scene();
    let mut screen = greeted(&scene);
    let heeds = |screen: &Screen| screen.settings().input_flags.contains(InputFlags::IXON);
    screen.types("tail -f ../app.log").shows("three");
    assert!(heeds(&screen));
    screen.keys("\x03").shows("app> ");
    assert!(!heeds(&screen));
}

#[test]
fn what_is_typed_ahead_is_not_lost() {
    let scene = scene();
    let mut screen = greeted(&scene);
    screen.keys("sleep 1\rpwd\rcat ../app.log\rexit\r");
    let _ = screen.ends();
    assert!(
        screen.seen().contains("/var/log/app\r\n") && screen.seen().contains("three"),
        "{}",
        screen.seen()
    );
}

#[test]
fn the_history_is_of_this_session_only() {
    let scene = scene();
    let mut first = greeted(&scene);
    first.types("pwd").shows("> ").types("exit");
    let _ = first.ends();
    let mut second = greeted(&scene);
    second.types("history").shows("1  history").shows("> ");
    second.keys("\x1b[A").shows("history").keys("\x1b[A\x1b[A").settle();
    assert!(!second.seen().contains("pwd"), "{}", second.seen());
}

#[test]
fn a_dumb_terminal_and_one_without_a_name_get_no_escape_sequences() {
    for terminal in ["dumb", ""] {
        let scene = Gatesh::new().policy(RULES).env("TERM", terminal);
        let mut screen = greeted(&scene);
        screen.types("cat ../app.log").shows("three").shows("> ");
        screen.types("cat /etc/shadow").shows("not allowed").shows("> ");
        screen.types("exit");
        let _ = screen.ends();
        assert!(!screen.raw().contains('\x1b'), "{terminal:?}: {:?}", screen.raw());
    }
}

#[test]
fn a_pager_shows_the_log_and_starts_nothing() {
    if !Path::new("/usr/bin/less").exists() {
        return crate::scenario::lacks("less");
    }
    let scene = scene();
    let mut screen = greeted(&scene);
    screen.types("less ../app.log").shows("three").settle();
    screen.keys(&scene.spelled("!{top}/tmp/mk\r")).settle().keys("\r").settle();
    screen.keys("q").settle().keys("\x03").settle();
    assert!(!scene.marker().exists());
}

#[test]
fn a_removed_log_stops_the_session_in_its_tracks() {
    let scene = scene();
    let mut screen = greeted(&scene);
    std::fs::remove_file(scene.path("audit.log")).unwrap();
    screen.types("cat ../app.log").shows("nothing runs without a record").shows("[125]> ");
    assert!(!screen.seen().contains("two ERROR"));
}
