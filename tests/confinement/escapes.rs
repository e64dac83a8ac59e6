//! Real programs that start others when asked the right way. The marker's directory is writable inside the
//! confinement, reading is generous and new processes are granted, so that only the refusal of a second execve
//! can explain a marker that is not there. Each escape is made without confinement too, and once more confined in
//! the same way but for `exec = "any"`: a program that would not have got as far as its escape shows there.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use gatesh::policy::{Exec, Limits, Network, Terms};

use super::files::{file, installed, scratch};
use super::trial::{Trial, nothing};
use crate::scenario::lacks;

/// An escape: `{M}` is the marker it makes, `{F}` a file, `{S}` a script that makes the marker, `{D}` their
/// directory. In its keys, the screen is let settle at every NUL.
struct Escape {
    name: &'static str,
    program: &'static str,
    words: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
    keys: &'static str,
}

const fn words(name: &'static str, program: &'static str, words: &'static [&'static str]) -> Escape {
    Escape { name, program, words, env: &[], keys: "" }
}

const fn keys(
    name: &'static str,
    program: &'static str,
    words: &'static [&'static str],
    keys: &'static str,
) -> Escape {
    Escape { name, program, words, env: &[], keys }
}

#[rustfmt::skip]
const ESCAPES: &[Escape] = &[
    keys("less !", "less", &["{F}"], "!touch {M}\r"),
    keys("less |", "less", &["{F}"], "|$touch {M}\r"),
    keys("less v", "less", &["{F}"], "v"),
    Escape { name: "less LESSOPEN", program: "less", words: &["{F}"], env: &[("LESSOPEN", "|touch {M}; cat %s")], keys: "" },
    keys("more !", "more", &["{D}/big"], "!\0touch {M}\r"),
    keys("vim :!", "vim", &["{F}"], "\x1b:!touch {M}\r"),
    keys("vim system()", "vim", &["{F}"], "\x1b:call system('touch {M}')\r"),
    words("vim -c", "vim", &["-c", ":!touch {M}", "-c", ":qa!", "{F}"]),
    keys("vim.tiny :!", "vim.tiny", &["{F}"], "\x1b:!touch {M}\r"),
    keys("nano ^T", "nano", &["{F}"], "\x12\x18touch {M}\r"),
    keys("ed !", "ed", &["{F}"], "!touch {M}\nq\n"),
    words("man -P", "man", &["-P", "touch {M}", "-l", "{F}"]),
    words("mawk system", "mawk", &["BEGIN{system(\"touch {M}\")}"]),
    words("mawk pipe", "mawk", &["BEGIN{print 1 | \"touch {M}\"}"]),
    words("gawk system", "gawk", &["BEGIN{system(\"touch {M}\")}"]),
    words("gawk getline", "gawk", &["BEGIN{\"touch {M}\" | getline}"]),
    words("sed 1e", "sed", &["-n", "1e touch {M}", "{F}"]),
    words("sed s///e", "sed", &["s|.*|touch {M}|e", "{F}"]),
    words("find -exec", "find", &["{F}", "-exec", "touch", "{M}", ";"]),
    words("find -exec +", "find", &["{F}", "-exec", "{S}", "{}", "+"]),
    keys("find -ok", "find", &["{F}", "-ok", "touch", "{M}", ";"], "y\n"),
    words("xargs", "xargs", &["-a", "{F}", "touch", "{M}"]),
    words("tar checkpoint", "tar", &["cf", "/dev/null", "{F}", "--checkpoint=1", "--checkpoint-action=exec=touch {M}"]),
    words("tar -I", "tar", &["cf", "{D}/x.tar", "-I", "touch {M} --", "{F}"]),
    words("git alias", "git", &["-c", "alias.x=!touch {M}", "x"]),
    words("git pager", "git", &["-c", "core.pager=touch {M}", "-p", "config", "--system", "--list", "--includes"]),
    words("git ssh command", "git", &["-c", "core.sshCommand=touch {M}", "ls-remote", "host:x"]),
    words("git ext transport", "git", &["-c", "protocol.ext.allow=always", "ls-remote", "ext::touch {M}"]),
    words("sqlite3 .shell", "sqlite3", &[":memory:", ".shell touch {M}"]),
    words("sqlite3 .once |", "sqlite3", &[":memory:", ".once |touch {M}", "select 1"]),
    words("make --eval", "make", &["--eval=x:\n\ttouch {M}", "x"]),
    words("make $(shell)", "make", &["--eval=$(shell touch {M})", "-n"]),
    words("perl exec", "perl", &["-e", "exec 'touch', '{M}'"]),
    words("perl system", "perl", &["-e", "system 'touch {M}'"]),
    words("perl open", "perl", &["-e", "open F, 'touch {M}|'; <F>"]),
    words("python3 system", "python3", &["-c", "import os; os.system('touch {M}')"]),
    words("python3 subprocess", "python3", &["-c", "import subprocess; subprocess.run(['touch', '{M}'])"]),
    words("python3 posix_spawn", "python3", &["-c", "import os,time; os.posix_spawn('/bin/touch', ['touch', '{M}'], {}); time.sleep(1)"]),
    words("python3 pty", "python3", &["-c", "import pty; pty.spawn(['touch', '{M}'])"]),
    words("python3 memfd", "python3", &["-c", "import os; m = os.memfd_create('m', 0); os.write(m, open('/bin/touch','rb').read()); os.execve(m, ['touch','{M}'], {})"]),
    words("ruby", "ruby", &["-e", "system('touch {M}')"]),
    words("lua", "lua5.4", &["-e", "os.execute('touch {M}')"]),
    words("php", "php", &["-r", "system('touch {M}');"]),
    words("node", "node", &["-e", "require('child_process').execSync('touch {M}')"]),
    words("tclsh", "tclsh", &["{D}/escape.tcl"]),
    words("gdb", "gdb", &["-nx", "-batch", "-ex", "!touch {M}"]),
    words("strace", "strace", &["-o", "/dev/null", "touch", "{M}"]),
    words("ltrace", "ltrace", &["-o", "/dev/null", "touch", "{M}"]),
    words("rsync -e", "rsync", &["-e", "{S}", "a:/b", "."]),
    words("ssh ProxyCommand", "ssh", &["-o", "ProxyCommand=touch {M}", "-F", "/dev/null", "x"]),
    words("scp -S", "scp", &["-S", "{S}", "x:y", "."]),
    words("sftp -S", "sftp", &["-S", "{S}", "x"]),
    words("socat EXEC", "socat", &["-", "EXEC:touch {M}"]),
    words("socat SYSTEM", "socat", &["-", "SYSTEM:touch {M}"]),
    words("tmux", "tmux", &["-S", "{D}/tmux", "new-session", "-d", "touch {M}"]),
    words("script -c", "script", &["-qc", "touch {M}", "/dev/null"]),
    words("split --filter", "split", &["--filter=touch {M}", "{F}"]),
    words("sort --compress-program", "sort", &["-S", "1", "--compress-program={S}", "{D}/big"]),
    words("install --strip-program", "install", &["-s", "--strip-program={S}", "{F}", "{D}/installed"]),
    words("watch", "watch", &["-t", "touch {M}"]),
    words("zip -TT", "zip", &["{D}/x.zip", "{F}", "-T", "-TT", "touch {M} #"]),
    words("wget askpass", "wget", &["--use-askpass={S}", "http://127.0.0.1:1/"]),
    words("gcc -wrapper", "gcc", &["-wrapper", "{S}", "-c", "-x", "c", "{F}", "-o", "/dev/null"]),
    keys("ftp !", "ftp", &["-n"], "!touch {M}\n"),
    words("env", "env", &["touch", "{M}"]),
    words("env -S", "env", &["-S", "touch {M}"]),
    words("nice", "nice", &["touch", "{M}"]),
    words("ionice", "ionice", &["touch", "{M}"]),
    words("nohup", "nohup", &["touch", "{M}"]),
    words("setsid", "setsid", &["-w", "touch", "{M}"]),
    words("timeout", "timeout", &["5", "touch", "{M}"]),
    words("stdbuf", "stdbuf", &["-o0", "touch", "{M}"]),
    words("taskset", "taskset", &["1", "touch", "{M}"]),
    words("flock", "flock", &["{F}", "touch", "{M}"]),
    keys("xargs, standard input", "xargs", &["-r", "touch", "{M}"], "{F}\n\x04"),
    words("unshare", "unshare", &["-r", "touch", "{M}"]),
    words("run-parts", "run-parts", &["{D}/parts"]),
    words("start-stop-daemon", "start-stop-daemon", &["-S", "-x", "/usr/bin/touch", "--", "{M}"]),
    words("busybox", "busybox", &["sh", "-c", "/usr/bin/touch {M}"]),
    words("bash", "bash", &["-c", "/usr/bin/touch {M}"]),
    words("dash", "dash", &["-c", "/usr/bin/touch {M}"]),
    words("zsh", "zsh", &["-fc", "/usr/bin/touch {M}"]),
];

/// Escapes that something else already holds, before their execve: what the screen of the confined program says,
/// and what that is.
#[rustfmt::skip]
const HELD_EARLIER: &[(&str, &str, &str)] = &[
    ("python3 pty", "out of pty devices", "no terminal can be made"),
    ("script -c", "failed to create pseudo-terminal", "no terminal can be made"),
    ("python3 memfd", "Operation not permitted", "the filter refuses files in memory, whatever may be executed"),
    ("strace", "PTRACE_TRACEME: Operation not permitted", "the filter refuses tracing"),
    ("ltrace", "PTRACE_TRACEME: Operation not permitted", "the filter refuses tracing"),
    ("tmux", "error creating", "a place to write in grants no sockets, and tmux runs nothing without its own"),
    ("unshare", "unshare failed", "the filter refuses namespaces"),
];

fn generous(directory: &Path, exec: Exec) -> Terms {
    Terms {
        exec,
        read: ["/usr", "/etc", "/proc", "/sys"].map(Into::into).to_vec(),
        // ed's scratch file is always in /tmp.
        write: [directory, Path::new("/tmp")].map(Into::into).to_vec(),
        with: vec!["tty".to_owned()],
        network: Network { unix: true, inet: true, netlink: true },
        limits: Limits { processes: Some(100), ..Limits::default() },
        ..nothing()
    }
}

fn prepare(directory: &Path) {
    let marker = directory.join("marker");
    file(&directory.join("file"), ".TH A 1\none line\n");
    file(&directory.join("script"), &format!("#!/bin/sh\n/usr/bin/touch {}\n", marker.display()));
    file(&directory.join("escape.tcl"), &format!("exec touch {}\n", marker.display()));
    file(&directory.join("big"), &"a line to sort\n".repeat(200_000));
    std::fs::create_dir(directory.join("parts")).unwrap();
    std::fs::copy(directory.join("script"), directory.join("parts/part")).unwrap();
    for script in ["script", "parts/part"] {
        std::fs::set_permissions(directory.join(script), std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
    }
}

impl Escape {
    fn fill(text: &str, directory: &Path) -> String {
        let path = |name: &str| directory.join(name).display().to_string();
        text.replace("{M}", &path("marker"))
            .replace("{F}", &path("file"))
            .replace("{S}", &path("script"))
            .replace("{D}", &directory.display().to_string())
    }

    /// Whether it makes the marker within `limit`, how long that took, and what the screen showed. Confined, but
    /// for what may be executed, unless that is `None`.
    fn escapes(&self, program: &Path, exec: Option<&Exec>, limit: Duration) -> (bool, Duration, String) {
        let directory = scratch();
        prepare(directory.path());
        let fill = |text: &str| Self::fill(text, directory.path());
        let words: Vec<String> = self.words.iter().map(|word| fill(word)).collect();
        let mut trial = Trial::new(program)
            .words(&words)
            .env("HOME", directory.path().display().to_string())
            .env("TMPDIR", directory.path().display().to_string())
            .env("EDITOR", fill("{S}"))
            .env("VISUAL", fill("{S}"))
            .cwd(directory.path())
            .terms(generous(directory.path(), exec.cloned().unwrap_or_default()));
        for (name, value) in self.env {
            trial = trial.env(name, fill(value));
        }
        let trial = if exec.is_some() { trial } else { trial.unconfined() };
        let mut terminal = trial.at_terminal();
        let start = Instant::now();
        let marker = directory.path().join("marker");
        if !self.keys.is_empty() {
            terminal.settle();
            for keys in fill(self.keys).split('\0') {
                terminal.keys(keys);
            }
        }
        terminal.until(limit, || marker.exists());
        let took = start.elapsed();
        let screen = terminal.end();
        (marker.exists(), took, screen)
    }
}

/// What became of an escape.
enum Fate {
    Absent,
    /// Did nothing even without confinement.
    Silent(String),
    /// Did nothing even where any program may be executed, with this on the screen.
    HeldEarlier(String),
    Blocked,
    Escaped(String),
}

const PATIENCE: Duration = Duration::from_secs(10);

fn try_escape(escape: &Escape) -> Fate {
    let Some(program) = installed(escape.program) else {
        return Fate::Absent;
    };
    let (works, _, screen) = escape.escapes(&program, None, PATIENCE);
    if !works {
        return Fate::Silent(screen);
    }
    let (arrives, took, screen) = escape.escapes(&program, Some(&Exec::Any), PATIENCE);
    match escape.escapes(&program, Some(&Exec::Nothing), took * 3 + Duration::from_millis(500)) {
        (true, _, screen) => Fate::Escaped(screen),
        (false, ..) if arrives => Fate::Blocked,
        (false, ..) => Fate::HeldEarlier(screen),
    }
}

/// All of them, several at a time: most of the work is waiting.
fn try_all() -> Vec<(&'static Escape, Fate)> {
    let each = ESCAPES.len().div_ceil(4);
    std::thread::scope(|scope| {
        let part =
            |part: &'static [Escape]| part.iter().map(|one| (one, try_escape(one))).collect::<Vec<_>>();
        let threads: Vec<_> = ESCAPES.chunks(each).map(|chunk| scope.spawn(move || part(chunk))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// What is wrong with an escape's fate, if anything is.
fn complaint(escape: &Escape, fate: &Fate) -> Option<String> {
    let name = escape.name;
    let earlier = HELD_EARLIER.iter().find(|(known, ..)| *known == name);
    match fate {
        Fate::Absent => None,
        Fate::Blocked if earlier.is_none() => None,
        Fate::Blocked => {
            Some(format!("{name}: only the refused execve holds it, yet it is listed otherwise"))
        }
        Fate::HeldEarlier(screen) if earlier.is_some_and(|(_, shown, _)| screen.contains(shown)) => None,
        Fate::HeldEarlier(screen) => Some(format!("{name}: nothing even with exec = \"any\": {screen}")),
        Fate::Silent(screen) => Some(format!("{name}: nothing even without confinement: {screen}")),
        Fate::Escaped(screen) => Some(format!("{name}: it escaped: {screen}")),
    }
}

#[test]
fn no_program_starts_another() {
    let fates = try_all();
    let absent = fates.iter().filter(|(_, fate)| matches!(fate, Fate::Absent)).map(|(one, _)| one.name);
    let absent: Vec<&str> = absent.collect();
    if !absent.is_empty() {
        lacks(&absent.join(", "));
    }
    let blocked: BTreeSet<&str> =
        fates.iter().filter(|(_, fate)| matches!(fate, Fate::Blocked)).map(|(one, _)| one.program).collect();
    println!("{} programs escape without confinement and not with it", blocked.len());
    let complaints: Vec<String> = fates.iter().filter_map(|(escape, fate)| complaint(escape, fate)).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert!(blocked.len() >= 40, "too few programs to prove anything: {blocked:?}");
}
