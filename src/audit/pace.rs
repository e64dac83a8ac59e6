//! How fast a session may write: so that no session drowns another's records in the log daemon's own rate
//! limit, which drops what comes too fast. gatesh waits instead.

use std::time::Duration;

/// Time that one record stands for: 20 a second.
const EACH: Duration = Duration::from_millis(50);

/// How many may come at once after a rest.
const BURST: u32 = 50;

/// A bucket of [`BURST`] records that refills one per [`EACH`], kept as the time at which it will be full
/// again. Times count from any fixed moment of a monotonic clock.
#[derive(Debug, Default)]
pub(super) struct Pace {
    full_at: Duration,
}

impl Pace {
    /// Takes `count` records out of the bucket at `now`, and says how long to wait before sending them.
    pub(super) fn take(&mut self, count: u32, now: Duration) -> Duration {
        self.full_at = self.full_at.max(now).saturating_add(EACH.saturating_mul(count));
        self.full_at.saturating_sub(now).saturating_sub(EACH * BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn fifty_at_once_wait_for_nothing_and_the_next_for_one_place() {
        let mut pace = Pace::default();
        for _ in 0..50 {
            assert_eq!(pace.take(1, at(7)), Duration::ZERO);
        }
        assert_eq!(pace.take(1, at(7)), at(50));
        assert_eq!(pace.take(1, at(7)), at(100));
    }

    #[test]
    fn twenty_a_second_never_wait() {
        let mut pace = Pace::default();
        for step in 0..10_000 {
            assert_eq!(pace.take(1, at(step * 50)), Duration::ZERO);
        }
    }

    #[test]
    fn a_session_that_always_wants_more_gets_fifty_and_then_twenty_a_second() {
        let (mut pace, mut now) = (Pace::default(), Duration::ZERO);
        for _ in 0..250 {
            now += pace.take(1, now);
        }
        assert_eq!(now, Duration::from_secs(10));
    }

    #[test]
    fn a_long_rest_fills_the_bucket_to_fifty_and_no_further() {
        let mut pace = Pace::default();
        pace.take(50, at(0));
        assert_eq!(pace.take(51, at(3_600_000)), at(50));
    }

    #[test]
    fn a_record_in_parts_counts_each_part() {
        let mut pace = Pace::default();
        assert_eq!(pace.take(48, at(0)), Duration::ZERO);
        assert_eq!(pace.take(8, at(0)), at(300));
    }
}
