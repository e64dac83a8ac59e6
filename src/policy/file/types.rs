//! `[types]`: named kinds of values, of one file or shared by all in gatesh.toml.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use super::cures::{self, Shape};
use super::host::Host;
use super::reader::{Entry, Reader, Section, Table, Text, Value, integer};
use super::rule::misplaced;
use super::synonyms;
use crate::excerpt::Span;
use crate::excerpt::nearest;
use crate::policy::fault::Fault;
use crate::policy::glob::{Glob, GlobFault};
use crate::policy::paths::with_real;
use crate::policy::synopsis::is_name;
use crate::policy::types::{Access, Kind, Object, PathType, Pattern, PatternFault, Type};

pub(super) const TYPE: Section = Section {
    name: "a type",
    keys: &[
        ("file", r#"["/var/log/**/*.log"]"#),
        ("directory", r#"["/var/log/**"]"#),
        ("path", r#"["/srv/**"]"#),
        ("regex", "'[a-z]+'"),
        ("one_of", r#"["staging", "prod"]"#),
        ("integer", "[1, 100]"),
        ("except", r#"["/var/log/audit/**"]"#),
        ("access", r#""read""#),
        ("must_exist", "true"),
    ],
};

/// Types by name.
#[derive(Debug, Default)]
pub(super) struct Types {
    known: BTreeMap<String, Known>,
    /// Defined with a fault of their own, with their lines: their uses are not faults as well.
    broken: BTreeMap<String, usize>,
    /// The built-in ones met so far, each made once for all its uses.
    built_in: RefCell<Vec<Rc<Type>>>,
}

#[derive(Debug)]
struct Known {
    kind: Rc<Type>,
    span: Span,
    line: usize,
    used: Cell<bool>,
}

impl Types {
    /// Reads `[types]`; `host` gives the shared ones, which no name may repeat, `file` the keys of the file.
    pub(super) fn read(reader: &Reader<'_>, section: Entry<'_>, host: &Host, file: &Section) -> Self {
        let mut types = Self::default();
        let Some(table) = reader.table(&section) else { return types };
        for entry in table.entries() {
            if entry.value.as_table().is_none() && file.knows(entry.key) {
                misplaced(reader, table, &entry, "[types]");
                continue;
            }
            let ours = refuse_name(reader, &entry, host);
            let name = entry.key.to_owned();
            let line = reader.document.line(entry.key_span.start);
            let Some(kind) = read_type(reader, &entry, host) else {
                types.broken.insert(name, line);
                continue;
            };
            if ours {
                let kind = Rc::new(Type { name: name.clone(), kind });
                types.known.insert(name, Known { kind, span: entry.key_span, line, used: Cell::new(false) });
            }
        }
        types
    }

    pub(super) fn get(&self, name: &str) -> Option<Rc<Type>> {
        let known = self.known.get(name)?;
        known.used.set(true);
        Some(Rc::clone(&known.kind))
    }

    pub(super) fn is_broken(&self, name: &str) -> bool {
        self.broken.contains_key(name)
    }

    fn built_in(&self, name: &str) -> Option<Rc<Type>> {
        let mut met = self.built_in.borrow_mut();
        if let Some(known) = met.iter().find(|known| known.name == name) {
            return Some(Rc::clone(known));
        }
        let made = Type::built_in(name)?;
        met.push(Rc::clone(&made));
        Some(made)
    }

    fn line(&self, name: &str) -> Option<usize> {
        self.known.get(name).map(|known| known.line).or_else(|| self.broken.get(name).copied())
    }

    /// Broken ones as well: a name is misspelt whatever is wrong with what it stands for.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.known.keys().chain(self.broken.keys()).map(String::as_str)
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// The path types that take directories and nothing else.
    pub(super) fn directories(&self) -> impl Iterator<Item = (&str, &PathType)> {
        self.known.iter().filter_map(|(name, known)| match &known.kind.kind {
            Kind::Path(path) if path.object == Object::Directory => Some((name.as_str(), path)),
            _ => None,
        })
    }

    /// Warns of types nothing uses; directory types are used where they say what `directories` is.
    pub(super) fn warn_unused(&self, reader: &Reader<'_>, as_directories: bool) {
        let excused = |known: &Known| {
            as_directories && matches!(&known.kind.kind, Kind::Path(path) if path.object == Object::Directory)
        };
        for (name, known) in self.known.iter().filter(|(_, known)| !known.used.get() && !excused(known)) {
            let fault = reader.warn("unused-type", known.span, format!("no synopsis uses <{name}>"));
            reader.say(fault.label("defined here"));
        }
    }
}

/// Looks a name up among the file's own, the shared and the built-in types.
pub(super) fn find(own: &Types, shared: &Types, name: &str) -> Option<Rc<Type>> {
    own.get(name).or_else(|| shared.get(name)).or_else(|| shared.built_in(name))
}

/// "did you mean <log>, defined in line 4?"
pub(super) fn suggest(own: &Types, shared: &Types, name: &str) -> Option<String> {
    let names = own.names().chain(shared.names()).chain(Type::BUILT_IN.iter().copied());
    let Some(near) = nearest(name, names) else {
        return synonyms::built_in(name).map(|ours| format!("did you mean <{ours}>, which is built in?"));
    };
    Some(match own.line(near) {
        Some(line) => format!("did you mean <{near}>, defined in line {line}?"),
        None if shared.contains(near) || shared.is_broken(near) => {
            format!("did you mean <{near}>, defined in gatesh.toml?")
        }
        None => format!("did you mean <{near}>, which is built in?"),
    })
}

/// Whether the name may be given to a type of the file's own.
fn refuse_name(reader: &Reader<'_>, entry: &Entry<'_>, host: &Host) -> bool {
    let name = entry.key;
    if !is_name(name) {
        let fault = reader.at("type-name", entry.key_span, format!("\"{name}\" cannot be a type's name"));
        reader.say(fault.label("a small letter, then small letters, digits and -"));
    } else if Type::BUILT_IN.contains(&name) {
        let fault = reader.at("type-taken", entry.key_span, format!("<{name}> is built in"));
        reader.say(fault.label("give it another name"));
    } else if host.types.contains(name) {
        let message = format!("<{name}> is already a shared type of gatesh.toml");
        reader.say(reader.at("type-taken", entry.key_span, message).label("give it another name"));
    } else {
        return true;
    }
    false
}

fn read_type(reader: &Reader<'_>, entry: &Entry<'_>, host: &Host) -> Option<Kind> {
    let Some(table) = entry.value.as_table() else {
        let fault = reader.shape(entry.key, entry.value, Shape::Table);
        reader.say(fault.cures(cures::as_type(reader, entry)));
        return None;
    };
    let kinds = ["file", "directory", "path", "regex", "one_of", "integer"];
    let given: Vec<Entry<'_>> = kinds.iter().filter_map(|kind| table.get(kind)).collect();
    for key in table.entries().filter(|key| !TYPE.knows(key.key)) {
        reader.unknown(&key, &TYPE);
    }
    let unknown = table.entries().any(|key| !TYPE.knows(key.key));
    match given.as_slice() {
        [] if unknown => None,
        [kind] => read_kind(reader, table, kind, host),
        [] => {
            let fault =
                reader.at("type-kind", entry.key_span, format!("<{}> does not say what it takes", entry.key));
            reader.say(fault.cure("give it one of file, directory, path, regex, one_of, integer"));
            None
        }
        [first, second, ..] => {
            let message = format!("<{}> cannot be a {} and a {}", entry.key, first.key, second.key);
            reader.say(reader.at("type-kind", second.key_span, message).label("make two types of it"));
            None
        }
    }
}

fn read_kind(reader: &Reader<'_>, table: Table<'_>, kind: &Entry<'_>, host: &Host) -> Option<Kind> {
    let object = match kind.key {
        "file" => Object::File,
        "directory" => Object::Directory,
        "path" => Object::Either,
        other => {
            for key in ["except", "access", "must_exist"].iter().filter_map(|key| table.get(key)) {
                let message = format!("\"{}\" goes with file, directory and path only", key.key);
                reader.say(reader.at("type-kind", key.key_span, message));
            }
            return match other {
                "regex" => read_regex(reader, kind).map(Kind::Regex),
                "one_of" => read_one_of(reader, kind).map(Kind::OneOf),
                _ => read_integer(reader, kind),
            };
        }
    };
    read_path(reader, table, kind, object, host).map(Kind::Path)
}

fn read_path(
    reader: &Reader<'_>,
    table: Table<'_>,
    kind: &Entry<'_>,
    object: Object,
    host: &Host,
) -> Option<PathType> {
    let globs = path_globs(reader, kind, host.home.as_deref());
    let except = table
        .get("except")
        .map_or(Some(Vec::new()), |entry| path_globs(reader, &entry, host.home.as_deref()).map(with_real));
    let access = table.get("access").map_or(Some(Access::Read), |entry| read_access(reader, &entry, object));
    let must_exist =
        table.get("must_exist").map_or(Some(true), |entry| read_must_exist(reader, &entry, access));
    let path = PathType { object, globs: globs?, except: except?, access: access?, must_exist: must_exist? };
    host.refuse_protected_type(reader, kind, &path);
    Some(path)
}

fn read_access(reader: &Reader<'_>, entry: &Entry<'_>, object: Object) -> Option<Access> {
    let choices =
        [("read", Access::Read), ("tree", Access::Tree), ("write", Access::Write), ("none", Access::Nothing)];
    let access = reader.choose(entry, &choices)?;
    let wrong = match (access, object) {
        (Access::Tree, Object::File) => "a file has no tree: access = \"tree\" goes with directory and path",
        (Access::Write, Object::Directory) => {
            "access = \"write\" goes with file: a tree that may be changed is the rule's write = [...]"
        }
        _ => return Some(access),
    };
    reader.say(reader.at("type-access", entry.value.span, wrong));
    None
}

fn read_must_exist(reader: &Reader<'_>, entry: &Entry<'_>, access: Option<Access>) -> Option<bool> {
    let must = reader.boolean(entry)?;
    if !must && matches!(access, Some(Access::Read | Access::Tree)) {
        let message = "what is read must exist: must_exist = false goes with access = \"write\" or \"none\"";
        reader.say(reader.at("type-access", entry.value.span, message));
        return None;
    }
    Some(must)
}

/// A list of path globs, at least one; `None` when any of them has a fault.
pub(super) fn path_globs(reader: &Reader<'_>, entry: &Entry<'_>, home: Option<&Path>) -> Option<Vec<Glob>> {
    globs(reader, entry, |text| Glob::path(text, home))
}

/// A list of globs, read by `read`.
pub(super) fn globs(
    reader: &Reader<'_>,
    entry: &Entry<'_>,
    read: impl Fn(&str) -> Result<Glob, GlobFault>,
) -> Option<Vec<Glob>> {
    let texts = some_texts(reader, entry)?;
    let read = texts.iter().map(|text| match read(text.text) {
        Ok(glob) => Some(glob),
        Err(fault) => {
            reader.say(glob_fault(reader, entry.key, *text, &fault));
            None
        }
    });
    // All of them are read before any of them fails.
    let read: Vec<Option<Glob>> = read.collect();
    read.into_iter().collect()
}

/// A list of strings, at least one.
pub(super) fn some_texts<'a>(reader: &Reader<'_>, entry: &Entry<'a>) -> Option<Vec<Text<'a>>> {
    let texts = reader.texts(entry);
    if texts.is_empty() && entry.value.items().is_some_and(|items| items.len() == 0) {
        let fault = reader.at("empty-list", entry.value.span, format!("\"{}\" is empty", entry.key));
        reader.say(fault.label("at least one must be given"));
    }
    (!texts.is_empty()).then_some(texts)
}

fn glob_fault(reader: &Reader<'_>, key: &str, text: Text<'_>, fault: &GlobFault) -> Fault {
    let at = |message: String| reader.at("glob", text.span, message);
    let written = text.text;
    match fault {
        GlobFault::Empty => at(format!("an empty glob in \"{key}\" matches nothing")),
        GlobFault::NotAbsolute => at(format!("\"{key}\" globs must be absolute: \"{written}\"")).cure(
            match cures::absolute(written) {
                // Of a name alone, wherever it is.
                path if written.starts_with('*') && !written.contains('/') => {
                    format!("write \"/**{path}\"; {{home}}/**{path} is a person's own")
                }
                path if path.starts_with('/') => {
                    format!("write \"{path}\"; {{home}}{path} is a person's own")
                }
                home => format!("write \"{home}\", which is each person's own"),
            },
        ),
        GlobFault::NotNormal => at(format!("\"{key}\" globs must be normal: \"{written}\""))
            .label("no \".\", \"..\", \"//\" and no \"/\" at the end")
            .cures(cures::normal(written).map(|normal| format!("write \"{normal}\""))),
        GlobFault::Character('{') if cures::without_braces(written).is_some() => {
            let all = cures::without_braces(written).unwrap_or_default();
            at(format!("braces cannot stand in a glob: \"{written}\""))
                .cure(format!("write a glob for each: {}", cures::quoted(&all)))
        }
        GlobFault::Character(c) => at(format!("{c:?} cannot stand in a glob: \"{written}\""))
            .label("* ? and ** are understood, and {home} at the start"),
        GlobFault::Stars => {
            at(format!("** must be a whole component: \"{written}\"")).label("* stops at /, /**/ crosses it")
        }
    }
}

fn read_regex(reader: &Reader<'_>, entry: &Entry<'_>) -> Option<Pattern> {
    let text = reader.text(entry)?;
    let fault = match Pattern::new(text.text) {
        Ok(pattern) => return Some(pattern),
        Err(fault) => fault,
    };
    let at = |message: String| reader.at("regex", text.span, message);
    reader.say(match fault {
        PatternFault::Empty => at("an empty regex takes no word".to_owned()),
        PatternFault::Syntax(said) => at(format!("not a regular expression: {said}")),
        PatternFault::TooLarge => {
            at("the regular expression is too large".to_owned()).label("lower the numbers in its braces")
        }
        PatternFault::InlineFlags => at("flags such as (?i) are not understood in a regex".to_owned())
            .label("write the letters out: [Aa]"),
    });
    None
}

fn read_one_of(reader: &Reader<'_>, entry: &Entry<'_>) -> Option<Vec<String>> {
    let texts = some_texts(reader, entry)?;
    let mut sound = true;
    for (index, text) in texts.iter().enumerate() {
        let wrong = if text.text.is_empty() {
            "an empty word cannot be chosen"
        } else if text.text.chars().any(char::is_control) {
            "a word cannot hold control characters"
        } else if texts.iter().take(index).any(|earlier| earlier.text == text.text) {
            "the same word stands here twice"
        } else {
            continue;
        };
        reader.say(reader.at("one-of", text.span, wrong));
        sound = false;
    }
    sound.then(|| texts.iter().map(|text| text.text.to_owned()).collect())
}

fn read_integer(reader: &Reader<'_>, entry: &Entry<'_>) -> Option<Kind> {
    let bounds: Vec<Option<i64>> = entry
        .value
        .items()
        .map(|items| items.map(|item: Value<'_>| integer(item)).collect())
        .unwrap_or_default();
    let [Some(min), Some(max)] = bounds.as_slice() else {
        let message = "\"integer\" must be a list of two integers";
        reader.say(reader.at("wrong-type", entry.value.span, message).label("the smallest and the largest"));
        return None;
    };
    if min > max {
        let message = format!("no integer lies between {min} and {max}");
        reader
            .say(reader.at("integer-bounds", entry.value.span, message).label("the smaller one comes first"));
        return None;
    }
    Some(Kind::Integer { min: *min, max: *max })
}
