//! Starts a program: fork, and everything the child does up to execve(2).
//!
//! The law of this file: between fork and exec nothing allocates, locks, parses or panics. Whatever the child
//! needs is made by the parent beforehand ([`Image`]); the child makes system calls and nothing else, and each
//! that fails ends it with a [`Step`] and an errno written into a pipe. gatesh has a single thread, so fork
//! copies a consistent process; the law keeps that from being the only thing that holds.
//!
//! The order is not free: signals are blocked over the whole of it and unblocked last, the directory is entered
//! before Landlock could refuse it, Landlock needs `no_new_privs`, descriptors are closed when none is needed any
//! more, and the filter comes right before exec because it may refuse any of the calls above.
#![allow(unsafe_code, reason = "fork, exec and what stands between them have no safe form")]

use std::convert::Infallible;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::rc::Rc;

use libc::{c_char, c_int, c_long};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::{Pid, fchdir, getpgrp, getpid, getppid, pipe2, setpgid};

use super::confinement::Fence;
use super::step::{Step, StepFailure};
use crate::sys;

/// How long the parent waits for the child's exec before it looks whether the child was stopped, in ms.
const PATIENCE: u16 = 200;
/// The descriptor the child reports on, the only one besides 0 to 2 that is open when it calls execve(2).
const REPORT: RawFd = 3;

/// Everything about the process to be, in the form the kernel takes.
#[derive(Debug)]
pub(super) struct Image {
    path: CString,
    argv: Vector,
    environment: Vector,
    attributes: Attributes,
    fence: Option<Fence>,
    filter_length: libc::c_ushort,
    highest_descriptor: RawFd,
}

/// What a process is given besides its program and words.
#[derive(Debug)]
pub(super) struct Attributes {
    /// The working directory, `O_PATH` or open for reading.
    pub(super) directory: Rc<OwnedFd>,
    /// umask(2).
    pub(super) umask: libc::mode_t,
    /// Soft and hard alike.
    pub(super) limits: Vec<(Resource, u64)>,
    /// False only for sudo, which could not become root otherwise.
    pub(super) no_new_privs: bool,
}

/// A NULL-terminated array of strings with what it points to.
#[derive(Debug)]
struct Vector {
    pointers: Vec<*const c_char>,
    /// Never changed again: moving a `CString` leaves its bytes where they are.
    _owners: Vec<CString>,
}

impl Vector {
    fn new(owners: Vec<CString>) -> Self {
        let pointers = owners.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect();
        Self { pointers, _owners: owners }
    }
}

/// Where a process stands: its standard descriptors, its group, and whether its group gets the terminal.
pub(super) struct Place<'fd> {
    pub(super) input: BorrowedFd<'fd>,
    pub(super) output: BorrowedFd<'fd>,
    pub(super) errors: BorrowedFd<'fd>,
    /// `None` makes it the leader of a new group.
    pub(super) group: Option<Pid>,
    /// The controlling terminal, to be handed to a new group.
    pub(super) terminal: Option<BorrowedFd<'fd>>,
}

/// Whether every late number has its place in the filter.
fn is_whole(fence: &Fence) -> bool {
    let secret = fence.secret_at.iter().flatten();
    secret.chain(&fence.process_at).chain(&fence.group_at).all(|at| *at < fence.filter.len())
}

impl Image {
    /// Puts together what [`spawn`] needs. A filter of more than 65,535 instructions, or a late number that
    /// stands outside it, is refused here rather than in the child.
    pub(super) fn new(
        path: CString,
        argv: Vec<CString>,
        environment: Vec<CString>,
        attributes: Attributes,
        fence: Option<Fence>,
    ) -> Result<Self, StepFailure> {
        let length = fence.as_ref().map_or(0, |fence| fence.filter.len());
        let filter_length = libc::c_ushort::try_from(length).ok();
        let (Some(filter_length), true) = (filter_length, fence.iter().all(is_whole)) else {
            return Err(StepFailure { step: Step::Filter, errno: Errno::EINVAL });
        };
        let (argv, environment) = (Vector::new(argv), Vector::new(environment));
        let highest_descriptor = open_files_limit();
        Ok(Self { path, argv, environment, attributes, fence, filter_length, highest_descriptor })
    }
}

/// Only asked where `close_range(2)` is missing; then gatesh has closed what it inherited, so nothing it opened
/// itself lies beyond its own limit.
fn open_files_limit() -> RawFd {
    let soft = nix::sys::resource::getrlimit(Resource::RLIMIT_NOFILE).map_or(65_536, |(soft, _)| soft);
    RawFd::try_from(soft.min(65_536)).unwrap_or(65_536)
}

/// Starts `image` and returns once it runs, or with the step that failed.
pub(super) fn spawn(image: &mut Image, place: &Place<'_>) -> Result<Pid, StepFailure> {
    let failed = |errno| StepFailure { step: Step::Fork, errno };
    let (reader, writer) = pipe2(nix::fcntl::OFlag::O_CLOEXEC).map_err(failed)?;
    let parent = getpid();
    let old_mask = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK).map_err(failed)?;
    // SAFETY: the child makes only system calls on memory prepared above (the law of this file) and leaves by
    // execve or _exit.
    let forked = Errno::result(unsafe { libc::fork() });
    if let Ok(0) = forked {
        run_child(image, place, parent, writer.as_raw_fd());
    }
    let restored = old_mask.thread_set_mask();
    drop(writer);
    let child = Pid::from_raw(forked.map_err(failed)?);
    restored.map_err(failed)?;
    match await_exec(child, reader) {
        None => Ok(child),
        Some(failure) => {
            // Its report is written, so it is on its way to _exit.
            while waitpid(child, None) == Err(Errno::EINTR) {}
            Err(failure)
        }
    }
}

/// The end of the pipe without a report means that exec closed it. A stop signal can hit the child between its
/// unblocking of signals and exec; nobody else would wake it then.
fn await_exec(child: Pid, reader: OwnedFd) -> Option<StepFailure> {
    loop {
        let mut wanted = [PollFd::new(reader.as_fd(), PollFlags::POLLIN)];
        if poll(&mut wanted, PollTimeout::from(PATIENCE)) != Ok(0) {
            break;
        }
        // Not waitpid(2), which would also take the status of one that has ended.
        let stopped = waitid(Id::Pid(child), WaitPidFlag::WSTOPPED | WaitPidFlag::WNOHANG);
        if let Ok(WaitStatus::Stopped(..)) = stopped {
            let _ = kill(child, Signal::SIGCONT);
        }
    }
    let mut report = [0; 5];
    File::from(reader).read_exact(&mut report).ok()?;
    let [step, errno @ ..] = report;
    let step = Step::ALL.into_iter().nth(usize::from(step)).unwrap_or(Step::Fork);
    Some(StepFailure { step, errno: Errno::from_raw(i32::from_ne_bytes(errno)) })
}

type Stepped<T = ()> = Result<T, (Step, Errno)>;

/// From here on: the child.
fn run_child(image: &mut Image, place: &Place<'_>, parent: Pid, report: RawFd) -> ! {
    let mut report = report;
    let (step, errno) = match become_program(image, place, parent, &mut report) {
        Ok(never) => match never {},
        Err(failure) => failure,
    };
    #[expect(clippy::as_conversions, reason = "both enums are declared with these representations")]
    let (step, errno) = (step as u8, errno as i32);
    let [a, b, c, d] = errno.to_ne_bytes();
    let bytes = [step, a, b, c, d];
    // SAFETY: five bytes of this frame; _exit runs nothing of the parent's.
    unsafe {
        libc::write(report, bytes.as_ptr().cast(), bytes.len());
        libc::_exit(127)
    }
}

fn become_program(
    image: &mut Image,
    place: &Place<'_>,
    parent: Pid,
    report: &mut RawFd,
) -> Stepped<Infallible> {
    join_group(place)?;
    end_with(parent)?;
    reset_signals();
    connect(place)?;
    take_attributes(&image.attributes)?;
    if let Some(ruleset) = image.fence.as_ref().and_then(|fence| fence.ruleset.as_ref()) {
        restrict(ruleset)?;
    }
    close_others(report, image.highest_descriptor)?;
    let secret = draw_secret(image)?;
    SigSet::empty().thread_set_mask().map_err(|errno| (Step::Mask, errno))?;
    install_filter(image)?;
    execute(image, secret)
}

/// The terminal is handed over by the child itself, so that it has it before its first instruction. SIGTTOU is
/// blocked here, which is what lets a background group do it (tcsetpgrp(3)).
fn join_group(place: &Place<'_>) -> Stepped {
    setpgid(Pid::from_raw(0), place.group.unwrap_or(Pid::from_raw(0)))
        .map_err(|errno| (Step::Group, errno))?;
    let Some(terminal) = place.terminal else { return Ok(()) };
    nix::unistd::tcsetpgrp(terminal, getpid()).map_err(|errno| (Step::Terminal, errno))
}

/// The signal comes when the parent ends; one that ended before it was asked for would be missed.
fn end_with(parent: Pid) -> Stepped {
    prctl::set_pdeathsig(Signal::SIGKILL).map_err(|errno| (Step::DeathSignal, errno))?;
    if getppid() == parent { Ok(()) } else { Err((Step::DeathSignal, Errno::ESRCH)) }
}

/// What exec leaves ignored: gatesh has put the rest at default when it started, and handlers end with the image.
fn reset_signals() {
    const LAST: c_int = 64;
    sys::IGNORED.into_iter().chain(sys::FIRST_REALTIME..=LAST).for_each(sys::default_action);
}

/// Sources are 0, 1 or 2 in their own place, or above 2: no copy overwrites one still to be made.
fn connect(place: &Place<'_>) -> Stepped {
    for (source, target) in [(place.input, 0), (place.output, 1), (place.errors, 2)] {
        // SAFETY: both numbers are open descriptors; what stood at the target is closed by intent.
        Errno::result(unsafe { libc::dup2(source.as_raw_fd(), target) })
            .map_err(|errno| (Step::Standard, errno))?;
    }
    Ok(())
}

fn take_attributes(attributes: &Attributes) -> Stepped {
    fchdir(&*attributes.directory).map_err(|errno| (Step::Directory, errno))?;
    // SAFETY: cannot fail and touches no memory.
    unsafe { libc::umask(attributes.umask) };
    for (resource, most) in &attributes.limits {
        setrlimit(*resource, *most, *most).map_err(|errno| (Step::Limit, errno))?;
    }
    if attributes.no_new_privs {
        prctl::set_no_new_privs().map_err(|errno| (Step::NoNewPrivileges, errno))?;
    }
    Ok(())
}

fn restrict(ruleset: &OwnedFd) -> Stepped {
    // SAFETY: landlock_restrict_self(ruleset_fd, flags) reads no memory.
    let answer = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0) };
    Errno::result(answer).map(drop).map_err(|errno| (Step::Landlock, errno))
}

/// Leaves 0 to 2 and, until exec, the report.
fn close_others(report: &mut RawFd, highest: RawFd) -> Stepped {
    let failed = |errno| (Step::Descriptors, errno);
    if *report != REPORT {
        // SAFETY: whatever stood at that number is not needed any more.
        Errno::result(unsafe { libc::dup3(*report, REPORT, libc::O_CLOEXEC) }).map_err(failed)?;
        *report = REPORT;
    }
    // SAFETY: reads no memory; nothing above the report is used from here on.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, REPORT + 1, c_int::MAX, 0) };
    match Errno::result(closed) {
        Ok(_) => Ok(()),
        // Before Linux 5.9.
        Err(Errno::ENOSYS) => {
            for descriptor in REPORT + 1..highest {
                // SAFETY: as above; a number that is not open is refused.
                unsafe { libc::close(descriptor) };
            }
            Ok(())
        }
        Err(errno) => Err(failed(errno)),
    }
}

/// Fills in what is known only after fork, and answers with the two halves of the secret. They stand in this
/// process's registers, its stack and its copy of the filter; exec destroys all three.
fn draw_secret(image: &mut Image) -> Stepped<[u64; 2]> {
    let Some(Fence { filter, secret_at, process_at, group_at, .. }) = image.fence.as_mut() else {
        return Ok([0; 2]);
    };
    let own = [(&*process_at, getpid().as_raw()), (&*group_at, getpgrp().as_raw().wrapping_neg())];
    for (places, number) in own {
        for place in places {
            fill_in(filter, *place, number.cast_unsigned())?;
        }
    }
    let Some(places) = secret_at else { return Ok([0; 2]) };
    let words = draw()?;
    for (place, word) in places.iter().zip(words) {
        fill_in(filter, *place, word)?;
    }
    let [low0, high0, low1, high1] = words.map(u64::from);
    Ok([high0 << 32 | low0, high1 << 32 | low1])
}

fn fill_in(filter: &mut [libc::sock_filter], place: usize, number: u32) -> Stepped {
    filter.get_mut(place).ok_or((Step::Secret, Errno::EINVAL))?.k = number;
    Ok(())
}

fn draw() -> Stepped<[u32; 4]> {
    let mut drawn = [[0_u8; 4]; 4];
    // SAFETY: writes at most the 16 bytes of this frame. Never short for so few (getrandom(2)).
    let length = Errno::result(unsafe { libc::getrandom(drawn.as_mut_ptr().cast(), size_of_val(&drawn), 0) });
    match length {
        Ok(16) => Ok(drawn.map(u32::from_ne_bytes)),
        Ok(_) => Err((Step::Secret, Errno::EIO)),
        Err(errno) => Err((Step::Secret, errno)),
    }
}

fn install_filter(image: &mut Image) -> Stepped {
    let Some(fence) = image.fence.as_mut().filter(|fence| !fence.filter.is_empty()) else { return Ok(()) };
    let program = libc::sock_fprog { len: image.filter_length, filter: fence.filter.as_mut_ptr() };
    // SAFETY: the kernel copies `len` instructions, which is the vector's length (Image::new).
    let answer =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program) };
    Errno::result(answer).map(drop).map_err(|errno| (Step::Filter, errno))
}

/// execve(2) has three arguments; the filter looks for the secret in the registers of the fifth and sixth.
fn execute(image: &Image, [low, high]: [u64; 2]) -> Stepped<Infallible> {
    const NONE: c_long = 0;
    let path: &CStr = &image.path;
    let (argv, environment) = (image.argv.pointers.as_ptr(), image.environment.pointers.as_ptr());
    // SAFETY: a NUL-terminated path and two NULL-terminated arrays of such, all alive until the image is
    // replaced.
    let answer =
        unsafe { libc::syscall(libc::SYS_execve, path.as_ptr(), argv, environment, NONE, low, high) };
    match Errno::result(answer) {
        Ok(_) => Err((Step::Exec, Errno::EIO)),
        Err(errno) => Err((Step::Exec, errno)),
    }
}

/// Whether the kernel takes filters: only then does it look for the one that is not at address 0 (seccomp(2)).
pub(super) fn takes_filters() -> bool {
    let nothing = std::ptr::null::<libc::sock_fprog>();
    // SAFETY: the kernel reads through the pointer and refuses this one, so no filter is installed.
    let answer = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, nothing) };
    Errno::result(answer) == Err(Errno::EFAULT)
}

/// Whether a program's file carries capabilities. Stands here because nix has no fgetxattr(2).
pub(super) fn has_capabilities(file: &File) -> bool {
    // SAFETY: with a size of 0 the call writes nothing and answers with the attribute's length.
    let length = unsafe {
        libc::fgetxattr(file.as_raw_fd(), c"security.capability".as_ptr(), std::ptr::null_mut(), 0)
    };
    length > 0
}
