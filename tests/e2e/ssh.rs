//! gatesh behind a real sshd, with keys, configuration and a port of its own.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::host::{Host, Person, succeeds};
use crate::scenario::{Answer, output, run};
use crate::screen::Screen;

/// sshd, and a client that it lets in.
struct Sshd {
    host: Host,
    person: Person,
    log: String,
    process: Child,
    port: u16,
}

/// How the gate is reached.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    LoginShell,
    /// `ForceCommand` in sshd's configuration.
    ForcedCommand,
    /// `command=` beside the key.
    KeysCommand,
}

impl Sshd {
    fn start(way: Way, settings: &str) -> Option<Self> {
        if !Path::new("/usr/sbin/sshd").exists() || !succeeds("ssh", &["-V"]) {
            crate::scenario::lacks("sshd or ssh");
            return None;
        }
        let mut host = Host::new()?;
        host.published("log-readers");
        let person = match way {
            Way::LoginShell => host.person(&["log-readers"]),
            Way::ForcedCommand | Way::KeysCommand => host.person_with_shell(&["log-readers"], "/bin/sh"),
        };
        let log = host.log("first\nsecond ERROR\n");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = start(&host, &person, way, settings, port);
        let sshd = Self { host, person, log, process, port };
        sshd.wait();
        Some(sshd)
    }

    fn wait(&self) {
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                Instant::now() < end,
                "{}",
                fs::read_to_string(self.place("sshd.log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn place(&self, name: &str) -> PathBuf {
        self.host.place().join(name)
    }

    fn client(&self, program: &str, port: &str) -> Command {
        let mut command = Command::new(program);
        command.args([port, &self.port.to_string(), "-i", self.place("client").to_str().unwrap()]);
        command.args(["-F", "/dev/null", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no"]);
        command.args(["-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]);
        command
    }

    fn ssh(&self, words: &[&str]) -> Command {
        let mut command = self.client("ssh", "-p");
        command.arg(format!("{}@127.0.0.1", self.person.name)).args(words);
        command
    }

    fn asks(&self, line: &str) -> Answer {
        run(self.ssh(&[line]), b"")
    }

    /// A file of that side, as scp names it.
    fn there(&self, name: &str) -> String {
        format!("{}@127.0.0.1:{name}", self.person.name)
    }

    /// `-O` is the old protocol, which runs scp there; `-s` is sftp's.
    fn scp(&self, protocol: &str, from: &str, to: &str) -> Answer {
        let mut scp = self.client("scp", "-P");
        scp.args([protocol, from, to]);
        run(scp, b"")
    }

    /// Gets the log with sftp; answers whether it came.
    fn sftp_gets(&self) -> bool {
        let mut sftp = self.client("sftp", "-P");
        sftp.args(["-b", "-", &format!("{}@127.0.0.1", self.person.name)]);
        let into = self.place("got");
        let answer = run(sftp, format!("get {} {}\n", self.log, into.display()).as_bytes());
        assert_eq!(answer.code() == 0, into.exists(), "{answer:#?}");
        into.exists()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn start(host: &Host, person: &Person, way: Way, settings: &str, port: u16) -> Child {
    let place = host.place();
    let at = |name: &str| place.join(name).display().to_string();
    for key in ["host", "client"] {
        output("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &at(key)]);
    }
    let command = format!("{} --command-env SSH_ORIGINAL_COMMAND", at("gatesh"));
    let beside = if way == Way::KeysCommand { format!("command=\"{command}\" ") } else { String::new() };
    let key = fs::read_to_string(place.join("client.pub")).unwrap();
    fs::write(place.join("authorized"), beside + &key).unwrap();
    fs::set_permissions(place.join("authorized"), fs::Permissions::from_mode(0o644)).unwrap();
    let forced = if way == Way::ForcedCommand { format!("ForceCommand {command}\n") } else { String::new() };
    let configuration = format!(
        "ListenAddress 127.0.0.1:{port}\nHostKey {}\nPidFile none\nAuthorizedKeysFile {}\nUsePAM no\n\
         AllowUsers {}\nAllowTcpForwarding no\nLogLevel VERBOSE\n{settings}\n{forced}",
        at("host"),
        at("authorized"),
        person.name
    );
    fs::write(place.join("sshd_config"), configuration).unwrap();
    let _ = fs::create_dir("/run/sshd");
    let mut command = Command::new("/usr/sbin/sshd");
    command.args(["-D", "-f", &at("sshd_config"), "-E", &at("sshd.log")]);
    command.stdin(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_line_that_the_rules_allow_runs() {
    let Some(sshd) = Sshd::start(Way::LoginShell, "") else { return };
    let answer = sshd.asks(&format!("cat '{}'", sshd.log));
    assert_eq!((answer.code(), answer.out.as_str()), (0, "first\nsecond ERROR\n"), "{answer:#?}");
    assert_eq!(sshd.asks(&format!("cat {} | grep -c ERROR", sshd.log)).out, "1\n");
}

#[test]
fn a_line_that_they_do_not_is_refused_with_the_reason() {
    let Some(sshd) = Sshd::start(Way::LoginShell, "") else { return };
    for line in ["cat /etc/shadow", "cat /var/log/../../etc/shadow", "cat /etc/shadow x.log"] {
        let answer = sshd.asks(line).says("does not match <log>");
        assert_eq!((answer.code(), answer.out.as_str()), (126, ""));
    }
    assert_eq!(sshd.asks("sh").says("not allowed: sh").code(), 126);
    assert_eq!(sshd.asks("ls; sh").says("nothing was run").code(), 126);
    assert_eq!(sshd.asks("cat <(sh)").says("is not understood").code(), 2);
}

#[test]
fn at_a_terminal_there_is_a_prompt_and_exit_ends_it() {
    let Some(sshd) = Sshd::start(Way::LoginShell, "") else { return };
    let mut client = sshd.ssh(&[]);
    let mut screen = Screen::open(client.arg("-tt"));
    screen.shows("help shows what you may run").shows(&format!("{}@", sshd.person.name)).shows("> ");
    screen.types(&format!("cat {}", sshd.log)).shows("second ERROR").shows("> ");
    screen.types("cat /etc/shadow").shows("not allowed: cat /etc/shadow").shows("[126]> ");
    screen.types(&format!("tail -f {}", sshd.log)).shows("second ERROR").keys("\x03").shows("> ");
    screen.types("exit");
    assert_eq!(screen.ends().code(), Some(0), "{}", screen.seen());
}

#[test]
fn scp_and_sftp_get_nothing_and_put_nothing() {
    let sftp = format!("Subsystem sftp {}", sftp_server());
    let Some(sshd) = Sshd::start(Way::LoginShell, &sftp) else { return };
    let into = sshd.place("got");
    for protocol in ["-O", "-s"] {
        let got = sshd.scp(protocol, &sshd.there(&sshd.log), into.to_str().unwrap());
        assert!(got.code() != 0 && !into.exists(), "{got:#?}");
        let put = sshd.scp(protocol, sshd.place("client.pub").to_str().unwrap(), &sshd.there("put"));
        assert!(put.code() != 0 && !sshd.person.home.join("put").exists(), "{put:#?}");
    }
    assert_eq!(sshd.asks(&format!("scp -f {}", sshd.log)).says("not allowed: scp").code(), 126);
}

fn sftp_server() -> &'static str {
    let places = ["/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server"];
    places.into_iter().find(|place| Path::new(place).exists()).unwrap_or(places[0])
}

/// sshd serves it itself and starts no shell: no login shell can hold it. `gateshctl doctor` looks for it.
#[test]
fn internal_sftp_goes_around_every_login_shell() {
    let Some(sshd) = Sshd::start(Way::LoginShell, "Subsystem sftp internal-sftp") else { return };
    assert!(sshd.sftp_gets());
}

#[test]
fn a_forced_command_holds_internal_sftp_too() {
    let Some(sshd) = Sshd::start(Way::ForcedCommand, "Subsystem sftp internal-sftp") else { return };
    assert!(!sshd.sftp_gets());
}

fn with_rc(sshd: &Sshd) -> PathBuf {
    let marker = sshd.person.home.join("rc-ran");
    sshd.person.file(".ssh/rc", &format!(": >'{}'\n", marker.display()));
    marker
}

#[test]
fn the_rc_file_does_not_run_under_a_login_shell() {
    let Some(sshd) = Sshd::start(Way::LoginShell, "") else { return };
    let marker = with_rc(&sshd);
    assert_eq!(sshd.asks(&format!("cat {}", sshd.log)).out, "first\nsecond ERROR\n");
    assert!(!marker.exists());
}

/// sshd skips it where `ForceCommand` stands in its own configuration (session.c of OpenSSH 9).
#[test]
fn the_rc_file_does_not_run_before_a_forced_command() {
    let Some(sshd) = Sshd::start(Way::ForcedCommand, "") else { return };
    let marker = with_rc(&sshd);
    assert_eq!(sshd.asks(&format!("cat {}", sshd.log)).out, "first\nsecond ERROR\n");
    assert!(!marker.exists());
}

#[test]
fn the_rc_file_runs_before_a_keys_command_unless_sshd_forbids_it() {
    let Some(sshd) = Sshd::start(Way::KeysCommand, "") else { return };
    let marker = with_rc(&sshd);
    let _ = sshd.asks(&format!("cat {}", sshd.log));
    assert!(marker.exists(), "the control: sshd runs it through the account's own shell");
    drop(sshd);
    let Some(sshd) = Sshd::start(Way::KeysCommand, "PermitUserRC no") else { return };
    let marker = with_rc(&sshd);
    assert_eq!(sshd.asks(&format!("cat {}", sshd.log)).out, "first\nsecond ERROR\n");
    assert!(!marker.exists());
}

#[test]
fn a_forced_command_holds_every_line() {
    let Some(sshd) = Sshd::start(Way::ForcedCommand, "PermitUserRC no\nPermitUserEnvironment no") else {
        return;
    };
    assert_eq!(sshd.asks(&format!("cat {}", sshd.log)).out, "first\nsecond ERROR\n");
    assert_eq!(sshd.asks("cat /etc/shadow").says("does not match <log>").code(), 126);
    assert_eq!(sshd.asks("sh -c id").says("not allowed: sh").code(), 126);
    // Without a line: one line at a time from standard input, as no terminal was asked for.
    let answer = run(sshd.ssh(&[]), b"id\n").says("not allowed: id");
    assert_eq!((answer.code(), answer.out.as_str()), (126, ""));
}

#[test]
fn variables_that_the_client_sends_reach_nobody() {
    let Some(sshd) = Sshd::start(Way::LoginShell, "AcceptEnv LESSOPEN LD_PRELOAD LC_*") else { return };
    let marker = sshd.person.home.join("ran");
    let mut ssh = sshd.ssh(&["-o", "SendEnv=LESSOPEN", &format!("less {}", sshd.log)]);
    ssh.env("LESSOPEN", format!("|touch {}", marker.display()));
    assert_eq!(run(ssh, b"").out, "first\nsecond ERROR\n");
    assert!(!marker.exists());
}
