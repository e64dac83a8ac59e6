//! The audit log: whether a record would be taken now, and what the log daemon does with many of them.

use std::path::PathBuf;

use super::finding::Finding;
use super::host::Host;
use super::{journal, rsyslog};
use crate::audit::{AuditError, AuditLog, LONGEST, Sockets, Who};
use crate::policy::{AuditSettings, OnFailure, Settings, Sink};

/// What a session writes at most, records a second (docs/audit.md).
pub(super) const PER_SECOND: u64 = 20;

pub(super) fn findings(host: &Host, settings: &Settings) -> Vec<Finding> {
    let mut found = vec![sink(host, &settings.audit)];
    if settings.audit.on_failure == OnFailure::Run {
        let text = "audit.on_failure is \"run\": commands run without a record while the log is away";
        found.push(Finding::warning("audit-failure", "gatesh.toml", text).cure("leave it at \"deny\""));
    }
    let size = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    match settings.audit.sink {
        Sink::Syslog => {
            found.extend(rsyslog::findings(host, size));
            found.extend(journal::findings(host));
        }
        Sink::Journald => found.extend(journal::findings(host)),
        Sink::File(_) | Sink::StandardError => {}
    }
    found
}

fn sink(host: &Host, settings: &AuditSettings) -> Finding {
    match (&settings.sink, host.is_live) {
        (Sink::Syslog | Sink::Journald, false) => {
            Finding::not_looked_at("the audit log", "--root names files, and the log is a running daemon's")
        }
        (Sink::File(path), false) => {
            let beneath =
                AuditSettings { sink: Sink::File(host.place(&path.to_string_lossy())), ..settings.clone() };
            alive(&beneath, true, Sockets::default(), host.is_root)
        }
        (_, true) => alive(settings, false, Sockets::default(), host.is_root),
        (Sink::StandardError, false) => Finding::note("audit", "the audit log", "is standard error"),
    }
}

/// Opens the log as a session would; nothing is written.
fn alive(settings: &AuditSettings, staging: bool, sockets: Sockets, is_root: bool) -> Finding {
    let subject = match &settings.sink {
        Sink::Syslog => sockets.syslog.clone(),
        Sink::Journald => sockets.journald.clone(),
        Sink::File(path) => path.clone(),
        Sink::StandardError => PathBuf::from("standard error"),
    };
    let subject = subject.display().to_string();
    let strict = AuditSettings { on_failure: OnFailure::Deny, ..settings.clone() };
    match AuditLog::open_at(&strict, nobody(), staging, sockets) {
        Ok(_) => Finding::ok("audit", subject, "takes records"),
        Err(AuditError::Unwritable { cause, .. })
            if cause.kind() == std::io::ErrorKind::PermissionDenied && !is_root =>
        {
            Finding::not_looked_at(subject, "needs root")
        }
        Err(error) => Finding::problem("audit", subject, error.to_string()),
    }
}

/// No session: nothing is recorded of it.
fn nobody() -> Who {
    Who {
        pid: std::process::id(),
        uid: nix::unistd::geteuid().as_raw(),
        user: String::new(),
        groups: Vec::new(),
        session: String::new(),
        origin: None,
        ssm_session: None,
        tty: None,
        host: String::new(),
        policy: None,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixDatagram;

    use super::super::finding::Severity;
    use super::*;

    fn syslog() -> AuditSettings {
        Settings::default().audit
    }

    fn at(directory: &tempfile::TempDir) -> Sockets {
        Sockets { syslog: directory.path().join("log"), ..Sockets::default() }
    }

    #[test]
    fn a_log_with_a_reader_is_alive_and_gets_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let reader = UnixDatagram::bind(directory.path().join("log")).unwrap();
        reader.set_nonblocking(true).unwrap();
        assert_eq!(alive(&syslog(), false, at(&directory), true).severity, Severity::Ok);
        assert!(reader.recv(&mut [0; 16]).is_err(), "a probe writes no record");
    }

    #[test]
    fn a_log_without_a_reader_is_a_problem() {
        let directory = tempfile::tempdir().unwrap();
        let finding = alive(&syslog(), false, at(&directory), true);
        assert_eq!(finding.severity, Severity::Problem);
        assert!(finding.text.contains("nothing runs without a record"), "{}", finding.text);
    }

    #[test]
    fn a_daemon_that_died_is_a_problem_though_its_socket_is_there() {
        let directory = tempfile::tempdir().unwrap();
        drop(UnixDatagram::bind(directory.path().join("log")).unwrap());
        let run = AuditSettings { on_failure: OnFailure::Run, ..syslog() };
        assert_eq!(alive(&run, false, at(&directory), true).severity, Severity::Problem);
    }
}
