//! Whom a program may belong to, and what the kernel loads with it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, lchown, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::super::header::HeaderFault;
use super::super::program::{Part, Program, ProgramFault, find};
use super::super::walk::{Distrust, Step};
use super::stage::needs_root;

/// A directory that only root could have placed; /tmp is nobody's.
fn trusted() -> TempDir {
    let directory = tempfile::tempdir_in("/var/lib").unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

fn place(path: &Path, text: &str, mode: u32) -> PathBuf {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    path.to_owned()
}

fn refused(path: &Path) -> (Part, ProgramFault) {
    let error = Program::open(path, None).unwrap_err();
    (error.part, error.fault)
}

fn owner(kind: &'static str, path: &Path, uid: u32, mode: u32) -> (Part, ProgramFault) {
    let step = Step { path: path.to_owned(), kind, uid, mode };
    (Part::Program, ProgramFault::Distrust(Distrust::Owner(step)))
}

fn writable(kind: &'static str, path: &Path, mode: u32) -> (Part, ProgramFault) {
    let step = Step { path: path.to_owned(), kind, uid: 0, mode };
    (Part::Program, ProgramFault::Distrust(Distrust::Writable(step)))
}

#[test]
fn a_program_of_the_system_is_opened_with_its_loader() {
    let program = Program::open(Path::new("/usr/bin/env"), None).unwrap();
    assert!(program.interpreters.is_empty() && !program.privileged);
    let loader = program.loader.unwrap().path;
    assert!(loader.starts_with("/usr/lib") || loader.starts_with("/lib"), "{}", loader.display());
}

#[test]
fn symbolic_links_are_followed_to_the_canonical_file() {
    let program = Program::open(Path::new("/bin/sh"), None).unwrap();
    assert_eq!(program.path, fs::canonicalize("/bin/sh").unwrap());
}

#[test]
fn a_file_in_tmp_is_refused_for_its_directory() {
    let directory = tempfile::tempdir_in("/tmp").unwrap();
    let path = place(&directory.path().join("tool"), "#!/bin/sh\n", 0o755);
    assert_eq!(refused(&path), writable("directory", Path::new("/tmp"), 0o1777));
    let shown = Program::open(&path, None).unwrap_err().to_string();
    let end = "the directory /tmp (mode 1777, owner uid 0) is writable by others than root; \
               mend it with: chmod go-w /tmp";
    assert_eq!(shown, format!("{} cannot be run: {end}", path.display()));
}

#[test]
fn what_is_not_there_is_told_apart() {
    let error = Program::open(Path::new("/usr/bin/no-such-program"), None).unwrap_err();
    assert!(error.is_missing());
    assert_eq!(
        error.to_string(),
        "/usr/bin/no-such-program cannot be run: /usr/bin/no-such-program does not exist"
    );
}

#[test]
fn relative_paths_directories_and_data_are_refused() {
    let distrust = |path: &str| match refused(Path::new(path)) {
        (Part::Program, ProgramFault::Distrust(distrust)) => distrust,
        other => panic!("{other:?}"),
    };
    assert_eq!(distrust("env"), Distrust::Missing("env".into()));
    assert_eq!(distrust("bin/env"), Distrust::NotAbsolute);
    assert_eq!(distrust("/usr/bin"), Distrust::NotAFile("/usr/bin".into()));
    assert_eq!(distrust("/"), Distrust::NotAFile("/".into()));
    assert!(matches!(distrust("/etc/passwd"), Distrust::NotExecutable(_)));
    assert!(matches!(distrust("/dev/null"), Distrust::NotAFile(_)));
    assert_eq!(distrust("/etc/passwd/x"), Distrust::NotADirectory("/etc/passwd".into()));
}

#[test]
fn dots_in_a_path_lead_where_the_kernel_goes() {
    let program = Program::open(Path::new("/usr/../usr/./bin/../bin/env"), None).unwrap();
    assert_eq!(program.path, fs::canonicalize("/usr/bin/env").unwrap());
    assert!(Program::open(Path::new("/../../usr/bin/env"), None).is_ok());
}

#[test]
fn another_digest_refuses_and_the_right_one_passes() {
    let error = Program::open(Path::new("/usr/bin/env"), Some("00")).unwrap_err();
    let ProgramFault::Digest(found) = error.fault else { panic!("{error}") };
    assert_eq!(found.len(), 64);
    assert!(Program::open(Path::new("/usr/bin/env"), Some(&found)).is_ok());
}

#[test]
fn names_are_found_in_order_and_never_through_a_slash() {
    let directories = ["/nowhere", "/usr/bin", "/bin"].map(PathBuf::from);
    assert_eq!(find("env", &directories), Some("/usr/bin/env".into()));
    for name in ["", ".", "..", "bin/env", "/usr/bin/env", "no-such-program"] {
        assert_eq!(find(name, &directories), None, "{name}");
    }
}

#[test]
fn a_file_that_is_not_roots_or_writable_is_refused() {
    if needs_root() {
        return;
    }
    let directory = trusted();
    let path = place(&directory.path().join("tool"), "#!/bin/sh\n", 0o775);
    assert_eq!(refused(&path), writable("file", &path, 0o775));
    place(&path, "#!/bin/sh\n", 0o757);
    assert_eq!(refused(&path), writable("file", &path, 0o757));
    place(&path, "#!/bin/sh\n", 0o755);
    chown(&path, Some(1000), None).unwrap();
    assert_eq!(refused(&path), owner("file", &path, 1000, 0o755));
}

#[test]
fn a_directory_anywhere_above_counts() {
    if needs_root() {
        return;
    }
    let directory = trusted();
    fs::create_dir_all(directory.path().join("a/b")).unwrap();
    place(&directory.path().join("a/b/tool"), "#!/bin/sh\n", 0o755);
    let above = directory.path().join("a");
    chown(&above, Some(1000), None).unwrap();
    assert_eq!(refused(&above.join("b/tool")), owner("directory", &above, 1000, 0o755));
    chown(&above, Some(0), None).unwrap();
    assert!(Program::open(&above.join("b/tool"), None).is_ok());
}

#[test]
fn a_link_through_a_writable_directory_is_refused_though_its_end_is_roots() {
    if needs_root() {
        return;
    }
    let directory = trusted();
    let open = directory.path().join("open");
    fs::create_dir(&open).unwrap();
    symlink("/usr/bin/env", open.join("hop")).unwrap();
    symlink(open.join("hop"), directory.path().join("tool")).unwrap();
    assert!(Program::open(&directory.path().join("tool"), None).is_ok());
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(refused(&directory.path().join("tool")), writable("directory", &open, 0o777));
}

#[test]
fn a_link_that_is_not_roots_is_refused() {
    if needs_root() {
        return;
    }
    let directory = trusted();
    let link = directory.path().join("tool");
    symlink("/usr/bin/env", &link).unwrap();
    lchown(&link, Some(1000), None).unwrap();
    assert_eq!(refused(&link), owner("symbolic link", &link, 1000, 0o777));
}

#[test]
fn links_that_lead_in_a_circle_end() {
    if needs_root() {
        return;
    }
    let directory = trusted();
    symlink("b", directory.path().join("a")).unwrap();
    symlink("a", directory.path().join("b")).unwrap();
    let refused = refused(&directory.path().join("a"));
    assert_eq!(refused, (Part::Program, ProgramFault::Distrust(Distrust::TooManyLinks)));
}

#[test]
fn an_interpreter_is_held_to_the_same() {
    if needs_root() {
        return;
    }
    let directory = trusted();
    let open = tempfile::tempdir_in("/tmp").unwrap();
    fs::copy("/usr/bin/env", open.path().join("interpreter")).unwrap();
    let interpreter = open.path().join("interpreter");
    let script =
        place(&directory.path().join("tool"), &format!("#! {} -x y\n", interpreter.display()), 0o755);
    let (part, fault) = refused(&script);
    assert_eq!(part, Part::Interpreter(interpreter));
    assert!(matches!(fault, ProgramFault::Distrust(Distrust::Writable(_))), "{fault:?}");
}

#[test]
fn a_script_is_opened_with_its_interpreters_and_their_loader() {
    if needs_root() {
        return;
    }
    let directory = trusted();
    let inner = place(&directory.path().join("inner"), "#!/usr/bin/env\n", 0o755);
    let outer = place(&directory.path().join("outer"), &format!("#!{}\n", inner.display()), 0o755);
    let program = Program::open(&outer, None).unwrap();
    let found: Vec<_> = program.interpreters.into_iter().map(|one| one.path).collect();
    assert_eq!(found, [inner, fs::canonicalize("/usr/bin/env").unwrap()]);
    assert!(program.loader.is_some());
}

#[test]
fn five_interpreters_in_a_row_are_too_many() {
    if needs_root() {
        return;
    }
    let directory = trusted();
    let mut last = PathBuf::from("/usr/bin/env");
    for step in 0..5 {
        last = place(&directory.path().join(step.to_string()), &format!("#!{}\n", last.display()), 0o755);
    }
    assert!(matches!(refused(&last), (Part::Interpreter(_), ProgramFault::TooManyInterpreters)));
}

#[test]
fn headers_the_kernel_would_take_otherwise_are_refused() {
    if needs_root() {
        return;
    }
    let directory = trusted();
    let fault_of = |text: &str| match refused(&place(&directory.path().join("tool"), text, 0o755)) {
        (Part::Program, ProgramFault::Header(fault)) => fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(fault_of("echo hello\n"), HeaderFault::Unknown);
    assert_eq!(fault_of(""), HeaderFault::Unknown);
    assert_eq!(fault_of("#!\n/bin/sh\n"), HeaderFault::NoInterpreter);
    assert_eq!(fault_of("#! \t\n"), HeaderFault::NoInterpreter);
    assert_eq!(fault_of("#!sh\n"), HeaderFault::RelativeInterpreter("sh".into()));
    assert_eq!(fault_of(&format!("#!/bin/{}sh\n", "/".repeat(130))), HeaderFault::LongInterpreter);
    assert_eq!(fault_of("\x7fELF\x02\x01\x01 and so on"), HeaderFault::Foreign);
}

#[test]
fn an_elf_file_with_a_damaged_table_is_refused() {
    if needs_root() {
        return;
    }
    let directory = trusted();
    let path = directory.path().join("tool");
    let mut bytes = fs::read("/usr/bin/env").unwrap();
    bytes[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
    fs::write(&path, bytes).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(refused(&path), (Part::Program, ProgramFault::Header(HeaderFault::Broken)));
}

#[test]
fn a_set_user_id_program_is_told() {
    if needs_root() {
        return;
    }
    let directory = trusted();
    let path = directory.path().join("tool");
    fs::copy("/usr/bin/env", &path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o4755)).unwrap();
    assert!(Program::open(&path, None).unwrap().privileged);
}
