//! What a person may run, in words: the text of `help` and of `gateshctl list`. It is read off the same rules that
//! [`super::decide`] judges by, so it cannot promise what the gate refuses.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::synopsis::Synopsis;
use super::types::Type;
use std::time::Duration;

use super::{Exec, Expect, Group, Policy, Rule, When};

const WIDTH: usize = 80;

/// Everything the person may run, a group at a time.
pub fn overview(policy: &Policy) -> Vec<String> {
    let mut lines = Vec::new();
    for group in &policy.groups {
        lines.push(heading(group));
        let (own, included) = group.rules.iter().partition::<Vec<_>, _>(|rule| is_own(group, rule));
        lines.extend(
            own.iter().flat_map(|rule| &rule.synopses).map(|synopsis| format!("  {}", synopsis.text())),
        );
        lines.extend(sets(&included));
    }
    lines.extend(table("where", &described(mentioned(policy))));
    lines.push("also   cd pwd history jobs fg bg exit      join with | && || ;".to_owned());
    lines.push("       help COMMAND says more".to_owned());
    lines
}

/// What the rules say of one program: `None` when no rule names it.
pub fn about(policy: &Policy, program: &str) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    for group in &policy.groups {
        for rule in &group.rules {
            let synopses = rule.synopses.iter().filter(|synopsis| is_about(synopsis, program));
            for synopsis in synopses {
                lines.push(allowed_by(synopsis.text(), &group.name));
                lines.extend(
                    table("", &described(synopsis.types()))
                        .into_iter()
                        .map(|line| line.replacen("       ", "  ", 1)),
                );
                lines.extend(terms(rule, synopsis));
            }
        }
        lines.extend(example(group, program));
    }
    (!lines.is_empty()).then_some(lines)
}

/// Programs of the rules that came by `include`: what is meant to stand after a pipe. Sorted, no doubles.
pub fn filters(policy: &Policy) -> Vec<String> {
    let included =
        policy.groups.iter().flat_map(|group| group.rules.iter().filter(|rule| !is_own(group, rule)));
    let programs: BTreeSet<String> = included.flat_map(programs).collect();
    programs.into_iter().collect()
}

/// "1h 30m", as short as it can be said.
pub fn spelled(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if said.is_empty() { "0s".to_owned() } else { said.join(" ") }
}

/// "mon tue 09:00-17:00 Europe/Berlin, where role=app".
pub fn when(when: &When) -> String {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let mut said = Vec::new();
    if when.days.contains(&false) {
        said.extend(DAYS.iter().zip(when.days).filter(|(_, holds)| *holds).map(|(day, _)| (*day).to_owned()));
    }
    if let Some((from, until)) = when.hours {
        said.push(format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60));
        said.push(when.zone.clone());
    }
    if !when.labels.is_empty() {
        said.push(format!("where {}", when.labels.join(" ")));
    }
    said.join(" ")
}

fn is_own(group: &Group, rule: &Rc<Rule>) -> bool {
    rule.place.file.file_stem().is_some_and(|stem| stem == group.name.as_str())
}

fn heading(group: &Group) -> String {
    let name = format!("({})", group.name);
    let description = if group.description.is_empty() { "Rules" } else { &group.description };
    let room = WIDTH.saturating_sub(description.chars().count()).max(name.chars().count().saturating_add(2));
    format!("{description}{name:>room$}")
}

/// One line a set: its name and its programs.
fn sets(rules: &[&Rc<Rule>]) -> Vec<String> {
    let mut files: Vec<_> = rules.iter().filter_map(|rule| rule.place.file.file_stem()).collect();
    files.dedup();
    let line = |file: &std::ffi::OsStr| {
        let of_file = rules.iter().filter(|rule| rule.place.file.file_stem() == Some(file));
        let programs: BTreeSet<String> = of_file.flat_map(|rule| programs(rule)).collect();
        let programs: Vec<String> = programs.into_iter().collect();
        format!("  {}: {}", file.to_string_lossy(), programs.join(" "))
    };
    files.into_iter().map(line).collect()
}

fn programs(rule: &Rc<Rule>) -> Vec<String> {
    let names = rule.synopses.iter().flat_map(Synopsis::programs);
    names.map(|name| name.rsplit('/').next().unwrap_or(name).to_owned()).collect()
}

/// Types of the groups' own rules, in order of mention.
fn mentioned(policy: &Policy) -> Vec<Rc<Type>> {
    let mut types: Vec<Rc<Type>> = Vec::new();
    for group in &policy.groups {
        for rule in group.rules.iter().filter(|rule| is_own(group, rule)) {
            for mentioned in rule.synopses.iter().flat_map(Synopsis::types) {
                if !types.iter().any(|known| known.name == mentioned.name) {
                    types.push(mentioned);
                }
            }
        }
    }
    types
}

fn described(types: Vec<Rc<Type>>) -> Vec<(String, String)> {
    types.into_iter().map(|kind| (format!("<{}>", kind.name), kind.describe())).collect()
}

/// Two columns behind a label; the second is wrapped at blanks.
fn table(label: &str, rows: &[(String, String)]) -> Vec<String> {
    let first = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (index, (name, text)) in rows.iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        let start = format!("{label:<7}{name:<first$}  ");
        let indent = " ".repeat(start.chars().count());
        for (number, line) in wrapped(text, WIDTH.saturating_sub(indent.len())).into_iter().enumerate() {
            lines.push(format!("{}{line}", if number == 0 { &start } else { &indent }));
        }
    }
    lines
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(last) = lines.last_mut() else { break };
        let would_be = last.chars().count().saturating_add(word.chars().count()).saturating_add(1);
        if last.is_empty() {
            last.push_str(word);
        } else if would_be > width {
            lines.push(word.to_owned());
        } else {
            last.push(' ');
            last.push_str(word);
        }
    }
    lines
}

fn is_about(synopsis: &Synopsis, program: &str) -> bool {
    synopsis.programs().iter().any(|name| name == program || name.rsplit('/').next() == Some(program))
}

fn allowed_by(synopsis: &str, group: &str) -> String {
    let by = format!("allowed by {group}");
    let room = WIDTH.saturating_sub(synopsis.chars().count());
    if room > by.len().saturating_add(2) {
        format!("{synopsis}{by:>room$}")
    } else {
        format!("{synopsis}\n{by:>WIDTH$}")
    }
}

/// How it runs, where that is worth a line.
fn terms(rule: &Rule, synopsis: &Synopsis) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(elevation) = synopsis.elevation() {
        lines.push(format!("  runs as {} through sudo", elevation.user.as_deref().unwrap_or("root")));
    } else if rule.terms.exec == Exec::Nothing {
        lines.push("  starts no other program".to_owned());
    }
    if let Some(timeout) = rule.terms.timeout {
        lines.push(format!("  stopped after {}", spelled(timeout)));
    }
    if let Some(when) = &rule.when {
        lines.push(format!("  only {}", self::when(when)));
    }
    if rule.confirm {
        lines.push("  asks before it runs".to_owned());
    }
    if let Some(reason) = &rule.reason {
        lines.push(format!("  asks for <{}>: {}", reason.name, reason.describe()));
    }
    lines
}

/// The first allowed case of the group's file that begins with the program.
fn example(group: &Group, program: &str) -> Option<String> {
    let begins = |line: &str| {
        let line = line.strip_prefix("sudo ").unwrap_or(line);
        line.split(' ').next() == Some(program) && line.contains(' ')
    };
    let case = group.cases.iter().find(|case| case.expect == Expect::Allow && begins(&case.line))?;
    Some(format!("  for example  {}", case.line))
}
