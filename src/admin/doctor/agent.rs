//! The Session Manager agent: its version, its default user, and what its unit hands on to sessions.

use super::finding::Finding;
use super::host::{Host, ask};
use super::people::{People, SSM_USER};

/// What the agent writes when it makes its default user.
const SUDOERS: &str = "/etc/sudoers.d/ssm-agent-users";
/// Where the agent is: packages of Amazon, then Ubuntu's snap.
const PROGRAMS: [&str; 2] = ["/usr/bin/amazon-ssm-agent", "/snap/bin/amazon-ssm-agent"];
/// Its unit, and what an admin may have put in its place.
const UNITS: [&str; 3] = [
    "/etc/systemd/system/amazon-ssm-agent.service",
    "/lib/systemd/system/amazon-ssm-agent.service",
    "/usr/lib/systemd/system/amazon-ssm-agent.service",
];

pub(super) fn findings(host: &Host, people: &People) -> Vec<Finding> {
    let mut found = Vec::new();
    let installed = installed(host);
    match &installed {
        Some(version) => found.push(Finding::ok("ssm-agent", "amazon-ssm-agent", version.clone())),
        None => found.push(Finding::note("ssm-agent", "amazon-ssm-agent", "is not installed")),
    }
    if people.ssm_user().is_none() && installed.is_some() {
        found.push(missing_user());
    }
    found.extend(leftover(host, people));
    found.extend(score(host));
    found
}

fn installed(host: &Host) -> Option<String> {
    let packaged = host.read("/var/lib/dpkg/status").ok().and_then(|text| package(&text));
    let program = PROGRAMS.iter().find(|program| host.exists(program));
    match (packaged, program) {
        (Some(version), _) => Some(format!("version {version}")),
        (None, Some(program)) if host.is_live => match ask(program, &["-version"]) {
            Ok(text) => Some(text.lines().next().unwrap_or("installed").trim().to_owned()),
            Err(why) => Some(format!("installed; its version was not asked: {why}")),
        },
        (None, Some(_)) => Some("installed".to_owned()),
        (None, None) => None,
    }
}

/// The version in dpkg's list, if the package is installed.
fn package(status: &str) -> Option<String> {
    let paragraph = status
        .split("\n\n")
        .find(|paragraph| paragraph.lines().any(|line| line == "Package: amazon-ssm-agent"))?;
    let field = |name: &str| paragraph.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let is_installed = field("Status:").is_some_and(|status| status.ends_with(" installed"));
    field("Version:").filter(|_| is_installed).map(str::to_owned)
}

fn missing_user() -> Finding {
    let text = format!(
        "does not exist: the first session that names no other user (Run As) makes the agent create it, with \
         password-less sudo for everything in {SUDOERS}"
    );
    Finding::warning("ssm-user", SSM_USER, text)
        .cure("useradd -m -s /usr/bin/gatesh ssm-user: for a user that exists the agent writes no sudo rule")
}

/// The rule without the user: it waits for whoever gets the name.
fn leftover(host: &Host, people: &People) -> Option<Finding> {
    (people.ssm_user().is_none() && host.exists(SUDOERS)).then(|| {
        let text = format!("gives {SSM_USER} everything, and there is no such user yet");
        Finding::warning("ssm-sudoers", SUDOERS, text).cure(format!("rm {SUDOERS}"))
    })
}

fn score(host: &Host) -> Option<Finding> {
    let unit = UNITS.iter().find_map(|path| host.read(path).ok())?;
    let drop_ins = "/etc/systemd/system/amazon-ssm-agent.service.d";
    let names = host.names(drop_ins).unwrap_or_default();
    let texts = names.iter().filter_map(|name| host.read(&format!("{drop_ins}/{name}")).ok());
    let all: Vec<String> = std::iter::once(unit).chain(texts).collect();
    let setting =
        |name: &str| all.iter().flat_map(|text| text.lines()).rev().find_map(|line| line.strip_prefix(name));
    let score = setting("OOMScoreAdjust=").filter(|score| score.trim().starts_with('-'))?;
    let text = format!(
        "protects itself from the out-of-memory killer ({}), which its sessions inherit; gatesh sets 0 for itself and \
         what it starts",
        score.trim()
    );
    Some(Finding::note("ssm-oom", "amazon-ssm-agent.service", text))
}

#[cfg(test)]
mod tests {
    use super::package;

    const STATUS: &str = "Package: bash\nStatus: install ok installed\nVersion: 5.2\n\n\
        Package: amazon-ssm-agent\nStatus: install ok installed\nPriority: extra\nVersion: 3.3.4364.0-1\n\n";

    #[test]
    fn the_version_is_the_packages_own() {
        assert_eq!(package(STATUS).as_deref(), Some("3.3.4364.0-1"));
    }

    #[test]
    fn a_removed_package_is_not_installed() {
        let removed = STATUS.replace("install ok installed\nPriority", "deinstall ok config-files\nPriority");
        assert_eq!(package(&removed), None);
        assert_eq!(package("Package: amazon-ssm-agent-doc\nVersion: 1\n"), None);
    }
}
