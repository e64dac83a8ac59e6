//! Text to table; what the TOML parser objects to, in the words of somebody who writes a rule file.

use toml::Spanned;
use toml::de::{DeTable, Error};

use super::document::Document;
use crate::excerpt::Span;
use crate::policy::fault::Fault;

/// One mistake makes the parser stumble again and again; after this many lines nothing is gained.
const MOST_FAULTS: usize = 20;

/// The whole table, or every fault of its syntax.
pub(super) fn parse(document: &Document) -> Result<Spanned<DeTable<'_>>, Vec<Fault>> {
    let first = match DeTable::parse(document.text()) {
        Ok(table) => return Ok(table),
        Err(error) => error,
    };
    let (_, mut errors) = DeTable::parse_recoverable(document.text());
    if errors.is_empty() {
        errors.push(first);
    }
    let mut faults: Vec<Fault> = errors.iter().map(|error| explain(document, error)).collect();
    faults.sort_by_key(|fault| fault.spans.first().copied());
    // What follows in the same line is most often an echo.
    faults.dedup_by_key(|fault| fault.position.map(|(line, _)| line));
    faults.truncate(MOST_FAULTS);
    Err(faults)
}

fn explain(document: &Document, error: &Error) -> Fault {
    let range = error.span().unwrap_or_default();
    let span = Span::new(range.start, range.end);
    let said = error.message();
    let at = |span, message: &str| document.fault("syntax", span, message);
    let begins = |start: &str| said.starts_with(start);
    if begins("missing comma between array elements") {
        at(end_of_element(document.text(), span.start), "a comma is missing between two values").label("here")
    } else if begins("missing comma between key-value pairs") {
        at(end_of_element(document.text(), span.start), "a comma is missing between two keys").label("here")
    } else if begins("string values must be quoted") {
        let fault = at(span, "a value must stand in quotes, or be a number, true, false or a list");
        match document.slice(span) {
            "" => fault.label("nothing stands here"),
            word => fault.label(format!("write \"{word}\"")),
        }
    } else if begins("unclosed array") {
        at(end_of_element(document.text(), span.start), "a list is not closed").label("] is missing")
    } else if begins("duplicate key") {
        twice(document, span)
    } else if begins("key with no value") {
        at(span, "a key without a value").label("= and a value are missing")
    } else if begins("invalid basic string") || begins("invalid literal string") {
        at(span, "a string is not closed in its line").label("the closing quote is missing")
    } else if begins("missing escaped value") {
        at(span, "\\ begins an escape in \"...\"")
            .label("no such escape")
            .cure("write the string in '...', where \\ stands for itself")
    } else {
        at(span, &said.to_lowercase())
    }
}

fn twice(document: &Document, span: Span) -> Fault {
    let name = document.slice(span);
    let fault = document.fault("syntax", span, format!("\"{name}\" is given twice"));
    match document.text().get(..span.start).and_then(|before| before.chars().next_back()) {
        Some('[') => fault.label("put both parts together, below the first"),
        _ => fault.label("only one of them can hold"),
    }
}

/// The place right behind the element before `offset`: there the comma belongs, and not in front of the next
/// line. A comment behind the element is stepped over.
fn end_of_element(text: &str, offset: usize) -> Span {
    let before = text.get(..offset).unwrap_or(text).trim_end();
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let last = before.get(line..).unwrap_or_default();
    let end = match (last.rfind(['"', '\'']), last.contains('#')) {
        (Some(quote), true) => line + quote + 1,
        _ => before.len(),
    };
    Span::new(end, end)
}
