//! What the shape of the crate promises: the order of its modules, so that each can be read knowing only the ones before
//! it; where unsafe code stands; and programs without a loader.

use std::path::{Path, PathBuf};

/// Module, and what it may `use crate::`. A module may always use itself and what stands beneath it.
const TABLE: &[(&str, &[&str])] = &[
    ("excerpt", &[]),
    ("sys", &[]),
    ("words", &["excerpt"]),
    ("command", &["words", "excerpt"]),
    ("identity", &["sys"]),
    ("policy", &["words", "command", "excerpt", "identity", "sys"]),
    ("launch", &["policy", "command", "words", "identity", "excerpt", "sys"]),
    ("audit", &["policy", "command", "identity", "excerpt", "sys"]),
    ("input", &["policy", "command", "words", "excerpt", "sys"]),
    ("shell", &["input", "audit", "launch", "policy", "identity", "command", "words", "excerpt", "sys"]),
    (
        "admin",
        &["audit", "launch", "policy", "identity", "command", "words", "excerpt", "sys", "shell::demo"],
    ),
];

#[test]
fn every_module_uses_only_what_stands_before_it() {
    let broken: Vec<String> = sources().iter().flat_map(|file| violations(file)).collect();
    assert!(broken.is_empty(), "modules that use what they may not:\n{}", broken.join("\n"));
}

#[test]
fn every_module_of_the_library_is_in_the_table() {
    let library = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let declared = library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let missing: Vec<&str> = declared.filter(|name| TABLE.iter().all(|(module, _)| module != name)).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}

#[test]
fn both_programs_need_no_loader_and_can_stand_anywhere_in_memory() {
    for program in [env!("CARGO_BIN_EXE_gatesh"), env!("CARGO_BIN_EXE_gateshctl")] {
        let (kind, segments) = elf(&std::fs::read(program).unwrap());
        // elf(5): 3 is ET_DYN, 2 PT_DYNAMIC, 3 PT_INTERP.
        assert_eq!(kind, 3, "{program} is not position-independent");
        assert!(segments.contains(&2) && !segments.contains(&3), "{program} asks for a loader");
    }
}

/// Type of a 64-bit little-endian ELF file, and those of its segments.
fn elf(file: &[u8]) -> (u64, Vec<u64>) {
    let number = |at: usize, size: usize| {
        let bytes = file.get(at..at + size).unwrap();
        bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    assert_eq!(number(0, 6), 0x01_02_46_4c_45_7f, "64 bits, little-endian");
    let (start, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    let segment = |index| number(usize::try_from(start + index * size).unwrap(), 4);
    (number(16, 2), (0..count).map(segment).collect())
}

#[test]
fn unsafe_code_stands_in_two_files_only() {
    let allowed = ["src/sys.rs", "src/launch/exec.rs"];
    let opens = |file: &PathBuf| std::fs::read_to_string(file).unwrap().contains("allow(unsafe_code");
    let files: Vec<PathBuf> = sources().into_iter().filter(opens).collect();
    for file in files {
        let name = file.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        assert!(allowed.contains(&name.as_str()), "{name} opts out of the unsafe_code lint");
    }
}

fn violations(file: &Path) -> Vec<String> {
    let name = file.strip_prefix(root().join("src")).unwrap();
    let module = name.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
    let Some((_, allowed)) = TABLE.iter().find(|(name, _)| *name == module) else { return Vec::new() };
    let text = std::fs::read_to_string(file).unwrap();
    let production = text.split("#[cfg(test)]").next().unwrap();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code: String = production.lines().filter(is_code).flat_map(|line| [line, "\n"]).collect();
    let used = code
        .split("crate::")
        .skip(1)
        .map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).next().unwrap());
    let may = |path: &str| {
        path.split("::").next() == Some(module)
            || allowed.iter().any(|name| path == *name || path.starts_with(&format!("{name}::")))
    };
    used.filter(|path| !may(path)).map(|path| format!("{}: {path}", name.display())).collect()
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join("src")];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
        .retain(|path| !path.ends_with("lib.rs") && !path.components().any(|part| part.as_os_str() == "bin"));
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
