use super::*;

fn fault(line: &str) -> LineFault {
    cut(line.as_bytes(), "/home/ann").expect_err(line)
}

fn words(line: &str, home: &str) -> Vec<Word> {
    let tokens = cut(line.as_bytes(), home).unwrap();
    tokens
        .into_iter()
        .map(|token| match token {
            Token::Word(word) => word,
            Token::Operator(..) => panic!("an operator in {line}"),
        })
        .collect()
}

#[track_caller]
fn said(line: &str, message: &str, cure: Option<&str>) {
    let fault = fault(line);
    assert_eq!((fault.to_string().as_str(), fault.cure().as_deref()), (message, cure));
}

#[test]
fn shell_syntax_is_answered_with_the_place_and_the_way_out() {
    said(
        "grep error app.log > /tmp/x",
        "column 20: > is not understood: there is no redirection here",
        Some("to search for the character itself, quote it: '>'"),
    );
    said("tail app.log 2>&1 | less", "column 14: 2>&1 is not needed: errors already reach your screen", None);
    said("ls $HOME", "column 4: $ is not understood: variables are not expanded. ~ is your home", None);
}

#[test]
fn another_variable_than_home_is_told_how_to_be_searched_for() {
    said(
        "grep \"a$\" x",
        "column 8: $ is not understood: variables are not expanded",
        Some("to search for the character itself, quote it: '$'"),
    );
}

#[test]
fn hidden_errors_cannot_be_had_and_copied_ones_are_not_needed() {
    said(
        "ls 2>/dev/null",
        "column 4: 2>/dev/null is not understood: errors already reach your screen",
        Some("leave it out: errors are always shown"),
    );
    said("ls 1>&2", "column 4: 1>&2 is not needed: errors already reach your screen", None);
    said(
        "ls >&/tmp/x",
        "column 4: >&/tmp/x is not understood: errors already reach your screen",
        Some("leave it out: errors are always shown"),
    );
}

#[test]
fn what_a_message_repeats_is_short_and_escaped() {
    let message = fault(&format!("ls ~{}", "x".repeat(4000))).message();
    assert!(message.len() < 80, "{message}");
    assert!(fault("ls ~a\u{a0}b").message().contains("~a\\u{a0}b is not understood"));
}

#[test]
fn a_line_that_is_too_long_is_refused_before_anything_of_it_is_read() {
    let mut line = vec![b'a'; 2 * 1024 * 1024];
    line[0] = 0xff;
    assert_eq!(cut(&line, "").unwrap_err().code(), "line-too-long");
    assert_eq!(cut(&vec![b' '; MAX_LINE], ""), Ok(Vec::new()));
    assert_eq!(cut(&vec![b' '; MAX_LINE + 1], "").unwrap_err().column(), MAX_LINE + 1);
}

#[test]
fn reading_stops_at_the_first_word_too_many() {
    assert_eq!(words(&"a ".repeat(MAX_WORDS), "").len(), MAX_WORDS);
    let line = format!("{} $", "a ".repeat(MAX_WORDS + 1));
    assert_eq!((fault(&line).code(), fault(&line).column()), ("too-many-words", 2 * MAX_WORDS + 1));
}

#[test]
fn commands_and_pipelines_have_a_greatest_length() {
    let joined = |by: &str, count: usize| vec!["a"; count].join(by);
    assert!(cut(joined(";", MAX_COMMANDS).as_bytes(), "").is_ok());
    assert_eq!(fault(&joined(";", MAX_COMMANDS + 1)).code(), "too-many-commands");
    assert!(cut(joined("|", MAX_PIPELINE).as_bytes(), "").is_ok());
    assert_eq!(fault(&joined("|", MAX_PIPELINE + 1)).code(), "pipeline-too-long");
    let two = format!("{};{}", joined("|", MAX_PIPELINE), joined("|", MAX_PIPELINE));
    assert!(cut(two.as_bytes(), "").is_ok());
}

#[test]
fn a_word_is_as_long_as_a_path_can_be() {
    assert_eq!(words(&"a".repeat(MAX_WORD), "")[0].text().len(), MAX_WORD);
    assert_eq!(fault(&"a".repeat(MAX_WORD + 1)).code(), "word-too-long");
    let home = cut(format!("~/{}", "a".repeat(MAX_WORD - 5)).as_bytes(), "/home/ann").unwrap_err();
    assert_eq!(home.code(), "word-too-long");
}

#[test]
fn deep_nesting_is_refused_at_its_first_character_or_costs_nothing() {
    assert_eq!(fault(&"(".repeat(MAX_LINE)).column(), 1);
    assert_eq!(fault(&"{".repeat(MAX_LINE)).code(), "word-too-long");
    assert_eq!(fault(&"{,".repeat(5000)).code(), "word-too-long");
}

#[test]
fn pattern_characters_count_only_outside_quotes() {
    assert_eq!(words(r#"a*\*'?'"["b?[x]"#, "")[0].magic(), [1, 6, 7]);
    assert_eq!(words(r#"a*\*'?'"["b?[x]"#, "")[0].text(), "a**?[b?[x]");
}

#[test]
fn pattern_characters_of_the_home_directory_are_none() {
    let word = &words("~/*.log", "/srv/[a]*")[0];
    assert_eq!((word.text(), word.magic()), ("/srv/[a]*/*.log", &[10][..]));
}

#[test]
fn home_is_replaced_whatever_it_ends_in() {
    let texts = |home| [words("~", home)[0].text().to_owned(), words("~/x*", home)[0].text().to_owned()];
    assert_eq!(texts("/"), ["/", "/x*"]);
    assert_eq!(texts("/home/ann/"), ["/home/ann", "/home/ann/x*"]);
    assert_eq!(words("~/x*", "/")[0].magic(), [2]);
}

#[test]
fn without_a_home_directory_tilde_is_refused() {
    for home in ["", "ann", "/home/\u{1b}"] {
        assert_eq!(cut(b"ls ~", home).unwrap_err().code(), "no-home");
    }
}

#[test]
fn spans_cover_what_was_typed_quotes_included() {
    let tokens = cut("ls 'é b'|x".as_bytes(), "").unwrap();
    let spans: Vec<Span> = tokens.iter().map(Token::span).collect();
    assert_eq!(spans, [Span::new(0, 2), Span::new(3, 9), Span::new(9, 10), Span::new(10, 11)]);
}

#[test]
fn a_found_name_that_can_be_no_word_is_none() {
    for name in ["", "a\nb", "\u{1b}[2J", "a\u{202e}b", "\u{200b}", "\u{7f}", &"a".repeat(MAX_WORD + 1)] {
        assert_eq!(Word::found(name.to_owned(), Span::new(0, 1)), None, "{name:?}");
    }
    let word = Word::found("a b*".to_owned(), Span::new(3, 5)).unwrap();
    assert_eq!((word.text(), word.span(), word.magic()), ("a b*", Span::new(3, 5), &[][..]));
}

#[test]
fn another_text_keeps_the_place_and_is_taken_literally() {
    let word = words("ls *", "")[1].with_text("/x/*".to_owned()).unwrap();
    assert_eq!((word.text(), word.span(), word.magic()), ("/x/*", Span::new(3, 4), &[][..]));
    assert_eq!(word.with_text("a\tb".to_owned()), None);
    assert_eq!(Word::plain("a\0b"), None);
    assert_eq!(Word::plain("").unwrap().text(), "");
}

#[test]
fn only_an_open_quote_can_still_be_mended_by_another_line() {
    assert!(fault("grep 'a").is_open_quote() && fault("grep \"a").is_open_quote());
    assert!(!fault("grep a \\").is_open_quote() && !fault("ls |").is_open_quote());
}

#[test]
fn a_word_is_quoted_no_more_than_it_needs() {
    let quoted =
        ["a.log", "", "a b", "it's", "it's $x", "~", "a~", "*", "!", "A=1", "日本", "#", "a#"].map(quote);
    let expected = [
        "a.log",
        "''",
        "'a b'",
        "\"it's\"",
        "'it'\\''s $x'",
        "'~'",
        "a~",
        "'*'",
        "!",
        "'A=1'",
        "日本",
        "'#'",
        "a#",
    ];
    assert_eq!(quoted, expected);
}

#[track_caller]
fn typed(line: &str, before: usize, text: &str, quote: Quote, start: usize) {
    let partial = cut_until(line, "/home/ann");
    let last = PartialWord { text: text.to_owned(), start, quote, magic: Vec::new() };
    assert_eq!((partial.tokens.len(), partial.last, partial.fault), (before, last, None));
}

#[test]
fn the_word_at_the_cursor_is_known_after_blanks_operators_quotes_and_escapes() {
    typed("", 0, "", Quote::None, 0);
    typed("tai", 0, "tai", Quote::None, 0);
    typed("tail ", 1, "", Quote::None, 5);
    typed("tail -n 5 | gr", 4, "gr", Quote::None, 12);
    typed("a&&", 2, "", Quote::None, 3);
    typed("cat 'a b", 1, "a b", Quote::Single, 4);
    typed("cat x\"a b", 1, "xa b", Quote::Double, 4);
    typed("cat a\\ b", 1, "a b", Quote::None, 4);
    typed("cat 'a b'", 1, "a b", Quote::None, 4);
    typed("cat ~/lo", 1, "/home/ann/lo", Quote::None, 4);
    typed("cat ~/'lo", 1, "/home/ann/lo", Quote::Single, 4);
}

#[test]
fn a_fault_before_the_cursor_comes_with_what_was_understood() {
    let partial = cut_until("ls | cat a$x b", "");
    assert_eq!(partial.fault.unwrap().code(), "variable");
    assert_eq!((partial.tokens.len(), partial.last.text.as_str(), partial.last.start), (3, "a", 9));
}
