//! A language made deterministic over a given alphabet, with the least number of characters each place needs.

use std::collections::HashMap;

use super::language::{Language, Position};
use super::product::TooLarge;

/// Places of one language after which it is given up; a pattern as people write them has some hundred.
const MOST_PLACES: usize = 20_000;

/// All places of one language and the ways between them.
pub(super) struct Machine {
    next: Vec<Vec<Option<usize>>>,
    /// Characters needed at least to a text that belongs; none where there is no such text.
    needs: Vec<Option<usize>>,
}

impl Machine {
    /// The place before the first character.
    pub(super) const START: usize = 0;

    pub(super) fn new(language: &Language, letters: &[char]) -> Result<Self, TooLarge> {
        let mut positions = vec![language.begin()];
        let mut numbers: HashMap<Position, usize> = positions.iter().cloned().zip([Self::START]).collect();
        let mut next = Vec::new();
        while let Some(position) = positions.get(next.len()).cloned() {
            if positions.len() > MOST_PLACES {
                return Err(TooLarge);
            }
            let mut ready = HashMap::new();
            let ways = letters.iter().map(|c| {
                let side = language.side(*c);
                let ready = ready.entry(side).or_insert_with(|| language.ready(&position, side));
                let there = language.after(&position, ready, *c);
                (!language.lost(&there)).then(|| {
                    *numbers.entry(there).or_insert_with_key(|there| {
                        positions.push(there.clone());
                        positions.len() - 1
                    })
                })
            });
            next.push(ways.collect());
        }
        let ends = positions.iter().map(|position| language.accepts(position)).collect::<Vec<_>>();
        let needs = needs(&next, &ends);
        Ok(Self { next, needs })
    }

    /// The place after one more letter, if there is a way on.
    pub(super) fn next(&self, place: usize, letter: usize) -> Option<usize> {
        *self.next.get(place)?.get(letter)?
    }

    /// How many characters are needed at least from `place`; none if nothing helps.
    pub(super) fn needs(&self, place: usize) -> Option<usize> {
        *self.needs.get(place)?
    }
}

/// Walks back from the ends, all at once.
fn needs(next: &[Vec<Option<usize>>], ends: &[bool]) -> Vec<Option<usize>> {
    let mut back: Vec<Vec<usize>> = vec![Vec::new(); next.len()];
    for (from, ways) in next.iter().enumerate() {
        for to in ways.iter().flatten() {
            if let Some(back) = back.get_mut(*to).filter(|back| back.last() != Some(&from)) {
                back.push(from);
            }
        }
    }
    let mut needs: Vec<Option<usize>> = ends.iter().map(|end| end.then_some(0)).collect();
    let mut layer: Vec<usize> = (0..ends.len()).filter(|at| ends.get(*at) == Some(&true)).collect();
    for distance in 1..=next.len() {
        let before = layer.iter().filter_map(|at| back.get(*at)).flatten().copied();
        layer = before.collect();
        layer.retain(|at| {
            needs.get_mut(*at).is_some_and(|need| need.is_none() && need.replace(distance).is_none())
        });
    }
    needs
}
