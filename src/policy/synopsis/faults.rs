//! Every fault a synopsis can have, in words: what is wrong, where, and what to write instead. The ids are
//! stable and documented; the rest of the reader only says which fault it met.

mod program;

use super::SynopsisFault;
use crate::excerpt::Span;
pub(super) use program::{
    empty, program, relative_program, repeated_program, sudo_alone, sudo_as_program, sudo_option, sudo_user,
};

fn fault(id: &'static str, spans: &[Span], message: impl Into<String>) -> SynopsisFault {
    SynopsisFault { id, message: message.into(), spans: spans.to_vec(), labels: Vec::new(), cure: Vec::new() }
}

impl SynopsisFault {
    /// Every id there is, in byte order.
    pub const IDS: &[&str] = &[
        "angle-bracket",
        "bar",
        "character",
        "choice-words",
        "digit-flags",
        "dots",
        "dots-in-option",
        "empty-alternative",
        "empty-synopsis",
        "end-of-options",
        "flags-in-choice",
        "nested",
        "option-value",
        "optional-part",
        "optional-values",
        "options-and-words",
        "program",
        "quote",
        "relative-program",
        "repeated-letter",
        "repeated-option",
        "same-word",
        "sequence-start",
        "several-options",
        "several-values",
        "space",
        "sudo-option",
        "sudo-program",
        "sudo-user",
        "too-long",
        "too-many-options",
        "too-many-segments",
        "two-readings",
        "two-types",
        "type-name",
        "unbalanced",
        "unknown-type",
    ];

    fn label(mut self, label: impl Into<String>) -> Self {
        self.labels.push(label.into());
        self
    }

    fn cure(mut self, cure: impl Into<String>) -> Self {
        self.cure.push(cure.into());
        self
    }
}

// Characters and tokens.

/// One fault for each run of characters that no synopsis may hold.
pub(super) fn characters(text: &str) -> Vec<SynopsisFault> {
    let mut found: Vec<(char, Span)> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| !matches!(c, ' '..='~')) {
        let end = at + c.len_utf8();
        match found.last_mut() {
            Some((_, span)) if span.end == at => span.end = end,
            _ => found.push((c, Span::new(at, end))),
        }
    }
    found.into_iter().map(|(c, span)| character(c, span)).collect()
}

fn character(c: char, span: Span) -> SynopsisFault {
    let (what, cure) = match c {
        '\t' => ("a tab".to_owned(), "write a space"),
        '\n' | '\r' => ("a line break".to_owned(), "write the synopsis on one line"),
        _ if c.is_ascii() => (format!("the control character U+{:04X}", u32::from(c)), "take it out"),
        _ => (
            format!("{} (U+{:04X}), which is not ASCII", c.escape_debug(), u32::from(c)),
            "write it in ASCII",
        ),
    };
    fault("character", &[span], format!("a synopsis cannot hold {what}")).cure(cure)
}

pub(super) fn unclosed_quote(span: Span) -> SynopsisFault {
    fault("quote", &[span], "a quote is not closed").label("opened here").cure("close it: '...'")
}

pub(super) fn empty_quotes(span: Span) -> SynopsisFault {
    fault("quote", &[span], "there is nothing between the quotes")
        .cure("write the word between them, or take them out")
}

pub(super) fn stray_angle(at: usize) -> SynopsisFault {
    fault("angle-bracket", &[Span::new(at, at + 1)], "> closes no type")
        .cure("a type is written <name>; a > that is meant as itself is quoted: '>'")
}

pub(super) fn unclosed_type(span: Span, name: &str) -> SynopsisFault {
    let example = if super::lexer::is_name(name) { name } else { "name" };
    fault("angle-bracket", &[span], "a type is not closed")
        .cure(format!("write <{example}>; a < that is meant as itself is quoted: '<'"))
}

pub(super) fn choice_as_type(span: Span, words: &str) -> SynopsisFault {
    fault("angle-bracket", &[span], "< > holds the name of one type")
        .cure(format!("write ({words}), or [{words}] if it may be left out"))
}

pub(super) fn type_name(span: Span, name: &str) -> SynopsisFault {
    fault("type-name", &[span], format!("<{name}> cannot be the name of a type"))
        .cure("a name is a lower-case letter, then lower-case letters, digits and dashes")
}

pub(super) fn unknown_type(span: Span, name: &str) -> SynopsisFault {
    fault("unknown-type", &[span], format!("no type is called <{name}>"))
}

pub(super) fn too_long(text: &str) -> SynopsisFault {
    let length = text.len();
    let start = (0..=super::LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    fault("too-long", &[Span::new(start, length)], format!("a synopsis of {length} bytes is too long"))
        .label(format!("all from here is beyond {} bytes", super::LONGEST))
        .cure("write several shorter synopses")
}

// Brackets, choices, dots.

pub(super) fn unclosed(open: Span) -> SynopsisFault {
    fault("unbalanced", &[open], "a bracket is not closed")
        .label("opened here")
        .cure("close it; a bracket that is meant as itself is quoted: '['")
}

pub(super) fn unopened(close: Span) -> SynopsisFault {
    fault("unbalanced", &[close], "a bracket is closed that was never opened")
        .cure("take it out; a bracket that is meant as itself is quoted: ']'")
}

pub(super) fn crossed(open: Span, close: Span) -> SynopsisFault {
    fault("unbalanced", &[open, close], "a bracket is closed by one of the other kind")
        .cure("[ ] says optional, ( ) says required: use the same kind at both ends")
}

pub(super) fn nested(span: Span) -> SynopsisFault {
    fault("nested", &[span], "brackets inside brackets")
        .label("a second level begins here")
        .cure("write one synopsis for each case")
}

pub(super) fn several_words_in_choice(span: Span) -> SynopsisFault {
    fault("choice-words", &[span], "a choice beside other words holds one word each")
        .label("a second word")
        .cure("write one synopsis for each case")
}

pub(super) fn stray_bar(span: Span) -> SynopsisFault {
    fault("bar", &[span], "| stands outside of brackets")
        .cure("write (a|b) where one is required, [a|b] where it may be left out")
}

pub(super) fn empty_alternative(span: Span) -> SynopsisFault {
    fault("empty-alternative", &[span], "a word is missing here")
        .cure("write it, or take the bracket or the | out; in [a|b] both may be left out")
}

pub(super) fn space_missing(span: Span) -> SynopsisFault {
    fault("space", &[span], "a space is missing")
        .label("before this")
        .cure("put a space between two elements")
}

pub(super) fn misplaced_dots(span: Span) -> SynopsisFault {
    fault("dots", &[span], "... stands in the wrong place")
        .cure("it stands behind what is repeated: <log>..., [<log>...], (-u <unit>)...")
}

pub(super) fn dots_in_option(span: Span, element: &str) -> SynopsisFault {
    fault("dots-in-option", &[span], "... inside an option's pair")
        .label("the option is repeated, not its value alone")
        .cure(format!("write {}...", element.replacen("...", "", 1)))
}

pub(super) fn dots_behind_words(span: Span) -> SynopsisFault {
    fault("dots", &[span], "only a value or an option can be repeated")
        .cure("take the ... out, or write a value: <name>...")
}

pub(super) fn dots_in_choice(span: Span) -> SynopsisFault {
    fault("dots", &[span], "... belongs to one alternative only")
        .cure("to repeat the whole choice: [(<a>|<b>)...]")
}

pub(super) fn twice_repeated(span: Span) -> SynopsisFault {
    fault("dots", &[span], "... stands twice").cure("write it once")
}

pub(super) fn equals_without_value(span: Span) -> SynopsisFault {
    fault("option-value", &[span], "[= is not followed by a type or a choice")
        .cure("write [=<type>] or [=(a|b)]")
}

// Words.

pub(super) fn two_types(span: Span) -> SynopsisFault {
    fault("two-types", &[span], "two types in one word")
        .label("nothing tells where one value ends")
        .cure("write one type (a regex can describe the whole), or two words")
}

/// `cure` is how it would be written, where there is a way.
pub(super) fn optional_part(span: Span, cure: &str) -> SynopsisFault {
    fault("optional-part", &[span], "a part of a word cannot be left out like this").cure(cure)
}

pub(super) fn no_option_name(span: Span, word: &str) -> SynopsisFault {
    fault("option-value", &[span], format!("{word} is neither an option nor a value"))
        .cure(format!("write --name=<type>; the word itself is written '{word}'"))
}

pub(super) fn flags_in_choice(span: Span, word: &str) -> SynopsisFault {
    let flags: Vec<String> = word.chars().skip(1).map(|letter| format!("-{letter}")).collect();
    fault("flags-in-choice", &[span], format!("{word} stands among alternatives"))
        .label(format!("are the flags {} meant?", flags.join(" ")))
        .cure(format!("one of the flags: ({}); the word itself is written '{word}'", flags.join(" | ")))
}

pub(super) fn repeated_letter(span: Span, word: &str, letter: char) -> SynopsisFault {
    let flags: Vec<String> = word.chars().skip(1).map(|letter| format!("-{letter}")).collect();
    fault("repeated-letter", &[span], format!("{word} names the letter {letter} twice"))
        .label(format!("read as the flags {}", flags.join(" ")))
        .cure(format!("the word itself is written '{word}'"))
}

pub(super) fn repeated_option(first: Span, second: Span, name: &str) -> SynopsisFault {
    fault("repeated-option", &[first, second], format!("{name} stands twice among the same options"))
        .cure(format!("write {name} once; with ... behind its pair it may be given several times"))
}

pub(super) fn overlapping_options(first: Span, second: Span, one: &str, other: &str) -> SynopsisFault {
    fault("same-word", &[first, second], format!("{one} and {other} could take the same word"))
        .cure("write one of them, or types that have no word in common")
}

pub(super) fn digit_flags(first: Span, second: Span, value: &str, flag: &str) -> SynopsisFault {
    fault("digit-flags", &[first, second], format!("{value} stands together with the flag {flag}"))
        .label(format!("{flag} would be both"))
        .cure("write two synopses, one with each")
}

/// `dots` is `...` or nothing: what stands behind the value.
pub(super) fn two_readings(span: Span, option: &str, value: &str, dots: &str) -> SynopsisFault {
    let flag = match option.strip_prefix('-').map(str::len) {
        Some(2..) if !option.starts_with("--") => "flags, and then an operand",
        _ => "a flag, and then an operand",
    };
    let (one, other) = (format!("({option} {value}){dots}"), format!("({option}) {value}{dots}"));
    fault("two-readings", &[span], format!("{option} {value}{dots} has two readings"))
        .label(format!("{one}   an option that must be given, with its value"))
        .label(format!("{other}   {flag}"))
        .cure(format!("write the one you mean; [{option} {value}]{dots} if it may be left out"))
}

pub(super) fn several_values(span: Span, option: &str) -> SynopsisFault {
    fault("several-values", &[span], format!("{option} has more than one value"))
        .label("a second value")
        .cure(format!("an option takes one value: [{option} <type>]"))
}

/// `could_be_value`: nothing else is the value of the option before it.
pub(super) fn several_options(
    span: Span,
    second: &str,
    (open, close): (&str, &str),
    could_be_value: bool,
) -> SynopsisFault {
    let said = fault("several-options", &[span], "two options in one pair of brackets");
    let own = format!("give it a pair of its own: {open}{second}{close}");
    if !could_be_value {
        return said.label(format!("{second} is another option")).cure(own);
    }
    said.label(format!("{second} would be the value of the option before it"))
        .cure(own)
        .cure(format!("if it is that value, quote it: '{second}'"))
}

pub(super) fn options_and_words(spans: &[Span]) -> SynopsisFault {
    let mut spans = spans.to_vec();
    spans.sort_unstable();
    let said = fault("options-and-words", &spans, "options and words in one pair of brackets");
    // Behind another word quotes make a word of it; in front it stays an option.
    if spans.len() == 1 {
        return said.cure("a word that begins with - and is no option is quoted: '-x'");
    }
    said.cure("options stand anywhere in their block, words in one place: write two pairs")
        .cure("where it must be one of the two, write two synopses")
}

/// The same, of what is one option and a choice of its values without their parentheses.
pub(super) fn values_of_option(spans: &[Span], meant: &str) -> SynopsisFault {
    fault("options-and-words", spans, "options and words in one pair of brackets")
        .label("is this another value?")
        .cure(format!("a choice of values has parentheses of its own: {meant}"))
}

pub(super) fn sequence_start(spans: &[Span]) -> SynopsisFault {
    fault("sequence-start", spans, "nothing tells which words are meant")
        .label("words that come together begin with a word of their own")
        .cure("begin each with its own word, as in [from <host>], or write two synopses")
}

pub(super) fn same_word(spans: &[Span], one: &str, other: &str) -> SynopsisFault {
    let message = if one == other {
        format!("{one} stands twice where one word is expected")
    } else {
        format!("{one} and {other} could take the same word")
    };
    fault("same-word", spans, message)
        .cure("write one of them, types that have no word in common, or two synopses")
}

pub(super) fn optional_values(
    first: Span,
    second: Span,
    values: (&str, &str),
    synopses: &[String],
) -> SynopsisFault {
    let (one, other) = values;
    let kind = |text: &str| if text.starts_with('[') { "optional" } else { "repeated" };
    let kinds =
        if kind(one) == kind(other) { kind(one).to_owned() } else { "optional or repeated".to_owned() };
    fault("optional-values", &[first, second], format!("two {kinds} values side by side"))
        .label("which of them takes \"www\"?")
        .cure(format!("write two synopses:  {}", synopses.join("    and    ")))
}

pub(super) fn end_of_options(first: Span, second: Span) -> SynopsisFault {
    fault("end-of-options", &[first, second], "options behind [--]")
        .label("after -- only values follow")
        .cure("write the options before [--]")
}

// Limits.

pub(super) fn too_many_options(span: Span, count: usize) -> SynopsisFault {
    fault(
        "too-many-options",
        &[span],
        format!("{count} options side by side, at most {} can stand there", super::MOST_OPTIONS),
    )
    .cure("write several synopses")
}

pub(super) fn too_many_segments(span: Span, count: usize) -> SynopsisFault {
    fault(
        "too-many-segments",
        &[span],
        format!(
            "{count} stretches of options, values and words, at most {} can follow a program",
            super::MOST_SEGMENTS
        ),
    )
    .cure("write several synopses")
}
