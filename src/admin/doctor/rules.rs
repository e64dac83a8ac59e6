//! The policy of the host: whether it loads, who could have written it, and whether its groups exist.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::finding::Finding;
use super::host::{Host, because, caller, shown};
use crate::admin::check::plural;
use crate::admin::{Common, Unanswered, lint};
use crate::policy::fault::{Fault, Severity};
use crate::policy::file::trust::Trust;
use crate::policy::file::{PolicySource, Survey, UnixName, load_everything, load_for_groups};
use crate::policy::synopsis::Synopsis;

/// Where the policy stands, from the host's own root.
const POLICY: &str = "/etc/gatesh";

/// Every file of the policy, as read once.
pub(super) struct Rules {
    pub(super) survey: Survey,
    source: PolicySource,
    /// The names of all group files, those with faults too.
    groups: BTreeSet<String>,
}

impl Rules {
    pub(super) fn read(host: &Host, common: &Common) -> Result<Self, Unanswered> {
        let source = match (&common.config, host.is_live) {
            (Some(_), _) | (None, true) => common.source(None)?,
            // Beneath --root the directories above are not the host's: their owners say nothing of it.
            (None, false) => {
                PolicySource { directory: host.place(POLICY), trust: Trust::Staging { uid: caller() } }
            }
        };
        let names = super::people::database(host).read().ok();
        let unix_group = |group: &str| match names.as_ref().map(|names| names.group_by_name(group)) {
            Some(Ok(None)) => UnixName::Unknown(None),
            Some(Ok(Some(_)) | Err(_)) | None => UnixName::Known,
        };
        let mut survey = load_everything(&source, &unix_group);
        let lints = lint::lints(&survey);
        survey.faults.extend(lints);
        let groups = group_files(&source.directory);
        Ok(Self { survey, source, groups })
    }

    /// Whether a Unix group has a file.
    pub(super) fn has(&self, group: &str) -> bool {
        self.groups.contains(group)
    }

    /// The elevated synopses of these groups, with their group's name.
    pub(super) fn elevated<'r>(
        &'r self,
        groups: &'r [String],
    ) -> impl Iterator<Item = (&'r str, &'r Synopsis)> {
        let mine = self.survey.groups.iter().filter(|group| groups.contains(&group.name));
        mine.flat_map(|group| {
            let synopses = group.rules.iter().flat_map(|rule| &rule.synopses);
            synopses.filter(|synopsis| synopsis.elevation().is_some()).map(|one| (group.name.as_str(), one))
        })
    }

    pub(super) fn findings(&self, host: &Host) -> Vec<Finding> {
        let mut found =
            if self.source.trust == Trust::Installed || !host.is_live { writers(host) } else { Vec::new() };
        // What the walk has already said need not be said in the loader's words too.
        let is_said = |fault: &&Fault| found.is_empty() || !matches!(fault.id, "owner" | "mode");
        let errors: Vec<Finding> = self.survey.faults.iter().filter(is_said).filter_map(fault).collect();
        let sound = errors.iter().all(|finding| finding.id != "policy-fault") && found.is_empty();
        found.extend(errors);
        found.extend(self.lints());
        if sound {
            found.push(self.loaded());
        }
        found
    }

    fn loaded(&self) -> Finding {
        let subject = self.source.directory.display().to_string();
        if self.groups.is_empty() {
            return Finding::warning("no-policy", subject, "there is no group file: nobody may run anything")
                .cure("write groups.d/NAME.toml for a Unix group NAME (gateshctl new)");
        }
        let groups: Vec<String> = self.groups.iter().cloned().collect();
        let digest = match load_for_groups(&self.source, &groups, None) {
            Ok(policy) => policy.digest,
            Err(_) => "none".to_owned(),
        };
        let text =
            format!("{} loaded without faults; digest of all files {digest}", plural(groups.len(), "group"));
        Finding::ok("policy", subject, text)
    }

    /// What `check` says beside faults: as many remarks, and whether it fails for them.
    fn lints(&self) -> Option<Finding> {
        let is_lint = |fault: &&Fault| fault.severity < Severity::Error && fault.id != "unknown-group";
        let lints: Vec<&Fault> = self.survey.faults.iter().filter(is_lint).collect();
        let (subject, remarks) = (self.source.directory.display().to_string(), plural(lints.len(), "remark"));
        let finding = if lints.iter().any(|fault| lint::fails(fault)) {
            let text = format!("{remarks} about rules, some of them dangerous or of no use");
            Finding::warning("policy-lints", subject, text)
        } else {
            Finding::note("policy-lints", subject, format!("{remarks} about rules"))
        };
        (!lints.is_empty()).then(|| finding.cure("gateshctl check shows them"))
    }
}

fn fault(fault: &Fault) -> Option<Finding> {
    let cure = |finding: Finding| match fault.cure.is_empty() {
        true => finding,
        false => finding.cure(fault.cure.join(" ")),
    };
    match (fault.id, fault.severity) {
        ("unknown-group", _) => {
            let name = fault.file.file_stem().unwrap_or_default().to_string_lossy();
            let text = format!("{}: nobody gets these rules", fault.message);
            let cure = format!("groupadd {name}, or name the file after a group that exists");
            Some(Finding::warning("unknown-group", fault.place(), text).cure(cure))
        }
        (_, Severity::Error) => {
            Some(cure(Finding::problem("policy-fault", fault.place(), fault.message.clone())))
        }
        (_, Severity::Warning | Severity::Lint) => None,
    }
}

fn group_files(directory: &Path) -> BTreeSet<String> {
    let Ok(entries) = directory.join("groups.d").read_dir() else { return BTreeSet::new() };
    let name = |name: &str| name.strip_suffix(".toml").map(str::to_owned);
    entries.filter_map(|entry| name(&entry.ok()?.file_name().to_string_lossy())).collect()
}

/// Everything of the policy, and every directory above, that others than root could have written.
fn writers(host: &Host) -> Vec<Finding> {
    let mut paths: Vec<String> = ["/etc", POLICY, "/etc/gatesh/gatesh.toml"].map(str::to_owned).to_vec();
    for folder in ["/etc/gatesh/groups.d", "/etc/gatesh/sets.d"] {
        paths.push(folder.to_owned());
        let names = host.names(folder).unwrap_or_default();
        paths.extend(
            names
                .iter()
                .filter(|name| Path::new(name).extension() == Some("toml".as_ref()))
                .map(|name| format!("{folder}/{name}")),
        );
    }
    paths.iter().filter_map(|path| writer(host, path)).collect()
}

fn writer(host: &Host, path: &str) -> Option<Finding> {
    let about = match host.stat(path) {
        Ok(about) => about,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return Some(Finding::not_looked_at(path, &because(&error))),
    };
    let allow = "whoever can write it can allow anything, and gatesh refuses every session";
    if !host.trusts(about.uid()) {
        let text = format!("does not belong to root ({}): {allow}", shown(&about));
        return Some(Finding::problem("policy-owner", path, text).cure(format!("chown root {path}")));
    }
    let text = format!("is writable by others than root ({}): {allow}", shown(&about));
    (about.mode() & 0o022 != 0)
        .then(|| Finding::problem("policy-mode", path, text).cure(format!("chmod go-w {path}")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_directory_without_group_files_has_no_groups() {
        assert!(super::group_files(std::path::Path::new("/nonexistent")).is_empty());
    }
}
