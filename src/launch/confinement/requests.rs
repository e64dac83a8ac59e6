//! The ioctl requests that a filter lets pass, as data, a reason beside each. Landlock holds requests to devices and
//! none to files, directories, pipes or sockets, and what a request does is the file system's own business (make a
//! subvolume, freeze, encrypt, number blocks anew), so what is not named here is refused.

use super::filter::{Shape, Starts};

/// For which rules a request passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// All.
    All,
    /// Those that let processes be made.
    Processes,
    /// Those that let programs be started.
    Starters,
    /// Those that change files.
    Writers,
    /// Those with sockets of any family.
    Network,
    /// Those with netlink.
    Netlink,
}

impl Who {
    /// Whether it has the request under `shape`.
    pub fn includes(self, shape: &Shape) -> bool {
        let network = shape.network;
        match self {
            Self::All => true,
            Self::Processes => shape.processes,
            Self::Starters => shape.exec != Starts::Nothing,
            Self::Writers => shape.write,
            Self::Network => network.unix || network.inet || network.netlink,
            Self::Netlink => network.netlink,
        }
    }
}

/// A request that passes.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Its name in the kernel's headers.
    pub name: &'static str,
    /// Its number, the same on both architectures. The kernel looks at the low 32 bits only.
    pub number: u32,
    /// For whom.
    pub who: Who,
    /// Why.
    pub why: &'static str,
}

const fn request(name: &'static str, number: u32, who: Who, why: &'static str) -> Request {
    Request { name, number, who, why }
}

/// Every one, those that programs make most first.
#[rustfmt::skip]
pub const REQUESTS: &[Request] = &[
    // The terminal. Never TIOCSTI and TIOCLINUX, which type into it, TIOCCONS, which takes the console's output,
    // TIOCSETD, which loads line disciplines, TIOCEXCL, which shuts gatesh out, and TCXONC, which stops its output and
    // so gatesh itself, with all its time limits.
    request("TCGETS", 0x5401, Who::All, "isatty asks so"),
    request("TIOCGWINSZ", 0x5413, Who::All, "how large the screen is"),
    request("TCSETSW", 0x5403, Who::All, "pagers and editors read single keys"),
    request("TCSETS", 0x5402, Who::All, "pagers and editors read single keys"),
    request("TCSETSF", 0x5404, Who::All, "pagers and editors read single keys"),
    request("TCGETS2", 0x802c_542a, Who::All, "the same in newer C libraries"),
    request("TCSETS2", 0x402c_542b, Who::All, "the same in newer C libraries"),
    request("TCSETSW2", 0x402c_542c, Who::All, "the same in newer C libraries"),
    request("TCSETSF2", 0x402c_542d, Who::All, "the same in newer C libraries"),
    request("TCGETA", 0x5405, Who::All, "the same in old programs"),
    request("TCSETA", 0x5406, Who::All, "the same in old programs"),
    request("TCSETAW", 0x5407, Who::All, "the same in old programs"),
    request("TCSETAF", 0x5408, Who::All, "the same in old programs"),
    request("TCSBRK", 0x5409, Who::All, "tcdrain waits with it"),
    request("TCSBRKP", 0x5425, Who::All, "tcsendbreak of a serial line"),
    request("TCFLSH", 0x540b, Who::All, "tcflush forgets what was typed"),
    request("TIOCGPGRP", 0x540f, Who::All, "whether it is in the foreground"),
    request("TIOCGSID", 0x5429, Who::All, "whose terminal it is"),
    request("TIOCGETD", 0x5424, Who::All, "stty -a shows it"),
    request("TIOCOUTQ", 0x5411, Who::All, "how much is still to be shown"),
    request("TIOCMGET", 0x5415, Who::All, "the state of a serial line"),
    request("TIOCSWINSZ", 0x5414, Who::All, "stty and resize set it where the terminal does not tell"),
    request("TIOCSPGRP", 0x5410, Who::Processes, "shells put their jobs in the foreground"),
    request("TIOCSCTTY", 0x540e, Who::Starters, "a session of its own, as script and tmux make it"),
    request("TIOCNOTTY", 0x5422, Who::Starters, "leaves the terminal, as daemons do"),
    request("TIOCGPTN", 0x8004_5430, Who::Starters, "a terminal of its own making, where it may open one"),
    request("TIOCSPTLCK", 0x4004_5431, Who::Starters, "a terminal of its own making, where it may open one"),
    request("TIOCPKT", 0x5420, Who::Starters, "a terminal of its own making, where it may open one"),
    // Any descriptor.
    request("FIONREAD", 0x541b, Who::All, "how much there is to read"),
    request("FIONBIO", 0x5421, Who::All, "as fcntl does with O_NONBLOCK"),
    request("FIOCLEX", 0x5451, Who::All, "as fcntl does with FD_CLOEXEC"),
    request("FIONCLEX", 0x5450, Who::All, "as fcntl does with FD_CLOEXEC"),
    // Files and directories: what is only read.
    request("FS_IOC_GETFLAGS", 0x8008_6601, Who::All, "lsattr shows it"),
    request("FS_IOC_GETVERSION", 0x8008_7601, Who::All, "lsattr shows it"),
    request("FS_IOC_FSGETXATTR", 0x801c_581f, Who::All, "lsattr shows it"),
    request("FS_IOC_FIEMAP", 0xc020_660b, Who::All, "where a file has holes, for filefrag and copying"),
    request("FIGETBSZ", 0x0000_0002, Who::All, "the size of a block"),
    // Files: what the kernel does to none that is not open for writing.
    request("FICLONE", 0x4004_9409, Who::Writers, "cp shares the blocks of a copy"),
    request("FICLONERANGE", 0x4020_940d, Who::Writers, "cp shares the blocks of a copy"),
    // Sockets: what is only read.
    request("SIOCATMARK", 0x8905, Who::Network, "out-of-band data of telnet and ftp"),
    request("SIOCGSTAMP", 0x8906, Who::Network, "when a packet came, for ping"),
    request("SIOCGIFNAME", 0x8910, Who::Network, "what interfaces there are"),
    request("SIOCGIFCONF", 0x8912, Who::Network, "what interfaces there are"),
    request("SIOCGIFFLAGS", 0x8913, Who::Network, "what interfaces there are"),
    request("SIOCGIFADDR", 0x8915, Who::Network, "what interfaces there are"),
    request("SIOCGIFDSTADDR", 0x8917, Who::Network, "what interfaces there are"),
    request("SIOCGIFBRDADDR", 0x8919, Who::Network, "what interfaces there are"),
    request("SIOCGIFNETMASK", 0x891b, Who::Network, "what interfaces there are"),
    request("SIOCGIFMETRIC", 0x891d, Who::Network, "what interfaces there are"),
    request("SIOCGIFMTU", 0x8921, Who::Network, "what interfaces there are"),
    request("SIOCGIFHWADDR", 0x8927, Who::Network, "what interfaces there are"),
    request("SIOCGIFINDEX", 0x8933, Who::Network, "what interfaces there are"),
    request("SIOCGIFTXQLEN", 0x8942, Who::Network, "what interfaces there are"),
    request("SIOCGIFMAP", 0x8970, Who::Network, "what interfaces there are"),
    request("SIOCGARP", 0x8954, Who::Network, "arp shows its neighbours"),
    request("SIOCETHTOOL", 0x8946, Who::Netlink, "ethtool; it sets what netlink sets too, and with the same privilege"),
];
