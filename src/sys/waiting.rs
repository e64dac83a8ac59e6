//! How long poll(2) is to wait, and what is done between two waits.

use std::time::{Duration, Instant};

use nix::poll::PollTimeout;

/// Looks after jobs whose time goes on while gatesh waits for something else: ends those whose time is up, and answers
/// when to look again at the latest.
pub type Tend<'t> = dyn FnMut() -> Option<Instant> + 't;

/// Until `deadline`, without one for ever. Rounded up: it has passed when the wait for it returns, and the last
/// millisecond is not spent turning round.
pub fn until(deadline: Option<Instant>) -> PollTimeout {
    let Some(deadline) = deadline else { return PollTimeout::NONE };
    let left = deadline.saturating_duration_since(Instant::now()).saturating_add(Duration::from_millis(1));
    PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_fraction_of_a_millisecond_is_waited_for_too() {
        let soon = Instant::now().checked_add(Duration::from_micros(1));
        assert_eq!(until(soon), PollTimeout::from(1_u8));
        assert_eq!(until(Some(Instant::now())), PollTimeout::from(1_u8));
    }

    #[test]
    fn without_a_deadline_and_with_a_far_one_it_waits_for_long() {
        assert_eq!(until(None), PollTimeout::NONE);
        assert_eq!(until(Instant::now().checked_add(Duration::from_hours(24 * 365))), PollTimeout::MAX);
    }
}
