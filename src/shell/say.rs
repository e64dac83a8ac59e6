//! Writing to the person. A terminal that is gone is no reason to fail: the session ends by its hang-up.

use std::io::{IsTerminal, Write, stderr, stdout};

/// Columns of a serial console.
const WIDTH: usize = 80;
/// What a message goes on with: the width of `gatesh: `.
const INDENT: &str = "        ";

/// A message of gatesh's own, on standard error, so that a command's output stays clean. At a terminal it is
/// wrapped at blanks; whatever else reads it gets it whole.
pub(super) fn say(text: &str) {
    let text = format!("gatesh: {text}");
    match stderr().is_terminal() {
        true => text.split('\n').flat_map(wrapped).for_each(|row| line(&row)),
        false => line(&text),
    }
}

fn wrapped(text: &str) -> Vec<String> {
    let mut rows = vec![String::new()];
    let mut words = text.split_inclusive(' ').peekable();
    while let (Some(word), Some(row)) = (words.next(), rows.last_mut()) {
        let used = row.chars().count().saturating_add(word.trim_end().chars().count());
        if used > WIDTH && !row.trim().is_empty() {
            row.truncate(row.trim_end().len());
            rows.push(format!("{INDENT}{word}"));
        } else {
            row.push_str(word);
        }
    }
    rows
}

/// Lines as they are, on standard error.
pub(super) fn lines(lines: &[String]) {
    for text in lines {
        line(text);
    }
}

fn line(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

/// As it is, with no line's end.
pub(super) fn put(text: &str) {
    let _ = write!(stdout(), "{text}");
    let _ = stdout().flush();
}

/// What was asked for, on standard output; answers exit status 0.
pub(super) fn print(text: &str) -> u8 {
    let _ = writeln!(stdout(), "{text}");
    let _ = stdout().flush();
    0
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn long_messages_go_on_behind_the_name_of_who_says_them() {
        let text = "gatesh: column 4: $ is not understood: variables are not expanded. ~ is your home";
        let rows = wrapped(text);
        assert_eq!(rows.join("\n").replace("\n        ", " "), text);
        assert!(rows.len() == 2 && rows.iter().all(|row| row.chars().count() <= 80), "{rows:?}");
    }

    #[test]
    fn what_fits_and_what_has_no_blank_stays_as_it_is() {
        assert_eq!(wrapped("gatesh: not allowed"), ["gatesh: not allowed"]);
        let long = "x".repeat(200);
        assert_eq!(wrapped(&long).concat(), long);
        assert_eq!(wrapped(&long).len(), 1);
    }
}
