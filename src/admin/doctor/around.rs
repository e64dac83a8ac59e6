//! What runs for a person without asking their login shell: sshd's rc file, cron, at, services that linger.

use std::io;

use super::finding::Finding;
use super::host::Host;
use super::people::{People, Person, needs_root};

/// Where crontabs are kept: Debian's place, then Red Hat's.
const CRONTABS: [&str; 2] = ["/var/spool/cron/crontabs", "/var/spool/cron"];

pub(super) fn findings(host: &Host, people: &People) -> Vec<Finding> {
    let mut found = Vec::new();
    for person in people.gated() {
        found.extend(rc(host, person));
        found.extend(crontab(host, person));
        found.extend(linger(host, person));
    }
    if people.gated().next().is_some() {
        found.extend(may_use(host, people, "cron", "/usr/bin/crontab"));
        found.extend(may_use(host, people, "at", "/usr/bin/at"));
    }
    found
}

fn rc(host: &Host, person: &Person) -> Option<Finding> {
    let path = format!("{}/.ssh/rc", person.user.home.display());
    match host.stat(&path) {
        Ok(_) => Some(
            Finding::warning(
                "ssh-rc",
                &person.user.name,
                format!("{path} is there: sshd hands it to the login shell at every login, where gatesh refuses it"),
            )
            .cure(format!("rm {path}, and PermitUserRC no in sshd_config")),
        ),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Some(needs_root(person, "~/.ssh/rc")),
        Err(_) => None,
    }
}

fn crontab(host: &Host, person: &Person) -> Option<Finding> {
    let name = &person.user.name;
    for folder in CRONTABS {
        let path = format!("{folder}/{name}");
        match host.stat(&path) {
            Ok(about) if about.is_file() => {
                let text =
                    format!("has a crontab ({path}): cron runs its lines with /bin/sh, which asks no rule");
                return Some(
                    Finding::warning("crontab", name, text).cure(format!("crontab -u {name} -l, then -r")),
                );
            }
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Some(needs_root(person, "the crontab"));
            }
            Ok(_) | Err(_) => {}
        }
    }
    None
}

fn linger(host: &Host, person: &Person) -> Option<Finding> {
    let name = &person.user.name;
    host.exists(&format!("/var/lib/systemd/linger/{name}")).then(|| {
        let text =
            "lingers: systemd starts the services of ~/.config/systemd/user at boot, which ask no rule";
        Finding::warning("linger", name, text).cure_of(name, |who| format!("loginctl disable-linger {who}"))
    })
}

/// crontab(1) and at(1) take everybody who is not kept out by their allow and deny files.
fn may_use(host: &Host, people: &People, what: &str, program: &str) -> Option<Finding> {
    if !host.exists(program) {
        return None;
    }
    let allow = host.read(&format!("/etc/{what}.allow")).ok();
    let deny = host.read(&format!("/etc/{what}.deny")).ok();
    let lists = |list: &Option<String>, name: &str| {
        list.as_ref().is_some_and(|text| text.lines().any(|line| line.trim() == name))
    };
    let may = |person: &&Person| match allow {
        Some(_) => lists(&allow, &person.user.name),
        None => !lists(&deny, &person.user.name),
    };
    let names: Vec<&str> = people.gated().filter(may).map(|person| person.user.name.as_str()).collect();
    (!names.is_empty()).then(|| {
        let text = format!(
            "{} may use {program}: what it starts asks no rule. gatesh itself refuses it unless a rule allows it, so \
             this matters where there is another way in",
            names.join(", ")
        );
        Finding::note("scheduled", format!("/etc/{what}.allow"), text)
            .cure(format!("an /etc/{what}.allow that names only those who need it"))
    })
}
