//! What runs through a real sudo is asked to end and never killed: root's programs are root's to end.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::host::{Host, PREFIX, Person, succeeds};

/// Says what it is sent, and stays until a file is there. A sudo that was killed has left it alone.
const PATIENT: &str = r#"#!/usr/bin/perl
$| = 1;
my $parent = getppid;
for my $name (qw(TERM HUP)) { $SIG{$name} = sub { print "$name\n" } }
print "begun\n";
for (1 .. 2400) {
    last if -e $ARGV[0];
    select undef, undef, undef, 0.05;
}
print getppid == $parent ? "done\n" : "left alone\n";
"#;

/// By what it is ended: the rule's time, or a signal to gatesh; and what the program then hears.
const ENDS: [(&str, Option<Signal>, &str); 3] = [
    ("limited", None, "TERM"),
    ("free", Some(Signal::SIGTERM), "TERM"),
    ("free", Some(Signal::SIGHUP), "HUP"),
];

struct Scene {
    host: Host,
    person: Person,
    program: String,
}

/// A gatesh with the program, and what the program says.
struct Run {
    gate: Child,
    said: PathBuf,
}

impl Scene {
    fn new() -> Option<Self> {
        if !succeeds("sudo", &["-V"]) {
            crate::scenario::lacks("sudo");
            return None;
        }
        let mut host = Host::new()?;
        let program = format!("/usr/bin/{PREFIX}patient-{}", std::process::id());
        host.file(&program, PATIENT, 0o755);
        let person = host.person_with_shell(&[], "/bin/sh");
        let name = &person.name;
        let sudoers = format!("{name} ALL=(root) NOPASSWD: {program}\n");
        host.file(&format!("/etc/sudoers.d/{PREFIX}{}", std::process::id()), &sudoers, 0o440);
        let scene = Self { host, person, program };
        let rule = |word: &str| {
            let line = scene.line(word);
            format!("commands = [\"sudo {line}\", \"{line}\", \"/bin/cat\"]\n")
        };
        let (limited, free) = (rule("limited"), rule("free"));
        scene
            .host
            .rules(&scene.person.name, &format!("[[allow]]\ntimeout = \"4s\"\n{limited}[[allow]]\n{free}"));
        Some(scene)
    }

    /// What the program waits for.
    fn release(&self) -> PathBuf {
        self.host.place().join("release")
    }

    fn line(&self, word: &str) -> String {
        format!("{} {} {word}", self.program, self.release().display())
    }

    /// Started, and heard of.
    fn start(&self, number: usize, before: &str, word: &str) -> Run {
        let line = format!("{before}{}", self.line(word));
        let name = format!("said-{}{number}", before.trim_end());
        let run = self.run(self.person.run(&self.host.gatesh(), &["-c", &line]), &name);
        run.says("begun\n");
        run
    }

    fn run(&self, mut gate: Command, name: &str) -> Run {
        let said = self.host.place().join(name);
        gate.stdin(Stdio::null()).stdout(File::create(&said).unwrap()).stderr(Stdio::null());
        Run { gate: gate.spawn().unwrap(), said }
    }

    /// Waits until so many ends of `user` are on record with that reason; says so where nothing reads records.
    fn are_recorded(&self, user: &str, count: usize, reason: &str) {
        let Some(daemon) = &self.host.daemon else { return };
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let records = daemon.records(user);
            let ends = records
                .iter()
                .filter(|record| record["event"] == "command-end" && record["reason_code"] == reason);
            if ends.count() == count {
                return;
            }
            assert!(Instant::now() < end, "not {count} ends of {reason} in {records:#?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Run {
    fn end(&self, by: Option<Signal>) {
        let gate = Pid::from_raw(self.gate.id().try_into().unwrap());
        if let Some(signal) = by {
            kill(gate, signal).unwrap();
        }
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap()
    }

    fn says(&self, last: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        while !self.said().ends_with(last) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(self.said().ends_with(last), "{:?} lacks {last:?}", self.said());
    }

    fn status(&mut self) -> Option<i32> {
        self.gate.wait().unwrap().code()
    }
}

#[test]
fn it_hears_of_its_end_and_is_not_killed_where_the_same_program_without_sudo_is() {
    let Some(scene) = Scene::new() else { return };
    let start = |before: &str| -> Vec<Run> {
        ENDS.iter().enumerate().map(|(number, (word, ..))| scene.start(number, before, word)).collect()
    };
    let (mut elevated, mut own) = (start("sudo "), start(""));
    for runs in [&elevated, &own] {
        runs.iter().zip(ENDS).for_each(|(run, (_, signal, _))| run.end(signal));
    }
    for (run, (_, signal, heard)) in own.iter_mut().zip(ENDS) {
        assert_eq!(run.status(), Some(if signal.is_some() { 128 + 9 } else { 124 }));
        assert_eq!(run.said(), format!("begun\n{heard}\n"), "killed, without sudo");
    }
    // The session's end does not wait for root's programs for ever; a time limit does.
    for (run, (_, signal, _)) in elevated.iter_mut().zip(ENDS).filter(|(_, (_, signal, _))| signal.is_some())
    {
        assert_eq!(run.status(), Some(125), "{signal:?}");
    }
    scene.are_recorded(&scene.person.name, 2, "left-running");
    File::create(scene.release()).unwrap();
    for (run, (_, _, heard)) in elevated.iter_mut().zip(ENDS) {
        run.says("done\n");
        assert!(run.said().starts_with(&format!("begun\n{heard}\n")), "{:?}", run.said());
    }
    assert_eq!(elevated[0].status(), Some(124));
}

/// There sudo's user ids are those of every other program.
#[test]
fn in_a_session_of_roots_it_is_not_killed_either() {
    let Some(scene) = Scene::new() else { return };
    scene.host.settings("[session]\nroot = true\n");
    let (program, release) = (&scene.program, scene.release());
    let line = format!("sudo {program} {} free", release.display());
    scene.host.rules("root", &format!("[[allow]]\ncommands = [\"{line}\"]\n"));
    let mut gate = Command::new(scene.host.gatesh());
    gate.args(["-c", &line]);
    let mut run = scene.run(gate, "said-root");
    run.says("begun\n");
    run.end(Some(Signal::SIGTERM));
    assert_eq!(run.status(), Some(125));
    File::create(release).unwrap();
    run.says("done\n");
    assert!(run.said().starts_with("begun\nTERM\n"), "{:?}", run.said());
}

/// The person may start few processes, so that one of the line's cannot be.
#[test]
fn of_a_line_that_could_not_be_started_whole_what_had_begun_has_an_end_on_record() {
    let Some(scene) = Scene::new() else { return };
    let line = format!("sudo {}{}", scene.line("free"), " | /bin/cat".repeat(15));
    let gatesh = scene.host.gatesh();
    let words = ["--nproc=10:10", "--", gatesh.to_str().unwrap(), "-c", &line];
    let mut run =
        scene.run(scene.person.run(std::path::Path::new("/usr/bin/prlimit"), &words), "said-partly");
    assert_eq!(run.status(), Some(125));
    File::create(scene.release()).unwrap();
    let Some(daemon) = &scene.host.daemon else { return };
    let records = daemon.wait_for(&scene.person.name, "session-end");
    let count = |event: &str| records.iter().filter(|record| record["event"] == event).count();
    let (starts, ends, failed) = (count("command-start"), count("command-end"), count("not-started"));
    assert_eq!(starts, 16, "{records:#?}");
    assert_eq!(ends + failed, starts, "each has one end");
    assert!(ends > 1 && failed > 1, "{ends} had begun, {failed} not");
    let of_sudo = records.iter().filter(|record| record["start_seq"] == 2);
    assert_eq!(of_sudo.map(|record| &record["event"]).collect::<Vec<_>>(), ["command-end"]);
}
