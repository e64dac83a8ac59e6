//! What gatesh does itself: help, cd, pwd, history, jobs, fg, bg, clear, exit; and what the session does about its jobs.

use std::time::{Duration, Instant, SystemTime};

use nix::errno::Errno;
use nix::unistd::fchdir;

use super::opening::Session;
use super::say::{lines, print, put, say, width};
use crate::audit::Reason;
use crate::command::Builtin;
use crate::excerpt::{escape, fold};
use crate::input::{is_addressable, pages};
use crate::launch::outcome::Cause;
use crate::policy::decide::Bench;
use crate::policy::listing;
use crate::policy::paths::View;
use crate::policy::programs::Programs;
use crate::words::Word;

impl Session {
    pub(super) fn builtin(&mut self, raw: &[u8], builtin: Builtin) -> Option<Reason> {
        self.status = 0;
        match builtin {
            Builtin::Help(words) => self.help(&words),
            Builtin::Cd(word) => self.change_directory(raw, word.as_ref()),
            Builtin::Pwd => self.say_directory(),
            Builtin::History => self.say_history(),
            Builtin::Jobs => {
                self.jobs.describe().iter().for_each(|line| {
                    print(line);
                });
                None
            }
            Builtin::Foreground(number) => self.foreground(number),
            Builtin::Background(number) => self.background(number),
            Builtin::Clear => {
                self.clear();
                None
            }
            Builtin::Exit => self.leave(Reason::Exit),
        }
    }

    fn help(&mut self, words: &[Word]) -> Option<Reason> {
        let policy = self.rules.policy();
        let named = words.iter().find(|word| word.text() != "sudo").or(words.first());
        let text = match named.map(Word::text) {
            None => listing::overview(policy, width()),
            Some(program) => match listing::about(policy, program, width())
                .or_else(|| builtin_in_words(program))
            {
                Some(text) => text,
                None => {
                    say(&format!("no rule of yours names {}: help lists what you may run", escape(program)));
                    return self.failed(1);
                }
            },
        };
        self.show(&text)
    }

    /// A text that may be longer than the screen.
    fn show(&mut self, text: &[String]) -> Option<Reason> {
        let idle = self.rules.policy().settings.idle_timeout;
        let left = pages::show(text, idle, self.deadline, &mut || self.jobs.tend(&mut self.audit));
        self.typed_ahead.extend(left.typed);
        left.ending.and_then(|ending| self.may_end(ending))
    }

    fn change_directory(&mut self, raw: &[u8], word: Option<&Word>) -> Option<Reason> {
        let home = self.person.home.to_string_lossy().into_owned();
        let mut typed = word.map_or(home.as_str(), Word::text);
        let before = self.previous_directory.clone();
        if typed == "-" {
            let Some(before) = &before else {
                say("cd: there is no directory before this one");
                return self.failed(1);
            };
            typed = before;
        }
        let here = std::env::current_dir().ok().and_then(|here| here.to_str().map(str::to_owned));
        let policy = std::rc::Rc::clone(self.rules.policy());
        // From a directory that is gone, absolute paths and home still lead somewhere.
        let Ok(view) = View::host().or_else(|_| View::from_root()) else {
            return self.failed(1);
        };
        let programs = Programs::on_host(&policy.settings.program_path);
        let bench =
            Bench { policy: &policy, view: &view, programs: &programs, clock: Some(SystemTime::now()) };
        match bench.enter(typed) {
            Ok(found) => {
                let descriptor = found.descriptor.as_ref();
                if let Err(errno) = descriptor.map_or(Err(Errno::ENOENT), fchdir) {
                    say(&format!("cd: {}: {}", escape(typed), errno.desc()));
                    return self.failed(1);
                }
                self.previous_directory = here;
                match word {
                    Some(word) if word.text() == "-" => self.say_directory(),
                    Some(_) | None => None,
                }
            }
            Err(nearest) => {
                say(&format!("cd: {}", nearest.text()));
                self.refused_directory(raw, nearest.text())
            }
        }
    }

    fn say_directory(&mut self) -> Option<Reason> {
        match std::env::current_dir() {
            Ok(directory) => {
                print(&escape(&directory.to_string_lossy()));
                None
            }
            Err(_) => {
                say("the current directory is gone: cd elsewhere");
                self.failed(1)
            }
        }
    }

    fn say_history(&mut self) -> Option<Reason> {
        if self.history.is_off() {
            say("this host keeps no history");
            return self.failed(1);
        }
        let numbered = self.history.lines().iter().enumerate();
        let lines: Vec<String> = numbered
            .map(|(index, line)| format!("{:5}  {}", index.saturating_add(1), escape(line)))
            .collect();
        self.show(&lines)
    }

    fn foreground(&mut self, number: Option<u32>) -> Option<Reason> {
        let Some(kept) = self.jobs.take(number) else { return self.no_such_job() };
        lines(&[kept.job.text().to_owned()]);
        let mut tend = || self.jobs.tend(&mut self.audit);
        let outcome = kept.job.resume(&mut self.terminal, self.deadline, &mut tend);
        self.came_back(outcome, kept.starts, Some(kept.number))
    }

    fn background(&mut self, number: Option<u32>) -> Option<Reason> {
        let Some(mut kept) = self.jobs.take(number) else { return self.no_such_job() };
        kept.job.resume_in_background();
        self.jobs.keep(kept.job, kept.starts, Some(kept.number));
        lines(&self.jobs.describe().into_iter().last().into_iter().collect::<Vec<_>>());
        None
    }

    /// A terminal that can only print would print the sequence.
    fn clear(&self) {
        let term = self.inherited.iter().find(|(name, _)| name == "TERM").map(|(_, value)| value);
        if self.is_prompt && is_addressable(term) {
            put("\x1b[H\x1b[2J");
        }
    }

    fn no_such_job(&mut self) -> Option<Reason> {
        say(if self.jobs.is_empty() { "there is no job" } else { "no such job: jobs lists them" });
        self.failed(1)
    }

    /// Looks after jobs that are not in front, and says which stopped and how others ended. Answers when to look
    /// again at the latest.
    pub(super) fn report_jobs(&mut self) -> Option<Instant> {
        let due = self.jobs.tend(&mut self.audit);
        for (kept, ended) in self.jobs.ended() {
            let why = match (ended.by, ended.limit) {
                (Some(Cause::Timeout), Some(limit)) => {
                    format!(": the rule's time limit of {}", listing::spelled(limit))
                }
                _ => String::new(),
            };
            lines(&[format!("[{}]  ended ({}{why})   {}", kept.number, ended.code(), kept.job.text())]);
        }
        lines(&self.jobs.halted());
        due
    }

    /// A job's time is up while the prompt waits for a key. Most programs end at once when they are asked to.
    pub(super) fn jobs_are_due(&mut self) {
        const MOMENT: Duration = Duration::from_millis(200);
        const PAUSE: Duration = Duration::from_millis(5);
        let begun = Instant::now();
        self.jobs.tend(&mut self.audit);
        while self.jobs.are_ending() && begun.elapsed() < MOMENT {
            std::thread::sleep(PAUSE);
            self.jobs.tend(&mut self.audit);
        }
    }

    /// `exit`, or the end of input: the first time with jobs left it only warns.
    pub(super) fn leave(&mut self, cause: Reason) -> Option<Reason> {
        self.report_jobs();
        if self.jobs.is_empty() || self.was_warned || self.is_over() {
            return Some(cause);
        }
        self.was_warned = true;
        let count = self.jobs.count();
        let stopped = if self.jobs.are_stopped() { "stopped " } else { "" };
        let (jobs, it) = if count == 1 { ("job", "it") } else { ("jobs", "one") };
        let end = if count == 1 { "it" } else { "them" };
        say(&format!("{count} {stopped}{jobs}: fg to go on with {it}, exit again to end {end}"));
        None
    }

    /// All at once: one that does not heed it must not keep the others.
    pub(super) fn end_jobs(&mut self) {
        const PAUSE: Duration = Duration::from_millis(5);
        self.jobs.ask(Cause::Request);
        loop {
            self.jobs.tend(&mut self.audit);
            if self.jobs.is_empty() {
                break;
            }
            std::thread::sleep(PAUSE);
        }
        // Each takes its TMPDIR along.
        drop(self.jobs.ended());
    }

    fn refused_directory(&mut self, raw: &[u8], text: &str) -> Option<Reason> {
        self.record_denied(raw, None, None, Reason::DirectoryNotAllowed, text);
        self.denied()
    }
}

/// What `help` says of gatesh's own commands.
fn builtin_in_words(name: &str) -> Option<Vec<String>> {
    let text = match name {
        "help" | "?" => "help [COMMAND]   what you may run, or all about one command",
        "cd" => "cd [DIRECTORY]   goes to a directory that your rules open; alone, home; -, back",
        "pwd" => "pwd   says where you are",
        "history" => "history   lists the lines you entered; Up and Ctrl-R find them again",
        "jobs" => "jobs   lists commands that were stopped with Ctrl-Z or run in the background",
        "fg" => "fg [%N]   goes on with a job",
        "bg" => "bg [%N]   lets a stopped job go on while you do something else",
        "exit" | "logout" => "exit   ends the session with the last exit status; so does Ctrl-D",
        "clear" => "clear   clears the screen; so does Ctrl-L",
        "set" => "set -o vi, set -o emacs   edits lines with the keys of vi, or of Emacs again",
        _ => return None,
    };
    Some(fold("", "    ", text, width()))
}
