//! Shows the reader where in a text something is wrong: spans, line and column, and the caret display that
//! every fault of a policy file and every refused line uses. Text from outside passes [`escape`] on its way
//! to a terminal, so nothing in it can drive the terminal or hide.

mod nearest;
mod visible;

pub use nearest::nearest;
pub use visible::{escape, escape_bytes, is_hidden};

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

    /// The range as it reads from `origin`, cut off at `length`.
    fn within(self, origin: usize, length: usize) -> Self {
        let place = |offset: usize| offset.saturating_sub(origin).min(length);
        Self { start: place(self.start), end: place(self.end) }
    }
}

/// Line and column (in characters), both from 1, of a byte offset, and that line without its line break. An
/// offset past the end means the end; one inside a character means that character.
pub fn locate(text: &str, offset: usize) -> (usize, usize, &str) {
    let (number, start, line) = line_at(text, offset);
    let before = line.char_indices().take_while(|&(at, c)| start + at + c.len_utf8() <= offset).count();
    (number, before + 1, line)
}

/// Number, first byte and text of the line that `offset` stands in.
fn line_at(text: &str, offset: usize) -> (usize, usize, &str) {
    let head = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let number = head.split(|&byte| byte == b'\n').count();
    let start = head.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    (number, start, line)
}

/// Lines of a text with carets under the spans, and what is to be said about them.
#[derive(Clone, Copy, Debug)]
pub struct Excerpt<'a> {
    /// The whole text.
    pub text: &'a str,
    /// What to point at. Lines are shown in the order in which the spans first name them.
    pub spans: &'a [Span],
    /// What stands beside the carets of the first span's line, a line each.
    pub labels: &'a [String],
}

impl Excerpt<'_> {
    /// The display, its lines joined by newlines; empty without spans.
    pub fn render(&self) -> String {
        let mut shown: Vec<(usize, String)> = Vec::new();
        for span in self.spans {
            let (number, start, line) = line_at(self.text, span.start);
            if shown.iter().any(|&(earlier, _)| earlier == number) {
                continue;
            }
            let labels = if shown.is_empty() { self.labels } else { &[] };
            let spans = self.spans_of(start, line);
            shown.push((number, render_line(number, line, &spans, labels)));
        }
        shown.into_iter().map(|(_, lines)| lines).collect::<Vec<_>>().join("\n")
    }

    /// The spans that begin in the line at `start`, as they read from there.
    fn spans_of(&self, start: usize, line: &str) -> Vec<Span> {
        let end = start + line.len();
        let here = self.spans.iter().filter(|span| line_at(self.text, span.start).1 == start);
        here.map(|span| span.within(start, end - start)).collect()
    }
}

/// The caret display of one line that is all there is of its text; `spans` are in bytes of `line`.
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
