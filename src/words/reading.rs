//! Reads one word: takes its quotes off, and refuses what a shell would put something else in place of.

use super::fault::{LineFault, Problem};
use super::partial::Quote;
use super::scan::{Scan, Step, ends_word, redirection_length};
use super::{MAX_WORD, MAX_WORDS, Token, Word};
use crate::excerpt::{Span, is_hidden};

/// A word as far as it was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// Its first byte in the line.
    pub(super) start: usize,
    /// Its text so far, quotes removed, `~` not yet replaced.
    pub(super) text: String,
    /// Offsets in `text` of unquoted pattern characters.
    pub(super) magic: Vec<usize>,
    /// The quote that is open.
    pub(super) quote: Quote,
    /// Whether it begins with a `~` that stands for the home directory.
    tilde: bool,
    /// Where the first unquoted `!` stands in the line.
    bang: Option<usize>,
    /// Open unquoted braces: where, and whether `,` or `..` followed.
    braces: Vec<(usize, bool)>,
    /// The length of `text` after its last unquoted `.`.
    dot: Option<usize>,
}

impl Scan<'_> {
    /// Reads the word that begins here.
    pub(super) fn word(&mut self) -> Step {
        let mut reading = Reading { start: self.at, ..Reading::default() };
        let outcome = self.check_start(&mut reading).and_then(|()| self.read(&mut reading));
        let word = outcome.and_then(|()| self.finished(&reading));
        self.reading = word.is_err().then_some(reading);
        self.tokens.push(Token::Word(word?));
        self.words += 1;
        Ok(())
    }

    fn check_start(&self, reading: &mut Reading) -> Step {
        if self.rest().starts_with('#') {
            return Err(self.fault_here(Problem::Comment, 1));
        }
        let Some(name) = self.rest().strip_prefix('~') else { return Ok(()) };
        let name = name.split(|c| ends_word(c) || c == '/').next().unwrap_or_default();
        if !name.is_empty() {
            return Err(self.fault_here(Problem::UserHome(name.to_owned()), 1 + name.len()));
        }
        if !self.home.starts_with('/') || self.home.chars().any(is_hidden) {
            return Err(self.fault_here(Problem::NoHome, 1));
        }
        reading.tilde = true;
        Ok(())
    }

    fn read(&mut self, reading: &mut Reading) -> Step {
        while let Some(c) = self.peek().filter(|&c| !ends_word(c)) {
            match c {
                '\'' => self.single_quoted(reading)?,
                '"' => self.double_quoted(reading)?,
                '\\' => self.escaped(reading)?,
                c => self.bare(reading, c)?,
            }
        }
        Ok(())
    }

    /// Takes `c` as it is.
    fn take(&mut self, reading: &mut Reading, c: char) -> Step {
        if c == '\t' {
            return Err(self.fault_here(Problem::Control(c), 1));
        }
        reading.text.push(c);
        self.at += c.len_utf8();
        Ok(())
    }

    fn escaped(&mut self, reading: &mut Reading) -> Step {
        let Some(c) = self.rest().chars().nth(1) else {
            return Err(self.fault_here(Problem::Continuation, 1));
        };
        self.at += 1;
        self.take(reading, c)
    }

    fn single_quoted(&mut self, reading: &mut Reading) -> Step {
        let open = self.at;
        self.at += 1;
        reading.quote = Quote::Single;
        while let Some(c) = self.peek() {
            if c == '\'' {
                self.close(reading);
                return Ok(());
            }
            self.take(reading, c)?;
        }
        Err(self.fault(Problem::OpenQuote('\''), open, self.at))
    }

    /// A backslash takes away the meaning of `$`, `` ` ``, `"` and `\` and is itself before all else (POSIX
    /// 2.2.3).
    fn double_quoted(&mut self, reading: &mut Reading) -> Step {
        let open = self.at;
        self.at += 1;
        reading.quote = Quote::Double;
        while let Some(c) = self.peek() {
            match (c, self.rest().chars().nth(1)) {
                ('"', _) => {
                    self.close(reading);
                    return Ok(());
                }
                ('\\', Some('$' | '`' | '"' | '\\')) => self.escaped(reading)?,
                ('$' | '`', _) => return Err(self.expansion(c)),
                (c, _) => self.take(reading, c)?,
            }
        }
        Err(self.fault(Problem::OpenQuote('"'), open, self.at))
    }

    fn close(&mut self, reading: &mut Reading) {
        reading.quote = Quote::None;
        self.at += 1;
    }

    /// A character outside quotes.
    fn bare(&mut self, reading: &mut Reading, c: char) -> Step {
        match c {
            '$' | '`' => return Err(self.expansion(c)),
            '>' | '<' => return Err(self.redirection(reading, c)),
            '(' | ')' => return Err(self.fault_here(Problem::Subshell(c), 1)),
            '*' | '?' | '[' => reading.magic.push(reading.text.len()),
            '{' | '}' | ',' | '.' => self.brace(reading, c)?,
            '!' if !reading.opens_class() => reading.bang = reading.bang.or(Some(self.at)),
            c if c.is_whitespace() => return Err(self.fault_here(Problem::Space(c), c.len_utf8())),
            _ => {}
        }
        self.take(reading, c)
    }

    /// `$` or a backtick where a shell would put something in its place.
    fn expansion(&self, c: char) -> LineFault {
        let after = self.rest().get(1..).unwrap_or_default();
        if c == '`' {
            return self.fault_here(Problem::Substitution("`"), 1);
        }
        if after.starts_with('(') {
            return self.fault_here(Problem::Substitution("$("), 2);
        }
        let name = after.strip_prefix('{').unwrap_or(after);
        let name = match name.starts_with('?') {
            true => "?",
            false => name.split(|c: char| !is_name(c)).next().unwrap_or_default(),
        };
        self.fault_here(Problem::Variable(name.to_owned()), 1)
    }

    /// `>` or `<`, with the descriptor before it if the word is one so far.
    fn redirection(&self, reading: &Reading, c: char) -> LineFault {
        let rest = self.rest();
        if rest.starts_with("<<") {
            return self.fault_here(Problem::HereDocument, 2);
        }
        let typed = self.line.get(reading.start..self.at).unwrap_or_default();
        let start = if typed.bytes().all(|byte| byte.is_ascii_digit()) { reading.start } else { self.at };
        let end = self.at + redirection_length(rest);
        if c == '>' && (rest.starts_with(">&") || typed == "2") {
            let text = self.line.get(start..end).unwrap_or_default().to_owned();
            return self.fault(Problem::ErrorRedirection(text), start, end);
        }
        self.fault_here(Problem::Redirection(c), 1)
    }

    /// Follows braces outside quotes: a pair that holds `,` or `..` would become several words in a shell.
    fn brace(&self, reading: &mut Reading, c: char) -> Step {
        let length = reading.text.len();
        let separates = c == ',' || (c == '.' && reading.dot == Some(length));
        if c == '{' {
            reading.braces.push((self.at, false));
        } else if c == '}' && reading.braces.last().is_some_and(|&(_, separated)| separated) {
            let open = reading.braces.last().map_or(self.at, |&(open, _)| open);
            return Err(self.fault(Problem::Braces, open, self.at + 1));
        } else if c == '}' {
            reading.braces.pop();
        } else if let Some(innermost) = reading.braces.last_mut() {
            innermost.1 |= separates;
        }
        reading.dot = (c == '.').then_some(length + 1);
        Ok(())
    }

    /// The word that was read up to here, once all is said against it that only its end can tell.
    fn finished(&self, reading: &Reading) -> Result<Word, LineFault> {
        let span = Span::new(reading.start, self.at);
        let fault = |problem| Err(self.fault(problem, span.start, span.end));
        let typed = self.line.get(span.start..span.end).unwrap_or_default();
        if let Some(at) = reading.bang.filter(|_| typed != "!") {
            return Err(self.fault(Problem::History, at, at + 1));
        }
        if let Some(brace) = ['{', '}'].into_iter().find(|brace| typed == brace.to_string()) {
            return fault(Problem::Group(brace));
        }
        if let Some(name) = assigned(typed).filter(|_| !matches!(self.tokens.last(), Some(Token::Word(_)))) {
            return fault(Problem::Assignment(name.to_owned()));
        }
        if !shell_words::split(typed).is_ok_and(|words| words == [&*reading.text]) {
            return fault(Problem::TwoReadings);
        }
        if self.words == MAX_WORDS {
            return fault(Problem::TooManyWords);
        }
        match self.settled(reading) {
            Some((text, magic)) if text.len() <= MAX_WORD => Ok(Word { text, span, magic }),
            _ => fault(Problem::WordTooLong),
        }
    }

    /// A word that was not finished, as far as it goes, `~` replaced.
    pub(super) fn unfinished(&self, mut reading: Reading) -> Reading {
        if let Some((text, magic)) = self.settled(&reading) {
            (reading.text, reading.magic) = (text, magic);
        }
        reading
    }

    /// Text and pattern characters with `~` replaced; none of the home directory's own characters is one.
    fn settled(&self, reading: &Reading) -> Option<(String, Vec<usize>)> {
        let Some(rest) = reading.text.strip_prefix('~').filter(|_| reading.tilde) else {
            return Some((reading.text.clone(), reading.magic.clone()));
        };
        let home = self.home.trim_end_matches('/');
        let home = if home.is_empty() && rest.is_empty() { "/" } else { home };
        let magic = reading.magic.iter().map(|&at| Some(at.checked_sub(1)? + home.len()));
        Some((format!("{home}{rest}"), magic.collect::<Option<_>>()?))
    }
}

impl Reading {
    /// Whether the last character is the unquoted `[` of a pattern: `!` after it says "not these" (POSIX
    /// 2.13.1), and shells leave it alone too.
    fn opens_class(&self) -> bool {
        self.text.ends_with('[') && self.magic.last().is_some_and(|at| at + 1 == self.text.len())
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The name in `NAME=...` or `NAME+=...`.
fn assigned(typed: &str) -> Option<&str> {
    let name = typed.split_once('=')?.0;
    let name = name.strip_suffix('+').unwrap_or(name);
    let named = name.starts_with(|c: char| is_name(c) && !c.is_ascii_digit()) && name.chars().all(is_name);
    named.then_some(name)
}
