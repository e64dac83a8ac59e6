//! Lines that a host keeps across sessions: in the directory that the packages make, each person's out of reach of the
//! others.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::host::{Host, Person};
use crate::screen::Screen;

const PLACE: &str = "/var/lib/gatesh/history";

/// The directory, as packaging/tmpfiles says it is; taken away again unless it was there.
struct Place {
    is_ours: bool,
}

impl Place {
    fn made() -> Self {
        let place = Self { is_ours: !Path::new("/var/lib/gatesh").exists() };
        let tmpfiles = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/tmpfiles/gatesh.conf");
        let text = fs::read_to_string(tmpfiles).unwrap();
        let lines = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
        let wanted = lines.filter(|fields| fields.len() > 4 && fields[1].starts_with("/var/lib/gatesh"));
        let mut made = 0;
        for fields in wanted {
            let words = ["-d", "-m", fields[2], "-o", fields[3], "-g", fields[4], fields[1]];
            assert!(Command::new("install").args(words).status().unwrap().success());
            made += 1;
        }
        assert_eq!(made, 2, "{text}");
        place
    }
}

fn mode(mode: u32) {
    fs::set_permissions(PLACE, fs::Permissions::from_mode(mode)).unwrap();
}

impl Drop for Place {
    fn drop(&mut self) {
        mode(0o1733);
        if self.is_ours {
            let _ = fs::remove_dir_all("/var/lib/gatesh");
        }
    }
}

fn host() -> Option<(Host, Person, Person)> {
    let mut host = Host::new()?;
    host.published("log-readers");
    let settings = "[session]\nhistory = \"kept\"\n[confinement]\nlandlock = \"preferred\"\n";
    fs::write("/etc/gatesh/gatesh.toml", settings).unwrap();
    let (ann, bob) = (host.person(&["log-readers"]), host.person(&["log-readers"]));
    Some((host, ann, bob))
}

fn file(person: &Person) -> PathBuf {
    Path::new(PLACE).join(fs::metadata(&person.home).unwrap().uid().to_string())
}

/// Enters these lines in a session of its own, and answers with what was seen.
fn session(person: &Person, lines: &[&str]) -> String {
    let mut screen = Screen::open(&person.su(&[]));
    screen.shows("help shows what you may run").shows("> ");
    for line in lines {
        screen.types(line).shows("> ");
    }
    screen.types("exit");
    let _ = screen.ends();
    screen.seen().to_owned()
}

/// Whether somebody without any gate could do that.
fn can(person: &Person, script: &str) -> bool {
    person.run(Path::new("/bin/sh"), &["-c", script]).output().unwrap().status.success()
}

#[test]
fn lines_of_an_earlier_session_are_there_again_and_only_for_whose_they_are() {
    let Some((_host, ann, bob)) = host() else { return };
    let _place = Place::made();
    session(&ann, &["pwd"]);
    let about = fs::metadata(file(&ann)).unwrap();
    assert_eq!((about.mode() & 0o7777, about.uid()), (0o600, fs::metadata(&ann.home).unwrap().uid()));
    assert!(session(&ann, &["history"]).contains("1  pwd"));
    assert!(!session(&bob, &["history"]).contains("  pwd"));
}

#[test]
fn nobody_else_reads_takes_away_or_replaces_them() {
    let Some((_host, ann, bob)) = host() else { return };
    let _place = Place::made();
    session(&ann, &["pwd"]);
    let file = file(&ann).display().to_string();
    let attacks = [
        format!("ls {PLACE}"),
        format!("cat {file}"),
        format!("echo x >> {file}"),
        format!("rm -f {file}"),
        format!("mv {file} {PLACE}/gone"),
        format!("ln -sf /dev/null {file}"),
        format!("touch /tmp/x.$$ && mv -f /tmp/x.$$ {file}"),
    ];
    for attack in &attacks {
        assert!(!can(&bob, attack), "{attack}");
    }
    assert!(session(&ann, &["history"]).contains("1  pwd"));
    // Without the sticky bit the last of them works, and gatesh will not have such a directory.
    mode(0o777);
    assert!(session(&ann, &[]).contains("your lines are not kept"));
    assert!(can(&bob, &attacks[3]));
}

#[test]
fn the_environment_leads_them_nowhere_else() {
    let Some((_host, ann, _bob)) = host() else { return };
    let _place = Place::made();
    let elsewhere = ann.home.join("elsewhere");
    let variables = ["HISTFILE", "HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "GATESH_HISTORY"];
    let mut command = ann.su(&["-w", &variables.join(",")]);
    command.envs(variables.map(|name| (name, elsewhere.clone())));
    let mut screen = Screen::open(&command);
    screen.shows("help shows what you may run").shows("> ").types("pwd").shows("> ").types("exit");
    let _ = screen.ends();
    assert!(fs::read_to_string(file(&ann)).unwrap().contains("pwd"));
    assert!(!elsewhere.exists());
}

#[test]
fn a_file_laid_there_first_keeps_nobody_s_lines() {
    let Some((_host, ann, bob)) = host() else { return };
    let _place = Place::made();
    let file = file(&ann).display().to_string();
    assert!(can(&bob, &format!("umask 0; touch {file}")));
    assert!(session(&ann, &["pwd"]).contains("your lines are not kept"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "");
}
