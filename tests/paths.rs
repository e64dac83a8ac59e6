//! Path values against real trees, through the library's own door: spellings that other gates let through,
//! names that change under the hand, and what must hold for every name.
#![expect(clippy::unwrap_used, reason = "tests: what fails here is the test itself")]

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::PathBuf;

use gatesh::policy::glob::Glob;
use gatesh::policy::paths::{PathRefusal, View};
use gatesh::policy::types::{Access, Object, PathType};
use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sys::stat::{Mode, fstat};
use nix::unistd::mkfifo;
use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};
use tempfile::TempDir;

/// A log directory that a hostile writer has filled.
struct Logs {
    _directory: TempDir,
    root: PathBuf,
    wanted: PathType,
    view: View,
}

impl Logs {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("log/app")).unwrap();
        for name in ["log/app.log", "log/app/a.log", "shadow"] {
            fs::write(root.join(name), "x").unwrap();
        }
        for link in ["log/link", "log/app/link", "log/app/swap"] {
            symlink(root.join("shadow"), root.join(link)).unwrap();
        }
        fs::hard_link(root.join("shadow"), root.join("log/app/hard")).unwrap();
        fs::set_permissions(root.join("shadow"), std::os::unix::fs::PermissionsExt::from_mode(0o666))
            .unwrap();
        mkfifo(&root.join("log/app/fifo"), Mode::S_IRWXU).unwrap();
        let globs = vec![Glob::path(&format!("{}/log/**", root.display()), None).unwrap()];
        let (except, access) = (Vec::new(), Access::Read);
        let wanted = PathType { object: Object::File, globs, except, access, must_exist: true };
        let (flags, name) = (OFlag::O_PATH | OFlag::O_CLOEXEC, root.join("log"));
        let view = View::Host { directory: openat(AT_FDCWD, &name, flags, Mode::empty()).unwrap(), name };
        Self { _directory: directory, root, wanted, view }
    }

    fn refusal(&self, typed: &str) -> PathRefusal {
        match self.view.resolve(&self.wanted, typed, false) {
            Ok(checked) => panic!("{typed:?} was accepted as {}", checked.path.display()),
            Err(refusal) => refusal,
        }
    }

    /// `/var/log` of the spelling stands for this tree's log directory, `/etc` for what lies beside it.
    fn here(&self, typed: &str) -> String {
        let root = self.root.to_str().unwrap();
        typed.replace("/var/log", &format!("{root}/log")).replace("/etc", root)
    }

    fn inside(&self, typed: &str) -> String {
        format!("{}/log/{typed}", self.root.display())
    }
}

/// What the words of attack lines come to: A042, A043, A046, A048, A049, A053.
#[test]
fn no_spelling_of_a_name_outside_matches() {
    let logs = Logs::new();
    for typed in [
        "/et\\c/shadow",
        "/etc/shadow",
        "//etc/shadow",
        "/./etc/shadow",
        "/var/log/\\x2e\\x2e/../etc/shadow",
        "/var/log/../shadow",
        "../shadow",
        "app/../../shadow",
        "./../shadow",
        "/var/log/app/../../../../../../../../../../etc/shadow",
        "/proc/self/root/etc/shadow",
        "/var/log/../../etc/shadow",
    ] {
        assert_eq!(logs.refusal(&logs.here(typed)), PathRefusal::NoMatch, "{typed}");
        assert_eq!(logs.refusal(typed), PathRefusal::NoMatch, "{typed}");
    }
}

/// A045, A054: escapes and percent signs mean nothing to the kernel, so this is one name that is not there.
#[test]
fn an_encoded_slash_is_no_slash() {
    let logs = Logs::new();
    assert_eq!(logs.refusal("$\\057etc/shadow"), PathRefusal::Missing);
    assert_eq!(logs.refusal(&logs.inside("..%2f..%2fetc%2fshadow")), PathRefusal::Missing);
    assert_eq!(logs.refusal(&logs.here("/var/log%2f..%2f..%2fetc/shadow")), PathRefusal::NoMatch);
}

/// A074, A075, A076, A082: links a writer of the tree has placed.
#[test]
fn a_link_placed_in_the_tree_leads_nowhere() {
    let logs = Logs::new();
    for typed in ["link", "./link", "app/link", "app/swap", &logs.inside("app/link")] {
        assert_eq!(logs.refusal(typed), PathRefusal::NoMatch, "{typed}");
    }
}

/// A079, A092, A105: descriptors and devices by name.
#[test]
fn descriptors_and_devices_do_not_match() {
    let logs = Logs::new();
    for typed in ["/proc/self/fd/3", "/dev/fd/3", "/dev/stdin", "/dev/zero", "/proc/self/environ", "/dev/tty"]
    {
        assert_eq!(logs.refusal(typed), PathRefusal::NoMatch, "{typed}");
    }
}

/// A084: the second name of a file that others can write.
#[test]
fn a_hard_link_to_a_file_outside_is_refused() {
    let logs = Logs::new();
    assert_eq!(logs.refusal("app/hard"), PathRefusal::HardLinks);
}

/// A085: opening must not wait for a writer.
#[test]
fn a_named_pipe_is_refused_without_waiting() {
    let logs = Logs::new();
    assert_eq!(logs.refusal("app/fifo"), PathRefusal::WrongObject("a named pipe"));
}

/// A060, A061, A064: a word whose pattern characters were quoted, or found nothing, is a plain name.
#[test]
fn pattern_characters_in_a_plain_name_mean_nothing() {
    let logs = Logs::new();
    for typed in
        ["/[e]tc/shadow", "/[!a]tc/shadow", "/[^a]tc/shadow", "/*/shadow", "**/../../shadow", "../sha*"]
    {
        assert_eq!(logs.refusal(typed), PathRefusal::NoMatch, "{typed}");
    }
    assert_eq!(logs.refusal("*.log"), PathRefusal::Missing);
}

/// A068, A069: only the line's reader knows a tilde, and only `~/`.
#[test]
fn a_tilde_is_a_character() {
    let logs = Logs::new();
    for typed in ["~root/.bashrc", "~+/../../etc/shadow", "~-/shadow"] {
        assert!(matches!(logs.refusal(typed), PathRefusal::Missing | PathRefusal::NoMatch), "{typed}");
    }
}

proptest! {
    #[test]
    fn what_is_accepted_matches_and_is_the_object_its_name_leads_to(
        parts in prop::collection::vec("\\.|\\.\\.|app|log|link|hard|a\\.log|app\\.log|", 0..6),
        absolute in 0..2,
    ) {
        let logs = Logs::new();
        let typed = if absolute == 0 { parts.join("/") } else { format!("{}/{}", logs.root.display(), parts.join("/")) };
        if let Ok(checked) = logs.view.resolve(&logs.wanted, &typed, false) {
            prop_assert!(logs.wanted.globs[0].matches(checked.bytes()));
            let (held, named) = (fstat(checked.descriptor.as_ref().unwrap()).unwrap(), fs::symlink_metadata(&checked.path).unwrap());
            prop_assert!(named.is_file());
            prop_assert_eq!((held.st_dev, held.st_ino), (named.dev(), named.ino()));
        }
    }

    #[test]
    fn a_refusal_is_the_same_whether_or_not_the_outside_exists(
        parts in prop::collection::vec("\\.|\\.\\.|out|deep|app|link|log", 1..7),
    ) {
        let (with, without) = (Logs::new(), Logs::new());
        for logs in [&with, &without] {
            symlink(logs.root.join("out/deep"), logs.root.join("log/out")).unwrap();
        }
        fs::create_dir_all(with.root.join("out/deep")).unwrap();
        fs::write(with.root.join("out/deep/app"), "x").unwrap();
        fs::remove_file(without.root.join("shadow")).unwrap();
        let answers = [&with, &without].map(|logs| logs.view.resolve(&logs.wanted, &parts.join("/"), false).map(|_| ()));
        // A link that leads through a directory outside and back in is there only if that directory is.
        if answers[0].is_err() {
            prop_assert_eq!(&answers[0], &answers[1], "{}", parts.join("/"));
        }
    }
}
