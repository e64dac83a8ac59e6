//! What a rule grants is there, and what it does not is not, whatever the program is told.

use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};

use super::{confines, enforcement, has, rule, unconfined};
use crate::scenario::SECRET;

/// sed reads, writes and starts what its script says: a rule that lets people write the script is as careless as
/// a rule can be.
const SED: &str = r#""sed (-n) <any> <log>", "sed (-n) <any>", "cat <log>""#;
const READS: &str = "sed -n 'r {top}/etc/shadow' {top}/var/log/app.log";
const WRITES: &str = "sed -n 'w {top}/out/new' {top}/var/log/app.log";
const STARTS: &str = "sed -n '1e touch {top}/tmp/marker' {top}/var/log/app.log";

#[test]
fn a_careless_rule_still_reads_only_what_its_words_name() {
    let answer = rule(SED, "").line(READS).answer().harmless();
    if confines() {
        assert_eq!((answer.out.as_str(), enforcement(&answer)), ("", "full"));
    }
    let free = unconfined(&rule(SED, ""), &["sed", "-n", "r {top}/etc/shadow", "{top}/var/log/app.log"]);
    assert!(free.out.contains(SECRET), "{free:?}");
    let granted = rule(SED, "read = [\"{top}/etc\"]").line(READS).allowed();
    assert!(granted.out.contains(SECRET), "{granted:?}");
}

#[test]
fn a_careless_rule_writes_nothing() {
    if !confines() {
        return;
    }
    let scene = rule(SED, "");
    let made = scene.path("out/new");
    assert_ne!(rule(SED, "").line(WRITES).answer().code(), 0);
    assert_ne!(scene.line(WRITES.replace("new", "old")).answer().code(), 0);
    assert!(!made.exists());
    let scene = rule(SED, "");
    unconfined(&scene, &["sed", "-n", "w {top}/out/new", "{top}/var/log/app.log"]);
    assert!(scene.path("out/new").exists());
    rule(SED, "write = [\"{top}/out\"]").line(WRITES).allowed();
}

#[test]
fn a_careless_rule_starts_nothing() {
    let answer = rule(SED, "").line(STARTS).answer();
    assert!(!answer.marker, "{answer:?}");
    let scene = rule(SED, "");
    unconfined(&scene, &["sed", "-n", "1e touch {top}/tmp/marker", "{top}/var/log/app.log"]);
    assert!(scene.marker().exists());
    let any = rule(SED, "exec = \"any\"\nwrite = [\"{top}/tmp\"]").line(STARTS).allowed();
    assert!(any.marker, "{any:?}");
    assert!(["listed", "none"].contains(&enforcement(&any)), "{any:?}");
}

#[test]
fn each_stage_of_a_pipeline_has_a_fence_of_its_own() {
    if !confines() {
        return;
    }
    let line = "cat {top}/var/log/app.log | sed -n '1r {top}/var/log/app.log'";
    let answer = rule(SED, "").line(line).allowed();
    assert_eq!(answer.out, "", "the second stage read what only the first was granted");
    let granted = rule(SED, "read = [\"{top}/var/log\"]").line(line).allowed();
    assert!(granted.out.contains("ERROR"), "{granted:?}");
}

#[test]
fn only_programs_of_the_list_can_be_started() {
    let synopsis = r#""env (/usr/bin/id|/usr/bin/uname) [-u]""#;
    let listed = "exec = [\"/usr/bin/id\"]";
    rule(synopsis, listed).line("env /usr/bin/id -u").allowed();
    if confines() {
        let answer = rule(synopsis, listed).line("env /usr/bin/uname").answer();
        assert_eq!((answer.code(), enforcement(&answer)), (126, "listed"), "{answer:?}");
        assert_ne!(rule(synopsis, "").line("env /usr/bin/id -u").answer().code(), 0);
    }
    rule(synopsis, "exec = \"any\"").line("env /usr/bin/uname").allowed();
}

#[test]
fn a_missing_write_operand_is_made_and_its_neighbours_are_not() {
    let synopsis = r#""tee [-a] <out>", "cat <log>""#;
    let scene = rule(synopsis, "");
    let (made, top) = (scene.path("out/new"), scene.spelled("{top}"));
    let answer = scene.line("cat {top}/var/log/app.log | tee {top}/out/new").answer();
    assert!(answer.out.contains("ERROR"), "{answer:?}");
    assert!(!made.exists(), "{top} outlived its scene");
}

#[test]
fn what_a_write_operand_names_is_written_and_is_the_persons_alone() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let scene = rule(r#""tee <out>", "cat <log>""#, "");
    let mut command = scene.command();
    command.args(["-c", &scene.spelled("cat {top}/var/log/app.log | tee {top}/out/new")]);
    assert!(command.output().unwrap().status.success());
    let made = std::fs::metadata(scene.path("out/new")).unwrap();
    assert_eq!(made.permissions().mode() & 0o777, 0o600);
    assert_eq!(made.uid(), crate::scenario::ordinary().uid);
    assert!(std::fs::read_to_string(scene.path("out/new")).unwrap().contains("ERROR"));
}

#[test]
fn a_link_swapped_in_behind_the_check_wins_nothing() {
    let scene =
        rule(r#""cat <log>""#, "").session("max_denials = 100000").link("out/link", "{top}/etc/shadow");
    let (log, link) = (scene.path("var/log/app/flips.log"), scene.path("out/link"));
    std::fs::write(&log, "an honest line\n").unwrap();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let is_over = stop.clone();
    let flipping = std::thread::spawn(move || {
        while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
            // Fails when the scene is cleared away.
            let _ = renameat2(AT_FDCWD, &log, AT_FDCWD, &link, RenameFlags::RENAME_EXCHANGE);
        }
    });
    let free =
        (0..200).any(|_| unconfined(&scene, &["cat", "{top}/var/log/app/flips.log"]).out.contains(SECRET));
    let answer = scene.lines("cat {top}/var/log/app/flips.log\n".repeat(400)).answer().harmless();
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    flipping.join().unwrap();
    assert!(free, "the race is never won even without the gate");
    assert!(answer.out.contains("honest") && !answer.denied().is_empty(), "the race was not run: {answer:?}");
}

/// Tries to open a socket of each family and prints those it got.
const FAMILIES: &str = "import socket\nfor name in \"AF_UNIX\", \"AF_INET\", \"AF_NETLINK\":\n try:\n  \
                        socket.socket(getattr(socket, name), socket.SOCK_DGRAM)\n  print(name[3:].lower())\n \
                        except OSError: pass";

#[test]
fn each_socket_family_is_there_only_where_it_is_granted() {
    if !has("python3") || !confines() {
        return;
    }
    let scene = |terms: &str| {
        rule(r#""python3 <log>""#, &format!("with = [\"@scripts\"]\n{terms}"))
            .file("var/log/families", FAMILIES)
    };
    let opened = |terms: &str| scene(terms).line("python3 {top}/var/log/families").allowed().out;
    assert_eq!(opened(""), "");
    assert_eq!(opened("network = [\"unix\"]"), "unix\n");
    assert_eq!(opened("network = [\"inet\"]"), "inet\n");
    assert_eq!(opened("network = [\"netlink\"]"), "netlink\n");
    let free = unconfined(&scene(""), &["python3", "{top}/var/log/families"]);
    assert_eq!(free.out, "unix\ninet\nnetlink\n");
}

#[test]
fn a_program_has_no_privilege_to_gain_and_none_left() {
    let synopsis = r#""cat '/proc/self/status'""#;
    let answer = rule(synopsis, "with = [\"@proc\"]").line("cat /proc/self/status").allowed();
    let field = |name: &str| {
        let line = answer.out.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_eq!((field("NoNewPrivs:"), field("CapEff:")), ("1".to_owned(), "0000000000000000".to_owned()));
    assert_eq!(field("Seccomp:"), "2");
}

#[test]
fn a_terminal_is_no_use_to_a_command_that_was_not_run_at_one() {
    if !confines() {
        return;
    }
    let answer = rule(r#""cat '/dev/tty'""#, "").line("cat /dev/tty").answer();
    assert_ne!(answer.code(), 0, "{answer:?}");
}

/// A rule that runs what a script says, which no word of the line shows.
fn scripted(terms: &str, script: &str) -> crate::scenario::Gatesh {
    rule(r#""sed (-n) (-f <log>) <log>""#, terms).file("var/log/script", script)
}
const SCRIPTED: &str = "sed -n -f {top}/var/log/script {top}/var/log/app.log";

#[test]
fn a_deny_reaches_what_a_set_opens() {
    let set = "with = [\"@proc\"]";
    let read = scripted(set, "r /proc/version\n").line(SCRIPTED).allowed();
    assert!(read.out.contains("Linux version"), "{read:?}");
    let denied = format!("{set}\n[[deny]]\nfiles = [\"/proc/**\"]\n");
    scripted(&denied, "r /proc/version\n").line(SCRIPTED).denied_because("/proc (opened by @proc)");
    let another = format!("{set}\n[[deny]]\nprograms = [\"cat\"]\nfiles = [\"/proc/**\"]\n");
    scripted(&another, "r /proc/version\n").line(SCRIPTED).allowed();
}

#[test]
fn a_deny_reaches_what_starting_any_program_opens() {
    let denied = "exec = \"any\"\n[[deny]]\nfiles = [\"/usr/share/secret/**\"]\n";
    scripted("exec = \"any\"", "p\n").line(SCRIPTED).allowed();
    scripted(denied, "p\n").line(SCRIPTED).denied_because("/usr (opened by exec)");
}

#[test]
fn a_deny_keeps_a_file_of_the_base_from_every_program() {
    if !confines() {
        return;
    }
    let read = scripted("", "r /etc/passwd\n").line(SCRIPTED).allowed();
    assert!(read.out.contains("root:"), "{read:?}");
    let denied = "[[deny]]\nfiles = [\"/etc/passwd\"]\n";
    let held = scripted(denied, "r /etc/passwd\n").line(SCRIPTED).allowed();
    assert_eq!(held.out, "", "the deny was not held against what every program may read");
    let another = "[[deny]]\nprograms = [\"cat\"]\nfiles = [\"/etc/passwd\"]\n";
    assert!(scripted(another, "r /etc/passwd\n").line(SCRIPTED).allowed().out.contains("root:"));
}

#[test]
fn two_stages_that_name_one_missing_file_share_it() {
    let line = "cat {top}/var/log/app.log | tee {top}/out/new | tee {top}/out/new";
    let answer = rule(r#""tee <out>", "cat <log>""#, "").line(line).allowed();
    assert!(answer.out.contains("ERROR"), "{answer:?}");
}

#[test]
fn a_line_that_does_not_start_leaves_no_file_behind() {
    let closed = "[[allow]]\ncommands = [\"wc\"]\ncwd = \"{top}/closed\"\n";
    let made = |mode| {
        let scene = rule(r#""tee <out>", "cat <log>""#, closed);
        let directory = scene.path("closed");
        std::fs::create_dir(&directory).unwrap();
        std::fs::set_permissions(directory, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        let mut command = scene.command();
        command.args(["-c", &scene.spelled("tee {top}/out/new | wc")]).stdin(std::process::Stdio::null());
        (command.output().unwrap().status.success(), scene.path("out/new").exists())
    };
    assert_eq!(made(0o755), (true, true));
    assert_eq!(made(0o000), (false, false));
}
