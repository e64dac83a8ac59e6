use super::*;

fn fault(pattern: &str) -> PatternFaultKind {
    read(pattern).unwrap_err().kind
}

#[test]
fn what_go_refuses_is_refused() {
    let refused = [
        "a**",
        "(a{100}){100}",
        "[a--b]",
        "[a-\\d]",
        "(?x)a",
        "\\Z",
        "\\8",
        "a{2}{3}",
        "*a",
        "[\\Qa\\E]",
        "x{1001}",
        "x{2,1}",
        "\\C",
        "\\e",
        "\\cA",
        "[\\b]",
        "\\é",
        ")",
        "(",
        "[b-a]",
        "((a{10}){10}){11}",
        "[a",
        "a\\",
        "[]",
        "(?=a)",
        "(?<!a)",
        "(a)\\1",
        "(?>a)",
        "a++",
        "[[:foo:]]",
        "\\x{110000}",
        "\\xZZ",
    ];
    for pattern in refused {
        assert!(read(pattern).is_err_and(|fault| fault.refused_by_agent()), "{pattern}");
    }
}

#[test]
fn what_go_takes_is_taken() {
    let taken = [
        "[[a]",
        "[a&&b]",
        "a{",
        "a{,3}",
        "\\v",
        "\\/",
        "\\_",
        "\\z",
        "[]a]",
        "[^]a]",
        "\\x{263a}",
        "\\07",
        "(?i)k",
        "|a",
        "(|a)",
        "^*",
        "(?U)a+",
        "\\Qa.b\\E+",
        "[[:alpha:]]",
        "[[:^alpha:]]",
        "\\a",
        "[a-\\x{62}]",
        "é",
        "(?i-s:a.b)",
        "(?is-m)a",
        "x{0}",
        "(?)",
        "[a-zA-Z0-9-_/]",
        "((a{10}){10}){10}",
        "(?P<n>a)",
        "a+?",
        "x{1000}",
    ];
    for pattern in taken {
        assert!(read(pattern).is_ok(), "{pattern}");
    }
}

#[test]
fn each_thing_re2_lacks_is_called_by_its_name() {
    assert_eq!(fault("(?!a)"), PatternFaultKind::LookAround);
    assert_eq!(fault("(a)\\1"), PatternFaultKind::BackReference);
    assert_eq!(fault("a++"), PatternFaultKind::Possessive);
    assert_eq!(fault("a{1,1024}"), PatternFaultKind::RepeatCount);
    assert_eq!(fault("\\p{Greek}"), PatternFaultKind::UnicodeClass);
}

#[test]
fn a_literal_leaves_no_choice_and_a_class_does() {
    let open = |pattern: &str| matches!(read(pattern).unwrap(), Tree::Set { open: true, .. });
    assert!(open("[ab]") && open(".") && open("\\s"));
    assert!(!open("a") && !open("[a]") && !open("(?i)a"));
}

#[test]
fn nesting_without_end_is_refused() {
    assert!(read(&"(".repeat(100_000)).is_err());
}
