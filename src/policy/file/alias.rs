//! `[aliases]`: a first word that stands for others, expanded once and then judged like anything typed.

use std::collections::BTreeMap;

use super::cures::Shape;
use super::document::Document;
use super::group::cut;
use super::reader::{Entry, Reader};
use crate::excerpt::Span;
use crate::policy::Place;
use crate::policy::fault::Fault;

/// What gatesh does itself; no alias may hide it. `sudo` is the rules' own word.
const TAKEN: &[&str] =
    &["help", "?", "cd", "pwd", "history", "jobs", "fg", "bg", "exit", "logout", "clear", "sudo"];

pub(super) fn read(reader: &Reader<'_>, section: &Entry<'_>) -> BTreeMap<String, (Vec<String>, Span)> {
    let mut aliases = BTreeMap::new();
    let Some(table) = reader.table(section) else { return aliases };
    for entry in table.entries() {
        let Some(text) = entry.value.as_text() else {
            reader.say(reader.shape(entry.key, entry.value, Shape::Text).cures(as_text(&entry)));
            continue;
        };
        let name_sound = refuse_name(reader, &entry);
        match cut(text) {
            Some(words) if name_sound => {
                aliases.insert(entry.key.to_owned(), (words, entry.key_span));
            }
            Some(_) => {}
            None => {
                let message = format!("\"{}\" is not the beginning of a command", text.text.escape_debug());
                reader.say(reader.at("alias", text.span, message).label("words only: no operators, $ or #"));
            }
        }
    }
    aliases
}

/// The words of a list in one string.
fn as_text(entry: &Entry<'_>) -> Option<String> {
    let words: Vec<&str> =
        entry.value.items()?.map(|item| Some(item.as_text()?.text)).collect::<Option<_>>()?;
    let text = words.join(" ");
    let plain = !text.contains(|c: char| c == '"' || c == '\\' || c.is_control());
    plain.then(|| format!("write {} = \"{text}\"", entry.key))
}

fn refuse_name(reader: &Reader<'_>, entry: &Entry<'_>) -> bool {
    let sound = (1..=64).contains(&entry.key.len())
        && entry.key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'+'))
        && !entry.key.starts_with('-');
    if TAKEN.contains(&entry.key) {
        let message = format!("\"{}\" is a command of gatesh itself", entry.key);
        reader.say(reader.at("alias", entry.key_span, message).label("give the alias another name"));
    } else if !sound {
        let message = format!("\"{}\" cannot be an alias", entry.key.escape_debug());
        reader.say(reader.at("alias", entry.key_span, message).label("letters, digits, - _ . +"));
    } else {
        return true;
    }
    false
}

/// An alias may not take the name of a program that a rule of the same file, or of a set it includes, names.
pub(super) fn program_fault(document: &Document, name: &str, span: Span, rule: &Place) -> Fault {
    let place = if rule.file == document.path() {
        format!("in line {}", rule.line)
    } else {
        format!("in line {} of {}", rule.line, rule.file.display())
    };
    let fault = document.fault("alias", span, format!("\"{name}\" is a program of a rule"));
    fault.label(format!("see the rule {place}; give the alias another name"))
}
