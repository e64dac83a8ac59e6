//! What matters of a Session or Command document: its parameters, and the texts they are pasted into.

use super::holes::Reader;
use super::node::{Node, NodeFault, step};

/// A document that was read.
#[derive(Clone, Debug)]
pub struct Document {
    /// All of it.
    pub root: Node,
    /// What kind it is.
    pub kind: Kind,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// The texts that are run on Linux and macOS.
    pub scripts: Vec<Script>,
}

/// Kinds of document by what starts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `InteractiveCommands`: `sh -c` on a terminal.
    Interactive,
    /// `NonInteractiveCommands`: words, no shell, no terminal.
    NonInteractive,
    /// `Standard_Stream`: a bare `sh`.
    Stream,
    /// `Port`: forwarding, nothing is run.
    Port,
    /// A Command document (schema 2.x), run by root with no session.
    Command,
    /// None of these.
    Unknown,
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Line of the name.
    pub line: usize,
    /// What it is declared as.
    pub node: Node,
}

/// A text that is run.
#[derive(Clone, Debug)]
pub struct Script {
    /// JSON pointer to it.
    pub pointer: String,
    /// Where it begins.
    pub line: usize,
    /// As written, placeholders included.
    pub text: String,
    /// What cuts it into words.
    pub reader: Reader,
    /// Run as root whatever Run As says.
    pub elevated: bool,
}

impl Document {
    /// Reads YAML or JSON.
    pub fn read(text: &str) -> Result<Self, NodeFault> {
        let root = Node::read(text)?;
        let kind = kind(&root);
        if root.get("schemaVersion").is_none() {
            return Err(NodeFault {
                line: root.line,
                what: "no schemaVersion: not a Systems Manager document".into(),
            });
        }
        let parameters = root.get("parameters").map(Node::map).unwrap_or_default();
        let parameters = parameters.iter().map(|(key, node)| Parameter {
            name: key.name.clone(),
            line: key.line,
            node: node.clone(),
        });
        let parameters = parameters.collect();
        let scripts = if kind == Kind::Command { steps(&root) } else { properties(&root, kind) };
        Ok(Self { root, kind, parameters, scripts })
    }

    /// The parameter called `name`.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

impl Parameter {
    /// `allowedPattern`, with its line.
    pub fn pattern(&self) -> Option<(&str, usize)> {
        let node = self.node.get("allowedPattern")?;
        Some((node.text()?, node.line))
    }
}

fn kind(root: &Node) -> Kind {
    match root.get("sessionType").and_then(Node::text) {
        Some("InteractiveCommands") => Kind::Interactive,
        Some("NonInteractiveCommands") => Kind::NonInteractive,
        Some("Standard_Stream") => Kind::Stream,
        Some("Port") => Kind::Port,
        Some(_) => Kind::Unknown,
        None if root.get("mainSteps").is_some() || root.get("runtimeConfig").is_some() => Kind::Command,
        None => Kind::Unknown,
    }
}

/// `properties.linux.commands` and the same for macOS. Windows has another shell and is not judged.
fn properties(root: &Node, kind: Kind) -> Vec<Script> {
    let reader = if kind == Kind::NonInteractive { Reader::Words } else { Reader::Shell };
    let Some(properties) = root.get("properties") else { return Vec::new() };
    let platforms = properties.map().iter().filter(|(key, _)| matches!(key.name.as_str(), "linux" | "macos"));
    let commands = platforms.filter_map(|(key, platform)| {
        let node = platform.get("commands")?;
        let elevated = platform.get("runAsElevated").is_some_and(Node::is_true);
        Some(Script {
            pointer: format!("/properties/{}/commands", key.name),
            line: node.line,
            text: node.text()?.to_owned(),
            reader,
            elevated,
        })
    });
    commands.collect()
}

/// The lines of every `aws:runShellScript` step.
fn steps(root: &Node) -> Vec<Script> {
    let mut scripts = Vec::new();
    for (at, node) in root.texts() {
        let of_shell = at.contains("/runCommand/") && shell_step(root, &at);
        if let (true, Some(text)) = (of_shell, node.text()) {
            let lines = text.lines().enumerate().map(|(i, line)| (node.line + i, line.to_owned()));
            scripts.extend(lines.map(|(line, text)| Script {
                pointer: at.clone(),
                line,
                text,
                reader: Reader::Shell,
                elevated: true,
            }));
        }
    }
    scripts
}

/// Whether the step a pointer leads into is one for `sh`.
fn shell_step(root: &Node, pointer: &str) -> bool {
    let Some((step_at, _)) = pointer.split_once("/inputs/") else { return true };
    root.texts()
        .iter()
        .any(|(at, node)| *at == step(step_at, "action") && node.text() == Some("aws:runShellScript"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_run_command_script_are_texts_that_root_runs() {
        let text = "schemaVersion: '2.2'\nmainSteps:\n- action: aws:runShellScript\n  name: a\n  inputs:\n    runCommand:\n    - echo {{x}}\n    - id\n";
        let document = Document::read(text).unwrap();
        assert_eq!(document.kind, Kind::Command);
        let lines: Vec<_> = document.scripts.iter().map(|script| (script.line, script.elevated)).collect();
        assert_eq!(lines, [(7, true), (8, true)]);
    }

    #[test]
    fn power_shell_is_not_judged() {
        let text = "schemaVersion: '2.2'\nmainSteps:\n- action: aws:runPowerShellScript\n  name: a\n  inputs:\n    runCommand: ['echo {{x}}']\n";
        assert!(Document::read(text).unwrap().scripts.is_empty());
    }

    #[test]
    fn what_has_no_schema_version_is_no_document() {
        assert!(Document::read("a: 1\n").is_err());
    }
}
