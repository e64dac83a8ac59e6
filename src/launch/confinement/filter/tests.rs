//! The filters of both architectures, run over calls by an interpreter of the few instructions they use.

#![allow(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "halves and offsets of 64-bit numbers"
)]

mod numbers;
mod others;
mod requests;

use std::collections::HashMap;

use super::*;
use crate::launch::confinement::deny::Call;

/// A call as a filter sees it.
#[derive(Clone, Copy)]
struct Made {
    architecture: u32,
    number: u32,
    arguments: [u64; 6],
}

const SECRET: [u32; 4] = [0x1111_0001, 0x2222_0002, 0x3333_0003, 0x4444_0004];
const PROCESS: u32 = 4711;
const GROUP: u32 = 4700;
const ARCHITECTURES: [Architecture; 2] = [Architecture::X86_64, Architecture::Aarch64];

fn word(made: &Made, offset: u32) -> u32 {
    let half = |index: u32, shift: u32| ((made.arguments[index as usize] >> shift) & 0xffff_ffff) as u32;
    match offset {
        0 => made.number,
        4 => made.architecture,
        offset if offset >= 16 && offset % 8 == 0 => half((offset - 16) / 8, 0),
        offset if offset >= 16 && offset % 4 == 0 => half((offset - 16) / 8, 32),
        offset => panic!("load of {offset}"),
    }
}

/// The kernel's own rules: jumps count from the next instruction, only loads and AND change the accumulator.
fn run(code: &[sock_filter], made: &Made) -> u32 {
    let (mut at, mut accumulator) = (0, 0);
    loop {
        let instruction = &code[at];
        at += 1;
        let jump = |holds: bool| usize::from(if holds { instruction.jt } else { instruction.jf });
        match instruction.code {
            0x20 => accumulator = word(made, instruction.k),
            0x54 => accumulator &= instruction.k,
            0x05 => at += instruction.k as usize,
            0x15 => at += jump(accumulator == instruction.k),
            0x35 => at += jump(accumulator >= instruction.k),
            0x45 => at += jump(accumulator & instruction.k != 0),
            0x06 => return instruction.k,
            code => panic!("instruction {code:#x}"),
        }
    }
}

fn strict(architecture: Architecture) -> Shape {
    Shape {
        architecture,
        exec: Starts::Nothing,
        processes: false,
        network: Network { unix: false, inet: false, netlink: false },
        write: false,
        signals: true,
        root: true,
        truncation: true,
    }
}

/// A filter with its late numbers filled in.
struct Filled {
    code: Vec<sock_filter>,
    architecture: Architecture,
    numbers: HashMap<&'static str, u32>,
}

impl Filled {
    fn new(shape: &Shape) -> Self {
        let Filter { mut code, secret_at, process_at, group_at } = write(shape);
        for (place, quarter) in secret_at.iter().flatten().zip(SECRET) {
            code[*place].k = quarter;
        }
        for place in process_at {
            code[place].k = PROCESS;
        }
        for place in group_at {
            code[place].k = GROUP.wrapping_neg();
        }
        let number = |call: &Call| Some((call.name, call.number(shape.architecture)?));
        Self { code, architecture: shape.architecture, numbers: CALLS.iter().filter_map(number).collect() }
    }

    fn call(&self, name: &str, arguments: &[u64]) -> u32 {
        self.number(self.numbers[name], arguments)
    }

    fn number(&self, number: u32, arguments: &[u64]) -> u32 {
        let mut all = [0; 6];
        all[..arguments.len()].copy_from_slice(arguments);
        run(&self.code, &Made { architecture: self.architecture.audit_number(), number, arguments: all })
    }
}

fn on_both(shape: impl Fn(Architecture) -> Shape, check: impl Fn(&Filled)) {
    for architecture in ARCHITECTURES {
        check(&Filled::new(&shape(architecture)));
    }
}

const ALLOWED: u32 = 0x7fff_0000;

fn fails(errno: i32) -> u32 {
    Answer::Fail(errno).value()
}

fn every_shape() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for architecture in ARCHITECTURES {
        for exec in [Starts::Nothing, Starts::Listed, Starts::Anything] {
            for bits in 0_u32..256 {
                let bit = |index: u32| bits & (1 << index) != 0;
                let network = Network { unix: bit(0), inet: bit(1), netlink: bit(2) };
                let processes = bit(3) || exec != Starts::Nothing;
                let (write, signals, truncation, root) = (bit(4), bit(5), bit(6), bit(7));
                shapes.push(Shape {
                    architecture,
                    exec,
                    processes,
                    network,
                    write,
                    signals,
                    root,
                    truncation,
                });
            }
        }
    }
    shapes
}

#[test]
fn every_path_of_every_filter_ends_in_an_answer() {
    for shape in every_shape() {
        let code = write(&shape).code;
        for (at, instruction) in code.iter().enumerate() {
            let next = at + 1;
            let reached = match instruction.code {
                0x06 => continue,
                0x05 => vec![next + instruction.k as usize],
                0x15 | 0x35 | 0x45 => {
                    vec![next + usize::from(instruction.jt), next + usize::from(instruction.jf)]
                }
                _ => vec![next],
            };
            assert!(reached.iter().all(|place| *place < code.len()), "{shape:?} at {at}");
        }
    }
}

#[test]
fn filters_stay_short() {
    let longest = every_shape().iter().map(|shape| write(shape).code.len()).max().unwrap();
    println!(
        "longest filter: {longest} instructions, strictest: {}",
        write(&strict(Architecture::X86_64)).code.len()
    );
    assert!(longest < 700, "{longest} instructions; the kernel takes 4096, but checks each at every launch");
}

#[test]
fn an_ordinary_call_costs_few_instructions() {
    for shape in every_shape() {
        let filled = Filled::new(&shape);
        let ioctl = filled.numbers["ioctl"];
        let ordinary = (0..600).filter(|number| *number != ioctl);
        let deepest = ordinary.map(|number| steps(&filled, number, [0; 6])).max().unwrap();
        assert!(deepest <= 24, "{deepest}");
        let frequent = REQUESTS.iter().take(5).map(|request| u64::from(request.number));
        let deepest = frequent.map(|one| steps(&filled, ioctl, [0, one, 0, 0, 0, 0])).max().unwrap();
        assert!(deepest <= 24, "{deepest} for a request");
        assert!(steps(&filled, ioctl, [0; 6]) <= 80, "for a request that is refused");
    }
}

fn steps(filled: &Filled, number: u32, arguments: [u64; 6]) -> usize {
    let (mut at, mut steps, mut accumulator) = (0, 0, 0);
    let made = Made { architecture: filled.architecture.audit_number(), number, arguments };
    loop {
        let instruction = &filled.code[at];
        (at, steps) = (at + 1, steps + 1);
        match instruction.code {
            0x06 => return steps,
            0x20 => accumulator = word(&made, instruction.k),
            0x54 => accumulator &= instruction.k,
            0x05 => at += instruction.k as usize,
            code => {
                let holds = match code {
                    0x15 => accumulator == instruction.k,
                    0x35 => accumulator >= instruction.k,
                    _ => accumulator & instruction.k != 0,
                };
                at += usize::from(if holds { instruction.jt } else { instruction.jf });
            }
        }
    }
}

#[test]
fn a_call_through_another_abi_kills() {
    let i386 = 0x4000_0003;
    let arm = 0x4000_0028;
    for architecture in ARCHITECTURES {
        let filled = Filled::new(&strict(architecture));
        for foreign in [i386, arm, 0, architecture.audit_number() ^ 0xfd] {
            let made = Made { architecture: foreign, number: 11, arguments: [0; 6] };
            assert_eq!(run(&filled.code, &made), 0x8000_0000);
        }
    }
}

#[test]
fn x32_calls_fail() {
    let filled = Filled::new(&strict(Architecture::X86_64));
    for number in [X32_BIT, X32_BIT + 59, X32_BIT + 520, X32_BIT + 1, 0x7fff_ffff] {
        assert_eq!(filled.number(number, &[]), fails(EACCES), "{number:#x}");
    }
}

#[test]
fn execve_passes_with_the_whole_secret_only() {
    let first = u64::from(SECRET[0]) | u64::from(SECRET[1]) << 32;
    let second = u64::from(SECRET[2]) | u64::from(SECRET[3]) << 32;
    on_both(strict, |filled| {
        assert_eq!(filled.call("execve", &[0, 0, 0, 0, first, second]), ALLOWED);
        for bit in 0..64 {
            assert_eq!(filled.call("execve", &[0, 0, 0, 0, first ^ (1 << bit), second]), fails(EACCES));
            assert_eq!(filled.call("execve", &[0, 0, 0, 0, first, second ^ (1 << bit)]), fails(EACCES));
        }
        assert_eq!(filled.call("execve", &[0, 0, 0, 0, second, first]), fails(EACCES));
        assert_eq!(filled.call("execve", &[first, second, 0, 0, 0, 0]), fails(EACCES));
        assert_eq!(filled.call("execveat", &[0, 0, 0, 0, first, second]), fails(EACCES));
    });
}

#[test]
fn with_a_list_landlock_decides_and_execveat_stays_refused() {
    on_both(
        |architecture| Shape { exec: Starts::Listed, processes: true, ..strict(architecture) },
        |filled| {
            assert_eq!(filled.call("execve", &[]), ALLOWED);
            assert_eq!(filled.call("execveat", &[]), fails(EACCES));
            assert_eq!(filled.call("setsid", &[]), ALLOWED);
        },
    );
}

#[test]
fn threads_pass_and_processes_and_namespaces_do_not() {
    let thread = 0x003d_0f00;
    let sibling = 0x8000;
    let fork = 0x0120_0011;
    on_both(strict, |filled| {
        assert_eq!(filled.call("clone", &[thread]), ALLOWED);
        assert_eq!(filled.call("clone", &[fork]), fails(EPERM));
        assert_eq!(filled.call("clone", &[thread | 0x1000_0000]), fails(EPERM));
        assert_eq!(filled.call("clone", &[thread | sibling]), fails(EPERM));
        assert_eq!(filled.call("clone3", &[]), fails(libc::ENOSYS));
    });
    let with_processes = |architecture| Shape { processes: true, ..strict(architecture) };
    on_both(with_processes, |filled| {
        assert_eq!(filled.call("clone", &[fork]), ALLOWED);
        for bit in [15, 17, 25, 26, 27, 28, 29, 30] {
            assert_eq!(filled.call("clone", &[fork | 1 << bit]), fails(EPERM), "bit {bit}");
        }
        assert_eq!(filled.call("setsid", &[]), fails(EPERM));
        assert_eq!(filled.call("prctl", &[1]), fails(EPERM), "PR_SET_PDEATHSIG");
        assert_eq!(filled.call("prctl", &[15]), ALLOWED, "PR_SET_NAME");
    });
    let fork_and_vfork = Filled::new(&strict(Architecture::X86_64));
    assert_eq!(fork_and_vfork.call("fork", &[]), fails(EPERM));
    assert_eq!(fork_and_vfork.call("vfork", &[]), fails(EPERM));
}

#[test]
fn only_granted_families_have_sockets() {
    let families = [(1, 0), (2, 1), (10, 1), (16, 2), (0, 9), (17, 9), (38, 9), (40, 9), (0x1_0000_0029, 9)];
    for bits in 0..8 {
        let network = Network { unix: bits & 1 != 0, inet: bits & 2 != 0, netlink: bits & 4 != 0 };
        on_both(
            |architecture| Shape { network, ..strict(architecture) },
            |filled| {
                for (family, needs) in families {
                    let expected = if bits & (1 << needs) != 0 { ALLOWED } else { fails(EACCES) };
                    assert_eq!(filled.call("socket", &[family, 1, 0]), expected, "{family} with {network:?}");
                }
            },
        );
    }
}

#[test]
fn a_socket_pair_that_can_be_pointed_elsewhere_is_refused() {
    on_both(strict, |filled| {
        let non_blocking = 0o4000;
        assert_eq!(filled.call("socketpair", &[1, 1 | non_blocking]), ALLOWED, "stream");
        assert_eq!(filled.call("socketpair", &[1, 5]), ALLOWED, "seqpacket");
        assert_eq!(filled.call("socketpair", &[1, 2]), fails(EACCES), "datagram");
        assert_eq!(filled.call("socketpair", &[1, 3]), fails(EACCES), "raw, which becomes datagram");
        assert_eq!(filled.call("socketpair", &[30, 1]), fails(EACCES), "another family");
    });
}

#[test]
fn times_are_set_through_descriptors_under_a_write_grant_only() {
    on_both(strict, |filled| assert_eq!(filled.call("utimensat", &[3, 0]), fails(EPERM)));
    on_both(
        |architecture| Shape { write: true, ..strict(architecture) },
        |filled| {
            assert_eq!(filled.call("utimensat", &[3, 0]), ALLOWED);
            assert_eq!(filled.call("utimensat", &[3, 0x7fff_0000]), fails(EPERM));
            assert_eq!(filled.call("utimensat", &[3, 1 << 32]), fails(EPERM));
            assert_eq!(filled.call("fchmod", &[3]), ALLOWED);
            assert_eq!(filled.call("fchmodat", &[3]), fails(EPERM));
            assert_eq!(filled.call("setxattrat", &[3]), fails(EPERM));
        },
    );
}

#[test]
fn truncation_through_a_reading_descriptor_is_refused_where_landlock_does_not() {
    on_both(strict, |filled| {
        let openat = |flags| filled.call("openat", &[0, 0, flags]);
        assert_eq!(openat(0), ALLOWED);
        assert_eq!(openat(0o1000), fails(EACCES), "O_RDONLY|O_TRUNC");
        assert_eq!(openat(0o1003), fails(EACCES), "access mode 3");
        assert_eq!(openat(0o1001), ALLOWED, "O_WRONLY is Landlock's to refuse");
        assert_eq!(openat(0o1102), ALLOWED, "and so is O_RDWR");
        assert_eq!(filled.call("truncate", &[]), fails(EACCES));
        assert_eq!(filled.call("openat2", &[]), fails(libc::ENOSYS));
    });
    let modern = |architecture| Shape { truncation: false, ..strict(architecture) };
    on_both(modern, |filled| assert_eq!(filled.call("openat", &[0, 0, 0o1000]), ALLOWED));
}

#[test]
fn plainly_denied_calls_fail_under_every_rule() {
    for shape in every_shape() {
        let filled = Filled::new(&shape);
        for call in CALLS.iter().filter(|call| call.when == crate::launch::confinement::deny::When::Always) {
            let (Handling::Fail(errno), Some(number)) = (call.handling, call.number(shape.architecture))
            else {
                continue;
            };
            assert_eq!(filled.number(number, &[]), fails(errno), "{} under {shape:?}", call.name);
        }
    }
}

#[test]
fn what_no_entry_names_passes() {
    for architecture in ARCHITECTURES {
        let filled = Filled::new(&strict(architecture));
        let named: Vec<u32> = CALLS.iter().filter_map(|call| call.number(architecture)).collect();
        for number in (0..1000).filter(|number| !named.contains(number)) {
            assert_eq!(filled.number(number, &[u64::MAX; 6]), ALLOWED, "{number}");
        }
    }
}

#[test]
fn every_entry_has_its_reason_and_stands_once() {
    for (index, call) in CALLS.iter().enumerate() {
        assert!(call.why.len() > 10, "{}", call.name);
        assert!(CALLS[..index].iter().all(|other| other.name != call.name), "{} twice", call.name);
    }
}
