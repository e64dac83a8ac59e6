//! The named sets that `with` draws in, as data: what a kind of program needs beyond the files its words name.
//! Paths that a host does not have grant nothing. Measured program by program on Debian 12; the names of other
//! distributions stand beside them.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{Exec, Network, Terms};

/// A named set.
#[derive(Debug, PartialEq, Eq)]
pub struct Set {
    /// Its name, without the `@`.
    pub name: &'static str,
    /// What a program does with it, a verb first: `check` says "it ..." of it.
    pub about: &'static str,
    /// Files and trees that may be read.
    pub read: &'static [&'static str],
    /// Devices that may be read and written.
    pub devices: &'static [&'static str],
    /// Whether the terminal may be opened by name.
    pub terminal: bool,
    /// Programs that may be started.
    pub programs: &'static [&'static str],
    /// Socket families.
    pub network: Network,
    /// The sockets it is about; since Landlock ABI 9 no others can be reached by path.
    pub sockets: &'static [&'static str],
    /// Whether gatesh makes an empty TMPDIR, writable, for each run.
    pub private_tmp: bool,
    /// Whether the program may make processes of itself (which start no other program either).
    pub processes: bool,
}

const NONE: Network = Network { unix: false, inet: false, netlink: false };
const UNIX: Network = Network { unix: true, ..NONE };
const INET: Network = Network { inet: true, ..NONE };
const NETLINK: Network = Network { netlink: true, ..NONE };

const EMPTY: Set = Set {
    name: "",
    about: "",
    read: &[],
    devices: &[],
    terminal: false,
    programs: &[],
    network: NONE,
    sockets: &[],
    private_tmp: false,
    processes: false,
};

/// What every program has: its libraries, names of users, the time zone, its language, descriptions of
/// terminals, and the devices that hold nothing.
pub const BASE: Set = Set {
    name: "base",
    about: "libraries, names of users and groups, time zone, language, terminal descriptions",
    read: &[
        "/usr/lib",
        "/usr/lib64",
        "/usr/local/lib",
        "/etc/ld.so.cache",
        "/etc/localtime",
        "/usr/share/zoneinfo",
        "/usr/share/locale",
        "/usr/share/terminfo",
        "/etc/terminfo",
        "/etc/passwd",
        "/etc/group",
        "/etc/nsswitch.conf",
        "/dev/zero",
        "/dev/urandom",
        "/dev/random",
    ],
    devices: &["/dev/null"],
    ..EMPTY
};

/// What of the base a program needs to start at all. It holds nothing that is not the same on every host, and
/// is granted whatever a deny says; the rest of the base is not.
const LOADED: &[&str] = &["/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"];

/// What `exec = "any"` lets a program read.
pub const PROGRAMS: &str = "/usr";

/// Where these are no links to their namesakes below /usr, which [`BASE`] has, they are directories of libraries.
pub const UNMERGED: &[&str] = &["/lib", "/lib64"];

/// The terminal. A command run at one has it without asking: it inherits the very same terminal.
pub const TERMINAL: &str = "/dev/tty";

/// All sets that `with` can name, in the order of the manual.
pub const SETS: &[Set] = &[
    Set {
        name: "systemd",
        about: "talks to the service manager over D-Bus",
        read: &[
            "/proc",
            "/sys/fs/cgroup",
            "/run/systemd",
            "/etc/systemd",
            "/etc/machine-id",
            "/etc/os-release",
            "/run/dbus",
        ],
        network: UNIX,
        sockets: &["/run/systemd/private", "/run/dbus/system_bus_socket"],
        ..EMPTY
    },
    Set {
        name: "journal",
        about: "reads the systemd journal (its files' group is needed too)",
        read: &[
            "/var/log/journal",
            "/run/log/journal",
            "/etc/machine-id",
            "/var/lib/systemd/catalog",
            "/proc/sys/kernel/random/boot_id",
            "/proc/sys/kernel/hostname",
            "/proc/sys/kernel/osrelease",
        ],
        ..EMPTY
    },
    Set {
        name: "packages",
        about: "reads the package database, with a private empty TMPDIR",
        read: &[
            "/etc/apt",
            "/var/lib/apt",
            "/var/cache/apt",
            "/var/lib/dpkg",
            "/etc/dpkg",
            "/usr/share/dpkg",
            "/usr/share/keyrings",
            "/etc/dnf",
            "/etc/yum",
            "/etc/yum.conf",
            "/etc/yum.repos.d",
            "/var/cache/dnf",
            "/var/cache/yum",
            "/var/lib/dnf",
            "/var/lib/yum",
            "/var/lib/rpm",
            "/etc/rpm",
            "/etc/pki/rpm-gpg",
            "/etc/os-release",
            "/etc/system-release",
            "/etc/debian_version",
            "/usr/share/bash-completion",
        ],
        private_tmp: true,
        // apt and dnf fork, and go on when what they wanted to start does not start.
        processes: true,
        ..EMPTY
    },
    Set {
        name: "dns",
        about: "looks up host names",
        read: &[
            "/etc/hosts",
            "/etc/resolv.conf",
            "/etc/host.conf",
            "/etc/gai.conf",
            "/etc/services",
            "/etc/protocols",
            "/etc/networks",
            "/run/systemd/resolve",
            "/run/NetworkManager/resolv.conf",
        ],
        network: INET,
        ..EMPTY
    },
    Set {
        name: "tls",
        about: "trusts the host's certificate authorities (connections need network too)",
        read: &[
            "/etc/ssl/certs",
            "/etc/ssl/openssl.cnf",
            "/etc/ca-certificates",
            "/usr/share/ca-certificates",
            "/usr/local/share/ca-certificates",
            "/etc/pki/tls/certs",
            "/etc/pki/tls/cert.pem",
            "/etc/pki/tls/openssl.cnf",
            "/etc/pki/tls/openssl.d",
            "/etc/pki/ca-trust",
            "/usr/share/pki",
            "/etc/crypto-policies",
            "/usr/share/crypto-policies",
        ],
        ..EMPTY
    },
    Set {
        name: "proc",
        about: "looks at processes, memory and mounts",
        read: &["/proc", "/sys/devices/system"],
        ..EMPTY
    },
    Set {
        name: "netlink",
        about: "asks the kernel about interfaces, routes and sockets",
        read: &[
            "/proc/sys/net",
            "/sys/class/net",
            "/sys/devices/virtual/net",
            "/etc/iproute2",
            "/usr/share/iproute2",
            "/etc/services",
            "/etc/protocols",
        ],
        network: NETLINK,
        ..EMPTY
    },
    Set {
        name: "logins",
        about: "sees who is and was logged in",
        read: &[
            "/run/utmp",
            "/var/log/wtmp",
            "/var/log/btmp",
            "/var/log/lastlog",
            "/var/lib/wtmpdb",
            "/var/lib/lastlog",
            "/run/systemd/sessions",
            "/run/systemd/users",
            "/run/systemd/seats",
            "/proc",
        ],
        ..EMPTY
    },
    Set { name: "kmsg", about: "reads the kernel's log", read: &["/dev/kmsg"], ..EMPTY },
    Set {
        name: "git",
        about: "reads git's own settings and templates (repositories are granted with read and write)",
        read: &[
            "/etc/gitconfig",
            "/usr/share/git-core",
            "/etc/gitattributes",
            "/etc/mailname",
            "/etc/hostname",
        ],
        ..EMPTY
    },
    Set {
        name: "users",
        about: "reads names of users and groups that come from a directory service",
        read: &["/var/lib/sss/mc", "/var/lib/sss/pipes", "/var/lib/extrausers", "/run/systemd/userdb"],
        network: UNIX,
        sockets: &[
            "/var/lib/sss/pipes/nss",
            "/run/systemd/userdb",
            "/run/nscd/socket",
            "/var/run/nscd/socket",
        ],
        ..EMPTY
    },
    Set {
        name: "editors",
        about: "loads settings, help and syntax files of vim, nano and emacs",
        read: &[
            "/usr/share/vim",
            "/etc/vim",
            "/etc/vimrc",
            "/etc/virc",
            "/usr/share/nvim",
            "/usr/share/nano",
            "/etc/nanorc",
            "/usr/share/emacs",
            "/etc/emacs",
        ],
        ..EMPTY
    },
    Set {
        name: "magic",
        about: "reads what file knows of formats",
        read: &["/etc/magic", "/usr/share/misc/magic", "/usr/share/misc/magic.mgc", "/usr/share/file"],
        ..EMPTY
    },
    Set {
        name: "scripts",
        about: "loads what perl, python and ruby programs need from outside the library directories",
        read: &[
            "/usr/share/perl",
            "/usr/share/perl5",
            "/etc/perl",
            "/usr/local/share/perl",
            "/usr/share/python3",
            "/etc/python3",
            "/usr/share/ruby",
            "/usr/share/rubygems",
            "/usr/share/gems",
        ],
        ..EMPTY
    },
    Set {
        name: "tmp",
        about: "has a private empty TMPDIR, removed after the run",
        private_tmp: true,
        ..EMPTY
    },
    Set {
        name: "tty",
        about: "opens the terminal, for a program that is not run at one's own",
        terminal: true,
        ..EMPTY
    },
];

/// The set called `name`, without the `@`.
pub fn find(name: &str) -> Option<&'static Set> {
    SETS.iter().find(|set| set.name == name)
}

/// All names that `with` can take, without the `@`.
pub fn names() -> impl Iterator<Item = &'static str> {
    SETS.iter().map(|set| set.name)
}

/// The sets of `terms`. A name that is none was a fault when the rules were read, and grants nothing.
pub fn of(terms: &Terms) -> impl Iterator<Item = &'static Set> {
    terms.with.iter().filter_map(|name| find(name.trim_start_matches('@')))
}

/// The socket families of `terms` with those of its sets.
pub fn network(terms: &Terms) -> Network {
    of(terms).fold(terms.network, |sum, set| Network {
        unix: sum.unix || set.network.unix,
        inet: sum.inet || set.network.inet,
        netlink: sum.netlink || set.network.netlink,
    })
}

/// What `terms` with its sets lets a program start.
pub fn exec(terms: &Terms) -> Exec {
    let programs = of(terms).flat_map(|set| set.programs).map(PathBuf::from);
    match &terms.exec {
        Exec::Any => Exec::Any,
        Exec::Listed(listed) => Exec::Listed(listed.iter().cloned().chain(programs).collect()),
        Exec::Nothing => {
            let listed: Vec<PathBuf> = programs.collect();
            if listed.is_empty() { Exec::Nothing } else { Exec::Listed(listed) }
        }
    }
}

/// A file or tree that a rule opens, whatever its words name.
#[derive(Clone, Copy, Debug)]
pub struct Opened<'t> {
    /// Where.
    pub path: &'t Path,
    /// The rule's key that opens it.
    pub key: &'static str,
    /// Of `with`, which set.
    pub set: Option<&'static str>,
}

impl fmt::Display for Opened<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.set {
            Some(set) => write!(out, "{path} (opened by @{set})"),
            None => write!(out, "{path} (opened by {})", self.key),
        }
    }
}

/// Everything that `terms` opens besides the base.
pub fn opened(terms: &Terms) -> impl Iterator<Item = Opened<'_>> {
    let own = [("read", &terms.read), ("write", &terms.write)];
    let own = own
        .into_iter()
        .flat_map(|(key, paths)| paths.iter().map(move |path| Opened { path, key, set: None }));
    let named = of(terms).flat_map(|set| {
        let paths = [set.read, set.devices, set.sockets].into_iter().flatten();
        paths.map(|path| Opened { path: Path::new(path), key: "with", set: Some(set.name) })
    });
    let any = (terms.exec == Exec::Any).then(|| Opened { path: Path::new(PROGRAMS), key: "exec", set: None });
    own.chain(named).chain(any)
}

/// What of the base a deny can keep from a program.
pub fn base_to_withhold() -> impl Iterator<Item = &'static str> {
    BASE.read.iter().copied().filter(|path| !LOADED.contains(path))
}

/// Whether a run under `terms` has a TMPDIR of its own.
pub fn private_tmp(terms: &Terms) -> bool {
    of(terms).any(|set| set.private_tmp)
}

/// Whether a program under `terms` may make processes.
pub fn processes(terms: &Terms) -> bool {
    terms.limits.processes.is_some() || exec(terms) != Exec::Nothing || of(terms).any(|set| set.processes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_unknown_ones_are_not() {
        for name in names() {
            assert_eq!(find(name).unwrap().name, name);
        }
        assert!(find("base").is_none(), "the base is not for naming");
        assert!(find("").is_none());
        assert!(find("everything").is_none());
    }

    #[test]
    fn no_set_grants_a_whole_tree_of_the_host() {
        let broad =
            ["/", "/usr", "/etc", "/var", "/home", "/root", "/var/log", "/var/lib", "/run", "/opt", "/tmp"];
        for path in SETS.iter().chain([&BASE]).flat_map(|set| set.read) {
            assert!(path.starts_with('/') && !broad.contains(path), "{path}");
        }
    }

    #[test]
    fn what_is_loaded_is_of_the_base() {
        assert!(LOADED.iter().all(|path| BASE.read.contains(path)));
        assert_eq!(base_to_withhold().count(), BASE.read.len() - LOADED.len());
    }

    #[test]
    fn no_set_reaches_the_rules_or_the_record() {
        for path in SETS.iter().chain([&BASE]).flat_map(|set| set.read) {
            assert!(!path.starts_with("/etc/gatesh") && !path.starts_with("/var/log/gatesh"), "{path}");
        }
    }
}
