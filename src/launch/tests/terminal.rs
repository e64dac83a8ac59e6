//! What keys do: Ctrl-C, Ctrl-Z, a hang-up; and that the terminal comes back as it was lent.

use nix::sys::termios::{LocalFlags, tcgetattr};
use nix::unistd::{getpgrp, tcgetpgrp};

use super::super::job::{Job, Outcome};
use super::super::outcome::{Cause, Status};
use super::super::terminal::Terminal;
use super::stage::{Person, at_a_terminal, ended, order, say, shell, start};

fn stopped(outcome: Outcome) -> Job {
    match outcome {
        Outcome::Stopped(job) => job,
        Outcome::Ended(ended) => panic!("ended: {ended:?}"),
    }
}

fn is_ours() -> bool {
    tcgetpgrp(std::io::stdin()) == Ok(getpgrp())
}

at_a_terminal! {
    fn ctrl_c_ends_the_command_and_nothing_else() {
        person: |person: &mut Person| {
            person.expect("begun");
            person.types("\x03");
            person.expect("still here");
        },
        session: {
            let mut terminal = Terminal::acquire().unwrap();
            let line = vec![shell("echo begun; exec tail -f /dev/null")];
            let ended = ended(start(line, &mut terminal).unwrap());
            assert_eq!((ended.statuses, ended.by), (vec![Status::Signal(2)], None));
            assert!(is_ours());
            assert_eq!(ended_next(&mut terminal), 0);
            say("still here");
        }
    }

    fn output_that_a_command_stopped_goes_on_after_it() {
        person: |person: &mut Person| {
            person.expect("still here");
        },
        session: {
            let mut terminal = Terminal::acquire().unwrap();
            let line = vec![order("python3", &["-Sc", "import termios; termios.tcflow(0, termios.TCOOFF)"])];
            assert_eq!(ended(start(line, &mut terminal).unwrap()).code(), 0);
            say("still here");
        }
    }

    fn a_descriptor_that_a_command_made_non_blocking_waits_again_after_it() {
        person: |person: &mut Person| {
            person.expect("begun");
            person.types("a line\n");
        },
        session: {
            let mut terminal = Terminal::acquire().unwrap();
            let line = vec![order("python3", &["-Sc", "import os; os.set_blocking(0, False)"])];
            assert_eq!(ended(start(line, &mut terminal).unwrap()).code(), 0);
            let line = vec![shell("echo begun; exec head -n 1")];
            assert_eq!(ended(start(line, &mut terminal).unwrap()).code(), 0);
        }
    }

    fn ctrl_c_ends_every_stage_of_a_pipeline() {
        person: |person: &mut Person| {
            person.expect("begun");
            person.types("\x03");
        },
        session: {
            let mut terminal = Terminal::acquire().unwrap();
            let line = vec![order("sleep", &["1000"]), shell("echo begun; exec sleep 1000")];
            let ended = ended(start(line, &mut terminal).unwrap());
            assert_eq!(ended.statuses, [Status::Signal(2); 2]);
        }
    }

    fn ctrl_z_stops_and_resuming_goes_on() {
        person: |person: &mut Person| {
            person.expect("begun");
            person.types("\x1a");
            person.expect("[1]+ stopped   sh -c");
            person.expect("going on");
            person.types("a line\n");
            person.expect("got a line");
        },
        session: {
            let mut terminal = Terminal::acquire().unwrap();
            let line = vec![shell("echo begun; read line; echo got $line; exit 5")];
            let job = stopped(start(line, &mut terminal).unwrap());
            assert!(is_ours() && job.is_stopped());
            say(&job.describe(1, true));
            say("going on");
            assert_eq!(ended(job.resume(&mut terminal, None, &mut || None)).code(), 5);
        }
    }

    fn a_stopped_job_runs_on_in_the_background() {
        person: |person: &mut Person| {
            person.expect("begun");
            person.types("\x1a");
            person.expect("done");
        },
        session: {
            let mut terminal = Terminal::acquire().unwrap();
            let line = vec![shell("echo begun; exec sleep 0.5")];
            let mut job = stopped(start(line, &mut terminal).unwrap());
            assert_eq!(job.poll(), None);
            job.resume_in_background();
            assert!(is_ours() && !job.is_stopped());
            let ended = std::iter::repeat_with(|| job.poll()).inspect(|_| pause()).flatten().next();
            assert_eq!(ended.unwrap().code(), 0);
            say("done");
        }
    }

    fn a_background_job_that_reads_the_terminal_stops() {
        person: |person: &mut Person| {
            person.expect("begun");
            person.types("\x1a");
            person.expect("done");
        },
        session: {
            let mut terminal = Terminal::acquire().unwrap();
            let line = vec![shell("echo begun; read line")];
            let mut job = stopped(start(line, &mut terminal).unwrap());
            job.resume_in_background();
            pause();
            while !job.is_stopped() {
                assert_eq!(job.poll(), None);
            }
            say("done");
            job.ask(Cause::Request);
            let ended = std::iter::repeat_with(|| { pause(); job.poll() }).find_map(|ended| ended);
            assert_eq!(ended.unwrap().statuses, [Status::Signal(15)]);
        }
    }

    fn the_terminals_settings_are_restored_and_typing_ahead_is_kept() {
        person: |person: &mut Person| {
            person.expect("begun");
            person.types("typed ahead\n");
            person.expect("read: typed ahead");
        },
        session: {
            let mut terminal = Terminal::acquire().unwrap();
            let ended = ended(start(vec![shell("stty -echo -isig; echo begun; sleep 0.5")], &mut terminal).unwrap());
            assert_eq!(ended.code(), 0);
            let modes = tcgetattr(std::io::stdin()).unwrap();
            assert!(modes.local_flags.contains(LocalFlags::ECHO | LocalFlags::ISIG));
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).unwrap();
            say(&format!("read: {line}"));
        }
    }

    fn a_command_finds_its_terminal_in_the_foreground_at_once() {
        person: |person: &mut Person| { person.expect("200 times") },
        session: {
            let mut terminal = Terminal::acquire().unwrap();
            for _ in 0..200 {
                let line = vec![order("stty", &["-a"])];
                let shown = super::stage::output_of(|| assert_eq!(ended(start(line, &mut terminal).unwrap()).code(), 0));
                assert!(shown.contains("speed"));
            }
            say("200 times");
        }
    }

    fn a_hang_up_ends_the_command_and_is_told() {
        person: |person: &mut Person| {
            person.expect("begun");
            person.hangs_up();
        },
        session: {
            let mut terminal = Terminal::acquire().unwrap();
            let ended = ended(start(vec![shell("echo begun; exec sleep 1000")], &mut terminal).unwrap());
            assert_eq!((ended.by, ended.statuses), (Some(Cause::HangUp), vec![Status::Signal(1)]));
        }
    }
}

fn pause() {
    std::thread::sleep(std::time::Duration::from_millis(10));
}

fn ended_next(terminal: &mut Terminal) -> u8 {
    ended(start(vec![order("true", &[])], terminal).unwrap()).code()
}
