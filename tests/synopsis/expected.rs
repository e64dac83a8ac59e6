//! What may come next, as completion and hints ask for it.

use super::{parsed, value, words};

const TAIL: &str = "tail [-f] [-n <rows>] <log>...";

/// Options, words and values that may follow, whether the command may end, and the hint.
fn next(synopsis: &str, typed: &str) -> String {
    let synopsis = parsed(synopsis).unwrap();
    let typed = words(typed);
    let next = synopsis.next(&typed, &mut |wanted, _, text, after| value(wanted, text, after)).unwrap();
    let mut all: Vec<String> = next.options.iter().map(ToString::to_string).collect();
    all.extend(next.words.iter().map(ToString::to_string));
    all.extend(next.values.iter().map(ToString::to_string));
    format!("{}{} / {}", all.join(", "), if next.may_end { "." } else { "" }, next.rest)
}

#[test]
fn at_the_start_everything_may_follow() {
    assert_eq!(next(TAIL, ""), "-f, -n <rows>, <log> / [-f] [-n <rows>] <log>...");
    assert_eq!(next("ls [-alh] [<dir>...]", ""), "-a, -l, -h, <dir>. / [-alh] [<dir>...]");
}

#[test]
fn an_option_that_awaits_its_value_allows_nothing_else() {
    assert_eq!(next(TAIL, "-n"), "<rows> / <rows> <log>...");
    assert_eq!(next(TAIL, "-fn"), "<rows> / <rows> <log>...");
    assert_eq!(next("x [-t (f|d)] [-q]", "-t"), "f, d / (f|d) [-q]");
}

#[test]
fn a_used_option_with_a_value_is_gone_and_one_without_may_repeat() {
    assert_eq!(next(TAIL, "-n 5"), "-f, <log> / <log>...");
    assert_eq!(next(TAIL, "-f"), "-f, -n <rows>, <log> / [-n <rows>] <log>...");
    assert_eq!(next("x [-o <n>]... [-f]", "-o 5"), "-o <n>, -f. / [-f]");
    assert_eq!(next("ss (-t | -u)", "-u"), "-u. / ");
}

#[test]
fn a_repeated_value_may_go_on_or_end() {
    assert_eq!(next(TAIL, "a.log"), "-f, -n <rows>, <log>. / [-f] [-n <rows>] [<log>...]");
    assert_eq!(next("cp <log>... <dir>", "a.log"), "<log>, <dir> / [<log>...] <dir>");
    assert_eq!(next("cp <log>... <dir>", ""), "<log> / <log>... <dir>");
}

#[test]
fn fixed_words_follow_each_other() {
    assert_eq!(next("systemctl (start|stop) <unit>", ""), "start, stop / (start|stop) <unit>");
    assert_eq!(next("systemctl (start|stop) <unit>", "stop"), "<unit> / <unit>");
    assert_eq!(next("ip get <n> [from <n>]", "get 1"), "from. / [from <n>]");
    assert_eq!(next("ip get <n> [from <n>]", "get 1 from"), "<n> / <n>");
    assert_eq!(next("x [at <n>...]", "at 1"), "<n>. / ");
    assert_eq!(next("yum update", "update"), ". / ");
    assert_eq!(next("x go [-ab] end", "go"), "-a, -b, end / [-ab] end");
    assert_eq!(next("x go (-ab) end", "go"), "-a, -b / -ab end");
}

#[test]
fn all_elements_up_to_the_first_required_may_follow() {
    assert_eq!(next("docker [-D] [ctx] logs [-f] <unit>", ""), "-D, ctx, logs / [-D] [ctx] logs [-f] <unit>");
    assert_eq!(next("docker [-D] [ctx] logs [-f] <unit>", "logs"), "-f, <unit> / [-f] <unit>");
}

#[test]
fn after_dashes_only_values_follow() {
    assert_eq!(next("cat [-n] [--] <log>...", "-n"), "-n, --, <log> / [--] <log>...");
    assert_eq!(next("cat [-n] [--] <log>...", "--"), "<log> / <log>...");
}

#[test]
fn words_that_fit_no_beginning_stop_at_the_word() {
    let synopsis = parsed(TAIL).unwrap();
    let stop = synopsis.next(&words("-f -x"), &mut |wanted, _, text, after| value(wanted, text, after));
    assert_eq!(stop.unwrap_err().word, 1);
}

#[test]
fn what_to_type_ends_where_the_value_begins() {
    let synopsis = parsed("x [--lines=<n>] [--color[=<when>]] [-n <n>] [+time=<n>] ['-print']").unwrap();
    let next = synopsis.next(&[], &mut |wanted, _, text, after| value(wanted, text, after)).unwrap();
    let typed: Vec<String> = next.options.iter().flat_map(|option| option.typed()).collect();
    assert_eq!(typed, ["--lines=", "--color", "-n", "+time=", "-print"]);
    assert!(!next.bundles);
}
