//! The one integration binary: each module is a topic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test that cannot go on stops there and says where"
)]

mod attacks;
mod audit;
mod confinement;
mod documents_audit;
mod e2e;
mod export;
mod identity;
mod import;
mod invocation;
mod layering;
mod paths;
mod policy_files;
mod scenario;
mod screen;
mod synopsis;
mod terminal;
mod words;
