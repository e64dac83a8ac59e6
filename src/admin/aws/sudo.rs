//! What sudo must be told for a group's elevated rules: each program with the arguments that its synopses take, and
//! what the group's denies take out of them again.

use std::path::Path;

use super::super::Unanswered;
use super::super::export::{
    Arguments, Denied, Elevated, GroupFacts, MOST_EXPRESSION, SudoVersion, is_plain, sudoers,
};
use super::super::language::argv::{Joined, joined};
use super::super::language::{Dialect, Regular};
use super::sudo_denies::denied;
use crate::policy::decide::Grant;
use crate::policy::programs::Programs;
use crate::policy::synopsis::{Elevation, Synopsis};
use crate::policy::{Exec, Policy, Rule};

/// Lines that arguments become word for word before they become an expression, and where there are none.
const MOST_LINES: usize = 16;
const MOST_LINES_WITHOUT_EXPRESSIONS: usize = 128;

/// Adds what the group's rules have sudo run, for this release of it.
pub(super) fn elevated(
    policy: &Policy,
    version: SudoVersion,
    facts: &mut GroupFacts,
) -> Result<(), Unanswered> {
    let programs = Programs::on_host(&policy.settings.program_path);
    for rule in policy.groups.iter().flat_map(|group| &group.rules) {
        for synopsis in &rule.synopses {
            let Some(elevation) = synopsis.elevation() else { continue };
            let place = || format!("{}:{}", rule.place.file.display(), rule.place.line);
            let unsayable = |why| {
                Unanswered(format!("{}: \"{}\" cannot be put into sudoers: {why}", place(), synopsis.text()))
            };
            add(policy, rule, synopsis, elevation, &programs, version, facts).map_err(unsayable)?;
            asked_by_the_gate_alone(rule, facts);
        }
    }
    Ok(())
}

/// The lines that let sudo run what a grant launches, for the first release that can say arguments that vary. What a
/// group's denies take out again is not among them.
pub(in crate::admin) fn sudoers_lines(policy: &Policy, grant: &Grant) -> Result<Vec<String>, String> {
    let version = SudoVersion::EXPRESSIONS;
    let fitted = |synopsis: &&Synopsis| synopsis.text() == grant.synopsis();
    let elevations = grant.rule().synopses.iter().filter(fitted);
    let mut facts = GroupFacts { name: grant.group().to_owned(), ..GroupFacts::default() };
    for (synopsis, elevation) in elevations.filter_map(|one| Some((one, one.elevation()?))) {
        let programs = Programs::on_host(&policy.settings.program_path);
        add(policy, grant.rule(), synopsis, elevation, &programs, version, &mut facts)?;
    }
    facts.denied.clear();
    let own = grant.program().file_name();
    facts.elevated.retain(|one| Path::new(&one.program).file_name() == own);
    let text = sudoers(&facts, version).map_err(|fault| fault.to_string())?;
    Ok(text.lines().filter(|line| line.starts_with('%')).map(str::to_owned).collect())
}

/// Each program of the synopsis with each of its arguments.
fn add(
    policy: &Policy,
    rule: &Rule,
    synopsis: &Synopsis,
    elevation: &Elevation,
    programs: &Programs,
    version: SudoVersion,
    facts: &mut GroupFacts,
) -> Result<(), String> {
    let joined = joined(synopsis.segments())?;
    let all = lines(&joined, version)?;
    for name in synopsis.programs() {
        let elevated = |arguments: &Arguments| Elevated {
            user: elevation.user.clone(),
            program: file(programs, name),
            arguments: arguments.clone(),
            starts_programs: rule.terms.exec != Exec::Nothing,
            timeout: rule.terms.timeout,
            sha256: rule.terms.sha256.clone(),
        };
        facts.elevated.extend(all.iter().map(elevated));
        let denied = denied(&policy.denies, synopsis, name, &joined, programs)?;
        facts.denied.extend(denied.into_iter().map(|expression| Denied {
            user: elevation.user.clone(),
            program: file(programs, name),
            expression,
        }));
    }
    let guessed = synopsis.programs().iter().filter_map(|name| guessed(programs, name));
    let left_out = joined.left_out.iter().map(|what| format!("\"{}\": {what}", synopsis.text()));
    for note in left_out.chain(guessed) {
        if !facts.notes.contains(&note) {
            facts.notes.push(note);
        }
    }
    Ok(())
}

/// Word for word where they are few, else as expressions that sudo can hold.
fn lines(joined: &Joined, version: SudoVersion) -> Result<Vec<Arguments>, String> {
    let none = joined.none.then_some(Arguments::None);
    let most = if version.has_expressions() { MOST_LINES } else { MOST_LINES_WITHOUT_EXPRESSIONS };
    let texts = Regular::either(joined.ways.clone()).texts(most);
    if let Some(texts) = texts {
        let (plain, odd): (Vec<String>, Vec<String>) =
            texts.into_iter().partition(|text| !version.has_expressions() || text.split(' ').all(is_plain));
        let words = |text: String| Arguments::Words(text.split(' ').map(str::to_owned).collect());
        let odd: Vec<Regular> = odd.iter().map(|text| Regular::text(text)).collect();
        return Ok(none.into_iter().chain(plain.into_iter().map(words)).chain(expressions(&odd)?).collect());
    }
    Ok(none.into_iter().chain(expressions(&joined.ways)?).collect())
}

/// As many ways in each as sudo can hold.
fn expressions(ways: &[Regular]) -> Result<Vec<Arguments>, String> {
    let mut all = Vec::new();
    let mut group: Vec<Regular> = Vec::new();
    for way in ways.iter().filter(|way| !way.is_never()) {
        let longer = [group.as_slice(), std::slice::from_ref(way)].concat();
        if written(&longer).len() <= MOST_EXPRESSION {
            group = longer;
            continue;
        }
        all.push(std::mem::replace(&mut group, vec![way.clone()]));
    }
    all.push(group);
    if let Some(long) = all.iter().map(|group| written(group).len()).find(|length| *length > MOST_EXPRESSION)
    {
        return Err(format!(
            "the expression for its arguments has {long} characters, sudo takes {MOST_EXPRESSION}: split the rule"
        ));
    }
    let filled = all.iter().filter(|group| !group.is_empty());
    Ok(filled.map(|group| Arguments::Expression(written(group))).collect())
}

fn written(ways: &[Regular]) -> String {
    Regular::either(ways.to_vec()).written_as_row(Dialect::Posix)
}

/// Keys that sudo has nothing like.
fn asked_by_the_gate_alone(rule: &Rule, facts: &mut GroupFacts) {
    let keys = [("confirm", rule.confirm), ("reason", rule.reason.is_some()), ("when", rule.when.is_some())];
    let keys: Vec<&str> = keys.into_iter().filter(|(_, has)| *has).map(|(key, _)| key).collect();
    let note =
        format!("{} of the rule {} is gatesh's alone: sudo does not ask for it", keys.join(", "), rule.name);
    if !keys.is_empty() && !facts.notes.contains(&note) {
        facts.notes.push(note);
    }
}

/// What is said of a program whose place is not known.
fn guessed(programs: &Programs, name: &str) -> Option<String> {
    let unknown = !name.starts_with('/') && programs.find(name).is_none();
    unknown.then(|| format!("{name} is not on this host: it is taken to be /usr/bin/{name}"))
}

/// The program's file here; where this host lacks it, its usual place.
fn file(programs: &Programs, name: &str) -> String {
    match programs.find(name) {
        Some(found) => found.path.to_string_lossy().into_owned(),
        None if name.starts_with('/') => name.to_owned(),
        None => format!("/usr/bin/{name}"),
    }
}
