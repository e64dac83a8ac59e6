//! Whom a session runs as: the tag on the caller wins over the document, so the document cannot say who it is for. The
//! person's groups on the host do.

use std::os::unix::fs::symlink;

use super::document::{Caller, Document, Store};
use super::session::{Agent, End, Session};
use super::stage::Instance;
use crate::e2e::host::INSTALLED;
use crate::scenario::temporary;

fn tagged(document: &Document, user: &str) -> Session {
    let caller = Caller { parameters: &[], run_as: Some(user) };
    Agent::default().start(&document.start(&caller, &Store::new()).unwrap())
}

#[test]
fn a_tag_leads_to_no_rules_but_those_of_its_own_users_groups() {
    let Some(mut instance) = Instance::new() else { return };
    let reader = instance.person(&["log-readers"]);
    let updater = instance.person(&["package-updaters"]);
    let document = instance.document("log-readers", &reader.name, &[]);

    let mut session = tagged(&document, &updater.name);
    assert_eq!(session.status(), 125);
    assert_eq!(session.output(), "gatesh: you are not in the group log-readers\r\n");

    let both = instance.person(&["log-readers", "package-updaters"]);
    let mut session = tagged(&document, &both.name);
    session.shows("gatesh  log-readers on").at_prompt("> ");
    session.line("sudo yum upgrade").shows("not allowed").at_prompt("[126]> ").line("exit");
    session.status();
}

#[test]
fn a_tag_that_names_root_is_refused_by_the_agent_itself() {
    let Some(mut instance) = Instance::new() else { return };
    let reader = instance.person(&["log-readers"]);
    let document = instance.document("log-readers", &reader.name, &[]);
    assert!(matches!(tagged(&document, "root").ends(), End::Failed(_)));
}

/// The shell that was to become gatesh has nothing to become, and is over.
#[test]
fn without_the_program_there_is_no_session_and_no_shell() {
    let Some(mut instance) = Instance::new() else { return };
    let reader = instance.person(&["log-readers"]);
    std::fs::remove_file(INSTALLED).unwrap();
    for shell in ["/bin/dash", "/bin/bash"] {
        let path = temporary();
        symlink(shell, path.path().join("sh")).unwrap();
        let mut agent = Agent::default();
        agent.environment.retain(|(name, _)| name != "PATH");
        agent.environment.push(("PATH".into(), format!("{}:/usr/bin:/bin", path.path().display())));
        let document = instance.document("log-readers", &reader.name, &[]);
        let order = document.start(&Caller::default(), &Store::new()).unwrap();
        let mut session = agent.start(&order);
        session.line("echo sh''ell");
        assert!([126, 127].contains(&session.status()), "{shell}");
        assert!(!session.output().contains("shell\r\n"), "{shell}: {}", session.output());
    }
    // Nor where no shell reads the document.
    let document = instance.document("log-readers", &reader.name, &["--single-command", "--non-interactive"]);
    let caller = Caller { parameters: &[("command", "ls")], run_as: None };
    let order = document.start(&caller, &Store::new()).unwrap();
    assert!(matches!(Agent::default().start(&order).ends(), End::Failed(_)));
}
