//! Kernels that hold less, as the built gatesh meets them: an outer filter answers for Landlock, as a kernel would
//! that has none, has not switched it on, or reports more than it takes.

#![allow(
    unsafe_code,
    reason = "a filter is put before gatesh between fork and exec, and asked for its answers"
)]

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt;
use std::process::Command;

use libc::{EINVAL, ENOSYS, EOPNOTSUPP, sock_filter};
use serde_json::Value;

use super::{confines, enforcement, rule};
use crate::scenario::{Answer, Gatesh, SECRET, ordinary, output, run};

/// What is said to a program that asks for a ruleset.
#[derive(Clone, Copy)]
enum Says {
    /// To every call, and for the version too.
    Always(i32),
    /// To every call, but the version is told.
    AfterTheVersion(i32),
    /// What the supervisor says, but the version is told.
    Asked,
}

const fn statement(code: u32, k: u32) -> sock_filter {
    sock_filter { code: code as u16, jt: 0, jf: 0, k }
}

/// Skips `over` statements unless the loaded word is `k`.
const fn unless(k: u32, over: u8) -> sock_filter {
    sock_filter { code: (libc::BPF_JMP | libc::BPF_JEQ) as u16, jt: 0, jf: over, k }
}

fn filter(says: Says) -> [sock_filter; 6] {
    let load = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    let (answer, flags) = match says {
        Says::Always(error) => (libc::SECCOMP_RET_ERRNO | error.unsigned_abs(), 0),
        Says::AfterTheVersion(error) => (libc::SECCOMP_RET_ERRNO | error.unsigned_abs(), 1),
        Says::Asked => (libc::SECCOMP_RET_USER_NOTIF, 1),
    };
    let give = libc::BPF_RET;
    // Where every call is answered, a word that is 0 in each stands for the flags: the number's upper half.
    let about = if flags == 0 { statement(load, 0) } else { statement(load, 32) };
    let wanted = if flags == 0 { libc::SYS_landlock_create_ruleset as u32 } else { 0 };
    [
        statement(load, 0),
        unless(libc::SYS_landlock_create_ruleset as u32, 3),
        about,
        unless(wanted, 1),
        statement(give, answer),
        statement(give, libc::SECCOMP_RET_ALLOW),
    ]
}

/// Puts the filter before `command`, which hands what listens to it to `listener`.
fn before(command: &mut Command, says: Says, listener: Option<UnixDatagram>) {
    let mut code = filter(says);
    let asks = matches!(says, Says::Asked);
    // SAFETY: the closure makes system calls only, on memory of its own.
    unsafe {
        command.pre_exec(move || {
            let program = libc::sock_fprog { len: 6, filter: code.as_mut_ptr() };
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            let flags = if asks { libc::SECCOMP_FILTER_FLAG_NEW_LISTENER } else { 0 };
            let made =
                libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program);
            match &listener {
                _ if made < 0 => Err(std::io::Error::last_os_error()),
                Some(socket) => hand_over(socket, made as RawFd),
                None => Ok(()),
            }
        });
    }
}

fn hand_over(socket: &UnixDatagram, descriptor: RawFd) -> std::io::Result<()> {
    use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
    let (word, descriptors) = ([std::io::IoSlice::new(b"x")], [descriptor]);
    let message = [ControlMessage::ScmRights(&descriptors)];
    sendmsg::<()>(socket.as_raw_fd(), &word, &message, MsgFlags::empty(), None)?;
    Ok(())
}

fn handed_over(socket: &UnixDatagram) -> OwnedFd {
    use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};
    let (mut byte, mut room) = ([0], nix::cmsg_space!(RawFd));
    let mut words = [std::io::IoSliceMut::new(&mut byte)];
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut words, Some(&mut room), MsgFlags::empty()).unwrap();
    let Some(ControlMessageOwned::ScmRights(descriptors)) = message.cmsgs().unwrap().next() else { panic!() };
    // SAFETY: it has just come, and nobody else has it.
    unsafe { OwnedFd::from_raw_fd(descriptors[0]) }
}

/// What a ruleset takes away: rights over files, over the network, scopes (`struct landlock_ruleset_attr`).
type Handled = [u64; 3];

/// Answers every request for a ruleset until nobody can make one any more. `takes` is the kernel's mind.
fn supervise(listener: &OwnedFd, takes: fn(Handled) -> bool) -> Vec<bool> {
    const RECEIVE: u64 = 0xc050_2100;
    const SEND: u64 = 0xc018_2101;
    let mut answers = Vec::new();
    loop {
        let mut ready =
            [nix::poll::PollFd::new(std::os::fd::AsFd::as_fd(listener), nix::poll::PollFlags::POLLIN)];
        nix::poll::poll(&mut ready, nix::poll::PollTimeout::NONE).unwrap();
        if !ready[0].revents().unwrap().contains(nix::poll::PollFlags::POLLIN) {
            return answers;
        }
        // SAFETY: all zero is valid, as the call wants it, and the kernel fills it.
        let request = unsafe {
            let mut request: libc::seccomp_notif = std::mem::zeroed();
            let made = libc::ioctl(listener.as_raw_fd(), RECEIVE as libc::Ioctl, &raw mut request);
            assert_eq!(made, 0, "{}", std::io::Error::last_os_error());
            request
        };
        let handled = read_of(request.pid, request.data.args[0]);
        let accepted = takes(handled);
        answers.push(accepted);
        let mut answer = libc::seccomp_notif_resp { id: request.id, val: 0, error: 0, flags: 0 };
        if accepted {
            answer.flags = 1;
        } else {
            answer.error = -EINVAL;
        }
        // SAFETY: the kernel reads the structure.
        unsafe { libc::ioctl(listener.as_raw_fd(), SEND as libc::Ioctl, &raw mut answer) };
    }
}

fn read_of(pid: u32, at: u64) -> Handled {
    use std::os::unix::fs::FileExt;
    let mut bytes = [0; 24];
    std::fs::File::open(format!("/proc/{pid}/mem")).unwrap().read_exact_at(&mut bytes, at).unwrap();
    std::array::from_fn(|place| u64::from_ne_bytes(bytes[place * 8..place * 8 + 8].try_into().unwrap()))
}

/// Reads what no word of its line names, and says where its home is.
fn scene() -> Gatesh {
    let scene = rule(r#""sed (-n) (-f <log>) <log>", "env""#, "").file("root/secret", SECRET);
    let script = scene.spelled("r {top}/root/secret\n");
    scene.file("var/log/script", &script)
}

const LINE: &str = "sed -n -f {top}/var/log/script {top}/var/log/app.log; env";

/// The line under a kernel that says so, where Landlock is `need`ed.
fn under(says: Says, need: &str) -> Answer {
    let scene = scene();
    let mut command = scene.command();
    command.args(["-c", &scene.spelled(LINE)]);
    let host = scene.path("policy/gatesh.toml");
    let text = std::fs::read_to_string(&host).unwrap();
    std::fs::write(host, text.replace("\"preferred\"", &format!("{need:?}"))).unwrap();
    before(&mut command, says, None);
    ended(&scene, command)
}

fn ended(scene: &Gatesh, command: Command) -> Answer {
    let answer = run(command, b"");
    Answer { records: scene.records(), ..answer }
}

fn told(answer: &Answer) -> Vec<String> {
    let told = answer.events("command-start")[0]["degradations"].as_array().cloned().unwrap_or_default();
    told.iter().map(|one| Value::as_str(one).unwrap().to_owned()).collect()
}

fn home(answer: &Answer) -> &str {
    answer.out.lines().find_map(|line| line.strip_prefix("HOME=")).unwrap()
}

#[test]
fn a_kernel_without_landlock_is_told_in_the_record_and_gives_an_empty_home() {
    if !confines() {
        return;
    }
    let own = output("getent", &["passwd", &ordinary().user]);
    let own = own.split(':').nth(5).unwrap();
    let full = scene().line(LINE).allowed();
    assert_eq!((enforcement(&full), home(&full)), ("full", own));
    assert!(!full.out.contains(SECRET) && told(&full).is_empty(), "{full:?}");
    for error in [ENOSYS, EOPNOTSUPP] {
        let answer = under(Says::Always(error), "preferred");
        assert_eq!((answer.code(), enforcement(&answer)), (0, "exec-once only"), "{answer:?}");
        let told = told(&answer);
        assert!(told.iter().any(|one| one.contains("files")), "{told:?}");
        // What is told is so.
        assert!(answer.out.contains(SECRET), "{answer:?}");
        is_nobodys(std::path::Path::new(home(&answer)));
    }
}

/// Root's and empty, or nowhere at all where the host has no such directory.
fn is_nobodys(home: &std::path::Path) {
    use std::os::unix::fs::MetadataExt;
    let Ok(about) = std::fs::metadata(home) else {
        return assert_eq!(home, std::path::Path::new("/nonexistent"));
    };
    assert!(about.uid() == 0 && about.mode() & 0o022 == 0, "{}", home.display());
    assert_eq!(std::fs::read_dir(home).unwrap().count(), 0, "{}", home.display());
}

#[test]
fn where_landlock_is_required_a_kernel_without_it_runs_nothing() {
    if !confines() {
        return;
    }
    for says in [Says::Always(ENOSYS), Says::Always(EOPNOTSUPP)] {
        let answer = under(says, "required");
        assert_eq!((answer.code(), answer.started().len()), (125, 0), "{answer:?}");
        assert!(!answer.out.contains(SECRET), "{answer:?}");
    }
}

#[test]
fn a_kernel_that_takes_no_ruleset_at_all_runs_nothing_however_little_is_required() {
    if !confines() {
        return;
    }
    for need in ["required", "preferred"] {
        let answer = under(Says::AfterTheVersion(EINVAL), need);
        assert_eq!((answer.code(), answer.started().len()), (125, 0), "{answer:?}");
        assert!(!answer.out.contains(SECRET), "{answer:?}");
    }
}

type Overstated = (fn(Handled) -> bool, &'static [&'static str]);

/// The rights that a kernel reports and rejects, and what the record has to say of them.
const OVERSTATED: &[Overstated] = &[
    (|[_, _, scopes]| scopes == 0, &["signals and abstract unix sockets"]),
    (|[files, _, _]| files & (1 << 15) == 0, &["ioctl on devices"]),
    (|[_, network, scopes]| network == 0 && scopes == 0, &["signals and abstract unix sockets", "TCP ports"]),
];

#[test]
fn a_kernel_that_reports_more_than_it_takes_is_asked_for_less_and_that_is_told() {
    if !confines() || !crate::scenario::is_root() {
        return println!("skipped: another's memory takes root to read");
    }
    for (takes, rejected) in OVERSTATED {
        let scene = scene();
        let mut command = scene.command();
        command.args(["-c", &scene.spelled(LINE)]);
        let (ours, theirs) = UnixDatagram::pair().unwrap();
        before(&mut command, Says::Asked, Some(theirs));
        let supervising = std::thread::spawn(move || supervise(&handed_over(&ours), *takes));
        let answer = ended(&scene, command);
        let answers = supervising.join().unwrap();
        assert!(answers.contains(&true) && answers.contains(&false), "{answers:?}");
        assert_eq!(answer.code(), 0, "{answer:?}");
        let told = told(&answer);
        for what in *rejected {
            let part = format!("rejects its part for {what}");
            assert!(told.iter().any(|one| one.ends_with(&part)), "{part}: {told:?}");
        }
        // What is left is held: the secret is no operand.
        assert!(!answer.out.contains(SECRET), "{answer:?}");
    }
}

/// Asks for a signal of its choice whenever there is input: on a terminal it would go to whoever is in the foreground,
/// gatesh itself from a job in the background, and nobody has to be named for that.
const ASYNC: &str = r#"
my $told = fcntl(STDIN, 4, fcntl(STDIN, 3, 0) | 0x2000) ? 'asynchronous' : 'no';
my $kind = fcntl(STDIN, 10, 19) ? 'SIGSTOP' : 'no';
print "$told $kind\n";
"#;

#[test]
fn where_the_kernel_scopes_no_signals_a_descriptor_sends_none() {
    if !confines() || !crate::scenario::is_root() {
        return println!("skipped: another's memory takes root to read");
    }
    let scene = rule(r#""perl <log>""#, "with = [\"@scripts\"]").file("var/log/async", ASYNC);
    let script = scene.spelled("{top}/var/log/async");
    let mut free = scene.outside(std::path::Path::new("/usr/bin/perl"));
    free.arg(&script);
    assert_eq!(run(free, b"").out, "asynchronous SIGSTOP\n");
    let mut command = scene.command();
    command.args(["-c", &format!("perl {script}")]);
    let (ours, theirs) = UnixDatagram::pair().unwrap();
    before(&mut command, Says::Asked, Some(theirs));
    let supervising =
        std::thread::spawn(move || supervise(&handed_over(&ours), |[_, _, scopes]| scopes == 0));
    let answer = ended(&scene, command);
    supervising.join().unwrap();
    assert_eq!(answer.out, "no no\n", "{answer:?}");
}
