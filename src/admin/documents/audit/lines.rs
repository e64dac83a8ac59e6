//! The lines of a Command document's script are judged one by one. That is right only where none of them reaches into
//! another: through a quote, a here-document, a pipe at its end or around a block of lines.

use super::super::automata::{Tree, read};
use super::super::document::{Document, Kind, Script};
use super::super::finding::{Finding, Severity};
use super::super::template::{Quotes, placeholders};
use super::finding;

/// One finding for each script in which a value of the person's choosing stands among such lines.
pub(super) fn findings(document: &Document) -> Vec<Finding> {
    if document.kind != Kind::Command {
        return Vec::new();
    }
    let scripts = document.scripts.chunk_by(|one, other| list(one) == list(other));
    scripts.filter_map(|lines| together(document, lines)).collect()
}

/// The pointer to the list of lines, without the place in it.
fn list(script: &Script) -> &str {
    script.pointer.rsplit_once('/').map_or("", |(list, _)| list)
}

fn together(document: &Document, lines: &[Script]) -> Option<Finding> {
    let value = lines.iter().find(|line| {
        placeholders(&line.text).iter().any(|placeholder| is_chosen(document, &placeholder.name))
    })?;
    let (reaching, how) = lines.iter().find_map(|line| Some((line, reaches_on(&line.text)?)))?;
    let what = format!("line {} {how}: this value cannot be judged by its line alone", reaching.line);
    let cure = "whole commands in each line, the value in one of its own, or values written out";
    Some(finding(Severity::Error, "lines-together", (&value.pointer, value.line), &what, cure))
}

/// Whether whoever starts the document chooses a character of it.
fn is_chosen(document: &Document, name: &str) -> bool {
    let pattern = document.parameter(name).and_then(|parameter| read(parameter.pattern()?.0).ok());
    pattern.is_none_or(|tree| tree.any_leaf(&|leaf| matches!(leaf, Tree::Set { open: true, .. })))
}

/// How a line reaches into others, if it does.
fn reaches_on(line: &str) -> Option<&'static str> {
    let bare = unquoted(line)?;
    let text = bare.trim();
    let words = words(text);
    let has = |wanted: &str| words.iter().any(|(word, _)| *word == wanted);
    let count = |c: char| text.matches(c).count();
    Some(match text {
        _ if bare.contains('\0') => "leaves a quote open",
        _ if text.replace("<<<", "").contains("<<") => "begins a here-document",
        _ if text.ends_with(['|', '&', '\\']) => "goes on in the next one",
        _ if count('(') != count(')') || count('`') % 2 == 1 => "leaves a parenthesis open",
        _ if text.replace([' ', '\t'], "").contains("()") || has("function") => "begins a function",
        _ if ends_a_block(&words) => "says where the output of a block goes",
        _ if has("exec") && text.contains(['<', '>']) => "says where the output of the next ones goes",
        _ => return None,
    })
}

/// The words of a line, as a shell ends them (`done|sh` has two), each with what stands behind it.
fn words(text: &str) -> Vec<(&str, &str)> {
    let ends = |c: char| c.is_whitespace() || ";|&<>()".contains(c);
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(ends);
    while !rest.is_empty() {
        let (word, behind) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
        words.push((word, behind));
        rest = behind.trim_start_matches(ends);
    }
    words
}

/// Whether a block that began in a line before ends here with anything behind its end.
fn ends_a_block(words: &[(&str, &str)]) -> bool {
    let mut open = 0_usize;
    for (word, behind) in words {
        match *word {
            "{" | "if" | "do" | "case" => open = open.saturating_add(1),
            "}" | "fi" | "done" | "esac" => match open.checked_sub(1) {
                Some(less) => open = less,
                None if behind.trim_matches([' ', '\t', ';']).is_empty() => {}
                None => return true,
            },
            _ => {}
        }
    }
    false
}

/// The line with nothing in its quotes and without its comment; a NUL stands for a quote that is not closed. A
/// backslash takes the sign behind it along, but one at the end stays. `None` where nothing is left.
fn unquoted(line: &str) -> Option<String> {
    let mut out = String::new();
    let mut quotes = Quotes::None;
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        match (quotes, c) {
            (Quotes::None, '\'') => quotes = Quotes::Single,
            (Quotes::None, '"') => quotes = Quotes::Double,
            (Quotes::Single, '\'') | (Quotes::Double, '"') => {
                quotes = Quotes::None;
                // Something stands there, though not what.
                out.push('x');
            }
            (Quotes::None | Quotes::Double, '\\') => match characters.next() {
                Some(_) => {}
                None => out.push('\\'),
            },
            // These are alive in double quotes, too.
            (Quotes::Double, '(' | ')' | '`') => out.push(c),
            (Quotes::None, '#') if out.is_empty() || out.ends_with([' ', '\t', ';', '&', '|', '(']) => break,
            (Quotes::None, c) => out.push(c),
            (Quotes::Single | Quotes::Double, _) => {}
        }
    }
    if quotes != Quotes::None {
        out.push('\0');
    }
    (!out.trim().is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_by_itself_reaches_nowhere() {
        for line in [
            "",
            "# don't",
            "cat '{{c}}' \"it's\"",
            "x=$(date) || exit 1",
            "if [ -e /x ]; then",
            "fi",
            "done;",
            "for i in 1 2; do date; done | sort",
            "echo a\\'b",
            "cat <<<x",
            "ls 2>&1 | wc # |",
            "echo \"(\" \")\"",
        ] {
            assert_eq!(reaches_on(line), None, "{line}");
        }
    }

    #[test]
    fn a_line_that_goes_on_elsewhere_does() {
        for (line, how) in [
            ("echo 'a", "leaves a quote open"),
            ("eval \"$(", "leaves a quote open"),
            ("bash <<E", "begins a here-document"),
            ("cat <<-'E'", "begins a here-document"),
            ("echo x |", "goes on in the next one"),
            ("true &&  # and", "goes on in the next one"),
            ("sh -c \\", "goes on in the next one"),
            ("eval $(", "leaves a parenthesis open"),
            ("x=`", "leaves a parenthesis open"),
            ("f() {", "begins a function"),
            ("} | sh", "says where the output of a block goes"),
            ("done >x", "says where the output of a block goes"),
            ("done|sh", "says where the output of a block goes"),
            ("true; } | sh", "says where the output of a block goes"),
            ("f ( ) {", "begins a function"),
            ("true; function f {", "begins a function"),
            ("exec>/tmp/fifo", "says where the output of the next ones goes"),
            ("true; exec >/tmp/fifo", "says where the output of the next ones goes"),
            ("exec >/tmp/fifo", "says where the output of the next ones goes"),
        ] {
            assert_eq!(reaches_on(line), Some(how), "{line}");
        }
    }
}
