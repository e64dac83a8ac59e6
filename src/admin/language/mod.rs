//! A synopsis as a regular language, for whoever looks at a line where gatesh is not: the pattern of a Session
//! document's parameter, and sudo's own rules.
//!
//! The two want opposite things of it. The pattern stands before a gate that judges everything again, so it may let
//! through more than the rules and never less ([`line`]); sudo's rule stands behind the gate and runs things as
//! root, so it may let through less and never more ([`argv`]). What both are made of is the same: values
//! ([`values`]), and options as they are typed ([`options`]).

pub mod argv;
mod built_in;
mod expression;
mod letters;
pub mod line;
mod options;
mod paths;
mod regular;
mod unambiguous;
mod values;
mod write;

pub use letters::Letters;
pub use regular::Regular;
pub use write::Dialect;

/// Which way a language may differ from what the rule takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aim {
    /// Everything the rule takes, and perhaps more.
    AtLeast,
    /// Nothing but what the rule takes, and perhaps less.
    AtMost,
}
