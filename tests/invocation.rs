//! How gatesh may be called, and everything it refuses to be called with.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use gatesh::input::invocation::{Action, HELP, Invocation, Source, UsageError, VERSION};

fn called(argv: &[&str]) -> Result<Invocation, UsageError> {
    called_with(argv, None)
}

/// `line` is what `SSH_ORIGINAL_COMMAND` holds.
fn called_with(argv: &[&str], line: Option<&str>) -> Result<Invocation, UsageError> {
    let argv: Vec<OsString> = argv.iter().map(OsString::from).collect();
    let line = line.map(OsString::from);
    Invocation::from_args(&argv, |name| line.as_ref().filter(|_| name == "SSH_ORIGINAL_COMMAND"))
}

fn called_with_bytes(argv: &[&[u8]]) -> Result<Invocation, UsageError> {
    let argv: Vec<OsString> = argv.iter().map(|word| OsStr::from_bytes(word).to_owned()).collect();
    Invocation::from_args(&argv, |_| None)
}

/// The refusal in the words the person reads, which are one line and end with the way out.
fn refused(argv: &[&str]) -> String {
    told(&called(argv).unwrap_err())
}

fn told(error: &UsageError) -> String {
    let text = error.to_string();
    assert!(!text.contains('\n'), "{text}");
    text.strip_suffix("; gatesh --help lists the options").unwrap_or_else(|| panic!("{text}")).to_owned()
}

fn line(text: &str) -> Source {
    Source::Line(text.as_bytes().to_vec())
}

mod ways_in {
    use super::*;

    #[test]
    fn without_arguments_lines_come_from_standard_input() {
        let plain = called(&["gatesh"]).unwrap();
        assert_eq!(plain.source, Source::StandardInput);
        assert_eq!((plain.login, plain.staging(), plain.action), (false, false, Action::Run));
    }

    #[test]
    fn without_even_a_name_it_is_no_login() {
        assert_eq!(called(&[]), called(&["gatesh"]));
        assert_eq!(called(&[""]), called(&["gatesh"]));
    }

    #[test]
    fn a_dash_before_the_name_is_a_login() {
        let login = called(&["-gatesh"]).unwrap();
        assert!(login.login);
        assert_eq!(login.source, Source::StandardInput);
    }

    #[test]
    fn su_gives_a_line_to_a_login_shell() {
        let su = called(&["-gatesh", "-c", "ls -la"]).unwrap();
        assert!(su.login);
        assert_eq!(su.source, line("ls -la"));
    }

    #[test]
    fn sudo_escapes_what_it_gives() {
        assert_eq!(called(&["-gatesh", "-c", r"ls a\ b"]).unwrap().source, line(r"ls a\ b"));
    }

    #[test]
    fn sshd_gives_the_line_of_scp() {
        assert_eq!(called(&["gatesh", "-c", "scp -t /srv"]).unwrap().source, line("scp -t /srv"));
    }

    #[test]
    fn a_session_document_names_a_group() {
        let session = called(&["/usr/bin/gatesh", "--group", "log-readers"]).unwrap();
        assert_eq!(session.group.as_deref(), Some("log-readers"));
        assert!(!session.login);
    }

    #[test]
    fn a_line_may_look_like_an_option() {
        for text in ["-c", "--", "--help", "-x", "--group=ops"] {
            assert_eq!(called(&["gatesh", "-c", text]).unwrap().source, line(text), "{text}");
        }
    }

    #[test]
    fn a_line_may_be_empty() {
        assert_eq!(called(&["gatesh", "-c", ""]).unwrap().source, line(""));
    }

    #[test]
    fn a_line_keeps_bytes_that_are_no_utf8() {
        let odd = called_with_bytes(&[b"gatesh", b"-c", b"cat \xff\n"]).unwrap();
        assert_eq!(odd.source, Source::Line(b"cat \xff\n".to_vec()));
    }

    #[test]
    fn forced_commands_come_from_the_environment() {
        let argv = ["gatesh", "--command-env", "SSH_ORIGINAL_COMMAND"];
        let name = "SSH_ORIGINAL_COMMAND".to_owned();
        let given = called_with(&argv, Some("ls /")).unwrap().source;
        assert_eq!(given, Source::Environment { name: name.clone(), value: Some(b"ls /".to_vec()) });
        assert_eq!(called(&argv).unwrap().source, Source::Environment { name, value: None });
    }

    #[test]
    fn all_that_goes_together_may_be_given_in_any_order() {
        let argv =
            ["gatesh", "--status-line", "--reason=CHG1", "--config", "/srv/p", "-c", "ls", "--group=a"];
        let all = called(&argv).unwrap();
        assert_eq!(all.config, Some(PathBuf::from("/srv/p")));
        assert_eq!((all.reason.as_deref(), all.group.as_deref()), (Some("CHG1"), Some("a")));
        assert!(all.status_line && all.staging());
    }

    #[test]
    fn the_demo_is_other_rules_than_the_hosts() {
        let demo = called(&["gatesh", "--demo", "-c", "ls"]).unwrap();
        assert!(demo.demo && demo.staging());
    }

    #[test]
    fn version_and_help_are_asked_for_by_their_long_names() {
        assert_eq!(called(&["gatesh", "--version"]).unwrap().action, Action::Version);
        assert_eq!(called(&["gatesh", "--help"]).unwrap().action, Action::Help);
        assert_eq!(called(&["-gatesh", "--help"]).unwrap().action, Action::Help);
    }
}

mod refusals {
    use super::*;

    #[test]
    fn shell_flags_are_no_options_here() {
        for flag in ["-l", "-i", "-x", "-s", "-h", "-V", "--login", "--norc"] {
            assert!(refused(&["gatesh", flag]).starts_with(&format!("there is no option {flag}")), "{flag}");
        }
    }

    #[test]
    fn a_misspelt_option_gets_the_nearest() {
        assert_eq!(
            refused(&["gatesh", "--confg", "/x"]),
            "there is no option --confg (did you mean --config?)"
        );
    }

    #[test]
    fn a_beginning_of_an_option_is_not_the_option() {
        for short in ["--conf=/x", "--vers", "--stat", "--dem"] {
            assert!(refused(&["gatesh", short]).starts_with("there is no option"), "{short}");
        }
    }

    #[test]
    fn flags_do_not_bundle_with_the_line() {
        assert!(refused(&["gatesh", "-lc", "ls"]).starts_with("there is no option -l"));
        assert_eq!(refused(&["gatesh", "-cls"]), "the line is a word of its own after -c");
        assert_eq!(refused(&["gatesh", "-c-c"]), "the line is a word of its own after -c");
        assert_eq!(refused(&["gatesh", "-c=ls"]), "the line is a word of its own after -c");
    }

    #[test]
    fn operands_are_not_passed_over() {
        let text = "script.sh is not understood: a command stands in quotes after -c";
        assert_eq!(refused(&["gatesh", "script.sh"]), text);
        assert_eq!(refused(&["gatesh", "-c", "ls", "script.sh"]), text);
    }

    #[test]
    fn an_empty_operand_is_one_too() {
        assert!(refused(&["gatesh", ""]).starts_with("an empty word is not understood"));
        assert!(refused(&["gatesh", "-"]).starts_with("there is no option -"));
    }

    #[test]
    fn a_double_dash_ends_nothing_here() {
        let text = "-- is not understood: a command stands in quotes after -c";
        let calls = [&["--"][..], &["-c", "ls", "--"], &["-c", "--", "--"], &["--", "-c", "ls"]];
        for arguments in calls {
            assert_eq!(refused(&[&["gatesh"], arguments].concat()), text, "{arguments:?}");
        }
    }

    #[test]
    fn an_option_needs_its_argument() {
        for option in ["-c", "--group", "--config", "--reason", "--command-env"] {
            let text = format!("{option} is not complete: it needs an option-argument");
            assert_eq!(refused(&["gatesh", option]), text);
        }
    }

    #[test]
    fn an_option_is_no_options_argument() {
        assert!(refused(&["gatesh", "--group", "--demo"]).starts_with("--group is not complete"));
        assert!(refused(&["gatesh", "--reason", "-c", "ls"]).starts_with("--reason is not complete"));
    }

    #[test]
    fn an_empty_option_argument_means_nothing() {
        for option in ["--group", "--config", "--reason", "--command-env"] {
            assert_eq!(refused(&["gatesh", option, ""]), format!("{option} is empty"));
            assert_eq!(refused(&["gatesh", &format!("{option}=")]), format!("{option} is empty"));
        }
    }

    #[test]
    fn a_flag_takes_no_argument() {
        for flag in ["--demo", "--status-line", "--version", "--help"] {
            let text = format!("{flag} takes no option-argument");
            assert_eq!(refused(&["gatesh", &format!("{flag}=yes")]), text);
        }
    }

    #[test]
    fn nothing_is_given_twice() {
        for option in ["-c", "--group", "--config", "--reason", "--command-env"] {
            assert_eq!(refused(&["gatesh", option, "a", option, "a"]), format!("{option} is given twice"));
        }
        for flag in ["--demo", "--status-line", "--version", "--help"] {
            assert_eq!(refused(&["gatesh", flag, flag]), format!("{flag} is given twice"));
        }
    }

    #[test]
    fn two_sources_of_lines_exclude_each_other() {
        let text = "-c and --command-env exclude each other";
        assert_eq!(refused(&["gatesh", "--command-env", "A", "-c", "ls"]), text);
    }

    #[test]
    fn the_demo_has_rules_and_a_group_of_its_own() {
        let config = refused(&["gatesh", "--config", "/x", "--demo"]);
        assert_eq!(config, "--demo and --config exclude each other");
        let group = refused(&["gatesh", "--group", "ops", "--demo"]);
        assert_eq!(group, "--demo and --group exclude each other");
    }

    #[test]
    fn version_and_help_stand_alone() {
        assert_eq!(refused(&["gatesh", "--version", "-c", "ls"]), "--version stands alone");
        assert_eq!(refused(&["gatesh", "--demo", "--help"]), "--help stands alone");
        assert_eq!(refused(&["gatesh", "--help", "--version"]), "--version stands alone");
    }

    #[test]
    fn a_login_shell_takes_no_other_rules() {
        assert_eq!(refused(&["-gatesh", "--config", "/x"]), "--config is not for login shells");
        assert_eq!(refused(&["-gatesh", "--demo", "-c", "ls"]), "--demo is not for login shells");
        assert_eq!(refused(&["-", "--demo"]), "--demo is not for login shells");
    }

    #[test]
    fn a_variable_that_is_set_but_empty_is_an_error() {
        let error = called_with(&["gatesh", "--command-env", "SSH_ORIGINAL_COMMAND"], Some("")).unwrap_err();
        assert_eq!(told(&error), "SSH_ORIGINAL_COMMAND is set but empty: there is nothing to run");
    }

    #[test]
    fn what_cannot_be_a_variable_is_not_looked_up() {
        for name in ["A=B", "1A", "A B", "$A", "A-B", "Ä"] {
            let text = format!("--command-env: {name} cannot be a variable's name");
            assert_eq!(refused(&["gatesh", "--command-env", name]), text);
        }
    }

    #[test]
    fn option_arguments_are_utf8() {
        for option in ["--group", "--config", "--reason", "--command-env"] {
            let error = called_with_bytes(&[b"gatesh", option.as_bytes(), b"a\xff"]).unwrap_err();
            assert_eq!(told(&error), format!("{option} is not valid UTF-8"));
        }
    }

    #[test]
    fn words_that_are_no_utf8_are_refused_all_the_same() {
        for word in [&b"\xff"[..], b"--\xff", b"-\xff", b"--demo=\xff"] {
            told(&called_with_bytes(&[b"gatesh", word]).unwrap_err());
        }
    }

    #[test]
    fn a_refusal_stays_one_short_line_whatever_is_typed() {
        let hostile = format!("--a\n\x1b[2J{}", "x".repeat(5000));
        let text = refused(&["gatesh", &hostile]);
        assert!(text.len() < 120 && !text.contains('\x1b'), "{text}");
        assert!(refused(&["gatesh", "--\u{202e}oga"]).contains("\\u{202e}"));
    }
}

mod help {
    use super::*;

    #[test]
    fn the_version_is_one_line() {
        assert_eq!(VERSION, format!("gatesh {}", env!("CARGO_PKG_VERSION")));
    }

    #[test]
    fn help_fits_a_terminal() {
        assert!(HELP.lines().all(|line| line.chars().count() <= 80));
        assert!(HELP.lines().count() < 24, "a screen");
    }

    #[test]
    fn help_names_every_option() {
        let options =
            ["-c LINE", "--command-env", "--group", "--reason", "--status-line", "--config", "--demo"];
        for option in options.into_iter().chain(["--version", "--help"]) {
            assert!(HELP.contains(option), "{option}");
        }
    }

    #[test]
    fn the_examples_of_help_are_understood() {
        assert!(called(&["gatesh", "--demo"]).is_ok());
        assert!(called(&["gatesh", "-c", "tail -n 20 /var/log/messages"]).is_ok());
    }
}

proptest::proptest! {
    #[test]
    fn every_refusal_is_one_line(argv in proptest::collection::vec("(--?[a-z=-]{0,9}|-c|\\PC{0,5}|\n)", 0..5)) {
        let argv: Vec<&str> = std::iter::once("gatesh").chain(argv.iter().map(String::as_str)).collect();
        if let Err(error) = called(&argv) {
            told(&error);
        }
    }

    #[test]
    fn a_line_arrives_byte_for_byte(text in proptest::collection::vec(1_u8.., 0..40)) {
        let invocation = called_with_bytes(&[b"-gatesh", b"-c", &text]).unwrap();
        assert_eq!(invocation.source, Source::Line(text));
    }
}
