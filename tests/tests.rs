//! The one integration binary: each module is a topic.

mod attacks;
mod audit;
mod confinement;
mod e2e;
mod identity;
mod invocation;
mod layering;
mod paths;
mod scenario;
mod screen;
mod synopsis;
mod terminal;
mod words;
