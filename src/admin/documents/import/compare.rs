//! What only one side takes: the old pattern as it was meant, and the proposed synopses.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::super::automata::{Language, read, shortest};
use super::lines::{Piece, Word};
use super::synopses::{Draft, Element, Kind, NamedType};

/// Comments for the head of the file: the shortest line of each kind that one side takes and the other does not.
pub(super) fn differences(lines: &[Vec<Word>], drafts: &[Draft], types: &[NamedType]) -> String {
    let mut out = String::from("#\n# Where the two differ:\n");
    let old: Vec<String> = lines.iter().map(|line| old_line(line)).collect();
    let new: Vec<String> = drafts.iter().map(|draft| new_line(draft, types)).collect();
    let only = |one: &str, other: &str| {
        let (one, other) = (read(one).ok()?, read(other).ok()?);
        shortest(&[&Language::described(&one), &Language::described(&other).except()]).ok().flatten()
    };
    let each = |kinds: &[String], others: &[String]| -> BTreeSet<String> {
        let others = union(others.iter());
        kinds.iter().filter_map(|kind| only(kind, &others)).collect()
    };
    for line in each(&old, &new) {
        let _ = writeln!(out, "#   only the old pattern takes  {line}");
    }
    for line in each(&new, &old) {
        let _ = writeln!(out, "#   only the new rules take     {line}");
    }
    out += &notes(drafts, types);
    out
}

fn notes(drafts: &[Draft], types: &[NamedType]) -> String {
    let mut out =
        String::from("#   a newline, tab or any other \\s counted as a blank; now only a blank does\n");
    for NamedType { name, kind } in types {
        let _ = match kind {
            Kind::File { beginning, ending } => writeln!(
                out,
                "#   <{name}> was any path{}; write the globs that were meant",
                shape(beginning, ending)
            ),
            Kind::Directory => writeln!(out, "#   <{name}> was any path; write the globs that were meant"),
            Kind::Package => writeln!(
                out,
                "#   <{name}> is a package's name: no file, option or pattern; + and . may be in it"
            ),
            Kind::Expression(_) => writeln!(out, "#   <{name}> never begins with -"),
        };
    }
    for draft in drafts.iter().filter(|draft| draft.dashes) {
        let now = draft.options().map_or("now none is".to_owned(), |options| format!("now {options} are"));
        let _ = writeln!(out, "#   any option was taken; {now}:  {}", draft.text());
    }
    out
}

fn shape(beginning: &str, ending: &str) -> String {
    match (beginning, ending) {
        ("", "") => String::new(),
        (beginning, "") => format!(" beginning with {beginning}"),
        ("", ending) => format!(" ending in {ending}"),
        (beginning, ending) => format!(" beginning with {beginning} and ending in {ending}"),
    }
}

fn union<'a>(patterns: impl Iterator<Item = &'a String>) -> String {
    patterns.map(|pattern| format!("(?:{pattern})")).collect::<Vec<_>>().join("|")
}

/// One blank between words on both sides, so that only the words are compared.
fn old_line(line: &[Word]) -> String {
    line.iter().map(old_word).collect::<Vec<_>>().join(" ")
}

fn old_word(word: &Word) -> String {
    let ink = |word: &Word| word.pieces.iter().map(old_piece).collect::<String>();
    if !word.several {
        return ink(word);
    }
    let one = class(word);
    format!("(?:{one}+ )*{}", ink(word))
}

fn old_piece(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => quoted(text),
        Piece::Class(set, least, most) => {
            let most = most.map_or(String::new(), |most| most.to_string());
            format!("{}{{{least},{most}}}", class_of(set))
        }
    }
}

fn class(word: &Word) -> String {
    class_of(&word.classes())
}

fn class_of(set: &super::super::automata::CharSet) -> String {
    let shown = set.chars().filter(char::is_ascii_graphic).map(|c| format!("\\x{{{:x}}}", u32::from(c)));
    format!("[{}]", shown.collect::<Vec<_>>().concat())
}

fn quoted(text: &str) -> String {
    format!("\\Q{text}\\E")
}

fn new_line(draft: &Draft, types: &[NamedType]) -> String {
    let mut out = String::new();
    for (i, element) in draft.elements.iter().enumerate() {
        let blank = if i == 0 { "" } else { " " };
        match element {
            Element::Fixed(words) => {
                let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
                let _ = write!(out, "{blank}(?:{})", words.join("|"));
            }
            Element::Value { name, optional, repeated } => {
                let value = format!("{blank}(?:{})", of_type(name, types));
                let count = match (optional, repeated) {
                    (true, true) => "*",
                    (true, false) => "?",
                    (false, true) => "+",
                    (false, false) => "",
                };
                let _ = write!(out, "(?:{value}){count}");
            }
        }
    }
    out
}

/// Paths compare as any path, since the globs are not known.
fn of_type(name: &str, types: &[NamedType]) -> String {
    match types.iter().find(|known| known.name == name).map(|known| &known.kind) {
        Some(Kind::File { ending, .. }) => format!("[A-Za-z0-9_./][A-Za-z0-9_./-]*{}", quoted(ending)),
        Some(Kind::Directory) => "[A-Za-z0-9_./][A-Za-z0-9_./-]*".to_owned(),
        Some(Kind::Package) | None => "[A-Za-z0-9](?:[A-Za-z0-9+._-]*[A-Za-z0-9._])?".to_owned(),
        Some(Kind::Expression(expression)) => expression.clone(),
    }
}

/// Lines that a draft takes, one for each fixed choice; none where a path is needed and no glob is known.
pub(super) fn samples(
    draft: &Draft,
    types: &[NamedType],
    files: &[String],
    directories: &[String],
) -> Vec<String> {
    let mut lines = vec![String::new()];
    for element in &draft.elements {
        let words = match element {
            Element::Fixed(words) => words.clone(),
            Element::Value { optional: true, .. } => vec![String::new()],
            Element::Value { name, .. } => sample(name, types, files, directories).into_iter().collect(),
        };
        lines =
            lines.iter().flat_map(|line| words.iter().map(move |word| format!("{line} {word}"))).collect();
    }
    lines.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn sample(name: &str, types: &[NamedType], files: &[String], directories: &[String]) -> Option<String> {
    let under = |globs: &[String], leaf: &str| {
        let glob = globs.first()?.replace("{home}", "~");
        let start = glob.split('*').next()?.trim_end_matches('/').to_owned();
        Some(if glob.contains('*') { format!("{start}/{leaf}") } else { glob })
    };
    match &types.iter().find(|known| known.name == name)?.kind {
        Kind::File { ending, .. } => under(files, &format!("x{ending}")),
        Kind::Directory => under(directories, "x"),
        Kind::Package => Some("x".to_owned()),
        Kind::Expression(expression) => {
            let all = Language::described(&read("[^-](?s:.*)").ok()?);
            shortest(&[&Language::described(&read(expression).ok()?), &all]).ok().flatten()
        }
    }
}
