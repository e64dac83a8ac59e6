//! `gateshctl audit`: reads the records gatesh wrote, wherever they are kept; puts parts together, filters, shows,
//! counts, converts. It says what is missing, and what somebody else wrote.

mod clock;
mod ecs;
mod entry;
mod filter;
mod gather;
mod ocsf;
mod source;
mod summary;
mod text;

use std::io::{IsTerminal, Write, stdin, stdout};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::{Answer, Common, Unanswered, Verdict, print};
use crate::policy::Sink;
use crate::policy::file::{UnixName, load_everything};
use entry::{Entry, Stamp};
use filter::{Filter, Wanted};
use gather::{Gatherer, Numbers, Seen};
use source::Source;
use summary::Summary;

#[derive(Args)]
pub(super) struct Audit {
    /// The log, or - for standard input; by default the log file of gatesh.toml
    file: Option<PathBuf>,
    /// Count instead of showing each record
    view: Option<View>,
    #[command(flatten)]
    filter: Filter,
    /// Go on as the log grows, across its rotation
    #[arg(long)]
    follow: bool,
    /// How records are shown
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum View {
    Summary,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One readable line for each
    Text,
    /// The records themselves, put together
    Json,
    /// OCSF Process Activity (class 1007)
    Ocsf,
    /// Elastic Common Schema
    Ecs,
}

/// Whether the log is all there, over everything that was read: what is not wanted too.
#[derive(Debug, Default)]
struct Trail {
    numbers: Numbers,
    unverified: u64,
    incomplete: u64,
    broken: u64,
    /// Records with a number that their session had used before.
    repeated: u64,
    /// Records that gatesh says it could not write.
    lost: u64,
}

impl Trail {
    fn take(&mut self, seen: &Seen) {
        if self.numbers.take(seen) {
            self.repeated += 1;
        }
        match seen.stamp {
            Stamp::Other(_) => self.unverified += 1,
            Stamp::Same | Stamp::None => self.lost = self.lost.saturating_add(seen.record.lost.unwrap_or(0)),
        }
        if seen.incomplete {
            self.incomplete += 1;
        }
    }

    fn is_whole(&self) -> bool {
        let counts = [self.unverified, self.incomplete, self.broken, self.repeated, self.lost];
        counts == [0; 5] && self.numbers.gaps().is_empty()
    }
}

impl Audit {
    pub(super) fn run(&self, common: &Common) -> Answer {
        let wanted = self.filter.wanted()?;
        let format = if common.json { Format::Json } else { self.format };
        let counts = self.view.is_some() || self.is_summary_alone();
        if counts && (self.follow || matches!(format, Format::Ocsf | Format::Ecs)) {
            return Err(Unanswered("a summary is text or json, of a log that is not followed".to_owned()));
        }
        let path = self.path(common)?;
        let failed = |error: std::io::Error| Unanswered(format!("{}: {error}", path.display()));
        let mut source = Source::open(&path, self.follow).map_err(failed)?;
        let mut reading = Reading::new(wanted, format, counts);
        source.each(|line| reading.line(line)).map_err(failed)?;
        Ok(reading.end())
    }

    /// `gateshctl audit summary`: a log of that name would be given as ./summary.
    fn is_summary_alone(&self) -> bool {
        self.view.is_none() && self.file.as_ref().is_some_and(|file| file.as_os_str() == "summary")
    }

    fn path(&self, common: &Common) -> Result<PathBuf, Unanswered> {
        if let Some(file) = self.file.as_ref().filter(|_| !self.is_summary_alone()) {
            return Ok(file.clone());
        }
        let survey = load_everything(&common.source(None)?, &|_| UnixName::Known);
        match survey.settings.audit.sink {
            Sink::File(path) => Ok(path),
            Sink::Syslog | Sink::Journald | Sink::StandardError if !stdin().is_terminal() => Ok("-".into()),
            Sink::Syslog | Sink::Journald | Sink::StandardError => Err(Unanswered(
                "name a log, such as /var/log/auth.log, or pipe one:  journalctl -t gatesh -o json | gateshctl audit -"
                    .to_owned(),
            )),
        }
    }
}

/// One pass over a log.
struct Reading<'f> {
    wanted: Wanted<'f>,
    format: Format,
    summary: Option<Summary>,
    gatherer: Gatherer,
    trail: Trail,
}

impl<'f> Reading<'f> {
    fn new(wanted: Wanted<'f>, format: Format, counts: bool) -> Self {
        let summary = counts.then(Summary::default);
        Self { wanted, format, summary, gatherer: Gatherer::default(), trail: Trail::default() }
    }

    /// Whether anybody still reads.
    fn line(&mut self, line: &str) -> bool {
        match Entry::read(line) {
            Entry::Record(record, stamp) => {
                let complete = self.gatherer.take(*record, stamp);
                complete.iter().all(|seen| self.seen(seen))
            }
            Entry::Foreign => true,
            Entry::Broken(_) => {
                self.trail.broken += 1;
                true
            }
        }
    }

    fn seen(&mut self, seen: &Seen) -> bool {
        self.trail.take(seen);
        if !self.wanted.takes(seen) {
            return true;
        }
        if let Some(summary) = &mut self.summary {
            summary.take(seen);
            return true;
        }
        let line = match self.format {
            Format::Text => text::line(seen),
            Format::Json => marked(seen),
            Format::Ocsf => ascii(&ocsf::event(seen)),
            Format::Ecs => ascii(&ecs::document(seen)),
        };
        writeln!(stdout().lock(), "{line}").is_ok()
    }

    fn end(mut self) -> Verdict {
        let rest = self.gatherer.rest();
        let _ = rest.iter().all(|seen| self.seen(seen));
        match (&self.summary, self.format) {
            (Some(summary), Format::Json) => print([ascii(&summary.as_json(&self.trail))]),
            (Some(summary), Format::Text | Format::Ocsf | Format::Ecs) => print(summary.lines(&self.trail)),
            // Beside the records, so that a pipe gets records alone.
            (None, _) => self.trail.lines().iter().for_each(|line| {
                let _ = writeln!(std::io::stderr(), "gateshctl: {line}");
            }),
        }
        if self.trail.is_whole() { Verdict::Holds } else { Verdict::Fails }
    }
}

/// The record as JSON, with what this reader knows of it in two fields more.
fn marked(seen: &Seen) -> String {
    let mut json = seen.record.to_json();
    let mut add = |field: &str| {
        if json.pop().is_some() {
            json.push_str(field);
        }
    };
    match seen.stamp {
        Stamp::None => {}
        Stamp::Same => add(",\"verified\":true}"),
        Stamp::Other(uid) => add(&format!(",\"verified\":false,\"sender_uid\":{uid}}}")),
    }
    if seen.incomplete {
        add(",\"incomplete\":true}");
    }
    json
}

/// JSON in printable ASCII: outside strings there is nothing else, and inside them an escape says the same.
fn ascii(value: &Value) -> String {
    let mut text = String::new();
    let mut units = [0; 2];
    for character in value.to_string().chars() {
        if matches!(character, ' '..='~') {
            text.push(character);
        } else {
            text.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}
