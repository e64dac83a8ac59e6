//! What a program finds in its environment, whatever the session was started with.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use super::super::environment::{Environment, KEPT_BY_SUDO, build, elevated};
use super::stage::{alone, no_terms, order, output, surroundings};
use crate::policy::Terms;

fn built(inherited: &[(&str, &str)], terms: &Terms) -> Environment {
    let mut around = surroundings();
    around.inherited = inherited.iter().map(|(name, value)| (name.into(), value.into())).collect();
    build(&around, terms, &OsString::from("/srv"))
}

fn value<'a>(environment: &'a Environment, name: &str) -> Option<&'a str> {
    environment.get(name).map(|value| value.to_str().unwrap())
}

#[test]
fn nothing_hostile_is_taken_over() {
    let hostile = [
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "LD_AUDIT",
        "GLIBC_TUNABLES",
        "BASH_ENV",
        "ENV",
        "BASH_FUNC_ls%%",
        "LESSOPEN",
        "LESSCLOSE",
        "LESS",
        "IFS",
        "PERL5OPT",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "TERMINFO",
        "LOCPATH",
        "NLSPATH",
        "GCONV_PATH",
        "GIT_SSH_COMMAND",
        "SSH_ASKPASS",
        "LANGUAGE",
        "AWS_SECRET_ACCESS_KEY",
        "http_proxy",
        "DBUS_SESSION_BUS_ADDRESS",
        "XDG_CONFIG_HOME",
        "MALLOC_PERTURB_",
        "TMPDIR",
        "LC_EVIL",
    ];
    let inherited: Vec<_> = hostile.iter().map(|name| (*name, "x")).collect();
    let built = built(&inherited, &no_terms());
    assert!(hostile.iter().all(|name| value(&built, name).is_none()), "{built:?}");
}

#[test]
fn system_names_do_not_come_from_the_session() {
    let inherited =
        [("HOME", "/tmp"), ("PATH", "/tmp"), ("USER", "root"), ("SHELL", "/bin/sh"), ("PWD", "/tmp")];
    let built = built(&inherited, &no_terms());
    let found = ["HOME", "PATH", "USER", "LOGNAME", "SHELL", "PWD"].map(|name| value(&built, name).unwrap());
    assert_eq!(found, ["/home/ann", "/usr/bin:/bin", "ann", "ann", "/usr/bin/gatesh", "/srv"]);
}

#[test]
fn pagers_and_editors_are_harmless_whatever_was_set() {
    let inherited =
        [("PAGER", "sh"), ("EDITOR", "vi"), ("LESSSECURE", "0"), ("GIT_PAGER", "sh"), ("VISUAL", "vi")];
    let built = built(&inherited, &no_terms());
    let found = ["PAGER", "EDITOR", "LESSSECURE", "GIT_PAGER", "VISUAL", "SYSTEMD_PAGERSECURE"];
    assert_eq!(
        found.map(|name| value(&built, name).unwrap()),
        ["cat", "/bin/false", "1", "cat", "/bin/false", "1"]
    );
}

#[test]
fn terminal_and_locale_pass_when_they_look_sane() {
    let inherited =
        [("TERM", "xterm-256color"), ("LANG", "de_DE.UTF-8@euro"), ("LC_ALL", "C"), ("TZ", "UTC")];
    let built = built(&inherited, &no_terms());
    assert!(inherited.iter().all(|(name, wanted)| value(&built, name) == Some(wanted)), "{built:?}");
}

#[test]
fn values_that_could_name_a_path_do_not_pass() {
    let long = "x".repeat(65);
    for bad in ["/etc/shadow", "../x", "a%b", "a b", "a\nb", "$(id)", "é", long.as_str()] {
        let built = built(&[("TERM", bad), ("TZ", bad), ("LANG", bad), ("LC_TIME", bad)], &no_terms());
        assert!(
            ["TERM", "TZ", "LANG", "LC_TIME"].iter().all(|name| value(&built, name).is_none()),
            "{bad:?}"
        );
    }
}

#[test]
fn a_value_that_is_no_text_does_not_pass() {
    let mut around = surroundings();
    around.inherited = vec![("TERM".into(), OsString::from_vec(vec![b'x', 0xff]))];
    assert_eq!(build(&around, &no_terms(), &"/".into()).get("TERM"), None);
}

#[test]
fn a_second_value_of_a_name_does_not_stand_in_for_a_refused_first() {
    let built = built(&[("TERM", "/evil"), ("TERM", "vt100")], &no_terms());
    assert_eq!(value(&built, "TERM"), None);
}

#[test]
fn kept_names_pass_by_their_pattern_alone() {
    let mut terms = no_terms();
    terms.keep_env = ["AWS_REGION", "APP_MODE", "APP_DIR", "ABSENT"].map(str::to_owned).to_vec();
    let built = built(&[("AWS_REGION", "eu-west-1"), ("APP_MODE", "a@b"), ("APP_DIR", "/srv")], &terms);
    let found = ["AWS_REGION", "APP_MODE", "APP_DIR", "ABSENT"].map(|name| value(&built, name));
    assert_eq!(found, [Some("eu-west-1"), None, None, None]);
}

#[test]
fn what_the_rule_sets_comes_last() {
    let mut terms = no_terms();
    terms.keep_env = vec!["APP".to_owned()];
    terms.env = [("APP", "fixed"), ("PAGER", "less")].map(|(name, value)| (name.into(), value.into())).into();
    let built = built(&[("APP", "typed")], &terms);
    assert_eq!((value(&built, "APP"), value(&built, "PAGER")), (Some("fixed"), Some("less")));
}

#[test]
fn sudo_gets_the_systems_names_and_what_makes_pagers_harmless() {
    let mut around = surroundings();
    around.inherited = vec![("TERM".into(), "vt100".into()), ("SUDO_ASKPASS".into(), "x".into())];
    let names: Vec<_> = elevated(&around, &"/".into()).into_keys().collect();
    let system = ["HOME", "LOGNAME", "PATH", "PWD", "SHELL", "TERM", "USER"];
    let mut expected = [&system[..], KEPT_BY_SUDO].concat();
    expected.sort_unstable();
    assert_eq!(names, expected);
}

alone! {
    fn a_program_finds_exactly_what_was_built() {
        let shown = output(order("env", &[]));
        let built = built(&[], &no_terms());
        assert_eq!(shown.lines().count(), built.len(), "{shown}");
        assert!(shown.lines().any(|line| line == "LESSSECURE=1") && shown.lines().any(|line| line == "PWD=/usr"));
    }
}
