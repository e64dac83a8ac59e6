//! `[[allow]]`.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::group::{FILE, SECTIONS};
use super::host::Host;
use super::reader::{Entry, Reader, Section, Table, Text};
use super::types::{Types, find, some_texts, suggest};
use super::{cures, synonyms, terms, when};
use crate::excerpt::nearest;
use crate::policy::fault::LINTS;
use crate::policy::glob::Glob;
use crate::policy::paths::real;
use crate::policy::synopsis::{Synopsis, SynopsisFault};
use crate::policy::types::{Kind, Type};
use crate::policy::{Rule, RuleSpans, Terms};

pub(super) const ALLOW: Section = Section {
    name: "[[allow]]",
    keys: &[
        ("commands", r#"["ls [-l] <dir>"]"#),
        ("name", r#""read-logs""#),
        ("timeout", r#""30m""#),
        ("cwd", r#""/srv/app""#),
        ("env", r#"{ LANG = "C" }"#),
        ("keep_env", r#"["TZ"]"#),
        ("umask", r#""027""#),
        ("limits", r#"{ memory = "512M" }"#),
        ("read", r#"["/srv/app"]"#),
        ("write", r#"["/srv/app/out"]"#),
        ("exec", r#"["/usr/bin/gzip"]"#),
        ("network", r#"["inet"]"#),
        ("with", r#"["@journal"]"#),
        ("sha256", r#""64 hex digits""#),
        ("when", r#"{ days = "mon-fri" }"#),
        ("confirm", "true"),
        ("reason", r#""<ticket>""#),
        ("accept", r#"{ LINT-ID = "why" }"#),
    ],
};

/// sudo decides these, or gatesh cannot hold a program of root's to them.
const NOT_ELEVATED: &[&str] = &["limits", "read", "write", "network", "env", "keep_env", "umask", "cwd"];

/// Reads the `number`th rule of the file (from 1).
pub(super) fn read(
    reader: &Reader<'_>,
    host: &Host,
    types: &Types,
    table: Table<'_>,
    number: usize,
) -> Option<Rule> {
    let mut draft = Draft { reader, host, types, table, terms: None, synopses: Vec::new() };
    let mut rule = Rule {
        name: String::new(),
        place: reader.document.place(table.span.start),
        synopses: Vec::new(),
        terms: Rc::clone(&host.no_terms),
        when: None,
        confirm: false,
        reason: None,
        accept: BTreeMap::new(),
        spans: RuleSpans { header: table.span, ..RuleSpans::default() },
    };
    for entry in table.entries() {
        draft.take(&mut rule, &entry);
    }
    if rule.name.is_empty() {
        rule.name = format!("rule-{number}");
    }
    draft.refuse_no_commands();
    draft.refuse_elevated_keys();
    draft.refuse_excepted_trees();
    if let Some(terms) = draft.terms {
        rule.terms = Rc::new(*terms);
    }
    rule.synopses = draft.synopses;
    (!rule.synopses.is_empty()).then_some(rule)
}

struct Draft<'a> {
    reader: &'a Reader<'a>,
    host: &'a Host,
    types: &'a Types,
    table: Table<'a>,
    /// Once a key of them is met.
    terms: Option<Box<Terms>>,
    synopses: Vec<Synopsis>,
}

impl Draft<'_> {
    fn take(&mut self, rule: &mut Rule, entry: &Entry<'_>) {
        let reader = self.reader;
        if !ALLOW.knows(entry.key) {
            return unknown(reader, self.table, entry);
        }
        match entry.key {
            "commands" => rule.spans.synopses = self.read_synopses(entry),
            "name" => rule.name = name(reader, entry).unwrap_or_default(),
            "when" => rule.when = when::read(reader, entry),
            "confirm" => rule.confirm = reader.boolean(entry).unwrap_or(true),
            "reason" => rule.reason = self.read_reason(entry),
            "accept" => rule.accept = accept(reader, entry),
            _ => {
                terms::read(reader, self.host, self.terms.get_or_insert_default(), entry);
            }
        }
    }

    fn read_synopses(&mut self, entry: &Entry<'_>) -> Vec<crate::excerpt::Span> {
        let texts = some_texts(self.reader, entry).unwrap_or_default();
        let lookup = |name: &str| find(self.types, &self.host.types, name);
        let mut spans = Vec::with_capacity(if self.reader.thorough { texts.len() } else { 0 });
        self.synopses.reserve_exact(texts.len());
        for text in texts {
            match Synopsis::parse(text.text, &lookup) {
                Ok(synopsis) => {
                    if self.reader.thorough {
                        spans.push(text.span);
                    }
                    self.synopses.push(synopsis);
                }
                Err(faults) => faults.into_iter().for_each(|fault| self.say_synopsis(text, fault)),
            }
        }
        spans
    }

    fn say_synopsis(&self, text: Text<'_>, fault: SynopsisFault) {
        let SynopsisFault { id, message, spans, mut labels, mut cure } = fault;
        let first = spans.first().copied().unwrap_or_default();
        if id == "unknown-type" {
            let written = text.text.get(first.start..first.end).unwrap_or_default();
            let name = written.trim_matches(['<', '>']);
            if self.types.is_broken(name) || self.host.types.is_broken(name) {
                return;
            }
            if labels.is_empty() {
                match suggest(self.types, &self.host.types, name) {
                    Some(near) => labels.push(near),
                    None => cure.extend(define(name)),
                }
            }
        }
        let mut said = self.reader.at(id, self.reader.inside(text, first), message);
        said.spans.extend(spans.iter().skip(1).map(|span| self.reader.inside(text, *span)));
        said.spans.dedup();
        said.labels = labels;
        said.cure = cure;
        self.reader.say(said);
    }

    fn read_reason(&self, entry: &Entry<'_>) -> Option<Rc<Type>> {
        let text = self.reader.text(entry)?;
        let name = text.text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
        let Some(name) = name else {
            let fault = self.reader.at("reason", text.span, "\"reason\" must be a type in angle brackets");
            self.reader.say(fault.label("such as \"<text>\", or a type of [types]"));
            return None;
        };
        let found = find(self.types, &self.host.types, name);
        if found.is_none() && !self.types.is_broken(name) && !self.host.types.is_broken(name) {
            let fault = self.reader.at("unknown-type", text.span, format!("no type is called <{name}>"));
            self.reader.say(match suggest(self.types, &self.host.types, name) {
                Some(near) => fault.label(near),
                None => fault.cures(define(name)),
            });
        }
        match found {
            Some(found) if found.is_path() => {
                let fault =
                    self.reader.at("reason", text.span, format!("<{name}> is a path, and a reason is text"));
                self.reader.say(fault);
                None
            }
            found => found,
        }
    }

    fn refuse_no_commands(&self) {
        let misspelt = self.table.entries().any(|entry| ALLOW.meant(entry.key) == Some("commands"));
        if self.table.get("commands").is_none() && !misspelt {
            let fault =
                self.reader.at("no-commands", self.table.span, "a rule without commands allows nothing");
            self.reader.say(fault.cure("add  commands = [\"...\"]"));
        }
    }

    fn refuse_elevated_keys(&self) {
        let elevated = self.synopses.iter().filter(|synopsis| synopsis.elevation().is_some()).count();
        if elevated == 0 {
            return;
        }
        for entry in NOT_ELEVATED.iter().filter_map(|key| self.table.get(key)) {
            let message = format!("\"{}\" cannot hold for a command that sudo starts", entry.key);
            let fault = self.reader.at("elevated", entry.key_span, message);
            self.reader.say(if elevated < self.synopses.len() {
                fault.cure("put the commands without sudo into an [[allow]] of their own")
            } else {
                fault.cure("leave it out: the program runs as root, in /, held by sudo's own rules")
            });
        }
    }
}

impl Draft<'_> {
    /// A tree that is granted whole would give what a type of the rule takes out.
    fn refuse_excepted_trees(&self) {
        let Some(terms) = &self.terms else { return };
        let types: Vec<Rc<Type>> = self.synopses.iter().flat_map(Synopsis::types).collect();
        let trees = [("read", &terms.read), ("write", &terms.write)];
        for (key, tree) in
            trees.into_iter().flat_map(|(key, trees)| trees.iter().map(move |tree| (key, tree)))
        {
            let beneath = real(tree);
            let holds = |glob: &&Glob| glob.reaches_beneath(beneath.as_os_str().as_encoded_bytes());
            let excepted =
                types.iter().find_map(|kind| excepts(kind).iter().find(holds).map(|glob| (kind, glob)));
            let (Some((kind, glob)), Some(entry)) = (excepted, self.table.get(key)) else { continue };
            let message = format!("\"{key}\" gives what <{}> takes out: {}", kind.name, glob.text());
            let fault = self.reader.at("excepted-tree", entry.key_span, message);
            self.reader.say(fault.cure(format!("name trees beside it instead of {}", tree.display())));
        }
    }
}

/// Of a type that is like no other.
fn define(name: &str) -> Vec<String> {
    match synonyms::path_kind(name) {
        Some(kind) => vec![format!("say where in [types]:  {name} = {{ {kind} = [\"/var/log/**\"] }}")],
        None => {
            let built_in = Type::BUILT_IN.join(" ");
            cures::in_lines(&format!("define it in [types], or take one that is built in: {built_in}"))
        }
    }
}

fn excepts(kind: &Type) -> &[Glob] {
    match &kind.kind {
        Kind::Path(path) => &path.except,
        Kind::Regex(_) | Kind::OneOf(_) | Kind::Integer { .. } | Kind::BuiltIn(_) => &[],
    }
}

fn unknown(reader: &Reader<'_>, table: Table<'_>, entry: &Entry<'_>) {
    if FILE.knows(entry.key) {
        return misplaced(reader, table, entry, ALLOW.name);
    }
    reader.unknown(entry, &ALLOW);
}

/// A key of the file that TOML gives to the section above it.
pub(super) fn misplaced(reader: &Reader<'_>, table: Table<'_>, entry: &Entry<'_>, section: &str) {
    let key = entry.key;
    let line = reader.document.line(table.span.start);
    let message = format!("\"{key}\" is a key of the file, not of {section}");
    let owner = if section == ALLOW.name { "that rule" } else { "that section" };
    let fault = reader
        .at("misplaced-key", entry.key_span, message)
        .label(format!("it stands below {section} in line {line}, so it belongs to {owner}"));
    reader.say(if SECTIONS.contains(&key) {
        fault.cure(format!("write it as a section of its own: [{key}]"))
    } else {
        fault.cure("move it above the first [ header ]")
    });
}

/// A rule's name stands in records and messages: short, without spaces.
fn name(reader: &Reader<'_>, entry: &Entry<'_>) -> Option<String> {
    let text = reader.text(entry)?;
    let sound = (1..=64).contains(&text.text.len())
        && text.text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    if !sound {
        let fault = reader.at("rule-name", text.span, "\"name\" must be up to 64 letters, digits, - _ and .");
        reader.say(fault);
    }
    sound.then(|| text.text.to_owned())
}

fn accept(reader: &Reader<'_>, entry: &Entry<'_>) -> BTreeMap<String, String> {
    let mut accepted = BTreeMap::new();
    let Some(table) = reader.table(entry) else { return accepted };
    for lint in table.entries() {
        let Some(reason) = reader.text(&lint) else { continue };
        if !LINTS.iter().any(|known| known.id == lint.key) {
            let fault =
                reader.at("unknown-lint", lint.key_span, format!("no lint is called \"{}\"", lint.key));
            let near = nearest(lint.key, LINTS.iter().map(|known| known.id));
            reader.say(match near {
                Some(near) => fault.label(format!("did you mean \"{near}\"?")),
                None => fault.cure("gateshctl check writes a lint's name behind what it found: [lint NAME]"),
            });
        } else if reason.text.trim().is_empty() {
            let fault =
                reader.at("no-reason", reason.span, format!("accepting \"{}\" needs a reason", lint.key));
            reader.say(fault.label("say why it is right here"));
        } else {
            accepted.insert(lint.key.to_owned(), reason.text.to_owned());
        }
    }
    accepted
}
