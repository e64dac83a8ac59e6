//! Rules that take one command and run it differently: only the first of them ever does.
//!
//! Within a group any command two rules share counts; between groups, whose members need not be the same, only the
//! very same synopsis does.

use std::rc::Rc;

use super::{Finding, place};
use crate::admin::language::Regular;
use crate::admin::language::argv::{Joined, joined};
use crate::admin::language::line::command;
use crate::admin::lint::programs::bare;
use crate::policy::fault::Fault;
use crate::policy::file::Survey;
use crate::policy::synopsis::Synopsis;
use crate::policy::{Group, Rule};

/// A synopsis where it stands.
#[derive(Clone, Copy)]
struct Spot<'p> {
    group: &'p Group,
    rule: &'p Rc<Rule>,
    index: usize,
    synopsis: &'p Synopsis,
}

/// Of a group, and of it and the groups before it in the order in which they launch a command.
pub(super) fn overlaps(survey: &Survey, group: &Group) -> Vec<Fault> {
    let own: Vec<Spot<'_>> = spots(group).collect();
    let others = survey.groups.iter().take_while(|other| !std::ptr::eq(*other, group));
    let is_set = survey.sets.iter().any(|set| std::ptr::eq(set, group));
    let others: Vec<Spot<'_>> = others.filter(|_| !is_set).flat_map(spots).collect();
    let found = own.iter().enumerate().filter_map(|(at, spot)| {
        let within =
            own.iter().take(at).find(|earlier| earlier.runs_differently(spot) && earlier.shares(spot));
        let across = || {
            let same = |other: &&Spot<'_>| other.synopsis.text() == spot.synopsis.text();
            others.iter().filter(same).find(|other| other.runs_differently(spot) && other.shares(spot))
        };
        Some(spot.finding(survey, within.or_else(across)?))
    });
    found.flatten().collect()
}

fn spots(group: &Group) -> impl Iterator<Item = Spot<'_>> {
    group.rules.iter().flat_map(move |rule| {
        rule.synopses.iter().enumerate().map(move |(index, synopsis)| Spot { group, rule, index, synopsis })
    })
}

impl Spot<'_> {
    /// What is not the same, in words, unless that was accepted.
    fn differences(&self, later: &Self) -> Vec<&'static str> {
        let reason = |rule: &Rule| rule.reason.as_ref().map(|kind| kind.name.clone());
        let (one, other) = (self.rule, later.rule);
        let mut all = Vec::new();
        match (one.confirm, other.confirm) {
            (false, true) => all.push("without asking"),
            (true, false) => all.push("after asking"),
            (true, true) | (false, false) => {}
        }
        match (reason(one), reason(other)) {
            (None, Some(_)) => all.push("without a reason"),
            (one, other) if one != other => all.push("with another reason"),
            (_, _) => {}
        }
        if one.terms != other.terms {
            all.push("with other terms");
        }
        all
    }

    fn runs_differently(&self, later: &Self) -> bool {
        let accepted = |rule: &Rule| rule.accept.contains_key("overlap");
        let same = Rc::ptr_eq(self.rule, later.rule) || self.rule.place == later.rule.place;
        !same && !accepted(self.rule) && !accepted(later.rule) && !self.differences(later).is_empty()
    }

    /// Whether some command is taken by both. The narrower languages have the paths of their types; where a
    /// synopsis has none, what the wider ones share counts.
    fn shares(&self, other: &Self) -> bool {
        let (one, two) = (self.synopsis, other.synopsis);
        let alike = |name: &String| two.programs().iter().any(|other| bare(other) == bare(name));
        if one.elevation() != two.elevation() || !one.programs().iter().any(alike) {
            return false;
        }
        if command(one).is_apart_from(&command(two)) {
            return false;
        }
        match (joined(one.segments()), joined(two.segments())) {
            (Ok(one), Ok(two)) => (one.none && two.none) || !any(one).is_apart_from(&any(two)),
            (Err(_), _) | (_, Err(_)) => true,
        }
    }

    fn finding(&self, survey: &Survey, first: &Self) -> Option<Fault> {
        let how = first.differences(self).join(" and ");
        let line = first.rule.place.line;
        let place_of_first =
            match (first.group.name == self.group.name, first.rule.place.file == self.rule.place.file) {
                (_, true) => format!("line {line}"),
                (true, false) => format!("line {line} of {}", first.rule.place.file.display()),
                (false, false) => {
                    format!("line {line} of {} (for members of both groups)", first.rule.place.file.display())
                }
            };
        let message = match first.synopsis.text() == self.synopsis.text() {
            true => format!("the same synopsis stands in {place_of_first}, and runs {how}"),
            false => {
                format!(
                    "\"{}\" in {place_of_first} takes commands of it, and runs them {how}",
                    first.synopsis.text()
                )
            }
        };
        place(
            survey,
            self.rule,
            &[self.index],
            Finding::new("overlap", message, &["only the first of them runs"]),
        )
    }
}

fn any(arguments: Joined) -> Regular {
    Regular::either(arguments.ways)
}
