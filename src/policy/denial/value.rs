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
