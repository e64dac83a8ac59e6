//! `help COMMAND`: the synopses that name it, what their values may be, and how it runs.

use super::{in_words, spelled, spelled_words, table, when};
use crate::excerpt::{ended, fold};
use crate::policy::synopsis::{Attachment, Name, Pattern, Segment, Slot, Spelling, Synopsis};
use crate::policy::types::Type;
use crate::policy::{Alias, Exec, Expect, Group, Limits, Network, Policy, Rule, Terms};

/// What the rules say of one program or alias, in rows of `width` columns: `None` when no rule names it.
pub fn about(policy: &Policy, program: &str, width: usize) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    if let Some(Alias::Words(words)) = policy.aliases.get(program) {
        let meaning = format!("stands for {}", spelled_words(words));
        lines.extend(fold(&format!("{program}   "), "    ", &meaning, width));
        let meant = words.iter().find(|word| *word != "sudo" && *word != program);
        lines.extend(meant.map(|meant| of_program(policy, meant, width)).unwrap_or_default());
        return Some(lines);
    }
    lines.extend(of_program(policy, program, width));
    (!lines.is_empty()).then_some(lines)
}

fn of_program(policy: &Policy, program: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for group in &policy.groups {
        for rule in &group.rules {
            for synopsis in rule.synopses.iter().filter(|synopsis| is_about(synopsis, program)) {
                lines.extend(allowed_by(synopsis.text(), &group.name, width));
                lines.extend(table("  ", &values(synopsis), width));
                lines.extend(terms(rule, synopsis).iter().flat_map(|term| fold("  ", "    ", term, width)));
            }
        }
        let example = example(group, program);
        lines.extend(example.iter().flat_map(|line| fold("  for example  ", "      ", line, width)));
    }
    lines
}

/// `sudo` stands for all that is run through it.
fn is_about(synopsis: &Synopsis, program: &str) -> bool {
    if program == "sudo" && synopsis.elevation().is_some() {
        return true;
    }
    synopsis.programs().iter().any(|name| name == program || name.rsplit('/').next() == Some(program))
}

fn allowed_by(synopsis: &str, group: &str, width: usize) -> Vec<String> {
    ended(fold("", "    ", synopsis, width), &format!("  allowed by {group}"), width)
}

/// Options that take a value and values, as they are written, with what they may be.
fn values(synopsis: &Synopsis) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    for segment in synopsis.segments() {
        let options = segment.block().into_iter().flat_map(|block| &block.options);
        rows.extend(options.flat_map(|option| &option.spellings).filter_map(option));
        rows.extend(segment.run().into_iter().flat_map(|run| &run.slots).filter_map(slot));
        rows.extend(fixed(segment));
    }
    let mut seen = std::collections::BTreeSet::new();
    rows.retain(|row: &(String, String)| seen.insert(row.0.clone()));
    rows
}

fn option(spelling: &Spelling) -> Option<(String, String)> {
    let patterns: Vec<&Pattern> = match (&spelling.name, &spelling.value) {
        (_, Some(value)) => value.patterns.iter().collect(),
        (Name::Word(patterns), None) => patterns.iter().collect(),
        (Name::Long(_) | Name::Short(_), None) => return None,
    };
    let mut text = taken(&patterns)?;
    let attachment = spelling.value.as_ref().map(|value| value.attachment);
    if let (Name::Short(letter), Some(Attachment::Either), Some(pattern)) =
        (&spelling.name, attachment, patterns.first())
    {
        text = format!("{text} (also -{letter}{pattern})");
    }
    Some((spelling.to_string(), text))
}

fn slot(slot: &Slot) -> Option<(String, String)> {
    let patterns: Vec<&Pattern> = slot.patterns.iter().collect();
    let written: Vec<String> = patterns.iter().map(ToString::to_string).collect();
    let many = if slot.repeated { "..." } else { "" };
    let text = taken(&patterns)?;
    let count = if slot.repeated { "one or more: " } else { "" };
    Some((format!("{}{many}", written.join("|")), format!("{count}{text}")))
}

fn fixed(segment: &Segment) -> Vec<(String, String)> {
    let words =
        segment.fixed().into_iter().flat_map(|fixed| &fixed.sequences).flat_map(|sequence| &sequence.words);
    let row = |pattern: &Pattern| Some((pattern.to_string(), taken(&[pattern])?));
    words.flatten().filter_map(row).collect()
}

/// What the values among the patterns may be; `None` where there is none.
fn taken(patterns: &[&Pattern]) -> Option<String> {
    let types: Vec<&Type> = patterns.iter().filter_map(|pattern| pattern.value.as_deref()).collect();
    let mut said: Vec<String> = types.into_iter().map(in_words).collect();
    said.dedup();
    (!said.is_empty()).then(|| said.join("; or "))
}

/// How it runs, where that is worth a line.
fn terms(rule: &Rule, synopsis: &Synopsis) -> Vec<String> {
    let mut lines = Vec::new();
    match synopsis.elevation() {
        Some(elevation) => {
            let user = elevation.user.as_deref().unwrap_or("root");
            lines.push(format!("runs as {user} through sudo, which alone confines it"));
        }
        None => lines.extend(confinement(&rule.terms)),
    }
    lines.extend(rule.terms.timeout.map(|timeout| format!("stopped after {}", spelled(timeout))));
    lines.extend(limits(&rule.terms.limits));
    lines.extend(rule.when.as_ref().map(|holds| format!("only {}", when(holds))));
    if rule.confirm {
        lines.push("asks before it runs".to_owned());
    }
    lines.extend(rule.reason.as_ref().map(|kind| format!("asks for <{}>: {}", kind.name, kind.describe())));
    lines
}

/// What the kernel lets it do besides what its words name.
fn confinement(terms: &Terms) -> Vec<String> {
    let mut cannot = Vec::new();
    let mut may = Vec::new();
    match &terms.exec {
        Exec::Nothing => cannot.push("start other programs".to_owned()),
        Exec::Listed(files) => {
            let names: Vec<_> = files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
            may.push(format!("start {}", names.join(", ")));
        }
        Exec::Any => may.push("start any program".to_owned()),
    }
    match terms.network == Network::default() && terms.with.is_empty() {
        true => cannot.push("use the network".to_owned()),
        false => may.extend((terms.network.inet || terms.network.unix).then(|| "use the network".to_owned())),
    }
    match terms.write.is_empty() {
        true => cannot.push("write files it was not given".to_owned()),
        false => may.push(format!("write beneath {}", paths(&terms.write))),
    }
    if !terms.read.is_empty() {
        may.push(format!("read beneath {}", paths(&terms.read)));
    }
    let cannot = (!cannot.is_empty()).then(|| format!("cannot {}", cannot.join(", ")));
    let may = (!may.is_empty()).then(|| format!("may {}", may.join(", ")));
    cannot.into_iter().chain(may).collect()
}

fn paths(paths: &[std::path::PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn limits(limits: &Limits) -> Option<String> {
    let size = |bytes: u64| match bytes {
        bytes if bytes >= 1 << 30 && bytes % (1 << 30) == 0 => format!("{} GiB", bytes >> 30),
        bytes if bytes >= 1 << 20 => format!("{} MiB", bytes >> 20),
        bytes => format!("{bytes} bytes"),
    };
    let said: Vec<String> = [
        limits.cpu.map(|seconds| format!("{seconds} s of processor time")),
        limits.memory.map(|bytes| format!("{} of memory", size(bytes))),
        limits.processes.map(|count| format!("{count} processes")),
        limits.files.map(|count| format!("{count} open files")),
        limits.file_size.map(|bytes| format!("files of {}", size(bytes))),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!said.is_empty()).then(|| format!("at most {}", said.join(", ")))
}

/// The first allowed case of the group's file that begins with the program.
fn example(group: &Group, program: &str) -> Option<String> {
    let begins = |line: &str| {
        let line = line.strip_prefix("sudo ").unwrap_or(line);
        line.split(' ').next() == Some(program) && line.contains(' ')
    };
    let case = group.cases.iter().find(|case| case.expect == Expect::Allow && begins(&case.line))?;
    Some(case.line.clone())
}
