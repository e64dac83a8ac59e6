//! A person at a terminal: gatesh on a pty of its own, with what it shows read back by a terminal emulator.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use nix::unistd::getgid;

/// No screen that is to come takes longer on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a session is to be started.
pub(super) struct Terminal {
    rules: String,
    host: String,
    /// As a list of TOML's.
    pub(super) labels: &'static str,
    size: (u16, u16),
    environment: Vec<(String, String)>,
    files: Vec<(String, String)>,
    directory: Option<PathBuf>,
    script: Option<String>,
}

/// One session, as long as it is held.
pub(super) struct Session {
    child: Child,
    keys: File,
    screen: Arc<Mutex<vt100::Parser<Heard>>>,
    raw: Arc<Mutex<Vec<u8>>>,
    pub(super) tree: tempfile::TempDir,
}

/// Bells, which no screen shows.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) bells: usize,
}

impl vt100::Callbacks for Heard {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }
}

/// LOGS in rules, files and lines stands for the directory that the tests' rules open.
pub(super) const RULES: &str = r#"
description = "Read application logs"
directories = ["LOGS/**"]
[types]
log = { file = ["LOGS/**"] }
dir = { directory = ["LOGS/**"] }
rows = { integer = [1, 10000] }
seconds = { integer = [1, 600] }
[[allow]]
commands = [
  "ls [-alt] [<dir>...]",
  "cat [-n] [<log>...]",
  "tail [-f] [-n <rows>] <log>...",
  "grep [-ivc] <text> [<log>...]",
  "sleep <seconds>",
  "stty (raw|size|sane)",
]
"#;

impl Terminal {
    pub(super) fn new() -> Self {
        let defaults = [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")];
        Self {
            rules: RULES.to_owned(),
            host: String::new(),
            labels: "[]",
            size: (24, 80),
            environment: defaults.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            files: vec![("app.log".to_owned(), "one\ntwo\n".to_owned())],
            directory: None,
            script: None,
        }
    }

    pub(super) fn rules(mut self, rules: &str) -> Self {
        rules.clone_into(&mut self.rules);
        self
    }

    /// Lines of `[session]`.
    pub(super) fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    pub(super) fn size(mut self, rows: u16, columns: u16) -> Self {
        self.size = (rows, columns);
        self
    }

    /// Sets a variable, or takes it away.
    pub(super) fn variable(mut self, name: &str, value: Option<&str>) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        self
    }

    pub(super) fn file(mut self, name: &str, text: &str) -> Self {
        self.files.push((name.to_owned(), text.to_owned()));
        self
    }

    pub(super) fn from(mut self, directory: &str) -> Self {
        self.directory = Some(PathBuf::from(directory));
        self
    }

    /// Starts a shell's script instead, to which `"$@"` is gatesh with its options.
    pub(super) fn script(mut self, script: &str) -> Self {
        self.script = Some(script.to_owned());
        self
    }

    /// Starts it and waits for the first prompt.
    pub(super) fn start(self) -> Session {
        let mut session = self.begin();
        session.shows("> ");
        session
    }

    /// Starts it.
    pub(super) fn begin(self) -> Session {
        let tree = tempfile::Builder::new().prefix("gt").tempdir().unwrap();
        let logs = logs(tree.path());
        self.write(tree.path(), &logs);
        let (rows, columns) = self.size;
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(&size, None).unwrap();
        // As Session Manager leaves it: whoever is not root cannot open it again.
        nix::sys::stat::fchmod(&pty.slave, nix::sys::stat::Mode::empty()).unwrap();
        let mut command = Command::new("setsid");
        command.arg("-c");
        if let Some(script) = &self.script {
            command.args(["sh", "-c", script, "sh"]);
        }
        command.args([env!("CARGO_BIN_EXE_gatesh"), "--config"]).arg(tree.path());
        command.env_clear().envs(self.environment.iter().cloned());
        command.current_dir(self.directory.as_deref().unwrap_or(&logs));
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        // The emulator, not gatesh, knows no screens smaller than that.
        let (rows, columns) = if rows < 4 || columns < 4 { (24, 80) } else { (rows, columns) };
        Session::watch(child, pty.master, (rows, columns), tree)
    }

    fn write(&self, tree: &Path, logs: &Path) {
        std::fs::create_dir_all(tree.join("groups.d")).unwrap();
        std::fs::create_dir_all(logs).unwrap();
        for (name, text) in &self.files {
            let file = logs.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        let audit = format!("[audit]\nsink = \"file\"\nfile = \"{}\"\n", tree.join("audit.log").display());
        std::fs::write(tree.join("audit.log"), "").unwrap();
        // Sessions are counted by user, and whoever else tests on this machine may be the same.
        let many = if self.host.contains("max_sessions") { "" } else { "max_sessions = 100000\n" };
        let labels = self.labels;
        let host = format!("labels = {labels}\n[session]\nroot = true\n{many}{}\n{audit}", self.host);
        std::fs::write(tree.join("gatesh.toml"), host).unwrap();
        std::fs::create_dir_all(tree.join("sets.d")).unwrap();
        let filters = concat!(env!("CARGO_MANIFEST_DIR"), "/config/sets.d/filters.toml");
        std::fs::copy(filters, tree.join("sets.d/filters.toml")).unwrap();
        write_rules(tree, &self.rules);
    }
}

pub(super) fn write_rules(tree: &Path, rules: &str) {
    let logs = logs(tree);
    let rules = rules.replace("LOGS", logs.to_str().unwrap());
    std::fs::write(tree.join("groups.d").join(format!("{}.toml", own_group())), rules).unwrap();
}

pub(super) fn logs(tree: &Path) -> PathBuf {
    tree.canonicalize().unwrap().join("l")
}

/// The group whose rules count for whoever runs the tests.
fn own_group() -> String {
    let groups = std::fs::read_to_string("/etc/group").unwrap();
    let gid = getgid().to_string();
    let mut lines = groups.lines().map(|line| line.split(':').collect::<Vec<_>>());
    lines.find(|fields| fields.get(2) == Some(&gid.as_str())).unwrap()[0].to_owned()
}

impl Session {
    fn watch(child: Child, master: OwnedFd, size: (u16, u16), tree: tempfile::TempDir) -> Self {
        let keys = File::from(master);
        let mut output = keys.try_clone().unwrap();
        let parser = vt100::Parser::new_with_callbacks(size.0, size.1, 1_000, Heard::default());
        let screen = Arc::new(Mutex::new(parser));
        let raw = Arc::new(Mutex::new(Vec::new()));
        let (shown, kept) = (Arc::clone(&screen), Arc::clone(&raw));
        std::thread::spawn(move || {
            let mut buffer = [0; 4_096];
            while let Ok(count) = output.read(&mut buffer) {
                if count == 0 {
                    break;
                }
                kept.lock().unwrap().extend(&buffer[..count]);
                shown.lock().unwrap().process(&buffer[..count]);
            }
        });
        Self { child, keys, screen, raw, tree }
    }

    /// Sends keys as they are; LOGS is filled in.
    pub(super) fn keys(&mut self, keys: &str) -> &mut Self {
        let logs = logs(self.tree.path());
        self.keys.write_all(keys.replace("LOGS", logs.to_str().unwrap()).as_bytes()).unwrap();
        self
    }

    pub(super) fn send(&mut self, bytes: &[u8]) {
        self.keys.write_all(bytes).unwrap();
    }

    /// Types a line and enters it.
    pub(super) fn line(&mut self, line: &str) -> &mut Self {
        self.keys(line).keys("\r")
    }

    /// Waits for a text to be on the screen (wrapped rows are joined), and answers with the screen.
    pub(super) fn shows(&mut self, text: &str) -> String {
        let text = text.replace("LOGS", logs(self.tree.path()).to_str().unwrap());
        self.until(&format!("{text:?} to be shown"), |session| {
            session.joined().contains(&text).then(|| session.text())
        })
    }

    /// Waits for the last row that is not blank to end so.
    pub(super) fn ends(&mut self, text: &str) -> String {
        self.until(&format!("the last row to end in {text:?}"), |session| {
            let shown = session.text();
            shown
                .lines()
                .rev()
                .find(|row| !row.trim().is_empty())?
                .ends_with(text.trim_end())
                .then(|| session.text())
        })
    }

    pub(super) fn until<T>(&mut self, what: &str, found: impl Fn(&Self) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = found(self) {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "waited for {what}; the screen is\n{}", self.text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Enters a line and waits until its command was recorded, and runs.
    pub(super) fn runs(&mut self, line: &str) -> &mut Self {
        let started = |session: &Self| session.records().matches("\"command-start\"").count();
        let before = started(self);
        self.line(line);
        self.until("a command to start", |session| (started(session) > before).then_some(()));
        self.until("the command to have the terminal", |session| {
            let leader = nix::unistd::tcgetpgrp(&session.keys).ok()?.as_raw();
            let name = std::fs::read_to_string(format!("/proc/{leader}/comm")).ok()?;
            (name.trim() != "gatesh").then_some(())
        });
        self
    }

    /// Lets whatever still comes come.
    pub(super) fn settle(&mut self) -> String {
        let (mut before, mut same) = (String::new(), 0);
        for _ in 0..100 {
            std::thread::sleep(Duration::from_millis(50));
            let now = self.text();
            same = if now == before { same + 1 } else { 0 };
            before = now;
            if same == 3 {
                break;
            }
        }
        before
    }

    pub(super) fn text(&self) -> String {
        let parser = self.screen.lock().unwrap();
        let (_, columns) = parser.screen().size();
        let rows: Vec<String> =
            parser.screen().rows(0, columns).map(|row| row.trim_end().to_owned()).collect();
        rows.join("\n")
    }

    fn joined(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    pub(super) fn bells(&self) -> usize {
        self.screen.lock().unwrap().callbacks().bells
    }

    /// Everything that was ever written, control sequences and all.
    pub(super) fn raw(&self) -> Vec<u8> {
        self.raw.lock().unwrap().clone()
    }

    /// What is shown in red.
    pub(super) fn red(&self) -> String {
        self.coloured(|cell| cell.fgcolor() == vt100::Color::Idx(1))
    }

    /// Waits until a text stands on the screen that often.
    pub(super) fn shows_times(&mut self, text: &str, times: usize) {
        self.until(&format!("{text:?} to be shown {times} times"), |session| {
            (session.text().matches(text).count() == times).then_some(())
        });
    }

    /// Waits for that, and nothing else, to be red: keys are answered one by one.
    pub(super) fn turns_red(&mut self, text: &str) {
        self.until(&format!("{text:?} to be red"), |session| (session.red() == text).then_some(()));
    }

    /// What is shown dimmed.
    pub(super) fn dim(&self) -> String {
        self.coloured(vt100::Cell::dim)
    }

    fn coloured(&self, is: impl Fn(&vt100::Cell) -> bool) -> String {
        let parser = self.screen.lock().unwrap();
        let (rows, columns) = parser.screen().size();
        let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let found =
            cells.filter_map(|(row, column)| parser.screen().cell(row, column)).filter(|cell| is(cell));
        found
            .map(|cell| if cell.has_contents() { cell.contents().to_owned() } else { " ".to_owned() })
            .collect()
    }

    pub(super) fn is_cursor_shown(&self) -> bool {
        !self.screen.lock().unwrap().screen().hide_cursor()
    }

    /// The row the cursor is in, and its column.
    pub(super) fn cursor(&self) -> (String, u16) {
        let parser = self.screen.lock().unwrap();
        let (row, column) = parser.screen().cursor_position();
        let (_, columns) = parser.screen().size();
        (parser.screen().rows(0, columns).nth(usize::from(row)).unwrap_or_default(), column)
    }

    pub(super) fn resize(&mut self, rows: u16, columns: u16) {
        let size = format!("rows {rows} cols {columns}");
        let terminal = Stdio::from(self.keys.try_clone().unwrap());
        let arguments: Vec<&str> = size.split(' ').collect();
        assert!(Command::new("stty").args(arguments).stdin(terminal).status().unwrap().success());
        self.screen.lock().unwrap().screen_mut().set_size(rows, columns);
    }

    /// Waits until the terminal, and no editor, reads what is typed: a line was entered.
    pub(super) fn is_entered(&mut self) -> &mut Self {
        self.until("the terminal to be given back", |session| {
            let modes = nix::sys::termios::tcgetattr(&session.keys).unwrap();
            modes.local_flags.contains(nix::sys::termios::LocalFlags::ISIG).then_some(())
        });
        self
    }

    /// Sends a signal to gatesh itself.
    pub(super) fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        nix::sys::signal::kill(pid, signal).unwrap();
    }

    /// Waits for the end of the session.
    pub(super) fn status(&mut self) -> i32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(start.elapsed() < PATIENCE, "the session did not end; the screen is\n{}", self.text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The audit records, a line each.
    pub(super) fn records(&self) -> String {
        std::fs::read_to_string(self.tree.path().join("audit.log")).unwrap()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
