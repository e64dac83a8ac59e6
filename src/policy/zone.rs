//! Local time in a named zone, read from the host's zone files (tzfile(5), RFC 9636), because the program is
//! static and asks no C library. Anything odd in a file gives no answer, and no answer allows nothing.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

mod posix;

const DIRECTORY: &str = "/usr/share/zoneinfo";
/// The largest zone file of tzdata 2025 is 4 KiB.
const LARGEST: u64 = 256 * 1024;
const DAY: i64 = 86_400;

/// A moment as a clock and a calendar on the wall show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wall {
    /// Monday is 0.
    pub weekday: usize,
    /// Minutes since midnight.
    pub minute: u16,
}

/// What the clocks of `zone` show `unix` seconds after the epoch; `None` when the zone cannot be read.
pub fn wall(zone: &str, unix: i64) -> Option<Wall> {
    // Far more than any clock shows, and sums stay small.
    let unix = Some(unix).filter(|unix| unix.unsigned_abs() < 1 << 40)?;
    let local = unix.checked_add(offset(zone, unix)?)?;
    // 1 January 1970 was a Thursday.
    let weekday = usize::try_from((local.div_euclid(DAY) + 3).rem_euclid(7)).ok()?;
    let minute = u16::try_from(local.rem_euclid(DAY) / 60).ok()?;
    Some(Wall { weekday, minute })
}

/// Whether this host knows the zone.
pub fn exists(zone: &str) -> bool {
    zone == "UTC" || read(zone).is_some_and(|bytes| bytes.starts_with(b"TZif"))
}

/// Seconds east of Greenwich.
fn offset(zone: &str, unix: i64) -> Option<i64> {
    if zone == "UTC" {
        return Some(0);
    }
    offset_in(&read(zone)?, unix)
}

fn file(zone: &str) -> Option<PathBuf> {
    let plain = |part: &str| {
        !part.is_empty()
            && part.len() <= 64
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'+' | b'-'))
    };
    // Zones under right/ count leap seconds, which system time does not.
    let usable = zone.len() <= 128 && !zone.starts_with("right/") && zone.split('/').all(plain);
    usable.then(|| Path::new(DIRECTORY).join(zone))
}

fn read(zone: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file(zone)?).ok()?.take(LARGEST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Reads big-endian numbers off the front of a slice.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    fn count(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    }
}

/// How many of each thing a block holds, in the order of the file.
struct Counts {
    ut_indicators: usize,
    standard_indicators: usize,
    leaps: usize,
    transitions: usize,
    kinds: usize,
    letters: usize,
}

impl Counts {
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        if cursor.take(4)? != b"TZif" || cursor.take(1)?.first()? < &b'2' {
            return None;
        }
        cursor.take(15)?;
        Some(Self {
            ut_indicators: cursor.count()?,
            standard_indicators: cursor.count()?,
            leaps: cursor.count()?,
            transitions: cursor.count()?,
            kinds: cursor.count()?,
            letters: cursor.count()?,
        })
    }

    /// Bytes of what follows the transition times, their kinds and the kinds themselves.
    fn tail(&self, time: usize) -> Option<usize> {
        let leaps = self.leaps.checked_mul(time + 4)?;
        self.letters
            .checked_add(leaps)?
            .checked_add(self.standard_indicators)?
            .checked_add(self.ut_indicators)
    }

    fn block(&self, time: usize) -> Option<usize> {
        let moves = self.transitions.checked_mul(time + 1)?;
        moves.checked_add(self.kinds.checked_mul(6)?)?.checked_add(self.tail(time)?)
    }
}

fn offset_in(bytes: &[u8], unix: i64) -> Option<i64> {
    let mut cursor = Cursor(bytes);
    let old = Counts::read(&mut cursor)?;
    cursor.take(old.block(4)?)?;
    let counts = Counts::read(&mut cursor)?;
    let times = cursor.take(counts.transitions.checked_mul(8)?)?;
    let of_times = cursor.take(counts.transitions)?;
    let kinds = cursor.take(counts.kinds.checked_mul(6)?)?;
    cursor.take(counts.tail(8)?)?;

    let (times, _) = times.as_chunks::<8>();
    let passed = times.partition_point(|time| i64::from_be_bytes(*time) <= unix);
    let rule = footer(cursor.0)?;
    if passed == times.len() && !rule.is_empty() {
        return posix::offset(rule, unix);
    }
    // Before the first transition the first kind holds (RFC 9636, 3.2).
    let kind = passed.checked_sub(1).map_or(Some(0), |last| of_times.get(last).copied())?;
    let (kinds, _) = kinds.as_chunks::<6>();
    let [a, b, c, d, ..] = kinds.get(usize::from(kind))?;
    Some(i64::from(i32::from_be_bytes([*a, *b, *c, *d])))
}

/// The rule for all times after the last transition; empty where the file gives none.
fn footer(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?.strip_prefix('\n')?;
    text.split_once('\n').map(|(rule, _)| rule)
}

#[cfg(test)]
mod tests;
