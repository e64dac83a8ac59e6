//! Whether each `allowedPattern` holds where its parameter is pasted.

use std::collections::BTreeSet;

use super::super::automata::{Language, PatternFault, Tree, read, shortest};
use super::super::document::{Document, Kind, Parameter, Script};
use super::super::finding::{Finding, Severity, shown};
use super::super::holes::{Hole, Place, Reader};
use super::super::node::step;
use super::super::template::{Placeholder, placeholders};
use super::finding;

/// A reference to Parameter Store inside a value, which the agent resolves with the instance's rights.
const STORE: &str = r"(?s:.*)\{\{ *ssm:[A-Za-z0-9_./-]+ *\}\}(?s:.*)";
/// Two dollar signs, of which the agent makes one after it has checked the pattern.
const DOLLARS: &str = r"(?s:.*)\$\$(?s:.*)";

pub(super) fn findings(document: &Document) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for script in &document.scripts {
        for placeholder in placeholders(&script.text) {
            let Some(parameter) = document.parameter(&placeholder.name) else { continue };
            let key = (placeholder.name.clone(), placeholder.before.clone(), placeholder.after.clone());
            if seen.insert(key) {
                all.extend(pasted(document, script, parameter, &placeholder));
            }
        }
    }
    all
}

/// One parameter pasted in one place.
fn pasted(
    document: &Document,
    script: &Script,
    parameter: &Parameter,
    placeholder: &Placeholder,
) -> Vec<Finding> {
    let Some((pattern, line)) = parameter.pattern() else { return vec![unlimited(script, parameter)] };
    let at = step(&step("/parameters", &parameter.name), "allowedPattern");
    let case = Case { pointer: at, line, place: place(script, placeholder) };
    match read(pattern) {
        Err(fault) => vec![case.unreadable(&fault)],
        Ok(tree) => {
            let mut all = case.branches(&tree);
            all.extend(case.holes(&tree));
            all.extend(case.store(&tree, document.kind));
            all.extend(case.dollars(&tree, placeholder));
            all
        }
    }
}

fn place(script: &Script, placeholder: &Placeholder) -> Place {
    Place {
        before: placeholder.before.clone(),
        after: placeholder.after.clone(),
        reader: script.reader,
        judged: placeholder.is_judged_by_gatesh(),
    }
}

fn unlimited(script: &Script, parameter: &Parameter) -> Finding {
    let at = step("/parameters", &parameter.name);
    let what = format!("{} has no allowedPattern: anything at all is pasted", parameter.name);
    let cure = r"allowedPattern: '^[A-Za-z0-9 _./:=@%+,-]{1,1000}$' inside single quotes";
    let severity = if script.reader == Reader::Shell { Severity::Error } else { Severity::Warning };
    finding(severity, "no-pattern", (&at, parameter.line), &what, cure)
}

struct Case {
    pointer: String,
    line: usize,
    place: Place,
}

impl Case {
    fn finding(&self, severity: Severity, id: &str, what: &str, cure: &str) -> Finding {
        finding(severity, id, (&self.pointer, self.line), what, cure)
    }

    fn unreadable(&self, fault: &PatternFault) -> Finding {
        if fault.refused_by_agent() {
            let what = format!("the agent refuses every session: {fault}");
            let cure = "keep to what Java and RE2 have in common; a count goes up to 1000";
            self.finding(Severity::Error, "pattern-not-re2", &what, cure)
        } else {
            let what = format!("this pattern cannot be decided: {fault}");
            self.finding(Severity::Error, "pattern-undecided", &what, "write the characters out: [A-Za-z]")
        }
    }

    /// The agent asks whether the pattern is found anywhere, and `|` binds less than `^` and `$`.
    fn branches(&self, tree: &Tree) -> Vec<Finding> {
        let branches = tree.branches();
        let mut all = Vec::new();
        for (i, branch) in branches.iter().enumerate() {
            let Ok(Some(witness)) = self.place.beyond(&Language::let_through(branch), branch) else {
                continue;
            };
            let what = match branches.len() {
                1 => "not held to the whole value: the agent looks for a match anywhere".to_owned(),
                n => {
                    format!("branch {} of {n} is not held to the whole value: ^ or $ is missing there", i + 1)
                }
            };
            let cure = "one group with anchors outside: ^(a|b)$";
            let found = self.finding(Severity::Error, "pattern-unanchored", &what, cure);
            all.push(Finding { witness: Some(witness), ..found });
        }
        all
    }

    fn holes(&self, tree: &Tree) -> Vec<Finding> {
        let anchored = self.place.open_holes(&Language::let_through_whole(tree));
        let open = self.place.open_holes(&Language::let_through(tree)).into_iter();
        let said = open.map(|(hole, witness)| {
            let id = format!("pattern-{}", hole.name());
            let Some(witness) = witness else {
                let what = format!("too large to decide whether {}", hole.gain());
                return self.finding(Severity::Error, &id, &what, "a simpler pattern");
            };
            let still =
                anchored.iter().find(|(other, _)| *other == hole).and_then(|(_, found)| found.as_ref());
            let still = match still {
                None => String::new(),
                Some(found) if found.value == witness.value => ", also with anchors".to_owned(),
                Some(found) => format!(", with anchors as {}", shown(&found.value)),
            };
            let severity = if hole == Hole::Control { Severity::Warning } else { Severity::Error };
            let found = self.finding(severity, &id, &format!("{}{still}", hole.gain()), hole.cure());
            Finding { witness: Some(witness.value), ..found }
        });
        said.collect()
    }

    fn store(&self, tree: &Tree, kind: Kind) -> Option<Finding> {
        let witness = in_both(tree, STORE)?;
        let severity = if kind == Kind::Command { Severity::Warning } else { Severity::Error };
        let what = "the agent puts the value of any String parameter that the instance may read in its place";
        let found = self.finding(severity, "parameter-store", what, "leave { out of the pattern");
        Some(Finding { witness: Some(witness), ..found })
    }

    fn dollars(&self, tree: &Tree, placeholder: &Placeholder) -> Option<Finding> {
        let witness = in_both(tree, DOLLARS).filter(|_| !placeholder.is_whole())?;
        let what = "after the check the agent makes $ of $$";
        let found = self.finding(Severity::Error, "dollar", what, "leave $ out of the pattern");
        Some(Finding { witness: Some(witness), ..found })
    }
}

/// The shortest value that passes and that `pattern` describes.
fn in_both(tree: &Tree, pattern: &str) -> Option<String> {
    let other = Language::described(&read(pattern).ok()?);
    shortest(&[&Language::let_through(tree), &other]).ok().flatten()
}
