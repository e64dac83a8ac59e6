//! gateshctl: one verb, one file, on the same library that decides for the gate.

pub mod documents;
