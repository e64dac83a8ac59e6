//! The table of attempts: unconfined, confined by this kernel, and as older kernels would.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::path::PathBuf;
use std::process::{Child, Command};

use gatesh::launch::confinement::abi::Kernel;
use gatesh::policy::types::Access;
use gatesh::policy::{Exec, Terms};

use super::attempts::{ATTEMPTS, Attempt, Held};
use super::files::{ending, file, give, installed, landlock, scratch};
use super::trial::{Trial, nothing};

/// Everything that the attempts aim at, made afresh.
struct Range {
    directory: tempfile::TempDir,
    program: PathBuf,
    _listeners: (UnixListener, UnixListener, UnixDatagram, std::net::TcpListener),
    port: u16,
    sibling: Child,
}

impl Range {
    fn new() -> Self {
        let directory = scratch();
        let path = |name: &str| directory.path().join(name);
        for name in ["secret", "named", "spare"] {
            file(&path(name), name);
        }
        let secret = std::ffi::CString::new(path("secret").into_os_string().into_encoded_bytes()).unwrap();
        super::calls::mark(&secret).unwrap();
        crate::scenario::write_program(&path("script"), "#!/bin/true\n");
        std::fs::create_dir(path("writable")).unwrap();
        give(&path("writable"));
        let listener = UnixListener::bind(path("socket")).unwrap();
        let datagrams = UnixDatagram::bind(path("datagrams")).unwrap();
        give(&path("socket"));
        give(&path("datagrams"));
        let hidden = SocketAddr::from_abstract_name(format!("{}", directory.path().display())).unwrap();
        let hidden = UnixListener::bind_addr(&hidden).unwrap();
        let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = server.local_addr().unwrap().port();
        let mut sleeper = Command::new("/bin/sleep");
        sleeper.arg("600").stdin(std::process::Stdio::null());
        if nix::unistd::geteuid().is_root() {
            std::os::unix::process::CommandExt::uid(&mut sleeper, 1000);
            std::os::unix::process::CommandExt::gid(&mut sleeper, 1000);
        }
        let sibling = sleeper.spawn().unwrap();
        let program = std::env::current_exe().unwrap();
        Self { directory, program, _listeners: (listener, hidden, datagrams, server), port, sibling }
    }

    fn trial(&self, attempt: &str) -> Trial {
        let path = |name: &str| self.directory.path().join(name).display().to_string();
        Trial::new(&self.program)
            .words(&["confinement::attempts::attempt", "--exact", "--nocapture", "--test-threads=1"])
            .env("ATTEMPT", attempt)
            .env("DIRECTORY", self.directory.path().display().to_string())
            .env("ABSTRACT", self.directory.path().display().to_string())
            .env("SECRET", path("secret"))
            .env("NAMED", path("named"))
            .env("SCRIPT", path("script"))
            .env("WRITABLE", path("writable"))
            .env("SOCKET", path("socket"))
            .env("DATAGRAM_SOCKET", path("datagrams"))
            .env("PORT", self.port.to_string())
            .env("SIBLING", self.sibling.id().to_string())
            .grant(&self.directory.path().join("named"), Access::Read)
    }

    /// How `attempt` ends.
    fn outcome(&mut self, attempt: &str, kernel: Option<Kernel>) -> String {
        let trial = self.trial(attempt);
        let trial = match kernel {
            Some(kernel) => trial.kernel(kernel),
            None => trial.unconfined(),
        };
        let status = if LEADERS_CANNOT.contains(&attempt) {
            trial.in_this_group().run().status
        } else {
            trial.at_terminal().wait()
        };
        if status.success() && attempt == BY_THE_KERNEL && self.sibling_lives() {
            return "unheard".to_owned();
        }
        ending(status)
    }

    fn sibling_lives(&mut self) -> bool {
        std::thread::sleep(std::time::Duration::from_millis(50));
        self.sibling.try_wait().unwrap().is_none()
    }
}

/// Attempts that the leader of a group cannot make anyway.
const LEADERS_CANNOT: [&str; 2] = ["a new session", "another process group"];

/// The attempt whose success shows only on its victim.
const BY_THE_KERNEL: &str = "own a pipe in its name";

impl Drop for Range {
    fn drop(&mut self) {
        let _ = self.sibling.kill();
        let _ = self.sibling.wait();
        let _ = std::fs::remove_file("/dev/shm/gatesh-attempt");
    }
}

/// Attempts that fail on some hosts without confinement too, and why. Any other has to be possible.
#[rustfmt::skip]
const MAY_BE_IMPOSSIBLE: &[(&str, &str)] = &[
    ("execve through x32", "distributions build kernels without the x32 ABI, and other processors have none"),
    ("getpid through x32", "the same"),
    ("paste into a console", "TIOCLINUX is for virtual consoles, and a pty is none"),
    #[cfg(not(target_arch = "x86_64"))]
    ("a call through i386", "other processors have no such entry"),
];

/// Whether a kernel of this ABI must hold the attempt.
fn must_be_denied(held: Held, abi: i32) -> bool {
    match held {
        Held::Filter | Held::Either | Held::Kernel => true,
        Held::Landlock(since) => abi >= since,
        Held::Granted | Held::Visible => false,
    }
}

fn judge(
    attempt: &Attempt,
    control: &str,
    kernels: &[Kernel],
    outcomes: &[String],
    faults: &mut Vec<String>,
) {
    let (name, held, _) = attempt;
    let is_left = matches!(held, Held::Granted | Held::Visible);
    for (kernel, outcome) in kernels.iter().zip(outcomes) {
        let allowed = outcome == "allowed";
        if must_be_denied(*held, kernel.abi()) && allowed {
            faults.push(format!("{name}: allowed at ABI {}", kernel.abi()));
        }
        if is_left && !allowed {
            let what = "though the document says that it is left";
            faults.push(format!("{name}: {outcome} at ABI {}, {what}", kernel.abi()));
        }
    }
    if is_left && control != "allowed" {
        faults.push(format!("{name}: {control} even without confinement"));
    }
}

fn columns(texts: &[String]) -> String {
    let padded: Vec<String> = texts.iter().map(|text| format!("{text:10}")).collect();
    padded.join(" ")
}

#[test]
fn no_attempt_succeeds_that_the_rule_does_not_grant() {
    let kernel = Kernel::probe();
    let mut kernels: Vec<Kernel> = [99, 6, 4, 2, 1].iter().map(|abi| kernel.acting_like(*abi)).collect();
    kernels.push(Kernel::without_landlock());
    let (mut faults, mut vacuous) = (Vec::new(), Vec::new());
    let names: Vec<String> = kernels.iter().map(|kernel| format!("ABI {}", kernel.abi())).collect();
    println!("{:38} {:12} {}", "attempt", "unconfined", columns(&names));
    for attempt in ATTEMPTS {
        let mut range = Range::new();
        let outcomes: Vec<String> = kernels
            .iter()
            .map(|kernel| {
                if kernel.abi() == 0 {
                    range = Range::new();
                }
                range.outcome(attempt.0, Some(*kernel))
            })
            .collect();
        let control = Range::new().outcome(attempt.0, None);
        println!("{:38} {control:12} {}", attempt.0, columns(&outcomes));
        judge(attempt, &control, &kernels, &outcomes, &mut faults);
        let may_be = MAY_BE_IMPOSSIBLE.iter().any(|(name, _)| *name == attempt.0);
        if control != "allowed" && attempt.1 != Held::Kernel {
            println!("  (not even without confinement, on this host)");
        }
        if control != "allowed" && attempt.1 != Held::Kernel && !may_be {
            vacuous.push(format!("{} ({control})", attempt.0));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(vacuous.is_empty(), "these prove nothing here: {vacuous:#?}");
}

#[test]
fn a_writable_directory_still_executes_nothing() {
    if !landlock() {
        return;
    }
    let range = Range::new();
    let terms = || Terms { write: vec![range.directory.path().join("writable")], ..nothing() };
    for attempt in ["execute a file it dropped", "create a file", "write a file", "mode of a file"] {
        let confined = range.trial(attempt).terms(terms()).at_terminal().wait();
        assert!(!confined.success(), "{attempt}");
        assert!(range.trial(attempt).unconfined().at_terminal().wait().success(), "{attempt}, unconfined");
    }
}

#[test]
fn a_list_of_programs_takes_no_dropped_files_descriptors_or_memory() {
    if !landlock() {
        return;
    }
    let range = Range::new();
    let list = Exec::Listed(vec![installed("true").unwrap()]);
    let terms =
        || Terms { write: vec![range.directory.path().join("writable")], exec: list.clone(), ..nothing() };
    for attempt in
        ["execute a file it dropped", "execute a descriptor", "execute a copy in memory", "execute /bin/sh"]
    {
        let confined = range.trial(attempt).terms(terms()).at_terminal().wait();
        assert!(!confined.success(), "{attempt}");
        assert!(range.trial(attempt).unconfined().at_terminal().wait().success(), "{attempt}, unconfined");
    }
}
