//! Reads at a glance the synopses that most rules have: a program, then words of its own and options in brackets,
//! and values behind them. What is certain to be free of faults is known by its outline, and its
//! segments are made when somebody first asks for them. A group of thousands of rules thus costs each of its
//! members no more than a look at each.
//!
//! It never decides that something is wrong: whatever it does not know is read whole. `tests` hold it against
//! the whole reading.

use std::rc::Rc;

use super::kinds::Types;
use super::overlap;
use super::shape::Pattern;
use super::{LONGEST, MOST_OPTIONS, MOST_SEGMENTS};
use crate::excerpt::Span;
use crate::policy::types::Type;

/// What must be known of a synopsis before anybody types a word.
#[derive(Debug)]
pub(super) struct Outline<'t> {
    /// Whether `sudo` stands before the program.
    pub(super) elevated: bool,
    pub(super) program: &'t str,
    /// The types it names, doubles included.
    pub(super) types: Vec<Rc<Type>>,
}

/// The outline of `text`, if it is plain and certainly without fault.
pub(super) fn outline<'t>(text: &'t str, types: &Types<'_>) -> Option<Outline<'t>> {
    if text.len() > LONGEST {
        return None;
    }
    let (elevated, rest) = text.strip_prefix("sudo ").map_or((false, text), |rest| (true, rest));
    let mut glance = Glance {
        rest,
        types,
        named: Vec::new(),
        stage: Stage::Words,
        turns: 0,
        letters: 0,
        longs: Vec::new(),
        options: 0,
        flexible: 0,
    };
    let program = glance.program()?;
    while !glance.rest.is_empty() {
        glance.eat(" ")?;
        glance.element()?;
    }
    let sound = glance.flexible <= 1 && glance.options <= MOST_OPTIONS;
    sound.then_some(Outline { elevated, program, types: glance.named })
}

/// What kind of element was read last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Words,
    Options,
    Values,
}

struct Glance<'t, 'l> {
    rest: &'t str,
    types: &'l Types<'l>,
    named: Vec<Rc<Type>>,
    stage: Stage,
    /// How often words and options took turns.
    turns: usize,
    /// The short options met, a bit for each ASCII character.
    letters: u128,
    longs: Vec<&'t str>,
    options: usize,
    /// Values that may be left out or repeated.
    flexible: usize,
}

impl<'t> Glance<'t, '_> {
    fn eat(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    fn has(&mut self, text: &str) -> bool {
        self.eat(text).is_some()
    }

    /// The bytes of a kind that come next, at least one.
    fn run(&mut self, mut fits: impl FnMut(u8) -> bool) -> Option<&'t str> {
        let end = self.rest.bytes().position(|byte| !fits(byte)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!run.is_empty()).then_some(run)
    }

    /// Words and options stand in any order, since neither takes what the other does; values come last.
    fn reach(&mut self, stage: Stage) -> Option<()> {
        self.turns += usize::from(self.stage != stage);
        let may_follow = self.stage != Stage::Values || stage == Stage::Values;
        (may_follow && self.turns < MOST_SEGMENTS).then(|| self.stage = stage)
    }

    fn program(&mut self) -> Option<&'t str> {
        let name = self.word()?;
        let Some(path) = name.strip_prefix('/') else {
            return (name != "sudo" && !name.bytes().any(|byte| byte == b'/')).then_some(name);
        };
        let normal = path.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
        (normal && path.rsplit('/').next() != Some("sudo")).then_some(name)
    }

    /// Plain text that no element but itself begins with.
    fn word(&mut self) -> Option<&'t str> {
        let mut last = 0;
        let word = self.run(|byte| {
            let dots = byte == b'.' && last == b'.';
            last = byte;
            !dots && (byte.is_ascii_alphanumeric() || matches!(byte, b'+'..=b'/' | b':' | b'=' | b'@' | b'_'))
        })?;
        matches!(word.bytes().next()?, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/').then_some(word)
    }

    fn element(&mut self) -> Option<()> {
        let mut ahead = self.rest.bytes();
        match (ahead.next()?, ahead.next()) {
            (b'[' | b'(', Some(b'-')) => self.reach(Stage::Options).and_then(|()| self.option()),
            (b'[', Some(b'<' | b'(')) | (b'<', _) | (b'(', Some(b'<')) => {
                self.reach(Stage::Values).and_then(|()| self.value())
            }
            (b'(', _) => self.reach(Stage::Words).and_then(|()| self.choice()),
            _ => self.reach(Stage::Words).and_then(|()| self.word()).map(|_| ()),
        }
    }

    /// `(start|stop)`, without doubles.
    fn choice(&mut self) -> Option<()> {
        self.eat("(")?;
        let all = self.rest;
        let mut read = 0;
        loop {
            let word = self.word()?;
            if all.split(['|', ')']).take(read).any(|earlier| earlier == word) {
                return None;
            }
            read += 1;
            if !self.has("|") {
                return self.eat(")");
            }
        }
    }

    /// `[-f|--follow]`, `(-u <unit>)...`
    fn option(&mut self) -> Option<()> {
        let close = if self.has("[") { "]" } else { self.eat("(").map(|()| ")")? };
        if !self.flags(close) {
            self.options += 1;
            self.spelling()?;
            while self.has("|") {
                self.space();
                self.spelling()?;
            }
            self.eat(close)?;
        }
        let _ = self.has("...");
        Some(())
    }

    /// `-alh` and nothing else between the brackets. Otherwise nothing is taken.
    fn flags(&mut self, close: &str) -> bool {
        let before = (self.rest, self.letters);
        let letters = self.has("-").then(|| self.run(|byte| byte.is_ascii_alphanumeric())).flatten();
        let taken = letters.filter(|letters| letters.len() > 1 && self.has(close));
        let Some(letters) = taken.filter(|letters| letters.bytes().all(|letter| self.is_new(letter))) else {
            (self.rest, self.letters) = before;
            return false;
        };
        self.options += letters.len();
        true
    }

    fn is_new(&mut self, letter: u8) -> bool {
        let bit = 1_u128.checked_shl(u32::from(letter)).unwrap_or(0);
        let new = self.letters & bit == 0;
        self.letters |= bit;
        new
    }

    /// One way to write an option, up to `|` or the end of the brackets.
    fn spelling(&mut self) -> Option<()> {
        self.eat("-")?;
        if self.has("-") {
            let name = self.run(|byte| byte.is_ascii_alphanumeric() || byte == b'-')?;
            if name.starts_with('-') || self.longs.contains(&name) {
                return None;
            }
            self.longs.push(name);
            if self.has("=") {
                return self.named().map(|_| self.space());
            }
            if self.has("[=") {
                self.one_of(Self::word_or_type)?;
                self.eat("]")?;
                self.space();
                return Some(());
            }
        } else {
            let letter = self.run(|byte| byte.is_ascii_alphanumeric())?;
            let &[letter] = letter.as_bytes() else { return None };
            if !self.is_new(letter) {
                return None;
            }
            if self.rest.starts_with('<') {
                return self.named().map(|_| self.space());
            }
        }
        self.space();
        if self.rest.starts_with(['<', '(']) {
            self.one_of(Self::word_or_type)?;
            self.space();
        }
        Some(())
    }

    /// The space that may stand around a `|`.
    fn space(&mut self) {
        self.rest = self.rest.strip_prefix(' ').unwrap_or(self.rest);
    }

    /// `<log>`, `<log>...`, `[<log>]`, `[<log>...]`, `[<log>]...`, with `(<log>|<dir>)` in its place or not.
    fn value(&mut self) -> Option<()> {
        let optional = self.has("[");
        self.one_of(Self::named)?;
        let mut repeated = self.has("...");
        if optional {
            self.eat("]")?;
            repeated |= !repeated && self.has("...");
        }
        self.flexible += usize::from(optional || repeated);
        Some(())
    }

    /// `<type>`, or `(a|b)` of what `read` knows, no two of which could take one word.
    fn one_of(&mut self, read: impl Fn(&mut Self) -> Option<Pattern>) -> Option<()> {
        if !self.has("(") {
            return self.named().map(|_| ());
        }
        let mut all = Vec::new();
        loop {
            all.push((read(self)?, Span::default()));
            if !self.has("|") {
                self.eat(")")?;
                return overlap::distinct(&all).ok();
            }
        }
    }

    /// `auto`, `<rows>`, `+<rows>`
    fn word_or_type(&mut self) -> Option<Pattern> {
        let before = if self.has("+") { "+" } else { "" };
        if self.rest.starts_with('<') {
            return self.named().map(|pattern| Pattern { before: before.to_owned(), ..pattern });
        }
        self.word().filter(|_| before.is_empty()).map(Pattern::exact)
    }

    fn named(&mut self) -> Option<Pattern> {
        self.eat("<")?;
        let name = self.run(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')?;
        self.eat(">")?;
        let found = (self.types)(name).filter(|_| name.starts_with(|c: char| c.is_ascii_lowercase()))?;
        self.named.push(Rc::clone(&found));
        Some(Pattern { before: String::new(), value: Some(found), after: String::new() })
    }
}

#[cfg(test)]
mod tests;
