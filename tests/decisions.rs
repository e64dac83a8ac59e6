//! What is decided, and what the person is told, on the built gatesh: one sentence a rule of the language.

use std::os::unix::process::CommandExt;

use crate::scenario::{Gatesh, run};

/// A policy of these rules, with log files of the scenario's tree to name.
fn rules(text: &str) -> Gatesh {
    let types = "[types]\nlog = { file = [\"{top}/var/log/**\"], except = [\"{top}/var/log/secret/**\"] }\n\
                 dir = { directory = [\"{top}/var/log/**\"] }\nrows = { integer = [1, 100] }\n";
    Gatesh::new().policy(&format!("directories = [\"{{top}}/var/log/**\"]\n{types}{text}"))
}

fn allow(synopses: &str) -> Gatesh {
    rules(&format!("[[allow]]\ncommands = [{synopses}]\n"))
}

const READ: &str = "\"cat [-n] <log>...\", \"tail [-f] [-n <rows>] <log>...\", \"ls [-al] [<dir>]\", \"wc [-l]\", \"true\", \"false\"";

mod rules_and_words {
    use super::*;

    #[test]
    fn what_a_rule_allows_runs() {
        let answer = allow(READ).line("cat {top}/var/log/app.log").allowed();
        assert_eq!(answer.out, "one\ntwo ERROR\nthree\n");
        assert_eq!(answer.events("command-start").len(), 1);
    }

    #[test]
    fn a_program_no_rule_names_is_refused() {
        let answer = allow(READ).line("id").denied_because("names it; help lists what you may run");
        assert_eq!(answer.code_of_denial(), "no-rule");
    }

    #[test]
    fn a_denial_names_the_rule_the_word_and_what_would_do() {
        let answer = allow(READ).line("cat {top}/var/log/app.log /etc/hostname");
        let answer =
            answer.denied_because("word 3 /etc/hostname does not match <log>").says("rule cat [-n] <log>...");
        assert_eq!(answer.code_of_denial(), "no-match");
    }

    #[test]
    fn no_line_of_a_denial_is_longer_than_eighty_columns() {
        let long = format!("cat {}", "/x".repeat(60));
        let answer = allow(READ).line(long).denied_because("does not match");
        let longest = answer.err.lines().map(|line| line.chars().count()).max();
        assert!(longest.is_some_and(|longest| (60..=80).contains(&longest)), "{}", answer.err);
    }

    #[test]
    fn an_option_the_rule_has_not_is_refused_by_name() {
        let _ =
            allow(READ).line("tail --lines 5 app.log").denied_because("word 2 --lines is not one of -f, -n");
        let _ = allow(READ).line("cat -A {top}/var/log/a").denied_because("word 2 -A is not -n");
        let dashes = allow(READ).line("cat -- {top}/var/log/a").denied_because("word 2 -- is not -n");
        assert!(!dashes.err.contains("instead"), "{dashes:#?}");
    }

    #[test]
    fn a_value_out_of_bounds_is_refused() {
        let _ = allow(READ)
            .line("tail -n 101 {top}/var/log/a")
            .denied_because("101 does not match <rows>: 1 to 100");
        let _ = allow(READ).line("tail -n 05 {top}/var/log/a").denied_because("05 does not match <rows>");
        let _ = allow(READ).line("tail -n -5 {top}/var/log/a").denied_because("-n needs a value");
    }

    #[test]
    fn a_missing_operand_and_one_too_many_are_named() {
        let _ = allow(READ).line("cat").denied_because("missing <log>...");
        let _ = allow(READ).line("true now").denied_because("word 2 now: nothing more can follow");
    }

    #[test]
    fn options_may_stand_last_and_the_program_gets_them_first() {
        let answer = allow(READ).line("tail {top}/var/log/app.log -n 1").allowed();
        assert_eq!(answer.out, "three\n");
        assert!(answer.started()[0].starts_with("tail -n 1 /"), "{:?}", answer.started());
    }

    #[test]
    fn the_program_gets_the_path_that_was_judged() {
        let answer = allow(READ).line("cat {top}/var/log/app/../app.log").allowed();
        assert!(answer.started()[0].ends_with("/var/log/app.log") && !answer.started()[0].contains(".."));
    }

    #[test]
    fn an_exception_is_told_as_one() {
        let gate = allow(READ).file("var/log/secret/x.log", "secret\n");
        let answer = gate.line("cat {top}/var/log/secret/x.log").denied_because("is excepted");
        assert!(!answer.out.contains("secret"));
    }

    #[test]
    fn whether_a_path_outside_exists_is_not_told() {
        let there = allow(READ).line("cat {top}/etc/shadow").answer();
        let not = allow(READ).line("cat {top}/etc/shadox").answer();
        let told = |text: &str| crate::scenario::flat(text).split(" /tmp").next().unwrap_or_default().len();
        assert!(
            there.err.contains("does not match") && not.err.contains("does not match"),
            "{there:#?}{not:#?}"
        );
        assert_eq!(told(&there.err), told(&not.err));
    }

    #[test]
    fn an_empty_line_does_nothing() {
        let answer = allow(READ).line("").allowed();
        assert_eq!(answer.started(), Vec::<String>::new());
    }
}

mod denies {
    use super::*;

    #[test]
    fn a_denied_file_is_denied_however_it_is_spelled() {
        let deny = "[[deny]]\nfiles = [\"{top}/var/log/pay/**\"]\nreason = \"ask the security team\"\n";
        for line in [
            "cat {top}/var/log/pay/a",
            "cat {top}/var/log/app/../pay/a",
            "cat ../pay/a",
            "cat ../link",
            "cat ../pay/*",
        ] {
            let gate = rules(&format!("[[allow]]\ncommands = [{READ}]\n{deny}"));
            let gate = gate.file("var/log/pay/a", "secret\n").link("var/log/link", "{top}/var/log/pay/a");
            let answer = gate.line(line).denied_because("ask the security team");
            assert_eq!((answer.code_of_denial(), answer.out.as_str()), ("deny-rule", ""));
        }
    }

    #[test]
    fn denied_words_are_denied_wherever_they_stand() {
        let deny = "[[deny]]\nwords = [\"*prod*\"]\nprograms = [\"echo\"]\n";
        let gate =
            || rules(&format!("[[allow]]\ncommands = [\"echo <word>...\", \"printf <word>\"]\n{deny}"));
        let _ = gate().line("echo a the-prod-db").denied_because("denied");
        let _ = gate().line("/bin/echo prod").denied_because("denied");
        assert_eq!(gate().line("printf prod").allowed().out, "prod");
    }

    /// `-rf` would otherwise be typed `-fr`.
    #[test]
    fn denied_letters_are_denied_in_any_order_and_apart() {
        let printf = |deny: &str| {
            let rule = "[[allow]]\ncommands = [\"printf [-r|--recursive] [-fv] [-n <number>] <word>\"]\n";
            rules(&format!("{rule}[[deny]]\nprograms = [\"printf\"]\nwords = [\"{deny}\"]\n"))
        };
        for line in ["-rf x", "-fr x", "-r -f x", "x -f -v -r", "-rvf x", "-rn 5 -f x", "--recursive -f x"] {
            for deny in ["-rf", "-fr", "-rf*"] {
                let _ = printf(deny).line(format!("printf {line}")).denied_because("denied");
            }
        }
        for line in ["-r x", "-fv x", "-r x-f"] {
            for deny in ["-rf", "-rfvn"] {
                let answer = printf(deny).line(format!("printf {line}")).answer();
                assert_eq!(answer.events("command-start").len(), 1, "{deny}: {answer:#?}");
            }
        }
    }
}

mod lines {
    use super::*;

    #[test]
    fn nothing_of_a_line_runs_when_a_later_command_is_refused() {
        let answer =
            allow("\"touch <log>\", \"true\"").line("true && true ; id").denied_because("nothing was run");
        assert_eq!(answer.events("command-start").len(), 0);
    }

    #[test]
    fn a_refusal_says_which_stage_and_what_is_allowed_there() {
        let answer = allow(READ).line("cat {top}/var/log/a | wc -l | awk x");
        let _ = answer.denied_because("not allowed: awk (after the second |) nothing was run");
    }

    #[test]
    fn sequences_go_on_as_in_a_shell() {
        let tried = |line: &str| allow("\"echo <word>\", \"true\", \"false\"").line(line).answer();
        assert_eq!(tried("false && echo a ; echo b").out, "b\n");
        assert_eq!(tried("false || echo a && echo b").out, "a\nb\n");
        assert_eq!(tried("true || echo a").out, "");
        assert_eq!(tried("true ; false").code(), 1);
    }

    #[test]
    fn an_operator_the_group_does_not_permit_is_refused() {
        let gate = || Gatesh::new().policy("operators = [\"|\"]\n[[allow]]\ncommands = [\"true\", \"wc\"]\n");
        let answer = gate().line("true ; true").denied_because("does not permit the operators beside it");
        assert_eq!(answer.code_of_denial(), "operator-not-allowed");
        let _ = gate().line("true | wc").allowed();
    }

    #[test]
    fn a_pattern_is_expanded_and_each_result_judged() {
        let gate = || allow(READ).file("var/log/x1.log", "1\n").file("var/log/x2.log", "2\n");
        assert_eq!(gate().line("cat {top}/var/log/x?.log").allowed().out, "1\n2\n");
        let answer =
            gate().line("cat {top}/var/log/*.bak").denied_because("*.bak matches no file that you may name");
        assert_eq!(answer.code_of_denial(), "glob-failed");
        // One that is excepted is not found at all.
        let gate = gate().file("var/log/secret/x3.log", "secret\n");
        assert_eq!(gate.line("cat {top}/var/log/*/x?.log").answer().out, "");
    }

    #[test]
    fn a_pattern_in_quotes_is_a_name() {
        let _ = allow(READ).line("cat '{top}/var/log/*.log'").denied_because("does not exist");
    }

    #[test]
    fn what_only_a_shell_could_mean_is_an_error_with_its_column() {
        for (line, because) in [
            ("cat a > b", "column 7: > is not understood: there is no redirection here"),
            ("cat a 2>&1", "column 7: 2>&1 is not needed: errors already reach your screen"),
            ("cat $HOME", "column 5: $ is not understood"),
            ("true &", "column 6: & is not understood"),
            ("true #x", "column 6: # is not understood: there are no comments"),
            ("cat 'a", "column 5: the quote ' is not closed"),
            ("true |", "nothing stands after |"),
            ("ls && pwd", "pwd stands alone on a line"),
        ] {
            let answer = allow(READ).line(line).not_understood_because(because);
            assert_eq!(answer.code_of_denial(), "not-understood");
        }
    }

    #[test]
    fn a_session_ends_after_too_many_refusals() {
        let answer = allow(READ).session("max_denials = 3").lines("id\nid\nid\ntrue\n").answer();
        let answer = answer.says("3 refusals: session ended");
        assert_eq!((answer.code(), answer.started().len()), (126, 0));
        assert_eq!(answer.records.last().unwrap()["reason_code"], "max-denials");
    }
}

mod conditions {
    use super::*;

    #[test]
    fn a_rule_holds_only_where_its_labels_do() {
        let rule = "[[allow]]\ncommands = [\"true\"]\nwhen = { labels = [\"env=dev\"] }\n";
        let _ = rules(rule).host("labels = [\"env=dev\"]").line("true").allowed();
        let answer =
            rules(rule).host("labels = [\"env=prod\"]").line("true").denied_because("this rule holds only");
        assert_eq!(answer.code_of_denial(), "outside-when");
    }

    #[test]
    fn without_a_terminal_nobody_can_confirm() {
        let rule = "[[allow]]\ncommands = [\"true\"]\nconfirm = true\n";
        let answer =
            rules(rule).line("true").denied_because("asks for confirmation, and there is no terminal");
        assert_eq!(answer.code_of_denial(), "not-confirmed");
        let answer = rules(rule).lines("true\ny\n").answer().says("asks for confirmation");
        assert_eq!(answer.started(), Vec::<String>::new());
    }

    #[test]
    fn a_reason_is_asked_for_checked_and_recorded() {
        let rule = "[[allow]]\ncommands = [\"true\"]\nreason = \"<ticket>\"\n";
        let gate = || {
            let types = "[types]\nticket = { regex = 'CHG[0-9]{6}' }\n";
            Gatesh::new().policy(&format!("{types}{rule}"))
        };
        let answer = gate().line("true").denied_because("asks for a reason: give one with --reason");
        assert_eq!(answer.code_of_denial(), "no-reason");
        let _ = gate().with(&["--reason", "because"]).line("true").denied_because("because is not");
        let answer = gate().with(&["--reason", "CHG004711"]).line("true").allowed();
        assert_eq!(answer.events("command-start")[0]["stated_reason"], "CHG004711");
    }

    #[test]
    fn an_alias_is_its_words_and_is_judged() {
        let gate = || {
            rules("[aliases]\nerrors = \"tail -n 1\"\n[[allow]]\ncommands = [\"tail [-n <rows>] <log>\"]\n")
        };
        assert_eq!(gate().line("errors {top}/var/log/app.log").allowed().out, "three\n");
        let _ = gate().line("errors /etc/passwd").denied_because("does not match <log>");
    }

    #[test]
    fn a_time_limit_ends_the_command() {
        let gate = rules("[[allow]]\ncommands = [\"sleep <number>\"]\ntimeout = \"1s\"\n");
        let answer = gate.line("sleep 30").answer().says("stopped after 1s, the time limit of this rule");
        assert_eq!((answer.code(), answer.took.as_secs() < 10), (124, true));
        assert_eq!(answer.events("command-end")[0]["timed_out"], true);
    }

    #[test]
    fn a_set_is_drawn_in_by_include() {
        let set = "[[allow]]\ncommands = [\"true\"]\n";
        let gate = Gatesh::new()
            .set("more", set)
            .policy("include = [\"more\"]\n[[allow]]\ncommands = [\"false\"]\n");
        let _ = gate.line("true").allowed();
        let gate = Gatesh::new().set("more", set).policy("[[allow]]\ncommands = [\"false\"]\n");
        let _ = gate.line("true").denied_because("names it");
    }

    #[test]
    fn brief_explanations_show_no_rules() {
        let answer =
            allow(READ).session("explain = \"brief\"").line("cat /etc/shadow").denied_because("not allowed");
        assert!(!answer.err.contains("rule") && !answer.err.contains("/var/log"), "{}", answer.err);
    }
}

mod sessions {
    use super::*;

    #[test]
    fn the_last_status_is_the_sessions_and_signals_count_as_in_a_shell() {
        assert_eq!(allow(READ).line("false").answer().code(), 1);
        assert_eq!(allow(READ).lines("false\ntrue\n").answer().code(), 0);
        let gate = rules(
            "[[allow]]\ncommands = [\"timeout (-s <word>) <number> sleep <number>\"]\nexec = \"any\"\n",
        );
        assert_eq!(gate.line("timeout -s KILL 1 sleep 9").answer().code(), 137);
    }

    #[test]
    fn a_program_that_is_not_there_is_said_so() {
        let answer = allow("\"no-such-program <word>\"").line("no-such-program x").answer();
        assert_eq!(answer.code(), 127, "{answer:#?}");
        assert_eq!(answer.events("not-started")[0]["reason_code"], "no-program");
    }

    #[test]
    fn the_status_line_is_the_last() {
        let answer = allow(READ).with(&["--status-line"]).line("false").answer();
        assert_eq!(answer.out.lines().last(), Some("gatesh: exit status 1"));
    }

    #[test]
    fn a_pipes_commands_read_nothing_of_it_and_a_lines_do() {
        let answer = allow("\"cat\", \"true\"").lines("cat\ntrue\n").allowed();
        assert_eq!((answer.out.as_str(), answer.started().len()), ("", 2));
        let scene = allow("\"cat\"");
        let mut command = scene.command();
        command.args(["-c", "cat"]);
        assert_eq!(run(command, b"read\n").out, "read\n");
    }

    #[test]
    fn cd_goes_where_the_rules_let_it_and_nowhere_else() {
        let answer = allow(READ).lines("cd {top}/var/log\ncat app.log | wc -l\npwd\n").allowed();
        assert!(
            answer.out.starts_with("3\n") && answer.out.trim_end().ends_with("/var/log"),
            "{}",
            answer.out
        );
        for line in ["cd /", "cd {top}/etc", "cd ../../../etc", "cd {top}/nowhere"] {
            let answer = allow(READ).line(line).answer();
            assert_eq!(
                (answer.code(), answer.code_of_denial()),
                (126, "directory-not-allowed"),
                "{answer:#?}"
            );
        }
    }

    #[test]
    fn cd_minus_goes_back_and_says_where() {
        let gate = allow(READ);
        let (top, app) = (gate.spelled("{top}/var/log\n"), gate.spelled("{top}/var/log/app\n"));
        let lines = "cd -\ncd {top}/var/log\ncd -\ncd -\ncd /etc\ncd -\n";
        let answer = gate.lines(lines).answer();
        assert_eq!(answer.out, format!("{app}{top}{app}"));
        assert!(answer.err.contains("there is no directory before this one"), "{}", answer.err);
    }

    #[test]
    fn a_fault_in_the_rules_refuses_the_session_with_its_place() {
        let gate = Gatesh::new().policy("[[allow]]\ncommands = [\"cat <logs>\"]\n");
        let _ = gate.line("true").session_refused_because(".toml line 2");
    }

    #[test]
    fn too_many_sessions_are_refused() {
        // Of the same person, this one included: gatesh counts processes called gatesh.
        let gate = allow(READ).session("max_sessions = 1");
        let scene = allow(READ);
        let mut held = scene.at_terminal();
        held.shows("> ");
        let answer = gate.line("true").session_refused_because("the most that are allowed");
        assert_eq!(answer.records[0]["reason_code"], "too-many-sessions");
    }

    #[test]
    fn the_end_of_one_line_is_an_exit() {
        let answer = allow(READ).line("pwd").answer();
        assert_eq!(answer.records.last().unwrap()["reason_code"], "exit");
        let answer = allow(READ).lines("pwd\n").answer();
        assert_eq!(answer.records.last().unwrap()["reason_code"], "end-of-input");
    }

    #[test]
    fn the_environment_is_made_anew() {
        let gate = allow("\"env\"")
            .env("AWS_SECRET_ACCESS_KEY", "x")
            .env("BASH_ENV", "{top}/tmp/mk")
            .env("LANG", "C.UTF-8");
        let answer = gate.line("env").allowed().prints("PATH=").prints("LESSSECURE=1").prints("LANG=C.UTF-8");
        assert!(
            !answer.out.contains("AWS_SECRET") && !answer.out.contains("BASH_ENV") && !answer.marker,
            "{}",
            answer.out
        );
    }

    #[test]
    fn root_is_not_let_in_unless_the_policy_says_so() {
        if !crate::scenario::is_root() {
            return println!("skipped: it takes root to see root refused");
        }
        for (says, status) in [("root = false", 125), ("root = true", 0)] {
            let rules = "[[allow]]\ncommands = [\"true\"]\n";
            let scene = Gatesh::new().file("policy/groups.d/root.toml", rules).session(says);
            std::os::unix::fs::chown(scene.path("audit.log"), Some(0), Some(0)).unwrap();
            let mut command = scene.command();
            command.args(["-c", "true"]).uid(0).gid(0);
            assert_eq!(run(command, b"").code(), status, "{says}");
        }
    }
}
