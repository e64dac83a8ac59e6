//! Placeholders in a text, and the quotes they stand in.

/// `{{name}}` in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placeholder {
    /// The parameter it names.
    pub(super) name: String,
    /// Text before it, other placeholders replaced by a plain word.
    pub(super) before: String,
    /// Text after it, likewise.
    pub(super) after: String,
    /// No other stands in the text.
    pub(super) alone: bool,
}

/// What a shell makes of the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// Outside any quotes.
    None,
    /// Between `'`.
    Single,
    /// Between `"`.
    Double,
}

/// Stands for the value of another placeholder.
const OTHER: &str = "x";

/// A text cut at its placeholders: what stands before each, its name, and at last what stands after.
pub(super) fn cut(text: &str) -> (Vec<(&str, &str)>, &str) {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(open) = rest.get(from..).and_then(|tail| tail.find("{{")).map(|at| at + from) {
        let inside = rest.get(open + 2..).unwrap_or_default();
        match inside.split_once("}}").map(|(name, after)| (name.trim(), after)) {
            Some((name, after)) if is_name(name) => {
                parts.push((rest.get(..open).unwrap_or_default(), name));
                (rest, from) = (after, 0);
            }
            _ => from = open + 1,
        }
    }
    (parts, rest)
}

/// Anything that could be a parameter's name; `ssm:` and `.Names` are not.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// Every placeholder in `text`.
pub(super) fn placeholders(text: &str) -> Vec<Placeholder> {
    let (parts, last) = cut(text);
    let join = |parts: &[(&str, &str)]| {
        parts.iter().map(|(text, _)| [*text, OTHER].concat()).collect::<Vec<_>>().concat()
    };
    let at = |i: usize, (own, name): (&str, &str)| {
        let before = join(parts.get(..i).unwrap_or_default()) + own;
        let after = match parts.get(i + 1..) {
            Some(more) => join(more) + last,
            None => last.to_owned(),
        };
        Placeholder { name: name.to_owned(), before, after, alone: parts.len() == 1 }
    };
    parts.iter().enumerate().map(|(i, part)| at(i, *part)).collect()
}

impl Placeholder {
    /// The value is the whole text.
    pub(super) fn is_whole(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }

    /// The quotes that are open where the value is pasted.
    pub(super) fn quotes(&self) -> Quotes {
        let mut quotes = Quotes::None;
        let mut characters = self.before.chars();
        while let Some(c) = characters.next() {
            quotes = match (quotes, c) {
                (Quotes::None, '\'') => Quotes::Single,
                (Quotes::None, '"') => Quotes::Double,
                (Quotes::Single, '\'') | (Quotes::Double, '"') => Quotes::None,
                (Quotes::None | Quotes::Double, '\\') => {
                    characters.next();
                    quotes
                }
                (quotes, _) => quotes,
            };
        }
        quotes
    }

    /// The only value in the text, and the text is gatesh's own command line, which gatesh judges itself.
    pub(super) fn is_judged_by_gatesh(&self) -> bool {
        self.alone && judged_by_gatesh(&self.before, &self.after)
    }
}

/// The text that `export session-document` writes, word for word. Another option might read other rules, and an
/// operator might run something else with the same value.
pub(super) fn judged_by_gatesh(before: &str, after: &str) -> bool {
    let Some(words) = before.strip_suffix('\'').filter(|words| words.ends_with(' ')) else { return false };
    let mut words = words.split_ascii_whitespace().peekable();
    words.next_if_eq(&"exec");
    let gatesh = words.next() == Some("/usr/bin/gatesh");
    if words.next_if_eq(&"--group").is_some() && !words.next().is_some_and(is_group) {
        return false;
    }
    words.next_if_eq(&"--status-line");
    let line = !before.trim().contains('\n');
    gatesh && line && words.eq(["-c"]) && after.trim_end() == "'"
}

/// A name of a group without a character that means something to a shell.
fn is_group(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_placeholders_become_words() {
        let found = placeholders("a {{x}} b {{ y }} c");
        let sides: Vec<_> =
            found.iter().map(|p| (p.before.as_str(), p.name.as_str(), p.after.as_str())).collect();
        assert_eq!(sides, [("a ", "x", " b x c"), ("a x b ", "y", " c")]);
    }

    #[test]
    fn go_templates_and_store_references_are_no_placeholders() {
        assert!(placeholders("docker ps --format '{{.Names}}' {{ssm:a}} {{").is_empty());
    }

    #[test]
    fn quotes_are_those_a_shell_sees() {
        let quotes = |text: &str| placeholders(text).first().map(Placeholder::quotes);
        assert_eq!(quotes("a {{x}}"), Some(Quotes::None));
        assert_eq!(quotes("a '{{x}}'"), Some(Quotes::Single));
        assert_eq!(quotes("a \"'{{x}}'\""), Some(Quotes::Double));
        assert_eq!(quotes("a \\'{{x}}"), Some(Quotes::None));
    }

    #[test]
    fn only_gateshs_own_command_line_is_judged_by_it() {
        let judged = |text: &str| placeholders(text).iter().all(Placeholder::is_judged_by_gatesh);
        for options in ["", " --group g", " --status-line", " --group g-1 --status-line"] {
            assert!(judged(&format!("exec /usr/bin/gatesh{options} -c '{{{{command}}}}'")), "{options}");
            assert!(judged(&format!("/usr/bin/gatesh{options} -c '{{{{command}}}}'\n")), "{options}");
        }
        for text in [
            "exec /usr/bin/gatesh --group '{{command}}'",
            "exec /usr/bin/other -c '{{command}}'",
            "exec /usr/bin/gatesh -c \"{{command}}\"",
            "exec gatesh -c '{{command}}'",
            "exec /tmp/evil/gatesh --config /tmp/x -c '{{command}}'",
            "exec /usr/bin/gatesh --config /tmp/x -c '{{command}}'",
            "exec /usr/bin/gatesh --group -c -c '{{command}}'",
            "exec /usr/bin/gatesh --group {{g}} -c '{{command}}'",
            "exec /usr/bin/gatesh --group $G -c '{{command}}'",
            "exec /usr/bin/gatesh --group g -c'{{command}}'",
            "exec /usr/bin/gatesh -c '{{command}}' -c x",
            "exec /usr/bin/gatesh -c 'x{{command}}'",
            "exec /usr/bin/gatesh -c '{{command}}{{command}}'",
            "/usr/bin/gatesh --version; exec sh -c '{{command}}'",
            "/usr/bin/gatesh\nexec sh -c '{{command}}'",
            "/usr/bin/gatesh\n-c '{{command}}'",
            "/usr/bin/gatesh -c '{{command}}'; id",
        ] {
            assert!(!judged(text), "{text}");
        }
    }
}
