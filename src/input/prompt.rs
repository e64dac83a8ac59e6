//! The prompt: a line at a time from a person at a terminal, with completion, hints and colours where the terminal
//! can show them, and without where it cannot.

mod completion;
mod editor;
mod look;
mod names;
mod paste;
pub(super) mod plain;
mod sight;
pub(super) mod vigil;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{Write, stdout};
use std::rc::Rc;
use std::time::Instant;

use super::{Ending, Next};
use crate::excerpt::escape;
use crate::policy::{History, Policy};
use crate::sys;
use crate::words::MAX_LINE;
use editor::{LineEditor, begin_line};
use look::Look;
pub use look::is_addressable;
use plain::Typed;
use vigil::Limits;

/// What shells have to choose the keys by, and whether those are vi's. Nothing else of `set` exists.
const KEYS: [(&str, bool); 2] = [("set -o vi", true), ("set -o emacs", false)];

/// The words of a line with one blank between them.
fn spaced_once(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the prompt has to know about the session while one line is typed.
pub struct Scene<'a> {
    /// What stands before the line.
    pub prompt: String,
    /// The rules in force.
    pub policy: &'a Rc<Policy>,
    /// What `~` means.
    pub home: String,
    /// Lines entered before, oldest first.
    pub history: &'a [String],
    /// The end of the session's time.
    pub deadline: Option<Instant>,
    /// What the line begins with: keys that were typed for it before it was read.
    pub typed_ahead: String,
    /// When jobs that are not in front have to be looked after.
    pub due: Option<Instant>,
    /// Whether what was typed or pasted ahead is dropped: the line before was interrupted, or asked something that
    /// this was no answer to.
    pub forgets: bool,
}

/// The person's side of a session.
pub struct Prompt {
    look: Look,
    editor: Option<LineEditor>,
    vi: bool,
    /// Pasted lines that were agreed to.
    waiting: VecDeque<String>,
    /// Pasted lines that are still to be agreed to.
    asking: VecDeque<String>,
    /// The lines so far of one whose quote is open, at a terminal that only prints.
    quoted: String,
    /// When the last key came, where a wait was broken off for a job and begins anew.
    last: Option<Instant>,
}

impl Prompt {
    /// For the terminal that the environment describes.
    pub(super) fn new<'e>(variable: impl Fn(&str) -> Option<&'e OsString>) -> Self {
        sys::ignore_interrupts();
        Self {
            look: Look::of(variable),
            editor: None,
            vi: false,
            waiting: VecDeque::new(),
            asking: VecDeque::new(),
            quoted: String::new(),
            last: None,
        }
    }

    pub(super) fn next(&mut self, scene: &Scene<'_>) -> Next {
        let last = self.last.take().unwrap_or_else(Instant::now);
        let idle = scene.policy.settings.idle_timeout;
        let limits = Limits { idle, over: scene.deadline, due: scene.due, last };
        if scene.forgets && self.asking.is_empty() {
            self.waiting.clear();
            // With what it has read ahead.
            self.editor = None;
        }
        if let Some(line) = self.waiting.pop_front() {
            if self.look.editing {
                begin_line();
            }
            show(&format!("{}{}\n", scene.prompt, escape(&line)));
            return self.entered(line, scene);
        }
        if !self.asking.is_empty() {
            let lines = std::mem::take(&mut self.asking);
            return self.pasted(lines, scene, limits);
        }
        loop {
            let entered = match self.read(scene, limits) {
                Typed::Line(bytes) => match String::from_utf8(bytes) {
                    Ok(line) => line,
                    Err(error) => return Next::Line(error.into_bytes()),
                },
                Typed::Interrupted => return Next::Interrupted,
                Typed::End => return Next::End(Ending::EndOfInput),
                Typed::Unreadable => return Next::End(Ending::Unreadable),
                Typed::Due(last) => {
                    self.last = Some(last);
                    return Next::Due;
                }
                Typed::Woken(ending) => return Next::End(ending),
            };
            // Refused as the one line it is: to take it apart could take longer than anybody waits.
            if entered.len() > MAX_LINE {
                return Next::Line(entered.into_bytes());
            }
            if self.sets_mode(&entered) {
                continue;
            }
            return self.pasted(VecDeque::from(paste::lines(&entered, &scene.home)), scene, limits);
        }
    }

    /// The first of what was entered; the others wait.
    fn pasted(&mut self, mut lines: VecDeque<String>, scene: &Scene<'_>, limits: Limits) -> Next {
        if lines.len() > 1 {
            match agreed(&lines, limits) {
                Agreed::Yes => {}
                Agreed::No => return Next::Interrupted,
                Agreed::Due(last) => {
                    (self.asking, self.last) = (lines, Some(last));
                    return Next::Due;
                }
            }
        }
        let first = lines.pop_front().unwrap_or_default();
        self.waiting = lines;
        self.entered(first, scene)
    }

    fn read(&mut self, scene: &Scene<'_>, limits: Limits) -> Typed {
        if self.look.editing && self.editor.is_none() {
            self.editor = LineEditor::new(self.look).ok();
            if let Some(editor) = &mut self.editor {
                scene.history.iter().for_each(|line| editor.remember(line));
                editor.set_vi(self.vi);
            }
        }
        match &mut self.editor {
            Some(editor) => editor.line(scene, limits),
            None => plain_line(scene, limits, &mut self.quoted),
        }
    }

    fn entered(&mut self, line: String, scene: &Scene<'_>) -> Next {
        if let Some(editor) = &mut self.editor
            && scene.policy.settings.history != History::Off
            && !line.trim().is_empty()
        {
            editor.remember(&line);
        }
        Next::Line(line.into_bytes())
    }

    fn sets_mode(&mut self, line: &str) -> bool {
        let line = spaced_once(line);
        let Some((_, vi)) = KEYS.into_iter().find(|(whole, _)| *whole == line) else { return false };
        self.vi = vi;
        if let Some(editor) = &mut self.editor {
            editor.set_vi(vi);
        }
        true
    }
}

/// A line, with those that follow as long as a quote is open. A wait that is broken off for a job goes on with `quoted`.
fn plain_line(scene: &Scene<'_>, limits: Limits, quoted: &mut String) -> Typed {
    let mut entered = std::mem::take(quoted);
    loop {
        let (prompt, begun) = match entered.is_empty() {
            true => (scene.prompt.as_str(), scene.typed_ahead.as_str()),
            false => ("> ", ""),
        };
        let typed = match plain::line(prompt, begun, limits) {
            Typed::Line(bytes) => bytes,
            Typed::End if !entered.is_empty() => return Typed::Line(entered.into_bytes()),
            Typed::End => {
                // Whatever started gatesh goes on at the beginning of a line.
                show("\n");
                return Typed::End;
            }
            Typed::Due(last) => {
                *quoted = entered;
                return Typed::Due(last);
            }
            other => return other,
        };
        let piece = match String::from_utf8(typed) {
            Ok(piece) => piece,
            Err(error) => return Typed::Line(error.into_bytes()),
        };
        match paste::open_quote(&entered, &scene.home) {
            Some(quote) => paste::join(&mut entered, &piece, quote),
            None => entered = piece,
        }
        if paste::open_quote(&entered, &scene.home).is_none() {
            return Typed::Line(entered.into_bytes());
        }
    }
}

/// Whether the person means to run what they pasted.
fn agreed(lines: &VecDeque<String>, limits: Limits) -> Agreed {
    let question = format!("gatesh: {} lines were pasted. Run them one by one? [y/N] ", lines.len());
    match plain::ask(&question, limits) {
        Typed::Line(answer) if matches!(answer.trim_ascii(), b"y" | b"Y" | b"yes" | b"Yes" | b"YES") => {
            Agreed::Yes
        }
        Typed::Due(last) => Agreed::Due(last),
        Typed::Line(_) | Typed::Interrupted | Typed::End | Typed::Unreadable | Typed::Woken(_) => Agreed::No,
    }
}

/// What became of the question about pasted lines.
enum Agreed {
    Yes,
    No,
    /// Asked again after jobs were looked after; when the last key came.
    Due(Instant),
}

fn show(text: &str) {
    let _ = stdout().write_all(text.as_bytes());
    let _ = stdout().flush();
}
