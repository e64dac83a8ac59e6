//! The two readers of an `allowedPattern` themselves: Systems Manager's, which is Java, and the agent's, which is RE2.
//! A pattern that one of them refuses stops every session; one that Java has to try in many ways stops it for long.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use gatesh::admin::export::SAFE_PATTERN;
use gatesh::admin::language::line::pattern;
use regex::Regex;

use super::{lines, root, shipped};
use crate::export::tool;

/// In hexadecimal nothing of a line is special to whatever reads it.
fn coded(text: &str) -> String {
    text.bytes()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from(b"0123456789abcdef"[usize::from(half)]))
        .collect()
}

/// What `reader` answers to each pair.
fn answers(reader: &Path, words: &[&str], pairs: &[(String, String)]) -> String {
    let mut child = Command::new(reader)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines =
        pairs.iter().flat_map(|(pattern, line)| [coded(pattern), " ".into(), coded(line), "\n".into()]);
    let text: String = lines.collect();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Every case of every shipped group with its pattern and with the general one, and what begins like something allowed,
/// goes on for as long as a value may, and ends otherwise.
fn pairs() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (_, policy) in shipped() {
        let written = pattern(&policy);
        let cases = [lines(&policy, true), lines(&policy, false)].concat();
        let long = |line: &String| {
            let room = 1_000_usize.saturating_sub(line.len());
            ["a", "-", " a", " -n", "/", " x/.", "1"].map(|more| {
                let most: String = more.chars().cycle().take(room).collect();
                format!("{line}{most};")
            })
        };
        for line in cases.iter().cloned().chain(cases.iter().take(12).flat_map(long)) {
            all.push((SAFE_PATTERN.to_owned(), line.clone()));
            all.push((written.clone(), line));
        }
    }
    all
}

fn agrees(reader: &Path, words: &[&str]) {
    let pairs = pairs();
    let start = Instant::now();
    let said = answers(reader, words, &pairs);
    // One whole second would be noticed by whoever starts a session; this is for all of them together.
    assert!(start.elapsed() < Duration::from_mins(2), "{:?} for {} lines", start.elapsed(), pairs.len());
    assert_eq!(said.len(), pairs.len());
    let mut compiled: BTreeMap<&str, Regex> = BTreeMap::new();
    for ((pattern, line), said) in pairs.iter().zip(said.chars()) {
        let regex = compiled.entry(pattern).or_insert_with(|| Regex::new(pattern).unwrap());
        assert_eq!(said == '1', regex.is_match(line), "{pattern} {line}");
    }
    assert!(said.contains('0') && said.contains('1'));
}

/// Another python than that of `tests/run.sh` may lack it.
fn has_re2(python: &Path) -> bool {
    let has = Command::new(python).args(["-c", "import re2"]).output().unwrap().status.success();
    if !has {
        assert!(std::env::var("CI").is_err(), "{} has no re2: sh tests/run.sh installs it", python.display());
        println!("skipped: {} has no re2", python.display());
    }
    has
}

#[test]
fn re2_reads_the_pattern_as_it_was_meant() {
    let Some(python) = tool("python3").filter(|python| has_re2(python)) else { return };
    agrees(&python, &[root().join("tests/allowed_pattern/find.py").to_str().unwrap()]);
}

#[test]
fn java_reads_the_pattern_as_it_was_meant_and_does_not_try_for_long() {
    let Some(java) = tool("java") else { return };
    agrees(&java, &[root().join("tests/allowed_pattern/Find.java").to_str().unwrap()]);
}
