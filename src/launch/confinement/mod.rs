//! What the kernel holds a started program to: a Landlock ruleset for files, a seccomp filter for everything
//! else. Both are made here, in the parent, from what the rule grants and from the very descriptors the decision
//! was made on; the forked child only puts them in force. The filter lets one execve through, which carries a
//! secret made after fork in two argument registers that execve does not use, so a program starts no other.

pub mod abi;
pub mod bpf;
pub mod deny;
pub mod filter;
pub mod needs;
mod open;
pub mod report;
pub mod requests;
mod ruleset;
pub mod tmp;

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use crate::policy::paths::CheckedPath;
use crate::policy::types::Access;
use crate::policy::{Enforcement, Exec, Need, Network, Terms, sets};
use abi::{Handled, Kernel, Landlock};
use filter::{Architecture, Filter, Shape, Starts};
use open::OpenFault;
use ruleset::{Right, Rules};

/// What the child puts in force, in this order: `no_new_privs`, the ruleset, the late numbers, the filter.
pub struct Fence {
    /// For `landlock_restrict_self`; absent where the kernel has no Landlock.
    pub ruleset: Option<OwnedFd>,
    /// For `seccomp(SECCOMP_SET_MODE_FILTER)`.
    pub filter: Vec<libc::sock_filter>,
    /// Instructions whose `k` takes the secret: low and high half of execve's fifth argument, then of its sixth.
    /// Absent where the rule lets programs be started.
    pub secret_at: Option<[usize; 4]>,
    /// Instructions whose `k` takes the child's process id.
    pub process_at: Vec<usize>,
    /// Instructions whose `k` takes minus the child's process group's id.
    pub group_at: Vec<usize>,
}

impl fmt::Debug for Fence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Fence")
            .field("ruleset", &self.ruleset)
            .field("instructions", &self.filter.len())
            .finish_non_exhaustive()
    }
}

/// What a launch is made under, besides the rule.
#[derive(Debug)]
pub struct Options<'a> {
    /// `confinement.landlock`.
    pub landlock: Need,
    /// What the kernel offers.
    pub kernel: Kernel,
    /// The terminal that the command is run at, which it then may open by name too: it has it anyway.
    pub terminal: Option<BorrowedFd<'a>>,
    /// What of the base a deny keeps from the program.
    pub withheld: &'a [&'static str],
}

/// A fence, and how strong it is. What is made only when the program is started can be granted until then.
#[derive(Debug)]
pub struct Confinement {
    fence: Fence,
    /// Absent where the kernel has no Landlock.
    rules: Option<Rules>,
    /// By name.
    pub enforcement: Enforcement,
    /// What the rule says and this kernel does not hold.
    pub degradations: Vec<Degradation>,
    /// Whether HOME is to be an empty directory of root's.
    pub home_hidden: bool,
}

/// Something the rule says that this kernel does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Degradation {
    /// No seccomp filters: no system call is refused, and any program can be started.
    Calls,
    /// No Landlock: files are held by their modes alone.
    Files,
    /// No Landlock: the rule's list of programs is not held.
    Programs,
    /// Signals reach the person's other processes, because the rule lets processes be started.
    Signals,
    /// A set brings unix sockets, and all that modes permit are reachable, not only the set's.
    Sockets,
    /// The kernel reports this ABI and rejects a part of it.
    Rejected {
        /// What it reports.
        reported: i32,
        /// What it rejects.
        what: &'static str,
    },
}

impl fmt::Display for Degradation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Calls => out.write_str(
                "no system call is refused, so programs and sockets are open: this kernel has no seccomp filters",
            ),
            Self::Files => out.write_str("files are held by their modes alone: this kernel has no Landlock"),
            Self::Programs => out.write_str("any program can be started: this kernel has no Landlock"),
            Self::Signals => out.write_str("signals can reach the person's other processes"),
            Self::Sockets => out.write_str("every unix socket can be reached, not only those of the set"),
            Self::Rejected { reported, what } => {
                write!(out, "the kernel reports Landlock ABI {reported} and rejects its part for {what}")
            }
        }
    }
}

/// Why no fence could be made; then nothing runs.
#[derive(Debug)]
pub enum ConfinementError {
    /// The host requires Landlock, and the kernel has none.
    NoLandlock(Landlock),
    /// The host requires confinement, and the kernel takes no seccomp filters.
    NoFilters,
    /// A `read`, `write` or set path leads through a link that others could have placed.
    Link {
        /// As the rule has it.
        path: PathBuf,
        /// The link.
        link: PathBuf,
    },
    /// A path could not be opened.
    Open {
        /// As the rule has it.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// A checked path without a descriptor: it was judged as text, or its file was not made yet.
    NotOpened(PathBuf),
    /// The kernel refused a ruleset or a rule.
    Kernel {
        /// For which path; none for the ruleset itself.
        path: Option<PathBuf>,
        /// Why.
        why: io::Error,
    },
}

impl fmt::Display for ConfinementError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLandlock(state) => write!(
                out,
                "this kernel cannot confine what programs read and write ({}): {}, or accept weaker confinement \
                 with [confinement] landlock = \"preferred\" in gatesh.toml",
                report::landlock_state(*state),
                report::landlock_cure(*state),
            ),
            Self::NoFilters => out.write_str(
                "this kernel cannot refuse system calls (it has no seccomp filters): run one that can, or accept \
                 weaker confinement with [confinement] landlock = \"preferred\" in gatesh.toml",
            ),
            Self::Link { path, link } => write!(
                out,
                "{}: leads through the symbolic link {}, which others than root can replace; write the path \
                 without the link",
                path.display(),
                link.display()
            ),
            Self::Open { path, why } => write!(out, "{}: cannot be opened: {why}", path.display()),
            Self::NotOpened(path) => write!(out, "{}: was not opened when it was checked", path.display()),
            Self::Kernel { path: Some(path), why } => {
                write!(out, "{}: the kernel takes no file rule for it: {why}", path.display())
            }
            Self::Kernel { path: None, why } => write!(out, "the kernel takes no file rules: {why}"),
        }
    }
}

impl std::error::Error for ConfinementError {}

impl Confinement {
    /// Makes the fence for one run under `terms`. `executables` are the program's file, its interpreters and its
    /// loader, as opened when they were checked, and the same of every program that [`sets::exec`] lists;
    /// `paths` are the checked paths of its arguments and its granted directory; files still to be made are granted
    /// later.
    ///
    /// # Errors
    /// Landlock is required and absent, a path of the rule cannot be granted, or the kernel refuses; then nothing
    /// may be run.
    pub fn compile(
        terms: &Terms,
        paths: &[&CheckedPath],
        executables: &[BorrowedFd<'_>],
        options: &Options<'_>,
    ) -> Result<Self, ConfinementError> {
        let exec = sets::exec(terms);
        let filters = options.kernel.filters();
        if !filters && options.landlock == Need::Required {
            return Err(ConfinementError::NoFilters);
        }
        let mut degradations = Vec::new();
        let (rules, handled) = if let Landlock::Version { reported, .. } = options.kernel.landlock() {
            let wanted = Handled::of(options.kernel.used(), terms.network);
            let (mut rules, rejected) =
                ruleset::create(wanted).map_err(|why| ConfinementError::Kernel { path: None, why })?;
            degradations.extend(rejected.into_iter().map(|what| Degradation::Rejected { reported, what }));
            grant_all(&mut rules, terms, paths, executables, &exec, options)?;
            let handled = rules.handled();
            (Some(rules), Some(handled))
        } else if options.landlock == Need::Required {
            return Err(ConfinementError::NoLandlock(options.kernel.landlock()));
        } else {
            (None, None)
        };
        let shape = shape(terms, paths, &exec, handled);
        degradations.extend((!filters).then_some(Degradation::Calls));
        degradations.extend(unheld(terms, &exec, &shape, handled));
        let Filter { code, secret_at, process_at, group_at } =
            if filters { filter::write(&shape) } else { Filter::default() };
        Ok(Self {
            fence: Fence { ruleset: None, filter: code, secret_at, process_at, group_at },
            rules,
            enforcement: enforcement(&exec, handled.is_some(), filters),
            degradations,
            home_hidden: handled.is_none(),
        })
    }

    /// Grants a file that was made since.
    ///
    /// # Errors
    /// It was not opened, or the kernel takes no rule for it; then nothing may be run.
    pub fn grant_made(&mut self, made: &CheckedPath) -> Result<(), ConfinementError> {
        self.rules.as_mut().map_or(Ok(()), |rules| grant_checked(rules, made))
    }

    /// Grants the run's own TMPDIR.
    ///
    /// # Errors
    /// The kernel takes no rule for it; then nothing may be run.
    pub fn grant_tmp(&mut self, directory: &OwnedFd) -> Result<(), ConfinementError> {
        let granted = |rules| grant(rules, directory, Right::Write, Path::new("TMPDIR"));
        self.rules.as_mut().map_or(Ok(()), granted)
    }

    /// The fence as the child puts it up, with all that was granted.
    pub fn finish(self) -> Fence {
        let ruleset = self.rules.and_then(Rules::finish).or(self.fence.ruleset);
        Fence { ruleset, ..self.fence }
    }

    /// A fence of the test's own.
    #[cfg(test)]
    pub(super) fn of(fence: Fence) -> Self {
        let (enforcement, degradations) = (Enforcement::Full, Vec::new());
        Self { fence, rules: None, enforcement, degradations, home_hidden: false }
    }
}

/// How strong a fence for `exec` is.
pub(super) fn enforcement(exec: &Exec, landlock: bool, filters: bool) -> Enforcement {
    match (exec, landlock) {
        _ if !filters => Enforcement::None,
        (Exec::Nothing, true) => Enforcement::Full,
        (Exec::Nothing, false) => Enforcement::ExecOnce,
        (Exec::Listed(_) | Exec::Any, true) => Enforcement::Listed,
        (Exec::Listed(_) | Exec::Any, false) => Enforcement::None,
    }
}

fn shape(terms: &Terms, paths: &[&CheckedPath], exec: &Exec, handled: Option<Handled>) -> Shape {
    let exec = match exec {
        Exec::Nothing => Starts::Nothing,
        Exec::Listed(_) => Starts::Listed,
        Exec::Any => Starts::Anything,
    };
    let processes = sets::processes(terms);
    let scoped = handled.is_some_and(|handled| handled.scopes.contains(landlock::Scope::Signal));
    let truncation = handled.is_some_and(|handled| handled.files.contains(landlock::AccessFs::Truncate));
    let written = |path: &&CheckedPath| path.access == Access::Write;
    Shape {
        architecture: Architecture::running(),
        exec,
        processes,
        network: sets::network(terms),
        write: !terms.write.is_empty() || paths.iter().any(written) || sets::private_tmp(terms),
        // A process cannot name its children beforehand, so a rule that has them goes without.
        signals: !scoped && !processes,
        root: nix::unistd::geteuid().is_root(),
        truncation: !truncation,
    }
}

fn unheld(terms: &Terms, exec: &Exec, shape: &Shape, handled: Option<Handled>) -> Vec<Degradation> {
    let scoped = handled.is_some_and(|handled| handled.scopes.contains(landlock::Scope::Signal));
    let by_path = handled.is_some_and(|handled| handled.files.contains(landlock::AccessFs::ResolveUnix));
    let found = [
        (handled.is_none(), Degradation::Files),
        (handled.is_none() && matches!(exec, Exec::Listed(_)), Degradation::Programs),
        (!scoped && shape.processes, Degradation::Signals),
        (shape.network.unix && !terms.network.unix && !by_path, Degradation::Sockets),
    ];
    found.into_iter().filter_map(|(holds, degradation)| holds.then_some(degradation)).collect()
}

fn grant_all(
    rules: &mut Rules,
    terms: &Terms,
    paths: &[&CheckedPath],
    executables: &[BorrowedFd<'_>],
    exec: &Exec,
    options: &Options<'_>,
) -> Result<(), ConfinementError> {
    for file in executables {
        grant(rules, file, Right::Execute, Path::new("the program"))?;
    }
    for checked in paths.iter().filter(|path| !path.is_to_be_made()) {
        grant_checked(rules, checked)?;
    }
    if *exec == Exec::Any {
        grant_path(rules, Path::new("/"), Right::ExecuteAll)?;
        grant_path(rules, Path::new(sets::PROGRAMS), Right::Tree)?;
    }
    grant_sets(rules, terms, options)?;
    for path in &terms.read {
        grant_path(rules, path, Right::Tree)?;
    }
    for path in &terms.write {
        grant_path(rules, path, Right::Write)?;
    }
    Ok(())
}

fn grant_checked(rules: &mut Rules, checked: &CheckedPath) -> Result<(), ConfinementError> {
    let right = match checked.access {
        Access::Nothing => return Ok(()),
        Access::Read => Right::Read,
        Access::Tree => Right::Tree,
        Access::Write => Right::Write,
    };
    match &checked.descriptor {
        Some(descriptor) => grant(rules, descriptor.as_ref(), right, &checked.path),
        None => Err(ConfinementError::NotOpened(checked.path.clone())),
    }
}

fn grant_sets(rules: &mut Rules, terms: &Terms, options: &Options<'_>) -> Result<(), ConfinementError> {
    for path in sets::UNMERGED {
        if let Some(directory) = open::open_unless_link(Path::new(path)) {
            grant(rules, &directory, Right::Tree, Path::new(path))?;
        }
    }
    let mut terminal = options.terminal.is_some();
    if let Some(terminal) = &options.terminal {
        grant(rules, terminal, Right::Terminal, Path::new("the terminal"))?;
    }
    for set in std::iter::once(&sets::BASE).chain(sets::of(terms)) {
        terminal |= set.terminal;
        let rights = [(set.read, Right::Tree), (set.devices, Right::Device), (set.sockets, Right::Socket)];
        let paths = rights.iter().flat_map(|(paths, right)| paths.iter().map(move |path| (path, *right)));
        // Nothing of a set is withheld: a rule that names a set which a deny reaches into is refused.
        for (path, right) in paths.filter(|(path, _)| !options.withheld.contains(path)) {
            grant_path(rules, Path::new(path), right)?;
        }
    }
    if terminal { grant_path(rules, Path::new(sets::TERMINAL), Right::Terminal) } else { Ok(()) }
}

fn grant_path(rules: &mut Rules, path: &Path, right: Right) -> Result<(), ConfinementError> {
    match open::open(path) {
        Ok(Some(handle)) => grant(rules, &handle, right, path),
        Ok(None) => Ok(()),
        Err(OpenFault::Link(link)) => Err(ConfinementError::Link { path: path.to_path_buf(), link }),
        Err(OpenFault::NotAbsolute) => Err(ConfinementError::Open {
            path: path.to_path_buf(),
            why: io::Error::other("it is not absolute"),
        }),
        Err(OpenFault::Errno(errno)) => {
            Err(ConfinementError::Open { path: path.to_path_buf(), why: errno.into() })
        }
    }
}

fn grant(rules: &mut Rules, handle: &impl AsFd, right: Right, path: &Path) -> Result<(), ConfinementError> {
    rules.grant(handle, right).map_err(|why| ConfinementError::Kernel { path: Some(path.to_path_buf()), why })
}

/// The families of `network` by name, for words and records.
pub(super) fn families(network: Network) -> Vec<&'static str> {
    let named = [(network.unix, "unix"), (network.inet, "inet"), (network.netlink, "netlink")];
    named.into_iter().filter_map(|(granted, name)| granted.then_some(name)).collect()
}

#[cfg(test)]
mod tests;
