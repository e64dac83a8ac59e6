//! The seccomp filter of one launch: from what a rule lets a program do to a program for the kernel. The call's
//! number is found in a binary tree, so an ordinary call costs eight comparisons (and none since Linux 5.11,
//! which remembers the numbers that always pass).

use libc::{EACCES, ENOTTY, EPERM, sock_filter};

use super::bpf::{Answer, Assembler, Late, Test, Word};
use super::deny::{CALLS, Handling};
use super::requests::REQUESTS;
use crate::policy::Network;

/// An architecture that gatesh runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// `AUDIT_ARCH_X86_64`
    X86_64,
    /// `AUDIT_ARCH_AARCH64`
    Aarch64,
}

impl Architecture {
    /// The one this program was built for.
    pub fn running() -> Self {
        if cfg!(target_arch = "aarch64") { Self::Aarch64 } else { Self::X86_64 }
    }

    /// As the kernel shows it to filters (linux/audit.h).
    pub fn audit_number(self) -> u32 {
        match self {
            Self::X86_64 => 0xc000_003e,
            Self::Aarch64 => 0xc000_00b7,
        }
    }
}

/// What a program may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starts {
    /// Nothing: one execve, gatesh's.
    Nothing,
    /// What Landlock lets it execute.
    Listed,
    /// Anything.
    Anything,
}

/// All that a filter depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
pub struct Shape {
    /// The architecture the filter is for.
    pub architecture: Architecture,
    /// What may be started.
    pub exec: Starts,
    /// Whether new processes may be made; threads always may.
    pub processes: bool,
    /// Socket families.
    pub network: Network,
    /// Whether any file may be changed.
    pub write: bool,
    /// Whether signals to others are refused here, because Landlock does not do it.
    pub signals: bool,
    /// Whether it runs as root, who can become somebody else without starting anything.
    pub root: bool,
    /// Whether truncation is refused here, because Landlock does not do it.
    pub truncation: bool,
}

/// A filter, and the instructions whose number the child fills in after fork. The default is none at all.
#[derive(Debug, Default)]
pub struct Filter {
    /// For `seccomp(2)`.
    pub code: Vec<sock_filter>,
    /// The secret's four words, lowest first; absent where execve needs none.
    pub secret_at: Option<[usize; 4]>,
    /// The child's process id.
    pub process_at: Vec<usize>,
    /// Minus its process group's id.
    pub group_at: Vec<usize>,
}

// x32 calls are x86-64 calls with this bit (arch/x86/include/uapi/asm/unistd.h).
const X32_BIT: u32 = 0x4000_0000;
// linux/sched.h: CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
const NAMESPACES: u32 = 0x7e02_0000;
// Would make gatesh the new process's parent.
const CLONE_PARENT: u32 = 0x0000_8000;
const CLONE_THREAD: u32 = 0x0001_0000;
const PR_SET_PDEATHSIG: u32 = 1;
const F_SETOWN: u32 = 8;
const F_SETOWN_EX: u32 = 15;
const F_SETSIG: u32 = 10;
const F_SETFL: u32 = 4;
const F_SETLEASE: u32 = 1024;
/// The same for directories too, since Linux 6.19.
const F_SETDELEG: u32 = 1040;
/// `O_ASYNC`, the same on both architectures (asm-generic/fcntl.h).
const ASYNC: u32 = 0x2000;
const AF_UNIX: u32 = 1;
const AF_INET: u32 = 2;
const AF_INET6: u32 = 10;
const AF_NETLINK: u32 = 16;
const SOCK_STREAM: u32 = 1;
const SOCK_SEQPACKET: u32 = 5;
const SOCK_TYPE_MASK: u32 = 0xf;
const O_TRUNC: u32 = 0o1000;
const O_WRONLY: u32 = 1;
const O_RDWR: u32 = 2;
const O_ACCMODE: u32 = 3;

/// From this call number on, up to the next one, a call is handled so.
type Segment = (u32, Option<Handling>);

/// Writes the filter for `shape`.
pub fn write(shape: &Shape) -> Filter {
    let segments = segments(shape);
    let mut program = Assembler::new();
    program.load(Word::Architecture);
    program.branch(
        Test::Equal(shape.architecture.audit_number()),
        |native| {
            native.load(Word::Number);
            tree(native, &segments, shape);
        },
        |foreign| foreign.answer(Answer::Kill),
    );
    place_late(program)
}

/// Sorts the places that the child fills in by what goes there.
fn place_late(program: Assembler) -> Filter {
    let (code, late) = program.finish();
    let at = |wanted: Late| late.iter().filter(move |(late, _)| *late == wanted).map(|(_, place)| *place);
    let quarter = |index| at(Late::Secret(index)).next();
    let secret_at = match (quarter(0), quarter(1), quarter(2), quarter(3)) {
        (Some(first), Some(second), Some(third), Some(fourth)) => Some([first, second, third, fourth]),
        _ => None,
    };
    let (process_at, group_at) = (at(Late::Process).collect(), at(Late::Group).collect());
    Filter { code, secret_at, process_at, group_at }
}

/// All call numbers, in ascending stretches that are handled alike.
fn segments(shape: &Shape) -> Vec<Segment> {
    let mut calls: Vec<(u32, Handling)> = CALLS
        .iter()
        .filter(|call| call.when.holds(shape))
        .filter_map(|call| Some((call.number(shape.architecture)?, call.handling)))
        .collect();
    calls.sort_unstable_by_key(|(number, _)| *number);
    let mut segments: Vec<Segment> = Vec::with_capacity(2 * calls.len() + 2);
    segments.push((0, None));
    for (number, handling) in calls {
        begin(&mut segments, number, Some(handling));
        segments.push((number + 1, None));
    }
    if shape.architecture == Architecture::X86_64 {
        segments.push((X32_BIT, Some(Handling::Fail(EACCES))));
    }
    segments
}

/// Begins a stretch, or goes on with the one before when that is handled alike and ends here.
fn begin(segments: &mut Vec<Segment>, number: u32, handling: Option<Handling>) {
    if segments.last().is_some_and(|(start, _)| *start == number) {
        segments.pop();
    }
    if segments.last().is_none_or(|(_, before)| *before != handling) {
        segments.push((number, handling));
    }
}

fn tree(program: &mut Assembler, segments: &[Segment], shape: &Shape) {
    let (low, high) = segments.split_at(segments.len() / 2);
    match (low, high) {
        ([], [(_, handling), ..]) => leaf(program, *handling, shape),
        ([], []) => program.answer(Answer::Kill),
        (_, high) => {
            let pivot = high.first().map_or(0, |(start, _)| *start);
            program.branch(
                Test::AtLeast(pivot),
                |program| tree(program, high, shape),
                |program| tree(program, low, shape),
            );
        }
    }
}

fn leaf(program: &mut Assembler, handling: Option<Handling>, shape: &Shape) {
    let Some(handling) = handling else {
        return program.answer(Answer::Allow);
    };
    match handling {
        Handling::Fail(errno) => program.answer(Answer::Fail(errno)),
        Handling::Execve => secret(program, 0),
        Handling::Clone => clone(program, shape),
        Handling::Prctl => {
            program.load(Word::Low(0));
            program.any_of(&[PR_SET_PDEATHSIG], Answer::Fail(EPERM), allow);
        }
        Handling::OwnProcess => {
            program.load(Word::Low(0));
            program.branch(Test::Equal(0), allow, own_process);
        }
        Handling::OwnProcessOnly => {
            program.load(Word::Low(0));
            own_process(program);
        }
        Handling::Priority(kind) => priority(program, kind),
        Handling::StaysRoot(count) => stays(program, 1, 0, count),
        Handling::StaysInGroup(count) => stays(program, 0, 0, count),
        Handling::Kill => kill(program),
        Handling::Fcntl => fcntl(program, shape.signals),
        Handling::Ioctl => ioctl(program, shape),
        Handling::Socket => {
            program.load(Word::Low(0));
            family(program, shape.network, |program| program.answer(Answer::Fail(EACCES)));
        }
        Handling::SocketPair => socket_pair(program, shape.network),
        Handling::Times => times(program, shape.write),
        Handling::Open(index) => open(program, index),
    }
}

fn allow(program: &mut Assembler) {
    program.answer(Answer::Allow);
}

fn refuse(program: &mut Assembler) {
    program.answer(Answer::Fail(EPERM));
}

/// The secret's quarters from `quarter` on: the fifth argument's low and high half, then the sixth's.
fn secret(program: &mut Assembler, quarter: usize) {
    let word = match quarter {
        0 => Word::Low(4),
        1 => Word::High(4),
        2 => Word::Low(5),
        3 => Word::High(5),
        _ => return allow(program),
    };
    program.load(word);
    program.branch(
        Test::Late(Late::Secret(quarter)),
        |program| secret(program, quarter + 1),
        |program| program.answer(Answer::Fail(EACCES)),
    );
}

fn clone(program: &mut Assembler, shape: &Shape) {
    program.load(Word::Low(0));
    program.branch(Test::AnyBit(NAMESPACES | CLONE_PARENT), refuse, |program| {
        if shape.processes {
            return allow(program);
        }
        program.branch(Test::AnyBit(CLONE_THREAD), allow, refuse);
    });
}

fn own_process(program: &mut Assembler) {
    program.branch(Test::Late(Late::Process), allow, refuse);
}

fn priority(program: &mut Assembler, kind: u32) {
    program.load(Word::Low(0));
    program.branch(
        Test::Equal(kind),
        |program| {
            program.load(Word::Low(1));
            program.branch(Test::Equal(0), allow, own_process);
        },
        refuse,
    );
}

/// Each argument from `at` to `count`, an id, has to be -1 or less than `below`.
fn stays(program: &mut Assembler, below: u32, at: u32, count: u32) {
    if at == count {
        return allow(program);
    }
    program.load(Word::Low(at));
    program.branch(
        Test::AtLeast(below),
        |program| {
            program.branch(Test::Equal(u32::MAX), |program| stays(program, below, at + 1, count), refuse);
        },
        |program| stays(program, below, at + 1, count),
    );
}

fn kill(program: &mut Assembler) {
    program.load(Word::Low(0));
    program.branch(Test::Equal(0), allow, |program| {
        program.branch(Test::Late(Late::Group), allow, own_process);
    });
}

/// A lease keeps whoever opens the file, root and its readers of logs among them, waiting for as long as the kernel
/// bears it (`fs.lease-break-time`), at every opening anew, and takes no more than to own the file and to read it.
fn fcntl(program: &mut Assembler, signals: bool) {
    let refused = [F_SETLEASE, F_SETDELEG, F_SETOWN, F_SETOWN_EX, F_SETSIG];
    program.load(Word::Low(1));
    if signals {
        let flags = |program: &mut Assembler| program.branch(Test::Equal(F_SETFL), no_async, allow);
        program.any_of(&refused, Answer::Fail(EPERM), flags);
    } else {
        program.any_of(&refused[..2], Answer::Fail(EPERM), allow);
    }
}

/// A terminal that becomes asynchronous has its foreground's process group for an owner, whoever asks: no `F_SETOWN` is
/// needed for the kernel to signal gatesh itself (`tty_io.c`, `__tty_fasync`).
fn no_async(program: &mut Assembler) {
    program.load(Word::Low(2));
    program.branch(Test::AnyBit(ASYNC), refuse, allow);
}

/// What is not let pass fails as on a file that does not know the request: programs then go on without it.
fn ioctl(program: &mut Assembler, shape: &Shape) {
    let passing: Vec<u32> =
        REQUESTS.iter().filter(|one| one.who.includes(shape)).map(|one| one.number).collect();
    program.load(Word::Low(1));
    program.any_of(&passing, Answer::Allow, |program| program.answer(Answer::Fail(ENOTTY)));
}

/// Allows the families granted; otherwise what `miss` writes.
fn family(program: &mut Assembler, network: Network, miss: impl FnOnce(&mut Assembler)) {
    let unix: &[u32] = if network.unix { &[AF_UNIX] } else { &[] };
    let inet: &[u32] = if network.inet { &[AF_INET, AF_INET6] } else { &[] };
    let netlink: &[u32] = if network.netlink { &[AF_NETLINK] } else { &[] };
    program.any_of(unix, Answer::Allow, |program| {
        program.any_of(inet, Answer::Allow, |program| program.any_of(netlink, Answer::Allow, miss));
    });
}

/// A connected pair stays within the process; but a datagram socket, though paired, sends to whatever address it
/// is given (unix(7)), the system log's among them.
fn socket_pair(program: &mut Assembler, network: Network) {
    let refused = |program: &mut Assembler| program.answer(Answer::Fail(EACCES));
    program.load(Word::Low(0));
    program.branch(
        Test::Equal(AF_UNIX),
        |program| {
            if network.unix {
                return allow(program);
            }
            program.load(Word::Low(1));
            program.keep(SOCK_TYPE_MASK);
            program.any_of(&[SOCK_STREAM, SOCK_SEQPACKET], Answer::Allow, refused);
        },
        refused,
    );
}

/// futimens(3) is utimensat(2) with a null path.
fn times(program: &mut Assembler, write: bool) {
    if !write {
        return refuse(program);
    }
    program.load(Word::Low(1));
    program.branch(
        Test::Equal(0),
        |program| {
            program.load(Word::High(1));
            program.branch(Test::Equal(0), allow, refuse);
        },
        refuse,
    );
}

/// Truncation passes with an access mode for writing, which Landlock holds; `O_RDONLY` empties a file all the
/// same, and so does the undocumented mode 3, for which Landlock asks no right at all.
fn open(program: &mut Assembler, index: u32) {
    program.load(Word::Low(index));
    program.branch(
        Test::AnyBit(O_TRUNC),
        |program| {
            program.keep(O_ACCMODE);
            program
                .any_of(&[O_WRONLY, O_RDWR], Answer::Allow, |program| program.answer(Answer::Fail(EACCES)));
        },
        allow,
    );
}

#[cfg(test)]
mod tests;
