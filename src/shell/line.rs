//! What becomes of one line: cut, named, judged whole; then, a pipeline at a time, recorded, run, recorded. Nothing
//! of a line runs when any command of it is denied.

use std::time::{Instant, SystemTime};

use super::CANNOT_WORK;
use super::ask::{Allowed, Given};
use super::note::Note;
use super::opening::Session;
use super::refuse::Refused;
use super::say::{lines, say};
use crate::audit::{AuditEvent, Reason};
use crate::command::{Builtin, CommandLine, Joint, Line, read};
use crate::excerpt::{Span, escape};
use crate::input::Ending;
use crate::launch::job::{Input, Outcome, run};
use crate::launch::outcome::{Cause, Ended, Status};
use crate::launch::{Launch, Surroundings, leftovers};
use crate::policy::decide::{Bench, Decision, Grant, Judged, judge_line};
use crate::policy::denial::Setting;
use crate::policy::listing;
use crate::policy::paths::{Effort, View};
use crate::policy::programs::Programs;
use crate::words::Word;

/// A line of which the first pipeline has run.
struct Course<'l> {
    raw: &'l [u8],
    line: &'l CommandLine,
    stages: usize,
    effort: Effort,
    answers: Vec<Given>,
    /// How many of its commands had their turn.
    done: usize,
}

impl Session {
    /// Does what a line says. `Some` when the session ends with it.
    pub(super) fn perform(&mut self, raw: &[u8]) -> Option<Reason> {
        self.report_jobs();
        self.shows_status = false;
        self.was_interrupted = false;
        self.was_asked = false;
        self.begun.clear();
        if self.is_over() {
            return self.may_end(Ending::Over);
        }
        if !self.rules_hold() {
            return self.without_rules(raw);
        }
        match read(raw, &self.person.home.to_string_lossy()) {
            Ok(Line::Empty) => None,
            Ok(Line::Builtin(builtin)) => {
                let was_warned = self.was_warned && builtin == Builtin::Exit;
                self.remember(raw);
                self.was_warned = was_warned;
                self.builtin(raw, builtin)
            }
            Ok(Line::Run(line)) => {
                self.remember(raw);
                self.run_line(raw, &line)
            }
            Err(fault) => self.not_understood(raw, &fault),
        }
    }

    pub(super) fn remember(&mut self, raw: &[u8]) {
        self.was_warned = false;
        if self.is_prompt {
            self.history.add(&String::from_utf8_lossy(raw));
        }
    }

    fn run_line(&mut self, raw: &[u8], line: &CommandLine) -> Option<Reason> {
        let stages = line.commands().count();
        let effort = Effort::default();
        // The whole line is judged before anything of it starts; all but the first pipeline again before they do.
        let mut first = match self.judge_all(line, &effort) {
            Some(Ok(allowed)) => allowed,
            Some(Err(refused)) => return self.refuse(raw, stages, &refused),
            None => return self.lost(),
        };
        let answers = match self.ask_all(raw, &first, stages) {
            Ok(answers) => answers,
            Err(ending) => return ending,
        };
        first.truncate(line.first.commands.len());
        let mut ending = self.run_pipeline(raw, stages, first, &answers);
        let mut course = Course { raw, line, stages, effort, answers, done: line.first.commands.len() };
        for (joint, pipeline) in &line.rest {
            let wanted = match joint {
                Joint::And => self.status == 0,
                Joint::Or => self.status != 0,
                Joint::Then => true,
            };
            // As in any shell, Ctrl-C ends the line and not only the command it met.
            if ending.is_some() || (self.is_prompt && self.was_interrupted) {
                return ending;
            }
            let count = pipeline.commands.len();
            if wanted {
                ending = self.run_next(&mut course, count);
            }
            course.done = course.done.saturating_add(count);
        }
        ending
    }

    /// A later pipeline of a line: rules, membership and `when` are looked at again, and so are the words.
    fn run_next(&mut self, course: &mut Course<'_>, count: usize) -> Option<Reason> {
        let Course { raw, line, stages, ref effort, ref mut answers, done } = *course;
        if !self.rules_hold() {
            return self.without_rules(raw);
        }
        match self.judge_all(line, effort) {
            Some(Ok(allowed)) => {
                let these: Vec<Allowed> = allowed.into_iter().skip(done).take(count).collect();
                // What would run now may be another command, or under another rule, than was asked about.
                for (answer, allowed) in answers.iter_mut().skip(done).zip(&these) {
                    if !answer.is_for(&allowed.grant) {
                        *answer = match self.ask(raw, allowed, stages) {
                            Ok(again) => again,
                            Err(ending) => return ending,
                        };
                    }
                }
                self.run_pipeline(raw, stages, these, answers)
            }
            Some(Err(refused)) => self.refuse(raw, stages, &refused),
            None => self.lost(),
        }
    }

    /// Every command of the line, or the first that is refused. `None` in a directory that is gone, where
    /// relative paths mean nothing.
    fn judge_all(&self, line: &CommandLine, effort: &Effort) -> Option<Result<Vec<Allowed>, Box<Refused>>> {
        let policy = self.rules.policy();
        let programs = Programs::on_host(&policy.settings.program_path);
        let view = View::host().ok()?;
        let bench = Bench { policy, view: &view, programs: &programs, clock: Some(SystemTime::now()) };
        let judged = judge_line(&bench, line, effort);
        let stages = judged.len();
        let allow = |Judged { stage, judgement }: Judged<'_>| match judgement.decision {
            Decision::Allow(grant) => {
                Ok(Allowed { stage: stage.index, grant: *grant, typed: extent(stage.command.words()) })
            }
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

    fn run_pipeline(
        &mut self,
        raw: &[u8],
        stages: usize,
        allowed: Vec<Allowed>,
        answers: &[Given],
    ) -> Option<Reason> {
        let Some(around) = self.surroundings() else { return self.lost() };
        let mut launches = Vec::with_capacity(allowed.len());
        let mut notes = Vec::with_capacity(allowed.len());
        let typed = as_typed(raw, &allowed);
        for Allowed { stage, grant, .. } in allowed {
            tell_skipped(&grant);
            let reason = answers.get(stage).and_then(|answer| answer.reason.clone());
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
        if self.terminal.interrupted() {
            return self.interrupted_before_its_start();
        }
        let starts = match self.record_starts(raw, &notes) {
            Ok(starts) => starts,
            Err(error) => return self.not_recorded(raw, &error),
        };
        let input = if self.shares_input { Input::Inherit } else { Input::Null };
        let mut tend = || self.jobs.tend(&mut self.audit);
        match run(launches, input, &mut self.terminal, self.deadline, &mut tend) {
            Ok(Outcome::Stopped(job)) => self.came_back(Outcome::Stopped(job.called(typed)), starts, None),
            Ok(ended) => self.came_back(ended, starts, None),
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

    /// Ctrl-C while the line was judged: nothing of what is left of it runs.
    fn interrupted_before_its_start(&mut self) -> Option<Reason> {
        const INTERRUPTED: u8 = 130;
        self.status = INTERRUPTED;
        self.was_interrupted = true;
        if self.is_prompt {
            // Behind the terminal's own ^C.
            lines(&[String::new()]);
        }
        None
    }

    /// A pipeline ended or stopped.
    pub(super) fn came_back(
        &mut self,
        outcome: Outcome,
        starts: Vec<u64>,
        number: Option<u32>,
    ) -> Option<Reason> {
        match outcome {
            Outcome::Ended(ended) => {
                self.record_ends(&starts, &ended);
                leftovers::sweep(&self.jobs.all());
                if ended.by == Some(Cause::Timeout) {
                    let limit = ended.limit.map(listing::spelled).unwrap_or_default();
                    say(&format!("stopped after {limit}, the time limit of this rule"));
                }
                if ended.by == Some(Cause::SessionOver) {
                    self.say_it_is_over();
                }
                self.status = ended.code();
                let is_from_the_keyboard = ended_by(&ended, &[INTERRUPT, QUIT]);
                self.was_interrupted = ended_by(&ended, &[INTERRUPT]);
                self.shows_status = self.status != 0 && !is_from_the_keyboard;
                if is_from_the_keyboard && self.is_prompt {
                    // Behind the terminal's own ^C.
                    lines(&[String::new()]);
                }
                farewell(ended.by)
            }
            Outcome::Stopped(job) => {
                self.jobs.keep(job, starts, number);
                // Behind the terminal's own ^Z.
                lines(&[String::new()]);
                lines(&self.jobs.describe().into_iter().last().into_iter().collect::<Vec<_>>());
                self.status = 128 + 20;
                None
            }
        }
    }

    fn surroundings(&self) -> Option<Surroundings> {
        let view = View::host().ok()?;
        Surroundings::of(&self.person, &self.rules.policy().settings, &view, &self.inherited)
    }

    /// Whether `max_duration` is over.
    pub(super) fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// From the first word of a command to its last.
fn extent(words: &[Word]) -> Span {
    let start = words.first().map_or(0, |word| word.span().start);
    Span::new(start, words.last().map_or(start, |word| word.span().end))
}

/// The part of the line that the commands stand in.
fn as_typed(raw: &[u8], commands: &[Allowed]) -> String {
    let start = commands.first().map_or(0, |first| first.typed.start);
    let end = commands.last().map_or(start, |last| last.typed.end);
    escape(&String::from_utf8_lossy(raw.get(start..end).unwrap_or_default()))
}

fn tell_skipped(grant: &Grant) {
    for name in grant.skipped() {
        say(&format!("{name} is left out: such a name cannot be written in a line"));
    }
}

const INTERRUPT: u8 = 2;
const QUIT: u8 = 3;

/// The person's own Ctrl-C or Ctrl-\ is no news to them, nor is a reader that left the pipe.
fn ended_by(ended: &Ended, signals: &[u8]) -> bool {
    ended.statuses.iter().any(|status| matches!(status, Status::Signal(number) if signals.contains(number)))
}

fn farewell(by: Option<Cause>) -> Option<Reason> {
    match by? {
        Cause::Timeout | Cause::Request => None,
        Cause::SessionOver => Some(Reason::MaxDuration),
        Cause::HangUp => Some(Reason::HangUp),
        Cause::Terminated => Some(Reason::Terminated),
    }
}
