//! Expanding what a person types. Only directories whose real name can lead to the person's globs are opened,
//! and only names that match or lead there are kept: nothing outside is ever listed, whatever a link says.

use std::cell::Cell;
use std::fmt;

use nix::dir::{Dir, Type};
use nix::fcntl::OFlag;
use nix::sys::stat::SFlag;

use super::View;
use super::name::{joined, usable};
use super::object::{Held, Links};
use super::typed::{Part, parts};
use crate::policy::glob::Glob;
use crate::words::Word;

/// A word's names after expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expansion {
    /// What was found, sorted by bytes, as it would have been typed (relative stays relative). One that would
    /// begin with `-` or `+` begins with `./` instead, so that no file's name is ever read as an option.
    pub names: Vec<String>,
    /// Found names that cannot be words, escaped for display.
    pub skipped: Vec<String>,
}

/// Why a glob a person typed gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpandFault {
    /// No name matches.
    NoMatch,
    /// None of the names that match can be a word.
    NoWord,
    /// More than 1,000 names.
    TooMany,
    /// More than 100,000 directory entries were looked at, or 1,000,000 for the whole line; each directory opened
    /// counts for ten, and so does each name that is judged then.
    TooMuchWork,
    /// `[` without `]` and the like.
    Syntax,
    /// `..` after a pattern: what it climbs out of is not one directory.
    Climbs,
}

/// Most names of one word.
const NAMES: usize = 1_000;
/// Most directory entries looked at for one word.
const ENTRIES: usize = 100_000;
/// What opening a directory, or judging a name that was found, counts for: it takes several system calls.
const DIRECTORY: usize = 10;
/// The same for all words of a line, under every rule that may take them.
const LINE: usize = 1_000_000;
/// Most components of one word: the walk recurses once for each.
const COMPONENTS: usize = 64;

/// What the globs of one line have cost so far. Any number of words and commands share it, so that no line keeps
/// the host busy.
#[derive(Debug, Default)]
pub struct Effort {
    entries: Cell<usize>,
}

impl Effort {
    fn spend(&self, entries: usize) -> Result<(), ExpandFault> {
        self.entries.set(self.entries.get().saturating_add(entries));
        if self.entries.get() > LINE { Err(ExpandFault::TooMuchWork) } else { Ok(()) }
    }
}

impl fmt::Display for ExpandFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMatch => f.write_str("matches no file"),
            Self::NoWord => f.write_str("matches only names that cannot be written in a line"),
            Self::TooMany => write!(f, "matches more than {NAMES} files: narrow it"),
            Self::TooMuchWork => f.write_str("would look through too many directories: narrow it"),
            Self::Syntax => f.write_str("is no pattern: quote the [ if it is meant as itself"),
            Self::Climbs => f.write_str("has .. after a pattern"),
        }
    }
}

impl std::error::Error for ExpandFault {}

impl View {
    /// Expands a word's unquoted `*`, `?`, `[...]`, walking only directories that can lead to `globs`. Where
    /// paths are judged as text nothing can be listed, and the word stands for itself.
    pub fn expand(&self, word: &Word, globs: &[&Glob], effort: &Effort) -> Result<Expansion, ExpandFault> {
        self.expand_text(word.text(), word.magic(), globs, effort)
    }

    pub(super) fn expand_text(
        &self,
        text: &str,
        magic: &[usize],
        globs: &[&Glob],
        effort: &Effort,
    ) -> Result<Expansion, ExpandFault> {
        if matches!(self, Self::Text { .. }) {
            return Ok(Expansion { names: vec![text.to_owned()], skipped: Vec::new() });
        }
        let parts = parts(text, magic)?;
        if parts.len() > COMPONENTS {
            return Err(ExpandFault::TooMuchWork);
        }
        let after_pattern = parts.iter().skip_while(|part| matches!(part, Part::Name(_)));
        if after_pattern.into_iter().any(|part| *part == Part::Name(String::from(".."))) {
            return Err(ExpandFault::Climbs);
        }
        let mut walk = Walk {
            view: self,
            globs,
            effort,
            directories: text.ends_with('/'),
            looked: 0,
            found: Vec::new(),
        };
        let start = if text.starts_with('/') { b"/" } else { self.directory_bytes() };
        let prefix: &[u8] = if text.starts_with('/') { b"/" } else { b"" };
        walk.go_on(start, prefix, &parts)?;
        effort.spend(walk.found.len().saturating_mul(DIRECTORY))?;
        sorted(walk.found)
    }
}

/// A name in a directory and, where the file system says, its kind.
type Entry = (Vec<u8>, Option<Type>);

/// One walk over directories.
struct Walk<'a> {
    view: &'a View,
    globs: &'a [&'a Glob],
    effort: &'a Effort,
    /// A `/` ends the pattern: only directories are wanted.
    directories: bool,
    looked: usize,
    found: Vec<Vec<u8>>,
}

impl Walk<'_> {
    /// Goes on from a directory with the real name `at`, typed as `typed` (which ends in `/` or is empty).
    fn go_on(&mut self, at: &[u8], typed: &[u8], parts: &[Part]) -> Result<(), ExpandFault> {
        let Some((part, further)) = parts.split_first() else { return Ok(()) };
        match part {
            Part::Name(name) => {
                self.count(1)?;
                self.found_one(at, typed, name.as_bytes(), None, further)
            }
            Part::Like(_) => {
                for (name, kind) in self.entries(at, part)? {
                    self.found_one(at, typed, &name, kind, further)?;
                }
                Ok(())
            }
        }
    }

    fn found_one(
        &mut self,
        at: &[u8],
        typed: &[u8],
        name: &[u8],
        kind: Option<Type>,
        further: &[Part],
    ) -> Result<(), ExpandFault> {
        let (path, typed) = (joined(at, name), [typed, name].concat());
        if !further.is_empty() {
            if matches!(kind, None | Some(Type::Directory | Type::Symlink))
                && let Some(real) = self.enter(&path)?
            {
                return self.go_on(&real, &[&typed, &b"/"[..]].concat(), further);
            }
            return Ok(());
        }
        if self.keeps(&path, kind)? {
            let slash: &[u8] = if self.directories { b"/" } else { b"" };
            self.found.push([&typed, slash].concat());
        }
        if self.found.len() > NAMES { Err(ExpandFault::TooMany) } else { Ok(()) }
    }

    /// Whether the name itself matches, or is a directory that leads on.
    fn keeps(&mut self, path: &[u8], kind: Option<Type>) -> Result<bool, ExpandFault> {
        let matches = self.globs.iter().any(|glob| glob.matches(path));
        let could_lead = matches!(kind, None | Some(Type::Directory | Type::Symlink));
        if self.directories || !matches {
            return Ok(could_lead && self.enter(path)?.is_some());
        }
        // Named and not listed, or the file system does not say: it may not be there at all.
        let nofollow = OFlag::O_PATH | OFlag::O_NOFOLLOW;
        Ok(kind.is_some() || self.view.open(path, nofollow, Links::Followed).is_ok())
    }

    /// The real name of a directory that leads on.
    fn enter(&mut self, path: &[u8]) -> Result<Option<Vec<u8>>, ExpandFault> {
        self.count(DIRECTORY)?;
        Ok(self.view.leading_directory(path, self.globs))
    }

    fn entries(&mut self, at: &[u8], part: &Part) -> Result<Vec<Entry>, ExpandFault> {
        let Some(mut directory) = self.view.listing(at, self.globs) else { return Ok(Vec::new()) };
        let mut entries = Vec::new();
        for entry in directory.iter().map_while(Result::ok) {
            let name = entry.file_name().to_bytes();
            self.count(part.cost(name))?;
            if part.fits(name) && !matches!(name, b"." | b"..") {
                entries.push((name.to_vec(), entry.file_type()));
            }
        }
        Ok(entries)
    }

    fn count(&mut self, entries: usize) -> Result<(), ExpandFault> {
        self.effort.spend(entries)?;
        self.looked += entries;
        if self.looked > ENTRIES { Err(ExpandFault::TooMuchWork) } else { Ok(()) }
    }
}

impl View {
    /// The real name of a directory, if it is one and a glob reaches into it.
    pub(super) fn leading_directory(&self, path: &[u8], globs: &[&Glob]) -> Option<Vec<u8>> {
        self.hold(path, OFlag::O_DIRECTORY).ok().filter(|held| leads(held, globs)).map(|held| held.name)
    }

    /// The same directory, open for reading its names.
    pub(super) fn listing(&self, path: &[u8], globs: &[&Glob]) -> Option<Dir> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NONBLOCK;
        let held = self.held(self.open(path, flags, Links::Followed).ok()?).ok()?;
        if leads(&held, globs) { Dir::from_fd(held.descriptor).ok() } else { None }
    }
}

/// Directories of procfs lead nowhere unless a glob names /proc: only such a glob matches there.
fn leads(held: &Held, globs: &[&Glob]) -> bool {
    let on_procfs = held.on_procfs();
    held.kind() == SFlag::S_IFDIR
        && globs.iter().any(|glob| {
            glob.reaches_beneath(&held.name) && (!on_procfs || glob.fixed_directory().starts_with("/proc"))
        })
}

fn sorted(mut found: Vec<Vec<u8>>) -> Result<Expansion, ExpandFault> {
    if found.is_empty() {
        return Err(ExpandFault::NoMatch);
    }
    found.sort();
    let mut expansion = Expansion::default();
    for name in found {
        match usable(&name) {
            Some(text) if text.starts_with(['-', '+']) => expansion.names.push(format!("./{text}")),
            Some(text) => expansion.names.push(text.to_owned()),
            None => expansion.skipped.push(name.escape_ascii().to_string()),
        }
    }
    Ok(expansion)
}
