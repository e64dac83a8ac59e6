//! What the running kernel can hold, and the switches beside it.

use super::finding::Finding;
use super::host::Host;
use crate::launch::confinement::abi::{Kernel, Landlock};
use crate::launch::confinement::report::{describe_kernel, landlock_cure};
use crate::policy::Need;

/// What a rule needs at least so that file access is held without gaps: before it, the filter helps out.
const COMPLETE: i32 = 6;

pub(super) fn findings(host: &Host, need: Need) -> Vec<Finding> {
    let mut found = vec![match host.is_live {
        true => landlock(Kernel::probe(), need),
        false => {
            Finding::not_looked_at("Landlock", "--root names files, and Landlock is the running kernel's")
        }
    }];
    found.extend(seccomp(host));
    found.extend(injection(host));
    found.extend(hidden_processes(host));
    found.extend(ping(host));
    found
}

/// Landlock, held against `confinement.landlock`.
fn landlock(kernel: Kernel, need: Need) -> Finding {
    let text = describe_kernel(&kernel).join("\n");
    match (kernel.landlock(), need) {
        (Landlock::Version { .. }, _) if kernel.abi() >= COMPLETE => {
            Finding::ok("landlock", "Landlock", text)
        }
        (Landlock::Version { .. }, _) => Finding::note("landlock", "Landlock", text),
        (state @ (Landlock::NotBuilt | Landlock::SwitchedOff), Need::Required) => {
            let text = format!("{text}\nconfinement.landlock is \"required\": no command runs on this host");
            Finding::problem("landlock", "Landlock", text).cure(landlock_cure(state))
        }
        (state @ (Landlock::NotBuilt | Landlock::SwitchedOff), Need::Preferred) => {
            let text =
                format!("{text}\nconfinement.landlock is \"preferred\": commands run as exec-once only");
            Finding::warning("landlock", "Landlock", text).cure(landlock_cure(state))
        }
    }
}

fn seccomp(host: &Host) -> Option<Finding> {
    match host.read("/proc/sys/kernel/seccomp/actions_avail") {
        Ok(actions) if actions.split_whitespace().any(|action| action == "errno") => {
            Some(Finding::ok("seccomp", "seccomp", "system calls can be filtered"))
        }
        Err(_) if !host.is_live && !host.exists("/proc/sys") => None,
        Ok(_) | Err(_) => Some(
            Finding::problem(
                "seccomp",
                "seccomp",
                "this kernel cannot filter system calls: nothing can be confined",
            )
            .cure("run a kernel with CONFIG_SECCOMP_FILTER"),
        ),
    }
}

fn injection(host: &Host) -> Option<Finding> {
    let subject = "dev.tty.legacy_tiocsti";
    match host.read("/proc/sys/dev/tty/legacy_tiocsti").ok()?.trim() {
        "0" => Some(Finding::ok("tiocsti", subject, "no program can type into a terminal")),
        _ => Some(
            Finding::note(
                "tiocsti",
                subject,
                "programs that gatesh does not confine (elevated ones) can type into the terminal they share with \
                 the person",
            )
            .cure("sysctl -w dev.tty.legacy_tiocsti=0, and the same in /etc/sysctl.d"),
        ),
    }
}

/// Sessions are counted in /proc, which must show other processes for that.
fn hidden_processes(host: &Host) -> Option<Finding> {
    let mounts = host.read("/proc/self/mounts").ok()?;
    let options = mounts.lines().rev().find_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (place, kind, options) = (fields.next()?, fields.next()?, fields.next()?);
        (place == "/proc" && kind == "proc").then(|| options.to_owned())
    })?;
    let hides = options.split(',').any(|option| match option.strip_prefix("hidepid=") {
        Some(value) => !matches!(value, "0" | "off"),
        None => false,
    });
    hides.then(|| {
        let text = "hidepid hides the processes of others, and those that may not be traced, as gatesh's are: a \
                    person's other sessions cannot be counted, so session.max_sessions holds nobody back, and the \
                    audit record cannot tell where a session seems to come from";
        Finding::warning("hidepid", "/proc", text).cure("mount /proc without hidepid, or limit sessions elsewhere")
    })
}

/// Under `no_new_privs` ping's file capability is lost.
fn ping(host: &Host) -> Option<Finding> {
    let text = host.read("/proc/sys/net/ipv4/ping_group_range").ok()?;
    let mut numbers = text.split_whitespace().map(str::parse::<u64>);
    let (Some(Ok(first)), Some(Ok(last))) = (numbers.next(), numbers.next()) else { return None };
    (first > last).then(|| {
        Finding::note(
            "ping",
            "net.ipv4.ping_group_range",
            "no group may open ping sockets: ping does not work under gatesh, even where a rule allows it",
        )
        .cure("sysctl -w net.ipv4.ping_group_range=\"0 2147483647\", if people are to ping")
    })
}

#[cfg(test)]
mod tests {
    use super::super::finding::Severity;
    use super::*;

    #[test]
    fn a_kernel_without_landlock_is_a_problem_where_it_is_required() {
        let finding = landlock(Kernel::without_landlock(), Need::Required);
        assert_eq!(finding.severity, Severity::Problem);
        assert!(finding.text.contains("no command runs on this host"), "{}", finding.text);
        assert!(finding.cure.unwrap().contains("5.13"));
    }

    #[test]
    fn a_kernel_with_landlock_switched_off_is_a_warning_where_it_is_preferred() {
        let finding = landlock(Kernel::with_landlock_switched_off(), Need::Preferred);
        assert_eq!(finding.severity, Severity::Warning);
        assert!(finding.text.contains("exec-once only"), "{}", finding.text);
        assert!(finding.cure.unwrap().contains("lsm="));
    }

    #[test]
    fn an_old_abi_is_a_note_that_says_what_takes_its_place() {
        let kernel = Kernel::probe().acting_like(3);
        if kernel.abi() == 0 {
            println!("skipped: this kernel has no Landlock");
            return;
        }
        let finding = landlock(kernel, Need::Required);
        assert_eq!(finding.severity, Severity::Note);
        assert!(finding.text.contains("the filter refuses the sockets instead"), "{}", finding.text);
    }
}
