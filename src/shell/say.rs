//! Writing to the person. A terminal that is gone is no reason to fail: the session ends by its hang-up.

use std::io::{Write, stderr, stdout};

/// A message of gatesh's own, on standard error, so that a command's output stays clean.
pub(super) fn say(text: &str) {
    line(&format!("gatesh: {text}"));
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

/// What was asked for, on standard output; answers exit status 0.
pub(super) fn print(text: &str) -> u8 {
    let _ = writeln!(stdout(), "{text}");
    let _ = stdout().flush();
    0
}
