//! The seeds of the fuzzers, and every input that once broke something.

#[path = "../fuzz/properties.rs"]
mod properties;

use std::path::Path;

fn seeds(of: &str, holds: fn(&[u8])) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(of);
    let files: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 3, "{of} has too few seeds");
    for file in files {
        println!("{}", file.display());
        holds(&std::fs::read(file).unwrap());
    }
}

#[test]
fn any_line_is_cut_or_refused() {
    seeds("words", properties::words);
}

#[test]
fn any_synopsis_and_words_fit_in_one_way_or_not() {
    seeds("synopsis", properties::synopsis);
}

#[test]
fn any_group_file_is_read_whole_or_its_faults_are_shown() {
    seeds("policy", properties::policy);
}

#[test]
fn any_session_document_is_audited_or_not_read() {
    seeds("document", properties::document);
}
