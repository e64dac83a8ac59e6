//! The log file: whom it may belong to, how it may be reached, and what happens when it is rotated.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gatesh::audit::{AuditError, AuditLog, Record};
use gatesh::policy::{AuditSettings, OnFailure, Sink};
use tempfile::TempDir;

use super::{ENDED, ann, denied, refused, start};

fn open(file: &Path, staging: bool) -> Result<AuditLog, AuditError> {
    let settings = AuditSettings { sink: Sink::File(file.to_owned()), on_failure: OnFailure::Deny };
    AuditLog::open(&settings, ann(), staging)
}

fn make(file: &Path, mode: u32) {
    fs::write(file, "").unwrap();
    fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
}

fn staged() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("audit.log");
    make(&file, 0o600);
    (directory, file)
}

fn records(file: &Path) -> Vec<Record> {
    fs::read_to_string(file).unwrap().lines().map(|line| Record::parse(line).unwrap()).collect()
}

fn am_root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[test]
fn records_are_lines_and_a_newline_in_one_makes_no_other() {
    let (_directory, file) = staged();
    let mut log = open(&file, true).unwrap();
    log.record(&denied(b"nope\n2026-01-01 00:00:00 root: ALLOW rm")).unwrap();
    log.record(&ENDED).unwrap();
    let events: Vec<_> = records(&file).into_iter().map(|record| record.event).collect();
    assert_eq!(events, ["denied", "command-end"]);
}

#[test]
fn what_stands_in_the_file_stays() {
    let (_directory, file) = staged();
    for _ in 0..2 {
        open(&file, true).unwrap().record(&ENDED).unwrap();
    }
    assert_eq!(records(&file).len(), 2);
}

#[test]
fn a_rotated_file_is_left_and_the_new_one_taken() {
    let (directory, file) = staged();
    let old = directory.path().join("audit.log.1");
    let mut log = open(&file, true).unwrap();
    log.record(&start(b"ls", &[b"ls"])).unwrap();
    fs::rename(&file, &old).unwrap();
    make(&file, 0o600);
    log.record(&ENDED).unwrap();
    assert_eq!((records(&old).len(), records(&file)[0].seq), (1, 2));
}

#[test]
fn a_removed_file_stops_commands() {
    let (_directory, file) = staged();
    let mut log = open(&file, true).unwrap();
    fs::remove_file(&file).unwrap();
    refused(
        log.record(&start(b"ls", &[b"ls"])),
        "cannot be written (no such file or directory): nothing runs",
    );
    assert!(!file.exists());
}

#[test]
fn a_file_that_is_absent_is_not_made() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("audit.log");
    refused(open(&file, true), "audit.log cannot be written (no such file or directory)");
    assert!(!file.exists());
}

#[test]
fn a_symbolic_link_is_refused() {
    let (directory, file) = staged();
    let link = directory.path().join("link");
    symlink(&file, &link).unwrap();
    refused(open(&link, true), "is not safe (it is a symbolic link");
}

#[test]
fn a_link_put_in_the_place_of_the_file_is_refused() {
    let (directory, file) = staged();
    let mut log = open(&file, true).unwrap();
    let elsewhere = directory.path().join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    refused(log.record(&ENDED), "it is a symbolic link");
    assert_eq!(fs::read(&elsewhere).unwrap(), b"");
}

#[test]
fn a_directory_reached_by_a_symbolic_link_is_refused() {
    let (directory, _file) = staged();
    let link = directory.path().with_extension("link");
    symlink(directory.path(), &link).unwrap();
    refused(open(&link.join("audit.log"), true), "is no directory, or a symbolic link to one");
    fs::remove_file(link).unwrap();
}

#[test]
fn a_file_with_two_names_is_refused() {
    let (directory, file) = staged();
    fs::hard_link(&file, directory.path().join("other")).unwrap();
    refused(open(&file, true), "it has 2 names");
}

#[test]
fn what_is_no_regular_file_is_refused_and_does_not_hang() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
    refused(open(&pipe, true), "no such device or address");
    // With somebody at the other end it opens, and then its kind is seen.
    let _reader = fs::OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
    refused(open(&pipe, true), "it is not a regular file");
    refused(open(Path::new("/dev/full"), true), "it is not a regular file");
}

#[test]
fn a_path_that_is_not_absolute_and_plain_is_refused() {
    refused(open(Path::new("/"), true), "its path must be absolute");
    refused(open(Path::new("/tmp/../tmp/audit.log"), true), "cannot be written (no such file");
    let (directory, _file) = staged();
    refused(open(&directory.path().join("../audit.log"), true), "cannot be written (no such file");
    let there = directory.path().join("..").join(directory.path().file_name().unwrap()).join("audit.log");
    refused(open(&there, true), "its path must be absolute, without . or ..");
}

#[test]
fn outside_staging_a_directory_others_can_write_is_refused() {
    let (_directory, file) = staged();
    refused(open(&file, false), "is not safe (");
}

#[test]
fn a_directory_anybody_can_write_is_refused_in_staging_too() {
    let (directory, file) = staged();
    fs::set_permissions(directory.path(), Permissions::from_mode(0o777)).unwrap();
    refused(open(&file, true), "(mode 0777): chmod go-w");
}

#[test]
fn in_staging_a_third_persons_file_is_refused() {
    if !am_root() {
        return println!("skipped: only root can give a file away");
    }
    let (_directory, file) = staged();
    std::os::unix::fs::chown(&file, Some(4711), None).unwrap();
    refused(open(&file, true), "it belongs to uid 4711: chown root");
}

/// A directory that only root can change, all the way up, with a log file in it.
struct Installed {
    directory: TempDir,
}

impl Installed {
    fn new() -> Option<Self> {
        if !am_root() {
            println!("skipped: only root has directories of root's");
            return None;
        }
        let directory = tempfile::Builder::new().prefix("gatesh-test-").tempdir_in("/var/lib").ok()?;
        let installed = Self { directory };
        make(&installed.file(), 0o622);
        Some(installed)
    }

    /// The same with the append-only attribute set.
    fn append_only() -> Option<Self> {
        let installed = Self::new()?;
        if installed.chattr("+a") {
            return Some(installed);
        }
        println!(
            "skipped: the file system under /var/lib has no append-only attribute, or chattr is missing"
        );
        None
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("audit.log")
    }

    fn chattr(&self, change: &str) -> bool {
        let mut command = Command::new("chattr");
        let status = command.arg(change).arg(self.file()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        // Else the directory could not be removed.
        self.chattr("-a");
    }
}

#[test]
fn an_append_only_file_of_roots_is_taken() {
    let Some(installed) = Installed::append_only() else { return };
    open(&installed.file(), false).unwrap().record(&ENDED).unwrap();
    assert_eq!(records(&installed.file()).len(), 1);
}

#[test]
fn a_file_that_can_be_rewritten_is_refused() {
    let Some(installed) = Installed::new() else { return };
    let text = open(&installed.file(), false).unwrap_err().to_string();
    assert!(text.contains("chattr +a") || text.contains("no append-only attribute"), "{text}");
}

#[test]
fn a_file_that_others_can_read_is_refused() {
    let Some(installed) = Installed::new() else { return };
    for mode in [0o644, 0o640, 0o666, 0o626, 0o4622] {
        make(&installed.file(), mode);
        refused(open(&installed.file(), false), &format!("it has mode {mode:04o}: chmod 0622, or 0620"));
    }
}

#[test]
fn a_directory_of_somebody_elses_is_refused() {
    let Some(installed) = Installed::append_only() else { return };
    std::os::unix::fs::chown(installed.directory.path(), Some(4711), None).unwrap();
    refused(open(&installed.file(), false), "belongs to uid 4711: chown root");
}

#[test]
fn while_a_rotated_file_has_no_attribute_yet_nothing_runs() {
    let Some(installed) = Installed::append_only() else { return };
    let mut log = open(&installed.file(), false).unwrap();
    assert!(installed.chattr("-a"));
    refused(log.record(&ENDED), "chattr +a");
    fs::rename(installed.file(), installed.directory.path().join("audit.log.1")).unwrap();
    make(&installed.file(), 0o622);
    refused(log.record(&ENDED), "chattr +a");
    assert!(installed.chattr("+a"));
    assert_eq!(log.record(&ENDED).unwrap(), 3);
    assert_eq!(records(&installed.file())[0].lost, Some(2));
}

/// The name of the test below, and what tells it that it runs under a file size limit.
const TORN: (&str, &str) = ("audit::file::a_record_written_in_part_is_a_failure", "GATESH_TEST_LOG");

#[test]
fn a_record_written_in_part_is_a_failure() {
    if let Some(file) = std::env::var_os(TORN.1) {
        return refused(open(Path::new(&file), true).unwrap().record(&ENDED), "cannot be written");
    }
    let (_directory, file) = staged();
    fs::write(&file, format!("{}\n", "x".repeat(4_000))).unwrap();
    let mut limited = Command::new("/bin/sh");
    limited.args(["-c", "ulimit -f 8 && exec \"$0\" --exact \"$1\""]).arg(std::env::current_exe().unwrap());
    let output = limited.arg(TORN.0).env(TORN.1, &file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(fs::metadata(&file).unwrap().len(), 4_096, "the limit did not tear the record");
}
