//! Whether a value that is still being typed can become one of its type. Where that cannot be told cheaply the
//! answer is yes: a word is called wrong only when nothing typed after it could mend it.

use std::path::Path;

use crate::policy::glob::Glob;
use crate::policy::paths::View;
use crate::policy::types::{Access, BuiltIn, Kind, Object, PathType, Type};

/// Whether some value of `wanted` begins with `start`. `path` is what stands for it where it is a path.
pub(super) fn may_begin(wanted: &Type, path: Option<&PathType>, view: &View, start: &str) -> bool {
    if start.is_empty() {
        return true;
    }
    match &wanted.kind {
        Kind::Path(own) => leads(path.unwrap_or(own), view, start),
        Kind::Regex(_) => !start.starts_with('-'),
        Kind::OneOf(values) => values.iter().any(|value| value.starts_with(start)),
        Kind::Integer { min, max } => digits(start, *min, *max),
        Kind::BuiltIn(built_in) => built_in_begins(*built_in, wanted, start),
    }
}

/// A number is begun by `start` if one more digit, or two, ... reach the range.
fn digits(start: &str, min: i64, max: i64) -> bool {
    if start == "-" {
        return min < 0;
    }
    let Ok(number) = start.parse::<i128>() else { return false };
    let is_plain =
        start.trim_start_matches('-').len() == 1 || !start.trim_start_matches('-').starts_with('0');
    let (low, high) = (i128::from(min), i128::from(max));
    let reaches = |power: u32| {
        let scale = 10_i128.pow(power);
        let spread = scale.saturating_sub(1);
        let (from, to) = match number < 0 || start.starts_with('-') {
            true => (number.saturating_mul(scale).saturating_sub(spread), number.saturating_mul(scale)),
            false => (number.saturating_mul(scale), number.saturating_mul(scale).saturating_add(spread)),
        };
        from <= high && to >= low
    };
    let more = if number == 0 { 0 } else { 19 };
    is_plain && start.len() <= 20 && (0..=more).any(reaches)
}

fn built_in_begins(built_in: BuiltIn, wanted: &Type, start: &str) -> bool {
    match built_in {
        BuiltIn::Number | BuiltIn::Pid => digits(start, 0, i64::MAX),
        BuiltIn::Port => digits(start, 0, 65_535),
        BuiltIn::Word | BuiltIn::User | BuiltIn::Group | BuiltIn::Unit | BuiltIn::Package => {
            ["", "a", "0"].iter().any(|more| wanted.takes(&format!("{start}{more}"), false))
        }
        BuiltIn::Text | BuiltIn::Any | BuiltIn::Host | BuiltIn::Date | BuiltIn::Duration | BuiltIn::Glob => {
            !start.starts_with('-')
        }
    }
}

/// A path is begun by `start` if its directory, as the kernel names it, with the name so far lies on the way to
/// a glob; or if a symbolic link there that begins so leads where a glob takes it.
pub(super) fn leads(wanted: &PathType, view: &View, start: &str) -> bool {
    if start.starts_with('-') {
        return false;
    }
    let (typed, name) = start.rsplit_once('/').map_or(("", start), |(typed, name)| (typed, name));
    if matches!(name, "." | "..") || typed.split('/').any(|part| part == "..") {
        return true;
    }
    let directory = directory_of(view, start);
    let begun = format!("{}/{name}", directory.trim_end_matches('/'));
    let is_excepted = wanted.except.iter().any(|glob| glob.takes_all_beneath(directory.as_bytes()));
    let may_begin = !is_excepted && wanted.globs.iter().any(|glob| glob.may_begin(begun.as_bytes()));
    may_begin || linked(wanted, view, &directory, name)
}

/// Where the name that is being typed lies, as the kernel calls it.
pub(super) fn directory_of(view: &View, start: &str) -> String {
    match start.rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        None => view.directory_name().to_string_lossy().into_owned(),
        Some((typed, _)) => really(view, typed),
    }
}

/// The directory's own name, or where there is none the typed one.
fn really(view: &View, typed: &str) -> String {
    let anywhere = PathType {
        object: Object::Directory,
        globs: Glob::path("/**", None).into_iter().collect(),
        except: Vec::new(),
        access: Access::Nothing,
        must_exist: true,
    };
    let found = view.resolve(&anywhere, typed, false).map(|found| found.path);
    let typed = || view.directory_name().join(typed);
    found.unwrap_or_else(|_| typed()).to_string_lossy().into_owned()
}

/// Entries looked at for links: what is asked for at every key must not take long in any directory.
const ENTRIES: usize = 2_000;

fn linked(wanted: &PathType, view: &View, directory: &str, name: &str) -> bool {
    if name.is_empty() || !matches!(view, View::Host { .. }) {
        return false;
    }
    let Ok(entries) = std::fs::read_dir(directory) else { return false };
    let is_link = |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_symlink());
    let begins = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with(name);
    let links = entries.take(ENTRIES).filter_map(Result::ok).filter(begins).filter(is_link);
    links.into_iter().any(|entry| {
        let real = std::fs::canonicalize(entry.path());
        real.is_ok_and(|real| within(wanted, &real))
    })
}

fn within(wanted: &PathType, real: &Path) -> bool {
    let name = real.as_os_str().as_encoded_bytes();
    wanted.covers(name) || wanted.leads_through(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_begun_as_long_as_more_digits_can_reach_its_range() {
        assert!(digits("1", 1, 10_000));
        assert!(digits("10", 1, 10_000));
        assert!(digits("5", 500, 599));
    }

    #[test]
    fn a_number_no_digit_can_mend_is_not_begun() {
        assert!(!digits("6", 500, 599));
        assert!(!digits("10001", 1, 10_000));
        assert!(!digits("0", 1, 10));
        assert!(!digits("05", 1, 10));
        assert!(!digits("x", 1, 10));
    }

    #[test]
    fn a_negative_number_is_begun_only_where_the_range_has_one() {
        assert!(digits("-1", -20, 19));
        assert!(!digits("-3", -2, 19));
        assert!(!digits("-1", 0, 19));
    }
}
