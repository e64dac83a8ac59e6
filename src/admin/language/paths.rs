//! Paths as text. A person types them in many ways, so that the pattern takes any word for one; to sudo they come
//! resolved, and there each glob is said letter by letter.

use super::{Letters, Regular};
use crate::policy::glob::Glob;
use crate::policy::types::PathType;

/// What a name in a path is made of.
const NAME: Letters = Letters::GRAPHIC.without(Letters::of("/"));

/// The resolved paths of the type, without `.` and `..`: sudo does not resolve what it compares.
pub(super) fn paths(path: &PathType) -> Result<Regular, String> {
    if let Some(except) = path.except.first() {
        return Err(format!("excepts {}, which sudo cannot: list what it may be", except.text()));
    }
    Ok(Regular::either(path.globs.iter().map(glob).collect::<Result<Vec<_>, _>>()?))
}

/// The paths a glob matches.
pub(super) fn glob(glob: &Glob) -> Result<Regular, String> {
    let text = glob.text();
    let Some(names) = text.strip_prefix('/') else {
        return Err(format!("matches {text}, which is another place for everybody: sudo needs one for all"));
    };
    if names.is_empty() {
        return Ok(Regular::text("/"));
    }
    Ok(Regular::row(names.split('/').map(name).collect::<Result<Vec<_>, _>>()?))
}

/// One component of a glob, with the slash before it.
fn name(text: &str) -> Result<Regular, String> {
    let slash = Regular::text("/");
    match text {
        "**" => return Ok(Regular::row([slash, any_name()]).any_times()),
        "*" => return Ok(Regular::row([slash, any_name()])),
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
        '*' => Regular::letter(NAME).any_times(),
        '?' => Regular::letter(NAME),
        other => Regular::text(other.encode_utf8(&mut [0; 4])),
    });
    Ok(Regular::row(std::iter::once(slash).chain(each)))
}

/// A name that is neither `.` nor `..`.
fn any_name() -> Regular {
    let (dot, other, any) = (Regular::text("."), NAME.without(Letters::of(".")), Regular::letter(NAME));
    let plain = Regular::row([Regular::letter(other), any.clone().any_times()]);
    let hidden = Regular::row([dot.clone(), Regular::letter(other), any.clone().any_times()]);
    let odd = Regular::row([dot.clone(), dot, any.times(1, None)]);
    Regular::either([plain, hidden, odd])
}
