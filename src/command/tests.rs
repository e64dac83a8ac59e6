use super::*;

fn line(text: &str) -> Line {
    read(text.as_bytes(), "/home/ann").unwrap()
}

fn run(text: &str) -> CommandLine {
    match line(text) {
        Line::Run(line) => line,
        other => panic!("{text}: {other:?}"),
    }
}

#[track_caller]
fn refused(text: &str, code: &str, message: &str) {
    let fault = read(text.as_bytes(), "/home/ann").expect_err(text);
    assert_eq!((fault.code(), fault.message().as_str()), (code, message));
}

fn word(text: &str) -> Word {
    Word::plain(text).unwrap()
}

#[test]
fn a_blank_line_asks_for_nothing() {
    assert_eq!(line(""), Line::Empty);
    assert_eq!(line(" \t "), Line::Empty);
}

#[test]
fn operators_join_commands_into_pipelines_and_pipelines_into_a_line() {
    let line = run("a 1 | b && c || d | e ; f");
    let names =
        |pipeline: &Pipeline| pipeline.commands.iter().map(Command::name).collect::<Vec<_>>().join("|");
    let rest: Vec<_> = line.rest.iter().map(|(joint, pipeline)| (*joint, names(pipeline))).collect();
    assert_eq!(names(&line.first), "a|b");
    let expected = [(Joint::And, "c"), (Joint::Or, "d|e"), (Joint::Then, "f")];
    assert_eq!(rest, expected.map(|(joint, names)| (joint, names.to_owned())));
}

#[test]
fn every_command_knows_its_number_and_what_stands_before_it() {
    let line = run("a | b && c | d ; e");
    let stages: Vec<_> =
        line.commands().map(|stage| (stage.index, stage.after, stage.nth, stage.command.name())).collect();
    let expected = [
        (0, None, 0, "a"),
        (1, Some(Operator::Pipe), 1, "b"),
        (2, Some(Operator::And), 1, "c"),
        (3, Some(Operator::Pipe), 2, "d"),
        (4, Some(Operator::Then), 1, "e"),
    ];
    assert_eq!(stages, expected);
}

#[test]
fn a_command_has_at_least_one_word_and_keeps_its_place_under_other_words() {
    assert_eq!(Command::new(Vec::new()), None);
    let command = run("ls | ll x").commands().nth(1).unwrap().command.clone();
    assert_eq!((command.name(), command.span()), ("ll", Span::new(5, 9)));
    let longer = command.with_words(vec![word("ls"), word("-l")]).unwrap();
    assert_eq!((longer.name(), longer.arguments().len(), longer.span()), ("ls", 1, Span::new(5, 9)));
    assert_eq!(command.with_words(Vec::new()), None);
}

#[test]
fn built_ins_are_named_with_what_they_were_given() {
    assert_eq!(line("help"), Line::Builtin(Builtin::Help(Vec::new())));
    assert_eq!(line("?"), Line::Builtin(Builtin::Help(Vec::new())));
    for asked in ["help tail -n", "? tail -n"] {
        assert!(matches!(line(asked), Line::Builtin(Builtin::Help(words)) if words.len() == 2));
    }
    assert_eq!(line("cd"), Line::Builtin(Builtin::Cd(None)));
    assert!(matches!(line("cd ~"), Line::Builtin(Builtin::Cd(Some(word))) if word.text() == "/home/ann"));
    assert_eq!(line("fg"), Line::Builtin(Builtin::Foreground(None)));
    assert_eq!(line("fg %2"), Line::Builtin(Builtin::Foreground(Some(2))));
    assert_eq!(line("bg 3"), Line::Builtin(Builtin::Background(Some(3))));
    assert_eq!(line("logout"), line("exit"));
}

#[test]
fn every_name_of_a_built_in_is_one() {
    for name in Builtin::NAMES {
        assert!(matches!(line(name), Line::Builtin(_)), "{name}");
    }
}

#[test]
fn a_built_in_beside_an_operator_is_refused_wherever_it_stands() {
    refused("cd /tmp && ls", "builtin-not-alone", "column 1: cd stands alone on a line");
    refused("ls | history", "builtin-not-alone", "column 6: history stands alone on a line");
    refused("ls; 'exit'", "builtin-not-alone", "column 5: exit stands alone on a line");
    refused("ls || ?", "builtin-not-alone", "column 7: ? stands alone on a line");
}

#[test]
fn a_built_in_with_words_it_does_not_take_is_refused() {
    refused("pwd -P", "builtin-operands", "column 5: pwd takes no operands");
    refused("cd a b", "builtin-operands", "column 4: cd takes one directory");
    refused("fg %x", "builtin-operands", "column 4: fg takes one job, such as %1");
    let exit = "column 6: exit takes nothing: the session ends with the last exit status";
    refused("exit 3", "builtin-operands", exit);
}

#[test]
fn job_numbers_count_from_one_and_fit() {
    for job in ["0", "%0", "-1", "+1", "%", "''", "%%", "99999999999", "1 2"] {
        let fault = read(format!("bg {job}").as_bytes(), "").expect_err(job);
        assert_eq!(fault.code(), "builtin-operands", "{job}");
    }
}

#[test]
fn what_cannot_be_cut_cannot_be_named() {
    refused(
        "cd $HOME",
        "variable",
        "column 4: $ is not understood: variables are not expanded. ~ is your home",
    );
    refused("cd /tmp;", "nothing-after", "column 8: nothing stands after ;");
}
