//! What a person types out of habit, and the answer: why not, and what there is instead.

use super::Terminal;

const RULES: &str = r#"
description = "Read application logs"
directories = ["LOGS/**"]
[types]
log = { file = ["LOGS/**"] }
dir = { directory = ["LOGS/**"] }
[[allow]]
commands = ["ls [-alt] [<dir>...]", "less [-N] [<log>...]", "cat [-n] <log>...", "sudo systemctl reload <unit>"]
"#;

/// Each line is entered, and the whole answer stands below it.
#[track_caller]
fn answered(answers: &[(&str, &str)]) {
    let mut session = Terminal::new().rules(RULES).size(24, 80).start();
    for (line, answer) in answers {
        session.keys("clear\r").until("an empty screen", |session| {
            let text = session.text();
            (text.lines().filter(|row| !row.trim().is_empty()).count() == 1).then_some(())
        });
        session.line(line).shows(answer);
        assert!(!session.records().contains("command-start"), "{line}: {}", session.records());
    }
}

#[test]
fn what_shells_have_and_there_is_not_is_answered_with_what_there_is() {
    answered(&[
        ("set -x", "not allowed: set\n  there are no shell options here but  set -o vi  and  set -o emacs\n"),
        (
            "export A=b",
            "not allowed: export\n  there are no variables here: commands get an environment of their own\n",
        ),
        (
            "A=b",
            "column 1: A= is not understood: no variables can be set\n        leave it out: type the command alone\n",
        ),
        (
            "alias",
            "not allowed: alias\n  aliases are set by your administrator; help lists those that there are\n",
        ),
        (
            "source file",
            "not allowed: source\n  no scripts are run here; their lines can be typed or pasted\n",
        ),
        (". file", "not allowed: .\n  no scripts are run here; their lines can be typed or pasted\n"),
        ("eval ls", "not allowed: eval\n  no text is run as a command here; type the command itself\n"),
        ("exec ls", "not allowed: exec\n  type the command alone, without this word\n"),
        (
            "if true; then ls; fi",
            "not allowed: if    nothing was run\n  there are no loops and conditions here; type the commands one by one\n",
        ),
        (
            "for i in 1 2; do ls; done",
            "not allowed: for    nothing was run\n  there are no loops and conditions here;",
        ),
    ]);
}

#[test]
fn whoever_looks_for_a_shell_is_told_that_there_is_none() {
    answered(&[
        ("bash", "not allowed: bash\n  no other shell is started from here; help lists what you may run\n"),
        ("sudo bash", "not allowed: sudo bash\n  no other shell is started from here;"),
        ("su", "not allowed: su\n  you stay who you are here; help lists what you may run\n"),
        ("su - root", "not allowed: su\n  you stay who you are here;"),
        ("sudo su -", "not allowed: sudo su\n  you stay who you are here;"),
        (
            "sudo -i",
            "sudo takes only -u NAME here, and a command after it\n  instead help sudo lists what you may run with it\n",
        ),
        (
            "sudo -l",
            "sudo takes only -u NAME here, and a command after it\n  instead help sudo lists what you may run with it\n",
        ),
    ]);
}

#[test]
fn whoever_asks_about_a_command_is_sent_to_help() {
    answered(&[
        ("which ls", "not allowed: which\n  help ls says whether you may run it, and how\n"),
        ("type ls", "not allowed: type\n  help ls says whether you may run it, and how\n"),
        ("command -v ls", "not allowed: command\n  help ls says whether you may run it, and how\n"),
        ("man 1 ls", "not allowed: man\n  help ls says whether you may run it, and how\n"),
        ("man", "not allowed: man\n  help lists what you may run; help COMMAND says more\n"),
        ("ls --help", "  instead help ls\n"),
        ("sudo systemctl -h", "  instead help systemctl\n"),
    ]);
}

#[test]
fn whoever_looks_for_earlier_lines_is_told_how_to_find_them() {
    answered(&[
        (
            "history -c",
            "column 9: history takes no operands\n        type it alone; Ctrl-R finds lines by what is in them\n",
        ),
        (
            "history | less",
            "history stands alone on a line\n        Ctrl-R finds earlier lines by what is in them\n",
        ),
        (
            "!!",
            "column 1: ! is not understood: lines of the history are not expanded\n        Up and Ctrl-R find earlier lines; the character itself is '!'\n",
        ),
        ("!ls", "Up and Ctrl-R find earlier lines; the character itself is '!'\n"),
        ("^a^b", "not allowed: ^a^b\n  Up and Ctrl-R find earlier lines, to be changed and run again\n"),
        ("fc -l", "not allowed: fc\n  Up and Ctrl-R find earlier lines, to be changed and run again\n"),
    ]);
}

#[test]
fn what_is_too_much_on_a_line_can_be_left_out() {
    answered(&[
        (
            "exit 0",
            "column 6: exit takes nothing: the session ends with the last exit status\n        type exit alone\n",
        ),
        ("logout now", "status\n        type logout alone\n"),
        ("pwd -P", "column 5: pwd takes no operands\n        type pwd alone\n"),
        ("ls;", "column 3: nothing stands after ;\n        leave it out: a line ends by itself\n"),
        (
            "(ls)",
            "column 1: ( is not understood: commands are not grouped\n        leave it out; the character itself is '('\n",
        ),
        (
            "# a note",
            "column 1: # is not understood: there are no comments on a line\n        leave it out; the character itself is '#'\n",
        ),
        (
            "help | less",
            "help stands alone on a line\n        it shows long texts a screen at a time by itself\n",
        ),
        (
            "ls &",
            "column 4: & is not understood: no command starts in the background\n        Ctrl-Z stops a running command, and bg lets it go on\n",
        ),
        ("ls \\", "column 4: \\ at the end is not understood: a command is one line\n"),
    ]);
}

#[test]
fn what_variables_hold_elsewhere_is_said_where_there_is_a_place_for_it() {
    answered(&[
        (
            "echo $?",
            "$ is not understood: variables are not expanded. The prompt\n        shows it unless it is 0\n",
        ),
        ("cd $OLDPWD", "variables are not expanded. cd - goes\n        there\n"),
        ("echo \"$PWD\"", "variables are not expanded. pwd says it\n"),
        ("echo $USER", "variables are not expanded. The prompt\n        shows it\n"),
    ]);
}

#[test]
fn programs_that_do_nearly_the_same_are_named_where_a_rule_has_them() {
    answered(&[
        ("ll LOGS", "not allowed: ll\n"),
        ("more LOGS/app.log", "names it; did you mean less?\n  instead less LOGS/app.log\n"),
    ]);
    let mut session = Terminal::new().rules("[[allow]]\ncommands = [\"uptime\"]\n").start();
    session.line("ll").shows("names it; help lists what you may run");
}

#[test]
fn a_filter_with_files_is_offered_behind_a_pipe_from_them() {
    let rules = format!("include = [\"filters\"]\n{}", RULES.trim_start());
    let mut session = Terminal::new().rules(&rules).start();
    session.line("grep -i x app.log -c").shows("instead cat app.log | grep -i x -c\n");
    session.line("head *.log").shows("instead cat *.log | head\n");
    session.line("wc -l app.log LOGS/app.log").shows("instead cat app.log LOGS/app.log | wc -l\n");
    let screen = session.line("sort /etc/shadow").shows("word 2  /etc/shadow: nothing more can follow\n");
    assert!(!screen.contains("instead cat /etc"), "{screen}");
    let alone = format!("operators = [\"&&\"]\n{rules}");
    let mut session = Terminal::new().rules(&alone).start();
    let screen = session.line("sort app.log").shows("nothing more can follow\n");
    assert!(!screen.contains("instead"), "{screen}");
}

#[test]
fn what_is_missing_is_named_once() {
    let mut session = Terminal::new().rules(RULES).start();
    session.line("cat").shows("  missing <log>...\n");
}

#[test]
fn a_rule_that_names_such_a_word_is_what_answers() {
    let rules = "[[allow]]\ncommands = [\"man <word>\", \"sh --version\"]\n";
    let mut session = Terminal::new().rules(rules).start();
    session.line("man --x").shows("gatesh: not allowed: man --x\n  rule    man <word>");
    session.line("sh -c ls").shows("gatesh: not allowed: sh -c ls\n  rule    sh --version");
}

#[test]
fn a_brief_host_gives_no_such_answer_either() {
    let mut session = Terminal::new().host("explain = \"brief\"").start();
    session.line("which ls").shows("gatesh: not allowed: which ls\n");
    session.ends("[126]> ");
    assert!(!session.text().contains("help ls"), "{}", session.text());
}

#[test]
fn the_line_that_chooses_keys_is_not_red() {
    let mut session = Terminal::new().start();
    for (typed, red) in [("set", ""), (" -o v", ""), ("i", ""), ("m", "set")] {
        session.keys(typed).turns_red(red);
        session.settle();
        session.turns_red(red);
    }
    session.line("").shows("there are no shell options here but  set -o vi  and  set -o emacs");
    session
        .line("help set")
        .shows("set -o vi, set -o emacs   edits lines with the keys of vi, or of Emacs again");
}
