//! Questions that a rule asks of whoever sits at the terminal, beside the lines that they type: read from /dev/tty,
//! after what was typed ahead is dropped, so that nothing pasted or piped can answer them. The session's signals
//! and its clock go on while an answer is waited for.

use std::fs::{File, OpenOptions};
use std::time::{Duration, Instant};

use super::Ending;
use super::prompt::plain::{Typed, ask_at};
use super::prompt::vigil::{Limits, Wake};

/// The longest answer that counts as one, in bytes.
const LONGEST: usize = 512;

/// Somebody who can be asked.
#[derive(Debug)]
pub struct Asked {
    terminal: File,
    limits: Limits,
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
        Some(Self { terminal, limits: Limits { idle, over } })
    }

    /// Shows `question` and waits for a line.
    pub fn ask(&self, question: &str) -> Answer {
        match ask_at(&self.terminal, question, self.limits) {
            Typed::Line(bytes) => text(bytes).map_or(Answer::None, Answer::Text),
            Typed::Interrupted => Answer::None,
            Typed::End | Typed::Unreadable => {
                // Nothing has ended the question's line.
                let _ = std::io::Write::write_all(&mut &self.terminal, b"\n");
                Answer::None
            }
            Typed::Woken(wake) => {
                let _ = std::io::Write::write_all(&mut &self.terminal, b"\n");
                Answer::Ended(Ending::from(wake))
            }
        }
    }
}

fn text(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok().filter(|text| text.len() <= LONGEST)?;
    Some(text.trim().to_owned())
}

impl From<Wake> for Ending {
    fn from(wake: Wake) -> Self {
        match wake {
            Wake::Signal => Self::Told,
            Wake::Idle => Self::Idle,
            Wake::Over => Self::Over,
        }
    }
}
