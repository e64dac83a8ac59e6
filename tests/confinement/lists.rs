//! Rules that let programs be started, processes be made, or the network be used get that and no more.

use std::path::PathBuf;

use gatesh::launch::confinement::tmp::PrivateTmp;
use gatesh::policy::types::Access;
use gatesh::policy::{Exec, Limits, Network, Terms};

use super::files::{file, give, installed, landlock, scratch};
use super::trial::{Trial, nothing};

fn dash(line: &str) -> Trial {
    Trial::new(installed("dash").unwrap()).words(&["-c", line])
}

fn listing(programs: &[&str]) -> Terms {
    let listed: Vec<PathBuf> = programs.iter().map(|program| installed(program).unwrap()).collect();
    Terms { exec: Exec::Listed(listed), ..nothing() }
}

#[test]
fn a_listed_program_starts_and_no_other_does() {
    if !landlock() {
        return;
    }
    let listed = dash("/usr/bin/printf yes").terms(listing(&["printf"])).run();
    assert_eq!(listed.out, "yes");
    let other = dash("/usr/bin/env printf yes").terms(listing(&["printf"])).run();
    assert!(other.out.is_empty() && other.err.contains("Permission denied"), "{other:?}");
    assert_eq!(dash("/usr/bin/env printf yes").unconfined().run().out, "yes");
}

#[test]
fn a_listed_program_is_held_as_the_first_one() {
    if !landlock() {
        return;
    }
    let directory = scratch();
    let secret = directory.path().join("secret");
    file(&secret, "secret");
    let line = format!("/usr/bin/cat {}", secret.display());
    let held = dash(&line).terms(listing(&["cat"])).run();
    assert!(held.out.is_empty() && held.err.contains("Permission denied"), "{held:?}");
    let granted = dash(&line).terms(listing(&["cat"])).grant(&secret, Access::Read).run();
    assert_eq!(granted.out, "secret");
}

#[test]
fn any_program_can_be_started_and_still_reads_nothing_more() {
    if !landlock() {
        return;
    }
    let directory = scratch();
    file(&directory.path().join("secret"), "secret");
    let any = || Terms { exec: Exec::Any, ..nothing() };
    assert_eq!(dash("/usr/bin/env printf yes").terms(any()).run().out, "yes");
    let held = dash(&format!("/usr/bin/cat {}/secret", directory.path().display())).terms(any()).run();
    assert!(held.out.is_empty() && held.err.contains("Permission denied"), "{held:?}");
}

#[test]
fn a_rule_with_processes_forks_and_starts_nothing() {
    let several = || Terms { limits: Limits { processes: Some(10), ..Limits::default() }, ..nothing() };
    assert_eq!(dash("(echo yes)").terms(several()).run().out, "yes\n");
    let held = dash("/usr/bin/printf yes").terms(several()).run();
    assert!(held.out.is_empty() && held.err.contains("Permission denied"), "{held:?}");
    let alone = dash("(echo yes)").run();
    assert!(alone.out.is_empty() && alone.err.contains("fork"), "{alone:?}");
}

fn connect(family: &str) -> Trial {
    let line =
        format!("import socket; socket.socket(socket.{family}, socket.SOCK_DGRAM).close(); print('yes')");
    Trial::new(installed("python3").unwrap()).words(&["-S", "-c", &line])
}

#[test]
fn each_family_is_granted_alone() {
    let families = ["AF_UNIX", "AF_INET", "AF_NETLINK"];
    for granted in families {
        let network = Network {
            unix: granted == "AF_UNIX",
            inet: granted == "AF_INET",
            netlink: granted == "AF_NETLINK",
        };
        for family in families {
            let tried = connect(family).terms(Terms { network, ..nothing() }).run();
            assert_eq!(tried.out == "yes\n", family == granted, "{family} with {granted}: {tried:?}");
        }
    }
}

#[test]
fn a_directory_shows_names_and_a_tree_contents() {
    if !landlock() {
        return;
    }
    let directory = scratch();
    file(&directory.path().join("inside"), "contents");
    let grep = || {
        Trial::new(installed("grep").unwrap()).words(&["-r", "con", &directory.path().display().to_string()])
    };
    let names = grep().grant(directory.path(), Access::Read).run();
    assert!(names.out.is_empty() && names.err.contains("inside: Permission denied"), "{names:?}");
    let tree = grep().grant(directory.path(), Access::Tree).run();
    assert!(tree.out.ends_with("contents\n"), "{tree:?}");
    let nothing = grep().grant(directory.path(), Access::Nothing).run();
    assert!(nothing.err.contains("Permission denied") && !nothing.err.contains("inside"), "{nothing:?}");
}

#[test]
fn a_write_operand_is_that_file_and_not_its_directory() {
    if !landlock() {
        return;
    }
    let directory = scratch();
    let (named, beside) = (directory.path().join("named"), directory.path().join("beside"));
    file(&named, "");
    let line = format!("echo yes > {}; echo yes > {}", named.display(), beside.display());
    let held = dash(&line).grant(&named, Access::Write).run();
    assert!(held.err.contains("Permission denied"), "{held:?}");
    assert_eq!(std::fs::read_to_string(&named).unwrap(), "yes\n");
    assert!(!beside.exists());
}

#[test]
fn scripts_run_through_their_interpreters_and_no_further() {
    let directory = scratch();
    let script = directory.path().join("script");
    crate::scenario::write_program(&script, "#!/bin/dash\necho one\nexec /usr/bin/printf two\n");
    assert_eq!(Trial::new(&script).unconfined().run().out, "one\ntwo");
    let held = Trial::new(&script).run();
    assert!(held.out == "one\n" && held.err.contains("Permission denied"), "{held:?}");
}

#[test]
fn a_private_directory_takes_temporary_files_and_tmp_does_not() {
    if !landlock() {
        return;
    }
    let directory = scratch();
    let (big, tmp) = (directory.path().join("big"), PrivateTmp::create().unwrap());
    file(&big, &"a line to sort\n".repeat(100_000));
    give(tmp.path());
    let sort = |place: &str| {
        let words = ["-S", "1", "-o", "/dev/null", "-T", place, &big.display().to_string()];
        let terms = Terms {
            with: vec!["tmp".into()],
            limits: Limits { processes: Some(9), ..Limits::default() },
            ..nothing()
        };
        Trial::new(installed("sort").unwrap())
            .words(&words)
            .terms(terms)
            .grant(&big, Access::Read)
            .private_tmp(&tmp)
            .run()
    };
    let (private, shared) = (sort(&tmp.path().display().to_string()), sort("/tmp"));
    assert!(private.status.success(), "{private:?}");
    assert!(shared.err.contains("Permission denied"), "{shared:?}");
}
