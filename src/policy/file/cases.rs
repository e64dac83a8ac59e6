//! `[cases]`: lines and what must come out of them.

use super::cures::Shape;
use super::group::FILE;
use super::reader::{Entry, Reader, Section, Text, Value};
use super::rule::misplaced;
use crate::policy::{Case, Expect};

pub(super) const CASES: Section = Section {
    name: "[cases]",
    keys: &[
        ("allow", r#"["ls /var/log"]"#),
        ("deny", r#"["ls /root", { line = "cat /etc/shadow", because = "does not match" }]"#),
    ],
};
const CASE: Section =
    Section { name: "a case", keys: &[("line", r#""cat /etc/shadow""#), ("because", r#""does not match""#)] };

pub(super) fn read(reader: &Reader<'_>, section: &Entry<'_>) -> Vec<Case> {
    let mut cases = Vec::new();
    let Some(table) = reader.table(section) else { return cases };
    for entry in table.entries() {
        match entry.key {
            "allow" | "deny" => cases.extend(list(reader, &entry)),
            key if FILE.knows(key) => {
                misplaced(reader, table, &entry, CASES.name);
            }
            _ => reader.unknown(&entry, &CASES),
        }
    }
    cases.sort_by_key(|case| case.place.line);
    cases
}

fn list(reader: &Reader<'_>, entry: &Entry<'_>) -> Vec<Case> {
    let Some(items) = entry.value.items() else {
        reader.say(reader.shape(entry.key, entry.value, Shape::Lines));
        return Vec::new();
    };
    let allow = entry.key == "allow";
    items.filter_map(|item| case(reader, item, allow)).collect()
}

fn case(reader: &Reader<'_>, item: Value<'_>, allow: bool) -> Option<Case> {
    let (line, because) = match (item.as_text(), item.as_table()) {
        (Some(line), _) => (line, None),
        (None, Some(table)) => {
            for entry in table.entries().filter(|entry| !matches!(entry.key, "line" | "because")) {
                reader.unknown(&entry, &CASE);
            }
            let Some(line) = table.get("line") else {
                reader.say(
                    reader.at("case", table.span, "a case without a line").cure("write { line = \"...\" }"),
                );
                return None;
            };
            (reader.text(&line)?, table.get("because"))
        }
        (None, None) => {
            let fault =
                reader.at("case", item.span, "a case is a string or { line = \"...\", because = \"...\" }");
            reader.say(fault.label(format!("this is {}", item.kind())));
            return None;
        }
    };
    let expect = expectation(reader, because, allow)?;
    Some(Case { place: place(reader, line), line: line.text.to_owned(), expect })
}

fn expectation(reader: &Reader<'_>, because: Option<Entry<'_>>, allow: bool) -> Option<Expect> {
    match (because, allow) {
        (None, true) => Some(Expect::Allow),
        (None, false) => Some(Expect::Deny { because: None }),
        (Some(entry), true) => {
            reader.say(reader.at(
                "case",
                entry.key_span,
                "\"because\" goes with deny: what is allowed needs no reason",
            ));
            None
        }
        (Some(entry), false) => {
            reader.text(&entry).map(|text| Expect::Deny { because: Some(text.text.to_owned()) })
        }
    }
}

fn place(reader: &Reader<'_>, line: Text<'_>) -> crate::policy::Place {
    reader.document.place(line.span.start)
}
