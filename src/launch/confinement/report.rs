//! Confinement in words, for `explain` and `doctor`.

use std::path::Path;

use super::abi::{Kernel, Landlock};
use super::families;
use crate::excerpt::escape;
use crate::policy::paths::CheckedPath;
use crate::policy::types::{Access, Object};
use crate::policy::{Enforcement, Exec, Terms, sets};

/// A value of enforcement as records and listings name it.
pub fn enforcement_name(enforcement: Enforcement) -> &'static str {
    match enforcement {
        Enforcement::Full => "full",
        Enforcement::Listed => "listed",
        Enforcement::ExecOnce => "exec-once only",
        Enforcement::Elevated => "elevated",
        Enforcement::None => "none",
    }
}

/// What a value of enforcement means, in one sentence.
pub fn enforcement_meaning(enforcement: Enforcement) -> &'static str {
    match enforcement {
        Enforcement::Full => "the kernel holds the program to everything the rule says",
        Enforcement::Listed => {
            "as full, but the rule lets programs be started, and those that load code run whatever they can read"
        }
        Enforcement::ExecOnce => {
            "the program starts no other and opens no socket beyond the rule, but reads and writes what file modes \
             let it: this holds against mistakes, not against a hostile person"
        }
        Enforcement::Elevated => {
            "runs through sudo, as root or the user after -u, and only sudo's own rules hold it"
        }
        Enforcement::None => "this kernel holds neither files nor programs to what the rule says",
    }
}

/// How many paths are named before the rest is only counted.
const NAMED: usize = 4;

/// What a program run under `terms` with `paths` may do, one line per subject.
pub fn describe(terms: &Terms, paths: &[&CheckedPath], kernel: &Kernel) -> Vec<String> {
    let mut lines = vec![
        format!("reads:     {}", readable(terms, paths)),
        format!("           and as every program: {}", sets::BASE.about),
        format!("writes:    {}", writable(terms, paths)),
        format!("starts:    {}", startable(&sets::exec(terms))),
        format!("processes: {}", processes(terms)),
        format!("network:   {}", network(terms)),
    ];
    lines.extend(sets::of(terms).map(|set| format!("@{} {}", set.name, set.about)));
    if kernel.abi() < 6 && sets::processes(terms) {
        lines.push(
            "signals:   may reach the person's other processes (this kernel cannot tell them apart)"
                .to_owned(),
        );
    }
    lines
}

fn readable(terms: &Terms, paths: &[&CheckedPath]) -> String {
    let granted = |path: &&&CheckedPath| path.access != Access::Nothing;
    let named: Vec<String> = paths.iter().filter(granted).map(|path| shown(path)).collect();
    let rest = named.len().saturating_sub(NAMED);
    let mut parts: Vec<String> = named.into_iter().take(NAMED).collect();
    if rest > 0 {
        parts.push(format!("{rest} more that its words name"));
    }
    parts.extend(terms.read.iter().map(|path| escape(&path.to_string_lossy())));
    if parts.is_empty() { "nothing of its own".to_owned() } else { parts.join(", ") }
}

/// A path that the words name, with what a directory is granted for.
fn shown(path: &CheckedPath) -> String {
    let name = escape(&path.path.to_string_lossy());
    match (path.object, path.access) {
        (Object::File | Object::Either, _) => name,
        (Object::Directory, Access::Tree) => format!("{name} (all beneath it)"),
        (Object::Directory, _) => format!("{name} (names beneath it, no contents)"),
    }
}

fn writable(terms: &Terms, paths: &[&CheckedPath]) -> String {
    let named = paths.iter().filter(|path| path.access == Access::Write).map(|path| path.path.as_path());
    let all = named.chain(terms.write.iter().map(AsRef::<Path>::as_ref));
    let mut parts: Vec<String> = all.map(|path| escape(&path.to_string_lossy())).collect();
    if sets::private_tmp(terms) {
        parts.push("an empty TMPDIR of its own, removed after the run".to_owned());
    }
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

fn startable(exec: &Exec) -> String {
    match exec {
        Exec::Nothing => "no other program".to_owned(),
        Exec::Any => "any program, which can then read all of /usr".to_owned(),
        Exec::Listed(listed) => {
            listed.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
        }
    }
}

fn processes(terms: &Terms) -> String {
    match (terms.limits.processes, sets::exec(terms)) {
        (Some(number), _) => format!("at most {number} more than the person runs already"),
        (None, Exec::Nothing) if sets::processes(terms) => {
            "its own, of the same program (a set lets it fork)".to_owned()
        }
        (None, Exec::Nothing) => "none but itself (threads pass)".to_owned(),
        (None, Exec::Listed(_) | Exec::Any) => "any number".to_owned(),
    }
}

fn network(terms: &Terms) -> String {
    let meaning = |family: &&str| match *family {
        "unix" => "unix (sockets of this host)",
        "inet" => "inet (TCP and UDP)",
        _ => "netlink (questions to the kernel)",
    };
    let families: Vec<&str> = families(sets::network(terms)).iter().map(meaning).collect();
    if families.is_empty() { "none".to_owned() } else { families.join(", ") }
}

/// The state of Landlock in a few words.
pub fn landlock_state(state: Landlock) -> String {
    match state {
        Landlock::NotBuilt => "it has no Landlock".to_owned(),
        Landlock::SwitchedOff => "its Landlock is not switched on".to_owned(),
        Landlock::Version { reported, .. } => format!("its Landlock has ABI {reported}"),
    }
}

/// What an admin does about it.
pub fn landlock_cure(state: Landlock) -> &'static str {
    match state {
        Landlock::NotBuilt => {
            "run Linux 5.13 or later with Landlock built in (Amazon Linux 2023, RHEL 9.6, Ubuntu 22.04, Debian 12)"
        }
        Landlock::SwitchedOff => "add landlock to the lsm= list of the kernel command line",
        Landlock::Version { .. } => "nothing needs to be done",
    }
}

/// What this kernel holds and what it does not, for `doctor`: one line each.
pub fn describe_kernel(kernel: &Kernel) -> Vec<String> {
    let mut lines = landlock_lines(kernel);
    if !kernel.filters() {
        lines.push(
            "no seccomp filters: no system call is refused, so nothing keeps programs from starting"
                .to_owned(),
        );
        lines.push("to mend it: run a kernel built with CONFIG_SECCOMP_FILTER, and no emulator".to_owned());
    }
    lines
}

fn landlock_lines(kernel: &Kernel) -> Vec<String> {
    let mut lines = match kernel.landlock() {
        Landlock::Version { used, reported } if kernel.abi() == reported => {
            vec![format!("Landlock ABI {used}")]
        }
        Landlock::Version { used, reported } => {
            vec![format!("Landlock ABI {reported}, of which gatesh knows up to {used}")]
        }
        state @ (Landlock::NotBuilt | Landlock::SwitchedOff) => {
            let state_line = format!("no Landlock: {}", landlock_state(state));
            return vec![
                state_line,
                "holds: no further program, no socket family beyond the rule, denied system calls".to_owned(),
                "does not hold: reading and writing of files, exec lists, abstract sockets".to_owned(),
                format!("to mend it: {}", landlock_cure(state)),
            ];
        }
    };
    lines.extend(BY_ABI.iter().map(|(since, holds, else_)| {
        if kernel.abi() >= *since {
            format!("holds: {holds}")
        } else {
            format!("does not hold: {holds} ({else_})")
        }
    }));
    lines
}

/// From which ABI on what is held by Landlock, and what happens before.
pub const BY_ABI: &[(i32, &str, &str)] = &[
    (1, "reading, writing and executing of files", "files are held by their modes alone"),
    (
        2,
        "renaming and linking between directories",
        "refused always, which breaks some programs and opens nothing",
    ),
    (3, "truncation of files", "the filter refuses it instead"),
    (4, "TCP connections", "the filter refuses the sockets instead"),
    (
        5,
        "device requests through files opened later",
        "only terminals and /dev/null are granted, and the filter passes listed requests only",
    ),
    (
        6,
        "signals and abstract sockets to processes outside",
        "the filter refuses both, signals not where exec or limits.processes is given",
    ),
    (9, "unix sockets by path, one by one", "network = [\"unix\"] and @systemd reach all of them"),
    (10, "UDP", "the filter refuses the sockets instead"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> Terms {
        crate::launch::confinement::tests::terms()
    }

    #[test]
    fn a_rule_that_grants_nothing_says_so() {
        let lines = describe(&terms(), &[], &Kernel::probe().acting_like(6)).join("\n");
        for expected in
            ["reads:     nothing of its own", "writes:    nothing", "starts:    no other", "network:   none"]
        {
            assert!(lines.contains(expected), "{lines}");
        }
    }

    #[test]
    fn paths_are_named_with_what_they_are_granted_for() {
        let path = |name: &str, object, access| CheckedPath {
            path: name.into(),
            descriptor: None,
            parent: None,
            object,
            access,
        };
        let paths = [
            path("/var/log/\u{1b}x", Object::File, Access::Read),
            path("/srv/out", Object::File, Access::Write),
            path("/var/log", Object::Directory, Access::Read),
            path("/srv", Object::Directory, Access::Tree),
            path("/a", Object::File, Access::Read),
        ];
        let lines = describe(&terms(), &paths.iter().collect::<Vec<_>>(), &Kernel::probe()).join("\n");
        assert!(
            lines.contains("/var/log (names beneath it, no contents), /srv (all beneath it), 1 more"),
            "{lines}"
        );
        assert!(lines.contains("writes:    /srv/out") && !lines.contains('\u{1b}'), "{lines}");
    }

    #[test]
    fn a_kernel_without_filters_says_what_is_open() {
        let lines = describe_kernel(&Kernel::probe().without_filters()).join("\n");
        assert!(lines.contains("nothing keeps programs from starting"), "{lines}");
    }

    #[test]
    fn what_sets_bring_is_told() {
        let terms = Terms { with: vec!["systemd".into(), "packages".into()], ..terms() };
        let lines = describe(&terms, &[], &Kernel::probe()).join("\n");
        assert!(lines.contains("network:   unix"), "{lines}");
        assert!(lines.contains("an empty TMPDIR of its own"), "{lines}");
        assert!(lines.contains("@systemd talks "), "{lines}");
    }

    #[test]
    fn an_old_kernel_is_told_with_what_takes_its_place() {
        let kernel = Kernel::probe().acting_like(1);
        let lines = describe_kernel(&kernel).join("\n");
        if kernel.abi() == 0 {
            println!("skipped: this kernel has no Landlock");
            return;
        }
        assert!(
            lines.contains("does not hold: truncation of files (the filter refuses it instead)"),
            "{lines}"
        );
    }

    #[test]
    fn a_kernel_without_landlock_says_how_to_get_it() {
        let built_out = describe_kernel(&Kernel::without_landlock()).join("\n");
        assert!(built_out.contains("5.13"), "{built_out}");
        let switched_off = describe_kernel(&Kernel::with_landlock_switched_off()).join("\n");
        assert!(switched_off.contains("lsm="), "{switched_off}");
    }
}
