//! One character for each class of characters that none of some languages tells apart.

use std::collections::{BTreeSet, HashMap};

use super::charset::{CharSet, plain};
use super::language::Language;

/// Range borders that are always drawn: NUL is left out (no argument of a program can hold it), ASCII and its
/// twins are walked one by one, surrogates are no characters.
const BORDERS: [u32; 6] = [1, 0x80, 0xD800, 0xE000, 0xE080, 0x11_0000];

/// The alphabet for `languages`, readable characters first.
pub(super) fn alphabet(languages: &[&Language]) -> Vec<char> {
    let sets: Vec<&CharSet> = languages.iter().flat_map(|language| language.sets()).collect();
    let mut borders = BTreeSet::from(BORDERS);
    borders.extend(sets.iter().flat_map(|set| set.borders()).filter(|border| *border > 0));
    let ascii = (1..0x80).chain(0xE001..0xE080);
    let beyond = borders.into_iter().filter(|border| !ascii.clone().any(|point| point == *border));
    let mut classes: HashMap<Vec<bool>, char> = HashMap::new();
    for c in ascii.clone().chain(beyond).filter_map(char::from_u32) {
        let best = classes.entry(class(&sets, c)).or_insert(c);
        if rank(c) < rank(*best) {
            *best = c;
        }
    }
    let mut letters: Vec<char> = classes.into_values().collect();
    letters.sort_unstable_by_key(|c| rank(*c));
    letters
}

/// What tells `c` from other characters: the sets that hold it, and what `^`, `$` and `\b` see in it.
fn class(sets: &[&CharSet], c: char) -> Vec<bool> {
    let seen = [plain(c) == '\n', plain(c).is_ascii_alphanumeric() || plain(c) == '_'];
    sets.iter().map(|set| set.holds(c)).chain(seen).collect()
}

/// Order of preference in a text shown to people.
fn rank(c: char) -> (usize, char) {
    const LIKED: &str = "xabcdefghijklmnopqrstuvwyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890/. -_=:@%+,;|&\
                         #><$(`)'\"*?!~^[]{}\\\n\t";
    (LIKED.find(plain(c)).unwrap_or(LIKED.len()), c)
}
