//! Shows the reader where in a text something is wrong: spans, and the caret display that every fault of a policy
//! file uses. Text from outside passes [`escape`] on its way to a terminal, so nothing in it can drive the terminal or
//! hide. Messages are folded into rows here, too.

mod fold;
mod nearest;
mod visible;

pub use fold::{COLUMNS, ended, fold};
pub use nearest::nearest;
pub use visible::{columns_of, escape, escape_bytes, is_hidden};

use visible::Cell;

/// Columns of text in a caret display: with the gutter of eight, a terminal's eighty.
const WINDOW: usize = 72;

/// What stands where a long line was cut.
const CUT: &str = "...";

/// A half-open range of bytes in some text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to, not including, `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The same range, `by` bytes further on.
    #[must_use]
    pub const fn shifted(self, by: usize) -> Self {
        Self { start: self.start.saturating_add(by), end: self.end.saturating_add(by) }
    }

    /// The range counted from `origin`; none when it begins before that.
    pub fn seen_from(self, origin: usize) -> Option<Self> {
        Some(Self { start: self.start.checked_sub(origin)?, end: self.end.saturating_sub(origin) })
    }
}

/// The caret display of a line: what it says, carets under the spans (in bytes of `line`; one that lies outside it
/// marks nothing), the first label beside them and the others below.
pub fn render_line(number: usize, line: &str, spans: &[Span], labels: &[String]) -> String {
    let mut cells = visible::cells(line);
    // A caret may stand behind the last character: that is where something is missing.
    cells.push(Cell { offset: line.len(), shown: String::new(), width: 1 });
    let (cells, cut_left, cut_right) = window(&cells, spans);
    let mut text = String::from(if cut_left { CUT } else { "" });
    let mut marks = " ".repeat(text.len());
    for cell in cells {
        text.push_str(&cell.shown);
        let marked = spans.iter().any(|span| covers(*span, cell.offset));
        marks.push_str(&(if marked { "^" } else { " " }).repeat(cell.width));
    }
    text.push_str(if cut_right { CUT } else { "" });
    let mut lines = vec![format!("{number:>5} | {text}")];
    lines.extend(marked_lines(&" ".repeat(number.to_string().len().max(5)), marks.trim_end(), labels));
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// The caret line and the labels below it, in one column.
fn marked_lines(gutter: &str, marks: &str, labels: &[String]) -> Vec<String> {
    if marks.is_empty() {
        return Vec::new();
    }
    let first = labels.first().map(|label| escape(label)).unwrap_or_default();
    let blank = " ".repeat(marks.len());
    let below = labels.iter().skip(1).map(|label| format!("{gutter} | {blank} {}", escape(label)));
    std::iter::once(format!("{gutter} | {marks} {first}")).chain(below).collect()
}

/// An empty span points at the character it stands before.
fn covers(span: Span, offset: usize) -> bool {
    span.start == offset || (span.start..span.end).contains(&offset)
}

/// The cells of at most [`WINDOW`] columns around the first span, and whether any were cut before and after.
fn window<'c>(cells: &'c [Cell], spans: &[Span]) -> (&'c [Cell], bool, bool) {
    let total: usize = cells.iter().map(|cell| cell.width).sum();
    if total <= WINDOW + 1 {
        return (cells, false, false);
    }
    let room = WINDOW - 2 * CUT.len();
    let target = spans.iter().map(|span| span.start).min().unwrap_or(0);
    let caret = cells.iter().position(|cell| cell.offset >= target).unwrap_or(0);
    // Two thirds of the room are for what follows the caret, unless the line ends sooner.
    let tail: usize = cells.iter().skip(caret).map(|cell| cell.width).sum();
    let lead = room - tail.min(room * 2 / 3);
    let first = caret - fitting(cells.iter().take(caret).rev(), lead);
    let taken = fitting(cells.iter().skip(first), room);
    let shown = cells.get(first..first + taken).unwrap_or_default();
    (shown, first > 0, first + taken + 1 < cells.len())
}

/// How many of the cells fit in `room` columns.
fn fitting<'c>(cells: impl Iterator<Item = &'c Cell>, room: usize) -> usize {
    cells
        .scan(0, |used, cell| {
            *used += cell.width;
            (*used <= room).then_some(())
        })
        .count()
}

#[cfg(test)]
mod tests;
