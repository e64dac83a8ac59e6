//! A value of each type as a POSIX extended regular expression, for sudoers. Never narrower than the type, and
//! never with a blank in it; where it cannot be both without taking much more, it is refused by name.

use super::super::documents::automata::{Language, read, shortest};
use super::sudo_arguments::either;
use crate::policy::glob::Glob;
use crate::policy::types::{BuiltIn, Kind, PathType, Type};

/// One name in a path, which is neither `.` nor `..`: sudo does not resolve what it compares.
const NAME: &str = r"([^[:space:]/.][^[:space:]/]*|\.[^[:space:]/.][^[:space:]/]*|\.\.[^[:space:]/]+)";

/// What no value may be: a second word, a control character, an option.
const NEVER: &str = r"(?s:.*)[^!-~](?s:.*)|-(?s:.*)";
/// The same where text stands before the value.
const NEVER_INSIDE: &str = r"(?s:.*)[^!-~](?s:.*)";

/// The expression for a value of `wanted`; `inside` says that text stands before it in the same word.
pub(super) fn word(wanted: &Type, inside: bool) -> Result<String, String> {
    let unsayable = |why: &str| format!("<{}> {why}", wanted.name);
    match &wanted.kind {
        Kind::OneOf(values) if values.iter().any(|value| value.contains(|c: char| !c.is_ascii_graphic())) => {
            Err(unsayable("has a value with a blank in it, where sudo would see two words"))
        }
        Kind::OneOf(values) => Ok(either(&values.iter().map(|value| literal(value)).collect::<Vec<_>>())),
        Kind::Integer { min, max } => Ok(integer(*min, *max, inside)),
        Kind::Regex(pattern) => expression(pattern.text(), inside).map_err(|why| unsayable(&why)),
        Kind::Path(path) => paths(path).map_err(|why| unsayable(&why)),
        Kind::BuiltIn(built_in) => built_in_value(*built_in).map(str::to_owned).ok_or_else(|| {
            unsayable("may have a blank in it, where sudo would see two words: use a narrower type")
        }),
    }
}

/// `text` and nothing else.
pub(super) fn literal(text: &str) -> String {
    let special = |c: char| r"\.[]{}()*+?^$|".contains(c);
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// As many digits as the longest may have.
fn integer(min: i64, max: i64, inside: bool) -> String {
    let digits = |number: i64| number.unsigned_abs().to_string().len();
    let sign = if inside && min < 0 { "-?" } else { "" };
    let most = if inside { digits(min).max(digits(max)) } else { digits(max) };
    format!("{sign}(0|[1-9][0-9]{{0,{}}})", most.saturating_sub(1))
}

/// `None` for types whose values may have blanks.
fn built_in_value(built_in: BuiltIn) -> Option<&'static str> {
    Some(match built_in {
        BuiltIn::Word => "[A-Za-z0-9_][A-Za-z0-9_.,:=-]*",
        BuiltIn::Text | BuiltIn::Any | BuiltIn::Date => return None,
        BuiltIn::Number => "(0|[1-9][0-9]{0,17})",
        BuiltIn::Host => "[A-Za-z0-9_:][A-Za-z0-9_.:-]*",
        BuiltIn::Port => "[1-9][0-9]{0,4}",
        BuiltIn::User | BuiltIn::Group => "[A-Za-z_][A-Za-z0-9_-]{0,31}[$]?",
        BuiltIn::Pid => "[1-9][0-9]{0,6}",
        BuiltIn::Unit => "[A-Za-z0-9_.@:][A-Za-z0-9_.@:-]*",
        BuiltIn::Package => "[A-Za-z0-9]([A-Za-z0-9+._-]*[A-Za-z0-9._])?",
        BuiltIn::Duration => "[0-9][0-9a-z.]*",
        BuiltIn::Glob => "[]A-Za-z0-9._*?[!@+:,=][]A-Za-z0-9._*?[!@+:,=-]*",
    })
}

/// A type's own expression, where POSIX reads it alike and it takes one word that is no option.
fn expression(text: &str, inside: bool) -> Result<String, String> {
    let never = read(if inside { NEVER_INSIDE } else { NEVER });
    let (Ok(tree), Ok(never)) = (read(text), never) else {
        return Err("is an expression that sudo reads otherwise".to_owned());
    };
    match shortest(&[&Language::described(&tree), &Language::described(&never)]) {
        Ok(None) => {}
        Ok(Some(value)) => {
            return Err(format!(
                "also takes {value:?}, which sudo cannot tell from an option or from two words: narrow it"
            ));
        }
        Err(_) => return Err("is too large an expression".to_owned()),
    }
    let posix = posix(text).ok_or("is an expression that sudo reads otherwise: use [...] for \\ classes")?;
    Ok(format!("({posix})"))
}

/// In POSIX's spelling; `None` for what POSIX lacks.
fn posix(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..)?;
        match c {
            '(' => {
                rest = rest.strip_prefix("?:").unwrap_or(rest);
                if rest.starts_with(['?', '*', ')', '|']) {
                    return None;
                }
                out.push('(');
            }
            '[' => {
                let end = rest.find(']').filter(|end| *end > 0)?;
                let inside = rest.get(..end)?;
                if inside.starts_with('^') || inside.contains(['\\', '[', '&', '~']) {
                    return None;
                }
                out.extend(["[", inside, "]"]);
                rest = rest.get(end + 1..)?;
            }
            '\\' => {
                let escaped = rest.chars().next()?;
                rest = rest.get(escaped.len_utf8()..)?;
                out.push_str(&escape(escaped)?);
            }
            '+' | '*' | '?' | '}' if rest.starts_with(['?', '+', '*', '{']) => return None,
            '.' | '^' | '$' => return None,
            other => out.push(other),
        }
    }
    Some(out)
}

fn escape(escaped: char) -> Option<String> {
    match escaped {
        'd' => Some("[0-9]".to_owned()),
        'w' => Some("[0-9A-Za-z_]".to_owned()),
        c if c.is_ascii_punctuation() => Some(literal(&c.to_string())),
        _ => None,
    }
}

fn paths(path: &PathType) -> Result<String, String> {
    if let Some(except) = path.except.first() {
        return Err(format!("excepts {}, which sudo cannot: list what it may be", except.text()));
    }
    let all: Vec<String> = path.globs.iter().map(glob).collect::<Result<_, _>>()?;
    Ok(either(&all))
}

fn glob(glob: &Glob) -> Result<String, String> {
    let text = glob.text();
    let Some(names) = text.strip_prefix('/') else {
        return Err(format!("matches {text}, which is another place for everybody: sudo needs one for all"));
    };
    if names.is_empty() {
        return Ok("/".to_owned());
    }
    let all: Vec<String> = names.split('/').map(name).collect::<Result<_, _>>()?;
    Ok(all.concat())
}

/// One component of a glob, with the slash before it.
fn name(text: &str) -> Result<String, String> {
    match text {
        "**" => return Ok(format!("(/{NAME})*")),
        "*" => return Ok(format!("/{NAME}")),
        _ => {}
    }
    let leaves = |dots: &[u8]| Glob::word(text).is_ok_and(|glob| glob.matches(dots));
    if text.contains(['*', '?']) && (leaves(b".") || leaves(b"..")) {
        return Err(format!(
            "has {text} in a path, which is .. to sudo as well: write * or begin with a letter"
        ));
    }
    if text.contains(char::is_whitespace) {
        return Err(format!("has a blank in {text}, where sudo would see two words"));
    }
    let each = text.chars().map(|c| match c {
        '*' => "[^[:space:]/]*".to_owned(),
        '?' => "[^[:space:]/]".to_owned(),
        other => literal(&other.to_string()),
    });
    Ok(format!("/{}", each.collect::<String>()))
}
