//! Where a session came from, read from the processes above it. A hint for audit and nothing else: a Session
//! Manager session id begins with a name its user chose, and a parent process can be anything.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::sys::read_bounded;

/// How far up to look: sshd has two processes of its own, and a person's shell and su may stand between.
const GENERATIONS: usize = 4;
/// /proc/PID/status has about 1,500 bytes.
const LARGEST_STATUS: u64 = 16 << 10;
/// The worker's command line is a path and an id.
const LARGEST_COMMAND_LINE: u64 = 4 << 10;

/// What started the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Root's ssm-session-worker is the parent, or the parent of the `sh` that is.
    SessionManager {
        /// The session id on its command line.
        id_hint: String,
    },
    /// Root's sshd.
    Ssh,
    /// su, sudo, runuser or doas, running as root.
    Su,
    /// login(1) on a console or serial line.
    Console,
    /// Something else; the parent's own name, which the parent may have chosen.
    Other(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SessionManager { .. } => f.write_str("session-manager"),
            Self::Ssh => f.write_str("ssh"),
            Self::Su => f.write_str("su"),
            Self::Console => f.write_str("console"),
            Self::Other(name) => write!(f, "other: {name}"),
        }
    }
}

impl Origin {
    /// Reads the ancestry that begins at `parent` from a procfs mounted at `proc`.
    pub fn above(proc: &Path, parent: u32) -> Self {
        // Read no further up than needed: the kernel writes a page of text for each.
        let mut nearest: Option<Process> = None;
        for (above, process) in ancestors(proc, parent).enumerate() {
            let is_next = above == 0 || (above == 1 && nearest.as_ref().is_some_and(|one| one.name == "sh"));
            let worker = if is_next { session_manager(proc, &process) } else { None };
            if let Some(origin) = worker.or_else(|| process.service()) {
                return origin;
            }
            nearest.get_or_insert(process);
        }
        Self::Other(nearest.map_or_else(String::new, |process| process.name))
    }
}

/// What /proc/PID/status says of a process.
struct Process {
    pid: u32,
    name: String,
    parent: u32,
    /// Real, effective, saved, file system.
    uids: [u32; 4],
}

impl Process {
    fn read(proc: &Path, pid: u32) -> Option<Self> {
        let text = read_bounded(&proc.join(pid.to_string()).join("status"), LARGEST_STATUS).ok()?;
        // In the kernel's own order, so that the rest, which is most of it, is not looked at.
        let mut lines = text.split(|byte| *byte == b'\n');
        let mut field = |name: &str| {
            let value = lines.find_map(|line| line.strip_prefix(name.as_bytes()))?;
            Some(String::from_utf8_lossy(value.trim_ascii()).into_owned())
        };
        let (name, parent, uids) = (field("Name:")?, field("PPid:")?.parse().ok()?, field("Uid:")?);
        let mut uids = uids.split_ascii_whitespace().map(str::parse);
        let uids = [uids.next()?.ok()?, uids.next()?.ok()?, uids.next()?.ok()?, uids.next()?.ok()?];
        Some(Self { pid, name, parent, uids })
    }

    /// A well-known way in, if root runs it: su has its caller as real user.
    fn service(&self) -> Option<Origin> {
        let [_, effective, ..] = self.uids;
        match self.name.as_str() {
            _ if effective != 0 => None,
            "sshd" | "sshd-session" | "sshd-auth" => Some(Origin::Ssh),
            "su" | "sudo" | "runuser" | "doas" => Some(Origin::Su),
            "login" | "agetty" => Some(Origin::Console),
            _ => None,
        }
    }
}

fn ancestors(proc: &Path, parent: u32) -> impl Iterator<Item = Process> {
    let mut next = parent;
    let above = move || {
        let process = (next > 0).then(|| Process::read(proc, next))??;
        next = process.parent;
        Some(process)
    };
    std::iter::from_fn(above).take(GENERATIONS)
}

/// A worker of Session Manager's; a document that starts gatesh without `exec` leaves `sh -c` in between.
fn session_manager(proc: &Path, worker: &Process) -> Option<Origin> {
    if worker.uids != [0; 4] {
        return None;
    }
    let path = proc.join(worker.pid.to_string()).join("cmdline");
    let id_hint = session_id(&read_bounded(&path, LARGEST_COMMAND_LINE).ok()?)?;
    Some(Origin::SessionManager { id_hint })
}

/// The second argument of a program called ssm-session-worker, if it looks like `NAME-` and 17 to 26 of `0-9a-z`
/// (all forms seen up to agent 3.3), at most 96 characters (the API's limit) and graphic.
fn session_id(command_line: &[u8]) -> Option<String> {
    let mut arguments = command_line.split(|&byte| byte == 0);
    let program = Path::new(OsStr::from_bytes(arguments.next()?));
    let id = str::from_utf8(arguments.next()?).ok()?;
    let (name, unique) = id.rsplit_once('-')?;
    let fits = program.file_name() == Some(OsStr::new("ssm-session-worker"))
        && !name.is_empty()
        && (17..=26).contains(&unique.len())
        && unique.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
        && id.chars().count() <= 96
        && !id.chars().any(char::is_control);
    fits.then(|| id.to_owned())
}

#[cfg(test)]
mod tests;
