//! gatesh: the gatekeeper shell an AWS Session Manager session lands in.
//!
//! A line is read ([`input`]), *cut* into words ([`words`]), *named* as a built-in or as commands joined by
//! operators ([`command`]), *judged* against the rules of the person's groups ([`policy`]), *recorded*
//! ([`audit`]) and *run* without any shell ([`launch`]); [`identity`] says whose it is. [`shell`] is the only
//! place that knows this whole flow; [`admin`] (gateshctl) shows the same decisions to administrators.
//!
//! The modules stand from the ground up: each uses only what stands above it (`tests/layering.rs` holds the
//! table). [`excerpt`] and [`sys`] are leaves.

pub mod excerpt;
pub mod sys;

pub mod words;

pub mod command;

pub mod identity;

pub mod policy;

pub mod launch;

pub mod audit;

pub mod input;

pub mod shell;

pub mod admin;
