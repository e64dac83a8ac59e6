//! journald.conf(5): what is dropped when much is written, and what is not kept at all.

use std::path::Path;
use std::time::Duration;

use super::audit_log::PER_SECOND;
use super::finding::Finding;
use super::host::Host;

/// Drop-ins are taken in the order of their names, whatever directory they stand in; the main file comes first.
const DIRECTORIES: [&str; 4] = [
    "/etc/systemd/journald.conf.d",
    "/run/systemd/journald.conf.d",
    "/usr/local/lib/systemd/journald.conf.d",
    "/usr/lib/systemd/journald.conf.d",
];
/// As few sessions at their full rate as this are worth a warning.
const FEW: u64 = 10;

pub(super) fn findings(host: &Host) -> Vec<Finding> {
    if !host.exists("/usr/lib/systemd/systemd-journald") && !host.exists("/lib/systemd/systemd-journald") {
        return Vec::new();
    }
    let text = configuration(host);
    let mut found = vec![rate(&text)];
    found.extend(kept(&text));
    found
}

/// All files, one behind the other: the last setting of a name counts.
fn configuration(host: &Host) -> String {
    let main = ["/etc/systemd/journald.conf", "/usr/lib/systemd/journald.conf"];
    let mut text = main.iter().find_map(|path| host.read(path).ok()).unwrap_or_default();
    let mut drop_ins: Vec<(String, &str)> = Vec::new();
    for directory in DIRECTORIES {
        for name in host.names(directory).unwrap_or_default() {
            let masked = drop_ins.iter().any(|(seen, _)| *seen == name);
            if Path::new(&name).extension() == Some("conf".as_ref()) && !masked {
                drop_ins.push((name, directory));
            }
        }
    }
    drop_ins.sort();
    for (name, directory) in drop_ins {
        text.push('\n');
        text.push_str(&host.read(&format!("{directory}/{name}")).unwrap_or_default());
    }
    text
}

fn setting<'t>(text: &'t str, names: &[&str]) -> Option<&'t str> {
    let pair = |line: &'t str| {
        let (name, value) = line.trim().split_once('=')?;
        names.contains(&name.trim()).then(|| value.trim())
    };
    text.lines().filter_map(pair).next_back().filter(|value| !value.is_empty())
}

fn rate(text: &str) -> Finding {
    let interval = setting(text, &["RateLimitIntervalSec", "RateLimitInterval"]);
    let interval = interval.map_or(Some(Duration::from_secs(30)), span);
    let burst = setting(text, &["RateLimitBurst"]).map_or(Some(10_000), |burst| burst.parse::<u64>().ok());
    let (Some(interval), Some(burst)) = (interval, burst) else {
        return Finding::note("journal-rate", "journald.conf", "its rate limit was not understood");
    };
    if interval.is_zero() || burst == 0 {
        return Finding::ok("journal-rate", "journald.conf", "drops no records for their number");
    }
    let per_session = PER_SECOND.saturating_mul(interval.as_secs().max(1));
    let sessions = burst / per_session;
    let text = format!(
        "drops what one service writes beyond {burst} messages in {} seconds (more while its disk is emptier). A \
         session of gatesh writes at most {per_session} in that time, so {sessions} sessions at full rate fit; all \
         sessions of Session Manager count as one service, amazon-ssm-agent",
        interval.as_secs()
    );
    if sessions < FEW {
        Finding::warning("journal-rate", "journald.conf", text)
            .cure("LogRateLimitIntervalSec=0 in a drop-in of that unit")
    } else {
        Finding::note("journal-rate", "journald.conf", text)
    }
}

/// A time span of systemd.time(7), as far as a rate limit would be written.
fn span(text: &str) -> Option<Duration> {
    let unit = |unit: &str| match unit.trim() {
        "" | "s" | "sec" | "second" | "seconds" => Some(1_000),
        "ms" | "msec" => Some(1),
        "m" | "min" | "minute" | "minutes" => Some(60_000),
        "h" | "hr" | "hour" | "hours" => Some(3_600_000),
        _ => None,
    };
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = text.split_at_checked(digits)?;
    let millis = number.parse::<u64>().ok()?.checked_mul(unit(rest)?)?;
    Some(Duration::from_millis(millis))
}

fn kept(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let storage = setting(text, &["Storage"]).unwrap_or("auto");
    if storage == "none" {
        let text = "Storage=none: the journal keeps nothing; records last only if something else takes them";
        found.push(Finding::warning("journal-storage", "journald.conf", text));
    }
    if storage == "volatile" {
        let text = "Storage=volatile: records are gone at the next boot, unless they are sent on before";
        found.push(Finding::note("journal-storage", "journald.conf", text));
    }
    let level = setting(text, &["MaxLevelStore"]).unwrap_or("debug");
    if !matches!(level, "debug" | "info" | "7" | "6") {
        let text =
            format!("MaxLevelStore={level}: the records of what was allowed (level info) are thrown away");
        found.push(
            Finding::problem("journal-level", "journald.conf", text).cure("MaxLevelStore=info, or more"),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::finding::Severity;
    use super::*;

    #[test]
    fn the_defaults_are_a_note_with_the_number_of_sessions() {
        let finding = rate("[Journal]\n#RateLimitBurst=1\n");
        assert_eq!(finding.severity, Severity::Note);
        assert!(finding.text.contains("10000 messages in 30 seconds"), "{}", finding.text);
        assert!(finding.text.contains("at most 600 in that time, so 16 sessions"), "{}", finding.text);
    }

    #[test]
    fn a_tight_limit_is_a_warning() {
        let finding = rate("RateLimitIntervalSec=1min\nRateLimitBurst=1000\n");
        assert_eq!(finding.severity, Severity::Warning);
        assert!(finding.text.contains("so 0 sessions"), "{}", finding.text);
    }

    #[test]
    fn a_limit_that_is_switched_off_drops_nothing() {
        assert_eq!(rate("RateLimitIntervalSec=0").severity, Severity::Ok);
        assert_eq!(rate("RateLimitBurst=0").severity, Severity::Ok);
    }

    #[test]
    fn the_last_setting_counts_and_an_empty_one_is_the_default() {
        assert!(rate("RateLimitBurst=5\nRateLimitBurst=70000").text.contains("beyond 70000"));
        assert!(rate("RateLimitBurst=5\nRateLimitBurst=").text.contains("beyond 10000"));
    }

    #[test]
    fn a_journal_that_stores_warnings_only_loses_what_was_allowed() {
        let found = kept("MaxLevelStore=warning");
        assert_eq!(
            found.first().map(|finding| (finding.id, finding.severity)),
            Some(("journal-level", Severity::Problem))
        );
        assert_eq!(kept("MaxLevelStore=info"), []);
    }

    #[test]
    fn spans_are_read_as_systemd_writes_them() {
        assert_eq!(span("30s"), Some(Duration::from_secs(30)));
        assert_eq!(span("5 min"), Some(Duration::from_mins(5)));
        assert_eq!(span("soon"), None);
        assert_eq!(span("99999999999999999999"), None);
    }
}
