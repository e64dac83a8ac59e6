//! Names as text: folding, joining, cutting, and which of them can be a word at all.

use crate::policy::glob::printable;

/// What the kernel puts behind the name of an object that was unlinked.
const DELETED: &str = " (deleted)";

/// `typed`, from `directory`, made absolute and free of `.` and `..` as text alone. What a name with `..` leads
/// to is the kernel's to say; this decides only how a refusal reads.
pub(super) fn folded(directory: &[u8], typed: &[u8]) -> Vec<u8> {
    let mut names: Vec<&[u8]> = Vec::new();
    let from = if typed.starts_with(b"/") { &b""[..] } else { directory };
    for name in parts(from).chain(parts(typed)) {
        if name == b".." {
            names.pop();
        } else {
            names.push(name);
        }
    }
    [&b"/"[..], &names.join(&b'/')].concat()
}

/// The components that say something: neither empty nor `.`.
fn parts(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|name| !matches!(*name, b"" | b"."))
}

/// What each `..` of `typed` climbs out of, folded.
pub(super) fn climbed(directory: &[u8], typed: &[u8]) -> Vec<Vec<u8>> {
    let mut offset = 0;
    let mut climbed = Vec::new();
    for name in typed.split(|byte| *byte == b'/') {
        if name == b".." {
            climbed.push(folded(directory, typed.get(..offset).unwrap_or_default()));
        }
        offset += name.len() + 1;
    }
    climbed
}

/// Whether `directory` is `beneath` or stands above it.
pub(super) fn stands_above(directory: &[u8], beneath: &[u8]) -> bool {
    directory == b"/"
        || beneath.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// `name` in `directory`, which is absolute.
pub(super) fn joined(directory: &[u8], name: &[u8]) -> Vec<u8> {
    let slash: &[u8] = if directory.ends_with(b"/") { b"" } else { b"/" };
    [directory, slash, name].concat()
}

/// The directory part and the last name; `None` where the last is no plain name (`a/`, `..`, `.`).
pub(super) fn parent_and_last(typed: &str) -> Option<(&str, &str)> {
    let (directory, last) = match typed.rsplit_once('/') {
        Some(("", last)) => ("/", last),
        Some(parts) => parts,
        None => (".", typed),
    };
    (!matches!(last, "" | "." | "..")).then_some((directory, last))
}

/// The name as text, if it can be a word: UTF-8, nothing that cannot be seen, not of an unlinked object.
pub(super) fn usable(name: &[u8]) -> Option<&str> {
    let text = str::from_utf8(name).ok()?;
    // Most names are this plain, and a directory can have many.
    let is_plain = |byte: &u8| (b'!'..=b'~').contains(byte);
    if name.iter().all(is_plain) && !name.ends_with(b")") {
        return Some(text);
    }
    (text.chars().all(printable) && !text.ends_with(DELETED)).then_some(text)
}
