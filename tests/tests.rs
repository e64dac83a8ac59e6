//! The one integration binary: each module is a topic.

mod audit;
mod confinement;
mod identity;
mod invocation;
mod layering;
mod paths;
mod synopsis;
mod words;
