//! The accounts that gatesh holds: their homes, the groups that undo the gate, ids that are not theirs alone.

use std::os::unix::fs::MetadataExt;

use super::finding::{Finding, Severity};
use super::host::{Host, because, shown};
use super::people::{People, Person, Tie};
use super::rules::Rules;

/// Groups of common distributions that give what no rule can take back.
const UNDOING: &[(&str, Severity, &str)] = &[
    ("adm", Severity::Note, "may read most logs: an allowed program reads them where its rule names them"),
    ("admin", Severity::Problem, "may run anything as root with sudo on older Ubuntu"),
    ("disk", Severity::Problem, "may read and write every block device, so every file"),
    ("docker", Severity::Problem, "may start a container that holds the host's root directory"),
    ("incus-admin", Severity::Problem, "may start a container that holds the host's root directory"),
    ("input", Severity::Warning, "may read what is typed at the console"),
    ("kmem", Severity::Problem, "may read the kernel's memory"),
    ("kvm", Severity::Warning, "may start virtual machines of its own"),
    ("libvirt", Severity::Problem, "may start a virtual machine that has the host's disks"),
    ("lxd", Severity::Problem, "may start a container that holds the host's root directory"),
    ("microk8s", Severity::Problem, "may start a container that holds the host's root directory"),
    ("root", Severity::Problem, "may write what root's group may write"),
    ("shadow", Severity::Problem, "may read every password's hash"),
    ("staff", Severity::Warning, "may write /usr/local on Debian, which stands first in root's PATH"),
    ("sudo", Severity::Problem, "may run anything as root with sudo on Debian and Ubuntu"),
    ("systemd-journal", Severity::Note, "may read the whole journal, gatesh's records too"),
    ("tty", Severity::Warning, "may write to other people's terminals"),
    ("video", Severity::Warning, "may read the console's picture"),
    ("wheel", Severity::Problem, "may run anything as root with sudo on Amazon Linux and RHEL"),
];

pub(super) fn findings(host: &Host, people: &People, rules: &Rules) -> Vec<Finding> {
    let mut found = Vec::new();
    for person in people.all.iter().filter(|person| person.tie != Tie::Rules) {
        found.extend(refused(person));
        found.extend(root(person, rules));
        found.extend(home(host, person));
        found.extend(person.groups.iter().filter_map(|group| undoing(person, group)));
        found.extend(shared(person, people));
        found.extend(locked_out(person, rules));
    }
    if people.gated().next().is_none() {
        let text = "no account has gatesh as its login shell: it is reached by Session documents or ForceCommand only";
        found.push(Finding::note("no-users", "/etc/passwd", text));
    }
    found
}

fn refused(person: &Person) -> Option<Finding> {
    let why = person.refused.as_ref()?;
    Some(Finding::problem("identity", &person.user.name, format!("every session is refused: {why}")))
}

fn root(person: &Person, rules: &Rules) -> Option<Finding> {
    let (name, permits) = (&person.user.name, rules.survey.settings.root);
    match (person.user.uid, permits) {
        (0, true) => {
            Some(Finding::problem("root", name, "is root, and session.root = true: nothing holds root"))
        }
        (0, false) => Some(Finding::warning("root", name, "is root: every session is refused")),
        (_, _) => None,
    }
}

fn home(host: &Host, person: &Person) -> Option<Finding> {
    let (name, path) = (&person.user.name, person.user.home.to_string_lossy().into_owned());
    let about = match host.stat(&path) {
        Ok(about) => about,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let text = format!("the home directory {path} is not there: the session starts elsewhere");
            return Some(
                Finding::warning("home", name, text)
                    .cure(format!("mkhomedir_helper {name}, or another home")),
            );
        }
        Err(error) => return Some(Finding::not_looked_at(format!("{path} of {name}"), &because(&error))),
    };
    if about.uid() != person.user.uid && !host.trusts(about.uid()) {
        let text = format!(
            "the home directory {path} is somebody else's ({}), who decides what it holds",
            shown(&about)
        );
        return Some(Finding::problem("home", name, text).cure(format!("chown {name} {path}")));
    }
    let text = format!("others can write to the home directory {path} ({}), so into .ssh too", shown(&about));
    (about.mode() & 0o022 != 0)
        .then(|| Finding::problem("home", name, text).cure(format!("chmod go-w {path}")))
}

fn undoing(person: &Person, group: &str) -> Option<Finding> {
    let (_, severity, why) = UNDOING.iter().find(|(name, _, _)| *name == group)?;
    let name = &person.user.name;
    let text = format!("is in the group {group}, which {why}");
    let finding = Finding::problem("group", name, text).severity(*severity);
    Some(match severity {
        Severity::Note | Severity::Ok => finding,
        Severity::Warning | Severity::Problem => {
            finding.cure_of(name, |who| format!("gpasswd -d {who} {group}"))
        }
    })
}

fn shared(person: &Person, people: &People) -> Option<Finding> {
    let names = people.shared.get(&person.user.uid)?;
    let others: Vec<&str> =
        names.iter().filter(|name| **name != person.user.name).map(String::as_str).collect();
    let text = format!(
        "shares uid {} with {}: the kernel cannot keep them apart, and the audit names only one of them",
        person.user.uid,
        others.join(", ")
    );
    Some(Finding::warning("shared-uid", &person.user.name, text).cure("give each a uid of their own"))
}

fn locked_out(person: &Person, rules: &Rules) -> Option<Finding> {
    let without = person.tie == Tie::Shell && !person.groups.iter().any(|group| rules.has(group));
    without.then(|| {
        let text = "is in no group that has rules: every line is refused";
        let name = &person.user.name;
        Finding::warning("locked-out", name, text)
            .cure_of(name, |who| format!("gpasswd -a {who} GROUP, or write the file of one of their groups"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_groups_is_in_order_without_doubles() {
        assert!(UNDOING.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
