//! What a type takes, the way a person would say it: "a .log file under /var/log or /opt/app/logs".

use crate::policy::glob::Glob;
use crate::policy::types::{Access, Kind, Object, PathType, Type};

/// What a type takes.
pub(super) fn in_words(wanted: &Type) -> String {
    match &wanted.kind {
        Kind::Path(path) => path_in_words(path),
        Kind::Regex(_) | Kind::OneOf(_) | Kind::Integer { .. } | Kind::BuiltIn(_) => wanted.describe(),
    }
}

fn path_in_words(path: &PathType) -> String {
    let object = match path.object {
        Object::File => "file",
        Object::Directory => "directory",
        Object::Either => "file or directory",
    };
    let mut said: Vec<String> = Vec::new();
    for (kind, places) in grouped(&path.globs) {
        let first = said.is_empty();
        let noun = if kind.is_empty() { object.to_owned() } else { format!("{kind} {object}") };
        let article = if first { "a" } else { "any" };
        let article = if kind.is_empty() { article } else { "a" };
        said.push(format!("{article} {noun} {places}"));
    }
    let made = if path.access == Access::Write && !path.must_exist { ", new or not" } else { "" };
    let except: Vec<String> = path.except.iter().map(place).collect();
    let except = if except.is_empty() { String::new() } else { format!(", but none {}", listed(&except)) };
    format!("{}{made}{except}", said.join(", or "))
}

/// Globs of one kind (`.log`, or any name) with their places: kinds in order of mention.
fn grouped(globs: &[Glob]) -> Vec<(String, String)> {
    let mut kinds: Vec<(String, Vec<String>)> = Vec::new();
    for glob in globs {
        let (kind, place) = kind_and_place(glob.text());
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, places)) => places.push(place),
            None => kinds.push((kind, vec![place])),
        }
    }
    kinds.into_iter().map(|(kind, places)| (kind, listed(&places))).collect()
}

/// `/var/log/**/*.log` is of the kind `.log` and lies under /var/log. What is none of the usual forms is shown.
fn kind_and_place(text: &str) -> (String, String) {
    let is_plain = |text: &str| !text.contains(['*', '?']);
    if let Some((directory, name)) = text.rsplit_once('/')
        && let Some(ending) =
            name.strip_prefix('*').filter(|ending| ending.starts_with('.') && is_plain(ending))
    {
        match directory.strip_suffix("/**") {
            Some(above) if is_plain(above) => return (ending.to_owned(), format!("under {}", root(above))),
            None if is_plain(directory) => return (ending.to_owned(), format!("in {}", root(directory))),
            Some(_) | None => {}
        }
    }
    (String::new(), place_of(text))
}

fn place(glob: &Glob) -> String {
    place_of(glob.text())
}

fn place_of(text: &str) -> String {
    let is_plain = |text: &str| !text.contains(['*', '?']);
    match (text.strip_suffix("/**"), text.strip_suffix("/*")) {
        (Some(directory), _) if is_plain(directory) => format!("under {}", root(directory)),
        (None, Some(directory)) if is_plain(directory) => format!("in {}", root(directory)),
        _ if is_plain(text) => format!("called {text}"),
        _ => format!("matching {text}"),
    }
}

fn root(directory: &str) -> &str {
    if directory.is_empty() { "/" } else { directory }
}

/// "under a, b or c, or matching d": what the places begin with is said once for neighbours.
fn listed(places: &[String]) -> String {
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    for place in places {
        let (how, which) = place.split_once(' ').unwrap_or(("", place));
        match said.last_mut() {
            Some((last, names)) if last == how => names.push(which.to_owned()),
            _ => said.push((how.to_owned(), vec![which.to_owned()])),
        }
    }
    let one = |(how, names): (String, Vec<String>)| format!("{how} {}", or(&names));
    said.into_iter().map(one).collect::<Vec<_>>().join(", or ")
}

fn or(names: &[String]) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(globs: &[&str], except: &[&str]) -> String {
        let read = |texts: &[&str]| texts.iter().map(|text| Glob::path(text, None).unwrap()).collect();
        path_in_words(&PathType {
            object: Object::File,
            globs: read(globs),
            except: read(except),
            access: Access::Read,
            must_exist: true,
        })
    }

    #[test]
    fn endings_and_trees_are_said_as_a_person_would() {
        let said = files(&["/var/log/**/*.log", "/opt/app/logs/**/*.log"], &["/var/log/audit/**"]);
        assert_eq!(said, "a .log file under /var/log or /opt/app/logs, but none under /var/log/audit");
    }

    #[test]
    fn different_kinds_are_kept_apart() {
        let said = files(&["/var/log/**/*.log", "/srv/**", "/etc/motd", "/srv/app-?/x"], &[]);
        assert_eq!(
            said,
            "a .log file under /var/log, or any file under /srv, or called /etc/motd, or matching /srv/app-?/x"
        );
    }
}
