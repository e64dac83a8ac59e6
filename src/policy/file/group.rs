//! One file of groups.d or sets.d, read on its own: what it includes is joined to it by [`super::join`].

use std::collections::BTreeMap;
use std::rc::Rc;

use super::document::Document;
use super::host::Host;
use super::reader::{Entry, Reader, Section, Table, Text};
use super::types::{Types, path_globs};
use super::{alias, cases, deny, rule, syntax};
use crate::excerpt::Span;
use crate::policy::fault::Fault;
use crate::policy::glob::Glob;
use crate::policy::synopsis::is_name;
use crate::policy::types::{Kind, PathType};
use crate::policy::{Case, Deny, Operators, Rule};

pub(super) const FILE: Section = Section {
    name: "",
    keys: &[
        ("description", r#""...""#),
        ("include", r#"["filters"]"#),
        ("operators", r#"["|"]"#),
        ("directories", r#"["/srv/**"]"#),
        ("types", "{ ... }"),
        ("aliases", r#"{ ll = "ls -l" }"#),
        ("allow", "{ ... }"),
        ("deny", "{ ... }"),
        ("cases", "{ ... }"),
    ],
};
/// Keys of the file that are sections.
pub(super) const SECTIONS: &[&str] = &["types", "aliases", "cases"];

/// Whether a file belongs to a group or is drawn in by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Group,
    Set,
}

/// What one file says.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) document: Rc<Document>,
    pub(super) description: String,
    pub(super) include: Vec<(String, Span)>,
    pub(super) rules: Vec<Rc<Rule>>,
    pub(super) denies: Vec<Deny>,
    pub(super) operators: Operators,
    /// As written, or else those of the directory types.
    pub(super) directories: Vec<PathType>,
    pub(super) aliases: BTreeMap<String, (Vec<String>, Span)>,
    pub(super) cases: Vec<Case>,
    pub(super) faults: Vec<Fault>,
}

/// Reads the file of the group or set `name`.
pub(super) fn read(document: &Rc<Document>, name: &str, role: Role, host: &Host, thorough: bool) -> Sheet {
    let mut sheet = Sheet {
        document: Rc::clone(document),
        description: String::new(),
        include: Vec::new(),
        rules: Vec::new(),
        denies: Vec::new(),
        operators: Operators::default(),
        directories: Vec::new(),
        aliases: BTreeMap::new(),
        cases: Vec::new(),
        faults: Vec::new(),
    };
    match syntax::parse(document) {
        Ok(table) => {
            let reader = Reader::new(document, thorough);
            sheet.fill(&reader, Table::of(&table), name, role, host);
            sheet.faults = reader.into_faults();
        }
        Err(faults) => sheet.faults = faults,
    }
    sheet
}

impl Sheet {
    fn fill(&mut self, reader: &Reader<'_>, table: Table<'_>, name: &str, role: Role, host: &Host) {
        // Types first: everything else may name them.
        let types =
            table.get("types").map(|section| Types::read(reader, section, host, &FILE)).unwrap_or_default();
        let mut directories = None;
        for entry in table.entries() {
            match entry.key {
                "types" => {}
                "description" => self.description = description(reader, &entry),
                "include" => self.include = include(reader, &entry, role),
                "operators" => self.operators = operators(reader, &entry, role),
                "directories" => directories = Some(read_directories(reader, &entry, host)),
                "aliases" => self.aliases = alias::read(reader, &entry),
                "allow" => self.rules = rules(reader, &entry, host, &types),
                "deny" => {
                    let tables = reader.tables(&entry);
                    self.denies = tables
                        .into_iter()
                        .filter_map(|table| deny::read(reader, host, name, table))
                        .collect();
                }
                "cases" => self.cases = cases::read(reader, &entry),
                _ => reader.unknown(&entry, &FILE),
            }
        }
        if reader.thorough {
            if reader.is_clean() {
                types.warn_unused(reader, directories.is_none());
            }
            self.warn_duplicates(reader);
            self.warn_dashes(reader);
            self.warn_shell_text(reader);
        }
        match directories {
            Some(given) if given.is_empty() => {}
            Some(given) => self.directories = vec![PathType::to_stand_in(given, Vec::new())],
            None => self.default_directories(&types, host),
        }
    }

    /// The file's own directory types, and the shared ones that its synopses name.
    fn default_directories(&mut self, types: &Types, host: &Host) {
        let shared = host.types.directories().filter(|(name, _)| self.mentions(&format!("<{name}>")));
        let mut joined: Vec<PathType> = Vec::new();
        for (_, path) in types.directories().chain(shared) {
            // Each is looked up on its own when a session starts: mostly none excepts anything, and one will do.
            match joined.iter_mut().find(|known| known.except == path.except) {
                Some(known) => known.globs.extend(path.globs.iter().cloned()),
                None => joined.push(PathType::to_stand_in(path.globs.clone(), path.except.clone())),
            }
        }
        self.directories = joined;
    }

    fn mentions(&self, text: &str) -> bool {
        let mut synopses = self.rules.iter().flat_map(|rule| &rule.synopses);
        synopses.any(|synopsis| synopsis.text().contains(text))
    }

    /// In a synopsis such a sign is text, which a person would have to quote to type it. Between quotes it is meant.
    fn warn_shell_text(&self, reader: &Reader<'_>) {
        let all = self.rules.iter().flat_map(|rule| rule.synopses.iter().zip(&rule.spans.synopses));
        for (synopsis, span) in all {
            let unquoted = || synopsis.text().split('\'').step_by(2);
            if let Some(name) = unquoted().find_map(braced) {
                let message = format!("{{{name}}} is text in a synopsis, and takes nothing else");
                let fault = reader.warn("shell-text", *span, message);
                reader.say(fault.cure(format!("a value is written <{name}>")));
            } else if let Some(sign) = unquoted().find_map(|text| text.chars().find(|c| SIGNS.contains(*c))) {
                let (message, cure) = about_sign(sign);
                let fault =
                    reader.warn("shell-text", *span, format!("{sign} is text in a synopsis, and {message}"));
                reader.say(fault.cure(cure).cure(format!("if it is meant as itself, quote it: '{sign}'")));
            }
        }
    }

    /// A choice that begins with a dash is taken behind `--name=` and nowhere else.
    fn warn_dashes(&self, reader: &Reader<'_>) {
        let all = self.rules.iter().flat_map(|rule| rule.synopses.iter().zip(&rule.spans.synopses));
        for (synopsis, span) in all {
            for kind in synopsis.types() {
                let Kind::OneOf(values) = &kind.kind else { continue };
                let Some(value) = values.iter().find(|value| value.starts_with('-')) else { continue };
                if !synopsis.text().contains(&format!("=<{}>", kind.name)) {
                    let message = format!("{value} of <{}> is never taken here", kind.name);
                    let fault = reader.warn("one-of", *span, message);
                    reader.say(fault.cure(format!(
                        "a value begins with - only behind --name=<{}>; elsewhere it is an option of the synopsis: \
                         [{value}]",
                        kind.name
                    )));
                }
            }
        }
    }

    fn warn_duplicates(&self, reader: &Reader<'_>) {
        let mut seen = BTreeMap::new();
        let all = self.rules.iter().flat_map(|rule| rule.synopses.iter().zip(&rule.spans.synopses));
        for (synopsis, span) in all {
            let line = reader.document.line(span.start);
            if let Some(first) = seen.insert(synopsis.text(), line) {
                let fault = reader.warn("duplicate-synopsis", *span, "the same synopsis stands here twice");
                reader.say(fault.label(format!("first in line {first}")));
            }
        }
    }
}

/// The name in a word that is `{name}`.
fn braced(text: &str) -> Option<&str> {
    let mut words = text.split([' ', '[', ']', '(', ')', '|', '=']);
    words.find_map(|word| word.strip_prefix('{')?.strip_suffix('}').filter(|name| is_name(name)))
}

/// What a shell or a regular expression would make something of.
const SIGNS: &str = ";&$`\"*?";

/// What is so of one of them in a synopsis, and the way out.
fn about_sign(sign: char) -> (&'static str, &'static str) {
    let typed = "nobody types it without quotes";
    match sign {
        '*' | '?' => (
            "stands for nothing else",
            "what a person may choose is a <type>: [types] says which files or words",
        ),
        '"' => (typed, "a word with a blank in it stands in '...'; a value in quotes is a <type>"),
        '$' | '`' => (typed, "there is no shell: write what it would put there, or a <type> for it"),
        _ => (typed, "write a synopsis for each; the person joins them where operators allow it"),
    }
}

fn rules(reader: &Reader<'_>, entry: &Entry<'_>, host: &Host, types: &Types) -> Vec<Rc<Rule>> {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let mut rules = Vec::new();
    for (index, table) in reader.tables(entry).into_iter().enumerate() {
        let Some(rule) = rule::read(reader, host, types, table, index + 1) else { continue };
        if let Some(given) = table.get("name")
            && let Some(line) = names.insert(rule.name.clone(), rule.place.line)
        {
            let message = format!("two rules are called \"{}\"", rule.name);
            let fault = reader.at("rule-name", given.value.span, message);
            reader.say(fault.label(format!("the other stands in line {line}")));
        }
        rules.push(Rc::new(rule));
    }
    rules
}

fn description(reader: &Reader<'_>, entry: &Entry<'_>) -> String {
    let Some(text) = reader.text(entry) else { return String::new() };
    if text.text.chars().any(char::is_control) {
        reader.say(reader.at("description", text.span, "a description is one line of text"));
    }
    text.text.to_owned()
}

fn include(reader: &Reader<'_>, entry: &Entry<'_>, role: Role) -> Vec<(String, Span)> {
    if role == Role::Set {
        let fault = reader.at("set-key", entry.key_span, "a set cannot include another");
        reader.say(fault.label("include is one level deep: name both in the group's file"));
        return Vec::new();
    }
    let texts = reader.texts(entry);
    let mut names: Vec<(String, Span)> = Vec::new();
    for text in texts {
        if !is_file_name(text.text) {
            let message = format!("\"{}\" cannot be a set's name", text.text.escape_debug());
            reader
                .say(reader.at("include", text.span, message).label("it is a file of sets.d, without .toml"));
        } else if names.iter().any(|(name, _)| name == text.text) {
            reader.say(reader.at("include", text.span, format!("\"{}\" is included twice", text.text)));
        } else {
            names.push((text.text.to_owned(), text.span));
        }
    }
    names
}

/// Whether a group or set of that name can have a file at all.
pub(super) fn is_file_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name.len() <= 250
        && !name.chars().any(|c| c == '/' || c.is_control())
}

fn operators(reader: &Reader<'_>, entry: &Entry<'_>, role: Role) -> Operators {
    if role == Role::Set {
        let fault = reader.at("set-key", entry.key_span, "\"operators\" is a group's, not a set's");
        reader.say(fault.label("the group that includes the set says which operators it permits"));
    }
    let mut operators = Operators { pipe: false, and: false, or: false, then: false };
    for text in reader.texts(entry) {
        match text.text {
            "|" => operators.pipe = true,
            "&&" => operators.and = true,
            "||" => operators.or = true,
            ";" => operators.then = true,
            other => {
                let message = format!("no operator is written \"{}\"", other.escape_debug());
                reader.say(reader.at("operator", text.span, message).label("| && || ; are known"));
            }
        }
    }
    operators
}

fn read_directories(reader: &Reader<'_>, entry: &Entry<'_>, host: &Host) -> Vec<Glob> {
    let empty = entry.value.items().is_some_and(|items| items.len() == 0);
    if empty {
        return Vec::new();
    }
    path_globs(reader, entry, host.home.as_deref()).unwrap_or_default()
}

/// The words of a text that has no operators, cut at its spaces and quotes.
pub(super) fn cut(text: Text<'_>) -> Option<Vec<String>> {
    let plain =
        |c: char| !(c.is_control() || matches!(c, '|' | '&' | ';' | '<' | '>' | '(' | ')' | '$' | '`' | '#'));
    if !text.text.chars().all(plain) {
        return None;
    }
    shell_words::split(text.text).ok().filter(|words| !words.is_empty())
}
