//! Globs over paths, as the rule language has them: absolute and normal, `*` and `?` stop at `/`, `**` crosses
//! it and also matches nothing. Matching takes at most glob × path steps and never asks the file system.
//!
//! Paths are bytes. `?` takes one UTF-8 character where one stands, and otherwise one byte.

use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component as PathPart, Path, PathBuf};

pub(in crate::policy) mod component;
mod inside;
#[cfg(test)]
mod tests;

use component::{Token, fits, greedy, tokens};
pub(in crate::policy) use inside::Inside;

/// One glob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    text: String,
    fixed: PathBuf,
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    Path(Vec<Component>),
    Word(Vec<Token>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Component {
    /// `**`
    AnyDepth,
    Name(Vec<u8>),
    Like(Vec<Token>),
    /// The home directory of nobody in particular: no path has it.
    NoHome,
}

/// Whether one of the globs matches.
pub fn any_matches(globs: &[Glob], text: &[u8]) -> bool {
    globs.iter().any(|glob| glob.matches(text))
}

/// Whether one of the globs matches the directory or could match something beneath it.
pub fn any_reaches(globs: &[Glob], directory: &[u8]) -> bool {
    globs.iter().any(|glob| glob.reaches_beneath(directory))
}

/// Where `{home}` may stand, and nowhere else.
const HOME: &str = "{home}";

impl Glob {
    /// A path glob: absolute, without `.`, `..`, `//` or a trailing `/`. `{home}` alone is substituted, and
    /// only at the beginning; pass the directory's real name, since what is matched are real names. Without a
    /// person (`None`) or with a home directory that is not absolute, such a glob matches nothing.
    ///
    /// `[`, `]` and `\` are faults: read as plain text they would make an `except` that excepts nothing.
    pub fn path(text: &str, home: Option<&Path>) -> Result<Self, GlobFault> {
        if text.is_empty() {
            return Err(GlobFault::Empty);
        }
        let Some(rest) = text.strip_prefix(HOME) else { return Self::absolute(text) };
        if !rest.is_empty() && !rest.starts_with('/') {
            return Err(GlobFault::Character('{'));
        }
        let beneath = if rest.is_empty() { Vec::new() } else { components(rest)? };
        if !rest.is_empty() && beneath.is_empty() {
            return Err(GlobFault::NotNormal);
        }
        let (prefix, mut all) = home_components(home);
        all.extend(beneath);
        let text =
            if prefix == "/" && !rest.is_empty() { rest.to_owned() } else { format!("{prefix}{rest}") };
        Ok(Self::of(text, all))
    }

    fn absolute(text: &str) -> Result<Self, GlobFault> {
        if !text.starts_with('/') {
            return Err(GlobFault::NotAbsolute);
        }
        Ok(Self::of(text.to_owned(), components(text)?))
    }

    fn of(text: String, components: Vec<Component>) -> Self {
        let mut fixed = PathBuf::from("/");
        for component in &components {
            let Component::Name(name) = component else { break };
            fixed.push(std::ffi::OsStr::from_bytes(name));
        }
        Self { text, fixed, shape: Shape::Path(components) }
    }

    /// A glob over any word, for `deny.words`: here `*` and `?` cross `/`, since a word is no path.
    pub fn word(text: &str) -> Result<Self, GlobFault> {
        if text.is_empty() {
            return Err(GlobFault::Empty);
        }
        plain(text)?;
        Ok(Self { text: text.to_owned(), fixed: PathBuf::from("/"), shape: Shape::Word(tokens(text)) })
    }

    /// As written, the home directory filled in.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the whole of `path` matches. A path that is not absolute and normal never does.
    pub fn matches(&self, path: &[u8]) -> bool {
        match &self.shape {
            Shape::Word(tokens) => fits(tokens, path),
            Shape::Path(components) => normal(path).is_some_and(|beneath| {
                greedy(
                    components,
                    beneath,
                    |component| matches!(component, Component::AnyDepth),
                    |component, left| {
                        next_name(left).and_then(|(name, rest)| component.takes(name).then_some(rest))
                    },
                    |left| next_name(left).map(|(_, rest)| rest),
                )
            }),
        }
    }

    /// Whether `directory` itself or anything that could lie beneath it matches. This is what a walk, a
    /// completion and the check of tree grants ask. A word glob could match anything anywhere.
    pub fn reaches_beneath(&self, directory: &[u8]) -> bool {
        let Shape::Path(components) = &self.shape else { return true };
        let Some(mut left) = normal(directory) else { return false };
        for component in components {
            let Some((name, rest)) = next_name(left) else { return true };
            match component {
                Component::AnyDepth => return true,
                other if !other.takes(name) => return false,
                _ => left = rest,
            }
        }
        left.is_empty()
    }

    /// Whether a path that begins with `start` could match: what completion and colours ask of a word that is
    /// still being typed. `start` is absolute; everything before its last `/` is normal.
    pub fn may_begin(&self, start: &[u8]) -> bool {
        let Shape::Path(components) = &self.shape else { return true };
        let Some(slash) = start.iter().rposition(|byte| *byte == b'/') else { return false };
        let (directory, name) = start.split_at(slash);
        let name = name.get(1..).unwrap_or_default();
        let mut left = directory.get(1..).unwrap_or_default();
        for component in components {
            let Some((wanted, rest)) = next_name(left) else { return component.begins(name) };
            match component {
                Component::AnyDepth => return true,
                other if !other.takes(wanted) => return false,
                _ => left = rest,
            }
        }
        left.is_empty() && name.is_empty()
    }

    /// Whether everything beneath `directory` matches, whatever its name.
    pub fn takes_all_beneath(&self, directory: &[u8]) -> bool {
        match &self.shape {
            Shape::Word(_) => self.takes_all_that_begin(directory),
            Shape::Path(all) => matches!(all.last(), Some(Component::AnyDepth)) && self.matches(directory),
        }
    }

    /// Whether a word that begins with `start` matches, whatever follows. Only of a glob over words.
    pub fn takes_all_that_begin(&self, start: &[u8]) -> bool {
        match &self.shape {
            Shape::Word(tokens) => matches!(tokens.last(), Some(Token::Many)) && fits(tokens, start),
            Shape::Path(_) => false,
        }
    }

    /// The directory up to the first wildcard, `/` at least; the whole path where there is no wildcard.
    pub fn fixed_directory(&self) -> &Path {
        &self.fixed
    }
}

impl Component {
    fn takes(&self, name: &[u8]) -> bool {
        match self {
            Self::AnyDepth => true,
            Self::Name(wanted) => wanted == name,
            Self::Like(tokens) => fits(tokens, name),
            Self::NoHome => false,
        }
    }

    /// Whether a name that begins so could be taken.
    fn begins(&self, start: &[u8]) -> bool {
        match self {
            Self::AnyDepth => true,
            Self::Name(wanted) => wanted.starts_with(start),
            Self::Like(tokens) => (0..=tokens.len()).any(|n| tokens.get(..n).is_some_and(|t| fits(t, start))),
            Self::NoHome => false,
        }
    }
}

/// Why a text is no glob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GlobFault {
    /// Nothing in it.
    Empty,
    /// Does not begin with `/` (or `{home}`).
    NotAbsolute,
    /// Has `.`, `..`, `//` or a trailing `/`.
    NotNormal,
    /// Braces other than `{home}` at the beginning, brackets, a backslash, or what cannot be seen.
    Character(char),
    /// `**` beside other characters of its component.
    Stars,
}

impl fmt::Display for GlobFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a glob is empty"),
            Self::NotAbsolute => f.write_str("globs must be absolute: begin with / or {home}/"),
            Self::NotNormal => f.write_str("globs have no . or .. or // in them and no / at the end"),
            Self::Character('{' | '}') => {
                f.write_str("braces are not understood here, except {home} at the beginning")
            }
            Self::Character(c @ ('[' | ']' | '\\')) => {
                write!(
                    f,
                    "{c} is not understood in a glob: only *, ** and ? are; write ? for any one character"
                )
            }
            Self::Character(c) => write!(f, "{} cannot stand in a glob", c.escape_debug()),
            Self::Stars => f.write_str("** stands alone between slashes"),
        }
    }
}

impl std::error::Error for GlobFault {}

/// Whether a character can be seen. A name or value with another one could hide or forge what an auditor reads.
pub(crate) fn printable(c: char) -> bool {
    !crate::excerpt::is_hidden(c)
}

fn plain(text: &str) -> Result<(), GlobFault> {
    let odd = |c: &char| matches!(c, '{' | '}' | '[' | ']' | '\\') || !printable(*c);
    text.chars().find(odd).map_or(Ok(()), |c| Err(GlobFault::Character(c)))
}

/// `text` begins with `/`.
fn components(text: &str) -> Result<Vec<Component>, GlobFault> {
    plain(text)?;
    if text == "/" {
        return Ok(Vec::new());
    }
    text.split('/').skip(1).map(component).collect()
}

fn component(text: &str) -> Result<Component, GlobFault> {
    match text {
        "" | "." | ".." => Err(GlobFault::NotNormal),
        "**" => Ok(Component::AnyDepth),
        text if text.contains("**") => Err(GlobFault::Stars),
        text if text.contains(['*', '?']) => Ok(Component::Like(tokens(text))),
        text => Ok(Component::Name(text.as_bytes().to_vec())),
    }
}

/// The home directory's text and components. Whatever stands in it is literal, stars included.
fn home_components(home: Option<&Path>) -> (String, Vec<Component>) {
    let Some(home) = home.filter(|home| home.is_absolute()) else { return no_home() };
    let mut clean = PathBuf::from("/");
    let mut names = Vec::new();
    for part in home.components() {
        match part {
            PathPart::RootDir | PathPart::CurDir => {}
            PathPart::Normal(name) => {
                clean.push(name);
                names.push(Component::Name(name.as_bytes().to_vec()));
            }
            PathPart::ParentDir | PathPart::Prefix(_) => return no_home(),
        }
    }
    // Of an account without a home of its own: `{home}/**` would be everything.
    if names.is_empty() { no_home() } else { (clean.to_string_lossy().into_owned(), names) }
}

fn no_home() -> (String, Vec<Component>) {
    (HOME.to_owned(), vec![Component::NoHome])
}

/// What follows the first `/` of an absolute, normal path; empty for `/` itself.
fn normal(path: &[u8]) -> Option<&[u8]> {
    let beneath = path.strip_prefix(b"/")?;
    let clean = |name: &[u8]| !matches!(name, b"" | b"." | b"..");
    (beneath.is_empty() || beneath.split(|byte| *byte == b'/').all(clean)).then_some(beneath)
}

/// Takes the first name off what [`normal`] gave.
fn next_name(left: &[u8]) -> Option<(&[u8], &[u8])> {
    if left.is_empty() {
        return None;
    }
    let mut parts = left.splitn(2, |byte| *byte == b'/');
    Some((parts.next()?, parts.next().unwrap_or_default()))
}
