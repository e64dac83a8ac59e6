//! A support engineer's night, screen by screen: the words a person reads, and that none of them needs more than the
//! 80 columns of a serial console.

use super::Terminal;
use super::screen::Session;

const RULES: &str = r#"
description = "Read application logs"
include = ["filters"]
directories = ["LOGS/**"]
[types]
log = { file = ["LOGS/**"] }
rows = { integer = [1, 100000] }
env = { one_of = ["prod", "staging"] }
version = { regex = 'v[0-9]+[.][0-9]+' }
[[allow]]
name = "read-logs"
commands = ["cat [-n] <log>...", "tail [-f] [-n <rows>] <log>...", "journalctl [-u <unit>] [-n <rows>]"]
[[allow]]
name = "restart"
commands = ["sudo systemctl (reload|restart) <unit>"]
[[allow]]
name = "say"
commands = ["/usr/bin/printf --env=<env> <version>"]
[[allow]]
name = "short"
commands = ["sleep <rows>"]
timeout = "1s"
[cases]
allow = ["tail -n 100 LOGS/app.log"]
"#;

fn session() -> Session {
    let log = "a timeout\nan error\ntwo timeouts\n";
    Terminal::new().rules(RULES).file("app.log", log).file("access.log", "timeout\n").start()
}

/// Rows as they were written, and none of them wider than the narrowest terminal.
fn fits(screen: &str) -> &str {
    let wide: Vec<&str> = screen.lines().filter(|row| row.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    screen
}

#[test]
fn start_and_help() {
    let mut session = Terminal::new().rules(RULES).size(40, 120).start();
    let screen = session.line("help").shows("help COMMAND says more");
    let text = fits(screen.split_once("> help\n").unwrap().1).to_owned();
    assert!(text.starts_with("Read application logs"), "{text}");
    for row in [
        "  cat [-n] <log>...\n",
        "  sudo systemctl (reload|restart) <unit>\n",
        "  filters: cut grep head less sort tail uniq wc\n",
        "where  <log>      a file under LOGS\n",
        "       <rows>     1 to 100000\n",
        "also   cd pwd history jobs fg bg exit      join with | && || ;\n",
    ] {
        session.shows(row);
    }
}

#[test]
fn help_of_one_command() {
    let mut session = Terminal::new().rules(RULES).size(40, 120).start();
    session.line("help tail").shows("tail [-f] [-n <rows>] <log>...");
    for row in [
        "  -n <rows>  1 to 100000 (also -n<rows>)\n",
        "  <log>...   one or more: a file under LOGS\n",
        "  for example  tail -n 100 LOGS/app.log\n",
    ] {
        session.shows(row);
    }
    session.line("help cd").shows("goes to a directory that your rules open");
}

#[test]
fn completion_of_options_and_choices() {
    let rules = RULES.replace("include = [\"filters\"]", "");
    let mut session = Terminal::new().rules(&rules).start();
    session.keys("tail -\t").shows("-f         -n <rows>");
    session.keys("\x15sudo systemctl re\t").shows("reload   restart");
    session.keys("\x15/usr/bin/printf --env=\t").shows("prod     staging");
    assert_eq!(session.bells(), 0);
    session.keys("\x15tail --\t").until("a bell", |session| (session.bells() == 1).then_some(()));
}

#[test]
fn a_value_is_denied() {
    let mut session = session();
    session
        .line("cat /etc/shadow")
        .shows("gatesh: not allowed: cat /etc/shadow\n  rule    cat [-n] <log>... ");
    fits(&session.shows("  word 2  /etc/shadow does not match <log>: LOGS/**"));
}

#[test]
fn an_unknown_option_is_denied() {
    let mut session = session();
    session
        .line("tail --lines 5 app.log")
        .shows("gatesh: not allowed: tail --lines 5 app.log\n  rule    tail");
    session.shows("  word 2  --lines is not one of -f, -n\n");
}

#[test]
fn options_behind_the_file_just_work() {
    let mut session = session();
    session.line("tail app.log -n 2").shows("an error\ntwo timeouts\n");
    let argv = "\"argv\":[\"tail\",\"-n\",\"2\",\"";
    assert!(session.records().contains(argv), "{}", session.records());
}

#[test]
fn an_unknown_program_and_one_without_its_sudo() {
    let mut session = session();
    session.line("vi app.log").shows("gatesh: not allowed: vi\n");
    session.shows("names it; help lists what you may run");
    session
        .line("systemctl restart nginx")
        .shows("\ngatesh: not allowed without sudo: try  sudo systemctl restart nginx\n");
    session.keys("systemctl ").shows("(allowed only with sudo)");
}

#[test]
fn sudo_is_named_even_where_other_uses_of_the_program_need_none() {
    let rules = RULES.replace("\"cat [-n]", "\"systemctl status <unit>\", \"cat [-n]");
    let mut session = Terminal::new().rules(&rules).start();
    session.keys("systemctl restart ").shows("(allowed only with sudo)");
    session.line("nginx").shows("\ngatesh: not allowed without sudo: try  sudo systemctl restart nginx\n");
}

#[test]
fn one_stage_of_a_pipeline_is_refused() {
    let mut session = session();
    session.line("journalctl -u nginx -n 500 | awk '{print $1}'");
    session.shows("gatesh: not allowed: awk (after the first |)    nothing was run\n");
    fits(&session.shows("  instead cut, grep, head, less, sort, tail, uniq, wc are allowed after a pipe\n"));
}

#[test]
fn what_only_a_shell_understands() {
    let mut session = session();
    session.line("grep error app.log > /tmp/x");
    session.shows("\ngatesh: column 20: > is not understood: there is no redirection here\n");
    session.shows("        to search for the character itself, quote it: '>'\n");
    session.line("tail app.log 2>&1 | less");
    session.shows("\ngatesh: column 14: 2>&1 is not needed: errors already reach your screen\n");
    session.line("ls $HOME").shows("gatesh: column 4: $ is not understood: variables are not expanded.");
    // Wrapped, not broken at the edge.
    session.shows("~ is your\n        home\n");
}

#[test]
fn a_glob_of_files() {
    let mut session = session();
    session.line("cat *.log").shows("timeout\na timeout\nan error\ntwo timeouts\n");
    session.line("cat *.bak").shows("gatesh: *.bak matches no file here that you may name\n");
}

#[test]
fn job_control() {
    let mut session = session();
    session.line("tail -f app.log").shows("two timeouts");
    session.keys("\x1a").shows("^Z\n[1]+ stopped   tail -f app.log\n");
    session.line("jobs").shows("> jobs\n[1]+ stopped   tail -f app.log\n");
    session.line("exit").shows("\ngatesh: 1 stopped job: fg to go on with it, exit again to end it\n");
}

#[test]
fn the_time_limit_of_a_rule() {
    let mut session = session();
    session.line("sleep 600").shows("\ngatesh: stopped after 1s, the time limit of this rule\n");
    session.ends("[124]> ");
}

#[test]
fn rules_that_become_faulty_while_the_session_runs() {
    let mut session = session();
    super::screen::write_rules(session.tree.path(), "description = \"x\"\nnonsense = 1\n");
    session.line("cat app.log");
    let screen =
        session.shows("gatesh: your rules were changed and cannot be read: nothing runs until mended\n");
    fits(&screen);
    session.shows("        ask your administrator: ");
    session.shows(".toml line 2");
    session.ends("[125]> ");
}
