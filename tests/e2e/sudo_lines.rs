//! A real sudo that is told what `gateshctl export sudoers` writes, against every line of the shipped cases: what the
//! rules allow it runs, word for word, and what they deny it refuses to somebody who calls it without gatesh.
//!
//! Each call has a mount namespace of its own, in which sudo reads these files and every program is a stand-in that
//! says its words. Nothing on the host is changed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use gatesh::command::{Line, read};
use gatesh::policy::decide::{Bench, Decision, judge_line};
use gatesh::policy::file::{PolicySource, load_for_groups};
use gatesh::policy::paths::{Effort, View};
use gatesh::policy::programs::Programs;
use gatesh::policy::{Expect, Policy};

use super::host::succeeds;
use crate::scenario::{is_root, temporary, write_program};

const USER: &str = "gatesh-sudo-lines";
const ID: u32 = 64_123;

/// In the namespace: our accounts and rules in place of the host's, stand-ins over its programs.
const ENTER: &str = r#"
set -e
cd "$0"
# Whole directories: a file that somebody on the host replaces loses what was mounted on it.
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$0/etc,workdir=$0/etc-work" /etc
mount -t overlay overlay -o "lowerdir=/usr/bin,upperdir=$0/bin,workdir=$0/bin-work" /usr/bin
mkdir -p /opt
mount --bind opt /opt
cd /
exec "$@"
"#;

/// Lines that the rules deny and that ask sudo for nothing else than a line they allow.
const THE_SAME_TO_SUDO: &[&str] = &["sudo -u root yum update"];

/// Files for one group of a policy.
struct Stand {
    place: tempfile::TempDir,
    group: String,
}

impl Stand {
    fn new(group: &str, programs: &[String]) -> Option<Self> {
        if !is_root() || !succeeds("unshare", &["-m", "true"]) {
            println!("skipped: needs root and mount namespaces");
            return None;
        }
        if !succeeds("sudo", &["-V"]) {
            crate::scenario::lacks("sudo");
            return None;
        }
        let stand = Self { place: temporary(), group: group.to_owned() };
        for directory in ["bin", "bin-work", "etc", "etc-work", "opt/app/bin"] {
            fs::create_dir_all(stand.path(directory)).unwrap();
        }
        // Everybody reads what lies beneath.
        for directory in ["", "bin", "etc", "opt", "opt/app", "opt/app/bin"] {
            mode(&stand.path(directory), 0o755);
        }
        let account = |name: &str, id: u32| format!("{name}:x:{id}:{id}::/:/bin/sh\n");
        stand.also("passwd", &(account(USER, ID) + &account("app", ID + 1)), 0o644);
        let groups = format!("{USER}:x:{ID}:\napp:x:{}:\n{group}:x:{}:{USER}\n", ID + 1, ID + 2);
        stand.also("group", &groups, 0o644);
        stand.also("shadow", &format!("{USER}:*:19000:0:99999:7:::\napp:*:19000:0:99999:7:::\n"), 0o640);
        stand.write("etc/sudoers", "", 0o440);
        for program in programs {
            stand.stand_in(program, "printf '%s\\n' ran \"$@\"");
        }
        Some(stand)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn write(&self, name: &str, text: &str, bits: u32) {
        fs::write(self.path(name), text).unwrap();
        mode(&self.path(name), bits);
    }

    /// The host's file with more in it.
    fn also(&self, name: &str, more: &str, bits: u32) {
        let text = fs::read_to_string(Path::new("/etc").join(name)).unwrap();
        let without = |line: &&str| !line.starts_with(&format!("{}:", self.group));
        let kept: String = text.lines().filter(without).flat_map(|line| [line, "\n"]).collect();
        self.write(&format!("etc/{name}"), &(kept + more), bits);
    }

    fn stand_in(&self, program: &str, script: &str) {
        let name = program.strip_prefix('/').map_or_else(|| format!("bin/{program}"), str::to_owned);
        write_program(&self.path(&name), &format!("#!/bin/sh\n{script}\n"));
    }

    fn inside(&self, words: &[&str]) -> std::process::Output {
        let mut command = Command::new("unshare");
        command
            .args(["-m", "--propagation", "private", "sh", "-c", ENTER])
            .arg(self.place.path())
            .args(words);
        command.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").output().unwrap()
    }

    /// Tells sudo what the export writes, after `visudo -c`.
    fn exported(&self, config: &Path, version: &str) -> String {
        let gateshctl = env!("CARGO_BIN_EXE_gateshctl");
        let config = config.to_str().unwrap();
        let words = [
            gateshctl,
            "--config",
            config,
            "export",
            "sudoers",
            "--group",
            &self.group,
            "--sudo-version",
            version,
        ];
        let written = self.inside(&words);
        assert!(written.status.success(), "{written:?}");
        let text = String::from_utf8(written.stdout).unwrap();
        self.write("etc/sudoers", &text, 0o440);
        let checked = Command::new("visudo").arg("-cf").arg(self.path("etc/sudoers")).output().unwrap();
        assert!(checked.status.success(), "{checked:?}");
        text
    }

    /// What sudo made of the words: those the program was started with, or `None`.
    fn sudo(&self, words: &[String]) -> Option<Vec<String>> {
        let id = ID.to_string();
        let groups = format!("{ID},{}", ID + 2);
        let mut all =
            vec!["setpriv", "--reuid", &id, "--regid", &id, "--groups", &groups, "/usr/bin/sudo", "-n"];
        all.extend(words.iter().map(String::as_str));
        let output = self.inside(&all);
        let said = String::from_utf8(output.stdout).unwrap();
        let mut lines = said.lines().map(str::to_owned);
        let ran = lines.next().as_deref() == Some("ran");
        assert_eq!(ran, output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        println!("{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        ran.then(|| lines.collect())
    }
}

fn mode(path: &Path, bits: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(bits)).unwrap();
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rules(config: &Path, group: &str) -> Policy {
    let source = PolicySource::staging(config.to_owned(), nix::unistd::getuid().as_raw());
    load_for_groups(&source, &[group.to_owned()], None).unwrap()
}

/// Programs that the group runs under sudo.
fn elevated(policy: &Policy) -> Vec<String> {
    let synopses = policy.groups.iter().flat_map(|group| &group.rules).flat_map(|rule| &rule.synopses);
    synopses
        .filter(|synopsis| synopsis.elevation().is_some())
        .flat_map(|one| one.programs().to_vec())
        .collect()
}

/// What gatesh hands to sudo for an allowed line, the program with its arguments.
fn handed_over(policy: &Policy, line: &str) -> Vec<String> {
    let view = View::Text { name: "/".into() };
    let programs = Programs::as_text(&policy.settings.program_path);
    let bench = Bench { policy, view: &view, programs: &programs, clock: None };
    let Ok(Line::Run(line)) = read(line.as_bytes(), "/") else { panic!("{line} is not understood") };
    let judged = judge_line(&bench, &line, &Effort::default()).into_iter().next().unwrap();
    let Decision::Allow(grant) = judged.judgement.decision else { panic!("{:?}", judged.judgement) };
    grant.argv().split_off(1)
}

/// The words behind `-u NAME` and the program.
fn arguments(words: &[String]) -> Vec<String> {
    words.iter().skip(if words[0] == "-u" { 3 } else { 1 }).cloned().collect()
}

/// Tries every elevated case of a group; how many were allowed and denied.
fn try_cases(config: &str, group: &str) -> (usize, usize) {
    let config = root().join(config);
    let policy = rules(&config, group);
    let Some(stand) = Stand::new(group, &elevated(&policy)) else { return (0, 0) };
    stand.exported(&config, "1.9.10");
    let (mut allowed, mut denied) = (0, 0);
    let cases = policy.groups.iter().flat_map(|group| &group.cases);
    for case in cases.filter(|case| case.line.starts_with("sudo ")) {
        if case.expect == Expect::Allow {
            let words = handed_over(&policy, &case.line);
            assert_eq!(stand.sudo(&words), Some(arguments(&words)), "{}", case.line);
            allowed += 1;
        } else if !THE_SAME_TO_SUDO.contains(&case.line.as_str()) {
            let words = shell_words::split(&case.line).unwrap().split_off(1);
            assert_eq!(stand.sudo(&words), None, "{}", case.line);
            denied += 1;
        }
    }
    (allowed, denied)
}

#[test]
fn sudo_decides_every_shipped_case_as_the_rules_do() {
    if !is_root() {
        return println!("skipped: needs root");
    }
    let mut tried = (0, 0);
    for config in ["config", "config/examples"] {
        for entry in fs::read_dir(root().join(config).join("groups.d")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let (allowed, denied) = try_cases(config, name.strip_suffix(".toml").unwrap());
            tried = (tried.0 + allowed, tried.1 + denied);
        }
    }
    println!("{tried:?}");
    let could = succeeds("sudo", &["-V"]) && succeeds("unshare", &["-m", "true"]);
    assert!(!could || (tried.0 >= 25 && tried.1 >= 50), "{tried:?}");
}

/// A policy with one rule.
fn policy(rule: &str) -> tempfile::TempDir {
    let place = temporary();
    fs::create_dir(place.path().join("groups.d")).unwrap();
    fs::write(place.path().join("groups.d/ops.toml"), format!("[[allow]]\n{rule}\n")).unwrap();
    place
}

fn words(line: &str) -> Vec<String> {
    shell_words::split(line).unwrap()
}

#[test]
fn words_for_an_old_sudo_are_written_out_and_nothing_else_passes() {
    let Some(stand) = Stand::new("ops", &["prog".to_owned()]) else { return };
    let policy = policy(r#"commands = ["sudo prog (--mode=(fast|slow)) [on|off]"]"#);
    let text = stand.exported(policy.path(), "1.9.5");
    assert!(!text.contains('^'), "{text}");
    assert_eq!(stand.sudo(&words("prog --mode=fast on")), Some(words("--mode=fast on")));
    for refused in ["prog", "prog on --mode=fast", "prog --mode=fast on off", "prog --mode=fast on ''"] {
        assert_eq!(stand.sudo(&words(refused)), None, "{refused}");
    }
}

#[test]
fn a_rule_without_exec_starts_nothing_more_and_one_with_exec_does() {
    let Some(stand) = Stand::new("ops", &["prog".to_owned()]) else { return };
    // Were the other program refused, the shell would end with its status.
    stand.stand_in("prog", "/usr/bin/env true || exit 9; printf 'ran\\n'");
    for (exec, runs) in [("exec = []", None), ("exec = \"any\"", Some(vec![]))] {
        let policy = policy(&format!("{exec}\ncommands = [\"sudo prog [-v]\"]"));
        stand.exported(policy.path(), "1.9.10");
        assert_eq!(stand.sudo(&words("prog -v")), runs, "{exec}");
    }
}

#[test]
fn sudo_itself_ends_what_takes_too_long() {
    let Some(stand) = Stand::new("ops", &["prog".to_owned()]) else { return };
    stand.stand_in("prog", "exec sleep 120; printf 'ran\\n'");
    let policy = policy("timeout = \"1s\"\nexec = \"any\"\ncommands = [\"sudo prog [-v]\"]");
    assert!(stand.exported(policy.path(), "1.9.10").contains("TIMEOUT=1 "));
    let started = std::time::Instant::now();
    assert_eq!(stand.sudo(&words("prog")), None);
    assert!(started.elapsed().as_secs() < 100, "{:?}", started.elapsed());
}

#[test]
fn what_makes_pagers_harmless_reaches_the_program_and_no_name_of_one() {
    let Some(stand) = Stand::new("ops", &["prog".to_owned()]) else { return };
    stand.stand_in(
        "prog",
        "printf '%s\\n' \"$LESSSECURE\" \"$MORESECURE\" \"$SYSTEMD_PAGERSECURE\" \"$PAGER\" \"$LD_PRELOAD\"",
    );
    let policy = policy("commands = [\"sudo prog [-v]\"]\nexec = \"any\"");
    fs::write(policy.path().join("gatesh.toml"), "[audit]\non_failure = \"run\"\n").unwrap();
    for place in [policy.path(), &policy.path().join("groups.d")] {
        mode(place, 0o755);
    }
    fs::copy(env!("CARGO_BIN_EXE_gatesh"), stand.path("bin/gatesh")).unwrap();
    let exported = stand.exported(policy.path(), "1.9.10");
    let finds = || {
        let id = ID.to_string();
        let groups = format!("{ID},{}", ID + 2);
        let mut all = vec!["setpriv", "--reuid", &id, "--regid", &id, "--groups", &groups, "env"];
        all.extend(["LESSSECURE=0", "PAGER=/tmp/evil", "LD_PRELOAD=", "gatesh", "--config"]);
        all.extend([policy.path().to_str().unwrap(), "-c", "sudo prog"]);
        let output = stand.inside(&all);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(finds(), "1\n1\n1\n\n\n");
    // Only because the exported file says so.
    let without = exported.lines().filter(|line| !line.contains("env_keep"));
    stand.write("etc/sudoers", &without.flat_map(|line| [line, "\n"]).collect::<String>(), 0o440);
    assert_eq!(finds(), "\n\n\n\n\n");
}

/// Which of the commands sudo would let the user run, asked in one namespace.
fn listed(stand: &Stand, commands: &[Vec<String>]) -> Vec<bool> {
    let each = |words: &Vec<String>| {
        let words: Vec<_> = words.iter().map(|word| shell_words::quote(word).into_owned()).collect();
        format!("sudo -n -l -U {USER} -- {} >/dev/null 2>&1 && echo yes || echo no\n", words.join(" "))
    };
    stand.write("tries", &commands.iter().map(each).collect::<String>(), 0o644);
    let output = stand.inside(&["sh", stand.path("tries").to_str().unwrap()]);
    let said = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<bool> = said.lines().map(|line| line == "yes").collect();
    assert_eq!(answers.len(), commands.len(), "{}", String::from_utf8_lossy(&output.stderr));
    answers
}

/// What means something to sudoers, to fnmatch or in brackets, and a letter.
const ODD: &str = "]-[^\\#$\"!*?+{,:a";

fn pairs() -> Vec<(char, char)> {
    ODD.chars().flat_map(|one| ODD.chars().map(move |other| (one, other))).collect()
}

/// Programs with one argument each, as the rules of one group; `types` are those of the arguments.
fn one_argument_each(types: &str, arguments: &[String]) -> Option<(Stand, tempfile::TempDir)> {
    let programs: Vec<String> = (0..arguments.len()).map(|at| format!("/opt/app/bin/p{at}")).collect();
    let stand = Stand::new("ops", &programs)?;
    let commands = programs
        .iter()
        .zip(arguments)
        .map(|(program, argument)| format!("{:?},\n", format!("sudo {program} {argument}")));
    let place = temporary();
    fs::create_dir(place.path().join("groups.d")).unwrap();
    let text = format!("[types]\n{types}\n[[allow]]\ncommands = [\n{}]\n", commands.collect::<String>());
    fs::write(place.path().join("groups.d/ops.toml"), text).unwrap();
    Some((stand, place))
}

fn command(at: usize, words: &[&str]) -> Vec<String> {
    std::iter::once(format!("/opt/app/bin/p{at}"))
        .chain(words.iter().map(|word| (*word).to_owned()))
        .collect()
}

/// A text that began with `^` and ended in `$` was an expression, a backslash let any letters follow, and a
/// quote made the file none.
#[test]
fn a_fixed_text_passes_and_no_other_whatever_it_is_made_of() {
    let mut texts: Vec<String> = pairs()
        .iter()
        .map(|(one, other)| format!("{one}{other}"))
        .filter(|text| !text.starts_with('-'))
        .collect();
    texts.extend(["^.+$", "a\\*b", "a\\b", "q\"r", "\"\"", "^[a]$", "x\\"].map(str::to_owned));
    let quoted: Vec<String> = texts.iter().map(|text| format!("'{text}'")).collect();
    let Some((stand, place)) = one_argument_each("", &quoted) else { return };
    stand.exported(place.path(), "1.9.10");
    let own: Vec<_> = texts.iter().enumerate().map(|(at, text)| command(at, &[text])).collect();
    let refused: Vec<_> = own.iter().zip(listed(&stand, &own)).filter(|(_, yes)| !yes).collect();
    assert!(refused.is_empty(), "{refused:?}");
    let others = texts.iter().enumerate().flat_map(|(at, text)| {
        let plain = text.replace('\\', "");
        let between = format!("{}zz{}", &text[..1], &text[1..]);
        [between, plain, "a".to_owned(), "a z -x b".to_owned(), "azz -x b".to_owned()]
            .into_iter()
            .filter(move |other| other != text)
            .map(move |other| command(at, &[&other]))
    });
    let others: Vec<_> = others.collect();
    let taken: Vec<_> = others.iter().zip(listed(&stand, &others)).filter(|(_, yes)| *yes).collect();
    assert!(taken.is_empty(), "{taken:?}");
}

/// `[^-]` is everything but a dash, `[\#]` takes a backslash, and with `[$a]` there is no file.
#[test]
fn of_two_letters_sudo_takes_those_two_and_no_third() {
    let pairs: Vec<(char, char)> = pairs().into_iter().filter(|(one, other)| one < other).collect();
    let each = |(at, (one, other)): (usize, &(char, char))| {
        format!("r{at} = {{ regex = 'a[\\{one}\\{other}]{{1,300}}' }}\n").replace("\\a", "a")
    };
    let types: String = pairs.iter().enumerate().map(each).collect();
    let arguments: Vec<String> = (0..pairs.len()).map(|at| format!("<r{at}>")).collect();
    let Some((stand, place)) = one_argument_each(&types, &arguments) else { return };
    stand.exported(place.path(), "1.9.10");
    let own: Vec<_> = pairs
        .iter()
        .enumerate()
        .flat_map(|(at, (one, other))| {
            [command(at, &[&format!("a{one}")]), command(at, &[&format!("a{other}{one}")])]
        })
        .collect();
    let refused: Vec<_> = own.iter().zip(listed(&stand, &own)).filter(|(_, yes)| !yes).collect();
    assert!(refused.is_empty(), "{refused:?}");
    let third = |at: usize, (one, other): (char, char)| {
        ['\\', '-', '^', '#', 'q']
            .into_iter()
            .filter(move |c| *c != one && *c != other)
            .map(move |c| command(at, &[&format!("a{c}")]))
    };
    let others: Vec<_> = pairs.iter().enumerate().flat_map(|(at, pair)| third(at, *pair)).collect();
    let taken: Vec<_> = others.iter().zip(listed(&stand, &others)).filter(|(_, yes)| *yes).collect();
    assert!(taken.is_empty(), "{taken:?}");
}

#[test]
fn of_two_rules_sudo_takes_the_one_that_gatesh_takes() {
    let Some(stand) = Stand::new("ops", &["prog".to_owned()]) else { return };
    stand.stand_in("prog", "/usr/bin/env true || exit 9; printf 'ran\\n'");
    for (first, second, runs) in
        [("exec = []", "exec = \"any\"", None), ("exec = \"any\"", "exec = []", Some(vec![]))]
    {
        let policy = policy(&format!(
            "{first}\ncommands = [\"sudo prog on\"]\n[[allow]]\n{second}\ncommands = [\"sudo prog <word>\"]"
        ));
        stand.exported(policy.path(), "1.9.10");
        assert_eq!(stand.sudo(&words("prog on")), runs, "{first}");
    }
}

#[test]
fn a_program_that_is_not_the_one_of_the_digest_does_not_run() {
    let Some(stand) = Stand::new("ops", &["prog".to_owned()]) else { return };
    let real = Command::new("sha256sum").arg(stand.path("bin/prog")).output().unwrap();
    let real = String::from_utf8(real.stdout).unwrap()[..64].to_owned();
    for (digest, runs) in [(real, Some(words("on"))), ("0".repeat(64), None)] {
        let policy = policy(&format!("sha256 = \"{digest}\"\nexec = \"any\"\ncommands = [\"sudo prog on\"]"));
        let text = stand.exported(policy.path(), "1.9.10");
        assert!(text.contains(&format!("sha256:{digest} /usr/bin/prog on")), "{text}");
        assert_eq!(stand.sudo(&words("prog on")), runs, "{digest}");
    }
}
