//! Where the texts of a policy come from: a trusted directory, or memory for the demonstration. Whatever is
//! taken from it goes into the digest and the stamp.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::document::Document;
use super::group::is_file_name;
use super::stamp::Stamp;
use super::trust::{Directory, Trust};
use crate::policy::fault::Fault;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folder {
    Groups,
    Sets,
}

impl Folder {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Groups => "groups.d",
            Self::Sets => "sets.d",
        }
    }
}

/// The demonstration's texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Embedded<'t> {
    pub(super) host: &'t str,
    pub(super) group: (&'t str, &'t str),
    pub(super) sets: &'t [(&'t str, &'t str)],
}

#[derive(Debug)]
enum Texts<'t> {
    Disk { root: Option<Directory>, groups: Opened, sets: Opened },
    Memory(Embedded<'t>),
}

/// A directory that is opened when the first file of it is wanted.
#[derive(Debug)]
enum Opened {
    NotYet,
    Absent,
    Open(Directory),
}

#[derive(Debug)]
pub(super) struct Shelf<'t> {
    texts: Texts<'t>,
    /// The directory's name, for messages.
    path: PathBuf,
    pub(super) stamp: Stamp,
    digest: Sha256,
}

impl<'t> Shelf<'t> {
    pub(super) fn disk(path: &Path, trust: Trust, stamp: &mut Stamp) -> Result<Self, Box<Fault>> {
        let path = match std::env::current_dir() {
            Ok(here) => here.join(path),
            Err(_) => path.to_owned(),
        };
        // Faults name it: `.` and `./x` are what somebody typed, and no part of the place.
        let path: PathBuf = path.components().collect();
        let root = Directory::open(&path, trust, stamp)?;
        let texts = Texts::Disk { root, groups: Opened::NotYet, sets: Opened::NotYet };
        Ok(Self { texts, path, stamp: std::mem::take(stamp), digest: Sha256::new() })
    }

    pub(super) fn memory(texts: Embedded<'t>) -> Self {
        let path = PathBuf::from("demo");
        Self { texts: Texts::Memory(texts), path, stamp: Stamp::default(), digest: Sha256::new() }
    }

    /// The directory policy is read from, if it is one.
    pub(super) fn directory(&self) -> Option<&Path> {
        match self.texts {
            Texts::Disk { .. } => Some(&self.path),
            Texts::Memory(_) => None,
        }
    }

    /// gatesh.toml, if there is one.
    pub(super) fn host(&mut self) -> Result<Option<Rc<Document>>, Box<Fault>> {
        let text = match &self.texts {
            Texts::Disk { root: None, .. } => None,
            Texts::Disk { root: Some(root), .. } => root.read("gatesh.toml", &mut self.stamp)?,
            Texts::Memory(texts) => Some(texts.host.to_owned()),
        };
        Ok(text.map(|text| self.taken("gatesh.toml", text)))
    }

    /// The file of a group or set, if it has one.
    pub(super) fn file(&mut self, folder: Folder, name: &str) -> Result<Option<Rc<Document>>, Box<Fault>> {
        if !is_file_name(name) {
            return Ok(None);
        }
        let file = format!("{name}.toml");
        let text = match &mut self.texts {
            Texts::Memory(texts) => texts.find(folder, name).map(str::to_owned),
            Texts::Disk { root, groups, sets } => {
                let place = if folder == Folder::Groups { groups } else { sets };
                match place.directory(root.as_ref(), folder, &mut self.stamp)? {
                    Some(directory) => directory.read(&file, &mut self.stamp)?,
                    None => None,
                }
            }
        };
        Ok(text.map(|text| self.taken(&format!("{}/{file}", folder.name()), text)))
    }

    /// Names that have a file, in byte order.
    pub(super) fn names(&mut self, folder: Folder) -> Result<Vec<String>, Box<Fault>> {
        let Texts::Disk { root, groups, sets } = &mut self.texts else { return Ok(Vec::new()) };
        let place = if folder == Folder::Groups { groups } else { sets };
        match place.directory(root.as_ref(), folder, &mut self.stamp)? {
            Some(directory) => directory.names(),
            None => Ok(Vec::new()),
        }
    }

    /// SHA-256 over names and texts, lower-case hex. Names are relative, so a staged copy has the same digest.
    pub(super) fn digest(&self) -> String {
        let bytes = self.digest.clone().finalize();
        bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    fn taken(&mut self, name: &str, text: String) -> Rc<Document> {
        self.digest.update(format!("{name}\0{}\0", text.len()));
        self.digest.update(&text);
        Rc::new(Document::new(self.path.join(name), text))
    }
}

impl Opened {
    fn directory(
        &mut self,
        root: Option<&Directory>,
        folder: Folder,
        stamp: &mut Stamp,
    ) -> Result<Option<&Directory>, Box<Fault>> {
        if let (Self::NotYet, Some(root)) = (&*self, root) {
            *self = match root.inner(folder.name(), stamp)? {
                Some(directory) => Self::Open(directory),
                None => Self::Absent,
            };
        }
        Ok(match self {
            Self::Open(directory) => Some(directory),
            Self::NotYet | Self::Absent => None,
        })
    }
}

impl<'t> Embedded<'t> {
    fn find(&self, folder: Folder, name: &str) -> Option<&'t str> {
        match folder {
            Folder::Groups => Some(self.group).filter(|(group, _)| *group == name).map(|(_, text)| text),
            Folder::Sets => self.sets.iter().find(|(set, _)| *set == name).map(|(_, text)| *text),
        }
    }
}
