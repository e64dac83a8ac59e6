//! What this kernel's Landlock can hold, asked by system call: the version in uname(2) tells nothing, because
//! Landlock is backported, built out, and left out of the boot parameters.

use landlock::{ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, RestrictSelf, Scope};

use super::super::exec::takes_filters;
use crate::policy::Network;

/// What a kernel offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel {
    landlock: Landlock,
    filters: bool,
}

/// The state of Landlock in a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Landlock {
    /// Before Linux 5.13, or left out when it was built (ENOSYS).
    NotBuilt,
    /// Built, but not among the security modules switched on at boot (EOPNOTSUPP).
    SwitchedOff,
    /// In force.
    Version {
        /// The ABI that is used: the kernel's, or the newest that gatesh knows.
        used: ABI,
        /// What the kernel reports.
        reported: i32,
    },
}

impl Kernel {
    /// Asks the running kernel. Changes nothing.
    pub fn probe() -> Self {
        // Without flags and without no_new_privs, apply() only reports.
        let status = RestrictSelf::default().no_new_privs(false).apply().map(|status| status.landlock);
        let landlock = match status {
            Ok(LandlockStatus::Available { effective_abi, kernel_abi }) => Landlock::Version {
                used: effective_abi,
                reported: kernel_abi.unwrap_or_else(|| number(effective_abi)),
            },
            Ok(LandlockStatus::NotEnabled) => Landlock::SwitchedOff,
            Ok(LandlockStatus::NotImplemented) | Err(_) => Landlock::NotBuilt,
        };
        Self { landlock, filters: takes_filters() }
    }

    /// The running kernel, using no more than `abi`: for tests, and to see what an older host would hold.
    #[must_use]
    pub fn acting_like(self, abi: i32) -> Self {
        match self.landlock {
            Landlock::Version { .. } if abi < 1 => Self { landlock: Landlock::NotBuilt, ..self },
            Landlock::Version { used, .. } => {
                let used = used.min(ABI::from(abi));
                Self { landlock: Landlock::Version { used, reported: number(used) }, ..self }
            }
            Landlock::NotBuilt | Landlock::SwitchedOff => self,
        }
    }

    /// A kernel that has filters of system calls and no Landlock.
    pub fn without_landlock() -> Self {
        Self { landlock: Landlock::NotBuilt, filters: true }
    }

    /// A kernel that has Landlock too, but not switched on.
    pub fn with_landlock_switched_off() -> Self {
        Self { landlock: Landlock::SwitchedOff, filters: true }
    }

    /// This kernel without filters of system calls, as user-mode emulators are.
    #[must_use]
    pub fn without_filters(self) -> Self {
        Self { filters: false, ..self }
    }

    /// Whether it takes seccomp filters (Linux 3.17 with `CONFIG_SECCOMP_FILTER`).
    pub fn filters(&self) -> bool {
        self.filters
    }

    /// The state of its Landlock.
    pub fn landlock(&self) -> Landlock {
        self.landlock
    }

    /// The ABI used, 0 without.
    pub fn abi(&self) -> i32 {
        number(self.used())
    }

    pub(super) fn used(self) -> ABI {
        match self.landlock {
            Landlock::NotBuilt | Landlock::SwitchedOff => ABI::Unsupported,
            Landlock::Version { used, .. } => used,
        }
    }
}

/// `ABI` gives its number only as text.
fn number(abi: ABI) -> i32 {
    abi.to_string().parse().unwrap_or(0)
}

/// The rights that a ruleset takes away except where a rule of it gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Handled {
    pub(super) files: BitFlags<AccessFs>,
    pub(super) network: BitFlags<AccessNet>,
    pub(super) scopes: BitFlags<Scope>,
}

impl Handled {
    /// All rights that `abi` has, but those that stand against a network the rule grants as a whole. Where only
    /// sets bring unix sockets, sockets by path stay handled: the sets name theirs.
    pub(super) fn of(abi: ABI, granted: Network) -> Self {
        let mut handled = Self {
            files: AccessFs::from_all(abi),
            network: AccessNet::from_all(abi),
            scopes: Scope::from_all(abi),
        };
        if granted.inet {
            handled.network = BitFlags::EMPTY;
        }
        if granted.unix {
            handled.files.remove(AccessFs::ResolveUnix);
            handled.scopes.remove(Scope::AbstractUnixSocket);
        }
        handled
    }
}

/// Takes one thing out of what is handled.
type GiveUp = fn(&mut Handled);

/// What a kernel that reports an ABI may yet reject, in the order in which it is given up. Distributions have
/// backported the number without all that it stands for.
pub(super) const GIVEN_UP: &[(&str, GiveUp)] = &[
    ("signals to other processes", |handled| handled.scopes.remove(Scope::Signal)),
    ("signals and abstract unix sockets", |handled| handled.scopes = BitFlags::EMPTY),
    ("sockets by path", |handled| handled.files.remove(AccessFs::ResolveUnix)),
    ("UDP ports", |handled| handled.network.remove(AccessNet::BindUdp | AccessNet::ConnectSendUdp)),
    ("ioctl on devices", |handled| handled.files.remove(AccessFs::IoctlDev)),
    ("TCP ports", |handled| handled.network = BitFlags::EMPTY),
    ("truncation", |handled| handled.files.remove(AccessFs::Truncate)),
    ("links between directories", |handled| handled.files.remove(AccessFs::Refer)),
];

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Network = Network { unix: false, inet: false, netlink: false };

    fn handled(abi: i32) -> Handled {
        Handled::of(ABI::from(abi), NONE)
    }

    #[test]
    fn a_kernel_without_landlock_holds_nothing() {
        let kernel = Kernel::without_landlock();
        assert_eq!(kernel.abi(), 0);
        assert_eq!(handled(0).files, BitFlags::EMPTY);
        assert_eq!(kernel.acting_like(7), kernel, "no mask conjures up what the kernel lacks");
    }

    #[test]
    fn masks_follow_the_kernels_history() {
        assert!(!handled(1).files.contains(AccessFs::Refer));
        assert!(handled(2).files.contains(AccessFs::Refer));
        assert!(!handled(2).files.contains(AccessFs::Truncate));
        assert!(handled(3).files.contains(AccessFs::Truncate));
        assert!(handled(3).network.is_empty());
        assert!(handled(4).network.contains(AccessNet::BindTcp | AccessNet::ConnectTcp));
        assert!(!handled(4).files.contains(AccessFs::IoctlDev));
        assert!(handled(5).files.contains(AccessFs::IoctlDev));
        assert!(handled(5).scopes.is_empty());
        assert!(handled(6).scopes.contains(Scope::Signal | Scope::AbstractUnixSocket));
        assert!(!handled(8).files.contains(AccessFs::ResolveUnix));
        assert!(handled(9).files.contains(AccessFs::ResolveUnix));
        assert!(handled(10).network.contains(AccessNet::BindUdp));
    }

    #[test]
    fn acting_like_an_older_kernel_never_adds() {
        let kernel = Kernel::probe();
        for abi in [1, 2, 4, 6, 99] {
            let older = kernel.acting_like(abi);
            assert!(older.abi() <= kernel.abi() && older.abi() <= abi);
        }
        assert_eq!(kernel.acting_like(0).abi(), 0);
    }

    #[test]
    fn a_granted_network_is_not_handled() {
        let inet = Handled::of(ABI::V10, Network { inet: true, ..NONE });
        assert!(inet.network.is_empty());
        assert!(inet.scopes.contains(Scope::AbstractUnixSocket));
        let unix = Handled::of(ABI::V10, Network { unix: true, ..NONE });
        assert!(!unix.files.contains(AccessFs::ResolveUnix));
        assert!(!unix.scopes.contains(Scope::AbstractUnixSocket));
        assert!(unix.scopes.contains(Scope::Signal));
        assert!(unix.network.contains(AccessNet::ConnectTcp));
    }

    #[test]
    fn giving_up_step_by_step_ends_at_the_first_abi() {
        let mut handled = handled(10);
        for (_, give_up) in GIVEN_UP {
            give_up(&mut handled);
        }
        assert_eq!(handled, super::tests::handled(1));
    }
}
