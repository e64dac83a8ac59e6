//! `gateshctl import session-document`: a group file from what a document's pattern was meant to say.
//!
//! The proposal is never wider than the pattern with its anchors in place but for spelling, and says where it is
//! narrower. Paths cannot be carried over, since the pattern did not say which ones were meant: their types are
//! empty lists, which no policy is loaded with until they are filled.

mod compare;
mod lines;
mod synopses;

use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Write;

use self::lines::lines;
use self::synopses::{Draft, Kind, NamedType, drafts};
use super::audit::audit;
use super::automata::{PatternFault, Tree, read};
use super::document::{Document, Script};
use super::template::{Placeholder, placeholders};

pub use self::lines::NotWords;

/// What is taken over besides the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// Name of the document, for the head of the file.
    pub source: String,
    /// Globs of the files that were meant, if they are known.
    pub files: Vec<String>,
    /// And of the directories.
    pub directories: Vec<String>,
}

/// Why there is nothing to propose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportFault {
    /// No text with a parameter in it.
    NoParameter,
    /// The parameter has no pattern.
    NoPattern(String),
    /// The pattern cannot be read.
    Pattern(PatternFault),
    /// The pattern is no set of word sequences.
    NotWords(NotWords),
    /// The text around the parameter is more than plain words.
    Around(String),
    /// More than one parameter stands in the text, or one more than once.
    Several,
}

impl fmt::Display for ImportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoParameter => {
                f.write_str("no command of this document holds a parameter: there is nothing to import")
            }
            Self::NoPattern(name) => write!(f, "{name} has no allowedPattern: anything was allowed"),
            Self::Pattern(fault) => fault.fmt(f),
            Self::NotWords(why) => write!(f, "the pattern is no list of command lines: {why}"),
            Self::Several => f.write_str(
                "more than one parameter stands in the command: write its synopses by hand (gateshctl new)",
            ),
            Self::Around(text) => write!(f, "the text around the parameter is more than plain words: {text}"),
        }
    }
}

impl Import {
    /// The text of a group file.
    pub fn group_file(&self, document: &Document) -> Result<String, ImportFault> {
        let (script, placeholder) = first_parameter(document).ok_or(ImportFault::NoParameter)?;
        let name = &placeholder.name;
        let pattern = document.parameter(name).and_then(|parameter| parameter.pattern());
        let (pattern, _) = pattern.ok_or_else(|| ImportFault::NoPattern(name.clone()))?;
        let tree = whole(&placeholder, read(pattern).map_err(ImportFault::Pattern)?)?;
        let lines = lines(&tree).map_err(ImportFault::NotWords)?;
        let (drafts, types) = drafts(&lines);
        let mut out = self.head(document, &script.pointer, pattern);
        out += &compare::differences(&lines, &drafts, &types);
        out += &description(document);
        out += &self.types(&types);
        out += &allow(&drafts);
        out += &self.cases(document, &drafts, &types);
        Ok(out)
    }

    fn head(&self, document: &Document, pointer: &str, pattern: &str) -> String {
        let mut out = format!("# Proposed from {}, {pointer}.\n", one_line(&self.source));
        let _ = writeln!(out, "# The old pattern: {}", one_line(pattern));
        let errors = audit(document).iter().filter(|finding| finding.witness.is_some()).count();
        let _ = writeln!(
            out,
            "# It lets {errors} kinds of other command lines through: gateshctl audit-document shows them."
        );
        out
    }

    fn types(&self, types: &[NamedType]) -> String {
        let globs = |globs: &[String]| globs.iter().map(|glob| toml(glob)).collect::<Vec<_>>().join(", ");
        let mut out = String::new();
        for NamedType { name, kind } in types {
            let value = match kind {
                Kind::Package => continue,
                Kind::File { .. } => format!("{{ file = [{}] }}", globs(&self.files)),
                Kind::Directory => format!("{{ directory = [{}] }}", globs(&self.directories)),
                Kind::Expression(expression) => format!("{{ regex = {} }}", toml(expression)),
            };
            if out.is_empty() {
                out.push_str("\n[types]\n");
            }
            let _ = writeln!(out, "{name} = {value}");
        }
        out
    }

    /// Lines both sides take, where no path is needed, and values that passed the old pattern and ran something
    /// else.
    fn cases(&self, document: &Document, drafts: &[Draft], types: &[NamedType]) -> String {
        let allowed: BTreeSet<String> = drafts
            .iter()
            .flat_map(|draft| compare::samples(draft, types, &self.files, &self.directories))
            .collect();
        let running =
            ["operator", "substitution", "redirection", "comment", "assignment", "program", "unanchored"];
        let findings = audit(document);
        let denied: BTreeSet<&str> = findings
            .iter()
            .filter(|finding| running.iter().any(|name| finding.id == format!("pattern-{name}")))
            .filter_map(|finding| finding.witness.as_deref())
            .filter(|line| line.chars().all(|c| c.is_ascii_graphic() || c == ' '))
            .collect();
        let list = |lines: Vec<&str>| {
            lines.iter().map(|line| format!("  {},\n", toml(line))).collect::<Vec<_>>().concat()
        };
        let allowed = list(allowed.iter().map(String::as_str).collect());
        format!("\n[cases]\nallow = [\n{allowed}]\ndeny = [\n{}]\n", list(denied.into_iter().collect()))
    }
}

/// The first text with a parameter in it.
fn first_parameter(document: &Document) -> Option<(&Script, Placeholder)> {
    document.scripts.iter().find_map(|script| Some((script, placeholders(&script.text).into_iter().next()?)))
}

/// The pattern's tree with the words that stand around the parameter.
fn whole(placeholder: &Placeholder, pattern: Tree) -> Result<Tree, ImportFault> {
    let before = placeholder.before.strip_prefix("exec ").unwrap_or(&placeholder.before);
    if !placeholder.alone {
        return Err(ImportFault::Several);
    }
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || " _./:@%+,=-".contains(c));
    if !plain(before) || !plain(&placeholder.after) {
        return Err(ImportFault::Around(format!("{before}...{}", placeholder.after)));
    }
    let text = |text: &str| read(&format!("\\Q{text}\\E")).map_err(ImportFault::Pattern);
    Ok(Tree::Sequence(vec![text(before)?, pattern, text(&placeholder.after)?]))
}

fn description(document: &Document) -> String {
    let text = document.root.get("description").and_then(|node| node.text()).unwrap_or_default();
    // One line, as a group file wants it; a document's may have several.
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    format!("description = {}\n", toml(&words.join(" ")))
}

fn allow(drafts: &[Draft]) -> String {
    let mut out = String::new();
    let (packages, others): (Vec<&Draft>, Vec<&Draft>) =
        drafts.iter().partition(|draft| draft.elevated() && draft.packages());
    for (drafts, exec) in [(others, ""), (packages, "exec = \"any\"     # package scripts start programs\n")]
    {
        if drafts.is_empty() {
            continue;
        }
        let commands =
            drafts.iter().map(|draft| format!("  {},\n", toml(&draft.text()))).collect::<Vec<_>>().concat();
        let _ = write!(out, "\n[[allow]]\ncommands = [\n{commands}]\n{exec}");
    }
    out
}

/// A TOML string: without quotes and backslashes in it as it stands, else escaped as JSON does it.
fn toml(text: &str) -> String {
    let literal = !text.contains('\'') && text.chars().all(|c| !c.is_control());
    if literal && text.contains(['\\', '"']) {
        format!("'{text}'")
    } else {
        serde_json::Value::from(text).to_string()
    }
}

/// Fit for a comment.
fn one_line(text: &str) -> String {
    crate::excerpt::escape(text)
}
