//! The few system calls that nix lacks, made safe, and the cleaning of what a process inherits.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

#[allow(unsafe_code, missing_docs, reason = "the macro writes an unsafe function")]
mod inode_flags {
    // FS_IOC_GETFLAGS, ioctl_iflags(2): declared with a long, of which the kernel writes an int.
    nix::ioctl_read!(get, b'f', 1, std::ffi::c_long);
}

/// `FS_APPEND_FL` of linux/fs.h.
const APPEND_ONLY: std::ffi::c_long = 0x20;

/// Whether the file can only be appended to (`chattr +a`). An error where its file system knows no such
/// attribute (ENOTTY, EOPNOTSUPP). Works on a descriptor open for writing alone, not on an `O_PATH` one.
pub fn is_append_only(file: impl AsFd) -> io::Result<bool> {
    let mut flags: std::ffi::c_long = 0;
    // SAFETY: the descriptor is borrowed, hence open, for the whole call, and `flags` is at least as large
    // as what the kernel writes. Both supported architectures are little-endian, so an int written into the
    // zeroed long is its value.
    #[allow(unsafe_code, reason = "nix has the request's number, but no function for it")]
    unsafe {
        inode_flags::get(file.as_fd().as_raw_fd(), &raw mut flags)?;
    }
    Ok(flags & APPEND_ONLY != 0)
}
