//! The right side of a specification: the commands, and for each as whom it runs and whether a password is asked.

/// What may stand before a command as `NAME=value`.
const OPTIONS: [&str; 10] = [
    "ROLE",
    "TYPE",
    "APPARMOR_PROFILE",
    "PRIVS",
    "LIMITPRIVS",
    "NOTBEFORE",
    "NOTAFTER",
    "TIMEOUT",
    "CWD",
    "CHROOT",
];

/// One command that somebody may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    /// `FILE:LINE`, or the program that said it.
    pub(super) place: String,
    /// As whom, as written.
    pub(super) runas: String,
    pub(super) asks_password: bool,
    /// As written: `ALL`, or a path with arguments.
    pub(super) command: String,
    /// The name in the list of users that matched.
    pub(super) to: String,
}

/// The commands behind the equals sign, and behind those of further hosts.
pub(super) fn grants(place: &str, text: &str) -> Vec<Grant> {
    let mut found = Vec::new();
    let mut state = Grant {
        place: place.to_owned(),
        runas: "root".to_owned(),
        asks_password: true,
        command: String::new(),
        to: String::new(),
    };
    for item in split(&without_expressions(text), ',') {
        let mut rest = item.as_str();
        loop {
            rest = prefixed(rest, &mut state);
            let (command, more) = until_next_host(rest);
            if !command.is_empty() {
                found.push(Grant { command: command.to_owned(), ..state.clone() });
            }
            let Some(more) = more else { break };
            (state.runas, state.asks_password) = ("root".to_owned(), true);
            rest = more;
        }
    }
    found
}

/// Arguments that are a regular expression, `^...$`, may hold every sign that means something elsewhere; what they
/// are is not asked here, only that there are some.
fn without_expressions(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, expression)) = rest.split_once(" ^") {
        let ends = expression.match_indices('$').map(|(at, _)| at).find(|at| {
            let escaped = expression.get(..*at).is_some_and(|before| before.ends_with('\\'));
            let behind = expression.get(at + 1..).unwrap_or_default();
            !escaped && (behind.is_empty() || behind.starts_with([',', ' ']))
        });
        let Some(end) = ends else { break };
        out.extend([before, " ^...$"]);
        rest = expression.get(end + 1..).unwrap_or_default();
    }
    out + rest
}

/// Takes what stands before a command: `(runas)`, tags, options.
fn prefixed<'t>(text: &'t str, state: &mut Grant) -> &'t str {
    let mut rest = text.trim();
    loop {
        if let Some((runas, more)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
            runas.trim().clone_into(&mut state.runas);
            rest = more.trim_start();
            continue;
        }
        let word = rest.split(|c: char| !c.is_ascii_uppercase() && c != '_').next().unwrap_or_default();
        let after = rest.get(word.len()..).unwrap_or_default();
        if let Some(more) = after.trim_start().strip_prefix(':').filter(|_| is_tag(word)) {
            match word {
                "NOPASSWD" => state.asks_password = false,
                "PASSWD" => state.asks_password = true,
                _ => {}
            }
            rest = more.trim_start();
        } else if let Some(value) = after.strip_prefix('=').filter(|_| OPTIONS.contains(&word)) {
            rest = value.split_once(char::is_whitespace).map_or("", |(_, more)| more.trim_start());
        } else {
            return rest;
        }
    }
}

fn is_tag(word: &str) -> bool {
    let name = word.strip_prefix("NO").unwrap_or(word);
    matches!(
        name,
        "PASSWD" | "EXEC" | "SETENV" | "LOG_INPUT" | "LOG_OUTPUT" | "MAIL" | "FOLLOW" | "INTERCEPT"
    )
}

/// A command, and what follows `: HOST =` behind it. Within a command a colon is escaped, but for a digest's.
fn until_next_host(text: &str) -> (&str, Option<&str>) {
    let parts = |at: usize| Some((text.get(..at)?, text.get(at + 1..)?));
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        let digest = text.get(..at).is_some_and(|before| {
            before.rsplit(' ').next().is_some_and(|word| word.starts_with("sha") && word.len() == 6)
        });
        if character == ':'
            && !escaped
            && !digest
            && let Some((command, rest)) = parts(at)
        {
            return (command.trim(), rest.split_once('=').map(|(_, more)| more));
        }
        escaped = character == '\\' && !escaped;
    }
    (text.trim(), None)
}

/// Parts at a separator that stands outside of quotes and parentheses and is not escaped, trimmed.
pub(super) fn split(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped, mut depth) = (false, false, 0_u32);
    for character in text.chars() {
        let is_end = !quoted && !escaped && depth == 0;
        match character {
            '"' if !escaped => quoted = !quoted,
            '(' if is_end => depth += 1,
            ')' if !quoted && !escaped => depth = depth.saturating_sub(1),
            _ => {}
        }
        if character == separator && is_end {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(if separator == ' ' && character == '\t' { ' ' } else { character });
        }
        escaped = character == '\\' && !escaped;
    }
    parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// What `sudo -l -U USER` prints: the defaults that matched, then a line for each specification.
pub(super) fn listed(text: &str) -> Vec<Grant> {
    let (defaults, rest) = text.split_once("may run the following commands").unwrap_or((text, ""));
    let unasked = defaults.contains("!authenticate");
    let lines = rest.lines().skip(1).map(str::trim).filter(|line| !line.is_empty());
    let all = lines.flat_map(|line| grants("sudo -l", line));
    all.filter(|grant| !grant.command.starts_with('!'))
        .map(|grant| Grant { asks_password: grant.asks_password && !unasked, ..grant })
        .collect()
}
