//! A YAML or JSON text as a tree that remembers lines, since a finding has to say where.
//!
//! JSON is read as the YAML it is. Anchors, aliases and tags are refused: Systems Manager does not take them.

use std::fmt;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

/// Nesting deeper than any document has a use for.
const MOST_DEPTH: usize = 32;
/// Content of a document is at most 64 KB (API model of Systems Manager); some room for comments.
const MOST_BYTES: usize = 256 * 1024;

/// A value and the line it begins in, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Line in the file.
    pub line: usize,
    /// What stands there.
    pub value: Value,
}

/// What a [`Node`] can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string, number or boolean; `quoted` tells `'true'` from `true`.
    Text {
        /// Without quotes, escapes resolved.
        text: String,
        /// Written as a string beyond doubt.
        quoted: bool,
    },
    /// `- a`, `[a]`.
    List(Vec<Node>),
    /// `key: value`, in the order written.
    Map(Vec<(Key, Node)>),
}

/// A key of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// As written, without quotes.
    pub name: String,
    /// Line in the file.
    pub line: usize,
}

/// Why a text is no YAML or JSON document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeFault {
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for NodeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl Node {
    /// Reads the only document in `text`.
    pub fn read(text: &str) -> Result<Self, NodeFault> {
        if text.len() > MOST_BYTES {
            return Err(NodeFault { line: 1, what: "larger than any document Systems Manager takes".into() });
        }
        let mut events = Events { parser: Parser::new_from_str(text), line: 1, depth: 0 };
        match events.next()? {
            Event::StreamEnd => return Err(events.fault("empty")),
            Event::DocumentStart(_) => {}
            _ => return Err(events.fault("no document begins here")),
        }
        let first = events.next()?;
        let root = events.node(first)?;
        match (events.next()?, events.next()?) {
            (Event::DocumentEnd, Event::StreamEnd) => Ok(root),
            _ => Err(events.fault("a second document begins here")),
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text { text, .. } => Some(text),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The elements of a list; nothing for anything else.
    pub fn list(&self) -> &[Self] {
        match &self.value {
            Value::List(list) => list,
            Value::Text { .. } | Value::Map(_) => &[],
        }
    }

    /// The entries of a map; nothing for anything else.
    pub fn map(&self) -> &[(Key, Self)] {
        match &self.value {
            Value::Map(map) => map,
            Value::Text { .. } | Value::List(_) => &[],
        }
    }

    /// The value under `name`.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.map().iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    /// The agent's reading of a boolean: `true`, also as a string, in any case.
    pub fn is_true(&self) -> bool {
        self.text().is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// Every scalar below, with the JSON pointer that leads to it.
    pub fn texts(&self) -> Vec<(String, &Self)> {
        let mut all = Vec::new();
        self.collect("", &mut all);
        all
    }

    fn collect<'a>(&'a self, pointer: &str, all: &mut Vec<(String, &'a Self)>) {
        match &self.value {
            Value::Text { .. } => all.push((pointer.to_owned(), self)),
            Value::List(list) => {
                list.iter().enumerate().for_each(|(i, node)| node.collect(&format!("{pointer}/{i}"), all));
            }
            Value::Map(map) => {
                map.iter().for_each(|(key, node)| node.collect(&step(pointer, &key.name), all))
            }
        }
    }
}

/// One step further in a JSON pointer (RFC 6901).
pub fn step(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

struct Events<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    line: usize,
    depth: usize,
}

impl<'a> Events<'a> {
    fn next(&mut self) -> Result<Event<'a>, NodeFault> {
        loop {
            match self.parser.next_event() {
                None => return Ok(Event::StreamEnd),
                Some(Err(error)) => {
                    return Err(NodeFault {
                        line: error.marker().line().max(1),
                        what: error.info().to_owned(),
                    });
                }
                Some(Ok((Event::StreamStart | Event::Nothing, _))) => {}
                Some(Ok((event, Span { start, .. }))) => {
                    self.line = start.line().max(1);
                    return Ok(event);
                }
            }
        }
    }

    fn fault(&self, what: &str) -> NodeFault {
        NodeFault { line: self.line, what: what.to_owned() }
    }

    fn node(&mut self, event: Event<'a>) -> Result<Node, NodeFault> {
        let line = self.line;
        let value = match event {
            Event::Scalar(text, style, 0, None) => {
                Value::Text { text: text.into_owned(), quoted: style != ScalarStyle::Plain }
            }
            Event::SequenceStart(0, None) => self.deeper(Self::items)?,
            Event::MappingStart(0, None) => self.deeper(Self::entries)?,
            _ => return Err(self.fault("anchors, aliases and tags are not taken by Systems Manager")),
        };
        Ok(Node { line, value })
    }

    fn deeper(&mut self, read: fn(&mut Self) -> Result<Value, NodeFault>) -> Result<Value, NodeFault> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(self.fault("nested too deeply"));
        }
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn items(&mut self) -> Result<Value, NodeFault> {
        let mut list = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Value::List(list)),
                event => list.push(self.node(event)?),
            }
        }
    }

    fn entries(&mut self) -> Result<Value, NodeFault> {
        let mut map: Vec<(Key, Node)> = Vec::new();
        loop {
            let Event::Scalar(name, ..) = (match self.next()? {
                Event::MappingEnd => return Ok(Value::Map(map)),
                event => event,
            }) else {
                return Err(self.fault("a key is a single word or string"));
            };
            let key = Key { name: name.into_owned(), line: self.line };
            if map.iter().any(|(other, _)| other.name == key.name) {
                return Err(self.fault(&format!("{} stands here twice", key.name)));
            }
            let event = self.next()?;
            map.push((key, self.node(event)?));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_and_json_give_the_same_tree_apart_from_lines() {
        let yaml = Node::read("a: 'x'\nb:\n  - \"1\"\n").unwrap();
        let json = Node::read("{\n\t\"a\": \"x\",\n\t\"b\": [\"1\"]\n}\n").unwrap();
        let plain = |node: &Node| {
            node.texts().iter().map(|(at, n)| (at.clone(), n.text().map(str::to_owned))).collect::<Vec<_>>()
        };
        assert_eq!(plain(&yaml), plain(&json));
    }

    #[test]
    fn a_value_knows_its_line_and_its_pointer() {
        let root = Node::read("a: x\nb:\n  c/d: y\n").unwrap();
        let texts = root.texts();
        assert_eq!(texts.last().map(|(at, node)| (at.as_str(), node.line)), Some(("/b/c~1d", 3)));
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        assert_eq!(Node::read("a: 1\na: 2\n").unwrap_err().line, 2);
    }

    #[test]
    fn aliases_second_documents_and_depth_are_refused() {
        assert!(Node::read("a: &x 1\nb: *x\n").is_err());
        assert!(Node::read("a: 1\n---\nb: 2\n").is_err());
        assert!(Node::read(&"[".repeat(100)).is_err());
        assert!(Node::read("").is_err());
    }
}
