//! A regular language written down, in what the readers share or as one of them alone has it.

use std::fmt::Write;

use super::{Letters, Regular};

/// Who will read the expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Java and RE2 alike.
    Shared,
    /// POSIX extended, as sudo has it: a backslash in brackets is a plain one.
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
                inside.write(out, Holds::One, dialect);
                count(out, *least, *most);
            }
        }
        if grouped {
            out.push(')');
        }
    }
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
            out.push(c);
        }
        None => class(out, letters, dialect),
    }
}

/// In brackets. What means something there stands where it means nothing: `]` first, `-` last, `[` and `^` before
/// it; Java and RE2 take a backslash before each instead.
fn class(out: &mut String, letters: Letters, dialect: Dialect) {
    const AT_HOME_NOWHERE: Letters = Letters::of("]-[^\\&~");
    out.push('[');
    let odd = letters.and(AT_HOME_NOWHERE);
    if dialect == Dialect::Posix && odd.holds(b']') {
        out.push(']');
    }
    for (first, last) in letters.without(AT_HOME_NOWHERE).ranges() {
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
        let all = Regular::letter(Letters::of(odd)).written(Dialect::Posix);
        let Some(taken) = grep(&all) else { return println!("skipped: grep is not installed") };
        assert_eq!(Letters::of(&taken.replace('\n', "")), Letters::of(odd), "{all}");
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
