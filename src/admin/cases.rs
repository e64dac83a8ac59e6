//! `gateshctl test`: the `[cases]` of the group files, judged by the gate's own evaluator for somebody who is in
//! that group and no other; those of a set for somebody whose group has nothing but the set. Every `when` holds.
//! Paths are judged as text, or in a fixture tree with `--root`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::builtins::refused;
use super::check::plural;
use super::people::member;
use super::{Answer, Common, Unanswered, Verdict, print, print_json};
use crate::command::{Line, read};
use crate::excerpt::COLUMNS;
use crate::policy::decide::{Bench, Decision, judge_line};
use crate::policy::denial::Setting;
use crate::policy::file::{PolicyErrors, PolicySource, UnixName, load_everything, load_for_groups, load_set};
use crate::policy::paths::{Effort, View};
use crate::policy::programs::Programs;
use crate::policy::{Case, Expect, Explain, Policy};

#[derive(Args)]
pub(super) struct Test {
    /// A policy directory, instead of --config
    directory: Option<PathBuf>,
    /// Resolve paths in this tree instead of judging them as text
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

/// One case and what came of it.
struct Tried {
    group: String,
    case: Case,
    /// `None` when it was allowed, else what the person would read.
    denial: Option<String>,
}

impl Test {
    pub(super) fn run(&self, common: &Common) -> Answer {
        let source = common.source(self.directory.as_ref())?;
        let survey = load_everything(&source, &|_| UnixName::Known);
        let mut tried = Vec::new();
        for group in &survey.groups {
            tried.extend(self.group(&source, &group.name)?);
        }
        for set in survey.sets.iter().filter(|set| !set.cases.is_empty()) {
            tried.extend(self.set(&source, &set.name)?);
        }
        if survey.groups.is_empty() {
            print(survey.faults.iter().map(|fault| format!("{fault}")));
            return Err(Unanswered("there is no group file to test that can be read".to_owned()));
        }
        let failed: Vec<&Tried> = tried.iter().filter(|tried| !tried.holds()).collect();
        if common.json {
            print_json(&json!({
                "holds": failed.is_empty(),
                "paths": if self.root.is_some() { "resolved" } else { "text" },
                "cases": tried.iter().map(Tried::as_json).collect::<Vec<_>>(),
            }));
        } else {
            print(failed.iter().map(|tried| tried.text()));
            print([self.summary(tried.len(), failed.len())]);
        }
        Ok(if failed.is_empty() { Verdict::Holds } else { Verdict::Fails })
    }

    fn group(&self, source: &PolicySource, name: &str) -> Result<Vec<Tried>, Unanswered> {
        let home = member(name).home;
        self.tried(name, &home, load_for_groups(source, &[name.to_owned()], Some(&home)))
    }

    /// What a group adds is no part of it: its cases hold or fail whoever includes it.
    fn set(&self, source: &PolicySource, name: &str) -> Result<Vec<Tried>, Unanswered> {
        let home = member(name).home;
        self.tried(name, &home, load_set(source, name, Some(&home)))
    }

    fn tried(
        &self,
        name: &str,
        home: &Path,
        policy: Result<Policy, PolicyErrors>,
    ) -> Result<Vec<Tried>, Unanswered> {
        let policy = policy.map_err(|errors| Unanswered(format!("the policy cannot be used:\n{errors}")))?;
        let programs = Programs::as_text(&policy.settings.program_path);
        let start = start(&policy, &programs, home);
        let view = self.view(start)?;
        let bench = Bench { policy: &policy, view: &view, programs: &programs, clock: None };
        let cases = policy.groups.iter().flat_map(|group| &group.cases);
        let home = home.to_string_lossy();
        Ok(cases
            .map(|case| Tried {
                group: name.to_owned(),
                case: case.clone(),
                denial: denial(&bench, &case.line, &home),
            })
            .collect())
    }

    fn view(&self, start: PathBuf) -> Result<View, Unanswered> {
        match &self.root {
            None => Ok(View::Text { name: start }),
            Some(root) => View::rooted(root, start)
                .map_err(|error| Unanswered(format!("--root {}: {error}", root.display()))),
        }
    }

    fn summary(&self, cases: usize, failed: usize) -> String {
        let how = match &self.root {
            Some(root) => format!("paths resolved in {}", root.display()),
            None => "paths judged as text (--root DIR resolves them in a tree)".to_owned(),
        };
        match failed {
            0 => format!("{} hold; {how}", plural(cases, "case")),
            failed => format!("{failed} of {} do not hold; {how}", plural(cases, "case")),
        }
    }
}

/// Where a member's session would start, as text.
fn start(policy: &Policy, programs: &Programs, home: &Path) -> PathBuf {
    let view = View::Text { name: home.to_owned() };
    let bench = Bench { policy, view: &view, programs, clock: None };
    bench.start(home)
}

/// What the person would read, if the line is not allowed.
fn denial(bench: &Bench<'_>, line: &str, home: &str) -> Option<String> {
    let line = match read(line.as_bytes(), home) {
        Ok(Line::Empty) => return None,
        Ok(Line::Builtin(builtin)) => {
            return refused(bench, &builtin, home).map(|nearest| format!("cd: {}", nearest.text()));
        }
        Ok(Line::Run(line)) => line,
        Err(fault) => return Some(fault.message()),
    };
    let judged = judge_line(bench, &line, &Effort::default());
    let stages = judged.len();
    judged.iter().find_map(|judged| match &judged.judgement.decision {
        Decision::Allow(_) => None,
        Decision::Deny(denial) => {
            let setting = Setting::of(bench.policy, &judged.stage, stages, 0);
            Some(denial.lines(Explain::Full, &setting, COLUMNS).join("\n"))
        }
    })
}

impl Tried {
    fn holds(&self) -> bool {
        match (&self.case.expect, &self.denial) {
            (Expect::Allow, denial) => denial.is_none(),
            (Expect::Deny { .. }, None) => false,
            (Expect::Deny { because: None }, Some(_)) => true,
            (Expect::Deny { because: Some(part) }, Some(text)) => one_line(text).contains(part.as_str()),
        }
    }

    fn text(&self) -> String {
        let place = format!("{}:{}", self.case.place.file.display(), self.case.place.line);
        let said = match (&self.case.expect, &self.denial) {
            (Expect::Allow, _) => "is denied, and was to be allowed",
            (Expect::Deny { .. }, None) => "is allowed, and was to be denied",
            (Expect::Deny { .. }, Some(_)) => "is denied, but not because of that",
        };
        let wanted = match &self.case.expect {
            Expect::Deny { because: Some(part) } => format!("\n   expected: {part}"),
            Expect::Allow | Expect::Deny { because: None } => String::new(),
        };
        let denial = self.denial.iter().flat_map(|text| text.lines()).map(|line| format!("\n   {line}"));
        format!("{place}: {} {said}{wanted}{}", self.case.line, denial.collect::<String>())
    }

    fn as_json(&self) -> Value {
        json!({
            "group": self.group,
            "file": self.case.place.file,
            "line": self.case.place.line,
            "typed": self.case.line,
            "expect": if self.case.expect == Expect::Allow { "allow" } else { "deny" },
            "decision": if self.denial.is_none() { "allow" } else { "deny" },
            "denial": self.denial,
            "holds": self.holds(),
        })
    }
}

/// Wrapped lines put together again, so that `because` need not know where they were wrapped.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
