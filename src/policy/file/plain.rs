//! Reads the TOML that most rule files are written in: keys, strings without rare escapes, lists, inline tables,
//! `[sections]` and `[[sections]]`. It takes a twentieth of what the full parser needs, which counts where a group
//! has thousands of rules.
//!
//! It knows no errors: at the first thing it does not know it gives up, and the full parser reads the file and
//! says what is wrong. `tests` hold its trees against that parser's.

use std::borrow::Cow;

use super::tree::{Field, Kind, Node};
use crate::excerpt::Span;

/// How deep lists and inline tables may stand in each other.
const DEEPEST: usize = 4;
/// Keys of one table: each is held against the others.
const MOST_KEYS: usize = 200;

/// The tree of `text`, if all of it is plain.
pub(super) fn read(text: &str) -> Option<Node<'_>> {
    let mut reader = Reader { rest: text, length: text.len() };
    let mut root = Vec::new();
    reader.fields(&mut root)?;
    let mut lists: Vec<&str> = Vec::new();
    while !reader.rest.is_empty() {
        let start = reader.at();
        reader.eat('[')?;
        let is_list = reader.has('[');
        let key_start = reader.at();
        let key = reader.key()?;
        let key_span = Span::new(key_start, reader.at());
        reader.eat(']')?;
        if is_list {
            reader.eat(']')?;
        }
        let span = Span::new(start, reader.at());
        reader.end_of_line()?;
        let mut fields = Vec::with_capacity(2);
        reader.fields(&mut fields)?;
        let table = Node { kind: Kind::Table(sorted(fields)), span };
        if is_list && lists.contains(&key) {
            items(&mut root, key)?.push(table);
            continue;
        }
        let value = if is_list { Node { kind: Kind::List(vec![table]), span } } else { table };
        lists.extend(is_list.then_some(key));
        add(&mut root, Field { key: Cow::Borrowed(key), key_span, value })?;
    }
    Some(Node { kind: Kind::Table(sorted(root)), span: Span::new(0, 0) })
}

/// A key may stand once.
fn add<'t>(fields: &mut Vec<Field<'t>>, field: Field<'t>) -> Option<()> {
    let new = fields.len() < MOST_KEYS && fields.iter().all(|earlier| earlier.key != field.key);
    new.then(|| fields.push(field))
}

fn items<'r, 't>(root: &'r mut [Field<'t>], key: &str) -> Option<&'r mut Vec<Node<'t>>> {
    match &mut root.iter_mut().find(|field| field.key == key)?.value.kind {
        Kind::List(items) => Some(items),
        _ => None,
    }
}

fn sorted(mut fields: Vec<Field<'_>>) -> Vec<Field<'_>> {
    fields.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    fields
}

struct Reader<'t> {
    rest: &'t str,
    length: usize,
}

impl<'t> Reader<'t> {
    /// The offset of what comes next.
    fn at(&self) -> usize {
        self.length.saturating_sub(self.rest.len())
    }

    fn has(&mut self, c: char) -> bool {
        self.eat(c).is_some()
    }

    fn eat(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(c)?;
        Some(())
    }

    /// The bytes of a kind that come next, perhaps none.
    fn run(&mut self, fits: impl Fn(u8) -> bool) -> &'t str {
        let end = self.rest.bytes().position(|byte| !fits(byte)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        self.rest = rest;
        run
    }

    fn blanks(&mut self) {
        self.run(|byte| byte == b' ' || byte == b'\t');
    }

    fn comment(&mut self) {
        if self.rest.starts_with('#') {
            self.run(is_text);
        }
    }

    fn end_of_line(&mut self) -> Option<()> {
        self.blanks();
        self.comment();
        if self.rest.is_empty() { Some(()) } else { self.eat('\n') }
    }

    /// Blanks, comments and line ends.
    fn gap(&mut self) {
        loop {
            self.blanks();
            self.comment();
            if !self.has('\n') {
                return;
            }
        }
    }

    /// A bare key, or one in double quotes.
    fn key(&mut self) -> Option<&'t str> {
        let key = if self.has('"') {
            let key = self.run(|byte| is_text(byte) && byte != b'"' && byte != b'\\');
            self.eat('"').map(|()| key)?
        } else {
            self.run(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        };
        (!key.is_empty()).then_some(key)
    }

    /// The fields of a section, up to the next header.
    fn fields(&mut self, fields: &mut Vec<Field<'t>>) -> Option<()> {
        loop {
            self.gap();
            if self.rest.is_empty() || self.rest.starts_with('[') {
                return Some(());
            }
            let field = self.field(DEEPEST)?;
            add(fields, field)?;
            self.end_of_line()?;
        }
    }

    fn field(&mut self, depth: usize) -> Option<Field<'t>> {
        let start = self.at();
        let key = self.key()?;
        let key_span = Span::new(start, self.at());
        self.blanks();
        self.eat('=')?;
        self.blanks();
        let value = self.value(depth)?;
        Some(Field { key: Cow::Borrowed(key), key_span, value })
    }

    fn value(&mut self, depth: usize) -> Option<Node<'t>> {
        let depth = depth.checked_sub(1)?;
        let start = self.at();
        let kind = match self.rest.bytes().next()? {
            b'"' => self.basic()?,
            b'\'' => self.literal()?,
            b'[' => self.list(depth)?,
            b'{' => self.table(depth)?,
            _ => self.bare()?,
        };
        Some(Node { kind, span: Span::new(start, self.at()) })
    }

    /// `"..."` in one line, in which `\\` may stand before a quote or itself.
    fn basic(&mut self) -> Option<Kind<'t>> {
        let fits = |byte| is_text(byte) && byte != b'"' && byte != b'\\';
        self.eat('"')?;
        let mut text = Cow::Borrowed(self.run(fits));
        while self.has('\\') {
            let escaped = self.rest.chars().next().filter(|c| matches!(c, '"' | '\\'))?;
            self.eat(escaped)?;
            text.to_mut().push(escaped);
            text.to_mut().push_str(self.run(fits));
        }
        self.closed('"', text)
    }

    /// `'...'` in one line.
    fn literal(&mut self) -> Option<Kind<'t>> {
        self.eat('\'')?;
        let text = self.run(|byte| is_text(byte) && byte != b'\'');
        self.closed('\'', Cow::Borrowed(text))
    }

    /// Three quotes begin another kind of string.
    fn closed(&mut self, quote: char, text: Cow<'t, str>) -> Option<Kind<'t>> {
        self.eat(quote)?;
        let three = text.is_empty() && self.rest.starts_with(quote);
        (!three).then_some(Kind::Text(text))
    }

    /// `true`, `false`, or a decimal number without sign.
    fn bare(&mut self) -> Option<Kind<'t>> {
        let word = self.run(|byte| !b" \t\n,]}#".contains(&byte));
        match word {
            "true" => Some(Kind::Boolean(true)),
            "false" => Some(Kind::Boolean(false)),
            _ => {
                let plain = word.bytes().all(|byte| byte.is_ascii_digit()) && (1..=18).contains(&word.len());
                let number =
                    word.parse().ok().filter(|_| plain && (word == "0" || !word.starts_with('0')))?;
                Some(Kind::Integer(Some(number)))
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<Kind<'t>> {
        self.eat('[')?;
        // Most lists of a large file have one item, and most tables one or two keys.
        let mut items = Vec::with_capacity(1);
        loop {
            self.gap();
            if self.has(']') {
                return Some(Kind::List(items));
            }
            items.push(self.value(depth)?);
            self.gap();
            if !self.has(',') {
                self.eat(']')?;
                return Some(Kind::List(items));
            }
        }
    }

    /// An inline table in one line.
    fn table(&mut self, depth: usize) -> Option<Kind<'t>> {
        self.eat('{')?;
        self.blanks();
        let mut fields = Vec::new();
        if self.has('}') {
            return Some(Kind::Table(fields));
        }
        loop {
            self.blanks();
            let field = self.field(depth)?;
            add(&mut fields, field)?;
            self.blanks();
            if !self.has(',') {
                self.eat('}')?;
                return Some(Kind::Table(sorted(fields)));
            }
        }
    }
}

/// What may stand in a comment or string of one line.
fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

#[cfg(test)]
mod tests;
