//! Text to table; what the TOML parser objects to, in the words of somebody who writes a rule file.

use toml::de::{DeTable, DeValue, Error};

use super::document::Document;
use super::plain;
use super::tree::Node;
use crate::excerpt::Span;
use crate::policy::fault::Fault;

/// One mistake makes the parser stumble again and again; after this many lines nothing is gained.
const MOST_FAULTS: usize = 20;

/// The whole table, or every fault of its syntax.
pub(super) fn parse(document: &Document) -> Result<Node<'_>, Vec<Fault>> {
    if let Some(tree) = plain::read(document.text()) {
        return Ok(tree);
    }
    let first = match DeTable::parse(document.text()) {
        Ok(table) => return Ok(Node::of(table)),
        Err(error) => error,
    };
    let (table, mut errors) = DeTable::parse_recoverable(document.text());
    if errors.is_empty() {
        errors.push(first);
    }
    let open = |what: &str| errors.iter().any(|error| error.message().starts_with(what));
    let (list_open, braces_open) = (open("unclosed array"), open("unclosed inline table"));
    let list = open_list(table.get_ref(), document.text().trim_end().len());
    if let Some(quote) = list.filter(|_| list_open).and_then(|at| open_string(document.text(), at)) {
        let fault = document.fault("syntax", quote, "a string is not closed in its line");
        return Err(vec![fault.label("the closing quote is missing")]);
    }
    if let Some(at) = list.filter(|_| list_open) {
        let fault = document.fault("syntax", Span::new(at, at + 1), "a list is not closed");
        return Err(vec![fault.label("its ] is missing")]);
    }
    // What follows in the same line is most often an echo, and so is all that an open brace swallows.
    errors.sort_by_key(|error| (document.line(start(error)), rank(error), start(error)));
    errors.dedup_by_key(|error| document.line(start(error)));
    errors.truncate(if list_open || braces_open { 1 } else { MOST_FAULTS });
    let mut faults: Vec<Fault> = errors.iter().map(|error| explain(document, error)).collect();
    // A line further on, but said of the same place.
    faults.dedup_by(|later, earlier| later.position == earlier.position);
    Err(faults)
}

fn start(error: &Error) -> usize {
    error.span().unwrap_or_default().start
}

/// Of several errors in a line, the ones that name the cause come first.
fn rank(error: &Error) -> u8 {
    let causes = ["missing comma", "extra assignment", "invalid basic string", "unclosed table"];
    u8::from(!causes.iter().any(|cause| error.message().starts_with(cause)))
}

/// Where the list begins that runs to the end of the text.
fn open_list(table: &DeTable<'_>, end: usize) -> Option<usize> {
    table.values().find_map(|value| {
        let span = value.span();
        match value.get_ref() {
            DeValue::Array(_) if span.end >= end => Some(span.start),
            DeValue::Array(items) => items.iter().find_map(|item| open_list(item.get_ref().as_table()?, end)),
            DeValue::Table(inner) => open_list(inner, end),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => None,
        }
    })
}

/// The string behind which the list at `start` never ends, because its quote is not closed: where it begins. Only of
/// plain strings, and only as far as the first that is open.
fn open_string(text: &str, start: usize) -> Option<Span> {
    let rest = text.get(start..)?;
    let mut open: Option<(usize, char)> = None;
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match (open, c) {
            (Some((begun, _)), '\n') => return Some(Span::new(start + begun, start + at)),
            (Some((_, '"')), '\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some((_, quote)), c) if c == quote && !escaped => open = None,
            (None, '"' | '\'') => open = Some((at, c)),
            // A comment may hold any quote.
            (None, '#') => return None,
            _ => {}
        }
        escaped = false;
    }
    open.map(|(begun, _)| Span::new(start + begun, text.trim_end().len()))
}

fn explain(document: &Document, error: &Error) -> Fault {
    let range = error.span().unwrap_or_default();
    let span = Span::new(range.start, range.end);
    let said = error.message();
    let at = |span, message: &str| document.fault("syntax", span, message);
    let begins = |start: &str| said.starts_with(start);
    if begins("missing comma between array elements") {
        at(end_of_element(document.text(), span.start), "a comma is missing between two values").label("here")
    } else if begins("extra assignment") || begins("missing comma") {
        at(end_before_key(document.text(), span.start), "a comma is missing between two keys").label("here")
    } else if begins("string values must be quoted") || begins("invalid boolean") {
        unquoted(document, span)
    } else if begins("duplicate key") {
        twice(document, span)
    } else if begins("key with no value") {
        at(span, "a key without a value").label("= and a value are missing")
    } else if begins("invalid basic string") || begins("missing opening quote") {
        at(span, "a string is not closed in its line").label("the closing quote is missing")
    } else if begins("unexpected leading zero") {
        let number = number_at(document.text(), span.start);
        at(number, "a number does not begin with 0")
            .label(format!("as text it stands in quotes: \"{}\"", document.slice(number)))
    } else if begins("invalid fraction")
        && document.slice(number_at(document.text(), span.start)).contains("..")
    {
        let range = number_at(document.text(), span.start);
        at(range, "a range is not written with ..")
            .label(format!("write two numbers: {}", document.slice(range).replace("..", ", ")))
    } else if begins("missing escaped value") {
        at(span, "\\ begins an escape in \"...\"")
            .label("no such escape")
            .cure("write the string in '...', where \\ stands for itself")
    } else if begins("unclosed table") {
        at(span, "a [ header ] is not closed").label("] is missing")
    } else if begins("unexpected key or value") {
        at(span, "something follows the value").label("each key begins in a line of its own")
    } else {
        at(span, said.split(", expected").next().unwrap_or(said))
    }
}

fn unquoted(document: &Document, span: Span) -> Fault {
    let message = "a value must stand in quotes, or be a number, true, false or a list";
    let fault = document.fault("syntax", span, message);
    match document.slice(span) {
        "" => fault.label("nothing stands here"),
        word @ ("True" | "TRUE" | "False" | "FALSE") => {
            fault.label(format!("write {}", word.to_ascii_lowercase()))
        }
        word => fault.label(format!("write \"{word}\"")),
    }
}

/// The digits and dots around an offset.
fn number_at(text: &str, offset: usize) -> Span {
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    let (before, behind) = text.split_at_checked(offset).unwrap_or((text, ""));
    let start = before.trim_end_matches(is_part).len();
    let end = text.len() - behind.trim_start_matches(is_part).len();
    Span::new(start, end)
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

/// The place before the key that an `=` at `offset` belongs to, right behind the value there.
fn end_before_key(text: &str, offset: usize) -> Span {
    let before = text.get(..offset).unwrap_or(text).trim_end();
    let key =
        before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '"' | '\''));
    let end = key.trim_end().len();
    Span::new(end, end)
}
