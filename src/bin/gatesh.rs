//! The restricted login shell.
#![no_main]
#![allow(unsafe_code, reason = "the C library's name for the first function")]

/// Called by the C library, without Rust's own start before it. That one looks for closed standard descriptors and
/// sets up a message for a stack that overflows, for which it reads /proc/self/maps: a thirtieth of a whole refused
/// command, for what [`gatesh::sys::sanitize`] sees to itself.
#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    i32::from(gatesh::shell::main())
}
