use super::*;
use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

/// Where the probe writes what it finds; without it the probe does nothing.
const REPORT: &str = "GATESH_TEST_REPORT";

/// The test harness starts threads before any test, so the probe comes before the harness.
// SAFETY: the section holds addresses of functions that libc calls before main; std reads its arguments earlier.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = probe;

/// In a process that the tests below start: cleans it, says what is left, and ends it.
extern "C" fn probe() {
    let Some(report) = std::env::var_os(REPORT) else { return };
    let text = match sanitize() {
        Ok(inherited) => state(&inherited),
        Err(error) => format!("error={error}\n"),
    };
    fs::write(report, text).unwrap();
    std::process::exit(0);
}

fn state(inherited: &Inherited) -> String {
    let descriptors = open_descriptors();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let field =
        |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    let score = fs::read_to_string("/proc/self/oom_score_adj").unwrap();
    let limit = |resource| getrlimit(resource).unwrap().0;
    let facts = [
        ("descriptors", descriptors),
        ("blocked", field("SigBlk:")),
        ("ignored", field("SigIgn:")),
        ("umask", field("Umask:")),
        ("dumpable", prctl::get_dumpable().unwrap().to_string()),
        ("oom", score.trim().to_owned()),
        ("timer", timer_is_set().to_string()),
        ("core", limit(Resource::RLIMIT_CORE).to_string()),
        ("files", limit(Resource::RLIMIT_NOFILE).to_string()),
        ("size", (limit(Resource::RLIMIT_FSIZE) == RLIM_INFINITY).to_string()),
        ("environment", std::env::vars_os().count().to_string()),
        ("arguments", inherited.argv.len().to_string()),
        ("inherited", inherited.variable("ODD").is_some_and(|value| value == "1").to_string()),
    ];
    facts.map(|(name, value)| format!("{name}={value}\n")).concat()
}

fn open_descriptors() -> String {
    let open = |&descriptor: &i32| {
        // SAFETY: asks about a number; no memory is passed.
        unsafe { libc::fcntl(descriptor, libc::F_GETFD) != -1 }
    };
    (0..100).filter(open).map(|descriptor| descriptor.to_string()).collect::<Vec<_>>().join(" ")
}

fn timer_is_set() -> bool {
    let mut timer = MaybeUninit::<libc::itimerval>::zeroed();
    // SAFETY: getitimer writes one `itimerval`, which all zeroes are a value of.
    let timer = unsafe {
        libc::getitimer(libc::ITIMER_REAL, timer.as_mut_ptr());
        timer.assume_init()
    };
    timer.it_value.tv_sec != 0 || timer.it_value.tv_usec != 0
}

/// What the probe reports when a shell prepares the state it starts in, and `"$@"` in `script` starts it.
fn after(script: &str) -> BTreeMap<String, String> {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", script, "sh"]).arg(std::env::current_exe().unwrap()).arg("argument");
    report_of(shell)
}

/// The same with a state that shells cannot make; `prepare` runs between fork and exec.
fn after_calling(prepare: fn() -> io::Result<()>) -> BTreeMap<String, String> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    // SAFETY: what the tests pass makes a system call or two and neither allocates nor locks.
    unsafe { command.pre_exec(prepare) };
    report_of(command)
}

fn report_of(mut command: Command) -> BTreeMap<String, String> {
    let directory = tempfile::tempdir().unwrap();
    let report: PathBuf = directory.path().join("report");
    let output = command.env(REPORT, &report).env("ODD", "1").output().unwrap();
    let text = fs::read_to_string(&report).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    text.lines()
        .map(|line| line.split_once('=').unwrap())
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .collect()
}

#[test]
fn missing_standard_descriptors_are_filled() {
    for closed in ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"] {
        assert_eq!(after(&format!("exec \"$@\" {closed}"))["descriptors"], "0 1 2", "{closed}");
    }
}

#[test]
fn further_descriptors_are_closed() {
    assert_eq!(after("exec \"$@\" 3</etc/passwd 7>&2 9</")["descriptors"], "0 1 2");
}

#[test]
fn ignored_signals_are_ignored_no_longer() {
    let state = after("trap '' HUP INT QUIT TERM CHLD TSTP ALRM USR1 TTOU; exec \"$@\"");
    let ignored = u64::from_str_radix(&state["ignored"], 16).unwrap();
    let own = (1 << (FIRST_REALTIME - 1)) - 1;
    assert_eq!(ignored & own, 0x1000, "only SIGPIPE");
    assert_eq!(state["blocked"], "0000000000000000");
}

#[test]
fn a_blocked_signal_is_let_through() {
    let state = after_calling(|| Ok(SigSet::all().thread_block()?));
    assert_eq!(state["blocked"], "0000000000000000");
}

#[test]
fn lowered_limits_are_raised_again() {
    let state = after("ulimit -S -n 40; ulimit -S -f 1000; exec \"$@\"");
    assert_eq!((state["files"].as_str(), state["size"].as_str()), ("1024", "true"));
}

#[test]
fn a_hard_limit_stays() {
    assert_eq!(after("ulimit -n 50; exec \"$@\"")["files"], "50");
}

#[test]
fn a_higher_limit_stays() {
    let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { panic!("no limit") };
    let wanted = hard.min(2048);
    assert_eq!(after(&format!("ulimit -S -n {wanted}; exec \"$@\""))["files"], wanted.to_string());
}

#[test]
fn the_gate_leaves_no_core_file() {
    assert_eq!(after("ulimit -S -c unlimited 2>/dev/null; exec \"$@\"")["core"], "0");
}

#[test]
fn the_umask_shuts_others_out() {
    assert_eq!(after("umask 000; exec \"$@\"")["umask"], "0077");
}

#[test]
fn debuggers_are_shut_out() {
    assert_eq!(after("exec \"$@\"")["dumpable"], "false");
}

#[test]
fn the_environment_is_kept_aside_and_empty() {
    let state = after("exec \"$@\"");
    assert_eq!((state["environment"].as_str(), state["inherited"].as_str()), ("0", "true"));
    assert_eq!(state["arguments"], "2");
}

#[test]
fn protection_from_the_oom_killer_is_given_up() {
    let lower = "echo -500 >/proc/self/oom_score_adj";
    if Command::new("/bin/sh").args(["-c", lower]).output().unwrap().status.success() {
        assert_eq!(after(&format!("{lower}; exec \"$@\""))["oom"], "0");
    } else {
        println!("skipped: lowering oom_score_adj needs CAP_SYS_RESOURCE");
    }
}

#[test]
fn only_a_negative_oom_score_is_changed() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for (before, now) in [("-1000\n", "0"), ("-1\n", "0"), ("0\n", "0\n"), ("300\n", "300\n")] {
        fs::write(file.path(), before).unwrap();
        raise_oom_score(file.path());
        assert_eq!(fs::read_to_string(file.path()).unwrap(), now);
    }
}

#[test]
fn a_raised_oom_score_is_left() {
    assert_eq!(after("echo 300 >/proc/self/oom_score_adj; exec \"$@\"")["oom"], "300");
}

#[test]
fn a_running_timer_is_stopped() {
    let state = after_calling(|| {
        // SAFETY: no memory is passed.
        unsafe { libc::alarm(60) };
        Ok(())
    });
    assert_eq!(state["timer"], "false");
}

#[test]
fn a_second_thread_is_refused() {
    std::thread::scope(|scope| {
        scope.spawn(|| assert!(matches!(refuse_threads(), Err(SanitizeError::Threads)))).join().unwrap();
    });
}

#[test]
fn an_ordinary_process_holds_no_raised_privileges() {
    assert!(refuse_raised_privileges().is_ok());
}

#[test]
fn listed_descriptors_are_closed_without_close_range() {
    // SAFETY: duplicates a descriptor to a number that nothing else in this process reaches.
    let far = unsafe { libc::fcntl(0, libc::F_DUPFD, 900) };
    if far < 900 {
        println!("skipped: the limit of open files is below 900");
        return;
    }
    close_listed(far).unwrap();
    // SAFETY: asks about a number.
    assert_eq!(unsafe { libc::fcntl(far, libc::F_GETFD) }, -1);
}

#[test]
fn random_bytes_differ() {
    assert_ne!(random::<16>().unwrap(), random::<16>().unwrap());
}

#[test]
fn a_file_is_no_terminal_and_has_no_size() {
    use std::os::fd::AsFd;
    let file = File::open("/dev/null").unwrap();
    assert!(!terminal(file.as_fd()));
    assert_eq!(winsize(file.as_fd()), None);
}

#[test]
fn a_bounded_file_is_read_up_to_its_limit_and_no_further() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "12345").unwrap();
    assert_eq!(read_bounded(file.path(), 5).unwrap(), b"12345");
    assert_eq!(read_bounded(file.path(), 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
}
