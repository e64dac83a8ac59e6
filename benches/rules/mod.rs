//! Policies to measure with: the one that gatesh brings, and made-up ones of any size.
#![allow(dead_code, reason = "each measurement takes what it needs")]

use std::path::Path;

/// How made-up rules stand in their file.
#[derive(Clone, Copy)]
pub(crate) enum Layout {
    /// As the commands of one `[[allow]]`.
    Together,
    /// Each in an `[[allow]]` of its own.
    Apart,
}

const HEAD: &str = r#"description = "made up"
[types]
log  = { file = ["/var/log/**/*.log"] }
dir  = { directory = ["/var/log/**"] }
rows = { integer = [1, 10000] }
"#;

/// What follows the program.
const SHAPES: [&str; 8] = [
    "[-alhtr] [<dir>...]",
    "[-n] <log>...",
    "[-f] [-n <rows>] <log>...",
    "(status|restart|reload) <unit>",
    "[--lines=<rows>] [--since <date>] [-u <unit>]... <word>",
    "show [--all] <word>",
    "[-v] list",
    "[--color[=(auto|always|never)]] [-n (<rows>|+<rows>)] [(<dir>|<log>)...]",
];

/// The rules of log readers, and `true`.
pub(crate) fn shipped(config: &Path, group: &str) {
    host(config);
    let rules = include_str!("../../config/groups.d/log-readers.toml");
    let rules = rules.replace("[[deny]]", "[[allow]]\ncommands = [\"true\"]\n\n[[deny]]");
    std::fs::write(config.join("groups.d").join(format!("{group}.toml")), rules).unwrap();
    let filters = include_str!("../../config/sets.d/filters.toml");
    std::fs::write(config.join("sets.d/filters.toml"), filters).unwrap();
}

/// `count` made-up rules, each for a program of its own.
pub(crate) fn policy(config: &Path, group: &str, count: usize, layout: Layout) {
    host(config);
    std::fs::write(config.join("groups.d").join(format!("{group}.toml")), rules(count, layout)).unwrap();
}

/// The text of a file with `count` rules.
pub(crate) fn rules(count: usize, layout: Layout) -> String {
    let synopses = SHAPES.iter().cycle().take(count).enumerate();
    let lines = synopses.map(|(number, shape)| format!("\"tool{number} {shape}\""));
    match layout {
        Layout::Together => {
            let lines: Vec<String> = lines.map(|line| format!("  {line},\n")).collect();
            format!("{HEAD}[[allow]]\ncommands = [\n{}]\n", lines.concat())
        }
        Layout::Apart => {
            let rules: Vec<String> =
                lines.map(|line| format!("\n[[allow]]\ncommands = [{line}]\n")).collect();
            HEAD.to_owned() + &rules.concat()
        }
    }
}

fn host(config: &Path) {
    for directory in ["groups.d", "sets.d"] {
        std::fs::create_dir_all(config.join(directory)).unwrap();
    }
    let audit = config.join("audit.log");
    std::fs::write(&audit, "").unwrap();
    let settings = format!(
        "[session]\nroot = true\nmax_sessions = 1000\n[audit]\nsink = \"file\"\nfile = \"{}\"\n",
        audit.display()
    );
    std::fs::write(config.join("gatesh.toml"), settings).unwrap();
}

/// The name of the group this runs as.
pub(crate) fn own_group() -> String {
    let groups = std::fs::read_to_string("/etc/group").unwrap();
    let gid = nix::unistd::getgid().to_string();
    let mut lines = groups.lines().map(|line| line.split(':').collect::<Vec<_>>());
    (*lines.find(|fields| fields.get(2) == Some(&gid.as_str())).unwrap().first().unwrap()).to_owned()
}
