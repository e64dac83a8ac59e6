//! Why a value is none of its types.

use std::rc::Rc;

use crate::policy::paths::PathRefusal;
use crate::policy::synopsis::ValueRefusal;
use crate::policy::types::{Kind, Object, Type};

pub(super) fn value_text(word: &str, types: &[Rc<Type>], refusal: &ValueRefusal) -> String {
    let named = |wanted: &Rc<Type>| format!("<{}>: {}", wanted.name, wanted.describe_short());
    let limits: Vec<String> = types.iter().map(named).collect();
    let limits = limits.join(", or ");
    match refusal {
        ValueRefusal::Text | ValueRefusal::Path(PathRefusal::NoMatch) => {
            format!("{word} does not match {limits}")
        }
        ValueRefusal::Path(PathRefusal::WrongObject(what)) => {
            format!(
                "{word} is {what}; {}",
                types.iter().map(|wanted| takes(wanted)).collect::<Vec<_>>().join(", ")
            )
        }
        ValueRefusal::Path(PathRefusal::Excepted) => {
            let excepted: Vec<String> = types.iter().flat_map(|wanted| excepts(wanted)).collect();
            format!("{word} is excepted: {}", excepted.join(", "))
        }
        ValueRefusal::Path(other) => format!("{word} {}", other.words()),
    }
}

impl PathRefusal {
    /// What stands against the path, without naming it.
    pub fn words(&self) -> String {
        match self {
            Self::NoMatch => "does not match".to_owned(),
            Self::Excepted => "is excepted".to_owned(),
            Self::Missing => "does not exist".to_owned(),
            Self::WrongObject(what) => format!("is {what}"),
            Self::HardLinks => {
                "has several names (hard links): only root's may, and only to be read".to_owned()
            }
            Self::WritableByOthers => {
                "could be changed by somebody other than root, and this command runs as root".to_owned()
            }
            Self::UnusableName => "has a name that cannot be written in a line".to_owned(),
            Self::Unreadable(errno) => format!("cannot be opened: {errno}"),
            Self::Moved => "changed while it was being checked: try again".to_owned(),
        }
    }
}

fn takes(wanted: &Type) -> String {
    let object = match &wanted.kind {
        Kind::Path(path) => match path.object {
            Object::File => "files",
            Object::Directory => "directories",
            Object::Either => "files and directories",
        },
        Kind::Regex(_) | Kind::OneOf(_) | Kind::Integer { .. } | Kind::BuiltIn(_) => "text",
    };
    format!("<{}> takes {object}", wanted.name)
}

fn excepts(wanted: &Type) -> Vec<String> {
    match &wanted.kind {
        Kind::Path(path) => path.except.iter().map(|glob| glob.text().to_owned()).collect(),
        Kind::Regex(_) | Kind::OneOf(_) | Kind::Integer { .. } | Kind::BuiltIn(_) => Vec::new(),
    }
}
