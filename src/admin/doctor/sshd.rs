//! What sshd lets a person do beside their login shell, as sshd itself resolves its configuration for them.

use std::collections::BTreeMap;

use super::finding::{Finding, Severity};
use super::host::{Host, ask_all};
use super::people::{People, Person, Tie, is_gatesh};

const SSHD: &str = "/usr/sbin/sshd";

pub(super) fn findings(host: &Host, people: &People) -> Vec<Finding> {
    if !host.exists(SSHD) {
        return vec![Finding::ok("sshd", SSHD, "is not installed")];
    }
    let looked_at =
        people.all.iter().filter(|person| person.tie != Tie::Agent || is_gatesh(&person.user.shell));
    let mut looked_at = looked_at.peekable();
    match (looked_at.peek(), host.is_live, host.is_root) {
        (None, _, _) => return Vec::new(),
        (Some(_), false, _) => {
            return vec![Finding::not_looked_at("sshd", "--root names files, and sshd must be asked")];
        }
        (Some(_), true, false) => return vec![Finding::not_looked_at("sshd", "needs root")],
        (Some(_), true, true) => {}
    }
    let mut found = Vec::new();
    for person in looked_at {
        let about = format!("user={},host=localhost,addr=127.0.0.1", person.user.name);
        match ask_all(SSHD, &["-T", "-C", &about]) {
            Ok(said) if !said.out.is_empty() => found.extend(judge(person, &Settings::read(&said.out))),
            Ok(said) => no_answer(&mut found, &format!("sshd -T says: {}", first_line(&said.err))),
            Err(why) => no_answer(&mut found, &why),
        }
    }
    found
}

/// What keeps sshd from answering is mostly so for everybody: that its directory or its keys are missing.
fn no_answer(found: &mut Vec<Finding>, why: &str) {
    let finding = Finding::not_looked_at("sshd", why);
    if !found.contains(&finding) {
        found.push(finding);
    }
}

fn first_line(said: &str) -> &str {
    said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("nothing, and ends")
}

/// What `sshd -T` prints: a keyword in lower case and its value, a line each; some keywords several times.
struct Settings(BTreeMap<String, Vec<String>>);

impl Settings {
    fn read(text: &str) -> Self {
        let mut settings: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in text.lines() {
            let (name, value) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
            settings.entry(name.to_lowercase()).or_default().push(value.trim().to_owned());
        }
        Self(settings)
    }

    fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    fn one(&self, name: &str) -> &str {
        self.all(name).first().map_or("", String::as_str)
    }

    /// Whether it is anything but off.
    fn is_on(&self, name: &str) -> bool {
        !matches!(self.one(name), "" | "no" | "none")
    }
}

/// Keywords that open a way which asks no rule: severity where gatesh is the login shell, where it is only
/// forced, and what it opens.
const WAYS: &[(&str, Severity, Severity, &str)] = &[
    ("allowtcpforwarding", Severity::Warning, Severity::Warning, "reaches any TCP port from this host"),
    (
        "allowstreamlocalforwarding",
        Severity::Warning,
        Severity::Warning,
        "reaches unix sockets, D-Bus among them",
    ),
    ("permittunnel", Severity::Warning, Severity::Warning, "may set up a network interface"),
    ("x11forwarding", Severity::Warning, Severity::Warning, "makes sshd run xauth for the person"),
    (
        "allowagentforwarding",
        Severity::Note,
        Severity::Note,
        "puts a socket of sshd's in reach of every program",
    ),
    ("permituserrc", Severity::Ok, Severity::Problem, "makes sshd hand ~/.ssh/rc to the login shell"),
    ("permituserenvironment", Severity::Warning, Severity::Problem, "lets ~/.ssh/environment set LD_PRELOAD"),
];

fn judge(person: &Person, settings: &Settings) -> Vec<Finding> {
    let name = &person.user.name;
    let forced = settings.one("forcecommand");
    let is_forced = forced.split_whitespace().next().is_some_and(|program| is_gatesh(program.as_ref()));
    if person.tie == Tie::Rules && !is_forced {
        let text = format!("sshd starts {} for them, where no rule is asked", person.user.shell.display());
        return vec![Finding::note("ssh-ungated", name, text)];
    }
    let mut found = Vec::new();
    found.extend(sftp(name, settings, forced, is_forced));
    found.extend(ways(person, settings));
    found.extend(environment(person, settings));
    if found.is_empty() {
        found.push(Finding::ok("sshd", name, "sshd opens no way around the login shell"));
    }
    found
}

/// internal-sftp runs inside sshd and asks no shell; a sftp-server program is a line to gatesh. A forced command
/// stands in for both.
fn sftp(name: &str, settings: &Settings, forced: &str, is_forced: bool) -> Option<Finding> {
    let internal = |text: &str| text.split_whitespace().any(|word| word == "internal-sftp");
    let by_subsystem = settings.all("subsystem").iter().any(|subsystem| internal(subsystem)) && !is_forced;
    let opened = internal(forced) || (by_subsystem && matches!(forced, "" | "none"));
    opened.then(|| {
        let text =
            "internal-sftp asks no shell: every file the person's modes permit can be read and written";
        Finding::problem("ssh-sftp", name, text).cure(
            "Subsystem sftp /usr/lib/openssh/sftp-server (which gatesh refuses), or none, in sshd_config",
        )
    })
}

fn ways(person: &Person, settings: &Settings) -> Vec<Finding> {
    let disabled = settings.one("disableforwarding") == "yes";
    let open = WAYS.iter().filter(|(way, ..)| {
        settings.is_on(way) && !(disabled && (way.contains("forwarding") || *way == "permittunnel"))
    });
    let severity = |as_shell: Severity, forced: Severity| match is_gatesh(&person.user.shell) {
        true => as_shell,
        false => forced,
    };
    open.map(|(way, as_shell, forced, opens)| (way, severity(*as_shell, *forced), opens))
        .filter(|(_, severity, _)| *severity > Severity::Ok)
        .map(|(way, severity, opens)| {
            Finding::problem("ssh-way", &person.user.name, format!("{way} {}: {opens}", settings.one(way)))
                .severity(severity)
                .cure_of(&person.user.name, |who| format!("Match User {who} with {way} no, in sshd_config"))
        })
        .collect()
}

/// gatesh clears its environment; the shell in front of a forced command does not.
fn environment(person: &Person, settings: &Settings) -> Option<Finding> {
    let takes =
        |pattern: &&str| pattern.starts_with(['*', '?']) || pattern.starts_with("LD_") || *pattern == "L*";
    let taken: Vec<&str> =
        settings.all("acceptenv").iter().flat_map(|line| line.split_whitespace()).filter(takes).collect();
    let is_shell = is_gatesh(&person.user.shell);
    (!taken.is_empty()).then(|| {
        let text = format!("AcceptEnv {}: the client sets variables the loader obeys", taken.join(" "));
        let severity = if is_shell { Severity::Warning } else { Severity::Problem };
        Finding::problem("ssh-environment", &person.user.name, text)
            .severity(severity)
            .cure("AcceptEnv LANG LC_*, and nothing else, in sshd_config")
    })
}

#[cfg(test)]
mod tests;
