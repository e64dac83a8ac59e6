//! The quote-aware pass: one walk from left to right that finds operators, has the words between them read
//! ([`super::reading`]), and stops at the first thing that is neither. It only ever moves forward, so its work
//! is linear in the line.

use super::fault::{LineFault, Problem};
use super::reading::Reading;
use super::{MAX_COMMANDS, MAX_LINE, MAX_PIPELINE, Operator, Token};
use crate::excerpt::{Span, is_hidden};

/// The line as text, if it is short enough and every character of it can be seen. Length comes first, so that
/// a line of megabytes costs no more than one comparison.
pub(super) fn readable(line: &[u8]) -> Result<&str, LineFault> {
    if line.len() > MAX_LINE {
        return Err(LineFault::in_bytes(Problem::LineTooLong, line, Span::new(MAX_LINE, line.len())));
    }
    let text = std::str::from_utf8(line).map_err(|error| {
        let start = error.valid_up_to();
        let end = error.error_len().map_or(line.len(), |length| start + length);
        LineFault::in_bytes(Problem::NotUtf8, line, Span::new(start, end))
    })?;
    // A tab is a blank; where it is not, the pass refuses it.
    match text.char_indices().find(|&(_, c)| is_hidden(c) && c != '\t') {
        Some((at, c)) => Err(hidden(text, at, c)),
        None => Ok(text),
    }
}

fn hidden(line: &str, at: usize, c: char) -> LineFault {
    let continued = c == '\n' && line.get(..at).is_some_and(|before| before.ends_with('\\'));
    let (problem, start) = match c {
        '\0' => (Problem::Nul, at),
        '\n' if continued => (Problem::Continuation, at - 1),
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => (Problem::LineBreak(c), at),
        c if c.is_control() => (Problem::Control(c), at),
        c => (Problem::Invisible(c), at),
    };
    LineFault::new(problem, line, Span::new(start, at + c.len_utf8()))
}

/// The pass, and how far it is.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    pub(super) line: &'a str,
    pub(super) home: &'a str,
    pub(super) at: usize,
    pub(super) tokens: Vec<Token>,
    pub(super) words: usize,
    commands: usize,
    pipeline: usize,
    /// The word being read; what is left of it when the pass stops is an unfinished one.
    pub(super) reading: Option<Reading>,
}

/// One step of the pass: forward, or a fault.
pub(super) type Step = Result<(), LineFault>;

impl<'a> Scan<'a> {
    pub(super) fn new(line: &'a str, home: &'a str) -> Self {
        let (tokens, reading) = (Vec::new(), None);
        Self { line, home, at: 0, tokens, words: 0, commands: 1, pipeline: 1, reading }
    }

    /// Reads to the end of the line, or to the first fault.
    pub(super) fn run(&mut self) -> Step {
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' => self.at += 1,
                '|' | '&' | ';' => self.operator()?,
                _ => self.word()?,
            }
        }
        Ok(())
    }

    /// The tokens of a line that was read to its end.
    pub(super) fn end(self) -> Result<Vec<Token>, LineFault> {
        match self.tokens.last() {
            Some(&Token::Operator(operator, span)) => {
                Err(self.fault(Problem::NothingAfter(operator), span.start, span.end))
            }
            Some(Token::Word(_)) | None => Ok(self.tokens),
        }
    }

    /// The tokens so far and the word that was being read, `~` replaced.
    pub(super) fn stopped(mut self) -> (Vec<Token>, Option<Reading>) {
        let reading = self.reading.take().map(|reading| self.unfinished(reading));
        (self.tokens, reading)
    }

    pub(super) fn rest(&self) -> &'a str {
        self.line.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn fault(&self, problem: Problem, start: usize, end: usize) -> LineFault {
        LineFault::new(problem, self.line, Span::new(start, end))
    }

    /// A fault of the next `length` bytes.
    pub(super) fn fault_here(&self, problem: Problem, length: usize) -> LineFault {
        self.fault(problem, self.at, self.at + length)
    }

    fn operator(&mut self) -> Step {
        let rest = self.rest();
        let operators = [Operator::And, Operator::Or, Operator::Pipe, Operator::Then];
        let Some(operator) = operators.into_iter().find(|operator| rest.starts_with(operator.as_str()))
        else {
            return Err(self.ampersand());
        };
        if let Some(run) = ["&&&", "|||", ";;"].into_iter().find(|run| rest.starts_with(run)) {
            return Err(self.fault_here(Problem::OperatorRun(run), run.len()));
        }
        if rest.starts_with("|&") {
            return Err(self.fault_here(Problem::PipeBoth, 2));
        }
        let span = Span::new(self.at, self.at + operator.as_str().len());
        self.check_left(operator, span)?;
        self.count_command(operator, span)?;
        self.tokens.push(Token::Operator(operator, span));
        self.at = span.end;
        Ok(())
    }

    /// An operator stands after a command.
    fn check_left(&self, operator: Operator, span: Span) -> Step {
        match self.tokens.last() {
            Some(Token::Word(_)) => Ok(()),
            Some(&Token::Operator(left, before)) => {
                Err(self.fault(Problem::NothingBetween(left, operator), before.start, span.end))
            }
            None => Err(self.fault(Problem::NothingBefore(operator), span.start, span.end)),
        }
    }

    fn count_command(&mut self, operator: Operator, span: Span) -> Step {
        self.commands += 1;
        self.pipeline = if operator == Operator::Pipe { self.pipeline + 1 } else { 1 };
        let problem = if self.commands > MAX_COMMANDS {
            Problem::TooManyCommands
        } else if self.pipeline > MAX_PIPELINE {
            Problem::PipelineTooLong
        } else {
            return Ok(());
        };
        Err(self.fault(problem, span.start, span.end))
    }

    /// A `&` that is no operator.
    fn ampersand(&self) -> LineFault {
        let after = self.rest().get(1..).unwrap_or_default();
        if after.starts_with('>') {
            let length = 1 + redirection_length(after);
            let text = self.rest().get(..length).unwrap_or_default();
            return self.fault_here(Problem::ErrorRedirection(text.to_owned()), length);
        }
        let before = matches!(self.tokens.last(), Some(Token::Word(word)) if word.span().end == self.at);
        let inside = before && after.chars().next().is_some_and(|c| !ends_word(c));
        let problem = if inside { Problem::AmpersandInWord } else { Problem::Background };
        self.fault_here(problem, 1)
    }
}

/// What ends a word outside quotes. Blanks of other scripts do not: they are refused.
pub(super) fn ends_word(c: char) -> bool {
    matches!(c, ' ' | '\t' | '|' | '&' | ';')
}

/// Bytes of a redirection from its `>` or `<` to the end of its target, if that is glued on.
pub(super) fn redirection_length(rest: &str) -> usize {
    let target = rest.trim_start_matches(['>', '<', '&']);
    let glued = target.find(|c: char| c.is_whitespace() || ends_word(c)).unwrap_or(target.len());
    rest.len() - target.len() + glued
}
