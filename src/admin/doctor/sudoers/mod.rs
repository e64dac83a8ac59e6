//! sudo, held against the rules: a line wider than they are is what an escape would find, and an elevated rule
//! without a line cannot run.

mod grants;
mod parse;

use super::finding::{Finding, Severity};
use super::host::{Host, ask, because};
use super::people::{People, Person, Tie};
use super::rules::Rules;
use crate::policy::synopsis::Synopsis;
use grants::Grant;
use parse::{Subject, Sudoers};

const SUDO: &str = "/usr/bin/sudo";

/// Programs that start whatever they are told to, by name.
const STARTERS: &[(&str, &str)] = &[
    ("awk", "an interpreter"),
    ("bash", "a shell"),
    ("busybox", "a shell"),
    ("csh", "a shell"),
    ("dash", "a shell"),
    ("ed", "an editor"),
    ("emacs", "an editor"),
    ("env", "starts any program"),
    ("find", "starts any program with -exec"),
    ("fish", "a shell"),
    ("gawk", "an interpreter"),
    ("ksh", "a shell"),
    ("less", "a pager"),
    ("lua", "an interpreter"),
    ("man", "a pager"),
    ("more", "a pager"),
    ("nano", "an editor"),
    ("node", "an interpreter"),
    ("perl", "an interpreter"),
    ("php", "an interpreter"),
    ("python", "an interpreter"),
    ("python3", "an interpreter"),
    ("ruby", "an interpreter"),
    ("sh", "a shell"),
    ("su", "a shell"),
    ("sudo", "starts any program"),
    ("systemd-run", "starts any program"),
    ("tcsh", "a shell"),
    ("vi", "an editor"),
    ("vim", "an editor"),
    ("xargs", "starts any program"),
    ("zsh", "a shell"),
];

pub(super) fn findings(host: &Host, people: &People, rules: &Rules) -> Vec<Finding> {
    if people.all.is_empty() {
        return Vec::new();
    }
    let files = Sudoers::read(host);
    let mut found: Vec<Finding> = files.unread.iter().map(|(path, error)| unread(path, error)).collect();
    let complete = found.is_empty();
    for person in &people.all {
        let grants = granted(host, &files, person, people);
        let judged = judge(person, &grants, rules, complete);
        if judged.is_empty() && complete && person.tie != Tie::Rules {
            found.push(Finding::ok("sudo", &person.user.name, "sudo gives nothing beyond the rules"));
        }
        found.extend(judged);
    }
    found
}

fn unread(path: &str, error: &std::io::Error) -> Finding {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => Finding::not_looked_at(path, "needs root"),
        _ => Finding::not_looked_at(path, &because(error)),
    }
}

/// By sudo's own word where it can be asked, since directories hold rules too; else by its files.
fn granted(host: &Host, files: &Sudoers, person: &Person, people: &People) -> Vec<Grant> {
    let user = &person.user;
    let subject = Subject { name: &user.name, uid: user.uid, groups: &person.groups, gids: &people.gids };
    let mut grants = files.of(&subject);
    if host.is_live && host.is_root && host.exists(SUDO) {
        let asked = ask(SUDO, &["-n", "-l", "-U", &user.name]).unwrap_or_default();
        let is_known = |grant: &Grant| {
            grants
                .iter()
                .any(|known| (&known.command, known.asks_password) == (&grant.command, grant.asks_password))
        };
        let more: Vec<Grant> = grants::listed(&asked).into_iter().filter(|grant| !is_known(grant)).collect();
        grants.extend(more.into_iter().map(|grant| Grant { to: user.name.clone(), ..grant }));
    }
    grants
}

fn judge(person: &Person, grants: &[Grant], rules: &Rules, complete: bool) -> Vec<Finding> {
    let elevated: Vec<(&str, &Synopsis)> = rules.elevated(&person.groups).collect();
    let mut found: Vec<Finding> =
        grants.iter().filter_map(|grant| wide(person, grant, &elevated, rules)).collect();
    found.dedup();
    if complete {
        for (group, synopsis) in &elevated {
            found.extend(missing(person, group, synopsis, grants));
        }
    }
    found
}

/// What a line gives beyond the rules.
fn wide(person: &Person, grant: &Grant, elevated: &[(&str, &Synopsis)], rules: &Rules) -> Option<Finding> {
    let finding = |id, what: String| {
        let text = format!("{what} (as {}{}; {})", grant.runas, password(grant), grant.place);
        let finding = Finding::problem(id, &person.user.name, text);
        finding
            .severity(severity(person, grant, rules))
            .cure(format!("narrow or remove the line in {}", grant.place))
    };
    if grant.command == "ALL" {
        return Some(finding("sudo-all", "sudo runs every command".to_owned()));
    }
    if person.tie == Tie::Rules {
        return None;
    }
    let program = program(&grant.command);
    if program.ends_with('/') || program.contains(['*', '?', '[', '^']) {
        return Some(finding("sudo-wide", format!("sudo runs many programs: {program}")));
    }
    let name = last_name(program);
    if let Some((_, what)) = STARTERS.iter().find(|(starter, _)| *starter == name) {
        return Some(finding("sudo-starter", format!("sudo runs {program}, {what}: it becomes anything")));
    }
    let allowed = elevated.iter().find(|(_, synopsis)| runs(synopsis, program));
    match allowed {
        None => Some(
            finding("sudo-wider", format!("sudo runs {}, which no rule allows", grant.command))
                .severity(Severity::Warning),
        ),
        Some(_) if !grant.command.contains(char::is_whitespace) => {
            let text = format!("sudo runs {program} with any arguments; the rules do not");
            Some(finding("sudo-arguments", text).severity(Severity::Warning))
        }
        Some(_) => None,
    }
}

/// Without a password an escape is root at once. Those who have another shell anyway have their own reasons.
fn severity(person: &Person, grant: &Grant, rules: &Rules) -> Severity {
    let by_rules_group = grant.to.strip_prefix('%').is_some_and(|group| rules.has(group));
    match (grant.asks_password, person.tie) {
        (false, Tie::Shell | Tie::Agent) => Severity::Problem,
        (false, Tie::Rules) if by_rules_group => Severity::Problem,
        (false, Tie::Rules) | (true, Tie::Shell | Tie::Agent) => Severity::Warning,
        (true, Tie::Rules) => Severity::Note,
    }
}

fn password(grant: &Grant) -> &'static str {
    if grant.asks_password { ", with a password" } else { ", without a password" }
}

/// gatesh runs sudo -n: a line that asks for a password is none.
fn missing(person: &Person, group: &str, synopsis: &Synopsis, grants: &[Grant]) -> Option<Finding> {
    let covers = |grant: &&Grant| grant.command == "ALL" || runs(synopsis, program(&grant.command));
    let text = match grants.iter().filter(covers).map(|grant| grant.asks_password).min() {
        Some(false) => return None,
        Some(true) => "sudo asks for a password, which gatesh never gives",
        None => "no line of sudoers permits it",
    };
    let text = format!("cannot run \"{}\" of {group}: {text}", synopsis.text());
    Some(
        Finding::warning("sudo-missing", &person.user.name, text)
            .cure(format!("gateshctl export sudoers --group {group} writes the line")),
    )
}

/// Without a digest in front.
fn program(command: &str) -> &str {
    let mut words =
        command.split_whitespace().skip_while(|word| word.starts_with("sha") && word.contains(':'));
    words.next().unwrap_or_default()
}

fn last_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a synopsis is about that program: full paths compare as such, a bare name by the last part.
fn runs(synopsis: &Synopsis, program: &str) -> bool {
    synopsis.programs().iter().any(|named| match named.starts_with('/') {
        true => named == program,
        false => named == last_name(program),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_starters_is_in_order_without_doubles() {
        assert!(STARTERS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn a_digest_is_not_the_program() {
        assert_eq!(program("sha256:00ff /bin/a -x"), "/bin/a");
        assert_eq!(program("/bin/a"), "/bin/a");
    }
}
