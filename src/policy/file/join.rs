//! Puts the files of a policy together: each group with the sets it includes, one level, nothing overridden.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use super::alias::program_fault;
use super::document::Document;
use super::group::{self, Role, Sheet};
use super::host::Host;
use super::shelf::{Folder, Shelf};
use crate::excerpt::Span;
use crate::excerpt::nearest;
use crate::policy::fault::{Fault, Severity};
use crate::policy::synopsis::Synopsis;
use crate::policy::{Alias, Deny, Group};

/// A set, once it was asked for.
#[derive(Clone, Debug)]
pub(super) enum Set {
    Read(Rc<Sheet>),
    /// It has no file.
    Absent,
    /// The fault is said already.
    Unreadable,
}

/// Reads files, keeps what they hold and all their faults.
#[derive(Debug)]
pub(super) struct Joiner<'t> {
    pub(super) shelf: Shelf<'t>,
    pub(super) host: Host,
    /// Whether gatesh.toml has no error.
    pub(super) is_host_sound: bool,
    thorough: bool,
    pub(super) faults: Vec<Fault>,
    pub(super) documents: Vec<Rc<Document>>,
    sets: BTreeMap<String, Set>,
    /// Where each group has each of its aliases.
    alias_places: BTreeMap<(String, String), (Rc<Document>, Span)>,
}

impl<'t> Joiner<'t> {
    /// With gatesh.toml read; `home` is what `{home}` stands for.
    pub(super) fn new(mut shelf: Shelf<'t>, home: Option<&Path>, thorough: bool) -> Self {
        let mut host = Host::new(home, shelf.directory());
        let mut faults = Vec::new();
        let mut documents = Vec::new();
        match shelf.host() {
            Ok(Some(document)) => {
                faults = host.read(&document, thorough);
                documents.push(document);
            }
            Ok(None) => {}
            Err(fault) => faults.push(*fault),
        }
        Self {
            shelf,
            host,
            is_host_sound: faults.iter().all(|fault| fault.severity < Severity::Error),
            thorough,
            faults,
            documents,
            sets: BTreeMap::new(),
            alias_places: BTreeMap::new(),
        }
    }

    /// The group's rules and denies, if it has a file. Faults are kept for later.
    pub(super) fn group(&mut self, name: &str) -> Option<(Group, Vec<Deny>)> {
        let before = self.faults.len();
        let mut sheet = self.sheet(Folder::Groups, name)?;
        let cases = std::mem::take(&mut sheet.cases);
        let mut group = Group { cases, ..of_sheet(name, &sheet) };
        let mut denies = sheet.denies.clone();
        for (set, span) in &sheet.include {
            let found = match self.set(set) {
                Set::Read(found) => found,
                Set::Absent => {
                    self.say_no_set(&sheet.document, set, *span);
                    continue;
                }
                Set::Unreadable => continue,
            };
            group.rules.extend(found.rules.iter().cloned());
            group.directories.extend(found.directories.iter().cloned());
            denies.extend(found.denies.iter().map(|deny| Deny { group: name.to_owned(), ..deny.clone() }));
            self.join_aliases(&mut group, &sheet, &found, set, *span);
        }
        self.refuse_program_aliases(&group, &sheet);
        self.remember_aliases(&group, &sheet);
        let path = sheet.document.path();
        let found = self.faults.get_mut(before..).unwrap_or_default();
        found.sort_by_key(|fault| (fault.file != path, fault.file.clone(), fault.spans.first().copied()));
        Some((group, denies))
    }

    pub(super) fn set(&mut self, name: &str) -> Set {
        if let Some(known) = self.sets.get(name) {
            return known.clone();
        }
        let before = self.faults.len();
        let set = match self.sheet(Folder::Sets, name) {
            Some(sheet) => Set::Read(Rc::new(sheet)),
            None if self.faults.len() > before => Set::Unreadable,
            None => Set::Absent,
        };
        self.sets.insert(name.to_owned(), set.clone());
        set
    }

    fn sheet(&mut self, folder: Folder, name: &str) -> Option<Sheet> {
        let document = match self.shelf.file(folder, name) {
            Ok(document) => document?,
            Err(fault) => {
                self.say_once(*fault);
                return None;
            }
        };
        let role = if folder == Folder::Groups { Role::Group } else { Role::Set };
        let mut sheet = group::read(&document, name, role, &self.host, self.thorough);
        self.documents.push(document);
        self.faults.append(&mut sheet.faults);
        Some(sheet)
    }

    /// A directory that cannot be opened is one fault, however many files of it were wanted.
    fn say_once(&mut self, fault: Fault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn say_no_set(&mut self, document: &Document, name: &str, span: Span) {
        let known = self.shelf.names(Folder::Sets).unwrap_or_default();
        let fault = document.fault("include", span, format!("no set is called \"{name}\""));
        if let Some(stem) = name.strip_suffix(".toml") {
            self.faults.push(fault.label(format!("write \"{stem}\": names have no .toml")));
            return;
        }
        self.faults.push(match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => fault.label(format!("did you mean \"{near}\"?")),
            None => fault.label(format!("sets.d/{name}.toml is not there")),
        });
    }

    fn join_aliases(&mut self, group: &mut Group, sheet: &Sheet, set: &Sheet, name: &str, span: Span) {
        for (alias, (words, _)) in &set.aliases {
            let known = group.aliases.entry(alias.clone()).or_insert_with(|| words.clone());
            if known != words {
                let message = format!("the alias \"{alias}\" means two things");
                let fault = sheet.document.fault("alias", span, message);
                let label =
                    format!("{name} says \"{}\", but here it is \"{}\"", words.join(" "), known.join(" "));
                self.faults.push(fault.label(label));
            }
        }
    }

    fn refuse_program_aliases(&mut self, group: &Group, sheet: &Sheet) {
        if group.aliases.is_empty() {
            return;
        }
        for rule in &group.rules {
            for program in rule.synopses.iter().flat_map(Synopsis::programs) {
                let name = program.rsplit('/').next().unwrap_or(program);
                let span = sheet.aliases.get(name).map(|(_, span)| *span);
                if let Some(span) = span {
                    self.say_once(program_fault(&sheet.document, name, span, &rule.place));
                } else if group.aliases.contains_key(name) {
                    let span = sheet.include.first().map(|(_, span)| *span).unwrap_or_default();
                    self.say_once(program_fault(&sheet.document, name, span, &rule.place));
                }
            }
        }
    }

    fn remember_aliases(&mut self, group: &Group, sheet: &Sheet) {
        let included = sheet.include.first().map(|(_, span)| *span).unwrap_or_default();
        for alias in group.aliases.keys() {
            let span = sheet.aliases.get(alias).map_or(included, |(_, span)| *span);
            let place = (Rc::clone(&sheet.document), span);
            self.alias_places.insert((group.name.clone(), alias.clone()), place);
        }
    }

    /// Warns of aliases that are refused to members of another group as well, whose program they are.
    pub(super) fn warn_of_hidden_programs(&mut self, groups: &[Group]) {
        for (group, alias, program) in hidden(groups) {
            let place = self.alias_places.get(&(group.name.clone(), alias.to_owned()));
            let Some((document, span)) = place else { continue };
            let message = format!("\"{alias}\" is a program of a rule in {}", program.name);
            let fault = document.fault("alias", *span, message).severity(Severity::Warning);
            self.faults.push(
                fault.cure("members of both groups are refused that word; give the alias another name"),
            );
        }
    }

    /// Names that have a file; a directory that cannot be listed is a fault.
    pub(super) fn names(&mut self, folder: Folder) -> Vec<String> {
        self.shelf.names(folder).unwrap_or_else(|fault| {
            self.say_once(*fault);
            Vec::new()
        })
    }

    /// Whether the policy can be used.
    pub(super) fn is_sound(&self) -> bool {
        !self.faults.iter().any(|fault| fault.severity == Severity::Error)
    }

    /// What the listing of `exec` directories adds to the stamp.
    pub(super) fn finish_stamp(&mut self) {
        for directory in self.host.listed.take() {
            self.shelf.stamp.listed(&directory);
        }
    }
}

/// A sheet as a group, without what it includes.
pub(super) fn of_sheet(name: &str, sheet: &Sheet) -> Group {
    Group {
        name: name.to_owned(),
        description: sheet.description.clone(),
        rules: sheet.rules.clone(),
        operators: sheet.operators,
        directories: sheet.directories.clone(),
        aliases: sheet.aliases.iter().map(|(name, (words, _))| (name.clone(), words.clone())).collect(),
        cases: sheet.cases.clone(),
    }
}

/// The aliases of several groups; where two disagree, or one is a program to another, none holds.
pub(super) fn aliases(groups: &[Group]) -> BTreeMap<String, Alias> {
    let mut joined: BTreeMap<String, Alias> = BTreeMap::new();
    for (name, words) in groups.iter().flat_map(|group| &group.aliases) {
        let known = joined.entry(name.clone()).or_insert_with(|| Alias::Words(words.clone()));
        if *known != Alias::Words(words.clone()) {
            let says = groups.iter().filter(|group| group.aliases.contains_key(name));
            *known = Alias::Conflict(says.map(|group| group.name.clone()).collect());
        }
    }
    for (alias, name, program) in hidden(groups) {
        joined.insert(
            name.to_owned(),
            Alias::Hides { alias: alias.name.clone(), program: program.name.clone() },
        );
    }
    joined
}

/// Aliases of one group that are programs to another: whoever is in both would get the one for the other.
fn hidden(groups: &[Group]) -> impl Iterator<Item = (&Group, &str, &Group)> {
    let names = groups.iter().flat_map(|group| group.aliases.keys().map(move |name| (group, name.as_str())));
    names.filter_map(|(group, name)| {
        let others = groups.iter().filter(|other| other.name != group.name);
        let program = others.into_iter().find(|other| other.programs().any(|program| program == name))?;
        Some((group, name, program))
    })
}
