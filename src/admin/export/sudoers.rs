//! The sudoers file of a group: exactly the lines that its elevated rules need, in place of a password-less
//! everything.
//!
//! Order and spelling follow sudoers(5): `%group HOST = (runas) TAGS: command arguments`, with `TIMEOUT=` before
//! the tags. Arguments that vary need regular expressions, which sudo has since 1.9.10.

use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Write;
use std::str::FromStr;
use std::time::Duration;

use super::names::{ExportFault, GROUP, USER};
use super::{Arguments, Denied, Elevated, GroupFacts};
use crate::launch::environment::KEPT_BY_SUDO;

/// A release of sudo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SudoVersion(u32, u32, u32);

/// First release with `TIMEOUT=` (sudo's NEWS).
const TIMEOUTS: SudoVersion = SudoVersion(1, 8, 20);
/// Longest regular expression as written: sudo's own limit of 1024 is for the anchors as well.
pub const MOST_EXPRESSION: usize = 1000;

impl FromStr for SudoVersion {
    type Err = ExportFault;

    /// `1.9.13`, `1.9.13p3`, `1.8.23`.
    fn from_str(text: &str) -> Result<Self, ExportFault> {
        let bad = || ExportFault::Value {
            what: "sudo version",
            value: text.to_owned(),
            wants: "three numbers, such as 1.9.13",
        };
        let number = text.split(|c: char| c.is_ascii_alphabetic()).next().unwrap_or_default();
        let mut parts = number.split('.').map(|part| part.parse::<u32>().map_err(|_| bad()));
        let mut next = || parts.next().unwrap_or_else(|| Err(bad()));
        let version = Self(next()?, next()?, next()?);
        if parts.next().is_some() { Err(bad()) } else { Ok(version) }
    }
}

impl SudoVersion {
    /// First release with regular expressions in commands and arguments.
    pub const EXPRESSIONS: Self = Self(1, 9, 10);

    /// Whether arguments may be regular expressions.
    pub fn has_expressions(self) -> bool {
        self >= Self::EXPRESSIONS
    }
}

impl fmt::Display for SudoVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// The file for `/etc/sudoers.d`, for hosts with this version of sudo.
pub fn sudoers(group: &GroupFacts, version: SudoVersion) -> Result<String, ExportFault> {
    GROUP.check(&group.name)?;
    let mut lines: Vec<String> =
        group.elevated.iter().map(|rule| line(&group.name, rule, version)).collect::<Result<_, _>>()?;
    // Of two rules that fit gatesh takes the first, and sudo the last line: its tags are those of the rule.
    lines.reverse();
    let mut seen = BTreeSet::new();
    lines.retain(|line| seen.insert(line.clone()));
    let mut refused: Vec<String> =
        group.denied.iter().map(|rule| refusal(&group.name, rule)).collect::<Result<_, _>>()?;
    refused.sort_unstable();
    refused.dedup();
    let mut out = header(group, version);
    if !lines.is_empty() {
        let _ = writeln!(out, "Defaults:%{} env_reset, !setenv", group.name);
        let _ = writeln!(out, "Defaults:%{} env_keep += \"{}\"", group.name, KEPT_BY_SUDO.join(" "));
    }
    // The last line that fits decides.
    for line in lines.iter().chain(&refused) {
        out.extend([line.as_str(), "\n"]);
    }
    Ok(out)
}

fn header(group: &GroupFacts, version: SudoVersion) -> String {
    let mut out = format!(
        "# What the group {name} runs under sudo, from its gatesh rules. For sudo {version}.\n\
         # Check with visudo -c; install in /etc/sudoers.d, mode 0440, owner root.\n\
         # It stands in place of /etc/sudoers.d/ssm-agent-users, with which the agent lets ssm-user run everything\n\
         # without a password: remove that file (gateshctl doctor looks for it).\n\
         # sudo joins the arguments by blanks before it compares: \"-n 5\" as one argument passes where -n and 5 do.\n\
         # It asks no file for its kind, owner or links; gatesh does, and the person who calls sudo past it is not asked.\n\
         # Denies reach as far as this file: to who is in two groups, sudo allows what either allows, and of two\n\
         # files the one read later decides.\n",
        name = group.name
    );
    for note in &group.notes {
        let _ = writeln!(out, "# {note}");
    }
    out
}

fn refusal(group: &str, rule: &Denied) -> Result<String, ExportFault> {
    let user = rule.user.as_deref().unwrap_or("root");
    USER.check(user)?;
    Ok(format!("%{group} ALL = ({user}) !{} ^{}$", program(&rule.program)?, rule.expression))
}

fn line(group: &str, rule: &Elevated, version: SudoVersion) -> Result<String, ExportFault> {
    let user = rule.user.as_deref().unwrap_or("root");
    USER.check(user)?;
    let unsayable = |why: &str| ExportFault::Unsayable { rule: rule.program.clone(), why: why.to_owned() };
    let timeout = match rule.timeout {
        None => String::new(),
        Some(_) if version < TIMEOUTS => {
            return Err(unsayable(&format!(
                "TIMEOUT= came with sudo {TIMEOUTS}: take timeout out of the rule"
            )));
        }
        Some(timeout) => format!("TIMEOUT={} ", seconds(timeout)),
    };
    let tags = if rule.starts_programs { "NOPASSWD: EXEC:" } else { "NOPASSWD: NOEXEC:" };
    let arguments = arguments(&rule.arguments, version).map_err(|why| unsayable(&why))?;
    let digest = rule.sha256.as_ref().map_or_else(String::new, |digest| format!("sha256:{digest} "));
    Ok(format!("%{group} ALL = ({user}) {timeout}{tags} {digest}{} {arguments}", program(&rule.program)?))
}

/// A path in which nothing means anything to sudoers or fnmatch.
fn program(path: &str) -> Result<&str, ExportFault> {
    let unsayable = |why: &str| ExportFault::Unsayable { rule: path.to_owned(), why: why.to_owned() };
    if !path.starts_with('/') {
        return Err(unsayable("sudoers names programs by absolute path"));
    }
    if path.ends_with('/') || !path.chars().all(|c| c.is_ascii_alphanumeric() || "/._+@%-".contains(c)) {
        return Err(unsayable(
            "sudoers may read this path as a pattern: link the program under a plain name",
        ));
    }
    Ok(path)
}

/// sudo counts whole seconds; a part of one becomes a whole.
fn seconds(timeout: Duration) -> u64 {
    timeout.as_secs() + u64::from(timeout.subsec_nanos() > 0)
}

fn arguments(arguments: &Arguments, version: SudoVersion) -> Result<String, String> {
    match arguments {
        Arguments::None => Ok("\"\"".to_owned()),
        Arguments::Words(words) if words.is_empty() => Ok("\"\"".to_owned()),
        Arguments::Words(words) if words.iter().any(|word| word.is_empty() || word.contains([' ', '\t'])) => {
            Err("sudo compares the words joined by blanks: one that is empty or holds a blank is not exact"
                .to_owned())
        }
        Arguments::Words(words) if !words.iter().all(|word| is_plain(word)) => Err(format!(
            "a word with \\, quotes or ^ in it is exact only as a regular expression, which came with sudo {}: take it out of the rule",
            SudoVersion::EXPRESSIONS
        )),
        Arguments::Words(words) => Ok(words.iter().map(|word| escaped(word)).collect::<Vec<_>>().join(" ")),
        Arguments::Expression(_) if version < SudoVersion::EXPRESSIONS => Err(format!(
            "arguments that vary need regular expressions, which came with sudo {}: write the words out",
            SudoVersion::EXPRESSIONS
        )),
        Arguments::Expression(expression) if expression.len() > MOST_EXPRESSION => {
            Err(format!("the expression for its arguments has more than {MOST_EXPRESSION} characters"))
        }
        Arguments::Expression(expression) => Ok(format!("^{expression}$")),
    }
}

/// Whether the word means itself once [`escaped`]. sudoers takes one backslash and fnmatch another, a quote may open
/// a string, and what begins with `^` may be an expression.
pub fn is_plain(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_graphic() && !"\\\"'^".contains(c))
}

/// A plain word: what sudoers or fnmatch would read otherwise stands after a backslash.
fn escaped(word: &str) -> String {
    let special = |c: char| ",:=*?[]!#".contains(c);
    word.chars().flat_map(|c| if special(c) { vec!['\\', c] } else { vec![c] }).collect()
}
