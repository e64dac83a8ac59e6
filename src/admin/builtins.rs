//! What gatesh does itself, as `explain` and `test` judge it: all of it is always allowed but `cd`, which goes only
//! where `directories` lets it.

use crate::command::Builtin;
use crate::policy::decide::Bench;
use crate::policy::denial::Nearest;
use crate::words::Word;

/// What stands against a built-in command, if anything does.
pub(super) fn refused(bench: &Bench<'_>, builtin: &Builtin, home: &str) -> Option<Nearest> {
    match builtin {
        Builtin::Cd(word) => bench.enter(word.as_ref().map_or(home, Word::text)).err(),
        Builtin::Help(_)
        | Builtin::Pwd
        | Builtin::History
        | Builtin::Jobs
        | Builtin::Foreground(_)
        | Builtin::Background(_)
        | Builtin::Exit
        | Builtin::Clear => None,
    }
}
