//! Attacks that take more than a line, or rules of their own.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::LOGS;
use crate::scenario::{Gatesh, run};

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
    let kept = BTreeSet::from([first.strip_prefix("/tmp/").unwrap(), tree]);
    assert_eq!(rest.iter().copied().collect::<BTreeSet<_>>(), kept, "{answer:?}");
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
