//! The nouns of a policy: what a rule may say, and who it is for. [`file`] makes a [`Policy`] out of trusted
//! files, whole or not at all; [`decide`] holds a command against it.

pub mod glob;
pub mod paths;
pub mod synopsis;
pub mod types;

pub mod fault;

pub mod when;
pub mod zone;

pub mod decide;
pub mod denial;
pub mod file;
pub mod listing;
pub mod programs;
pub mod sets;
mod settings;

pub use file::stamp::Stamp;
pub use settings::{AuditSettings, Explain, GroupMode, History, Need, OnFailure, Settings, Sink};

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use crate::excerpt::Span;
use crate::words::Operator;
use glob::Glob;
use synopsis::Synopsis;
use types::Type;

/// Everything that applies to one person, loaded whole. Narrowing (`--group`, `groups = "one"`) has already
/// removed allows; denies of all the person's groups are in `denies` whatever was narrowed.
#[derive(Debug)]
pub struct Policy {
    /// `gatesh.toml`.
    pub settings: Settings,
    /// The person's groups that have a file (after narrowing), by name in byte order.
    pub groups: Vec<Group>,
    /// Denies of every group of the person, narrowed or not.
    pub denies: Vec<Deny>,
    /// `[aliases]` of those groups, put together.
    pub aliases: BTreeMap<String, Alias>,
    /// SHA-256 over the names and bytes of every file read, lower-case hex.
    pub digest: String,
    /// What the files were like when they were read.
    pub stamp: Stamp,
}

/// What an alias stands for, over all groups of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alias {
    /// These words, at least one.
    Words(Vec<String>),
    /// Two groups say different things: the word is refused. The groups' names.
    Conflict(Vec<String>),
    /// A program that a rule of another group names: the word is refused.
    Hides {
        /// The group whose alias it is.
        alias: String,
        /// The group whose rule names the program.
        program: String,
    },
}

/// One group file with what it includes.
#[derive(Clone, Debug)]
pub struct Group {
    /// The Unix group's name, which is the file's.
    pub name: String,
    /// `description`.
    pub description: String,
    /// Rules in the order written, included sets last.
    pub rules: Vec<Rc<Rule>>,
    /// `operators`: which of `|`, `&&`, `||`, `;` its commands may stand beside.
    pub operators: Operators,
    /// `directories`: where `cd` may go and a session may start. By default those of its directory types.
    /// Each with its own `except`, which takes nothing out of the others.
    pub directories: Vec<types::PathType>,
    /// `[aliases]`: a first word, and the words it stands for.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// `[cases]`.
    pub cases: Vec<Case>,
}

impl Group {
    /// The names its rules have for programs, without directories.
    pub fn programs(&self) -> impl Iterator<Item = &str> {
        let synopses = self.rules.iter().flat_map(|rule| &rule.synopses);
        let names = synopses.flat_map(Synopsis::programs);
        names.map(|name| name.rsplit('/').next().unwrap_or(name))
    }
}

/// Which operators a group permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four operators, each permitted or not")]
pub struct Operators {
    /// `|`
    pub pipe: bool,
    /// `&&`
    pub and: bool,
    /// `||`
    pub or: bool,
    /// `;`
    pub then: bool,
}

impl Default for Operators {
    fn default() -> Self {
        Self { pipe: true, and: true, or: true, then: true }
    }
}

impl Operators {
    /// None.
    pub const NONE: Self = Self { pipe: false, and: false, or: false, then: false };

    /// Those on either side of a command.
    pub fn beside(before: Option<Operator>, after: Option<Operator>) -> Self {
        let is = |operator| before == Some(operator) || after == Some(operator);
        Self {
            pipe: is(Operator::Pipe),
            and: is(Operator::And),
            or: is(Operator::Or),
            then: is(Operator::Then),
        }
    }

    /// Whether every operator in `beside` is among these.
    pub fn permit(self, beside: Self) -> bool {
        (self.pipe || !beside.pipe)
            && (self.and || !beside.and)
            && (self.or || !beside.or)
            && (self.then || !beside.then)
    }
}

/// One `[[allow]]`.
#[derive(Debug)]
pub struct Rule {
    /// `name`, or `rule-N` by its place in the file when it has none.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// `commands`.
    pub synopses: Vec<Synopsis>,
    /// How a command of it is run. Rules that say nothing about it share one.
    pub terms: Rc<Terms>,
    /// `when`: outside it the rule allows nothing.
    pub when: Option<When>,
    /// `confirm`: ask before running.
    pub confirm: bool,
    /// `reason`: the type that the answer must have.
    pub reason: Option<Rc<Type>>,
    /// `accept`: lints silenced here, each with its reason.
    pub accept: BTreeMap<String, String>,
    /// Where its parts stand in the file's text.
    pub spans: RuleSpans,
}

/// Where the parts of a rule stand, in bytes of the file's text. Only where warnings are wanted too: thousands of
/// rules would pay for it at every start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSpans {
    /// `[[allow]]`.
    pub header: Span,
    /// Each synopsis, quotes included, in the order of [`Rule::synopses`].
    pub synopses: Vec<Span>,
}

/// A place in a policy file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
}

/// How a rule's command is run: everything but the words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// `timeout`: TERM to the process group, KILL after a grace.
    pub timeout: Option<Duration>,
    /// `cwd`: absolute; otherwise the session's directory.
    pub cwd: Option<PathBuf>,
    /// `env`: fixed values.
    pub env: BTreeMap<String, String>,
    /// `keep_env`: names whose inherited value passes when it looks sane.
    pub keep_env: Vec<String>,
    /// `umask`; default 0o077.
    pub umask: Option<u32>,
    /// `limits`.
    pub limits: Limits,
    /// `read`: trees the program may read.
    pub read: Vec<PathBuf>,
    /// `write`: trees the program may change.
    pub write: Vec<PathBuf>,
    /// `exec`: what it may start.
    pub exec: Exec,
    /// `network`: socket families.
    pub network: Network,
    /// `with`: names of sets, without the `@`.
    pub with: Vec<String>,
    /// `sha256` of the program, lower-case hex.
    pub sha256: Option<String>,
}

/// `limits`; `None` leaves the session's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// `cpu`, seconds.
    pub cpu: Option<u64>,
    /// `memory`, bytes of address space.
    pub memory: Option<u64>,
    /// `processes`, in addition to what the uid already runs.
    pub processes: Option<u64>,
    /// `files`, open descriptors.
    pub files: Option<u64>,
    /// `file_size`, bytes.
    pub file_size: Option<u64>,
}

/// `exec`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Exec {
    /// `[]`: the program starts nothing.
    #[default]
    Nothing,
    /// A list of files, already expanded.
    Listed(Vec<PathBuf>),
    /// `"any"`.
    Any,
}

/// `network`: which socket families besides none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// `"unix"`
    pub unix: bool,
    /// `"inet"`
    pub inet: bool,
    /// `"netlink"`
    pub netlink: bool,
}

/// `when`; every part given must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// Labels of `gatesh.toml`, all needed.
    pub labels: Vec<String>,
    /// Days, Monday first; all true when not given.
    pub days: [bool; 7],
    /// Minutes since midnight, from and up to; a range over midnight has from > to.
    pub hours: Option<(u16, u16)>,
    /// IANA zone name; UTC when not given.
    pub zone: String,
}

/// One `[[deny]]`: all that are given must hold.
#[derive(Clone, Debug)]
pub struct Deny {
    /// The group whose file says it.
    pub group: String,
    /// Where it stands.
    pub place: Place,
    /// `programs`, names or absolute paths; compared by resolved file.
    pub programs: Option<Vec<String>>,
    /// `files`: globs over any resolved operand.
    pub files: Option<Vec<Glob>>,
    /// `words`: globs over any word.
    pub words: Option<Vec<Glob>>,
    /// `reason`: what the person reads.
    pub reason: Option<String>,
}

/// One line of `[cases]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Where it stands.
    pub place: Place,
    /// The line as a person would type it.
    pub line: String,
    /// What must come out.
    pub expect: Expect,
}

/// What a case expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Allowed.
    Allow,
    /// Denied; the denial's text must hold `because` where given.
    Deny {
        /// A part of the denial's text.
        because: Option<String>,
    },
}

/// How strongly the kernel holds a rule, as obtained for one launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Enforcement {
    /// Everything the rule says is held by the kernel.
    Full,
    /// As full, but the rule lists programs that may be started.
    Listed,
    /// No Landlock: only the refusal of further programs and the filter hold.
    ExecOnce,
    /// Runs as root through sudo, held by sudo's own rules.
    Elevated,
    /// Nothing is held after the start.
    None,
}
