use super::*;
use std::fs;

const ROOT: &str = "0\t0\t0\t0";
const ANN: &str = "1001\t1001\t1001\t1001";
const ID: &str = "ann-0a1b2c3d4e5f67890";

/// A procfs with the given processes, each the parent of the one before it; the first has number 100.
fn above(processes: &[(&str, &str, &str)]) -> Origin {
    let proc = tempfile::tempdir().unwrap();
    for (number, (name, uids, command_line)) in (100..).zip(processes) {
        let directory = proc.path().join(number.to_string());
        fs::create_dir(&directory).unwrap();
        let status =
            format!("Name:\t{name}\nUmask:\t0022\nPPid:\t{}\nUid:\t{uids}\nGid:\t0 0 0 0\n", number + 1);
        fs::write(directory.join("status"), status).unwrap();
        fs::write(directory.join("cmdline"), command_line).unwrap();
    }
    Origin::above(proc.path(), 100)
}

fn worker(uids: &'static str, command_line: &str) -> Origin {
    above(&[("ssm-session-wor", uids, command_line)])
}

fn hint(id: &str) -> Origin {
    Origin::SessionManager { id_hint: id.to_owned() }
}

#[test]
fn the_session_id_is_on_the_workers_command_line() {
    for path in ["/usr/bin/ssm-session-worker", "/snap/amazon-ssm-agent/7993/ssm-session-worker"] {
        assert_eq!(worker(ROOT, &format!("{path}\0{ID}\0")), hint(ID));
    }
}

#[test]
fn newer_session_ids_are_longer() {
    let id = "botocore-session-1761240839-3tyd2k2qvors9urxb6btyb98oa";
    assert_eq!(worker(ROOT, &format!("ssm-session-worker\0{id}\0")), hint(id));
}

#[test]
fn a_shell_may_stand_between() {
    let line = format!("/usr/bin/ssm-session-worker\0{ID}\0");
    assert_eq!(above(&[("sh", ANN, "sh\0-c\0gatesh\0"), ("ssm-session-wor", ROOT, &line)]), hint(ID));
}

#[test]
fn other_programs_may_not_stand_between() {
    let line = format!("/usr/bin/ssm-session-worker\0{ID}\0");
    let origin = above(&[("python3", ANN, "python3\0"), ("ssm-session-wor", ROOT, &line)]);
    assert_eq!(origin, Origin::Other("python3".to_owned()));
}

#[test]
fn a_worker_that_is_not_wholly_roots_is_none() {
    let line = format!("/usr/bin/ssm-session-worker\0{ID}\0");
    for uids in [ANN, "1001\t0\t0\t0", "0\t1001\t0\t0", "0\t0\t1001\t0", "0\t0\t0\t1001"] {
        assert_eq!(worker(uids, &line), Origin::Other("ssm-session-wor".to_owned()), "{uids}");
    }
}

#[test]
fn a_worker_of_another_name_is_none() {
    for program in ["/usr/bin/ssm-session-workers", "/ssm-session-worker/x", "", "ssm-agent-worker"] {
        let origin = worker(ROOT, &format!("{program}\0{ID}\0"));
        assert_eq!(origin, Origin::Other("ssm-session-wor".to_owned()), "{program}");
    }
}

#[test]
fn what_does_not_look_like_a_session_id_is_none() {
    let long = format!("{}-0a1b2c3d4e5f67890", "a".repeat(80));
    let ids = ["", "ann", "-0a1b2c3d4e5f67890", "ann-0a1b2c3d4e5f6789", "ann-0A1B2C3D4E5F67890", &long];
    for id in ids.into_iter().chain(["a\n-0a1b2c3d4e5f67890", "ann-0a1b2c3d4e5f678901234567890"]) {
        let origin = worker(ROOT, &format!("/usr/bin/ssm-session-worker\0{id}\0"));
        assert_eq!(origin, Origin::Other("ssm-session-wor".to_owned()), "{id:?}");
    }
}

#[test]
fn sshd_is_found_behind_its_own_child() {
    let ssh = above(&[("sshd", ANN, "sshd: ann@pts/0"), ("sshd", ROOT, "sshd: ann [priv]")]);
    assert_eq!(ssh, Origin::Ssh);
    assert_eq!(above(&[("sshd-session", ANN, ""), ("sshd-session", ROOT, "")]), Origin::Ssh);
}

#[test]
fn a_persons_own_sshd_is_none() {
    assert_eq!(above(&[("sshd", ANN, ""), ("systemd", ROOT, "")]), Origin::Other("sshd".to_owned()));
}

#[test]
fn su_has_its_caller_as_real_user() {
    let su = ("su", "1002\t0\t0\t0", "su\0-\0ann\0");
    assert_eq!(above(&[su, ("bash", "1002 1002 1002 1002", ""), ("sshd", ROOT, "")]), Origin::Su);
}

#[test]
fn login_is_the_console() {
    assert_eq!(above(&[("login", ROOT, "login -- ann"), ("systemd", ROOT, "")]), Origin::Console);
}

#[test]
fn anything_else_is_called_by_its_own_name() {
    assert_eq!(above(&[("my (odd) sh", ANN, "")]), Origin::Other("my (odd) sh".to_owned()));
}

#[test]
fn a_parent_that_cannot_be_seen_has_no_name() {
    assert_eq!(above(&[]), Origin::Other(String::new()));
}

#[test]
fn far_ancestors_are_not_looked_at() {
    let mut processes = vec![("bash", ANN, ""); GENERATIONS];
    processes.push(("sshd", ROOT, ""));
    assert_eq!(above(&processes), Origin::Other("bash".to_owned()));
}

#[test]
fn a_process_that_is_its_own_parent_ends_the_search() {
    let proc = tempfile::tempdir().unwrap();
    fs::create_dir(proc.path().join("7")).unwrap();
    fs::write(proc.path().join("7/status"), "Name:\tx\nPPid:\t7\nUid:\t1 1 1 1\n").unwrap();
    assert_eq!(Origin::above(proc.path(), 7), Origin::Other("x".to_owned()));
}

#[test]
fn this_process_has_an_origin() {
    let parent = u32::try_from(nix::unistd::getppid().as_raw()).unwrap();
    assert_ne!(Origin::above(Path::new("/proc"), parent), Origin::Other(String::new()));
}
