//! A simple regular expression the way a person would say it: "CHG or INC and 6 to 9 digits".

/// More parts than these are easier read as they are written.
const MOST: usize = 3;

/// In words; `None` where they would not be clearer than the expression.
pub(super) fn spoken(text: &str) -> Option<String> {
    let mut said = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (part, behind) = choice(rest).or_else(|| counted(rest)).or_else(|| literal(rest))?;
        said.push(part);
        rest = behind;
    }
    (said.len() <= MOST && said.iter().any(|part| part.contains(' ') || part.ends_with('s')))
        .then(|| said.join(" and "))
}

/// `(CHG|INC)`
fn choice(text: &str) -> Option<(String, &str)> {
    let (inside, rest) = text.strip_prefix('(')?.split_once(')')?;
    let words: Vec<&str> = inside.split('|').collect();
    let is_whole = words.iter().all(|word| !word.is_empty() && word.chars().all(is_plain));
    (is_whole && !is_counted(rest)).then(|| (words.join(" or "), rest))
}

/// `[0-9]{6,9}`
fn counted(text: &str) -> Option<(String, &str)> {
    const CLASSES: [(&str, &str); 4] =
        [("[0-9]", "digit"), ("\\d", "digit"), ("[A-Z]", "capital"), ("[a-z]", "small letter")];
    let (class, name) = CLASSES.iter().find(|(class, _)| text.starts_with(class))?;
    let rest = text.get(class.len()..)?;
    if let Some(rest) = rest.strip_prefix('+') {
        return Some((format!("{name}s"), rest));
    }
    let Some(braces) = rest.strip_prefix('{') else {
        return (!is_counted(rest)).then(|| (format!("a {name}"), rest));
    };
    let (count, rest) = braces.split_once('}')?;
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
    let said = match count.split_once(',') {
        Some((least, most)) if number(least) && number(most) => format!("{least} to {most} {name}s"),
        Some((least, "")) if number(least) => format!("at least {least} {name}s"),
        None if count == "1" => format!("a {name}"),
        None if number(count) => format!("{count} {name}s"),
        Some(_) | None => return None,
    };
    (!is_counted(rest)).then_some((said, rest))
}

fn literal(text: &str) -> Option<(String, &str)> {
    let end = text.find(|c| !is_plain(c)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (!word.is_empty() && !is_counted(rest)).then(|| (word.to_owned(), rest))
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn is_counted(rest: &str) -> bool {
    rest.starts_with(['+', '*', '?', '{', '|'])
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn tickets_and_counts_are_said_as_a_person_would() {
        let said = |text| spoken(text).unwrap();
        assert_eq!(said("(CHG|INC)[0-9]{6,9}"), "CHG or INC and 6 to 9 digits");
        assert_eq!(said("CHG[0-9]{7}"), "CHG and 7 digits");
        assert_eq!(said("[A-Z]{2}-[0-9]+"), "2 capitals and - and digits");
    }

    #[test]
    fn whatever_is_less_simple_is_left_as_it_is_written() {
        for text in
            ["v[0-9]+\\.[0-9]+", "a*", "(a|b)+", "a|b", "[0-9]{2}{3}", "[^a]", "x", "(a|)", "[0-9a-f]+"]
        {
            assert_eq!(spoken(text), None, "{text}");
        }
    }
}
