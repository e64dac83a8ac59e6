//! The head of a synopsis: `sudo`, if it is there, and the program.

use super::grammar::{Element, Pair, Part, Tail, WordText};
use super::lexer::{self, Token, TokenKind};
use super::{Elevation, SynopsisFault, faults};
use crate::excerpt::Span;

/// What a synopsis begins with.
pub(super) struct Head {
    pub(super) elevation: Option<Elevation>,
    pub(super) programs: Vec<String>,
}

/// Reads the head and gives back the elements behind it.
pub(super) fn program<'e>(all: &'e [Element], text: &str) -> Result<(Head, &'e [Element]), SynopsisFault> {
    let Some((first, rest)) = all.split_first() else { return Err(faults::empty()) };
    let (elevation, element, rest) = if plain_text(first) == Some("sudo") {
        let (elevation, rest) = sudo(first, rest, text)?;
        let Some((element, rest)) = rest.split_first() else { return Err(faults::sudo_alone(first.span)) };
        (Some(elevation), element, rest)
    } else {
        (None, first, rest)
    };
    let programs = names(element, text)?;
    Ok((Head { elevation, programs }, rest))
}

/// The element's text, if it is one bare unquoted word.
fn plain_text(element: &Element) -> Option<&str> {
    let [Part { places, .. }] = element.body.as_slice() else { return None };
    let [place] = places.as_slice() else { return None };
    let [WordText { pieces, tail: Tail::Nothing, .. }] = place.words.as_slice() else { return None };
    match pieces.as_slice() {
        [Token { kind: TokenKind::Text(text), .. }] if element.pair == Pair::Bare => Some(text),
        _ => None,
    }
}

fn sudo<'e>(
    sudo: &Element,
    rest: &'e [Element],
    text: &str,
) -> Result<(Elevation, &'e [Element]), SynopsisFault> {
    if let Some(dots) = sudo.dots {
        return Err(faults::misplaced_dots(dots));
    }
    let Some((option, behind)) = rest.split_first() else { return Err(faults::sudo_alone(sudo.span)) };
    let written = text.get(option.span.start..option.span.end).unwrap_or_default();
    let inner = written.trim_start_matches(['[', '(', ' ']);
    if !inner.starts_with('-') {
        return Ok((Elevation { user: None }, rest));
    }
    if plain_text(option) != Some("-u") || option.dots.is_some() {
        return Err(faults::sudo_option(option.span, written));
    }
    let Some((user, behind)) = behind.split_first() else { return Err(faults::sudo_user(option.span)) };
    match plain_text(user).filter(|name| lexer::is_name(name) && user.dots.is_none()) {
        Some(name) => Ok((Elevation { user: Some(name.to_owned()) }, behind)),
        None => Err(faults::sudo_user(user.span)),
    }
}

fn names(element: &Element, text: &str) -> Result<Vec<String>, SynopsisFault> {
    let written = text.get(element.span.start..element.span.end).unwrap_or_default();
    let refuse = |why: &str| Err(faults::program(element.span, written, why));
    if let Some(dots) = element.dots.or_else(|| element.body.iter().find_map(|part| part.dots)) {
        return Err(faults::misplaced_dots(dots));
    }
    if element.pair == Pair::Optional {
        return refuse("it cannot be left out");
    }
    let mut all: Vec<(String, Span)> = Vec::new();
    for part in &element.body {
        let [place] = part.places.as_slice() else { return refuse("it is one word") };
        for word in &place.words {
            let name = name(word, text)?;
            if let Some((_, first)) = all.iter().find(|(earlier, _)| *earlier == name) {
                return Err(faults::repeated_program(*first, word.span, &name));
            }
            all.push((name, word.span));
        }
    }
    Ok(all.into_iter().map(|(name, _)| name).collect())
}

fn name(word: &WordText, text: &str) -> Result<String, SynopsisFault> {
    let written = text.get(word.span.start..word.span.end).unwrap_or_default();
    let refuse = |why: &str| Err(faults::program(word.span, written, why));
    if !matches!(word.tail, Tail::Nothing) {
        return refuse("its name is written out");
    }
    let mut name = String::new();
    for piece in &word.pieces {
        match &piece.kind {
            TokenKind::Text(text) | TokenKind::Quoted(text) => name.push_str(text),
            _ => return refuse("a type leaves open which program is started"),
        }
    }
    judged(name, word.span, written)
}

fn judged(name: String, span: Span, written: &str) -> Result<String, SynopsisFault> {
    let refuse = |why: &str| Err(faults::program(span, written, why));
    let last = name.rsplit('/').next().unwrap_or_default();
    if last == "sudo" {
        return Err(faults::sudo_as_program(span, written));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(faults::relative_program(span, written));
    }
    let mut parts = name.split('/').skip(1);
    if name.starts_with('/') && parts.any(|part| matches!(part, "" | "." | "..")) {
        return refuse("its path has an empty, . or .. part");
    }
    if name.starts_with('-') || name == "." || name == ".." {
        return refuse("no program is called so");
    }
    Ok(name)
}
