//! Labelled lines of at most 80 columns.

/// Columns of a serial console.
pub(super) const WIDTH: usize = 80;
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
pub(super) fn rule_lines(synopsis: &str, group: &str) -> Vec<String> {
    let group = format!("({group})");
    let mut lines = block("rule", synopsis);
    let Some(last) = lines.last_mut() else { return lines };
    let room = WIDTH.saturating_sub(last.chars().count());
    let needed = group.chars().count().saturating_add(1);
    if room >= needed {
        *last = format!("{last}{group:>room$}");
    } else {
        lines.push(format!("{group:>WIDTH$}"));
    }
    lines
}

/// A word that no line has room for, in pieces that fit.
fn pieces(word: &str) -> Vec<&str> {
    let room = WIDTH.saturating_sub(INDENT).saturating_sub(1);
    let mut pieces = Vec::new();
    let mut rest = word;
    while let Some((at, _)) = rest.char_indices().nth(room) {
        let (piece, after) = rest.split_at(at);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// A labelled text, wrapped at blanks, its lines aligned behind the label.
pub(super) fn block(label: &str, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = format!("  {label:<8}").chars().take(INDENT).collect::<String>();
    let mut is_empty = true;
    for word in text.split(' ').flat_map(pieces) {
        let would_be = line.chars().count().saturating_add(word.chars().count()).saturating_add(1);
        if !is_empty && would_be > WIDTH {
            lines.push(std::mem::replace(&mut line, " ".repeat(INDENT)));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}
