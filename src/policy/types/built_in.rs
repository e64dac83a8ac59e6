//! The types every policy has. Each is a regular language, decided by hand: no session pays for compiling
//! expressions it may never use.

use std::net::Ipv6Addr;

use crate::policy::glob::printable;

/// The built-in types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the rule language's own name; `describe` says what it takes")]
pub enum BuiltIn {
    Word,
    Text,
    Any,
    Number,
    Host,
    Port,
    User,
    Group,
    Pid,
    Unit,
    Package,
    Date,
    Duration,
    Glob,
}

/// Longest value of most kinds, in bytes: a file name's length.
const NAME: usize = 255;
/// Longest <text>, in characters.
const TEXT: usize = 256;
/// The kernel's `PID_MAX_LIMIT` on 64-bit machines, proc(5).
const PID_MAX: i64 = 4_194_304;

impl BuiltIn {
    /// The type of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "word" => Self::Word,
            "text" => Self::Text,
            "any" => Self::Any,
            "number" => Self::Number,
            "host" => Self::Host,
            "port" => Self::Port,
            "user" => Self::User,
            "group" => Self::Group,
            "pid" => Self::Pid,
            "unit" => Self::Unit,
            "package" => Self::Package,
            "date" => Self::Date,
            "duration" => Self::Duration,
            "glob" => Self::Glob,
            _ => return None,
        })
    }

    /// Whether `text` is one. Never an empty text, nor one that begins with `-`.
    pub fn takes(self, text: &str) -> bool {
        if text.is_empty() || text.starts_with('-') {
            return false;
        }
        match self {
            Self::Word => word(text),
            Self::Text => text.chars().count() <= TEXT && text.chars().all(printable),
            Self::Any => text.chars().all(printable),
            Self::Number => text.len() <= 18 && decimal(text).is_some(),
            Self::Host => host(text),
            Self::Port => decimal(text).is_some_and(|port| (1..=65535).contains(&port)),
            Self::User | Self::Group => account(text),
            Self::Pid => decimal(text).is_some_and(|pid| (2..=PID_MAX).contains(&pid)),
            Self::Unit => made_of(text, b"_.@:-"),
            Self::Package => package(text),
            Self::Date => date(text),
            Self::Duration => text.len() <= 64 && duration(text),
            Self::Glob => made_of(text, b"._*?[]!@+:,=-"),
        }
    }

    /// What it takes, in words a person reads.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Word => "a word of letters, digits and _.,:=-",
            Self::Text => "text of at most 256 characters, not beginning with -",
            Self::Any => "text, not beginning with -",
            Self::Number => "a number of at most 18 digits",
            Self::Host => "a host name or address",
            Self::Port => "a port, 1 to 65535",
            Self::User => "a user name",
            Self::Group => "a group name",
            Self::Pid => "a process id, 2 to 4194304",
            Self::Unit => "a unit name, such as nginx.service",
            Self::Package => "a package name, such as curl",
            Self::Date => {
                "a date or time: 2026-11-23, \"2026-11-23 10:00\", 10:00, yesterday, \"1 hour ago\", 10m"
            }
            Self::Duration => "a duration: 30s, 5m, 1h30m, or seconds",
            Self::Glob => "a file name, * and ? allowed, without /",
        }
    }
}

/// `0|[1-9][0-9]*` as a number; `None` for anything else and for what does not fit.
pub(super) fn decimal(text: &str) -> Option<i64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// At most 255 ASCII letters, digits and characters of `more`.
fn made_of(text: &str, more: &[u8]) -> bool {
    text.len() <= NAME && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || more.contains(&byte))
}

/// `[A-Za-z0-9_][A-Za-z0-9_.,:=-]{0,254}`
fn word(text: &str) -> bool {
    made_of(text, b"_.,:=-") && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}

/// Labels of letters, digits, `_` and inner `-`, 63 bytes each and 253 together (RFC 1123, with the `_` that
/// DNS names have), one dot at the end allowed; or an IPv6 address without zone. With a colon it is an address,
/// so `host:22` is none.
fn host(text: &str) -> bool {
    if text.contains(':') {
        return text.parse::<Ipv6Addr>().is_ok();
    }
    let name = text.strip_suffix('.').unwrap_or(text);
    name.len() <= 253 && name.split('.').all(label)
}

fn label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && made_of(label, b"_-")
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// `[A-Za-z_][A-Za-z0-9_-]{0,31}`, or one less and `$` (machine accounts). No dot, because chown(1) takes
/// `ann.adm` for a user and a group; other names need a type of their own.
fn account(text: &str) -> bool {
    let name = text.strip_suffix('$').unwrap_or(text);
    text.len() <= 32
        && made_of(name, b"_-")
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// `[A-Za-z0-9][A-Za-z0-9+._-]*`, not ending in `.rpm` or `.deb` (a local file to package managers, in
/// whatever case), `-` (a removal to apt), `+` (an installation to apt) or `.` (no name, but to apt-get a pattern).
fn package(text: &str) -> bool {
    let ending = text.len().checked_sub(4).and_then(|at| text.get(at..)).unwrap_or_default();
    made_of(text, b"+._-")
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !text.ends_with(['-', '+', '.'])
        && ![".rpm", ".deb"].iter().any(|file| ending.eq_ignore_ascii_case(file))
}

/// One of: `now`, `today`, `yesterday`, `tomorrow`; DAY; TIME; DAY, a space or `T`, TIME, and an optional zone;
/// `N UNIT ago`; a duration with units (`10m`, as docker counts back). journalctl(1), last(1) and docker agree
/// on these; what begins with `-` or `+` is left out because values never do.
fn date(text: &str) -> bool {
    matches!(text, "now" | "today" | "yesterday" | "tomorrow")
        || day(text)
        || time(text)
        || moment(text)
        || ago(text)
        || (text.len() <= 64 && duration(text) && text.ends_with(|c: char| c.is_ascii_alphabetic()))
}

/// `2026-11-23`
fn day(text: &str) -> bool {
    let mut parts = text.split('-');
    let year = parts.next().is_some_and(|year| year.len() == 4 && all_digits(year));
    year && parts.next().is_some_and(|month| pair(month, 1, 12))
        && parts.next().is_some_and(|day| pair(day, 1, 31))
        && parts.next().is_none()
}

/// `10:00`, `10:00:00`, `10:00:00.123456789`
fn time(text: &str) -> bool {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) if clock.len() == 8 => (clock, Some(fraction)),
        Some(_) => return false,
        None => (text, None),
    };
    let mut parts = clock.split(':');
    parts.next().is_some_and(|hour| pair(hour, 0, 23))
        && parts.next().is_some_and(|minute| pair(minute, 0, 59))
        && parts.next().is_none_or(|second| pair(second, 0, 60))
        && parts.next().is_none()
        && fraction.is_none_or(|digits| (1..=9).contains(&digits.len()) && all_digits(digits))
}

/// Day and time with an optional `Z`, ` UTC`, `+HH:MM` or `-HH:MM`.
fn moment(text: &str) -> bool {
    let Some((date, rest)) = text.split_at_checked(10) else { return false };
    let Some(clock) = rest.strip_prefix(['T', ' ']) else { return false };
    let clock =
        clock.strip_suffix('Z').or_else(|| clock.strip_suffix(" UTC")).unwrap_or_else(|| unzoned(clock));
    day(date) && time(clock)
}

fn unzoned(clock: &str) -> &str {
    let Some((before, offset)) = clock.rfind(['+', '-']).and_then(|at| clock.split_at_checked(at)) else {
        return clock;
    };
    let zone = offset.get(1..).unwrap_or_default();
    if zone.len() == 5 && time(zone) { before } else { clock }
}

/// `1 hour ago`, `30 minutes ago`
fn ago(text: &str) -> bool {
    let mut parts = text.split(' ');
    let count = parts.next().is_some_and(|count| count.len() <= 9 && decimal(count).is_some());
    let unit = parts.next().is_some_and(|unit| {
        let one = unit.strip_suffix('s').unwrap_or(unit);
        matches!(one, "second" | "sec" | "minute" | "min" | "hour" | "day" | "week" | "month" | "year")
    });
    count && unit && parts.next() == Some("ago") && parts.next().is_none()
}

/// Seconds, or numbers each with a unit: `30`, `0.5`, `30s`, `1h30m`.
fn duration(text: &str) -> bool {
    if amount(text) {
        return true;
    }
    let mut left = text;
    while !left.is_empty() {
        let digits = left.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(left.len());
        let (count, rest) = left.split_at(digits);
        let letters = rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len());
        let (unit, rest) = rest.split_at(letters);
        if !amount(count) || !matches!(unit, "ms" | "s" | "sec" | "m" | "min" | "h" | "d" | "w") {
            return false;
        }
        left = rest;
    }
    true
}

/// Up to nine digits, and as many after a point.
fn amount(text: &str) -> bool {
    let digits = |part: &str| (1..=9).contains(&part.len()) && all_digits(part);
    text.split_once('.').map_or_else(|| digits(text), |(whole, part)| digits(whole) && digits(part))
}

fn pair(text: &str, from: i64, to: i64) -> bool {
    text.len() == 2 && all_digits(text) && text.parse().is_ok_and(|n: i64| (from..=to).contains(&n))
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
