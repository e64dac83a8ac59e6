//! Writing to the person. A terminal that is gone is no reason to fail: the session ends by its hang-up.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::os::fd::AsFd;

use crate::excerpt::{COLUMNS, fold};
use crate::sys::winsize;

/// What a message begins with.
const NAME: &str = "gatesh: ";
/// What it goes on with.
const INDENT: &str = "        ";

/// A message of gatesh's own, on standard error, so that a command's output stays clean. At a terminal it is
/// wrapped at blanks; whatever else reads it gets it whole.
pub(super) fn say(text: &str) {
    if !stderr().is_terminal() {
        return line(&format!("{NAME}{text}"));
    }
    let mut before = NAME;
    for row in text.split('\n') {
        lines(&fold(before, INDENT, row, width()));
        before = "";
    }
}

/// What helps with a message, below it.
pub(super) fn say_more(text: &str) {
    match stderr().is_terminal() {
        true => lines(&fold(INDENT, INDENT, text, width())),
        false => line(&format!("{INDENT}{text}")),
    }
}

/// Columns for messages: what the terminal has, and never more than a serial console.
pub(super) fn width() -> usize {
    columns().min(COLUMNS)
}

/// Columns that the terminal has. Below the least, nothing could be folded in any way that reads well.
pub(super) fn columns() -> usize {
    const LEAST: usize = 20;
    let size = winsize(stderr().as_fd()).or_else(|| winsize(stdout().as_fd()));
    size.map_or(COLUMNS, |size| usize::from(size.columns).max(LEAST))
}

/// Lines as they are, on standard error.
pub(super) fn lines(lines: &[String]) {
    for text in lines {
        line(text);
    }
}

fn line(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

/// As it is, with no line's end.
pub(super) fn put(text: &str) {
    let _ = write!(stdout(), "{text}");
    let _ = stdout().flush();
}

/// What was asked for, on standard output; answers exit status 0.
pub(super) fn print(text: &str) -> u8 {
    let _ = writeln!(stdout(), "{text}");
    let _ = stdout().flush();
    0
}
