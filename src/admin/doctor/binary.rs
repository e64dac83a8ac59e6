//! The gate's own file: whoever can replace it, or make it more than its caller, needs no other way around.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::finding::Finding;
use super::host::{Host, ask, because, shown};
use crate::launch::program::Program;

/// Where packages install it, and where /etc/passwd points.
const GATESH: &str = "/usr/bin/gatesh";

pub(super) fn findings(host: &Host) -> Vec<Finding> {
    let about = match host.stat(GATESH) {
        Ok(about) => about,
        Err(error) => {
            let text = format!("is not there ({}): who has it as login shell cannot log in", because(&error));
            return vec![Finding::warning("binary", GATESH, text).cure("install the package")];
        }
    };
    let mut found = Vec::new();
    if !host.trusts(about.uid()) || about.mode() & 0o022 != 0 {
        let text = format!("others than root can replace it ({})", shown(&about));
        found.push(
            Finding::problem("binary", GATESH, text).cure(format!("chown root {GATESH}; chmod 755 {GATESH}")),
        );
    }
    if about.mode() & 0o6000 != 0 {
        let text = "is set-user-id or set-group-id: gatesh refuses to start so, and must never be more than its caller";
        found.push(
            Finding::problem("binary-privileged", GATESH, text).cure(format!("chmod u-s,g-s {GATESH}")),
        );
    }
    if host.is_live {
        found.extend(loaded(Path::new(GATESH), about.mode() & 0o6000 != 0));
        found.extend(version());
    }
    if found.is_empty() {
        found.push(Finding::ok("binary", GATESH, "is root's, holds no privilege, needs no loader"));
    }
    found
}

/// What the kernel would load with it, and what it would get.
fn loaded(path: &Path, is_set_id: bool) -> Vec<Finding> {
    let subject = path.display().to_string();
    let program = match Program::open(path, None) {
        Ok(program) => program,
        Err(error) => return vec![Finding::problem("binary", subject, error.to_string())],
    };
    let mut found = Vec::new();
    if program.privileged && !is_set_id {
        let text =
            "has file capabilities: gatesh refuses to start so, and must never be more than its caller";
        found
            .push(Finding::problem("binary-privileged", &subject, text).cure(format!("setcap -r {subject}")));
    }
    if program.loader.is_some() || !program.interpreters.is_empty() {
        let text = "is loaded by another program: LD_PRELOAD and its kin reach the gate itself";
        found.push(
            Finding::warning("binary-dynamic", subject, text)
                .cure("install the static build of the packages"),
        );
    }
    found
}

fn version() -> Option<Finding> {
    let said = match ask(GATESH, &["--version"]) {
        Ok(said) => said,
        Err(why) => return Some(Finding::not_looked_at(format!("the version of {GATESH}"), &why)),
    };
    let own = env!("CARGO_PKG_VERSION");
    let theirs = said.split_whitespace().last().unwrap_or("nothing");
    (theirs != own).then(|| {
        let text =
            format!("says its version is {theirs}, and this gateshctl is {own}: they may judge differently");
        Finding::warning("binary-version", GATESH, text).cure("install both from one package")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_a_loader_is_not_static() {
        let ids: Vec<_> = loaded(Path::new("/usr/bin/env"), false).iter().map(|finding| finding.id).collect();
        assert_eq!(ids, ["binary-dynamic"]);
    }

    #[test]
    fn a_file_that_is_no_program_is_a_problem() {
        let found = loaded(Path::new("/etc/passwd"), false);
        assert_eq!(found.first().map(|finding| finding.id), Some("binary"));
    }
}
