//! A parsed document: values with their places. [`super::plain`] makes one of what most files hold, and the TOML
//! parser of everything else; whoever reads it cannot tell.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::excerpt::Span;

/// A value and its place.
#[derive(Debug, PartialEq)]
pub(super) struct Node<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) span: Span,
}

/// What a value is.
#[derive(Debug, PartialEq)]
pub(super) enum Kind<'t> {
    Text(Cow<'t, str>),
    /// `None` when it does not fit.
    Integer(Option<i64>),
    Float,
    Boolean(bool),
    Datetime,
    List(Vec<Node<'t>>),
    /// By key, in byte order.
    Table(Vec<Field<'t>>),
}

/// A key and its value.
#[derive(Debug, PartialEq)]
pub(super) struct Field<'t> {
    pub(super) key: Cow<'t, str>,
    pub(super) key_span: Span,
    pub(super) value: Node<'t>,
}

impl<'t> Node<'t> {
    /// The TOML parser's table.
    pub(super) fn of(table: Spanned<DeTable<'t>>) -> Self {
        let span = span(table.span());
        Self { kind: Kind::of(DeValue::Table(table.into_inner())), span }
    }

    fn of_value(value: Spanned<DeValue<'t>>) -> Self {
        let span = span(value.span());
        Self { kind: Kind::of(value.into_inner()), span }
    }
}

impl<'t> Kind<'t> {
    fn of(value: DeValue<'t>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text),
            DeValue::Integer(number) => {
                Self::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok())
            }
            DeValue::Float(_) => Self::Float,
            DeValue::Boolean(value) => Self::Boolean(value),
            DeValue::Datetime(_) => Self::Datetime,
            DeValue::Array(items) => Self::List(items.into_iter().map(Node::of_value).collect()),
            DeValue::Table(fields) => Self::Table(
                fields
                    .into_iter()
                    .map(|(key, value)| Field {
                        key_span: span(key.span()),
                        key: key.into_inner(),
                        value: Node::of_value(value),
                    })
                    .collect(),
            ),
        }
    }
}

fn span(range: std::ops::Range<usize>) -> Span {
    Span::new(range.start, range.end)
}
