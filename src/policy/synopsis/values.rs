//! Holds one word, or the value's part of it, against what may stand there: text first, then text around a
//! value, then values. What an earlier kind takes is never offered to a later one.

use std::rc::Rc;

use super::shape::{self, Pattern};
use super::{Argument, Value, ValueCheck, ValueRefusal, Why};
use crate::policy::paths::PathRefusal;
use crate::policy::types::Type;
use crate::words::Word;

/// A word, and its index among the arguments.
#[derive(Clone, Copy)]
pub(super) struct Typed<'w> {
    pub(super) word: &'w Word,
    pub(super) index: usize,
}

/// A word whose text from `start` on is to be a value.
pub(super) struct Offer<'w> {
    pub(super) typed: Typed<'w>,
    /// Byte offset in the word's text.
    pub(super) start: usize,
    /// Whether `--name=` stands before it: there alone a value may begin with `-`.
    pub(super) equals: bool,
    /// Whether the synopsis has `+` options.
    pub(super) plus: bool,
}

impl<'w> Offer<'w> {
    fn text(&self) -> &'w str {
        self.typed.word.text().get(self.start..).unwrap_or_default()
    }

    /// The argument, if one of `patterns` takes the text.
    pub(super) fn take(&self, patterns: &[Pattern], check: &mut ValueCheck<'_>) -> Result<Argument, Why> {
        let text = self.text();
        if patterns.iter().any(|pattern| pattern.is_exact() && pattern.before == text) {
            return Ok(plain(self.typed));
        }
        let mut fitting = patterns.iter().filter(|p| p.is_around() && p.inside(text).is_some()).peekable();
        if fitting.peek().is_some() {
            return self.first_of(fitting, check);
        }
        let mut values = patterns.iter().filter(|pattern| pattern.is_value()).peekable();
        if values.peek().is_some() {
            return self.first_of(values, check);
        }
        Err(Why::Expected { typed: text.to_owned(), words: shape::each(patterns) })
    }

    fn first_of<'p>(
        &self,
        patterns: impl Iterator<Item = &'p Pattern>,
        check: &mut ValueCheck<'_>,
    ) -> Result<Argument, Why> {
        let mut types = Vec::new();
        let mut refusal = ValueRefusal::Text;
        for (pattern, wanted) in patterns.filter_map(|pattern| Some((pattern, pattern.value.as_ref()?))) {
            match self.value(pattern, wanted, check) {
                Ok(argument) => return Ok(argument),
                Err(why) => refusal = why,
            }
            types.push(Rc::clone(wanted));
        }
        Err(Why::Value { types, refusal })
    }

    fn value(
        &self,
        pattern: &Pattern,
        wanted: &Rc<Type>,
        check: &mut ValueCheck<'_>,
    ) -> Result<Argument, ValueRefusal> {
        let text = pattern.inside(self.text()).unwrap_or_default();
        let after_text = self.start > 0 || !pattern.before.is_empty();
        let dash = text.starts_with('-') && !(self.equals && pattern.before.is_empty());
        let plus = self.plus && !after_text && text.starts_with('+') && !shape::may_begin_with_plus(wanted);
        if text.is_empty() || dash || plus {
            return Err(ValueRefusal::Text);
        }
        match check(wanted, self.typed.word, text, after_text)? {
            Value::Text => Ok(plain(self.typed)),
            Value::Path(path) => {
                let resolved = path.path.to_str().ok_or(ValueRefusal::Path(PathRefusal::UnusableName))?;
                let option = self.typed.word.text().get(..self.start).unwrap_or_default();
                let text = [option, &pattern.before, resolved, &pattern.after].concat();
                Ok(Argument { text, word: self.typed.index, path: Some(path) })
            }
        }
    }
}

/// The word as typed.
pub(super) fn plain(typed: Typed<'_>) -> Argument {
    Argument { text: typed.word.text().to_owned(), word: typed.index, path: None }
}
