//! The Landlock ruleset of one launch. Everything that the running ABI can hold is taken away, then given back on
//! descriptors: those a path was checked on, those of the program, and those of the sets and lists of the rule.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use landlock::{
    AccessFs, AddRuleError, AddRulesError, BitFlags, CompatLevel, Compatible, CreateRulesetError,
    PathBeneath, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, make_bitflags,
};
use nix::sys::stat::SFlag;

use super::abi::{GIVEN_UP, Handled};
use super::open;

/// What a descriptor is granted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    /// Executing this file, and reading it, as interpreters do their scripts.
    Execute,
    /// A file's contents; of a directory the names in its whole tree.
    Read,
    /// A file's contents; of a directory names and contents of its whole tree.
    Tree,
    /// Reading and changing a file; of a directory also making and removing files, directories, links and pipes
    /// beneath it, but no devices, no sockets, and nothing can be executed.
    Write,
    /// Reading and writing a device such as /dev/null.
    Device,
    /// The terminal: reading, writing, and its settings.
    Terminal,
    /// Connecting to a socket by its path.
    Socket,
    /// Executing anything beneath.
    ExecuteAll,
}

impl Right {
    fn access(self, directory: bool) -> BitFlags<AccessFs> {
        let read = make_bitflags!(AccessFs::ReadFile);
        let change = make_bitflags!(AccessFs::{ReadFile | WriteFile | Truncate});
        match (self, directory) {
            (Self::Execute, _) => read | AccessFs::Execute,
            (Self::Read | Self::Tree, false) => read,
            (Self::Read, true) => make_bitflags!(AccessFs::ReadDir),
            (Self::Tree, true) => read | AccessFs::ReadDir,
            (Self::Write, false) => change,
            (Self::Write, true) => {
                let below = make_bitflags!(AccessFs::{
                    ReadDir | RemoveDir | RemoveFile | MakeDir | MakeReg | MakeFifo | MakeSym | Refer
                });
                change | below
            }
            (Self::Device, _) => read | AccessFs::WriteFile,
            (Self::Terminal, _) => read | AccessFs::WriteFile | AccessFs::IoctlDev,
            (Self::Socket, _) => make_bitflags!(AccessFs::ResolveUnix),
            (Self::ExecuteAll, _) => make_bitflags!(AccessFs::Execute),
        }
    }
}

/// A ruleset being filled.
#[derive(Debug)]
pub(super) struct Rules {
    created: RulesetCreated,
    handled: Handled,
}

/// Makes a ruleset that takes `wanted` away, or as much of it as the kernel accepts; what was given up comes
/// back by name.
pub(super) fn create(wanted: Handled) -> io::Result<(Rules, Vec<&'static str>)> {
    let (created, handled, given_up) = give_up_until(wanted, create_exactly)?;
    Ok((Rules { created, handled }, given_up))
}

// EINVAL for a bit it does not know, E2BIG for a field (copy_struct_from_user in the kernel).
const REJECTIONS: [i32; 2] = [libc::EINVAL, libc::E2BIG];

/// Tries `make` with everything, then without each single thing a kernel may reject, then with ever less, until
/// it is accepted.
fn give_up_until<T>(
    wanted: Handled,
    make: impl Fn(Handled) -> io::Result<T>,
) -> io::Result<(T, Handled, Vec<&'static str>)> {
    let mut last = match make(wanted) {
        Ok(made) => return Ok((made, wanted, Vec::new())),
        Err(error) => error,
    };
    for (handled, given_up) in lesser(wanted) {
        if !last.raw_os_error().is_some_and(|errno| REJECTIONS.contains(&errno)) {
            break;
        }
        match make(handled) {
            Ok(made) => return Ok((made, handled, given_up)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// `wanted` without one thing each, then without more and more, with the names of what is missing.
fn lesser(wanted: Handled) -> Vec<(Handled, Vec<&'static str>)> {
    let mut lesser = Vec::new();
    let mut rest = (wanted, Vec::new());
    let mut least = Vec::new();
    for (name, give_up) in GIVEN_UP {
        let mut single = wanted;
        give_up(&mut single);
        if single == wanted {
            continue;
        }
        lesser.push((single, vec![*name]));
        give_up(&mut rest.0);
        rest.1.push(*name);
        least.push(rest.clone());
    }
    lesser.extend(least);
    lesser
}

fn create_exactly(handled: Handled) -> io::Result<RulesetCreated> {
    let build = || {
        let mut ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
        ruleset = ruleset.handle_access(handled.files)?;
        if !handled.network.is_empty() {
            ruleset = ruleset.handle_access(handled.network)?;
        }
        if !handled.scopes.is_empty() {
            ruleset = ruleset.scope(handled.scopes)?;
        }
        ruleset.create()
    };
    build().map_err(kernel_error)
}

/// The system call's own error where there is one.
fn kernel_error(error: RulesetError) -> io::Error {
    match error {
        RulesetError::CreateRuleset(CreateRulesetError::CreateRulesetCall { source, .. })
        | RulesetError::AddRules(AddRulesError::Fs(AddRuleError::AddRuleCall { source, .. })) => source,
        other => io::Error::other(other.to_string()),
    }
}

impl Rules {
    /// What it takes away.
    pub(super) fn handled(&self) -> Handled {
        self.handled
    }

    /// Grants `right` on the object behind `handle`, as far as the kernel tells it apart.
    pub(super) fn grant(&mut self, handle: &impl AsFd, right: Right) -> io::Result<()> {
        let kind = open::kind(handle).map_err(|_| io::Error::last_os_error())?;
        let access = right.access(kind == SFlag::S_IFDIR) & self.handled.files;
        if access.is_empty() {
            return Ok(());
        }
        let rule = PathBeneath::new(handle.as_fd(), access);
        (&mut self.created).add_rule(rule).map(drop).map_err(kernel_error)
    }

    /// The kernel's ruleset.
    pub(super) fn finish(self) -> Option<OwnedFd> {
        self.created.into()
    }
}

#[cfg(test)]
mod tests {
    use landlock::{ABI, Scope};

    use super::*;
    use crate::policy::Network;

    fn wanted() -> Handled {
        Handled::of(ABI::V7, Network::default())
    }

    fn rejecting(files: BitFlags<AccessFs>, scopes: BitFlags<Scope>) -> impl Fn(Handled) -> io::Result<()> {
        move |handled: Handled| {
            let rejected = handled.files.intersects(files) || handled.scopes.intersects(scopes);
            if rejected { Err(io::Error::from_raw_os_error(libc::EINVAL)) } else { Ok(()) }
        }
    }

    #[test]
    fn an_honest_kernel_gives_up_nothing() {
        let ((), handled, given_up) =
            give_up_until(wanted(), rejecting(BitFlags::EMPTY, BitFlags::EMPTY)).unwrap();
        assert_eq!(handled, wanted());
        assert!(given_up.is_empty());
    }

    #[test]
    fn a_kernel_that_rejects_the_signal_scope_keeps_the_rest() {
        let make = rejecting(BitFlags::EMPTY, Scope::Signal.into());
        let ((), handled, given_up) = give_up_until(wanted(), make).unwrap();
        assert_eq!(given_up, ["signals to other processes"]);
        assert!(handled.files.contains(AccessFs::IoctlDev));
    }

    #[test]
    fn a_kernel_without_the_field_for_scopes_says_so_with_another_error() {
        let make = |handled: Handled| {
            if handled.scopes.is_empty() { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::E2BIG)) }
        };
        let ((), handled, given_up) = give_up_until(wanted(), make).unwrap();
        assert_eq!(given_up, ["signals and abstract unix sockets"]);
        assert_eq!(handled.files, wanted().files);
    }

    #[test]
    fn a_kernel_that_rejects_device_ioctls_keeps_the_scopes() {
        let ((), handled, given_up) =
            give_up_until(wanted(), rejecting(AccessFs::IoctlDev.into(), BitFlags::EMPTY)).unwrap();
        assert_eq!(given_up, ["ioctl on devices"]);
        assert_eq!(handled.scopes, wanted().scopes);
    }

    #[test]
    fn a_kernel_that_rejects_several_loses_no_more_than_the_first_of_them_up_to_the_last() {
        let make = rejecting(AccessFs::IoctlDev.into(), Scope::Signal.into());
        let ((), handled, given_up) = give_up_until(wanted(), make).unwrap();
        assert_eq!(
            given_up,
            ["signals to other processes", "signals and abstract unix sockets", "ioctl on devices"]
        );
        assert!(handled.files.contains(AccessFs::Truncate));
    }

    #[test]
    fn a_kernel_that_rejects_everything_is_an_error() {
        assert!(give_up_until(wanted(), rejecting(AccessFs::Execute.into(), BitFlags::EMPTY)).is_err());
    }

    #[test]
    fn other_errors_are_not_retried() {
        let make = |_| Err::<(), _>(io::Error::from_raw_os_error(libc::EMFILE));
        assert_eq!(give_up_until(wanted(), make).unwrap_err().raw_os_error(), Some(libc::EMFILE));
    }

    #[test]
    fn writing_never_executes_and_makes_no_devices_or_sockets() {
        for directory in [false, true] {
            let access = Right::Write.access(directory);
            let never = AccessFs::Execute | AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::MakeSock;
            assert!(!access.intersects(never));
        }
    }

    #[test]
    fn a_directory_read_shows_names_and_no_contents() {
        assert_eq!(Right::Read.access(true), BitFlags::from(AccessFs::ReadDir));
    }

    #[test]
    fn device_ioctls_are_for_the_terminal_alone() {
        let rights = [Right::Execute, Right::Read, Right::Tree, Right::Write, Right::Device, Right::Socket];
        assert!(rights.iter().all(|right| !right.access(false).contains(AccessFs::IoctlDev)));
    }
}
