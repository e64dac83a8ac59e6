//! The arguments a synopsis takes, as one text in which blanks stand between the words: what sudo compares.
//!
//! Nothing but what the rule takes may be in it, in the order in which gatesh starts the program. Options may be
//! typed in any order and some of them once only, which no expression says briefly; so there is one way for each
//! order. What cannot be said is refused by name, and values that cannot be told from two words are left out.

use super::options::Typed;
use super::unambiguous;
use super::values::Maker;
use super::{Aim, Letters, Regular};
use crate::policy::synopsis::{Block, BlockOption, Mixed, Name, Segment};

/// Orders of options that one synopsis may need.
const MOST_ORDERS: usize = 128;

/// Arguments as text.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Whether there may be none.
    pub none: bool,
    /// All others, as ways that are each small.
    pub ways: Vec<Regular>,
    /// What was left out, in words for the admin.
    pub left_out: Vec<String>,
}

/// The arguments of these segments; the error says what cannot be said, and the way out.
pub fn joined(segments: &[Segment]) -> Result<Joined, String> {
    let plus = has_plus(segments);
    let mut maker = Maker { aim: Aim::AtMost, letters: Letters::GRAPHIC, plus, left_out: Vec::new() };
    unambiguous::check(segments, &mut maker)?;
    let mut ways = vec![Regular::nothing()];
    for segment in segments {
        let next = maker.ordered(segment)?;
        if ways.len() * next.len() > MOST_ORDERS {
            return Err(format!(
                "its options may come in more than {MOST_ORDERS} orders, which sudo must be told one by one: split the rule"
            ));
        }
        ways = ways
            .iter()
            .flat_map(|way| next.iter().map(|next| Regular::row([way.clone(), next.clone()])))
            .collect();
    }
    let none = ways.iter().any(Regular::may_be_empty);
    // Every word has its blank before it, and the first has none.
    let ways = ways.iter().map(|way| way.behind(Letters::of(" "))).flat_map(|way| match way {
        Regular::Either(ways) => ways,
        other => vec![other],
    });
    let mut unique: Vec<Regular> = Vec::new();
    ways.for_each(|way| {
        if !unique.contains(&way) {
            unique.push(way);
        }
    });
    Ok(Joined { none, ways: unique, left_out: maker.left_out })
}

/// Whether a synopsis has options that begin with `+`.
pub(super) fn has_plus(segments: &[Segment]) -> bool {
    let spellings = segments.iter().filter_map(Segment::block).flat_map(|block| &block.options);
    let patterns =
        spellings.flat_map(|option| &option.spellings).filter_map(|spelling| match &spelling.name {
            Name::Word(patterns) => Some(patterns),
            Name::Short(_) | Name::Long(_) => None,
        });
    patterns.flatten().any(|pattern| pattern.before.starts_with('+'))
}

/// An option that has its own place in each order.
#[derive(Clone)]
struct Item {
    typed: Typed,
    required: bool,
}

/// The options of a block once it is settled which spellings are typed.
#[derive(Clone, Default)]
struct Choice {
    /// May come anywhere, any number of times.
    free: Typed,
    items: Vec<Item>,
}

impl Maker {
    fn ordered(&mut self, segment: &Segment) -> Result<Vec<Regular>, String> {
        match segment {
            Segment::Block(block) => self.orders(block),
            Segment::Run(run) => Ok(vec![self.run(run)?]),
            Segment::Fixed(fixed) => Ok(vec![self.fixed(fixed)?]),
            Segment::Mixed(mixed) => self.sorted(mixed),
        }
    }

    /// gatesh has already parted options and values.
    fn sorted(&mut self, mixed: &Mixed) -> Result<Vec<Regular>, String> {
        let options = self.orders(&mixed.block)?;
        let dashes = mixed.dashes.map(|_| self.next(Regular::text("--")).optional());
        let values = self.run(&mixed.run)?;
        let line = |options: Regular| {
            let mut parts = vec![options, dashes.clone().unwrap_or(Regular::nothing()), values.clone()];
            if mixed.values_first {
                parts.reverse();
            }
            Regular::row(parts)
        };
        Ok(options.into_iter().map(line).collect())
    }

    fn orders(&mut self, block: &Block) -> Result<Vec<Regular>, String> {
        let mut choices = vec![Choice::default()];
        for option in &block.options {
            choices = self.settled(block, option, &choices)?;
        }
        let mut all = Vec::new();
        for choice in &choices {
            for order in orders(&choice.items) {
                all.push(self.in_order(&choice.free, &order));
                if all.len() > MOST_ORDERS {
                    return Err(format!(
                        "its options may come in more than {MOST_ORDERS} orders, which sudo must be told one by one: split the rule"
                    ));
                }
            }
        }
        Ok(all)
    }

    /// Each choice with each way to type the option: once with a value, or any number of times in one spelling
    /// without.
    fn settled(
        &mut self,
        block: &Block,
        option: &BlockOption,
        choices: &[Choice],
    ) -> Result<Vec<Choice>, String> {
        let (mut once, mut again) = (Typed::default(), Vec::new());
        for spelling in &option.spellings {
            let typed = self.typed(block, spelling)?;
            match spelling.carries_value() && !option.repeatable {
                true => once = once.or(&typed),
                false => again.push(typed),
            }
        }
        if option.repeatable {
            again = vec![again.iter().fold(Typed::default(), |all, one| all.or(one))];
        }
        let with = |choice: &Choice, free: Option<&Typed>, item: Option<&Typed>| {
            let mut next = choice.clone();
            next.free = free.map_or_else(|| next.free.clone(), |free| next.free.or(free));
            next.items.extend(item.map(|typed| Item { typed: typed.clone(), required: option.required }));
            next
        };
        let once = Some(once).filter(|once| !once.is_never());
        Ok(choices
            .iter()
            .flat_map(|choice| {
                let valued = once.iter().map(|once| with(choice, None, Some(once)));
                let plain = again.iter().flat_map(|one| match option.required {
                    true => apart(one).iter().map(|item| with(choice, Some(one), Some(item))).collect(),
                    false => vec![with(choice, Some(one), None)],
                });
                valued.chain(plain).collect::<Vec<_>>()
            })
            .collect())
    }

    /// The items one after the other with free options before, between and behind them.
    fn in_order(&self, free: &Typed, items: &[&Item]) -> Regular {
        let some = self.next(free.any_word()).any_times();
        let among = Regular::letter(free.letters).any_times();
        let closed = Regular::row([among.clone(), free.ending.clone().optional(), some.clone()]);
        let dashed = |inside: Regular| Regular::row([Regular::text("-"), among.clone(), inside]);
        // After a letter without a value the word may go on.
        let (mut line, mut open) = (some.clone(), false);
        for Item { typed, .. } in items {
            let letter = Regular::letter(typed.letters);
            let inside = Regular::either([typed.ending.clone(), letter]);
            let new = self.next(Regular::either([typed.own.clone(), dashed(inside.clone())]));
            let next = match open {
                false => new,
                true => Regular::either([
                    Regular::row([closed.clone(), new]),
                    Regular::row([among.clone(), inside]),
                ]),
            };
            open = !typed.letters.is_empty();
            let behind = if open { Regular::nothing() } else { some.clone() };
            line = Regular::row([line, next, behind]);
        }
        if open { Regular::row([line, closed]) } else { line }
    }
}

/// What goes on in the same word, and what does not.
fn apart(typed: &Typed) -> Vec<Typed> {
    let letters = Typed { letters: typed.letters, ..Typed::default() };
    let others = Typed { letters: Letters::default(), ..typed.clone() };
    [letters, others].into_iter().filter(|typed| !typed.is_never()).collect()
}

/// Every order of every selection that has all the required ones.
fn orders(items: &[Item]) -> Vec<Vec<&Item>> {
    let mut all = Vec::new();
    let mut open: Vec<Vec<usize>> = vec![Vec::new()];
    while let Some(order) = open.pop() {
        let missing = items.iter().enumerate().any(|(at, item)| item.required && !order.contains(&at));
        if !missing {
            all.push(order.iter().filter_map(|at| items.get(*at)).collect());
        }
        if all.len() > MOST_ORDERS {
            break;
        }
        let next = (0..items.len()).rev().filter(|at| !order.contains(at));
        open.extend(next.map(|at| [order.as_slice(), &[at]].concat()));
    }
    all
}
