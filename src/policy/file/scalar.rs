//! Durations, sizes, masks, clock times and days as they are written in a policy file.

use std::time::Duration;

/// `1h30m`, `45s`, `7d`: whole numbers with units, each unit once, the largest first.
pub(super) fn duration(text: &str) -> Option<Duration> {
    const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];
    let mut rest = text;
    let mut sum: u64 = 0;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at_checked(digits)?;
        let unit = tail.chars().next()?;
        let (_, seconds) = units.find(|(name, _)| *name == unit)?;
        let part = number.parse::<u64>().ok()?.checked_mul(*seconds)?;
        sum = sum.checked_add(part)?;
        rest = tail.get(1..)?;
    }
    (!text.is_empty()).then(|| Duration::from_secs(sum))
}

/// `512M`, `1G`, `64K` or bytes; powers of 1,024.
pub(super) fn size(text: &str) -> Option<u64> {
    let (digits, unit) = match text.char_indices().next_back()? {
        (at, 'K') => (text.get(..at)?, 1 << 10),
        (at, 'M') => (text.get(..at)?, 1 << 20),
        (at, 'G') => (text.get(..at)?, 1 << 30),
        _ => (text, 1_u64),
    };
    whole(digits)?.checked_mul(unit)
}

/// `027`: three octal digits, or four with a leading zero.
pub(super) fn umask(text: &str) -> Option<u32> {
    let digits = if text.len() == 4 { text.strip_prefix('0')? } else { text };
    let octal = digits.len() == 3 && digits.bytes().all(|b| (b'0'..=b'7').contains(&b));
    u32::from_str_radix(digits, 8).ok().filter(|_| octal)
}

/// `09:00-17:00`, in minutes since midnight; `24:00` may end it. Never empty.
pub(super) fn hours(text: &str) -> Option<(u16, u16)> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (clock(from)?, clock(to)?);
    (from != to && from < 24 * 60).then_some((from, to))
}

fn clock(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| whole(part).filter(|_| part.len() == 2).and_then(|n| u16::try_from(n).ok());
    let minutes = two(hour)? * 60 + two(minute).filter(|minute| *minute < 60)?;
    (minutes <= 24 * 60).then_some(minutes)
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// `mon-fri`, `mon,wed`, `sat-mon`; Monday first.
pub(super) fn days(text: &str) -> Option<[bool; 7]> {
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        let length = (last + 7 - first) % 7;
        for (index, day) in days.iter_mut().enumerate() {
            *day |= (index + 7 - first) % 7 <= length;
        }
    }
    Some(days)
}

fn day(text: &str) -> Option<usize> {
    DAYS.iter().position(|day| *day == text)
}

fn whole(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_add_up() {
        let seconds = |text| duration(text).map(|duration| duration.as_secs());
        assert_eq!(seconds("30m"), Some(1800));
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds("45s"), Some(45));
        assert_eq!(seconds("1d2h3m4s"), Some(93_784));
    }

    #[test]
    fn other_durations_are_none() {
        for text in
            ["", "30", "m", "30m1h", "1m1m", "-1m", "+1m", "1.5h", "1h ", "1H", "99999999999999999999s"]
        {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_count_in_powers_of_1024() {
        assert_eq!(size("512M"), Some(512 << 20));
        assert_eq!(size("1G"), Some(1 << 30));
        assert_eq!(size("10"), Some(10));
        for text in ["", "M", "1T", "1m", "-1M", "+1M", "1.5G", "99999999999G", "1é"] {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn a_umask_is_three_octal_digits() {
        assert_eq!(umask("027"), Some(0o027));
        assert_eq!(umask("0027"), Some(0o027));
        for text in ["", "27", "028", "1027", "+27", "00027", "0x7"] {
            assert_eq!(umask(text), None, "{text}");
        }
    }

    #[test]
    fn hours_may_pass_midnight() {
        assert_eq!(hours("09:00-17:00"), Some((540, 1020)));
        assert_eq!(hours("22:30-06:00"), Some((1350, 360)));
        assert_eq!(hours("00:00-24:00"), Some((0, 1440)));
        for text in
            ["9:00-17:00", "09:00", "24:00-01:00", "09:60-10:00", "09:00-09:00", "25:00-26:00", "09:00-24:01"]
        {
            assert_eq!(hours(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_ranges_and_lists() {
        let shown = |text| days(text).map(|days| days.map(u8::from));
        assert_eq!(shown("mon-fri"), Some([1, 1, 1, 1, 1, 0, 0]));
        assert_eq!(shown("mon,wed"), Some([1, 0, 1, 0, 0, 0, 0]));
        assert_eq!(shown("sat-mon"), Some([1, 0, 0, 0, 0, 1, 1]));
        assert_eq!(shown("sun"), Some([0, 0, 0, 0, 0, 0, 1]));
        for text in ["", "mon-", "Mon", "mon fri", "mon,,fri", "mon-wed-fri", "monday"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}
