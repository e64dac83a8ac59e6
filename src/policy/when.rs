//! Whether a rule's `when` holds: on this host, on this day, at this hour.

use std::time::{SystemTime, UNIX_EPOCH};

use super::When;
use super::zone::{self, Wall};

impl When {
    /// Whether all its parts hold at `now` on a host with these labels. A zone that cannot be read, or a clock
    /// before 1970, says no. The hours of a range over midnight belong to the day it begins on.
    pub fn holds(&self, now: SystemTime, labels: &[String]) -> bool {
        self.labels.iter().all(|label| labels.contains(label)) && self.holds_at(now)
    }

    fn holds_at(&self, now: SystemTime) -> bool {
        if self.hours.is_none() && self.days == [true; 7] {
            return true;
        }
        let unix = now.duration_since(UNIX_EPOCH).ok().and_then(|past| i64::try_from(past.as_secs()).ok());
        let wall = unix.and_then(|unix| zone::wall(&self.zone, unix));
        wall.is_some_and(|wall| self.holds_on(wall))
    }

    fn holds_on(&self, wall: Wall) -> bool {
        let today = self.day(wall.weekday);
        match self.hours {
            None => today,
            Some((from, to)) if from <= to => today && from <= wall.minute && wall.minute < to,
            Some((from, to)) => {
                let yesterday = self.day((wall.weekday + 6) % 7);
                (today && from <= wall.minute) || (yesterday && wall.minute < to)
            }
        }
    }

    fn day(&self, weekday: usize) -> bool {
        self.days.get(weekday).copied().unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn when(days: &str, hours: Option<(u16, u16)>, zone: &str) -> When {
        let mut set = [false; 7];
        days.bytes().enumerate().for_each(|(day, mark)| set[day] = mark != b'-');
        When { labels: Vec::new(), days: set, hours, zone: zone.to_owned() }
    }

    /// 2025-03-03 00:00 UTC, a Monday, and some hours.
    fn monday(hours: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_740_960_000 + hours * 3600)
    }

    #[test]
    fn hours_end_before_their_last_minute() {
        let office = when("mtwtf--", Some((9 * 60, 17 * 60)), "UTC");
        assert!(!office.holds(monday(9) - Duration::from_secs(1), &[]));
        assert!(office.holds(monday(9), &[]));
        assert!(office.holds(monday(17) - Duration::from_secs(1), &[]));
        assert!(!office.holds(monday(17), &[]));
    }

    #[test]
    fn the_weekend_is_not_a_weekday() {
        let office = when("mtwtf--", None, "UTC");
        assert!(office.holds(monday(4 * 24 + 23), &[]), "Friday");
        assert!(!office.holds(monday(5 * 24), &[]), "Saturday");
        assert!(!office.holds(monday(7 * 24 - 1), &[]), "Sunday");
        assert!(office.holds(monday(7 * 24), &[]), "Monday again");
    }

    #[test]
    fn a_night_belongs_to_the_day_it_begins_on() {
        let monday_night = when("m------", Some((22 * 60, 6 * 60)), "UTC");
        assert!(!monday_night.holds(monday(5), &[]), "the end of Sunday's night");
        assert!(monday_night.holds(monday(22), &[]));
        assert!(monday_night.holds(monday(29), &[]), "Tuesday at 5");
        assert!(!monday_night.holds(monday(30), &[]));
        assert!(!monday_night.holds(monday(46), &[]), "Tuesday at 22");
    }

    #[test]
    fn every_label_is_needed() {
        let mut both = when("mtwtfss", None, "UTC");
        both.labels = vec!["env=prod".to_owned(), "role=app".to_owned()];
        assert!(!both.holds(monday(0), &["env=prod".to_owned()]));
        assert!(both.holds(monday(0), &["role=app".to_owned(), "x=y".to_owned(), "env=prod".to_owned()]));
    }

    #[test]
    fn an_unknown_zone_never_holds() {
        for zone in ["Europe/Berln", "../../../etc/passwd", "", "Europe", "right/UTC"] {
            assert!(!when("mtwtfss", Some((0, 24 * 60)), zone).holds(monday(1), &[]), "{zone}");
        }
    }

    #[test]
    fn a_clock_before_1970_never_holds() {
        let always = when("mtwtfss", Some((0, 24 * 60)), "UTC");
        assert!(!always.holds(UNIX_EPOCH - Duration::from_secs(1), &[]));
    }
}
