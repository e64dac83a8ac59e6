//! What completion may offer: names inside the types' globs and directories that lead to them.

use nix::dir::Type;
use nix::fcntl::OFlag;
use nix::sys::stat::SFlag;

use super::View;
use super::name::{joined, usable};
use super::object::Links;
use crate::policy::glob::Glob;
use crate::policy::types::{Object, PathType};

/// A name that can stand next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// The directory entry, without its directory.
    pub name: String,
    /// Whether it is a directory (a link to one included).
    pub is_dir: bool,
}

/// Most directory entries looked at.
const ENTRIES: usize = 100_000;
/// Most links followed: each costs several system calls.
const LINKS: usize = 1_000;

impl View {
    /// The entries of a directory that begin with `prefix` and that one of `wanted` takes, or that are
    /// directories leading to what it takes; sorted. A leading dot must be typed. `directory_typed` is what
    /// stands before the last `/`, that slash included, or nothing.
    ///
    /// Plain entries are judged by their name and kind alone, links by where they lead; the hard links and
    /// the owner of a file are looked at only when a command is judged.
    pub fn list(&self, directory_typed: &str, prefix: &str, wanted: &[&PathType]) -> Vec<Candidate> {
        let globs: Vec<&Glob> = wanted.iter().flat_map(|wanted| &wanted.globs).collect();
        let typed = if directory_typed.is_empty() { "." } else { directory_typed };
        let leads = |directory: &[u8]| globs.iter().any(|glob| glob.reaches_beneath(directory));
        if !self.climbs_only_what_is_known(typed, leads) {
            return Vec::new();
        }
        let Some(real) = self.leading_directory(typed.as_bytes(), &globs) else { return Vec::new() };
        let Some(mut listing) = self.listing(&real, &globs) else { return Vec::new() };
        let mut offer = Offer { view: self, wanted, globs: &globs, real: &real, links: LINKS };
        let mut candidates: Vec<Candidate> = listing
            .iter()
            .take(ENTRIES)
            .map_while(Result::ok)
            .filter(|entry| offered(entry.file_name().to_bytes(), prefix))
            .filter_map(|entry| offer.judge(entry.file_name().to_bytes(), entry.file_type()))
            .collect();
        candidates.sort();
        candidates
    }
}

fn offered(name: &[u8], prefix: &str) -> bool {
    let hidden = name.starts_with(b".") && !prefix.starts_with('.');
    name.starts_with(prefix.as_bytes()) && !hidden && !matches!(name, b"." | b"..")
}

struct Offer<'a> {
    view: &'a View,
    wanted: &'a [&'a PathType],
    globs: &'a [&'a Glob],
    real: &'a [u8],
    /// How many links may still be followed.
    links: usize,
}

impl Offer<'_> {
    fn judge(&mut self, name: &[u8], kind: Option<Type>) -> Option<Candidate> {
        let text = usable(name)?;
        let path = joined(self.real, name);
        let is_dir = match kind.or_else(|| self.kind(&path))? {
            Type::File => self.takes(&path, Object::File).then_some(false),
            Type::Directory => self.leads(&path).then_some(true),
            Type::Symlink => self.behind(&path),
            Type::Fifo | Type::CharacterDevice | Type::BlockDevice | Type::Socket => None,
        }?;
        Some(Candidate { name: text.to_owned(), is_dir })
    }

    fn takes(&self, path: &[u8], object: Object) -> bool {
        self.wanted.iter().any(|wanted| {
            (wanted.object == object || wanted.object == Object::Either)
                && wanted.covers(path)
                && !wanted.excepts(path)
        })
    }

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
