//! What people and other programs call the things of a rule file: words too far from ours for a slip of the finger.

/// Theirs, and the key that says it here.
const KEYS: &[(&str, &str)] = &[
    ("alias", "aliases"),
    ("choice", "one_of"),
    ("choices", "one_of"),
    ("cmd", "commands"),
    ("cmds", "commands"),
    ("desc", "description"),
    ("dir", "directory"),
    ("dirs", "directories"),
    ("enum", "one_of"),
    ("environment", "env"),
    ("exclude", "except"),
    ("folder", "directory"),
    ("int", "integer"),
    ("mem", "memory"),
    ("nofile", "files"),
    ("nproc", "processes"),
    ("number", "integer"),
    ("pattern", "regex"),
    ("procs", "processes"),
    ("range", "integer"),
    ("regexp", "regex"),
    ("sets", "include"),
    ("tests", "cases"),
    ("time", "hours"),
    ("timezone", "zone"),
    ("tz", "zone"),
    ("values", "one_of"),
];

/// Theirs, and the built-in type that takes it.
const TYPES: &[(&str, &str)] = &[
    ("address", "host"),
    ("hostname", "host"),
    ("int", "number"),
    ("integer", "number"),
    ("ip", "host"),
    ("name", "word"),
    ("num", "number"),
    ("pattern", "glob"),
    ("pkg", "package"),
    ("service", "unit"),
    ("str", "text"),
    ("string", "text"),
    ("time", "date"),
    ("username", "user"),
];

/// Names that say a path, and the kind of type that has to say where.
const PATHS: &[(&str, &str)] = &[
    ("dir", "directory"),
    ("directory", "directory"),
    ("file", "file"),
    ("filename", "file"),
    ("folder", "directory"),
    ("log", "file"),
    ("logfile", "file"),
    ("path", "path"),
];

fn ours(table: &[(&str, &'static str)], theirs: &str) -> Option<&'static str> {
    table.iter().find(|(name, _)| *name == theirs).map(|(_, ours)| *ours)
}

/// The key that says what `theirs` says elsewhere.
pub(super) fn key(theirs: &str) -> Option<&'static str> {
    ours(KEYS, theirs)
}

/// The built-in type that takes what `theirs` is elsewhere.
pub(super) fn built_in(theirs: &str) -> Option<&'static str> {
    ours(TYPES, theirs)
}

/// `file`, `directory` or `path`, if the name of a type says that it is one.
pub(super) fn path_kind(name: &str) -> Option<&'static str> {
    ours(PATHS, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::types::Type;

    #[test]
    fn every_table_is_in_order_without_doubles() {
        for table in [KEYS, TYPES, PATHS] {
            assert!(table.windows(2).all(|pair| pair[0].0 < pair[1].0), "{table:?}");
        }
    }

    #[test]
    fn no_word_of_theirs_is_a_built_in_type() {
        for (theirs, ours) in TYPES {
            assert!(!Type::BUILT_IN.contains(theirs) && Type::BUILT_IN.contains(ours), "{theirs} {ours}");
        }
    }
}
