//! gatesh.toml: what holds for the whole host.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use super::document::Document;
use super::reader::{Entry, Reader, Section, Table, Text};
use super::scalar::duration;
use super::syntax;
use super::terms::absolute;
use super::types::{Types, some_texts};
use crate::policy::fault::Fault;
use crate::policy::glob::Glob;
use crate::policy::paths::real;
use crate::policy::types::{Access, PathType};
use crate::policy::{Explain, GroupMode, History, Need, OnFailure, Settings, Sink, Terms};

/// Where policy stands on an installed host; never to be read or written through a rule.
pub const INSTALLED: &str = "/etc/gatesh";

pub(super) const FILE: Section = Section {
    name: "",
    keys: &[
        ("session", "{ ... }"),
        ("programs", "{ path = [...] }"),
        ("confinement", r#"{ landlock = "required" }"#),
        ("audit", r#"{ sink = "syslog" }"#),
        ("types", "{ ... }"),
        ("labels", r#"["env=prod"]"#),
    ],
};
pub(super) const SESSION: Section = Section {
    name: "[session]",
    keys: &[
        ("groups", r#""union""#),
        ("root", "false"),
        ("idle_timeout", r#""15m""#),
        ("max_duration", r#""8h""#),
        ("max_denials", "50"),
        ("max_sessions", "10"),
        ("history", r#""session""#),
        ("explain", r#""full""#),
    ],
};
pub(super) const PROGRAMS: Section = Section { name: "[programs]", keys: &[("path", r#"["/usr/bin"]"#)] };
pub(super) const CONFINEMENT: Section =
    Section { name: "[confinement]", keys: &[("landlock", r#""required""#)] };
pub(super) const AUDIT: Section = Section {
    name: "[audit]",
    keys: &[("sink", r#""syslog""#), ("file", r#""/var/log/gatesh/audit.log""#), ("on_failure", r#""deny""#)],
};
const WEEK: Duration = Duration::from_hours(168);

/// The words of `audit.sink`.
#[derive(Clone, Copy)]
enum Kind {
    Syslog,
    Journald,
    File,
}

/// What the rules of this host and this person are read against.
#[derive(Debug, Default)]
pub(super) struct Host {
    pub(super) settings: Settings,
    pub(super) types: Types,
    /// What `{home}` stands for; kept as written where no person is meant.
    pub(super) home: Option<PathBuf>,
    /// What rules share that say nothing about how a command is run.
    pub(super) no_terms: Rc<Terms>,
    /// Policy and audit files: no rule may grant them.
    pub(super) protected: Vec<PathBuf>,
    /// Directories whose names were listed for `exec`: a name come or gone changes what a rule says.
    pub(super) listed: RefCell<Vec<PathBuf>>,
}

impl Host {
    /// Before gatesh.toml is read: all defaults.
    pub(super) fn new(home: Option<&Path>, directory: Option<&Path>) -> Self {
        let mut protected = vec![PathBuf::from(INSTALLED)];
        protected.extend(directory.filter(|path| *path != Path::new(INSTALLED)).map(Path::to_owned));
        Self { home: home.map(Path::to_owned), protected, ..Self::default() }
    }

    /// Takes over what the document says.
    pub(super) fn read(&mut self, document: &Document, thorough: bool) -> Vec<Fault> {
        let table = match syntax::parse(document) {
            Ok(table) => table,
            Err(faults) => return faults,
        };
        let reader = Reader::new(document, thorough);
        let mut types = None;
        for entry in Table::of(&table).entries() {
            match entry.key {
                "session" => self.read_session(&reader, &entry),
                "programs" => self.read_programs(&reader, &entry),
                "confinement" => self.read_confinement(&reader, &entry),
                "audit" => self.read_audit(&reader, &entry),
                "labels" => self.settings.labels = labels(&reader, &entry),
                "types" => types = Some(entry),
                _ => reader.unknown(&entry, &FILE),
            }
        }
        // Types come last: they are held against the audit file too.
        if let Some(entry) = types {
            self.types = Types::read(&reader, entry, self, &FILE);
        }
        reader.into_faults()
    }

    fn read_session(&mut self, reader: &Reader<'_>, section: &Entry<'_>) {
        let settings = &mut self.settings;
        let Some(table) = reader.table(section) else { return };
        for entry in table.entries() {
            match entry.key {
                "groups" => {
                    let choices = [("union", GroupMode::Union), ("one", GroupMode::One)];
                    set(&mut settings.groups, reader.choose(&entry, &choices));
                }
                "root" => set(&mut settings.root, reader.boolean(&entry)),
                "idle_timeout" => set(&mut settings.idle_timeout, read_duration(reader, &entry)),
                "max_duration" => set(&mut settings.max_duration, read_duration(reader, &entry)),
                "max_denials" => set(&mut settings.max_denials, count(reader, &entry)),
                "max_sessions" => set(&mut settings.max_sessions, count(reader, &entry)),
                "history" => {
                    let choices =
                        [("session", History::Session), ("off", History::Off), ("kept", History::Kept)];
                    set(&mut settings.history, reader.choose(&entry, &choices));
                }
                "explain" => {
                    let choices = [("full", Explain::Full), ("brief", Explain::Brief)];
                    set(&mut settings.explain, reader.choose(&entry, &choices));
                }
                _ => reader.unknown(&entry, &SESSION),
            }
        }
    }

    fn read_programs(&mut self, reader: &Reader<'_>, section: &Entry<'_>) {
        let Some(table) = reader.table(section) else { return };
        for entry in table.entries() {
            match entry.key {
                "path" => {
                    let texts = some_texts(reader, &entry).unwrap_or_default();
                    let path = texts.iter().filter_map(|text| absolute(reader, entry.key, *text)).collect();
                    self.settings.program_path = path;
                }
                _ => reader.unknown(&entry, &PROGRAMS),
            }
        }
    }

    fn read_confinement(&mut self, reader: &Reader<'_>, section: &Entry<'_>) {
        let Some(table) = reader.table(section) else { return };
        for entry in table.entries() {
            match entry.key {
                "landlock" => {
                    let choices = [("required", Need::Required), ("preferred", Need::Preferred)];
                    set(&mut self.settings.landlock, reader.choose(&entry, &choices));
                }
                _ => reader.unknown(&entry, &CONFINEMENT),
            }
        }
    }

    fn read_audit(&mut self, reader: &Reader<'_>, section: &Entry<'_>) {
        let Some(table) = reader.table(section) else { return };
        let mut sink = None;
        let mut file = None;
        for entry in table.entries() {
            match entry.key {
                "sink" => {
                    let choices =
                        [("syslog", Kind::Syslog), ("journald", Kind::Journald), ("file", Kind::File)];
                    sink = reader.choose(&entry, &choices);
                }
                "file" => {
                    let path = reader.text(&entry).and_then(|text| absolute(reader, "file", text));
                    file = Some((entry, path));
                }
                "on_failure" => {
                    let choices = [("deny", OnFailure::Deny), ("run", OnFailure::Run)];
                    set(&mut self.settings.audit.on_failure, reader.choose(&entry, &choices));
                }
                _ => reader.unknown(&entry, &AUDIT),
            }
        }
        self.join_audit(reader, section, sink, file);
    }

    fn join_audit(
        &mut self,
        reader: &Reader<'_>,
        section: &Entry<'_>,
        sink: Option<Kind>,
        file: Option<(Entry<'_>, Option<PathBuf>)>,
    ) {
        match (sink, file) {
            (Some(Kind::File), Some((_, Some(path)))) => {
                self.protected.push(path.clone());
                self.settings.audit.sink = Sink::File(path);
            }
            (Some(Kind::File), Some((_, None))) | (None, None) => {}
            (Some(Kind::File), None) => {
                let fault = reader.at("audit-file", section.key_span, "sink = \"file\" needs a file");
                reader.say(fault.cure("add  file = \"/var/log/gatesh/audit.log\""));
            }
            (Some(Kind::Syslog), None) => self.settings.audit.sink = Sink::Syslog,
            (Some(Kind::Journald), None) => self.settings.audit.sink = Sink::Journald,
            (Some(Kind::Syslog | Kind::Journald) | None, Some((entry, _))) => {
                reader.say(reader.at(
                    "audit-file",
                    entry.key_span,
                    "\"file\" goes with sink = \"file\" only",
                ));
            }
        }
    }

    /// Says so when a path, as a tree, holds policy or audit files, or lies among them.
    pub(super) fn refuse_protected(&self, reader: &Reader<'_>, key: &str, text: Text<'_>, path: &Path) {
        // Links on the way are followed when the tree is granted.
        let spellings = [path.to_owned(), real(path)];
        let touches =
            |held: &&PathBuf| spellings.iter().any(|it| held.starts_with(it) || it.starts_with(held));
        let touched = self.protected.iter().find(touches);
        if let Some(held) = touched {
            let message = format!("\"{key}\" would open gatesh's own files in {}", held.display());
            let fault = reader.at("protected", text.span, message).label("this means the whole tree");
            let among = spellings.iter().any(|it| it.starts_with(held));
            reader.say(fault.cure(if among {
                "leave it out: nothing in there can be granted"
            } else {
                "name the directories beneath it that are needed"
            }));
        }
    }

    /// The same for a type whose values grant a tree or writing.
    pub(super) fn refuse_protected_type(&self, reader: &Reader<'_>, kind: &Entry<'_>, path: &PathType) {
        let reaches = |held: &&PathBuf| {
            let excepted = path.except.iter().any(|glob| matches_path(glob, held));
            let among = path.globs.iter().any(|glob| glob.reaches_beneath(bytes(held)));
            let above = path.globs.iter().any(|glob| held.ancestors().any(|above| matches_path(glob, above)));
            !excepted && (among || (above && path.access == Access::Tree))
        };
        if !matches!(path.access, Access::Tree | Access::Write) {
            return;
        }
        if let Some(held) = self.protected.iter().find(reaches) {
            let message = format!("this type would open gatesh's own files in {}", held.display());
            let fault = reader.at("protected", kind.value.span, message);
            let tree = if self.settings.audit.sink == Sink::File(held.clone()) { "" } else { "/**" };
            reader.say(fault.cure(format!("add  except = [\"{}{tree}\"]", held.display())));
        }
    }
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

fn matches_path(glob: &Glob, path: &Path) -> bool {
    glob.matches(bytes(path))
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn count(reader: &Reader<'_>, entry: &Entry<'_>) -> Option<u32> {
    reader.integer(entry, 1, 100_000).and_then(|count| u32::try_from(count).ok())
}

/// From one second to seven days.
pub(super) fn read_duration(reader: &Reader<'_>, entry: &Entry<'_>) -> Option<Duration> {
    let text = reader.text(entry)?;
    let Some(duration) = duration(text.text) else {
        let message = format!("\"{}\" must be a duration", entry.key);
        reader.say(reader.at("duration", text.span, message).label("such as \"45s\", \"30m\" or \"1h30m\""));
        return None;
    };
    if duration.is_zero() || duration > WEEK {
        let message = format!("\"{}\" must be from 1s to 7d", entry.key);
        reader.say(reader.at("out-of-range", text.span, message));
        return None;
    }
    Some(duration)
}

fn labels(reader: &Reader<'_>, entry: &Entry<'_>) -> Vec<String> {
    let texts = reader.texts(entry);
    let sound = texts.iter().filter(|text| label(reader, **text));
    sound.map(|text| text.text.to_owned()).collect()
}

/// `NAME=VALUE`, as instance tags are: a name of up to 128 characters, a value of up to 256.
pub(super) fn label(reader: &Reader<'_>, text: Text<'_>) -> bool {
    let sound = text.text.split_once('=').is_some_and(|(name, value)| {
        let fits = (1..=128).contains(&name.chars().count()) && value.chars().count() <= 256;
        fits && !text.text.chars().any(char::is_control)
    });
    if !sound {
        let fault = reader.at("label", text.span, format!("\"{}\" is not a label", text.text.escape_debug()));
        reader.say(fault.label("write NAME=VALUE"));
    }
    sound
}
