//! Rows of a terminal: text folded at blanks, so that none breaks in the middle of a word.

use super::columns_of;

/// Columns of a serial console, which no message of gatesh's own needs more than.
pub const COLUMNS: usize = 80;

/// Rows of at most `width` columns: `first` stands before the first, `next` before the others. A word that has no
/// room in any row stays whole.
pub fn fold(first: &str, next: &str, text: &str, width: usize) -> Vec<String> {
    let mut rows = Vec::new();
    let mut row = first.to_owned();
    let mut is_begun = false;
    for word in text.split(' ') {
        let would_be = columns_of(&row).saturating_add(1).saturating_add(columns_of(word));
        if is_begun && would_be > width {
            rows.push(row.trim_end().to_owned());
            next.clone_into(&mut row);
            is_begun = false;
        }
        // Blanks before the first word of a row would move it.
        if word.is_empty() && !is_begun && !rows.is_empty() {
            continue;
        }
        if is_begun {
            row.push(' ');
        }
        row.push_str(word);
        is_begun = true;
    }
    rows.push(row);
    rows
}

/// The rows with `end` at the right margin of the last one, or below it where that has no room.
pub fn ended(mut rows: Vec<String>, end: &str, width: usize) -> Vec<String> {
    let needed = columns_of(end);
    let used = rows.last().map_or(0, |last| columns_of(last));
    let blank = match width.checked_sub(used.saturating_add(needed)) {
        Some(room) if room > 0 => room,
        Some(_) | None => {
            rows.push(String::new());
            width.saturating_sub(needed)
        }
    };
    if let Some(last) = rows.last_mut() {
        last.push_str(&" ".repeat(blank));
        last.push_str(end);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_end_at_blanks_and_go_on_behind_what_stands_before_them() {
        assert_eq!(fold("  ", "      ", "cat [-n] <log>...", 16), ["  cat [-n]", "      <log>..."]);
        assert_eq!(fold("  ", "      ", "cat [-n] <log>...", 19), ["  cat [-n] <log>..."]);
    }

    #[test]
    fn blanks_in_a_row_stay_and_none_stand_at_its_end() {
        assert_eq!(fold("", "", "fg exit      join with |", 12), ["fg exit", "join with |"]);
        assert_eq!(fold("", "", "fg exit      join with", 10), ["fg exit", "join with"]);
        assert_eq!(fold("", "", "fg exit      join", 80), ["fg exit      join"]);
    }

    #[test]
    fn a_word_that_no_row_has_room_for_stays_whole() {
        assert_eq!(fold("", "  ", "a /var/log/messages b", 8), ["a", "  /var/log/messages", "  b"]);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(fold("", "", "日本 語", 6), ["日本", "語"]);
    }

    #[test]
    fn an_end_stands_at_the_margin_of_the_last_row_or_below_it() {
        assert_eq!(ended(vec!["ls".to_owned()], "(ops)", 10), ["ls   (ops)"]);
        assert_eq!(ended(vec!["ls -al".to_owned()], "(ops)", 10), ["ls -al", "     (ops)"]);
        assert_eq!(ended(vec!["ls".to_owned()], "(operators)", 10), ["ls", "(operators)"]);
    }
}
