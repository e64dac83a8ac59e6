//! What the kernel holds a confined program to, tried for real: every denial beside the same attempt made
//! without confinement, so that no test passes because the attempt could not have worked anyway.

mod attempts;
mod escapes;
mod matrix;
mod ordinary;
mod races;
mod trial;
