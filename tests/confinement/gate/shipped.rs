//! The examples in config/examples: their cases hold, and the everyday programs say under their rules exactly what
//! they say without.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{confines, enforcement, has};
use crate::scenario::{Answer, Gatesh, is_root, ordinary, output, run};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/examples")
}

fn gateshctl(verb: &str) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_gateshctl")).arg(verb).arg(examples()).output().unwrap()
}

#[test]
fn every_example_is_free_of_faults_and_its_cases_hold() {
    for verb in ["check", "test"] {
        let output = gateshctl(verb);
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !said.contains("[warning]"), "{verb}: {said}");
    }
}

#[test]
fn every_example_denies_more_than_it_allows() {
    for entry in std::fs::read_dir(examples().join("groups.d")).unwrap() {
        let path = entry.unwrap().path();
        let policy: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
        let count = |key: &str| policy["cases"][key].as_array().unwrap().len();
        assert!(count("deny") > count("allow") && count("allow") > 3, "{}", path.display());
    }
}

/// What must be the same with and without.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Same {
    Output,
    /// The first line, status and errors; the rest changes from one moment to the next.
    Heading,
    /// Status and errors.
    Status,
}

/// The programs, with `{top}/srv` for /srv.
#[rustfmt::skip]
const LINES: &[(&str, Same)] = &[
    ("ls -la {top}/srv", Same::Output),
    ("ls -laR {top}/srv", Same::Output),
    ("cat -n {top}/srv/app/README", Same::Output),
    ("less {top}/srv/app/README", Same::Output),
    ("tail -n 1 {top}/srv/logs/app.log", Same::Output),
    ("find {top}/srv -name READ*", Same::Output),
    ("find {top}/srv -type f", Same::Output),
    ("du -s {top}/srv", Same::Output),
    ("grep -rn line {top}/srv", Same::Output),
    ("df -P {top}/srv", Same::Heading),
    ("df -h", Same::Heading),
    ("ps aux", Same::Heading),
    ("ps -ef", Same::Heading),
    ("top -b -n 1", Same::Status),
    ("free -m", Same::Heading),
    ("uptime", Same::Status),
    ("uptime -p", Same::Output),
    ("journalctl --no-pager -n 1", Same::Output),
    ("systemctl --no-pager status", Same::Status),
    ("ss -tuln", Same::Heading),
    ("ip addr", Same::Output),
    ("ip route", Same::Output),
    ("ping -c 1 localhost", Same::Status),
    ("dpkg-query -W dash", Same::Output),
    ("apt list --installed dash", Same::Output),
    ("git -C {top}/srv/app log --oneline", Same::Output),
    ("vim -R {top}/srv/app/README", Same::Output),
];

/// What fails on some hosts without confinement too: the line, what it then says, and why. Nothing else may.
const MAY_FAIL: &[(&str, &str, &str)] =
    &[("systemctl --no-pager status", "not been booted with systemd", "no systemd runs here")];

/// The example `tools`, about a tree of the scenario's own.
fn tools() -> Gatesh {
    let policy = std::fs::read_to_string(examples().join("groups.d/tools.toml")).unwrap();
    let (policy, _) = policy.split_once("[cases]").unwrap();
    let scene = Gatesh::new()
        .policy(&policy.replace("/srv", "{top}/srv"))
        .file("srv/app/README", "line one\nline two\n")
        .file("srv/logs/app.log", "line three\n")
        .env("LC_ALL", "C");
    if Path::new("/usr/bin/git").exists() {
        repository(&scene);
    }
    scene
}

/// The person's own: git reads no other's.
fn repository(scene: &Gatesh) {
    let app = scene.path("srv/app");
    let git = |words: &[&str]| output("git", &[&["-C", app.to_str().unwrap()], words].concat());
    git(&["init", "-q"]);
    git(&["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "the first"]);
    if is_root() {
        output("chown", &["-R", &ordinary().uid.to_string(), app.to_str().unwrap()]);
    }
}

/// The same words without the gate, in the environment that gatesh makes.
fn unconfined(scene: &Gatesh, line: &str) -> Answer {
    let mut command = scene.outside(Path::new("/usr/bin/env"));
    command
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
        .env("SYSTEMD_PAGER", "cat")
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.args(scene.spelled(line).split(' ').map(|word| word.replace("READ*", "README")));
    run(command, b":q\n")
}

fn differs(line: &str, same: Same, free: &Answer, held: &Answer) -> Option<String> {
    let heading = |answer: &Answer| answer.out.lines().next().unwrap_or_default().to_owned();
    let agree = free.status == held.status
        && free.err == held.err
        && match same {
            Same::Output => free.out == held.out,
            Same::Heading => heading(free) == heading(held),
            Same::Status => true,
        };
    (!agree).then(|| format!("{line}\n  unconfined {free:?}\n  confined {held:?}"))
}

/// Both speak of their tree by its name.
fn neutral(scene_top: &str, answer: Answer) -> Answer {
    Answer { out: answer.out.replace(scene_top, "TOP"), err: answer.err.replace(scene_top, "TOP"), ..answer }
}

/// Whether the kernel lets anybody ping who has no privileges; a confined program never has any.
fn may_ping() -> bool {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ping_group_range").unwrap_or_default();
    let bounds: Vec<u32> = range.split_whitespace().filter_map(|bound| bound.parse().ok()).collect();
    let may = matches!(bounds.as_slice(), [least, most] if (*least..=*most).contains(&ordinary().gid));
    if !may {
        println!("skipped: net.ipv4.ping_group_range lets nobody ping here");
    }
    may
}

#[test]
fn the_everyday_programs_say_what_they_say_without() {
    let (mut faults, mut passed) = (Vec::new(), 0);
    for (line, same) in LINES {
        let program = line.split(' ').next().unwrap();
        if !has(program) || (program == "ping" && !may_ping()) {
            continue;
        }
        let scene = tools();
        let top = scene.spelled("{top}");
        let free = neutral(&top, unconfined(&scene, line));
        let mut command = scene.command();
        command.args(["-c", &scene.spelled(line).replace("READ*", "README")]);
        let held = neutral(&top, run(command, b":q\n"));
        faults.extend(differs(line, *same, &free, &held));
        let known = MAY_FAIL.iter().find(|(known, said, _)| known == line && free.err.contains(said));
        match known {
            _ if free.code() == 0 => passed += 1,
            Some((.., why)) => println!("skipped: {line}: {why}"),
            None => faults.push(format!("{line}: fails without confinement too: {free:?}")),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(passed >= 20, "only {passed} lines really succeeded");
}

#[test]
fn the_everyday_programs_run_under_full_enforcement() {
    let answer = tools().line("ps aux; ip addr; dpkg-query -W dash; ls {top}/srv").answer();
    assert_eq!(answer.started().len(), 4, "{answer:?}");
    if confines() {
        assert_eq!(enforcement(&answer), "full");
    }
}

#[test]
fn a_rotated_log_is_followed_by_name() {
    let scene = tools();
    let log = scene.path("srv/logs/app.log");
    let mut command = scene.command();
    command
        .args(["-c", &scene.spelled("tail -F -n 1 {top}/srv/logs/app.log")])
        .stdout(std::process::Stdio::piped());
    let mut gate = command.stdin(std::process::Stdio::null()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(gate.stdout.take().unwrap()));
    assert_eq!(lines.next().unwrap().unwrap(), "line three");
    std::fs::rename(&log, scene.path("srv/logs/app.log.1")).unwrap();
    std::fs::write(&log, "after the rotation\n").unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "after the rotation");
    gate.kill().unwrap();
    gate.wait().unwrap();
}
