//! A slow matcher that tries everything, against the real one: on synopses and lines built from the same
//! random choices, both accept or both refuse, and what the program is given is the one possible reading.

use proptest::prelude::*;

use super::{parsed, value, words};

/// Random choices, so that a failure shrinks towards the first alternative everywhere.
struct Tape<'t>(std::slice::Iter<'t, u8>);

impl Tape<'_> {
    fn pick(&mut self, among: usize) -> usize {
        self.0.next().map_or(0, |choice| usize::from(*choice)) % among
    }

    fn one_in(&mut self, among: usize) -> bool {
        self.pick(among) == among - 1
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.pick(words.len())]
    }
}

#[derive(Clone, Debug)]
enum Seg {
    Block(Vec<Opt>),
    Run(Vec<Val>),
    Fixed(Fix),
    Dashes,
    Mixed { block: Vec<Opt>, run: Vec<Val>, dashes: bool, values_first: bool },
}

#[derive(Clone, Debug)]
struct Opt {
    spellings: Vec<Spell>,
    required: bool,
    repeated: bool,
}

#[derive(Clone, Debug)]
struct Spell {
    name: &'static str,
    form: Form,
}

/// `-f`, `-n <n>`, `-n<n>` or `--n=<n>`, `-b[<n>]` or `--b[=<n>]`, `-<n>`: the last has its type in its name.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Plain,
    Next,
    Attached,
    Optional,
    Around,
}

#[derive(Clone, Debug)]
struct Val {
    name: &'static str,
    optional: bool,
    repeated: bool,
}

#[derive(Clone, Debug)]
enum Fix {
    Word(&'static str),
    Maybe(&'static str),
    Either(&'static str, &'static str),
    /// `[to <n>]`
    Pair(&'static str),
    /// `[at <n>...]`
    Many(&'static str),
    /// `k=<n>`
    Key,
}

fn is_word(spell: &Spell) -> bool {
    spell.form == Form::Around
        || spell.name.starts_with('+')
        || (!spell.name.starts_with("--") && spell.name.len() > 2)
}

// Building.

fn synopsis(tape: &mut Tape<'_>) -> Vec<Seg> {
    let mut names =
        vec!["-a", "-n", "-b", "--follow", "--lines", "-f", "-name", "+t", "-m", "--color", "-5", "--z"];
    let mut fixed = vec!["go", "to", "at", "in", "by"];
    let mut all: Vec<Seg> = Vec::new();
    for _ in 0..=tape.pick(4) {
        let seg = match tape.pick(4) {
            0 => Seg::Block((0..=tape.pick(3)).filter_map(|_| option(tape, &mut names)).collect()),
            1 => Seg::Run(run(tape)),
            2 => Seg::Fixed(fix(tape, &mut fixed)),
            _ => Seg::Dashes,
        };
        let clash = matches!(
            (all.last(), &seg),
            (Some(Seg::Block(_)), Seg::Block(_))
                | (Some(Seg::Run(_)), Seg::Run(_))
                | (Some(Seg::Dashes), Seg::Block(_) | Seg::Dashes)
        );
        if !clash && !matches!(&seg, Seg::Block(options) if options.is_empty()) {
            all.push(seg);
        }
    }
    all
}

fn option(tape: &mut Tape<'_>, names: &mut Vec<&'static str>) -> Option<Opt> {
    let count = if tape.one_in(4) { 2 } else { 1 };
    let mut spellings = Vec::new();
    for _ in 0..count {
        if !names.is_empty() {
            let at = tape.pick(names.len());
            let name = names.remove(at);
            spellings.push(Spell { name, form: form(tape, name) });
        }
    }
    let (required, repeated) = (tape.one_in(4), tape.one_in(4));
    (!spellings.is_empty()).then_some(Opt { spellings, required, repeated })
}

fn form(tape: &mut Tape<'_>, name: &str) -> Form {
    let forms = match name {
        "+t" => vec![Form::Plain, Form::Around],
        "-5" => vec![Form::Plain],
        "-name" => vec![Form::Plain, Form::Next],
        _ => vec![Form::Plain, Form::Next, Form::Attached, Form::Optional],
    };
    forms[tape.pick(forms.len())]
}

fn run(tape: &mut Tape<'_>) -> Vec<Val> {
    let count = 1 + tape.pick(3);
    let flexible = tape.pick(count + 1);
    let value = |nth: usize, tape: &mut Tape<'_>| Val {
        name: tape.of(&["<n>", "<when>", "<log>"]),
        optional: nth == flexible && tape.pick(2) == 0,
        repeated: nth == flexible && tape.pick(2) == 0,
    };
    (0..count).map(|nth| value(nth, tape)).collect()
}

fn fix(tape: &mut Tape<'_>, words: &mut Vec<&'static str>) -> Fix {
    let mut word =
        |tape: &mut Tape<'_>| if words.is_empty() { "on" } else { words.remove(tape.pick(words.len())) };
    match tape.pick(6) {
        0 => Fix::Word(word(tape)),
        1 => Fix::Maybe(word(tape)),
        2 => Fix::Either(word(tape), word(tape)),
        3 => Fix::Pair(word(tape)),
        4 => Fix::Many(word(tape)),
        _ => Fix::Key,
    }
}

// Writing.

fn written(segs: &[Seg]) -> String {
    let parts = segs.iter().map(|seg| match seg {
        Seg::Block(options) => options.iter().map(option_text).collect::<Vec<_>>().join(" "),
        Seg::Run(values) => values.iter().map(value_text).collect::<Vec<_>>().join(" "),
        Seg::Fixed(Fix::Word(word)) => (*word).to_owned(),
        Seg::Fixed(Fix::Maybe(word)) => format!("[{word}]"),
        Seg::Fixed(Fix::Either(one, other)) => format!("({one}|{other})"),
        Seg::Fixed(Fix::Pair(word)) => format!("[{word} <n>]"),
        Seg::Fixed(Fix::Many(word)) => format!("[{word} <n>...]"),
        Seg::Fixed(Fix::Key) => "k=<n>".to_owned(),
        Seg::Dashes => "[--]".to_owned(),
        Seg::Mixed { .. } => unreachable!("mixing is the matcher's, not the writer's"),
    });
    format!("x {}", parts.collect::<Vec<_>>().join(" "))
}

fn option_text(option: &Opt) -> String {
    let spelled: Vec<String> = option.spellings.iter().map(spelling_text).collect();
    let (open, close) = if option.required { ('(', ')') } else { ('[', ']') };
    format!("{open}{}{close}{}", spelled.join(" | "), if option.repeated { "..." } else { "" })
}

fn spelling_text(spell: &Spell) -> String {
    let (name, equals) = (spell.name, if spell.name.starts_with("--") { "=" } else { "" });
    match spell.form {
        Form::Plain if spell.name == "-name" => format!("'{name}'"),
        Form::Plain => name.to_owned(),
        Form::Next => format!("{name} <n>"),
        Form::Attached => format!("{name}{equals}<n>"),
        Form::Optional => format!("{name}[{equals}<n>]"),
        Form::Around => format!("{name}<n>"),
    }
}

fn value_text(value: &Val) -> String {
    let dots = if value.repeated { "..." } else { "" };
    if value.optional { format!("[{}{dots}]", value.name) } else { format!("{}{dots}", value.name) }
}

// Lines that often fit.

fn line(tape: &mut Tape<'_>, segs: &[Seg]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for seg in segs {
        match seg {
            Seg::Block(options) => all.extend(options.iter().flat_map(|option| typed(tape, option))),
            Seg::Run(values) => all.extend(values.iter().flat_map(|value| typed_values(tape, value))),
            Seg::Fixed(fixed) => all.extend(typed_fixed(tape, fixed)),
            Seg::Dashes if tape.one_in(3) => all.push("--".to_owned()),
            Seg::Dashes | Seg::Mixed { .. } => {}
        }
    }
    for _ in 0..tape.pick(3) {
        disturb(tape, &mut all);
    }
    all
}

fn typed(tape: &mut Tape<'_>, option: &Opt) -> Vec<String> {
    if !option.required && tape.one_in(2) {
        return vec![];
    }
    let spell = &option.spellings[tape.pick(option.spellings.len())];
    let equals = if spell.name.starts_with("--") { "=" } else { "" };
    match (spell.form, tape.pick(2)) {
        (Form::Plain, _) | (Form::Optional, 0) => vec![spell.name.to_owned()],
        (Form::Next, 0) => vec![spell.name.to_owned(), "7".to_owned()],
        (Form::Next | Form::Attached | Form::Optional, _) => vec![format!("{}{equals}7", spell.name)],
        (Form::Around, _) => vec![format!("{}7", spell.name)],
    }
}

fn typed_values(tape: &mut Tape<'_>, value: &Val) -> Vec<String> {
    let least = usize::from(!value.optional);
    let count =
        least + if value.repeated { tape.pick(3) } else { usize::from(value.optional && tape.one_in(2)) };
    let text = |name| match name {
        "<n>" => "8",
        "<when>" => "auto",
        _ => "a.log",
    };
    (0..count).map(|_| text(value.name).to_owned()).collect()
}

fn typed_fixed(tape: &mut Tape<'_>, fixed: &Fix) -> Vec<String> {
    let some = tape.one_in(2);
    let words: Vec<&str> = match fixed {
        Fix::Word(word) => vec![word],
        Fix::Either(one, other) => vec![if some { one } else { other }],
        Fix::Maybe(word) if some => vec![word],
        Fix::Pair(word) if some => vec![word, "3"],
        Fix::Many(word) if some => vec![word, "3", "4"],
        Fix::Maybe(_) | Fix::Pair(_) | Fix::Many(_) => vec![],
        Fix::Key => vec!["k=3"],
    };
    words.into_iter().map(str::to_owned).collect()
}

fn disturb(tape: &mut Tape<'_>, all: &mut Vec<String>) {
    let at = tape.pick(all.len() + 1);
    let other = tape.pick(all.len() + 1);
    match tape.pick(4) {
        0 if at < all.len() && other < all.len() => all.swap(at, other),
        1 if at < all.len() => drop(all.remove(at)),
        2 if at + 1 < all.len() && all[at].starts_with('-') && all[at + 1].starts_with('-') => {
            let more = all.remove(at + 1);
            all[at].push_str(&more[1..]);
        }
        _ => {
            let word = tape.of(&[
                "-a", "8", "auto", "a.log", "--", "-", "-ab", "-n7", "go", "--follow", "+t", "-n", "k=", "-7",
            ]);
            all.insert(at, word.to_owned());
        }
    }
}

// Matching, by trying everything.

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
