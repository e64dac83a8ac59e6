//! Sets of ASCII characters.

/// Some ASCII characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Letters(u128);

impl Letters {
    /// Every ASCII character that can be seen; a blank cannot.
    pub const GRAPHIC: Self = Self::range(b'!', b'~');
    /// Letters and digits.
    pub const ALPHANUMERIC: Self =
        Self::range(b'0', b'9').or(Self::range(b'A', b'Z')).or(Self::range(b'a', b'z'));

    /// The characters from `first` to `last`, both included.
    pub const fn range(first: u8, last: u8) -> Self {
        let mut bits = 0;
        let mut at = first;
        while at <= last && at < 128 {
            bits |= 1 << at;
            at += 1;
        }
        Self(bits)
    }

    /// The ASCII characters in `text`.
    pub const fn of(text: &str) -> Self {
        let (bytes, mut bits, mut at) = (text.as_bytes(), 0, 0);
        while let Some((_, [byte, ..])) = bytes.split_at_checked(at) {
            if byte.is_ascii() {
                bits |= 1 << *byte;
            }
            at += 1;
        }
        Self(bits)
    }

    /// Those of both.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that both have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Without the others.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether `byte` is one of them.
    pub const fn holds(self, byte: u8) -> bool {
        byte < 128 && self.0 & (1 << byte) != 0
    }

    /// The only one of a set of one.
    pub fn single(self) -> Option<char> {
        let mut all = self.iter();
        all.next().filter(|_| all.next().is_none()).map(char::from)
    }

    /// In order.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..128).filter(move |byte| self.holds(*byte))
    }

    /// Neighbours as their first and last.
    pub fn ranges(self) -> Vec<(char, char)> {
        let mut all: Vec<(char, char)> = Vec::new();
        for byte in self.iter() {
            match all.last_mut() {
                Some((_, last)) if byte.checked_sub(1).map(char::from) == Some(*last) => {
                    *last = char::from(byte);
                }
                Some(_) | None => all.push((char::from(byte), char::from(byte))),
            }
        }
        all
    }
}
