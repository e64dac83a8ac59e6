//! The end of a session by cancel: SIGKILL of gatesh, and the terminal is gone. What is left then, by the kind of the
//! rule and by what its program does. docs/confinement.md has the same table.

use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getsid};

use super::session::{Agent, Session};
use super::stage::{Instance, Stage, start};
use crate::e2e::host::{PREFIX, Person, succeeds};
use crate::scenario::{Gatesh, run};

/// Says who it is and lasts, whatever signals come; with a word, as much of a fugitive as it can make itself.
const FUGITIVE: &str = r#"
use strict;
$| = 1;
my ($way) = @ARGV;
sub last_long { my ($who) = @_; print "$who=$$;\n"; sleep 600 while 1; }
sub ignore { $SIG{$_} = 'IGNORE' for qw(HUP INT QUIT TERM); }
if ($way eq 'ignores') { ignore(); last_long('itself'); }
if ($way eq 'leaves') { require POSIX; POSIX::setsid(); last_long('itself'); }
if ($way =~ /^forks/) {
    my $pid = fork();
    print "alone\n" unless defined $pid;
    if (defined $pid && !$pid) {
        ignore() if $way eq 'forks-ignoring';
        if ($way eq 'forks-leaving') { require POSIX; POSIX::setsid(); }
        last_long('child');
    }
}
last_long('itself');
"#;

/// The same program under three kinds of rule.
const RULES: &str = r#"
directories = ["{top}/var/log/**"]
[types]
script = { file = ["{top}/var/log/*/fugitive"] }
way = { regex = '[a-z-]+' }
[[allow]]
name = "plain"
commands = ["perl SCRIPT-plain <way>"]
[[allow]]
name = "processes"
limits = { processes = 20 }
commands = ["perl SCRIPT-processes <way>"]
[[allow]]
name = "exec"
exec = ["/usr/bin/true"]
commands = ["perl SCRIPT-exec <way>"]
"#;

const KINDS: [&str; 3] = ["plain", "processes", "exec"];

struct Scene(Stage);

impl Scene {
    fn new() -> Self {
        let mut gatesh = Gatesh::new();
        let mut rules = RULES.to_owned();
        for kind in KINDS {
            let name = format!("var/log/{kind}/fugitive");
            gatesh = gatesh.file(&name, FUGITIVE);
            // A type for each, so that each rule takes its own file only.
            rules = rules.replace(&format!("SCRIPT-{kind}"), &format!("<{kind}>"));
            rules =
                rules.replace("way = {", &format!("{kind} = {{ file = [\"{{top}}/{name}\"] }}\nway = {{"));
        }
        let rules = rules.replace("script = { file = [\"{top}/var/log/*/fugitive\"] }\n", "");
        Self(Stage::of(gatesh.policy(&rules)))
    }

    /// A session in which the program runs, in the foreground or, stopped and sent there, in the background.
    fn running(&self, kind: &str, way: &str, in_background: bool) -> (Session, Vec<(String, Pid)>) {
        let mut session = self.0.session();
        let line = self.0.gatesh.spelled(&format!("perl {{top}}/var/log/{kind}/fugitive {way}"));
        session.resize(24, 200).at_prompt("> ").line(&line).prints("itself=");
        let is_alone = !way.starts_with("forks") || session.output().contains("alone\r\n");
        let found = processes(&session, if is_alone { 1 } else { 2 });
        if in_background {
            to_the_background(&mut session, &found);
        }
        (session, found)
    }
}

/// `who=PID;` wherever it stands, as soon as it stands there so often.
#[track_caller]
fn processes(session: &Session, count: usize) -> Vec<(String, Pid)> {
    let pattern = regex::Regex::new("(itself|child)=([0-9]+);").unwrap();
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let shown = session.output();
        let all = pattern.captures_iter(&shown);
        let found: Vec<_> =
            all.map(|one| (one[1].to_owned(), Pid::from_raw(one[2].parse().unwrap()))).collect();
        if found.len() >= count {
            return found;
        }
        assert!(Instant::now() < end, "{count} processes: {shown}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Stops what runs and lets it go on behind the prompt. Whoever is still stopped when gatesh dies is hung up by the
/// kernel, so the cancel has to wait for all of them.
fn to_the_background(session: &mut Session, found: &[(String, Pid)]) {
    session.keys("\x1a").shows("stopped").line("bg").shows("running");
    let end = Instant::now() + Duration::from_secs(30);
    while found.iter().any(|(_, pid)| state(*pid) == Some('T')) {
        assert!(Instant::now() < end, "still stopped: {found:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// As proc(5) has it; `None` when the process is gone.
fn state(pid: Pid) -> Option<char> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit(") ").next().and_then(|rest| rest.chars().next())
}

/// A process that has ended and was not waited for is none.
fn lives(pid: Pid) -> bool {
    state(pid).is_some_and(|state| !"ZX".contains(state))
}

/// What is left when whatever the kernel ends has ended; it is ended here.
fn left(found: &[(String, Pid)], expected: &[&str]) -> Vec<String> {
    let end = Instant::now() + Duration::from_secs(30);
    let is_left = |(who, pid): &&(String, Pid)| !expected.contains(&who.as_str()) && lives(*pid);
    while found.iter().filter(is_left).count() > 0 && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(5));
    }
    let left: Vec<_> = found.iter().filter(|(_, pid)| lives(*pid)).collect();
    for (_, pid) in &left {
        let _ = kill(*pid, Signal::SIGKILL);
    }
    left.iter().map(|(who, _)| who.clone()).collect()
}

#[track_caller]
fn after_cancel(kind: &str, way: &str, in_background: bool, expected: &[&str]) {
    let scene = Scene::new();
    let (mut session, found) = scene.running(kind, way, in_background);
    assert!(!found.is_empty() && found.iter().all(|(_, pid)| lives(*pid)), "{found:?}: {}", session.output());
    session.cancel();
    let place = if in_background { "background" } else { "foreground" };
    assert_eq!(left(&found, expected), expected, "{kind} {way} in the {place}: {}", session.output());
    drop(session);
}

const WAYS: [&str; 6] = ["stays", "ignores", "leaves", "forks", "forks-ignoring", "forks-leaving"];

#[test]
fn of_a_rule_without_exec_and_processes_nothing_is_left() {
    for way in WAYS {
        for in_background in [false, true] {
            after_cancel("plain", way, in_background, &[]);
        }
    }
}

#[test]
fn such_a_rule_lets_nothing_be_forked_and_no_session_be_left() {
    let scene = Scene::new();
    let (session, found) = scene.running("plain", "forks-leaving", false);
    assert!(session.output().contains("alone\r\n"), "{}", session.output());
    assert_eq!(found.len(), 1);
    let (_session, found) = scene.running("plain", "leaves", false);
    let (_, itself) = found[0];
    assert_ne!(getsid(Some(itself)), Ok(itself));
}

/// The program that gatesh started dies under every rule. What that one started dies only where the terminal's hang-up
/// reaches it, which is in the foreground, and heeded; and a session of its own, which no hang-up reaches, is refused
/// where a rule has no `exec`.
#[test]
fn of_a_rule_that_lets_processes_be_made_these_are_left() {
    for kind in ["processes", "exec"] {
        for way in ["stays", "ignores", "leaves"] {
            after_cancel(kind, way, false, &[]);
            after_cancel(kind, way, true, &[]);
        }
        after_cancel(kind, "forks", false, &[]);
        after_cancel(kind, "forks-ignoring", false, &["child"]);
        let left: &[&str] = if kind == "exec" { &["child"] } else { &[] };
        after_cancel(kind, "forks-leaving", false, left);
        for way in ["forks", "forks-ignoring", "forks-leaving"] {
            after_cancel(kind, way, true, &["child"]);
        }
    }
}

/// Without a terminal there is no hang-up, and the death of gatesh is all that the kernel acts on.
#[test]
fn without_a_terminal_too_nothing_is_left_of_a_rule_without_exec() {
    let scene = Scene::new();
    for way in WAYS {
        let line = scene.0.gatesh.spelled(&format!("perl {{top}}/var/log/plain/fugitive {way}"));
        let mut session = scene.0.command(&["--non-interactive"], &line);
        session.prints("itself=");
        let found = processes(&session, 1);
        session.cancel();
        assert_eq!(left(&found, &[]), [""; 0], "{way}");
    }
}

#[test]
fn without_a_terminal_what_a_command_made_is_left_as_in_the_background() {
    let scene = Scene::new();
    for kind in ["processes", "exec"] {
        let line = scene.0.gatesh.spelled(&format!("perl {{top}}/var/log/{kind}/fugitive forks"));
        let mut session = scene.0.command(&["--non-interactive"], &line);
        let found = processes(&session, 2);
        assert_eq!(found.len(), 2, "{found:?}");
        session.ask_to_cancel();
        assert_eq!(left(&found, &["child"]), ["child"], "{kind}");
        session.ends();
    }
}

/// Somebody whose rules let root do this, with the sudoers file that is exported for them.
fn elevated(instance: &mut Instance, command: &str) -> Person {
    let person = instance.person(&[]);
    let way = "[types]\nway = { one_of = [\"stays\", \"ignores\", \"leaves\", \"forks\", \"forks-ignoring\", \"forks-leaving\"] }\n";
    instance.host.rules(&person.name, &format!("{way}[[allow]]\ncommands = [\"sudo {command}\"]\n"));
    let mut export = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
    export.args(["export", "sudoers", "--group", &person.name]);
    let exported = run(export, b"");
    assert_eq!(exported.code(), 0, "{exported:#?}");
    instance.host.file(&format!("/etc/sudoers.d/{PREFIX}{}", std::process::id()), &exported.out, 0o440);
    person
}

/// Root's processes do not die with gatesh. sudo hands the hang-up on to the program it started: on a terminal of its own
/// (`use_pty`, Debian's default) it knows that one only, and not what it made.
#[test]
fn of_an_elevated_rule_what_left_or_ignores_is_left() {
    let Some(mut instance) = Instance::new() else { return };
    if !succeeds("sudo", &["-V"]) {
        return crate::scenario::lacks("sudo");
    }
    let program = format!("{PREFIX}fugitive-{}", std::process::id());
    instance.host.file(&format!("/usr/bin/{program}"), &format!("#!/usr/bin/perl\n{FUGITIVE}"), 0o755);
    let person = elevated(&mut instance, &format!("{program} <way>"));
    let document = instance.document(&person.name, &person.name, &[]);
    for (way, in_the_foreground) in [
        ("stays", &[][..]),
        ("ignores", &["itself"]),
        ("leaves", &[]),
        ("forks", &[]),
        ("forks-ignoring", &["child"]),
        ("forks-leaving", &["child"]),
    ] {
        for in_background in [false, true] {
            let mut session = start(&Agent::default(), &document, &[]);
            session.resize(24, 200).at_prompt("> ").line(&format!("sudo {program} {way}"));
            let found = processes(&session, if way.starts_with("forks") { 2 } else { 1 });
            let all: Vec<&str> = found.iter().map(|(who, _)| who.as_str()).collect();
            if in_background {
                to_the_background(&mut session, &found);
            }
            session.cancel();
            let left = left(&found, if in_background { &all } else { in_the_foreground });
            // sudo may have been stopped again there, by the terminal, and is then hung up with the rest.
            let place = if in_background { "background" } else { "foreground" };
            let is_left = |who: &&str| left.iter().any(|one| one == who);
            assert!(in_the_foreground.iter().all(is_left), "{way}, {place}: {left:?}: {}", session.output());
            assert!(in_background || left.len() == in_the_foreground.len(), "{way}: {left:?}");
        }
    }
}
