//! What the agent makes of a Session document before anything is started: the caller's parameters pasted in, the
//! pattern held against them, the Run As user chosen.
//!
//! The facts are of the agent's source, release 3.3.987.0. Where a line here stands for one of it, its place is
//! named.

use std::collections::HashMap;

use regex::Regex;
use regex::bytes::RegexBuilder;
use serde_json::{Map, Value};

use super::worker::{Order, RunAs};

/// A document, however it was written.
pub(super) struct Document(pub(super) Value);

/// What a caller of `StartSession` and their tags say.
#[derive(Default)]
pub(super) struct Caller<'a> {
    /// `--parameters`.
    pub(super) parameters: &'a [(&'a str, &'a str)],
    /// The tag `SSMSessionRunAs`.
    pub(super) run_as: Option<&'a str>,
}

/// Parameter Store as the instance role sees it: a type and a value for each name.
pub(super) type Store<'a> = HashMap<&'a str, (&'a str, &'a str)>;

impl Document {
    /// JSON is a part of YAML.
    pub(super) fn read(text: &str) -> Self {
        Self(serde_yaml_ng::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}")))
    }

    /// The session that the agent starts, or why it does not (docparser.go:128-168).
    pub(super) fn start(&self, caller: &Caller<'_>, store: &Store<'_>) -> Result<Order, String> {
        let values = self.values(caller, store)?;
        let document = pasted(&self.0, &values);
        let linux = &document["properties"]["linux"];
        let inputs = &document["inputs"];
        // A string on Linux; the array that AWS's own example for Windows has is refused (contracts/model.go:66-72).
        let commands = match &linux["commands"] {
            Value::Null => "",
            Value::String(commands) => commands,
            _ => return Err("invalid format in plugin properties".to_owned()),
        };
        Ok(Order {
            kind: document["sessionType"].as_str().unwrap_or_default().to_owned(),
            commands: commands.to_owned(),
            run_as: run_as(linux, inputs, caller)?,
            // Only where there is no terminal (shell.go:89,150-172).
            separate_output: is_true(&linux["separateOutputStream"]),
            profile: inputs["shellProfile"]["linux"].as_str().map(str::to_owned),
            place: None,
        })
    }

    /// Each declared parameter's value, checked.
    fn values(&self, caller: &Caller<'_>, store: &Store<'_>) -> Result<HashMap<String, String>, String> {
        let none = Map::new();
        let declared = self.0["parameters"].as_object().unwrap_or(&none);
        let mut values = HashMap::new();
        for (name, parameter) in declared {
            let default = parameter["default"].as_str();
            let value = given(name, caller).or(default).ok_or_else(|| format!("no value for {name}"))?;
            let value = resolved(value, store)?;
            // The resolved value, and of all limits only this one (parameterstore.go:138-160).
            if let Some(pattern) = parameter["allowedPattern"].as_str() {
                passes(pattern, &value)?;
            }
            values.insert(name.clone(), value);
        }
        Ok(values)
    }
}

/// A name with anything but letters and digits loses its value, with a line in the log only (parameters.go:29,164-180).
fn given<'a>(name: &str, caller: &Caller<'a>) -> Option<&'a str> {
    let is_valid = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let value = caller.parameters.iter().find(|(given, _)| *given == name)?.1;
    is_valid.then_some(value)
}

/// `{{ssm:NAME}}` inside a value is fetched with the instance's own credentials (parameterstore.go:60-89).
fn resolved(value: &str, store: &Store<'_>) -> Result<String, String> {
    let reference = Regex::new(r"\{\{ *ssm:([/A-Za-z0-9_.-]+) *\}\}").unwrap();
    let mut resolved = String::new();
    let mut rest = 0;
    for found in reference.captures_iter(value) {
        let (whole, name) = (found.get(0).unwrap(), &found[1]);
        let text = match store.get(name) {
            Some(("String" | "StringList", text)) => text,
            Some((kind, _)) => return Err(format!("parameters of type {kind} are not supported")),
            None => return Err(format!("invalid parameter {name}")),
        };
        resolved.push_str(&value[rest..whole.start()]);
        resolved.push_str(text);
        rest = whole.end();
    }
    resolved.push_str(&value[rest..]);
    Ok(resolved)
}

/// `regexp.Compile(pattern).MatchString(value)`: RE2, found anywhere (allowedregexparamvalidator.go:36-81). Rust's
/// engine has the same syntax and semantics but for two things that matter here: it repeats more than 1,000 times,
/// which is refused below as RE2 does, and its `\s` takes a vertical tab too.
fn passes(pattern: &str, value: &str) -> Result<(), String> {
    let failed = |why: &str| Err(format!("internal error: allowedPattern {pattern}: {why}"));
    let counts = Regex::new(r"\{[0-9]*,?([0-9]+)\}").unwrap();
    if counts.captures_iter(pattern).any(|count| count[1].parse::<u32>().is_ok_and(|count| count > 1000)) {
        return failed("invalid repeat count");
    }
    // RE2's classes are ASCII.
    match RegexBuilder::new(pattern).unicode(false).build() {
        Ok(compiled) if compiled.is_match(value.as_bytes()) => Ok(()),
        Ok(_) => Err(format!("parameter value {value:?} does not match allowedPattern {pattern}")),
        Err(error) => failed(&error.to_string()),
    }
}

/// Values into every text of `properties` and `inputs`, so Run As and log groups too (docparser.go:171-210).
fn pasted(document: &Value, values: &HashMap<String, String>) -> Value {
    let mut document = document.clone();
    for part in ["properties", "inputs"] {
        document[part] = pasted_into(&document[part], values);
    }
    document
}

fn pasted_into(value: &Value, values: &HashMap<String, String>) -> Value {
    match value {
        Value::String(text) => Value::String(pasted_text(text, values)),
        Value::Array(list) => list.iter().map(|value| pasted_into(value, values)).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), pasted_into(value, values))).collect()
        }
        other => other.clone(),
    }
}

/// Plain text, once: what a value itself holds is not looked at again. `$$` becomes `$`, but not where the
/// placeholder is all there is (parameters.go:48-51,128-133).
fn pasted_text(text: &str, values: &HashMap<String, String>) -> String {
    let placeholder = Regex::new(r"\{\{ *([a-zA-Z0-9]+) *\}\}").unwrap();
    if let Some(whole) = placeholder.captures(text).filter(|found| found[0] == *text)
        && let Some(value) = values.get(&whole[1])
    {
        return value.clone();
    }
    let paste = |found: &regex::Captures<'_>| match values.get(&found[1]) {
        Some(value) => value.replace("$$", "$"),
        None => found[0].to_owned(),
    };
    placeholder.replace_all(text, paste).into_owned()
}

/// The tag wins over the document (docparser.go:380-384), but not over a document without Run As.
fn run_as(linux: &Value, inputs: &Value, caller: &Caller<'_>) -> Result<RunAs, String> {
    if is_true(&linux["runAsElevated"]) {
        return Ok(RunAs::Elevated);
    }
    if !is_true(&inputs["runAsEnabled"]) {
        return Ok(RunAs::Nobody);
    }
    let user = caller.run_as.or(inputs["runAsDefaultUser"].as_str()).unwrap_or_default();
    match user {
        "" => Err("please set the RunAs default user".to_owned()),
        user => Ok(RunAs::User(user.to_owned())),
    }
}

/// Truth may be written as text (`ConvertToBool`).
fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")))
}

/// A document with the parameter `c`.
fn with_parameter(commands: &str, parameter: &str) -> Document {
    Document::read(&format!(
        "schemaVersion: '1.0'\nsessionType: InteractiveCommands\ninputs: {{runAsEnabled: true, runAsDefaultUser: ann}}\n\
         parameters: {{{parameter}}}\nproperties: {{linux: {{commands: {commands:?}}}}}\n"
    ))
}

#[track_caller]
fn commands(document: &Document, parameters: &[(&str, &str)]) -> String {
    let caller = Caller { parameters, ..Caller::default() };
    document.start(&caller, &Store::new()).unwrap().commands
}

#[test]
fn values_are_pasted_as_text_and_only_once() {
    let document = with_parameter("run '{{c}}' {{ d }}", "c: {type: String}, d: {type: String}");
    assert_eq!(commands(&document, &[("c", "x'; id; '"), ("d", "{{c}}")]), "run 'x'; id; '' {{c}}");
}

#[test]
fn two_dollars_become_one_unless_the_placeholder_is_all_there_is() {
    assert_eq!(commands(&with_parameter("run {{c}}", "c: {}"), &[("c", "$$(id)")]), "run $(id)");
    assert_eq!(commands(&with_parameter("{{c}}", "c: {}"), &[("c", "$$(id)")]), "$$(id)");
}

#[test]
fn a_parameter_whose_name_has_a_dash_keeps_its_default() {
    let document = with_parameter("run {{my-cmd}}", "my-cmd: {default: ls}");
    assert_eq!(commands(&document, &[("my-cmd", "id")]), "run {{my-cmd}}");
    assert_eq!(given("my-cmd", &Caller { parameters: &[("my-cmd", "id")], ..Caller::default() }), None);
}

#[test]
fn parameter_store_is_read_before_the_pattern_is_held_against_the_value() {
    let document = with_parameter("run {{c}}", "c: {allowedPattern: '^[a-z ]+$'}");
    let store = Store::from([("plain", ("String", "ls")), ("bad", ("String", "ls;id"))]);
    let start =
        |value: &str| document.start(&Caller { parameters: &[("c", value)], ..Caller::default() }, &store);
    assert_eq!(start("{{ssm:plain}} it").unwrap().commands, "run ls it");
    assert!(start("{{ssm:bad}}").unwrap_err().contains("does not match"));
    let secure = Store::from([("key", ("SecureString", "k"))]);
    let caller = Caller { parameters: &[("c", "{{ssm:key}}")], ..Caller::default() };
    assert!(document.start(&caller, &secure).unwrap_err().contains("SecureString"));
}

#[test]
fn a_pattern_is_found_anywhere_and_other_limits_are_not_looked_at() {
    let document = with_parameter("run {{c}}", "c: {allowedPattern: 'ls', maxChars: 2, allowedValues: [ls]}");
    assert_eq!(commands(&document, &[("c", "id; ls; id")]), "run id; ls; id");
}

#[test]
fn a_pattern_that_re2_does_not_take_fails_every_session() {
    for pattern in ["^[a-z]{1,1024}$", "^(?!rm)[a-z]+$"] {
        let document = with_parameter("run {{c}}", &format!("c: {{allowedPattern: '{pattern}'}}"));
        let caller = Caller { parameters: &[("c", "ls")], ..Caller::default() };
        assert!(document.start(&caller, &Store::new()).unwrap_err().starts_with("internal error"));
    }
}

#[test]
fn the_tag_wins_over_the_user_in_the_document() {
    let document = with_parameter("ls", "");
    let tagged = Caller { run_as: Some("bob"), ..Caller::default() };
    assert_eq!(document.start(&tagged, &Store::new()).unwrap().run_as, RunAs::User("bob".into()));
    let plain = document.start(&Caller::default(), &Store::new()).unwrap();
    assert_eq!(plain.run_as, RunAs::User("ann".into()));
}
