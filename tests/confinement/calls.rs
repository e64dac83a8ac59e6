//! The system calls behind the attempts.

#![allow(unsafe_code, reason = "hostile programs make system calls with arguments of their own choosing")]

use std::ffi::CString;
use std::os::fd::RawFd;

use libc::{c_int, c_long};

/// Zero or more, or an error number.
pub(super) type Tried = Result<(), c_int>;

pub(super) fn tried(result: c_long) -> Tried {
    if result < 0 { Err(std::io::Error::last_os_error().raw_os_error().unwrap_or(255)) } else { Ok(()) }
}

/// A system call with plain numbers and addresses.
pub(super) fn call(number: c_long, arguments: [usize; 6]) -> Tried {
    let [a, b, c, d, e, f] = arguments;
    // SAFETY: every address passed here is null or of memory that outlives the call.
    tried(unsafe { libc::syscall(number, a, b, c, d, e, f) })
}

/// A call that makes a descriptor.
pub(super) fn opened(number: c_long, arguments: [usize; 2]) -> Result<usize, c_int> {
    let [a, b] = arguments;
    // SAFETY: plain numbers.
    let descriptor = unsafe { libc::syscall(number, a, b) };
    tried(descriptor).map(|()| descriptor as usize)
}

pub(super) fn text(name: &str) -> CString {
    CString::new(std::env::var(name).unwrap_or_default()).unwrap()
}

pub(super) fn number(name: &str) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

pub(super) fn at(path: &CString) -> usize {
    path.as_ptr() as usize
}

pub(super) fn secret_path(prefix: &str) -> CString {
    CString::new(format!("{prefix}{}", std::env::var("SECRET").unwrap())).unwrap()
}

pub(super) fn open(path: &CString, flags: c_int) -> Result<RawFd, c_int> {
    // SAFETY: the path outlives the call.
    let descriptor = unsafe { libc::open(path.as_ptr(), flags, 0o600) };
    tried(descriptor.into()).map(|()| descriptor)
}

pub(super) fn read(path: &CString) -> Tried {
    let descriptor = open(path, libc::O_RDONLY)?;
    let mut byte = 0_u8;
    // SAFETY: one byte of this frame.
    tried(unsafe { libc::read(descriptor, (&raw mut byte).cast(), 1) } as c_long)
}

pub(super) fn execute(path: &CString) -> Tried {
    let words = [path.as_ptr(), std::ptr::null()];
    let none = [std::ptr::null::<libc::c_char>()];
    call(libc::SYS_execve, [at(path), words.as_ptr() as usize, none.as_ptr() as usize, 0, 0, 0])
}

pub(super) fn execute_words(words: &[&str]) -> Tried {
    let strings: Vec<CString> = words.iter().map(|word| CString::new(*word).unwrap()).collect();
    let mut pointers: Vec<usize> = strings.iter().map(at).collect();
    pointers.push(0);
    let none = [0_usize];
    call(libc::SYS_execve, [at(&strings[0]), pointers.as_ptr() as usize, none.as_ptr() as usize, 0, 0, 0])
}

pub(super) fn path(text: &str) -> CString {
    CString::new(text).unwrap()
}

pub(super) fn guess() -> Tried {
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

pub(super) fn execute_descriptor() -> Tried {
    let descriptor = open(&path("/bin/true"), libc::O_PATH)?;
    let (empty, words) = (path(""), [at(&path("true")), 0]);
    let flags = libc::AT_EMPTY_PATH as usize;
    call(libc::SYS_execveat, [descriptor as usize, at(&empty), words.as_ptr() as usize, 0, flags, 0])
}

pub(super) fn memory_program() -> Tried {
    let name = path("copy");
    // SAFETY: the name outlives the call.
    let descriptor = unsafe { libc::memfd_create(name.as_ptr(), 0) };
    tried(descriptor.into())?;
    let program = std::fs::read("/bin/true").map_err(|error| error.raw_os_error().unwrap_or(255))?;
    // SAFETY: the buffer outlives the call.
    tried(unsafe { libc::write(descriptor, program.as_ptr().cast(), program.len()) } as c_long)?;
    execute(&path(&format!("/proc/self/fd/{descriptor}")))
}

pub(super) fn dropped_program() -> Tried {
    let target = format!("{}/dropped", std::env::var("WRITABLE").unwrap());
    std::fs::copy("/bin/true", &target).map_err(|error| error.raw_os_error().unwrap_or(255))?;
    execute(&path(&target))
}

pub(super) fn fork() -> Tried {
    // SAFETY: the child ends at once.
    unsafe {
        match libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) {
            0 => libc::_exit(0),
            child => tried(child),
        }
    }
}

pub(super) fn clone_with(flags: c_int) -> Tried {
    // SAFETY: the child ends at once.
    unsafe {
        match libc::syscall(libc::SYS_clone, libc::c_long::from(flags | libc::SIGCHLD), 0, 0, 0, 0) {
            0 => libc::_exit(0),
            child => tried(child),
        }
    }
}

pub(super) fn thread() -> Tried {
    std::thread::Builder::new()
        .spawn(|| ())
        .map_err(|error| error.raw_os_error().unwrap_or(255))?
        .join()
        .unwrap();
    Ok(())
}

pub(super) fn socket(family: c_int, kind: c_int) -> Tried {
    socket_descriptor(family, kind).map(drop)
}

pub(super) fn socket_descriptor(family: c_int, kind: c_int) -> Result<RawFd, c_int> {
    // SAFETY: plain numbers.
    let descriptor = unsafe { libc::socket(family, kind, 0) };
    tried(descriptor.into()).map(|()| descriptor)
}

pub(super) fn unix_address(name: &[u8]) -> libc::sockaddr_un {
    // SAFETY: all zero is a valid address.
    let mut address: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    for (place, byte) in address.sun_path.iter_mut().zip(name) {
        *place = *byte as libc::c_char;
    }
    address
}

pub(super) fn connect_unix(name: &[u8], length: usize) -> Tried {
    let descriptor = socket_descriptor(libc::AF_UNIX, libc::SOCK_STREAM)?;
    let address = unix_address(name);
    call(libc::SYS_connect, [descriptor as usize, (&raw const address) as usize, 2 + length, 0, 0, 0])
}

pub(super) fn pair(kind: c_int) -> Result<[RawFd; 2], c_int> {
    let mut pair = [0; 2];
    // SAFETY: room for two descriptors.
    tried(unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, pair.as_mut_ptr()) }.into())?;
    Ok(pair)
}

/// A datagram pair is connected, and yet sends to any address it is given.
pub(super) fn datagram_to_a_path() -> Tried {
    let [one, _] = pair(libc::SOCK_DGRAM)?;
    let name = text("DATAGRAM_SOCKET");
    let address = unix_address(name.as_bytes());
    let length = 2 + name.as_bytes().len();
    call(libc::SYS_sendto, [one as usize, at(&path("x")), 1, 0, (&raw const address) as usize, length])
}

pub(super) fn stream_pair_to_a_path() -> Tried {
    let [one, other] = pair(libc::SOCK_STREAM)?;
    // SAFETY: a descriptor of this process.
    unsafe { libc::close(other) };
    let name = text("SOCKET");
    let address = unix_address(name.as_bytes());
    call(libc::SYS_connect, [one as usize, (&raw const address) as usize, 2 + name.as_bytes().len(), 0, 0, 0])
}

pub(super) fn connect_tcp() -> Tried {
    let port = u16::try_from(number("PORT")).unwrap();
    std::net::TcpStream::connect(("127.0.0.1", port))
        .map(drop)
        .map_err(|error| error.raw_os_error().unwrap_or(255))
}

pub(super) fn ioctl(request: usize) -> Tried {
    let byte = b'x';
    call(libc::SYS_ioctl, [0, request, (&raw const byte) as usize, 0, 0, 0])
}

pub(super) fn terminal_attributes(descriptor: RawFd) -> Tried {
    // SAFETY: all zero is valid, and the call fills it.
    unsafe {
        let mut attributes: libc::termios = std::mem::zeroed();
        tried(libc::tcgetattr(descriptor, &raw mut attributes).into())
    }
}

pub(super) fn file_flags() -> Tried {
    let descriptor = open(&text("NAMED"), libc::O_RDONLY)?;
    let flags: c_long = 0x40; // FS_NODUMP_FL
    call(libc::SYS_ioctl, [descriptor as usize, 0x4008_6602, (&raw const flags) as usize, 0, 0, 0])
}

pub(super) fn extended_flags() -> Tried {
    let descriptor = open(&text("NAMED"), libc::O_RDONLY)?;
    let mut flags = [0_u8; 28]; // struct fsxattr
    flags[0] = 0x80; // FS_XFLAG_NODUMP
    call(libc::SYS_ioctl, [descriptor as usize, 0x401c_5820, flags.as_ptr() as usize, 0, 0, 0])
}

/// Has the kernel tell what happens to the names in its directory.
pub(super) fn watch_directory() -> Tried {
    // SAFETY: plain numbers.
    let watch = unsafe { libc::inotify_init1(0) };
    tried(watch.into())?;
    let events = libc::IN_ALL_EVENTS as usize;
    call(libc::SYS_inotify_add_watch, [watch as usize, at(&text("DIRECTORY")), events, 0, 0, 0])
}

/// Gives the file an attribute to be read.
pub(super) fn mark(file: &CString) -> Tried {
    call(libc::SYS_setxattr, [at(file), at(&path("user.note")), at(&path("1")), 1, 0, 0])
}

pub(super) fn attribute(number: c_long, file: &CString) -> Tried {
    let room = [0_u8; 8];
    call(number, [at(file), at(&path("user.note")), room.as_ptr() as usize, 8, 0, 0])
}

pub(super) fn attributes(number: c_long, file: &CString) -> Tried {
    let room = [0_u8; 64];
    call(number, [at(file), room.as_ptr() as usize, 64, 0, 0, 0])
}

pub(super) fn limits_of(process: usize) -> Tried {
    let limit = [1_u64, 1_u64];
    let resource = libc::RLIMIT_CORE as usize;
    let old = [0_u64; 2];
    let new = if process == 0 { 0 } else { limit.as_ptr() as usize };
    call(libc::SYS_prlimit64, [process, resource, new, old.as_ptr() as usize, 0, 0])
}

pub(super) fn affinity_of(process: usize) -> Tried {
    let all = [u64::MAX; 16];
    call(libc::SYS_sched_setaffinity, [process, 128, all.as_ptr() as usize, 0, 0, 0])
}

pub(super) fn message_of_another() -> Tried {
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
pub(super) fn owner_of_a_pipe() -> Tried {
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

/// A lease on the file its words name, and what then becomes of whoever opens it and will not wait.
pub(super) fn lease() -> Tried {
    // SAFETY: to ignore is no code. The kernel asks for the lease back with it, which would end this process.
    unsafe { libc::signal(libc::SIGIO, libc::SIG_IGN) };
    let file = open(&text("NAMED"), libc::O_RDONLY)?;
    call(libc::SYS_fcntl, [file as usize, libc::F_SETLEASE as usize, libc::F_WRLCK as usize, 0, 0, 0])?;
    match open(&text("NAMED"), libc::O_RDONLY | libc::O_NONBLOCK) {
        Err(libc::EWOULDBLOCK) => Ok(()),
        other => panic!("the lease holds nobody up: {other:?}"),
    }
}

pub(super) fn fork_by_structure() -> Tried {
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

pub(super) fn open_how(flags: c_int) -> Tried {
    let how = [flags as u64, 0, 0];
    call(libc::SYS_openat2, [libc::AT_FDCWD as usize, at(&text("NAMED")), how.as_ptr() as usize, 24, 0, 0])
}

#[cfg(target_arch = "x86_64")]
pub(super) fn foreign_call() -> Tried {
    let mut result: i64 = 20; // getpid by the numbers of i386
    // SAFETY: getpid takes no arguments; the entry may clobber r8 to r11.
    unsafe {
        std::arch::asm!("int 0x80", inout("rax") result, out("r8") _, out("r9") _, out("r10") _, out("r11") _);
    }
    if result < 0 { Err(i32::try_from(-result).unwrap()) } else { Ok(()) }
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) fn foreign_call() -> Tried {
    Err(libc::ENOSYS)
}

#[cfg(target_arch = "x86_64")]
pub(super) fn x32_call(number: c_long) -> Tried {
    call(0x4000_0000 | number, [0; 6])
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) fn x32_call(_: c_long) -> Tried {
    Err(libc::ENOSYS)
}

pub(super) fn times(target: &CString) -> Tried {
    call(libc::SYS_utimensat, [libc::AT_FDCWD as usize, at(target), 0, 0, 0, 0])
}

pub(super) fn beside(name: &str) -> CString {
    path(&format!("{}/{name}", std::env::var("DIRECTORY").unwrap()))
}

pub(super) fn of_sibling(name: &str) -> CString {
    path(&format!("/proc/{}/{name}", number("SIBLING")))
}

pub(super) fn visible(path: &CString) -> Tried {
    // SAFETY: all zero is valid, and the call fills it.
    unsafe {
        let mut found: libc::stat = std::mem::zeroed();
        tried(libc::stat(path.as_ptr(), &raw mut found).into())
    }
}

pub(super) const MODE: usize = 0o600;
