//! A pattern for the lines that a group's rules take, for the parameter of a Session document.
//!
//! It stands before a gate that judges every line again. So it is never narrower than the rules, and wider where
//! being exact would make it long: options may come in any number, a path is any word, since links and the current
//! directory decide what it means. It speaks of single commands without quotes, in the characters of the general
//! pattern; an operator or a quote never passed there, and does not here.

use super::options::Typed;
use super::values::{Maker, Place};
use super::{Aim, Dialect, Letters, Regular};
use crate::command::Builtin;
use crate::policy::Policy;
use crate::policy::synopsis::{Block, Fixed, Mixed, Run, Segment, Slot, Synopsis};

/// The characters of a word: those of the general pattern, without the blank.
const SAFE: Letters = Letters::ALPHANUMERIC.or(Letters::of("_./:=@%+,-"));

/// The pattern for every line that the rules of `policy` take, anchored at both ends.
pub fn pattern(policy: &Policy) -> String {
    let blanks = Regular::text(" ").any_times();
    let line = Regular::row([blanks.clone(), lines(policy), blanks]);
    format!("^{}$", line.written_as_row(Dialect::Shared))
}

/// The lines themselves, without blanks around them.
fn lines(policy: &Policy) -> Regular {
    let synopses = policy.groups.iter().flat_map(|group| &group.rules).flat_map(|rule| &rule.synopses);
    let commands = synopses.map(command);
    // What an alias stands for is filled in before anything is judged, and help takes the words of a command.
    let open = policy.aliases.keys().map(String::as_str).chain(Builtin::NAMES.iter().copied());
    let maker = maker(false);
    let more = maker.next(maker.any_word_or_option()).any_times();
    let names = Regular::either(open.map(|name| Regular::text(name).within(SAFE)));
    Regular::either(commands.chain([Regular::row([names, more])]))
}

fn maker(plus: bool) -> Maker {
    Maker { aim: Aim::AtLeast, letters: SAFE, plus, left_out: Vec::new() }
}

/// The lines one synopsis takes.
pub fn command(synopsis: &Synopsis) -> Regular {
    let mut maker = maker(super::argv::has_plus(synopsis.segments()));
    let program = program(synopsis, &maker);
    // Every type has some language where more than the rule is welcome.
    let segments = synopsis.segments().iter().map(|segment| maker.segment(segment));
    let rest = segments.collect::<Result<Vec<_>, _>>().map_or_else(|_| Regular::never(), Regular::row);
    Regular::row([program, rest])
}

/// `sudo`, and the program as it may be named: by its last part, behind whatever directory. Many paths lead to one
/// file (`/bin//ls`, `/etc/alternatives/awk`), and only the host knows which.
fn program(synopsis: &Synopsis, maker: &Maker) -> Regular {
    let below = Regular::row([Regular::letter(SAFE).any_times(), Regular::text("/")]).optional();
    let directory = Regular::row([Regular::text("/"), below]).optional();
    let names = synopsis.programs().iter().map(|name| {
        let last = name.rsplit('/').next().unwrap_or(name);
        Regular::row([directory.clone(), Regular::text(last).within(SAFE)])
    });
    let program = Regular::either(names);
    let Some(elevation) = synopsis.elevation() else { return program };
    let user = elevation.user.iter().flat_map(|user| ["-u", user.as_str()]);
    let words = user.map(|word| maker.next(Regular::text(word).within(SAFE)));
    Regular::row(std::iter::once(Regular::text("sudo")).chain(words).chain([maker.next(program)]))
}

impl Maker {
    fn any_word_or_option(&self) -> Regular {
        Regular::letter(self.letters).times(1, None)
    }

    fn segment(&mut self, segment: &Segment) -> Result<Regular, String> {
        match segment {
            Segment::Block(block) => self.block(block),
            Segment::Run(run) => self.run(run),
            Segment::Fixed(fixed) => self.fixed(fixed),
            Segment::Mixed(mixed) => self.mixed(mixed),
        }
    }

    fn block(&mut self, block: &Block) -> Result<Regular, String> {
        let any = self.any_option(block)?;
        let some = self.next(without_subsumed(any.any_word())).any_times();
        Ok(match self.needed(block, &any)? {
            None => some,
            Some(needed) => Regular::row([some.clone(), self.next(needed), some]),
        })
    }

    fn any_option(&mut self, block: &Block) -> Result<Typed, String> {
        let mut all = Typed::default();
        for spelling in block.options.iter().flat_map(|option| &option.spellings) {
            all = all.or(&self.typed(block, spelling)?);
        }
        Ok(all)
    }

    /// The first option that must be there.
    fn needed(&mut self, block: &Block, any: &Typed) -> Result<Option<Regular>, String> {
        let Some(option) = block.options.iter().find(|option| option.required) else { return Ok(None) };
        let mut needed = Typed::default();
        for spelling in &option.spellings {
            needed = needed.or(&self.typed(block, spelling)?);
        }
        Ok(Some(needed.word(any)))
    }

    pub(super) fn run(&mut self, run: &Run) -> Result<Regular, String> {
        Ok(Regular::row(run.slots.iter().map(|slot| self.slot(slot)).collect::<Result<Vec<_>, _>>()?))
    }

    fn slot(&mut self, slot: &Slot) -> Result<Regular, String> {
        let word = self.word(&slot.patterns, Place::Word)?;
        let most = if slot.repeated { None } else { Some(1) };
        Ok(self.next(word).times(u32::from(!slot.optional), most))
    }

    pub(super) fn fixed(&mut self, fixed: &Fixed) -> Result<Regular, String> {
        let mut ways = Vec::new();
        for sequence in &fixed.sequences {
            let mut words = Vec::new();
            for patterns in &sequence.words {
                let word = self.word(patterns, Place::Word)?;
                words.push(self.next(word));
            }
            let again = words.last().filter(|_| sequence.repeated).cloned().map(Regular::any_times);
            ways.push(Regular::row(words.into_iter().chain(again)));
        }
        let words = Regular::either(ways);
        Ok(if fixed.optional { words.optional() } else { words })
    }

    /// Options among values: all that must be there is there, wherever it is.
    fn mixed(&mut self, mixed: &Mixed) -> Result<Regular, String> {
        let option = self.any_option(&mixed.block)?;
        let needed = self.needed(&mixed.block, &option)?;
        let patterns: Vec<_> = mixed.run.slots.iter().flat_map(|slot| slot.patterns.clone()).collect();
        let value = self.word(&patterns, Place::Word)?;
        let dashes = mixed.dashes.map(|_| Regular::text("--"));
        let words = std::iter::once(without_subsumed(option.any_word())).chain(dashes).chain([value.clone()]);
        // Where the values are counted, only options stand between them; an option that must be there may stand
        // behind any of them, and then they are not counted.
        let counted = mixed.run.most().filter(|_| needed.is_none());
        let words: Vec<Regular> = words.filter(|word| counted.is_none() || *word != value).collect();
        let any = self.next(Regular::either(words)).any_times();
        let value = self.next(value);
        let values = vec![value.clone(); mixed.run.least()];
        let orders: Vec<Vec<Regular>> = match needed.map(|needed| self.next(needed)) {
            None => vec![values],
            Some(needed) => (0..=values.len())
                .map(|at| {
                    let mut order = values.clone();
                    order.insert(at, needed.clone());
                    order
                })
                .collect(),
        };
        let more = counted.map_or(0, |most| most.saturating_sub(mixed.run.least()));
        let more = vec![Regular::row([value, any.clone()]).optional(); more];
        let spread = |order: Vec<Regular>| {
            let parts = order.into_iter().flat_map(|one| [any.clone(), one]);
            Regular::row(parts.chain([any.clone()]).chain(more.clone()))
        };
        Ok(Regular::either(orders.into_iter().map(spread)))
    }
}

/// Without texts that another way takes anyhow: a reader that tries one way after the other must not find two.
fn without_subsumed(words: Regular) -> Regular {
    let Regular::Either(ways) = words else { return words };
    let literal = |way: &Regular| way.texts(1).and_then(|texts| texts.into_iter().next());
    let subsumed = |at: usize| {
        let text = ways.get(at).and_then(literal);
        text.is_some_and(|text| ways.iter().enumerate().any(|(other, way)| other != at && way.takes(&text)))
    };
    let kept: Vec<Regular> =
        ways.iter().enumerate().filter(|(at, _)| !subsumed(*at)).map(|(_, way)| way.clone()).collect();
    Regular::either(kept)
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::admin::documents::automata::shortest;
    use crate::admin::language::argv::joined;
    use crate::policy::types::{BuiltIn, Kind, Type};

    /// The roles' own types do not matter here, only that there are several kinds.
    #[allow(clippy::unnecessary_wraps, reason = "what Synopsis::parse asks may not know a name")]
    fn types(name: &str) -> Option<Rc<Type>> {
        let kind = match name {
            "rows" | "n" | "count" | "size" => Kind::Integer { min: 0, max: 500 },
            "svc" | "env" | "iface" => Kind::OneOf(vec!["nginx".into(), "php-fpm".into()]),
            "pkg" | "package" => Kind::BuiltIn(BuiltIn::Unit),
            other => match Type::built_in(other) {
                Some(built_in) => return Some(built_in),
                None => Kind::BuiltIn(BuiltIn::Word),
            },
        };
        Some(Rc::new(Type { name: name.to_owned(), kind }))
    }

    /// A line that sudo would take and the pattern would not, among those of the safe characters.
    fn lost(synopsis: &Synopsis, way: &Regular, pattern: &Regular) -> Option<String> {
        let program = synopsis.programs().first().map(String::as_str).unwrap_or_default();
        let start = if synopsis.elevation().is_some() { "sudo " } else { "" };
        let line = [Regular::text(&format!("{start}{program} ")), way.within(SAFE.or(Letters::of(" ")))];
        // Larger, as the pattern is, and small enough to be walked.
        let taken = Regular::row(line).loosened(16).language();
        shortest(&[&taken, &pattern.language().except()]).unwrap()
    }

    #[test]
    fn no_line_is_lost_of_all_that_the_roles_synopses_take() {
        let mut proven = 0;
        let roles = include_str!("../../../tests/fixtures/roles.tsv").lines().skip(1);
        for text in roles.filter_map(|row| row.split('\t').next()).filter(|text| !text.contains("sudo -u")) {
            let Ok(synopsis) = Synopsis::parse(text, &types) else { continue };
            let Ok(joined) = joined(synopsis.segments()) else { continue };
            // Every order of many options would only take longer.
            if joined.ways.len() > 16 {
                continue;
            }
            let pattern = command(&synopsis);
            for way in &joined.ways {
                assert_eq!(lost(&synopsis, way, &pattern), None, "{text}");
                proven += 1;
            }
        }
        assert!(proven > 60, "{proven}");
    }

    #[test]
    fn a_pattern_that_is_narrower_is_found() {
        let synopsis = Synopsis::parse("tail [-f] [-n <n>] <x>", &types).unwrap();
        let narrower = command(&Synopsis::parse("tail [-f] <x>", &types).unwrap());
        let ways = joined(synopsis.segments()).unwrap().ways;
        assert!(ways.iter().any(|way| lost(&synopsis, way, &narrower).is_some()));
    }
}
