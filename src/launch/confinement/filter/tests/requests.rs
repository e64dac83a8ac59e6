//! Requests (ioctl) as the filters take them.

use super::*;
use crate::launch::confinement::requests::Request;

/// Requests that no rule lets pass, whatever else it grants.
const NEVER: &[(&str, u64)] = &[
    ("TIOCSTI", 0x5412),
    ("TIOCLINUX", 0x541c),
    ("TIOCCONS", 0x541d),
    ("TIOCSETD", 0x5423),
    ("TIOCEXCL", 0x540c),
    ("TCXONC", 0x540a),
    ("FIOSETOWN", 0x8901),
    ("SIOCSPGRP", 0x8902),
    ("SIOCSIFFLAGS", 0x8914),
    ("FS_IOC_SETFLAGS", 0x4008_6602),
    ("FS_IOC_SETVERSION", 0x4008_7602),
    ("EXT4_IOC_SETVERSION", 0x4008_6604),
    ("FS_IOC_FSSETXATTR", 0x401c_5820),
    ("FS_IOC_ENABLE_VERITY", 0x4080_6685),
    ("FS_IOC_SET_ENCRYPTION_POLICY", 0x800c_6613),
    ("FS_IOC_SETFSLABEL", 0x4100_9432),
    ("FIFREEZE", 0xc004_5877),
    ("FITRIM", 0xc018_5879),
    ("FIDEDUPERANGE", 0xc018_9436),
    ("BTRFS_IOC_SNAP_CREATE", 0x5000_9401),
    ("BTRFS_IOC_SUBVOL_CREATE", 0x5000_940e),
    ("BTRFS_IOC_SNAP_DESTROY", 0x5000_940f),
    ("BTRFS_IOC_DEFAULT_SUBVOL", 0x4008_9413),
    ("BTRFS_IOC_SUBVOL_CREATE_V2", 0x5000_9418),
    ("BTRFS_IOC_SNAP_DESTROY_V2", 0x5000_943f),
    ("nothing", 0),
];

#[test]
fn requests_that_are_not_listed_are_refused_under_every_rule_and_through_the_upper_half() {
    for shape in every_shape() {
        let filled = Filled::new(&shape);
        for (name, request) in NEVER {
            for request in [*request, request | 1 << 32, request | 0xffff_ffff << 32] {
                assert_eq!(filled.call("ioctl", &[0, request]), fails(libc::ENOTTY), "{name} {shape:?}");
            }
        }
    }
}

#[test]
fn requests_that_are_listed_pass_for_those_who_have_them_only() {
    for shape in every_shape() {
        let filled = Filled::new(&shape);
        for Request { name, number, who, .. } in REQUESTS {
            let expected = if who.includes(&shape) { ALLOWED } else { fails(libc::ENOTTY) };
            assert_eq!(filled.call("ioctl", &[0, u64::from(*number)]), expected, "{name} {shape:?}");
        }
    }
}

#[test]
fn every_request_has_its_reason_and_stands_once() {
    for (index, request) in REQUESTS.iter().enumerate() {
        assert!(request.why.len() > 10, "{}", request.name);
        let before = &REQUESTS[..index];
        let same = |other: &Request| other.number == request.number || other.name == request.name;
        assert!(!before.iter().any(same), "{} twice", request.name);
        assert!(NEVER.iter().all(|(_, never)| *never != u64::from(request.number)), "{}", request.name);
    }
}

/// Requests by the C library's own headers.
const KNOWN_REQUESTS: &[(&str, u64)] = &[
    ("TCGETS", libc::TCGETS),
    ("TIOCGWINSZ", libc::TIOCGWINSZ),
    ("TCSETSW", libc::TCSETSW),
    ("TCSETS", libc::TCSETS),
    ("TCSETSF", libc::TCSETSF),
    ("TCGETS2", libc::TCGETS2),
    ("TCSETS2", libc::TCSETS2),
    ("TCSETSW2", libc::TCSETSW2),
    ("TCSETSF2", libc::TCSETSF2),
    ("TCGETA", libc::TCGETA),
    ("TCSETA", libc::TCSETA),
    ("TCSETAW", libc::TCSETAW),
    ("TCSETAF", libc::TCSETAF),
    ("TCSBRK", libc::TCSBRK),
    ("TCSBRKP", libc::TCSBRKP),
    ("TCFLSH", libc::TCFLSH),
    ("TIOCGPGRP", libc::TIOCGPGRP),
    ("TIOCGSID", libc::TIOCGSID),
    ("TIOCOUTQ", libc::TIOCOUTQ),
    ("TIOCMGET", libc::TIOCMGET),
    ("TIOCSWINSZ", libc::TIOCSWINSZ),
    ("TIOCSPGRP", libc::TIOCSPGRP),
    ("TIOCSCTTY", libc::TIOCSCTTY),
    ("TIOCNOTTY", libc::TIOCNOTTY),
    ("FIONREAD", libc::FIONREAD),
    ("FIONBIO", libc::FIONBIO),
    ("FIOCLEX", libc::FIOCLEX),
    ("FIONCLEX", libc::FIONCLEX),
    ("FS_IOC_GETFLAGS", libc::FS_IOC_GETFLAGS),
    ("FS_IOC_GETVERSION", libc::FS_IOC_GETVERSION),
    ("FICLONE", libc::FICLONE),
    ("FICLONERANGE", libc::FICLONERANGE),
    ("SIOCGIFNAME", libc::SIOCGIFNAME),
    ("SIOCGIFCONF", libc::SIOCGIFCONF),
    ("SIOCGIFFLAGS", libc::SIOCGIFFLAGS),
    ("SIOCGIFADDR", libc::SIOCGIFADDR),
    ("SIOCGIFDSTADDR", libc::SIOCGIFDSTADDR),
    ("SIOCGIFBRDADDR", libc::SIOCGIFBRDADDR),
    ("SIOCGIFNETMASK", libc::SIOCGIFNETMASK),
    ("SIOCGIFMETRIC", libc::SIOCGIFMETRIC),
    ("SIOCGIFMTU", libc::SIOCGIFMTU),
    ("SIOCGIFHWADDR", libc::SIOCGIFHWADDR),
    ("SIOCGIFINDEX", libc::SIOCGIFINDEX),
    ("SIOCGIFMAP", libc::SIOCGIFMAP),
    ("SIOCGARP", libc::SIOCGARP),
];

#[test]
fn request_numbers_are_the_headers_own() {
    for (name, number) in KNOWN_REQUESTS {
        let request = REQUESTS.iter().find(|request| request.name == *name).unwrap();
        assert_eq!(u64::from(request.number), *number, "{name}");
    }
}
