//! What must hold for any input whatever, besides that nothing panics and nothing takes long. The fuzzers try these on
//! inputs of their own making, `tests/fuzz.rs` on the seeds.
#![allow(dead_code, reason = "each fuzzer tries one of them")]

use std::path::PathBuf;
use std::rc::Rc;

use gatesh::admin::documents::audit::audit;
use gatesh::admin::documents::document::Document;
use gatesh::command::{Line, read};
use gatesh::excerpt::is_hidden;
use gatesh::identity::Identity;
use gatesh::policy::file::load_embedded;
use gatesh::policy::synopsis::{Synopsis, Value, ValueRefusal};
use gatesh::policy::types::{Access, Kind, Object, PathType, Type};
use gatesh::words::{MAX_COMMANDS, MAX_WORDS, Word, cut_until, quote};

const HOME: &str = "/home/ann";

/// A line as typed. What was cut holds nothing that cannot be seen, stays within the limits, and is cut the same
/// when it is quoted and read again.
pub(crate) fn words(line: &[u8]) {
    if let Ok(text) = str::from_utf8(line) {
        let _ = cut_until(text, HOME);
    }
    let Ok(Line::Run(line)) = read(line, HOME) else { return };
    let commands: Vec<_> = line.commands().map(|stage| stage.command).collect();
    assert!(!commands.is_empty() && commands.len() <= MAX_COMMANDS);
    assert!(commands.iter().map(|command| command.words().len()).sum::<usize>() <= MAX_WORDS);
    for command in commands {
        let texts: Vec<&str> = command.words().iter().map(Word::text).collect();
        assert!(texts.iter().all(|text| !text.chars().any(is_hidden)), "{texts:?}");
        let quoted: Vec<String> = texts.iter().map(|text| quote(text)).collect();
        match read(quoted.join(" ").as_bytes(), HOME) {
            Ok(Line::Run(again)) => {
                let again: Vec<&str> =
                    again.commands().flat_map(|stage| stage.command.words()).map(Word::text).collect();
                assert_eq!(again, texts, "{quoted:?}");
            }
            // A built-in's name, once its quotes are gone, or a line that its quotes made too long.
            Ok(Line::Builtin(_) | Line::Empty) | Err(_) => {}
        }
    }
}

/// A synopsis and, in the lines after it, words. What fits is given to the program in an order that fits again, and
/// is then left as it is.
pub(crate) fn synopsis(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let mut lines = text.split('\n');
    let synopsis = match Synopsis::parse(lines.next().unwrap_or_default(), &types) {
        Ok(synopsis) => synopsis,
        Err(faults) => return assert!(!faults.is_empty()),
    };
    for line in lines.take(4) {
        let words: Vec<Word> = line.split(' ').filter_map(Word::plain).take(64).collect();
        let Ok(fit) = synopsis.fits(&words, &mut value) else { continue };
        assert!(synopsis.next(&words, &mut value).is_ok(), "{text:?} fits and may not go on");
        let given: Vec<Word> = fit.arguments.iter().filter_map(|one| Word::plain(&one.text)).collect();
        let again = synopsis.fits(&given, &mut value).unwrap_or_else(|stop| panic!("{text:?}: {stop:?}"));
        let texts = |words: &[Word]| words.iter().map(|word| word.text().to_owned()).collect::<Vec<_>>();
        let again: Vec<String> = again.arguments.into_iter().map(|one| one.text).collect();
        assert_eq!(again, texts(&given), "{text:?}");
    }
}

/// A group's file. Every fault has its place and can be shown on a terminal.
pub(crate) fn policy(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let person = Identity {
        uid: 1000,
        user: "ann".to_owned(),
        home: PathBuf::from(HOME),
        shell: PathBuf::from("/bin/sh"),
        groups: Vec::new(),
    };
    if let Err(errors) = load_embedded("", ("team", text), &[], &person) {
        let shown = errors.to_string();
        assert!(!shown.chars().any(|c| c != '\n' && c.is_control()), "{shown:?}");
        assert!(shown.contains("team.toml"), "{shown}");
    }
}

/// A Session document.
pub(crate) fn document(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(document) = Document::read(text) {
        let _ = audit(&document);
    }
}

fn types(name: &str) -> Option<Rc<Type>> {
    let path = |object| {
        Kind::Path(PathType { object, globs: vec![], except: vec![], access: Access::Read, must_exist: true })
    };
    let kind = match name {
        "n" => Kind::Integer { min: -5, max: 9999 },
        "log" => path(Object::File),
        "dir" => path(Object::Directory),
        "when" => Kind::OneOf(["auto", "always", "never"].map(String::from).to_vec()),
        other => return Type::built_in(other),
    };
    Some(Rc::new(Type { name: name.to_owned(), kind }))
}

/// Paths are judged as text.
fn value(wanted: &Rc<Type>, _: &Word, text: &str, after_text: bool) -> Result<Value, ValueRefusal> {
    let takes = match wanted.name.as_str() {
        "log" => text.strip_suffix(".log").is_some_and(|stem| !stem.starts_with('-')),
        "dir" => text.starts_with('/'),
        _ => wanted.takes(text, after_text),
    };
    if takes { Ok(Value::Text) } else { Err(ValueRefusal::Text) }
}
