//! The few system calls that nix lacks, made safe, and the cleaning of what a process inherits.
//!
//! Whoever starts gatesh chooses its descriptors, signals, limits, timers and environment. [`sanitize`] is the
//! first act of the gate: after it nothing of that choice is left but the three standard descriptors, the
//! working directory, and a copy of the environment that only audit and the terminal's own variables look at.
#![allow(
    unsafe_code,
    reason = "system calls that neither std nor nix offer safely; each block says why it holds"
)]

pub mod waiting;

use std::ffi::{CStr, OsString};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, RawFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
use nix::sys::signal::SigSet;
use nix::sys::stat::{Mode, umask};
use nix::unistd::{getresgid, getresuid};

/// What the caller handed over, copied before it was taken away from the process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inherited {
    /// The environment as it was; the process's own is empty from then on.
    pub environment: Vec<(OsString, OsString)>,
    /// The argument vector; empty when there was not even an `argv[0]`.
    pub argv: Vec<OsString>,
}

impl Inherited {
    /// The first value of a variable, as getenv(3) would have found it.
    pub fn variable(&self, name: &str) -> Option<&OsString> {
        self.environment.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// Why the process cannot be made trustworthy. The session ends there.
#[derive(Debug)]
pub enum SanitizeError {
    /// Real, effective and saved ids differ, or the file carries capabilities.
    RaisedPrivileges,
    /// Another thread already runs, or /proc cannot tell.
    Threads,
    /// /dev/null could not be opened for a missing standard descriptor.
    StandardDescriptors(io::Error),
    /// Descriptors above 2 could not be found or closed.
    OpenDescriptors(io::Error),
    /// The signal mask could not be emptied.
    Signals(Errno),
    /// A resource limit could not be set.
    Limits(Errno),
    /// The process could not be made undumpable.
    Dumpable(Errno),
}

impl fmt::Display for SanitizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RaisedPrivileges => f.write_str(
                "the program is installed setuid, setgid or with file capabilities; \
                 take them off with chmod ug-s and setcap -r",
            ),
            Self::Threads => f.write_str("the process is not alone, or /proc is not mounted"),
            Self::StandardDescriptors(error) => write!(f, "/dev/null cannot be opened: {error}"),
            Self::OpenDescriptors(error) => write!(f, "inherited descriptors cannot be closed: {error}"),
            Self::Signals(errno) => write!(f, "the signal mask cannot be emptied: {}", errno.desc()),
            Self::Limits(errno) => write!(f, "resource limits cannot be set: {}", errno.desc()),
            Self::Dumpable(errno) => {
                write!(f, "the process cannot be closed to debuggers: {}", errno.desc())
            }
        }
    }
}

impl std::error::Error for SanitizeError {}

/// Distrusts everything inherited. To be called once, first thing in `main`, before anything is opened: it
/// closes every descriptor above 2, whoever may think of owning it.
///
/// The working directory, nice value, pending signals and the parent-death signal stay as they are.
pub fn sanitize() -> Result<Inherited, SanitizeError> {
    refuse_raised_privileges()?;
    refuse_threads()?;
    fill_standard_descriptors().map_err(SanitizeError::StandardDescriptors)?;
    // SAFETY: the first act of main, with one thread: nothing above 2 is this program's own.
    unsafe { close_from(3) }.map_err(SanitizeError::OpenDescriptors)?;
    reset_signals().map_err(SanitizeError::Signals)?;
    clear_timers();
    reset_limits().map_err(SanitizeError::Limits)?;
    umask(Mode::from_bits_truncate(0o077));
    // Before the next line, which makes /proc/self/oom_score_adj root's.
    raise_oom_score(Path::new("/proc/self/oom_score_adj"));
    prctl::set_dumpable(false).map_err(SanitizeError::Dumpable)?;
    Ok(take_environment())
}

/// `AT_SECURE` alone is no reason: `SELinux` sets it at every domain transition that lacks `noatsecure`,
/// which is how an enforcing host starts login shells. With equal ids only file capabilities are left to look for.
fn refuse_raised_privileges() -> Result<(), SanitizeError> {
    let (Ok(user), Ok(group)) = (getresuid(), getresgid()) else {
        return Err(SanitizeError::RaisedPrivileges);
    };
    let same = user.real == user.effective
        && user.real == user.saved
        && group.real == group.effective
        && group.real == group.saved;
    // SAFETY: getauxval reads a vector the kernel placed before main; no pointer is passed.
    let secure = unsafe { libc::getauxval(libc::AT_SECURE) } != 0;
    if same && (!secure || user.real.is_root() || !holds_capabilities()) {
        Ok(())
    } else {
        Err(SanitizeError::RaisedPrivileges)
    }
}

/// Whether the permitted set holds anything; true when the kernel does not say.
fn holds_capabilities() -> bool {
    // capget(2): version 3 and pid 0, then effective, permitted and inheritable for two times 32 bits.
    const VERSION_3: u32 = 0x2008_0522;
    let mut header = [VERSION_3, 0];
    let mut sets = [0_u32; 6];
    // SAFETY: both arrays have the size and layout version 3 asks for and live through the call.
    let answer = unsafe { libc::syscall(libc::SYS_capget, header.as_mut_ptr(), sets.as_mut_ptr()) };
    let [_, permitted_low, _, _, permitted_high, _] = sets;
    answer != 0 || (permitted_low | permitted_high) != 0
}

/// What makes clearing the environment and closing foreign descriptors sound. The kernel counts one link for
/// each thread besides the two that every directory has.
fn refuse_threads() -> Result<(), SanitizeError> {
    match fs::metadata("/proc/self/task").map(|task| task.nlink()) {
        Ok(3) => Ok(()),
        Ok(_) | Err(_) => Err(SanitizeError::Threads),
    }
}

/// A descriptor opened later could otherwise become standard output.
fn fill_standard_descriptors() -> io::Result<()> {
    loop {
        let file = OpenOptions::new().read(true).write(true).open("/dev/null")?;
        if file.as_raw_fd() > 2 {
            return Ok(());
        }
        // Stays open on purpose; without close-on-exec, so that children have it too.
        let raw = file.into_raw_fd();
        // SAFETY: the descriptor was just opened and belongs to nobody else.
        if unsafe { libc::fcntl(raw, libc::F_SETFD, 0) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
}

/// Closes every descriptor from `first` on. Allocates where the kernel is older than 5.9.
///
/// # Safety
/// No value may own a descriptor from `first` on, and no other thread may open one meanwhile.
pub unsafe fn close_from(first: RawFd) -> io::Result<()> {
    // SAFETY: no memory is passed; the caller owns nothing from `first` on.
    match unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) } {
        0 => Ok(()),
        _ => close_listed(first),
    }
}

fn close_listed(first: RawFd) -> io::Result<()> {
    let open: Vec<RawFd> = fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|&descriptor| descriptor >= first)
        .collect();
    for descriptor in open {
        // SAFETY: no memory is passed; the one that listed the directory is closed already, which is EBADF.
        unsafe { libc::close(descriptor) };
    }
    Ok(())
}

/// Signals from here on mean nothing to gatesh. That one of them is ignored matters to programs alone, and is
/// undone where they are started.
pub const FIRST_REALTIME: libc::c_int = 32;

/// What gatesh itself ignores: [`reset_signals`] and [`ignore_interrupts`]. Programs are started without.
pub const IGNORED: [libc::c_int; 2] = [libc::SIGPIPE, libc::SIGINT];

/// An ignored signal survives execve, and so does the mask. SIGPIPE stays ignored: writing to a terminal or log that
/// has gone away must be an error the session can record, not its death.
fn reset_signals() -> Result<(), Errno> {
    for signal in 1..FIRST_REALTIME {
        default_action(signal);
    }
    // SAFETY: to ignore is no code.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
    SigSet::empty().thread_set_mask()
}

/// Gives a signal its default action. Past libc, which will not touch two signals of its own that a parent may have
/// ignored all the same. SIGKILL and SIGSTOP are refused, rightly. Allocates nothing, for use after fork.
pub fn default_action(signal: libc::c_int) {
    const MASK_BYTES: libc::size_t = 8;
    // Longer than the kernel's structure on any architecture; in each of them all zeroes mean the default action.
    let default = [0_u64; 8];
    let old = std::ptr::null_mut::<u64>();
    // SAFETY: `default` lives through the call, which writes nothing.
    unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), old, MASK_BYTES) };
}

/// For a prompt, whose line editor installs an action of its own and takes it away again: an interrupt that comes
/// in between must not end the session. Programs are started with the default action.
pub fn ignore_interrupts() {
    // SAFETY: to ignore is no code.
    unsafe { libc::signal(libc::SIGINT, libc::SIG_IGN) };
}

/// Interval timers and alarm(2) survive execve; timers of `timer_create(2)` do not.
fn clear_timers() {
    let never = libc::timeval { tv_sec: 0, tv_usec: 0 };
    let off = libc::itimerval { it_interval: never, it_value: never };
    for timer in [libc::ITIMER_REAL, libc::ITIMER_VIRTUAL, libc::ITIMER_PROF] {
        // SAFETY: `off` lives through the call, and the old value is not asked for.
        unsafe { libc::setitimer(timer, &raw const off, std::ptr::null_mut()) };
    }
}

/// Soft limits somebody may have lowered, and what each should at least be; the hard limit still bounds it.
/// Stack and open files have the kernel's and systemd's defaults: more changes the address space of programs,
/// or breaks those that use select(2). Processes: the usual distributions' soft limit.
const LEAST: [(Resource, u64); 8] = [
    (Resource::RLIMIT_CPU, RLIM_INFINITY),
    (Resource::RLIMIT_FSIZE, RLIM_INFINITY),
    (Resource::RLIMIT_DATA, RLIM_INFINITY),
    (Resource::RLIMIT_AS, RLIM_INFINITY),
    (Resource::RLIMIT_SIGPENDING, RLIM_INFINITY),
    (Resource::RLIMIT_STACK, 8 << 20),
    (Resource::RLIMIT_NOFILE, 1024),
    (Resource::RLIMIT_NPROC, 4096),
];

/// Raises what was lowered; no core file of the gate itself, whose memory holds what people typed.
fn reset_limits() -> Result<(), Errno> {
    for (resource, least) in LEAST {
        let (soft, hard) = getrlimit(resource)?;
        let wanted = least.min(hard);
        if soft < wanted {
            setrlimit(resource, wanted, hard)?;
        }
    }
    let (_, hard) = getrlimit(Resource::RLIMIT_CORE)?;
    setrlimit(Resource::RLIMIT_CORE, 0, hard)
}

/// An agent that is protected from the out-of-memory killer hands that on. Raising needs no privilege; where it
/// fails all the same (a program file its user cannot read makes /proc/self root's) nothing is opened by that.
fn raise_oom_score(file: &Path) {
    if read_bounded(file, 16).is_ok_and(|score| score.starts_with(b"-")) {
        drop(fs::write(file, "0"));
    }
}

fn take_environment() -> Inherited {
    let inherited =
        Inherited { environment: std::env::vars_os().collect(), argv: std::env::args_os().collect() };
    // SAFETY: `refuse_threads` has shown that no other thread exists that could read the environment.
    unsafe { libc::clearenv() };
    inherited
}

/// `N` bytes, at most 256, from the kernel's generator. Blocks only until the host has gathered its first seed.
pub fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    // SAFETY: the array is writable for exactly N bytes. Up to 256 are never given in part (getrandom(2)).
    let got = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), N, 0) };
    match usize::try_from(got) {
        Ok(length) if length == N => Ok(bytes),
        Ok(_) => Err(io::Error::other("the kernel gave too few random bytes")),
        Err(_) => Err(io::Error::last_os_error()),
    }
}

/// Whether a descriptor leads to a terminal.
pub fn terminal(descriptor: BorrowedFd<'_>) -> bool {
    io::IsTerminal::is_terminal(&descriptor)
}

/// The size of a terminal in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowSize {
    /// Lines.
    pub rows: u16,
    /// Characters in a line.
    pub columns: u16,
}

/// The size of the terminal behind a descriptor. None without one, and while it has none yet: a Session Manager
/// session starts with 0x0 until the client's first size message.
pub fn winsize(descriptor: BorrowedFd<'_>) -> Option<WindowSize> {
    let mut size = MaybeUninit::<libc::winsize>::zeroed();
    // SAFETY: TIOCGWINSZ writes one `winsize`, which all zeroes are a value of.
    let size = unsafe {
        (libc::ioctl(descriptor.as_raw_fd(), libc::TIOCGWINSZ, size.as_mut_ptr()) == 0)
            .then(|| size.assume_init())
    }?;
    (size.ws_row > 0 && size.ws_col > 0).then_some(WindowSize { rows: size.ws_row, columns: size.ws_col })
}

/// The host's name as uname(2) has it, with what is not UTF-8 replaced.
pub fn hostname() -> String {
    let mut name = MaybeUninit::<libc::utsname>::zeroed();
    // SAFETY: uname fills the structure; where it fails, all zeroes are empty strings. The node name ends in NUL
    // by the kernel's promise and lives as long as `name`.
    unsafe {
        libc::uname(name.as_mut_ptr());
        let name = name.assume_init();
        CStr::from_ptr(name.nodename.as_ptr()).to_string_lossy().into_owned()
    }
}

/// At most `limit` bytes of a file; longer is an error. Files of /proc have no size to ask for first: most that
/// are read here fit one page, and growing towards it costs a system call at every step.
pub fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut text = Vec::with_capacity(usize::try_from(limit).map_or(4096, |limit| limit.min(4096)));
    io::Read::read_to_end(&mut io::Read::take(File::open(path)?, limit.saturating_add(1)), &mut text)?;
    if u64::try_from(text.len()).is_ok_and(|length| length <= limit) {
        Ok(text)
    } else {
        Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than {limit} bytes")))
    }
}

#[allow(missing_docs, reason = "the macro writes the function")]
mod inode_flags {
    // FS_IOC_GETFLAGS, ioctl_iflags(2): declared with a long, of which the kernel writes an int.
    nix::ioctl_read!(get, b'f', 1, std::ffi::c_long);
}

/// `FS_APPEND_FL` of linux/fs.h.
const APPEND_ONLY: std::ffi::c_long = 0x20;

/// Whether the file can only be appended to (`chattr +a`). An error where its file system knows no such
/// attribute (ENOTTY, EOPNOTSUPP). Works on a descriptor open for writing alone, not on an `O_PATH` one.
pub fn is_append_only(file: impl AsFd) -> io::Result<bool> {
    let mut flags: std::ffi::c_long = 0;
    // SAFETY: the descriptor is borrowed, hence open, for the whole call, and `flags` is at least as large
    // as what the kernel writes. Both supported architectures are little-endian, so an int written into the
    // zeroed long is its value.
    unsafe {
        inode_flags::get(file.as_fd().as_raw_fd(), &raw mut flags)?;
    }
    Ok(flags & APPEND_ONLY != 0)
}

#[cfg(test)]
mod tests;
