//! The grammar of a synopsis: tokens in, elements out. It knows brackets, choices and words, and nothing of
//! what a word means; the first thing out of place ends the reading, since all behind it would be guesswork.

use super::SynopsisFault;
use super::faults;
use super::lexer::{Token, TokenKind};
use crate::excerpt::Span;

/// One element of a synopsis.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) pair: Pair,
    /// Alternatives, at least one.
    pub(super) body: Vec<Part>,
    /// The `...` behind it.
    pub(super) dots: Option<Span>,
    pub(super) span: Span,
}

/// What stands around an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pair {
    Bare,
    Optional,
    Required,
}

/// One alternative of an element: words, or choices of one word each.
#[derive(Debug)]
pub(super) struct Part {
    /// At least one.
    pub(super) places: Vec<Place>,
    /// The `...` behind the last of them.
    pub(super) dots: Option<Span>,
    pub(super) span: Span,
}

/// Where one word goes.
#[derive(Debug)]
pub(super) struct Place {
    /// At least one; several only where `choice` is set.
    pub(super) words: Vec<WordText>,
    /// Written as `( | )`.
    pub(super) choice: bool,
    pub(super) span: Span,
}

/// One word of the synopsis.
#[derive(Debug)]
pub(super) struct WordText {
    /// At least one.
    pub(super) pieces: Vec<Token>,
    pub(super) tail: Tail,
    pub(super) span: Span,
}

/// What ends a word.
#[derive(Debug)]
pub(super) enum Tail {
    Nothing,
    /// `(a|b)`
    Choice(Vec<WordText>),
    /// `[=<t>]`, `[=(a|b)]`
    Equals(Vec<WordText>),
    /// `[<t>]`
    Value(Token),
}

/// Reads all elements, the program among them.
pub(super) fn elements(tokens: &[Token], length: usize) -> Result<Vec<Element>, SynopsisFault> {
    let mut reader = Reader { tokens, at: 0, length };
    let mut all = Vec::new();
    reader.spaces();
    while reader.peek().is_some() {
        all.push(reader.element()?);
        if !reader.spaces() && reader.peek().is_some() {
            return Err(reader.not_spaced());
        }
    }
    Ok(all)
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
    length: usize,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<&'t TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn peek_second(&self) -> Option<&'t TokenKind> {
        self.tokens.get(self.at + 1).map(|token| &token.kind)
    }

    /// Where the next token stands, or the place behind the last.
    fn here(&self) -> Span {
        self.tokens.get(self.at).map_or(Span::new(self.length, self.length), |token| token.span)
    }

    fn since(&self, start: Span) -> Span {
        let last = self.at.checked_sub(1).and_then(|last| self.tokens.get(last));
        Span::new(start.start, last.map_or(start.end, |token| token.span.end))
    }

    fn eat(&mut self, kind: &TokenKind) -> Option<Span> {
        let span = self.here();
        (self.peek() == Some(kind)).then(|| {
            self.at += 1;
            span
        })
    }

    fn spaces(&mut self) -> bool {
        self.eat(&TokenKind::Space).is_some()
    }

    fn element(&mut self) -> Result<Element, SynopsisFault> {
        let start = self.here();
        let (pair, body) = match self.peek() {
            Some(TokenKind::Open) => (Pair::Optional, self.pair(&TokenKind::Close)?),
            Some(TokenKind::OpenRound) => (Pair::Required, self.pair(&TokenKind::CloseRound)?),
            _ => (Pair::Bare, vec![self.bare()?]),
        };
        let span = self.since(start);
        let dots = self.eat(&TokenKind::Dots);
        Ok(Element { pair, body, dots, span })
    }

    /// What follows an element without a space.
    fn not_spaced(&self) -> SynopsisFault {
        match self.peek() {
            Some(TokenKind::Close | TokenKind::CloseRound) => faults::unopened(self.here()),
            Some(TokenKind::Bar) => faults::stray_bar(self.here()),
            Some(TokenKind::Dots) => faults::misplaced_dots(self.here()),
            _ => faults::space_missing(self.here()),
        }
    }

    fn bare(&mut self) -> Result<Part, SynopsisFault> {
        let word = self.word()?;
        let span = word.span;
        Ok(Part { places: vec![Place { words: vec![word], choice: false, span }], dots: None, span })
    }

    fn pair(&mut self, close: &TokenKind) -> Result<Vec<Part>, SynopsisFault> {
        let open = self.here();
        self.at += 1;
        let mut body = Vec::new();
        loop {
            body.push(self.sequence(open)?);
            if self.eat(close).is_some() {
                return Ok(body);
            }
            if self.eat(&TokenKind::Bar).is_none() {
                return Err(self.not_closed(open));
            }
        }
    }

    fn not_closed(&self, open: Span) -> SynopsisFault {
        match self.peek() {
            None => faults::unclosed(open),
            Some(TokenKind::Close | TokenKind::CloseRound) => faults::crossed(open, self.here()),
            Some(TokenKind::Dots) => faults::misplaced_dots(self.here()),
            Some(_) => faults::space_missing(self.here()),
        }
    }

    fn sequence(&mut self, open: Span) -> Result<Part, SynopsisFault> {
        self.spaces();
        let start = self.here();
        let mut places = Vec::new();
        loop {
            if self.peek().is_none() {
                return Err(faults::unclosed(open));
            }
            places.push(self.place()?);
            let span = self.since(start);
            let dots = self.eat(&TokenKind::Dots);
            let spaced = self.spaces();
            if matches!(self.peek(), None | Some(TokenKind::Bar | TokenKind::Close | TokenKind::CloseRound)) {
                return Ok(Part { places, dots, span });
            }
            if let Some(dots) = dots {
                return Err(faults::misplaced_dots(dots));
            }
            if !spaced {
                return Err(faults::space_missing(self.here()));
            }
        }
    }

    fn place(&mut self) -> Result<Place, SynopsisFault> {
        let start = self.here();
        match self.peek() {
            Some(TokenKind::Open) => Err(faults::nested(start)),
            Some(TokenKind::OpenRound) => {
                let words = self.choice()?;
                Ok(Place { words, choice: true, span: self.since(start) })
            }
            _ => {
                let word = self.word()?;
                Ok(Place { span: word.span, words: vec![word], choice: false })
            }
        }
    }

    /// `(a|b)`: one word each.
    fn choice(&mut self) -> Result<Vec<WordText>, SynopsisFault> {
        let open = self.here();
        self.at += 1;
        let mut words = Vec::new();
        loop {
            self.spaces();
            match self.peek() {
                None => return Err(faults::unclosed(open)),
                Some(TokenKind::Open | TokenKind::OpenRound) => return Err(faults::nested(self.here())),
                Some(_) => words.push(self.choice_word()?),
            }
            self.spaces();
            if self.eat(&TokenKind::CloseRound).is_some() {
                return Ok(words);
            }
            if self.eat(&TokenKind::Bar).is_none() {
                return Err(self.choice_not_closed(open));
            }
        }
    }

    fn choice_word(&mut self) -> Result<WordText, SynopsisFault> {
        let word = self.word()?;
        match word.tail {
            Tail::Nothing => Ok(word),
            Tail::Choice(_) | Tail::Equals(_) | Tail::Value(_) => Err(faults::nested(word.span)),
        }
    }

    fn choice_not_closed(&self, open: Span) -> SynopsisFault {
        match self.peek() {
            Some(TokenKind::Text(_) | TokenKind::Quoted(_) | TokenKind::Type(_)) => {
                faults::several_words_in_choice(self.here())
            }
            _ => self.not_closed(open),
        }
    }

    fn word(&mut self) -> Result<WordText, SynopsisFault> {
        let start = self.here();
        let mut pieces = Vec::new();
        while let Some(token) = self.tokens.get(self.at).filter(|token| is_piece(&token.kind)) {
            pieces.push(token.clone());
            self.at += 1;
        }
        if pieces.is_empty() {
            return Err(self.no_word());
        }
        let tail = self.tail()?;
        Ok(WordText { pieces, tail, span: self.since(start) })
    }

    fn no_word(&self) -> SynopsisFault {
        match self.peek() {
            Some(TokenKind::Dots) => faults::misplaced_dots(self.here()),
            Some(TokenKind::Bar) if self.inside_nothing() => faults::stray_bar(self.here()),
            Some(TokenKind::Close | TokenKind::CloseRound) if self.inside_nothing() => {
                faults::unopened(self.here())
            }
            _ => faults::empty_alternative(self.here()),
        }
    }

    /// Whether no bracket is open at the present token.
    fn inside_nothing(&self) -> bool {
        let count = |kinds: [&TokenKind; 2]| {
            self.tokens.iter().take(self.at).filter(|token| kinds.contains(&&token.kind)).count()
        };
        count([&TokenKind::Open, &TokenKind::OpenRound]) <= count([&TokenKind::Close, &TokenKind::CloseRound])
    }

    fn tail(&mut self) -> Result<Tail, SynopsisFault> {
        match (self.peek(), self.peek_second()) {
            (Some(TokenKind::OpenRound), _) => self.choice().map(Tail::Choice),
            (Some(TokenKind::Open), Some(TokenKind::Type(_))) => self.optional_type(),
            (Some(TokenKind::Open), Some(TokenKind::Text(text))) if text.starts_with('=') => {
                self.optional_equals()
            }
            (Some(TokenKind::Open), _) => Err(faults::space_missing(self.here())),
            _ => Ok(Tail::Nothing),
        }
    }

    fn optional_type(&mut self) -> Result<Tail, SynopsisFault> {
        let open = self.here();
        let value = self.tokens.get(self.at + 1).cloned();
        self.at += 2;
        match (value, self.eat(&TokenKind::Close)) {
            (Some(value), Some(_)) => Ok(Tail::Value(value)),
            _ => Err(self.not_closed(open)),
        }
    }

    fn optional_equals(&mut self) -> Result<Tail, SynopsisFault> {
        let open = self.here();
        let alone = self.tokens.get(self.at + 1).is_some_and(|token| token.span.end - token.span.start == 1);
        self.at += 2;
        let words = match self.tokens.get(self.at) {
            Some(Token { kind: TokenKind::OpenRound, .. }) if alone => self.choice()?,
            Some(token) if alone && matches!(token.kind, TokenKind::Type(_)) => {
                self.at += 1;
                vec![WordText { pieces: vec![token.clone()], tail: Tail::Nothing, span: token.span }]
            }
            _ => return Err(faults::equals_without_value(self.since(open))),
        };
        match self.eat(&TokenKind::Close) {
            Some(_) => Ok(Tail::Equals(words)),
            None => Err(self.not_closed(open)),
        }
    }
}

fn is_piece(kind: &TokenKind) -> bool {
    matches!(kind, TokenKind::Text(_) | TokenKind::Quoted(_) | TokenKind::Type(_))
}
