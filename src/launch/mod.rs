//! Everything about a process is fixed here before fork: program, argv, environment, directory, limits,
//! confinement. [`Launch::plan`] consumes a grant and makes a value that can be shown and recorded; running it
//! is [`job`]'s.

pub mod confinement;
pub mod environment;
pub mod job;
pub mod leftovers;
pub mod outcome;
pub mod program;
pub mod terminal;
pub mod walk;

mod enclosure;
mod exec;
mod header;
mod limits;
mod pipeline;
mod step;

#[cfg(test)]
mod tests;

use std::ffi::{CString, OsStr, OsString};
use std::fmt;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;

use crate::identity::Identity;
use crate::policy::decide::Grant;
use crate::policy::paths::{CheckedPath, View};
use crate::policy::synopsis::{Argument, Elevation};
use crate::policy::{Enforcement, Need, Settings, Terms, sets};
use confinement::abi::Kernel;
use confinement::tmp::PrivateTmp;
use confinement::{Confinement, ConfinementError};
use environment::Environment;
use exec::{Attributes, Image};
pub use header::HeaderFault;
use limits::Ceilings;
use program::{Program, ProgramError};
pub use step::{Step, StepFailure};

/// Where sudo is, on every distribution gatesh is packaged for.
const SUDO: &str = "/usr/bin/sudo";
/// Files that a program makes are its person's alone, unless the rule says otherwise.
const UMASK: u32 = 0o077;
/// sudo adds its own umask to the one it finds, and what root installs has to be readable.
const UMASK_ELEVATED: u32 = 0o022;

/// What of the session a launch depends on.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The person's login name.
    pub user: String,
    /// Their user id.
    pub uid: u32,
    /// Their home directory.
    pub home: PathBuf,
    /// Their login shell.
    pub shell: PathBuf,
    /// The environment the session was started with, asked only for names that may pass.
    pub inherited: Vec<(OsString, OsString)>,
    /// The session's working directory, held open.
    pub directory: Rc<OwnedFd>,
    /// Its name.
    pub directory_name: PathBuf,
    /// `programs.path`.
    pub program_path: Vec<PathBuf>,
    /// `confinement.landlock`.
    pub landlock: Need,
    /// What the running kernel can hold.
    pub kernel: Kernel,
}

impl Surroundings {
    /// Those of a person who stands where `view` begins; `None` where paths are only text or a fixture's, and
    /// nothing can be run.
    pub fn of(
        person: &Identity,
        settings: &Settings,
        view: &View,
        inherited: &[(OsString, OsString)],
    ) -> Option<Self> {
        let View::Host { directory, name } = view else { return None };
        Some(Self {
            user: person.user.clone(),
            uid: person.uid,
            home: person.home.clone(),
            shell: person.shell.clone(),
            inherited: inherited.to_vec(),
            directory: Rc::new(directory.try_clone().ok()?),
            directory_name: name.clone(),
            program_path: settings.program_path.clone(),
            landlock: settings.landlock,
            kernel: Kernel::probe(),
        })
    }
}

/// One process to be, complete.
#[derive(Debug)]
pub struct Launch {
    program: Program,
    target: Option<Program>,
    argv: Vec<String>,
    environment: Environment,
    directory: Rc<OwnedFd>,
    umask: u32,
    ceilings: Ceilings,
    terms: Terms,
    operands: Vec<CheckedPath>,
    enforcement: Enforcement,
    degradations: Vec<String>,
    withheld: Vec<&'static str>,
    /// Absent under an elevated rule, which sudo holds, and once the program was made ready.
    confinement: Option<Confinement>,
}

/// Why a command that is allowed cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaunchError {
    /// The program, or a part of it.
    Program(ProgramError),
    /// The rule needs sudo and there is none that may be trusted.
    Sudo(ProgramError),
    /// `cwd` of the rule cannot be opened.
    Directory(PathBuf, Errno),
    /// An argument or a variable holds a NUL byte.
    Nul(String),
    /// A path was judged without being opened.
    NotOpened(PathBuf),
    /// A file that the rule lets the program make could not be made.
    Create(PathBuf, String),
    /// The kernel cannot be made to hold what the rule says.
    Confinement(String),
    /// The TMPDIR of a set could not be made.
    PrivateTmp(String),
    /// `limits.processes` cannot be counted.
    Processes(String),
    /// The filter does not fit the kernel's form.
    Image(StepFailure),
}

impl fmt::Display for LaunchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(error) => write!(f, "{error}"),
            Self::Sudo(error) => write!(f, "this rule runs through sudo, but {error}"),
            Self::Directory(path, errno) => {
                write!(f, "the rule's cwd {} cannot be entered: {}", path.display(), errno.desc())
            }
            Self::Nul(what) => write!(f, "{what} holds a NUL byte, which no program can be given"),
            Self::NotOpened(path) => write!(f, "{} was not opened when it was checked", path.display()),
            Self::Create(path, why) => write!(f, "{} cannot be made: {why}", path.display()),
            Self::Confinement(why) => write!(f, "{why}"),
            Self::PrivateTmp(why) => write!(f, "a directory for temporary files cannot be made: {why}"),
            Self::Processes(why) => write!(f, "limits.processes cannot be set: {why}"),
            Self::Image(failure) => {
                write!(f, "could not {}: {}", failure.step.describe(), failure.errno.desc())
            }
        }
    }
}

impl std::error::Error for LaunchError {}

impl From<ConfinementError> for LaunchError {
    fn from(error: ConfinementError) -> Self {
        Self::Confinement(error.to_string())
    }
}

/// What is to run and how, out of a [`Grant`]; the only way to a [`Launch`].
struct Order {
    program: PathBuf,
    name: String,
    arguments: Vec<Argument>,
    elevation: Option<Elevation>,
    terms: Terms,
    directory: Option<CheckedPath>,
    withheld: Vec<&'static str>,
}

impl Order {
    fn of(grant: &Grant) -> Self {
        Self {
            program: grant.program().clone(),
            name: grant.name().to_owned(),
            arguments: grant.arguments().to_vec(),
            elevation: grant.elevation().cloned(),
            terms: grant.terms().clone(),
            directory: grant.directory().cloned(),
            withheld: grant.withheld().to_vec(),
        }
    }
}

impl Launch {
    /// Fixes everything about the process; nothing is started or written. Spends the grant.
    #[expect(clippy::needless_pass_by_value, reason = "a grant is spent by planning with it")]
    pub fn plan(grant: Grant, around: &Surroundings) -> Result<Self, LaunchError> {
        Self::order(Order::of(&grant), around)
    }

    fn order(order: Order, around: &Surroundings) -> Result<Self, LaunchError> {
        // What was judged as text only, without the object it names, has not been checked.
        let paths = order.arguments.iter().filter_map(|one| one.path.as_ref()).chain(&order.directory);
        if let Some(path) = paths.into_iter().find(|one| one.descriptor.is_none() && one.parent.is_none()) {
            return Err(LaunchError::NotOpened(path.path.clone()));
        }
        let program =
            Program::open(&order.program, order.terms.sha256.as_deref()).map_err(LaunchError::Program)?;
        match order.elevation.clone() {
            Some(elevation) => Self::elevated(order, &elevation, program, around),
            None => Self::ordinary(order, program, around),
        }
    }

    fn ordinary(order: Order, program: Program, around: &Surroundings) -> Result<Self, LaunchError> {
        let Order { name, arguments, terms, directory: listed, withheld, .. } = order;
        let (directory, directory_name) = match &terms.cwd {
            Some(path) => (Rc::new(open_directory(path)?), path.clone().into_os_string()),
            None => (around.directory.clone(), around.directory_name.clone().into_os_string()),
        };
        let argv = std::iter::once(name).chain(arguments.iter().map(|one| one.text.clone())).collect();
        let operands: Vec<CheckedPath> =
            arguments.into_iter().filter_map(|one| one.path).chain(listed).collect();
        let confinement = enclosure::compile(&terms, &program, &operands, &withheld, around)?;
        let mut environment = environment::build(around, &terms, &directory_name);
        if confinement.home_hidden {
            environment.insert("HOME".to_owned(), enclosure::empty_home().into_os_string());
        }
        Ok(Self {
            program,
            target: None,
            argv,
            environment,
            directory,
            umask: terms.umask.unwrap_or(UMASK),
            ceilings: Ceilings::of(&terms.limits, around.uid),
            terms,
            operands,
            enforcement: confinement.enforcement,
            degradations: confinement.degradations.iter().map(ToString::to_string).collect(),
            withheld,
            confinement: Some(confinement),
        })
    }

    /// `sudo -n [-u NAME] -- PROGRAM ARGUMENTS`, in `/`. sudo's own rules hold it from there on.
    fn elevated(
        order: Order,
        elevation: &Elevation,
        target: Program,
        around: &Surroundings,
    ) -> Result<Self, LaunchError> {
        let program = Program::open(Path::new(SUDO), None).map_err(LaunchError::Sudo)?;
        let named = order.program.into_os_string().into_string();
        let named = named.map_err(|path| LaunchError::Nul(path.to_string_lossy().into_owned()))?;
        let user = elevation.user.iter().flat_map(|user| ["-u".to_owned(), user.clone()]);
        let mut argv = vec![SUDO.to_owned(), "-n".to_owned()];
        argv.extend(user.chain(["--".to_owned(), named]));
        argv.extend(order.arguments.iter().map(|one| one.text.clone()));
        Ok(Self {
            program,
            target: Some(target),
            argv,
            environment: environment::elevated(around, &OsString::from("/")),
            directory: Rc::new(open_directory(Path::new("/"))?),
            umask: UMASK_ELEVATED,
            ceilings: Ceilings::default(),
            terms: order.terms,
            operands: order.arguments.into_iter().filter_map(|one| one.path).collect(),
            enforcement: Enforcement::Elevated,
            degradations: Vec::new(),
            withheld: Vec::new(),
            confinement: None,
        })
    }

    /// The words the process is given, argv[0] first.
    pub fn argv(&self) -> &[String] {
        &self.argv
    }

    /// The program the rule names, checked; under an elevated rule not sudo, but what sudo runs.
    pub fn program(&self) -> &Program {
        self.target.as_ref().unwrap_or(&self.program)
    }

    /// The environment it will find.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// How strongly the kernel will hold it.
    pub fn enforcement(&self) -> Enforcement {
        self.enforcement
    }

    /// What the kernel does not hold of what the rule says, in words.
    pub fn degradations(&self) -> &[String] {
        &self.degradations
    }

    /// `timeout` of its rule.
    pub fn timeout(&self) -> Option<Duration> {
        self.terms.timeout
    }

    /// The paths it names, with the descriptors they were checked on.
    pub fn operands(&self) -> &[CheckedPath] {
        &self.operands
    }

    /// What of the base a deny keeps from it.
    pub fn withheld(&self) -> &[&'static str] {
        &self.withheld
    }

    fn is_elevated(&self) -> bool {
        self.enforcement == Enforcement::Elevated
    }

    /// Turns the plan into what fork needs. This is the first step that changes anything: it comes after the
    /// decision and after its record.
    fn image(&mut self, made: &mut Vec<CheckedPath>) -> Result<(Image, Option<PrivateTmp>), LaunchError> {
        self.create_missing(made)?;
        let tmp = self.private_tmp()?;
        let fence = self.confinement.take().map(Confinement::finish);
        let argv = self.argv.iter().map(|word| text(word.as_bytes(), word)).collect::<Result<_, _>>()?;
        let environment = self.environment.iter().map(|(name, value)| variable(name, value));
        let attributes = Attributes {
            directory: self.directory.clone(),
            umask: self.umask,
            limits: self.ceilings.settings().map_err(|error| LaunchError::Processes(error.to_string()))?,
            no_new_privs: !self.is_elevated(),
        };
        let path = self.program.path.as_os_str();
        let path = text(path.as_bytes(), &path.to_string_lossy())?;
        let environment = environment.collect::<Result<_, _>>()?;
        let image = Image::new(path, argv, environment, attributes, fence).map_err(LaunchError::Image)?;
        Ok((image, tmp))
    }

    /// Makes the files that a rule lets its program write and that are not there yet, so that the ruleset has
    /// an object to grant. Operands of one pipeline that name the same file share it; `made` has those made so far.
    fn create_missing(&mut self, made: &mut Vec<CheckedPath>) -> Result<(), LaunchError> {
        // Root's own programs make their files themselves: gatesh is not root.
        let Some(confinement) = &mut self.confinement else { return Ok(()) };
        for operand in self.operands.iter_mut().filter(|one| one.is_to_be_made()) {
            if let Some(same) = made.iter().find(|one| one.path == operand.path) {
                operand.descriptor.clone_from(&same.descriptor);
            } else {
                operand
                    .create()
                    .map_err(|error| LaunchError::Create(operand.path.clone(), error.to_string()))?;
                made.push(operand.clone());
            }
            confinement.grant_made(operand)?;
        }
        Ok(())
    }

    /// The TMPDIR of its own that a set gives the program; it goes away with the value.
    fn private_tmp(&mut self) -> Result<Option<PrivateTmp>, LaunchError> {
        let Some(confinement) = self.confinement.as_mut().filter(|_| sets::private_tmp(&self.terms)) else {
            return Ok(None);
        };
        let tmp = PrivateTmp::create().map_err(|error| LaunchError::PrivateTmp(error.to_string()))?;
        confinement.grant_tmp(tmp.handle())?;
        self.environment.insert("TMPDIR".to_owned(), tmp.path().as_os_str().to_owned());
        Ok(Some(tmp))
    }
}

fn open_directory(path: &Path) -> Result<OwnedFd, LaunchError> {
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    open(path, flags, Mode::empty()).map_err(|errno| LaunchError::Directory(path.to_owned(), errno))
}

fn text(bytes: &[u8], shown: &str) -> Result<CString, LaunchError> {
    CString::new(bytes).map_err(|_| LaunchError::Nul(shown.replace('\0', "\\0")))
}

fn variable(name: &str, value: &OsStr) -> Result<CString, LaunchError> {
    text(&[name.as_bytes(), b"=", value.as_bytes()].concat(), name)
}
