//! What to write instead: a cure that is copied as it stands must mend what it stands beneath.

use std::fmt;

use super::reader::{Entry, Reader, Section, Text, Value};
use super::{cases, deny, group, host, rule, terms, types, when};
use crate::excerpt::fold;

/// The examples of every key, those of a rule first.
const SECTIONS: [&Section; 12] = [
    &rule::ALLOW,
    &when::WHEN,
    &terms::LIMITS,
    &types::TYPE,
    &group::FILE,
    &deny::DENY,
    &cases::CASES,
    &host::SESSION,
    &host::PROGRAMS,
    &host::CONFINEMENT,
    &host::AUDIT,
    &host::FILE,
];

/// What a key's value is, as far as TOML knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Strings,
    Lines,
    Table,
    Text,
    Flag,
    Integer,
}

impl fmt::Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Strings => "a list of strings",
            Self::Lines => "a list of lines",
            Self::Table => "a table",
            Self::Text => "a string",
            Self::Flag => "true or false",
            Self::Integer => "an integer",
        })
    }
}

impl Shape {
    /// What a value of it begins with.
    fn begins(self) -> &'static [char] {
        match self {
            Self::Strings | Self::Lines => &['['],
            Self::Table => &['{'],
            Self::Text => &['"', '\''],
            Self::Flag => &['t', 'f'],
            Self::Integer => &['1', '2', '3', '4', '5', '6', '7', '8', '9'],
        }
    }
}

/// An example of a key's value that is of this shape.
pub(super) fn example(key: &str, shape: Shape) -> Option<&'static str> {
    let all = SECTIONS.iter().flat_map(|section| section.keys);
    let mut known = all.filter(|(name, example)| *name == key && !example.contains("..."));
    known.find(|(_, example)| example.starts_with(shape.begins())).map(|(_, example)| *example)
}

/// A number as the key's text has it: seconds where it is a duration, and the key's own example where another unit
/// is missing.
pub(super) fn as_text(key: &str, number: &str) -> String {
    let with_unit = example(key, Shape::Text).filter(|example| {
        let inner = example.trim_matches('"');
        inner.starts_with(|c: char| c.is_ascii_digit()) && inner.ends_with(|c: char| c.is_ascii_alphabetic())
    });
    match with_unit {
        Some(size) if size.contains(['K', 'M', 'G']) => size.to_owned(),
        Some(_) => format!("\"{number}s\""),
        None => format!("\"{number}\""),
    }
}

/// Whether a word that stands alone is one that the key's list takes.
pub(super) fn may_be_listed(key: &str, word: &str) -> bool {
    match key {
        "network" => matches!(word, "unix" | "inet" | "netlink"),
        "operators" => matches!(word, "|" | "&&" | "||" | ";"),
        "with" => word.starts_with('@'),
        _ => true,
    }
}

/// Columns of a cure: three stand before it.
const WIDTH: usize = 76;

/// A cure that lists names, in as many lines as they take.
pub(super) fn in_lines(text: &str) -> Vec<String> {
    fold("", "", text, WIDTH)
}

/// The absolute path that is most likely meant, `{home}` for a shell's spellings of it.
pub(super) fn absolute(written: &str) -> String {
    let home = ["~/", "$HOME/", "${HOME}/"].iter().find_map(|start| written.strip_prefix(start));
    match (home, written) {
        (Some(rest), _) => format!("{{home}}/{rest}"),
        (None, "~" | "$HOME" | "${HOME}") => "{home}".to_owned(),
        (None, _) => format!("/{written}"),
    }
}

/// The same without `.`, `..`, doubled and last slashes; `None` where a wildcard makes it unclear what `..` leaves.
pub(super) fn normal(path: &str) -> Option<String> {
    let (front, rest) = path.strip_prefix("{home}").map_or(("", path), |rest| ("{home}", rest));
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| last.contains(['*', '?'])) => return None,
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(format!("{front}/{}", parts.join("/"))).filter(|normal| normal != "/" && normal != path)
}

/// `/a/{b,c}/d` as the globs it stands for.
pub(super) fn without_braces(glob: &str) -> Option<Vec<String>> {
    let (before, rest) = glob.split_once('{')?;
    let (inside, after) = rest.split_once('}')?;
    let parts: Vec<&str> = inside.split(',').collect();
    let plain = parts.len() > 1 && !inside.contains('{') && !after.contains(['{', '}']);
    plain.then(|| parts.iter().map(|part| format!("{before}{part}{after}")).collect())
}

/// `"a", "b"`.
pub(super) fn quoted<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    texts.into_iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(", ")
}

/// A type made of what stands in the place of its table: of files where that is a path, else of words.
pub(super) fn as_type(reader: &Reader<'_>, entry: &Entry<'_>) -> Option<String> {
    let texts: Vec<Text<'_>> = match entry.value.items() {
        Some(items) => items.map(Value::as_text).collect::<Option<_>>()?,
        None => vec![entry.value.as_text()?],
    };
    let is_path = texts.first()?.text.starts_with(['/', '~', '{']);
    let kind = if is_path { "file" } else { "one_of" };
    let written: Vec<&str> = texts.iter().map(|text| reader.document.slice(text.span)).collect();
    let written = written.join(", ");
    (!written.contains('\n')).then(|| format!("write {} = {{ {kind} = [{written}] }}", entry.key))
}
