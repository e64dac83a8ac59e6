//! The texts that are run, as far as they can be judged without their parameters' patterns.

use super::super::document::{Document, Kind, Script};
use super::super::finding::{Finding, Severity};
use super::super::holes::Reader;
use super::super::node::Node;
use super::super::template::{Placeholder, Quotes, placeholders};
use super::finding;

pub(super) fn findings(document: &Document) -> Vec<Finding> {
    let mut all: Vec<Finding> = document.scripts.iter().flat_map(|script| one(document, script)).collect();
    all.extend(lists(document));
    all.extend(missing(document));
    all.extend(windows(document));
    all
}

fn one(document: &Document, script: &Script) -> Vec<Finding> {
    let mut all: Vec<Finding> =
        exec(document, script).into_iter().chain(elevated(document, script)).collect();
    for placeholder in placeholders(&script.text) {
        all.extend(undeclared(document, script, &placeholder));
        all.extend(unquoted(script, &placeholder));
    }
    all
}

fn exec(document: &Document, script: &Script) -> Option<Finding> {
    let first = script.text.split_whitespace().next()?;
    let place = (script.pointer.as_str(), script.line);
    match document.kind {
        Kind::Interactive if first != "exec" && !first.starts_with("{{") => Some(finding(
            Severity::Warning,
            "no-exec",
            place,
            "a shell stays in front of the program: it lives on and hides the session from it",
            "write exec before the program",
        )),
        Kind::NonInteractive if first == "exec" => Some(finding(
            Severity::Error,
            "exec-without-shell",
            place,
            "no shell reads this text, and there is no program called exec",
            "begin with the program's path",
        )),
        Kind::Interactive
        | Kind::NonInteractive
        | Kind::Stream
        | Kind::Port
        | Kind::Command
        | Kind::Unknown => None,
    }
}

fn elevated(document: &Document, script: &Script) -> Option<Finding> {
    let wrong = script.elevated && document.kind != Kind::Command;
    wrong.then(|| {
        let pointer = script.pointer.replace("/commands", "/runAsElevated");
        let what = "runs as root, whatever Run As says";
        let cure = "runAsElevated: false, and Run As with a user of the group's own";
        finding(Severity::Error, "run-as-elevated", (&pointer, script.line), what, cure)
    })
}

fn undeclared(document: &Document, script: &Script, placeholder: &Placeholder) -> Option<Finding> {
    document.parameter(&placeholder.name).is_none().then(|| {
        let what =
            format!("no parameter is called {}: the text is run with the braces in it", placeholder.name);
        let cure = "declare it, or leave it out";
        finding(Severity::Error, "placeholder-undeclared", (&script.pointer, script.line), &what, cure)
    })
}

/// Whether the pattern makes up for it is judged with the pattern; this only says where a value is safest.
fn unquoted(script: &Script, placeholder: &Placeholder) -> Option<Finding> {
    let where_ = match placeholder.quotes() {
        Quotes::Single => return None,
        Quotes::None if placeholder.is_whole() => "a parameter is the whole command line",
        Quotes::None => "a parameter is pasted outside quotes",
        Quotes::Double => "a parameter is pasted into double quotes, in which $ and ` stay alive",
    };
    let cure = "exec /usr/bin/gatesh --group GROUP -c '{{command}}', and a pattern without quotes";
    (script.reader == Reader::Shell).then(|| {
        finding(Severity::Warning, "placeholder-unquoted", (&script.pointer, script.line), where_, cure)
    })
}

/// The agent wants a string on Linux and refuses a list.
fn lists(document: &Document) -> Vec<Finding> {
    let properties = document.root.get("properties").map(Node::map).unwrap_or_default();
    let unix = properties.iter().filter(|(key, _)| key.name != "windows");
    let lists = unix.filter_map(|(key, node)| {
        let commands = node.get("commands").filter(|commands| commands.text().is_none())?;
        let at = format!("/properties/{}/commands", key.name);
        let what = "the agent takes one string here, on Linux and macOS, and refuses the session";
        Some(finding(Severity::Error, "commands-not-text", (&at, commands.line), what, "write one string"))
    });
    lists.collect()
}

/// With no commands the agent starts a bare `sh`.
fn missing(document: &Document) -> Option<Finding> {
    let commands = matches!(document.kind, Kind::Interactive | Kind::NonInteractive);
    let empty = document.scripts.iter().all(|script| script.text.trim().is_empty());
    (commands && empty && lists(document).is_empty()).then(|| {
        let what = "no commands for Linux: the agent starts a shell";
        let cure = "properties: linux: commands: exec /usr/bin/gatesh --group GROUP";
        finding(Severity::Error, "no-commands", ("/properties", document.root.line), what, cure)
    })
}

fn windows(document: &Document) -> Option<Finding> {
    let windows = document.root.get("properties")?.get("windows")?;
    let place = ("/properties/windows", windows.line);
    let what = "commands for Windows are not judged here: PowerShell reads them";
    Some(finding(Severity::Note, "windows-not-judged", place, what, "leave them out of a document for Linux"))
}
