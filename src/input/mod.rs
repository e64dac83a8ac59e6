//! Yields the lines a person or a caller wants run.
//!
//! [`invocation`] reads how gatesh was called, which says where lines come from.

pub mod invocation;
