//! `gateshctl audit-document`: everything that is wrong with a document, worst things with a value that shows
//! them.

mod levels;
mod lines;
mod patterns;
mod scripts;
mod shape;

use super::document::Document;
use super::finding::{Finding, Severity};

/// Every finding, in the order of the document. The document holds when none is an error.
pub fn audit(document: &Document) -> Vec<Finding> {
    let mut findings = shape::findings(document);
    findings.extend(scripts::findings(document));
    findings.extend(lines::findings(document));
    findings.extend(patterns::findings(document));
    findings.sort_by_key(|finding| finding.line);
    findings
}

/// A finding without a witness.
fn finding(severity: Severity, id: &str, place: (&str, usize), what: &str, cure: &str) -> Finding {
    Finding {
        id: id.to_owned(),
        severity,
        pointer: place.0.to_owned(),
        line: place.1,
        what: what.to_owned(),
        witness: None,
        cure: cure.to_owned(),
    }
}

#[cfg(test)]
mod tests;
