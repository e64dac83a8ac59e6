//! One readable line for a record. What people typed, and what whoever can write to the log chose, passes
//! `escape` on its way to the terminal.

use super::clock::moment;
use super::entry::Stamp;
use super::gather::Seen;
use crate::audit::Record;
use crate::excerpt::escape;
use crate::words::quote;

/// Most characters of one field; the JSON has them all.
const LONGEST: usize = 300;
/// As many blanks side by side are shown as they are.
const MOST_BLANKS: usize = 3;

pub(super) fn line(seen: &Seen) -> String {
    let record = &seen.record;
    let session: String = record.session.chars().take(8).collect();
    format!(
        "{}{}  {}@{}  {}#{}  {}",
        mark(seen),
        time(&record.time),
        field(&record.user),
        field(&record.host),
        field(&session),
        record.seq,
        what(seen)
    )
}

/// What makes a record less than it seems, first in its line.
fn mark(seen: &Seen) -> String {
    let mut marks = Vec::new();
    if let Stamp::Other(uid) = seen.stamp {
        marks.push(format!("UNVERIFIED (uid {uid} wrote this, and it names {})", seen.record.uid));
    }
    if seen.incomplete {
        let (part, parts) = (seen.record.part.unwrap_or(0), seen.record.parts.unwrap_or(0));
        marks.push(format!("INCOMPLETE (part {part} of {parts})"));
    }
    if let Some(lost) = seen.record.lost {
        marks.push(format!("({lost} lost before)"));
    }
    if !marks.is_empty() {
        marks.push(String::new());
    }
    marks.join(" ")
}

/// `2026-03-01 09:05:07Z`.
fn time(text: &str) -> String {
    match (moment(text), text.get(..10), text.get(11..19)) {
        (Some(_), Some(date), Some(clock)) if text.ends_with('Z') => format!("{date} {clock}Z"),
        (_, _, _) => field(text),
    }
}

/// A name that cannot look like two fields.
fn field(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-+$".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", shown(text))
    }
}

fn what(seen: &Seen) -> String {
    let record = &seen.record;
    let reason = || told(record.reason_text.as_deref().unwrap_or_default());
    let code = || shown(record.reason_code.as_deref().unwrap_or("?"));
    match record.event.as_str() {
        "session-start" => format!("begins   in {}{}", path(record), origin(record)),
        "session-end" => format!("leaves   {}, exit status {}", code(), record.exit_status.unwrap_or(0)),
        "session-refused" => format!("REFUSED  [{}] {}", code(), reason()),
        "command-start" => format!("runs     {}  [{}]", command(record), by(record)),
        "command-end" => format!("ended    {}{}", ending(record), started(seen)),
        "denied" => format!("DENIED   {}  [{}] {}", typed(record), code(), reason()),
        "not-started" => format!("FAILED   {}  [{}] {}", command(record), code(), reason()),
        "policy-reload" => {
            format!("rules    read again, {}", shown(record.policy.as_deref().unwrap_or("none")))
        }
        "fault" => format!("FAULT    [{}] {}", code(), reason()),
        other => format!("EVENT    {}", field(other)),
    }
}

fn path(record: &Record) -> String {
    shown(record.cwd.as_deref().unwrap_or("?"))
}

fn origin(record: &Record) -> String {
    let hints: Vec<String> = [&record.origin_hint, &record.ssm_session_hint]
        .into_iter()
        .flatten()
        .map(|hint| shown(hint))
        .collect();
    if hints.is_empty() { String::new() } else { format!("  (it seems: {})", hints.join(" ")) }
}

/// argv as it would be typed, so that its words stay apart.
pub(super) fn command(record: &Record) -> String {
    if record.argv.is_empty() { typed(record) } else { shown(&command_line(&record.argv)) }
}

pub(super) fn command_line(argv: &[String]) -> String {
    argv.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

fn typed(record: &Record) -> String {
    let tail = record.line_tail.as_deref().map(|tail| format!("...{tail}")).unwrap_or_default();
    shown(&format!("{}{tail}", record.line.as_deref().unwrap_or("?")))
}

fn by(record: &Record) -> String {
    let part = |text: &Option<String>| shown(text.as_deref().unwrap_or("?"));
    let mut text =
        format!("{} of {}; {}", part(&record.rule), part(&record.group), part(&record.enforcement));
    if let (Some(stage), Some(stages @ 2..)) = (record.stage, record.stages) {
        text.extend(["; ", &stage.to_string(), " of ", &stages.to_string()]);
    }
    if let Some(reason) = &record.stated_reason {
        text.extend(["; reason: ", &shown(reason)]);
    }
    text
}

fn ending(record: &Record) -> String {
    let how = match (record.exit_status, record.signal) {
        (Some(status), _) => format!("exit status {status}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => record.reason_code.clone().map_or_else(|| "?".to_owned(), |code| shown(&code)),
    };
    let limit = if record.timed_out == Some(true) { ", time limit" } else { "" };
    let time = record.duration_ms.map(|time| format!(" after {}", duration(time))).unwrap_or_default();
    format!("{how}{limit}{time}")
}

fn duration(millis: u64) -> String {
    match millis {
        0..10_000 => format!("{millis} ms"),
        10_000..600_000 => format!("{} s", millis / 1000),
        _ => format!("{} min", millis / 60_000),
    }
}

fn started(seen: &Seen) -> String {
    match (&seen.start, seen.record.start_seq) {
        (Some(start), _) => format!("  {}", command(start)),
        (None, Some(seq)) => format!("  #{seq}"),
        (None, None) => String::new(),
    }
}

/// Several lines that a person read, as one.
fn told(text: &str) -> String {
    shown(&text.lines().map(str::trim).collect::<Vec<_>>().join("; "))
}

/// Without what drives a terminal, and without the long runs of blanks that would push text to where the next
/// line of a narrow terminal begins.
pub(super) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    let mut shown = String::with_capacity(short.len());
    for run in short.split_inclusive(|c| c != ' ') {
        let word = run.trim_start_matches(' ');
        match run.len() - word.len() {
            blanks @ 0..=MOST_BLANKS => shown.extend(std::iter::repeat_n(' ', blanks)),
            blanks => shown.extend([" (", &blanks.to_string(), " blanks) "]),
        }
        shown.push_str(&escape(word));
    }
    shown
}
