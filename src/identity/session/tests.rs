use super::*;

/// Numbers no process can have (proc(5): `pid_max` is at most 2^22), or the kernel would say whose they are.
fn processes(names: &[(&str, &str)]) -> tempfile::TempDir {
    let proc = tempfile::tempdir().unwrap();
    for (number, name) in names {
        fs::create_dir(proc.path().join(number)).unwrap();
        fs::write(proc.path().join(number).join("comm"), name).unwrap();
    }
    proc
}

fn me() -> u32 {
    nix::unistd::getuid().as_raw()
}

#[test]
fn two_sessions_never_share_a_number() {
    let (one, other) = (Session::of_process().unwrap(), Session::of_process().unwrap());
    assert_ne!(one.id, other.id);
    assert!(one.id.len() == 32 && one.id.bytes().all(|byte| byte.is_ascii_hexdigit()));
}

#[test]
fn a_number_keeps_its_leading_zeroes() {
    assert_eq!(
        hexadecimal([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfe]),
        "000100000000000000000000000000fe"
    );
}

#[test]
fn a_session_knows_its_process_and_host() {
    let session = Session::of_process().unwrap();
    assert_eq!(session.pid, std::process::id());
    assert_eq!(session.host, fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim_end());
    assert!(session.started <= SystemTime::now());
}

#[test]
fn only_processes_called_gatesh_are_sessions() {
    let names = [
        ("5000001", "systemd\n"),
        ("5000020", "gatesh\n"),
        ("5000300", "gatesh\n"),
        ("5000004", "gateshctl\n"),
    ];
    assert_eq!(count_in(processes(&names).path(), me()).unwrap(), 2);
}

#[test]
fn a_command_that_is_about_to_start_is_no_session() {
    let proc = processes(&[("5000001", "gatesh\n"), ("5000002", "gatesh\n")]);
    let comm = proc.path().join("5000002/comm");
    let starts = std::thread::spawn(move || {
        std::thread::sleep(PAUSE);
        fs::write(comm, "cat\n").unwrap();
    });
    assert!(!are_too_many_in(proc.path(), me(), 1).unwrap());
    starts.join().unwrap();
}

#[test]
fn a_session_that_stays_is_one_too_many() {
    assert!(
        are_too_many_in(processes(&[("5000001", "gatesh\n"), ("5000002", "gatesh\n")]).path(), me(), 1)
            .unwrap()
    );
}

#[test]
fn only_numbers_are_processes() {
    let names = [("self", "gatesh\n"), ("5x", "gatesh\n"), ("sys", "gatesh\n"), ("5000006", "gatesh\n")];
    assert_eq!(count_in(processes(&names).path(), me()).unwrap(), 1);
}

#[test]
fn sessions_of_others_do_not_count() {
    assert_eq!(count_in(processes(&[("5000001", "gatesh\n")]).path(), me() + 1).unwrap(), 0);
}

#[test]
fn a_process_that_ended_meanwhile_does_not_count() {
    let proc = processes(&[("5000001", "gatesh\n"), ("5000002", "gatesh\n")]);
    fs::remove_file(proc.path().join("5000002/comm")).unwrap();
    assert_eq!(count_in(proc.path(), me()).unwrap(), 1);
}

#[test]
fn without_processes_to_see_the_count_is_an_error() {
    assert!(count_in(Path::new("/nonexistent"), me()).is_err());
}

#[test]
fn a_running_program_of_that_name_is_counted() {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("gatesh");
    std::os::unix::fs::symlink("/bin/sleep", &program).unwrap();
    let mut child = std::process::Command::new(program).arg("30").spawn().unwrap();
    // The kernel lets the parent go on before it has given the child its new name.
    let counted = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        count_in(Path::new("/proc"), me()).unwrap() >= 1
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(counted);
}
