//! Known ways around a gate, each tried on the built gatesh with a policy that gives it a chance. The table is
//! `fixtures/attacks.tsv`; where a shell is the way, the same line is also given to that shell, so that a refusal
//! here is known to have refused something.

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

/// What stands against a row's citation of tests elsewhere: `file::test`, several with commas between them, and
/// after a colon the row of that test's own table, or of its neighbours.
fn unfounded(citation: &str) -> Option<String> {
    let (tests, row) = citation.split_once(": ").unwrap_or((citation, ""));
    for test in tests.split(", ") {
        let (file, name) = test.split_once(".rs::").unwrap_or((test, ""));
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{file}.rs"));
        let text = fs::read_to_string(&file).unwrap_or_default();
        // Those that run alone are listed in a macro, which makes each function a test.
        let heads = [format!("#[test]\nfn {name}()"), format!("\n    fn {name}()")];
        if !heads.iter().any(|head| text.contains(head)) {
            return Some(format!("{test}: no such test"));
        }
        let quoted = format!("\"{row}\"");
        let beside = fs::read_dir(file.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
        let has_row = |path: &Path| fs::read_to_string(path).is_ok_and(|text| text.contains(&quoted));
        if !row.is_empty() && !beside.filter(|path| path.is_file()).any(|path| has_row(&path)) {
            return Some(format!("{test}: no row {quoted}"));
        }
    }
    None
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

/// Its user may add to the log, and a command of theirs may not; nor where its rule writes beside it.
#[test]
fn the_log_is_out_of_reach_of_what_is_run() {
    let types = "[types]\nlog = { file = [\"{top}/var/log/**\"] }\n";
    let rules = |write: &str| {
        format!("{types}[[allow]]\ncommands = [\"sed (-n) (-f <log>) <log>\"]\nwrite = [\"{write}\"]\n")
    };
    let scene = |write: &str| {
        let scene = Gatesh::new().policy(&rules(write));
        let script = scene.spelled("w {top}/audit.log\n");
        scene.file("var/log/script", &script)
    };
    let line = "sed -n -f {top}/var/log/script {top}/var/log/app.log";
    let control = scene("{top}/tmp");
    let mut free = control.outside(Path::new("/usr/bin/env"));
    free.args(control.spelled(line).split(' '));
    run(free, b"");
    assert!(fs::read_to_string(control.path("audit.log")).unwrap().contains("two ERROR"));
    let refused = scene("{top}/audit.log").line(line).session_refused_because("cannot be read");
    assert!(refused.records[0]["reason_text"].to_string().contains("gatesh's own files"), "{refused:?}");
    if crate::confinement::gate::confines() {
        let answer = scene("{top}/tmp").line(line).answer();
        assert!(answer.code() != 0 && answer.err.contains("Permission denied"), "{answer:?}");
        // Every line was a record, or the answer could not have been read.
        assert_eq!(answer.started().len(), 1);
    }
}

#[test]
fn a_log_that_was_removed_stops_commands() {
    let scene = Gatesh::new().policy(LOGS);
    fs::remove_file(scene.path("audit.log")).unwrap();
    scene.line("ls").session_refused_because("nothing runs without a record");
}

#[test]
fn a_command_has_three_descriptors_and_no_more() {
    let rules = "[[allow]]\ncommands = [\"ls '/proc/self/fd'\"]\nread = [\"/proc\"]\n";
    let answer = Gatesh::new().policy(rules).line("ls /proc/self/fd").allowed();
    // The fourth is ls's own, for the directory.
    assert_eq!(answer.out, "0\n1\n2\n3\n");
}

/// In a /tmp of the test's own: gatesh runs, another user makes what it had made there, and gatesh runs again.
const SQUATTED: &str = r#"
set -e
top=$1; shift
mount --bind "$top" /mnt
mount -t tmpfs -o mode=1777 none /tmp
mkdir "$top"
mount --bind /mnt "$top"
first=$(dirname "$("$@" -c 'mktemp')")
ls -A /tmp
setpriv --reuid 65533 --regid 65533 --clear-groups sh -c 'mkdir -m 777 "$1"; echo theirs >"$1/x"' sh "$first"
second=$("$@" -c 'mktemp')
echo "$first"; echo "$(dirname "$second")"; cat "$first"/*
ls -A /tmp
"#;

#[test]
fn nothing_is_kept_where_another_user_could_have_put_something_first() {
    if !crate::scenario::is_root() {
        return println!("skipped: a /tmp of its own takes root");
    }
    let rules = "[[allow]]\ncommands = [\"mktemp\"]\nwith = [\"@tmp\"]\n";
    let scene = Gatesh::new().policy(rules);
    let top = scene.spelled("{top}");
    let words = ["-m", "sh", "-c", SQUATTED, "sh", &top];
    // Where the tests were built may be under /tmp, too.
    let copy = scene.path("gatesh");
    crate::scenario::output("cp", &[env!("CARGO_BIN_EXE_gatesh"), copy.to_str().unwrap()]);
    let mut command = scene.outside(&copy);
    command.args(scene.command().get_args());
    let answer = run(crate::scenario::like(&command, "unshare", &words), b"");
    let [left, first, second, theirs, rest @ ..] = &answer.out.lines().collect::<Vec<_>>()[..] else {
        panic!("{answer:?}")
    };
    let tree = top.strip_prefix("/tmp/").unwrap();
    assert_eq!((*left, *theirs), (tree, "theirs"), "{answer:?}");
    assert!(first.starts_with("/tmp/gatesh-") && second.starts_with("/tmp/gatesh-"), "{answer:?}");
    assert_ne!(first, second, "another user's directory was taken");
    assert_eq!(rest, [first.strip_prefix("/tmp/").unwrap(), tree], "{answer:?}");
}

/// `sudo` starts in `/`, so a directory operand that is left out is `/` and not where the person stands.
#[test]
fn an_elevated_command_without_its_directory_does_not_get_the_root_directory() {
    let policy = format!("{LOGS}\n[[allow]]\ncommands = [\"sudo ls [<dir>]\"]\n");
    let answer =
        Gatesh::new().policy(&policy).line("sudo ls").denied_because("not allowed with sudo: try ls");
    assert_eq!(answer.started(), Vec::<String>::new());
}

/// However a denied file is spelled, and whether or not the person could look at it.
#[test]
fn a_deny_holds_for_text_that_root_reads() {
    let policy = format!(
        "{LOGS}\n[[allow]]\ncommands = [\"sudo tail [-f<text>] [--file=<text>] [<text>]\"]\n\
         [[deny]]\nfiles = [\"{{top}}/root/**\", \"/root/**\"]\nreason = \"it is denied\"\n"
    );
    let spellings =
        ["{top}/root/.bashrc", "-f{top}/root/.bashrc", "--file=a={top}/root/.bashrc", "/root/x", "root/x"];
    for spelled in spellings {
        let line = format!("sudo tail {spelled}");
        let answer = Gatesh::new().policy(&policy).line(&line).denied_because("it is denied");
        assert_eq!(answer.code_of_denial(), "deny-rule", "{spelled}");
    }
}

#[test]
fn sudo_itself_can_be_denied() {
    let policy = format!("{LOGS}\n[[allow]]\ncommands = [\"sudo true\"]\n[[deny]]\nprograms = [\"sudo\"]\n");
    Gatesh::new().policy(&policy).line("sudo true").denied_because("denied");
}

/// The tree is opened through links that root placed, so the deny has to follow them too.
#[test]
fn a_link_in_a_granted_tree_does_not_lead_around_a_deny() {
    let policy = format!(
        "{LOGS}\n[[allow]]\ncommands = [\"true\"]\nread = [\"{{top}}/link\"]\n\
         [[deny]]\nfiles = [\"{{top}}/root/**\"]\n"
    );
    Gatesh::new().link("link", "{top}/root").policy(&policy).line("true").denied_because("denied");
}

/// What a command of a line changes can make another rule launch the next one, whose questions nobody has asked.
#[test]
fn a_rule_that_asks_is_not_reached_by_swapping_a_file_in_the_middle_of_a_line() {
    let policy = r#"
description = "Reads logs"
[types]
log  = { file = ["{top}/var/log/*"] }
own  = { file = ["{top}/var/log/app/*"] }
[[allow]]
commands = ["ln (-s) (-f) <log> <text>"]
write = ["{top}/var/log/app"]
[[allow]]
commands = ["head <own>"]
[[allow]]
commands = ["head <log>"]
confirm = true
"#;
    let line = "ln -s -f {top}/var/log/app.log {top}/var/log/app/x; head {top}/var/log/app/x";
    let gatesh = Gatesh::new().file("var/log/app/x", "own\n").policy(policy);
    let answer = gatesh.line(line).answer().says("asks for confirmation");
    assert_eq!(answer.started().len(), 1);
}

#[test]
fn nothing_is_started_after_the_longest_time_a_session_may_take() {
    let gatesh = Gatesh::new()
        .session("max_duration = \"1s\"")
        .policy("description = \"Waits\"\n[[allow]]\ncommands = [\"sleep <number>\", \"true\"]\n");
    let answer = gatesh.lines("sleep 5\ntrue\n").answer();
    assert_eq!(answer.started().len(), 1);
}

/// A deny of words is about what the words say, and not about how they are joined.
#[test]
fn a_denied_option_is_denied_in_every_spelling() {
    let policy = LOGS
        .replace("\"wc [-l] <log>...\"", "\"wc [-l | --lines] [-w] [-x <rows>] [--max=<rows>] <log>...\"");
    for (denied, lines) in [
        ("-l", ["wc -l", "wc -wl", "wc --lines", "wc -lx5", "wc -lw"]),
        ("--lines", ["wc -l", "wc -wl", "wc --lines", "wc -lx5", "wc -lw"]),
        ("-x5", ["wc -x5", "wc -x 5", "wc -wx5", "wc -lx 5", "wc -wlx5"]),
        ("--max=?", ["wc --max=5", "wc -l --max=5", "wc --max=6", "wc -w --max=7", "wc --max=1 -l"]),
    ] {
        let rules = format!("{policy}\n[[deny]]\nwords = [\"{denied}\"]\nreason = \"it is denied\"\n");
        for line in lines {
            let line = format!("{line} {{top}}/var/log/a");
            Gatesh::new().policy(&rules).line(&line).denied_because("it is denied");
        }
    }
}

/// perl is two hard links on Debian, and busybox is many on some hosts.
#[test]
fn a_denied_program_is_denied_by_all_its_names() {
    let policy = format!(
        "{LOGS}\n[[allow]]\ncommands = [\"{{top}}/other\"]\n[[deny]]\nprograms = [\"{{top}}/denied\"]\n"
    );
    let scene = Gatesh::new().program("denied", "#!/bin/sh\n").policy(&policy);
    fs::hard_link(scene.path("denied"), scene.path("other")).unwrap();
    scene.line("{top}/other").denied_because("denied by");
}

/// A caller chooses which signals are ignored, and that survives execve(2); no program should meet it.
#[test]
fn signals_that_the_caller_ignored_are_not_ignored_by_a_command() {
    let rules = "[[allow]]\ncommands = [\"cat '/proc/self/status'\"]\nwith = [\"@proc\"]\n";
    let scene = Gatesh::new().policy(rules);
    let mut command = scene.command();
    command.args(["-c", "cat /proc/self/status"]);
    let ignoring = "trap '' 1 2 3 13 15 17 20 34 40 64; exec \"$@\"";
    let ignored = |command| {
        let answer = run(crate::scenario::like(&command, "/bin/sh", &["-c", ignoring, "sh"]), b"");
        let line = answer.out.lines().find(|line| line.starts_with("SigIgn:")).map(str::to_owned);
        line.unwrap_or_else(|| panic!("{answer:?}")).split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_eq!(ignored(command), "0000000000000000");
    let mut free = scene.outside(Path::new("/bin/cat"));
    free.arg("/proc/self/status");
    assert_ne!(ignored(free), "0000000000000000");
}
