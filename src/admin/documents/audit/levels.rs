//! Whether the patterns of a text hold in it: each value where it stands, all values together, and the same again in
//! a text that another shell reads, `bash -c '{{command}}'`, as deep as that goes.

use super::super::automata::{Language, TooLarge, read};
use super::super::document::{Document, Script};
use super::super::finding::{Finding, Severity};
use super::super::holes::{Hole, Place, Reader, runs_operands, unknown};
use super::super::pasted::{Pasted, Spot};
use super::super::template::judged_by_gatesh;
use super::patterns::Case;

/// Texts inside texts that are looked into.
const MOST_DEPTH: usize = 4;
/// Characters no shell makes anything of: with these alone, only the command they are given to can.
const TAME: &str = "[A-Za-z0-9_./:@%+,= -]*";

/// Parameters and what they are given.
type Values = Vec<(String, String)>;

pub(super) fn findings(document: &Document, script: &Script) -> Vec<Finding> {
    let pattern = |name: &str| read(document.parameter(name)?.pattern()?.0).ok();
    let text = Pasted::new(&script.text, &pattern);
    let mut levels = Levels { document, script, found: Vec::new() };
    levels.level(&text, &Level { reader: script.reader, inside: String::new(), depth: 0 });
    levels.found
}

/// Who reads a text.
struct Level {
    reader: Reader,
    /// The beginning of a sentence about it.
    inside: String,
    depth: usize,
}

struct Levels<'d> {
    document: &'d Document,
    script: &'d Script,
    found: Vec<Finding>,
}

impl Levels<'_> {
    fn level(&mut self, text: &Pasted, level: &Level) {
        let before = self.found.len();
        let spots = text.spots();
        for spot in &spots {
            self.spot(text, spot, level);
        }
        let Some((first, _)) = text.values().next() else { return };
        let case = self.case(first);
        if let [spot] = spots.as_slice()
            && judged(text, spot)
        {
            return;
        }
        if text.values().count() > 1 {
            let known: Vec<String> =
                self.found.iter().skip(before).map(|finding| finding.id.clone()).collect();
            self.together(text, level, &known);
        }
        if text.names_variable() {
            let what = format!("{}the value is a part of a variable's name", level.inside);
            self.found.push(case.hole(Hole::Substitution, &what));
        }
        match text.program_text().filter(|_| level.depth < MOST_DEPTH) {
            Some((shell, inner)) => {
                let inside = format!("in the text that {shell} runs, ");
                self.level(&inner, &Level { reader: Reader::Shell, inside, depth: level.depth + 1 });
            }
            None => {
                let errors = self.found.iter().skip(before).any(|one| one.severity == Severity::Error);
                let found = match beyond_data(text, level.reader, errors) {
                    Ok(found) => found.map(|found| case.beyond_data(&found, &level.inside)),
                    Err(_) => Some(case.too_large_for_data()),
                };
                self.found.extend(found);
            }
        }
    }

    fn case(&self, name: &str) -> Case {
        match self.document.parameter(name).and_then(|parameter| Some((parameter, parameter.pattern()?.1))) {
            Some((parameter, line)) => Case::new(parameter, line),
            None => Case::of_script(self.script),
        }
    }

    /// One value where it stands.
    fn spot(&mut self, text: &Pasted, spot: &Spot<'_>, level: &Level) {
        let judged = judged(text, spot);
        let place = place(&spot.before, &spot.after, level.reader, judged);
        self.found.extend(self.case(spot.name).holes(spot.tree, &place, &level.inside));
    }

    /// What no value does alone: `{{d}}{{d}}` with a dot in each.
    fn together(&mut self, text: &Pasted, level: &Level, known: &[String]) {
        let case = Case::of_script(self.script);
        let place = place("", "", level.reader, false);
        let closed = place.holes().filter(|hole| !known.contains(&format!("pattern-{}", hole.name())));
        for hole in closed {
            let found = match through(text, &place, hole) {
                Through::Closed => continue,
                Through::TooLarge => case.too_large(hole),
                Through::Undecided => {
                    let what = format!(
                        "{}a parameter stands here more than once, and it could not be decided whether {}",
                        level.inside,
                        hole.gain()
                    );
                    case.hole(hole, &what)
                }
                Through::Open(values) => {
                    let what = format!("{}the values together: {}", level.inside, hole.gain());
                    Finding { witness: Some(spelled(&values)), ..case.hole(hole, &what) }
                }
            };
            self.found.push(found);
        }
    }
}

fn judged(text: &Pasted, spot: &Spot<'_>) -> bool {
    text.values().count() == 1 && judged_by_gatesh(&spot.before, &spot.after)
}

fn place(before: &str, after: &str, reader: Reader, judged: bool) -> Place {
    Place { before: before.to_owned(), after: after.to_owned(), reader, judged }
}

/// Whether several values together go through a hole.
enum Through {
    Closed,
    Open(Values),
    /// Only with two values for one parameter, as far as was tried.
    Undecided,
    TooLarge,
}

/// The walk takes each place for itself. Where it gives one parameter two values, each of them is tried in all its
/// places.
fn through(text: &Pasted, place: &Place, hole: Hole) -> Through {
    let whole = match place.through(&Language::let_through_whole(&text.tree()), hole) {
        Err(_) => return Through::TooLarge,
        Ok(None) => return Through::Closed,
        Ok(Some(witness)) => witness.value,
    };
    if let Some(values) = text.values_in(&whole, true) {
        return Through::Open(values);
    }
    let values = text.values_in(&whole, false).unwrap_or_default();
    let doubted = values
        .iter()
        .find(|(name, value)| values.iter().any(|(other, second)| other == name && second != value));
    let Some((doubted, _)) = doubted else { return Through::Undecided };
    let mut tried = values.iter().filter(|(name, _)| name == doubted).map(|(name, value)| {
        let fixed = text.with(name, value);
        through(&fixed, place, hole)
    });
    tried.find(|found| matches!(found, Through::Open(_))).unwrap_or(Through::Undecided)
}

/// Each parameter once.
fn spelled(values: &Values) -> String {
    let mut known: Vec<&(String, String)> = Vec::new();
    for value in values {
        if !known.contains(&value) {
            known.push(value);
        }
    }
    known.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("  ")
}

/// Values with which a command gets what it may run, and the text with them in it.
pub(super) struct BeyondData {
    pub(super) witness: Option<String>,
    whole: String,
}

impl BeyondData {
    /// Id, what is wrong, and the cure.
    pub(super) fn said(&self, inside: &str) -> (&'static str, String, &'static str) {
        let gatesh = "let gatesh judge it: exec /usr/bin/gatesh --group GROUP -c '{{command}}'";
        match (runs_operands(&self.whole), unknown(&self.whole)) {
            (Some(program), _) => (
                "interpreter",
                format!(
                    "{inside}{program} runs programs, or what it is given as one: the value decides which"
                ),
                gatesh,
            ),
            (None, program) => (
                "undecided",
                format!(
                    "{inside}it is not known here whether {} runs what the value holds",
                    program.unwrap_or("this text")
                ),
                "write the values out, ^(one|other)$, or let gatesh judge it",
            ),
        }
    }
}

/// Of plain characters where there are such values; else only where nothing else is wrong, since the command may
/// then be one that a hole let in.
fn beyond_data(text: &Pasted, reader: Reader, errors: bool) -> Result<Option<BeyondData>, TooLarge> {
    match beyond_data_with(text, reader, true)? {
        None if !errors => beyond_data_with(text, reader, false),
        found => Ok(found),
    }
}

fn beyond_data_with(text: &Pasted, reader: Reader, tame: bool) -> Result<Option<BeyondData>, TooLarge> {
    let spots = text.spots();
    let alone = spots.first().filter(|_| text.values().count() == 1);
    let Some(Spot { tree, before, after, .. }) = alone else {
        return beyond_data_together(text, reader, tame);
    };
    let offer = Language::let_through(tree);
    let tame = read(TAME).ok().filter(|_| tame).map(|tame| Language::described(&tame));
    let found = place(before, after, reader, false).beyond_data(&offer, tame.as_ref())?;
    Ok(found
        .map(|value| BeyondData { whole: [before.as_str(), &value, after].concat(), witness: Some(value) }))
}

fn beyond_data_together(text: &Pasted, reader: Reader, tame: bool) -> Result<Option<BeyondData>, TooLarge> {
    let offered = if tame { text.tamed() } else { text.clone() };
    let found =
        place("", "", reader, false).beyond_data(&Language::let_through_whole(&offered.tree()), None)?;
    Ok(found.map(|whole| BeyondData {
        witness: text.values_in(&whole, true).map(|found| spelled(&found)),
        whole,
    }))
}
