//! A text together with the values that are pasted into it: as one language, as words, and, where one of its words
//! is a program for another shell, as the text that shell reads.

mod inner;

use super::automata::{CharSet, Language, Look, Tree, shortest};
use super::template::cut;

/// A stretch of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// What the author wrote.
    Text(String),
    /// A value that passes a pattern.
    Value {
        /// The parameter it is given to.
        name: String,
        /// Its pattern.
        tree: Tree,
    },
}

/// A text with the values in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pasted {
    pub(super) pieces: Vec<Piece>,
}

/// A place of one value: what stands before and after it, the other values replaced by one that passes.
pub(super) struct Spot<'p> {
    pub(super) name: &'p str,
    pub(super) tree: &'p Tree,
    pub(super) before: String,
    pub(super) after: String,
}

/// Stands for a value that has no pattern; that it has none is said elsewhere.
const UNKNOWN: &str = "x";
/// Characters of which no shell makes anything, wherever they stand.
const TAME: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+,=-";

impl Pasted {
    /// `text` with the patterns of the parameters it names.
    pub(super) fn new(text: &str, pattern: &dyn Fn(&str) -> Option<Tree>) -> Self {
        let (parts, last) = cut(text);
        let mut all = Self::default();
        for (before, name) in parts {
            all.write(before);
            match pattern(name) {
                Some(tree) => all.pieces.push(Piece::Value { name: name.to_owned(), tree }),
                None => all.write(UNKNOWN),
            }
        }
        all.write(last);
        all
    }

    pub(super) fn write(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            Some(Piece::Value { .. }) | None if text.is_empty() => {}
            Some(Piece::Value { .. }) | None => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }

    pub(super) fn values(&self) -> impl Iterator<Item = (&str, &Tree)> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Value { name, tree } => Some((name.as_str(), tree)),
        })
    }

    /// The text when the author wrote all of it.
    pub(super) fn fixed(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The places of values whose parameter stands here once.
    pub(super) fn spots(&self) -> Vec<Spot<'_>> {
        let once = |name: &str| self.values().filter(|(other, _)| *other == name).count() == 1;
        let join = |pieces: Option<&[Piece]>| pieces.unwrap_or_default().iter().map(sample).collect();
        let pieces = self.pieces.iter().enumerate();
        let spot = pieces.filter_map(|(at, piece)| match piece {
            Piece::Value { name, tree } if once(name) => {
                let before = join(self.pieces.get(..at));
                Some(Spot { name, tree, before, after: join(self.pieces.get(at + 1..)) })
            }
            Piece::Value { .. } | Piece::Text(_) => None,
        });
        spot.collect()
    }

    /// The whole texts that can stand here, each value taken for itself even where one parameter stands twice.
    pub(super) fn tree(&self) -> Tree {
        Tree::Sequence(
            self.pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => literal(text, false),
                    Piece::Value { tree, .. } => held(tree),
                })
                .collect(),
        )
    }

    /// The same with values of plain characters and blanks only.
    pub(super) fn tamed(&self) -> Self {
        self.map_values(&|tree| only(tree, &CharSet::of(TAME).union(&CharSet::one(' '))))
    }

    /// With `value` wherever the parameter stands.
    pub(super) fn with(&self, name: &str, value: &str) -> Self {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Value { name: other, .. } if other == name => {
                let [start, end] = [Look::TextStart, Look::TextEnd].map(Tree::Look);
                let tree = Tree::Sequence(vec![start, literal(value, true), end]);
                Piece::Value { name: name.to_owned(), tree }
            }
            other => other.clone(),
        });
        Self { pieces: pieces.collect() }
    }

    /// Whether a value that leaves something to the person continues the name of a variable: `$app{{c}}`.
    pub(super) fn names_variable(&self) -> bool {
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        self.pieces.windows(2).any(|pair| match pair {
            [Piece::Text(text), Piece::Value { tree, .. }] => {
                let front = text.trim_end_matches(name);
                is_open(tree) && (front.ends_with('$') || front.ends_with("${"))
            }
            _ => false,
        })
    }

    fn map_values(&self, change: &dyn Fn(&Tree) -> Tree) -> Self {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => Piece::Text(text.clone()),
            Piece::Value { name, tree } => Piece::Value { name: name.clone(), tree: change(tree) },
        });
        Self { pieces: pieces.collect() }
    }

    /// The values that make it `text`, in their order; where `agreeing`, one for each parameter.
    pub(super) fn values_in(&self, text: &str, agreeing: bool) -> Option<Vec<(String, String)>> {
        let offered = |piece: &Piece| match piece {
            Piece::Text(_) => None,
            Piece::Value { tree, .. } => Some(Language::let_through(tree)),
        };
        let pieces: Vec<(&Piece, Option<Language>)> =
            self.pieces.iter().map(|piece| (piece, offered(piece))).collect();
        let mut found = Vec::new();
        split(&pieces, text, agreeing, &mut found).then_some(found)
    }
}

/// The tree with no other characters where the person chooses.
fn only(tree: &Tree, kept: &CharSet) -> Tree {
    tree.map_sets(&|set, open| if open { set.intersection(kept) } else { set.clone() })
}

fn literal(text: &str, open: bool) -> Tree {
    Tree::Sequence(text.chars().map(|c| Tree::Set { set: CharSet::one(c), open }).collect())
}

/// A value that passes, for the places of others.
fn sample(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => text.clone(),
        Piece::Value { tree, .. } => {
            let offer = Language::let_through(tree);
            let found = if offer.holds(UNKNOWN) { None } else { shortest(&[&offer]).ok().flatten() };
            found.unwrap_or_else(|| UNKNOWN.to_owned())
        }
    }
}

/// The values a pattern lets through, to stand inside a larger text: its anchors are the value's ends, and where
/// one is missing, or there are other conditions, anything is let through.
fn held(tree: &Tree) -> Tree {
    Tree::Either(tree.branches().iter().map(held_branch).collect())
}

fn held_branch(branch: &Tree) -> Tree {
    let anything = || Tree::Repeat(Box::new(Tree::Set { set: CharSet::any(), open: true }), 0, None);
    let mut parts = match branch {
        Tree::Sequence(parts) => parts.clone(),
        other => vec![other.clone()],
    };
    let first = parts.first() == Some(&Tree::Look(Look::TextStart));
    let last = parts.last() == Some(&Tree::Look(Look::TextEnd));
    if first {
        parts.remove(0);
    }
    if last {
        parts.pop();
    }
    if parts.iter().any(has_condition) {
        return anything();
    }
    let before = (!first).then(anything);
    let after = (!last).then(anything);
    Tree::Sequence(before.into_iter().chain(parts).chain(after).collect())
}

/// Whether the person chooses any of its characters.
fn is_open(tree: &Tree) -> bool {
    tree.any_leaf(&|leaf| matches!(leaf, Tree::Set { open: true, .. }))
}

fn has_condition(tree: &Tree) -> bool {
    tree.any_leaf(&|leaf| matches!(leaf, Tree::Look(_)))
}

/// Tries every way to cut `text` into the pieces, each with what may stand there if it is a value.
fn split(
    pieces: &[(&Piece, Option<Language>)],
    text: &str,
    agreeing: bool,
    found: &mut Vec<(String, String)>,
) -> bool {
    let Some(((piece, offer), rest)) = pieces.split_first() else { return text.is_empty() };
    let (name, offer) = match (piece, offer) {
        (Piece::Value { name, .. }, Some(offer)) => (name, offer),
        (Piece::Text(fixed), _) => {
            return text.strip_prefix(fixed.as_str()).is_some_and(|text| split(rest, text, agreeing, found));
        }
        (Piece::Value { .. }, None) => return false,
    };
    let known = found.iter().find(|(other, _)| agreeing && other == name).map(|(_, value)| value.clone());
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    ends.filter_map(|end| text.split_at_checked(end)).any(|(value, after)| {
        if known.as_deref().is_some_and(|known| known != value) || !offer.holds(value) {
            return false;
        }
        let before = found.len();
        found.push((name.clone(), value.to_owned()));
        let fits = split(rest, after, agreeing, found);
        if !fits {
            found.truncate(before);
        }
        fits
    })
}

#[cfg(test)]
mod tests;
