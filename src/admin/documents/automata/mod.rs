//! Finite automata over text: what two languages have in common, and the shortest text that shows it.
//!
//! A pattern becomes a [`Tree`] as the agent reads it, a [`Language`] says which of its texts are wanted, and
//! [`shortest`] walks several languages side by side, breadth first, until a text is in all of them: the first
//! one found is the shortest there is, and finding none proves that there is none.

mod alphabet;
mod charset;
mod language;
mod machine;
mod product;
mod syntax;

pub use charset::{CharSet, own, plain};
pub use language::Language;
pub use product::{Search, TooLarge, shortest};
pub use syntax::{Look, PatternFault, PatternFaultKind, Tree, read};

#[cfg(test)]
mod tests;
