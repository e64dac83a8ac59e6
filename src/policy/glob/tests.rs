use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

use super::*;

fn glob(text: &str) -> Glob {
    Glob::path(text, Some(Path::new("/home/ann"))).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

fn fault(text: &str) -> GlobFault {
    Glob::path(text, None).expect_err(text)
}

/// The obvious matcher, exponential on purpose.
fn slowly(glob: &[&str], path: &[&str]) -> bool {
    match (glob.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), here) => {
            slowly(rest, path) || here.is_some_and(|(_, further)| slowly(glob, further))
        }
        (Some((first, rest)), Some((name, further))) => {
            let (first, name): (Vec<_>, Vec<_>) = (first.chars().collect(), name.chars().collect());
            slowly_within(&first, &name) && slowly(rest, further)
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn slowly_within(glob: &[char], name: &[char]) -> bool {
    match (glob.split_first(), name.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), here) => {
            slowly_within(rest, name) || here.is_some_and(|(_, further)| slowly_within(glob, further))
        }
        (Some((c, rest)), Some((d, further))) => (*c == '?' || c == d) && slowly_within(rest, further),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

proptest! {
    #[test]
    fn the_matcher_agrees_with_the_obvious_one(
        glob in prop::collection::vec("\\*\\*|[ab?é*]{1,4}", 0..6),
        path in prop::collection::vec("[abé]{1,4}", 0..6),
    ) {
        let glob: Vec<_> = glob.iter().map(|c| if c.contains("**") { "**" } else { c.as_str() }).collect();
        let path: Vec<_> = path.iter().map(String::as_str).collect();
        let read = super::Glob::path(&format!("/{}", glob.join("/")), None).unwrap();
        prop_assert_eq!(read.matches(format!("/{}", path.join("/")).as_bytes()), slowly(&glob, &path));
    }

    #[test]
    fn whatever_matches_is_reached_from_every_directory_above_it(
        glob in prop::collection::vec("\\*\\*|[ab?]{1,2}|\\*", 0..5),
        path in prop::collection::vec("[ab]{1,2}", 0..5),
    ) {
        let read = super::Glob::path(&format!("/{}", glob.join("/")), None).unwrap();
        if read.matches(format!("/{}", path.join("/")).as_bytes()) {
            for depth in 0..=path.len() {
                let above = format!("/{}", path[..depth].join("/"));
                prop_assert!(read.reaches_beneath(above.as_bytes()), "{}", above);
            }
        }
    }

    #[test]
    fn any_bytes_at_all_are_answered(glob in "[/*?a-c{}.\\[]{0,12}", path in prop::collection::vec(0u8..=255, 0..20)) {
        if let Ok(read) = super::Glob::path(&glob, None) {
            prop_assert!(!read.matches(&path) || path.first() == Some(&b'/'));
        }
    }
}

#[test]
fn a_star_stops_at_a_slash_and_takes_a_leading_dot() {
    assert!(glob("/var/log/*.log").matches(b"/var/log/.log"));
    assert!(glob("/var/log/*").matches(b"/var/log/.hidden"));
    assert!(!glob("/var/log/*.log").matches(b"/var/log/a/b.log"));
    assert!(!glob("/var/log/?").matches(b"/var/log/"));
}

#[test]
fn two_stars_cross_slashes_and_match_nothing_too() {
    for path in ["/a", "/a/b", "/a/b/c"] {
        assert!(glob("/a/**").matches(path.as_bytes()), "{path}");
    }
    assert!(glob("/a/**/z").matches(b"/a/z"));
    assert!(glob("/**").matches(b"/"));
    assert!(!glob("/a/**").matches(b"/ab"));
    assert!(!glob("/a/**/z").matches(b"/a/zz"));
}

#[test]
fn a_path_that_is_not_normal_matches_nothing() {
    for path in ["", "a", "//etc", "/a/../b", "/a/.", "/a/", "/./a", "/.."] {
        assert!(!glob("/**").matches(path.as_bytes()), "{path}");
        assert!(!glob("/**").reaches_beneath(path.as_bytes()), "{path}");
    }
}

#[test]
fn a_question_mark_is_one_character_or_one_stray_byte() {
    assert!(glob("/?").matches("/é".as_bytes()));
    assert!(!glob("/??").matches("/é".as_bytes()));
    assert!(!glob("/*??").matches("/日".as_bytes()));
    assert!(glob("/?").matches(b"/\xff"));
    assert!(glob("/??").matches(b"/\xe2\x82"));
}

#[test]
fn a_directory_reaches_what_could_lie_beneath_it() {
    let logs = glob("/var/log/*/app.log");
    for directory in ["/", "/var", "/var/log", "/var/log/nginx", "/var/log/nginx/app.log"] {
        assert!(logs.reaches_beneath(directory.as_bytes()), "{directory}");
    }
    for directory in ["/etc", "/var/lib", "/var/log/nginx/other", "/var/log/nginx/app.log/x"] {
        assert!(!logs.reaches_beneath(directory.as_bytes()), "{directory}");
    }
    assert!(glob("/a/**/b").reaches_beneath(b"/a/x/y/z"));
}

#[test]
fn the_home_directory_is_literal_whatever_it_holds() {
    let odd = Glob::path("{home}/*.log", Some(Path::new("/home/a*[b]/"))).unwrap();
    assert_eq!(odd.text(), "/home/a*[b]/*.log");
    assert!(odd.matches(b"/home/a*[b]/x.log"));
    assert!(!odd.matches(b"/home/abc[b]/x.log"));
    assert_eq!(odd.fixed_directory(), Path::new("/home/a*[b]"));
}

#[test]
fn the_home_directory_of_nobody_matches_nothing() {
    for home in [None, Some(Path::new("ann")), Some(Path::new("/home/../root")), Some(Path::new("/"))] {
        let nobody = Glob::path("{home}/logs/**", home).unwrap();
        assert_eq!(nobody.text(), "{home}/logs/**");
        assert!(!nobody.matches(b"/{home}/logs/a"));
        assert!(!nobody.matches(b"/logs/a"));
        assert_eq!(nobody.fixed_directory(), Path::new("/"));
    }
}

#[test]
fn a_home_directory_at_the_root_or_alone_works() {
    assert!(glob("{home}").matches(b"/home/ann"));
    let bytes = Path::new(std::ffi::OsStr::from_bytes(b"/home/\xff"));
    assert!(Glob::path("{home}/a", Some(bytes)).unwrap().matches(b"/home/\xff/a"));
}

#[test]
fn faults_say_what_is_wrong() {
    assert_eq!(fault(""), GlobFault::Empty);
    assert_eq!(fault("logs/**"), GlobFault::NotAbsolute);
    for text in ["/a/", "/a//b", "//a", "/a/./b", "/../a", "{home}/"] {
        assert_eq!(fault(text), GlobFault::NotNormal, "{text}");
    }
    for text in ["/a**", "/***", "/a/**b/c"] {
        assert_eq!(fault(text), GlobFault::Stars, "{text}");
    }
}

#[test]
fn characters_that_would_mean_something_else_are_faults() {
    for (text, c) in [("/a[0-9]", '['), ("/a]", ']'), ("/a\\*", '\\'), ("/{a,b}", '{'), ("/a}", '}')] {
        assert_eq!(fault(text), GlobFault::Character(c), "{text}");
    }
    assert_eq!(fault("/x/{home}"), GlobFault::Character('{'));
    assert_eq!(fault("{home}x"), GlobFault::Character('{'));
    assert_eq!(fault("/a\nb"), GlobFault::Character('\n'));
    assert_eq!(fault("/a\u{202e}b"), GlobFault::Character('\u{202e}'));
}

#[test]
fn the_fixed_directory_ends_before_the_first_wildcard() {
    for (text, directory) in [
        ("/var/log/**/*.log", "/var/log"),
        ("/opt/app*/x", "/opt"),
        ("/**", "/"),
        ("/srv/app", "/srv/app"),
        ("/", "/"),
    ] {
        assert_eq!(glob(text).fixed_directory(), Path::new(directory), "{text}");
    }
}

#[test]
fn word_globs_cross_slashes() {
    let word = Glob::word("*/payroll?*").unwrap();
    assert!(word.matches(b"../x/payroll/a"));
    assert!(!word.matches(b"payroll/a"));
    assert_eq!(Glob::word(""), Err(GlobFault::Empty));
    assert!(Glob::word("-*").unwrap().matches(b"--exec"));
}

#[test]
fn hostile_globs_stay_quick() {
    let stars = glob(&format!("/{}b", "*a".repeat(100)));
    let deep = glob(&format!("{}/b", "/**/a".repeat(100)));
    let (name, path) = (format!("/{}", "a".repeat(4000)), "/a".repeat(2000));
    let start = Instant::now();
    assert!(!stars.matches(name.as_bytes()));
    assert!(!deep.matches(path.as_bytes()));
    assert!(start.elapsed() < Duration::from_secs(2));
}
