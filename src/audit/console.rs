//! Standard error, for the demonstration: a short line a person can read on a terminal, the JSON elsewhere.

use std::io::{self, IsTerminal, Write};

use super::record::Record;
use super::text::printable;

/// Standard error.
#[derive(Debug)]
pub(super) struct Console {
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Short,
}

impl Console {
    /// Looks at what standard error is, once.
    pub(super) fn open() -> Self {
        let form = if io::stderr().is_terminal() { Form::Short } else { Form::Json };
        Self { form }
    }

    pub(super) fn send(&self, record: &Record) -> io::Result<()> {
        let line = match self.form {
            Form::Json => record.to_json(),
            Form::Short => short(record),
        };
        io::stderr().lock().write_all(format!("{line}\n").as_bytes())
    }
}

/// `audit  allow  ls -l /var/log  rule ls (log-readers)`
fn short(record: &Record) -> String {
    let mut line = format!("audit  {}", record.decision.as_deref().unwrap_or(&record.event));
    let mut add = |text: &str| {
        line.push_str("  ");
        line.push_str(&printable(text));
    };
    if let Some(typed) = &record.line {
        add(typed);
    }
    if let (Some(rule), Some(group)) = (&record.rule, &record.group) {
        add(&format!("rule {rule} ({group})"));
    }
    if let Some(code) = &record.reason_code {
        add(code);
    }
    if let Some(status) = record.exit_status {
        add(&format!("exit {status}"));
    }
    if let Some(signal) = record.signal {
        add(&format!("signal {signal}"));
    }
    if let Some(duration) = record.duration_ms {
        add(&format!("{duration} ms"));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_reads_as_a_sentence() {
        let [decision, line, rule, group] =
            ["allow", "ls -l \"/var/log\"", "ls", "log-readers"].map(|text| Some(text.to_owned()));
        let record = Record { decision, group, rule, line, ..Record::default() };
        assert_eq!(short(&record), "audit  allow  ls -l \"/var/log\"  rule ls (log-readers)");
    }

    #[test]
    fn an_end_says_status_and_time() {
        let event = "command-end".to_owned();
        let record = Record { event, exit_status: Some(3), duration_ms: Some(12), ..Record::default() };
        assert_eq!(short(&record), "audit  command-end  exit 3  12 ms");
    }

    #[test]
    fn a_hostile_line_cannot_move_the_cursor() {
        let record = Record {
            decision: Some("deny".to_owned()),
            line: Some("\x1b[2J\r\u{202e}x\n".to_owned()),
            ..Record::default()
        };
        assert_eq!(short(&record), "audit  deny  \\u001b[2J\\r\\u202ex\\n");
    }
}
