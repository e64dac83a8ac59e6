//! The known word that is nearest to a mistyped one.

/// The candidate with the fewest edits (insert, drop, change, swap of neighbours), if they are few enough for
/// a slip: one in three characters, and at least one.
pub(super) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let limit = (word.chars().count() / 3).max(1);
    let measured = candidates.into_iter().map(|candidate| (edits(word, candidate), candidate));
    measured.filter(|(edits, _)| *edits <= limit).min().map(|(_, candidate)| candidate)
}

/// Optimal string alignment distance, three rows at a time.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    let mut previous = None;
    for (row, here) in from.chars().enumerate() {
        let mut now = vec![row + 1];
        let mut left = row + 1;
        for (column, there) in to.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
            let change = at(&last, column) + usize::from(here != *there);
            left = change.min(left + 1).min(at(&last, column + 1) + 1);
            let other = column.checked_sub(1).and_then(|before| to.get(before).copied());
            if other == Some(here) && previous == Some(*there) {
                left = left.min(at(&before, column - 1) + 1);
            }
            now.push(left);
        }
        before = std::mem::replace(&mut last, now);
        previous = Some(here);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found() {
        let keys = ["commands", "confirm", "umask", "name"];
        assert_eq!(nearest("command", keys), Some("commands"));
        assert_eq!(nearest("cofnirm", keys), Some("confirm"));
        assert_eq!(nearest("naem", keys), Some("name"));
        assert_eq!(nearest("unmask", keys), Some("umask"));
    }

    #[test]
    fn other_words_are_not() {
        assert_eq!(nearest("password", ["commands", "name"]), None);
        assert_eq!(nearest("x", ["commands"]), None);
        assert_eq!(nearest("", ["commands"]), None);
    }

    #[test]
    fn a_swap_of_neighbours_is_one_edit() {
        assert_eq!(edits("ab", "ba"), 1);
        assert_eq!(edits("abcd", "acbd"), 1);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("abc", "abc"), 0);
    }
}
