//! How long a key press takes to be answered, and how long a session takes to its first prompt, with the largest
//! rules and directories that are still to feel immediate. Prints medians, the worst, and ratios; on a busy
//! machine only the ratios mean something.
#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};

const RULES: usize = 1_000;
const FILES: usize = 10_000;
const STARTS: usize = 31;
const TABS: usize = 9;

fn main() {
    let tree = tempfile::Builder::new().prefix("gt").tempdir().unwrap();
    prepare(tree.path());
    starts(tree.path());
    keys(tree.path());
}

/// A rule for each of many programs, many for one program, and a directory with many files.
fn prepare(tree: &Path) {
    let logs = tree.join("logs");
    std::fs::create_dir_all(&logs).unwrap();
    std::fs::create_dir_all(tree.join("groups.d")).unwrap();
    for number in 0..FILES {
        std::fs::write(logs.join(format!("app-{number:05}.log")), "").unwrap();
    }
    let mut rules = format!("[types]\nlog = {{ file = [\"{}/**\"] }}\n", logs.display());
    for number in 0..RULES {
        let program = if number % 2 == 0 { "cat".to_owned() } else { format!("program-{number}") };
        let synopsis = format!("{program} [-n] [--option-{number}] <log>...");
        rules.extend(["[[allow]]\ncommands = [\"", &synopsis, "\"]\n"]);
    }
    let audit = tree.join("audit.log");
    std::fs::write(&audit, "").unwrap();
    let host = format!("[session]\nroot = true\n[audit]\nsink = \"file\"\nfile = \"{}\"\n", audit.display());
    std::fs::write(tree.join("gatesh.toml"), host).unwrap();
    std::fs::write(tree.join("groups.d").join(format!("{}.toml", own_group())), rules).unwrap();
    std::fs::create_dir_all(tree.join("small/groups.d")).unwrap();
    std::fs::copy(tree.join("gatesh.toml"), tree.join("small/gatesh.toml")).unwrap();
    let few = format!(
        "[types]\nlog = {{ file = [\"{}/**\"] }}\n[[allow]]\ncommands = [\"cat <log>...\"]\n",
        logs.display()
    );
    std::fs::write(tree.join("small/groups.d").join(format!("{}.toml", own_group())), few).unwrap();
}

fn own_group() -> String {
    let groups = std::fs::read_to_string("/etc/group").unwrap();
    let gid = nix::unistd::getgid().to_string();
    let mut lines = groups.lines().map(|line| line.split(':').collect::<Vec<_>>());
    lines.find(|fields| fields.get(2) == Some(&gid.as_str())).unwrap().first().unwrap().to_string()
}

fn starts(tree: &Path) {
    let (small, large) = (tree.join("small"), tree.to_owned());
    let bash = || spawn(&["bash", "--norc", "-i"], tree);
    let few = || spawn(&[env!("CARGO_BIN_EXE_gatesh"), "--config", small.to_str().unwrap()], tree);
    let many = || spawn(&[env!("CARGO_BIN_EXE_gatesh"), "--config", large.to_str().unwrap()], tree);
    let (mut a, mut b, mut c) = (Vec::new(), Vec::new(), Vec::new());
    // In turns, so that whatever else the machine does meets all alike.
    for _ in 0..STARTS {
        a.push(to_prompt(bash(), &["$ ", "# "]));
        b.push(to_prompt(few(), &["> "]));
        c.push(to_prompt(many(), &["> "]));
    }
    println!("start to prompt, median and best of {STARTS}");
    for (what, times) in [("bash --norc -i", &a), ("1 rule", &b), ("many rules", &c)] {
        let (median, best) = (median(times), best(times));
        let (of_median, of_best) = (ratio(median, self::median(&a)), ratio(best, self::best(&a)));
        println!(
            "  {what:<15} {median:>10.2?} {best:>10.2?}   {of_median:.2}x {of_best:.2}x bash (budget 1.5x)"
        );
    }
}

fn keys(tree: &Path) {
    let (mut shell, _) = spawn(&[env!("CARGO_BIN_EXE_gatesh"), "--config", tree.to_str().unwrap()], tree);
    shell.until(&["> "]);
    shell.quiet();
    let logs = tree.join("logs").canonicalize().unwrap();
    for line in [format!("cat -n {}/app-00017.log", logs.display()), "program-17 -n | nonsense x".to_owned()]
    {
        let times: Vec<Answer> = line.chars().map(|key| shell.key(&key.to_string())).collect();
        report(&line.replace(&*logs.to_string_lossy(), "LOGS"), &times);
        shell.key("\x15");
    }
    for line in [format!("cat {}/app-0001", logs.display()), format!("cat {}/", logs.display())] {
        let (mut tabs, mut alone) = (Vec::new(), Vec::new());
        for _ in 0..TABS {
            shell.key(&line);
            shell.quiet();
            tabs.push(shell.key("\t"));
            shell.quiet();
            shell.key("\x03");
            shell.quiet();
            alone.push(reading(&logs));
        }
        report(&format!("Tab after {}", line.replace(&*logs.to_string_lossy(), "LOGS")), &tabs);
        let worked: Vec<Duration> = tabs.iter().map(|tab| tab.worked).collect();
        let (tab, alone) = (median(&worked), median(&alone));
        println!(
            "  the kernel's part of it, reading the directory {alone:.2?}: {:.2}x of that",
            ratio(tab, alone)
        );
    }
}

/// How long the names of a directory take to be had from the kernel, and nothing done with them.
fn reading(directory: &Path) -> Duration {
    let start = Instant::now();
    let open = nix::fcntl::OFlag::O_RDONLY | nix::fcntl::OFlag::O_DIRECTORY;
    let mut listing = nix::dir::Dir::open(directory, open, nix::sys::stat::Mode::empty()).unwrap();
    assert!(listing.iter().count() >= FILES);
    start.elapsed()
}

/// Until the first answer; and of processor time, which tells what of it was waiting for others.
struct Answer {
    taken: Duration,
    worked: Duration,
}

fn report(what: &str, answers: &[Answer]) {
    println!("key press, {what} (budget 2ms)");
    let of = |part: fn(&Answer) -> Duration| answers.iter().map(part).collect::<Vec<_>>();
    for (what, times) in [("answered after", of(|one| one.taken)), ("processor time", of(|one| one.worked))] {
        let worst = times.iter().max().copied().unwrap_or_default();
        println!("  {what}   median {:.2?}, worst {worst:.2?}", median(&times));
    }
}

struct Shell {
    child: Child,
    terminal: File,
}

fn spawn(command: &[&str], directory: &Path) -> (Shell, Instant) {
    let size = Winsize { ws_row: 24, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
    let pty = openpty(&size, None).unwrap();
    let end = || Stdio::from(pty.slave.try_clone().unwrap());
    let mut started = Command::new("setsid");
    started.arg("-c").args(command).env_clear().env("TERM", "xterm").env("PATH", "/usr/bin:/bin");
    started.current_dir(directory).stdin(end()).stdout(end()).stderr(end());
    let start = Instant::now();
    (Shell { child: started.spawn().unwrap(), terminal: File::from(pty.master) }, start)
}

fn to_prompt((mut shell, start): (Shell, Instant), prompts: &[&str]) -> Duration {
    shell.until(prompts);
    start.elapsed()
}

impl Shell {
    fn is_ready(&self, wait: Duration) -> bool {
        use std::os::fd::AsFd;
        let mut wanted = [PollFd::new(self.terminal.as_fd(), PollFlags::POLLIN)];
        poll(&mut wanted, PollTimeout::try_from(wait).unwrap()).unwrap() > 0
    }

    fn read(&mut self) -> String {
        let mut buffer = vec![0; 65_536];
        let count = self.terminal.read(&mut buffer).unwrap_or(0);
        String::from_utf8_lossy(buffer.get(..count).unwrap_or_default()).into_owned()
    }

    /// Reads until what came ends in one of these, control sequences left out.
    fn until(&mut self, ends: &[&str]) {
        let mut all = String::new();
        while self.is_ready(Duration::from_secs(10)) {
            all.push_str(&self.read());
            if ends.iter().any(|end| all.contains(end)) {
                return;
            }
        }
        panic!("no prompt came: {all}");
    }

    /// Waits until nothing comes any more.
    fn quiet(&mut self) {
        while self.is_ready(Duration::from_millis(150)) {
            self.read();
        }
    }

    /// From a key to the first answer.
    fn key(&mut self, key: &str) -> Answer {
        let worked = self.worked();
        let start = Instant::now();
        self.terminal.write_all(key.as_bytes()).unwrap();
        assert!(self.is_ready(Duration::from_secs(10)), "no answer");
        let taken = start.elapsed();
        while self.is_ready(Duration::from_millis(20)) {
            self.read();
        }
        Answer { taken, worked: self.worked().saturating_sub(worked) }
    }

    /// The time the process was on a processor (proc(5), schedstat); zero where that cannot be read.
    fn worked(&self) -> Duration {
        let text =
            std::fs::read_to_string(format!("/proc/{}/schedstat", self.child.id())).unwrap_or_default();
        Duration::from_nanos(text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or_default())
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn best(times: &[Duration]) -> Duration {
    times.iter().min().copied().unwrap_or_default()
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}
