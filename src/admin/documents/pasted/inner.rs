//! A text cut into words as a shell does, to find the text that another shell is given in one of them.

use super::{Pasted, Piece, TAME, only};
use crate::admin::documents::automata::{CharSet, Tree};
use crate::admin::documents::template::Quotes;
use crate::admin::lint::programs::bare;

impl Pasted {
    /// The words of a single command; none where there is more than one, or anything a shell would fill in.
    fn words(&self) -> Option<Vec<Self>> {
        let mut cutter = Cutter { quotes: Quotes::None, word: None, words: Vec::new() };
        let pieces = self.pieces.iter().enumerate();
        for (at, piece) in pieces {
            match piece {
                Piece::Value { name, tree } => cutter.value(name, tree),
                Piece::Text(text) if at + 1 == self.pieces.len() => cutter.text(text.trim_end())?,
                Piece::Text(text) => cutter.text(text)?,
            }
        }
        cutter.finish()
    }

    /// What another shell reads, and the program that hands it over: `bash -c '...'`, `eval ...`, `su -c ...`,
    /// `ssh HOST ...`. Values keep to characters that leave them inside the quotes they stand in: the others are
    /// ways out of this text already.
    pub(in crate::admin::documents) fn program_text(&self) -> Option<(String, Self)> {
        let words = self.words()?;
        let words = after_fronts(&words);
        let (program, rest) = words.split_first()?;
        let program = bare(program.fixed()?);
        let inner = match program {
            "sh" | "bash" | "dash" | "ash" | "ksh" | "mksh" | "zsh" => of_shell(rest)?,
            "eval" => joined(rest),
            "su" | "runuser" => of_su(rest)?,
            "ssh" => {
                let (host, line) = rest.split_first()?;
                host.fixed().filter(|host| !host.starts_with('-'))?;
                joined(line)
            }
            _ => return None,
        };
        Some((program.to_owned(), inner))
    }
}

/// A program that only starts what follows its own words.
struct Front {
    name: &'static str,
    flags: &'static [&'static str],
    with_value: &'static [&'static str],
    /// Operands before the program.
    operands: usize,
}

impl Front {
    const fn plain(name: &'static str) -> Self {
        Self { name, flags: &[], with_value: &[], operands: 0 }
    }
}

const FRONTS: &[Front] = &[
    Front::plain("exec"),
    Front::plain("nohup"),
    Front::plain("command"),
    Front::plain("env"),
    Front::plain("setsid"),
    Front::plain("time"),
    Front { flags: &["-n", "-H", "-E"], with_value: &["-u", "-g"], ..Front::plain("sudo") },
    Front { with_value: &["-n"], ..Front::plain("nice") },
    Front { operands: 1, ..Front::plain("timeout") },
    Front { flags: &["-0", "-r", "-t", "-n1"], ..Front::plain("xargs") },
];

/// Without the words that only start what follows them.
fn after_fronts(words: &[Pasted]) -> &[Pasted] {
    let Some((first, mut rest)) = words.split_first() else { return words };
    let name = first.fixed().map(bare);
    let Some(front) = FRONTS.iter().find(|front| Some(front.name) == name) else { return words };
    while let Some(option) = rest.first().and_then(Pasted::fixed) {
        let taken = match option {
            option if front.flags.contains(&option) => 1,
            option if front.with_value.contains(&option) => 2,
            _ => break,
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    after_fronts(rest.get(front.operands..).unwrap_or_default())
}

/// `-c TEXT` among a shell's options; what follows are its arguments, which the author must have written.
fn of_shell(words: &[Pasted]) -> Option<Pasted> {
    let (option, rest) = words.split_first()?;
    let letters = option.fixed()?.strip_prefix('-')?;
    if letters.is_empty() || !letters.chars().all(|c| "celux".contains(c)) {
        return None;
    }
    if !letters.contains('c') {
        return of_shell(rest);
    }
    let (text, arguments) = rest.split_first()?;
    arguments.iter().all(|word| word.fixed().is_some()).then(|| text.clone())
}

/// `[-] [NAME] -c TEXT [NAME]`.
fn of_su(words: &[Pasted]) -> Option<Pasted> {
    let at = words.iter().position(|word| matches!(word.fixed(), Some("-c" | "--command")))?;
    let (front, rest) = words.split_at_checked(at)?;
    let (text, user) = rest.get(1..)?.split_first()?;
    let mut user = user.iter().chain(front).map(Pasted::fixed);
    let is_user = |word: Option<&str>| {
        word.is_some_and(|word| matches!(word, "-" | "-l" | "--login") || !word.starts_with('-'))
    };
    user.all(is_user).then(|| text.clone())
}

fn joined(words: &[Pasted]) -> Pasted {
    let mut all = Pasted::default();
    for (at, word) in words.iter().enumerate() {
        all.write(if at == 0 { "" } else { " " });
        for piece in &word.pieces {
            match piece {
                Piece::Text(text) => all.write(text),
                Piece::Value { .. } => all.pieces.push(piece.clone()),
            }
        }
    }
    all
}

/// Cuts words as a shell does, and gives up where it would do more than that.
struct Cutter {
    quotes: Quotes,
    word: Option<Pasted>,
    words: Vec<Pasted>,
}

impl Cutter {
    fn text(&mut self, text: &str) -> Option<()> {
        let mut characters = text.chars().peekable();
        while let Some(c) = characters.next() {
            match (self.quotes, c) {
                (Quotes::None, ' ' | '\t') => self.words.extend(self.word.take()),
                (Quotes::None, '\'') => self.open(Quotes::Single),
                (Quotes::None, '"') => self.open(Quotes::Double),
                (Quotes::Single, '\'') | (Quotes::Double, '"') => self.quotes = Quotes::None,
                (Quotes::None, '\\') => self.push(characters.next().filter(|c| *c != '\n')?),
                (Quotes::Double, '\\') => match characters.next_if(|c| "\"\\$`".contains(*c)) {
                    Some(c) => self.push(c),
                    None => self.push('\\'),
                },
                (Quotes::None, ';' | '&' | '|' | '<' | '>' | '(' | ')' | '\n' | '#')
                | (Quotes::None | Quotes::Double, '$' | '`') => return None,
                (Quotes::None | Quotes::Single | Quotes::Double, c) => self.push(c),
            }
        }
        Some(())
    }

    fn open(&mut self, quotes: Quotes) {
        self.quotes = quotes;
        self.word.get_or_insert_default();
    }

    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().write(c.encode_utf8(&mut [0; 4]));
    }

    fn value(&mut self, name: &str, tree: &Tree) {
        let stays = match self.quotes {
            Quotes::None => CharSet::of(TAME),
            Quotes::Single => CharSet::one('\'').negated(),
            Quotes::Double => CharSet::of("\"$`\\").negated(),
        };
        let value = Piece::Value { name: name.to_owned(), tree: only(tree, &stays) };
        self.word.get_or_insert_default().pieces.push(value);
    }

    fn finish(mut self) -> Option<Vec<Pasted>> {
        self.words.extend(self.word.take());
        (self.quotes == Quotes::None).then_some(self.words)
    }
}
