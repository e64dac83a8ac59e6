//! Labelled lines that fit a terminal.

use crate::excerpt::{ended, fold};

/// Where the text behind a label begins.
pub(super) const INDENT: usize = 10;

/// The beginning of a text that is too long.
pub(super) fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(3)).collect();
    format!("{kept}...")
}

/// The rule with its group at the right margin; a long synopsis goes on below.
pub(super) fn rule_lines(synopsis: &str, group: &str, width: usize) -> Vec<String> {
    ended(block("rule", synopsis, width), &format!("({group})"), width)
}

/// A word that no line has room for, in pieces that fit.
fn pieces(word: &str, room: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = word;
    while let Some((at, _)) = rest.char_indices().nth(room.max(1)) {
        let (piece, after) = rest.split_at(at);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// A labelled text, wrapped at blanks, its lines aligned behind the label.
pub(super) fn block(label: &str, text: &str, width: usize) -> Vec<String> {
    let first: String = format!("  {label:<8}").chars().take(INDENT).collect();
    let room = width.saturating_sub(INDENT).saturating_sub(1);
    let text = text.split(' ').flat_map(|word| pieces(word, room)).collect::<Vec<_>>().join(" ");
    fold(&first, &" ".repeat(INDENT), &text, width)
}

/// A message, wrapped at blanks behind the name of who says it.
pub(super) fn message(text: &str, width: usize) -> Vec<String> {
    fold("gatesh: ", "        ", text, width)
}
