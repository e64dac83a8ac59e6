//! What becomes of one line: cut, named, judged whole; then, a pipeline at a time, recorded, run, recorded. Nothing
//! of a line runs when any command of it is denied.

use std::rc::Rc;
use std::time::{Instant, SystemTime};

use super::note::Note;
use super::opening::Session;
use super::rules::{Change, Fault};
use super::say::{lines, say};
use super::{CANNOT_WORK, DENIED, NO_PROGRAM, USAGE, ask};
use crate::audit::{AuditError, AuditEvent, Reason};
use crate::command::{CommandLine, Joint, Line, read};
use crate::launch::confinement::abi::Kernel;
use crate::launch::job::{Input, Outcome, run};
use crate::launch::outcome::{Cause, Ended, Status};
use crate::launch::{Launch, LaunchError, Surroundings, leftovers};
use crate::policy::Rule;
use crate::policy::decide::{Bench, Decision, Grant, Judged, judge_line};
use crate::policy::denial::{Denial, Setting};
use crate::policy::listing;
use crate::policy::paths::View;
use crate::policy::programs::Programs;
use crate::words::LineFault;

/// A command that may run, with its place among the commands of the line.
struct Allowed {
    stage: usize,
    grant: Grant,
}

/// What the person was asked about, and what was answered.
struct Asked {
    rule: Rc<Rule>,
    argv: Vec<String>,
    reason: Option<String>,
}

impl Asked {
    /// Whether it is this very command that the answers are about, or nothing is to be asked about it.
    fn is_about(&self, grant: &Grant) -> bool {
        !asks(grant) || (Rc::ptr_eq(&self.rule, grant.rule()) && self.argv == grant.argv())
    }
}

fn asks(grant: &Grant) -> bool {
    grant.rule().confirm || grant.rule().reason.is_some()
}

/// The first command of a line that may not.
struct Refused {
    stage: usize,
    denial: Denial,
    setting: Setting,
}

impl Session {
    /// Does what a line says. `Some` when the session ends with it.
    pub(super) fn perform(&mut self, raw: &[u8]) -> Option<Reason> {
        self.report_jobs();
        self.shows_status = false;
        if self.is_over() {
            return Some(Reason::MaxDuration);
        }
        if !self.rules_hold() {
            return self.failed(CANNOT_WORK);
        }
        match read(raw, &self.person.home.to_string_lossy()) {
            Ok(Line::Empty) => None,
            Ok(Line::Builtin(builtin)) => {
                self.remember(raw);
                self.builtin(raw, builtin)
            }
            Ok(Line::Run(line)) => {
                self.remember(raw);
                self.run_line(raw, &line)
            }
            Err(fault) => self.not_understood(raw, &fault),
        }
    }

    fn remember(&mut self, raw: &[u8]) {
        self.was_warned = false;
        if self.is_prompt {
            self.history.push(String::from_utf8_lossy(raw).into_owned());
        }
    }

    fn run_line(&mut self, raw: &[u8], line: &CommandLine) -> Option<Reason> {
        let stages = line.commands().count();
        // The whole line is judged before anything of it starts; all but the first pipeline again before they do.
        let mut first = match self.judge_all(line) {
            Some(Ok(allowed)) => allowed,
            Some(Err(refused)) => return self.refuse(raw, stages, &refused),
            None => return self.lost(),
        };
        let Some(mut asked) = self.ask_all(raw, &first, stages) else { return self.denied() };
        let mut done = line.first.commands.len();
        let mut ending = match first.iter().any(|one| asks(&one.grant)) {
            // An answer can take hours, in which rules, membership and time go on.
            true => self.run_next(raw, line, 0, done, &mut asked),
            false => {
                first.truncate(done);
                self.run_pipeline(raw, stages, first, &asked)
            }
        };
        for (joint, pipeline) in &line.rest {
            let wanted = match joint {
                Joint::And => self.status == 0,
                Joint::Or => self.status != 0,
                Joint::Then => true,
            };
            if ending.is_some() {
                return ending;
            }
            if wanted {
                ending = self.run_next(raw, line, done, pipeline.commands.len(), &mut asked);
            }
            done = done.saturating_add(pipeline.commands.len());
        }
        ending
    }

    /// A later pipeline of a line: rules, membership and `when` are looked at again, and so are the words. What
    /// was not asked about, because another rule or other words are what runs now, is asked.
    fn run_next(
        &mut self,
        raw: &[u8],
        line: &CommandLine,
        from: usize,
        count: usize,
        asked: &mut [Asked],
    ) -> Option<Reason> {
        if self.is_over() {
            return Some(Reason::MaxDuration);
        }
        if !self.rules_hold() {
            return self.failed(CANNOT_WORK);
        }
        let stages = line.commands().count();
        match self.judge_all(line) {
            Some(Ok(allowed)) => {
                let these: Vec<Allowed> = allowed.into_iter().skip(from).take(count).collect();
                for one in &these {
                    let Some(answered) = asked.get_mut(one.stage).filter(|asked| !asked.is_about(&one.grant))
                    else {
                        continue;
                    };
                    match self.ask_all(raw, std::slice::from_ref(one), stages).map(|mut new| new.pop()) {
                        Some(Some(new)) => *answered = new,
                        Some(None) | None => return self.denied(),
                    }
                }
                self.run_pipeline(raw, stages, these, asked)
            }
            Some(Err(refused)) => self.refuse(raw, stages, &refused),
            None => self.lost(),
        }
    }

    /// Every command of the line, or the first that is refused. `None` in a directory that is gone, where
    /// relative paths mean nothing.
    fn judge_all(&self, line: &CommandLine) -> Option<Result<Vec<Allowed>, Box<Refused>>> {
        let policy = self.rules.policy();
        let programs = Programs::on_host(&policy.settings.program_path);
        let view = View::host().ok()?;
        let bench = Bench { policy, view: &view, programs: &programs, clock: Some(SystemTime::now()) };
        let judged = judge_line(&bench, line);
        let stages = judged.len();
        let allow = |Judged { stage, judgement }: Judged<'_>| match judgement.decision {
            Decision::Allow(grant) => Ok(Allowed { stage: stage.index, grant: *grant }),
            Decision::Deny(denial) => {
                let setting = Setting::of(policy, &stage, stages);
                Err(Box::new(Refused { stage: stage.index, denial: *denial, setting }))
            }
        };
        Some(judged.into_iter().map(allow).collect())
    }

    fn lost(&mut self) -> Option<Reason> {
        say("the current directory is gone: cd elsewhere");
        self.failed(CANNOT_WORK)
    }

    /// Everything a line's rules ask for is asked before anything starts.
    fn ask_all(&mut self, raw: &[u8], allowed: &[Allowed], stages: usize) -> Option<Vec<Asked>> {
        let mut asked = Vec::with_capacity(allowed.len());
        for Allowed { stage, grant } in allowed {
            match ask::questions(grant, self.reason.as_deref(), &self.host_with_labels()) {
                Ok(reason) => {
                    asked.push(Asked { rule: Rc::clone(grant.rule()), argv: grant.argv(), reason });
                }
                Err(not) => {
                    let text = not.text(grant.name());
                    say(&text);
                    let reason = match not {
                        ask::NotAsked::NoReason(_) => Reason::NoReason,
                        ask::NotAsked::NoTerminal | ask::NotAsked::Declined => Reason::NotConfirmed,
                    };
                    self.record_denied(raw, Some((*stage, stages)), reason, &text);
                    return None;
                }
            }
        }
        Some(asked)
    }

    fn host_with_labels(&self) -> String {
        let labels = &self.rules.policy().settings.labels;
        match labels.is_empty() {
            true => self.facts.host.clone(),
            false => format!("{} ({})", self.facts.host, labels.join(", ")),
        }
    }

    fn run_pipeline(
        &mut self,
        raw: &[u8],
        stages: usize,
        allowed: Vec<Allowed>,
        asked: &[Asked],
    ) -> Option<Reason> {
        let Some(around) = self.surroundings() else { return self.lost() };
        let mut launches = Vec::with_capacity(allowed.len());
        let mut notes = Vec::with_capacity(allowed.len());
        for Allowed { stage, grant } in allowed {
            tell_skipped(&grant);
            let reason = asked.get(stage).and_then(|asked| asked.reason.clone());
            let mut note = Note::of(&grant, stage, stages, around.directory_name.clone(), reason);
            match Launch::plan(grant, &around) {
                Ok(launch) => {
                    note.planned(&launch);
                    launches.push(launch);
                    notes.push(note);
                }
                Err(error) => return self.cannot_start(raw, &note, &error),
            }
        }
        let starts = match self.record_starts(raw, &notes) {
            Ok(starts) => starts,
            Err(error) => {
                say(&error.to_string());
                return self.failed(CANNOT_WORK);
            }
        };
        let input = if self.shares_input { Input::Inherit } else { Input::Null };
        let timeout = launches.iter().filter_map(Launch::timeout).min();
        match run(launches, input, &mut self.terminal, self.deadline) {
            Ok(outcome) => self.came_back(outcome, starts, None, timeout),
            Err(error) => {
                let text = error.to_string();
                say(&text);
                for (note, start) in notes.iter().zip(&starts) {
                    let event = AuditEvent::NotStarted {
                        start: Some(*start),
                        attempt: note.attempt(raw),
                        reason: Reason::LaunchFailed,
                        text: &text,
                    };
                    self.record(&event);
                }
                self.failed(error.code())
            }
        }
    }

    /// A pipeline ended or stopped.
    pub(super) fn came_back(
        &mut self,
        outcome: Outcome,
        starts: Vec<u64>,
        number: Option<u32>,
        timeout: Option<std::time::Duration>,
    ) -> Option<Reason> {
        match outcome {
            Outcome::Ended(ended) => {
                self.record_ends(&starts, &ended);
                leftovers::sweep(&self.jobs.all());
                if ended.by == Some(Cause::Timeout) {
                    let limit = timeout.map(listing::spelled).unwrap_or_default();
                    say(&format!("stopped after {limit}, the time limit of this rule"));
                }
                self.status = ended.code();
                self.shows_status = self.status != 0 && !is_from_the_keyboard(&ended);
                farewell(ended.by)
            }
            Outcome::Stopped(job) => {
                self.jobs.keep(job, starts, number);
                lines(&self.jobs.describe().into_iter().last().into_iter().collect::<Vec<_>>());
                self.status = 128 + 20;
                None
            }
        }
    }

    fn surroundings(&self) -> Option<Surroundings> {
        let View::Host { directory, name } = View::host().ok()? else { return None };
        Some(Surroundings {
            user: self.person.user.clone(),
            uid: self.person.uid,
            home: self.person.home.clone(),
            shell: self.person.shell.clone(),
            inherited: self.inherited.clone(),
            directory: std::rc::Rc::new(directory),
            directory_name: name,
            program_path: self.rules.policy().settings.program_path.clone(),
            landlock: self.rules.policy().settings.landlock,
            kernel: Kernel::probe(),
        })
    }

    fn record_starts(&mut self, raw: &[u8], notes: &[Note]) -> Result<Vec<u64>, AuditError> {
        notes.iter().map(|note| self.audit.record(&AuditEvent::CommandStart(note.attempt(raw)))).collect()
    }

    pub(super) fn record_ends(&mut self, starts: &[u64], ended: &Ended) {
        for (start, status) in starts.iter().zip(&ended.statuses) {
            let (code, signal) = match status {
                Status::Code(code) => (Some(i32::from(*code)), None),
                Status::Signal(number) => (None, Some(i32::from(*number))),
                Status::Left => (None, None),
            };
            self.record(&AuditEvent::CommandEnd {
                start: *start,
                status: code,
                signal,
                timed_out: ended.by == Some(Cause::Timeout),
                duration: ended.duration,
            });
        }
    }

    /// A record after the fact: what it is about has happened, so its failing can only be said. The next
    /// command is refused by its own start record.
    fn record(&mut self, event: &AuditEvent<'_>) {
        if let Err(error) = self.audit.record(event) {
            say(&error.to_string());
        }
    }

    fn record_denied(&mut self, raw: &[u8], stage: Option<(usize, usize)>, reason: Reason, text: &str) {
        let stage = stage.map(|(index, stages)| {
            let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            (count(index.saturating_add(1)), count(stages))
        });
        let cwd = std::env::current_dir().unwrap_or_default();
        self.record(&AuditEvent::Denied { line: raw, stage, rule: None, cwd: &cwd, reason, text });
    }

    fn refuse(&mut self, raw: &[u8], stages: usize, refused: &Refused) -> Option<Reason> {
        let explain = self.rules.policy().settings.explain;
        lines(&refused.denial.lines(explain, &refused.setting));
        let reason = reason_of(refused.denial.code());
        self.record_denied(raw, Some((refused.stage, stages)), reason, &refused.denial.reason());
        self.denied()
    }

    fn not_understood(&mut self, raw: &[u8], fault: &LineFault) -> Option<Reason> {
        self.remember(raw);
        say(&fault.message());
        lines(&fault.cure().into_iter().map(|cure| format!("        {cure}")).collect::<Vec<_>>());
        self.record_denied(raw, None, Reason::NotUnderstood, &fault.message());
        self.denied();
        self.failed(USAGE)
    }

    fn cannot_start(&mut self, raw: &[u8], note: &Note, error: &LaunchError) -> Option<Reason> {
        let text = error.to_string();
        say(&text);
        let (reason, status) = match error {
            LaunchError::Program(error) | LaunchError::Sudo(error) if error.is_missing() => {
                (Reason::NoProgram, NO_PROGRAM)
            }
            LaunchError::Program(_) | LaunchError::Sudo(_) => (Reason::ProgramUntrusted, DENIED),
            _ => (Reason::LaunchFailed, CANNOT_WORK),
        };
        self.record(&AuditEvent::NotStarted { start: None, attempt: note.attempt(raw), reason, text: &text });
        self.failed(status)
    }

    /// Counts a denial; too many end the session.
    fn denied(&mut self) -> Option<Reason> {
        self.denials = self.denials.saturating_add(1);
        self.status = DENIED;
        let most = self.rules.policy().settings.max_denials;
        if self.denials < most {
            return None;
        }
        say(&format!("{most} refusals: session ended"));
        Some(Reason::MaxDenials)
    }

    pub(super) fn failed(&mut self, status: u8) -> Option<Reason> {
        self.status = status;
        self.shows_status = true;
        let most = self.rules.policy().settings.max_denials;
        (self.denials >= most).then_some(Reason::MaxDenials)
    }

    /// Whether rules are in force, after a look at what changed.
    fn rules_hold(&mut self) -> bool {
        match self.rules.refresh(&mut self.person) {
            Change::None => {}
            Change::Reloaded => {
                let policy = std::rc::Rc::clone(self.rules.policy());
                let groups: Vec<String> = self.person.groups.iter().map(|group| group.name.clone()).collect();
                self.record(&AuditEvent::PolicyReload { digest: &policy.digest, groups: &groups });
                if self.is_prompt {
                    say("your rules were changed: help shows what you may run now");
                }
            }
            Change::Faulty(fault) => {
                say("your rules were changed and cannot be read: nothing runs until they are mended");
                let (reason, text) = match fault {
                    Fault::Policy(errors) => {
                        let place =
                            format!("        ask your administrator: {}", errors.summary_for_person());
                        lines(&[place]);
                        (Reason::PolicyFault, errors.to_string())
                    }
                    Fault::Identity(text) => (Reason::IdentityFault, text),
                };
                self.record(&AuditEvent::Fault { reason, text: &text });
            }
        }
        self.rules.hold()
    }

    /// Whether `max_duration` is over.
    pub(super) fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

fn tell_skipped(grant: &Grant) {
    for name in grant.skipped() {
        say(&format!("{name} is left out: such a name cannot be written in a line"));
    }
}

/// The audit record's name for a denial's code.
fn reason_of(code: &str) -> Reason {
    Reason::CODES.iter().find(|(_, known)| *known == code).map_or(Reason::NoMatch, |(reason, _)| *reason)
}

/// The person's own Ctrl-C or Ctrl-\ is no news to them, nor is a reader that left the pipe.
fn is_from_the_keyboard(ended: &Ended) -> bool {
    const INTERRUPT: u8 = 2;
    const QUIT: u8 = 3;
    ended.statuses.iter().any(|status| matches!(status, Status::Signal(INTERRUPT | QUIT)))
}

fn farewell(by: Option<Cause>) -> Option<Reason> {
    match by? {
        Cause::Timeout | Cause::Request => None,
        Cause::SessionOver => Some(Reason::MaxDuration),
        Cause::HangUp => Some(Reason::HangUp),
        Cause::Terminated => Some(Reason::Terminated),
    }
}
