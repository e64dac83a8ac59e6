//! The one integration binary: each module is a topic.

mod attacks;
mod audit;
mod confinement;
mod identity;
mod invocation;
mod layering;
mod paths;
mod policy_files;
mod scenario;
mod synopsis;
mod words;
