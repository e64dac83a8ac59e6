//! The lines a person entered: in memory, or (where the host says so) kept for their next session.
//!
//! They are kept beneath a directory of root's, in a file named by the uid that belongs to the person and that
//! nobody else can read. Every directory on the way is root's and no link; the last may be writable by all if it
//! is sticky, so that gatesh can make the file, and others can only be in its way. What the environment says
//! about places has no part in it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag, open, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat};

use crate::excerpt::is_hidden;
use crate::policy::History as Kept;

/// Where lines are kept, beneath `/`.
const PLACE: &str = "var/lib/gatesh/history";
/// Lines kept.
const MOST: usize = 1_000;
/// Bytes of a file; longer ones are cut to their last lines when a session begins.
const LONGEST: u64 = 1 << 20;

/// The lines of a session, with those of earlier ones.
#[derive(Debug, Default)]
pub(super) struct History {
    lines: Vec<String>,
    file: Option<File>,
    off: bool,
}

impl History {
    /// As the host says. Where lines cannot be kept they are remembered as long as the session lasts, and why is
    /// the second answer.
    pub(super) fn open(kept: Kept, uid: u32) -> (Self, Option<String>) {
        match kept {
            Kept::Session => (Self::default(), None),
            Kept::Off => (Self { off: true, ..Self::default() }, None),
            Kept::Kept => match Self::keep(Path::new("/"), Path::new(PLACE), 0, uid) {
                Ok(history) => (history, None),
                Err(why) => {
                    (Self::default(), Some(format!("your lines are not kept: /{PLACE}/{uid}: {why}")))
                }
            },
        }
    }

    /// `owner` must own every directory of `place`, which lies beneath `base`.
    fn keep(base: &Path, place: &Path, owner: u32, uid: u32) -> Result<Self, String> {
        let said = |errno: Errno| errno.desc().to_owned();
        let directory = directory(base, place, owner)?;
        let flags = OFlag::O_RDWR | OFlag::O_APPEND | OFlag::O_CREAT;
        let flags = flags | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let mode = Mode::S_IRUSR | Mode::S_IWUSR;
        let file = openat(&directory, uid.to_string().as_str(), flags, mode).map_err(said)?;
        let about = fstat(&file).map_err(said)?;
        if kind(&about) != SFlag::S_IFREG || about.st_uid != uid || about.st_nlink != 1 || others(&about) != 0
        {
            return Err("is no file of your own with mode 0600".to_owned());
        }
        let mut file = File::from(file);
        let lines = read(&mut file).map_err(|error| error.to_string())?;
        Ok(Self { lines, file: Some(file), off: false })
    }

    /// All lines, oldest first.
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Whether the host wants none.
    pub(super) fn is_off(&self) -> bool {
        self.off
    }

    /// A line that was entered. A disk that is full costs the history, and nothing else.
    pub(super) fn add(&mut self, line: &str) {
        if self.off || line.trim().is_empty() {
            return;
        }
        self.lines.push(line.to_owned());
        if let Some(file) = self.file.as_mut().filter(|_| is_plain(line)) {
            let _ = file.write_all(format!("{line}\n").as_bytes());
        }
    }
}

/// Opened part by part, so that no link on the way is followed.
fn directory(base: &Path, place: &Path, owner: u32) -> Result<OwnedFd, String> {
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let said = |errno: Errno| errno.desc().to_owned();
    let mut directory = open(base, flags, Mode::empty()).map_err(said)?;
    let mut parts = place.components().peekable();
    while let Some(part) = parts.next() {
        directory = openat(&directory, part.as_os_str(), flags, Mode::empty()).map_err(said)?;
        let about = fstat(&directory).map_err(said)?;
        let is_writable = about.st_mode & 0o022 != 0;
        let is_sticky = about.st_mode & 0o1000 != 0;
        if about.st_uid != owner || (is_writable && !(parts.peek().is_none() && is_sticky)) {
            return Err("a directory above it is not root's alone".to_owned());
        }
    }
    Ok(directory)
}

fn kind(about: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(about.st_mode) & SFlag::S_IFMT
}

fn others(about: &FileStat) -> u32 {
    about.st_mode & 0o077
}

/// The last lines; a file that became too long is cut to them, while no other session of the person writes it.
fn read(file: &mut File) -> std::io::Result<Vec<String>> {
    let mut text = Vec::new();
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST)))?;
    file.take(LONGEST).read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let mut lines: Vec<String> = text.lines().filter(|line| is_plain(line)).map(str::to_owned).collect();
    let first = lines.len().saturating_sub(MOST);
    lines.drain(..first);
    if length > LONGEST / 2
        && let Ok(mut locked) = Flock::lock(file.try_clone()?, FlockArg::LockExclusiveNonblock)
    {
        locked.set_len(0)?;
        locked
            .write_all(lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>().as_bytes())?;
    }
    Ok(lines)
}

/// What was put there by other means than typing is left out.
fn is_plain(line: &str) -> bool {
    !line.trim().is_empty() && !line.chars().any(is_hidden) && !line.contains(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::unistd::getuid;
    use std::os::unix::fs::{PermissionsExt, symlink};

    /// A tree with the directory, and what is found there by whoever runs the tests.
    fn place(mode: u32) -> (tempfile::TempDir, std::path::PathBuf) {
        let base = tempfile::tempdir().unwrap();
        let place = base.path().join("history");
        std::fs::create_dir(&place).unwrap();
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(mode)).unwrap();
        let file = place.join(getuid().to_string());
        (base, file)
    }

    fn keep(base: &tempfile::TempDir) -> Result<History, String> {
        let uid = getuid().as_raw();
        History::keep(base.path(), Path::new("history"), uid, uid)
    }

    #[test]
    fn lines_come_back_in_the_next_session() {
        let (base, _) = place(0o1733);
        keep(&base).unwrap().add("cat app.log");
        assert_eq!(keep(&base).unwrap().lines(), ["cat app.log"]);
    }

    #[test]
    fn a_link_in_place_of_the_file_is_not_followed() {
        let ((base, file), elsewhere) = (place(0o1733), tempfile::NamedTempFile::new().unwrap());
        symlink(elsewhere.path(), file).unwrap();
        assert!(keep(&base).is_err());
    }

    #[test]
    fn a_file_with_a_second_name_is_not_used() {
        let (base, file) = place(0o1733);
        keep(&base).unwrap();
        std::fs::hard_link(&file, base.path().join("other")).unwrap();
        assert_eq!(keep(&base).unwrap_err(), "is no file of your own with mode 0600");
    }

    #[test]
    fn a_file_that_others_may_read_is_not_used() {
        let (base, file) = place(0o755);
        std::fs::write(&file, "").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(keep(&base).unwrap_err(), "is no file of your own with mode 0600");
    }

    #[test]
    fn a_directory_that_others_may_write_is_not_used_unless_it_is_sticky() {
        assert_eq!(keep(&place(0o777).0).unwrap_err(), "a directory above it is not root's alone");
    }

    #[test]
    fn a_directory_of_somebody_else_s_is_not_used() {
        let (base, _) = place(0o1733);
        let uid = getuid().as_raw();
        let other = History::keep(base.path(), Path::new("history"), uid + 1, uid);
        assert_eq!(other.unwrap_err(), "a directory above it is not root's alone");
    }

    #[test]
    fn control_characters_in_the_file_are_not_shown() {
        let (base, file) = place(0o1733);
        drop(keep(&base).unwrap());
        std::fs::write(&file, "cat a.log\n\x1b[31mred\n").unwrap();
        assert_eq!(keep(&base).unwrap().lines(), ["cat a.log"]);
    }

    #[test]
    fn nothing_is_remembered_where_the_host_wants_none() {
        let (mut history, _) = History::open(Kept::Off, 0);
        history.add("cat app.log");
        assert!(history.is_off() && history.lines().is_empty());
    }
}
