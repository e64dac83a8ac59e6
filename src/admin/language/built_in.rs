//! The built-in types as languages: those of [`BuiltIn`], which decides them by hand, written down again. A
//! test holds the two against each other.

use super::{Aim, Letters, Regular};
use crate::policy::types::BuiltIn;

/// The values of a built-in type that can be seen and hold no blank.
pub(super) fn built_in(kind: BuiltIn, aim: Aim) -> Regular {
    let named = |first: &str, more: &str| {
        let first = letter(Letters::ALPHANUMERIC.or(Letters::of(first)));
        Regular::row([first, wordy(more).times(0, Some(254))])
    };
    match (kind, aim) {
        (BuiltIn::Word, _) => named("_", "_.,:=-"),
        (BuiltIn::Text | BuiltIn::Any, _) => {
            let first = letter(Letters::GRAPHIC.without(Letters::of("-")));
            Regular::row([first, letter(Letters::GRAPHIC).times(0, Some(254))])
        }
        (BuiltIn::Number, _) => {
            let more = row([range(b'1', b'9'), digit().times(0, Some(17))]);
            Regular::either([text("0"), more])
        }
        (BuiltIn::Host, Aim::AtLeast) => named("_:", "_.:-"),
        (BuiltIn::Host, Aim::AtMost) => Regular::either([host(), address()]),
        (BuiltIn::Port, _) => numbers(1, 65_535),
        (BuiltIn::Pid, _) => numbers(2, 4_194_304),
        (BuiltIn::User | BuiltIn::Group, _) => account(),
        (BuiltIn::Unit, _) => named("_.@:", "_.@:-"),
        (BuiltIn::Package, _) => package(),
        (BuiltIn::Date, Aim::AtLeast) => row([wordy("").times(1, None), wordy(":.+-").any_times()]),
        (BuiltIn::Date, Aim::AtMost) => date(),
        (BuiltIn::Duration, Aim::AtLeast) => {
            row([digit(), letter(DIGITS.or(SMALL).or(Letters::of("."))).any_times()])
        }
        (BuiltIn::Duration, Aim::AtMost) => Regular::either([amount(), spans()]),
        (BuiltIn::Glob, _) => named("._*?[]!@+:,=", "._*?[]!@+:,=-"),
    }
}

/// The integers from `least` to `most`, without needless zeros; neither is negative.
pub(super) fn numbers(least: u64, most: u64) -> Regular {
    let (from, to) = (least.to_string(), most.to_string());
    let mut ways = Vec::new();
    // Lengths of which every number is one are said together.
    let mut whole: Vec<u32> = Vec::new();
    for length in from.len()..=to.len() {
        let (lowest, highest) = (format!("1{}", "0".repeat(length - 1)), "9".repeat(length));
        let first = if length == from.len() { &from } else { &lowest };
        let last = if length == to.len() { &to } else { &highest };
        match *first == lowest && *last == highest {
            true => whole.extend(u32::try_from(length - 1)),
            false => ways.push(same_length(first.as_bytes(), last.as_bytes())),
        }
    }
    let whole = whole
        .first()
        .zip(whole.last())
        .map(|(least, most)| row([range(b'1', b'9'), digit().times(*least, Some(*most))]));
    Regular::either(whole.into_iter().chain(ways))
}

/// Numbers with as many digits as both ends have.
fn same_length(first: &[u8], last: &[u8]) -> Regular {
    let (Some((low, after_low)), Some((high, after_high))) = (first.split_first(), last.split_first()) else {
        return Regular::nothing();
    };
    let (nines, zeros) = (vec![b'9'; after_low.len()], vec![b'0'; after_low.len()]);
    if low == high {
        return row([range(*low, *low), same_length(after_low, after_high)]);
    }
    let low_is_full = after_low == zeros;
    let high_is_full = after_high == nines;
    let from = if low_is_full { *low } else { low + 1 };
    let to = if high_is_full { *high } else { high - 1 };
    let lowest = row([range(*low, *low), same_length(after_low, &nines)]);
    let highest = row([range(*high, *high), same_length(&zeros, after_high)]);
    let length = u32::try_from(after_low.len()).unwrap_or(u32::MAX);
    let middle = (from <= to).then(|| row([range(from, to), digit().times(length, Some(length))]));
    Regular::either(
        (!low_is_full).then_some(lowest).into_iter().chain(middle).chain((!high_is_full).then_some(highest)),
    )
}

/// Names of up to six labels with up to 41 characters: whatever they are, together they are short enough, which
/// could not be said otherwise.
fn host() -> Regular {
    let inner = letter(Letters::ALPHANUMERIC.or(Letters::of("_")));
    let label = row([inner.clone(), row([wordy("_-").times(0, Some(39)), inner]).optional()]);
    row([label.clone(), row([text("."), label]).times(0, Some(5)), text(".").optional()])
}

/// An IPv6 address in hexadecimal, in the forms that are written.
fn address() -> Regular {
    let group =
        || letter(DIGITS.or(Letters::range(b'a', b'f')).or(Letters::range(b'A', b'F'))).times(1, Some(4));
    let before = |most: u32| row([group(), text(":")]).times(1, Some(most));
    let after = |most: u32| row([text(":"), group()]).times(1, Some(most));
    let whole = row([row([group(), text(":")]).times(7, Some(7)), group()]);
    let middle = (2..=5).map(|left| row([before(left), after(7 - left)]));
    let ends = [row([before(7), text(":")]), row([text(":"), after(7)])];
    Regular::either(std::iter::once(whole).chain(middle).chain(ends))
}

fn account() -> Regular {
    let first = letter(Letters::range(b'A', b'Z').or(SMALL).or(Letters::of("_")));
    let machine = row([wordy("_-").times(0, Some(30)), text("$")]);
    row([first, Regular::either([wordy("_-").times(0, Some(31)), machine])])
}

/// Not ending in `-` or `+`, nor in `.rpm` or `.deb` in whatever case: told apart by the last letters, backwards.
fn package() -> Regular {
    let any = || Letters::ALPHANUMERIC.or(Letters::of("+._-"));
    let not = |letters: &str| letter(any().without(Letters::of(letters)));
    let one = |letters: &str| letter(Letters::of(letters));
    let file = |ending: [&str; 3]| {
        let [first, second, third] = ending;
        let (first, second, third) = (one(first), one(second), one(third));
        [
            row([not(ending[1]), third.clone()]),
            row([not(ending[0]), second.clone(), third.clone()]),
            row([not("."), first, second, third]),
        ]
    };
    // As long as no dot can stand before them, the same letters end a name.
    let short = |ending: [&str; 3]| {
        let [first, second, third] = ending.map(one);
        row([row([first.optional(), second]).optional(), third])
    };
    let (rpm, deb) = (["rR", "pP", "mM"], ["dD", "eE", "bB"]);
    let ends = std::iter::once(not("mMbB-+.")).chain(file(rpm)).chain(file(deb));
    let longer = row([letter(any()).times(0, Some(250)), Regular::either(ends)]);
    let rest = Regular::either([longer, short(rpm), short(deb)]).optional();
    row([letter(Letters::ALPHANUMERIC), rest])
}

/// Without what holds a blank, and without zones other than `Z`.
fn date() -> Regular {
    let words = ["now", "today", "yesterday", "tomorrow"].map(text);
    let moment = row([day(), row([text("T"), time(), text("Z").optional()]).optional()]);
    Regular::either(words.into_iter().chain([moment, time(), spans()]))
}

fn day() -> Regular {
    let month = Regular::either([row([text("0"), range(b'1', b'9')]), row([text("1"), range(b'0', b'2')])]);
    let days = [
        row([text("0"), range(b'1', b'9')]),
        row([range(b'1', b'2'), digit()]),
        row([text("3"), range(b'0', b'1')]),
    ];
    row([digit().times(4, Some(4)), text("-"), month, text("-"), Regular::either(days)])
}

fn clock() -> Regular {
    let hour = Regular::either([row([range(b'0', b'1'), digit()]), row([text("2"), range(b'0', b'3')])]);
    row([hour, text(":"), range(b'0', b'5'), digit()])
}

fn time() -> Regular {
    let second = Regular::either([row([range(b'0', b'5'), digit()]), text("60")]);
    let fraction = row([text("."), digit().times(1, Some(9))]).optional();
    row([clock(), row([text(":"), second, fraction]).optional()])
}

fn amount() -> Regular {
    let digits = || digit().times(1, Some(9));
    row([digits(), row([text("."), digits()]).optional()])
}

/// Numbers with a unit. Their length together is bounded, which cannot be said: five of a length that always fits.
fn spans() -> Regular {
    let unit = Regular::either(["ms", "s", "sec", "m", "min", "h", "d", "w"].map(text));
    row([digit().times(1, Some(9)), unit]).times(1, Some(5))
}

const DIGITS: Letters = Letters::range(b'0', b'9');
const SMALL: Letters = Letters::range(b'a', b'z');

fn text(text: &str) -> Regular {
    Regular::text(text)
}

fn row<const N: usize>(parts: [Regular; N]) -> Regular {
    Regular::row(parts)
}

fn letter(letters: Letters) -> Regular {
    Regular::letter(letters)
}

fn digit() -> Regular {
    letter(DIGITS)
}

fn range(first: u8, last: u8) -> Regular {
    letter(Letters::range(first, last))
}

/// A letter, a digit, or one of `more`.
fn wordy(more: &str) -> Regular {
    letter(Letters::ALPHANUMERIC.or(Letters::of(more)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::admin::language::Dialect;

    const ALL: [BuiltIn; 14] = [
        BuiltIn::Word,
        BuiltIn::Text,
        BuiltIn::Any,
        BuiltIn::Number,
        BuiltIn::Host,
        BuiltIn::Port,
        BuiltIn::User,
        BuiltIn::Group,
        BuiltIn::Pid,
        BuiltIn::Unit,
        BuiltIn::Package,
        BuiltIn::Date,
        BuiltIn::Duration,
        BuiltIn::Glob,
    ];

    fn matcher(kind: BuiltIn, aim: Aim) -> regex::Regex {
        regex::Regex::new(&format!("^({})$", built_in(kind, aim).written(Dialect::Shared))).unwrap()
    }

    const SAMPLES: &[&str] = &[
        "a",
        "a.b",
        "0",
        "07",
        "65535",
        "65536",
        "4194304",
        "4194305",
        "1",
        "x.rpm",
        "x.RPM",
        "rpm",
        "xrpm",
        "x.deb",
        "deb",
        "x-",
        "x+",
        "x.rpms",
        "m",
        "pm",
        "b",
        "eb",
        "a_b",
        "a$",
        "$",
        "::",
        "::1",
        "1:2:3:4:5:6:7:8",
        "1::8",
        "1:2:3:4:5:6:7::",
        "1::2:3:4:5:6:7:8",
        "fe80::1",
        "-a",
        "a-",
        "a..b",
        "a.",
        "2026-11-23",
        "2026-13-01",
        "2026-11-23T10:00",
        "2026-11-23T10:00:00.5Z",
        "10:00",
        "24:00",
        "10:00:60",
        "now",
        "10m",
        "1h30m",
        "30",
        "0.5",
        "10",
        "1hh",
        "9999999999s",
        "*.gz",
        "[a-z]",
        "nginx.service",
        "a@b:c",
        "user_name",
        "9user",
    ];

    #[test]
    fn samples_are_taken_as_the_types_take_them() {
        for kind in ALL {
            let (least, most) = (matcher(kind, Aim::AtLeast), matcher(kind, Aim::AtMost));
            for text in SAMPLES {
                let taken = kind.takes(text);
                assert!(!taken || least.is_match(text), "{kind:?} takes {text}, its language does not");
                let rare = matches!((kind, *text), (BuiltIn::Host, "::") | (BuiltIn::Duration, "1h.5m"));
                assert_eq!(most.is_match(text), taken && !rare, "{kind:?} on {text}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_value_is_lost_and_none_is_won(text in "[a-zA-Z0-9._:+=,@$*?-]{1,12}|[0-9:a-f]{2,20}|[0-9]{1,9}(ms|s|min|h){1,2}|[a-z]{1,3}\\.?[rR]?[pP]?[mM]?") {
            for kind in ALL {
                let taken = kind.takes(&text);
                let (least, most) = (built_in(kind, Aim::AtLeast), built_in(kind, Aim::AtMost));
                prop_assert!(!taken || least.takes(&text), "{:?} loses {}", kind, text);
                prop_assert!(taken || !most.takes(&text), "{:?} wins {}", kind, text);
            }
        }

        #[test]
        fn what_a_language_describes_its_type_takes(text in crate_regex(BuiltIn::Package), other in crate_regex(BuiltIn::Date), third in crate_regex(BuiltIn::Host)) {
            prop_assert!(BuiltIn::Package.takes(&text), "{}", text);
            prop_assert!(BuiltIn::Date.takes(&other), "{}", other);
            prop_assert!(BuiltIn::Host.takes(&third), "{}", third);
        }

        #[test]
        fn numbers_are_those_between_the_ends(a in 0..3000_u64, b in 0..3000_u64, n in 0..3200_u64) {
            let (least, most) = (a.min(b), a.max(b));
            prop_assert_eq!(numbers(least, most).takes(&n.to_string()), (least..=most).contains(&n));
            prop_assert!(!numbers(least, most).takes(&["0", &n.to_string()].concat()));
        }
    }

    /// Texts of the language.
    fn crate_regex(kind: BuiltIn) -> impl Strategy<Value = String> {
        proptest::string::string_regex(&built_in(kind, Aim::AtMost).written(Dialect::Shared)).unwrap()
    }
}
