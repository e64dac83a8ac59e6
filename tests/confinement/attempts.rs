//! What a hostile program would try. Each attempt is made by this very test binary, started again as the program
//! under trial: static, no interpreter, nothing to install.

use super::calls::{
    MODE, Tried, affinity_of, at, attribute, attributes, beside, call, clone_with, connect_tcp, connect_unix,
    datagram_to_a_path, dropped_program, execute, execute_descriptor, execute_words, extended_flags,
    file_flags, foreign_call, fork, fork_by_structure, guess, ioctl, lease, limits_of, memory_program,
    message_of_another, number, of_sibling, open, open_how, owner_of_a_pipe, pair, path, read, secret_path,
    socket, stream_pair_to_a_path, terminal_attributes, text, thread, times, visible, watch_directory,
    x32_call,
};

use super::others::{
    add_key, any_namespace, any_socket, bpf_at_all, copy_a_mount, enter_namespace, message_queue, mount,
    mount_nowhere, queue_signal, queue_signal_to_a_thread, request_key, signal_by_descriptor,
    take_a_descriptor,
};

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

/// An attempt: its name, what holds it, how it is made.
pub(crate) type Attempt = (&'static str, Held, fn() -> Tried);

/// All attempts, in the order of the printed table.
#[rustfmt::skip]
pub(crate) const ATTEMPTS: &[Attempt] = &[
    ("read the file its words name", Held::Granted, || read(&text("NAMED"))),
    ("start a thread", Held::Granted, thread),
    ("a stream pair", Held::Granted, || pair(libc::SOCK_STREAM).map(drop)),
    ("signal itself", Held::Granted, || call(libc::SYS_kill, [std::process::id() as usize, 0, 0, 0, 0, 0])),
    ("signal its group", Held::Granted, || call(libc::SYS_kill, [0; 6])),
    ("limits of itself", Held::Granted, || limits_of(0)),
    ("lock a file it may read", Held::Granted, || open(&text("NAMED"), libc::O_RDONLY).and_then(|file| call(libc::SYS_flock, [file as usize, (libc::LOCK_EX | libc::LOCK_NB) as usize, 0, 0, 0, 0]))),
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
    ("an attribute of a file, read by path", Held::Filter, || attribute(libc::SYS_getxattr, &secret_path(""))),
    ("the same, without following links", Held::Filter, || attribute(libc::SYS_lgetxattr, &secret_path(""))),
    ("names of its attributes", Held::Filter, || attributes(libc::SYS_listxattr, &secret_path(""))),
    ("the same, not following links", Held::Filter, || attributes(libc::SYS_llistxattr, &secret_path(""))),
    ("keep others from opening a file", Held::Filter, lease),
    ("flags of a file it may read", Held::Filter, file_flags),
    ("flags and project of it", Held::Filter, extended_flags),

    ("a unix socket by path", Held::Filter, || connect_unix(text("SOCKET").as_bytes(), text("SOCKET").as_bytes().len())),
    ("an abstract unix socket", Held::Filter, || { let name = format!("\0{}", std::env::var("ABSTRACT").unwrap()); connect_unix(name.as_bytes(), name.len()) }),
    ("a datagram pair, sent to a path", Held::Filter, datagram_to_a_path),
    ("a TCP connection", Held::Filter, connect_tcp),
    ("a TCP server", Held::Filter, || std::net::TcpListener::bind("127.0.0.1:0").map(drop).map_err(|error| error.raw_os_error().unwrap_or(255))),
    ("a UDP socket", Held::Filter, || socket(libc::AF_INET, libc::SOCK_DGRAM)),
    ("an IPv6 socket", Held::Filter, || socket(libc::AF_INET6, libc::SOCK_STREAM)),
    ("a netlink socket", Held::Filter, || socket(libc::AF_NETLINK, libc::SOCK_RAW)),
    ("a vsock socket", Held::Filter, || socket(libc::AF_VSOCK, libc::SOCK_STREAM)),
    ("a socket of any family", Held::Filter, any_socket),

    ("signal another process", Held::Either, || call(libc::SYS_kill, [number("SIBLING"), 0, 0, 0, 0, 0])),
    ("signal a thread of it", Held::Either, || call(libc::SYS_tgkill, [number("SIBLING"), number("SIBLING"), 0, 0, 0, 0])),
    ("signal it by descriptor", Held::Either, signal_by_descriptor),
    ("queue a signal for it", Held::Either, queue_signal),
    ("queue one for its thread", Held::Either, queue_signal_to_a_thread),
    ("own a pipe in its name", Held::Either, owner_of_a_pipe),
    ("trace it", Held::Filter, || call(libc::SYS_ptrace, [libc::PTRACE_SEIZE as usize, number("SIBLING"), 0, 0, 0, 0])),
    ("read its memory", Held::Filter, message_of_another),
    ("take a descriptor of its", Held::Filter, take_a_descriptor),
    ("read its environment", Held::Landlock(1), || read(&of_sibling("environ"))),
    ("read its command line", Held::Landlock(1), || read(&of_sibling("cmdline"))),
    ("read through its root", Held::Landlock(1), || read(&path(&format!("/proc/{}/root{}", number("SIBLING"), std::env::var("SECRET").unwrap())))),
    ("change its limits", Held::Filter, || limits_of(number("SIBLING"))),
    ("change its processors", Held::Filter, || affinity_of(number("SIBLING"))),
    ("change its priority", Held::Filter, || call(libc::SYS_setpriority, [0, number("SIBLING"), 19, 0, 0, 0])),
    ("change everyone's priority", Held::Filter, || call(libc::SYS_setpriority, [2, 0, 19, 0, 0, 0])),

    ("System V memory", Held::Filter, || call(libc::SYS_shmget, [0, 4096, 0o600, 0, 0, 0])),
    ("a System V message queue", Held::Filter, || call(libc::SYS_msgget, [0, 0o600, 0, 0, 0, 0])),
    ("a POSIX message queue", Held::Filter, message_queue),
    ("a file in memory", Held::Filter, || call(libc::SYS_memfd_create, [at(&path("m")), 0, 0, 0, 0, 0])),
    ("a keyring", Held::Filter, || call(libc::SYS_keyctl, [0, (-3_isize) as usize, 1, 0, 0, 0])),
    ("a new key", Held::Filter, add_key),
    ("ask for a key", Held::Filter, request_key),
    ("an io_uring", Held::Filter, || { let parameters = [0_u64; 15]; call(libc::SYS_io_uring_setup, [4, parameters.as_ptr() as usize, 0, 0, 0, 0]) }),
    ("unshare, any namespace", Held::Filter, any_namespace),
    ("enter a namespace", Held::Filter, enter_namespace),
    ("mount", Held::Filter, mount),
    ("mount, wherever", Held::Filter, mount_nowhere),
    ("copy a mount", Held::Filter, copy_a_mount),
    ("a user namespace", Held::Filter, || clone_with(libc::CLONE_NEWUSER)),
    ("userfaultfd", Held::Filter, || call(libc::SYS_userfaultfd, [1, 0, 0, 0, 0, 0])),
    ("bpf", Held::Filter, bpf_at_all),
    ("perf_event_open", Held::Filter, || { let mut attributes = [0_u64; 16]; attributes[0] = 1 | 128 << 32; attributes[5] = 0x60; call(libc::SYS_perf_event_open, [attributes.as_ptr() as usize, 0, usize::MAX, usize::MAX, 0, 0]) }),
    ("set the clock", Held::Filter, || { let nothing = [0_u64; 32]; call(libc::SYS_adjtimex, [nothing.as_ptr() as usize, 0, 0, 0, 0, 0]) }),
    ("personality", Held::Filter, || call(libc::SYS_personality, [0x0004_0000, 0, 0, 0, 0, 0])),

    ("open /dev/tty", Held::Landlock(1), || open(&path("/dev/tty"), libc::O_RDWR).map(drop)),
    ("type into the terminal", Held::Filter, || ioctl(0x5412)),
    ("type into it, upper half set", Held::Filter, || ioctl(0x5412 | 1 << 32)),
    ("stop the terminal's output", Held::Filter, || { let _ = call(libc::SYS_ioctl, [0, 0x540a, 1, 0, 0, 0]); call(libc::SYS_ioctl, [0, 0x540a, 0, 0, 0, 0]) }),
    ("paste into a console", Held::Filter, || ioctl(0x541c)),
    ("load a line discipline", Held::Filter, || { let discipline = 0_i32; call(libc::SYS_ioctl, [0, 0x5423, (&raw const discipline) as usize, 0, 0, 0]) }),

    ("a stream pair, pointed at a path", Held::Kernel, stream_pair_to_a_path),
    ("stat a secret", Held::Visible, || visible(&secret_path(""))),
    ("open a secret as a place", Held::Visible, || open(&secret_path(""), libc::O_PATH).map(drop)),
    ("ask for access to a secret", Held::Visible, || call(libc::SYS_faccessat, [libc::AT_FDCWD as usize, at(&secret_path("")), 4, 0, 0, 0])),
    ("enter its directory", Held::Visible, || call(libc::SYS_chdir, [at(&text("DIRECTORY")), 0, 0, 0, 0, 0])),
    ("watch its directory", Held::Visible, watch_directory),
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
    std::process::exit(code)
}
