//! The languages of the holes, as patterns over the whole text that is read in the end.
//!
//! They are made of few pieces and keep to what every `sh` reads alike, so that a text in them really runs:
//! plain and quoted words, blanks, separators, and characters the person chose where the hole is.

use super::Hole;
use crate::admin::documents::automata::own;

/// The languages of one hole: those that can be shown by running, the most telling first, and the widest.
pub(super) struct Texts {
    pub(super) runs: Vec<String>,
    pub(super) active: String,
}

/// A class of characters the person chose.
pub(super) fn chosen(characters: &str) -> String {
    let twins = characters.chars().map(|c| format!("\\x{{{:x}}}", u32::from(own(c))));
    format!("[{}]", twins.collect::<Vec<_>>().concat())
}

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const PLAIN: &str = r"[A-Za-z0-9_./:@%+,=\-]";
const ITEM: &str = r#"(?:[A-Za-z0-9_./:@%+,=\-]|'[^']*'|"[^"$`\\]*"|\\[^\n])"#;
const BLANKS: &str = r"[ \t]+";
const GAP: &str = r"[ \t]*";
/// Unquoted text: whatever quotes were opened are closed.
const CALM: &str = r#"(?s:[^'"\\]|'[^']*'|"(?:[^"\\]|\\.)*"|\\.)*"#;

/// Between two words: blanks, or a separator of commands.
const BETWEEN: &str = r"(?:[ \t]+|[ \t]*[;&|\n][ \t\n]*)";
const SPACE: &str = r"[ \t\n]*";

/// Words from the start on, in as many commands as it takes.
fn words() -> String {
    format!("{SPACE}{ITEM}+(?:{BETWEEN}{ITEM}+)*")
}

/// Whole commands before another one.
fn lead() -> String {
    format!("(?:{}{GAP}[;&|\\n]{SPACE}|{SPACE})", words())
}

/// `id`, named by the person.
fn id() -> String {
    format!("{}{}(?:''|\"\")?", chosen("i"), chosen("d"))
}

/// What may follow a word without an error.
fn rest() -> String {
    format!("(?:{BETWEEN}{ITEM}+)*{GAP}(?:[;&\\n]{SPACE})?(?:[ \\t;&\\n]#[^\\n]*)?")
}

/// `id` next to a separator of the person's own: after it, or before it and what follows.
fn beside(before: &str, after: &str) -> String {
    let (words, lead, id, rest) = (words(), lead(), id(), rest());
    format!(
        "(?:{words}{GAP}{before}{SPACE}{id}|{lead}{id}(?:{BLANKS}{ITEM}+)*{GAP}{after}{SPACE}{ITEM}+){rest}"
    )
}

/// Texts in which one of `characters` is active outside quotes.
fn active(characters: &str) -> String {
    format!("{CALM}{}(?s:.*)", chosen(characters))
}

impl Hole {
    /// The languages that show it.
    pub(super) fn texts(self) -> Texts {
        match self {
            Self::Operator => {
                let before = format!("(?:{}|{}&)", chosen(";&|"), chosen("&"));
                Texts { runs: vec![beside(&before, &chosen(";&|"))], active: active(";&|") }
            }
            Self::Newline => newline(),
            Self::Substitution => substitution(),
            Self::Redirection => {
                let runs = format!("{}{GAP}{}{GAP}[A-Za-z0-9_]{ITEM}*{}", words(), chosen(">"), rest());
                Texts { runs: vec![runs], active: active("<>") }
            }
            Self::Comment => comment(),
            Self::Assignment => assignment(),
            Self::Program => program(),
            Self::Option => {
                let dash = chosen("-");
                Texts::of_words(&format!("(?:{dash}{ITEM}+|['\"]{dash}[^'\"]+['\"])"))
            }
            Self::Operand => {
                let inside = chosen(&format!("{LETTERS}0123456789_./-"));
                Texts::of_words(&format!("{ITEM}*{inside}{}{GAP}{inside}{ITEM}*", chosen(" \t")))
            }
            Self::Path => {
                let (slash, dot) = (chosen("/"), chosen("."));
                let up = format!("(?:{PLAIN}*[/=])?(?:{dot}\\.|\\.{dot})(?:/{PLAIN}*)?");
                Texts::of_words(&format!("['\"]?(?:{slash}{PLAIN}*|{up})['\"]?"))
            }
            Self::Glob => {
                let runs = format!("{}{BLANKS}{ITEM}*{}{ITEM}*{}", words(), chosen("*?"), rest());
                Texts { runs: vec![runs], active: active("*?[~{") }
            }
            Self::Quoting => quoting(),
            Self::Control => {
                let hidden = ('\u{1}'..='\u{1F}').chain(['\u{7F}']).filter(|c| !"\t\n".contains(*c));
                let hidden = chosen(&hidden.collect::<String>());
                let shown = Texts::of_words(&format!("{ITEM}*{hidden}{ITEM}*")).active;
                Texts { runs: vec![shown], active: format!("(?s:.*){hidden}(?s:.*)") }
            }
        }
    }
}

impl Texts {
    /// Plain words with one of a certain kind among the operands.
    fn of_words(word: &str) -> Self {
        let more = format!("(?:{BLANKS}{ITEM}+)*");
        Self { runs: Vec::new(), active: format!("{ITEM}+{more}{BLANKS}{word}{more}{GAP}") }
    }
}

fn newline() -> Texts {
    let newline = chosen("\n");
    Texts {
        runs: vec![beside(&newline, &newline)],
        active: format!("{CALM}[^ \\t\\n]{GAP}{newline}{SPACE}[^ \\t\\n](?s:.*)"),
    }
}

/// Best where `id` comes first, so that all the pattern asks for is in the comment.
fn comment() -> Texts {
    let mark = chosen("#");
    let end = format!("{}(?:{BLANKS}{ITEM}+)*(?:{BLANKS}|{GAP}[;&]){mark}[^\\n]*", id());
    Texts {
        runs: vec![format!("{SPACE}{end}"), format!("{}{end}", lead())],
        active: format!("(?:{CALM}[ \\t\\n;&|])?{mark}(?s:.*)"),
    }
}

fn assignment() -> Texts {
    let set = format!("{}[A-Za-z_][A-Za-z0-9_]*{}{ITEM}*{BLANKS}", lead(), chosen("="));
    let any = format!("{set}{ITEM}+{}", rest());
    Texts { runs: vec![format!("{set}{}{}", id(), rest()), any.clone()], active: any }
}

/// Programs that start what their operands name do not make the name after them any less the program's.
fn program() -> Texts {
    let before = format!("{GAP}(?:(?:exec|sudo|env|nohup|command){BLANKS})*");
    let first = chosen(&format!("{LETTERS}/"));
    let after = format!("(?:{BLANKS}{ITEM}+)*{GAP}");
    let active = format!("{before}{first}{ITEM}*{after}");
    Texts { runs: vec![format!("{before}{}{after}", id())], active }
}

fn quoting() -> Texts {
    let leaves = |q: &str| format!("{CALM}{q}[^{q}]*{}(?s:.*)", chosen(q));
    let active = format!("(?:{}|{}|{})", active("'\"\\"), leaves("'"), leaves("\""));
    Texts { runs: vec![quoted()], active }
}

/// A command with a pair of quotes or a backslash of the person's own.
fn quoted() -> String {
    let (one, two, back) = (chosen("'"), chosen("\""), chosen("\\"));
    let pair = format!("(?:{one}[^']*'|'[^']*{one}|{two}[^\"$`\\\\]*\"|\"[^\"$`\\\\]*{two}|{back}[^\\n])");
    format!("{SPACE}(?:{ITEM}+{BETWEEN})*{ITEM}*{pair}{ITEM}*{}", rest())
}

fn substitution() -> Texts {
    let (dollar, tick) = (chosen("$"), chosen("`"));
    let inner = format!("(?:{dollar}\\({GAP}id{GAP}\\)|{tick}{GAP}id{GAP}`)");
    let quoted = format!("\"[^\"$`\\\\]*{inner}[^\"$`\\\\]*\"");
    let before = format!("{SPACE}(?:{ITEM}+{BETWEEN})*{ITEM}*");
    let doubled = format!("{CALM}\"(?:[^\"\\\\]|\\\\.)*{}(?s:.*)", chosen("$`"));
    Texts {
        runs: vec![format!("{before}(?:{inner}|{quoted}){ITEM}*{}", rest())],
        active: format!("(?:{}|{doubled})", active("$`")),
    }
}

/// Words in a command's place that the shell's grammar takes, or after which it ends or reads on elsewhere.
pub(super) fn stops() -> String {
    let words = "if|then|else|elif|fi|do|done|case|esac|while|until|for|in|select|function|time|coproc|exit|\
                 return|break|continue|source|eval|shift|set|export|readonly|unset|trap|wait|read|\\.|\\{|\\}|!|\\[\\[";
    let begin = r"(?:^|[;&|\n(])[ \t\n]*";
    let replaced = format!(r"{begin}exec[ \t][^|&;\n]*(?:;|\n|&&|\|\|)");
    format!(r"(?:{begin}(?:{words})(?:[ \t\n;&|]|$)|{replaced})")
}
