//! What was entered as several lines: pasted, or with a quote left open. A word holds no line break, so one inside
//! quotes counts as a blank, and as nothing right before the quote that closes.

use crate::words::{Problem, cut};

/// The quote that is open at the end of `text`.
pub(super) fn open_quote(text: &str, home: &str) -> Option<char> {
    match cut(text.as_bytes(), home).err()?.problem() {
        Problem::OpenQuote(quote) => Some(*quote),
        _ => None,
    }
}

/// The lines in what was entered, those joined that a quote holds together. Blank ones and comments, which come
/// with what is pasted from a runbook, are left out where there are several.
pub(super) fn lines(entered: &str, home: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in entered.split('\n') {
        let open = lines.last().and_then(|last| open_quote(last, home));
        match (open, lines.last_mut()) {
            (Some(quote), Some(last)) => join(last, piece, quote),
            _ => lines.push(piece.to_owned()),
        }
    }
    if lines.len() > 1 {
        lines.retain(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    }
    lines
}

/// `last` with the line that follows it.
pub(super) fn join(last: &mut String, piece: &str, quote: char) {
    if !piece.starts_with(quote) {
        last.push(' ');
    }
    last.push_str(piece);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_lines_are_taken_apart_and_comments_left_out() {
        let pasted = "ls\n\n# then look\n  tail -n 5 a.log\n";
        assert_eq!(lines(pasted, "/home/ann"), ["ls", "  tail -n 5 a.log"]);
    }

    #[test]
    fn an_open_quote_takes_the_next_line_with_a_blank_between() {
        assert_eq!(lines("grep 'no\nroute' a.log\nls", "/h"), ["grep 'no route' a.log", "ls"]);
    }

    #[test]
    fn a_quote_closed_on_the_next_line_has_nothing_added() {
        assert_eq!(lines("cat 'a.log\n'", "/h"), ["cat 'a.log'"]);
        assert_eq!(lines("grep \"it's\n\" a.log", "/h"), ["grep \"it's\" a.log"]);
    }

    #[test]
    fn one_line_stays_as_it_is_whatever_it_says() {
        assert_eq!(lines("# a comment", "/h"), ["# a comment"]);
        assert_eq!(lines("", "/h"), [""]);
    }
}
