use std::time::{Duration, Instant};

use super::*;

fn built_in(name: &str) -> Rc<Type> {
    Type::built_in(name).unwrap_or_else(|| panic!("no built-in {name}"))
}

fn takes_all(name: &str, texts: &[&str]) {
    for text in texts {
        assert!(built_in(name).takes(text, false), "<{name}> takes {text:?}");
    }
}

fn refuses_all(name: &str, texts: &[&str]) {
    for text in texts {
        assert!(!built_in(name).takes(text, false), "<{name}> refuses {text:?}");
    }
}

fn of(kind: Kind) -> Type {
    Type { name: String::from("t"), kind }
}

fn regex(text: &str) -> Type {
    of(Kind::Regex(Pattern::new(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))))
}

fn globs(texts: &[&str]) -> Vec<Glob> {
    texts.iter().map(|text| Glob::path(text, None).unwrap()).collect()
}

fn path(object: Object, taken: &[&str], except: &[&str]) -> Type {
    let (globs, except) = (globs(taken), globs(except));
    of(Kind::Path(PathType { object, globs, except, access: Access::Read, must_exist: true }))
}

#[test]
fn every_built_in_has_its_name_and_a_description() {
    for name in Type::BUILT_IN {
        assert_eq!(built_in(name).name, *name);
        assert!(!built_in(name).describe().is_empty());
    }
    assert!(Type::built_in("log").is_none());
}

#[test]
fn no_type_takes_nothing_or_a_leading_dash() {
    let own = [
        regex(".*"),
        of(Kind::OneOf(vec!["-x".into(), "-".into(), String::new()])),
        path(Object::File, &["/**"], &[]),
    ];
    for text in ["", "-", "-x", "--", "-/a"] {
        for name in Type::BUILT_IN {
            assert!(!built_in(name).takes(text, true), "<{name}> {text:?}");
        }
        assert!(own.iter().all(|own| !own.takes(text, false)), "{text:?}");
    }
}

#[test]
fn behind_text_a_type_that_says_so_takes_a_leading_dash() {
    let sort = of(Kind::OneOf(vec!["-rss".into(), "rss".into()]));
    assert!(sort.takes("-rss", true) && !sort.takes("-rss", false) && !sort.takes("-pid", true));
    assert!(regex("-?[a-z]+").takes("-a", true) && !regex("[a-z]+").takes("-a", true));
    assert!(!path(Object::File, &["/**"], &[]).takes("-a", true));
    assert!(!sort.takes("", true) && !regex(".*").takes("", true));
}

#[test]
fn control_and_format_characters_are_in_no_built_in_value() {
    for text in
        ["a\nb", "a\u{1b}[2J", "a\u{202e}b", "a\u{200b}", "a\u{85}b", "a\u{2028}b", "a\0b", "a\u{feff}"]
    {
        for name in Type::BUILT_IN {
            assert!(!built_in(name).takes(text, false), "<{name}> {text:?}");
        }
    }
}

#[test]
fn words_and_text() {
    takes_all("word", &["a", "_x", "a.b,c:d=e-f", "9"]);
    refuses_all("word", &["a b", "a/b", ".a", "=a", "a@b", "é", &"a".repeat(256)]);
    takes_all("text", &["a b", "é*?$(x)", "/etc/shadow", &"é".repeat(256)]);
    refuses_all("text", &[&"a".repeat(257)]);
    takes_all("any", &[&"a".repeat(5000)]);
}

#[test]
fn numbers_have_no_leading_zero_sign_or_point() {
    takes_all("number", &["0", "7", "999999999999999999"]);
    refuses_all("number", &["00", "07", "+1", "1.5", "1e3", "1000000000000000000", " 1", "\u{661}"]);
    takes_all("port", &["1", "65535"]);
    refuses_all("port", &["0", "65536", "022", "99999999999999999999"]);
    takes_all("pid", &["2", "4194304"]);
    refuses_all("pid", &["0", "1", "4194305", "self"]);
}

#[test]
fn hosts_are_names_or_addresses_and_nothing_around_them() {
    takes_all(
        "host",
        &["localhost", "ip-10-0-3-17.eu-west-1.compute.internal", "10.0.0.1", "_dmarc.example.com."],
    );
    takes_all("host", &["::1", "2001:db8::1", "::ffff:10.0.0.1"]);
    refuses_all(
        "host",
        &["user@host", "host/path", "fe80::1%eth0", "host:22", "a..b", ".a", "a-", "a b", "[::1]"],
    );
    refuses_all("host", &["a.-b", ".", &"a".repeat(64), &"a.".repeat(128), "1:2", ":", "*"]);
}

#[test]
fn account_names() {
    takes_all("user", &["ann", "_apt", "web-1", "HOST$", "systemd-network"]);
    refuses_all("user", &["ann.adm", "ann:adm", "0", "1ann", "$", "a$b", "ann@corp", &"a".repeat(33)]);
    takes_all("group", &["wheel"]);
}

#[test]
fn units_and_packages() {
    takes_all("unit", &["nginx", "getty@tty1.service", "dev-sda.device", "a:b"]);
    refuses_all("unit", &["a/b", "a b", "a*", r"a\x2db", &"a".repeat(256)]);
    takes_all("package", &["curl", "libstdc++6", "gcc-c++-7.3", "python3.11", "a_b"]);
    refuses_all(
        "package",
        &[
            "x.rpm", "x.deb", "x.RPM", "vim-", "vim+", "./x", "/tmp/x", "@group", "a*", "a=1", "+a", ".a",
            "a.", "a..",
        ],
    );
}

#[test]
fn dates() {
    takes_all(
        "date",
        &["2026-11-23", "2026-11-23 10:00", "2026-11-23 10:00:59", "10:00", "23:59:60", "now", "today"],
    );
    takes_all("date", &["yesterday", "1 hour ago", "30 minutes ago", "2026-11-23T10:00:00Z", "10m", "1h30m"]);
    takes_all(
        "date",
        &["2026-11-23T10:00:00.123+01:00", "2026-11-23T10:00:00-05:00", "2026-11-23 10:00 UTC"],
    );
    refuses_all(
        "date",
        &["2026-13-01", "2026-1-1", "2026-11-23 ", "2026-11-23x10:00", "24:00", "10:60", "+1h", "1"],
    );
    refuses_all(
        "date",
        &["ago", "1 ago", "1 hour", "one hour ago", "1  hour ago", "2026-11-23T10:00+1:00", "10:00:00."],
    );
    refuses_all("date", &["@0", "/etc/passwd", "today x", "éééééé:00", "2026-11-23T10:00Z Z", "10.5:00"]);
}

#[test]
fn durations() {
    takes_all("duration", &["30", "0.5", "30s", "5m", "1h30m", "250ms", "2d", "1.5h"]);
    refuses_all("duration", &["s", "1x", "1h30", "1 h", "1..5s", ".5", "1.s", "30S", "1234567890", "+1h"]);
}

#[test]
fn globs_are_file_names() {
    takes_all("glob", &["*.log", "[!a]?", "app-?.gz", "a@b"]);
    refuses_all("glob", &["a/b", "../x", "a b", "{a}", "~"]);
}

#[test]
fn integers_keep_their_range_and_their_spelling() {
    let rows = of(Kind::Integer { min: 1, max: 10000 });
    assert!(rows.takes("1", false) && rows.takes("10000", true));
    for text in ["0", "10001", "01", "+5", "-5", " 5", "5 ", "5k", "0x5", "99999999999999999999", "٣"] {
        assert!(!rows.takes(text, true), "{text:?}");
    }
}

#[test]
fn negative_integers_need_text_before_them() {
    let nice = of(Kind::Integer { min: -20, max: 19 });
    assert!(nice.takes("-5", true));
    assert!(!nice.takes("-5", false));
    for text in ["-0", "--5", "-05", "-21", "-", "-+5"] {
        assert!(!nice.takes(text, true), "{text}");
    }
    assert!(of(Kind::Integer { min: i64::MIN, max: 0 }).takes("-9223372036854775807", true));
}

#[test]
fn a_pattern_is_anchored_whatever_its_branches() {
    let either = regex("a|b");
    assert!(either.takes("a", false) && either.takes("b", false));
    for text in ["ab", "xa", "a\n", "bx", "a|b"] {
        assert!(!either.takes(text, false), "{text:?}");
    }
    assert!(!regex("a$").takes("a\n", false));
}

#[test]
fn pattern_classes_are_ascii() {
    assert!(!regex(r"\d+").takes("٣", false));
    assert!(!regex(r"\w+").takes("é", false));
    assert!(regex(r"[^/]+").takes("é", false));
    assert!(!regex("[k]").takes("\u{212a}", false));
}

#[test]
fn a_pattern_must_stand_alone() {
    for text in ["a)|(?:b", "(", "[a", "a{2,1}", "*", r"\p{L}", r"(a)\1", "(?=a)", "(?<=a)b", "(?<!a)b"] {
        let fault = Pattern::new(text).expect_err(text);
        assert!(matches!(fault, PatternFault::Syntax(_) | PatternFault::InlineFlags), "{text}: {fault:?}");
    }
}

#[test]
fn a_syntax_fault_is_one_line() {
    let Err(PatternFault::Syntax(why)) = Pattern::new("[a") else { panic!("[a is no pattern") };
    assert_eq!(why, "unclosed character class");
}

#[test]
fn inline_flags_are_refused_wherever_they_stand() {
    for text in ["(?i)a", "a(?i:b)", "(?-u)x", "(?s-m:.)", r"\\(?i)a", "(?x) a", "[(?]"] {
        assert_eq!(Pattern::new(text).expect_err(text), PatternFault::InlineFlags, "{text}");
    }
    for text in [r"\(?i", "(?:a)", "(?P<n>a)", "(?<n>a)", r"[\(?]", "(a)?"] {
        assert!(Pattern::new(text).is_ok(), "{text}");
    }
}

#[test]
fn patterns_are_bounded() {
    assert_eq!(Pattern::new("").expect_err("empty"), PatternFault::Empty);
    assert_eq!(Pattern::new("((a{100}){100}){100}").expect_err("large"), PatternFault::TooLarge);
    assert!(Pattern::new(&"(".repeat(100_000)).is_err());
    for text in [r"[A-Za-z0-9._~/%?=&+-]{0,500}", r"[ A-Za-z0-9_.{}\t-]{1,200}"] {
        assert!(regex(text).takes("a", false), "{text}");
    }
}

#[test]
fn hostile_values_do_not_slow_a_pattern_down() {
    let hostile = regex("(a|aa)+(a*)*b");
    let start = Instant::now();
    assert!(!hostile.takes(&"a".repeat(100_000), false));
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn path_types_judge_text_by_globs_and_excepts() {
    let log = path(Object::File, &["/var/log/**"], &["/var/log/audit/**"]);
    assert!(log.is_path() && log.takes("/var/log/a.log", false));
    for text in ["/var/log/audit/a", "/var/log/audit", "/etc/shadow", "/var/log/../../etc/shadow", "a.log"] {
        assert!(!log.takes(text, false), "{text}");
    }
}

#[test]
fn descriptions_read_as_the_help_shows_them() {
    let log = path(Object::File, &["/var/log/**", "/opt/app/logs/**"], &[]);
    assert_eq!(log.describe(), "a file matching /var/log/** or /opt/app/logs/**");
    assert_eq!(log.describe_short(), "/var/log/**, /opt/app/logs/**");
    let dir = path(Object::Directory, &["/a", "/b", "/c"], &["/a/x"]);
    assert_eq!(dir.describe(), "a directory matching /a, /b or /c, but not /a/x");
    assert_eq!(path(Object::Either, &["/a"], &[]).describe(), "a file or directory matching /a");
    assert_eq!(of(Kind::Integer { min: 1, max: 100_000 }).describe_short(), "1 to 100000");
    assert_eq!(of(Kind::Integer { min: 5, max: 5 }).describe(), "5");
    assert_eq!(of(Kind::OneOf(vec!["a".into(), "b".into(), "c".into()])).describe(), "one of a, b, c");
    assert_eq!(of(Kind::OneOf(vec!["a".into()])).describe(), "a");
    assert_eq!(regex("v[0-9.]+").describe(), "text matching v[0-9.]+");
    assert_eq!(regex("CHG[0-9]{6}").describe(), "CHG and 6 digits");
}
