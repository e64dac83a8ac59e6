//! What the terminal at hand can do, read off the environment that gatesh was started with.

use std::ffi::OsString;
use std::io::{IsTerminal, stdin, stdout};

/// How the prompt may look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// Whether the cursor can be moved: without that, lines are read as the terminal itself edits them.
    pub editing: bool,
    /// Whether colours may be shown. They never say anything that the text does not.
    pub colour: bool,
}

/// Terminals that can only print, and what programs call a terminal they know nothing about.
const PLAIN: &[&str] = &["", "dumb", "emacs", "cons25", "unknown", "network"];

impl Look {
    /// From TERM and `NO_COLOR` (which counts when it is not empty: no-color.org). Without TERM nothing is known
    /// of the terminal, and plain lines work on every one.
    pub(super) fn of<'e>(variable: impl Fn(&str) -> Option<&'e OsString>) -> Self {
        let editing = is_addressable(variable("TERM")) && stdin().is_terminal() && stdout().is_terminal();
        let no_colour = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { editing, colour: editing && !no_colour }
    }
}

/// Whether a terminal of that TERM can do more than print.
pub fn is_addressable(term: Option<&OsString>) -> bool {
    !PLAIN.contains(&term.map(|term| term.to_string_lossy()).unwrap_or_default().as_ref())
}
