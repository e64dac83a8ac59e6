//! Text that cannot forge: whatever a person typed comes out as printable ASCII inside a JSON string, and
//! bytes that are no UTF-8 have one spelling of their own.

use std::fmt::Write as _;
use std::io;

use serde::Serialize;

/// JSON in printable ASCII (0x20 to 0x7e) and nothing else: control characters, DEL, C1, bidirectional
/// overrides and every other character outside ASCII become `\uXXXX`, in surrogate pairs where needed.
struct Ascii;

impl serde_json::ser::Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if fragment.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return writer.write_all(fragment.as_bytes());
        }
        for run in fragment.split_inclusive(|c| !is_printable(c)) {
            let plain = run.trim_end_matches(|c| !is_printable(c));
            writer.write_all(plain.as_bytes())?;
            let mut units = [0; 2];
            for character in run.chars().skip_while(|c| is_printable(*c)) {
                for unit in character.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

fn is_printable(character: char) -> bool {
    matches!(character, ' '..='~')
}

/// `value` as one line of printable ASCII.
pub(super) fn to_json<T: Serialize>(value: &T) -> serde_json::Result<String> {
    let mut bytes = Vec::with_capacity(1024);
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, Ascii))?;
    // ASCII alone was written, so nothing is ever replaced.
    Ok(String::from_utf8(bytes).unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned()))
}

/// `text` as it would stand between the quotes of a JSON string, but for quotes: for people's eyes, on a terminal.
pub(super) fn printable(text: &str) -> String {
    let quoted = to_json(&text).unwrap_or_default();
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
    inner.replace("\\\"", "\"")
}

/// How many bytes [`to_json`] writes for `character`.
pub(super) fn cost(character: char) -> usize {
    match character {
        '"' | '\\' | '\u{8}' | '\u{c}' | '\n' | '\r' | '\t' => 2,
        ' '..='~' => 1,
        _ => 6 * character.len_utf16(),
    }
}

/// The most that one character can [`cost`].
pub(super) const MOST_COST: usize = 12;

/// Where to cut `text` so that what stands before costs at most `room`.
pub(super) fn head_within(text: &str, room: usize) -> usize {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += cost(character);
        if used > room {
            return at;
        }
    }
    text.len()
}

/// Where to cut `text` so that what stands behind costs at most `room`.
pub(super) fn tail_within(text: &str, room: usize) -> usize {
    let mut used = 0;
    let mut start = text.len();
    for (at, character) in text.char_indices().rev() {
        used += cost(character);
        if used > room {
            break;
        }
        start = at;
    }
    start
}

/// Whether `bytes` need [`escape`].
pub(super) fn needs_escape(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err()
}

/// Spells `bytes` so that [`unescape`] gets them back: a byte that is no UTF-8 is `\xNN`, a backslash is
/// doubled, all else stands for itself.
pub(super) fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(&chunk.valid().replace('\\', "\\\\"));
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// The bytes behind a field that the record's `escaped` names; `None` for what no record of ours holds.
pub fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut pieces = text.split('\\');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    while let Some(piece) = pieces.next() {
        if piece.is_empty() {
            bytes.push(b'\\');
            bytes.extend_from_slice(pieces.next()?.as_bytes());
        } else {
            let (byte, rest) = piece.strip_prefix('x')?.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(byte, 16).ok()?);
            bytes.extend_from_slice(rest.as_bytes());
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn writes(text: &str, json: &str) {
        assert_eq!(to_json(&text).unwrap(), json);
    }

    #[test]
    fn what_could_forge_or_hide_is_spelled_out() {
        writes("a\nb\r\t", r#""a\nb\r\t""#);
        writes("\u{1b}[2J\u{0}", r#""\u001b[2J\u0000""#);
        writes("\u{7f}\u{9b}31m", r#""\u007f\u009b31m""#);
        writes("\u{202e}txt", r#""\u202etxt""#);
        writes("gr\u{fc}n \u{1f512}", r#""gr\u00fcn \ud83d\udd12""#);
    }

    #[test]
    fn a_quote_ends_no_string() {
        writes(r#"nope","outcome":"success"#, r#""nope\",\"outcome\":\"success""#);
        writes(r"\u0041", r#""\\u0041""#);
    }

    #[test]
    fn the_byte_ff_and_its_spelling_are_not_the_same_text() {
        assert_eq!(escape(b"nope \xff"), r"nope \xff");
        assert_eq!(escape(br"nope \xff"), r"nope \\xff");
        assert_eq!(escape(b"\xff\\\xfe"), r"\xff\\\xfe");
    }

    #[test]
    fn what_escape_never_writes_is_not_unescaped() {
        for text in [r"\", r"\x", r"\x4", r"\xg0", r"\n", r"a\u0041"] {
            assert_eq!(unescape(text), None, "{text}");
        }
    }

    #[test]
    fn on_a_terminal_quotes_stay_as_typed() {
        assert_eq!(printable("grep \"a b\" \u{1b}x"), r#"grep "a b" \u001bx"#);
    }

    proptest! {
        #[test]
        fn json_is_printable_ascii_and_reads_back(text in any::<String>()) {
            let json = to_json(&text).unwrap();
            prop_assert!(json.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }

        #[test]
        fn cost_is_what_the_json_takes(text in any::<String>()) {
            let cost: usize = text.chars().map(cost).sum();
            prop_assert_eq!(cost + 2, to_json(&text).unwrap().len());
        }

        #[test]
        fn any_bytes_come_back_from_their_spelling(bytes in any::<Vec<u8>>()) {
            prop_assert_eq!(unescape(&escape(&bytes)), Some(bytes));
        }

        #[test]
        fn head_and_tail_never_cost_more_than_their_room(text in any::<String>(), room in 0usize..100) {
            let (head, tail) = (&text[..head_within(&text, room)], &text[tail_within(&text, room)..]);
            prop_assert!(head.chars().map(cost).sum::<usize>() <= room);
            prop_assert!(tail.chars().map(cost).sum::<usize>() <= room);
        }
    }
}
