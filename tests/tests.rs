//! The one integration binary: each module is a topic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test that cannot go on stops there and says where"
)]

mod admission;
mod agent;
mod allowed_pattern;
mod attacks;
mod audit;
mod audit_reading;
mod aws_verbs;
mod confinement;
mod decisions;
mod doctor;
mod documents_audit;
mod e2e;
mod export;
mod fuzz;
mod gateshctl;
mod identity;
mod import;
mod invocation;
mod language;
mod layering;
mod packaging;
mod paths;
mod policy_files;
mod prompt;
mod readme;
mod regressions;
mod scenario;
mod screen;
mod synopsis;
mod templates;
mod terminal;
mod words;
