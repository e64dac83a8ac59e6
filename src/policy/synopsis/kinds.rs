//! What a word of a synopsis means, told by its first piece alone: an option in one of its forms, or text and
//! values. Nothing here depends on what stands around the word, except where its caller says so.

use std::rc::Rc;

use super::SynopsisFault;
use super::faults;
use super::grammar::{Tail, WordText};
use super::lexer::{Token, TokenKind};
use super::shape::{Attachment, Name, OptionValue, Pattern, Spelling};
use crate::excerpt::Span;
use crate::policy::types::Type;

/// Looks a type's name up.
pub(super) type Types<'t> = dyn Fn(&str) -> Option<Rc<Type>> + 't;

/// The way out where a word that is no option has an optional part.
const WHOLE_WORDS: &str = "write both forms as whole words: (word|word=<type>)";

/// What a word is.
#[derive(Debug)]
pub(super) enum Kind {
    /// `-` and two or more letters: each an option of its own, unless a value follows in the same pair.
    Flags(String),
    /// An option.
    Option(Spelling),
    /// `--`
    Dashes,
    /// Text, a value, or text around one.
    Words(Vec<Pattern>),
}

/// What `word` is, or what is wrong with it.
pub(super) fn kind(word: &WordText, types: &Types<'_>) -> Result<Kind, SynopsisFault> {
    let Some(first) = word.pieces.first() else { return Err(faults::empty_alternative(word.span)) };
    match &first.kind {
        TokenKind::Quoted(text) if text.starts_with(['-', '+']) => word_option(word, types),
        TokenKind::Text(text) if text.starts_with('+') && !bare(word, "+") => word_option(word, types),
        TokenKind::Text(text) if text.starts_with('-') => dash_word(word, text, types),
        _ => patterns(word, types).map(Kind::Words),
    }
}

/// Whether the word is this text and nothing else.
fn bare(word: &WordText, text: &str) -> bool {
    matches!(word.tail, Tail::Nothing)
        && matches!(word.pieces.as_slice(), [Token { kind: TokenKind::Text(t), .. }] if t == text)
}

fn dash_word(word: &WordText, text: &str, types: &Types<'_>) -> Result<Kind, SynopsisFault> {
    if bare(word, "--") {
        return Ok(Kind::Dashes);
    }
    if bare(word, "-") {
        return patterns(word, types).map(Kind::Words);
    }
    if let Some(name) = text.strip_prefix("--") {
        return long(word, name, types);
    }
    let mut letters = text.chars().skip(1);
    match (letters.next().filter(char::is_ascii_alphanumeric), letters.next()) {
        (Some(letter), None) => short(word, letter, types),
        (Some(_), Some(_)) if bare(word, text) && text.chars().skip(1).all(|c| c.is_ascii_alphanumeric()) => {
            Ok(Kind::Flags(text.to_owned()))
        }
        _ => word_option(word, types),
    }
}

fn word_option(word: &WordText, types: &Types<'_>) -> Result<Kind, SynopsisFault> {
    Ok(Kind::Option(Spelling { name: Name::Word(patterns(word, types)?), value: None }))
}

fn short(word: &WordText, letter: char, types: &Types<'_>) -> Result<Kind, SynopsisFault> {
    if let Tail::Equals(_) = word.tail {
        return Err(faults::optional_part(
            word.span,
            "the value of a short option stands behind it without =: -x[<type>]",
        ));
    }
    let value = attached(word, 2, types)?;
    Ok(Kind::Option(Spelling { name: Name::Short(letter), value }))
}

fn long(word: &WordText, first: &str, types: &Types<'_>) -> Result<Kind, SynopsisFault> {
    let (name, equals) = first.split_once('=').map_or((first, false), |(name, _)| (name, true));
    let whole = word.pieces.len() == 1;
    if name.is_empty() {
        // `--<t>` and `--'x'`: no name to speak of, so a word of its own.
        return if equals || whole { Err(no_name(word)) } else { word_option(word, types) };
    }
    if equals {
        let value = attached(word, name.len() + 3, types)?;
        if value
            .as_ref()
            .is_none_or(|value| value.patterns.iter().any(|p| p.is_exact() && p.before.is_empty()))
        {
            return Err(no_name(word));
        }
        return Ok(Kind::Option(Spelling { name: Name::Long(name.to_owned()), value }));
    }
    match &word.tail {
        Tail::Nothing if whole => {
            Ok(Kind::Option(Spelling { name: Name::Long(name.to_owned()), value: None }))
        }
        Tail::Equals(words) if whole => {
            let patterns = alternatives(words, types)?;
            let value = Some(OptionValue { patterns, attachment: Attachment::AttachedOrAbsent });
            Ok(Kind::Option(Spelling { name: Name::Long(name.to_owned()), value }))
        }
        Tail::Value(token) => Err(faults::optional_part(
            token.span,
            "the value of a long option stands behind =: --name[=<type>]",
        )),
        Tail::Nothing | Tail::Choice(_) | Tail::Equals(_) => word_option(word, types),
    }
}

fn no_name(word: &WordText) -> SynopsisFault {
    let text: String = word.pieces.iter().map(|piece| piece_text(&piece.kind)).collect();
    faults::no_option_name(word.span, &text)
}

/// The value in the option's own word, behind its first `length` bytes.
fn attached(word: &WordText, length: usize, types: &Types<'_>) -> Result<Option<OptionValue>, SynopsisFault> {
    if let (Tail::Value(token), 1) = (&word.tail, word.pieces.len()) {
        let patterns = vec![Joint::default().with(token, types)?.pattern()];
        return Ok(Some(OptionValue { patterns, attachment: Attachment::AttachedOrAbsent }));
    }
    let mut all = patterns(word, types)?;
    for pattern in &mut all {
        pattern.before = pattern.before.get(length..).unwrap_or_default().to_owned();
    }
    let nothing = all.iter().all(|p| p.is_exact() && p.before.is_empty());
    Ok((!nothing).then_some(OptionValue { patterns: all, attachment: Attachment::Attached }))
}

fn alternatives(words: &[WordText], types: &Types<'_>) -> Result<Vec<Pattern>, SynopsisFault> {
    let all: Result<Vec<_>, _> = words.iter().map(|word| patterns(word, types)).collect();
    Ok(all?.into_iter().flatten().collect())
}

/// The word as text and values, its choice spread out.
pub(super) fn patterns(word: &WordText, types: &Types<'_>) -> Result<Vec<Pattern>, SynopsisFault> {
    let mut joint = Joint::default();
    for piece in &word.pieces {
        joint = joint.with(piece, types)?;
    }
    match &word.tail {
        Tail::Nothing => Ok(vec![joint.pattern()]),
        Tail::Choice(words) => words.iter().map(|inner| joint.clone().then(inner, types)).collect(),
        Tail::Equals(_) => Err(faults::optional_part(word.span, WHOLE_WORDS)),
        Tail::Value(token) => Err(faults::optional_part(token.span, WHOLE_WORDS)),
    }
}

/// Pieces joined so far.
#[derive(Clone, Default)]
struct Joint {
    before: String,
    value: Option<Rc<Type>>,
    after: String,
    types: Vec<Span>,
}

impl Joint {
    fn with(mut self, piece: &Token, types: &Types<'_>) -> Result<Self, SynopsisFault> {
        if let TokenKind::Type(name) = &piece.kind {
            self.types.push(piece.span);
            if let [first, second] = self.types.as_slice() {
                return Err(faults::two_types(Span::new(first.start, second.end)));
            }
            self.value = Some(types(name).ok_or_else(|| faults::unknown_type(piece.span, name))?);
        } else if self.value.is_some() {
            self.after.push_str(piece_text(&piece.kind));
        } else {
            self.before.push_str(piece_text(&piece.kind));
        }
        Ok(self)
    }

    fn then(self, word: &WordText, types: &Types<'_>) -> Result<Pattern, SynopsisFault> {
        let mut joint = self;
        for piece in &word.pieces {
            joint = joint.with(piece, types)?;
        }
        Ok(joint.pattern())
    }

    fn pattern(self) -> Pattern {
        Pattern { before: self.before, value: self.value, after: self.after }
    }
}

fn piece_text(kind: &TokenKind) -> &str {
    match kind {
        TokenKind::Text(text) | TokenKind::Quoted(text) | TokenKind::Type(text) => text,
        TokenKind::Open
        | TokenKind::Close
        | TokenKind::OpenRound
        | TokenKind::CloseRound
        | TokenKind::Bar
        | TokenKind::Dots
        | TokenKind::Space => "",
    }
}
