//! docs/confinement.md says what the tables of the code and of the tests say.

use gatesh::launch::confinement::report::{BY_ABI, enforcement_meaning, enforcement_name};
use gatesh::policy::Enforcement;
use gatesh::policy::sets::{BASE, SETS, Set};

use super::attempts::{ATTEMPTS, Held};

const DOCUMENT: &str = include_str!("../../docs/confinement.md");

/// Which rows the document lacks.
fn missing(rows: impl IntoIterator<Item = String>) -> Vec<String> {
    rows.into_iter().filter(|row| !DOCUMENT.lines().any(|line| line == row)).collect()
}

fn quoted(paths: &[&str]) -> String {
    paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(" ")
}

fn row(set: &Set) -> String {
    let network = set.network;
    let more = [
        (network.unix, "unix"),
        (network.inet, "inet"),
        (network.netlink, "netlink"),
        (set.private_tmp, "a TMPDIR of its own"),
        (set.processes, "may fork"),
        (set.terminal, "the terminal by name"),
    ];
    let more: Vec<&str> = more.iter().filter_map(|(holds, name)| holds.then_some(*name)).collect();
    let name = if set == &BASE { "base".to_owned() } else { format!("@{}", set.name) };
    let paths = quoted(&[set.read, set.devices, set.sockets].concat());
    format!("| `{name}` | {} | {} | {paths} |", set.about, more.join(", "))
}

#[test]
fn every_set_stands_in_the_document_as_it_is() {
    let missing = missing(std::iter::once(&BASE).chain(SETS).map(row));
    assert!(missing.is_empty(), "write into docs/confinement.md:\n{}", missing.join("\n"));
    let named = DOCUMENT.lines().filter(|line| line.starts_with("| `@")).count();
    assert_eq!(named, SETS.len(), "the document has a set too many");
}

#[test]
fn every_enforcement_stands_in_the_document_as_it_is() {
    use Enforcement::{Elevated, ExecOnce, Full, Listed, None};
    let row = |one| format!("| `{}` | {} |", enforcement_name(one), enforcement_meaning(one));
    let missing = missing([Full, Listed, ExecOnce, Elevated, None].map(row));
    assert!(missing.is_empty(), "write into docs/confinement.md:\n{}", missing.join("\n"));
}

#[test]
fn what_each_abi_holds_stands_in_the_document_as_it_is() {
    let missing =
        missing(BY_ABI.iter().map(|(abi, holds, before)| format!("| {abi} | {holds} | {before} |")));
    assert!(missing.is_empty(), "write into docs/confinement.md:\n{}", missing.join("\n"));
}

#[test]
fn every_attempt_that_is_left_stands_in_the_document_and_no_other() {
    let (_, section) = DOCUMENT.split_once("| attempt | why it is left |\n|---|---|\n").unwrap();
    let told: Vec<&str> =
        section.lines().map_while(|line| line.strip_prefix("| ")?.split(" | ").next()).collect();
    let left = |held: Held| matches!(held, Held::Granted | Held::Visible);
    let real: Vec<&str> =
        ATTEMPTS.iter().filter(|(_, held, _)| left(*held)).map(|(name, ..)| *name).collect();
    assert_eq!(told, real);
}
