//! sudoers(5), as far as it must be understood to say what somebody may run: files and includes, aliases, lists
//! of users. Hosts are taken to match, so that doubt makes a line wider and never narrower.

use std::collections::BTreeMap;

use super::super::host::Host;
use super::grants::{Grant, grants, split};

/// sudo gives up at 128 includes one in another.
const DEEPEST: usize = 16;
/// As deep as aliases may name aliases.
const DEEPEST_ALIAS: usize = 8;
/// Everything the files say.
#[derive(Debug, Default)]
pub(super) struct Sudoers {
    specs: Vec<Spec>,
    users: BTreeMap<String, Vec<String>>,
    commands: BTreeMap<String, Vec<String>>,
    /// Users (as lists name them) that are never asked for a password.
    unasked: Vec<String>,
    /// Files that could not be read, with the reason.
    pub(super) unread: Vec<(String, std::io::Error)>,
}

#[derive(Debug)]
struct Spec {
    users: Vec<String>,
    grants: Vec<Grant>,
}

/// Who is asked about.
pub(super) struct Subject<'s> {
    pub(super) name: &'s str,
    pub(super) uid: u32,
    pub(super) groups: &'s [String],
    pub(super) gids: &'s BTreeMap<String, u32>,
}

impl Sudoers {
    pub(super) fn read(host: &Host) -> Self {
        let mut all = Self::default();
        all.file(host, "/etc/sudoers", 0);
        all
    }

    fn file(&mut self, host: &Host, path: &str, depth: usize) {
        match host.read(path) {
            Ok(text) => self.text(host, path, &text, depth),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => self.unread.push((path.to_owned(), error)),
        }
    }

    fn text(&mut self, host: &Host, path: &str, text: &str, depth: usize) {
        for (number, line) in logical_lines(text) {
            let place = format!("{path}:{number}");
            match include(&line) {
                Some(_) if depth >= DEEPEST => {}
                Some(Include::File(name)) => self.file(host, &beside(path, name), depth + 1),
                Some(Include::Directory(name)) => self.directory(host, &beside(path, name), depth + 1),
                None => self.line(&place, &uncommented(&line)),
            }
        }
    }

    /// Names with a dot, or a tilde at the end, are passed over: editors and package managers leave such.
    fn directory(&mut self, host: &Host, path: &str, depth: usize) {
        match host.names(path) {
            Ok(names) => {
                for name in names.iter().filter(|name| !name.contains('.') && !name.ends_with('~')) {
                    self.file(host, &format!("{}/{name}", path.trim_end_matches('/')), depth);
                }
            }
            Err(error) => self.unread.push((path.to_owned(), error)),
        }
    }

    fn line(&mut self, place: &str, line: &str) {
        let line = line.trim();
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match word {
            "User_Alias" => aliases(&mut self.users, rest),
            "Cmnd_Alias" | "Cmd_Alias" => aliases(&mut self.commands, rest),
            "" | "Host_Alias" | "Runas_Alias" => {}
            word if word.starts_with("Defaults") => self.defaults(word, rest),
            _ => self.specs.extend(spec(place, line)),
        }
    }

    /// `Defaults !authenticate` and `Defaults:USERS !authenticate`; other bindings are for some commands only.
    fn defaults(&mut self, word: &str, settings: &str) {
        if !split(settings, ',').iter().any(|setting| setting.trim().replace(' ', "") == "!authenticate") {
            return;
        }
        match word.strip_prefix("Defaults") {
            Some("") => self.unasked.push("ALL".to_owned()),
            Some(bound) => self
                .unasked
                .extend(bound.strip_prefix(':').map(|users| split(users, ',')).unwrap_or_default()),
            None => {}
        }
    }

    /// What one person may run, aliases put in.
    pub(super) fn of(&self, subject: &Subject<'_>) -> Vec<Grant> {
        let unasked = self.matching(&self.unasked, subject).is_some();
        let mut found = Vec::new();
        for spec in &self.specs {
            let Some(to) = self.matching(&spec.users, subject) else { continue };
            for grant in &spec.grants {
                let asks_password = grant.asks_password && !unasked;
                let all = expanded(&grant.command, &self.commands, 0);
                // A command that is taken away again opens nothing.
                let given = all.into_iter().filter(|command| !command.starts_with('!'));
                found.extend(given.map(|command| Grant {
                    command,
                    asks_password,
                    to: to.clone(),
                    ..grant.clone()
                }));
            }
        }
        found
    }

    /// The name by which a list of users means the person; the last one that speaks of them counts.
    fn matching(&self, users: &[String], subject: &Subject<'_>) -> Option<String> {
        let mut found = None;
        for user in users.iter().flat_map(|user| expanded(user, &self.users, 0)) {
            let name = user.trim_start_matches('!');
            if subject.is_meant(name) {
                found = (name == user).then(|| user.clone());
            }
        }
        found
    }
}

fn expanded(word: &str, aliases: &BTreeMap<String, Vec<String>>, depth: usize) -> Vec<String> {
    match aliases.get(word) {
        Some(items) if depth < DEEPEST_ALIAS => {
            items.iter().flat_map(|item| expanded(item, aliases, depth + 1)).collect()
        }
        Some(_) | None => vec![word.to_owned()],
    }
}

impl Subject<'_> {
    fn is_meant(&self, name: &str) -> bool {
        let name = name.trim_matches('"');
        let in_group = |group: &String| Some(group.as_str()) == name.strip_prefix('%');
        let in_gid = |group: &String| {
            let gid = name.strip_prefix("%#").and_then(|gid| gid.parse::<u32>().ok());
            gid.is_some() && self.gids.get(group).copied() == gid
        };
        name == "ALL"
            || name == self.name
            || name.strip_prefix('#').and_then(|uid| uid.parse::<u32>().ok()) == Some(self.uid)
            || self.groups.iter().any(|group| in_group(group) || in_gid(group))
    }
}

enum Include<'l> {
    File(&'l str),
    Directory(&'l str),
}

fn include(line: &str) -> Option<Include<'_>> {
    let rest = line.trim().strip_prefix(['@', '#'])?;
    let (word, name) = rest.split_once(char::is_whitespace)?;
    let name = name.trim().trim_matches('"');
    match word {
        "include" => Some(Include::File(name)),
        "includedir" => Some(Include::Directory(name)),
        _ => None,
    }
}

/// A relative name is meant from the directory of the file that includes it.
fn beside(path: &str, name: &str) -> String {
    match path.rsplit_once('/') {
        Some((directory, _)) if !name.starts_with('/') => format!("{directory}/{name}"),
        Some(_) | None => name.to_owned(),
    }
}

/// Lines with those that a backslash continues, each with the number of its first.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (number, line) in (1..).zip(text.lines()) {
        let (part, continues) = match line.strip_suffix('\\') {
            Some(part) => (part, true),
            None => (line, false),
        };
        match lines.last_mut() {
            Some((_, whole)) if goes_on => whole.push_str(part.trim_start()),
            Some(_) | None => lines.push((number, part.to_owned())),
        }
        goes_on = continues;
    }
    lines
}

/// Without its comment: `#` before digits is a uid (`%#`: a gid).
fn uncommented(line: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let mut characters = line.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let is_id = characters.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        match character {
            '#' if !quoted && !escaped && !is_id => return line.get(..at).unwrap_or_default().to_owned(),
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    line.to_owned()
}

/// `NAME = a, b : OTHER = c`.
fn aliases(into: &mut BTreeMap<String, Vec<String>>, text: &str) {
    for definition in split(text, ':') {
        if let Some((name, items)) = definition.split_once('=') {
            into.insert(name.trim().to_owned(), split(items, ','));
        }
    }
}

/// `users hosts = commands`: within a list a comma joins, so the last blank that no comma touches parts the two.
fn spec(place: &str, line: &str) -> Option<Spec> {
    let (left, right) = line.split_once('=')?;
    let mut lists: Vec<String> = Vec::new();
    for word in split(left.trim(), ' ').iter().filter(|word| !word.is_empty()) {
        match lists.last_mut() {
            Some(last) if last.ends_with(',') || word.starts_with(',') => last.push_str(word),
            Some(_) | None => lists.push(word.clone()),
        }
    }
    Some(Spec { users: split(lists.first()?, ','), grants: grants(place, right) })
}

#[cfg(test)]
mod tests;
