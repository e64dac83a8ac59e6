//! `gateshctl doctor` on hosts that are made up of a few files, and once on the one the tests run on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

mod accounts;
mod hosts;
mod sudo;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const PASSWD: &str = "root:x:0:0::/root:/bin/bash\nann:x:1001:100::/home/ann:/usr/bin/gatesh\n";
const GROUP: &str = "root:x:0:\nusers:x:100:\nlog-readers:x:500:ann\n";
const RULES: &str = "[[allow]]\nname = \"nothing\"\ncommands = [\"true\"]\n";

/// The files of a host.
struct Host(TempDir);

impl Host {
    /// One where nothing is wrong: ann, whose shell is gatesh, is in a group with a rule.
    fn well_kept() -> Self {
        let host = Self(tempfile::tempdir().unwrap());
        fs::set_permissions(host.0.path(), fs::Permissions::from_mode(0o755)).unwrap();
        host.file("etc/passwd", PASSWD)
            .file("etc/group", GROUP)
            .file("etc/shells", "/bin/sh\n/bin/bash\n")
            .file("etc/sudoers", "root ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n")
            .file("etc/gatesh/gatesh.toml", "[session]\nidle_timeout = \"15m\"\n")
            .file("etc/gatesh/groups.d/log-readers.toml", RULES)
            .file("usr/bin/gatesh", "\u{7f}ELF")
            .mode("usr/bin/gatesh", 0o755)
            .file("home/ann/.profile", "")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        let mut above = self.0.path().to_owned();
        for part in PathBuf::from(name).parent().unwrap() {
            above.push(part);
            if !above.exists() {
                fs::create_dir(&above).unwrap();
                fs::set_permissions(&above, fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        self
    }

    fn mode(self, name: &str, mode: u32) -> Self {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    fn link(self, name: &str, target: &str) -> Self {
        symlink(target, self.path(name)).unwrap();
        self
    }

    fn without(self, name: &str) -> Self {
        let path = self.path(name);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        self
    }

    fn run(&self, arguments: &[&str]) -> Output {
        gateshctl(&[&["doctor", "--root", self.0.path().to_str().unwrap()], arguments].concat())
    }

    fn doctor(&self) -> Report {
        let output = self.run(&["--json"]);
        let json: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        Report { json, status: output.status.code() }
    }
}

fn gateshctl(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gateshctl")).args(arguments).output().unwrap()
}

struct Report {
    json: Value,
    status: Option<i32>,
}

impl Report {
    fn findings(&self) -> impl Iterator<Item = [&str; 4]> {
        self.json["findings"].as_array().unwrap().iter().map(|finding| {
            ["severity", "id", "subject", "text"].map(|name| finding[name].as_str().unwrap_or_default())
        })
    }

    /// Asserts that there is such a finding whose text holds `part`, and that the exit status goes with it.
    #[track_caller]
    fn says(&self, severity: &str, id: &str, subject: &str, part: &str) -> &Self {
        let found = self.findings().any(|[is, name, about, text]| {
            is == severity && name == id && about == subject && text.contains(part)
        });
        assert!(found, "no {severity} {id} about {subject} with {part:?} in\n{}", self.shown());
        assert_eq!(self.status, Some(i32::from(self.count("problem") > 0)));
        self
    }

    #[track_caller]
    fn lacks(&self, id: &str) -> &Self {
        assert!(!self.findings().any(|[_, name, ..]| name == id), "{id} in\n{}", self.shown());
        self
    }

    fn count(&self, severity: &str) -> usize {
        self.findings().filter(|[is, ..]| *is == severity).count()
    }

    fn shown(&self) -> String {
        self.findings().map(|finding| finding.join(" | ") + "\n").collect()
    }
}
