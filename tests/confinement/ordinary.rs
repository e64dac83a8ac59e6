//! Work that a rule permits is not harmed: the same command with and without confinement says the same.

use std::path::{Path, PathBuf};

use gatesh::policy::types::Access;
use gatesh::policy::{Terms, sets};

use super::files::{file, give, installed, landlock, scratch};
use super::trial::{Outcome, Trial, nothing};
use crate::scenario::lacks;

/// What must be the same.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Same {
    Output,
    /// Status and errors; the output changes from one moment to the next.
    Status,
}

/// A command: program, words (`{F}` a file, `{D}` its directory, each granted as a path), sets, what must agree.
type Ordinary = (&'static str, &'static [&'static str], &'static [&'static str], Same);

#[rustfmt::skip]
const ORDINARY: &[Ordinary] = &[
    ("ls", &["-la", "{D}"], &[], Same::Output),
    ("ls", &["-laR", "{D}"], &[], Same::Output),
    ("cat", &["{F}"], &[], Same::Output),
    ("tac", &["{F}"], &[], Same::Output),
    ("head", &["-n", "2", "{F}"], &[], Same::Output),
    ("tail", &["-n", "2", "{F}"], &[], Same::Output),
    ("less", &["{F}"], &[], Same::Output),
    ("more", &["{F}"], &[], Same::Output),
    ("grep", &["-n", "line", "{F}"], &[], Same::Output),
    ("grep", &["-P", "^l.ne", "{F}"], &[], Same::Output),
    ("wc", &["{F}"], &[], Same::Output),
    ("sort", &["{F}"], &[], Same::Output),
    ("uniq", &["-c", "{F}"], &[], Same::Output),
    ("cut", &["-c", "1-3", "{F}"], &[], Same::Output),
    ("sed", &["-n", "1,2p", "{F}"], &[], Same::Output),
    ("gawk", &["{print $1}", "{F}"], &[], Same::Output),
    ("mawk", &["{print $1}", "{F}"], &[], Same::Output),
    ("jq", &["-n", "1+1"], &[], Same::Output),
    ("diff", &["{F}", "{F}"], &[], Same::Output),
    ("cmp", &["{F}", "{F}"], &[], Same::Output),
    ("file", &["{F}"], &["magic"], Same::Output),
    ("stat", &["{F}"], &[], Same::Output),
    ("du", &["-s", "{D}"], &[], Same::Output),
    ("find", &["{D}", "-name", "f*"], &[], Same::Output),
    ("realpath", &["{F}"], &[], Same::Output),
    ("md5sum", &["{F}"], &[], Same::Output),
    ("sha256sum", &["{F}"], &[], Same::Output),
    ("openssl", &["dgst", "{F}"], &["tls"], Same::Output),
    ("xxd", &["{F}"], &[], Same::Output),
    ("strings", &["{F}"], &[], Same::Output),
    ("gzip", &["-c", "{F}"], &[], Same::Output),
    ("xz", &["-c", "{F}"], &[], Same::Output),
    ("zstd", &["-qc", "{F}"], &[], Same::Output),
    ("tar", &["cf", "-", "--absolute-names", "{F}"], &[], Same::Output),
    ("id", &[], &[], Same::Output),
    ("whoami", &[], &[], Same::Output),
    ("lsattr", &["-v", "{F}"], &[], Same::Output),
    ("filefrag", &["{F}"], &[], Same::Output),
    ("uname", &["-a"], &[], Same::Output),
    ("hostname", &[], &[], Same::Output),
    ("date", &["-u", "+%Y"], &[], Same::Output),
    ("locale", &[], &[], Same::Output),
    ("printenv", &[], &[], Same::Output),
    ("expr", &["1", "+", "1"], &[], Same::Output),
    ("seq", &["3"], &[], Same::Output),
    ("true", &[], &[], Same::Output),
    ("dmesg", &["-l", "emerg"], &["kmsg"], Same::Status),
    ("df", &["-P", "/"], &["proc"], Same::Status),
    ("ps", &["aux"], &["proc"], Same::Status),
    ("top", &["-bn1"], &["proc"], Same::Status),
    ("free", &[], &["proc"], Same::Status),
    ("uptime", &[], &["proc"], Same::Status),
    ("vmstat", &[], &["proc"], Same::Status),
    ("pgrep", &["-c", "."], &["proc"], Same::Status),
    ("ss", &["-tln"], &["netlink"], Same::Status),
    ("ip", &["addr"], &["netlink"], Same::Output),
    ("ip", &["route"], &["netlink"], Same::Output),
    ("who", &[], &["logins"], Same::Output),
    ("last", &["-n", "1"], &["logins"], Same::Status),
    ("dpkg-query", &["-W", "bash"], &["packages"], Same::Output),
    ("apt-cache", &["policy", "bash"], &["packages"], Same::Output),
    ("git", &["-C", "{R}", "log", "--oneline"], &["git"], Same::Output),
    ("git", &["-C", "{R}", "status", "--short"], &["git"], Same::Output),
    ("git", &["-C", "{R}", "diff"], &["git"], Same::Output),
    ("journalctl", &["--no-pager", "-D", "{D}", "-n", "1"], &["journal"], Same::Output),
    ("getent", &["hosts", "localhost"], &["dns"], Same::Output),
    ("curl", &["--version"], &["dns", "tls"], Same::Output),
    ("perl", &["-MPOSIX", "-e", "print floor(1.5)"], &["scripts"], Same::Output),
    ("python3", &["-c", "import json; print(json.dumps(1))"], &["scripts"], Same::Output),
    ("vim", &["-R", "-es", "-c", "%print", "-c", "q!", "{F}"], &["editors"], Same::Output),
    ("sqlite3", &[":memory:", "select 1"], &[], Same::Output),
    ("man", &["--version"], &[], Same::Output),
    ("timedatectl", &["--version"], &[], Same::Output),
];

/// What fails on some hosts without confinement too: the program, what it then says, and why. Nothing else may.
const MAY_FAIL: &[(&str, &str, &str)] =
    &[("dmesg", "Operation not permitted", "kernel.dmesg_restrict keeps the kernel's log for root")];

struct Place {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let directory = scratch();
        // One deeper than what other tests make and remove beside it.
        let path = directory.path().join("place");
        std::fs::create_dir(&path).unwrap();
        give(&path);
        file(&path.join("file"), "line one\nline two\nlast\n");
        Self { _directory: directory, path }
    }

    /// A repository of the ordinary user's, made unconfined by git itself.
    fn repository(&self) -> PathBuf {
        let path = self.path.join("repository");
        if !path.exists() {
            let git = |words: &[&str]| {
                let made = self.trial(&installed("git").unwrap(), words).cwd(&self.path).unconfined().run();
                assert!(made.status.success(), "{made:?}");
            };
            let directory = path.display().to_string();
            git(&["init", "-q", &directory]);
            let who = ["-c", "user.name=a", "-c", "user.email=a@b"];
            git(&[&["-C", &directory], &who[..], &["commit", "-q", "--allow-empty", "-m", "first"]].concat());
        }
        path
    }

    fn trial(&self, program: &Path, words: &[&str]) -> Trial {
        Trial::new(program)
            .words(words)
            .env("HOME", "/nonexistent")
            .env("TMPDIR", self.path.display().to_string())
    }
}

/// Runs it in a fresh place; the name of the place is cut out of what it says.
fn run(ordinary: &Ordinary, program: &Path, confined: bool, place: &Place) -> Outcome {
    let (_, words, sets, _) = ordinary;
    let (named, directory) = (place.path.join("file"), place.path.clone());
    let mut terms = Terms { with: sets.iter().map(|set| (*set).to_owned()).collect(), ..nothing() };
    if sets::private_tmp(&terms) {
        terms.write.push(directory.clone());
    }
    let mut filled = Vec::new();
    let mut grants = Vec::new();
    for word in *words {
        let (text, grant) = match *word {
            "{F}" => (named.display().to_string(), Some((named.clone(), Access::Read))),
            "{D}" => (directory.display().to_string(), Some((directory.clone(), Access::Read))),
            "{R}" => (place.repository().display().to_string(), Some((place.repository(), Access::Tree))),
            word => (word.to_owned(), None),
        };
        filled.push(text);
        grants.extend(grant);
    }
    let words: Vec<&str> = filled.iter().map(String::as_str).collect();
    let mut trial = place.trial(program, &words).terms(terms);
    for (path, access) in &grants {
        trial = trial.grant(path, *access);
    }
    if confined { trial.run() } else { trial.unconfined().run() }
}

#[test]
fn permitted_work_is_not_harmed() {
    let place = Place::new();
    let (mut differ, mut absent, mut passed) = (Vec::new(), Vec::new(), 0);
    for ordinary in ORDINARY {
        let (name, words, _, same) = ordinary;
        let Some(program) = installed(name) else {
            absent.push(*name);
            continue;
        };
        let (free, held) = (run(ordinary, &program, false, &place), run(ordinary, &program, true, &place));
        let agree = free.status == held.status
            && free.err == held.err
            && (*same == Same::Status || free.out == held.out);
        if !agree {
            differ.push(format!("{name} {words:?}: unconfined {free:?}\nconfined {held:?}"));
        }
        let known = MAY_FAIL.iter().find(|(known, said, _)| known == name && free.err.contains(said));
        match known {
            _ if free.status.success() => passed += 1,
            Some((.., why)) => println!("skipped: {name}: {why}"),
            None => differ.push(format!("{name} {words:?}: fails without confinement too: {free:?}")),
        }
    }
    println!("{passed} commands succeed as ever");
    if !absent.is_empty() {
        lacks(&absent.join(", "));
    }
    assert!(differ.is_empty(), "{}", differ.join("\n\n"));
    assert!(passed >= 60, "too few commands really succeeded: {passed}");
}

#[test]
fn what_the_words_do_not_name_cannot_be_read() {
    if !landlock() {
        return;
    }
    let place = Place::new();
    let other = place.path.join("neighbour");
    file(&other, "nobody named this");
    let neighbour = other.display().to_string();
    for (program, words) in READERS {
        let Some(program) = installed(program) else {
            lacks(program);
            continue;
        };
        let words: Vec<String> = words.iter().map(|word| word.replace("{N}", &neighbour)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let terms = || Terms { read: vec!["/usr".into()], with: vec!["proc".into()], ..nothing() };
        let free = place.trial(&program, &words).terms(terms()).unconfined().run();
        let held = place.trial(&program, &words).terms(terms()).run();
        let shows =
            |outcome: &Outcome| format!("{}{}", outcome.out, outcome.err).contains("nobody named this");
        assert!(shows(&free), "{program:?} {words:?} shows nothing even unconfined: {free:?}");
        assert!(!shows(&held), "{program:?} {words:?}: {held:?}");
    }
}

/// Ways to read a file `{N}` that the rule does not grant.
#[rustfmt::skip]
const READERS: &[(&str, &[&str])] = &[
    ("cat", &["{N}"]),
    ("less", &["{N}"]),
    ("sed", &["-n", "$!d;r {N}", "/usr/share/common-licenses/BSD"]),
    ("gawk", &["BEGIN{getline l < \"{N}\"; print l}"]),
    ("mawk", &["BEGIN{getline l < \"{N}\"; print l}"]),
    ("perl", &["-e", "open F, '<', '{N}' or die; print <F>"]),
    ("python3", &["-c", "print(open('{N}').read())"]),
    ("python3", &["-c", "print(open('/proc/self/root{N}').read())"]),
    ("python3", &["-c", "import os; print(os.read(os.open('/proc/self/fd/%d' % os.open('{N}', os.O_PATH), 0), 99))"]),
    ("sqlite3", &[":memory:", "select readfile('{N}')"]),
    ("vim", &["-es", "-c", "e {N}", "-c", "%print", "-c", "q!"]),
    ("grep", &["-f", "{N}", "-e", ".", "{N}"]),
    ("diff", &["/dev/null", "{N}"]),
    ("tail", &["{N}"]),
    ("dd", &["if={N}"]),
    ("tar", &["cPf", "-", "{N}"]),
    ("xxd", &["-c", "64", "{N}"]),
    ("git", &["-C", "/", "diff", "--no-index", "/dev/null", "{N}"]),
    ("bash", &["-c", "read -r line < {N}; echo $line"]),
    ("sort", &["{N}"]),
    ("curl", &["-s", "file://{N}"]),
    ("php", &["-r", "readfile('{N}');"]),
    ("ruby", &["-e", "print File.read('{N}')"]),
];

/// A program at a terminal: words, sets, keys that leave it, and what the screen must have shown.
type Interactive =
    (&'static str, &'static [&'static str], &'static [&'static str], &'static str, &'static str);

#[rustfmt::skip]
const AT_TERMINAL: &[Interactive] = &[
    ("less", &["{F}"], &[], "q", "line two"),
    ("more", &["{F}"], &[], "q", "line two"),
    ("vim", &["-R", "{F}"], &["editors"], "\x1b:q!\r", "line two"),
    ("vim.tiny", &["-R", "{F}"], &["editors"], "\x1b:q!\r", "line two"),
    ("nano", &["-v", "{F}"], &["editors"], "\x18", "line two"),
    ("top", &[], &["proc"], "q", "load average"),
    ("sqlite3", &[], &[], "select 40+2;\n.quit\n", "42"),
    ("python3", &["-q"], &["scripts"], "print(40+2)\nexit()\n", "42"),
    ("watch", &["--help"], &[], "", "Usage"),
    ("tty", &[], &[], "", "/dev/pts/"),
    ("stty", &["-a"], &[], "", "speed"),
];

#[test]
fn programs_at_a_terminal_work_as_ever() {
    let place = Place::new();
    let named = place.path.join("file");
    for (name, words, sets, keys, shown) in AT_TERMINAL {
        let Some(program) = installed(name) else {
            lacks(name);
            continue;
        };
        let words: Vec<String> =
            words.iter().map(|word| word.replace("{F}", &named.display().to_string())).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let terms = Terms { with: sets.iter().map(|set| (*set).to_owned()).collect(), ..nothing() };
        let trial = place.trial(&program, &words).terms(terms).grant(&named, Access::Read).given_terminal();
        let (status, screen) = trial.at_terminal().settle_and_type(keys);
        assert!(status.success() && screen.contains(shown), "{name}: {status} {screen}");
    }
}
