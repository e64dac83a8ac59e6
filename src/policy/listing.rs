//! What a person may run, in words: the text of `help` and of `gateshctl list`. It is read off the same rules that
//! [`super::decide`] judges by, so it cannot promise what the gate refuses.

mod about;
mod in_words;

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use super::synopsis::Synopsis;
use super::types::Type;
use super::{Alias, Group, History, Operators, Policy, Rule, When};
use crate::excerpt::{columns_of, ended, fold};
use crate::words::quote;

pub use about::about;
use in_words::in_words;

/// Columns that a label of the overview takes.
const LABEL: usize = 7;
/// With fewer columns than these behind the names, texts stand below them.
const LEAST: usize = 20;

/// Everything the person may run, a group at a time, in rows of `width` columns.
pub fn overview(policy: &Policy, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for group in &policy.groups {
        lines.extend(heading(group, width));
        let (own, included) = group.rules.iter().partition::<Vec<_>, _>(|rule| is_own(group, rule));
        let synopses = own.iter().flat_map(|rule| &rule.synopses);
        lines.extend(synopses.flat_map(|synopsis| fold("  ", "      ", synopsis.text(), width)));
        lines.extend(sets(&included).iter().flat_map(|set| fold("  ", "    ", set, width)));
    }
    lines.extend(table("where", &described(mentioned(policy)), width));
    lines.extend(table("short", &aliases(policy), width));
    let margin = " ".repeat(LABEL);
    lines.extend(fold(&format!("{:<LABEL$}", "also"), &margin, &also(policy), width));
    lines.extend(fold(&margin, &margin, "help COMMAND says more", width));
    lines
}

/// gatesh's own commands, and what may stand between commands.
fn also(policy: &Policy) -> String {
    let is_anywhere = policy.groups.iter().any(|group| !group.directories.is_empty());
    let history = if policy.settings.history == History::Off { "" } else { " history" };
    let own = format!("{}pwd{history} jobs fg bg exit", if is_anywhere { "cd " } else { "" });
    let all = policy.groups.iter().map(|group| group.operators);
    let any = |is: fn(Operators) -> bool| all.clone().any(is);
    let operators = [
        ("|", any(|of| of.pipe)),
        ("&&", any(|of| of.and)),
        ("||", any(|of| of.or)),
        (";", any(|of| of.then)),
    ];
    let joining: Vec<&str> = operators.iter().filter(|(_, may)| *may).map(|(text, _)| *text).collect();
    match joining.is_empty() {
        true => own,
        false => format!("{own}      join with {}", joining.join(" ")),
    }
}

fn aliases(policy: &Policy) -> Vec<(String, String)> {
    let words = policy.aliases.iter().filter_map(|(name, alias)| match alias {
        Alias::Words(words) => Some((name.clone(), format!("for {}", spelled_words(words)))),
        Alias::Conflict(_) | Alias::Hides { .. } => None,
    });
    words.collect()
}

fn spelled_words(words: &[String]) -> String {
    words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

/// How much more or less may be run with `after`: "2 commands less, 1 more".
pub fn difference(before: &Policy, after: &Policy) -> String {
    let (old, new) = (synopses(before), synopses(after));
    let said = match (old.difference(&new).count(), new.difference(&old).count()) {
        (0, 0) => return "the commands are the same; other terms may not be".to_owned(),
        (less, 0) => format!("{} less", commands(less)),
        (0, more) => format!("{} more", commands(more)),
        (less, more) => format!("{} less, {more} more", commands(less)),
    };
    format!("{said}. help lists them")
}

fn commands(count: usize) -> String {
    if count == 1 { "1 command".to_owned() } else { format!("{count} commands") }
}

fn synopses(policy: &Policy) -> BTreeSet<(&str, &str)> {
    let rules = policy.groups.iter().flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
    rules
        .flat_map(|(group, rule)| rule.synopses.iter().map(|synopsis| (group.name.as_str(), synopsis.text())))
        .collect()
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

fn heading(group: &Group, width: usize) -> Vec<String> {
    let description = if group.description.is_empty() { "Rules" } else { &group.description };
    ended(fold("", "", description, width), &format!("({})", group.name), width)
}

/// One line a set: its name and its programs.
fn sets(rules: &[&Rc<Rule>]) -> Vec<String> {
    let mut files: Vec<_> = rules.iter().filter_map(|rule| rule.place.file.file_stem()).collect();
    files.dedup();
    let line = |file: &std::ffi::OsStr| {
        let of_file = rules.iter().filter(|rule| rule.place.file.file_stem() == Some(file));
        let programs: BTreeSet<String> = of_file.flat_map(|rule| programs(rule)).collect();
        let programs: Vec<String> = programs.into_iter().collect();
        format!("{}: {}", file.to_string_lossy(), programs.join(" "))
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
    types.into_iter().map(|kind| (format!("<{}>", kind.name), in_words(&kind))).collect()
}

/// Two columns behind a label; the second is folded, below the first where there is no room for it.
fn table(label: &str, rows: &[(String, String)], width: usize) -> Vec<String> {
    let margin = if label.trim().is_empty() { label.len() } else { LABEL };
    let first = rows.iter().map(|(name, _)| columns_of(name)).max().unwrap_or(0);
    let before = margin.saturating_add(first).saturating_add(2);
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    let row = |(label, (name, text)): (&str, &(String, String))| {
        let name_width = columns_of(name);
        if width.saturating_sub(before) >= LEAST {
            let blank = " ".repeat(first.saturating_sub(name_width));
            return fold(&format!("{label:<margin$}{name}{blank}  "), &" ".repeat(before), text, width);
        }
        let in_one_row = margin.saturating_add(name_width).saturating_add(2).saturating_add(columns_of(text));
        if in_one_row <= width {
            return vec![format!("{label:<margin$}{name}  {text}")];
        }
        let below = " ".repeat(margin.saturating_add(2));
        [vec![format!("{label:<margin$}{name}")], fold(&below, &below, text, width)].concat()
    };
    labels.zip(rows).flat_map(row).collect()
}
