//! What a value may be: a file, a directory, a regular expression, one of a list, an integer, or one of the
//! built-in kinds. Path types are resolved by [`super::paths`]; everything else is judged on its text here.

use std::rc::Rc;

use super::glob::Glob;

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

/// A compiled regular expression, anchored at both ends, ASCII classes.
#[derive(Debug)]
pub struct Pattern {
    text: String,
}

impl Pattern {
    /// Checks `text` alone (size-bounded, no inline flags), then anchors it.
    pub fn new(_text: &str) -> Result<Self, PatternFault> {
        unimplemented!()
    }

    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternFault {
    /// What the regex crate says of it, in one line.
    Syntax(String),
    /// Too large once compiled.
    TooLarge,
    /// `(?i)` and its like.
    InlineFlags,
    /// Nothing in it.
    Empty,
}

/// The built-in types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the rule language's own name; `describe` says what it takes")]
pub enum BuiltIn {
    Word,
    Text,
    Any,
    Number,
    Host,
    Port,
    User,
    Group,
    Pid,
    Unit,
    Package,
    Date,
    Duration,
    Glob,
}

impl Type {
    /// The built-in type of that name. `number`, `port` and `pid` are integers in all but name.
    pub fn built_in(_name: &str) -> Option<Rc<Type>> {
        unimplemented!()
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
    /// already absolute, normal path); resolution is [`super::paths`]'s. Never true for a lone `-`, a text
    /// that begins with `-` (a negative integer excepted where `after_text` says that text stands before it)
    /// or an empty one.
    pub fn takes(&self, _text: &str, _after_text: bool) -> bool {
        unimplemented!()
    }

    /// What it takes, in words a person reads: "1 to 10000", "a file matching /var/log/**/*.log".
    pub fn describe(&self) -> String {
        unimplemented!()
    }

    /// What it takes, short, as it stands after "does not match <log>: ".
    pub fn describe_short(&self) -> String {
        unimplemented!()
    }
}
