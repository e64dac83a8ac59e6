//! A session from its first act to its last record, between which [`super::line`] does the work.

use std::ffi::OsString;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

use nix::unistd::{chdir, fchdir};

use super::admission::{Comer, Refusal};
use super::history::History;
use super::jobs::Jobs;
use super::last_resort;
use super::rules::Rules;
use super::say::{columns, lines, say};
use crate::audit::{AuditEvent, AuditLog, Reason, Who};
use crate::excerpt::{COLUMNS, escape, fold};
use crate::identity::Identity;
use crate::identity::origin::Origin;
use crate::identity::session::Session as Facts;
use crate::input::invocation::Invocation;
use crate::input::{Ending, Scene};
use crate::launch::terminal::{Farewell, Terminal};
use crate::policy::decide::Bench;
use crate::policy::listing::spelled;
use crate::policy::paths::{CheckedPath, View};
use crate::policy::programs::Programs;
use crate::policy::{AuditSettings, OnFailure, Policy, Sink};
use crate::sys::Inherited;
use std::time::SystemTime;

/// One session.
#[expect(clippy::struct_excessive_bools, reason = "six facts that do not depend on each other")]
pub(super) struct Session {
    pub(super) person: Identity,
    pub(super) facts: Facts,
    pub(super) rules: Rules,
    pub(super) audit: AuditLog,
    pub(super) terminal: Terminal,
    pub(super) jobs: Jobs,
    pub(super) inherited: Vec<(OsString, OsString)>,
    /// Whether a person types the lines.
    pub(super) is_prompt: bool,
    /// Whether commands read gatesh's own standard input.
    pub(super) shares_input: bool,
    /// What `--reason` gave.
    pub(super) reason: Option<String>,
    /// When `max_duration` is over.
    pub(super) deadline: Option<Instant>,
    /// Lines typed, for `history`.
    pub(super) history: History,
    /// Exit status of the last command.
    pub(super) status: u8,
    /// Whether to show it in the prompt.
    pub(super) shows_status: bool,
    pub(super) denials: u32,
    /// Whether `exit` was already answered with a warning about stopped jobs.
    pub(super) was_warned: bool,
    /// Whether Ctrl-C ended the last line.
    pub(super) was_interrupted: bool,
    /// Whether the last line asked something.
    pub(super) was_asked: bool,
    /// Where the person was before the last `cd`.
    pub(super) previous_directory: Option<String>,
    /// A key that left a long text, with which the next line begins.
    pub(super) typed_ahead: String,
}

impl Session {
    /// Asks the kernel who this is, loads the rules whole, and opens the audit log: any of which failing
    /// refuses the session, with the reason.
    pub(super) fn open(
        invocation: Invocation,
        inherited: Inherited,
        is_prompt: bool,
    ) -> Result<Self, String> {
        let mut terminal = Terminal::acquire().map_err(|errno| errno.desc().to_owned())?;
        let facts = Facts::of_process().map_err(|error| error.to_string())?;
        let person = Identity::of_process().map_err(|error| Refusal::unknown(&error, &facts).record())?;
        let is_staging = invocation.staging();
        let comer = Comer { person: &person, facts: &facts, is_staging };
        let source = comer.source(&invocation).map_err(Refusal::record)?;
        let rules = comer.load(source, invocation.group.clone()).map_err(Refusal::record)?;
        let policy = Rc::clone(rules.policy());
        let settings = audit_settings(&policy, invocation.demo);
        comer.admit(&policy, &settings).map_err(Refusal::record)?;
        let who = who(&person, &facts, Some(policy.digest.clone()));
        let audit = AuditLog::open(&settings, who, is_staging).map_err(|error| error.to_string())?;
        let _ = terminal.farewell();
        let deadline = Instant::now().checked_add(policy.settings.max_duration);
        let (history, complaint) = match is_prompt {
            true => History::open(policy.settings.history, person.uid),
            false => (History::default(), None),
        };
        if let Some(complaint) = complaint {
            say(&complaint);
        }
        last_resort::arm(deadline);
        let session = Self {
            person,
            facts,
            rules,
            audit,
            terminal,
            jobs: Jobs::until(deadline),
            inherited: inherited.environment,
            is_prompt,
            shares_input: is_prompt
                || !matches!(invocation.source, crate::input::invocation::Source::StandardInput),
            reason: invocation.reason,
            deadline,
            history,
            status: 0,
            shows_status: false,
            denials: 0,
            was_warned: false,
            was_interrupted: false,
            was_asked: false,
            previous_directory: None,
            typed_ahead: String::new(),
        };
        session.started()
    }

    /// Goes to where the session may start, and writes its first record.
    fn started(mut self) -> Result<Self, String> {
        let directory = self.enter_start_directory()?;
        match self.audit.record(&AuditEvent::SessionStart { cwd: &directory }) {
            Ok(_) => Ok(self),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Enters the directory it was started in if `directories` allows that, else home, else the first that exists,
    /// else `/`: the first of them that the kernel lets it enter, by the descriptor that was checked.
    fn enter_start_directory(&self) -> Result<PathBuf, String> {
        let policy = self.rules.policy();
        let here = std::env::current_dir().ok().and_then(|path| path.to_str().map(str::to_owned));
        let root = View::from_root().map_err(|error| error.to_string())?;
        let programs = Programs::on_host(&policy.settings.program_path);
        let bench = Bench { policy, view: &root, programs: &programs, clock: Some(SystemTime::now()) };
        let mut starts = bench.starts(here.as_deref(), &self.person.home);
        let entered = |found: &CheckedPath| found.descriptor.as_ref().is_some_and(|one| fchdir(one).is_ok());
        match starts.find(entered) {
            Some(found) => Ok(found.path),
            None => chdir("/").map(|()| PathBuf::from("/")).map_err(|errno| format!("/: {}", errno.desc())),
        }
    }

    /// What a person reads on arrival.
    pub(super) fn greet(&self) {
        if !self.is_prompt {
            return;
        }
        let policy = self.rules.policy();
        let groups: Vec<&str> = policy.groups.iter().map(|group| group.name.as_str()).collect();
        let groups = if groups.is_empty() { "no rules".to_owned() } else { groups.join(", ") };
        let mut labels = policy.settings.labels.clone();
        labels.extend(self.rules.are_demo().then(|| "demo".to_owned()));
        let labels = if labels.is_empty() { String::new() } else { format!(" ({})", labels.join(", ")) };
        let host = &self.facts.host;
        let arrival = format!("{groups} on {host}{labels}.  help shows what you may run.");
        lines(&fold("gatesh  ", "        ", &arrival, columns()));
    }

    /// What the prompt has to know; `due` is when jobs have to be looked after.
    pub(super) fn scene(&self, due: Option<Instant>) -> Scene<'_> {
        Scene {
            prompt: if self.is_prompt { self.prompt() } else { String::new() },
            policy: self.rules.policy(),
            home: self.person.home.to_string_lossy().into_owned(),
            history: self.history.lines(),
            deadline: self.deadline,
            typed_ahead: self.typed_ahead.clone(),
            due,
            forgets: self.was_interrupted || self.was_asked,
        }
    }

    /// `ann@host:/opt/app/logs> `, the directory shortened from the left, and the exit status where it matters.
    fn prompt(&self) -> String {
        // A narrow terminal has to leave room to type.
        let most = if columns() < COLUMNS { columns().saturating_div(3) } else { COLUMNS.saturating_div(2) };
        let directory = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("?"));
        let directory = escape(&directory.to_string_lossy());
        let length = directory.chars().count();
        let shown = match length.checked_sub(most) {
            Some(cut) if cut > 0 => {
                let tail: String = directory.chars().skip(cut).collect();
                format!("...{}", tail.find('/').and_then(|at| tail.get(at..)).unwrap_or(&tail))
            }
            Some(_) | None => directory,
        };
        let status = if self.shows_status { format!(" [{}]", self.status) } else { String::new() };
        format!("{}@{}:{shown}{status}> ", self.person.user, self.facts.host)
    }

    /// The person typed the end of input, or the lines are at their end: stopped jobs are worth a warning.
    pub(super) fn may_end(&mut self, ending: Ending) -> Option<Reason> {
        let reason = match (self.terminal.farewell(), ending) {
            (Some(Farewell::HangUp), _) => Reason::HangUp,
            (Some(Farewell::Terminate), _) => Reason::Terminated,
            (None, Ending::Done) => Reason::Exit,
            (None, Ending::EndOfInput | Ending::Unreadable | Ending::Told) => Reason::EndOfInput,
            (None, Ending::Idle) => {
                let idle = spelled(self.rules.policy().settings.idle_timeout);
                say(&format!("no input for {idle}: session ended"));
                Reason::Idle
            }
            (None, Ending::Over) => {
                self.say_it_is_over();
                Reason::MaxDuration
            }
        };
        match self.is_prompt && reason == Reason::EndOfInput && ending == Ending::EndOfInput {
            true => self.leave(reason),
            false => Some(reason),
        }
    }

    /// `max_duration` ends the session, and a running command with it.
    pub(super) fn say_it_is_over(&self) {
        let most = spelled(self.rules.policy().settings.max_duration);
        say(&format!("the session's {most} are over: session ended"));
    }

    /// Ctrl-C at the prompt.
    pub(super) fn interrupted(&mut self) -> Option<Reason> {
        self.shows_status = false;
        self.typed_ahead.clear();
        None
    }

    /// Ends what still runs and writes the last record. Answers the exit status.
    pub(super) fn close(mut self, cause: Reason) -> u8 {
        self.end_jobs();
        last_resort::arm_from_now();
        self.jobs.sweep_others();
        let event = AuditEvent::SessionEnd { status: i32::from(self.status), cause };
        if let Err(error) = self.audit.record(&event) {
            say(&error.to_string());
        }
        let status = self.status;
        self.terminal.give_back();
        // The process ends now, which frees it all at once.
        std::mem::forget(self);
        status
    }
}

fn audit_settings(policy: &Policy, demo: bool) -> AuditSettings {
    match demo {
        true => AuditSettings { sink: Sink::StandardError, on_failure: OnFailure::Deny },
        false => policy.settings.audit.clone(),
    }
}

/// Who a record is about.
pub(super) fn who(person: &Identity, facts: &Facts, policy: Option<String>) -> Who {
    let ssm_session = match &facts.origin {
        Origin::SessionManager { id_hint } => Some(id_hint.clone()),
        Origin::Ssh | Origin::Su | Origin::Console | Origin::Other(_) => None,
    };
    Who {
        pid: facts.pid,
        uid: person.uid,
        user: person.user.clone(),
        groups: person.groups.iter().map(|group| group.name.clone()).collect(),
        session: facts.id.clone(),
        origin: Some(facts.origin.to_string()),
        ssm_session,
        tty: facts.terminal.clone(),
        host: facts.host.clone(),
        policy,
    }
}
