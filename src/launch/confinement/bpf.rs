//! A classic BPF assembler of just the instructions that a seccomp filter over a decision tree needs. Every jump
//! goes forward, so a program always ends; every branch ends in an answer, so it never falls off its end.

use libc::sock_filter;

// linux/bpf_common.h; libc has them as 32-bit numbers and the instruction's field has 16.
const LOAD_WORD: u16 = 0x20;
const AND: u16 = 0x54;
const JUMP: u16 = 0x05;
const JUMP_IF_EQUAL: u16 = 0x15;
const JUMP_IF_AT_LEAST: u16 = 0x35;
const JUMP_IF_ANY_BIT: u16 = 0x45;
const RETURN: u16 = 0x06;

/// A 32-bit word of `struct seccomp_data` (linux/seccomp.h), little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The call's number.
    Number,
    /// The ABI that the call was made through.
    Architecture,
    /// The low half of the argument with this index, 0 to 5.
    Low(u32),
    /// The high half.
    High(u32),
}

impl Word {
    /// Byte offset in `struct seccomp_data`.
    pub fn offset(self) -> u32 {
        match self {
            Self::Number => 0,
            Self::Architecture => 4,
            Self::Low(index) => 16 + 8 * index,
            Self::High(index) => 20 + 8 * index,
        }
    }
}

/// What a filter answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The call is made.
    Allow,
    /// The call fails with this error number.
    Fail(i32),
    /// The process ends with SIGSYS.
    Kill,
}

impl Answer {
    /// The filter's return value (linux/seccomp.h).
    pub fn value(self) -> u32 {
        match self {
            Self::Allow => 0x7fff_0000,
            Self::Fail(errno) => 0x0005_0000 | (u32::try_from(errno).unwrap_or(1) & 0xffff),
            Self::Kill => 0x8000_0000,
        }
    }
}

/// What is asked of the word loaded last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// Is it this?
    Equal(u32),
    /// Is it this or more, unsigned?
    AtLeast(u32),
    /// Does it have any of these bits?
    AnyBit(u32),
    /// Is it what the child puts here after fork?
    Late(Late),
}

/// A number that only the forked child knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// A quarter of the secret of 128 bits, 0 to 3.
    Secret(usize),
    /// The child's process id.
    Process,
    /// Minus the id of the child's process group, as kill(2) takes it.
    Group,
}

/// A program being written.
#[derive(Debug, Default)]
pub struct Assembler {
    code: Vec<sock_filter>,
    late: Vec<(Late, usize)>,
}

impl Assembler {
    /// With room for a whole filter.
    pub fn new() -> Self {
        Self { code: Vec::with_capacity(640), late: Vec::with_capacity(32) }
    }

    /// Loads `word`.
    pub fn load(&mut self, word: Word) {
        self.push(LOAD_WORD, word.offset());
    }

    /// Keeps only the bits of `mask` in the word loaded last.
    pub fn keep(&mut self, mask: u32) {
        self.push(AND, mask);
    }

    /// Ends this branch.
    pub fn answer(&mut self, answer: Answer) {
        self.push(RETURN, answer.value());
    }

    /// Asks `test`; both branches must end in an answer.
    pub fn branch(&mut self, test: Test, yes: impl FnOnce(&mut Self), no: impl FnOnce(&mut Self)) {
        let at = self.code.len();
        let (code, k) = match test {
            Test::Equal(k) => (JUMP_IF_EQUAL, k),
            Test::AtLeast(k) => (JUMP_IF_AT_LEAST, k),
            Test::AnyBit(k) => (JUMP_IF_ANY_BIT, k),
            Test::Late(late) => {
                self.late.push((late, at));
                (JUMP_IF_EQUAL, 0)
            }
        };
        self.push(code, k);
        yes(self);
        self.land(at);
        no(self);
    }

    /// Lets the jump at `at` lead here when its test fails. Conditional jumps reach 255 instructions; beyond
    /// that an unconditional one, which reaches everywhere, is put behind it.
    fn land(&mut self, at: usize) {
        let distance = self.code.len() - at - 1;
        if let Ok(near) = u8::try_from(distance) {
            if let Some(jump) = self.code.get_mut(at) {
                jump.jf = near;
            }
            return;
        }
        if let Some(jump) = self.code.get_mut(at) {
            jump.jt = 1;
        }
        let far = u32::try_from(distance).unwrap_or(u32::MAX);
        self.code.insert(at + 1, sock_filter { code: JUMP, jt: 0, jf: 0, k: far });
        for (_, place) in &mut self.late {
            if *place > at {
                *place += 1;
            }
        }
    }

    /// `answer` when the word loaded last is one of `values`; otherwise what `miss` writes. One answer serves up to
    /// 255 of them, as far as a conditional jump reaches.
    pub fn any_of(&mut self, values: &[u32], answer: Answer, miss: impl FnOnce(&mut Self)) {
        for stretch in values.chunks(usize::from(u8::MAX)) {
            for (behind, value) in (0..stretch.len()).rev().zip(stretch) {
                let jt = u8::try_from(behind).unwrap_or(u8::MAX);
                let jf = u8::from(behind == 0);
                self.code.push(sock_filter { code: JUMP_IF_EQUAL, jt, jf, k: *value });
            }
            self.answer(answer);
        }
        miss(self);
    }

    fn push(&mut self, code: u16, k: u32) {
        self.code.push(sock_filter { code, jt: 0, jf: 0, k });
    }

    /// The program, and where what only the child knows goes into it: indexes of instructions.
    pub fn finish(self) -> (Vec<sock_filter>, Vec<(Late, usize)>) {
        (self.code, self.late)
    }
}
