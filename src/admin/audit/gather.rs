//! Puts records together again: the parts of one, the end of a command and its start, the numbers of a session.

use std::collections::{BTreeMap, VecDeque};

use super::entry::Stamp;
use crate::audit::{MOST_PARTS, Record};

/// As many unfinished records are waited for; a log that somebody fills with halves costs no more.
const MOST_PENDING: usize = 1_000;
/// As many commands may be running at once before the ends of the oldest are no longer matched.
const MOST_RUNNING: usize = 20_000;

/// A record, whole or as far as it came.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) record: Record,
    pub(super) stamp: Stamp,
    /// Whether parts of it are missing.
    pub(super) incomplete: bool,
    /// For the end of a command: its start.
    pub(super) start: Option<Box<Record>>,
}

/// Which record a part belongs to. The senders stand in it too, so that a forged part spoils no true record.
type Key = (String, String, u32, Stamp);

#[derive(Debug, Default)]
pub(super) struct Gatherer {
    pending: BTreeMap<Key, Vec<Record>>,
    arrived: VecDeque<Key>,
    running: BTreeMap<(String, String, u64, Stamp), Box<Record>>,
    started: VecDeque<(String, String, u64, Stamp)>,
}

impl Gatherer {
    /// What is complete now that this came.
    pub(super) fn take(&mut self, record: Record, stamp: Stamp) -> Vec<Seen> {
        let Some(parts) = record.parts else { return vec![self.whole(record, stamp, false)] };
        let key = (record.host.clone(), record.id.clone(), record.uid, stamp);
        let mut out = Vec::new();
        let is_first = record.part == Some(1);
        // A part that begins anew means that the rest of what came before will not.
        if is_first && self.pending.contains_key(&key) {
            out.extend(self.give_up(&key));
        }
        let known = self.pending.entry(key.clone()).or_default();
        if known.is_empty() {
            self.arrived.push_back(key.clone());
        }
        known.push(record);
        let is_last = known.last().is_some_and(|last| last.part == Some(parts));
        let too_many = known.len() > usize::try_from(MOST_PARTS).unwrap_or(0);
        if is_last || too_many {
            let parts = self.pending.remove(&key).unwrap_or_default();
            out.extend(self.joined(parts, stamp));
        }
        while self.pending.len() > MOST_PENDING {
            let Some(oldest) = self.arrived.pop_front() else { break };
            out.extend(self.give_up(&oldest));
        }
        out
    }

    /// What never became complete.
    pub(super) fn rest(&mut self) -> Vec<Seen> {
        let keys: Vec<Key> = self.arrived.drain(..).collect();
        keys.iter().flat_map(|key| self.give_up(key)).collect()
    }

    fn give_up(&mut self, key: &Key) -> Vec<Seen> {
        let parts = self.pending.remove(key).unwrap_or_default();
        self.joined(parts, key.3)
    }

    fn joined(&mut self, parts: Vec<Record>, stamp: Stamp) -> Vec<Seen> {
        if let Some(whole) = Record::join(&parts) {
            return vec![self.whole(whole, stamp, false)];
        }
        parts.into_iter().map(|part| self.whole(part, stamp, true)).collect()
    }

    fn whole(&mut self, record: Record, stamp: Stamp, incomplete: bool) -> Seen {
        let key = |seq| (record.host.clone(), record.session.clone(), seq, stamp);
        let start = record.start_seq.and_then(|seq| self.running.remove(&key(seq)));
        if record.event == "command-start" && !incomplete {
            let key = key(record.seq);
            self.running.insert(key.clone(), Box::new(record.clone()));
            self.started.push_back(key);
        }
        while self.started.len() > MOST_RUNNING {
            if let Some(oldest) = self.started.pop_front() {
                self.running.remove(&oldest);
            }
        }
        Seen { record, stamp, incomplete, start }
    }
}

/// The numbers of every session: what is missing between the first and the last that came.
#[derive(Debug, Default)]
pub(super) struct Numbers(BTreeMap<(String, String), Runs>);

/// The numbers that came, as runs without a gap: first and last of each. A whole session is one run.
type Runs = BTreeMap<u64, u64>;

/// What a session lacks.
#[derive(Debug)]
pub(super) struct Gap<'n> {
    pub(super) host: &'n str,
    pub(super) session: &'n str,
    /// First and last of each range.
    pub(super) missing: Vec<(u64, u64)>,
}

impl Numbers {
    /// Only what can be a session's own counts: a forged number would hide a gap, or make one.
    /// Answers whether the session had used the number before.
    pub(super) fn take(&mut self, seen: &Seen) -> bool {
        if matches!(seen.stamp, Stamp::Other(_)) {
            return false;
        }
        let key = (seen.record.host.clone(), seen.record.session.clone());
        let runs = self.0.entry(key).or_default();
        // Records that gatesh says it could not write are told as lost, and are no gap besides.
        let first = seen.record.seq.saturating_sub(seen.record.lost.unwrap_or(0));
        let known = runs.range(..=seen.record.seq).next_back();
        let is_repeated = known.is_some_and(|(_, last)| *last >= seen.record.seq);
        add(runs, first, seen.record.seq);
        is_repeated && !seen.incomplete
    }

    /// Every session that lacks some.
    pub(super) fn gaps(&self) -> Vec<Gap<'_>> {
        let missing = |runs: &Runs| {
            let pairs = runs.values().zip(runs.keys().skip(1));
            pairs.map(|(last, next)| (last.saturating_add(1), next.saturating_sub(1))).collect::<Vec<_>>()
        };
        let all = self.0.iter().map(|((host, session), runs)| Gap { host, session, missing: missing(runs) });
        all.filter(|gap| !gap.missing.is_empty()).collect()
    }
}

/// Puts a run in, together with those it touches.
fn add(runs: &mut Runs, mut first: u64, mut last: u64) {
    while let Some((begin, end)) = runs.range(..=last.saturating_add(1)).next_back() {
        let (begin, end) = (*begin, *end);
        if end.saturating_add(1) < first {
            break;
        }
        runs.remove(&begin);
        (first, last) = (first.min(begin), last.max(end));
    }
    runs.insert(first, last);
}

/// `3, 7 to 9`.
pub(super) fn ranges(missing: &[(u64, u64)]) -> String {
    let range = |(first, last): &(u64, u64)| match first == last {
        true => first.to_string(),
        false => format!("{first} to {last}"),
    };
    missing.iter().map(range).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(id: &str, part: u32, parts: u32, line: &str) -> Record {
        Record {
            v: 1,
            event: "command-start".into(),
            id: id.into(),
            part: Some(part),
            parts: Some(parts),
            line: Some(line.into()),
            ..Record::default()
        }
    }

    fn lines(seen: &[Seen]) -> Vec<(&str, bool)> {
        seen.iter().map(|seen| (seen.record.line.as_deref().unwrap_or(""), seen.incomplete)).collect()
    }

    #[test]
    fn parts_of_two_records_that_came_mixed_are_put_together() {
        let mut all = Gatherer::default();
        assert!(all.take(part("a", 1, 2, "l"), Stamp::None).is_empty());
        assert!(all.take(part("b", 1, 2, "c"), Stamp::None).is_empty());
        assert_eq!(lines(&all.take(part("a", 2, 2, "s"), Stamp::None)), [("ls", false)]);
        assert_eq!(lines(&all.take(part("b", 2, 2, "at"), Stamp::None)), [("cat", false)]);
        assert!(all.rest().is_empty());
    }

    #[test]
    fn a_part_that_is_missing_is_told() {
        let mut all = Gatherer::default();
        all.take(part("a", 1, 3, "l"), Stamp::None);
        assert_eq!(lines(&all.take(part("a", 3, 3, "s"), Stamp::None)), [("l", true), ("s", true)]);
        all.take(part("b", 1, 2, "x"), Stamp::None);
        assert_eq!(lines(&all.rest()), [("x", true)]);
    }

    #[test]
    fn a_forged_part_spoils_no_true_record() {
        let mut all = Gatherer::default();
        all.take(part("a", 1, 2, "l"), Stamp::Same);
        assert_eq!(lines(&all.take(part("a", 2, 2, "s; rm"), Stamp::Other(7))), [("s; rm", true)]);
        assert_eq!(lines(&all.take(part("a", 2, 2, "s"), Stamp::Same)), [("ls", false)]);
    }

    #[test]
    fn halves_without_end_cost_no_more_than_a_thousand() {
        let mut all = Gatherer::default();
        let given_up: usize =
            (0..3_000).map(|n| all.take(part(&n.to_string(), 1, 2, ""), Stamp::None).len()).sum();
        assert_eq!((given_up, all.pending.len()), (2_000, MOST_PENDING));
    }

    #[test]
    fn a_part_of_many_sent_again_and_again_ends() {
        let mut all = Gatherer::default();
        let out: usize = (0..100).map(|_| all.take(part("a", 2, 8, "x"), Stamp::None).len()).sum();
        assert!(out >= 90 && all.pending.len() <= 1);
    }

    #[test]
    fn an_end_knows_its_start() {
        let mut all = Gatherer::default();
        let start = Record { seq: 4, ..part("a", 1, 1, "ls") };
        all.take(Record { parts: None, part: None, ..start }, Stamp::None);
        let end = Record { event: "command-end".into(), start_seq: Some(4), ..Record::default() };
        let seen = all.take(end.clone(), Stamp::None);
        assert_eq!(seen[0].start.as_ref().and_then(|start| start.line.as_deref()), Some("ls"));
        assert!(all.take(end, Stamp::None)[0].start.is_none(), "a command ends once");
    }

    #[test]
    fn a_number_counts_once() {
        let mut numbers = Numbers::default();
        let mut take = |seq, stamp| {
            let record = Record { seq, ..Record::default() };
            numbers.take(&Seen { record, stamp, incomplete: false, start: None })
        };
        assert!(!take(1, Stamp::None) && !take(2, Stamp::Same) && !take(2, Stamp::Other(7)));
        assert!(take(1, Stamp::None) && take(2, Stamp::None));
    }

    #[test]
    fn what_gatesh_could_not_write_is_no_gap() {
        let mut numbers = Numbers::default();
        for (seq, lost) in [(1, None), (5, Some(2))] {
            let record = Record { seq, lost, ..Record::default() };
            numbers.take(&Seen { record, stamp: Stamp::None, incomplete: false, start: None });
        }
        assert_eq!(numbers.gaps()[0].missing, [(2, 2)]);
    }

    #[test]
    fn gaps_are_what_is_missing_in_between() {
        let mut numbers = Numbers::default();
        let mut all = Gatherer::default();
        for (seq, stamp) in [
            (2, Stamp::None),
            (5, Stamp::Same),
            (4, Stamp::Other(7)),
            (9, Stamp::None),
            (u64::MAX, Stamp::Other(7)),
        ] {
            let record = Record { seq, session: "s".into(), ..Record::default() };
            for seen in all.take(record, stamp) {
                numbers.take(&seen);
            }
        }
        let gaps = numbers.gaps();
        assert_eq!(gaps.len(), 1);
        assert_eq!(ranges(&gaps[0].missing), "3 to 4, 6 to 8");
    }
}
