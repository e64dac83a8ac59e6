use super::*;
use std::process::Command;

/// `date` of coreutils reads the same files through the C library.
fn by_date(zone: &str, unix: i64) -> Wall {
    let out = Command::new("date").env("TZ", zone).args(["-d", &format!("@{unix}"), "+%u %H %M"]).output();
    let text = String::from_utf8(out.expect("date").stdout).expect("text");
    let parts: Vec<u16> = text.split_whitespace().map(|part| part.parse().expect("number")).collect();
    Wall { weekday: usize::from(parts[0]) - 1, minute: parts[1] * 60 + parts[2] }
}

const ZONES: &[&str] = &[
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/Nuuk",
    "Asia/Kolkata",
    "America/Santiago",
    "Europe/Dublin",
    "Asia/Gaza",
    "Etc/GMT+5",
];

fn skip() -> bool {
    let missing = ZONES.iter().any(|zone| !exists(zone));
    if missing {
        println!("skipped: this host has no zone files");
    }
    missing
}

#[test]
fn clocks_agree_with_date_through_many_years() {
    if skip() {
        return;
    }
    for zone in ZONES {
        for step in 0..16_i64 {
            let unix = -300_000_000 + step * 233_333_333;
            assert_eq!(wall(zone, unix), Some(by_date(zone, unix)), "{zone} at {unix}");
        }
    }
}

#[test]
fn the_last_second_before_summer_time_is_winter_time() {
    if skip() {
        return;
    }
    // Berlin: 2025-03-30 01:00 UTC and 2025-10-26 01:00 UTC; New York: 2051-03-12 07:00 UTC (by the rule at
    // the end of the file); Santiago: 2040-04-08 03:00 UTC.
    let edges = [
        ("Europe/Berlin", 1_743_296_400),
        ("Europe/Berlin", 1_761_440_400),
        ("America/New_York", 2_562_217_200),
        ("America/Santiago", 2_217_380_400),
    ];
    for (zone, edge) in edges {
        let shown = [edge - 1, edge].map(|unix| wall(zone, unix));
        assert_eq!(shown, [edge - 1, edge].map(|unix| Some(by_date(zone, unix))), "{zone}");
        let step = shown[1].unwrap().minute.abs_diff(shown[0].unwrap().minute);
        assert!(step > 1, "{zone}: the clocks jump at {edge}");
    }
}

#[test]
fn a_cut_file_gives_no_time() {
    if skip() {
        return;
    }
    let whole = read("Europe/Berlin").expect("file");
    for length in 0..whole.len() {
        let _ = offset_in(&whole[..length], 1_743_296_400);
    }
    assert_eq!(offset_in(&whole[..whole.len() - 1], 1 << 33), None);
    assert_eq!(offset_in(&whole, 1_743_296_400), Some(7200));
}

#[test]
fn wild_counts_give_no_time() {
    let mut bytes = b"TZif2".to_vec();
    bytes.extend([0; 15]);
    bytes.extend([0xff; 24]);
    assert_eq!(offset_in(&bytes, 0), None);
}

#[test]
fn rules_that_are_no_rules_give_no_time() {
    for rule in
        ["CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "<X-1", "A-1B,J0,J9", "X:"]
    {
        assert_eq!(posix::offset(rule, 0), None, "{rule}");
    }
}

#[test]
fn rules_by_day_of_the_year_hold() {
    // 1970-03-01 is day 60 by J and 59 by plain counting; 1972 is a leap year.
    assert_eq!(posix::offset("A0B,J60/0,J300/0", 59 * 86_400), Some(3600));
    assert_eq!(posix::offset("A0B,J60/0,J300/0", 59 * 86_400 - 1), Some(0));
    assert_eq!(posix::offset("A0B,59/0,300/0", 59 * 86_400), Some(3600));
    let leap = 730 * 86_400;
    assert_eq!(posix::offset("A0B,J60/0,J300/0", leap + 59 * 86_400), Some(0), "29 February");
    assert_eq!(posix::offset("A0B,J60/0,J300/0", leap + 60 * 86_400), Some(3600));
}
