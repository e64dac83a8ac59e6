//! Writes a word so that it is read back as it is: what completion puts into a line, and what messages offer.

use super::{Token, cut};

/// `text` as a person would type it: plain where that says it, else in single quotes, else (it holds a single
/// quote) in double quotes. Cutting the result gives `text` again, for every text that can be a word.
pub fn quote(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else if !text.contains('\'') {
        format!("'{text}'")
    } else if !text.contains(['"', '\\', '$', '`']) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Whether cutting it gives just itself: the reader is asked, so that the two cannot drift apart. Letters, digits
/// and what most names are made of besides mean nothing else anywhere, and completion asks about thousands.
fn is_plain(text: &str) -> bool {
    let is_harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-');
    if !text.is_empty() && text.bytes().all(|byte| is_harmless(byte) || byte == b'.') {
        return true;
    }
    match cut(text.as_bytes(), "").as_deref() {
        Ok([Token::Word(word)]) => word.text() == text && word.magic().is_empty(),
        Ok(_) | Err(_) => false,
    }
}
