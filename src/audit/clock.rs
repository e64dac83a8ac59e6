//! The time of a record: RFC 3339, UTC, microseconds.

use std::time::{SystemTime, UNIX_EPOCH};

/// `time` as `2026-03-01T09:05:07.000123Z`. A clock before 1970 reads as 1970.
pub(super) fn rfc3339(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:06}Z", since.subsec_micros())
}

/// Year, month and day of the day that many days after 1970-01-01, in the Gregorian calendar. Years begin
/// in March here, so that the leap day comes last; 719,468 days lie between 0000-03-01 and 1970-01-01.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + carry, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[track_caller]
    fn reads(seconds: u64, micros: u32, expected: &str) {
        assert_eq!(rfc3339(UNIX_EPOCH + Duration::new(seconds, micros * 1000)), expected);
    }

    #[test]
    fn known_moments_read_as_the_calendar_has_them() {
        reads(0, 0, "1970-01-01T00:00:00.000000Z");
        reads(951_782_400, 0, "2000-02-29T00:00:00.000000Z");
        reads(1_709_251_199, 999_999, "2024-02-29T23:59:59.999999Z");
        reads(1_772_355_907, 123, "2026-03-01T09:05:07.000123Z");
        reads(4_107_542_400, 0, "2100-03-01T00:00:00.000000Z");
    }

    #[test]
    fn every_day_of_three_centuries_follows_the_one_before() {
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for days in 0..110_000 {
            assert_eq!(civil(days), (year, month, day));
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = [31, 28 + u64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            day += 1;
            if day > length[usize::try_from(month - 1).unwrap()] {
                (day, month) = (1, month + 1);
            }
            if month > 12 {
                (month, year) = (1, year + 1);
            }
        }
    }

    #[test]
    fn a_clock_before_1970_is_no_panic() {
        assert_eq!(rfc3339(UNIX_EPOCH - Duration::from_secs(1)), "1970-01-01T00:00:00.000000Z");
    }
}
