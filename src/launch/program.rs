//! Finds the program a rule names and decides whether it may be trusted to be that program: it, its
//! interpreters and its loader must be root's own, all the way down from `/`.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::stat::fstat;
use sha2::{Digest, Sha256};

use super::exec::has_capabilities;
use super::header::{self, Header, HeaderFault};
use super::walk::{CheckedFile, Distrust, walk};

/// Interpreters of interpreters; execve(2) gives up at the same number.
const MOST_INTERPRETERS: usize = 4;
/// What an unreadable program (mode 0711) is taken to be loaded by; sudo is one on some distributions.
#[cfg(target_arch = "x86_64")]
const USUAL_LOADER: &str = "/lib64/ld-linux-x86-64.so.2";
#[cfg(target_arch = "aarch64")]
const USUAL_LOADER: &str = "/lib/ld-linux-aarch64.so.1";

/// A program that only root could have placed, with everything the kernel loads to run it.
#[derive(Debug)]
pub struct Program {
    /// Its name with every symbolic link followed: what execve(2) is given.
    pub path: PathBuf,
    /// The file itself, `O_PATH`.
    pub descriptor: OwnedFd,
    /// The interpreters of its `#!` line and of theirs, in that order; empty for ELF.
    pub interpreters: Vec<CheckedFile>,
    /// The ELF loader of the program or of its last interpreter; absent where that is linked statically.
    pub loader: Option<CheckedFile>,
    /// Set-user-id, set-group-id or with file capabilities, of which nothing works under `no_new_privs`.
    pub privileged: bool,
}

/// Which of the files that make up a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The program itself.
    Program,
    /// An interpreter of a `#!` line.
    Interpreter(PathBuf),
    /// The ELF loader.
    Loader(PathBuf),
}

/// Why a program is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramError {
    /// As asked for.
    pub program: PathBuf,
    /// Which part of it.
    pub part: Part,
    /// What is wrong.
    pub fault: ProgramFault,
}

/// What is wrong with a program or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramFault {
    /// Somebody but root could have placed it, or it is not there.
    Distrust(Distrust),
    /// The kernel would not run it.
    Header(HeaderFault),
    /// More than four interpreters, each the next one's.
    TooManyInterpreters,
    /// Changed while it was being looked at.
    Changed,
    /// It could not be read.
    Unreadable(Errno),
    /// `sha256` of the rule is another; the one found, lower-case hex.
    Digest(String),
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be run: ", self.program.display())?;
        match &self.part {
            Part::Program => {}
            Part::Interpreter(path) => write!(f, "its interpreter {}: ", path.display())?,
            Part::Loader(path) => write!(f, "its loader {}: ", path.display())?,
        }
        match &self.fault {
            ProgramFault::Distrust(distrust) => write!(f, "{distrust}"),
            ProgramFault::Header(fault) => write!(f, "{fault}"),
            ProgramFault::TooManyInterpreters => {
                write!(f, "more than {MOST_INTERPRETERS} interpreters stand one behind the other")
            }
            ProgramFault::Changed => write!(f, "it changed while it was being checked; try again"),
            ProgramFault::Unreadable(errno) => write!(f, "it cannot be read: {}", errno.desc()),
            ProgramFault::Digest(found) => write!(f, "its sha256 is {found}, not the one its rule names"),
        }
    }
}

impl std::error::Error for ProgramError {}

impl ProgramError {
    /// Whether it is another program than the rule's `sha256` names.
    pub fn is_changed(&self) -> bool {
        matches!(self.fault, ProgramFault::Digest(_))
    }

    /// Whether the program itself is simply not there (exit status 127).
    pub fn is_missing(&self) -> bool {
        self.part == Part::Program && matches!(self.fault, ProgramFault::Distrust(Distrust::Missing(_)))
    }
}

impl Program {
    /// Opens the program at `path` and everything the kernel will load with it. `sha256` in lower-case hex.
    pub fn open(path: &Path, sha256: Option<&str>) -> Result<Self, ProgramError> {
        let wrong = |fault| ProgramError { program: path.to_owned(), part: Part::Program, fault };
        // A decision leaves the name as it was where the host has no such program.
        if path.parent() == Some(Path::new("")) {
            return Err(wrong(ProgramFault::Distrust(Distrust::Missing(path.to_owned()))));
        }
        let found = walk(path).map_err(|distrust| wrong(ProgramFault::Distrust(distrust)))?;
        let mode = fstat(&found.descriptor).map_err(|errno| wrong(ProgramFault::Unreadable(errno)))?.st_mode;
        let readable = reopen(&found).map_err(wrong)?;
        check_digest(readable.as_ref(), sha256).map_err(wrong)?;
        let privileged = mode & 0o6000 != 0 || readable.as_ref().is_some_and(has_capabilities);
        let (interpreters, loader) = loaded_with(path, readable)?;
        let CheckedFile { path, descriptor } = found;
        Ok(Self { path, descriptor, interpreters, loader, privileged })
    }
}

/// The first executable regular file called `name` in `directories`, symbolic links not followed yet in the
/// answer. Whether it may be trusted is [`Program::open`]'s question.
pub fn find(name: &str, directories: &[PathBuf]) -> Option<PathBuf> {
    if name.is_empty() || name.contains('/') || matches!(name, "." | "..") {
        return None;
    }
    let is_program =
        |path: &PathBuf| path.metadata().is_ok_and(|found| found.is_file() && found.mode() & 0o111 != 0);
    directories.iter().map(|directory| directory.join(name)).find(is_program)
}

/// Opens the very file for reading; `None` where its mode lets people execute but not read it.
fn reopen(found: &CheckedFile) -> Result<Option<File>, ProgramFault> {
    let file = match File::open(&found.path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
    };
    let checked = fstat(&found.descriptor).map_err(ProgramFault::Unreadable)?;
    let opened = fstat(&file).map_err(ProgramFault::Unreadable)?;
    let same = (checked.st_dev, checked.st_ino) == (opened.st_dev, opened.st_ino);
    if same { Ok(Some(file)) } else { Err(ProgramFault::Changed) }
}

fn unreadable(error: &io::Error) -> ProgramFault {
    ProgramFault::Unreadable(error.raw_os_error().map_or(Errno::EIO, Errno::from_raw))
}

fn check_digest(file: Option<&File>, wanted: Option<&str>) -> Result<(), ProgramFault> {
    let Some(wanted) = wanted else { return Ok(()) };
    let file = file.ok_or(ProgramFault::Unreadable(Errno::EACCES))?;
    let found = digest(file).map_err(|error| unreadable(&error))?;
    if found == wanted { Ok(()) } else { Err(ProgramFault::Digest(found)) }
}

/// SHA-256 of a file's contents, lower-case hex. The read position ends where it began: at the start.
fn digest(mut file: &File) -> io::Result<String> {
    use std::fmt::Write as _;
    use std::io::{Read as _, Seek as _};

    let mut hash = Sha256::new();
    let mut block = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            break;
        }
        hash.update(block.get(..read).unwrap_or_default());
    }
    file.rewind()?;
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        write!(text, "{byte:02x}").map_err(io::Error::other)?;
    }
    Ok(text)
}

/// Interpreters and loader of a program; an unreadable one can only be ELF, because an interpreter has to read
/// its script.
fn loaded_with(
    program: &Path,
    mut readable: Option<File>,
) -> Result<(Vec<CheckedFile>, Option<CheckedFile>), ProgramError> {
    let mut interpreters: Vec<CheckedFile> = Vec::new();
    loop {
        let part = interpreters.last().map_or(Part::Program, |last| Part::Interpreter(last.path.clone()));
        let wrong = |fault| ProgramError { program: program.to_owned(), part, fault };
        match parse(readable.as_ref()).map_err(wrong)? {
            Header::Elf { loader } => {
                let loader = loader.map(|path| open_part(program, &path, Part::Loader)).transpose()?;
                return Ok((interpreters, loader));
            }
            Header::Script { interpreter } => {
                let checked = open_part(program, &interpreter, Part::Interpreter)?;
                let wrong = |fault| ProgramError {
                    program: program.to_owned(),
                    part: Part::Interpreter(interpreter),
                    fault,
                };
                if interpreters.len() == MOST_INTERPRETERS {
                    return Err(wrong(ProgramFault::TooManyInterpreters));
                }
                readable = reopen(&checked).map_err(wrong)?;
                interpreters.push(checked);
            }
        }
    }
}

fn parse(file: Option<&File>) -> Result<Header, ProgramFault> {
    let Some(file) = file else {
        let loader = Some(PathBuf::from(USUAL_LOADER)).filter(|path| path.exists());
        return Ok(Header::Elf { loader });
    };
    header::read(file).map_err(|error| unreadable(&error))?.map_err(ProgramFault::Header)
}

fn open_part(program: &Path, path: &Path, part: fn(PathBuf) -> Part) -> Result<CheckedFile, ProgramError> {
    walk(path).map_err(|distrust| ProgramError {
        program: program.to_owned(),
        part: part(path.to_owned()),
        fault: ProgramFault::Distrust(distrust),
    })
}
