//! Statuses, pipes, time, and what is left behind.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpid};

use super::super::job::{Input, run};
use super::super::leftovers::sweep;
use super::super::outcome::{Cause, Ended, RunError, Status};
use super::super::terminal::Terminal;
use super::super::{Order, Step, StepFailure};
use super::stage::{
    again, alone, blocked, ended, eventually, finish, is_alive, is_alone, order, output, output_of, plan,
    shell, start,
};
use crate::policy::Enforcement;

alone! {
    fn a_commands_exit_status_is_the_lines() {
        let ended = finish(vec![shell("exit 37")]);
        assert_eq!((ended.statuses.clone(), ended.code(), ended.by), (vec![Status::Code(37)], 37, None));
    }

    fn a_signals_status_is_128_and_its_number() {
        let ended = finish(vec![shell("kill -USR1 $$")]);
        assert_eq!((ended.statuses.clone(), ended.code()), (vec![Status::Signal(10)], 138));
    }

    fn a_pipelines_status_is_its_last_commands() {
        let ended = finish(vec![shell("exit 3"), shell("exit 4"), order("true", &[])]);
        assert_eq!(ended.statuses, [Status::Code(3), Status::Code(4), Status::Code(0)]);
        assert_eq!(ended.code(), 0);
    }

    fn a_large_stream_passes_three_stages_whole() {
        let stages = vec![order("head", &["-c", "20000000", "/dev/zero"]), order("cat", &[]), order("wc", &["-c"])];
        assert_eq!(output_of(|| assert_eq!(finish(stages).code(), 0)).trim(), "20000000");
    }

    fn a_reader_that_ends_early_ends_its_writer_by_sigpipe() {
        let mut ended = None;
        output_of(|| ended = Some(finish(vec![order("cat", &["/dev/zero"]), order("head", &["-c", "1"])])));
        assert_eq!(ended.unwrap().statuses, [Status::Signal(13), Status::Code(0)]);
    }

    fn no_stage_holds_anothers_pipe_open() {
        let begun = Instant::now();
        let ended = finish(vec![order("true", &[]), order("cat", &[]), order("sleep", &["0.1"])]);
        assert_eq!(ended.code(), 0);
        assert!(begun.elapsed() < Duration::from_secs(5));
    }

    fn without_input_a_command_reads_nothing() {
        let cat = vec![plan(order("cat", &[]))];
        let outcome = run(cat, Input::Null, &mut Terminal::acquire().unwrap(), None, &mut || None);
        assert_eq!(ended(outcome.unwrap()).code(), 0);
    }

    fn nothing_to_run_is_an_error() {
        let error = run(Vec::new(), Input::Null, &mut Terminal::acquire().unwrap(), None, &mut || None).unwrap_err();
        assert_eq!(error, RunError::Nothing);
    }

    fn arguments_arrive_byte_for_byte() {
        let odd = ["", " ", "a b", "'\"", "\\", "$HOME", "*", "é\u{202e}", "-n", "a\tb"];
        let mut words = vec!["[%s]"];
        words.extend(odd);
        assert_eq!(output(order("printf", &words)), format!("[{}]", odd.join("][")));
    }

    fn argv_0_is_the_rules_name() {
        let mut named = shell("echo \"$0\"");
        named.name = "quite-another".to_owned();
        assert_eq!(output(named), "quite-another\n");
    }

    fn a_command_inherits_three_descriptors_and_no_more() {
        let _kept: Vec<_> = (0..60).map(|_| nix::unistd::dup(std::io::stdin()).unwrap()).collect();
        let listed = output(order("ls", &["/proc/self/fd"]));
        // The fourth is the directory that ls itself reads.
        assert_eq!(listed.split_whitespace().collect::<Vec<_>>(), ["0", "1", "2", "3"]);
    }

    fn signals_are_default_and_unblocked() {
        let shown = output(order("cat", &["/proc/self/status"]));
        let none = |line: &str| line.ends_with("\t0000000000000000");
        let masks = shown.lines().filter(|line| ["SigBlk", "SigIgn", "SigCgt"].iter().any(|key| line.starts_with(key)));
        assert_eq!(masks.map(none).collect::<Vec<_>>(), [true; 3], "{shown}");
    }

    fn no_new_privs_is_set() {
        assert_eq!(output(order("grep", &["NoNewPrivs", "/proc/self/status"])), "NoNewPrivs:\t1\n");
    }

    fn the_umask_is_077_or_the_rules() {
        assert_eq!(output(shell("umask")).trim(), "0077");
        let mut wider = shell("umask");
        wider.terms.umask = Some(0o027);
        assert_eq!(output(wider).trim(), "0027");
    }

    fn limits_are_set_hard() {
        let mut limited = shell("ulimit -Ht; ulimit -Hv; ulimit -Hn; ulimit -Hf; ulimit -Hc");
        let limits = &mut limited.terms.limits;
        (limits.cpu, limits.memory) = (Some(7), Some(1 << 30));
        (limits.files, limits.file_size) = (Some(33), Some(51_200));
        // Blocks of 512 bytes in POSIX, of 1,024 in bash.
        let shown = output(limited);
        let shown: Vec<_> = shown.split_whitespace().collect();
        assert!(shown == ["7", "1048576", "33", "100", "0"] || shown == ["7", "1048576", "33", "50", "0"], "{shown:?}");
    }

    fn a_limit_above_the_hard_one_in_force_is_that_one() {
        let mut wide = shell("ulimit -Hn");
        wide.terms.limits.files = Some(u64::MAX);
        let (_, hard) = nix::sys::resource::getrlimit(nix::sys::resource::Resource::RLIMIT_NOFILE).unwrap();
        assert_eq!(output(wide).trim(), hard.to_string());
    }

    fn a_process_limit_counts_what_runs_already() {
        let mut limited = order("grep", &["Max processes", "/proc/self/limits"]);
        limited.terms.limits.processes = Some(5);
        let shown = output(limited);
        let most: u64 = shown.split_whitespace().nth(2).unwrap().parse().unwrap();
        assert!(most >= 6, "{shown}");
    }

    fn a_command_starts_in_the_directory_held_or_the_rules() {
        assert_eq!(output(order("pwd", &["-P"])).trim(), "/usr");
        let mut elsewhere = order("pwd", &["-P"]);
        elsewhere.terms.cwd = Some("/proc".into());
        assert_eq!(output(elsewhere).trim(), "/proc");
    }

    fn a_program_that_vanished_is_127_and_leaves_no_process() {
        let (whole, mut gone) = (plan(order("sleep", &["1000"])), plan(order("true", &[])));
        gone.program.path = "/usr/bin/no-such-program".into();
        let error = run(vec![whole, gone], Input::Inherit, &mut Terminal::acquire().unwrap(), None, &mut || None).unwrap_err();
        let failure = StepFailure { step: Step::Exec, errno: nix::errno::Errno::ENOENT };
        let RunError::Partly { error, begun } = error else { panic!("{error}") };
        assert_eq!((error.code(), *error), (127, RunError::Start { name: "true".to_owned(), failure }));
        assert_eq!(begun.statuses, [Status::Signal(15)]);
        assert_eq!(sweep(&[], &mut Vec::new()), 0);
        assert!(nix::sys::wait::wait().is_err());
    }

    fn a_timeout_ends_by_term_and_is_124() {
        let mut slow = order("sleep", &["1000"]);
        slow.terms.timeout = Some(Duration::from_millis(100));
        let ended = finish(vec![slow]);
        assert_eq!(ended.statuses, [Status::Signal(15)]);
        assert_eq!((ended.code(), ended.by), (124, Some(Cause::Timeout)));
        assert!(ended.duration < Duration::from_secs(3));
    }

    fn what_ignores_term_is_killed_after_the_grace() {
        let mut stubborn = shell("trap '' TERM; while :; do sleep 1; done");
        stubborn.terms.timeout = Some(Duration::from_millis(100));
        let ended = finish(vec![stubborn]);
        assert_eq!((ended.statuses.clone(), ended.code()), (vec![Status::Signal(9)], 124));
        assert!(ended.duration >= Duration::from_secs(5) && ended.duration < Duration::from_secs(8));
    }

    fn a_command_that_stopped_itself_is_ended_in_time_too() {
        let mut stopped = shell("kill -STOP $$");
        stopped.terms.timeout = Some(Duration::from_millis(100));
        assert_eq!(finish(vec![stopped]).statuses, [Status::Signal(15)]);
    }

    fn what_is_roots_is_asked_and_never_killed() {
        let mut patient = shell("trap '' TERM; for i in 1 2 3 4 5 6; do sleep 1; done; exit 9");
        patient.terms.timeout = Some(Duration::from_millis(100));
        let ended = finish_as_root(patient, None);
        assert_eq!((ended.statuses.clone(), ended.code()), (vec![Status::Code(9)], 124));
    }

    fn what_is_roots_does_not_keep_a_session_from_ending() {
        let stubborn = shell("trap '' TERM; while :; do sleep 1; done");
        let ended = finish_as_root(stubborn, Instant::now().checked_add(Duration::from_millis(100)));
        assert_eq!((ended.statuses.clone(), ended.by), (vec![Status::Left], Some(Cause::SessionOver)));
        assert!(ended.duration < Duration::from_secs(9));
    }

    fn a_pipeline_that_did_not_start_asks_what_is_roots_to_end_and_does_not_wait_for_ever() {
        let begun = Instant::now();
        let failed = |first: Order| {
            let (mut first, mut gone) = (plan(first), plan(order("true", &[])));
            (first.enforcement, gone.program.path) = (Enforcement::Elevated, "/usr/bin/no-such-program".into());
            run(vec![first, gone], Input::Null, &mut Terminal::acquire().unwrap(), None, &mut || None).unwrap_err()
        };
        assert_eq!(failed(order("sleep", &["30"])).code(), 127);
        assert!(begun.elapsed() < Duration::from_secs(20));
        // It closes the pipe that whoever runs this test reads until its end.
        assert_eq!(failed(shell("trap '' TERM; exec sleep 60 >/dev/null 2>&1")).code(), 127);
        assert!(begun.elapsed() < Duration::from_secs(45));
    }

    fn the_sessions_deadline_ends_a_command() {
        let soon = Instant::now().checked_add(Duration::from_millis(100));
        let slow = vec![plan(order("sleep", &["1000"]))];
        let outcome = run(slow, Input::Inherit, &mut Terminal::acquire().unwrap(), soon, &mut || None);
        let ended = ended(outcome.unwrap());
        assert_eq!((ended.by, ended.code()), (Some(Cause::SessionOver), 143));
    }

    fn sigterm_to_gatesh_ends_the_command_and_is_told() {
        let text = format!("kill -TERM {}; exec sleep 1000", getpid());
        let ended = finish(vec![shell(&text)]);
        assert_eq!((ended.by, ended.statuses), (Some(Cause::Terminated), vec![Status::Signal(15)]));
    }

    fn sighup_to_gatesh_hangs_the_command_up() {
        let text = format!("kill -HUP {}; exec sleep 1000", getpid());
        let ended = finish(vec![shell(&text)]);
        assert_eq!((ended.by, ended.statuses), (Some(Cause::HangUp), vec![Status::Signal(1)]));
    }

    fn an_interrupt_reaches_a_command_without_a_terminal() {
        let text = format!("kill -INT {}; exec sleep 1000", getpid());
        let ended = finish(vec![shell(&text)]);
        assert_eq!((ended.by, ended.code()), (None, 130));
    }

    fn stop_signals_do_not_stop_gatesh() {
        let text = format!("kill -TSTP {0}; kill -TTIN {0}; kill -TTOU {0}; kill -QUIT $$", getpid());
        assert_eq!(finish(vec![shell(&text)]).code(), 131);
    }

    fn a_farewell_before_the_start_ends_what_starts() {
        let mut terminal = Terminal::acquire().unwrap();
        kill(getpid(), Signal::SIGTERM).unwrap();
        let ended = ended(start(vec![order("sleep", &["1000"])], &mut terminal).unwrap());
        assert_eq!(ended.by, Some(Cause::Terminated));
    }

    fn an_orphan_in_a_session_of_its_own_is_swept_away() {
        // The substitution ends when the orphan has said who it is and closed the pipe.
        let orphan = "setsid sh -c 'trap \"\" TERM; echo $$; exec sleep 1000 >/dev/null' &";
        let shown = output(shell(&format!("echo $({orphan})")));
        let orphan = shown.trim().parse().unwrap();
        assert!(is_alive(orphan));
        assert_eq!(sweep(&[], &mut Vec::new()), 0);
        assert!(!is_alive(orphan));
    }

    fn a_sweep_with_nothing_to_do_takes_no_time() {
        let ended = finish(vec![order("true", &[])]);
        assert_eq!(ended.code(), 0);
        // The fastest of some, which is what it takes when nothing else runs.
        let times = (0..5).map(|_| {
            let begun = Instant::now();
            assert_eq!(sweep(&[], &mut Vec::new()), 0);
            begun.elapsed()
        });
        assert!(times.min().unwrap() < Duration::from_millis(100));
    }
}

fn finish_as_root(order: Order, deadline: Option<Instant>) -> Ended {
    let mut launch = plan(order);
    launch.enforcement = Enforcement::Elevated;
    ended(run(vec![launch], Input::Null, &mut Terminal::acquire().unwrap(), deadline, &mut || None).unwrap())
}

#[test]
fn sigkill_of_gatesh_leaves_no_command_behind() {
    let name = concat!(module_path!(), "::sigkill_of_gatesh_leaves_no_command_behind");
    if is_alone(name) {
        let _ = finish(vec![shell("echo pid $$ >&2; exec sleep 1000")]);
        return;
    }
    let mut gatesh = blocked(|| again(name).stderr(std::process::Stdio::piped()).spawn().unwrap());
    let mut told = std::io::BufReader::new(gatesh.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut told, &mut line).unwrap();
    let command: i32 = line.trim().strip_prefix("pid ").unwrap().parse().unwrap();
    assert!(is_alive(command));
    kill(Pid::from_raw(gatesh.id().try_into().unwrap()), Signal::SIGKILL).unwrap();
    gatesh.wait().unwrap();
    assert!(eventually(|| !is_alive(command)));
}
