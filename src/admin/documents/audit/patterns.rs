//! Whether each `allowedPattern` holds where its parameter is pasted.

use std::collections::BTreeSet;

use super::super::automata::{Language, PatternFault, Tree, read, shortest};
use super::super::document::{Document, Kind, Parameter, Script};
use super::super::finding::{Finding, Severity, shown};
use super::super::holes::{Hole, Place, Reader};
use super::super::node::step;
use super::super::template::{Placeholder, placeholders};
use super::finding;
use super::levels::{self, BeyondData};

/// A reference to Parameter Store inside a value, which the agent resolves with the instance's rights.
const STORE: &str = r"(?s:.*)\{\{ *ssm:[A-Za-z0-9_./-]+ *\}\}(?s:.*)";
/// Two dollar signs, of which the agent makes one after it has checked the pattern.
const DOLLARS: &str = r"(?s:.*)\$\$(?s:.*)";

pub(super) fn findings(document: &Document) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for script in &document.scripts {
        if !seen.insert(&script.text) {
            continue;
        }
        let mut named = BTreeSet::new();
        for placeholder in placeholders(&script.text) {
            let Some(parameter) = document.parameter(&placeholder.name) else { continue };
            if named.insert(placeholder.name.clone()) {
                all.extend(of_value(document, parameter, &placeholder));
            }
        }
        all.extend(levels::findings(document, script));
    }
    all
}

/// What a pattern lets through wherever the value is pasted.
fn of_value(document: &Document, parameter: &Parameter, placeholder: &Placeholder) -> Vec<Finding> {
    let Some((pattern, line)) = parameter.pattern() else { return vec![unlimited(parameter)] };
    let case = Case::new(parameter, line);
    match read(pattern) {
        Err(fault) => vec![case.unreadable(&fault)],
        Ok(tree) => {
            let place = Place {
                before: placeholder.before.clone(),
                after: placeholder.after.clone(),
                reader: Reader::Shell,
                judged: placeholder.is_judged_by_gatesh(),
            };
            let mut all = case.branches(&tree, &place);
            all.extend(case.store(&tree, document.kind));
            all.extend(case.dollars(&tree, placeholder));
            all
        }
    }
}

fn unlimited(parameter: &Parameter) -> Finding {
    let at = step("/parameters", &parameter.name);
    let what = format!("{} has no allowedPattern: anything at all is pasted", parameter.name);
    let cure = r"allowedPattern: '^[A-Za-z0-9 _./:=@%+,-]{1,1000}$' inside single quotes";
    finding(Severity::Error, "no-pattern", (&at, parameter.line), &what, cure)
}

/// A pattern in the document.
pub(super) struct Case {
    pointer: String,
    line: usize,
}

impl Case {
    pub(super) fn new(parameter: &Parameter, line: usize) -> Self {
        Self { pointer: step(&step("/parameters", &parameter.name), "allowedPattern"), line }
    }

    /// Several parameters, or one that stands there several times.
    pub(super) fn of_script(script: &Script) -> Self {
        Self { pointer: script.pointer.clone(), line: script.line }
    }

    pub(super) fn beyond_data(&self, found: &BeyondData, inside: &str) -> Finding {
        let (id, what, cure) = found.said(inside);
        Finding { witness: found.witness.clone(), ..self.finding(Severity::Error, id, &what, cure) }
    }

    pub(super) fn too_large_for_data(&self) -> Finding {
        let what = "too large to decide what the command makes of the value";
        self.finding(Severity::Error, "undecided", what, "a simpler pattern")
    }

    pub(super) fn finding(&self, severity: Severity, id: &str, what: &str, cure: &str) -> Finding {
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
    fn branches(&self, tree: &Tree, place: &Place) -> Vec<Finding> {
        let branches = tree.branches();
        let mut all = Vec::new();
        for (i, branch) in branches.iter().enumerate() {
            let Ok(Some(witness)) = place.beyond(&Language::let_through(branch), branch) else {
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

    /// Every hole the pattern leaves open at one place; `inside` says in whose text that is.
    pub(super) fn holes(&self, tree: &Tree, place: &Place, inside: &str) -> Vec<Finding> {
        let anchored = Language::let_through_whole(tree);
        let open = place.open_holes(&Language::let_through(tree)).into_iter();
        let said = open.map(|(hole, witness)| {
            let Some(witness) = witness else { return self.too_large(hole) };
            let still = match place.through(&anchored, hole).ok().flatten() {
                None => String::new(),
                Some(found) if found.value == witness.value => ", also with anchors".to_owned(),
                Some(found) => format!(", with anchors as {}", shown(&found.value)),
            };
            let found = self.hole(hole, &format!("{inside}{}{still}", hole.gain()));
            Finding { witness: Some(witness.value), ..found }
        });
        said.collect()
    }

    pub(super) fn too_large(&self, hole: Hole) -> Finding {
        let id = format!("pattern-{}", hole.name());
        let what = format!("too large to decide whether {}", hole.gain());
        self.finding(Severity::Error, &id, &what, "a simpler pattern")
    }

    pub(super) fn hole(&self, hole: Hole, what: &str) -> Finding {
        let severity = if hole == Hole::Control { Severity::Warning } else { Severity::Error };
        self.finding(severity, &format!("pattern-{}", hole.name()), what, hole.cure())
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
