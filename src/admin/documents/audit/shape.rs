//! Keys, versions, inputs and parameters: what the agent and the service make of the document's shape.

use super::super::document::{Document, Kind, Parameter};
use super::super::finding::{Finding, Severity};
use super::super::node::{Key, Node, step};
use super::super::template::placeholders;
use super::finding;

/// Keys of a Session document and of its parts (AWS documentation, session-manager-schema).
const TOP: &[&str] = &["schemaVersion", "description", "sessionType", "inputs", "parameters", "properties"];
const INPUTS: &[&str] = &[
    "s3BucketName",
    "s3KeyPrefix",
    "s3EncryptionEnabled",
    "cloudWatchLogGroupName",
    "cloudWatchEncryptionEnabled",
    "cloudWatchStreamingEnabled",
    "kmsKeyId",
    "runAsEnabled",
    "runAsDefaultUser",
    "idleSessionTimeout",
    "maxSessionDuration",
    "shellProfile",
];
const PLATFORMS: &[&str] = &["linux", "macos", "windows"];
const COMMANDS: &[&str] =
    &["commands", "runAsElevated", "separateOutputStream", "stdOutSeparatorPrefix", "stdErrSeparatorPrefix"];
const PARAMETER: &[&str] = &[
    "type",
    "description",
    "default",
    "allowedValues",
    "allowedPattern",
    "displayType",
    "minItems",
    "maxItems",
    "minChars",
    "maxChars",
    "interpolationType",
];
/// Keys of a Command document that decide what is run (schema 2.2 and 1.2).
const COMMAND: &[&str] = &[
    "schemaVersion",
    "parameters",
    "mainSteps",
    "runtimeConfig",
    "action",
    "inputs",
    "properties",
    "runCommand",
    "precondition",
    "default",
    "allowedPattern",
];
/// Keys of a parameter that the agent does not enforce for sessions.
const NOT_ENFORCED: &[&str] = &["allowedValues", "minItems", "maxItems", "minChars", "maxChars"];

pub(super) fn findings(document: &Document) -> Vec<Finding> {
    let mut all = schema(document);
    if document.kind == Kind::Command {
        all.extend(respelled(&document.root, ""));
    } else {
        all.extend(unknown_keys(&document.root));
        all.extend(inputs(document));
        all.extend(document.parameters.iter().flat_map(session_parameter));
    }
    all.extend(document.parameters.iter().flat_map(|parameter| name_and_use(document, parameter)));
    all
}

fn schema(document: &Document) -> Vec<Finding> {
    let root = &document.root;
    let version = root.get("schemaVersion").and_then(|node| Some((node.text()?, node.line)));
    let (version, line) = version.unwrap_or(("", root.line));
    let fits = match document.kind {
        Kind::Command => version.starts_with("2.") || version == "1.2",
        Kind::Interactive | Kind::NonInteractive | Kind::Stream | Kind::Port | Kind::Unknown => {
            version == "1.0"
        }
    };
    let mut all = Vec::new();
    if !fits {
        let what = format!("schemaVersion {version} does not belong to this kind of document");
        let cure = "a Session document has '1.0', a Command document '2.2'";
        all.push(finding(Severity::Error, "schema-version", ("/schemaVersion", line), &what, cure));
    }
    if document.kind == Kind::Unknown {
        let what = "neither a Session nor a Command document";
        let cure = "sessionType is InteractiveCommands, NonInteractiveCommands, Standard_Stream or Port";
        all.push(finding(Severity::Error, "document-kind", ("/sessionType", root.line), what, cure));
    }
    all
}

fn unknown_keys(root: &Node) -> Vec<Finding> {
    let mut all = strangers(root, "", TOP);
    all.extend(root.get("inputs").map(|node| strangers(node, "/inputs", INPUTS)).unwrap_or_default());
    if let Some(properties) = root.get("properties") {
        all.extend(strangers(properties, "/properties", PLATFORMS));
        for (key, node) in properties.map() {
            all.extend(strangers(node, &step("/properties", &key.name), COMMANDS));
        }
    }
    for (key, node) in root.get("parameters").map(Node::map).unwrap_or_default() {
        all.extend(strangers(node, &step("/parameters", &key.name), PARAMETER));
    }
    all
}

/// A key in capitals other than the schema's. The agent is written in Go, whose JSON takes a field's name in any case,
/// and of two the later one (encoding/json, `Unmarshal`).
fn other_case(key: &Key, pointer: &str, known: &[&str]) -> Option<Finding> {
    let name = fold(&key.name);
    let one = known.iter().find(|one| **one != key.name && fold(one) == name)?;
    let what = format!("the agent reads {} as {one}, and what stands there last counts", key.name);
    let place = step(pointer, &key.name);
    Some(finding(Severity::Error, "key-spelling", (&place, key.line), &what, &format!("write {one}, once")))
}

/// As Go compares: of the letters beyond ASCII these two are one with an ASCII letter.
fn fold(name: &str) -> String {
    name.replace('\u{17f}', "s").replace('\u{212a}', "k").to_ascii_lowercase()
}

/// Such keys anywhere in a Command document. Beneath `parameters` stand names of the author's own.
fn respelled(node: &Node, pointer: &str) -> Vec<Finding> {
    let mut all = Vec::new();
    for (key, inner) in node.map() {
        if pointer != "/parameters" {
            all.extend(other_case(key, pointer, COMMAND));
        }
        all.extend(respelled(inner, &step(pointer, &key.name)));
    }
    for (at, inner) in node.list().iter().enumerate() {
        all.extend(respelled(inner, &step(pointer, &at.to_string())));
    }
    all
}

fn strangers(node: &Node, pointer: &str, known: &[&str]) -> Vec<Finding> {
    let strange = node.map().iter().filter(|(key, _)| !known.contains(&key.name.as_str()));
    let said = strange.map(|(key, _)| {
        if let Some(found) = other_case(key, pointer, known) {
            return found;
        }
        let what = format!("unknown key {}: the agent ignores it", key.name);
        let cure = format!("known here: {}", known.join(" "));
        finding(Severity::Warning, "unknown-key", (&step(pointer, &key.name), key.line), &what, &cure)
    });
    said.collect()
}

fn inputs(document: &Document) -> Vec<Finding> {
    if document.kind == Kind::Port {
        return Vec::new();
    }
    let Some(inputs) = document.root.get("inputs") else {
        let what = "no inputs: who the session runs as and where it is logged is left to chance";
        let cure = "write inputs out: runAsEnabled: true, runAsDefaultUser, logging, time limits";
        return vec![finding(
            Severity::Warning,
            "inputs-missing",
            ("/inputs", document.root.line),
            what,
            cure,
        )];
    };
    let mut all: Vec<Finding> = run_as(inputs).into_iter().collect();
    all.extend(pasted_inputs(inputs));
    all.extend(shell_profile(document, inputs));
    all
}

fn run_as(inputs: &Node) -> Option<Finding> {
    let node = inputs.get("runAsEnabled");
    if node.is_some_and(Node::is_true) {
        return None;
    }
    let line = node.map_or(inputs.line, |node| node.line);
    let what = "Run As is off: sessions run as ssm-user, whom the agent creates with password-less sudo";
    let cure = "runAsEnabled: true with a runAsDefaultUser of the group's own";
    Some(finding(Severity::Warning, "run-as-off", ("/inputs/runAsEnabled", line), what, cure))
}

/// The agent replaces placeholders in inputs as well.
fn pasted_inputs(inputs: &Node) -> Vec<Finding> {
    let texts = inputs.texts();
    let pasted = texts.iter().filter(|(_, node)| !placeholders(node.text().unwrap_or_default()).is_empty());
    let said = pasted.map(|(at, node)| {
        let what = "a parameter decides here: whoever starts the session chooses";
        let place = format!("/inputs{at}");
        finding(Severity::Error, "placeholder-in-inputs", (&place, node.line), what, "write the value itself")
    });
    said.collect()
}

fn shell_profile(document: &Document, inputs: &Node) -> Option<Finding> {
    let profile = inputs.get("shellProfile")?.get("linux")?;
    profile.text().filter(|text| !text.trim().is_empty())?;
    let place = ("/inputs/shellProfile/linux", profile.line);
    Some(match document.kind {
        Kind::Stream => finding(
            Severity::Error,
            "shell-profile",
            place,
            "the profile is typed into a shell that already reads the person's keys: it is no gate",
            "use sessionType InteractiveCommands with commands: exec /usr/bin/gatesh --group GROUP",
        ),
        Kind::Interactive | Kind::NonInteractive | Kind::Port | Kind::Command | Kind::Unknown => finding(
            Severity::Warning,
            "shell-profile",
            place,
            "this kind of session never gets a shell profile",
            "leave it out",
        ),
    })
}

fn session_parameter(parameter: &Parameter) -> Vec<Finding> {
    let at = step("/parameters", &parameter.name);
    let keys = parameter.node.map().iter().filter(|(key, _)| NOT_ENFORCED.contains(&key.name.as_str()));
    let mut all: Vec<Finding> = keys
        .map(|(key, _)| {
            let what = format!("the agent does not enforce {} for sessions", key.name);
            let cure = "say it in allowedPattern as well";
            finding(Severity::Warning, "not-enforced", (&step(&at, &key.name), key.line), &what, cure)
        })
        .collect();
    if let Some(node) = parameter.node.get("interpolationType").filter(|node| node.text() == Some("ENV_VAR"))
    {
        let what = "interpolationType is not known to older agents, which paste the value";
        let cure = "rely on a pattern that holds when the value is pasted";
        let place = (&*step(&at, "interpolationType"), node.line);
        all.push(finding(Severity::Warning, "interpolation-type", place, what, cure));
    }
    all
}

fn name_and_use(document: &Document, parameter: &Parameter) -> Vec<Finding> {
    let at = step("/parameters", &parameter.name);
    let place = (at.as_str(), parameter.line);
    let mut all = Vec::new();
    if !parameter.name.chars().all(|c| c.is_ascii_alphanumeric()) {
        let what = format!("the agent drops the value given for {} and takes the default", parameter.name);
        all.push(finding(Severity::Error, "parameter-name", place, &what, "letters and digits only"));
    }
    let texts = document.root.texts();
    let named = texts.iter().filter_map(|(_, node)| node.text()).flat_map(placeholders);
    if !named.into_iter().any(|placeholder| placeholder.name == parameter.name) {
        let what = format!("nothing uses the parameter {}", parameter.name);
        all.push(finding(Severity::Warning, "parameter-unused", place, &what, "leave it out"));
    }
    all
}
