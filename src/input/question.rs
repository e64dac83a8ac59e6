//! Questions that a rule asks of whoever sits at the terminal, beside the lines that they type: read from /dev/tty,
//! after what was typed ahead is dropped, so that nothing pasted or piped can answer them. The session's signals
//! and its clock go on while an answer is waited for.

use std::fs::{File, OpenOptions};
use std::time::{Duration, Instant};

use super::Ending;
use super::prompt::plain::{Typed, ask_at};
use super::prompt::vigil::Limits;
use crate::sys::waiting::Tend;

/// The longest answer that counts as one, in bytes.
const LONGEST: usize = 512;

/// Somebody who can be asked.
#[derive(Debug)]
pub struct Asked {
    terminal: File,
    idle: Duration,
    over: Option<Instant>,
}

/// What they answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A line, without the blanks around it.
    Text(String),
    /// Ctrl-C, Ctrl-D, or nothing that is text.
    None,
    /// The session ends meanwhile.
    Ended(Ending),
}

impl Asked {
    /// At the controlling terminal; `None` without one. `idle` and `over` are the session's own limits.
    pub fn at_terminal(idle: Duration, over: Option<Instant>) -> Option<Self> {
        let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
        Some(Self { terminal, idle, over })
    }

    /// Shows `question` and waits for a line. Meanwhile it lets `tend` look after jobs.
    pub fn ask(&self, question: &str, tend: &mut Tend<'_>) -> Answer {
        let limits = Limits { idle: self.idle, over: self.over, due: tend(), last: Instant::now() };
        match ask_at(&self.terminal, question, limits, tend) {
            Typed::Line(bytes) => text(bytes).map_or(Answer::None, Answer::Text),
            Typed::Interrupted => Answer::None,
            Typed::End | Typed::Unreadable | Typed::Due(_) => {
                // Nothing has ended the question's line.
                let _ = std::io::Write::write_all(&mut &self.terminal, b"\n");
                Answer::None
            }
            Typed::Woken(ending) => {
                let _ = std::io::Write::write_all(&mut &self.terminal, b"\n");
                Answer::Ended(ending)
            }
        }
    }
}

fn text(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok().filter(|text| text.len() <= LONGEST)?;
    Some(text.trim().to_owned())
}
