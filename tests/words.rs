//! How lines are cut: tables of lines that are understood and lines that are refused, attacks on
//! restricted shells, and properties held against two other readers, the shell-words crate and dash.

#![cfg(test)]

use std::io::Write;
use std::process::{Command, Stdio};

use gatesh::words::{Token, cut, cut_until, quote};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

const HOME: &str = "/home/ann";

/// Each row of a table, split at tabs, its escapes not yet undone.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|row| !row.is_empty() && !row.starts_with("//")).map(|row| row.split('\t').collect())
}

/// Undoes `\xHH`, `\n`, `\t` and `\\`.
fn bytes(field: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = field.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let (byte, used) = match (first, after.first()) {
            (b'\\', Some(b'x')) => {
                (u8::from_str_radix(str::from_utf8(&after[1..3]).unwrap(), 16).unwrap(), 3)
            }
            (b'\\', Some(b'n')) => (b'\n', 1),
            (b'\\', Some(b't')) => (b'\t', 1),
            (b'\\', Some(b'\\')) => (b'\\', 1),
            (b'\\', _) => panic!("unknown escape in {field}"),
            _ => (first, 0),
        };
        bytes.push(byte);
        rest = &after[used..];
    }
    bytes
}

/// `<word> | <word>`, or `! code`.
fn reading(line: &[u8]) -> String {
    let show = |token: &Token| match token {
        Token::Word(word) => format!("<{}>", word.text()),
        Token::Operator(operator, _) => operator.as_str().to_owned(),
    };
    match cut(line, HOME) {
        Ok(tokens) => tokens.iter().map(show).collect::<Vec<_>>().join(" "),
        Err(fault) => format!("! {}", fault.code()),
    }
}

/// The words of each command, and the text between the operators they were cut from.
fn commands(line: &str, tokens: &[Token]) -> Vec<(String, Vec<String>)> {
    let mut start = 0;
    tokens
        .split_inclusive(|token| matches!(token, Token::Operator(..)))
        .map(|part| {
            let words = part.iter().filter_map(|token| match token {
                Token::Word(word) => Some(word.text().to_owned()),
                Token::Operator(..) => None,
            });
            let end = match part.last() {
                Some(Token::Operator(_, span)) => span.start,
                _ => line.len(),
            };
            let text = line[start..end].to_owned();
            start = part.last().map_or(end, |token| token.span().end);
            (text, words.collect())
        })
        .collect()
}

#[test]
fn lines_that_are_understood_are_cut_as_the_table_says() {
    for row in rows(include_str!("fixtures/words/accepted.tsv")) {
        let [line, expected] = row[..] else { panic!("{row:?}") };
        assert_eq!(reading(&bytes(line)), String::from_utf8(bytes(expected)).unwrap(), "{line}");
    }
}

#[test]
fn lines_that_are_not_understood_are_refused_for_the_reason_and_at_the_column_the_table_says() {
    let mut wrong = Vec::new();
    for row in rows(include_str!("fixtures/words/rejected.tsv")) {
        let [code, column, line] = row[..] else { panic!("{row:?}") };
        let fault = cut(&bytes(line), HOME).expect_err(line);
        if (fault.code(), fault.column().to_string().as_str()) != (code, column) {
            wrong.push(format!("{row:?} but {} {}", fault.code(), fault.column()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn attacks_on_the_line_itself_are_refused_or_cut_into_words_that_hide_nothing() {
    let mut wrong = Vec::new();
    for row in rows(include_str!("fixtures/words/attacks.tsv")) {
        let [_id, _family, line, expected] = row[..] else { panic!("{row:?}") };
        let read = reading(&bytes(line));
        if read.as_bytes() != bytes(expected) {
            wrong.push(format!("{row:?} but {read}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_message_is_one_short_line_that_begins_with_the_column() {
    for row in rows(include_str!("fixtures/words/rejected.tsv")) {
        let fault = cut(&bytes(row[2]), HOME).expect_err(row[2]);
        let message = fault.message();
        assert!(message.starts_with(&format!("column {}: ", fault.column())), "{message}");
        assert!(message.len() <= 76 && !message.ends_with('.') && message.is_ascii(), "{message}");
        let cure = fault.cure().unwrap_or_default();
        assert!(cure.len() <= 72 && !cure.contains('\n') && !cure.ends_with('.'), "{cure}");
    }
}

/// Lines made of what is special to some reader.
fn hostile() -> impl Strategy<Value = String> {
    let plain = ["a", "b", "l", "s", "2", "_", ".", ",", "-", "/", "=", "+", " ", " ", "  ", "\t", "é", "日"];
    let special = [
        "'", "\"", "\\", "'x y'", "\"x y\"", "\\ ", "|", "&", ";", "&&", "||", "*", "?", "[", "]", "!", "{",
        "}", "#", "~", "%", "^", "@", "$", "`", "<", ">", "(", ")", "\n", "\u{a0}", "\u{202e}", "\u{85}",
        "\0",
    ];
    let plain = prop::sample::select(plain.to_vec());
    let special = prop::sample::select(special.to_vec());
    let quiet =
        prop::sample::select(vec!["'", "\"", "\\", "'x y'", "\"x y\"", "\\ ", "|", "&&", ";", "*", "]", "^"]);
    let piece = prop_oneof![12 => plain, 6 => quiet, 1 => special];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_understood_reads_the_same_to_shell_words(line in hostile()) {
        let Ok(tokens) = cut(line.as_bytes(), "") else { return Ok(()) };
        for (text, words) in commands(&line, &tokens) {
            prop_assert_eq!(shell_words::split(&text).unwrap(), words);
        }
    }

    #[test]
    fn every_span_lies_in_the_line_and_after_the_one_before(line in hostile()) {
        let Ok(tokens) = cut(line.as_bytes(), HOME) else { return Ok(()) };
        let mut end = 0;
        for span in tokens.iter().map(Token::span) {
            prop_assert!(end <= span.start && span.start < span.end && line.get(span.start..span.end).is_some());
            end = span.end;
        }
    }

    #[test]
    fn no_word_holds_a_character_that_cannot_be_seen(line in hostile()) {
        for token in cut(line.as_bytes(), HOME).unwrap_or_default() {
            let Token::Word(word) = token else { continue };
            prop_assert!(!word.text().chars().any(gatesh::excerpt::is_hidden));
            prop_assert!(word.magic().iter().all(|&at| matches!(word.text().as_bytes()[at], b'*' | b'?' | b'[')));
        }
    }

    #[test]
    fn arbitrary_bytes_are_cut_or_refused_inside_the_line(line in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Err(fault) = cut(&line, HOME) {
            prop_assert!(fault.span().start <= fault.span().end && fault.span().end <= line.len());
            prop_assert!(fault.column() <= line.len() + 1);
        }
    }

    #[test]
    fn a_quoted_text_is_cut_into_itself(text in hostile()) {
        let typed = format!("x {}", quote(&text));
        let hidden = text.chars().any(gatesh::excerpt::is_hidden);
        match cut(typed.as_bytes(), HOME) {
            Ok(tokens) => prop_assert!(matches!(&tokens[..], [_, Token::Word(word)] if word.text() == text && word.magic().is_empty())),
            Err(fault) => prop_assert!(hidden, "{}", fault),
        }
    }

    #[test]
    fn a_line_up_to_the_cursor_is_read_like_the_whole_line(line in hostile()) {
        let partial = cut_until(&line, HOME);
        prop_assert!(line.get(partial.last.start..).is_some());
        let Ok(tokens) = cut(line.as_bytes(), HOME) else { return Ok(()) };
        prop_assert!(partial.fault.is_none() && tokens.starts_with(&partial.tokens));
        if let Some(Token::Word(word)) = tokens.get(partial.tokens.len()) {
            prop_assert_eq!(&partial.last.text, word.text());
        }
    }
}

/// What dash makes of each command's text: its words, patterns left alone.
fn dash(texts: &[String]) -> Option<Vec<Vec<String>>> {
    let mut script = String::from("set -f\np() { printf '%s\\0' \"$#\" \"$@\"; }\n");
    script.extend(texts.iter().map(|text| format!("p {text}\n")));
    let mut dash = Command::new("dash");
    let dash = dash.env_clear().env("HOME", HOME).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = dash.ok()?;
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(script.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let mut fields =
        output.stdout.split(|&byte| byte == 0).map(|field| String::from_utf8(field.to_vec()).unwrap());
    let mut take = || fields.next().unwrap();
    Some(texts.iter().map(|_| (0..take().parse().unwrap()).map(|_| take()).collect()).collect())
}

/// The commands of many lines that were understood: their text, and the words read from it.
fn understood() -> Vec<(String, Vec<String>)> {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let made = (0..20_000).map(|_| hostile().new_tree(&mut runner).unwrap().current());
    let table = rows(include_str!("fixtures/words/accepted.tsv"));
    let written = table.map(|row| String::from_utf8(bytes(row[0])).unwrap());
    made.chain(written)
        .filter_map(|line| cut(line.as_bytes(), HOME).ok().map(|tokens| commands(&line, &tokens)))
        .flatten()
        .collect()
}

#[test]
fn what_is_understood_reads_the_same_to_dash() {
    let (texts, words): (Vec<_>, Vec<_>) = understood().into_iter().unzip();
    assert!(texts.len() > 2_000, "only {} commands were understood", texts.len());
    match dash(&texts) {
        Some(read) => {
            for (text, (dash, ours)) in texts.iter().zip(read.iter().zip(&words)) {
                assert_eq!(dash, ours, "{text}");
            }
        }
        None => crate::scenario::lacks("dash"),
    }
}
