//! What a refused command says, and what an accepted one hands to the program.

use gatesh::policy::paths::CheckedPath;
use gatesh::policy::synopsis::{Value, ValueRefusal, Why};
use gatesh::policy::types::{Access, Object};

use super::{argv, fit, parsed, value, words};

const TAIL: &str = "tail [-f] [-n <rows>] <log>...";

/// Where the words stop fitting, counted from 1 behind the program, and what is said of it.
fn stop(synopsis: &str, line: &str) -> String {
    let stop = fit(synopsis, line).expect_err(line);
    format!("{}: {}", stop.word + 1, stop.why)
}

#[test]
fn an_unknown_option_is_refused_with_those_there_are() {
    assert_eq!(stop(TAIL, "tail --lines 5 app.log"), "1: --lines is not one of -f, -n");
    assert_eq!(stop(TAIL, "tail --lines=5 app.log"), "1: --lines is not one of -f, -n");
    assert_eq!(stop("cat [-n] <log>", "cat a.log -x"), "2: -x is not -n");
    assert_eq!(stop("cat <log>", "cat -n a.log"), "1: -n: no option can stand here");
}

#[test]
fn an_unknown_letter_of_a_bundle_is_named_alone() {
    assert_eq!(stop("ls [-alh] [<dir>...]", "ls -lRa"), "1: -R is not one of -a, -l, -h");
    assert_eq!(stop("ls [-alh] [<dir>...]", "ls -Rla"), "1: -R is not one of -a, -l, -h");
}

#[test]
fn an_option_that_cannot_be_given_again_is_not_offered() {
    assert_eq!(stop(TAIL, "tail -n 5 -x a.log"), "3: -x is not -f");
}

#[test]
fn an_option_given_twice_is_refused_with_the_earlier() {
    assert_eq!(stop(TAIL, "tail -n 5 -n 6 a.log"), "3: -n was given before");
    assert_eq!(stop("x [-f | --follow]", "x --follow -f"), "2: -f cannot stand together with --follow");
    assert_eq!(stop("ss (-t | -u)", "ss -tu"), "1: -u cannot stand together with -t");
    assert_eq!(stop("head [-<n>]", "head -1 -2"), "2: -<n> was given before");
}

#[test]
fn an_option_without_its_value_is_refused() {
    assert_eq!(stop(TAIL, "tail -n"), "2: -n needs a value: <rows>");
    assert_eq!(stop("x [-o <any>] <dir>", "x -o -b /v"), "2: -o needs a value: <any>");
    assert_eq!(stop("x [--n=<n>] [-m<n>]", "x --n 5"), "1: --n needs its value in the same word: --n=<n>");
    assert_eq!(stop("x [--n=<n>] [-m<n>]", "x -m 5"), "1: -m needs its value in the same word: -m<n>");
    assert_eq!(stop("psql [-W (prompt|none)]", "psql -W"), "2: -W needs a value: (prompt|none)");
}

#[test]
fn a_value_for_an_option_that_takes_none_is_refused() {
    assert_eq!(stop("x [--follow]", "x --follow=name"), "1: --follow takes no value");
    assert_eq!(stop("ls [--color[=<when>]]", "ls --color auto"), "2: nothing more can follow");
}

#[test]
fn a_value_of_another_type_is_refused_with_its_types() {
    assert_eq!(stop("cat [-n] <log>...", "cat a.log /etc/shadow"), "2: does not match <log>");
    assert_eq!(stop("x (<dir>|<log>)", "x y"), "1: does not match <dir> or <log>");
    assert_eq!(stop("dd if=<log>", "dd if=/etc/shadow"), "1: does not match <log>");
    assert_eq!(stop("cp <log>... <dir>", "cp a.log b.log"), "2: does not match <dir>");
    assert_eq!(stop("cp <log>... <dir>", "cp a.log /v /w"), "2: does not match <log>");
}

#[test]
fn a_value_that_begins_with_a_dash_is_never_asked_of_its_type() {
    for (synopsis, line) in
        [("x <any>", "x -"), ("x [-o <any>]", "x -o -"), ("x [-o <any>]", "x -o-y"), ("x a<any>", "x a-y")]
    {
        let synopsis = parsed(synopsis).unwrap();
        let fit = synopsis.fits(&words(line)[1..], &mut |_, _, text, _| panic!("asked of {text}"));
        assert!(matches!(fit.unwrap_err().why, Why::Value { refusal: ValueRefusal::Text, .. }), "{line}");
    }
}

#[test]
fn after_a_long_option_and_its_equals_sign_a_value_may_begin_with_a_dash() {
    let synopsis = parsed("x [--since=<any>]").unwrap();
    let mut asked = Vec::new();
    let fit = synopsis.fits(&words("--since=-1h"), &mut |_, _, text, after| {
        asked.push((text.to_owned(), after));
        Ok(Value::Text)
    });
    assert!(fit.is_ok());
    assert_eq!(asked, [("-1h".to_owned(), true)]);
}

#[test]
fn with_plus_options_only_paths_and_integers_may_begin_with_plus() {
    assert_eq!(stop("dig <any> [+short]", "dig +tcp"), "1: +tcp is not +short");
    assert_eq!(stop("dig [-q <any>] [+short]", "dig -q +short"), "2: does not match <any>");
    assert!(fit("dig <any> [-x]", "dig +tcp").is_ok());
    assert!(fit("less <log> ['+F']", "less +a.log").is_ok());
}

#[test]
fn a_fixed_word_is_expected_by_name() {
    assert_eq!(stop("yum update", "yum upgrade"), "1: upgrade is not update");
    assert_eq!(
        stop("systemctl (start|stop) nginx", "systemctl kill nginx"),
        "1: kill is not one of start, stop"
    );
    assert_eq!(stop("x [from <n>] [to <n>]", "x at"), "1: at is not one of from, to");
    assert_eq!(stop("psql [-W (prompt|none)]", "psql -W x"), "2: x is not one of prompt, none");
}

#[test]
fn what_is_missing_is_said_as_the_synopsis_writes_it() {
    assert_eq!(stop(TAIL, "tail -f"), "2: <log>... is missing");
    assert_eq!(stop("cp <log>... <dir>", "cp a.log"), "2: <dir> is missing");
    assert_eq!(stop("yum update", "yum"), "1: update is missing");
    assert_eq!(stop("x (-u <unit>)... [-f]", "x -f"), "2: (-u <unit>)... is missing");
    assert_eq!(stop("ip get <n> [from <n>]", "ip get 1 from"), "4: <n> is missing");
    assert_eq!(stop("x (-c <n>) go", "x go"), "1: (-c <n>) is missing");
    assert_eq!(stop("x [-f] go (-c <n>)", "x -f"), "2: go is missing");
}

#[test]
fn one_word_too_many_is_refused() {
    assert_eq!(stop("yum update", "yum update vim"), "2: nothing more can follow");
    assert_eq!(stop("x <n> <n>", "x 1 2 3"), "3: nothing more can follow");
}

#[test]
fn after_typed_dashes_no_option_is_taken() {
    assert_eq!(stop("cat [-n] [--] <log>...", "cat -- -n a.log"), "2: -n: no option can stand here");
    assert_eq!(stop("cat [-n] [--] <log>...", "cat -- -- a.log"), "2: --: no option can stand here");
    assert_eq!(stop("cat [-n] <log>...", "cat -- a.log"), "1: -- is not -n");
}

#[test]
fn options_typed_among_values_come_where_the_synopsis_has_them() {
    assert_eq!(argv(TAIL, "tail app.log -n 2 b.log -f"), "-n 2 -f app.log b.log");
    assert_eq!(argv("docker logs [-f] <unit>", "docker logs web -f"), "logs -f web");
    assert_eq!(argv("dig <any> [+short] [+time=<n>]", "dig +short x +time=3"), "x +short +time=3");
    assert_eq!(argv("cat [-n] [--] <log>...", "cat a.log -n -- b.log"), "-n -- a.log b.log");
}

#[test]
fn bundles_stay_as_they_were_typed() {
    assert_eq!(argv(TAIL, "tail a.log -fn5"), "-fn5 a.log");
    assert_eq!(argv(TAIL, "tail a.log -fn 5"), "-fn 5 a.log");
}

#[test]
fn a_block_with_a_word_option_reads_no_letters() {
    assert_eq!(stop("x [-a] [-b] ['-print']", "x -ab"), "1: -ab is not one of -a, -b, -print");
    assert_eq!(stop("x [-n <n>] ['-print']", "x -n5"), "1: -n5 is not one of -n, -print");
    assert!(fit("x [-n <n>] ['-print']", "x -print -n 5").is_ok());
    assert!(fit("x [-n<n>] ['-print']", "x -n5").is_ok());
}

#[test]
fn exact_words_come_before_values_wherever_they_can_stand() {
    assert_eq!(argv("x <any>... to <n>", "x a b to 5"), "a b to 5");
    assert_eq!(stop("x <any>... to <n>", "x a to b"), "3: does not match <n>");
    assert_eq!(stop("x [<any>] stop", "x stop stop"), "2: nothing more can follow");
    assert_eq!(argv("x (all|<n>)", "x all"), "all");
}

#[test]
fn text_around_a_value_is_not_offered_to_a_value_behind_it() {
    assert_eq!(stop("dig [@<n>] <any>", "dig @x"), "1: does not match <n>");
    assert_eq!(argv("dig [@<n>] <any>", "dig @1 x"), "@1 x");
}

#[test]
fn a_quoted_word_may_hold_what_no_other_can() {
    assert!(parsed("x 'a b' '(' ['-x y']").is_ok());
    assert_eq!(argv("x '|' ['--no=']", "x | --no="), "| --no=");
}

#[test]
fn a_resolved_path_replaces_the_typed_one_and_nothing_around_it() {
    let resolved = |synopsis: &str, line: &str| {
        let path = || CheckedPath {
            path: "/r".into(),
            descriptor: None,
            parent: None,
            object: Object::File,
            access: Access::Read,
        };
        let fit =
            parsed(synopsis).unwrap().fits(&words(line), &mut |_, _, _, _| Ok(Value::Path(path()))).unwrap();
        let texts: Vec<String> = fit.arguments.iter().map(|argument| argument.text.clone()).collect();
        (texts.join(" "), fit.arguments.iter().filter(|argument| argument.path.is_some()).count())
    };
    assert_eq!(resolved("x [-qf <log>] [--c=<log>] <log>", "--c=y z"), ("--c=/r /r".to_owned(), 2));
    assert_eq!(resolved("x [-q] [-f <log>]", "-qfy"), ("-qf/r".to_owned(), 1));
    assert_eq!(resolved("x if=<log>.gz", "if=y.gz"), ("if=/r.gz".to_owned(), 1));
}

#[test]
fn arguments_remember_the_word_they_came_from() {
    let fit = fit(TAIL, "tail app.log -n 2").unwrap();
    assert_eq!(fit.arguments.iter().map(|argument| argument.word).collect::<Vec<_>>(), [1, 2, 0]);
}

#[test]
fn an_optional_value_that_was_not_typed_is_reported_absent() {
    let absent = |synopsis: &str, line: &str| {
        let fit = fit(synopsis, line).unwrap();
        fit.absent.iter().map(|wanted| wanted.name.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(absent("ls [-l] [<dir>...]", "ls -l"), "dir");
    assert_eq!(absent("ls [-l] [(<dir>|<log>)...]", "ls"), "dir log");
    assert_eq!(absent("ls [-l] [<dir>...]", "ls /v"), "");
    assert_eq!(absent("grep [-i] <any> [<log>...] <dir>", "grep x /v"), "log");
    assert_eq!(absent("ls [<dir>] ['all'] [-f]", "ls all"), "dir");
}

#[test]
fn each_value_is_asked_about_once() {
    let synopsis = parsed("cp [-p] <log>... <dir>").unwrap();
    let mut asked = Vec::new();
    let fit = synopsis.fits(&words("a.log -p b.log /v"), &mut |wanted, word, text, after| {
        asked.push(format!("{}:{}", wanted.name, word.text()));
        value(wanted, text, after)
    });
    assert!(fit.is_ok());
    assert_eq!(asked, ["log:a.log", "log:b.log", "dir:/v"]);
}

#[test]
fn types_are_listed_once_each_in_order() {
    let synopsis = parsed("x [-n <n> | -m <rows>] [--w=<when>] go if=<log> (<n>|<dir>)...").unwrap();
    let names: Vec<String> = synopsis.types().iter().map(|wanted| wanted.name.clone()).collect();
    assert_eq!(names, ["n", "rows", "when", "log", "dir"]);
}

#[test]
fn sudo_is_read_as_elevation_and_programs_by_their_names() {
    let synopsis = parsed("sudo -u app (/opt/bin/one|two) go").unwrap();
    assert_eq!(synopsis.elevation().and_then(|elevation| elevation.user.as_deref()), Some("app"));
    assert_eq!(synopsis.programs(), ["/opt/bin/one", "two"]);
    assert!(parsed("sudo ls").unwrap().elevation().is_some_and(|elevation| elevation.user.is_none()));
    assert!(parsed("ls").unwrap().elevation().is_none());
}

#[test]
fn ten_thousand_words_are_judged_in_one_pass() {
    let synopsis = parsed("cp [-p] [-f] [<log>...] <dir>").unwrap();
    let typed = words(&"a.log ".repeat(10_000));
    let mut asked = 0;
    let fit = synopsis.fits(&typed, &mut |wanted, _, text, after| {
        asked += 1;
        value(wanted, text, after)
    });
    assert_eq!((fit.unwrap_err().word, asked), (9_999, 10_000));
}
