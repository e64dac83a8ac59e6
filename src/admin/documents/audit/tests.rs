use super::*;

#[test]
fn findings_come_in_the_order_of_the_file() {
    let text =
        "schemaVersion: '1.1'\nsessionType: InteractiveCommands\nproperties:\n  linux:\n    commands: ls\n";
    let findings = audit(&Document::read(text).unwrap());
    assert!(findings.is_sorted_by_key(|finding| finding.line));
    assert!(findings.len() > 2);
}
