use super::*;

/// Terms that grant nothing.
pub(super) fn terms() -> Terms {
    Terms {
        timeout: None,
        cwd: None,
        env: std::collections::BTreeMap::new(),
        keep_env: Vec::new(),
        umask: None,
        limits: crate::policy::Limits::default(),
        read: Vec::new(),
        write: Vec::new(),
        exec: Exec::Nothing,
        network: Network::default(),
        with: Vec::new(),
        sha256: None,
    }
}

fn program() -> OwnedFd {
    open::open(Path::new("/usr/bin/env")).unwrap().unwrap()
}

fn options(landlock: Need, kernel: Kernel) -> Options<'static> {
    Options { landlock, kernel, terminal: None, withheld: &[] }
}

fn compile(terms: &Terms, landlock: Need, kernel: Kernel) -> Result<Confinement, ConfinementError> {
    Confinement::compile(terms, &[], &[program().as_fd()], &options(landlock, kernel))
}

#[test]
fn without_landlock_nothing_runs_where_it_is_required() {
    let error = compile(&terms(), Need::Required, Kernel::without_landlock()).unwrap_err().to_string();
    assert!(error.contains("no Landlock") && error.contains("landlock = \"preferred\""), "{error}");
    let error =
        compile(&terms(), Need::Required, Kernel::with_landlock_switched_off()).unwrap_err().to_string();
    assert!(error.contains("not switched on") && error.contains("lsm="), "{error}");
}

#[test]
fn without_landlock_where_it_is_preferred_the_weakness_has_a_name() {
    let made = compile(&terms(), Need::Preferred, Kernel::without_landlock()).unwrap();
    assert_eq!(made.enforcement, Enforcement::ExecOnce);
    assert!(made.home_hidden && made.rules.is_none());
    assert_eq!(made.degradations, [Degradation::Files]);
    let listed = Terms { exec: Exec::Listed(vec!["/usr/bin/env".into()]), ..terms() };
    let made = compile(&listed, Need::Preferred, Kernel::without_landlock()).unwrap();
    assert_eq!(made.enforcement, Enforcement::None);
    assert!(made.degradations.contains(&Degradation::Programs));
}

#[test]
fn without_filters_nothing_runs_where_confinement_is_required() {
    let bare = Kernel::probe().without_filters();
    let error = compile(&terms(), Need::Required, bare).unwrap_err().to_string();
    assert!(error.contains("no seccomp filters") && error.contains("landlock = \"preferred\""), "{error}");
}

#[test]
fn without_filters_where_it_is_preferred_the_weakness_has_a_name() {
    let bare = Kernel::probe().without_filters();
    let made = compile(&terms(), Need::Preferred, bare).unwrap();
    assert_eq!(made.enforcement, Enforcement::None);
    assert!(made.fence.filter.is_empty() && made.fence.secret_at.is_none());
    assert!(made.degradations.contains(&Degradation::Calls));
    assert_eq!(made.rules.is_some(), bare.abi() > 0, "what there is is used all the same");
}

#[test]
fn a_checked_path_without_a_descriptor_is_never_run() {
    if Kernel::probe().abi() == 0 {
        println!("skipped: this kernel has no Landlock");
        return;
    }
    let checked = CheckedPath {
        path: "/etc/hostname".into(),
        descriptor: None,
        parent: None,
        object: crate::policy::types::Object::File,
        access: Access::Read,
    };
    let made = Confinement::compile(
        &terms(),
        &[&checked],
        &[program().as_fd()],
        &options(Need::Required, Kernel::probe()),
    );
    assert!(
        matches!(made.unwrap_err(), ConfinementError::NotOpened(path) if path == Path::new("/etc/hostname"))
    );
}

#[test]
fn only_a_rule_without_exec_has_a_secret() {
    let kernel = Kernel::without_landlock();
    assert!(compile(&terms(), Need::Preferred, kernel).unwrap().fence.secret_at.is_some());
    let any = Terms { exec: Exec::Any, ..terms() };
    assert!(compile(&any, Need::Preferred, kernel).unwrap().fence.secret_at.is_none());
}

#[test]
fn a_set_that_brings_unix_sockets_says_when_the_kernel_cannot_tell_them_apart() {
    let kernel = Kernel::probe().acting_like(6);
    if kernel.abi() == 0 {
        println!("skipped: this kernel has no Landlock");
        return;
    }
    let systemd = Terms { with: vec!["systemd".into()], ..terms() };
    let made = compile(&systemd, Need::Required, kernel).unwrap();
    assert!(made.degradations.contains(&Degradation::Sockets));
}

#[test]
fn a_rule_path_through_a_strangers_link_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let link = directory.path().join("link");
    std::os::unix::fs::symlink("/etc", &link).unwrap();
    let terms = Terms { read: vec![link.clone()], ..terms() };
    if Kernel::probe().abi() == 0 {
        println!("skipped: this kernel has no Landlock");
        return;
    }
    let error = compile(&terms, Need::Required, Kernel::probe()).unwrap_err();
    assert!(matches!(error, ConfinementError::Link { link: named, .. } if named == link));
}
