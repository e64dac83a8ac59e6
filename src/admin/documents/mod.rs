//! Session documents as Systems Manager has them: read, audited, and turned into group files.

pub mod automata;
pub mod holes;
pub mod document;
pub mod finding;
pub mod node;
