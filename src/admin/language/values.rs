//! A value of each type, and one word that may be one of several.

use super::built_in::{built_in, numbers};
use super::expression::expression;
use super::paths::paths;
use super::{Aim, Letters, Regular};
use crate::policy::synopsis::Pattern;
use crate::policy::types::{BuiltIn, Kind, Type};

/// Makes the languages of one synopsis's words.
pub(super) struct Maker {
    pub(super) aim: Aim,
    /// The characters a word may have.
    pub(super) letters: Letters,
    /// The synopsis has options that begin with `+`.
    pub(super) plus: bool,
    /// What was left out, in words for the admin.
    pub(super) left_out: Vec<String>,
}

const DASH: Letters = Letters::of("-");

impl Maker {
    /// Any word at all that is no option.
    pub(super) fn any_word(&self) -> Regular {
        let first = Regular::letter(self.letters.without(DASH));
        Regular::row([first, Regular::letter(self.letters).any_times()])
    }

    /// The same, and what begins with a dash: a path as a person types it, or anything behind `--name=`.
    fn any_text(&self) -> Regular {
        Regular::letter(self.letters).times(1, None)
    }

    /// What stands between two words.
    pub(super) fn blank(&self) -> Regular {
        match self.aim {
            Aim::AtLeast => Regular::text(" ").times(1, None),
            Aim::AtMost => Regular::text(" "),
        }
    }

    /// A word, with the blank before it.
    pub(super) fn next(&self, word: Regular) -> Regular {
        Regular::row([self.blank(), word])
    }

    /// One word, or the value's part of it behind an option's own letter or (`equals`) `--name=`.
    pub(super) fn word(&mut self, patterns: &[Pattern], place: Place) -> Result<Regular, String> {
        let mut ways = Vec::new();
        for pattern in patterns {
            let Pattern { before, value, after } = pattern;
            let Some(wanted) = value else {
                ways.push(self.text(before));
                continue;
            };
            let inside = place != Place::Word || !before.is_empty();
            let dashed = place == Place::Equals && before.is_empty();
            let mut not_first = if dashed { Letters::default() } else { DASH };
            if self.plus && !inside && !may_begin_with_plus(wanted) {
                not_first = not_first.or(Letters::of("+"));
            }
            let value = self.value(wanted, dashed)?.not_beginning_with(not_first);
            ways.push(Regular::row([self.text(before), value, self.text(after)]));
        }
        Ok(self.simplest(ways, place))
    }

    fn text(&mut self, text: &str) -> Regular {
        let written = Regular::text(text).within(self.letters);
        if written.is_never() && self.aim == Aim::AtMost {
            self.leave_out(format!("\"{text}\" is left out: it has a blank in it or is not ASCII"));
        }
        written
    }

    fn leave_out(&mut self, why: String) {
        if !self.left_out.contains(&why) {
            self.left_out.push(why);
        }
    }

    /// Readers that try one way after the other must not find two for one word: where values may overlap, any
    /// word takes their place.
    fn simplest(&self, ways: Vec<Regular>, place: Place) -> Regular {
        let any = if place == Place::Equals { self.any_text() } else { self.any_word() };
        let overlap =
            |at: usize, way: &Regular| ways.iter().skip(at + 1).any(|other| !way.is_apart_from(other));
        let clear = self.aim == Aim::AtMost || ways.len() == 1 || {
            !ways.contains(&any) && !ways.iter().enumerate().any(|(at, way)| overlap(at, way))
        };
        if clear {
            return Regular::either(ways);
        }
        let dashed =
            ways.into_iter().map(|way| way.within(self.letters)).filter(|way| way.is_apart_from(&any));
        Regular::either(dashed.chain([any.clone()]))
    }

    /// `dashed`: those that begin with `-` too.
    fn value(&mut self, wanted: &Type, dashed: bool) -> Result<Regular, String> {
        let whole = match (&wanted.kind, self.aim) {
            (Kind::Path(_), Aim::AtLeast) => return Ok(self.any_text()),
            (Kind::Path(path), Aim::AtMost) => {
                paths(path).map_err(|why| format!("<{}> {why}", wanted.name))?
            }
            (Kind::Regex(pattern), aim) => match (expression(pattern.text()), aim) {
                (Some(language), _) => language,
                (None, Aim::AtLeast) if dashed => self.any_text(),
                (None, Aim::AtLeast) => self.any_word(),
                (None, Aim::AtMost) => {
                    return Err(format!("<{}> asks for the edge of a word, which sudo cannot", wanted.name));
                }
            },
            (Kind::OneOf(values), _) => Regular::either(values.iter().map(|value| Regular::text(value))),
            (Kind::Integer { min, max }, _) => integers(*min, *max, dashed),
            (Kind::BuiltIn(kind), aim) => built_in(*kind, aim),
        };
        let within = whole.within(self.letters);
        if self.aim == Aim::AtLeast {
            return Ok(within.loosened(LONGEST_COUNT));
        }
        if within.is_never() {
            return Err(format!(
                "<{}> has no value without a blank, where sudo would see two words",
                wanted.name
            ));
        }
        if within != whole || is_narrower(wanted) {
            self.leave_out(format!(
                "some values of <{}> are left out: those with a blank, of which sudo makes two words, and rare spellings",
                wanted.name
            ));
        }
        Ok(within)
    }
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a word of its own.
    Word,
    /// Behind an option's letter.
    Attached,
    /// Behind `--name=`.
    Equals,
}

/// Counts above it are not written into a pattern: it would only be longer.
const LONGEST_COUNT: u32 = 16;

/// Whether the type has values that its language does not even mention.
fn is_narrower(wanted: &Type) -> bool {
    use BuiltIn::{Any, Date, Duration, Host, Text};
    matches!(wanted.kind, Kind::BuiltIn(Any | Date | Duration | Host | Text))
}

/// As in the matcher: a file may be called so, and no integer is.
fn may_begin_with_plus(wanted: &Type) -> bool {
    wanted.is_path() || matches!(wanted.kind, Kind::Integer { .. })
}

/// `negative`: those below zero too.
fn integers(min: i64, max: i64, negative: bool) -> Regular {
    let positive = u64::try_from(max).ok().map(|most| numbers(min.max(0).unsigned_abs(), most));
    let below = (min < 0 && negative).then(|| {
        let nearest = max.min(-1).unsigned_abs();
        Regular::row([Regular::text("-"), numbers(nearest, min.unsigned_abs())])
    });
    Regular::either(positive.into_iter().chain(below))
}
