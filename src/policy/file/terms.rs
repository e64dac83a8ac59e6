//! The keys of `[[allow]]` that say how a command is run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::cures;
use super::environment::{banned, is_name};
use super::host::{Host, read_duration};
use super::reader::{Entry, Reader, Section, Text};
use super::scalar;
use crate::excerpt::nearest;
use crate::policy::glob::Glob;
use crate::policy::{Exec, Limits, Network, Terms, sets};

pub(super) const LIMITS: Section = Section {
    name: "limits",
    keys: &[
        ("cpu", r#""60s""#),
        ("memory", r#""512M""#),
        ("processes", "10"),
        ("files", "64"),
        ("file_size", r#""1G""#),
    ],
};
/// As many files as one `exec` entry with `*` may stand for.
const MOST_FILES: usize = 1000;

/// Takes a key that belongs to the terms; false when it is none of them.
pub(super) fn read(reader: &Reader<'_>, host: &Host, terms: &mut Terms, entry: &Entry<'_>) -> bool {
    let home = host.home.as_deref();
    match entry.key {
        "timeout" => terms.timeout = read_duration(reader, entry),
        "cwd" => terms.cwd = reader.text(entry).and_then(|text| absolute_or_home(reader, "cwd", text, home)),
        "env" => terms.env = env(reader, entry),
        "keep_env" => terms.keep_env = keep_env(reader, entry),
        "umask" => terms.umask = umask(reader, entry),
        "limits" => terms.limits = limits(reader, entry),
        "read" => terms.read = trees(reader, host, entry),
        "write" => terms.write = trees(reader, host, entry),
        "exec" => terms.exec = exec(reader, host, entry),
        "network" => terms.network = network(reader, entry),
        "with" => terms.with = with(reader, entry),
        "sha256" => terms.sha256 = sha256(reader, entry),
        _ => return false,
    }
    true
}

/// An absolute, normal path.
pub(super) fn absolute(reader: &Reader<'_>, key: &str, text: Text<'_>) -> Option<PathBuf> {
    checked(reader, key, text, text.text)
}

/// The same, or `{home}` with or without more behind it; kept as written where no person is meant.
pub(super) fn absolute_or_home(
    reader: &Reader<'_>,
    key: &str,
    text: Text<'_>,
    home: Option<&Path>,
) -> Option<PathBuf> {
    let Some(tail) = text.text.strip_prefix("{home}") else { return absolute(reader, key, text) };
    let home = home.unwrap_or(Path::new("{home}"));
    if tail.is_empty() {
        return Some(home.to_owned());
    }
    let beneath = checked(reader, key, text, tail)?;
    beneath.strip_prefix("/").ok().map(|beneath| home.join(beneath))
}

/// `path`, which is `text` or its end, if it is absolute and normal.
fn checked(reader: &Reader<'_>, key: &str, text: Text<'_>, path: &str) -> Option<PathBuf> {
    let mut cure = None;
    let (problem, label) = if path.chars().any(|c| matches!(c, '*' | '?') || c.is_control()) {
        let label = match key {
            "read" | "write" => "a directory means everything beneath it",
            "exec" => "* may stand in the last part only",
            _ => "one path",
        };
        ("be a path, not a glob", label)
    } else if !path.starts_with('/') {
        let named = if key == "exec" && !path.contains('/') {
            format!("/usr/bin/{path}")
        } else {
            cures::absolute(path)
        };
        cure = Some(format!("write \"{named}\""));
        ("be absolute", "begin it with /")
    } else if path != "/" && !path.split('/').skip(1).all(is_component) {
        let front = text.text.strip_suffix(path).unwrap_or_default();
        cure = cures::normal(path).map(|normal| format!("write \"{front}{normal}\""));
        ("be normal", "no \".\", \"..\", \"//\", braces and no \"/\" at the end")
    } else {
        return Some(PathBuf::from(path));
    };
    let message = format!("\"{key}\" must {problem}: \"{}\"", text.text.escape_debug());
    reader.say(reader.at("path", text.span, message).label(label).cures(cure));
    None
}

fn is_component(part: &str) -> bool {
    !matches!(part, "" | "." | "..") && !part.contains(['{', '}'])
}

fn trees(reader: &Reader<'_>, host: &Host, entry: &Entry<'_>) -> Vec<PathBuf> {
    let texts = reader.texts(entry);
    let read = texts.iter().filter_map(|text| {
        let path = absolute_or_home(reader, entry.key, *text, host.home.as_deref())?;
        host.refuse_protected(reader, entry.key, *text, &path);
        Some(path)
    });
    read.collect()
}

fn env(reader: &Reader<'_>, entry: &Entry<'_>) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    let Some(table) = reader.table(entry) else { return values };
    for variable in table.entries() {
        let name = Text { text: variable.key, span: variable.key_span };
        let allowed = variable_allowed(reader, name, false);
        let Some(value) = reader.text(&variable) else { continue };
        if value.text.len() > 1024 || value.text.chars().any(char::is_control) {
            let message = format!("the value of {} must be printable and at most 1024 bytes", variable.key);
            reader.say(reader.at("env", value.span, message));
        } else if allowed {
            values.insert(variable.key.to_owned(), value.text.to_owned());
        }
    }
    values
}

fn keep_env(reader: &Reader<'_>, entry: &Entry<'_>) -> Vec<String> {
    let texts = reader.texts(entry);
    let allowed = texts.iter().filter(|text| variable_allowed(reader, **text, true));
    allowed.map(|text| text.text.to_owned()).collect()
}

fn variable_allowed(reader: &Reader<'_>, name: Text<'_>, kept: bool) -> bool {
    if !is_name(name.text) {
        let message = format!("\"{}\" cannot be a variable's name", name.text.escape_debug());
        reader.say(reader.at("env", name.span, message).label("letters, digits and _"));
        return false;
    }
    let Some(reason) = banned(name.text, kept) else { return true };
    let verb = if kept { "passed on" } else { "set" };
    reader.say(reader.at("env", name.span, format!("{} cannot be {verb}", name.text)).label(reason));
    false
}

fn umask(reader: &Reader<'_>, entry: &Entry<'_>) -> Option<u32> {
    let mask = entry.value.as_text().and_then(|text| scalar::umask(text.text));
    if mask.is_none() {
        let fault = reader.at("umask", entry.value.span, "\"umask\" must be three octal digits in quotes");
        reader.say(fault.label("such as \"027\""));
    }
    mask
}

fn limits(reader: &Reader<'_>, entry: &Entry<'_>) -> Limits {
    let mut limits = Limits::default();
    let Some(table) = reader.table(entry) else { return limits };
    for limit in table.entries() {
        match limit.key {
            "cpu" if limit.value.is_integer() => limits.cpu = count(reader, &limit, 1, 604_800),
            "cpu" => limits.cpu = read_duration(reader, &limit).map(|time| time.as_secs()),
            "memory" => limits.memory = size(reader, &limit),
            "processes" => limits.processes = count(reader, &limit, 1, 65_536),
            // Below that no program gets past its loader.
            "files" => limits.files = count(reader, &limit, 8, 1_048_576),
            "file_size" => limits.file_size = size(reader, &limit),
            _ => reader.unknown(&limit, &LIMITS),
        }
    }
    limits
}

fn count(reader: &Reader<'_>, entry: &Entry<'_>, min: i64, max: i64) -> Option<u64> {
    reader.integer(entry, min, max).and_then(|count| u64::try_from(count).ok())
}

/// From 4 KiB to 1 PiB.
fn size(reader: &Reader<'_>, entry: &Entry<'_>) -> Option<u64> {
    let text = reader.text(entry)?;
    let size = scalar::size(text.text).filter(|size| (4096..=1 << 50).contains(size));
    if size.is_none() {
        let fault = reader.at("size", text.span, format!("\"{}\" must be a size from 4K", entry.key));
        reader.say(fault.label("such as \"64K\", \"512M\" or \"1G\""));
    }
    size
}

fn exec(reader: &Reader<'_>, host: &Host, entry: &Entry<'_>) -> Exec {
    if let Some(text) = entry.value.as_text() {
        if text.text == "any" {
            return Exec::Any;
        }
        let fault = reader.at("exec", text.span, "\"exec\" must be \"any\" or a list of files");
        reader.say(fault.label(match text.text {
            "all" | "ALL" | "*" | "yes" => "did you mean \"any\"?".to_owned(),
            file => format!("write exec = [\"{file}\"]"),
        }));
        return Exec::Nothing;
    }
    let mut files = Vec::new();
    for text in reader.texts(entry) {
        files.extend(exec_files(reader, host, text));
    }
    if files.is_empty() { Exec::Nothing } else { Exec::Listed(files) }
}

fn exec_files(reader: &Reader<'_>, host: &Host, text: Text<'_>) -> Vec<PathBuf> {
    let split = text.text.rsplit_once('/').filter(|(_, last)| last.contains('*'));
    let Some((directory, last)) = split else {
        return absolute_or_home(reader, "exec", text, host.home.as_deref()).into_iter().collect();
    };
    if last.contains("**") {
        let fault = reader.at("exec", text.span, "** cannot stand in \"exec\"");
        reader.say(fault.label("* in the last part stands for files of that directory"));
        return Vec::new();
    }
    let above = Text { text: if directory.is_empty() { "/" } else { directory }, span: text.span };
    let Some(directory) = absolute_or_home(reader, "exec", above, host.home.as_deref()) else {
        return Vec::new();
    };
    let pattern = directory.join(last);
    let glob = pattern.to_str().and_then(|pattern| Glob::path(pattern, None).ok());
    let Some(glob) = glob else {
        reader.say(reader.at("exec", text.span, "this is no file name with * in it"));
        return Vec::new();
    };
    expand(reader, host, text, &directory, &glob)
}

/// The files of the directory that match now, sorted. A directory that is not there has none.
fn expand(reader: &Reader<'_>, host: &Host, text: Text<'_>, directory: &Path, glob: &Glob) -> Vec<PathBuf> {
    host.listed.borrow_mut().push(directory.to_owned());
    let entries = directory.read_dir().into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path()).filter(|path| {
        let hidden = matches!(path.file_name(), Some(name) if name.as_encoded_bytes().starts_with(b"."));
        !hidden && glob.matches(path.as_os_str().as_encoded_bytes()) && path.is_file()
    });
    let mut files: Vec<PathBuf> = paths.take(MOST_FILES + 1).collect();
    files.sort_unstable();
    if files.len() > MOST_FILES {
        let message = format!("\"{}\" stands for more than {MOST_FILES} files", text.text);
        reader.say(reader.at("exec", text.span, message).label("name those that are needed"));
    } else if files.is_empty() && reader.thorough {
        let message = format!("\"{}\" matches no file on this host", text.text);
        reader.say(reader.warn("exec-nothing", text.span, message));
    }
    files
}

fn network(reader: &Reader<'_>, entry: &Entry<'_>) -> Network {
    let mut network = Network::default();
    for text in reader.texts(entry) {
        match text.text {
            "unix" => network.unix = true,
            "inet" => network.inet = true,
            "netlink" => network.netlink = true,
            other => {
                let message = format!("no network is called \"{}\"", other.escape_debug());
                let fault = reader.at("network", text.span, message);
                reader.say(fault.label("\"unix\", \"inet\" and \"netlink\" are known"));
            }
        }
    }
    network
}

fn with(reader: &Reader<'_>, entry: &Entry<'_>) -> Vec<String> {
    let texts = reader.texts(entry);
    let known = texts.iter().filter_map(|text| {
        let name = text.text.strip_prefix('@');
        let found = name.filter(|name| sets::find(name).is_some());
        if found.is_none() {
            say_unknown_set(reader, *text, name);
        }
        found.map(str::to_owned)
    });
    known.collect()
}

fn say_unknown_set(reader: &Reader<'_>, text: Text<'_>, name: Option<&str>) {
    let bare = name.unwrap_or(text.text);
    // A known name without its `@` is no misspelling.
    let known = sets::names().find(|set| *set == bare);
    let near = known.or_else(|| nearest(bare, sets::names()));
    let message = format!("no set is called \"{}\"", text.text.escape_debug());
    let fault = reader.at("with", text.span, message);
    reader.say(match near {
        Some(near) => fault.label(format!("did you mean \"@{near}\"?")),
        None => {
            let known = sets::names().collect::<Vec<_>>().join(" @");
            fault.cures(cures::in_lines(&format!("known are @{known}")))
        }
    });
}

fn sha256(reader: &Reader<'_>, entry: &Entry<'_>) -> Option<String> {
    let text = reader.text(entry)?;
    let sound = text.text.len() == 64 && text.text.bytes().all(|b| b.is_ascii_hexdigit());
    if !sound {
        let fault = reader.at("sha256", text.span, "\"sha256\" must be 64 hexadecimal digits");
        reader.say(fault.label("sha256sum prints them"));
    }
    sound.then(|| text.text.to_ascii_lowercase())
}
