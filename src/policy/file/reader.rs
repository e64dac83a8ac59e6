//! Walks a parsed document value by value and collects every fault instead of stopping at the first.

use std::cell::RefCell;

use super::cures::{self, Shape};
use super::document::Document;
use super::synonyms;
use super::tree::{Field, Kind, Node};
use crate::excerpt::Span;
use crate::excerpt::nearest;
use crate::policy::fault::{Fault, Severity};

/// A kind of table and the keys it knows, each with an example of its value.
#[derive(Debug)]
pub(super) struct Section {
    /// As it is written: `[[allow]]`; empty for the file itself.
    pub(super) name: &'static str,
    pub(super) keys: &'static [(&'static str, &'static str)],
}

impl Section {
    pub(super) fn knows(&self, key: &str) -> bool {
        self.keys.iter().any(|(known, _)| *known == key)
    }

    /// The key of it that is most like one that it does not know, or says the same.
    pub(super) fn meant(&self, key: &str) -> Option<&'static str> {
        if self.knows(key) {
            return None;
        }
        let near = nearest(key, self.keys.iter().map(|(known, _)| *known));
        near.or_else(|| synonyms::key(key).filter(|ours| self.knows(ours)))
    }
}

/// A key and its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) key: &'a str,
    pub(super) key_span: Span,
    pub(super) value: Value<'a>,
}

/// A value with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    pub(super) inner: &'a Kind<'a>,
    pub(super) span: Span,
}

/// A string with its place, quotes included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'a> {
    pub(super) text: &'a str,
    pub(super) span: Span,
}

/// A table with the place of its header or braces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    inner: &'a [Field<'a>],
    pub(super) span: Span,
}

impl<'a> Value<'a> {
    fn of(node: &'a Node<'a>) -> Self {
        Self { inner: &node.kind, span: node.span }
    }

    /// What kind of value it is, with its article.
    pub(super) fn kind(self) -> &'static str {
        match self.inner {
            Kind::Text(_) => "a string",
            Kind::Integer(_) => "an integer",
            Kind::Float => "a number with a fraction",
            Kind::Boolean(_) => "true or false",
            Kind::Datetime => "a date or time",
            Kind::List(_) => "a list",
            Kind::Table(_) => "a table",
        }
    }

    pub(super) fn as_text(self) -> Option<Text<'a>> {
        match self.inner {
            Kind::Text(text) => Some(Text { text, span: self.span }),
            _ => None,
        }
    }

    pub(super) fn as_table(self) -> Option<Table<'a>> {
        match self.inner {
            Kind::Table(inner) => Some(Table { inner, span: self.span }),
            _ => None,
        }
    }

    pub(super) fn is_integer(self) -> bool {
        matches!(self.inner, Kind::Integer(_))
    }

    pub(super) fn items(self) -> Option<impl ExactSizeIterator<Item = Value<'a>>> {
        match self.inner {
            Kind::List(items) => Some(items.iter().map(Value::of)),
            _ => None,
        }
    }
}

impl<'a> Table<'a> {
    /// The whole document's.
    pub(super) fn of(tree: &'a Node<'a>) -> Self {
        Value::of(tree).as_table().unwrap_or(Self { inner: &[], span: tree.span })
    }

    pub(super) fn entries(self) -> impl Iterator<Item = Entry<'a>> {
        self.inner.iter().map(Entry::of)
    }

    pub(super) fn get(self, key: &str) -> Option<Entry<'a>> {
        self.inner.iter().find(|field| field.key == key).map(Entry::of)
    }
}

impl<'a> Entry<'a> {
    fn of(field: &'a Field<'a>) -> Self {
        Self { key: &field.key, key_span: field.key_span, value: Value::of(&field.value) }
    }
}

/// Reads one document.
#[derive(Debug)]
pub(super) struct Reader<'d> {
    pub(super) document: &'d Document,
    /// Whether warnings are wanted too (`check`); the gate has no use for them.
    pub(super) thorough: bool,
    faults: RefCell<Vec<Fault>>,
}

impl<'d> Reader<'d> {
    pub(super) fn new(document: &'d Document, thorough: bool) -> Self {
        Self { document, thorough, faults: RefCell::default() }
    }

    pub(super) fn say(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    /// An error at a span, to be completed and said.
    pub(super) fn at(&self, id: &'static str, span: Span, message: impl Into<String>) -> Fault {
        self.document.fault(id, span, message)
    }

    pub(super) fn warn(&self, id: &'static str, span: Span, message: impl Into<String>) -> Fault {
        self.at(id, span, message).severity(Severity::Warning)
    }

    pub(super) fn is_clean(&self) -> bool {
        self.faults.borrow().is_empty()
    }

    /// Everything found, in the order of the text.
    pub(super) fn into_faults(self) -> Vec<Fault> {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|fault| fault.spans.first().copied());
        faults
    }

    pub(super) fn text<'a>(&self, entry: &Entry<'a>) -> Option<Text<'a>> {
        self.shaped(entry, entry.value.as_text(), Shape::Text)
    }

    pub(super) fn texts<'a>(&self, entry: &Entry<'a>) -> Vec<Text<'a>> {
        self.texts_in(entry.key, entry.value)
    }

    /// As [`Self::texts`], for a value that is no entry's whole value.
    pub(super) fn texts_in<'a>(&self, key: &str, value: Value<'a>) -> Vec<Text<'a>> {
        let Some(items) = value.items() else {
            self.say(self.shape(key, value, Shape::Strings));
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item.as_text() {
                Some(text) => texts.push(text),
                None => self.say(
                    self.at("wrong-type", item.span, format!("\"{key}\" must be a list of strings"))
                        .label(format!("this is {}", item.kind())),
                ),
            }
        }
        texts
    }

    pub(super) fn boolean(&self, entry: &Entry<'_>) -> Option<bool> {
        self.shaped(entry, boolean(entry.value), Shape::Flag)
    }

    pub(super) fn table<'a>(&self, entry: &Entry<'a>) -> Option<Table<'a>> {
        self.shaped(entry, entry.value.as_table(), Shape::Table)
    }

    /// An integer within bounds.
    pub(super) fn integer(&self, entry: &Entry<'_>, min: i64, max: i64) -> Option<i64> {
        let number = integer(entry.value);
        if number.is_none() && !entry.value.is_integer() {
            self.say(self.shape(entry.key, entry.value, Shape::Integer));
            return None;
        }
        let held = number.filter(|number| (min..=max).contains(number));
        if held.is_none() {
            let message = format!("\"{}\" must be from {min} to {max}", entry.key);
            self.say(self.at("out-of-range", entry.value.span, message));
        }
        held
    }

    /// `[[key]]` tables.
    pub(super) fn tables<'a>(&self, entry: &Entry<'a>) -> Vec<Table<'a>> {
        let Some(items) = entry.value.items() else {
            let message = format!("each \"{0}\" is written [[{0}]], with two brackets", entry.key);
            self.say(self.at("wrong-type", entry.value.span, message));
            return Vec::new();
        };
        let shaped = items.filter_map(|item| {
            let table = item.as_table();
            if table.is_none() {
                self.say(self.shape(entry.key, item, Shape::Table));
            }
            table
        });
        shaped.collect()
    }

    fn shaped<T>(&self, entry: &Entry<'_>, value: Option<T>, shape: Shape) -> Option<T> {
        if value.is_none() {
            self.say(self.shape(entry.key, entry.value, shape));
        }
        value
    }

    /// A value that is of another kind than it must be.
    pub(super) fn shape(&self, key: &str, value: Value<'_>, shape: Shape) -> Fault {
        let fault = self
            .at("wrong-type", value.span, format!("\"{key}\" must be {shape}"))
            .label(format!("this is {}", value.kind()));
        let written = self.document.slice(value.span);
        let cure = match (shape, value.inner) {
            (Shape::Strings, Kind::Text(text))
                if key == "operators" && matches!(text.as_ref(), "" | "none") =>
            {
                Some("write operators = []".to_owned())
            }
            (Shape::Strings | Shape::Lines, Kind::Text(text))
                if !written.contains('\n') && cures::may_be_listed(key, text) =>
            {
                Some(format!("write {key} = [{written}]"))
            }
            (Shape::Text, Kind::Integer(_)) => {
                Some(format!("write {key} = {}", cures::as_text(key, written)))
            }
            (Shape::Text, Kind::Float | Kind::Boolean(_)) => Some(format!("write {key} = \"{written}\"")),
            _ => cures::example(key, shape).map(|example| format!("such as  {key} = {example}")),
        };
        fault.cures(cure)
    }

    /// A key that the section does not know.
    pub(super) fn unknown(&self, entry: &Entry<'_>, section: &Section) {
        let near = section.meant(entry.key);
        let example = section.keys.iter().find(|(key, _)| Some(*key) == near);
        let place = if section.name.is_empty() { "" } else { " in " };
        let message = format!("unknown key \"{}\"{place}{}", entry.key, section.name);
        let fault = self.at("unknown-key", entry.key_span, message);
        self.say(if let Some((key, example)) = example {
            fault.label(match self.brackets(entry.key_span) {
                "" => format!("did you mean \"{key}\"? {key} = {example}"),
                _ if matches!(*key, "allow" | "deny") => format!("did you mean [[{key}]]?"),
                _ => format!("did you mean [{key}]?"),
            })
        } else {
            let known: Vec<&str> = section.keys.iter().map(|(key, _)| *key).collect();
            fault.cures(cures::in_lines(&format!("known are {}", known.join(", "))))
        });
    }

    /// What a key of a header stands in: `[` or `[[`.
    fn brackets(&self, key: Span) -> &str {
        let before = self.document.text().get(..key.start).unwrap_or_default();
        before.get(before.trim_end_matches('[').len()..).unwrap_or_default()
    }

    /// Where a part of a string stands in the file; the whole string where escapes make that unclear.
    pub(super) fn inside(&self, text: Text<'_>, part: Span) -> Span {
        let raw = self.document.slice(text.span);
        let skip = ["\"\"\"\n", "'''\n", "\"\"\"", "'''", "\"", "'"].iter().find_map(|open| {
            let rest = raw.strip_prefix(open)?.strip_suffix(open.trim_end())?;
            (rest == text.text).then_some(open.len())
        });
        match skip {
            Some(skip) if part.end <= text.text.len() => part.shifted(text.span.start + skip),
            _ => text.span,
        }
    }

    /// Picks the value of a word out of a list of pairs, or says what could have stood there.
    pub(super) fn choose<T: Copy>(&self, entry: &Entry<'_>, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(entry)?;
        let found = choices.iter().find(|(name, _)| *name == text.text);
        if found.is_none() {
            let names: Vec<String> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            let message = format!("\"{}\" must be {}", entry.key, names.join(" or "));
            let near = nearest(text.text, choices.iter().map(|(name, _)| *name));
            let fault = self.at("unknown-word", text.span, message);
            self.say(match near {
                Some(near) => fault.label(format!("did you mean \"{near}\"?")),
                None => fault,
            });
        }
        found.map(|(_, value)| *value)
    }
}

/// The value as an integer, if it is one that fits.
pub(super) fn integer(value: Value<'_>) -> Option<i64> {
    match value.inner {
        Kind::Integer(number) => *number,
        _ => None,
    }
}

fn boolean(value: Value<'_>) -> Option<bool> {
    match value.inner {
        Kind::Boolean(value) => Some(*value),
        _ => None,
    }
}
