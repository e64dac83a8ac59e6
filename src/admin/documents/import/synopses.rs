//! Word sequences as synopses: alternatives drawn together, values named by types.

use super::lines::{Piece, Word};

/// What a value of the old pattern becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A file whose path begins and ends so.
    File { beginning: String, ending: String },
    /// A directory.
    Directory,
    /// The built-in type of package names.
    Package,
    /// Anything of these characters.
    Expression(String),
}

/// A type of the group file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NamedType {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// An element of a synopsis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// One of these words.
    Fixed(Vec<String>),
    /// A value: type, optional, repeated.
    Value { name: String, optional: bool, repeated: bool },
}

/// A line on its way to a synopsis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) elements: Vec<Element>,
    /// The old class let words begin with `-`.
    pub(super) dashes: bool,
}

/// Options that only show more or less, of programs as people put them into such patterns. The old class took any.
const HARMLESS: &[(&str, &str)] = &[
    ("ls", "[-1AFRadhlrt]"),
    ("cat", "[-n]"),
    ("less", "[-NSR]"),
    ("head", "[-n <number>]"),
    ("tail", "[-n <number>]"),
    ("wc", "[-clw]"),
    ("du", "[-hs]"),
    ("df", "[-h]"),
];
/// Programs whose operands are packages.
const PACKAGERS: &[&str] = &["yum", "dnf", "apt", "apt-get", "zypper"];
/// Programs whose operands are mostly directories.
const LISTERS: &[&str] = &["ls", "du", "find", "tree", "df"];

impl Draft {
    /// Program's place: after `sudo`.
    fn program(&self) -> usize {
        usize::from(self.word(0) == Some("sudo"))
    }

    fn word(&self, at: usize) -> Option<&str> {
        match self.elements.get(at)? {
            Element::Fixed(words) => words.first().map(String::as_str),
            Element::Value { .. } => None,
        }
    }

    pub(super) fn elevated(&self) -> bool {
        self.program() == 1
    }

    pub(super) fn packages(&self) -> bool {
        self.word(self.program()).is_some_and(|program| PACKAGERS.contains(&program))
    }

    /// Program words, options that stand for the old class, then the rest.
    pub(super) fn text(&self) -> String {
        let program = self.program();
        let options = self.options();
        let mut out = Vec::new();
        for (i, element) in self.elements.iter().enumerate() {
            out.push(element.text(i <= program));
            if i == program {
                out.extend(options.map(str::to_owned));
            }
        }
        out.join(" ")
    }

    /// The options proposed for it: of a single program, and only where the old class took some.
    pub(super) fn options(&self) -> Option<&'static str> {
        let Some(Element::Fixed(programs)) = self.elements.get(self.program()) else { return None };
        let [program] = programs.as_slice() else { return None };
        let found = HARMLESS.iter().find(|(name, _)| name == program)?;
        self.dashes.then_some(found.1)
    }

    /// The line with one place left out, for comparing.
    fn without(&self, place: usize) -> Vec<&Element> {
        self.elements.iter().enumerate().filter(|(i, _)| *i != place).map(|(_, element)| element).collect()
    }
}

impl Element {
    fn text(&self, is_program: bool) -> String {
        match self {
            Self::Fixed(words) => match words.as_slice() {
                [word] if !is_program && word.starts_with('-') => format!("({})", spelled(word)),
                [word] => spelled(word),
                words => {
                    format!("({})", words.iter().map(|word| spelled(word)).collect::<Vec<_>>().join("|"))
                }
            },
            Self::Value { name, optional, repeated } => {
                let dots = if *repeated { "..." } else { "" };
                if *optional { format!("[<{name}>{dots}]") } else { format!("<{name}>{dots}") }
            }
        }
    }
}

/// Quoted where a synopsis would read it as more than a word.
fn spelled(word: &str) -> String {
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "_./:@%+,=".contains(c) || c == '-');
    let flag = word.len() == 2 || word.starts_with("--") || !word.starts_with('-');
    if plain && flag && !word.starts_with('+') && !word.contains("...") {
        word.to_owned()
    } else {
        format!("'{word}'")
    }
}

/// Drafts of all lines, and the types they name.
pub(super) fn drafts(lines: &[Vec<Word>]) -> (Vec<Draft>, Vec<NamedType>) {
    let mut types = Vec::new();
    let mut drafts: Vec<Draft> = lines.iter().map(|line| draft(line, &mut types)).collect();
    draw_optional(&mut drafts);
    draw_alternatives(&mut drafts);
    (drafts, types)
}

fn draft(line: &[Word], types: &mut Vec<NamedType>) -> Draft {
    let mut draft = Draft { elements: Vec::new(), dashes: false };
    for word in line {
        let element = match word.fixed() {
            Some(text) => Element::Fixed(vec![text.to_owned()]),
            None => Element::Value {
                name: named(kind(word, &draft), types),
                optional: false,
                repeated: word.several,
            },
        };
        draft.dashes |= word.several && word.classes().holds('-');
        draft.elements.push(element);
    }
    draft
}

/// A value that holds a slash is a path, whoever wrote the slash: as text it would reach links and `..` unresolved.
fn kind(word: &Word, before: &Draft) -> Kind {
    let program = before.word(before.program()).unwrap_or_default();
    if word.is_path() {
        let (beginning, ending) = (word.beginning(), word.ending());
        return if LISTERS.contains(&program) && beginning.is_empty() && ending.is_empty() {
            Kind::Directory
        } else {
            Kind::File { beginning: beginning.to_owned(), ending: ending.to_owned() }
        };
    }
    if PACKAGERS.contains(&program) { Kind::Package } else { Kind::Expression(expression(word)) }
}

/// The word as a regular expression; a value never begins with `-` anyhow.
fn expression(word: &Word) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.chars().map(literal).collect(),
        Piece::Class(set, least, most) => {
            let shown = in_ranges(&set.chars().filter(char::is_ascii_graphic).collect::<Vec<_>>());
            let count = match (least, most) {
                (1, Some(1)) => String::new(),
                (least, Some(most)) => format!("{{{least},{most}}}"),
                (1, None) => "+".to_owned(),
                (least, None) => format!("{{{least},}}"),
            };
            format!("[{shown}]{count}")
        }
    };
    word.pieces.iter().map(piece).collect()
}

/// The members of a class, three neighbours or more as a range of letters or digits.
fn in_ranges(members: &[char]) -> String {
    let mut out = String::new();
    let next = |a: char, b: char| {
        u32::from(a) + 1 == u32::from(b) && a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric()
    };
    for run in members.chunk_by(|a, b| next(*a, *b)) {
        match run {
            [first, _, .., last] => out.extend([*first, '-', *last]),
            few => out.extend(few.iter().map(|c| in_class(*c))),
        }
    }
    out
}

fn literal(c: char) -> String {
    if c.is_ascii_alphanumeric() { c.to_string() } else { format!("[{}]", in_class(c)) }
}

fn in_class(c: char) -> String {
    if "\\]^-[&~".contains(c) { format!("\\{c}") } else { c.to_string() }
}

/// The name of the type for `kind`, which is added if it is new.
fn named(kind: Kind, types: &mut Vec<NamedType>) -> String {
    if let Some(known) = types.iter().find(|known| known.kind == kind) {
        return known.name.clone();
    }
    let wish = match &kind {
        Kind::File { ending, .. } => {
            ending.rsplit('.').next().filter(|name| is_name(name)).unwrap_or("file").to_owned()
        }
        Kind::Directory => "dir".to_owned(),
        Kind::Package => "package".to_owned(),
        Kind::Expression(_) => "value".to_owned(),
    };
    let taken = |name: &str| types.iter().any(|known| known.name == name);
    let numbered = (2..).map(|n| format!("{wish}{n}"));
    let name = std::iter::once(wish.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(wish);
    types.push(NamedType { name: name.clone(), kind });
    name
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// `ls` and `ls <dir>...` are `ls [<dir>...]`.
fn draw_optional(drafts: &mut Vec<Draft>) {
    let all = drafts.clone();
    for draft in drafts.iter_mut() {
        let head = draft.elements.split_last().map(|(_, head)| head.to_vec()).unwrap_or_default();
        if let Some(Element::Value { optional, repeated: true, .. }) = draft.elements.last_mut() {
            *optional = all.iter().any(|other| other.elements == head);
        }
    }
    let optional =
        |draft: &Draft| matches!(draft.elements.last(), Some(Element::Value { optional: true, .. }));
    let heads: Vec<Vec<Element>> = drafts
        .iter()
        .filter(|draft| optional(draft))
        .filter_map(|draft| draft.elements.split_last().map(|(_, head)| head.to_vec()))
        .collect();
    drafts.retain(|draft| !heads.contains(&draft.elements));
}

/// Lines that differ in one fixed word become one; not where that would lose options proposed for one program.
fn draw_alternatives(drafts: &mut Vec<Draft>) {
    let mut drawn: Vec<Draft> = Vec::new();
    for draft in drafts.drain(..) {
        let place = drawn.iter().enumerate().find_map(|(i, other)| Some((i, differs_in_one(other, &draft)?)));
        let words = match place {
            Some((_, at)) => draft.elements.get(at).cloned(),
            None => None,
        };
        match (place.and_then(|(i, at)| drawn.get_mut(i)?.elements.get_mut(at)), words) {
            (Some(Element::Fixed(into)), Some(Element::Fixed(words))) => into.extend(words),
            _ => drawn.push(draft),
        }
    }
    *drafts = drawn;
}

fn differs_in_one(one: &Draft, other: &Draft) -> Option<usize> {
    let same_length = one.elements.len() == other.elements.len() && one.dashes == other.dashes;
    let program = one.program();
    let with_options = one.options().is_some() || other.options().is_some();
    (0..one.elements.len()).find(|at| {
        let fixed = |draft: &Draft| matches!(draft.elements.get(*at), Some(Element::Fixed(_)));
        let keeps = *at != program || !with_options;
        same_length
            && keeps
            && *at >= program
            && fixed(one)
            && fixed(other)
            && one.without(*at) == other.without(*at)
    })
}
