//! Bracketed classes and escapes.

use super::reader::{Read, Reader};
use super::{CharSet, Look, PatternFaultKind, Tree};

impl Reader {
    /// After the `[`.
    pub(super) fn class(&mut self) -> Read<Tree> {
        let negated = self.take("^");
        let mut set = CharSet::default();
        let mut first = true;
        loop {
            match self.peek() {
                None => return Err(self.invalid("a [ without its ]")),
                Some(']') if !first => break,
                Some(_) => set = set.union(&self.class_item()?),
            }
            first = false;
        }
        self.take("]");
        let set = if self.flags.fold { set.folded() } else { set };
        let set = if negated { set.negated() } else { set };
        let open = set.single().is_none();
        Ok(Tree::Set { set, open })
    }

    fn class_item(&mut self) -> Read<CharSet> {
        if self.take("[:") {
            return self.posix_class();
        }
        if let Some(set) = self.perl_class()? {
            return Ok(set);
        }
        let first = self.class_char()?;
        let place = self.at;
        if !self.take("-") || self.peek() == Some(']') {
            self.at = place;
            return Ok(CharSet::one(first));
        }
        let last = self.class_char()?;
        if last < first {
            return Err(self.invalid("a range with its ends the wrong way round"));
        }
        Ok(CharSet::range(first, last))
    }

    fn class_char(&mut self) -> Read<char> {
        match self.next() {
            Some('\\') => match self.next() {
                Some(c) => self.character(c),
                None => Err(self.invalid("a backslash at the end")),
            },
            Some(c) => Ok(c),
            None => Err(self.invalid("a [ without its ]")),
        }
    }

    fn posix_class(&mut self) -> Read<CharSet> {
        let negated = self.take("^");
        let found = POSIX.iter().find(|(name, _)| self.take(&format!("{name}:]")));
        let Some((_, ranges)) = found else {
            return Err(self.invalid("a [: :] class that RE2 does not know"));
        };
        let set = from_ranges(ranges);
        Ok(if negated { set.negated() } else { set })
    }

    /// `\d`, `\S` and so on, if one stands here.
    fn perl_class(&mut self) -> Read<Option<CharSet>> {
        for (letter, ranges) in PERL {
            if self.take(&format!("\\{letter}")) {
                return Ok(Some(from_ranges(ranges)));
            }
            if self.take(&format!("\\{}", letter.to_ascii_uppercase())) {
                return Ok(Some(from_ranges(ranges).negated()));
            }
        }
        if self.take("\\p") || self.take("\\P") {
            return Err(self.fault(PatternFaultKind::UnicodeClass));
        }
        Ok(None)
    }

    /// After a backslash outside a class.
    pub(super) fn escape(&mut self) -> Read<Tree> {
        self.at -= 1;
        if let Some(set) = self.perl_class()? {
            return Ok(Tree::Set { set, open: true });
        }
        self.at += 1;
        let Some(c) = self.next() else { return Err(self.invalid("a backslash at the end")) };
        Ok(match c {
            'A' => Tree::Look(Look::TextStart),
            'z' => Tree::Look(Look::TextEnd),
            'b' => Tree::Look(Look::WordEdge),
            'B' => Tree::Look(Look::NotWordEdge),
            '1'..='9' => return Err(self.fault(PatternFaultKind::BackReference)),
            c => {
                let c = self.character(c)?;
                self.literal(c)
            }
        })
    }

    /// After `\Q`: literals, of which a repetition operator takes only the last.
    pub(super) fn quoted(&mut self) -> Vec<Tree> {
        let mut parts = Vec::new();
        while self.peek().is_some() && !self.take("\\E") {
            parts.extend(self.next().map(|c| self.literal(c)));
        }
        parts
    }

    /// The character an escape names; `c` followed the backslash.
    fn character(&mut self, c: char) -> Read<char> {
        Ok(match c {
            'a' => '\u{7}',
            'f' => '\u{C}',
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'v' => '\u{B}',
            'x' => self.hexadecimal()?,
            '0' => self.octal(),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
            _ => return Err(self.invalid(&format!("\\{c} is not an escape of RE2"))),
        })
    }

    fn hexadecimal(&mut self) -> Read<char> {
        let mut digits = String::new();
        if self.take("{") {
            while let Some(c) = self.next().filter(|c| *c != '}') {
                digits.push(c);
            }
        } else {
            digits.extend(self.next().into_iter().chain(self.next()));
        }
        u32::from_str_radix(&digits, 16)
            .ok()
            .and_then(char::from_u32)
            .ok_or_else(|| self.invalid("\\x wants hexadecimal digits"))
    }

    fn octal(&mut self) -> char {
        let mut value = 0;
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else { break };
            value = value * 8 + digit;
            self.at += 1;
        }
        char::from_u32(value).unwrap_or('\0')
    }
}

fn from_ranges(ranges: &[(char, char)]) -> CharSet {
    ranges.iter().fold(CharSet::default(), |all, (first, last)| all.union(&CharSet::range(*first, *last)))
}

type Ranges = &'static [(char, char)];

const WORD: Ranges = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

/// RE2's `\s` is without the vertical tab.
const PERL: &[(char, Ranges)] =
    &[('d', &[('0', '9')]), ('s', &[('\t', '\n'), ('\u{C}', '\r'), (' ', ' ')]), ('w', WORD)];

const POSIX: &[(&str, Ranges)] = &[
    ("alnum", &[('0', '9'), ('A', 'Z'), ('a', 'z')]),
    ("alpha", &[('A', 'Z'), ('a', 'z')]),
    ("ascii", &[('\0', '\u{7F}')]),
    ("blank", &[('\t', '\t'), (' ', ' ')]),
    ("cntrl", &[('\0', '\u{1F}'), ('\u{7F}', '\u{7F}')]),
    ("digit", &[('0', '9')]),
    ("graph", &[('!', '~')]),
    ("lower", &[('a', 'z')]),
    ("print", &[(' ', '~')]),
    ("punct", &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
    ("space", &[('\t', '\r'), (' ', ' ')]),
    ("upper", &[('A', 'Z')]),
    ("word", WORD),
    ("xdigit", &[('0', '9'), ('A', 'F'), ('a', 'f')]),
];
