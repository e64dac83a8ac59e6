//! Builds a program's environment from nothing. What the session inherited is only asked for a few names, and
//! only values that can name neither a path nor a program pass.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use super::Surroundings;
use crate::policy::Terms;

/// Name to value, in the order of the names.
pub type Environment = BTreeMap<String, OsString>;

/// Longest value taken over from outside, in bytes.
const LONGEST: usize = 64;

/// Inherited names that pass when their value looks sane. TZ and the locale names are paths to glibc once they
/// hold a `/`, and have been a way into privileged programs (CVE-2014-9680).
const PASSING: &[&str] = &[
    "TERM",
    "TZ",
    "LANG",
    "LC_ALL",
    "LC_ADDRESS",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_IDENTIFICATION",
    "LC_MEASUREMENT",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_NAME",
    "LC_NUMERIC",
    "LC_PAPER",
    "LC_TELEPHONE",
    "LC_TIME",
];

/// What every program that is not elevated finds set: name, value, reason.
const FORCED: &[(&str, &str, &str)] = &[
    ("AWS_PAGER", "cat", "aws pages every answer and takes any program for it"),
    ("EDITOR", "/bin/false", "an editor is a way to files and programs outside the rule"),
    ("GH_PAGER", "cat", "gh reads it before PAGER"),
    ("GIT_ASKPASS", "/bin/false", "git starts it to ask for a password"),
    (
        "GIT_CONFIG_GLOBAL",
        "/dev/null",
        "a person's own git configuration names programs; unreadable it is fatal",
    ),
    ("GIT_EDITOR", "/bin/false", "git reads it before VISUAL and EDITOR"),
    ("GIT_OPTIONAL_LOCKS", "0", "git status would otherwise write the index"),
    ("GIT_PAGER", "cat", "git reads it before core.pager and PAGER"),
    ("GIT_SEQUENCE_EDITOR", "/bin/false", "git rebase reads it before GIT_EDITOR"),
    ("GIT_TERMINAL_PROMPT", "0", "git must not ask for credentials on the session's terminal"),
    ("LESSHISTFILE", "-", "less would otherwise write ~/.lesshst"),
    ("LESSSECURE", "1", "less refuses !, |, v, s, :e, tags, lesskey files and LESSOPEN"),
    ("MANPAGER", "cat", "man reads it before PAGER"),
    ("MORESECURE", "1", "more refuses ! and v"),
    ("PAGER", "cat", "a pager is a way to a shell"),
    ("PYTHONNOUSERSITE", "1", "python would run a person's own ~/.local/lib/python*/site-packages"),
    ("SSH_ASKPASS_REQUIRE", "never", "ssh starts SSH_ASKPASS to ask for a password"),
    ("SUDO_EDITOR", "/bin/false", "sudoedit reads it before VISUAL and EDITOR"),
    ("SYSTEMD_EDITOR", "/bin/false", "systemctl edit reads it before EDITOR"),
    ("SYSTEMD_PAGER", "cat", "systemd's tools read it before PAGER"),
    ("SYSTEMD_PAGERSECURE", "1", "systemd's tools tell less to be secure (CVE-2023-26604)"),
    ("VISUAL", "/bin/false", "programs read it before EDITOR"),
];

/// The environment of a program under `terms`: the system's names, then the forced ones, then what the rule
/// keeps, then what it sets.
pub(super) fn build(around: &Surroundings, terms: &Terms, directory: &OsString) -> Environment {
    let mut built = minimal(around, directory);
    for (name, value, _) in FORCED {
        built.insert((*name).to_owned(), OsString::from(value));
    }
    for name in &terms.keep_env {
        pass(around, name, is_plain, &mut built);
    }
    for (name, value) in &terms.env {
        built.insert(name.clone(), OsString::from(value));
    }
    built
}

/// Switches that make pagers harmless, which sudo drops unless sudoers keeps them. Variables that name a program are
/// not among them: whoever set one would choose what runs as root.
pub const KEPT_BY_SUDO: &[&str] = &["LESSSECURE", "MORESECURE", "SYSTEMD_PAGERSECURE"];

/// What sudo gets, which builds the rest itself: besides the system's names what sudoers is to keep.
pub(super) fn elevated(around: &Surroundings, directory: &OsString) -> Environment {
    let mut built = minimal(around, directory);
    let kept = FORCED.iter().filter(|(name, ..)| KEPT_BY_SUDO.contains(name));
    built.extend(kept.map(|(name, value, _)| ((*name).to_owned(), OsString::from(value))));
    built
}

/// The system's names, and the inherited ones that look sane.
fn minimal(around: &Surroundings, directory: &OsString) -> Environment {
    let own = [
        ("HOME", around.home.clone().into_os_string()),
        ("USER", OsString::from(&around.user)),
        ("LOGNAME", OsString::from(&around.user)),
        ("SHELL", around.shell.clone().into_os_string()),
        ("PWD", directory.clone()),
        ("PATH", search_path(around)),
    ];
    let mut built: Environment = own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    for name in PASSING {
        pass(around, name, is_locale_like, &mut built);
    }
    built
}

fn search_path(around: &Surroundings) -> OsString {
    let directories: Vec<&std::ffi::OsStr> =
        around.program_path.iter().map(|path| path.as_os_str()).collect();
    directories.join(std::ffi::OsStr::new(":"))
}

/// The first value of a name is the one getenv(3) gives; a second cannot slip in behind a sane one.
fn pass(around: &Surroundings, name: &str, sane: fn(u8) -> bool, built: &mut Environment) {
    let found = around.inherited.iter().find(|(key, _)| key == name);
    if let Some((_, value)) = found
        && value.len() <= LONGEST
        && value.as_bytes().iter().copied().all(sane)
    {
        built.insert(name.to_owned(), value.clone());
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"=:._-".contains(&byte)
}

fn is_locale_like(byte: u8) -> bool {
    is_plain(byte) || byte == b'@'
}
