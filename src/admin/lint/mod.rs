//! What is dangerous, or cannot work, in rules that are free of faults. Each finding has a stable id, which a rule may
//! silence with `accept = { "ID" = "why" }`.

mod overlap;
pub(super) mod programs;

use std::rc::Rc;

use crate::launch::confinement::needs;
use crate::policy::decide::tree_is_denied;
use crate::policy::fault::{Fault, LINTS, Severity};
use crate::policy::file::Survey;
use crate::policy::synopsis::Synopsis;
use crate::policy::types::{Access, BuiltIn, Kind, Type};
use crate::policy::{Deny, Exec, Group, Rule, sets};
use programs::Class;

/// What is found in one synopsis.
#[derive(PartialEq, Eq)]
struct Finding {
    id: &'static str,
    message: String,
    cure: Vec<String>,
}

impl Finding {
    fn new(id: &'static str, message: String, cure: &[&str]) -> Self {
        Self { id, message, cure: cure.iter().map(|line| (*line).to_owned()).collect() }
    }
}

/// Every finding of every rule, those that its rule accepts left out.
pub(super) fn lints(survey: &Survey) -> Vec<Fault> {
    let mut found: Vec<Fault> = Vec::new();
    for group in survey.groups.iter().chain(&survey.sets) {
        for rule in &group.rules {
            found.extend(of_rule(survey, group, rule));
        }
        found.extend(overlap::overlaps(survey, group));
    }
    found.sort_by(|a, b| (&a.file, a.position, a.id).cmp(&(&b.file, b.position, b.id)));
    // A set's rules are met once in every group that includes it.
    found.dedup();
    found
}

fn of_rule(survey: &Survey, group: &Group, rule: &Rc<Rule>) -> Vec<Fault> {
    // A deny of another group meets only those who are in both.
    let denies: Vec<&Deny> = survey.denies.iter().filter(|deny| deny.group == group.name).collect();
    // What is so of several synopses of a rule is said once, with their places.
    let mut found: Vec<(Finding, Vec<usize>)> = Vec::new();
    for (index, synopsis) in rule.synopses.iter().enumerate() {
        let all = findings(rule, synopsis).into_iter().chain(denied_grant(rule, synopsis, &denies));
        for one in all.filter(|one| !rule.accept.contains_key(one.id)) {
            match found.iter_mut().find(|(known, _)| *known == one) {
                Some((_, places)) => places.push(index),
                None => found.push((one, vec![index])),
            }
        }
    }
    found.into_iter().filter_map(|(one, places)| place(survey, rule, &places, one)).collect()
}

fn place(survey: &Survey, rule: &Rule, places: &[usize], found: Finding) -> Option<Fault> {
    let document = survey.document(&rule.place.file)?;
    let span = |index: &usize| rule.spans.synopses.get(*index).copied().unwrap_or(rule.spans.header);
    let (first, others) = places.split_first()?;
    let lint = LINTS.iter().find(|lint| lint.id == found.id)?;
    let fault = document.fault(lint.id, span(first), found.message).severity(lint.severity);
    let line = |index: &usize| document.line(span(index).start);
    let elsewhere = others.iter().map(line).filter(|other| *other != line(first));
    let fault = found.cure.into_iter().fold(fault, Fault::cure).cures(also_in(elsewhere));
    let meant = MAY_BE_MEANT.contains(&lint.id).then(|| match rule.accept.is_empty() {
        // Two lints of a rule then stand below each other.
        true => format!("if that is meant, write in this [[allow]]:  accept.{} = \"why\"", lint.id),
        false => format!("if that is meant, add to accept:  {} = \"why\"", lint.id),
    });
    Some(fault.cures(meant))
}

/// Lines that are named; of more, their number says enough.
const MOST_LINES: usize = 12;

/// "the same in lines 8, 9, 10"
fn also_in(lines: impl Iterator<Item = usize>) -> Option<String> {
    let mut lines: Vec<usize> = lines.collect();
    lines.dedup();
    let rest = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    let named: Vec<String> = lines.iter().map(usize::to_string).collect();
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    match named.as_slice() {
        [] => None,
        [line] => Some(format!("the same in line {line}")),
        _ => Some(format!("the same in lines {}{more}", named.join(", "))),
    }
}

/// What makes `check` fail and may be right for all that. The others do not work, or only warn.
const MAY_BE_MEANT: &[&str] =
    &["bus-interpreter", "elevated-escape", "free-path", "interpreter", "write-and-exec"];

fn findings(rule: &Rule, synopsis: &Synopsis) -> Vec<Finding> {
    let elevated = synopsis.elevation().is_some();
    let mut found = Vec::new();
    for program in synopsis.programs() {
        found.extend(interpreter(program, elevated));
        if elevated {
            found.extend(elevated_pager(program));
            found.extend(elevated_escape(rule, synopsis, program));
            found.extend(free_path(synopsis, program));
        } else if !programs::is(program, Class::Interpreter) {
            found.extend(needs_set(rule, program));
        }
    }
    found.extend(any_type(synopsis));
    if !elevated {
        found.extend(open_terms(rule, synopsis));
    }
    found
}

fn interpreter(program: &str, elevated: bool) -> Option<Finding> {
    let held = if elevated { "as root, and nothing confines it" } else { "inside its confinement" };
    programs::is(program, Class::Interpreter).then(|| Finding {
        id: "interpreter",
        message: format!("{program} runs what its arguments name or hold"),
        cure: vec![format!("the rule then allows whatever can be written in it, {held}")],
    })
}

/// NOEXEC keeps a pager from starting anything, and not from opening another file.
fn elevated_pager(program: &str) -> Option<Finding> {
    programs::is_pager(program).then(|| {
        Finding::new(
            "elevated-pager",
            format!("{program} as root opens any file, where sudo takes its secure mode away"),
            &["sudoers must keep LESSSECURE, as export sudoers writes it; cat needs none"],
        )
    })
}

fn needs_set(rule: &Rule, program: &str) -> Option<Finding> {
    let needs = needs::of(programs::bare(program))?;
    let given: Vec<&str> = rule.terms.with.iter().map(String::as_str).collect();
    let missing: Vec<&str> = needs.sets.iter().copied().filter(|set| !given.contains(set)).collect();
    let has_processes = sets::processes(&rule.terms);
    let mut cure = Vec::new();
    if !missing.is_empty() {
        let all = quoted(given.iter().chain(&missing).map(|set| format!("@{set}")));
        let about = missing.iter().filter_map(|set| sets::find(set)).map(|set| format!("it {}", set.about));
        cure.extend(about);
        cure.push(format!("write in this [[allow]]:  with = [{all}]"));
    }
    if !needs.programs.is_empty() && rule.terms.exec == Exec::Nothing {
        let programs = quoted(needs.programs.iter().map(|program| (*program).to_owned()));
        cure.push(format!("it starts programs: write in this [[allow]]:  exec = [{programs}]"));
    } else if needs.processes && rule.terms.exec == Exec::Nothing && !has_processes {
        cure.push("it makes processes: write in this [[allow]]:  limits = { processes = 8 }".to_owned());
    }
    let message = format!("{program} cannot work under this rule");
    (!cure.is_empty()).then_some(Finding { id: "needs-set", message, cure })
}

fn quoted(names: impl Iterator<Item = String>) -> String {
    names.map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

fn elevated_escape(rule: &Rule, synopsis: &Synopsis, program: &str) -> Option<Finding> {
    let starts = [Class::Shell, Class::Command, Class::Inherit, Class::LibraryLoad];
    if rule.terms.exec == Exec::Nothing || !starts.iter().any(|class| programs::is(program, *class)) {
        return None;
    }
    let is_packages = programs::is_package_manager(program);
    // What the admin lists, and numbers, are nobody else's to choose.
    let is_known = |kind: &Rc<Type>| {
        matches!(kind.kind, Kind::BuiltIn(BuiltIn::Package) | Kind::OneOf(_) | Kind::Integer { .. })
    };
    let cure = match is_packages {
        true => "give its values the type <package>, or list them with one_of",
        false => "leave exec out: sudo's NOEXEC then holds it",
    };
    Some(if is_packages && synopsis.types().iter().all(is_known) {
        Finding::new(
            "package-scripts",
            format!("{program} runs the scripts of what it installs, as root"),
            &["trust every package of every enabled repository, or name the packages"],
        )
    } else {
        Finding::new(
            "elevated-escape",
            format!("{program} can start other programs, as root, and exec lets it"),
            &[cure],
        )
    })
}

fn free_path(synopsis: &Synopsis, program: &str) -> Option<Finding> {
    let changes = programs::is(program, Class::Changes);
    let touches =
        changes || [Class::FileRead, Class::FileWrite].iter().any(|one| programs::is(program, *one));
    let is_free = |kind: &Rc<Type>| !kind.is_path() && kind.takes("/etc/shadow", false);
    let Some(free) = synopsis.types().into_iter().find(|kind| touches && is_free(kind)) else {
        return if changes { name_in_root(synopsis, program) } else { None };
    };
    let does = if changes { "changes it" } else { "reads or writes files" };
    Some(Finding::new(
        "free-path",
        format!("<{}> can be any file, and {program} {does} as root", free.name),
        &["give it a path type, or a pattern without /"],
    ))
}

/// sudo starts its programs in `/`, where a name without a slash is `etc` or `bin`.
fn name_in_root(synopsis: &Synopsis, program: &str) -> Option<Finding> {
    let is_name = |kind: &Rc<Type>| match &kind.kind {
        Kind::BuiltIn(built_in) => matches!(built_in, BuiltIn::Word | BuiltIn::Glob),
        Kind::Regex(_) | Kind::OneOf(_) => kind.takes("etc", false),
        Kind::Path(_) | Kind::Integer { .. } => false,
    };
    let name = synopsis.types().into_iter().find(is_name)?;
    Some(Finding::new(
        "free-path",
        format!("<{}> can be etc or bin, and {program} changes it as root, from /", name.name),
        &["give it a path type"],
    ))
}

fn any_type(synopsis: &Synopsis) -> Option<Finding> {
    let is_any = |kind: &Rc<Type>| matches!(kind.kind, Kind::BuiltIn(BuiltIn::Any));
    synopsis.types().iter().any(is_any).then(|| {
        Finding::new("any-type", "<any> takes every text".to_owned(), &["say what the value may be"])
    })
}

fn open_terms(rule: &Rule, synopsis: &Synopsis) -> Vec<Finding> {
    let terms = &rule.terms;
    let writes = |kind: &Rc<Type>| matches!(&kind.kind, Kind::Path(path) if path.access == Access::Write);
    let can_write = !terms.write.is_empty() || synopsis.types().iter().any(writes);
    let mut found = Vec::new();
    if can_write && terms.exec != Exec::Nothing {
        let exec = if terms.exec == Exec::Any { "exec = \"any\"" } else { "\"exec\"" };
        let place =
            terms.write.first().map_or_else(|| "there".to_owned(), |path| format!("in {}", path.display()));
        found.push(Finding {
            id: "write-and-exec",
            message: format!("\"write\" needs a reason to live next to {exec}"),
            cure: vec![format!("a person can put a program {place} and run it")],
        });
    }
    if terms.exec == Exec::Any {
        found.push(Finding::new(
            "exec-any",
            "exec = \"any\": this rule is as wide as a shell".to_owned(),
            &["list the programs it starts:  exec = [\"/usr/bin/...\"]"],
        ));
    }
    if terms.network.unix {
        let runs_code = |program: &&String| programs::is(program, Class::Interpreter);
        let (id, message) = match synopsis.programs().iter().find(runs_code) {
            Some(program) => (
                "bus-interpreter",
                format!("{program} can talk to D-Bus and container sockets: network = [\"unix\"]"),
            ),
            None => ("bus-network", "network = [\"unix\"] reaches D-Bus and container sockets".to_owned()),
        };
        found.push(Finding::new(
            id,
            message,
            &["a set such as with = [\"@systemd\"] says which of them is meant"],
        ));
    }
    found
}

/// A deny always wins: a rule that opens what it covers never runs. One with `words` may not meet every command.
fn denied_grant(rule: &Rule, synopsis: &Synopsis, denies: &[&Deny]) -> Option<Finding> {
    let programs = synopsis.programs();
    let alike =
        |name: &String| programs.iter().any(|program| programs::bare(program) == programs::bare(name));
    let always = denies.iter().filter(|deny| deny.words.is_none());
    let mut about_it =
        always.filter(|deny| deny.programs.as_ref().is_none_or(|names| names.iter().any(alike)));
    let (line, opened) = about_it.find_map(|deny| {
        let globs = deny.files.as_deref()?;
        let opened = sets::opened(&rule.terms).find(|opened| tree_is_denied(globs, opened.path))?;
        Some((deny.place.line, opened))
    })?;
    let message = format!("the deny in line {line} refuses every run of it: it reaches {opened}");
    let cure = ["open less, or deny less: the kernel cannot take a part out of a tree"];
    Some(Finding::new("denied-grant", message, &cure))
}

/// Whether a finding makes `check` fail.
pub(super) fn fails(fault: &Fault) -> bool {
    fault.severity > Severity::Warning
}

#[cfg(test)]
mod tests;
