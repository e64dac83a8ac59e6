//! What the kernel holds a confined program to, tried for real: every denial beside the same attempt made
//! without confinement, so that no test passes because the attempt could not have worked anyway.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::many_single_char_names,
    reason = "tests may panic, and hostile calls take any number for any other"
)]

mod attempts;
mod calls;
mod document;
mod escapes;
mod files;
pub(crate) mod gate;
mod lists;
mod matrix;
mod ordinary;
mod others;
mod races;
mod requests;
mod trial;
