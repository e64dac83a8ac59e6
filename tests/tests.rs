//! The one integration binary: each module is a topic.

mod invocation;
mod layering;
mod words;
