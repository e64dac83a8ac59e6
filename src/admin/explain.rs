//! `gateshctl explain`: the words of a line, every rule that was tried and where it stopped, and the launch that
//! would happen. Nothing is run.

mod elevated;

use std::time::SystemTime;

use clap::Args;
use serde_json::{Value, json};

use self::elevated::Elevated;
use super::builtins::refused;
use super::people::{Person, Whose};
use super::{Answer, Common, Unanswered, Verdict, print, print_json};
use crate::audit::Reason;
use crate::command::{Line, read};
use crate::excerpt::{COLUMNS, escape};
use crate::launch::confinement::abi::Kernel;
use crate::launch::confinement::report;
use crate::launch::{Launch, Surroundings};
use crate::policy::decide::{Attempt, Bench, Decision, Grant, Judged, judge_line};
use crate::policy::denial::{Denial, Nearest, Setting};
use crate::policy::paths::{Effort, View};
use crate::policy::programs::Programs;
use crate::policy::{Enforcement, Explain as Detail, Policy};
use crate::words::{LineFault, Word, quote};

#[derive(Args)]
pub(super) struct Explain {
    #[command(flatten)]
    whose: Whose,
    /// The line, as one word in quotes; or its words, which are then taken as they are
    #[arg(required = true, last = true, value_name = "LINE")]
    line: Vec<String>,
}

impl Explain {
    pub(super) fn run(&self, common: &Common) -> Answer {
        let person = self.whose.load(common)?;
        let text = self.text();
        let home = person.identity.home.to_string_lossy().into_owned();
        let line = read(text.as_bytes(), &home);
        if let Err(fault) = &line {
            return Ok(not_understood(common, &text, fault));
        }
        if let Some(why) = person.not_let_in() {
            return Ok(no_session(common, &text, &why));
        }
        let programs = Programs::on_host(&person.policy.settings.program_path);
        let view = start(&person, &programs)?;
        let clock = Some(SystemTime::now());
        let bench = Bench { policy: &person.policy, view: &view, programs: &programs, clock };
        let line = match line {
            Ok(Line::Run(line)) => line,
            Ok(Line::Builtin(builtin)) => {
                return Ok(own(common, &text, refused(&bench, &builtin, &home).as_ref()));
            }
            Ok(Line::Empty) | Err(_) => return Err(Unanswered("the line is empty".to_owned())),
        };
        let judged = judge_line(&bench, &line, &Effort::default());
        let is_allowed = judged.iter().all(|one| matches!(one.judgement.decision, Decision::Allow(_)));
        let count = judged.len();
        let told: Vec<Told> = judged.into_iter().map(|one| Told::of(one, &person, &view, count)).collect();
        if common.json {
            let commands: Vec<&Value> = told.iter().map(|told| &told.json).collect();
            let groups: Vec<&str> = person.policy.groups.iter().map(|group| group.name.as_str()).collect();
            print_json(&json!({
                "line": text, "groups": groups, "allowed": is_allowed, "commands": commands,
            }));
        } else {
            print(told.iter().flat_map(|told| &told.text));
            let verdict = if is_allowed { "allowed" } else { "denied: nothing of the line runs" };
            print([verdict]);
        }
        Ok(if is_allowed { Verdict::Holds } else { Verdict::Fails })
    }

    fn text(&self) -> String {
        match self.line.as_slice() {
            [line] => line.clone(),
            words => words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" "),
        }
    }
}

/// A line that has no words to judge.
fn not_understood(common: &Common, text: &str, fault: &LineFault) -> Verdict {
    if common.json {
        let why = json!({ "code": fault.code(), "message": fault.message(), "cure": fault.cure() });
        print_json(&json!({ "line": text, "allowed": false, "not_understood": why, "commands": [] }));
    } else {
        print(std::iter::once(fault.message()).chain(fault.cure()));
        print(["denied: not understood"]);
    }
    Verdict::Fails
}

/// Of somebody whom gatesh does not let in, whatever the line.
fn no_session(common: &Common, text: &str, why: &str) -> Verdict {
    if common.json {
        print_json(&json!({
            "line": text, "groups": [], "allowed": false, "no_session": why, "commands": [],
        }));
    } else {
        print([why, "denied: no session opens, exit status 125"]);
    }
    Verdict::Fails
}

/// What gatesh does itself.
fn own(common: &Common, text: &str, refused: Option<&Nearest>) -> Verdict {
    let why = refused.map(Nearest::text);
    if common.json {
        print_json(&json!({
            "line": text, "allowed": why.is_none(), "built_in": { "stopped": why }, "commands": [],
        }));
    } else {
        print([format!("{} is gatesh's own", escape(text))]);
        print([why.map_or_else(|| "allowed".to_owned(), |why| format!("denied: {why}"))]);
    }
    if why.is_none() { Verdict::Holds } else { Verdict::Fails }
}

/// Where the person's session would start.
fn start(person: &Person, programs: &Programs) -> Result<View, Unanswered> {
    if !person.is_real {
        return Ok(View::Text { name: person.identity.home.clone() });
    }
    let view = View::host().map_err(|error| Unanswered(format!("the current directory: {error}")))?;
    let bench = Bench { policy: &person.policy, view: &view, programs, clock: None };
    let start = bench.start(&person.identity.home);
    drop(view);
    nix::unistd::chdir(&start)
        .map_err(|errno| Unanswered(format!("{}: {}", start.display(), errno.desc())))?;
    View::host().map_err(|error| Unanswered(format!("{}: {error}", start.display())))
}

/// One command, told as text and as data.
struct Told {
    text: Vec<String>,
    json: Value,
}

impl Told {
    fn of(judged: Judged<'_>, person: &Person, view: &View, stages: usize) -> Self {
        let words: Vec<String> =
            judged.stage.command.words().iter().map(|word| word.text().to_owned()).collect();
        let shown = words.iter().map(|word| escape(&quote(word))).collect::<Vec<_>>().join(" ");
        let mut text = vec![format!("command {}  {shown}", judged.stage.index.saturating_add(1))];
        text.push(format!(
            "  words     {}",
            words.iter().map(|word| escape(word)).collect::<Vec<_>>().join(" · ")
        ));
        let tried: Vec<Value> = judged
            .judgement
            .trace
            .iter()
            .map(|attempt| tried(attempt, judged.stage.command.words(), &mut text))
            .collect();
        let decision = match judged.judgement.decision {
            Decision::Allow(grant) => granted(*grant, person, view, &mut text),
            Decision::Deny(denial) => {
                let setting = Setting::of(&person.policy, &judged.stage, stages, 0);
                denied(&denial, &person.policy, &setting, &mut text)
            }
        };
        Self { text, json: json!({ "words": words, "tried": tried, "decision": decision }) }
    }
}

fn tried(attempt: &Attempt, words: &[Word], text: &mut Vec<String>) -> Value {
    let place = &attempt.rule.place;
    let file = place.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stopped = Nearest::stood_against(attempt, words);
    text.push(format!("  tried     {}", attempt.synopsis));
    let sudo = through_sudo(attempt).map(|user| format!(", through sudo as {user}")).unwrap_or_default();
    text.push(format!(
        "            {} of {} ({file} line {}){sudo}",
        attempt.rule.name, attempt.group, place.line
    ));
    text.push(match &stopped {
        None => "            fits".to_owned(),
        Some(nearest) => format!("            {}: {}", nearest.label(), nearest.text()),
    });
    json!({
        "group": attempt.group,
        "rule": attempt.rule.name,
        "file": place.file,
        "line": place.line,
        "synopsis": attempt.synopsis,
        "fits": stopped.is_none(),
        "code": stopped.as_ref().map(|nearest| Reason::from(nearest.ground()).code()),
        "stopped": stopped.as_ref().map(|nearest| format!("{}: {}", nearest.label(), nearest.text())),
    })
}

/// The user a synopsis runs as, if sudo stands before it.
fn through_sudo(attempt: &Attempt) -> Option<&str> {
    let tried = attempt.rule.synopses.iter().find(|synopsis| synopsis.text() == attempt.synopsis);
    tried?.elevation().map(|elevation| elevation.user.as_deref().unwrap_or("root"))
}

fn denied(denial: &Denial, policy: &Policy, setting: &Setting, text: &mut Vec<String>) -> Value {
    let lines = denial.lines(Detail::Full, setting, COLUMNS);
    text.push("  denied    the person reads:".to_owned());
    text.extend(lines.iter().map(|line| format!("    {line}")));
    let groups: Vec<&str> = policy.groups.iter().map(|group| group.name.as_str()).collect();
    let code = Reason::from(denial.ground()).code();
    json!({ "allowed": false, "code": code, "reason": denial.reason(), "groups": groups })
}

fn granted(grant: Grant, person: &Person, view: &View, text: &mut Vec<String>) -> Value {
    let (group, rule, argv) = (grant.group().to_owned(), grant.rule().name.clone(), grant.argv());
    text.push(format!("  allowed   by {rule} of {group}"));
    let rule_terms = grant.terms().clone();
    let elevated = Elevated::of(&grant, person);
    let launched = Surroundings::of(&person.identity, &person.policy.settings, view, &[])
        .ok_or_else(|| "paths were judged as text: --user shows the launch".to_owned())
        .and_then(|around| Launch::plan(grant, &around).map_err(|error| error.to_string()));
    let launch = match launched {
        Ok(launch) => {
            let operands: Vec<_> = launch.operands().iter().collect();
            let held = elevated
                .as_ref()
                .map_or_else(|| report::describe(&rule_terms, &operands, &Kernel::probe()), Elevated::held);
            describe(&launch, &held, text)
        }
        Err(why) => {
            text.push(format!("  argv      {}", argv.join(" · ")));
            text.push(format!("  launch    {why}"));
            if let Some(elevated) = &elevated {
                held_by(Enforcement::Elevated, &elevated.held(), text);
            }
            json!({ "error": why })
        }
    };
    if let Some(elevated) = &elevated {
        elevated.told(text);
    }
    json!({
        "allowed": true, "group": group, "rule": rule, "argv": argv, "launch": launch,
        "sudo": elevated.as_ref().map(Elevated::json),
    })
}

fn held_by(enforcement: Enforcement, held: &[String], text: &mut Vec<String>) {
    let name = report::enforcement_name(enforcement);
    text.push(format!("  held      {name}: {}", report::enforcement_meaning(enforcement)));
    text.extend(held.iter().map(|line| format!("            {line}")));
}

fn describe(launch: &Launch, held: &[String], text: &mut Vec<String>) -> Value {
    let enforcement = report::enforcement_name(launch.enforcement());
    text.push(format!("  program   {}", launch.program().path.display()));
    text.push(format!(
        "  argv      {}",
        launch.argv().iter().map(|word| escape(word)).collect::<Vec<_>>().join(" · ")
    ));
    let mut environment = Vec::new();
    for (name, value) in launch.environment() {
        environment.push(format!("{name}={}", value.to_string_lossy()));
    }
    for (index, variable) in environment.iter().enumerate() {
        let label = if index == 0 { "environ" } else { "" };
        text.push(format!("  {label:<8}  {}", escape(variable)));
    }
    held_by(launch.enforcement(), held, text);
    text.extend(launch.withheld().iter().map(|path| format!("            but not {path}: a deny covers it")));
    text.extend(launch.degradations().iter().map(|line| format!("            not held: {line}")));
    json!({
        "program": launch.program().path,
        "argv": launch.argv(),
        "environment": environment,
        "enforcement": enforcement,
        "confinement": held,
        "withheld": launch.withheld(),
        "degradations": launch.degradations(),
        "timeout_seconds": launch.timeout().map(|timeout| timeout.as_secs()),
    })
}
