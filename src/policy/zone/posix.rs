//! The rule at the end of a zone file, in the form of the TZ variable (POSIX.1-2024, 8.3; RFC 9636, 3.3.1):
//! `CET-1CEST,M3.5.0,M10.5.0/3`.

const DAY: i64 = 86_400;

/// Seconds east of Greenwich at `unix`.
pub(super) fn offset(rule: &str, unix: i64) -> Option<i64> {
    let (standard, rest) = zone(rule)?;
    let standard = -standard?;
    if rest.is_empty() {
        return Some(standard);
    }
    let (summer, rest) = zone(rest)?;
    let summer = summer.map_or(standard + 3600, |seconds| -seconds);
    let (start, end) = rest.strip_prefix(',')?.split_once(',')?;
    let year = year_of(unix + standard);
    // Each change is written in the local time that holds before it.
    let start = Change::read(start)?.at(year) - standard;
    let end = Change::read(end)?.at(year) - summer;
    let inside = if start < end { start <= unix && unix < end } else { unix < end || start <= unix };
    Some(if inside { summer } else { standard })
}

/// A name and the offset that may follow it, in seconds west.
fn zone(text: &str) -> Option<(Option<i64>, &str)> {
    let rest = match text.strip_prefix('<') {
        Some(quoted) => quoted.split_once('>')?.1,
        None => text.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
    };
    let end = rest.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | ':')).unwrap_or(rest.len());
    let (time, rest) = rest.split_at_checked(end)?;
    match time {
        "" => Some((None, rest)),
        _ => Some((Some(seconds(time)?), rest)),
    }
}

/// `[+-]h[hh][:mm[:ss]]`
fn seconds(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut unit = 3600;
    let mut sum = 0;
    for part in digits.split(':') {
        sum += unit * number(part, 167)?;
        unit /= 60;
    }
    (unit >= 0 && digits.matches(':').count() <= 2).then_some(sign * sum)
}

fn number(text: &str, most: i64) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| plain && *number <= most)
}

/// The moment of a year at which the offset changes.
struct Change {
    day: Day,
    time: i64,
}

enum Day {
    /// `Jn`: 1 to 365, 29 February never counted.
    Julian(i64),
    /// `n`: 0 to 365.
    Plain(i64),
    /// `Mm.w.d`: Sunday is day 0, week 5 the last.
    Month { month: i64, week: i64, weekday: i64 },
}

impl Change {
    fn read(text: &str) -> Option<Self> {
        let (day, time) = text.split_once('/').unwrap_or((text, "2"));
        Some(Self { day: Day::read(day)?, time: seconds(time)? })
    }

    /// Seconds since the epoch as if local time were UTC.
    fn at(&self, year: i64) -> i64 {
        self.day.in_year(year) * DAY + self.time
    }
}

impl Day {
    fn read(text: &str) -> Option<Self> {
        if let Some(days) = text.strip_prefix('J') {
            return number(days, 365).filter(|day| *day > 0).map(Self::Julian);
        }
        let Some(rest) = text.strip_prefix('M') else { return number(text, 365).map(Self::Plain) };
        let (month, rest) = rest.split_once('.')?;
        let (week, weekday) = rest.split_once('.')?;
        let day =
            Self::Month { month: number(month, 12)?, week: number(week, 5)?, weekday: number(weekday, 6)? };
        matches!(day, Self::Month { month: 1.., week: 1.., .. }).then_some(day)
    }

    /// Days since the epoch.
    fn in_year(&self, year: i64) -> i64 {
        match *self {
            Self::Julian(day) => {
                let after_february = i64::from(is_leap(year) && day >= 60);
                days_before(year, 1) + day - 1 + after_february
            }
            Self::Plain(day) => days_before(year, 1) + day,
            Self::Month { month, week, weekday } => {
                let first = days_before(year, month);
                let next = if month == 12 { days_before(year + 1, 1) } else { days_before(year, month + 1) };
                // 1 January 1970 was a Thursday: day 4 with Sunday as 0.
                let lead = (weekday - (first + 4)).rem_euclid(7);
                let day = first + lead + (week - 1) * 7;
                if day >= next { day - 7 } else { day }
            }
        }
    }
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days from the epoch to the first of a month, in the Gregorian calendar (the year shifted to begin in March,
/// so that the leap day is its last).
const fn days_before(year: i64, month: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_months = (153 * month + 2) / 5;
    let of_years = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    of_years + of_months - 719_468
}

fn year_of(unix: i64) -> i64 {
    let days = unix.div_euclid(DAY);
    // Never late; early by a year around 1970, and by less than a hundred over all the time that is asked for.
    let guess = 1970 + days.div_euclid(if days < 0 { 365 } else { 366 });
    (guess..guess + 100).find(|year| days_before(year + 1, 1) > days).unwrap_or(guess)
}
