//! Known ways around a gate, each tried on the built gatesh with a policy that gives it a chance. The table is
//! `fixtures/attacks.tsv`; where a shell is the way, the same line is also given to that shell, so that a refusal
//! here is known to have refused something.

mod scenes;

use std::fs;
use std::path::Path;

use crate::scenario::{Answer, Gatesh, SECRET, run};

const TABLE: &str = include_str!("fixtures/attacks.tsv");

/// The log-reading rules that most attacks are tried on: `<log>` is generous, so that only the path decides.
const LOGS: &str = r#"
description = "Reads logs"
directories = ["{top}/var/log/**"]
[types]
log  = { file = ["{top}/var/log/**"] }
dir  = { directory = ["{top}/var/log/**"] }
rows = { integer = [1, 1000] }
[[allow]]
commands = [
  "ls [-al] [<dir>...]", "cat <log>...", "less [-NS] <log>...", "tail [-f] [-n <rows>] <log>...",
  "grep [-v] <text> <log>...", "wc [-l] <log>...", "diff <log> <log>", "head [-c <rows>] <log>",
]
"#;

/// The rules a row's policy column names: as the attack wants them, and no wider.
fn policy(name: &str) -> String {
    let synopsis = match name {
        "logs" => return LOGS.to_owned(),
        "ls" => "ls [-l] [<dir>...]\", \"true",
        "yum" => "sudo yum update",
        "env" => "env\", \"ls [<dir>]\", \"less <log>",
        "less" => "less <log>",
        "man" => "man <word>",
        "vim" => "vim [-R] <log>",
        "find" => "find <dir> [-name <glob>]",
        "tar" => "tar (-t) (-f <log>)",
        "git" => "git log [-n <rows>]",
        "scp" => "scp <log> <host>",
        "ssh" => "ssh <host>",
        "zip" => "zip <word> <log>",
        "tcpdump" => "tcpdump (-i <word>) [-c <rows>]",
        "busybox" => "busybox (ls|true)",
        "ldd" => "ldd <log>",
        other => panic!("no policy is called {other}"),
    };
    let (types, _) = LOGS.split_once("[[allow]]").unwrap();
    format!("{types}[[allow]]\ncommands = [\"{synopsis}\"]\n")
}

/// One row of the table.
#[derive(Debug)]
struct Attack {
    id: &'static str,
    family: &'static str,
    policy: &'static str,
    /// The shell in which it works, `-`, or `elsewhere`.
    control: &'static str,
    given: &'static str,
    input: Vec<u8>,
    /// Exit status and what the message says; for those elsewhere, where.
    outcome: &'static str,
}

fn attacks() -> Vec<Attack> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    rows.map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [id, family, policy, control, given, input, outcome] = columns[..] else { panic!("{line}") };
        Attack { id, family, policy, control, given, input: bytes(input), outcome }
    })
    .collect()
}

/// `\n`, `\xHH` and `\\` stand for bytes; `%{N TEXT}` is TEXT N times.
fn bytes(text: &str) -> Vec<u8> {
    if let Some((before, rest)) = text.split_once("%{") {
        let (count, repeated) = rest.strip_suffix('}').unwrap().split_once(' ').unwrap();
        return format!("{before}{}", repeated.repeat(count.parse().unwrap())).into_bytes();
    }
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend(before.as_bytes());
        let (byte, length) = match after.as_bytes()[0] {
            b'n' => (b'\n', 1),
            b'\\' => (b'\\', 1),
            b'x' => (u8::from_str_radix(&after[1..3], 16).unwrap(), 3),
            other => panic!("\\{} in {text}", char::from(other)),
        };
        bytes.push(byte);
        rest = &after[length..];
    }
    bytes.extend(rest.as_bytes());
    bytes
}

impl Attack {
    fn is_here(&self) -> bool {
        self.control != "elsewhere"
    }

    /// The tree it is about: links, hard links and a named pipe beside the logs.
    fn scene(&self) -> Gatesh {
        let scene = Gatesh::new()
            .policy(&policy(self.policy))
            .link("var/log/app/link", "{top}/etc/shadow")
            .file("tmp/policy/gatesh.toml", "");
        fs::hard_link(scene.path("etc/shadow"), scene.path("var/log/app/hard")).unwrap();
        nix::unistd::mkfifo(&scene.path("var/log/app/fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        scene.hand_over("var/log/app/fifo");
        self.variables().fold(scene, |scene, (name, value)| scene.env(name, value))
    }

    /// A word of gatesh's own can hold no NUL, and Linux takes none over 128 KiB: then it comes through a pipe.
    fn is_an_argument(&self) -> bool {
        !self.input.contains(&0) && self.input.len() < 100_000
    }

    fn variables(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.given.split(" ++ ").filter_map(|variable| variable.split_once('='))
    }

    /// What stands against it, or `None` if all is well.
    fn complaint(&self) -> Option<String> {
        let (status, reason) = self.outcome.split_once(' ').unwrap_or((self.outcome, ""));
        if self.is_an_argument() {
            let scene = self.scene();
            let top = scene.spelled("{top}");
            let answer = scene.line(&self.input).answer();
            let said = crate::scenario::flat(&answer.err).replace(&top, "{top}");
            if answer.code().to_string() != status || !said.contains(reason) || !self.holds(&answer) {
                return Some(format!("{} as -c: {} {said}", self.id, answer.code()));
            }
        }
        if !self.is_an_argument() || self.input.contains(&b'\n') {
            let answer = self.scene().lines(&self.input).answer();
            if answer.denied().is_empty() || !self.holds(&answer) {
                return Some(format!("{} as a pipe: {} {}", self.id, answer.code(), answer.err));
            }
        }
        None
    }

    /// No marker, no secret, no file written, no variable handed on, and what was refused is on record.
    fn holds(&self, answer: &Answer) -> bool {
        let shows = |text: &str| answer.out.contains(text) || answer.err.contains(text);
        let hands_on = |(name, value)| answer.out.contains(&format!("{name}={value}"));
        let is_recorded = answer.code() == 0 || !answer.denied().is_empty();
        !answer.marker && !shows(SECRET) && !self.variables().any(hands_on) && is_recorded
    }

    /// Whether it does harm where a shell reads it.
    fn works_in(&self, shell: &str) -> bool {
        let scene = self.scene();
        let line = String::from_utf8(self.input.clone()).unwrap();
        let mut command = scene.outside(Path::new("/usr/bin/env"));
        command.args([shell, "-c", &scene.spelled(&line)]);
        let answer = run(command, b"");
        let shown = answer.out + &answer.err;
        scene.marker().exists() || shown.contains(SECRET) || scene.path("tmp/out").exists()
    }
}

#[test]
fn no_attack_gets_past_the_gate() {
    let attacks = attacks();
    let complaints: Vec<String> =
        attacks.iter().filter(|attack| attack.is_here()).filter_map(Attack::complaint).collect();
    assert!(complaints.is_empty(), "{} got through:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn without_the_gate_the_same_lines_do_harm() {
    let harmless: Vec<&str> = attacks()
        .iter()
        .filter(|attack| ["sh", "bash"].contains(&attack.control) && !attack.works_in(attack.control))
        .map(|attack| attack.id)
        .collect();
    assert_eq!(harmless, Vec::<&str>::new());
}

#[test]
fn every_family_has_an_attack_that_is_known_to_work() {
    // What sudo does with its own options is tried in e2e/sudo.rs, where there is a real one.
    let exempt = ["sudo-args", "audit", "completion", "process"];
    let attacks = attacks();
    let works = |family| attacks.iter().any(|a| a.family == family && a.is_here() && a.control != "-");
    let untried: Vec<&str> =
        attacks.iter().map(|attack| attack.family).filter(|f| !exempt.contains(f) && !works(*f)).collect();
    assert_eq!(untried, Vec::<&str>::new());
}

/// What stands against a row's citation of tests elsewhere: `file::test`, and after a colon the row of that test's
/// own table, or of its neighbours'. Several stand with `; ` between them.
fn unfounded(citations: &str) -> Option<String> {
    citations.split("; ").find_map(|citation| {
        let (test, row) = citation.split_once(": ").unwrap_or((citation, ""));
        let (file, name) = test.split_once("::").unwrap_or((test, "no test"));
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = fs::read_to_string(&file).unwrap_or_default();
        // Those that run alone are listed in a macro, which makes each function a test.
        let heads = [format!("#[test]\nfn {name}()"), format!("\n    fn {name}()")];
        if !heads.iter().any(|head| text.contains(head)) {
            return Some(format!("{test}: no such test"));
        }
        let quoted = format!("\"{row}\"");
        let beside = fs::read_dir(file.parent()?).unwrap().map(|entry| entry.unwrap().path());
        let has_row = |path: &Path| fs::read_to_string(path).is_ok_and(|text| text.contains(&quoted));
        let is_there = row.is_empty() || beside.filter(|path| path.is_file()).any(|path| has_row(&path));
        (!is_there).then(|| format!("{test}: no row {quoted}"))
    })
}

#[test]
fn what_is_tried_elsewhere_is_there() {
    let attacks = attacks();
    let complaints: Vec<String> = attacks
        .iter()
        .filter(|attack| !attack.is_here())
        .filter_map(|attack| Some(format!("{}: {}", attack.id, unfounded(attack.outcome)?)))
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
