use super::super::finding::text;
use super::*;

#[test]
fn scratch() {
    for name in ["ReadOnly", "UpdatePackages"] {
        let path = format!("tests/fixtures/documents/SSM-Start{name}InteractiveCommand.yaml");
        let document = Document::read(&std::fs::read_to_string(path).unwrap()).unwrap();
        println!("{}", text(name, &audit(&document)));
    }
}
