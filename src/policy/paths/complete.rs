//! What completion may offer: names inside the types' globs and directories that lead to them.

use nix::dir::Type;
use nix::fcntl::OFlag;
use nix::sys::stat::SFlag;

use super::View;
use super::name::{joined, usable};
use super::object::Links;
use crate::policy::glob::{Glob, Inside};
use crate::policy::types::{Object, PathType};

/// A name that can stand next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The directory entry, without its directory.
    pub name: String,
    /// Whether it is a directory (a link to one included).
    pub is_dir: bool,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// All, sorted.
    Few(Vec<Candidate>),
    /// More than anybody reads.
    Many {
        /// What the names have in common; at least what was typed.
        common: String,
    },
}

/// Most directory entries looked at.
const ENTRIES: usize = 100_000;
/// Most links followed: each costs several system calls.
const LINKS: usize = 1_000;
/// More names than these are not listed.
const MOST: usize = 1_000;

impl View {
    /// The entries of a directory that begin with `prefix` and that one of `wanted` takes, or that are
    /// directories leading to what it takes. A leading dot must be typed. `directory_typed` is what
    /// stands before the last `/`, that slash included, or nothing.
    ///
    /// Plain entries are judged by their name and kind alone, links by where they lead; the hard links and
    /// the owner of a file are looked at only when a command is judged.
    pub fn list(&self, directory_typed: &str, prefix: &str, wanted: &[&PathType]) -> Candidates {
        self.look_through(directory_typed, prefix, wanted).unwrap_or(Candidates::Few(Vec::new()))
    }

    fn look_through(&self, typed: &str, prefix: &str, wanted: &[&PathType]) -> Option<Candidates> {
        let globs: Vec<&Glob> = wanted.iter().flat_map(|wanted| &wanted.globs).collect();
        let typed = if typed.is_empty() { "." } else { typed };
        let leads = |directory: &[u8]| globs.iter().any(|glob| glob.reaches_beneath(directory));
        if !self.climbs_only_what_is_known(typed, leads) {
            return None;
        }
        let real = self.leading_directory(typed.as_bytes(), &globs)?;
        let mut listing = self.listing(&real, &globs)?;
        let inside = wanted.iter().map(|wanted| Wanted::inside(wanted, &real)).collect();
        let mut offer = Offer { view: self, wanted, inside, globs: &globs, real: &real, links: LINKS };
        let mut found = Found::new(prefix);
        for (seen, entry) in listing.iter().enumerate() {
            let Ok(entry) = entry else { break };
            if seen >= ENTRIES {
                found.shares(prefix);
                break;
            }
            if found.is_hopeless() {
                break;
            }
            let name = entry.file_name().to_bytes();
            if offered(name, prefix)
                && let Some((name, is_dir)) = offer.judge(name, entry.file_type())
            {
                found.add(name, is_dir);
            }
        }
        Some(found.all())
    }
}

/// What was found so far.
struct Found<'p> {
    prefix: &'p str,
    few: Vec<Candidate>,
    count: usize,
    common: Option<String>,
}

impl<'p> Found<'p> {
    fn new(prefix: &'p str) -> Self {
        Self { prefix, few: Vec::new(), count: 0, common: None }
    }

    fn add(&mut self, name: &str, is_dir: bool) {
        self.shares(name);
        self.count = self.count.saturating_add(1);
        if self.count <= MOST {
            self.few.push(Candidate { name: name.to_owned(), is_dir });
        }
    }

    /// Cuts what is common to what `name` begins with, too.
    fn shares(&mut self, name: &str) {
        let Some(common) = &mut self.common else {
            self.common = Some(name.to_owned());
            return;
        };
        if !name.starts_with(common.as_str()) {
            let mut pairs = common.char_indices().zip(name.chars());
            let end = pairs.find(|((_, a), b)| a != b).map(|((at, _), _)| at);
            common.truncate(end.unwrap_or(common.len().min(name.len())));
        }
    }

    /// Too many to list, and nothing to add to what was typed: no other name would change that.
    fn is_hopeless(&self) -> bool {
        self.count > MOST && self.common.as_ref().is_some_and(|common| common.len() <= self.prefix.len())
    }

    fn all(self) -> Candidates {
        let Self { mut few, count, common, prefix } = self;
        if count > MOST {
            return Candidates::Many { common: common.unwrap_or_else(|| prefix.to_owned()) };
        }
        few.sort();
        Candidates::Few(few)
    }
}

fn offered(name: &[u8], prefix: &str) -> bool {
    let hidden = name.starts_with(b".") && !prefix.starts_with('.');
    name.starts_with(prefix.as_bytes()) && !hidden && !matches!(name, b"." | b"..")
}

/// A type inside the directory.
struct Wanted<'a> {
    object: Object,
    taken: Inside<'a>,
    excepted: Inside<'a>,
}

impl<'a> Wanted<'a> {
    fn inside(wanted: &'a PathType, directory: &[u8]) -> Self {
        Self {
            object: wanted.object,
            taken: Inside::of(&wanted.globs, directory),
            excepted: Inside::of(&wanted.except, directory),
        }
    }

    fn takes(&self, name: &[u8], object: Object) -> bool {
        (self.object == object || self.object == Object::Either)
            && self.taken.takes(name)
            && !self.excepted.takes(name)
    }

    fn leads(&self, name: &[u8]) -> bool {
        self.taken.leads_through(name) && !self.excepted.takes(name)
    }
}

struct Offer<'a> {
    view: &'a View,
    wanted: &'a [&'a PathType],
    inside: Vec<Wanted<'a>>,
    globs: &'a [&'a Glob],
    real: &'a [u8],
    /// How many links may still be followed.
    links: usize,
}

impl Offer<'_> {
    /// The name as text and whether it is a directory, if it may be offered.
    fn judge<'n>(&mut self, name: &'n [u8], kind: Option<Type>) -> Option<(&'n str, bool)> {
        let text = usable(name)?;
        let is_dir = match kind.or_else(|| self.kind(&joined(self.real, name)))? {
            Type::File => self.inside.iter().any(|wanted| wanted.takes(name, Object::File)).then_some(false),
            Type::Directory => self.inside.iter().any(|wanted| wanted.leads(name)).then_some(true),
            Type::Symlink => self.behind(&joined(self.real, name)),
            Type::Fifo | Type::CharacterDevice | Type::BlockDevice | Type::Socket => None,
        }?;
        Some((text, is_dir))
    }

    /// Whether a directory that a link leads to may be offered.
    fn leads(&self, path: &[u8]) -> bool {
        self.wanted.iter().any(|wanted| wanted.leads_through(path) && !wanted.excepts(path))
    }

    /// Whether a link may be offered, and whether it leads to a directory.
    fn behind(&mut self, path: &[u8]) -> Option<bool> {
        self.links = self.links.checked_sub(1)?;
        if let Some(real) = self.view.leading_directory(path, self.globs) {
            return self.leads(&real).then_some(true);
        }
        let typed = str::from_utf8(path).ok()?;
        self.wanted.iter().any(|wanted| self.view.resolve(wanted, typed, false).is_ok()).then_some(false)
    }

    /// For file systems whose listings do not say.
    fn kind(&self, path: &[u8]) -> Option<Type> {
        let nofollow = OFlag::O_PATH | OFlag::O_NOFOLLOW;
        let held = self.view.held(self.view.open(path, nofollow, Links::Followed).ok()?).ok()?;
        match held.kind() {
            SFlag::S_IFREG => Some(Type::File),
            SFlag::S_IFDIR => Some(Type::Directory),
            SFlag::S_IFLNK => Some(Type::Symlink),
            _ => None,
        }
    }
}
