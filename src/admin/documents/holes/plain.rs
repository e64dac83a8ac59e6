//! Commands that make nothing of their operands but data: what they are given is shown, counted or asked about, and
//! none of it is a program, the name of one, or a text that is run. Every other command may run what a value holds.

use super::{Language, Place, Search};
use crate::admin::documents::automata::shortest;
use crate::admin::documents::holes::texts::chosen;
use crate::admin::export::INSTALL;
use crate::admin::lint::programs::{Class, bare, is};

/// Programs and built-ins of a shell that have no option that starts another program either, no commands of their
/// own at a terminal, and no pager. Not `test`, whose `-v` has bash run `a[$(id)]`, nor `uniq`, which writes its second
/// operand.
const PROGRAMS: &[&str] = &[
    ":",
    "basename",
    "cat",
    "cd",
    "cmp",
    "cut",
    "date",
    "df",
    "dirname",
    "du",
    "echo",
    "false",
    "free",
    "getent",
    "grep",
    "groups",
    "head",
    "host",
    "hostname",
    "id",
    "last",
    "lastlog",
    "ls",
    "lsblk",
    "lscpu",
    "md5sum",
    "nproc",
    "nslookup",
    "pgrep",
    "pidof",
    "ping",
    "printenv",
    "ps",
    "pwd",
    "readlink",
    "realpath",
    "seq",
    "sha256sum",
    "sleep",
    "stat",
    "tac",
    "tail",
    "tr",
    "true",
    "tty",
    "uname",
    "uptime",
    "users",
    "vmstat",
    "w",
    "wc",
    "who",
    "whoami",
    "zcat",
    "zgrep",
];
/// Built-ins of a shell that run what they are given, beside the programs of the table.
const BUILT_IN: &[&str] = &[".", "eval", "source", "trap", "alias"];
/// What runs `id` as a program of an interpreter's own language.
const PROGRAM_TEXTS: &[(&str, &str)] = &[
    ("awk", "BEGIN{system(\"id\")}"),
    ("gawk", "BEGIN{system(\"id\")}"),
    ("mawk", "BEGIN{system(\"id\")}"),
    ("nawk", "BEGIN{system(\"id\")}"),
    ("perl", "system(\"id\")"),
    ("ruby", "system(\"id\")"),
    ("python", "import os;os.system(\"id\")"),
    ("python3", "import os;os.system(\"id\")"),
];

/// The command of our own delivery of policies: a digest can only choose to take the one archive, or not.
fn delivery() -> String {
    regex::escape(INSTALL).replace(&regex::escape("{{ sha256 }}"), "[0-9a-f]*")
}

/// Texts of nothing but such commands, joined by operators. A variable in double quotes is data as well.
fn plain_texts() -> String {
    let names = PROGRAMS.join("|");
    let front = r"(?:(?:exec|nohup|command|sudo(?:[ \t]+-n|[ \t]+-u[ \t]+[a-z_][a-z0-9_-]*)*|nice(?:[ \t]+-n[ \t]+[0-9]+)?|timeout[ \t]+[0-9]+[smhd]?)[ \t]+)*";
    let bit = r#"[^ \t\n'"\\$`<>()#;&|]|'[^']*'|"(?:[^"$`\\]|\$[A-Za-z_][A-Za-z0-9_]*)*"|\\[^\n]"#;
    let word = format!("(?:{bit})(?:{bit}|#)*");
    let closed = r"[0-9]?>&[0-9]|[0-9&]?>{1,2}[ \t]*/dev/null|<[ \t]*/dev/null";
    let command =
        format!(r"[ \t]*{front}(?:(?:/usr)?/s?bin/)?(?:{names})(?:[ \t]+(?:{word}|{closed}))*[ \t]*");
    let delivery = delivery();
    let command = format!("(?:{command}|[ \t]*|{delivery})");
    format!(r"{command}(?:(?:;|&&?|\|\|?|\n){command})*")
}

impl Place {
    /// The shortest value, of the person's own choosing, that `offer` lets through to a command which is not known to
    /// make nothing of it; one that runs `id`, or else one of `among`.
    pub fn beyond_data(&self, offer: &Language, among: Option<&Language>) -> Search {
        let ink: String = ('!'..='~').collect();
        let own = self.language(&format!("(?s:.*){}(?s:.*)", chosen(&ink)));
        let other = self.language(&plain_texts()).except();
        let all: Vec<&Language> = [offer, &own, &other].into_iter().chain(among).collect();
        let Some(value) = shortest(&all)? else { return Ok(None) };
        let passes = |text: &&str| [offer, &own, &other].iter().all(|one| one.holds_own(text));
        let telling = self.telling(&value).into_iter().find(passes);
        Ok(Some(telling.map_or(value, str::to_owned)))
    }

    /// Values that would run `id` here.
    fn telling(&self, value: &str) -> Vec<&'static str> {
        let text = [self.before.as_str(), value, self.after.as_str()].concat();
        let Some(program) = runs_operands(&text) else { return Vec::new() };
        let texts = PROGRAM_TEXTS.iter().filter(|(name, _)| *name == program && self.before.ends_with('\''));
        texts.map(|(_, text)| *text).chain(["id"]).collect()
    }
}

/// The program in a text that is known to run others, or what its operands hold; the first of them.
pub fn runs_operands(text: &str) -> Option<&str> {
    let runs = [Class::Interpreter, Class::Shell, Class::Command, Class::Inherit];
    let fronts = ["sudo", "nohup", "nice", "timeout", "env"];
    let found: Vec<&str> = programs(text)
        .filter(|name| runs.iter().any(|class| is(name, *class)) || BUILT_IN.contains(name))
        .collect();
    found.iter().find(|name| !fronts.contains(name)).or(found.first()).copied()
}

/// The first program in a text that is not known to make nothing of its operands.
pub fn unknown(text: &str) -> Option<&str> {
    let first = programs(text).find(|name| !["exec", "nohup", "command"].contains(name));
    first.filter(|name| !PROGRAMS.contains(name))
}

fn programs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "'\"`;&|()<>".contains(c))
        .map(bare)
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::documents::automata::read;
    use crate::admin::documents::holes::Reader;

    fn beyond(before: &str, pattern: &str, after: &str) -> Option<String> {
        let place =
            Place { before: before.into(), after: after.into(), reader: Reader::Shell, judged: false };
        place.beyond_data(&Language::let_through(&read(pattern).unwrap()), None).unwrap()
    }

    #[test]
    fn no_program_of_the_list_is_known_to_run_anything() {
        for program in PROGRAMS {
            assert_eq!(runs_operands(program), None);
        }
    }

    #[test]
    fn what_is_shown_or_counted_is_data() {
        for (before, after) in [
            ("cat /var/log/", ""),
            ("exec sudo -n -u app tail -n 5 '/var/log/", "'"),
            ("/usr/bin/stat ", " 2>&1 | wc"),
            ("cd /x; ls 2>/dev/null | grep \"", "\""),
            ("echo \"$name\" ", ""),
        ] {
            assert_eq!(beyond(before, "^[a-z.]+$", after), None, "{before}{after}");
        }
    }

    #[test]
    fn what_is_run_or_is_not_known_is_no_data() {
        for (before, after) in [
            ("prog ", ""),
            ("/usr/libexec/gatesh/deploy-policy --source '", "' --sha256 '0'"),
            ("set ", ""),
            ("/tmp/cat ", ""),
            ("bash -c '", "'"),
            ("exec sudo ", ""),
            ("/usr/bin/", " x"),
            ("echo ", " | sh"),
            ("echo ", " > /etc/x"),
            ("X=", " ls"),
            ("cat $(echo ", ")"),
            ("cat <<E\n", "\nE"),
            ("ls | xargs ", ""),
            ("less ", ""),
            ("test -v '", "'"),
            ("uniq x ", ""),
            ("echo $X ", ""),
            ("echo \"$(cat ", ")\""),
        ] {
            assert!(beyond(before, "^[a-z]+$", after).is_some(), "{before}{after}");
        }
    }

    #[test]
    fn what_the_author_wrote_is_nobodys_choice() {
        assert_eq!(beyond("bash -c '", "^(status|ls -l)$", "'"), None);
    }

    #[test]
    fn a_program_of_an_interpreters_own_is_shown_where_it_passes() {
        assert_eq!(beyond("awk '", r"^[ -&(-~]+$", "'").as_deref(), Some("BEGIN{system(\"id\")}"));
        assert_eq!(beyond("xargs '", "^[a-z]+$", "'").as_deref(), Some("id"));
        assert_eq!(beyond("awk '", "^[0-9]$", "'").as_deref(), Some("1"));
    }
}
