//! The walk through several languages side by side.
//!
//! Each language alone knows how many characters it needs at least from where it stands; the largest of these
//! numbers never says too much, so walking where what is behind plus what is at least ahead is smallest (A*)
//! meets a shortest text first, and turns away from every place where one of the languages has no way on.
//! Among texts of one length, letters tend to come before digits, and these before what is hard to read.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::alphabet::alphabet;
use super::charset::plain;
use super::language::Language;
use super::machine::Machine;

/// Places of the walk after which it is given up: some seconds of work and some hundred megabytes.
const MOST_PLACES: usize = 400_000;

/// The walk was given up, and nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// What a walk came to.
pub type Search = Result<Option<String>, TooLarge>;

/// The shortest text that is in all `languages`, without the distinction of whose choice a character was.
pub fn shortest(languages: &[&Language]) -> Search {
    let wide: Vec<&Language> = languages.iter().map(|language| language.wide().unwrap_or(language)).collect();
    let counted = languages.iter().any(|language| language.wide().is_some());
    if counted && walk(&wide)?.is_none() {
        return Ok(None);
    }
    walk(languages)
}

fn walk(languages: &[&Language]) -> Search {
    let letters = alphabet(languages);
    let machines = languages.iter().map(|l| Machine::new(l, &letters)).collect::<Result<Vec<_>, _>>()?;
    let mut walk = Walk::default();
    walk.reach(&machines, vec![Machine::START; machines.len()], None);
    while let Some(here) = walk.nearest() {
        let Some(places) = walk.steps.get(here).map(|step| step.places.clone()) else { break };
        if machines.iter().zip(&places).all(|(machine, place)| machine.needs(*place) == Some(0)) {
            return Ok(Some(walk.text(&letters, here)));
        }
        if walk.steps.len() > MOST_PLACES {
            return Err(TooLarge);
        }
        for letter in 0..letters.len() {
            let next = machines.iter().zip(&places).map(|(machine, place)| machine.next(*place, letter));
            if let Some(next) = next.collect() {
                walk.reach(&machines, next, Some((here, letter)));
            }
        }
    }
    Ok(None)
}

/// The places met so far, and those still to be gone on from.
#[derive(Default)]
struct Walk {
    steps: Vec<Step>,
    known: HashMap<Vec<usize>, usize>,
    /// By the least length of a text that leads through.
    open: BTreeMap<usize, VecDeque<(usize, usize)>>,
}

/// A place in each machine, and the shortest known way there.
struct Step {
    places: Vec<usize>,
    length: usize,
    from: Option<(usize, usize)>,
}

impl Walk {
    /// Notes a way to `places`, unless it leads nowhere or a way as short is known.
    fn reach(&mut self, machines: &[Machine], places: Vec<usize>, from: Option<(usize, usize)>) {
        let ahead: Option<Vec<usize>> =
            machines.iter().zip(&places).map(|(m, place)| m.needs(*place)).collect();
        let Some(ahead) = ahead.map(|needs| needs.into_iter().max().unwrap_or(0)) else { return };
        let length = from.and_then(|(step, _)| self.steps.get(step)).map_or(0, |step| step.length + 1);
        let number = *self.known.entry(places).or_insert_with_key(|places| {
            self.steps.push(Step { places: places.clone(), length: usize::MAX, from: None });
            self.steps.len() - 1
        });
        if let Some(step) = self.steps.get_mut(number).filter(|step| length < step.length) {
            (step.length, step.from) = (length, from);
            self.open.entry(length + ahead).or_default().push_back((number, length));
        }
    }

    /// The next step to go on from; one that was reached more quickly since is passed over.
    fn nearest(&mut self) -> Option<usize> {
        loop {
            let mut first = self.open.first_entry()?;
            let Some((number, length)) = first.get_mut().pop_front() else {
                first.remove();
                continue;
            };
            if self.steps.get(number).is_some_and(|step| step.length == length) {
                return Some(number);
            }
        }
    }

    /// Reads the way back to the start.
    fn text(&self, letters: &[char], end: usize) -> String {
        let mut reversed = Vec::new();
        let mut here = self.steps.get(end);
        while let Some((from, letter)) = here.and_then(|step| step.from) {
            reversed.extend(letters.get(letter).copied().map(plain));
            here = self.steps.get(from);
        }
        reversed.iter().rev().collect()
    }
}
