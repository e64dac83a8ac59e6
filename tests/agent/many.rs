//! Fifty sessions at once: all of them work, and every one leaves a whole record.

use std::collections::BTreeMap;

use serde_json::Value;

use super::session::{Agent, Session};
use super::stage::{Instance, start};

const PEOPLE: usize = 5;
/// As many as the shipped settings let one person have.
const EACH: usize = 10;

#[test]
fn fifty_sessions_at_once_all_work_and_none_loses_a_record() {
    let Some(mut instance) = Instance::new() else { return };
    let log = instance.host.log("first\nsecond ERROR\n");
    let people: Vec<_> = (0..PEOPLE).map(|_| instance.person(&["log-readers"])).collect();
    let documents: Vec<_> =
        people.iter().map(|person| instance.document("log-readers", &person.name, &[])).collect();
    let ids: Vec<String> = (0..PEOPLE * EACH).map(|number| format!("ann-{number:017x}")).collect();
    let session = |(number, id): (usize, &String)| {
        let agent = Agent { session_id: Some(id), ..Agent::default() };
        start(&agent, &documents[number % PEOPLE], &[])
    };
    let mut sessions: Vec<Session> = ids.iter().enumerate().map(session).collect();
    for session in &mut sessions {
        session.resize(24, 80).at_prompt("> ").line(&format!("cat {log} | grep -c ERROR"));
    }
    // One more is one too many.
    let mut late = start(&Agent::default(), &documents[0], &[]);
    assert_eq!(late.status(), 125);
    assert!(late.output().contains("you already have 10 sessions"), "{}", late.output());
    for session in &mut sessions {
        session.shows("\n1\n").at_prompt("> ").line("whoami").shows("not allowed: whoami").line("exit");
    }
    for session in &mut sessions {
        session.status();
    }
    for person in &people {
        let Some(records) = instance.records(&person.name, EACH) else { return };
        let mut by_session = BTreeMap::<_, Vec<Value>>::new();
        for record in
            records.into_iter().filter(|record| record["ssm_session_hint"] != super::session::SESSION_ID)
        {
            by_session.entry(record["ssm_session_hint"].to_string()).or_default().push(record);
        }
        assert_eq!(by_session.len(), EACH);
        for records in by_session.values() {
            is_whole(records);
        }
    }
}

/// Start and end, two commands each before and after, one refusal, and no number missing.
#[track_caller]
fn is_whole(records: &[Value]) {
    let numbers: Vec<_> = records.iter().map(|record| record["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=7).collect::<Vec<_>>(), "{records:#?}");
    let count = |event: &str| records.iter().filter(|record| record["event"] == event).count();
    let counts = ["session-start", "command-start", "command-end", "denied", "session-end"].map(count);
    assert_eq!(counts, [1, 2, 2, 1, 1], "{records:#?}");
}
