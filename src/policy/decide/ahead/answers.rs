//! What was asked about one line, remembered: every key asks the same again. Good for one line and one policy.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::Way;
use crate::policy::decide::Bench;
use crate::policy::decide::attempt::path_type;
use crate::policy::decide::denies::Origins;
use crate::policy::glob::Glob;
use crate::policy::paths::CheckedPath;
use crate::policy::synopsis::{Value, ValueRefusal};
use crate::policy::types::{Access, Object, PathType, Type};

/// The answers.
#[derive(Debug, Default)]
pub struct Answers {
    values: RefCell<BTreeMap<Question, Result<CheckedPath, ValueRefusal>>>,
    paths: RefCell<BTreeMap<(usize, String), Rc<PathType>>>,
    led: RefCell<BTreeMap<Led, bool>>,
}

/// A type by its place in memory (the policy outlives the answers), the path, whether it runs as root.
type Question = (usize, String, bool);

/// Globs by their place in memory, the text, and where it may be meant from.
type Led = (usize, String, Origins);

impl Answers {
    /// As the gate judges a value.
    pub(super) fn value(
        &self,
        bench: Bench<'_>,
        wanted: &Rc<Type>,
        text: &str,
        after: bool,
        elevated: bool,
    ) -> Result<Value, ValueRefusal> {
        if !wanted.is_path() {
            return bench.value(wanted, text, after, elevated);
        }
        let question = (Rc::as_ptr(wanted).addr(), text.to_owned(), elevated);
        if let Some(known) = self.values.borrow().get(&question) {
            return known.clone().map(Value::Path);
        }
        let answer = bench.value(wanted, text, after, elevated);
        let kept = match &answer {
            // Nothing is opened through it, and descriptors are few.
            Ok(Value::Path(path)) => Ok(CheckedPath { descriptor: None, parent: None, ..path.clone() }),
            Ok(Value::Text) => return answer,
            Err(refusal) => Err(refusal.clone()),
        };
        self.values.borrow_mut().insert(question, kept);
        answer
    }

    /// As a deny asks it: whether a text leads beneath the globs.
    pub(super) fn leads(&self, bench: Bench<'_>, globs: &[Glob], text: &str, from: &Origins) -> bool {
        let question = (globs.as_ptr().addr(), text.to_owned(), from.clone());
        if let Some(known) = self.led.borrow().get(&question) {
            return *known;
        }
        let answer = bench.leads_to_denied(globs, text, from);
        self.led.borrow_mut().insert(question, answer);
        answer
    }

    /// What a path type takes here: what the denies take out is taken out of it.
    pub(super) fn path(&self, wanted: &Rc<Type>, way: &Way<'_>) -> Rc<PathType> {
        let key = (Rc::as_ptr(wanted).addr(), way.program.to_owned());
        if let Some(known) = self.paths.borrow().get(&key) {
            return Rc::clone(known);
        }
        let mut path = path_type(wanted).cloned().unwrap_or_else(nowhere);
        for deny in way.denies.iter().filter(|deny| deny.words.is_none()) {
            path.except.extend(deny.files.iter().flatten().cloned());
        }
        let path = Rc::new(path);
        self.paths.borrow_mut().insert(key, Rc::clone(&path));
        path
    }
}

fn nowhere() -> PathType {
    PathType {
        object: Object::File,
        globs: Vec::new(),
        except: Vec::new(),
        access: Access::Nothing,
        must_exist: true,
    }
}
