//! What becomes of one line: cut, named, judged whole; then, a pipeline at a time, recorded, run, recorded. Nothing
//! of a line starts unless all of it is allowed; what is left is judged anew before each later start, and a no then ends
//! the line.

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
use crate::launch::{Launch, Surroundings};
use crate::policy::decide::{Bench, Decision, Grant, Judged, judge_rest};
use crate::policy::denial::Setting;
use crate::policy::listing;
use crate::policy::paths::{Effort, View};
use crate::policy::programs::Programs;
use crate::words::Word;

/// A line on its way.
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
        self.typed_ahead.clear();
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
        let (stages, effort) = (line.commands().count(), Effort::default());
        let mut course = Course { raw, line, stages, effort, answers: Vec::new(), done: 0 };
        self.run_all(&mut course).err().flatten()
    }

    /// `Err` where the line ends early, with the reason if the session does, too.
    fn run_all(&mut self, course: &mut Course<'_>) -> Result<(), Option<Reason>> {
        let line = course.line;
        self.run_next(course, line.first.commands.len())?;
        for (joint, pipeline) in &line.rest {
            let wanted = match joint {
                Joint::And => self.status == 0,
                Joint::Or => self.status != 0,
                Joint::Then => true,
            };
            // As in any shell, Ctrl-C ends the line and not only the command it met.
            if self.is_prompt && self.was_interrupted {
                return Ok(());
            }
            if wanted {
                self.still_ruled(course.raw)?;
                self.run_next(course, pipeline.commands.len())?;
            } else {
                course.done = course.done.saturating_add(pipeline.commands.len());
            }
        }
        Ok(())
    }

    /// The next pipeline, of `count` commands. All that is left of the line is judged before it starts, and again
    /// after a question: files, rules, membership and `when` may be others when it is answered.
    fn run_next(&mut self, course: &mut Course<'_>, count: usize) -> Result<(), Option<Reason>> {
        let mut allowed = loop {
            let allowed = self.judge_rest(course)?;
            if !self.ask_rest(course, &allowed)? {
                break allowed;
            }
            self.still_ruled(course.raw)?;
        };
        allowed.truncate(count);
        let ending = self.run_pipeline(course, allowed);
        course.done = course.done.saturating_add(count);
        ending.map_or(Ok(()), |reason| Err(Some(reason)))
    }

    fn still_ruled(&mut self, raw: &[u8]) -> Result<(), Option<Reason>> {
        if self.rules_hold() { Ok(()) } else { Err(self.without_rules(raw)) }
    }

    /// All that is left of the line, or an end of it at the first command that is refused, or in a directory that
    /// is gone, where relative paths mean nothing.
    fn judge_rest(&mut self, course: &Course<'_>) -> Result<Vec<Allowed>, Option<Reason>> {
        match self.judged(course) {
            Some(Ok(allowed)) => Ok(allowed),
            Some(Err(refused)) => Err(self.refuse(course.raw, course.stages, &refused)),
            None => Err(self.lost()),
        }
    }

    fn judged(&self, course: &Course<'_>) -> Option<Result<Vec<Allowed>, Box<Refused>>> {
        let Course { line, stages, done, ref effort, .. } = *course;
        let policy = self.rules.policy();
        let programs = Programs::on_host(&policy.settings.program_path);
        let view = View::host().ok()?;
        let bench = Bench { policy, view: &view, programs: &programs, clock: Some(SystemTime::now()) };
        let allow = |Judged { stage, judgement }: Judged<'_>| match judgement.decision {
            Decision::Allow(grant) => {
                Ok(Allowed { stage: stage.index, grant: *grant, typed: extent(stage.command.words()) })
            }
            Decision::Deny(denial) => {
                let setting = Setting::of(policy, &stage, stages, done);
                Err(Box::new(Refused { stage: stage.index, denial: *denial, setting }))
            }
        };
        Some(judge_rest(&bench, line, done, effort).into_iter().map(allow).collect())
    }

    /// Asks what the rules of these commands ask for and nobody has answered yet. Whether anything was asked.
    fn ask_rest(&mut self, course: &mut Course<'_>, allowed: &[Allowed]) -> Result<bool, Option<Reason>> {
        let mut was_any = false;
        for allowed in allowed {
            if !course.answers.iter().any(|answer| answer.is_for(allowed)) {
                was_any |= self.has_questions(&allowed.grant);
                let given = self.ask(course.raw, allowed, course.stages)?;
                course.answers.push(given);
            }
        }
        Ok(was_any)
    }

    fn lost(&mut self) -> Option<Reason> {
        say("the current directory is gone: cd elsewhere");
        self.failed(CANNOT_WORK)
    }

    fn run_pipeline(&mut self, course: &Course<'_>, allowed: Vec<Allowed>) -> Option<Reason> {
        let Course { raw, stages, ref answers, .. } = *course;
        let Some(around) = self.surroundings() else { return self.lost() };
        let mut launches = Vec::with_capacity(allowed.len());
        let mut notes = Vec::with_capacity(allowed.len());
        let typed = as_typed(raw, &allowed);
        for allowed in allowed {
            let reason = answers.iter().find(|answer| answer.is_for(&allowed));
            let reason = reason.and_then(|answer| answer.reason.clone());
            let Allowed { stage, grant, .. } = allowed;
            tell_skipped(&grant);
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
                // What had started before it has run, and has an end.
                let begun = error.begun();
                if let Some(ended) = begun {
                    self.record_ends(&starts, ended);
                    self.jobs.sweep_others();
                }
                for (note, start) in
                    notes.iter().zip(&starts).skip(begun.map_or(0, |ended| ended.statuses.len()))
                {
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
                self.jobs.sweep_others();
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
