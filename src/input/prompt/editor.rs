//! The line editor. rustyline is used here and nowhere else; what it shows beside the line comes from [`super::sight`]
//! and [`super::completion`].

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{Write, stdout};
use std::os::fd::AsFd;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::signalfd::SignalFd;
use rustyline::completion::{Completer, Pair};
use rustyline::config::{BellStyle, Configurer};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::history::MemHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{
    Cmd, ColorMode, CompletionType, ConditionalEventHandler, Config, Context, EditMode, Editor, Event,
    EventContext, EventHandler, ExternalPrinter, Helper, KeyCode, KeyEvent, Modifiers, RepeatCount,
};

use super::Scene;
use super::completion::complete;
use super::look::Look;
use super::paste::open_quote;
use super::plain::Typed;
use super::sight::{Eyes, Sight};
use super::vigil::{Limits, Pulse, Vigil, Wake, forget, interrupts};
use crate::excerpt::{COLUMNS, columns_of};
use crate::policy::Policy;
use crate::policy::decide::ahead::Answers;
use crate::policy::paths::View;
use crate::policy::programs::Programs;
use crate::sys::winsize;
use crate::words::MAX_LINE;

/// Lines kept for Ctrl-R and the arrow keys.
const HISTORY: usize = 1_000;
/// Longer lines are shown without hints and colours, which would look at all of it at every key.
const LONGEST_LOOKED_AT: usize = 512;
/// Line breaks that an open quote may hold while they are typed.
const MOST_BREAKS: usize = 100;

/// The editor of a session.
pub(super) struct LineEditor {
    editor: Editor<Assist, MemHistory>,
    look: Look,
    programs: Option<(Rc<Policy>, Rc<Programs>)>,
    interrupted: Arc<AtomicBool>,
    /// What was typed when the wait was broken off for a job, before and behind the cursor.
    unfinished: Option<(String, String)>,
}

/// Ctrl-C and Ctrl-\ end the line like Return, and it is dropped then. As rustyline's own interrupt they would take
/// with them whatever it has read behind them, up to a kilobyte: the first half of the next line, and its second half
/// would be taken for a command.
struct Interrupt(Arc<AtomicBool>);

impl ConditionalEventHandler for Interrupt {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, _: &EventContext<'_>) -> Option<Cmd> {
        self.0.store(true, Ordering::Relaxed);
        Some(Cmd::AcceptLine)
    }
}

/// Of a line that nobody types any more, each key would be drawn with all before it: it ends where lines end.
struct TooLong;

impl ConditionalEventHandler for TooLong {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        (context.line().len() > MAX_LINE).then_some(Cmd::AcceptLine)
    }
}

impl LineEditor {
    /// Nothing is read from files: what keys do is not for whoever can write a configuration to say.
    pub(super) fn new(look: Look) -> rustyline::Result<Self> {
        let colour = if look.colour { ColorMode::Enabled } else { ColorMode::Disabled };
        let config = Config::builder()
            .max_history_size(HISTORY)?
            .auto_add_history(false)
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            .color_mode(colour)
            // Escape alone is a key after that many milliseconds, as in readline(3).
            .keyseq_timeout(Some(500))
            // It would ring with every list. Where there is nothing to offer, `complete` does.
            .bell_style(BellStyle::None)
            .build();
        let mut editor = Editor::with_history(config.clone(), MemHistory::with_config(&config))?;
        editor.enable_synchronized_output(false);
        // It would stop every process of the group gatesh was started in, and not gatesh.
        let suspend = KeyEvent(KeyCode::Char('Z'), Modifiers::CTRL);
        editor.bind_sequence(suspend, EventHandler::Simple(Cmd::Noop));
        editor.bind_sequence(Event::Any, EventHandler::Conditional(Box::new(TooLong)));
        let interrupted = Arc::<AtomicBool>::default();
        for key in ['C', '\\'] {
            let handler = Box::new(Interrupt(Arc::clone(&interrupted)));
            let key = KeyEvent(KeyCode::Char(key), Modifiers::CTRL);
            editor.bind_sequence(key, EventHandler::Conditional(handler));
        }
        Ok(Self { editor, look, programs: None, interrupted, unfinished: None })
    }

    /// For the arrow keys and Ctrl-R.
    pub(super) fn remember(&mut self, line: &str) {
        let _ = self.editor.add_history_entry(line);
    }

    /// `set -o vi`, `set -o emacs`.
    pub(super) fn set_vi(&mut self, vi: bool) {
        self.editor.set_edit_mode(if vi { EditMode::Vi } else { EditMode::Emacs });
    }

    /// Waits for a line.
    pub(super) fn line(&mut self, scene: &Scene<'_>, limits: Limits) -> Typed {
        let pulse = Arc::new(Pulse::since(limits.last));
        let programs = self.programs_of(scene.policy);
        let Some(assist) = Assist::new(scene, self.look, programs, Arc::clone(&pulse)) else {
            return super::plain::line(&scene.prompt, &scene.typed_ahead, limits);
        };
        self.editor.set_helper(Some(assist));
        let Ok(mut printer) = self.editor.create_external_printer() else {
            return super::plain::line(&scene.prompt, &scene.typed_ahead, limits);
        };
        let say = move |text: &str| drop(printer.print(format!("gatesh: {text}\n")));
        // At the person's limit of processes there is no thread to be had; lines can still be read.
        let Ok(vigil) = Vigil::begin(Arc::clone(&pulse), limits, say) else {
            return super::plain::line(&scene.prompt, &scene.typed_ahead, limits);
        };
        begin_line();
        let (before, behind) = self.unfinished.take().unwrap_or((scene.typed_ahead.clone(), String::new()));
        let read = self.editor.readline_with_initial(&scene.prompt, (&before, &behind));
        let read = match self.interrupted.swap(false, Ordering::Relaxed) {
            true => Err(ReadlineError::Interrupted),
            false => read,
        };
        match (vigil.end(), read) {
            // A line that was entered meanwhile still counts.
            (Some(Wake::End(ending)), Err(_)) => Typed::Woken(ending),
            (Some(Wake::Due), Err(_)) => {
                self.unfinished = self.editor.helper().map(Assist::typed);
                Typed::Due(pulse.last())
            }
            (_, Ok(line)) => Typed::Line(line.into_bytes()),
            (None, Err(ReadlineError::Interrupted)) => Typed::Interrupted,
            (None, Err(ReadlineError::Eof)) => Typed::End,
            // Bytes that are no text become a line that is refused for that, and recorded.
            (None, Err(ReadlineError::Io(error))) if error.kind() == std::io::ErrorKind::InvalidData => {
                Typed::Line(vec![0xff])
            }
            (None, Err(_)) => Typed::Unreadable,
        }
    }

    /// What programs' names mean, remembered as long as the rules stay the same.
    fn programs_of(&mut self, policy: &Rc<Policy>) -> Rc<Programs> {
        if let Some((known, programs)) = &self.programs
            && Rc::ptr_eq(known, policy)
        {
            return Rc::clone(programs);
        }
        let programs = Rc::new(Programs::on_host(&policy.settings.program_path));
        self.programs = Some((Rc::clone(policy), Rc::clone(&programs)));
        programs
    }
}

/// What a program may have left behind that ended before it could mend it, or a file that was no text: colours, another
/// character set (ECMA-35), no cursor, no line wrapping, reports of the mouse (xterm's control sequences).
const MENDED: &str = "\x1b[m\x0f\x1b(B\x1b[?25h\x1b[?7h\x1b[?1000;1002;1003;1006l";

/// Output that did not end its line stays visible: so many blanks reach the next line from anywhere but a line's
/// beginning, to which the carriage return goes back.
pub(super) fn begin_line() {
    let _ = write!(stdout(), "{MENDED}");
    if let Some(size) = winsize(stdout().as_fd()) {
        let _ = write!(stdout(), "{}\r", " ".repeat(usize::from(size.columns)));
    }
    let _ = stdout().flush();
}

/// What helps with one line.
struct Assist {
    policy: Rc<Policy>,
    view: View,
    programs: Rc<Programs>,
    answers: Answers,
    home: String,
    prompt_width: usize,
    look: Look,
    pulse: Arc<Pulse>,
    interrupts: Option<SignalFd>,
    /// The line last looked at: hint and colours ask for the same.
    seen: RefCell<Option<(String, Sight)>>,
    /// The line as it stands, and the cursor in it.
    stands: RefCell<(String, usize)>,
}

impl Assist {
    fn new(scene: &Scene<'_>, look: Look, programs: Rc<Programs>, pulse: Arc<Pulse>) -> Option<Self> {
        let view = View::host().or_else(|_| -> std::io::Result<View> { Ok(View::Text { name: "/".into() }) });
        Some(Self {
            policy: Rc::clone(scene.policy),
            view: view.ok()?,
            programs,
            answers: Answers::default(),
            home: scene.home.clone(),
            prompt_width: columns_of(&scene.prompt),
            look,
            pulse,
            interrupts: interrupts().ok(),
            seen: RefCell::new(None),
            stands: RefCell::default(),
        })
    }

    fn stand(&self, line: &str, at: usize) {
        *self.stands.borrow_mut() = (line.to_owned(), at);
    }

    /// What is typed before the cursor and behind it.
    fn typed(&self) -> (String, String) {
        let (line, at) = &*self.stands.borrow();
        let (before, behind) = line.split_at_checked(*at).unwrap_or((line, ""));
        (before.to_owned(), behind.to_owned())
    }

    fn eyes(&self) -> Eyes<'_> {
        Eyes {
            policy: &self.policy,
            view: &self.view,
            programs: &self.programs,
            answers: &self.answers,
            home: &self.home,
        }
    }

    /// The quote in which the last of these lines ends.
    fn quote_open_after(&self, entered: &str) -> Option<char> {
        open_quote(&super::paste::lines(entered, &self.home).pop()?, &self.home)
    }

    fn sight(&self, line: &str) -> Sight {
        if let Some((seen, sight)) = &*self.seen.borrow()
            && seen == line
        {
            return sight.clone();
        }
        let sight = self.eyes().look(line);
        *self.seen.borrow_mut() = Some((line.to_owned(), sight.clone()));
        sight
    }
}

/// Text beside the line that cannot be taken over into it.
pub(super) struct Note(String);

impl Hint for Note {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Assist {
    type Hint = Note;

    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<Note> {
        self.pulse.beat();
        self.stand(line, pos);
        if line.len() > LONGEST_LOOKED_AT {
            return None;
        }
        if line.contains('\n') {
            // The rows of a line that goes on have no prompt to say why.
            let quote = self.quote_open_after(line).filter(|_| pos == line.len())?;
            return Some(Note(format!("   ({quote} is open: close it, or Ctrl-C)")));
        }
        let sight = self.sight(line);
        let columns = winsize(stdout().as_fd()).map_or(COLUMNS, |size| usize::from(size.columns)).max(1);
        let used = self.prompt_width.saturating_add(columns_of(line));
        let room = columns.saturating_sub(used % columns).saturating_sub(1);
        let text = match (sight.reason, sight.rest) {
            // Below the line where it has no room: it must not be told by the colour alone.
            (Some(reason), _) => {
                return clipped(&format!("   ({reason})"), room)
                    .or_else(|| clipped(&format!("\n({reason})"), columns.saturating_sub(1)))
                    .map(Note);
            }
            (None, Some(rest)) if pos == line.len() && self.look.colour => rest,
            // Without colour brackets tell what is typed from what may be.
            (None, Some(rest)) if pos == line.len() => format!("   ({})", rest.trim_start()),
            (None, _) => return None,
        };
        clipped(&text, room).map(Note)
    }
}

/// As much as fits on the row: a hint must not push the line about.
fn clipped(text: &str, room: usize) -> Option<String> {
    const LEAST: usize = 8;
    if columns_of(text) <= room {
        return Some(text.to_owned());
    }
    let mut used = 0_usize;
    let fits = |c: &char| {
        used = used.saturating_add(columns_of(c.encode_utf8(&mut [0; 4])));
        used <= room.saturating_sub(3)
    };
    let kept: String = text.chars().take_while(fits).collect();
    (room > LEAST).then(|| format!("{kept}..."))
}

impl Highlighter for Assist {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if line.len() > LONGEST_LOOKED_AT {
            return Cow::Borrowed(line);
        }
        let sight = self.sight(line);
        if sight.wrong.is_empty() {
            return Cow::Borrowed(line);
        }
        let is_wrong = |at: usize| sight.wrong.iter().any(|span| (span.start..span.end).contains(&at));
        let mut shown = String::with_capacity(line.len().saturating_add(32));
        let mut red = false;
        for (at, c) in line.char_indices() {
            if red != is_wrong(at) {
                red = !red;
                shown.push_str(if red { "\x1b[31m" } else { "\x1b[0m" });
            }
            shown.push(c);
        }
        shown.push_str("\x1b[0m");
        Cow::Owned(shown)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(format!("\x1b[2m{hint}\x1b[0m"))
    }

    /// Every change may change what is red.
    fn highlight_char(&self, line: &str, pos: usize, kind: CmdKind) -> bool {
        self.pulse.beat();
        self.stand(line, pos);
        kind != CmdKind::MoveCursor && line.len() <= LONGEST_LOOKED_AT.saturating_add(1)
    }
}

impl Completer for Assist {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        self.pulse.beat();
        let completion = complete(&self.eyes(), line.get(..pos).unwrap_or_default());
        if completion.candidates.is_empty() {
            let _ = stdout().write_all(b"\x07");
            let _ = stdout().flush();
        }
        let pair = |(display, replacement)| Pair { display, replacement };
        Ok((completion.start, completion.candidates.into_iter().map(pair).collect()))
    }
}

impl Validator for Assist {
    fn validate(&self, entered: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        self.pulse.beat();
        // Here Return was pressed, and Ctrl-C is still a key.
        self.interrupts.iter().for_each(forget);
        let breaks = entered.input().bytes().filter(|byte| *byte == b'\n').count();
        if breaks > MOST_BREAKS || entered.input().len() > MAX_LINE {
            return Ok(ValidationResult::Valid(None));
        }
        Ok(match self.quote_open_after(entered.input()) {
            Some(_) => ValidationResult::Incomplete,
            None => ValidationResult::Valid(None),
        })
    }
}

impl Helper for Assist {}
