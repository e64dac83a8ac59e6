//! What a hostile program would try. Each attempt is made by this very test binary, started again as the program
//! under trial: static, no interpreter, nothing to install.

#![allow(unsafe_code, reason = "hostile programs make system calls with arguments of their own choosing")]

use std::ffi::CString;
use std::os::fd::RawFd;

use libc::{c_int, c_long};

/// What holds an attempt back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// The filter, on every kernel.
    Filter,
    /// Landlock, from this ABI on.
    Landlock(i32),
    /// The filter where the ABI is older, Landlock otherwise.
    Either,
    /// Nothing: the rule grants it.
    Granted,
    /// Nothing: the names and attributes of files stay visible.
    Visible,
    /// Every kernel, confined or not: why the filter may let a part of it pass.
    Kernel,
}

/// Zero or more, or an error number.
type Tried = Result<(), c_int>;

/// An attempt: its name, what holds it, how it is made.
pub(crate) type Attempt = (&'static str, Held, fn() -> Tried);

fn tried(result: c_long) -> Tried {
    if result < 0 { Err(std::io::Error::last_os_error().raw_os_error().unwrap_or(255)) } else { Ok(()) }
}

/// A system call with plain numbers and addresses.
fn call(number: c_long, arguments: [usize; 6]) -> Tried {
    let [a, b, c, d, e, f] = arguments;
    // SAFETY: every address passed here is null or of memory that outlives the call.
    tried(unsafe { libc::syscall(number, a, b, c, d, e, f) })
}

fn text(name: &str) -> CString {
    CString::new(std::env::var(name).unwrap_or_default()).unwrap()
}

fn number(name: &str) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn at(path: &CString) -> usize {
    path.as_ptr() as usize
}

fn secret_path(prefix: &str) -> CString {
    CString::new(format!("{prefix}{}", std::env::var("SECRET").unwrap())).unwrap()
}

fn open(path: &CString, flags: c_int) -> Result<RawFd, c_int> {
    // SAFETY: the path outlives the call.
    let descriptor = unsafe { libc::open(path.as_ptr(), flags, 0o600) };
    tried(descriptor.into()).map(|()| descriptor)
}

fn read(path: &CString) -> Tried {
    let descriptor = open(path, libc::O_RDONLY)?;
    let mut byte = 0_u8;
    // SAFETY: one byte of this frame.
    tried(unsafe { libc::read(descriptor, (&raw mut byte).cast(), 1) } as c_long)
}

fn execute(path: &CString) -> Tried {
    let words = [path.as_ptr(), std::ptr::null()];
    let none = [std::ptr::null::<libc::c_char>()];
    call(libc::SYS_execve, [at(path), words.as_ptr() as usize, none.as_ptr() as usize, 0, 0, 0])
}

fn execute_words(words: &[&str]) -> Tried {
    let strings: Vec<CString> = words.iter().map(|word| CString::new(*word).unwrap()).collect();
    let mut pointers: Vec<usize> = strings.iter().map(at).collect();
    pointers.push(0);
    let none = [0_usize];
    call(libc::SYS_execve, [at(&strings[0]), pointers.as_ptr() as usize, none.as_ptr() as usize, 0, 0, 0])
}

fn path(text: &str) -> CString {
    CString::new(text).unwrap()
}

fn guess() -> Tried {
    let program = path("/bin/true");
    let words = [at(&program), 0];
    let mut last = Ok(());
    for turn in 1..=1000_usize {
        let guess = turn.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        last = call(
            libc::SYS_execve,
            [at(&program), words.as_ptr() as usize, 0, 0, guess, guess.rotate_left(17)],
        );
    }
    last
}

fn execute_descriptor() -> Tried {
    let descriptor = open(&path("/bin/true"), libc::O_PATH)?;
    let (empty, words) = (path(""), [at(&path("true")), 0]);
    let flags = libc::AT_EMPTY_PATH as usize;
    call(libc::SYS_execveat, [descriptor as usize, at(&empty), words.as_ptr() as usize, 0, flags, 0])
}

fn memory_program() -> Tried {
    let name = path("copy");
    // SAFETY: the name outlives the call.
    let descriptor = unsafe { libc::memfd_create(name.as_ptr(), 0) };
    tried(descriptor.into())?;
    let program = std::fs::read("/bin/true").map_err(|error| error.raw_os_error().unwrap_or(255))?;
    // SAFETY: the buffer outlives the call.
    tried(unsafe { libc::write(descriptor, program.as_ptr().cast(), program.len()) } as c_long)?;
    execute(&path(&format!("/proc/self/fd/{descriptor}")))
}

fn dropped_program() -> Tried {
    let target = format!("{}/dropped", std::env::var("WRITABLE").unwrap());
    std::fs::copy("/bin/true", &target).map_err(|error| error.raw_os_error().unwrap_or(255))?;
    execute(&path(&target))
}

fn fork() -> Tried {
    // SAFETY: the child ends at once.
    unsafe {
        match libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) {
            0 => libc::_exit(0),
            child => tried(child),
        }
    }
}

fn clone_with(flags: c_int) -> Tried {
    // SAFETY: the child ends at once.
    unsafe {
        match libc::syscall(libc::SYS_clone, libc::c_long::from(flags | libc::SIGCHLD), 0, 0, 0, 0) {
            0 => libc::_exit(0),
            child => tried(child),
        }
    }
}

fn thread() -> Tried {
    std::thread::Builder::new()
        .spawn(|| ())
        .map_err(|error| error.raw_os_error().unwrap_or(255))?
        .join()
        .unwrap();
    Ok(())
}

fn socket(family: c_int, kind: c_int) -> Tried {
    socket_descriptor(family, kind).map(drop)
}

fn socket_descriptor(family: c_int, kind: c_int) -> Result<RawFd, c_int> {
    // SAFETY: plain numbers.
    let descriptor = unsafe { libc::socket(family, kind, 0) };
    tried(descriptor.into()).map(|()| descriptor)
}

fn unix_address(name: &[u8]) -> libc::sockaddr_un {
    // SAFETY: all zero is a valid address.
    let mut address: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    for (place, byte) in address.sun_path.iter_mut().zip(name) {
        *place = *byte as libc::c_char;
    }
    address
}

fn connect_unix(name: &[u8], length: usize) -> Tried {
    let descriptor = socket_descriptor(libc::AF_UNIX, libc::SOCK_STREAM)?;
    let address = unix_address(name);
    call(libc::SYS_connect, [descriptor as usize, (&raw const address) as usize, 2 + length, 0, 0, 0])
}

fn pair(kind: c_int) -> Result<[RawFd; 2], c_int> {
    let mut pair = [0; 2];
    // SAFETY: room for two descriptors.
    tried(unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, pair.as_mut_ptr()) }.into())?;
    Ok(pair)
}

/// A datagram pair is connected, and yet sends to any address it is given.
fn datagram_to_a_path() -> Tried {
    let [one, _] = pair(libc::SOCK_DGRAM)?;
    let name = text("DATAGRAM_SOCKET");
    let address = unix_address(name.as_bytes());
    let length = 2 + name.as_bytes().len();
    call(libc::SYS_sendto, [one as usize, at(&path("x")), 1, 0, (&raw const address) as usize, length])
}

fn stream_pair_to_a_path() -> Tried {
    let [one, other] = pair(libc::SOCK_STREAM)?;
    // SAFETY: a descriptor of this process.
    unsafe { libc::close(other) };
    let name = text("SOCKET");
    let address = unix_address(name.as_bytes());
    call(libc::SYS_connect, [one as usize, (&raw const address) as usize, 2 + name.as_bytes().len(), 0, 0, 0])
}

fn connect_tcp() -> Tried {
    let port = u16::try_from(number("PORT")).unwrap();
    std::net::TcpStream::connect(("127.0.0.1", port))
        .map(drop)
        .map_err(|error| error.raw_os_error().unwrap_or(255))
}

fn ioctl(request: usize) -> Tried {
    let byte = b'x';
    call(libc::SYS_ioctl, [0, request, (&raw const byte) as usize, 0, 0, 0])
}

fn terminal_attributes(descriptor: RawFd) -> Tried {
    // SAFETY: all zero is valid, and the call fills it.
    unsafe {
        let mut attributes: libc::termios = std::mem::zeroed();
        tried(libc::tcgetattr(descriptor, &raw mut attributes).into())
    }
}

fn file_flags() -> Tried {
    let descriptor = open(&text("NAMED"), libc::O_RDONLY)?;
    let flags: c_long = 0x40; // FS_NODUMP_FL
    call(libc::SYS_ioctl, [descriptor as usize, 0x4008_6602, (&raw const flags) as usize, 0, 0, 0])
}

fn limits_of(process: usize) -> Tried {
    let limit = [1_u64, 1_u64];
    let resource = libc::RLIMIT_CORE as usize;
    let old = [0_u64; 2];
    let new = if process == 0 { 0 } else { limit.as_ptr() as usize };
    call(libc::SYS_prlimit64, [process, resource, new, old.as_ptr() as usize, 0, 0])
}

fn affinity_of(process: usize) -> Tried {
    let all = [u64::MAX; 16];
    call(libc::SYS_sched_setaffinity, [process, 128, all.as_ptr() as usize, 0, 0, 0])
}

fn message_of_another() -> Tried {
    let local = [0_u8; 8];
    let (here, there) = ([local.as_ptr() as usize, 8], [0x1000_usize, 8]);
    let (here, there) = (here.as_ptr() as usize, there.as_ptr() as usize);
    match call(libc::SYS_process_vm_readv, [number("SIBLING"), here, 1, there, 1, 0]) {
        Err(libc::EFAULT) => Ok(()),
        other => other,
    }
}

/// Has the kernel end another process when a pipe becomes readable. Succeeds silently when the kernel sends
/// nothing, so the table looks whether the other process still lives.
fn owner_of_a_pipe() -> Tried {
    const F_SETSIG: usize = 10;
    let mut pipe = [0; 2];
    // SAFETY: room for two descriptors.
    tried(unsafe { libc::pipe(pipe.as_mut_ptr()) }.into())?;
    let control =
        |command: usize, value: usize| call(libc::SYS_fcntl, [pipe[0] as usize, command, value, 0, 0, 0]);
    control(libc::F_SETOWN as usize, number("SIBLING"))?;
    control(F_SETSIG, libc::SIGTERM as usize)?;
    control(libc::F_SETFL as usize, libc::O_ASYNC as usize)?;
    call(libc::SYS_write, [pipe[1] as usize, at(&path("x")), 1, 0, 0, 0])
}

fn fork_by_structure() -> Tried {
    let mut arguments = [0_u64; 8];
    arguments[4] = libc::SIGCHLD as u64;
    // SAFETY: the structure outlives the call, and the child ends at once.
    unsafe {
        match libc::syscall(libc::SYS_clone3, arguments.as_ptr(), 64) {
            0 => libc::_exit(0),
            child => tried(child),
        }
    }
}

fn bpf_map() -> Tried {
    let mut attributes = [0_u32; 32];
    attributes[..4].copy_from_slice(&[2, 4, 8, 1]);
    call(libc::SYS_bpf, [0, attributes.as_ptr() as usize, 72, 0, 0, 0])
}

fn open_how(flags: c_int) -> Tried {
    let how = [flags as u64, 0, 0];
    call(libc::SYS_openat2, [libc::AT_FDCWD as usize, at(&text("NAMED")), how.as_ptr() as usize, 24, 0, 0])
}

#[cfg(target_arch = "x86_64")]
fn foreign_call() -> Tried {
    let mut result: i64 = 20; // getpid by the numbers of i386
    // SAFETY: getpid takes no arguments; the entry may clobber r8 to r11.
    unsafe {
        std::arch::asm!("int 0x80", inout("rax") result, out("r8") _, out("r9") _, out("r10") _, out("r11") _);
    }
    if result < 0 { Err(i32::try_from(-result).unwrap()) } else { Ok(()) }
}

#[cfg(not(target_arch = "x86_64"))]
fn foreign_call() -> Tried {
    Err(libc::ENOSYS)
}

#[cfg(target_arch = "x86_64")]
fn x32_call(number: c_long) -> Tried {
    call(0x4000_0000 | number, [0; 6])
}

#[cfg(not(target_arch = "x86_64"))]
fn x32_call(_: c_long) -> Tried {
    Err(libc::ENOSYS)
}

fn times(target: &CString) -> Tried {
    call(libc::SYS_utimensat, [libc::AT_FDCWD as usize, at(target), 0, 0, 0, 0])
}

fn beside(name: &str) -> CString {
    path(&format!("{}/{name}", std::env::var("DIRECTORY").unwrap()))
}

fn of_sibling(name: &str) -> CString {
    path(&format!("/proc/{}/{name}", number("SIBLING")))
}

fn visible(path: &CString) -> Tried {
    // SAFETY: all zero is valid, and the call fills it.
    unsafe {
        let mut found: libc::stat = std::mem::zeroed();
        tried(libc::stat(path.as_ptr(), &raw mut found).into())
    }
}

const MODE: usize = 0o600;

/// All attempts, in the order of the printed table.
#[rustfmt::skip]
pub(crate) const ATTEMPTS: &[Attempt] = &[
    ("read the file its words name", Held::Granted, || read(&text("NAMED"))),
    ("start a thread", Held::Granted, thread),
    ("a stream pair", Held::Granted, || pair(libc::SOCK_STREAM).map(drop)),
    ("signal itself", Held::Granted, || call(libc::SYS_kill, [std::process::id() as usize, 0, 0, 0, 0, 0])),
    ("signal its group", Held::Granted, || call(libc::SYS_kill, [0; 6])),
    ("limits of itself", Held::Granted, || limits_of(0)),
    ("terminal attributes of standard input", Held::Granted, || terminal_attributes(0)),
    ("write to /dev/null", Held::Granted, || open(&path("/dev/null"), libc::O_WRONLY | libc::O_TRUNC).map(drop)),

    ("execute /bin/sh", Held::Filter, || execute_words(&["/bin/sh", "-c", ":"])),
    ("execute the loader with /bin/true", Held::Filter, || execute_words(&["/lib64/ld-linux-x86-64.so.2", "/bin/true"])),
    ("execute a descriptor", Held::Filter, execute_descriptor),
    ("execute /proc/self/exe", Held::Filter, || execute_words(&["/proc/self/exe", "--list"])),
    ("execute a copy in memory", Held::Filter, memory_program),
    ("execute a script", Held::Filter, || execute(&text("SCRIPT"))),
    ("execute a file it dropped", Held::Filter, dropped_program),
    ("execute with 1000 guesses", Held::Filter, guess),
    ("a call through i386", Held::Filter, foreign_call),
    ("execve through x32", Held::Filter, || x32_call(520)),
    ("getpid through x32", Held::Filter, || x32_call(39)),
    ("a new process", Held::Filter, fork),
    ("a new process, clone3", Held::Filter, fork_by_structure),
    ("a new session", Held::Filter, || call(libc::SYS_setsid, [0; 6])),
    ("another process group", Held::Filter, || call(libc::SYS_setpgid, [0; 6])),
    ("clear the death signal", Held::Filter, || call(libc::SYS_prctl, [1, 0, 0, 0, 0, 0])),

    ("read a secret", Held::Landlock(1), || read(&secret_path(""))),
    ("read it through /proc/self/root", Held::Landlock(1), || read(&secret_path("/proc/self/root"))),
    ("read it through /proc/self/cwd", Held::Landlock(1), || read(&secret_path("/proc/self/cwd/"))),
    ("list its directory", Held::Landlock(1), || open(&text("DIRECTORY"), libc::O_RDONLY | libc::O_DIRECTORY).map(drop)),
    ("list /", Held::Landlock(1), || open(&path("/"), libc::O_RDONLY).map(drop)),
    ("read /proc/self/environ", Held::Landlock(1), || read(&path("/proc/self/environ"))),
    ("write a file", Held::Landlock(1), || open(&secret_path(""), libc::O_WRONLY).map(drop)),
    ("write the file its words name", Held::Landlock(1), || open(&text("NAMED"), libc::O_WRONLY).map(drop)),
    ("append to it", Held::Landlock(1), || open(&text("NAMED"), libc::O_RDWR | libc::O_APPEND).map(drop)),
    ("create a file", Held::Landlock(1), || open(&beside("new"), libc::O_WRONLY | libc::O_CREAT).map(drop)),
    ("create one without a name", Held::Landlock(1), || open(&text("DIRECTORY"), libc::O_WRONLY | libc::O_TMPFILE).map(drop)),
    ("create one in /dev/shm", Held::Landlock(1), || open(&path("/dev/shm/gatesh-attempt"), libc::O_RDWR | libc::O_CREAT).map(drop)),
    ("remove a file", Held::Landlock(1), || call(libc::SYS_unlinkat, [libc::AT_FDCWD as usize, at(&beside("spare")), 0, 0, 0, 0])),
    ("rename a file", Held::Landlock(1), || call(libc::SYS_renameat2, [libc::AT_FDCWD as usize, at(&beside("spare")), libc::AT_FDCWD as usize, at(&beside("other")), 0, 0])),
    ("a hard link", Held::Landlock(1), || call(libc::SYS_linkat, [libc::AT_FDCWD as usize, at(&beside("spare")), libc::AT_FDCWD as usize, at(&beside("hard")), 0, 0])),
    ("a symbolic link", Held::Landlock(1), || call(libc::SYS_symlinkat, [at(&beside("spare")), libc::AT_FDCWD as usize, at(&beside("soft")), 0, 0, 0])),
    ("a directory", Held::Landlock(1), || call(libc::SYS_mkdirat, [libc::AT_FDCWD as usize, at(&beside("below")), 0o700, 0, 0, 0])),
    ("a named pipe", Held::Landlock(1), || call(libc::SYS_mknodat, [libc::AT_FDCWD as usize, at(&beside("pipe")), libc::S_IFIFO as usize | MODE, 0, 0, 0])),

    ("empty a file by path", Held::Either, || call(libc::SYS_truncate, [at(&text("NAMED")), 0, 0, 0, 0, 0])),
    ("empty it, opened for reading", Held::Either, || open(&text("NAMED"), libc::O_RDONLY | libc::O_TRUNC).map(drop)),
    ("empty it, opened for neither", Held::Either, || open(&text("NAMED"), libc::O_ACCMODE | libc::O_TRUNC).map(drop)),
    ("empty it through openat2", Held::Either, || open_how(libc::O_RDONLY | libc::O_TRUNC)),

    ("mode of a file", Held::Filter, || call(libc::SYS_fchmodat, [libc::AT_FDCWD as usize, at(&secret_path("")), MODE, 0, 0, 0])),
    ("mode through a descriptor", Held::Filter, || open(&text("NAMED"), libc::O_RDONLY).and_then(|file| call(libc::SYS_fchmod, [file as usize, MODE, 0, 0, 0, 0]))),
    ("owner of a file", Held::Filter, || call(libc::SYS_fchownat, [libc::AT_FDCWD as usize, at(&secret_path("")), usize::MAX, usize::MAX, 0, 0])),
    ("times of a file", Held::Filter, || times(&secret_path(""))),
    ("times through a descriptor", Held::Filter, || open(&text("NAMED"), libc::O_RDONLY).and_then(|file| call(libc::SYS_utimensat, [file as usize, 0, 0, 0, 0, 0]))),
    ("attributes of a file", Held::Filter, || call(libc::SYS_setxattr, [at(&secret_path("")), at(&path("user.x")), at(&path("1")), 1, 0, 0])),
    ("attributes through a descriptor", Held::Filter, || open(&text("NAMED"), libc::O_RDONLY).and_then(|file| call(libc::SYS_fsetxattr, [file as usize, at(&path("user.x")), at(&path("1")), 1, 0, 0]))),
    ("flags of a file it may read", Held::Filter, file_flags),

    ("a unix socket by path", Held::Filter, || connect_unix(text("SOCKET").as_bytes(), text("SOCKET").as_bytes().len())),
    ("an abstract unix socket", Held::Filter, || { let name = format!("\0{}", std::env::var("ABSTRACT").unwrap()); connect_unix(name.as_bytes(), name.len()) }),
    ("a datagram pair, sent to a path", Held::Filter, datagram_to_a_path),
    ("a TCP connection", Held::Filter, connect_tcp),
    ("a TCP server", Held::Filter, || std::net::TcpListener::bind("127.0.0.1:0").map(drop).map_err(|error| error.raw_os_error().unwrap_or(255))),
    ("a UDP socket", Held::Filter, || socket(libc::AF_INET, libc::SOCK_DGRAM)),
    ("an IPv6 socket", Held::Filter, || socket(libc::AF_INET6, libc::SOCK_STREAM)),
    ("a netlink socket", Held::Filter, || socket(libc::AF_NETLINK, libc::SOCK_RAW)),
    ("a vsock socket", Held::Filter, || socket(libc::AF_VSOCK, libc::SOCK_STREAM)),
    ("a crypto socket", Held::Filter, || socket(libc::AF_ALG, libc::SOCK_SEQPACKET)),

    ("signal another process", Held::Either, || call(libc::SYS_kill, [number("SIBLING"), 0, 0, 0, 0, 0])),
    ("signal a thread of it", Held::Either, || call(libc::SYS_tgkill, [number("SIBLING"), number("SIBLING"), 0, 0, 0, 0])),
    ("own a pipe in its name", Held::Either, owner_of_a_pipe),
    ("trace it", Held::Filter, || call(libc::SYS_ptrace, [libc::PTRACE_SEIZE as usize, number("SIBLING"), 0, 0, 0, 0])),
    ("read its memory", Held::Filter, message_of_another),
    ("read its environment", Held::Landlock(1), || read(&of_sibling("environ"))),
    ("read its command line", Held::Landlock(1), || read(&of_sibling("cmdline"))),
    ("read through its root", Held::Landlock(1), || read(&path(&format!("/proc/{}/root{}", number("SIBLING"), std::env::var("SECRET").unwrap())))),
    ("change its limits", Held::Filter, || limits_of(number("SIBLING"))),
    ("change its processors", Held::Filter, || affinity_of(number("SIBLING"))),
    ("change its priority", Held::Filter, || call(libc::SYS_setpriority, [0, number("SIBLING"), 19, 0, 0, 0])),
    ("change everyone's priority", Held::Filter, || call(libc::SYS_setpriority, [2, 0, 19, 0, 0, 0])),

    ("System V memory", Held::Filter, || call(libc::SYS_shmget, [0, 4096, 0o600, 0, 0, 0])),
    ("a System V message queue", Held::Filter, || call(libc::SYS_msgget, [0, 0o600, 0, 0, 0, 0])),
    ("a POSIX message queue", Held::Filter, || call(libc::SYS_mq_open, [at(&path("gatesh-attempt")), (libc::O_CREAT | libc::O_RDWR) as usize, MODE, 0, 0, 0])),
    ("a file in memory", Held::Filter, || call(libc::SYS_memfd_create, [at(&path("m")), 0, 0, 0, 0, 0])),
    ("a keyring", Held::Filter, || call(libc::SYS_keyctl, [0, (-3_isize) as usize, 1, 0, 0, 0])),
    ("an io_uring", Held::Filter, || { let parameters = [0_u64; 15]; call(libc::SYS_io_uring_setup, [4, parameters.as_ptr() as usize, 0, 0, 0, 0]) }),
    ("unshare", Held::Filter, || call(libc::SYS_unshare, [libc::CLONE_FILES as usize, 0, 0, 0, 0, 0])),
    ("a user namespace", Held::Filter, || clone_with(libc::CLONE_NEWUSER)),
    ("userfaultfd", Held::Filter, || call(libc::SYS_userfaultfd, [1, 0, 0, 0, 0, 0])),
    ("bpf", Held::Filter, bpf_map),
    ("perf_event_open", Held::Filter, || { let mut attributes = [0_u64; 16]; attributes[0] = 1 | 128 << 32; attributes[5] = 0x60; call(libc::SYS_perf_event_open, [attributes.as_ptr() as usize, 0, usize::MAX, usize::MAX, 0, 0]) }),
    ("personality", Held::Filter, || call(libc::SYS_personality, [0x0004_0000, 0, 0, 0, 0, 0])),

    ("open /dev/tty", Held::Landlock(1), || open(&path("/dev/tty"), libc::O_RDWR).map(drop)),
    ("type into the terminal", Held::Filter, || ioctl(0x5412)),
    ("type into it, upper half set", Held::Filter, || ioctl(0x5412 | 1 << 32)),
    ("paste into a console", Held::Filter, || ioctl(0x541c)),
    ("load a line discipline", Held::Filter, || { let discipline = 0_i32; call(libc::SYS_ioctl, [0, 0x5423, (&raw const discipline) as usize, 0, 0, 0]) }),

    ("a stream pair, pointed at a path", Held::Kernel, stream_pair_to_a_path),
    ("stat a secret", Held::Visible, || visible(&secret_path(""))),
    ("open a secret as a place", Held::Visible, || open(&secret_path(""), libc::O_PATH).map(drop)),
    ("ask for access to a secret", Held::Visible, || call(libc::SYS_faccessat, [libc::AT_FDCWD as usize, at(&secret_path("")), 4, 0, 0, 0])),
    ("enter its directory", Held::Visible, || call(libc::SYS_chdir, [at(&text("DIRECTORY")), 0, 0, 0, 0, 0])),
];

/// The program under trial: makes the attempt its environment names and ends with its error number. Without one
/// there is nothing to do.
#[test]
fn attempt() {
    let Ok(wanted) = std::env::var("ATTEMPT") else {
        return;
    };
    let (_, _, make) = ATTEMPTS.iter().find(|(name, ..)| *name == wanted).unwrap();
    let code = make().err().unwrap_or(0);
    // SAFETY: ends the process, whatever the test harness has open.
    unsafe { libc::_exit(code) }
}
