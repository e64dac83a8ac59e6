//! Faults of the program that a synopsis names, and of sudo before it.

use super::{SynopsisFault, fault};
use crate::excerpt::Span;

pub(in crate::policy::synopsis) fn empty() -> SynopsisFault {
    fault("empty-synopsis", &[Span::new(0, 0)], "a synopsis is empty")
        .cure("write a program and what may follow it, or take it out")
}

pub(in crate::policy::synopsis) fn program(span: Span, text: &str, why: &str) -> SynopsisFault {
    fault("program", &[span], format!("{text} cannot be the program: {why}"))
        .cure("the first word is a program's name, its absolute path, or (one|another)")
}

pub(in crate::policy::synopsis) fn relative_program(span: Span, text: &str) -> SynopsisFault {
    fault("relative-program", &[span], format!("the program {text} is a relative path"))
        .cure("write its absolute path, or its name alone if it lies in programs.path")
}

pub(in crate::policy::synopsis) fn repeated_program(first: Span, second: Span, name: &str) -> SynopsisFault {
    fault("program", &[first, second], format!("{name} stands twice in the choice of programs"))
        .cure("write it once")
}

pub(in crate::policy::synopsis) fn sudo_option(span: Span, option: &str) -> SynopsisFault {
    fault("sudo-option", &[span], format!("{option} cannot stand behind sudo"))
        .label("of sudo's own options only -u NAME can be fixed")
        .cure("write  sudo PROGRAM ...  or  sudo -u NAME PROGRAM ...")
}

pub(in crate::policy::synopsis) fn sudo_user(span: Span) -> SynopsisFault {
    fault("sudo-user", &[span], "sudo -u is not followed by a user's name")
        .cure("write the name itself, as in  sudo -u app /opt/app/bin/deploy")
}

pub(in crate::policy::synopsis) fn sudo_alone(span: Span) -> SynopsisFault {
    fault("sudo-program", &[span], "sudo is not followed by a program").cure("write  sudo PROGRAM ...")
}

pub(in crate::policy::synopsis) fn sudo_as_program(span: Span, text: &str) -> SynopsisFault {
    fault("sudo-program", &[span], format!("{text} cannot be the program"))
        .cure("sudo stands once, alone and unquoted, before its program:  sudo PROGRAM ...")
}
