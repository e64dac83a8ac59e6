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
fn cut(text: &str) -> (Vec<(&str, &str)>, &str) {
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
    let join =
        |parts: &[(&str, &str)]| parts.iter().map(|(text, _)| format!("{text}{OTHER}")).collect::<String>();
    let at = |i: usize, (own, name): (&str, &str)| {
        let before = join(parts.get(..i).unwrap_or_default()) + own;
        let after = match parts.get(i + 1..) {
            Some(more) => join(more) + last,
            None => last.to_owned(),
        };
        Placeholder { name: name.to_owned(), before, after }
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

    /// One quoted word that is gatesh's own command line, which gatesh judges itself.
    pub(super) fn is_judged_by_gatesh(&self) -> bool {
        let program = self.before.split_whitespace().find(|word| *word != "exec");
        let gatesh = program.is_some_and(|program| program.rsplit('/').next() == Some("gatesh"));
        gatesh && self.before.ends_with(" -c '") && self.after.starts_with('\'')
    }
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
    fn only_a_quoted_argument_of_gateshs_own_option_is_judged_by_it() {
        let judged = |text: &str| placeholders(text).iter().all(Placeholder::is_judged_by_gatesh);
        assert!(judged("exec /usr/bin/gatesh --group g -c '{{command}}'"));
        assert!(!judged("exec /usr/bin/gatesh --group '{{command}}'"));
        assert!(!judged("exec /usr/bin/other -c '{{command}}'"));
        assert!(!judged("exec /usr/bin/gatesh -c \"{{command}}\""));
    }
}
