//! Whom a session runs as: the tag on the caller wins over the document, and Run As may be off, so the document cannot
//! say who it is for. The person's groups on the host do.

use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;

use super::document::{Caller, Document, Store};
use super::session::{Agent, End, SESSION_ID, Session};
use super::stage::{Instance, start};
use super::worker::Order;
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

/// Changes to a document, as an administrator makes them by hand.
fn with(document: &Document, changes: &[(&str, Value)]) -> Document {
    let Document(mut document) = Document(document.0.clone());
    for (pointer, value) in changes {
        let there = document.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer} in the document"));
        *there = value.clone();
    }
    Document(document)
}

/// A session on a host of which only the accounts are its own.
fn apart(place: &Path, document: &Document) -> Session {
    let order = document.start(&Caller::default(), &Store::new()).unwrap();
    Agent::default().start(&Order { place: Some(place.to_owned()), ..order })
}

/// The only record of a user's, where there is a log daemon to ask.
#[track_caller]
fn is_on_record(instance: &Instance, user: &str, reason: &str, text: &str) {
    let Some(daemon) = &instance.host.daemon else { return };
    let records = daemon.wait_for(user, "session-refused");
    let record = records.last().unwrap();
    assert_eq!((&record["reason_code"], &record["ssm_session_hint"]), (&reason.into(), &SESSION_ID.into()));
    assert!(record["reason_text"].as_str().unwrap().contains(text), "{record:#}");
}

#[test]
fn without_run_as_the_agents_own_account_is_in_no_group_and_gets_nothing() {
    let Some(mut instance) = Instance::new() else { return };
    let reader = instance.person(&["log-readers"]);
    let document = instance.document("log-readers", &reader.name, &[]);
    let off = ("/inputs/runAsEnabled", Value::from(false));
    let own = ("/properties/linux/commands", Value::from("exec /usr/bin/gatesh"));
    for (changes, reason, text) in [
        (&[off.clone()][..], "group-choice", "you are not in the group log-readers"),
        (&[off, own], "no-rules", "none of your groups has rules on this host (ssm-user)"),
    ] {
        let place = temporary();
        let mut session = apart(place.path(), &with(&document, changes));
        assert_eq!(session.status(), 125, "{}", session.output());
        assert_eq!(session.output(), format!("gatesh: {text}\r\n"));
        is_on_record(&instance, "ssm-user", reason, text);
        // What an escape would be worth: sudo for everything.
        assert!(place.path().join("etc/sudoers.d/ssm-agent-users").exists());
    }
}

#[test]
fn elevated_nobody_is_let_in_and_where_root_is_root_has_only_the_rules_of_its_groups() {
    let Some(mut instance) = Instance::new() else { return };
    let reader = instance.person(&["log-readers"]);
    let document = instance.document("log-readers", &reader.name, &[]);
    let elevated = with(&document, &[("/properties/linux/runAsElevated", true.into())]);
    // The group is asked before the person.
    let outsider = "you are not in the group log-readers";
    let refused = |document: &Document, reason: &str, text: &str| {
        let mut session = start(&Agent::default(), document, &[]);
        assert_eq!(session.status(), 125, "{}", session.output());
        assert!(session.output().starts_with(&format!("gatesh: {text}")), "{}", session.output());
        is_on_record(&instance, "root", reason, text);
    };
    refused(&elevated, "group-choice", outsider);
    let own = with(&elevated, &[("/properties/linux/commands", "exec /usr/bin/gatesh".into())]);
    refused(&own, "root-refused", "root is not let in");

    instance.host.settings("[session]\nroot = true\n");
    instance.host.rules("root", "[[allow]]\ncommands = [\"id -u\"]\n");
    refused(&elevated, "group-choice", outsider);
    let mut session = start(&Agent::default(), &own, &[]);
    session.resize(24, 100).at_prompt("> ").line("id -u").shows("\n0\n").at_prompt("> ");
    session.line("cat /etc/shadow").shows("not allowed: cat").at_prompt("[126]> ").line("exit");
    session.status();
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
