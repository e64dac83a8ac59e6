//! What a value may be: a file, a directory, a regular expression, one of a list, an integer, or one of the
//! built-in kinds. Path types are resolved by [`super::paths`]; everything else is judged on its text here.

use std::rc::Rc;

use super::glob::{Glob, any_matches, any_reaches};

mod built_in;
mod pattern;
#[cfg(test)]
mod tests;

pub use built_in::BuiltIn;
pub use pattern::{Pattern, PatternFault};

/// A named type.
#[derive(Debug)]
pub struct Type {
    /// Its name, without angle brackets.
    pub name: String,
    /// What it takes.
    pub kind: Kind,
}

/// What a type takes.
#[derive(Debug)]
pub enum Kind {
    /// A path, resolved on descriptors.
    Path(PathType),
    /// `{ regex = '...' }`
    Regex(Pattern),
    /// `{ one_of = [...] }`
    OneOf(Vec<String>),
    /// `{ integer = [min, max] }`
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// One of the built-in types.
    BuiltIn(BuiltIn),
}

/// `{ file = [globs] }` and its sisters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathType {
    /// What may stand there.
    pub object: Object,
    /// Where: at least one.
    pub globs: Vec<Glob>,
    /// Where not.
    pub except: Vec<Glob>,
    /// What the rule grants on it.
    pub access: Access,
    /// Whether it must exist; always so for reading.
    pub must_exist: bool,
}

impl PathType {
    /// Directories to stand in, which grants nothing.
    pub fn to_stand_in(globs: Vec<Glob>, except: Vec<Glob>) -> Self {
        Self { object: Object::Directory, globs, except, access: Access::Nothing, must_exist: true }
    }
}

/// The kind of object a path type takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    /// A regular file and nothing else.
    File,
    /// A directory.
    Directory,
    /// Either.
    Either,
}

/// What a path value grants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Access {
    /// Contents of a file; names beneath a directory.
    #[default]
    Read,
    /// A directory with the contents beneath it.
    Tree,
    /// Writing the file.
    Write,
    /// Nothing: the path is only named.
    Nothing,
}

impl Type {
    /// The built-in type of that name. `number`, `port` and `pid` are integers in all but name.
    pub fn built_in(name: &str) -> Option<Rc<Type>> {
        let kind = Kind::BuiltIn(BuiltIn::named(name)?);
        Some(Rc::new(Self { name: name.to_owned(), kind }))
    }

    /// Names of all built-in types, for suggestions.
    pub const BUILT_IN: &[&str] = &[
        "word", "text", "any", "number", "host", "port", "user", "group", "pid", "unit", "package", "date",
        "duration", "glob",
    ];

    /// Whether values of it are paths.
    pub fn is_path(&self) -> bool {
        matches!(self.kind, Kind::Path(_))
    }

    /// Whether `text` is a value of this type. Path types answer by text alone (globs and excepts against an
    /// already absolute, normal path); resolution is [`super::paths`]'s. Never true for an empty text, nor for one
    /// that begins with `-` but where `after_text` says that text stands before it and the type itself says so: a
    /// negative integer, a regex, a `one_of`. That the text before it is `--name=` is the synopsis's to see.
    pub fn takes(&self, text: &str, after_text: bool) -> bool {
        if let Kind::Integer { min, max } = self.kind {
            return integer(text, after_text && min < 0).is_some_and(|n| (min..=max).contains(&n));
        }
        let says = matches!(self.kind, Kind::Regex(_) | Kind::OneOf(_));
        if text.is_empty() || (text.starts_with('-') && !(after_text && says)) {
            return false;
        }
        match &self.kind {
            Kind::Path(path) => path.covers(text.as_bytes()) && !path.excepts(text.as_bytes()),
            Kind::Regex(pattern) => pattern.matches(text),
            Kind::OneOf(values) => values.iter().any(|value| value == text),
            Kind::BuiltIn(built_in) => built_in.takes(text),
            Kind::Integer { .. } => false,
        }
    }

    /// What it takes, in words a person reads: "1 to 10000", "a file matching /var/log/**/*.log".
    pub fn describe(&self) -> String {
        match &self.kind {
            Kind::Path(path) => path.describe(),
            Kind::Regex(pattern) => pattern.describe(),
            Kind::OneOf(values) if values.len() > 1 => format!("one of {}", values.join(", ")),
            Kind::OneOf(_) | Kind::Integer { .. } => self.describe_short(),
            Kind::BuiltIn(built_in) => built_in.describe().to_owned(),
        }
    }

    /// What it takes, short, as it stands after "does not match <log>: ".
    pub fn describe_short(&self) -> String {
        match &self.kind {
            Kind::Path(path) => texts(&path.globs).join(", "),
            Kind::Regex(pattern) => pattern.text().to_owned(),
            Kind::OneOf(values) => values.join(", "),
            Kind::Integer { min, max } if min == max => min.to_string(),
            Kind::Integer { min, max } => format!("{min} to {max}"),
            Kind::BuiltIn(built_in) => built_in.describe().to_owned(),
        }
    }
}

impl PathType {
    /// Whether a glob takes the path, whatever is excepted.
    pub fn covers(&self, path: &[u8]) -> bool {
        any_matches(&self.globs, path)
    }

    /// Whether the path is taken out.
    pub fn excepts(&self, path: &[u8]) -> bool {
        any_matches(&self.except, path)
    }

    /// Whether a glob takes the directory or could take something beneath it.
    pub fn leads_through(&self, directory: &[u8]) -> bool {
        any_reaches(&self.globs, directory)
    }

    fn describe(&self) -> String {
        let what = match (self.object, self.access) {
            (Object::File, Access::Write) if !self.must_exist => "a file, new or not,",
            (Object::File, _) => "a file",
            (Object::Directory, _) => "a directory",
            (Object::Either, _) => "a file or directory",
        };
        let except = if self.except.is_empty() {
            String::new()
        } else {
            format!(", but not {}", listed(&texts(&self.except)))
        };
        format!("{what} matching {}{except}", listed(&texts(&self.globs)))
    }
}

fn texts(globs: &[Glob]) -> Vec<&str> {
    globs.iter().map(Glob::text).collect()
}

/// `a`, `a or b`, `a, b or c`
fn listed(texts: &[&str]) -> String {
    match texts.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::from("nothing"),
    }
}

/// `0|[1-9][0-9]*`, with `-` before it (but not before 0) where that is allowed.
fn integer(text: &str, negative: bool) -> Option<i64> {
    match text.strip_prefix('-') {
        Some("0") => None,
        Some(magnitude) if negative => built_in::decimal(magnitude).and_then(i64::checked_neg),
        Some(_) => None,
        None => built_in::decimal(text),
    }
}
