//! The recursive descent through a pattern's text, with the flags in force at each place.

use super::{CharSet, Look, PatternFault, PatternFaultKind, Tree};

/// RE2 refuses a count above this.
const MOST_REPEATS: u32 = 1000;
/// Groups deeper than this are refused, as RE2 does, so that no pattern exhausts the stack.
const MOST_DEPTH: usize = 200;

#[derive(Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) fold: bool,
    lines: bool,
    dot_all: bool,
}

pub(super) struct Reader {
    text: Vec<char>,
    pub(super) at: usize,
    pub(super) flags: Flags,
    depth: usize,
}

pub(super) type Read<T> = Result<T, PatternFault>;

impl Reader {
    pub(super) fn new(pattern: &str) -> Self {
        Self { text: pattern.chars().collect(), at: 0, flags: Flags::default(), depth: 0 }
    }

    pub(super) fn whole(&mut self) -> Read<Tree> {
        let tree = self.either()?;
        match self.peek() {
            None => Ok(tree),
            Some(_) => Err(self.invalid("a ) without its (")),
        }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let found = text.chars().enumerate().all(|(i, c)| self.text.get(self.at + i) == Some(&c));
        if found {
            self.at += text.chars().count();
        }
        found
    }

    pub(super) fn fault(&self, kind: PatternFaultKind) -> PatternFault {
        PatternFault { at: self.at, kind }
    }

    pub(super) fn invalid(&self, what: &str) -> PatternFault {
        self.fault(PatternFaultKind::Invalid(what.to_owned()))
    }

    fn either(&mut self) -> Read<Tree> {
        let mut branches = vec![self.sequence()?];
        while self.take("|") {
            branches.push(self.sequence()?);
        }
        Ok(match branches.len() {
            1 => branches.pop().unwrap_or(Tree::Empty),
            _ => Tree::Either(branches),
        })
    }

    fn sequence(&mut self) -> Read<Tree> {
        let mut parts = Vec::new();
        while self.peek().is_some_and(|c| c != '|' && c != ')') {
            if self.take("\\Q") {
                parts.extend(self.quoted());
            } else {
                parts.push(self.atom()?);
            }
            if let Some(last) = parts.pop() {
                parts.push(self.repeated(last)?);
            }
        }
        Ok(match parts.len() {
            0 => Tree::Empty,
            1 => parts.pop().unwrap_or(Tree::Empty),
            _ => Tree::Sequence(parts),
        })
    }

    fn atom(&mut self) -> Read<Tree> {
        let Some(c) = self.next() else { return Ok(Tree::Empty) };
        Ok(match c {
            '^' if self.flags.lines => Tree::Look(Look::LineStart),
            '^' => Tree::Look(Look::TextStart),
            '$' if self.flags.lines => Tree::Look(Look::LineEnd),
            '$' => Tree::Look(Look::TextEnd),
            '.' if self.flags.dot_all => Tree::Set { set: CharSet::any(), open: true },
            '.' => Tree::Set { set: CharSet::one('\n').negated(), open: true },
            '[' => self.class()?,
            '(' => self.group()?,
            '\\' => self.escape()?,
            '*' | '+' | '?' => {
                self.at -= 1;
                return Err(self.invalid("a repetition operator with nothing to repeat"));
            }
            c => self.literal(c),
        })
    }

    pub(super) fn literal(&self, c: char) -> Tree {
        let set = CharSet::one(c);
        Tree::Set { set: if self.flags.fold { set.folded() } else { set }, open: false }
    }

    fn repeated(&mut self, part: Tree) -> Read<Tree> {
        let Some((least, most)) = self.count()? else { return Ok(part) };
        let lazy = self.take("?");
        let place = self.at;
        if self.count()?.is_some() {
            let doubled = self.text.get(place) == Some(&'+') && !lazy;
            self.at = place;
            return Err(if doubled {
                self.fault(PatternFaultKind::Possessive)
            } else {
                self.invalid("two repetition operators after each other")
            });
        }
        let tree = Tree::Repeat(Box::new(part), least, most);
        if tree.repetitions() > MOST_REPEATS {
            return Err(self.fault(PatternFaultKind::RepeatCount));
        }
        Ok(tree)
    }

    fn count(&mut self) -> Read<Option<(u32, Option<u32>)>> {
        Ok(match self.peek() {
            Some('*') => self.counted(0, None),
            Some('+') => self.counted(1, None),
            Some('?') => self.counted(0, Some(1)),
            Some('{') => self.braces()?,
            _ => None,
        })
    }

    fn counted(&mut self, least: u32, most: Option<u32>) -> Option<(u32, Option<u32>)> {
        self.at += 1;
        Some((least, most))
    }

    /// `{2}`, `{2,}`, `{2,5}`; anything else after `{` makes it a plain character.
    fn braces(&mut self) -> Read<Option<(u32, Option<u32>)>> {
        let start = self.at;
        let read = self.brace_numbers();
        let Some((least, most)) = read else {
            self.at = start;
            return Ok(None);
        };
        let too_many = least > MOST_REPEATS || most.is_some_and(|most| most > MOST_REPEATS || most < least);
        if too_many {
            self.at = start;
            return Err(self.fault(PatternFaultKind::RepeatCount));
        }
        Ok(Some((least, most)))
    }

    fn brace_numbers(&mut self) -> Option<(u32, Option<u32>)> {
        self.take("{");
        let least = self.number()?;
        let most = if self.take(",") {
            if self.peek() == Some('}') { None } else { Some(self.number()?) }
        } else {
            Some(least)
        };
        self.take("}").then_some((least, most))
    }

    /// Decimal digits; a number too large for any use stays one that is refused.
    fn number(&mut self) -> Option<u32> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.text.get(start..self.at)?.iter().collect();
        if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
            return None;
        }
        Some(digits.parse().unwrap_or(u32::MAX))
    }

    fn group(&mut self) -> Read<Tree> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(self.invalid("groups nested too deeply"));
        }
        let outside = self.flags;
        let tree = if self.take("?") { self.special_group(outside)? } else { self.group_body(outside)? };
        self.depth -= 1;
        Ok(tree)
    }

    fn group_body(&mut self, outside: Flags) -> Read<Tree> {
        let tree = self.either()?;
        if !self.take(")") {
            return Err(self.invalid("a ( without its )"));
        }
        self.flags = outside;
        Ok(tree)
    }

    fn special_group(&mut self, outside: Flags) -> Read<Tree> {
        if ["=", "!", "<=", "<!"].into_iter().any(|look| self.take(look)) {
            return Err(self.fault(PatternFaultKind::LookAround));
        }
        if self.take(">") {
            return Err(self.fault(PatternFaultKind::Possessive));
        }
        if self.take("P<") || self.take("<") {
            self.group_name()?;
            return self.group_body(outside);
        }
        self.flag_group(outside)
    }

    fn group_name(&mut self) -> Read<()> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
            self.at += 1;
        }
        if self.at == start || !self.take(">") {
            return Err(self.invalid("a group name is letters, digits and _"));
        }
        Ok(())
    }

    /// `(?i)` changes the rest of the enclosing group, `(?i:...)` only its inside.
    fn flag_group(&mut self, outside: Flags) -> Read<Tree> {
        let mut on = true;
        loop {
            match self.next() {
                Some('i') => self.flags.fold = on,
                Some('m') => self.flags.lines = on,
                Some('s') => self.flags.dot_all = on,
                Some('U') => {}
                Some('-') if on => on = false,
                Some(':') => return self.group_body(outside),
                Some(')') => return Ok(Tree::Empty),
                _ => return Err(self.invalid("a group that RE2 does not know")),
            }
        }
    }
}
