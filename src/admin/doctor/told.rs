//! Findings as an admin reads them: what is so of many accounts is said once, with the names of all.

use super::finding::{Finding, Severity};
use crate::excerpt::{COLUMNS, columns_of, escape};

/// Names that a finding gives at most: nobody reads more, and `--json` has them all.
const MOST_NAMED: usize = 60;

/// One finding, or several that differ in nothing but whom they are about.
#[derive(Debug)]
pub(super) struct Told<'f> {
    finding: &'f Finding,
    /// Each once, in the order found.
    subjects: Vec<&'f str>,
}

/// The findings, those that say the same together in the place of the first.
pub(super) fn together(found: &[Finding]) -> Vec<Told<'_>> {
    let mut told: Vec<Told<'_>> = Vec::new();
    for finding in found {
        match told.iter_mut().find(|told| told.finding.says_the_same_as(finding)) {
            None => told.push(Told { finding, subjects: vec![&finding.subject] }),
            Some(told) if told.subjects.contains(&finding.subject.as_str()) => {}
            Some(told) => told.subjects.push(&finding.subject),
        }
    }
    told
}

impl Told<'_> {
    pub(super) fn severity(&self) -> Severity {
        self.finding.severity
    }

    /// As text: names on a host are not the admin's alone to choose.
    pub(super) fn lines(&self) -> Vec<String> {
        let finding = self.finding;
        let cure = if self.subjects.len() > 1 { finding.cure_for_each() } else { finding.cure.as_deref() };
        let text = finding.text.lines().map(|line| format!("         {}", escape(line)));
        let cure = cure.map(|cure| format!("         mend it: {}", escape(cure)));
        self.head().into_iter().chain(text).chain(cure).collect()
    }

    /// The severity, the subjects and the id.
    fn head(&self) -> Vec<String> {
        let mut names: Vec<String> = self.subjects.iter().map(|name| escape(name)).collect();
        if names.len() > MOST_NAMED {
            let more = names.len().saturating_sub(MOST_NAMED);
            names.truncate(MOST_NAMED);
            names.push(format!("and {more} more"));
        }
        let last = names.len().saturating_sub(1);
        let mut lines = Vec::new();
        let mut line = format!("{:<8}", self.finding.severity.word());
        for (index, name) in names.iter().enumerate() {
            let piece = match index == last {
                true => format!(" {name}  ({})", self.finding.id),
                false => format!(" {name},"),
            };
            if index > 0 && columns_of(&line).saturating_add(columns_of(&piece)) > COLUMNS {
                lines.push(std::mem::replace(&mut line, " ".repeat(8)));
            }
            line.push_str(&piece);
        }
        lines.push(line);
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwards(name: &str) -> Finding {
        Finding::warning("ssh-way", name, "allowtcpforwarding yes: reaches any TCP port from this host")
            .cure_of(name, |who| format!("Match User {who} with allowtcpforwarding no"))
    }

    fn lines(found: &[Finding]) -> Vec<String> {
        together(found).iter().flat_map(Told::lines).collect()
    }

    #[test]
    fn what_is_so_of_one_names_them_in_its_cure() {
        assert_eq!(
            lines(&[forwards("ann")]),
            [
                "warning  ann  (ssh-way)",
                "         allowtcpforwarding yes: reaches any TCP port from this host",
                "         mend it: Match User ann with allowtcpforwarding no",
            ]
        );
    }

    #[test]
    fn what_is_so_of_many_is_said_once() {
        let other = Finding::warning("home", "bob", "others can write to it").cure("chmod go-w /home/bob");
        assert_eq!(
            lines(&[forwards("ann"), other, forwards("bob"), forwards("ann")]),
            [
                "warning  ann, bob  (ssh-way)",
                "         allowtcpforwarding yes: reaches any TCP port from this host",
                "         mend it: Match User NAME with allowtcpforwarding no",
                "warning  bob  (home)",
                "         others can write to it",
                "         mend it: chmod go-w /home/bob",
            ]
        );
    }

    #[test]
    fn what_differs_in_more_than_its_subject_stays_apart() {
        let home =
            |name: &str| Finding::warning("home", name, "same").cure(format!("chmod go-w /home/{name}"));
        let note = home("ann").severity(Severity::Note);
        assert_eq!(together(&[home("ann"), home("bob"), note]).len(), 3);
    }

    #[test]
    fn fifty_accounts_take_a_few_lines_of_eighty_columns() {
        let found: Vec<Finding> = (0..50).map(|n| forwards(&format!("person{n:02}"))).collect();
        let said = lines(&found);
        assert!(said.len() <= 10, "{said:#?}");
        assert!(said.iter().all(|line| line.len() <= COLUMNS), "{said:#?}");
        assert!(found.iter().all(|one| said.iter().any(|line| line.contains(&one.subject))), "{said:#?}");
    }

    #[test]
    fn of_very_many_the_rest_is_counted() {
        let found: Vec<Finding> = (0..500).map(|n| forwards(&format!("person{n:03}"))).collect();
        let said = lines(&found).join(" ");
        let words: Vec<&str> = said.split_whitespace().collect();
        assert!(words.join(" ").contains("person059, and 440 more (ssh-way)"), "{said}");
    }
}
