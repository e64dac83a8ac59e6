//! The one integration binary: each module is a topic.

mod layering;
mod words;
