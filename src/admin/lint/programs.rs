//! The table of programs that can do more than their name says, as data in `programs.tsv`.

/// What a program can do for somebody who chooses its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::admin) enum Class {
    /// Gives a shell.
    Shell,
    /// Runs a command.
    Command,
    /// Does so through another program it starts, such as a pager.
    Inherit,
    /// Loads code from a library somebody names.
    LibraryLoad,
    /// Reads a file somebody names.
    FileRead,
    /// Writes a file somebody names.
    FileWrite,
    /// Runs the code its arguments hold, or the program they name.
    Interpreter,
    /// Changes, makes or removes what its operands name, directories too.
    Changes,
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Command => "command",
            Self::Inherit => "inherit",
            Self::LibraryLoad => "library-load",
            Self::FileRead => "file-read",
            Self::FileWrite => "file-write",
            Self::Interpreter => "interpreter",
            Self::Changes => "changes",
        }
    }
}

const TABLE: &str = include_str!("programs.tsv");

/// Those whose operands are packages, and which run what comes in them.
const PACKAGE_MANAGERS: &[&str] =
    &["apk", "apt", "apt-get", "aptitude", "dnf", "microdnf", "rpm", "snap", "tdnf", "yum", "zypper"];

/// Pagers that open further files themselves, and have a mode in which they do not.
const PAGERS: &[&str] = &["less", "more", "pager"];

/// Whether the program, by its name or its name without a version, is of that class.
pub(in crate::admin) fn is(program: &str, class: Class) -> bool {
    let name = bare(program);
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    let rows = TABLE.lines().filter_map(|line| line.split_once('\t'));
    let mut named = rows.filter(|(row, _)| *row == name || (!stem.is_empty() && *row == stem));
    named.any(|(_, classes)| classes.split(',').any(|one| one == class.name()))
}

pub(super) fn is_package_manager(program: &str) -> bool {
    PACKAGE_MANAGERS.contains(&bare(program))
}

pub(super) fn is_pager(program: &str) -> bool {
    PAGERS.contains(&bare(program))
}

/// The last part of a path.
pub(in crate::admin) fn bare(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}
