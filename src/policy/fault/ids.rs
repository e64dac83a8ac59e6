//! The stable ids of faults and lints: what documentation lists and `accept` names.

use super::Severity;

/// A lint that a rule may silence with `accept`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lint {
    /// Stable id, kebab-case.
    pub id: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What it finds, one line.
    pub finds: &'static str,
}

const fn lint(id: &'static str, severity: Severity, finds: &'static str) -> Lint {
    Lint { id, severity, finds }
}

/// Every lint, in byte order of the ids.
pub const LINTS: &[Lint] = &[
    lint("any-type", Severity::Warning, "a value of the type any has no bounds at all"),
    lint(
        "bus-interpreter",
        Severity::Lint,
        "an editor or interpreter with network = [\"unix\"]: it can talk to D-Bus and container sockets",
    ),
    lint("bus-network", Severity::Warning, "network = [\"unix\"] reaches D-Bus and container sockets"),
    lint(
        "denied-grant",
        Severity::Lint,
        "what `read`, `write`, `with` or `exec` opens holds files that a deny of the group covers",
    ),
    lint("elevated-escape", Severity::Lint, "a program run as root can page, edit or start other programs"),
    lint(
        "elevated-pager",
        Severity::Warning,
        "a pager run as root, which sudoers must leave in its secure mode",
    ),
    lint(
        "exec-any",
        Severity::Warning,
        "exec = \"any\": whatever the program starts is unconfined by exec-once",
    ),
    lint(
        "free-path",
        Severity::Lint,
        "a value that is a path to the program has no path type, so it is not resolved",
    ),
    lint("interpreter", Severity::Lint, "the program runs code that its arguments or files hold"),
    lint("needs-set", Severity::Lint, "the program cannot work without a set that `with` would give it"),
    lint("overlap", Severity::Warning, "two rules allow the same command with different grants"),
    lint(
        "package-scripts",
        Severity::Warning,
        "a package manager runs the scripts of what it installs as root",
    ),
    lint("write-and-exec", Severity::Lint, "what can be written can also be started"),
];

/// Every fault of a policy file but those of a synopsis, in byte order of the ids: what it is, one line.
pub const FAULTS: &[(&str, &str)] = &[
    ("alias", "an alias whose name is taken, or whose text is not the beginning of a command"),
    ("audit-file", "`file` and `sink = \"file\"` of [audit] without each other"),
    ("case", "an entry of [cases] that is no line"),
    ("description", "a description of more than one line"),
    ("duplicate-synopsis", "a synopsis that stands in the file twice (a warning)"),
    ("duration", "a text that is no duration"),
    ("elevated", "a key that cannot hold for a command sudo starts"),
    ("empty-deny", "a [[deny]] that denies nothing"),
    ("empty-list", "a list that needs an entry"),
    ("env", "a variable that may not be set or passed on"),
    ("excepted-tree", "`read` or `write` would give what a type of the rule takes out"),
    ("exec", "an entry of `exec` that is no file"),
    ("exec-nothing", "an entry of `exec` that matches no file here (a warning)"),
    ("glob", "a text that is no glob"),
    ("group-choice", "a group was chosen that cannot be, or none where one must be"),
    ("include", "a set that is not there, or is named twice"),
    ("integer-bounds", "an integer type whose smallest is larger than its largest"),
    ("label", "a text that is no NAME=VALUE"),
    ("misplaced-key", "a key of the file that stands below a [ header ]"),
    ("mode", "a file or directory that others may write"),
    ("network", "an unknown socket family"),
    ("no-commands", "an [[allow]] without commands"),
    ("no-reason", "an accepted lint without a reason"),
    ("not-a-directory", "something else stands where a directory is needed"),
    ("not-a-file", "something else stands where a file is needed"),
    ("not-utf-8", "a file in another encoding"),
    ("one-of", "a choice that no word can be"),
    ("operator", "an unknown operator"),
    ("out-of-range", "a number or duration outside its bounds"),
    ("owner", "a file or directory of somebody who is not trusted"),
    ("path", "a path that is relative, not normal, or a glob"),
    ("program-name", "a text that names no program"),
    ("protected", "a grant that would open policy or audit files"),
    ("reason", "a reason that is no line of text, or no type that takes one"),
    ("regex", "a text that is no regular expression, or one that is not taken"),
    ("rule-name", "a rule's name that is taken or cannot be one"),
    ("set-key", "a key that a set cannot have"),
    ("sha256", "a text that is no SHA-256 digest"),
    ("shell-text", "a sign in a synopsis that means something to a shell and nothing here (a warning)"),
    ("size", "a text that is no size"),
    ("symlink", "a file that is a symbolic link, or links without end"),
    ("syntax", "text that is not TOML"),
    ("too-large", "a file larger than 4 MiB"),
    ("type-access", "an `access` or `must_exist` that does not fit the type"),
    ("type-kind", "a type that says nothing of what it takes, or several things"),
    ("type-name", "a name that no type can have"),
    ("type-taken", "a type's name that is built in or shared"),
    ("umask", "a text that is no file mode mask"),
    ("unknown-group", "a file for a Unix group that does not exist (a warning)"),
    ("unknown-key", "a key that the section does not know"),
    ("unknown-lint", "an `accept` of a lint that does not exist"),
    ("unknown-type", "a type that is not defined"),
    ("unknown-word", "a word where only certain others can stand"),
    ("unreadable", "a file or directory that cannot be opened or read"),
    ("unused-type", "a type that no synopsis uses (a warning)"),
    ("when", "a part of `when` that is not understood"),
    ("with", "a set that does not exist"),
    ("wrong-type", "a value of the wrong TOML type"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_sorted_and_unique() {
        assert!(FAULTS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(LINTS.is_sorted_by(|a, b| a.id < b.id));
        assert!(!LINTS.iter().any(|lint| FAULTS.iter().any(|fault| fault.0 == lint.id)));
    }
}
