//! Names of the host's users, groups and units, for completion. What the type takes is still judged on its own.

use std::collections::BTreeSet;
use std::path::Path;

use crate::policy::types::BuiltIn;
use crate::policy::types::{Kind, Type};
use crate::sys::read_bounded;

/// A user or group file that is longer is completed from its beginning... by nobody: it is left alone.
const LONGEST: u64 = 4 << 20;

/// Where systemd looks for units (systemd.unit(5)).
const UNITS: &[&str] = &[
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

/// The names that are values of `wanted`; empty where its values are no names.
pub(super) fn of(wanted: &Type) -> Vec<String> {
    let found = match &wanted.kind {
        Kind::BuiltIn(BuiltIn::User) => keys(Path::new("/etc/passwd")),
        Kind::BuiltIn(BuiltIn::Group) => keys(Path::new("/etc/group")),
        Kind::BuiltIn(BuiltIn::Unit) => {
            UNITS.iter().flat_map(|directory| units(Path::new(directory))).collect()
        }
        Kind::OneOf(values) => return values.clone(),
        Kind::BuiltIn(_) | Kind::Path(_) | Kind::Regex(_) | Kind::Integer { .. } => BTreeSet::new(),
    };
    found.into_iter().filter(|name| wanted.takes(name, false)).collect()
}

fn keys(file: &Path) -> BTreeSet<String> {
    let text = read_bounded(file, LONGEST).unwrap_or_default();
    let lines = text.split(|byte| *byte == b'\n');
    let key = |line: &[u8]| line.split(|byte| *byte == b':').next().map(<[u8]>::to_vec);
    lines.filter_map(key).filter_map(|name| String::from_utf8(name).ok()).collect()
}

/// A template is no unit, and what is wanted by others lies in directories of its own.
fn units(directory: &Path) -> BTreeSet<String> {
    const KINDS: &[&str] = &["service", "socket", "timer", "target", "mount", "path", "slice"];
    let Ok(entries) = std::fs::read_dir(directory) else { return BTreeSet::new() };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let is_unit = |name: &String| {
        let kind = name.rsplit_once('.').is_some_and(|(_, kind)| KINDS.contains(&kind));
        kind && !name.contains("@.")
    };
    names.filter(is_unit).collect()
}
