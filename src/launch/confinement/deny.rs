//! The calls that a filter does not simply let pass, as data: for each its number on both architectures, when it
//! is looked at, how, and why.

use libc::{EACCES, ENOSYS, EOPNOTSUPP, EPERM};

use super::filter::{Architecture, Shape, Starts};

/// When a call is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Under every rule.
    Always,
    /// When no further program may be started.
    Once,
    /// Unless every program may be started.
    NotAny,
    /// When the rule has no `exec`.
    NoExec,
    /// When the rule has no `exec`, and who runs it can be somebody else: root.
    NoExecOfRoot,
    /// When no further process may be started.
    NoProcesses,
    /// When no file may be changed.
    NoWrite,
    /// When signals are not held by Landlock and the program is the only one.
    Signals,
    /// When the kernel's Landlock does not know truncation.
    Truncation,
}

impl When {
    /// Whether it holds for `shape`.
    pub fn holds(self, shape: &Shape) -> bool {
        match self {
            Self::Always => true,
            Self::Once | Self::NoExec => shape.exec == Starts::Nothing,
            Self::NotAny => shape.exec != Starts::Anything,
            Self::NoExecOfRoot => shape.root && shape.exec == Starts::Nothing,
            Self::NoProcesses => !shape.processes,
            Self::NoWrite => !shape.write,
            Self::Signals => shape.signals,
            Self::Truncation => shape.truncation,
        }
    }
}

/// How a call is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// Fails with this error number.
    Fail(i32),
    /// Passes with the secret in its fifth and sixth argument, which execve does not use.
    Execve,
    /// Threads pass, processes where the rule has them, namespaces never.
    Clone,
    /// By option.
    Prctl,
    /// Passes when its first argument is 0 or the process itself.
    OwnProcess,
    /// Passes when its first argument is the process itself.
    OwnProcessOnly,
    /// Passes when its first argument is this kind (a process) and its second 0 or the process itself.
    Priority(u32),
    /// Passes for the process itself and its own group.
    Kill,
    /// Passes when so many arguments are -1, which changes nothing, or 0, which root is.
    StaysRoot(u32),
    /// Passes when so many arguments are -1.
    StaysInGroup(u32),
    /// By command.
    Fcntl,
    /// By request: only those of [`super::requests`] pass.
    Ioctl,
    /// By family.
    Socket,
    /// By family and kind.
    SocketPair,
    /// Passes without a path under a write grant.
    Times,
    /// By the flags in the argument with this index.
    Open(u32),
}

/// A call that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Its name, as in its manual page.
    pub name: &'static str,
    x86_64: i32,
    aarch64: i32,
    /// When.
    pub when: When,
    /// How.
    pub handling: Handling,
    /// Why.
    pub why: &'static str,
}

impl Call {
    /// Its number, where the architecture has it.
    pub fn number(&self, architecture: Architecture) -> Option<u32> {
        let number = match architecture {
            Architecture::X86_64 => self.x86_64,
            Architecture::Aarch64 => self.aarch64,
        };
        u32::try_from(number).ok()
    }
}

const fn call(
    name: &'static str,
    x86_64: i32,
    aarch64: i32,
    when: When,
    handling: Handling,
    why: &'static str,
) -> Call {
    Call { name, x86_64, aarch64, when, handling, why }
}

/// Every such call. -1 stands for a call the architecture does not have.
#[rustfmt::skip]
pub const CALLS: &[Call] = &[
    // Starting programs and processes.
    call("execve", 59, 221, When::Once, Handling::Execve, "only gatesh's own, which holds the secret"),
    call("execveat", 322, 281, When::NotAny, Handling::Fail(EACCES), "starts a program from a descriptor"),
    call("clone", 56, 220, When::Always, Handling::Clone, "a process, a thread or a namespace"),
    call("clone3", 435, 435, When::Always, Handling::Fail(ENOSYS), "its flags are in memory; the C library falls back to clone"),
    call("fork", 57, -1, When::NoProcesses, Handling::Fail(EPERM), "starts a process"),
    call("vfork", 58, -1, When::NoProcesses, Handling::Fail(EPERM), "starts a process"),
    call("setsid", 112, 157, When::NoExec, Handling::Fail(EPERM), "leaves the group that signals and the terminal reach"),
    call("setpgid", 109, 154, When::NoExec, Handling::Fail(EPERM), "leaves the group that signals and the terminal reach"),
    call("setuid", 105, 146, When::NoExecOfRoot, Handling::StaysRoot(1), "clears the signal that ends it with gatesh"),
    call("setreuid", 113, 145, When::NoExecOfRoot, Handling::StaysRoot(2), "clears the signal that ends it with gatesh"),
    call("setresuid", 117, 147, When::NoExecOfRoot, Handling::StaysRoot(3), "clears the signal that ends it with gatesh"),
    call("setfsuid", 122, 151, When::NoExecOfRoot, Handling::StaysRoot(1), "clears the signal that ends it with gatesh"),
    call("setgid", 106, 144, When::NoExecOfRoot, Handling::StaysInGroup(1), "clears the signal that ends it with gatesh"),
    call("setregid", 114, 143, When::NoExecOfRoot, Handling::StaysInGroup(2), "clears the signal that ends it with gatesh"),
    call("setresgid", 119, 149, When::NoExecOfRoot, Handling::StaysInGroup(3), "clears the signal that ends it with gatesh"),
    call("setfsgid", 123, 152, When::NoExecOfRoot, Handling::StaysInGroup(1), "clears the signal that ends it with gatesh"),
    call("prctl", 157, 167, When::NoExec, Handling::Prctl, "could clear the signal that ends it with gatesh"),
    // Other processes.
    call("ptrace", 101, 117, When::Always, Handling::Fail(EPERM), "reads and changes other processes"),
    call("process_vm_readv", 310, 270, When::Always, Handling::Fail(EPERM), "reads and changes other processes"),
    call("process_vm_writev", 311, 271, When::Always, Handling::Fail(EPERM), "reads and changes other processes"),
    call("kcmp", 312, 272, When::Always, Handling::Fail(EPERM), "looks into the descriptors of other processes"),
    call("pidfd_getfd", 438, 438, When::Always, Handling::Fail(EPERM), "looks into the descriptors of other processes"),
    call("process_madvise", 440, 440, When::Always, Handling::Fail(EPERM), "acts on the memory of other processes"),
    call("process_mrelease", 448, 448, When::Always, Handling::Fail(EPERM), "acts on the memory of other processes"),
    call("migrate_pages", 256, 238, When::Always, Handling::Fail(EPERM), "moves the memory of other processes"),
    call("move_pages", 279, 239, When::Always, Handling::Fail(EPERM), "moves the memory of other processes"),
    call("prlimit64", 302, 261, When::Always, Handling::OwnProcess, "sets the limits of other processes"),
    call("sched_setaffinity", 203, 122, When::Always, Handling::OwnProcess, "schedules other processes"),
    call("sched_setscheduler", 144, 119, When::Always, Handling::OwnProcess, "schedules other processes"),
    call("sched_setparam", 142, 118, When::Always, Handling::OwnProcess, "schedules other processes"),
    call("sched_setattr", 314, 274, When::Always, Handling::OwnProcess, "schedules other processes"),
    call("setpriority", 141, 140, When::Always, Handling::Priority(0), "changes the priority of other processes"),
    call("ioprio_set", 251, 30, When::Always, Handling::Priority(1), "changes the priority of other processes"),
    call("kill", 62, 129, When::Signals, Handling::Kill, "signals other processes"),
    call("tgkill", 234, 131, When::Signals, Handling::OwnProcessOnly, "signals other processes"),
    call("tkill", 200, 130, When::Signals, Handling::OwnProcessOnly, "signals other processes"),
    call("rt_sigqueueinfo", 129, 138, When::Signals, Handling::OwnProcessOnly, "signals other processes"),
    call("rt_tgsigqueueinfo", 297, 240, When::Signals, Handling::OwnProcessOnly, "signals other processes"),
    call("pidfd_send_signal", 424, 424, When::Signals, Handling::Fail(EPERM), "signals other processes"),
    call("fcntl", 72, 25, When::Always, Handling::Fcntl, "F_SETLEASE holds up whoever opens the file; F_SETOWN, or O_ASYNC on a terminal, has the kernel send a signal of choice"),
    // Code and memory that no file rule sees.
    call("memfd_create", 319, 279, When::Always, Handling::Fail(EPERM), "a file without a path, which can be executed"),
    call("memfd_secret", 447, 447, When::Always, Handling::Fail(EPERM), "a file without a path, which can be executed"),
    call("userfaultfd", 323, 282, When::Always, Handling::Fail(EPERM), "stops the kernel half way: a tool of exploits"),
    call("io_uring_setup", 425, 425, When::Always, Handling::Fail(EPERM), "makes calls that this filter does not see"),
    call("io_uring_enter", 426, 426, When::Always, Handling::Fail(EPERM), "makes calls that this filter does not see"),
    call("io_uring_register", 427, 427, When::Always, Handling::Fail(EPERM), "makes calls that this filter does not see"),
    call("keyctl", 250, 219, When::Always, Handling::Fail(EPERM), "keyrings are shared by all of a user's processes"),
    call("add_key", 248, 217, When::Always, Handling::Fail(EPERM), "keyrings are shared by all of a user's processes"),
    call("request_key", 249, 218, When::Always, Handling::Fail(EPERM), "keyrings are shared by all of a user's processes"),
    call("shmget", 29, 194, When::Always, Handling::Fail(EPERM), "System V IPC reaches processes outside"),
    call("shmat", 30, 196, When::Always, Handling::Fail(EPERM), "System V IPC reaches processes outside"),
    call("shmctl", 31, 195, When::Always, Handling::Fail(EPERM), "System V IPC reaches processes outside"),
    call("shmdt", 67, 197, When::Always, Handling::Fail(EPERM), "System V IPC reaches processes outside"),
    call("msgget", 68, 186, When::Always, Handling::Fail(EPERM), "System V IPC reaches processes outside"),
    call("msgsnd", 69, 189, When::Always, Handling::Fail(EPERM), "System V IPC reaches processes outside"),
    call("msgrcv", 70, 188, When::Always, Handling::Fail(EPERM), "System V IPC reaches processes outside"),
    call("msgctl", 71, 187, When::Always, Handling::Fail(EPERM), "System V IPC reaches processes outside"),
    call("semget", 64, 190, When::Always, Handling::Fail(EPERM), "System V IPC reaches processes outside"),
    call("semop", 65, 193, When::Always, Handling::Fail(EPERM), "System V IPC reaches processes outside"),
    call("semtimedop", 220, 192, When::Always, Handling::Fail(EPERM), "System V IPC reaches processes outside"),
    call("semctl", 66, 191, When::Always, Handling::Fail(EPERM), "System V IPC reaches processes outside"),
    call("mq_open", 240, 180, When::Always, Handling::Fail(EPERM), "message queues reach processes outside"),
    call("mq_unlink", 241, 181, When::Always, Handling::Fail(EPERM), "message queues reach processes outside"),
    // The kernel itself.
    call("unshare", 272, 97, When::Always, Handling::Fail(EPERM), "namespaces give capabilities inside them"),
    call("setns", 308, 268, When::Always, Handling::Fail(EPERM), "namespaces give capabilities inside them"),
    call("mount", 165, 40, When::Always, Handling::Fail(EPERM), "changes what paths mean"),
    call("umount2", 166, 39, When::Always, Handling::Fail(EPERM), "changes what paths mean"),
    call("pivot_root", 155, 41, When::Always, Handling::Fail(EPERM), "changes what paths mean"),
    call("chroot", 161, 51, When::Always, Handling::Fail(EPERM), "changes what paths mean"),
    call("open_tree", 428, 428, When::Always, Handling::Fail(EPERM), "changes what paths mean"),
    call("open_tree_attr", 467, 467, When::Always, Handling::Fail(EPERM), "changes what paths mean"),
    call("move_mount", 429, 429, When::Always, Handling::Fail(EPERM), "changes what paths mean"),
    call("fsopen", 430, 430, When::Always, Handling::Fail(EPERM), "changes what paths mean"),
    call("fsconfig", 431, 431, When::Always, Handling::Fail(EPERM), "changes what paths mean"),
    call("fsmount", 432, 432, When::Always, Handling::Fail(EPERM), "changes what paths mean"),
    call("fspick", 433, 433, When::Always, Handling::Fail(EPERM), "changes what paths mean"),
    call("mount_setattr", 442, 442, When::Always, Handling::Fail(EPERM), "changes what paths mean"),
    call("bpf", 321, 280, When::Always, Handling::Fail(EPERM), "runs code in the kernel or watches it"),
    call("perf_event_open", 298, 241, When::Always, Handling::Fail(EPERM), "runs code in the kernel or watches it"),
    call("init_module", 175, 105, When::Always, Handling::Fail(EPERM), "changes the kernel"),
    call("finit_module", 313, 273, When::Always, Handling::Fail(EPERM), "changes the kernel"),
    call("delete_module", 176, 106, When::Always, Handling::Fail(EPERM), "changes the kernel"),
    call("create_module", 174, -1, When::Always, Handling::Fail(EPERM), "changes the kernel"),
    call("kexec_load", 246, 104, When::Always, Handling::Fail(EPERM), "changes the kernel"),
    call("kexec_file_load", 320, 294, When::Always, Handling::Fail(EPERM), "changes the kernel"),
    call("open_by_handle_at", 304, 265, When::Always, Handling::Fail(EPERM), "opens a file without its path"),
    call("personality", 135, 92, When::Always, Handling::Fail(EPERM), "switches off address randomisation"),
    call("iopl", 172, -1, When::Always, Handling::Fail(EPERM), "old and dangerous"),
    call("ioperm", 173, -1, When::Always, Handling::Fail(EPERM), "old and dangerous"),
    call("modify_ldt", 154, -1, When::Always, Handling::Fail(EPERM), "old and dangerous"),
    call("uselib", 134, -1, When::Always, Handling::Fail(EPERM), "old and dangerous"),
    call("swapon", 167, 224, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("swapoff", 168, 225, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("reboot", 169, 142, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("acct", 163, 89, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("quotactl", 179, 60, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("quotactl_fd", 443, 443, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("nfsservctl", 180, 42, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("_sysctl", 156, -1, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("vhangup", 153, 58, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("lookup_dcookie", 212, 18, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("settimeofday", 164, 170, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("clock_settime", 227, 112, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("clock_adjtime", 305, 266, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("adjtimex", 159, 171, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("sethostname", 170, 161, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("setdomainname", 171, 162, When::Always, Handling::Fail(EPERM), "administers the host"),
    call("syslog", 103, 116, When::Always, Handling::Fail(EPERM), "reads the kernel's log past every file rule"),
    call("fanotify_init", 300, 262, When::Always, Handling::Fail(EPERM), "watches and holds up other processes' files"),
    // The terminal and sockets.
    call("ioctl", 16, 29, When::Always, Handling::Ioctl, "what a request does to a file is the file system's own business"),
    call("socket", 41, 198, When::Always, Handling::Socket, "only the families that the rule grants"),
    call("socketpair", 53, 199, When::Always, Handling::SocketPair, "a datagram pair can be pointed at any socket by path"),
    // Attributes of files, which Landlock does not hold.
    call("chmod", 90, -1, When::Always, Handling::Fail(EPERM), "changes mode or owner by path"),
    call("fchmodat", 268, 53, When::Always, Handling::Fail(EPERM), "changes mode or owner by path"),
    call("fchmodat2", 452, 452, When::Always, Handling::Fail(EPERM), "changes mode or owner by path"),
    call("chown", 92, -1, When::Always, Handling::Fail(EPERM), "changes mode or owner by path"),
    call("lchown", 94, -1, When::Always, Handling::Fail(EPERM), "changes mode or owner by path"),
    call("fchownat", 260, 54, When::Always, Handling::Fail(EPERM), "changes mode or owner by path"),
    call("setxattr", 188, 5, When::Always, Handling::Fail(EPERM), "changes attributes by path"),
    call("lsetxattr", 189, 6, When::Always, Handling::Fail(EPERM), "changes attributes by path"),
    call("removexattr", 197, 14, When::Always, Handling::Fail(EPERM), "changes attributes by path"),
    call("lremovexattr", 198, 15, When::Always, Handling::Fail(EPERM), "changes attributes by path"),
    call("setxattrat", 463, 463, When::Always, Handling::Fail(EPERM), "changes attributes by path"),
    call("removexattrat", 466, 466, When::Always, Handling::Fail(EPERM), "changes attributes by path"),
    call("getxattr", 191, 8, When::Always, Handling::Fail(EOPNOTSUPP), "reads attributes by path, beside every file rule"),
    call("lgetxattr", 192, 9, When::Always, Handling::Fail(EOPNOTSUPP), "reads attributes by path, beside every file rule"),
    call("listxattr", 194, 11, When::Always, Handling::Fail(EOPNOTSUPP), "reads attributes by path, beside every file rule"),
    call("llistxattr", 195, 12, When::Always, Handling::Fail(EOPNOTSUPP), "reads attributes by path, beside every file rule"),
    call("getxattrat", 464, 464, When::Always, Handling::Fail(EOPNOTSUPP), "reads attributes by path, beside every file rule"),
    call("listxattrat", 465, 465, When::Always, Handling::Fail(EOPNOTSUPP), "reads attributes by path, beside every file rule"),
    call("file_setattr", 469, 469, When::Always, Handling::Fail(EPERM), "changes attributes by path"),
    call("utime", 132, -1, When::Always, Handling::Fail(EPERM), "changes times by path"),
    call("utimes", 235, -1, When::Always, Handling::Fail(EPERM), "changes times by path"),
    call("futimesat", 261, -1, When::Always, Handling::Fail(EPERM), "changes times by path"),
    call("utimensat", 280, 88, When::Always, Handling::Times, "changes times; without a path only under a write grant"),
    call("fchmod", 91, 52, When::NoWrite, Handling::Fail(EPERM), "changes what the rule lets it only read"),
    call("fchown", 93, 55, When::NoWrite, Handling::Fail(EPERM), "changes what the rule lets it only read"),
    call("fsetxattr", 190, 7, When::NoWrite, Handling::Fail(EPERM), "changes what the rule lets it only read"),
    call("fremovexattr", 199, 16, When::NoWrite, Handling::Fail(EPERM), "changes what the rule lets it only read"),
    // Emptying files, which Landlock holds since ABI 3.
    call("truncate", 76, 45, When::Truncation, Handling::Fail(EACCES), "empties a file by path"),
    call("open", 2, -1, When::Truncation, Handling::Open(1), "O_TRUNC empties a file that is opened for reading"),
    call("openat", 257, 56, When::Truncation, Handling::Open(2), "O_TRUNC empties a file that is opened for reading"),
    call("openat2", 437, 437, When::Truncation, Handling::Fail(ENOSYS), "its flags are in memory; programs fall back to openat"),
];
