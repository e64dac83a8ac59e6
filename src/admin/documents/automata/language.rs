//! A tree turned into a machine that reads text character by character (Thompson's construction, states as
//! sets of threads), with conditions on places decided from the characters on both sides.

use super::charset::{CharSet, own, plain};
use super::syntax::{Look, Tree};

/// Counts above this are walked as "or more" first, where that settles the question.
const MOST_COUNTED: u32 = 4;

/// A step of the machine.
#[derive(Clone, Debug)]
enum Step {
    Take(CharSet, usize),
    Check(Look, usize),
    Fork(usize, usize),
    Found,
}

/// The texts a pattern matches, ready to be walked.
#[derive(Clone, Debug)]
pub struct Language {
    steps: Vec<Step>,
    start: usize,
    /// A match may begin and end at any place.
    anywhere: bool,
    /// Texts outside are the wanted ones.
    outside: bool,
    /// Words or lines are told apart.
    looks: bool,
    before: String,
    after: String,
    /// A larger language with a smaller machine.
    wide: Option<Box<Language>>,
}

/// What stands beside a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Side {
    Nothing,
    Newline,
    Word,
    Other,
}

/// Where the machine stands: threads not yet carried over the place after the last character.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Position {
    side: Side,
    threads: Vec<usize>,
    matched: bool,
}

/// What waits at a place for the next character.
pub(super) struct Ready {
    threads: Vec<usize>,
    /// A match ends here.
    found: bool,
}

impl Language {
    /// What the pattern lets through as the agent asks: a match found anywhere in the text. Characters that
    /// an open set takes, or that stand outside the match, count as the person's own as well.
    pub fn let_through(tree: &Tree) -> Self {
        let wide = tree.relaxed(MOST_COUNTED);
        let exact = Self::offered(tree);
        if wide == *tree { exact } else { Self { wide: Some(Box::new(Self::offered(&wide))), ..exact } }
    }

    fn offered(tree: &Tree) -> Self {
        let tree = tree.map_sets(&|set, open| {
            let set = set.without_own();
            if open { set.union(&chosen(&set)) } else { set }
        });
        Self::compile(&tree, true)
    }

    /// The same with the pattern holding from the first character to the last.
    pub fn let_through_whole(tree: &Tree) -> Self {
        let whole = |language: Self| Self { anywhere: false, ..language };
        let mut found = Self::let_through(tree);
        found.wide = found.wide.take().map(|wide| Box::new(whole(*wide)));
        whole(found)
    }

    /// Exactly the texts the pattern describes from the first character to the last, whoever chose them.
    pub fn described(tree: &Tree) -> Self {
        Self::compile(&tree.map_sets(&|set, _| set.with_own()), false)
    }

    /// Texts that contain what the pattern describes, whoever chose them.
    pub fn containing(tree: &Tree) -> Self {
        Self::compile(&tree.map_sets(&|set, _| set.with_own()), true)
    }

    /// The other texts.
    #[must_use]
    pub fn except(mut self) -> Self {
        self.outside = !self.outside;
        self
    }

    /// The values that belong to the language once `before` and `after` stand around them.
    #[must_use]
    pub fn within(mut self, before: &str, after: &str) -> Self {
        before.clone_into(&mut self.before);
        after.clone_into(&mut self.after);
        self
    }

    /// Whether `text` (with what stands around it) belongs.
    pub fn holds(&self, text: &str) -> bool {
        let end = text.chars().fold(self.begin(), |position, c| self.advance(&position, c));
        self.accepts(&end)
    }

    /// Whether `text` belongs where every character of it is the person's own.
    pub fn holds_own(&self, text: &str) -> bool {
        text.chars()
            .map(own)
            .try_fold(self.begin(), |at, c| {
                let next = self.advance(&at, c);
                (!self.lost(&next)).then_some(next)
            })
            .is_some_and(|end| self.accepts(&end))
    }

    /// A language that holds at least the same texts and is much quicker to walk, if there is one.
    pub(super) fn wide(&self) -> Option<&Self> {
        self.wide.as_deref()
    }

    fn compile(tree: &Tree, anywhere: bool) -> Self {
        let mut steps = vec![Step::Found];
        let start = add(&mut steps, tree, 0);
        let looks = steps.iter().any(|step| matches!(step, Step::Check(look, _) if !look.at_an_end()));
        Self {
            steps,
            start,
            anywhere,
            outside: false,
            looks,
            before: String::new(),
            after: String::new(),
            wide: None,
        }
    }

    /// The sets on the machine's edges and around it, for dividing the alphabet.
    pub(super) fn sets(&self) -> impl Iterator<Item = &CharSet> {
        self.steps.iter().filter_map(|step| match step {
            Step::Take(set, _) => Some(set),
            Step::Check(..) | Step::Fork(..) | Step::Found => None,
        })
    }

    /// Where nothing is asked of places but start and end, characters need not be told apart.
    pub(super) fn side(&self, c: char) -> Side {
        if self.looks { side_of(c) } else { Side::Other }
    }

    pub(super) fn begin(&self) -> Position {
        let nothing = Position { side: Side::Nothing, threads: vec![self.start], matched: false };
        self.before.chars().fold(nothing, |position, c| self.advance(&position, c))
    }

    pub(super) fn advance(&self, position: &Position, c: char) -> Position {
        self.after(position, &self.ready(position, self.side(c)), c)
    }

    /// Where the text stands after `c`, once it is known what waits at the place before it.
    pub(super) fn after(&self, position: &Position, ready: &Ready, c: char) -> Position {
        let matched = position.matched || (ready.found && self.anywhere);
        let side = self.side(c);
        if matched {
            return Position { side, threads: Vec::new(), matched };
        }
        let mut threads: Vec<usize> = ready.threads.iter().filter_map(|at| self.taken(*at, c)).collect();
        if self.anywhere {
            threads.push(self.start);
        }
        threads.sort_unstable();
        threads.dedup();
        Position { side, threads, matched }
    }

    pub(super) fn accepts(&self, position: &Position) -> bool {
        let end = self.after.chars().fold(position.clone(), |position, c| self.advance(&position, c));
        (end.matched || self.ready(&end, Side::Nothing).found) != self.outside
    }

    /// Whether nothing that follows can make the text belong.
    pub(super) fn lost(&self, position: &Position) -> bool {
        if self.outside { position.matched } else { !position.matched && position.threads.is_empty() }
    }

    fn taken(&self, at: usize, c: char) -> Option<usize> {
        match self.steps.get(at) {
            Some(Step::Take(set, next)) if set.holds(c) => Some(*next),
            _ => None,
        }
    }

    /// Follows forks and conditions at the place after `position` and before `next`.
    pub(super) fn ready(&self, position: &Position, next: Side) -> Ready {
        let mut seen = vec![false; self.steps.len()];
        let mut open = position.threads.clone();
        let mut ready = Ready { threads: Vec::new(), found: false };
        while let Some(at) = open.pop() {
            match seen.get_mut(at) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            match self.steps.get(at) {
                Some(Step::Take(..)) => ready.threads.push(at),
                Some(Step::Check(look, then)) if look_holds(*look, position.side, next) => open.push(*then),
                Some(Step::Fork(one, other)) => open.extend([*one, *other]),
                Some(Step::Found) => ready.found = true,
                Some(Step::Check(..)) | None => {}
            }
        }
        ready
    }
}

/// The twins an open set adds. A blank is the person's own choice only where the same set takes a letter or
/// digit too: `\s` separates two words the author wrote, `[\w ]` makes one word of his into several.
fn chosen(set: &CharSet) -> CharSet {
    let wordy = !set.intersection(&CharSet::range('0', 'z')).is_empty();
    if wordy { set.own() } else { set.intersection(&CharSet::of(" \t").negated()).own() }
}

fn side_of(c: char) -> Side {
    match plain(c) {
        '\n' => Side::Newline,
        c if c.is_ascii_alphanumeric() || c == '_' => Side::Word,
        _ => Side::Other,
    }
}

fn look_holds(look: Look, before: Side, after: Side) -> bool {
    let edge = (before == Side::Word) != (after == Side::Word);
    match look {
        Look::TextStart => before == Side::Nothing,
        Look::TextEnd => after == Side::Nothing,
        Look::LineStart => matches!(before, Side::Nothing | Side::Newline),
        Look::LineEnd => matches!(after, Side::Nothing | Side::Newline),
        Look::WordEdge => edge,
        Look::NotWordEdge => !edge,
    }
}

/// Adds the steps for `tree`, after which the machine goes on at `then`; where they begin.
fn add(steps: &mut Vec<Step>, tree: &Tree, then: usize) -> usize {
    match tree {
        Tree::Empty => then,
        Tree::Set { set, .. } => push(steps, Step::Take(set.clone(), then)),
        Tree::Look(look) => push(steps, Step::Check(*look, then)),
        Tree::Sequence(trees) => trees.iter().rev().fold(then, |then, tree| add(steps, tree, then)),
        Tree::Either(trees) => add_either(steps, trees, then),
        Tree::Repeat(tree, least, most) => add_repeat(steps, tree, *least, *most, then),
    }
}

fn add_either(steps: &mut Vec<Step>, trees: &[Tree], then: usize) -> usize {
    let starts: Vec<usize> = trees.iter().map(|tree| add(steps, tree, then)).collect();
    starts.into_iter().rev().reduce(|rest, start| push(steps, Step::Fork(start, rest))).unwrap_or(then)
}

fn add_repeat(steps: &mut Vec<Step>, tree: &Tree, least: u32, most: Option<u32>, then: usize) -> usize {
    let (needed, last) = match most {
        None => add_loop(steps, tree, least, then),
        Some(most) => (least, (least..most).fold(then, |rest, _| add_optional(steps, tree, rest, then))),
    };
    (0..needed).fold(last, |rest, _| add(steps, tree, rest))
}

fn add_optional(steps: &mut Vec<Step>, tree: &Tree, rest: usize, then: usize) -> usize {
    let body = add(steps, tree, rest);
    push(steps, Step::Fork(body, then))
}

/// "Or more": the last needed copy is the one that repeats, which keeps the machine small. How many copies
/// must still stand before it, and where it begins.
fn add_loop(steps: &mut Vec<Step>, tree: &Tree, least: u32, then: usize) -> (u32, usize) {
    let fork = push(steps, Step::Fork(then, then));
    let body = add(steps, tree, fork);
    if let Some(step) = steps.get_mut(fork) {
        *step = Step::Fork(body, then);
    }
    if least == 0 { (0, fork) } else { (least - 1, body) }
}

fn push(steps: &mut Vec<Step>, step: Step) -> usize {
    steps.push(step);
    steps.len() - 1
}
