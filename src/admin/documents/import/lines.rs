//! A pattern's tree as the finite set of word sequences it means, where it means one.

use std::fmt;

use super::super::automata::{CharSet, Look, Tree};

/// More alternatives than anybody writes down; beyond it, nothing is gained over the pattern.
const MOST_LINES: usize = 64;

/// A word of a line, in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) pieces: Vec<Piece>,
    /// Blanks are in its class: it stands for one word or several.
    pub(super) several: bool,
}

/// Part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// So many characters out of a set.
    Class(CharSet, u32, Option<u32>),
}

/// Why a pattern is no set of word sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotWords {
    /// Something other than a single class is repeated.
    Repetition,
    /// A word boundary or a line anchor.
    Condition,
    /// A class that takes blanks stands in the middle of a word.
    BlankInside,
    /// More than 64 alternatives.
    TooMany,
}

impl fmt::Display for NotWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Repetition => "a group of several things is repeated",
            Self::Condition => "\\b, \\B and (?m) have no counterpart in a synopsis",
            Self::BlankInside => "a class that takes blanks begins in the middle of a word",
            Self::TooMany => "it stands for more than 64 different lines",
        })
    }
}

/// What a line is made of before it is cut into words.
#[derive(Clone, Debug)]
enum Part {
    Char(char),
    Blank,
    Class(CharSet, u32, Option<u32>),
}

/// The lines of `tree`, anchors taken as meant for all of it, in the order written.
pub(super) fn lines(tree: &Tree) -> Result<Vec<Vec<Word>>, NotWords> {
    parts(tree)?.iter().map(|line| words(line)).collect()
}

fn parts(tree: &Tree) -> Result<Vec<Vec<Part>>, NotWords> {
    let all = match tree {
        Tree::Empty | Tree::Look(Look::TextStart | Look::TextEnd) => vec![Vec::new()],
        Tree::Look(_) => return Err(NotWords::Condition),
        Tree::Set { set, .. } => vec![vec![class(set, 1, Some(1))]],
        Tree::Sequence(trees) => {
            trees.iter().try_fold(vec![Vec::new()], |lines, tree| joined(&lines, tree))?
        }
        Tree::Either(trees) => trees.iter().map(parts).collect::<Result<Vec<_>, _>>()?.concat(),
        Tree::Repeat(inner, least, most) => repeated(inner, *least, *most)?,
    };
    if all.len() > MOST_LINES { Err(NotWords::TooMany) } else { Ok(all) }
}

/// Every line so far, followed by every line of `tree`.
fn joined(lines: &[Vec<Part>], tree: &Tree) -> Result<Vec<Vec<Part>>, NotWords> {
    let ends = parts(tree)?;
    if lines.len().saturating_mul(ends.len()) > MOST_LINES {
        return Err(NotWords::TooMany);
    }
    Ok(lines.iter().flat_map(|line| ends.iter().map(|end| [line.clone(), end.clone()].concat())).collect())
}

fn repeated(inner: &Tree, least: u32, most: Option<u32>) -> Result<Vec<Vec<Part>>, NotWords> {
    if let Tree::Set { set, .. } = inner {
        let repeated = vec![vec![class(set, least, most)]];
        return Ok(if least == 0 { [vec![Vec::new()], at_least_once(set, most)].concat() } else { repeated });
    }
    match (least, most) {
        (0, Some(1)) => Ok([vec![Vec::new()], parts(inner)?].concat()),
        (1, Some(1)) => parts(inner),
        _ => operands(inner, least),
    }
}

fn at_least_once(set: &CharSet, most: Option<u32>) -> Vec<Vec<Part>> {
    vec![vec![class(set, 1, most)]]
}

/// `( [a-z]+)*`: one operand after another.
fn operands(inner: &Tree, least: u32) -> Result<Vec<Vec<Part>>, NotWords> {
    let Ok([line]) = <[Vec<Part>; 1]>::try_from(parts(inner)?) else { return Err(NotWords::Repetition) };
    let [Part::Blank, Part::Class(set, ..)] = line.as_slice() else { return Err(NotWords::Repetition) };
    let some = vec![Part::Blank, Part::Class(set.union(&CharSet::one(' ')), 1, None)];
    Ok(if least == 0 { vec![Vec::new(), some] } else { vec![some] })
}

fn class(set: &CharSet, least: u32, most: Option<u32>) -> Part {
    let inked = set.intersection(&blanks().negated());
    match (set.single(), inked.is_empty()) {
        (Some(' '), _) | (_, true) => Part::Blank,
        (Some(c), _) if (least, most) == (1, Some(1)) => Part::Char(c),
        _ => Part::Class(set.clone(), least, most),
    }
}

/// `\s`: only the blank of it was meant.
fn blanks() -> CharSet {
    CharSet::of(" \t\n\u{B}\u{C}\r")
}

fn words(line: &[Part]) -> Result<Vec<Word>, NotWords> {
    let mut words = Vec::new();
    let mut word = Word::default();
    for part in line {
        match part {
            Part::Blank if word.pieces.is_empty() => {}
            Part::Blank => words.push(std::mem::take(&mut word)),
            Part::Char(c) => word.push(*c),
            Part::Class(set, least, most) => {
                let inked = set.intersection(&blanks().negated());
                let several = inked != *set;
                if several && !word.pieces.is_empty() {
                    return Err(NotWords::BlankInside);
                }
                word.several |= several;
                word.pieces.push(Piece::Class(inked, *least, *most));
            }
        }
    }
    if !word.pieces.is_empty() {
        words.push(word);
    }
    Ok(words)
}

impl Word {
    fn push(&mut self, c: char) {
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(c),
            Some(Piece::Class(..)) | None => self.pieces.push(Piece::Text(c.to_string())),
        }
    }

    /// The word when the author wrote all of it.
    pub(super) fn fixed(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Every class of it together.
    pub(super) fn classes(&self) -> CharSet {
        let sets = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Class(set, ..) => Some(set),
            Piece::Text(_) => None,
        });
        sets.fold(CharSet::default(), |all, set| all.union(set))
    }

    /// Whether a slash can be in it.
    pub(super) fn is_path(&self) -> bool {
        self.pieces.iter().any(|piece| match piece {
            Piece::Text(text) => text.contains('/'),
            Piece::Class(set, ..) => set.holds('/'),
        })
    }

    /// What the author wrote at its beginning.
    pub(super) fn beginning(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Text(text)) if self.pieces.len() > 1 => text,
            Some(Piece::Text(_) | Piece::Class(..)) | None => "",
        }
    }

    /// What the author wrote at its end.
    pub(super) fn ending(&self) -> &str {
        match self.pieces.last() {
            Some(Piece::Text(text)) if self.pieces.len() > 1 => text,
            Some(Piece::Text(_) | Piece::Class(..)) | None => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::automata::read;
    use super::*;

    /// Lines with a class as `*` and several words as `**`.
    fn drawn(pattern: &str) -> Result<Vec<String>, NotWords> {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Class(..) => "*".to_owned(),
        };
        let word = |word: &Word| {
            let text = word.pieces.iter().map(piece).collect::<String>();
            if word.several { format!("*{text}") } else { text }
        };
        let line = |line: &Vec<Word>| line.iter().map(word).collect::<Vec<_>>().join(" ");
        Ok(lines(&read(pattern).unwrap())?.iter().map(line).collect())
    }

    #[test]
    fn alternatives_and_options_are_written_out() {
        assert_eq!(drawn("^(a|b c?) d$").unwrap(), ["a d", "b d", "b c d"]);
    }

    #[test]
    fn a_class_with_blanks_is_several_words() {
        assert_eq!(drawn(r"cat ([\s\w/-]+\.log)").unwrap(), ["cat **.log"]);
        assert_eq!(drawn(r"cat( [a-z]+)*").unwrap(), ["cat", "cat **"]);
    }

    #[test]
    fn what_is_no_word_sequence_is_said() {
        assert_eq!(drawn("(ab)+"), Err(NotWords::Repetition));
        assert_eq!(drawn(r"a\b"), Err(NotWords::Condition));
        assert_eq!(drawn(r"a[b ]"), Err(NotWords::BlankInside));
        assert_eq!(drawn("(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)"), Err(NotWords::TooMany));
    }
}
