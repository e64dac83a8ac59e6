//! Questions a rule asks before its command runs: a ticket, a yes. They are read from /dev/tty, after what was
//! typed ahead is dropped, so that nothing pasted or piped can answer them.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};

use nix::sys::termios::{FlushArg, tcflush};

use crate::excerpt::escape;
use crate::policy::decide::Grant;
use crate::policy::types::Type;

/// The longest answer that is read, in bytes.
const LONGEST: usize = 512;

/// Why a command does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NotAsked {
    /// The rule asks for a yes, and there is nobody to ask.
    NoTerminal,
    /// The person did not say yes.
    Declined,
    /// The rule asks for a reason, and none, or one of another form, was given.
    NoReason(String),
}

impl NotAsked {
    /// What the person reads.
    pub(super) fn text(&self, program: &str) -> String {
        match self {
            Self::NoTerminal => format!("{program} asks for confirmation, and there is no terminal"),
            Self::Declined => format!("{program} was not run"),
            Self::NoReason(what) => format!("{program} asks for a reason: {what}"),
        }
    }
}

/// Asks what the rule wants to know; answers with the reason that was stated.
pub(super) fn questions(grant: &Grant, given: Option<&str>, host: &str) -> Result<Option<String>, NotAsked> {
    let rule = grant.rule();
    let reason = rule.reason.as_deref().map(|wanted| reason(wanted, given)).transpose()?;
    if rule.confirm {
        confirm(&grant.argv().join(" "), host)?;
    }
    Ok(reason)
}

fn reason(wanted: &Type, given: Option<&str>) -> Result<String, NotAsked> {
    let form = wanted.describe();
    if let Some(given) = given {
        return match wanted.takes(given, false) {
            true => Ok(given.to_owned()),
            false => Err(NotAsked::NoReason(format!("{} is not {form}", escape(given)))),
        };
    }
    let missing = || NotAsked::NoReason(format!("give one with --reason, {form}"));
    let mut terminal = terminal().ok_or_else(missing)?;
    let answer = ask(&mut terminal, &format!("{} ({form}): ", wanted.name)).ok_or_else(missing)?;
    match wanted.takes(&answer, false) {
        true => Ok(answer),
        false => Err(NotAsked::NoReason(format!("{} is not {form}", escape(&answer)))),
    }
}

fn confirm(command: &str, host: &str) -> Result<(), NotAsked> {
    let mut terminal = terminal().ok_or(NotAsked::NoTerminal)?;
    let answer = ask(&mut terminal, &format!("run {} on {host}? [y/N] ", escape(command)));
    match answer.as_deref() {
        Some("y" | "Y" | "yes" | "Yes" | "YES") => Ok(()),
        Some(_) | None => Err(NotAsked::Declined),
    }
}

fn terminal() -> Option<File> {
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").ok()?;
    tcflush(&terminal, FlushArg::TCIFLUSH).ok()?;
    Some(terminal)
}

/// One line, read byte by byte so that nothing after it is taken. An answer that is too long is none.
fn ask(terminal: &mut File, question: &str) -> Option<String> {
    terminal.write_all(question.as_bytes()).ok()?;
    let mut answer = Vec::new();
    let mut byte = [0];
    while answer.len() < LONGEST {
        match (terminal.read(&mut byte), byte) {
            (Ok(1), [b'\n']) => return String::from_utf8(answer).ok().map(|text| text.trim().to_owned()),
            (Ok(1), [byte]) => answer.push(byte),
            (Ok(_) | Err(_), _) => return None,
        }
    }
    None
}
