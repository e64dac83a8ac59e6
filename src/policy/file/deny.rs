//! `[[deny]]`.

use super::group::FILE;
use super::host::Host;
use super::reader::{Entry, Reader, Section, Table};
use super::rule::misplaced;
use super::terms::absolute;
use super::types::{globs, path_globs, some_texts};
use crate::policy::Deny;
use crate::policy::glob::Glob;
use crate::policy::paths::with_real;

pub(super) const DENY: Section = Section {
    name: "[[deny]]",
    keys: &[
        ("programs", r#"["vim"]"#),
        ("files", r#"["/srv/secret/**"]"#),
        ("words", r#"["--password*"]"#),
        ("reason", r#""ask the security team""#),
    ],
};

/// Reads one. A deny that has a fault is kept out, and the fault keeps the whole policy out.
pub(super) fn read(reader: &Reader<'_>, host: &Host, group: &str, table: Table<'_>) -> Option<Deny> {
    let mut deny = Deny {
        group: group.to_owned(),
        place: reader.document.place(table.span.start),
        programs: None,
        files: None,
        words: None,
        reason: None,
    };
    for entry in table.entries() {
        match entry.key {
            "programs" => deny.programs = programs(reader, &entry),
            "files" => deny.files = path_globs(reader, &entry, host.home.as_deref()).map(with_real),
            "words" => deny.words = globs(reader, &entry, Glob::word),
            "reason" => deny.reason = reason(reader, &entry),
            "command" | "commands" => {
                reader.say(
                    reader
                        .at("unknown-key", entry.key_span, "a deny has no synopses")
                        .cure("name the program: programs = [\"rm\"]")
                        .cure("and, unless all of it is meant, words: words = [\"-r*\"]"),
                );
            }
            key if FILE.knows(key) => {
                misplaced(reader, table, &entry, DENY.name);
            }
            _ => reader.unknown(&entry, &DENY),
        }
    }
    let given = ["programs", "files", "words"].iter().any(|key| table.get(key).is_some());
    // A misspelt one is said already.
    if !given && table.entries().all(|entry| DENY.knows(entry.key) || FILE.knows(entry.key)) {
        let fault =
            reader.at("empty-deny", table.span, "a deny without programs, files or words denies nothing");
        reader.say(fault.cure("give one of them; where several are given, all must hold"));
    }
    given.then_some(deny)
}

fn programs(reader: &Reader<'_>, entry: &Entry<'_>) -> Option<Vec<String>> {
    let texts = some_texts(reader, entry)?;
    let named = texts.iter().filter_map(|text| {
        if text.text.contains('/') {
            return absolute(reader, entry.key, *text).map(|_| text.text.to_owned());
        }
        let sound = text.text.bytes().all(|b| b.is_ascii_graphic()) && !matches!(text.text, "" | "." | "..");
        if !sound || text.text.contains(['*', '?']) {
            let message = format!("\"{}\" is no program's name", text.text.escape_debug());
            let fault = reader.at("program-name", text.span, message);
            reader.say(fault.label("a name without spaces and globs, or an absolute path"));
            return None;
        }
        Some(text.text.to_owned())
    });
    Some(named.collect())
}

fn reason(reader: &Reader<'_>, entry: &Entry<'_>) -> Option<String> {
    let text = reader.text(entry)?;
    let sound = !text.text.trim().is_empty() && !text.text.chars().any(char::is_control);
    if !sound {
        reader.say(reader.at("reason", text.span, "a reason is one line of text"));
    }
    sound.then(|| text.text.to_owned())
}
