//! Who listens on a socket can be asked to start programs: the message bus, and the user's own systemd. A rule that
//! grants no network reaches neither, whatever its variables and words name.

use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{has, rule, unconfined};
use crate::scenario::{Gatesh, run};

/// A message bus of the person's own, in the scenario's tree.
struct Bus(Child);

impl Bus {
    fn start(scene: &Gatesh) -> Self {
        let mut command = scene.outside(Path::new("/usr/bin/dbus-daemon"));
        let address = scene.spelled("--address=unix:path={top}/tmp/bus");
        command.args(["--session", "--nofork", "--nosyslog", "--print-address", &address]);
        let mut daemon = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
        let mut told = String::new();
        let out = daemon.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut told).unwrap();
        assert!(told.starts_with("unix:path="), "{told}");
        Self(daemon)
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Clients of the bus, each with what it prints once it got through.
const CLIENTS: &[(&str, &str, &str)] = &[
    ("busctl", "--address=unix:path={top}/tmp/bus list", "org.freedesktop.DBus"),
    (
        "dbus-send",
        "--bus=unix:path={top}/tmp/bus --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames",
        "org.freedesktop.DBus",
    ),
];

fn client(terms: &str) -> Gatesh {
    let synopses =
        "\"busctl --address=<text> list\", \"dbus-send --bus=<text> --print-reply --dest=<text> <text>...\"";
    rule(synopses, terms)
}

#[test]
fn a_message_bus_is_not_reached_without_its_grant() {
    if !has("dbus-daemon") {
        return;
    }
    for (program, words, shown) in CLIENTS.iter().filter(|(program, ..)| has(program)) {
        let line = format!("{program} {words}");
        let ask = |scene: &Gatesh| {
            let _bus = Bus::start(scene);
            let mut command = scene.command();
            command.args(["-c", &scene.spelled(&line)]);
            run(command, b"")
        };
        let held = ask(&client(""));
        assert!(held.code() == 1 && !held.out.contains(shown), "{program}: {held:?}");
        let granted = ask(&client("network = [\"unix\"]"));
        assert!(granted.out.contains(shown), "{program}, granted: {granted:?}");
        let control = client("");
        let _bus = Bus::start(&control);
        let free = unconfined(&control, &line.split(' ').collect::<Vec<_>>());
        assert!(free.out.contains(shown), "{program}: not even without the gate: {free:?}");
    }
}

/// Listens where the person's systemd would; whether anybody came while `ask` ran.
fn is_called(scene: &Gatesh, ask: impl FnOnce()) -> bool {
    let place = scene.path("tmp/run/systemd");
    std::fs::create_dir_all(&place).unwrap();
    let listener = UnixListener::bind(place.join("private")).unwrap();
    for owned in ["tmp/run", "tmp/run/systemd", "tmp/run/systemd/private"] {
        scene.hand_over(owned);
    }
    listener.set_nonblocking(true).unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&over);
    let listening = std::thread::spawn(move || {
        let mut called = false;
        while !ended.load(Ordering::Relaxed) {
            // Whoever comes is hung up on, so that systemd-run does not wait for an answer.
            called |= listener.accept().is_ok();
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        called | listener.accept().is_ok()
    });
    ask();
    over.store(true, Ordering::Relaxed);
    listening.join().unwrap()
}

#[test]
fn nothing_is_started_through_the_persons_own_systemd() {
    if !has("systemd-run") {
        return;
    }
    let variable = "env = { XDG_RUNTIME_DIR = \"{top}/tmp/run\" }";
    let called = |terms: &str| {
        let scene = rule("\"systemd-run (--user) true\"", &format!("{variable}\n{terms}"));
        let mut command = scene.command();
        command.args(["-c", "systemd-run --user true"]);
        is_called(&scene, || {
            let answer = run(command, b"");
            assert_eq!(answer.code(), 1, "{answer:?}");
        })
    };
    assert!(!called(""), "it was reached");
    assert!(called("network = [\"unix\"]"), "not reached with the grant");
    let control = rule("\"true\"", "").env("XDG_RUNTIME_DIR", "{top}/tmp/run");
    assert!(is_called(&control, || drop(unconfined(&control, &["systemd-run", "--user", "true"]))));
}
