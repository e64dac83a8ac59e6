//! Which records are wanted.

use clap::Args;

use super::clock::{Micros, asked, moment};
use super::gather::Seen;

#[derive(Args)]
pub(super) struct Filter {
    /// Only from then on: 2026-03-01, 2026-03-01T09:00Z (UTC without an offset), or 2h for two hours ago
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only before then
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only this user, by name or uid
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only where a rule of this group spoke, or of its members where no rule did
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Only this session: gatesh's id, or the beginning of it, or Session Manager's
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Only what was denied
    #[arg(long)]
    denied: bool,
}

/// The same, with the times read.
pub(super) struct Wanted<'f> {
    filter: &'f Filter,
    since: Option<Micros>,
    until: Option<Micros>,
}

impl Filter {
    pub(super) fn wanted(&self) -> Result<Wanted<'_>, String> {
        let now = std::time::SystemTime::now();
        let time = |text: &Option<String>| text.as_deref().map(|text| asked(text, now)).transpose();
        Ok(Wanted { filter: self, since: time(&self.since)?, until: time(&self.until)? })
    }
}

impl Wanted<'_> {
    pub(super) fn takes(&self, seen: &Seen) -> bool {
        self.time(seen) && self.user(seen) && self.group(seen) && self.session(seen) && self.decision(seen)
    }

    /// A time that cannot be read is within any: nothing hides by it.
    fn time(&self, seen: &Seen) -> bool {
        let Some(time) = moment(&seen.record.time) else { return true };
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }

    fn user(&self, seen: &Seen) -> bool {
        let is = |user: &String| *user == seen.record.user || *user == seen.record.uid.to_string();
        self.filter.user.as_ref().is_none_or(is)
    }

    /// The end of a command names no group: its start does.
    fn group(&self, seen: &Seen) -> bool {
        let Some(group) = &self.filter.group else { return true };
        let record = seen.start.as_deref().unwrap_or(&seen.record);
        match &record.group {
            Some(spoke) => spoke == group,
            None => record.groups.contains(group),
        }
    }

    fn session(&self, seen: &Seen) -> bool {
        let is = |id: &String| {
            seen.record.session.starts_with(id.as_str()) || seen.record.ssm_session_hint.as_ref() == Some(id)
        };
        self.filter.session.as_ref().is_none_or(is)
    }

    fn decision(&self, seen: &Seen) -> bool {
        !self.filter.denied || seen.record.decision.as_deref() == Some("deny")
    }
}
