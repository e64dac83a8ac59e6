//! The built-in demonstration: the published log-reader group for whoever runs it, root included, with audit on
//! standard error. It needs no installation and no set-up.

/// `gatesh.toml` of the demonstration.
pub const HOST: &str = "[session]\nroot = true\n";

/// The group's name and file.
pub const GROUP: (&str, &str) = ("log-readers", include_str!("../../config/groups.d/log-readers.toml"));

/// The sets it includes.
pub const SETS: &[(&str, &str)] = &[("filters", include_str!("../../config/sets.d/filters.toml"))];
