//! Globs over paths, as the rule language has them: absolute and normal, `*` and `?` stop at `/`, `**` crosses
//! it and also matches nothing. Matching is linear and never asks the file system.

use std::path::Path;

/// One glob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    text: String,
}

impl Glob {
    /// A path glob: absolute, without `.`, `..`, `//` or a trailing `/`. `{home}` alone is substituted.
    pub fn path(_text: &str, _home: Option<&Path>) -> Result<Self, GlobFault> {
        unimplemented!()
    }

    /// A glob over any word, for `deny.words`: here `*` and `?` cross `/`, since a word is no path.
    pub fn word(_text: &str) -> Result<Self, GlobFault> {
        unimplemented!()
    }

    /// As written, the home directory filled in.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the whole of `path` matches.
    pub fn matches(&self, _path: &[u8]) -> bool {
        unimplemented!()
    }

    /// Whether `directory` itself or anything that could lie beneath it matches. This is what a walk, a
    /// completion and the check of tree grants ask.
    pub fn reaches_beneath(&self, _directory: &[u8]) -> bool {
        unimplemented!()
    }

    /// The directory up to the first wildcard, `/` at least.
    pub fn fixed_directory(&self) -> &Path {
        unimplemented!()
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
    /// Braces other than `{home}`, or a control character.
    Character(char),
    /// `**` beside other characters of its component.
    Stars,
}
