//! What reaches other processes: limits, scheduling, another user's rights, signals.

use super::*;

#[test]
fn limits_and_scheduling_reach_the_process_itself_only() {
    on_both(strict, |filled| {
        for name in
            ["prlimit64", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"]
        {
            assert_eq!(filled.call(name, &[0]), ALLOWED, "{name}");
            assert_eq!(filled.call(name, &[PROCESS.into()]), ALLOWED, "{name}");
            assert_eq!(filled.call(name, &[1]), fails(EPERM), "{name}");
        }
        assert_eq!(filled.call("setpriority", &[0, 0]), ALLOWED);
        assert_eq!(filled.call("setpriority", &[0, 1]), fails(EPERM));
        assert_eq!(filled.call("setpriority", &[2, 0]), fails(EPERM), "PRIO_USER");
        assert_eq!(filled.call("ioprio_set", &[1, 0]), ALLOWED);
        assert_eq!(filled.call("ioprio_set", &[3, 0]), fails(EPERM), "IOPRIO_WHO_USER");
    });
}

#[test]
fn root_stays_root_so_that_its_death_signal_stays() {
    let (other, nobody, same) = (1000, 65_534, u64::from(u32::MAX));
    on_both(strict, |filled| {
        for (name, count) in [("setuid", 1), ("setreuid", 2), ("setresuid", 3), ("setfsuid", 1)] {
            assert_eq!(filled.call(name, &[0, 0, 0][..count]), ALLOWED, "{name}");
            assert_eq!(filled.call(name, &[same, 0, same][..count]), ALLOWED, "{name}");
            for at in 0..count {
                let mut ids = [0, same, 0];
                ids[at] = other;
                assert_eq!(filled.call(name, &ids[..count]), fails(EPERM), "{name} {at}");
            }
        }
        for (name, count) in [("setgid", 1), ("setregid", 2), ("setresgid", 3), ("setfsgid", 1)] {
            assert_eq!(filled.call(name, &[same; 3][..count]), ALLOWED, "{name}");
            for at in 0..count {
                for id in [0, nobody] {
                    let mut ids = [same; 3];
                    ids[at] = id;
                    assert_eq!(filled.call(name, &ids[..count]), fails(EPERM), "{name} {at}");
                }
            }
        }
    });
    let ordinary = |architecture| Shape { root: false, ..strict(architecture) };
    on_both(ordinary, |filled| assert_eq!(filled.call("setuid", &[other]), ALLOWED, "the kernel decides"));
}

#[test]
fn signals_reach_the_process_and_its_own_group_only() {
    on_both(strict, |filled| {
        let group = u64::from(GROUP.wrapping_neg());
        assert_eq!(filled.call("kill", &[0, 15]), ALLOWED);
        assert_eq!(filled.call("kill", &[PROCESS.into(), 15]), ALLOWED);
        assert_eq!(filled.call("kill", &[group, 15]), ALLOWED);
        assert_eq!(filled.call("kill", &[u64::MAX, 15]), fails(EPERM), "everybody");
        assert_eq!(filled.call("kill", &[1, 15]), fails(EPERM));
        assert_eq!(filled.call("tgkill", &[PROCESS.into(), 4712, 6]), ALLOWED);
        assert_eq!(filled.call("tgkill", &[1, 1, 6]), fails(EPERM));
        assert_eq!(filled.call("pidfd_send_signal", &[3]), fails(EPERM));
        assert_eq!(filled.call("fcntl", &[0, 8]), fails(EPERM), "F_SETOWN");
        assert_eq!(filled.call("fcntl", &[0, 10, 19]), fails(EPERM), "F_SETSIG");
        assert_eq!(filled.call("fcntl", &[0, 4, 0x2800]), fails(EPERM), "F_SETFL with O_ASYNC");
        assert_eq!(filled.call("fcntl", &[0, 4, 0x800]), ALLOWED, "F_SETFL with O_NONBLOCK");
        assert_eq!(filled.call("fcntl", &[0, 4]), ALLOWED, "F_SETFL");
    });
    let scoped = |architecture| Shape { signals: false, ..strict(architecture) };
    on_both(scoped, |filled| {
        assert_eq!(filled.call("kill", &[1, 15]), ALLOWED, "Landlock's scope decides");
        assert_eq!(filled.call("fcntl", &[0, 8]), ALLOWED, "over F_SETOWN, too");
    });
}

#[test]
fn no_rule_lets_a_file_be_leased() {
    let (read, set_lease, set_delegation) = (0, 1024, 1040);
    for shape in every_shape() {
        let filled = Filled::new(&shape);
        assert_eq!(filled.call("fcntl", &[0, set_lease, read]), fails(EPERM), "{shape:?}");
        assert_eq!(filled.call("fcntl", &[0, set_delegation]), fails(EPERM), "{shape:?}");
        for (command, name) in
            [(0, "F_DUPFD"), (2, "F_SETFD"), (3, "F_GETFL"), (6, "F_SETLK"), (1030, "F_DUPFD_CLOEXEC")]
        {
            assert_eq!(filled.call("fcntl", &[0, command]), ALLOWED, "{name} under {shape:?}");
        }
    }
}
