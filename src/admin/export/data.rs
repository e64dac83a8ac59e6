//! Ordered data, written as YAML or JSON: documents read best in the order people know.

use std::fmt::Write;

/// A value of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// A string, quoted in both forms.
    Text(String),
    /// `true` or `false`.
    Flag(bool),
    /// In order.
    List(Vec<Data>),
    /// In order.
    Map(Vec<(String, Data)>),
}

impl Data {
    /// A string.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A list of strings.
    pub fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    /// A map of these entries.
    pub fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// As JSON, two blanks a level, with a newline at the end.
    pub fn json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out, 0);
        out.push('\n');
        out
    }

    /// As YAML, strings in single quotes, several lines as a block.
    pub fn yaml(&self) -> String {
        let mut out = String::new();
        self.write_yaml(&mut out, 0);
        out
    }

    fn write_json(&self, out: &mut String, depth: usize) {
        match self {
            Self::Text(text) => out.push_str(&quoted(text)),
            Self::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::List(list) => {
                let items = list.iter().map(|item| (String::new(), item));
                write_json_items(out, depth, ['[', ']'], items);
            }
            Self::Map(map) => {
                let items = map.iter().map(|(key, value)| (format!("{}: ", quoted(key)), value));
                write_json_items(out, depth, ['{', '}'], items);
            }
        }
    }

    fn write_yaml(&self, out: &mut String, depth: usize) {
        let indent = "  ".repeat(depth);
        match self {
            Self::Text(_) | Self::Flag(_) => {
                let _ = writeln!(out, "{indent}{}", self.yaml_scalar(depth));
            }
            Self::List(list) => {
                list.iter().for_each(|item| item.write_yaml_item(out, depth, &format!("{indent}-")))
            }
            Self::Map(map) => {
                for (key, value) in map {
                    value.write_yaml_item(out, depth, &format!("{indent}{}:", yaml_key(key)));
                }
            }
        }
    }

    /// After `- ` or `key: `: on the same line if it is a scalar or empty, else beneath.
    fn write_yaml_item(&self, out: &mut String, depth: usize, head: &str) {
        match self {
            Self::Text(_) | Self::Flag(_) => {
                let _ = writeln!(out, "{head} {}", self.yaml_scalar(depth));
            }
            Self::List(list) if list.is_empty() => {
                let _ = writeln!(out, "{head} []");
            }
            Self::Map(map) if map.is_empty() => {
                let _ = writeln!(out, "{head} {{}}");
            }
            Self::List(_) | Self::Map(_) => {
                let _ = writeln!(out, "{head}");
                self.write_yaml(out, depth + 1);
            }
        }
    }

    fn yaml_scalar(&self, depth: usize) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::Text(text) if text.contains('\n') && is_plain(text) => block(text, depth),
            Self::Text(text) if is_plain(text) && !text.contains('\n') => {
                format!("'{}'", text.replace('\'', "''"))
            }
            Self::Text(text) => quoted(text),
            Self::List(_) | Self::Map(_) => String::new(),
        }
    }
}

fn write_json_items<'a>(
    out: &mut String,
    depth: usize,
    [open, close]: [char; 2],
    items: impl Iterator<Item = (String, &'a Data)>,
) {
    out.push(open);
    let mut first = true;
    for (head, item) in items {
        out.push_str(if first { "\n" } else { ",\n" });
        first = false;
        out.push_str(&"  ".repeat(depth + 1));
        out.push_str(&head);
        item.write_json(out, depth + 1);
    }
    if !first {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
    out.push(close);
}

/// Nothing that single quotes or a block cannot carry.
fn is_plain(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !c.is_control()) && !text.starts_with([' ', '\n'])
}

/// A literal block, one level deeper than its key.
fn block(text: &str, depth: usize) -> String {
    let mark = if text.ends_with('\n') { "|" } else { "|-" };
    let indent = "  ".repeat(depth + 1);
    let lines =
        text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("\n{indent}{line}") });
    format!("{mark}{}", lines.collect::<String>())
}

fn yaml_key(key: &str) -> String {
    let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { key.to_owned() } else { format!("'{}'", key.replace('\'', "''")) }
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::documents::node::Node;

    fn sample() -> Data {
        Data::map([
            ("a", Data::text("it's: #1")),
            ("b-c", Data::List(vec![Data::Flag(true), Data::map([("d", Data::text("two\n\nlines\n"))])])),
            ("e", Data::List(Vec::new())),
            ("f", Data::text("\ttab")),
        ])
    }

    #[test]
    fn both_forms_read_back_as_the_same_data() {
        let texts = |text: &str| {
            let node = Node::read(text).unwrap();
            node.texts()
                .into_iter()
                .map(|(at, node)| (at, node.text().map(str::to_owned)))
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(&sample().yaml()), texts(&sample().json()));
        assert!(serde_json::from_str::<serde_json::Value>(&sample().json()).is_ok());
    }

    #[test]
    fn the_order_is_kept() {
        let json = sample().json();
        assert!(json.find("\"a\"").unwrap() < json.find("\"b-c\"").unwrap());
    }
}
