//! rsyslog.conf(5): how long a message may be and how many are taken.

use super::finding::Finding;
use super::host::Host;

const MAIN: &str = "/etc/rsyslog.conf";
const DROP_INS: &str = "/etc/rsyslog.d";
/// rsyslog's own, since always.
const DEFAULT_SIZE: u64 = 8 << 10;

pub(super) fn findings(host: &Host, longest: u64) -> Vec<Finding> {
    let Ok(mut text) = host.read(MAIN) else { return Vec::new() };
    for name in host.names(DROP_INS).unwrap_or_default() {
        text.push('\n');
        text.push_str(&host.read(&format!("{DROP_INS}/{name}")).unwrap_or_default());
    }
    let text = plain(&text);
    let mut found = vec![size(&text, longest)];
    found.extend(rate(&text));
    found
}

/// Without comments, in lower case, as rsyslog compares names.
fn plain(text: &str) -> String {
    text.lines().map(|line| line.split('#').next().unwrap_or_default().to_lowercase() + "\n").collect()
}

/// `name="value"` of the newer form or `$legacy value` of the older.
fn setting(text: &str, name: &str, legacy: &str) -> Option<String> {
    let newer = text.match_indices(name).filter_map(|(at, _)| {
        let rest = text.get(at + name.len()..)?.trim_start().strip_prefix('=')?.trim_start();
        rest.strip_prefix('"')?.split('"').next().map(str::to_owned)
    });
    let mut older = text.lines().filter_map(|line| {
        let rest = line.trim().strip_prefix(legacy)?;
        rest.starts_with([' ', '\t']).then(|| rest.trim().to_owned())
    });
    newer.last().or_else(|| older.next_back())
}

fn size(text: &str, longest: u64) -> Finding {
    let bytes = setting(text, "maxmessagesize", "$maxmessagesize")
        .and_then(|size| bytes(&size))
        .unwrap_or(DEFAULT_SIZE);
    let text = format!("takes messages of {bytes} bytes; gatesh sends at most {longest}");
    if bytes < longest {
        Finding::problem("rsyslog-size", MAIN, format!("{text}: longer records are cut and cannot be read"))
            .cure("global(maxMessageSize=\"8k\") or more, in the first line")
    } else {
        Finding::ok("rsyslog-size", MAIN, text)
    }
}

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = match text.strip_suffix('k') {
        Some(number) => (number, 1 << 10),
        None => (text.strip_suffix('m').unwrap_or(text), if text.ends_with('m') { 1 << 20 } else { 1 }),
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// imuxsock's limit is per process, which is per session for gatesh.
fn rate(text: &str) -> Option<Finding> {
    let interval =
        setting(text, "syssock.ratelimit.interval", "$systemlogratelimitinterval")?.parse::<u64>().ok()?;
    let burst = setting(text, "syssock.ratelimit.burst", "$systemlogratelimitburst");
    let burst = burst.and_then(|burst| burst.parse::<u64>().ok()).unwrap_or(200);
    let needed = super::audit_log::PER_SECOND.saturating_mul(interval).saturating_add(50);
    (interval > 0 && burst < needed).then(|| {
        let text = format!(
            "drops what one process sends beyond {burst} messages in {interval} seconds; a session of gatesh may send \
             {needed} in that time"
        );
        Finding::warning("rsyslog-rate", MAIN, text).cure(format!("SysSock.RateLimit.Burst=\"{needed}\" or more"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::finding::Severity;
    use super::*;

    fn size_of(text: &str) -> Severity {
        size(&plain(text), 7_900).severity
    }

    #[test]
    fn the_default_takes_every_record_whole() {
        assert_eq!(size_of("module(load=\"imuxsock\")"), Severity::Ok);
        assert_eq!(size_of("global(maxMessageSize=\"64k\")"), Severity::Ok);
    }

    #[test]
    fn a_smaller_message_size_cuts_records() {
        assert_eq!(size_of("$MaxMessageSize 2k"), Severity::Problem);
        assert_eq!(size_of("global(maxMessageSize = \"4096\")"), Severity::Problem);
        assert_eq!(size_of("# $MaxMessageSize 2k"), Severity::Ok);
    }

    #[test]
    fn a_tight_rate_limit_is_a_warning() {
        let text = plain("module(load=\"imuxsock\" SysSock.RateLimit.Interval=\"5\")");
        assert!(rate(&text).is_none(), "200 in 5 seconds is more than 150");
        let text = plain(
            "module(load=\"imuxsock\" SysSock.RateLimit.Interval=\"30\" SysSock.RateLimit.Burst=\"200\")",
        );
        assert!(rate(&text).unwrap().text.contains("may send 650"), "{text}");
    }
}
