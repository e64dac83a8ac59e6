//! What a person reads when words do not fit.

use std::fmt;

use super::Why;

/// One line without a full stop. A refused value is only named by its types: what they take is the caller's
/// to say, who knows how much may be told.
impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownOption { option, offered } if offered.is_empty() => {
                write!(f, "{option}: no option can stand here")
            }
            Self::UnknownOption { option, offered } => write!(f, "{option} is not {}", one_of(offered)),
            Self::Excluded { option, earlier } if option == earlier => write!(f, "{option} was given before"),
            Self::Excluded { option, earlier } => write!(f, "{option} cannot stand together with {earlier}"),
            Self::NeedsValue { option, value, attached: true } => {
                write!(f, "{option} needs its value in the same word: {value}")
            }
            Self::NeedsValue { option, value, attached: false } => {
                write!(f, "{option} needs a value: {value}")
            }
            Self::TakesNoValue { option } => write!(f, "{option} takes no value"),
            Self::Value { types, refusal: _ } => {
                let names: Vec<String> = types.iter().map(|one| format!("<{}>", one.name)).collect();
                write!(f, "does not match {}", names.join(" or "))
            }
            Self::Expected { typed, words } => write!(f, "{typed} is not {}", one_of(words)),
            Self::Missing { what } => write!(f, "{what} is missing"),
            Self::Surplus => f.write_str("nothing more can follow"),
        }
    }
}

fn one_of(words: &[String]) -> String {
    match words {
        [one] => one.clone(),
        several => format!("one of {}", several.join(", ")),
    }
}
