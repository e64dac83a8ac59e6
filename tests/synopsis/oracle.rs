//! A slow matcher that tries everything, against the real one: on synopses and lines built from the same
//! random choices, both accept or both refuse, and what the program is given is the one possible reading.

use gatesh::policy::synopsis::Why;
use proptest::prelude::*;

use super::generator::{Fix, Form, Opt, Seg, Tape, Val, is_word, line, synopsis, written};
use super::{parsed, value, words};

type Argv = Vec<String>;

/// Uses of options: option, spelling, whether with a value.
type Uses = Vec<(usize, usize)>;

fn mix(mut segs: Vec<Seg>) -> Vec<Seg> {
    let block = segs.iter().rposition(|seg| matches!(seg, Seg::Block(_)));
    let run = segs.iter().rposition(|seg| matches!(seg, Seg::Run(_)));
    let (Some(block), Some(run)) = (block, run) else { return segs };
    let (low, high) = (block.min(run), block.max(run));
    if segs[low + 1..high].iter().any(|seg| !matches!(seg, Seg::Dashes)) {
        return segs;
    }
    let (Seg::Block(options), Seg::Run(values)) = (segs[block].clone(), segs[run].clone()) else {
        return segs;
    };
    let mixed =
        Seg::Mixed { block: options, run: values, dashes: high - low == 2, values_first: run < block };
    segs.splice(low..=high, [mixed]);
    segs
}

/// Every reading of `words`, each as what the program would be given.
fn readings(segs: &[Seg], words: &[String], plus: bool) -> Vec<Argv> {
    let Some((seg, later)) = segs.split_first() else {
        return if words.is_empty() { vec![vec![]] } else { vec![] };
    };
    let mut all = Vec::new();
    for end in 0..=words.len() {
        for own in segment(seg, &words[..end], plus) {
            all.extend(
                readings(later, &words[end..], plus).into_iter().map(|rest| [own.clone(), rest].concat()),
            );
        }
    }
    all
}

fn segment(seg: &Seg, words: &[String], plus: bool) -> Vec<Argv> {
    let whole = |fits: bool| if fits { vec![words.to_vec()] } else { vec![] };
    match seg {
        Seg::Block(options) => whole(block(options, words, &vec![])),
        Seg::Run(values) => whole(values_fit(values, words, plus)),
        Seg::Dashes => whole(words.is_empty() || words == ["--"]),
        Seg::Fixed(fixed) => whole(fixed_fits(fixed, &words.iter().map(String::as_str).collect::<Vec<_>>())),
        Seg::Mixed { .. } => mixed(seg, words, &Sorted::default(), plus),
    }
}

#[derive(Clone, Default)]
struct Sorted {
    options: Argv,
    uses: Uses,
    dashes: bool,
    values: Argv,
}

fn mixed(seg: &Seg, words: &[String], sorted: &Sorted, plus: bool) -> Vec<Argv> {
    let Seg::Mixed { block, run, dashes, values_first } = seg else { return vec![] };
    let Some((word, later)) = words.split_first() else {
        let fits = uses_fit(block, &sorted.uses) && values_fit(run, &sorted.values, plus);
        let dashes = if sorted.dashes { vec!["--".to_owned()] } else { vec![] };
        let mut parts = [sorted.options.clone(), dashes, sorted.values.clone()];
        if *values_first {
            parts.reverse();
        }
        return if fits { vec![parts.concat()] } else { vec![] };
    };
    let mut all = Vec::new();
    if *dashes && !sorted.dashes && word == "--" {
        all.extend(mixed(seg, later, &Sorted { dashes: true, ..sorted.clone() }, plus));
    }
    if !word.starts_with('-') {
        let mut next = sorted.clone();
        next.values.push(word.clone());
        all.extend(mixed(seg, later, &next, plus));
    }
    for (length, uses) in option_readings(block, words).into_iter().filter(|_| !sorted.dashes) {
        let mut next = sorted.clone();
        next.options.extend_from_slice(&words[..length]);
        next.uses.extend(uses);
        all.extend(mixed(seg, &words[length..], &next, plus));
    }
    all
}

fn block(options: &[Opt], words: &[String], uses: &Uses) -> bool {
    if words.is_empty() {
        return uses_fit(options, uses);
    }
    option_readings(options, words)
        .into_iter()
        .any(|(length, more)| block(options, &words[length..], &[uses.clone(), more].concat()))
}

fn uses_fit(options: &[Opt], uses: &Uses) -> bool {
    options.iter().enumerate().all(|(nth, option)| {
        let own: Vec<usize> =
            uses.iter().filter(|(used, _)| *used == nth).map(|(_, spelling)| *spelling).collect();
        let same = own.windows(2).all(|pair| pair[0] == pair[1]);
        let valued = own.iter().any(|spelling| option.spellings[*spelling].form != Form::Plain);
        (!option.required || !own.is_empty()) && (option.repeated || (same && (!valued || own.len() == 1)))
    })
}

/// How the first word, perhaps with the second, reads as options.
fn option_readings(options: &[Opt], words: &[String]) -> Vec<(usize, Uses)> {
    let spelled = || {
        options.iter().enumerate().flat_map(|(nth, option)| {
            option.spellings.iter().enumerate().map(move |(at, spell)| ((nth, at), spell))
        })
    };
    let has_words = spelled().any(|(_, spell)| is_word(spell));
    let second = words.get(1).is_some_and(|word| number(word));
    let mut all = Vec::new();
    for (used, spell) in spelled() {
        let rest = words[0].strip_prefix(spell.name);
        let long = spell.name.starts_with("--");
        let value = rest.map(|rest| if long { rest.strip_prefix('=').unwrap_or("?") } else { rest });
        match (spell.form, rest, value) {
            (Form::Plain | Form::Optional, Some(""), _) => all.push((1, vec![used])),
            (Form::Next, Some(""), _) if second => all.push((2, vec![used])),
            (Form::Next, _, Some(value)) if long && number(value) => all.push((1, vec![used])),
            (Form::Attached | Form::Optional, _, Some(value)) if number(value) && (long || has_words) => {
                all.push((1, vec![used]));
            }
            (Form::Around, _, Some(value)) if number(value) => all.push((1, vec![used])),
            _ => {}
        }
    }
    if all.is_empty() && !has_words {
        all.extend(words[0].strip_prefix('-').and_then(|letters| bundle(options, letters, second)));
    }
    all
}

fn bundle(options: &[Opt], letters: &str, second: bool) -> Option<(usize, Uses)> {
    let letter = letters.chars().next()?;
    let rest = &letters[letter.len_utf8()..];
    let name = format!("-{letter}");
    let (used, form) = options.iter().enumerate().find_map(|(nth, option)| {
        let at = option.spellings.iter().position(|spell| spell.name == name)?;
        Some(((nth, at), option.spellings[at].form))
    })?;
    match form {
        Form::Plain | Form::Optional if rest.is_empty() => Some((1, vec![used])),
        Form::Plain => {
            bundle(options, rest, second).map(|(length, more)| (length, [vec![used], more].concat()))
        }
        Form::Next if rest.is_empty() => second.then(|| (2, vec![used])),
        Form::Next | Form::Attached | Form::Optional => number(rest).then(|| (1, vec![used])),
        Form::Around => None,
    }
}

fn number(text: &str) -> bool {
    matches!(text.len(), 1..=4)
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
}

fn values_fit(values: &[Val], words: &[String], plus: bool) -> bool {
    let Some((first, later)) = values.split_first() else { return words.is_empty() };
    let most = if first.repeated { words.len() } else { words.len().min(1) };
    (usize::from(!first.optional)..=most).any(|count| {
        words[..count].iter().all(|word| value_fits(first.name, word, plus))
            && values_fit(later, &words[count..], plus)
    })
}

fn value_fits(name: &str, word: &str, plus: bool) -> bool {
    let takes = match name {
        "<n>" => number(word),
        "<when>" => ["auto", "always", "never"].contains(&word) && !(plus && word.starts_with('+')),
        _ => word.strip_suffix(".log").is_some(),
    };
    takes && !word.starts_with('-')
}

fn fixed_fits(fixed: &Fix, words: &[&str]) -> bool {
    match (fixed, words) {
        (Fix::Word(own) | Fix::Maybe(own), [word]) => word == own,
        (Fix::Maybe(_) | Fix::Pair(_) | Fix::Many(_), []) => true,
        (Fix::Either(one, other), [word]) => word == one || word == other,
        (Fix::Pair(own), [word, value]) => word == own && number(value),
        (Fix::Many(own), [word, values @ ..]) => {
            word == own && !values.is_empty() && values.iter().all(|value| number(value))
        }
        (Fix::Key, [word]) => word.strip_prefix("k=").is_some_and(number),
        _ => false,
    }
}

/// Both answers on one tape: what was accepted, and whether the synopsis could be read at all.
fn compare(choices: &[u8]) -> Result<Option<bool>, TestCaseError> {
    let mut tape = Tape(choices.iter());
    let segs = synopsis(&mut tape);
    let text = written(&segs);
    let Ok(read) = parsed(&text) else { return Ok(None) };
    let line = line(&mut tape, &segs);
    let plus = text.contains('+');
    let expected = readings(&mix(segs), &line, plus);
    let typed = words(&line.join(" "));
    let fit = read.fits(&typed, &mut |wanted, _, text, after| value(wanted, text, after));
    let got: Option<Argv> = fit.ok().map(|fit| fit.arguments.into_iter().map(|one| one.text).collect());
    prop_assert_eq!(got.is_some(), !expected.is_empty(), "{} on {:?}: {:?}", text, line, expected);
    if let Some(got) = &got {
        prop_assert!(
            expected.iter().all(|one| one == got),
            "{} on {:?}: {:?} {:?}",
            text,
            line,
            got,
            expected
        );
    }
    Ok(Some(got.is_some()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_matcher_agrees_with_trying_everything(choices in prop::collection::vec(any::<u8>(), 80)) {
        compare(&choices)?;
    }

    #[test]
    fn completion_foretells_what_matching_accepts(choices in prop::collection::vec(any::<u8>(), 80)) {
        foretold(&choices)?;
    }
}

/// What completion says of every beginning of a line against what matching says of it.
fn foretold(choices: &[u8]) -> Result<(), TestCaseError> {
    let mut tape = Tape(choices.iter());
    let segs = synopsis(&mut tape);
    let Ok(read) = parsed(&written(&segs)) else { return Ok(()) };
    let line = words(&line(&mut tape, &segs).join(" "));
    let mut check = |wanted: &_, _: &_, text: &str, after| value(wanted, text, after);
    for end in 0..=line.len() {
        let next = read.next(&line[..end], &mut check);
        let fit = read.fits(&line[..end], &mut check);
        let may_end = next.as_ref().is_ok_and(|next| next.may_end);
        // Values that count from the right are judged only at the end.
        let judged_late = matches!(&fit, Err(stop) if matches!(stop.why, Why::Value { .. }));
        prop_assert_eq!(may_end, fit.is_ok() || (may_end && judged_late), "{} {:?}", read.text(), line);
        let dead =
            next.is_ok_and(|next| next.options.is_empty() && next.words.is_empty() && next.values.is_empty());
        prop_assert!(!dead || end == line.len() || read.next(&line[..=end], &mut check).is_err());
    }
    Ok(())
}

#[test]
fn the_comparison_sees_readable_synopses_and_both_verdicts() {
    let mut seen = [0; 3];
    let mut random: u32 = 1;
    for _ in 0..1000 {
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random.to_be_bytes()[0]
        };
        let choices: Vec<u8> = (0..80).map(|_| next()).collect();
        let verdict = compare(&choices).unwrap();
        seen[verdict.map_or(0, |accepted| 1 + usize::from(accepted))] += 1;
    }

    assert!(seen.iter().skip(1).all(|count| *count > 100), "{seen:?}");
}
