//! Moments: those of records, those that `--since` and `--until` name, and as the formats want them.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since 1970-01-01 UTC.
pub(super) type Micros = i64;

const SECOND: Micros = 1_000_000;

/// Reads RFC 3339 (`2026-03-01T09:05:07.000123Z`, a blank for the T, an offset for the Z), or a part of it from
/// the left: a date, a date with hours and minutes. Without an offset it is UTC.
pub(super) fn moment(text: &str) -> Option<Micros> {
    let (date, time) = match text.split_at_checked(10) {
        Some((date, rest)) if !rest.is_empty() => (date, Some(rest.strip_prefix(['T', 't', ' '])?)),
        Some((date, _)) => (date, None),
        None => return None,
    };
    let mut numbers = date.split('-');
    let (year, month, day) =
        (number(numbers.next()?, 4)?, number(numbers.next()?, 2)?, number(numbers.next()?, 2)?);
    if numbers.next().is_some() || !(1970..=9999).contains(&year) || !(1..=12).contains(&month) {
        return None;
    }
    let days = days(year, month, day).filter(|_| (1..=31).contains(&day))?;
    let (of_day, offset) = time.map_or(Some((0, 0)), of_day)?;
    Some((days * 86_400 - offset) * SECOND + of_day)
}

/// Microseconds since midnight, and the offset in seconds.
fn of_day(text: &str) -> Option<(Micros, i64)> {
    let (clock, offset) = match text.strip_suffix(['Z', 'z']) {
        Some(clock) => (clock, 0),
        None => match text.rfind(['+', '-']) {
            Some(at) => (text.get(..at)?, offset(text.get(at..)?)?),
            None => (text, 0),
        },
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut numbers = clock.split(':');
    let (hour, minute) = (number(numbers.next()?, 2)?, number(numbers.next()?, 2)?);
    let second = numbers.next().map_or(Some(0), |second| number(second, 2))?;
    let is_fraction = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if numbers.next().is_some() || hour > 23 || minute > 59 || second > 60 || !is_fraction {
        return None;
    }
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    Some(((hour * 3600 + minute * 60 + second) * SECOND + number(&digits, 6)?, offset))
}

/// `+02:00`, `-0530`.
fn offset(text: &str) -> Option<i64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let digits = rest.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2)?;
    Some(sign * (number(hours, 2)? * 3600 + number(minutes, 2)? * 60))
}

fn number(text: &str, width: usize) -> Option<i64> {
    let plain = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// Days since 1970-01-01. Years begin in March here, so that the leap day comes last.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * month + 2) / 5 + day - 1;
    let whole = year.checked_mul(365)? + year / 4 - year / 100 + year / 400;
    Some(whole + of_year - 719_468)
}

/// What `--since` and `--until` take: a moment, or how long ago (`90s`, `30m`, `2h`, `7d`).
pub(super) fn asked(text: &str, now: SystemTime) -> Result<Micros, String> {
    let ago = || {
        let unit = match text.chars().last()? {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        let count: i64 = text.get(..text.len() - 1)?.parse().ok().filter(|count| *count >= 0)?;
        micros(now).checked_sub(count.checked_mul(unit)?.checked_mul(SECOND)?)
    };
    moment(text).or_else(ago).ok_or_else(|| {
        format!("{text} is no time: write 2026-03-01, 2026-03-01T09:00Z, or 2h for two hours ago")
    })
}

fn micros(time: SystemTime) -> Micros {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros::try_from(since.as_micros()).unwrap_or(Micros::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn known_moments_are_known() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("1970-01-01T00:00:01Z", 1),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-03-01 09:05", 1_772_355_900),
            ("2026-03-01T11:05:00+02:00", 1_772_355_900),
            ("2026-03-01T03:35:00-0530", 1_772_355_900),
            ("9999-12-31", 253_402_214_400),
        ] {
            assert_eq!(moment(text), Some(seconds * SECOND), "{text}");
        }
        assert_eq!(moment("1970-01-01T00:00:00.000123Z"), Some(123));
        assert_eq!(moment("1970-01-01T00:00:00.5Z"), Some(500_000));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "now",
            "2026",
            "2026-3-1",
            "2026-13-01",
            "2026-00-01",
            "2026-01-32",
            "1969-12-31",
            "2026-03-01T",
            "2026-03-01T24:00",
            "2026-03-01T09",
            "2026-03-01T09:60",
            "2026-03-01Z",
            "2026-03-01T09:05:07:08Z",
            "+026-03-01",
            "2026-03-01T09:05:07.Z9",
            "2026-03-01T09:05:07.000123Z\u{1b}[H",
            "2026-03-01T09:05:07.Z",
            "\u{1b}[31m2026-03-01",
            "2026-03-0\u{661}",
        ] {
            assert_eq!(moment(text), None, "{text:?}");
        }
    }

    #[test]
    fn how_long_ago_is_counted_from_now() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000_000);
        assert_eq!(asked("90s", now), Ok(999_910 * SECOND));
        assert_eq!(asked("2h", now), Ok(992_800 * SECOND));
        assert_eq!(asked("1d", now), Ok(913_600 * SECOND));
        for text in ["h", "-1h", "2w", "99999999999999999999d", "9223372036854775807d"] {
            assert!(asked(text, now).unwrap_err().contains("is no time"), "{text}");
        }
    }
}
