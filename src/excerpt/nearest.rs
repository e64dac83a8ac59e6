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
    let typed_letters = letters(word);
    let mut best: Option<(usize, &'a str)> = None;
    let mut tied = false;
    for candidate in candidates {
        if is_far(typed_letters, letters(candidate), reach) {
            continue;
        }
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

/// Which letters a word has, a bit for each or for several.
fn letters(word: &str) -> u64 {
    word.chars().fold(0, |letters, c| letters | 1_u64.checked_shl(u32::from(c) % 64).unwrap_or(0))
}

/// Whether two words differ in more letters than `reach` slips can mend, each of which brings in or takes out
/// one at most. It saves the distance of nearly all names where there are thousands.
fn is_far(some: u64, others: u64, reach: usize) -> bool {
    let slips = (some & !others).count_ones().max((others & !some).count_ones());
    usize::try_from(slips).is_ok_and(|slips| slips > reach)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_within_reach_is_never_far(one in "[a-e\u{e0}-\u{e3}]{0,8}", other in "[a-e\u{e0}-\u{e3}]{0,8}") {
            let typed: Vec<char> = one.chars().collect();
            let away = slips(&typed, &other);
            prop_assert!(!is_far(letters(&one), letters(&other), away), "{} {} {}", one, other, away);
        }
    }
}
