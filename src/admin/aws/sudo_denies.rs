//! A group's denies, as far as sudo can hold them.
//!
//! gatesh holds a deny of words against every word and every spelling of an option; sudo sees one text. A deny
//! of `*TEXT*` is the same to both, as long as no option's name has a part in it; any other that could meet the
//! arguments is refused by name, and one that cannot meet them needs no line.

use super::super::language::argv::Joined;
use super::super::language::{Dialect, Letters, Regular};
use crate::policy::Deny;
use crate::policy::glob::Glob;
use crate::policy::programs::Programs;
use crate::policy::synopsis::{Name, Pattern, Segment, Spelling, Synopsis};

/// The arguments that the denies refuse, as expressions.
pub(super) fn denied(
    denies: &[Deny],
    synopsis: &Synopsis,
    program: &str,
    joined: &Joined,
    programs: &Programs,
) -> Result<Vec<String>, String> {
    let names =
        |name: &String| name == "sudo" || name.ends_with("/sudo") || programs.same_file(name, program);
    let about = denies.iter().filter(|deny| deny.programs.as_ref().is_none_or(|all| all.iter().any(names)));
    let mut all = Vec::new();
    for deny in about {
        match (&deny.files, &deny.words) {
            (Some(files), _) if may_have(joined, "/") => {
                let globs: Vec<&str> = files.iter().map(Glob::text).collect();
                return Err(format!(
                    "a deny of files ({}) stands against it, which sudo cannot hold",
                    globs.join(", ")
                ));
            }
            (Some(_), _) => {}
            (None, Some(words)) => {
                for glob in words {
                    all.extend(of_words(glob, synopsis, program, joined)?);
                }
            }
            (None, None) => return Err(format!("a deny stands against {program} itself: take the rule out")),
        }
    }
    Ok(all)
}

/// The arguments that one glob refuses, if it can meet any.
fn of_words(
    glob: &Glob,
    synopsis: &Synopsis,
    program: &str,
    joined: &Joined,
) -> Result<Option<String>, String> {
    let text = glob.text();
    let user = synopsis.elevation().and_then(|elevation| elevation.user.as_deref());
    let before = ["sudo", program].into_iter().chain(user.into_iter().flat_map(|user| ["-u", user]));
    if before.into_iter().any(|word| glob.matches(word.as_bytes())) {
        return Err(format!("a deny of words ({text}) stands against all of it: take the rule out"));
    }
    let literal = text.split(['*', '?']).max_by_key(|part| part.len()).unwrap_or_default();
    let beside_names = names(synopsis).any(|name| name.contains(literal) || straddles(&name, literal));
    if !may_have(joined, literal) && !beside_names {
        return Ok(None);
    }
    if beside_names || text != format!("*{literal}*") {
        return Err(format!(
            "a deny of words ({text}) may meet its options in more spellings than sudo sees: write it as *TEXT*, about a value"
        ));
    }
    Ok(Some(format!(".*{}.*", Regular::text(literal).written_as_row(Dialect::Posix))))
}

/// Whether the arguments may hold `literal`; what is not certain counts as yes.
fn may_have(joined: &Joined, literal: &str) -> bool {
    let any = Regular::letter(Letters::GRAPHIC.or(Letters::of(" "))).any_times();
    let within = Regular::row([any.clone(), Regular::text(literal), any]);
    joined.ways.iter().any(|way| !way.is_apart_from(&within))
}

/// Every name by which an option may be called, whatever is typed.
fn names(synopsis: &Synopsis) -> impl Iterator<Item = String> {
    let blocks = synopsis.segments().iter().filter_map(Segment::block);
    let spellings = blocks.flat_map(|block| &block.options).flat_map(|option| &option.spellings);
    spellings.flat_map(|spelling: &Spelling| match &spelling.name {
        Name::Word(patterns) => patterns.iter().map(Pattern::to_string).collect(),
        Name::Short(_) => vec![spelling.name.to_string()],
        Name::Long(_) => vec![format!("{}=", spelling.name)],
    })
}

/// Whether a name's end is the literal's beginning, so that name and value together would hold it.
fn straddles(name: &str, literal: &str) -> bool {
    let ends = literal.char_indices().map(|(at, _)| at).skip(1);
    ends.into_iter().any(|at| literal.get(..at).is_some_and(|start| name.ends_with(start)))
}
