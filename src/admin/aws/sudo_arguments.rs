//! A synopsis's arguments as sudoers can state them: word for word, or as a POSIX extended regular expression
//! over the words joined by single blanks. It lets everything through that the rule does.
//!
//! sudo compares one text and knows nothing of where a word ends, so that no value with a blank in it can be
//! stated. What cannot be stated is refused by name.

use super::super::export::Arguments;
use super::sudo_values::{literal, word};
use crate::policy::synopsis::{Fixed, Pattern, Segment, Sequence, Slot};

/// Lines that one synopsis may become; with more choices it becomes an expression.
const MOST_LINES: usize = 16;

/// A word or several, as an expression that neither begins nor ends with a blank.
struct Item {
    expression: String,
    optional: bool,
    repeated: bool,
}

/// Each of them is one line of sudoers. The error says what cannot be stated, and the way out.
pub(super) fn arguments(segments: &[Segment]) -> Result<Vec<Arguments>, String> {
    if let Some(lines) = word_for_word(segments) {
        let of = |words: Vec<String>| match words.is_empty() {
            true => Arguments::None,
            false => Arguments::Words(words),
        };
        return Ok(lines.into_iter().map(of).collect());
    }
    let items = items(segments)?;
    let expression = Arguments::Expression(head(&items));
    // sudo has no text to compare where there are no arguments.
    let none = items.iter().all(|item| item.optional).then_some(Arguments::None);
    Ok(none.into_iter().chain([expression]).collect())
}

/// All lines, if every word is fixed and there are few.
fn word_for_word(segments: &[Segment]) -> Option<Vec<Vec<String>>> {
    let mut lines = vec![Vec::new()];
    for segment in segments {
        let fixed = segment.fixed()?;
        let mut ways: Vec<Vec<String>> = Vec::new();
        for sequence in &fixed.sequences {
            ways.extend(spelled_out(sequence)?);
        }
        ways.extend(fixed.optional.then(Vec::new));
        let longer = |line: &Vec<String>| ways.iter().map(|way| [line.as_slice(), way].concat()).collect();
        lines = lines.iter().flat_map(|line| -> Vec<Vec<String>> { longer(line) }).collect();
        if lines.len() > MOST_LINES {
            return None;
        }
    }
    Some(lines)
}

/// Every way to type the words of a sequence, if they are fixed.
fn spelled_out(sequence: &Sequence) -> Option<Vec<Vec<String>>> {
    let mut ways = vec![Vec::new()];
    for patterns in &sequence.words {
        let exact = patterns.iter().all(Pattern::is_exact) && !sequence.repeated;
        let texts: Vec<&String> = exact.then_some(patterns)?.iter().map(|pattern| &pattern.before).collect();
        // sudo would take such a word for two, or for none.
        if texts.iter().any(|text| text.is_empty() || text.contains(char::is_whitespace)) {
            return None;
        }
        let longer = |way: &Vec<String>| -> Vec<Vec<String>> {
            texts.iter().map(|text| [way.as_slice(), std::slice::from_ref(*text)].concat()).collect()
        };
        ways = ways.iter().flat_map(longer).collect();
        if ways.len() > MOST_LINES {
            return None;
        }
    }
    Some(ways)
}

fn items(segments: &[Segment]) -> Result<Vec<Item>, String> {
    let mut all = Vec::new();
    for segment in segments {
        if let Some(option) = segment.block().and_then(|block| block.options.first()) {
            let names: Vec<String> = option.spellings.iter().map(ToString::to_string).collect();
            return Err(format!(
                "options such as {} may be typed and joined in many ways: write the line for sudo by hand, the rule in a group of its own",
                names.join("|")
            ));
        }
        if let Some(fixed) = segment.fixed() {
            all.push(fixed_words(fixed)?);
        }
        for slot in segment.run().into_iter().flat_map(|run| &run.slots) {
            all.push(value(slot)?);
        }
    }
    Ok(all)
}

fn fixed_words(fixed: &Fixed) -> Result<Item, String> {
    let all: Vec<String> = fixed.sequences.iter().map(sequence).collect::<Result<_, _>>()?;
    Ok(Item { expression: either(&all), optional: fixed.optional, repeated: false })
}

fn sequence(sequence: &Sequence) -> Result<String, String> {
    let words: Vec<String> =
        sequence.words.iter().map(|patterns| one_of(patterns)).collect::<Result<_, _>>()?;
    let again = words.last().filter(|_| sequence.repeated).map(|last| format!("( {last})*"));
    Ok(words.join(" ") + &again.unwrap_or_default())
}

fn value(slot: &Slot) -> Result<Item, String> {
    Ok(Item { expression: one_of(&slot.patterns)?, optional: slot.optional, repeated: slot.repeated })
}

/// One word that is one of the patterns.
fn one_of(patterns: &[Pattern]) -> Result<String, String> {
    let all: Vec<String> = patterns.iter().map(pattern).collect::<Result<_, _>>()?;
    Ok(either(&all))
}

fn pattern(pattern: &Pattern) -> Result<String, String> {
    let Pattern { before, value, after } = pattern;
    for text in [before, after] {
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(format!("\"{text}\" has a blank in it, where sudo would see two words"));
        }
    }
    let value = value.as_ref().map(|wanted| word(wanted, !before.is_empty())).transpose()?;
    Ok(format!("{}{}{}", literal(before), value.unwrap_or_default(), literal(after)))
}

/// `(a|b)`, or the only one as it is.
pub(super) fn either(all: &[String]) -> String {
    match all {
        [one] => one.clone(),
        several => format!("({})", several.join("|")),
    }
}

/// All items, the first of those present without a blank before it.
fn head(items: &[Item]) -> String {
    let Some((first, rest)) = items.split_first() else { return String::new() };
    let again = if first.repeated { format!("( {})*", first.expression) } else { String::new() };
    let present = format!("{}{again}{}", first.expression, tail(rest));
    match (first.optional, rest.is_empty()) {
        (false, _) => present,
        (true, true) => format!("({present})?"),
        (true, false) => format!("({present}|{})", head(rest)),
    }
}

/// All items, each with a blank before it.
fn tail(items: &[Item]) -> String {
    let each = items.iter().map(|item| match (item.optional, item.repeated) {
        (false, false) => format!(" {}", item.expression),
        (false, true) => format!("( {})+", item.expression),
        (true, false) => format!("( {})?", item.expression),
        (true, true) => format!("( {})*", item.expression),
    });
    each.collect()
}
