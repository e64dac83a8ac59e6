//! "Did you mean": the one known name that a misspelt one most likely stands for.

/// Names longer than this are not compared: the work grows with the square, and nobody misspells a name of
/// that length by one letter and wants to be told.
const LONGEST: usize = 64;

/// From this many characters on, two slips still leave a name recognisable.
const TWO_SLIPS: usize = 6;

/// The candidate one slip away from `word` (a letter wrong, missing, too many, or two neighbours swapped), or
/// two for names of six characters and more. `None` when nothing is near, or several are equally near.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = word.chars().take(LONGEST + 1).collect();
    let reach = if typed.len() >= TWO_SLIPS { 2 } else { 1 };
    let mut best: Option<(usize, &'a str)> = None;
    let mut tied = false;
    for candidate in candidates {
        let away = slips(&typed, candidate);
        if away == 0 || away > reach || best.is_some_and(|(_, earlier)| earlier == candidate) {
            continue;
        }
        match best {
            Some((least, _)) if away > least => {}
            Some((least, _)) if away == least => tied = true,
            _ => (best, tied) = (Some((away, candidate)), false),
        }
    }
    best.filter(|_| !tied).map(|(_, candidate)| candidate)
}

/// Damerau-Levenshtein distance in its restricted form: no letter is touched twice.
fn slips(typed: &[char], candidate: &str) -> usize {
    let known: Vec<char> = candidate.chars().take(LONGEST + 1).collect();
    if typed.len() > LONGEST || known.len() > LONGEST {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=known.len()).collect();
    let mut previous = None;
    for (&letter, down) in typed.iter().zip(1..) {
        let next = next_row(&known, (letter, previous), (&before, &row), down);
        before = std::mem::replace(&mut row, next);
        previous = Some(letter);
    }
    row.last().copied().unwrap_or(usize::MAX)
}

/// The distances of one more typed letter from every beginning of `known`.
fn next_row(
    known: &[char],
    (letter, previous): (char, Option<char>),
    (before, row): (&[usize], &[usize]),
    down: usize,
) -> Vec<usize> {
    let at = |row: &[usize], across: usize| row.get(across).copied().unwrap_or(usize::MAX - 1);
    let mut next = vec![down];
    let mut left = None;
    for (&wanted, across) in known.iter().zip(1..) {
        let put = at(row, across - 1) + usize::from(letter != wanted);
        let one = at(&next, across - 1).min(at(row, across)) + 1;
        let swapped = left == Some(letter) && previous == Some(wanted) && across >= 2;
        let swap = if swapped { at(before, across - 2) + 1 } else { usize::MAX };
        next.push(put.min(one).min(swap));
        left = Some(wanted);
    }
    next
}
