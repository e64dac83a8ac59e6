//! Synopses from outside: the table of examples, and what a person would write for real roles.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper that panics is a test that fails"
)]

use std::rc::Rc;

use gatesh::policy::synopsis::{Fit, Stop, Synopsis, SynopsisFault, Value, ValueRefusal};
use gatesh::policy::types::{Access, BuiltIn, Kind, Object, PathType, Type};
use gatesh::words::Word;

mod expected;
mod faults;
pub(crate) mod generator;
mod matching;
mod oracle;
mod roles;

/// The types that the table's first line describes.
pub(crate) fn types(name: &str) -> Option<Rc<Type>> {
    let path = |object| {
        Kind::Path(PathType { object, globs: vec![], except: vec![], access: Access::Read, must_exist: true })
    };
    let kind = match name {
        "rows" | "n" => Kind::Integer { min: 0, max: 9999 },
        "log" => path(Object::File),
        "dir" => path(Object::Directory),
        "when" => Kind::OneOf(["auto", "always", "never"].map(String::from).to_vec()),
        "level" => Kind::OneOf(["info", "debug"].map(String::from).to_vec()),
        "qtype" | "x" | "id" | "path" => Kind::BuiltIn(BuiltIn::Word),
        other => return Type::built_in(other),
    };
    Some(Rc::new(Type { name: name.to_owned(), kind }))
}

pub(crate) fn parsed(text: &str) -> Result<Synopsis, Vec<SynopsisFault>> {
    Synopsis::parse(text, &types)
}

pub(crate) fn words(line: &str) -> Vec<Word> {
    line.split(' ').filter(|word| !word.is_empty()).map(|word| Word::plain(word).unwrap()).collect()
}

/// Paths are judged as text.
pub(crate) fn value(wanted: &Rc<Type>, text: &str, after_text: bool) -> Result<Value, ValueRefusal> {
    let takes = match wanted.name.as_str() {
        "log" => text.strip_suffix(".log").is_some(),
        "dir" => text.starts_with('/'),
        _ => wanted.takes(text, after_text),
    };
    if takes { Ok(Value::Text) } else { Err(ValueRefusal::Text) }
}

/// Holds a line, program first, against a synopsis without faults.
pub(crate) fn fit(synopsis: &str, line: &str) -> Result<Fit, Stop> {
    let synopsis = parsed(synopsis).unwrap();
    let mut words = words(line);
    words.remove(0);
    synopsis.fits(&words, &mut |wanted, _, text, after| value(wanted, text, after))
}

/// What the program would be given.
pub(crate) fn argv(synopsis: &str, line: &str) -> String {
    let fit = fit(synopsis, line).unwrap();
    fit.arguments.iter().map(|argument| argument.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn holds(synopsis: &str, line: &str, verdict: &str) -> bool {
    match verdict {
        "match" => fit(synopsis, line).is_ok(),
        "no" => fit(synopsis, line).is_err(),
        _ => parsed(synopsis).is_err(),
    }
}

#[test]
fn every_row_of_the_table_holds() {
    let rows = include_str!("fixtures/synopsis.tsv").lines().skip(1).collect::<Vec<_>>();
    assert!(rows.len() > 150, "{} rows", rows.len());
    let broken: Vec<&str> = rows
        .into_iter()
        .filter(|row| {
            let fields: Vec<&str> = row.split('\t').collect();
            !holds(fields[1], fields[2], fields[3])
        })
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}
