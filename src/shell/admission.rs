//! Who is let in, and by which rules. Who is not is told why and how it could be otherwise, and leaves a record
//! where the host's records go: an attempt is worth knowing of.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::getuid;

use super::opening::who;
use super::rules::{Rules, Source};
use crate::audit::{AuditEvent, AuditLog, Reason, Who};
use crate::excerpt::escape;
use crate::identity::session::{Session as Facts, are_too_many};
use crate::identity::{Identity, IdentityError};
use crate::input::invocation::Invocation;
use crate::policy::file::{INSTALLED, PolicyErrors, PolicySource, load};
use crate::policy::{AuditSettings, Policy};

/// A session that is not to be.
#[derive(Debug)]
pub(super) struct Refusal {
    reason: Reason,
    /// What the person reads.
    text: String,
    /// What the record has instead, where it may know more.
    details: Option<String>,
    /// Where the record goes.
    audit: AuditSettings,
    /// Whose.
    who: Who,
    is_staging: bool,
}

impl Refusal {
    /// Writes the record and answers what the person is told. Nothing is made of the log's failing: the session
    /// ends anyway.
    pub(super) fn record(self: Box<Self>) -> String {
        let text = self.details.as_deref().unwrap_or(&self.text);
        let event = match self.reason {
            Reason::PolicyUnreadable | Reason::IdentityFault => {
                AuditEvent::Fault { reason: self.reason, text }
            }
            reason => AuditEvent::SessionRefused { reason, text },
        };
        if let Ok(mut log) = AuditLog::open(&self.audit, self.who, self.is_staging) {
            let _ = log.record(&event);
        }
        self.text
    }

    /// Of somebody whom the user database does not know well enough to have a name here.
    pub(super) fn unknown(error: &IdentityError, facts: &Facts) -> Box<Self> {
        let uid = getuid().as_raw();
        let nobody =
            Identity { uid, user: String::new(), home: "/".into(), shell: "".into(), groups: Vec::new() };
        Box::new(Self {
            reason: Reason::IdentityFault,
            text: error.to_string(),
            details: None,
            audit: AuditSettings::default(),
            who: who(&nobody, facts, None),
            is_staging: false,
        })
    }
}

/// Somebody who wants in.
pub(super) struct Comer<'a> {
    pub(super) person: &'a Identity,
    pub(super) facts: &'a Facts,
    /// Whether rules other than the host's were asked for.
    pub(super) is_staging: bool,
}

impl Comer<'_> {
    /// Which rules are theirs, and whether they may ask for others than the host's.
    pub(super) fn source(&self, invocation: &Invocation) -> Result<Source, Box<Refusal>> {
        if self.is_staging && is_gated(self.person) {
            let option = if invocation.demo { "--demo" } else { "--config" };
            let text = format!("{option} is not for you: gatesh already holds you to the rules of this host");
            return Err(self.refused_by_the_host(Reason::StagingRefused, text));
        }
        Ok(match &invocation.config {
            _ if invocation.demo => Source::Demo,
            Some(directory) if !directory.is_dir() => {
                let text = format!("{} is no directory", escape(&directory.to_string_lossy()));
                return Err(self.refused(Reason::PolicyUnreadable, text, AuditSettings::default(), None));
            }
            Some(directory) => Source::Files(PolicySource::staging(directory.clone(), self.person.uid)),
            None => Source::Files(PolicySource::installed()),
        })
    }

    pub(super) fn load(&self, source: Source, group: Option<String>) -> Result<Rules, Box<Refusal>> {
        Rules::load(source, self.person, group).map_err(|errors| {
            let audit = errors.audit.clone().unwrap_or_default();
            match errors.choice() {
                Some(choice) => self.refused(Reason::GroupChoice, choice.to_owned(), audit, None),
                None => {
                    let refusal = self.refused(Reason::PolicyUnreadable, unreadable(&errors), audit, None);
                    Box::new(Refusal { details: Some(errors.to_string()), ..*refusal })
                }
            }
        })
    }

    /// Whether these rules have anything for this person, and room for one more session.
    pub(super) fn admit(&self, policy: &Policy, audit: &AuditSettings) -> Result<(), Box<Refusal>> {
        let refused =
            |reason, text| Err(self.refused(reason, text, audit.clone(), Some(policy.digest.clone())));
        if self.person.uid == 0 && !policy.settings.root {
            let text = "root is not let in: a gate for someone who can open any other is none\n        \
                (session.root = true in gatesh.toml lets root in; gatesh --demo is for trying it out)";
            return refused(Reason::RootRefused, text.to_owned());
        }
        if policy.groups.is_empty() {
            let groups: Vec<&str> = self.person.groups.iter().map(|group| group.name.as_str()).collect();
            let groups = escape(&groups.join(", "));
            return refused(
                Reason::NoRules,
                format!("none of your groups has rules on this host ({groups})"),
            );
        }
        // This session is among those counted; where they cannot be counted, it is one too many.
        let most = policy.settings.max_sessions;
        let allowed = usize::try_from(most).unwrap_or(usize::MAX);
        if are_too_many(self.person.uid, allowed).is_ok_and(|too_many| !too_many) {
            return Ok(());
        }
        let sessions = if most == 1 { "a session".to_owned() } else { format!("{most} sessions") };
        let text = format!("you already have {sessions}, the most that are allowed: end one first");
        refused(Reason::TooManySessions, text)
    }

    /// Where the person asked for other rules, the host's own still say where the record goes.
    fn refused_by_the_host(&self, reason: Reason, text: String) -> Box<Refusal> {
        let (audit, digest) = match load(&PolicySource::installed(), self.person, None) {
            Ok(policy) => (policy.settings.audit, Some(policy.digest)),
            Err(errors) => (errors.audit.unwrap_or_default(), None),
        };
        let refusal = self.refused(reason, text, audit, digest);
        Box::new(Refusal { is_staging: false, ..*refusal })
    }

    fn refused(
        &self,
        reason: Reason,
        text: String,
        audit: AuditSettings,
        digest: Option<String>,
    ) -> Box<Refusal> {
        let who = who(self.person, self.facts, digest);
        Box::new(Refusal { reason, text, details: None, audit, who, is_staging: self.is_staging })
    }
}

/// Whether the person's login shell is gatesh or a file of the host's applies to them. Any doubt is a yes.
fn is_gated(person: &Identity) -> bool {
    // By file, so that a link of either kind and any name is gatesh still.
    let file_of = |path: &Path| path.metadata().ok().map(|about| (about.dev(), about.ino()));
    let own = file_of(Path::new("/proc/self/exe"));
    let is_shell = person.shell.file_name().is_some_and(|name| name == "gatesh")
        || own.is_none()
        || own == file_of(&person.shell);
    let file = |group: &str| Path::new(INSTALLED).join("groups.d").join(format!("{group}.toml"));
    let applies = |name: &str| !matches!(file(name).symlink_metadata(), Err(error) if is_absent(&error));
    is_shell || person.groups.iter().any(|group| !group.name.contains('/') && applies(&group.name))
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound)
}

fn unreadable(errors: &PolicyErrors) -> String {
    format!(
        "your rules cannot be read: nothing runs until they are mended\n        ask your administrator: {}",
        errors.summary_for_person()
    )
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn is_held_by(shell: &Path) -> bool {
        let (user, home) = ("ann".to_owned(), PathBuf::from("/home/ann"));
        is_gated(&Identity { uid: 1, user, home, shell: shell.to_owned(), groups: Vec::new() })
    }

    #[test]
    fn a_login_shell_is_gatesh_by_whatever_name() {
        let own = std::env::current_exe().unwrap();
        let place = tempfile::tempdir_in(own.parent().unwrap()).unwrap();
        std::fs::hard_link(&own, place.path().join("hard")).unwrap();
        std::os::unix::fs::symlink(&own, place.path().join("soft")).unwrap();
        for name in ["hard", "soft"] {
            assert!(is_held_by(&place.path().join(name)), "{name}");
        }
        assert!(is_held_by(Path::new("/nowhere/gatesh")));
        assert!(!is_held_by(Path::new("/bin/sh")));
    }
}
