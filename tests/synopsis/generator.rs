//! Synopses and lines for them, built from one tape of choices.

/// Random choices, so that a failure shrinks towards the first alternative everywhere.
pub(crate) struct Tape<'t>(pub(crate) std::slice::Iter<'t, u8>);

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
pub(crate) enum Seg {
    Block(Vec<Opt>),
    Run(Vec<Val>),
    Fixed(Fix),
    Dashes,
    Mixed { block: Vec<Opt>, run: Vec<Val>, dashes: bool, values_first: bool },
}

#[derive(Clone, Debug)]
pub(crate) struct Opt {
    pub(crate) spellings: Vec<Spell>,
    pub(crate) required: bool,
    pub(crate) repeated: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Spell {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
}

/// `-f`, `-n <n>`, `-n<n>` or `--n=<n>`, `-b[<n>]` or `--b[=<n>]`, `-<n>`: the last has its type in its name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    Plain,
    Next,
    Attached,
    Optional,
    Around,
}

#[derive(Clone, Debug)]
pub(crate) struct Val {
    pub(crate) name: &'static str,
    pub(crate) optional: bool,
    pub(crate) repeated: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Fix {
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

pub(crate) fn is_word(spell: &Spell) -> bool {
    spell.form == Form::Around
        || spell.name.starts_with('+')
        || (!spell.name.starts_with("--") && spell.name.len() > 2)
}

// Building.

pub(crate) fn synopsis(tape: &mut Tape<'_>) -> Vec<Seg> {
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

pub(crate) fn written(segs: &[Seg]) -> String {
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

pub(crate) fn line(tape: &mut Tape<'_>, segs: &[Seg]) -> Vec<String> {
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
