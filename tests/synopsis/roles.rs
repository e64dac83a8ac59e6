//! Synopses of seven real roles: each reads without a fault, or has exactly the one that is written down here.

use std::rc::Rc;

use gatesh::policy::synopsis::Synopsis;
use gatesh::policy::types::{Access, BuiltIn, Kind, Object, PathType, Pattern, Type};

/// The types of the roles, as far as reading cares: by kind.
fn types(name: &str) -> Option<Rc<Type>> {
    let path = |object| {
        Kind::Path(PathType { object, globs: vec![], except: vec![], access: Access::Read, must_exist: true })
    };
    let kind = match name {
        "rows" | "n" | "count" | "size" => Kind::Integer { min: 0, max: 100_000 },
        "log" => path(Object::File),
        "dir" | "tree" => path(Object::Directory),
        "file" => path(Object::Either),
        "svc" | "env" | "iface" | "qtype" | "repo" => Kind::OneOf(vec!["nginx".into(), "php-fpm".into()]),
        "term" | "pat" | "pkg" | "net" | "url" => Kind::Regex(Pattern::new("[a-z.]+").unwrap()),
        "ctr" | "tmpl" | "version" | "key" | "mime" | "format" | "pkgver" => Kind::BuiltIn(BuiltIn::Word),
        other => return Type::built_in(other),
    };
    Some(Rc::new(Type { name: name.to_owned(), kind }))
}

fn fault_ids(synopsis: &str) -> String {
    match Synopsis::parse(synopsis, &types) {
        Ok(_) => String::new(),
        Err(faults) => faults.iter().map(|fault| fault.id).collect::<Vec<_>>().join(" "),
    }
}

#[test]
fn every_synopsis_of_the_roles_reads_as_written_down() {
    let rows = include_str!("../fixtures/roles.tsv").lines().skip(1).collect::<Vec<_>>();
    assert!(rows.len() > 60, "{} rows", rows.len());
    let wrong: Vec<String> = rows
        .into_iter()
        .map(|row| row.split_once('\t').unwrap())
        .filter(|(synopsis, fault)| fault_ids(synopsis) != *fault)
        .map(|(synopsis, fault)| format!("{synopsis}: {fault:?}, but {:?}", fault_ids(synopsis)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
