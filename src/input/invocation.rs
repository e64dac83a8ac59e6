//! Reads how gatesh was called: by a Session document, as a login shell, by sshd, or by hand. Whatever it does
//! not know it refuses, because an option that is passed over is a promise that is not kept.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

/// What `--version` prints.
pub const VERSION: &str = concat!("gatesh ", env!("CARGO_PKG_VERSION"));

/// What `--help` prints.
pub const HELP: &str = "\
gatesh runs the commands that the rules of your groups allow, and no others.

usage: gatesh [--group NAME] [--reason TEXT] [--status-line]
              [-c LINE | --command-env NAME] [--config DIR | --demo]

  -c LINE             run one line and end with its exit status
  --command-env NAME  the same with the line in an environment variable, for
                      sshd's ForceCommand; prompt if the variable is not set
  --group NAME        use the rules of this one of your groups only
  --reason TEXT       the ticket or reason that a rule asks for
  --status-line       print the exit status as the last line
  --config DIR        read the rules from DIR instead of /etc/gatesh
  --demo              try it out: built-in rules for reading logs
  --version, --help

Without -c it prompts, or reads a line at a time where there is no terminal.
At the prompt, help lists what you may run.

  gatesh --demo
  gatesh -c 'tail -n 20 /var/log/messages'
  printf '%s\\n' 'ls /var/log' 'cat app.log' | gatesh --group log-readers
";

/// How gatesh was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Whether `argv[0]` begins with `-`: started by login, sshd or `su -`.
    pub login: bool,
    /// Where lines come from.
    pub source: Source,
    /// `--group`.
    pub group: Option<String>,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--demo`.
    pub demo: bool,
    /// `--reason`.
    pub reason: Option<String>,
    /// `--status-line`.
    pub status_line: bool,
    /// What to do at all.
    pub action: Action,
}

/// Where lines come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard input: a prompt if it is a terminal, a line at a time otherwise.
    StandardInput,
    /// `-c`; an empty line does nothing.
    Line(Vec<u8>),
    /// `--command-env`.
    Environment {
        /// The variable.
        name: String,
        /// Its value, never empty; unset means standard input.
        value: Option<Vec<u8>>,
    },
}

/// What to do at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Open a session.
    Run,
    /// Print [`VERSION`].
    Version,
    /// Print [`HELP`].
    Help,
}

/// Why the arguments are not understood: exit status 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageError {
    /// An option gatesh has not, and the one that may be meant.
    UnknownOption {
        /// As given.
        given: String,
        /// The nearest of ours.
        nearest: Option<String>,
    },
    /// A word that belongs to no option.
    Operand(String),
    /// An option without its option-argument.
    NoValue(String),
    /// An option with an option-argument it does not take.
    NeedlessValue(String),
    /// An option given twice.
    Twice(String),
    /// Two options that exclude each other.
    Together(&'static str, &'static str),
    /// `--version` or `--help` with something else.
    NotAlone(&'static str),
    /// An option-argument that is empty.
    EmptyValue(&'static str),
    /// An option-argument that is not UTF-8.
    NotUtf8(&'static str),
    /// `-cLINE`.
    AttachedLine,
    /// `--command-env` with something that cannot be a variable's name.
    NoVariable(String),
    /// The variable of `--command-env` is set and empty.
    EmptyVariable(String),
    /// `--config` or `--demo` for a login shell.
    AtLogin(&'static str),
    /// Anything else the argument parser finds.
    Unclear,
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownOption { given, nearest: None } => write!(f, "there is no option {given}"),
            Self::UnknownOption { given, nearest: Some(nearest) } => {
                write!(f, "there is no option {given} (did you mean {nearest}?)")
            }
            Self::Operand(word) => {
                write!(f, "{word} is not understood: a command stands in quotes after -c")
            }
            Self::NoValue(option) => write!(f, "{option} is not complete: it needs an option-argument"),
            Self::NeedlessValue(option) => write!(f, "{option} takes no option-argument"),
            Self::Twice(option) => write!(f, "{option} is given twice"),
            Self::Together(one, other) => write!(f, "{one} and {other} exclude each other"),
            Self::NotAlone(option) => write!(f, "{option} stands alone"),
            Self::EmptyValue(option) => write!(f, "{option} is empty"),
            Self::NotUtf8(option) => write!(f, "{option} is not valid UTF-8"),
            Self::AttachedLine => f.write_str("the line is a word of its own after -c"),
            Self::NoVariable(name) => write!(f, "--command-env: {name} cannot be a variable's name"),
            Self::EmptyVariable(name) => write!(f, "{name} is set but empty: there is nothing to run"),
            Self::AtLogin(option) => write!(f, "{option} is not for login shells"),
            Self::Unclear => f.write_str("the arguments are not understood"),
        }?;
        f.write_str("; gatesh --help lists the options")
    }
}

impl std::error::Error for UsageError {}

impl Invocation {
    /// Reads the argument vector, `argv[0]` included where there is one. `environment` is asked for one variable
    /// at most, the one that `--command-env` names.
    pub fn from_args<'a>(
        argv: &[OsString],
        environment: impl FnOnce(&str) -> Option<&'a OsString>,
    ) -> Result<Self, UsageError> {
        let login = argv.first().is_some_and(|name| name.as_bytes().starts_with(b"-"));
        let mut matches = options().try_get_matches_from(argv.get(1..).unwrap_or_default()).map_err(usage)?;
        let given = given(&matches);
        refuse_combinations(&given)?;
        if let (true, Some(option)) =
            (login, ["--config", "--demo"].into_iter().find(|it| given.contains(it)))
        {
            return Err(UsageError::AtLogin(option));
        }
        refuse_what_clap_takes(argv, &matches)?;
        Ok(Self {
            login,
            source: source(&mut matches, environment)?,
            group: text(&mut matches, "--group")?,
            config: text(&mut matches, "--config")?.map(PathBuf::from),
            demo: matches.get_flag("--demo"),
            reason: text(&mut matches, "--reason")?,
            status_line: matches.get_flag("--status-line"),
            action: action(&matches),
        })
    }

    /// Whether other rules than the host's are asked for. That is refused where the person's login shell is
    /// gatesh or a file of /etc/gatesh applies to them; for login shells it is refused already.
    pub fn staging(&self) -> bool {
        self.demo || self.config.is_some()
    }
}

/// Those with an option-argument, then those without.
const VALUED: [&str; 5] = ["-c", "--command-env", "--group", "--config", "--reason"];
const FLAGS: [&str; 4] = ["--demo", "--status-line", "--version", "--help"];

const EXCLUDING: [(&str, &str); 3] = [("-c", "--command-env"), ("--demo", "--config"), ("--demo", "--group")];

/// Every option is known by its own spelling.
fn options() -> Command {
    let spelled = |name: &'static str| match name {
        "-c" => Arg::new(name).short('c').allow_hyphen_values(true),
        _ => Arg::new(name).long(name.trim_start_matches('-')),
    };
    Command::new("gatesh")
        .no_binary_name(true)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args(VALUED.map(|name| spelled(name).action(ArgAction::Set).value_parser(value_parser!(OsString))))
        .args(FLAGS.map(|name| spelled(name).action(ArgAction::SetTrue)))
}

fn given(matches: &ArgMatches) -> Vec<&'static str> {
    let typed = |name: &&str| matches.value_source(name) == Some(ValueSource::CommandLine);
    VALUED.into_iter().chain(FLAGS).filter(typed).collect()
}

fn refuse_combinations(given: &[&'static str]) -> Result<(), UsageError> {
    if given.len() > 1
        && let Some(option) = given.iter().find(|it| matches!(**it, "--version" | "--help"))
    {
        return Err(UsageError::NotAlone(option));
    }
    let both = |(one, other): &(&'static str, &'static str)| given.contains(one) && given.contains(other);
    match EXCLUDING.into_iter().find(both) {
        Some((one, other)) => Err(UsageError::Together(one, other)),
        None => Ok(()),
    }
}

/// clap takes `-cLINE` and passes over `--`; both are found by counting, as no other option-argument may look so.
fn refuse_what_clap_takes(argv: &[OsString], matches: &ArgMatches) -> Result<(), UsageError> {
    let line = matches.get_one::<OsString>("-c");
    let spare = |word: &str| {
        let typed = argv.iter().skip(1).filter(|typed| *typed == word).count();
        typed.saturating_sub(usize::from(line.is_some_and(|line| line == word)))
    };
    if line.is_some() && spare("-c") == 0 {
        return Err(UsageError::AttachedLine);
    }
    if spare("--") > 0 {
        return Err(UsageError::Operand(String::from("--")));
    }
    Ok(())
}

fn action(matches: &ArgMatches) -> Action {
    match (matches.get_flag("--version"), matches.get_flag("--help")) {
        (true, _) => Action::Version,
        (false, true) => Action::Help,
        (false, false) => Action::Run,
    }
}

fn source<'a>(
    matches: &mut ArgMatches,
    environment: impl FnOnce(&str) -> Option<&'a OsString>,
) -> Result<Source, UsageError> {
    if let Some(line) = matches.remove_one::<OsString>("-c") {
        return Ok(Source::Line(line.into_vec()));
    }
    let Some(name) = text(matches, "--command-env")? else { return Ok(Source::StandardInput) };
    if !is_variable(&name) {
        return Err(UsageError::NoVariable(shown(&name)));
    }
    let value = environment(&name).map(|value| value.as_bytes().to_vec());
    if value.as_ref().is_some_and(Vec::is_empty) {
        return Err(UsageError::EmptyVariable(name));
    }
    Ok(Source::Environment { name, value })
}

/// A name as the shell language has it.
fn is_variable(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

fn text(matches: &mut ArgMatches, option: &'static str) -> Result<Option<String>, UsageError> {
    match matches.remove_one::<OsString>(option).map(OsString::into_string) {
        None => Ok(None),
        Some(Err(_)) => Err(UsageError::NotUtf8(option)),
        Some(Ok(value)) if value.is_empty() => Err(UsageError::EmptyValue(option)),
        Some(Ok(value)) => Ok(Some(value)),
    }
}

/// clap's error in one line. An argument is named there as its usage, `--group <--group>`: the first word is it.
#[allow(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn usage(error: clap::Error) -> UsageError {
    let named = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let given = named(ContextKind::InvalidArg).unwrap_or_default();
    let option = || given.split(' ').next().unwrap_or_default().to_owned();
    match error.kind() {
        // One of ours is unknown only behind `--`.
        ErrorKind::UnknownArgument if VALUED.contains(&given) || FLAGS.contains(&given) => {
            UsageError::Operand(String::from("--"))
        }
        ErrorKind::UnknownArgument if given.starts_with('-') => UsageError::UnknownOption {
            given: shown(given),
            nearest: named(ContextKind::SuggestedArg).map(str::to_owned),
        },
        ErrorKind::UnknownArgument => UsageError::Operand(shown(given)),
        ErrorKind::InvalidValue => UsageError::NoValue(option()),
        ErrorKind::TooManyValues => UsageError::NeedlessValue(option()),
        ErrorKind::ArgumentConflict => UsageError::Twice(option()),
        _ => UsageError::Unclear,
    }
}

/// Somebody else's text, on one line and not without end.
fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.is_empty() {
        return String::from("an empty word");
    }
    let escaped: String = text.escape_debug().take(LONGEST).collect();
    if text.escape_debug().count() > LONGEST { escaped + "..." } else { escaped }
}
