//! Fits records into what every log daemon takes whole: rsyslog cuts a message at 8 KiB. What ran is never
//! cut: its record goes into numbered parts. What did not run may be, with a digest of the whole line.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::record::Record;
use super::text;

/// Most bytes of a message, header and JSON together.
pub const LONGEST: usize = 7_900;

/// Kept free for the syslog header: `<86>Nov 23 04:08:32 gatesh[4194304]: `.
const HEADER: usize = 64;

/// Most bytes of one record's JSON.
pub(super) const ROOM: usize = LONGEST - HEADER;

/// Most parts of a record.
pub const MOST_PARTS: u32 = 8;

/// What each field beside the line keeps when a record is cut.
const KEPT: usize = 300;

/// A record that does not fit into [`MOST_PARTS`] parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Record {
    /// The record as it is sent: itself, or its parts in order. Only what did not run is cut.
    pub(super) fn fit(mut self) -> Result<Vec<Self>, TooLong> {
        if self.fits() {
            return Ok(vec![self]);
        }
        if !matches!(self.event.as_str(), "denied" | "not-started" | "fault" | "session-refused") {
            return self.split();
        }
        self.cut_down();
        if self.fits() { Ok(vec![self]) } else { Err(TooLong) }
    }

    fn fits(&self) -> bool {
        self.to_json().len() <= ROOM
    }

    fn split(mut self) -> Result<Vec<Self>, TooLong> {
        let envelope = self.envelope();
        let longest_name = Some("degradations".to_owned());
        let widest = Self { part: Some(1), parts: Some(1), continues: longest_name, ..envelope.clone() };
        let room = ROOM.checked_sub(widest.to_json().len()).filter(|room| *room >= 1_024).ok_or(TooLong)?;
        let mut parts = Vec::new();
        let mut goes_on = None;
        while self.has_long_fields() {
            let number = u32::try_from(parts.len() + 1).ok().filter(|n| *n <= MOST_PARTS).ok_or(TooLong)?;
            let mut part = Self { part: Some(number), continues: goes_on, ..envelope.clone() };
            goes_on = self.pour_into(&mut part, room);
            parts.push(part);
        }
        let count = u32::try_from(parts.len()).ok();
        for part in &mut parts {
            part.parts = count;
        }
        Ok(parts)
    }

    /// Moves as much of the long fields as costs at most `room`, in order. Answers the list whose last
    /// element was moved only in part.
    fn pour_into(&mut self, part: &mut Self, mut room: usize) -> Option<String> {
        for ((name, from), (_, to)) in self.texts().into_iter().zip(part.texts()) {
            if !pour_text(name, from, to, &mut room) {
                return None;
            }
        }
        for ((name, from), (_, to)) in self.lists().into_iter().zip(part.lists()) {
            match pour_list(name, from, to, &mut room) {
                Poured::All => {}
                Poured::WholeElements => return None,
                Poured::TornElement => return Some(name.to_owned()),
            }
        }
        None
    }

    /// The parts put together again: the record as it was before it was split. `None` unless all of them
    /// are there, in order.
    pub fn join(parts: &[Self]) -> Option<Self> {
        let (first, rest) = parts.split_first()?;
        let mut whole = Self { part: None, parts: None, ..first.clone() };
        let Some(count) = first.parts else { return rest.is_empty().then_some(whole) };
        let numbered = parts.iter().zip(1..).all(|(part, number)| part.part == Some(number));
        let together = rest.iter().all(|part| part.id == first.id && part.parts == first.parts);
        if !numbered || !together || u32::try_from(parts.len()) != Ok(count) || first.continues.is_some() {
            return None;
        }
        rest.iter().cloned().for_each(|part| whole.append(part));
        Some(whole)
    }

    fn append(&mut self, mut part: Self) {
        for ((_, to), (_, from)) in self.texts().into_iter().zip(part.texts()) {
            if let Some(text) = from {
                to.get_or_insert_default().push_str(text);
            }
        }
        let continues = part.continues.take();
        for ((name, to), (_, from)) in self.lists().into_iter().zip(part.lists()) {
            let mut elements = std::mem::take(from).into_iter();
            if continues.as_deref() == Some(name)
                && let (Some(last), Some(more)) = (to.last_mut(), elements.next())
            {
                last.push_str(&more);
            }
            to.extend(elements);
        }
    }

    fn cut_down(&mut self) {
        let main = if self.line.is_some() { "line" } else { "reason_text" };
        let mut cut = Vec::new();
        for (name, text) in self.texts() {
            let at = text.as_deref().map_or(0, |text| text::head_within(text, KEPT));
            if let Some(text) = text
                && name != main
                && at < text.len()
            {
                text.truncate(at);
                cut.push(name.to_owned());
            }
        }
        for (name, list) in self.lists() {
            let (mut kept, mut room) = (Vec::new(), KEPT);
            if pour_list(name, list, &mut kept, &mut room) != Poured::All {
                cut.push(name.to_owned());
            }
            *list = kept;
        }
        self.cut.append(&mut cut);
        if !self.fits() {
            if main == "line" { self.cut_line() } else { self.cut_reason() }
        }
    }

    /// Keeps head and tail of the line, with the length and the SHA-256 of the bytes that were typed.
    fn cut_line(&mut self) {
        let line = self.line.replace(String::new()).unwrap_or_default();
        let escaped = self.escaped.iter().any(|field| field == "line");
        let typed =
            if escaped { text::unescape(&line) } else { None }.unwrap_or_else(|| line.clone().into_bytes());
        self.line_bytes = u64::try_from(typed.len()).ok();
        self.line_sha256 = Some(hex(&Sha256::digest(&typed)));
        self.line_tail = Some(String::new());
        self.cut.push("line".to_owned());
        let half = ROOM.saturating_sub(self.to_json().len()) / 2;
        let (head, tail) = (text::head_within(&line, half), text::tail_within(&line, half));
        self.line = line.get(..head).map(str::to_owned);
        self.line_tail = line.get(tail..).map(str::to_owned);
    }

    fn cut_reason(&mut self) {
        let text = self.reason_text.replace(String::new()).unwrap_or_default();
        self.cut.push("reason_text".to_owned());
        let head = text::head_within(&text, ROOM.saturating_sub(self.to_json().len()));
        self.reason_text = text.get(..head).map(str::to_owned);
    }

    /// The record without its long fields: what every part carries.
    fn envelope(&self) -> Self {
        let mut envelope = self.clone();
        envelope.texts().into_iter().for_each(|(_, text)| *text = None);
        envelope.lists().into_iter().for_each(|(_, list)| list.clear());
        envelope
    }

    fn has_long_fields(&mut self) -> bool {
        self.texts().iter().any(|(_, text)| text.is_some())
            || self.lists().iter().any(|(_, list)| !list.is_empty())
    }

    /// The fields without a bound of their own, in the order they go into parts.
    fn texts(&mut self) -> [(&'static str, &mut Option<String>); 8] {
        [
            ("group", &mut self.group),
            ("rule", &mut self.rule),
            ("synopsis", &mut self.synopsis),
            ("reason_text", &mut self.reason_text),
            ("stated_reason", &mut self.stated_reason),
            ("program", &mut self.program),
            ("cwd", &mut self.cwd),
            ("line", &mut self.line),
        ]
    }

    fn lists(&mut self) -> [(&'static str, &mut Vec<String>); 4] {
        [
            ("argv", &mut self.argv),
            ("degradations", &mut self.degradations),
            ("skipped", &mut self.skipped),
            ("groups", &mut self.groups),
        ]
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Poured {
    All,
    WholeElements,
    TornElement,
}

/// Whether all of `from` went over. `,"NAME":""` costs six bytes beside the name.
fn pour_text(name: &str, from: &mut Option<String>, to: &mut Option<String>, room: &mut usize) -> bool {
    let Some(text) = from else { return true };
    let Some(left) = room.checked_sub(name.len() + 6).filter(|left| *left >= text::MOST_COST) else {
        return false;
    };
    let head: String = text.drain(..text::head_within(text, left)).collect();
    *room = left - head.chars().map(text::cost).sum::<usize>();
    *to = Some(head);
    if text.is_empty() {
        *from = None;
    }
    from.is_none()
}

/// `,"NAME":[]` costs five bytes beside the name, and every element its quotes and a comma.
fn pour_list(name: &str, from: &mut Vec<String>, to: &mut Vec<String>, room: &mut usize) -> Poured {
    if from.is_empty() {
        return Poured::All;
    }
    let Some(mut left) = room.checked_sub(name.len() + 5) else { return Poured::WholeElements };
    let mut whole = 0;
    let mut poured = Poured::All;
    for element in from.iter_mut() {
        let Some(inner) = left.checked_sub(3).filter(|inner| *inner >= text::MOST_COST) else {
            poured = Poured::WholeElements;
            break;
        };
        let head: String = element.drain(..text::head_within(element, inner)).collect();
        left = inner - head.chars().map(text::cost).sum::<usize>();
        to.push(head);
        if !element.is_empty() {
            poured = Poured::TornElement;
            break;
        }
        whole += 1;
    }
    from.drain(..whole);
    *room = left;
    poured
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
