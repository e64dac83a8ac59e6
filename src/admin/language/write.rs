//! A regular language written down, in what the readers share or as one of them alone has it.

use std::fmt::Write;

use super::{Letters, Regular};

/// Who will read the expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Java and RE2 alike.
    Shared,
    /// POSIX extended, as it stands in a sudoers file: a backslash in brackets is a plain one, `#` begins a comment
    /// without one, and no count is above 255.
    Posix,
}

/// What may stand in a place without parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Holds {
    One,
    Row,
    Ways,
}

impl Regular {
    /// The expression, without anchors. A language without any text cannot be written: its expression is empty.
    pub fn written(&self, dialect: Dialect) -> String {
        let mut out = String::new();
        self.write(&mut out, Holds::Ways, dialect);
        out
    }

    /// The same as one part of a larger expression.
    pub fn written_as_row(&self, dialect: Dialect) -> String {
        let mut out = String::new();
        self.write(&mut out, Holds::Row, dialect);
        out
    }

    fn write(&self, out: &mut String, place: Holds, dialect: Dialect) {
        let own = match self {
            Self::Letter(_) => Holds::One,
            Self::Row(_) | Self::Times(..) => Holds::Row,
            Self::Either(_) => Holds::Ways,
        };
        let grouped = own > place;
        if grouped {
            out.push('(');
        }
        match self {
            Self::Letter(letters) => letter(out, *letters, dialect),
            Self::Row(parts) => parts.iter().for_each(|part| part.write(out, Holds::Row, dialect)),
            Self::Either(ways) => {
                for (at, way) in ways.iter().enumerate() {
                    if at > 0 {
                        out.push('|');
                    }
                    way.write(out, Holds::Row, dialect);
                }
            }
            Self::Times(inside, least, most) => {
                for (least, most) in portions(*least, *most, dialect) {
                    inside.write(out, Holds::One, dialect);
                    count(out, least, most);
                }
            }
        }
        if grouped {
            out.push(')');
        }
    }
}

/// sudo never matches an expression with a larger count (`RE_DUP_MAX` of POSIX).
const MOST_POSIX_COUNT: u32 = 255;

/// The counts one after the other that make up one.
fn portions(mut least: u32, mut most: Option<u32>, dialect: Dialect) -> Vec<(u32, Option<u32>)> {
    let largest = if dialect == Dialect::Posix { MOST_POSIX_COUNT } else { u32::MAX };
    let mut all = Vec::new();
    while least > largest || most.is_some_and(|most| most > largest) {
        let part = least.min(largest);
        all.push((part, Some(if most.is_some() { largest } else { part })));
        least -= part;
        most = most.map(|most| most - largest);
    }
    all.push((least, most));
    all
}

fn count(out: &mut String, least: u32, most: Option<u32>) {
    let _ = match (least, most) {
        (0, None) => write!(out, "*"),
        (1, None) => write!(out, "+"),
        (0, Some(1)) => write!(out, "?"),
        (least, None) => write!(out, "{{{least},}}"),
        (least, Some(most)) if least == most => write!(out, "{{{least}}}"),
        (least, Some(most)) => write!(out, "{{{least},{most}}}"),
    };
}

fn letter(out: &mut String, letters: Letters, dialect: Dialect) {
    match letters.single() {
        Some(c) => {
            out.extend(r"\.[]{}()*+?^$|".contains(c).then_some('\\'));
            out.extend((c == '#' && dialect == Dialect::Posix).then_some('\\'));
            out.push(c);
        }
        None if dialect == Dialect::Posix => posix_class(out, letters),
        None => class(out, letters, dialect),
    }
}

/// In brackets as far as sudoers reads them as POSIX does; beside them, with a backslash, what it does not: `\`, `#`
/// and `$` unless a range holds them unnamed, and `^` where it would come first.
fn posix_class(out: &mut String, letters: Letters) {
    let within = |(first, last): &(char, char)| *first < '#' && *last > '$';
    let unnamed = letters.without(Letters::of(AT_HOME_NOWHERE)).ranges().iter().any(within);
    let mut beside = letters.and(Letters::of(if unnamed { "\\" } else { "\\#$" }));
    if letters.without(beside).without(Letters::of("^-")).is_empty() {
        beside = beside.or(letters.and(Letters::of("^")));
    }
    if has_counts_together(letters.without(beside)) {
        beside = beside.or(letters.and(Letters::of("?+{")));
    }
    let inside = letters.without(beside);
    if beside.is_empty() {
        return class(out, inside, Dialect::Posix);
    }
    out.push('(');
    for (at, c) in beside.iter().map(char::from).enumerate() {
        out.push_str(if at == 0 { "\\" } else { "|\\" });
        out.push(c);
    }
    if !inside.is_empty() {
        out.push('|');
        letter(out, inside, Dialect::Posix);
    }
    out.push(')');
}

/// sudo takes no expression in which two signs of repetition follow each other, not even in brackets.
fn has_counts_together(letters: Letters) -> bool {
    let mut written = String::new();
    class(&mut written, letters, Dialect::Posix);
    let signs = |pair: &[u8]| pair.iter().all(|byte| Letters::of("*+?{").holds(*byte));
    written.as_bytes().windows(2).any(signs)
}

/// What brackets read in their own way.
const AT_HOME_NOWHERE: &str = "]-[^\\&~";

/// In brackets. To POSIX `]` stands first and `-` last, `[` and `^` before it and never first; Java and RE2 take a
/// backslash before each instead.
fn class(out: &mut String, letters: Letters, dialect: Dialect) {
    const ODD: Letters = Letters::of(AT_HOME_NOWHERE);
    out.push('[');
    let odd = letters.and(ODD);
    if dialect == Dialect::Posix && odd.holds(b']') {
        out.push(']');
    }
    for (first, last) in letters.without(ODD).ranges() {
        out.push(first);
        let neighbours = u32::from(last) - u32::from(first);
        if neighbours > 1 {
            out.push('-');
        }
        if neighbours > 0 {
            out.push(last);
        }
    }
    for c in ['&', '~', '\\', '[', '^'].into_iter().filter(|c| u8::try_from(*c).is_ok_and(|c| odd.holds(c))) {
        out.extend((dialect == Dialect::Shared).then_some('\\'));
        out.push(c);
    }
    if dialect == Dialect::Shared && odd.holds(b']') {
        out.push_str(r"\]");
    }
    if odd.holds(b'-') {
        out.push('-');
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::documents::automata::{Language, read};

    /// What `grep -E` takes of the letters from `!` to `~`, each on a line of its own.
    fn grep(expression: &str) -> Option<String> {
        use std::io::Write as _;
        use std::process::{Command, Stdio};
        let mut child = Command::new("grep")
            .args(["-E", &format!("^{expression}$")])
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let lines: String = (b'!'..=b'~').flat_map(|byte| [char::from(byte), '\n']).collect();
        child.stdin.take()?.write_all(lines.as_bytes()).ok()?;
        String::from_utf8(child.wait_with_output().ok()?.stdout).ok()
    }

    #[test]
    fn every_pair_of_letters_is_the_same_set_to_posix_and_re2() {
        let odd = "]-[^\\&~:.=!*a";
        for one in odd.chars() {
            for other in odd.chars().filter(|other| *other != one) {
                let set = Regular::letter(Letters::of(&format!("{one}{other}q")));
                let wanted: Vec<u8> = Letters::of(&format!("{one}{other}q")).iter().collect();
                let shared = Language::described(&read(&set.written(Dialect::Shared)).unwrap());
                let taken: Vec<u8> =
                    (b'!'..=b'~').filter(|c| shared.holds(&char::from(*c).to_string())).collect();
                assert_eq!(taken, wanted, "{}", set.written(Dialect::Shared));
            }
        }
    }

    /// Alone, without a third letter that hides what the two do to the brackets; and beside every range.
    #[test]
    fn every_pair_of_letters_is_that_pair_to_posix() {
        let odd: Vec<u8> = Letters::GRAPHIC.without(Letters::ALPHANUMERIC).iter().chain(*b"a0").collect();
        let pairs = odd.iter().flat_map(|one| {
            odd.iter().map(move |other| Letters::range(*one, *one).or(Letters::range(*other, *other)))
        });
        let ranges = odd.iter().flat_map(|one| odd.iter().map(move |other| Letters::range(*one, *other)));
        for letters in pairs.chain(ranges).filter(|letters| !letters.is_empty()) {
            let written = Regular::letter(letters).written(Dialect::Posix);
            let Some(taken) = grep(&written) else { return println!("skipped: grep is not installed") };
            assert_eq!(Letters::of(&taken.replace('\n', "")), letters, "{written}");
        }
    }

    #[test]
    fn a_count_that_posix_lacks_is_written_in_portions() {
        let written = |least, most| Regular::text("a").times(least, most).written(Dialect::Posix);
        assert_eq!(written(0, Some(299)), "a{0,255}a{0,44}");
        assert_eq!(written(300, Some(600)), "a{255}a{45,255}a{0,90}");
        assert_eq!(written(300, None), "a{255}a{45,}");
        assert_eq!(Regular::text("a").times(0, Some(299)).written(Dialect::Shared), "a{0,299}");
    }

    #[test]
    fn every_letter_alone_stands_for_itself() {
        for byte in Letters::GRAPHIC.iter() {
            let c = char::from(byte).to_string();
            for dialect in [Dialect::Shared, Dialect::Posix] {
                let written = Regular::text(&c).written(dialect);
                let Some(taken) = grep(&written) else { return println!("skipped: grep is not installed") };
                assert_eq!(taken.trim_end(), c, "{written}");
            }
        }
    }

    #[test]
    fn ways_stand_in_parentheses_inside_a_row() {
        let word = Regular::either([Regular::text("on"), Regular::text("off")]);
        let line = Regular::row([Regular::text("a "), word.times(1, None)]);
        assert_eq!(line.written(Dialect::Shared), "a (on|off)+");
    }
}
