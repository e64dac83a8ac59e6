//! How text from outside is shown: nothing in it can drive a terminal, hide, or reorder what stands beside it.

/// Characters that leave no mark of their own: Unicode's general categories Cf, Zl and Zp, whatever its
/// property `Default_Ignorable_Code_Point` adds (fillers, variation selectors, tags), and the annotation and
/// noncharacter blocks. From `DerivedCoreProperties.txt` and `UnicodeData.txt`, version 16; in ascending order.
const HIDDEN: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fdd0}', '\u{fdef}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{fffe}', '\u{ffff}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Scripts and pictures that terminals draw two columns wide (`East_Asian_Width` W and F, whole blocks).
const WIDE: &[(char, char)] = &[
    ('\u{1100}', '\u{115f}'),
    ('\u{2e80}', '\u{303e}'),
    ('\u{3041}', '\u{a4cf}'),
    ('\u{a960}', '\u{a97f}'),
    ('\u{ac00}', '\u{d7a3}'),
    ('\u{f900}', '\u{faff}'),
    ('\u{fe30}', '\u{fe6f}'),
    ('\u{ff01}', '\u{ff60}'),
    ('\u{ffe0}', '\u{ffe6}'),
    ('\u{1f300}', '\u{1f64f}'),
    ('\u{1f680}', '\u{1f6ff}'),
    ('\u{1f900}', '\u{1faff}'),
    ('\u{20000}', '\u{3fffd}'),
];

/// Marks drawn onto the character before them: the blocks made of nothing else.
const COMBINING: &[(char, char)] = &[
    ('\u{300}', '\u{36f}'),
    ('\u{483}', '\u{489}'),
    ('\u{591}', '\u{5bd}'),
    ('\u{64b}', '\u{65f}'),
    ('\u{1ab0}', '\u{1aff}'),
    ('\u{1dc0}', '\u{1dff}'),
    ('\u{20d0}', '\u{20ff}'),
    ('\u{3099}', '\u{309a}'),
    ('\u{fe20}', '\u{fe2f}'),
];

/// Columns a tab takes in a caret display.
const TAB: &str = "    ";

fn among(table: &[(char, char)], c: char) -> bool {
    table.iter().any(|&(first, last)| (first..=last).contains(&c))
}

/// Whether `c` is a control character (C0, DEL, C1) or one of those that cannot be seen: zero-width and bidi
/// controls, other format characters, fillers, variation selectors.
pub fn is_hidden(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_control() } else { c.is_control() || among(HIDDEN, c) }
}

/// `text` for a terminal or a message: hidden characters, and blanks that only look like a space, become
/// `\n`, `\t`, `\r`, `\x1b`, `\u{202e}`. A backslash stays as it is, so escaping twice changes nothing.
pub fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    text.chars().for_each(|c| push_escaped(&mut shown, c));
    shown
}

/// The same for bytes that ought to be UTF-8: each that is not becomes `\xff`.
pub fn escape_bytes(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|c| push_escaped(&mut shown, c));
        shown.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    shown
}

fn push_escaped(shown: &mut String, c: char) {
    let look_alike = c != ' ' && c.is_whitespace();
    if is_hidden(c) || look_alike {
        shown.push_str(&escaped(c));
    } else {
        shown.push(c);
    }
}

fn escaped(c: char) -> String {
    match c {
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        '\t' => "\\t".into(),
        c if c.is_ascii() => format!("\\x{:02x}", u32::from(c)),
        c => format!("\\u{{{:x}}}", u32::from(c)),
    }
}

/// One character of a line as the caret display shows it.
#[derive(Debug)]
pub(super) struct Cell {
    /// Its first byte in the line.
    pub(super) offset: usize,
    /// What is printed for it.
    pub(super) shown: String,
    /// Columns that takes.
    pub(super) width: usize,
}

/// A line, character by character.
pub(super) fn cells(line: &str) -> Vec<Cell> {
    line.char_indices().map(|(offset, c)| cell(offset, c)).collect()
}

fn cell(offset: usize, c: char) -> Cell {
    let mut shown = String::new();
    match c {
        '\t' => shown.push_str(TAB),
        c => push_escaped(&mut shown, c),
    }
    let width = shown.chars().map(width).sum();
    Cell { offset, shown, width }
}

/// Columns that `text` takes on a terminal, as it is.
pub fn columns_of(text: &str) -> usize {
    text.chars().map(width).sum()
}

fn width(c: char) -> usize {
    if c.is_ascii() {
        1
    } else if among(COMBINING, c) {
        0
    } else if among(WIDE, c) {
        2
    } else {
        1
    }
}
