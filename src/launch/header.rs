//! Reads the first bytes of a program the way the kernel does (`binfmt_script`, `binfmt_elf`), to learn which other
//! files it will load: the interpreter of a script, the loader of a dynamically linked program.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// What execve(2) looks at (`BINPRM_BUF_SIZE`, Linux 5.1 and later).
const LOOKED_AT: usize = 256;
/// Kernels before 5.1 looked at 128 bytes and silently cut a longer interpreter's name.
const INTERPRETER_ENDS_BEFORE: usize = 127;
/// `PT_INTERP` in the program headers (elf(5)).
const PT_INTERP: u32 = 3;
/// Bytes of an `Elf64_Phdr`.
const ENTRY: usize = 56;
/// More headers than any real program has; the kernel's own limit is 64 KiB of them.
const MOST_ENTRIES: u16 = 1024;
/// `e_machine` of the programs this host runs.
#[cfg(target_arch = "x86_64")]
const MACHINE: u16 = 62;
#[cfg(target_arch = "aarch64")]
const MACHINE: u16 = 183;

/// What a program is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Header {
    /// Begins with `#!`.
    Script {
        /// Absolute.
        interpreter: PathBuf,
    },
    /// ELF, of this host's own kind.
    Elf {
        /// Absent in a statically linked program.
        loader: Option<PathBuf>,
    },
}

/// Why the kernel would not run it, or would run something nobody looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderFault {
    /// Neither ELF nor a script: only `binfmt_misc` could run it.
    Unknown,
    /// `#!` without a name.
    NoInterpreter,
    /// `#!` with a relative name: the working directory would choose the program.
    RelativeInterpreter(PathBuf),
    /// The name after `#!` ends after 127 bytes, where old kernels cut it.
    LongInterpreter,
    /// ELF for another processor or word size.
    Foreign,
    /// ELF whose headers contradict themselves.
    Broken,
}

impl fmt::Display for HeaderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => {
                write!(f, "it is neither an ELF program nor a script: its first line must be #!/...")
            }
            Self::NoInterpreter => write!(f, "its first line names no interpreter after #!"),
            Self::RelativeInterpreter(name) => {
                write!(f, "its first line names {}: an interpreter is written from the root", name.display())
            }
            Self::LongInterpreter => write!(f, "the interpreter in its first line ends after 127 bytes"),
            Self::Foreign => write!(f, "it was built for another processor than this host's"),
            Self::Broken => write!(f, "its ELF headers contradict themselves"),
        }
    }
}

/// Reads `file`'s header.
pub(super) fn read(file: &File) -> io::Result<Result<Header, HeaderFault>> {
    let mut start = Vec::with_capacity(LOOKED_AT);
    io::Read::read_to_end(&mut io::Read::take(file, LOOKED_AT.try_into().unwrap_or(0)), &mut start)?;
    if let Some(line) = start.strip_prefix(b"#!") {
        return Ok(script(line));
    }
    Ok(if start.starts_with(b"\x7fELF") { elf(&start, file) } else { Err(HeaderFault::Unknown) })
}

/// As `load_script()` in Linux's `fs/binfmt_script.c` reads it: blanks, a name up to the next blank, the rest.
fn script(after_mark: &[u8]) -> Result<Header, HeaderFault> {
    let line = after_mark.split(|&byte| byte == b'\n' || byte == 0).next().unwrap_or_default();
    let blanks = line.iter().take_while(|byte| is_blank(**byte)).count();
    let name: Vec<u8> = line.iter().skip(blanks).take_while(|byte| !is_blank(**byte)).copied().collect();
    let path = PathBuf::from(OsStr::from_bytes(&name));
    if name.is_empty() {
        Err(HeaderFault::NoInterpreter)
    } else if b"#!".len() + blanks + name.len() > INTERPRETER_ENDS_BEFORE {
        Err(HeaderFault::LongInterpreter)
    } else if !path.is_absolute() {
        Err(HeaderFault::RelativeInterpreter(path))
    } else {
        Ok(Header::Script { interpreter: path })
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// 64-bit, little-endian, this processor; then the first `PT_INTERP`, which is the one the kernel takes.
fn elf(start: &[u8], file: &File) -> Result<Header, HeaderFault> {
    let own_kind = start.get(4..6) == Some(&[2, 1]) && u16_at(start, 18) == Some(MACHINE);
    if !own_kind {
        return Err(HeaderFault::Foreign);
    }
    let (Some(table), Some(size), Some(count)) = (u64_at(start, 32), u16_at(start, 54), u16_at(start, 56))
    else {
        return Err(HeaderFault::Broken);
    };
    if usize::from(size) != ENTRY || count == 0 || count > MOST_ENTRIES {
        return Err(HeaderFault::Broken);
    }
    let mut entries = vec![0; ENTRY * usize::from(count)];
    if file.read_exact_at(&mut entries, table).is_err() {
        return Err(HeaderFault::Broken);
    }
    let wanted = entries.chunks_exact(ENTRY).find(|entry| u32_at(entry, 0) == Some(PT_INTERP));
    match wanted {
        None => Ok(Header::Elf { loader: None }),
        Some(entry) => loader(entry, file).map(|path| Header::Elf { loader: Some(path) }),
    }
}

fn loader(entry: &[u8], file: &File) -> Result<PathBuf, HeaderFault> {
    let (Some(offset), Some(size)) = (u64_at(entry, 8), u64_at(entry, 32)) else {
        return Err(HeaderFault::Broken);
    };
    // As the kernel: at least one byte and its NUL, at most PATH_MAX.
    let size =
        usize::try_from(size).ok().filter(|size| (2..=4096).contains(size)).ok_or(HeaderFault::Broken)?;
    let mut name = vec![0; size];
    file.read_exact_at(&mut name, offset).map_err(|_| HeaderFault::Broken)?;
    match name.split_last() {
        Some((0, rest)) if rest.starts_with(b"/") && !rest.contains(&0) => {
            Ok(PathBuf::from(OsStr::from_bytes(rest)))
        }
        _ => Err(HeaderFault::Broken),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().copied().map(u64::from_le_bytes)
}
