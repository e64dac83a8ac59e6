//! A session from its first act to its last record, between which [`super::line`] does the work.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use nix::unistd::chdir;

use super::history::History;
use super::jobs::Jobs;
use super::rules::{Rules, Source};
use super::say::{lines, say};
use crate::audit::{AuditError, AuditEvent, AuditLog, Reason, Who};
use crate::excerpt::escape;
use crate::identity::Identity;
use crate::identity::origin::Origin;
use crate::identity::session::{Session as Facts, are_too_many};
use crate::input::invocation::Invocation;
use crate::input::{Ending, Scene};
use crate::launch::terminal::{Farewell, Terminal};
use crate::policy::decide::Bench;
use crate::policy::file::{PolicyErrors, PolicySource};
use crate::policy::listing::spelled;
use crate::policy::paths::View;
use crate::policy::programs::Programs;
use crate::policy::{AuditSettings, OnFailure, Policy, Sink};
use crate::sys::Inherited;
use std::time::SystemTime;

/// Where an installed host has its rules.
const POLICY: &str = "/etc/gatesh";

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
        let person = Identity::of_process().map_err(|error| error.to_string())?;
        let facts = Facts::of_process().map_err(|error| error.to_string())?;
        let source = source(&invocation, &person)?;
        let is_staging = invocation.staging();
        let rules = Rules::load(source, &person, invocation.group.clone()).map_err(|errors| {
            record_fault(&person, &facts, is_staging, &errors.to_string());
            in_words(&errors)
        })?;
        let policy = Rc::clone(rules.policy());
        admit(&person, &policy)?;
        let who = who(&person, &facts, Some(policy.digest.clone()));
        let settings = audit_settings(&policy, invocation.demo);
        let mut audit = AuditLog::open(&settings, who, is_staging).map_err(|error| error.to_string())?;
        refuse_one_too_many(&person, &policy, &mut audit)?;
        let _ = terminal.farewell();
        let deadline = Instant::now().checked_add(policy.settings.max_duration);
        let (history, complaint) = match is_prompt {
            true => History::open(policy.settings.history, person.uid),
            false => (History::default(), None),
        };
        if let Some(complaint) = complaint {
            say(&complaint);
        }
        let session = Self {
            person,
            facts,
            rules,
            audit,
            terminal,
            jobs: Jobs::default(),
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
        };
        session.started()
    }

    /// Goes to where the session may start, and writes its first record.
    fn started(mut self) -> Result<Self, String> {
        let directory = self.start_directory();
        chdir(&directory).map_err(|errno| format!("{}: {}", directory.display(), errno.desc()))?;
        match self.audit.record(&AuditEvent::SessionStart { cwd: &directory }) {
            Ok(_) => Ok(self),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Where it was started if `directories` allows that, else home, else the first that exists, else `/`.
    fn start_directory(&self) -> PathBuf {
        let policy = self.rules.policy();
        let here = std::env::current_dir().ok().and_then(|path| path.to_str().map(str::to_owned));
        let Ok(view) = View::host() else { return PathBuf::from("/") };
        let programs = Programs::on_host(&policy.settings.program_path);
        let bench = Bench { policy, view: &view, programs: &programs, clock: Some(SystemTime::now()) };
        let start = bench.start(here.as_deref(), &self.person.home);
        start.map_or_else(|| PathBuf::from("/"), |found| found.path)
    }

    /// What a person reads on arrival.
    pub(super) fn greet(&self) {
        if !self.is_prompt {
            return;
        }
        let policy = self.rules.policy();
        let groups: Vec<&str> = policy.groups.iter().map(|group| group.name.as_str()).collect();
        let groups = if groups.is_empty() { "no rules".to_owned() } else { groups.join(", ") };
        let labels = &policy.settings.labels;
        let labels = if labels.is_empty() { String::new() } else { format!(" ({})", labels.join(", ")) };
        let host = &self.facts.host;
        lines(&[format!("gatesh  {groups} on {host}{labels}.  help shows what you may run.")]);
    }

    /// What the prompt has to know.
    pub(super) fn scene(&self) -> Scene<'_> {
        Scene {
            prompt: if self.is_prompt { self.prompt() } else { String::new() },
            policy: self.rules.policy(),
            home: self.person.home.to_string_lossy().into_owned(),
            history: self.history.lines(),
            deadline: self.deadline,
            forgets: self.was_interrupted || self.was_asked,
        }
    }

    /// `ann@host:/opt/app/logs> `, the directory shortened from the left, and the exit status where it matters.
    fn prompt(&self) -> String {
        const MOST: usize = 40;
        let directory = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("?"));
        let directory = escape(&directory.to_string_lossy());
        let length = directory.chars().count();
        let shown = match length.checked_sub(MOST) {
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
            (None, Ending::EndOfInput | Ending::Unreadable | Ending::Told) => Reason::EndOfInput,
            (None, Ending::Idle) => {
                let idle = spelled(self.rules.policy().settings.idle_timeout);
                say(&format!("no input for {idle}: session ended"));
                Reason::Idle
            }
            (None, Ending::Over) => {
                let most = spelled(self.rules.policy().settings.max_duration);
                say(&format!("the session's {most} are over: session ended"));
                Reason::MaxDuration
            }
        };
        match self.is_prompt && reason == Reason::EndOfInput && ending == Ending::EndOfInput {
            true => self.leave(reason),
            false => Some(reason),
        }
    }

    /// Ctrl-C at the prompt.
    pub(super) fn interrupted(&mut self) -> Option<Reason> {
        self.shows_status = false;
        None
    }

    /// Ends what still runs and writes the last record. Answers the exit status.
    pub(super) fn close(mut self, cause: Reason) -> u8 {
        self.end_jobs();
        crate::launch::leftovers::sweep(&[]);
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

/// Which rules, and whether others than the host's may be asked for.
fn source(invocation: &Invocation, person: &Identity) -> Result<Source, String> {
    let option = if invocation.demo { "--demo" } else { "--config" };
    if invocation.staging() && is_gated(person) {
        return Err(format!("{option} is not for you: gatesh already holds you to the rules of this host"));
    }
    Ok(match &invocation.config {
        _ if invocation.demo => Source::Demo,
        Some(directory) => Source::Files(PolicySource::staging(directory.clone(), person.uid)),
        None => Source::Files(PolicySource::installed()),
    })
}

/// Whether the person's login shell is gatesh or a file of the host's applies to them. Any doubt is a yes.
fn is_gated(person: &Identity) -> bool {
    // By file, so that a link of either kind and any name is gatesh still.
    let file_of = |path: &Path| path.metadata().ok().map(|about| (about.dev(), about.ino()));
    let own = file_of(Path::new("/proc/self/exe"));
    let is_shell = person.shell.file_name().is_some_and(|name| name == "gatesh")
        || own.is_none()
        || own == file_of(&person.shell);
    let file = |group: &str| Path::new(POLICY).join("groups.d").join(format!("{group}.toml"));
    let applies = |name: &str| !matches!(file(name).symlink_metadata(), Err(error) if is_absent(&error));
    is_shell || person.groups.iter().any(|group| !group.name.contains('/') && applies(&group.name))
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound)
}

fn admit(person: &Identity, policy: &Policy) -> Result<(), String> {
    if person.uid == 0 && !policy.settings.root {
        return Err("root is not let in: a gate for someone who can open any other is none".to_owned()
            + "\n        (session.root = true in gatesh.toml lets root in; gatesh --demo is for trying it out)");
    }
    if policy.groups.is_empty() {
        let groups: Vec<&str> = person.groups.iter().map(|group| group.name.as_str()).collect();
        return Err(format!("none of your groups has rules on this host ({})", escape(&groups.join(", "))));
    }
    Ok(())
}

fn in_words(errors: &PolicyErrors) -> String {
    errors.choice().map_or_else(
        || {
            format!(
                "your rules cannot be read: nothing runs until they are mended\n        ask your administrator: {}",
                errors.summary_for_person()
            )
        },
        str::to_owned,
    )
}

/// `max_sessions`. This one is among those counted; where they cannot be counted, it is one too many.
fn refuse_one_too_many(person: &Identity, policy: &Policy, audit: &mut AuditLog) -> Result<(), String> {
    let most = policy.settings.max_sessions;
    let allowed = usize::try_from(most).unwrap_or(usize::MAX);
    if are_too_many(person.uid, allowed).is_ok_and(|too_many| !too_many) {
        return Ok(());
    }
    let sessions = if most == 1 { "a session".to_owned() } else { format!("{most} sessions") };
    let text = format!("you already have {sessions}, the most that are allowed: end one first");
    let _ = audit.record(&AuditEvent::Fault { reason: Reason::TooManySessions, text: &text });
    Err(text)
}

fn audit_settings(policy: &Policy, demo: bool) -> AuditSettings {
    match demo {
        true => AuditSettings { sink: Sink::StandardError, on_failure: OnFailure::Deny },
        false => policy.settings.audit.clone(),
    }
}

/// A fault in the rules is worth a record, though the settings that say where it goes may be the fault: the
/// default log is tried, and nothing is made of its failing, because the session ends anyway.
fn record_fault(person: &Identity, facts: &Facts, staging: bool, text: &str) {
    let settings = AuditSettings { sink: Sink::Syslog, on_failure: OnFailure::Deny };
    let opened: Result<AuditLog, AuditError> = AuditLog::open(&settings, who(person, facts, None), staging);
    if let Ok(mut audit) = opened {
        let _ = audit.record(&AuditEvent::Fault { reason: Reason::PolicyUnreadable, text });
    }
}

fn who(person: &Identity, facts: &Facts, policy: Option<String>) -> Who {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn is_held_by(shell: &Path) -> bool {
        let (user, home) = ("ann".to_owned(), PathBuf::from("/home/ann"));
        is_gated(&Identity { uid: 1, user, home, shell: shell.to_owned(), groups: Vec::new() })
    }

    #[test]
    fn a_login_shell_is_gatesh_by_whatever_name() {
        let own = std::env::current_exe().unwrap();
        let place = tempfile::tempdir_in(own.parent().unwrap()).unwrap();
        std::fs::hard_link(&own, place.path().join("hard")).unwrap();
        std::os::unix::fs::symlink(&own, place.path().join("soft")).unwrap();
        for name in ["hard", "soft"] {
            assert!(is_held_by(&place.path().join(name)), "{name}");
        }
        assert!(is_held_by(Path::new("/nowhere/gatesh")));
        assert!(!is_held_by(Path::new("/bin/sh")));
    }
}
