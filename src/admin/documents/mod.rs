//! Session documents as Systems Manager has them: read, audited, and turned into group files.

pub mod audit;
pub mod automata;
pub mod document;
pub mod finding;
pub mod holes;
pub mod import;
pub mod node;
mod pasted;
mod template;
