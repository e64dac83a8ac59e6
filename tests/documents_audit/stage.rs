//! A directory with stand-ins for programs, in which a text is run as the agent runs it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::scenario::write_program;

/// A directory with stand-ins for the programs a text may name, and one to run it in.
pub(super) struct Stage {
    dir: tempfile::TempDir,
}

const PROGRAMS: [&str; 9] = ["id", "ls", "cat", "less", "tail", "sudo", "prog", "x", "log"];

/// Programs that run what their operands hold, as they are on this host.
const REAL: [&str; 9] = ["sh", "bash", "env", "xargs", "awk", "perl", "nohup", "timeout", "su"];

impl Stage {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["bin", "record", "work/logs"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        for program in PROGRAMS {
            let path = dir.path().join("bin").join(program);
            // A file for each process: two ends of a pipe write at the same time.
            let record = "printf '%s\\000' \"${0##*/}\" \"$@\" >\"$RECORD/$$\"";
            write_program(&path, &format!("#!/bin/sh\n{record}\n"));
        }
        for program in REAL {
            let found = ["/bin", "/usr/bin"].map(|dir| Path::new(dir).join(program));
            if let Some(found) = found.into_iter().find(|path| path.exists()) {
                std::os::unix::fs::symlink(found, dir.path().join("bin").join(program)).unwrap();
            }
        }
        Self { dir }
    }

    pub(super) fn work(&self) -> PathBuf {
        self.dir.path().join("work")
    }

    /// Runs `text` as the agent does, and gives the argument lists of the stand-ins that ran.
    pub(super) fn run(&self, shell: &Path, text: &str) -> Vec<Vec<String>> {
        let record = self.dir.path().join("record");
        let mut sh = Command::new(shell);
        sh.arg0("sh").args(["-c", text]).current_dir(self.work());
        sh.env_clear().env("PATH", self.dir.path().join("bin")).env("RECORD", &record);
        // The end of the pipe is the end of whatever was started, in the background too.
        sh.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        sh.output().unwrap();
        let runs = fs::read_dir(record).unwrap().map(|run| fs::read_to_string(run.unwrap().path()).unwrap());
        runs.map(|run| run.trim_end_matches('\0').split('\0').map(str::to_owned).collect()).collect()
    }
}

/// Debian's and Amazon Linux's `sh`, as far as they are installed, and this host's.
pub(super) fn shells() -> BTreeSet<PathBuf> {
    ["/bin/sh", "/bin/dash", "/bin/bash"]
        .into_iter()
        .filter_map(|shell| fs::canonicalize(shell).ok())
        .collect()
}

/// Whether a text did what the finding `id` says. `meant` is what the document's author wrote, in the text and in the
/// pattern: its words prove nothing.
pub(super) fn happened(id: &str, shell: &Path, text: &str, meant: &str) -> bool {
    let stage = Stage::new();
    for word in text.split_whitespace().filter(|word| word.contains(['*', '?'])) {
        let name = word.replace(['*', '?', '\''], "1");
        assert!(!name.starts_with('/') && !name.contains(".."), "a test stays in its directory: {text}");
        fs::write(stage.work().join(name), "").unwrap();
    }
    let globbed = fs::read_dir(stage.work()).unwrap().count();
    let ran = stage.run(shell, text);
    let is_news = |word: &&String| {
        meant.split(|c: char| c.is_whitespace() || "()|".contains(c)).all(|known| known != *word)
    };
    let words = || ran.iter().flat_map(|run| run.iter().skip(1)).filter(is_news);
    let is_operand = |word: &&String| !word.starts_with('-') && is_news(word);
    let as_typed: Vec<&str> = text.split(' ').collect();
    match id {
        "pattern-redirection" => fs::read_dir(stage.work()).unwrap().count() > globbed,
        "pattern-option" => words().any(|word| word.starts_with('-')),
        "pattern-operand" => ran.iter().any(|run| run.iter().skip(1).filter(is_operand).count() > 1),
        "pattern-path" => words().any(|word| word.starts_with('/') || word.contains("..")),
        "pattern-glob" => text.contains(['*', '?']) && words().any(|word| word.contains('1')),
        "pattern-quoting" => !ran.is_empty() && ran.iter().all(|run| *run != as_typed),
        "pattern-control" => ran.iter().flatten().any(|word| word.contains(char::is_control)),
        _ => ran.iter().any(|run| run.first().is_some_and(|program| program == "id")),
    }
}
