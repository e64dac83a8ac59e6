//! Turns trusted files into a [`Policy`], or explains every fault in them at once.
//!
//! `gatesh.toml` holds for the host, `groups.d/NAME.toml` for the Unix group NAME, and `sets.d/NAME.toml` for
//! the groups that include it. A person's cost is their own groups' files. A policy exists whole or not at all:
//! one error anywhere among the files that apply, and nothing of them counts.

mod alias;
mod cases;
mod cures;
mod deny;
pub mod document;
mod environment;
mod group;
mod host;
mod join;
mod plain;
mod reader;
mod rule;
mod scalar;
mod shelf;
pub mod stamp;
mod synonyms;
mod syntax;
mod terms;
mod tree;
pub mod trust;
mod types;
mod when;

use std::fmt::{self, Display, Formatter};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use document::Document;
pub use host::INSTALLED;
use join::Joiner;
use shelf::{Embedded, Folder, Shelf};
use stamp::Stamp;
use trust::Trust;

use super::fault::{Fault, Severity};
use super::{AuditSettings, Deny, Group, GroupMode, Policy, Settings};
use crate::identity::Identity;

/// Where policy is read from, and whose files are believed there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicySource {
    /// The directory of gatesh.toml; a relative one is meant from the working directory.
    pub directory: PathBuf,
    /// Whose files are believed.
    pub trust: Trust,
}

impl PolicySource {
    /// `/etc/gatesh`.
    pub fn installed() -> Self {
        Self { directory: PathBuf::from(INSTALLED), trust: Trust::Installed }
    }

    /// Another directory (`--config`), for the invoking user.
    pub fn staging(directory: PathBuf, uid: u32) -> Self {
        Self { directory, trust: Trust::Staging { uid } }
    }
}

/// Why there is no policy: every error of every file that applies, and warnings beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyErrors {
    /// At least one of them an error.
    pub faults: Vec<Fault>,
    /// What the files were like, to notice that they were mended.
    pub stamp: Stamp,
    /// Where records go all the same; `None` where gatesh.toml itself has a fault.
    pub audit: Option<AuditSettings>,
}

impl PolicyErrors {
    /// Where the first error stands, for the person to pass on: `FILE line N`.
    pub fn summary_for_person(&self) -> String {
        self.first().map(Fault::place).unwrap_or_default()
    }

    /// The message, where nothing is wrong with the files but with the group that was chosen (or was not).
    pub fn choice(&self) -> Option<&str> {
        self.first().filter(|fault| fault.id == CHOICE).map(|fault| fault.message.as_str())
    }

    fn first(&self) -> Option<&Fault> {
        self.faults.iter().find(|fault| fault.severity == Severity::Error)
    }
}

/// Every fault as `check` shows it, a blank line between two.
impl Display for PolicyErrors {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            write!(out, "{gap}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyErrors {}

/// The id of a fault of the choice of groups.
const CHOICE: &str = "group-choice";

/// Everything that applies to the person. `only_group` is `--group`: it narrows what is allowed, never what is
/// denied.
pub fn load(
    source: &PolicySource,
    person: &Identity,
    only_group: Option<&str>,
) -> Result<Policy, PolicyErrors> {
    let names = person.groups.iter().map(|group| group.name.clone()).collect();
    read(disk(source)?, names, Some(&home(person)), only_group, true)
}

/// The home directory by the kernel's name for it, since that is what globs are held against: `/home` may be a
/// link. Only where it is the person's own, so that a link of theirs makes nothing else their home.
fn home(person: &Identity) -> PathBuf {
    let real = std::fs::canonicalize(&person.home).ok();
    let is_own = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|about| about.uid() == person.uid);
    real.filter(is_own).unwrap_or_else(|| person.home.clone())
}

/// What members of these groups would get, all of them together (`gateshctl explain --group`). Without `home`,
/// `{home}` stays as written.
pub fn load_for_groups(
    source: &PolicySource,
    groups: &[String],
    home: Option<&Path>,
) -> Result<Policy, PolicyErrors> {
    read(disk(source)?, groups.to_vec(), home, None, false)
}

/// What the members of a group would get that has nothing but this set: what the set's own `[cases]` are about.
pub fn load_set(source: &PolicySource, name: &str, home: Option<&Path>) -> Result<Policy, PolicyErrors> {
    let mut joiner = Joiner::new(disk(source)?, home, false);
    let mut groups = Vec::new();
    let mut denies = Vec::new();
    if let join::Set::Read(sheet) = joiner.set(name) {
        groups.push(join::of_sheet(name, &sheet));
        denies.clone_from(&sheet.denies);
    }
    joiner.finish_stamp();
    finished(joiner, groups, denies)
}

/// The same from texts in memory (`--demo`): gatesh.toml, one group, its sets.
pub fn load_embedded(
    host: &str,
    group: (&str, &str),
    sets: &[(&str, &str)],
    person: &Identity,
) -> Result<Policy, PolicyErrors> {
    let shelf = Shelf::memory(Embedded { host, group, sets });
    read(shelf, vec![group.0.to_owned()], Some(&home(person)), None, true)
}

/// Every file of the directory, whether or not anybody has its rules.
#[derive(Debug)]
pub struct Survey {
    /// gatesh.toml.
    pub settings: Settings,
    /// All groups that have a file, with what they include.
    pub groups: Vec<Group>,
    /// The sets, each as if it were a group.
    pub sets: Vec<Group>,
    /// The denies of all groups.
    pub denies: Vec<Deny>,
    /// The texts, for excerpts.
    pub documents: Vec<Rc<Document>>,
    /// Errors and warnings, file by file.
    pub faults: Vec<Fault>,
}

impl Survey {
    /// The text of a file that was read.
    pub fn document(&self, path: &Path) -> Option<&Rc<Document>> {
        self.documents.iter().find(|document| document.path() == path)
    }
}

/// What the host says of a group's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnixName {
    /// There is such a group (or nobody can say).
    Known,
    /// There is none; the nearest that there is, with its gid.
    Unknown(Option<(String, u32)>),
}

/// Reads every file (`gateshctl check`); `{home}` stays as written.
pub fn load_everything(source: &PolicySource, unix_group: &dyn Fn(&str) -> UnixName) -> Survey {
    let mut joiner = match disk(source) {
        Ok(shelf) => Joiner::new(shelf, None, true),
        Err(errors) => return Survey::unreadable(errors.faults),
    };
    let mut survey = Survey::unreadable(Vec::new());
    for name in joiner.names(Folder::Groups) {
        let before = joiner.faults.len();
        if let Some((group, denies)) = joiner.group(&name) {
            survey.groups.push(group);
            survey.denies.extend(denies);
        }
        if let UnixName::Unknown(near) = unix_group(&name) {
            joiner.faults.insert(before, nobody(source, &name, near));
        }
    }
    joiner.warn_of_hidden_programs(&survey.groups);
    for name in joiner.names(Folder::Sets) {
        if let join::Set::Read(sheet) = joiner.set(&name) {
            survey.sets.push(join::of_sheet(&name, &sheet));
        }
    }
    Survey { settings: joiner.host.settings, documents: joiner.documents, faults: joiner.faults, ..survey }
}

impl Survey {
    fn unreadable(faults: Vec<Fault>) -> Self {
        Self {
            settings: Settings::default(),
            groups: Vec::new(),
            sets: Vec::new(),
            denies: Vec::new(),
            documents: Vec::new(),
            faults,
        }
    }
}

fn nobody(source: &PolicySource, name: &str, near: Option<(String, u32)>) -> Fault {
    let file = source.directory.join("groups.d").join(format!("{name}.toml"));
    let fault = Fault::of_file("unknown-group", file, format!("no Unix group is called \"{name}\""));
    let cure = match near {
        Some((near, gid)) => format!("nobody gets these rules. Did you mean \"{near}\" (gid {gid})?"),
        None => "nobody gets these rules".to_owned(),
    };
    fault.severity(Severity::Warning).cure(cure)
}

fn disk(source: &PolicySource) -> Result<Shelf<'static>, PolicyErrors> {
    let mut stamp = Stamp::default();
    Shelf::disk(&source.directory, source.trust, &mut stamp).map_err(|fault| PolicyErrors {
        faults: vec![*fault],
        stamp,
        audit: None,
    })
}

fn read(
    shelf: Shelf<'_>,
    mut names: Vec<String>,
    home: Option<&Path>,
    only_group: Option<&str>,
    narrowed: bool,
) -> Result<Policy, PolicyErrors> {
    names.sort_unstable();
    names.dedup();
    let mut joiner = Joiner::new(shelf, home, false);
    let mut groups = Vec::new();
    let mut denies = Vec::new();
    for name in &names {
        if let Some((group, more)) = joiner.group(name) {
            groups.push(group);
            denies.extend(more);
        }
    }
    joiner.finish_stamp();
    if narrowed && joiner.is_sound() {
        let one = joiner.host.settings.groups == GroupMode::One;
        match narrow(groups, &names, only_group, one) {
            Ok(narrowed) => groups = narrowed,
            Err(message) => {
                joiner.faults.push(Fault::of_file(CHOICE, PathBuf::new(), message));
                groups = Vec::new();
            }
        }
    }
    finished(joiner, groups, denies)
}

fn finished(mut joiner: Joiner<'_>, groups: Vec<Group>, denies: Vec<Deny>) -> Result<Policy, PolicyErrors> {
    let stamp = std::mem::take(&mut joiner.shelf.stamp);
    if !joiner.is_sound() {
        let audit = joiner.is_host_sound.then_some(joiner.host.settings.audit);
        return Err(PolicyErrors { faults: joiner.faults, stamp, audit });
    }
    let aliases = join::aliases(&groups);
    let digest = joiner.shelf.digest();
    Ok(Policy { settings: joiner.host.settings, groups, denies, aliases, digest, stamp })
}

/// The groups whose allows count.
fn narrow(groups: Vec<Group>, mine: &[String], only: Option<&str>, one: bool) -> Result<Vec<Group>, String> {
    let Some(only) = only else {
        if one && groups.len() > 1 {
            let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
            return Err(format!("this host takes one group at a time: --group {}", names.join(" or ")));
        }
        return Ok(groups);
    };
    let chosen: Vec<Group> = groups.into_iter().filter(|group| group.name == only).collect();
    match chosen.is_empty() {
        false => Ok(chosen),
        true if mine.iter().any(|name| name == only) => {
            Err(format!("the group {} has no rules here", only.escape_debug()))
        }
        true => Err(format!("you are not in the group {}", only.escape_debug())),
    }
}
