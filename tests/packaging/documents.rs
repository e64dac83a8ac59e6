//! Links and paths in the documents lead somewhere: in the sources, and as packages install them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

use crate::scenario::temporary;

/// What only somebody who builds or tests the packages runs, from the sources.
const OF_THE_SOURCES: [&str; 5] =
    ["packaging/build.sh", "packaging/test.sh", "tests/run.sh", "docs/picture/make.py", "target/dist"];

/// A package's files, below a directory.
struct Staged(tempfile::TempDir);

impl Staged {
    fn new(kind: &str) -> Self {
        let staged = Self(temporary());
        let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
        let programs = Path::new(env!("CARGO_BIN_EXE_gatesh")).parent().unwrap();
        let sbom = staged.0.path().join("sbom.cdx.json");
        fs::write(&sbom, "{}").unwrap();
        let mut command = Command::new(sources.join("packaging/stage.sh"));
        command.arg(staged.root()).arg(programs).arg(&sbom).arg(kind);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // By the script of each package.
        let changelog = if kind == "deb" { "changelog.gz" } else { "CHANGELOG.md" };
        fs::write(staged.root().join("usr/share/doc/gatesh").join(changelog), "").unwrap();
        staged
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("root")
    }

    fn documents(&self) -> Vec<(PathBuf, String)> {
        let all = fs::read_dir(self.root().join("usr/share/doc/gatesh")).unwrap();
        let all =
            all.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "md"));
        all.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
    }
}

/// A heading's name in a link.
fn anchor(heading: &str) -> String {
    let plain = heading.trim_start_matches('#').trim().to_lowercase();
    plain
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    text.lines().filter(|line| line.starts_with('#')).map(anchor).collect()
}

/// Links of a document that lead nowhere.
fn dead_links(document: &Path, text: &str) -> Vec<String> {
    let link = Regex::new(r"\]\(([^)\s#]*)(?:#([^)]*))?\)").unwrap();
    let leads = |file: &str, part: &str| {
        let target = if file.is_empty() { document.to_owned() } else { document.with_file_name(file) };
        target.exists() && (part.is_empty() || anchors(&fs::read_to_string(&target).unwrap()).contains(part))
    };
    let all = link.captures_iter(text).map(|found| {
        let part = |at| found.get(at).map_or("", |text: regex::Match<'_>| text.as_str());
        (part(1).to_owned(), part(2).to_owned())
    });
    all.filter(|(file, part)| !file.contains("://") && !leads(file, part))
        .map(|(file, part)| format!("{file}#{part}"))
        .collect()
}

/// Paths of the sources, and installed ones of ours that are not.
fn dead_paths(root: &Path, text: &str) -> Vec<String> {
    let own =
        Regex::new(r"(?:^|[^\w./-])((?:packaging|config|docs|systemd|tests|src|fuzz)/[\w./-]*\w)").unwrap();
    let sources = own.captures_iter(text).map(|found| found[1].to_owned());
    let sources = sources.filter(|path| !OF_THE_SOURCES.contains(&path.as_str()));
    let installed = Regex::new(r"/usr/(?:share|lib|libexec|bin)/[\w./-]*gatesh[\w./*-]*").unwrap();
    let installed =
        installed.find_iter(text).map(|found| found.as_str().trim_end_matches(['.', '*', '-']).to_owned());
    let starts = |path: &String| {
        let whole = root.join(path.trim_start_matches('/'));
        let (above, name) =
            (whole.parent().unwrap(), whole.file_name().unwrap().to_string_lossy().into_owned());
        let names = fs::read_dir(above).into_iter().flatten().map(|entry| entry.unwrap().file_name());
        names.into_iter().any(|one| one.to_string_lossy().starts_with(&name))
    };
    sources.chain(installed.filter(|path| !starts(path))).collect()
}

#[test]
fn installed_documents_refer_to_what_is_installed() {
    for kind in ["deb", "rpm"] {
        let staged = Staged::new(kind);
        let documents = staged.documents();
        assert!(documents.len() > 10);
        for (document, text) in documents {
            let name = document.display();
            assert_eq!(dead_links(&document, &text), Vec::<String>::new(), "{kind}: {name}");
            assert_eq!(dead_paths(&staged.root(), &text), Vec::<String>::new(), "{kind}: {name}");
        }
    }
}

#[test]
fn the_sources_refer_to_what_is_there_too() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
    let top = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| sources.join(name));
    let docs = fs::read_dir(sources.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    for document in top.into_iter().chain(docs).filter(|path| path.is_file()) {
        let text = fs::read_to_string(&document).unwrap();
        assert_eq!(dead_links(&document, &text), Vec::<String>::new(), "{}", document.display());
    }
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let place = temporary();
    let document = place.path().join("a.md");
    let text =
        "# One thing\n[x](b.md) [y](#one-thing) [z](#other) [w](https://example.org/) [v](a.md#one-thing)\n";
    fs::write(&document, text).unwrap();
    assert_eq!(dead_links(&document, text), ["b.md#", "#other"]);
    assert_eq!(
        dead_paths(place.path(), "see `config/x.toml`, /usr/share/gatesh/y and packaging/build.sh"),
        ["config/x.toml", "/usr/share/gatesh/y"]
    );
}
