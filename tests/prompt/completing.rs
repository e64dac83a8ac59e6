//! What Tab offers, and what it never offers.

use super::Terminal;

#[test]
fn commands_complete_from_the_rules_and_the_built_ins() {
    let mut session = Terminal::new().start();
    let screen = session.keys("\t").shows("logout");
    for name in ["cat", "grep", "ls", "sleep", "tail", "help", "cd"] {
        assert!(screen.split_whitespace().any(|word| word == name), "{name} in {screen}");
    }
    assert!(!screen.contains("vi"), "{screen}");
}

#[test]
fn flags_complete_that_were_not_used() {
    let mut session = Terminal::new().start();
    session.keys("tail -\t").shows("-f         -n <rows>");
    session.keys("\x15tail -f -\t").shows("> tail -f -n ");
}

#[test]
fn where_any_text_may_stand_what_is_listed_does_not_become_it() {
    let rules = "[types]\nrows = { integer = [1, 500] }\n\n[[allow]]\n\
                 commands = [\"head [-n (<rows>|+<rows>)]\", \"grep [-i] [-v] <word>\"]\n";
    let mut session = Terminal::new().rules(rules).start();
    session.keys("head -n \t").shows("<rows>   +<rows>");
    assert!(session.cursor().0.contains("head -n "), "{}", session.text());
    session.keys("\x15grep \t").shows("<word>");
    session.keys("-\t").shows("-i  -v");
}

#[test]
fn one_of_several_words_completes() {
    let mut session = Terminal::new().start();
    session.keys("stty s\t").shows("sane  size");
    session.keys("i\t").shows("> stty size ");
}

#[test]
fn where_nothing_may_stand_there_is_a_bell() {
    let mut session = Terminal::new().start();
    session.keys("tail --\t");
    session.until("a bell", |session| (session.bells() == 1).then_some(()));
    assert!(session.settle().contains("tail --"));
}

#[test]
fn a_list_of_names_rings_no_bell() {
    let mut session = Terminal::new().file("a1.log", "").file("a2.log", "").start();
    session.keys("cat a\t").shows("a1.log   a2.log   app.log");
    assert_eq!(session.bells(), 0);
}

#[test]
fn a_name_among_others_that_needs_quotes_opens_none_yet() {
    let mut session = Terminal::new().file("my app.log", "").start();
    session.keys("cat \t").shows("app.log     my app.log");
    assert!(!session.settle().contains('\''), "{}", session.text());
    session.keys("m\t").shows("> cat 'my app.log' ");
}

#[test]
fn more_names_than_anybody_reads_are_not_listed() {
    let terminal = Terminal::new();
    let terminal =
        (0..1_001).fold(terminal, |terminal, number| terminal.file(&format!("web/n{number:04}.log"), ""));
    let mut session = terminal.start();
    session.keys("cat web/\t").shows("more than 1,000 begin so: type more of the name");
    session.ends("> cat web/n");
    session.keys("000\t").shows("n0009.log");
}

#[test]
fn the_full_path_of_a_program_completes() {
    let rules = "[[allow]]\ncommands = [\"/usr/bin/printf <word>\"]\n";
    let mut session = Terminal::new().rules(rules).start();
    session.keys("/usr/bin/pr\t").shows("> /usr/bin/printf ");
    session.keys("\x15pr\t").shows("> printf ");
}

#[test]
fn paths_complete_inside_the_globs_only() {
    let mut session = Terminal::new().file("web/a.log", "").file("web/b.log", "").start();
    let outside = session.tree.path().join("outside.log");
    std::fs::write(outside, "").unwrap();
    session.keys("cat LOGS/w\t").shows("l/web/");
    let screen = session.keys("\t").shows("a.log  b.log");
    assert!(!screen.contains("outside"), "{screen}");
    session.keys("\x15cat LOGS/../\t").settle();
    assert!(!session.text().contains("outside"), "{}", session.text());
    assert!(!session.text().contains("audit"), "{}", session.text());
}

#[test]
fn directories_on_the_way_complete() {
    let mut session = Terminal::new().start();
    let parent = session.tree.path().canonicalize().unwrap();
    let typed = parent.to_str().unwrap().to_owned();
    session.keys("cat ").keys(&typed[..typed.len() - 3]).keys("\t").settle();
    session.keys("\t").shows("LOGS/");
}

#[test]
fn a_link_is_offered_by_where_it_leads() {
    let mut session = Terminal::new().start();
    let logs = super::screen::logs(session.tree.path());
    std::os::unix::fs::symlink("/etc/passwd", logs.join("x-passwd")).unwrap();
    std::os::unix::fs::symlink("app.log", logs.join("x-current")).unwrap();
    session.keys("cat LOGS/x\t").shows("x-current ");
}

#[test]
fn a_denied_file_is_never_offered() {
    let denied = format!("{}[[deny]]\nfiles = [\"LOGS/payroll/**\"]\n", super::screen::RULES);
    let mut session = Terminal::new().rules(&denied).file("payroll/a.log", "").file("pay.log", "").start();
    session.keys("cat LOGS/pay\t").shows("pay.log ");
}

#[test]
fn completion_works_after_operators() {
    let mut session = Terminal::new().start();
    session.keys("cat app.log | gr\t").shows("| grep ");
    session.keys("x && tail -f ap\t").shows("&& tail -f app.log ");
}

#[test]
fn names_with_blanks_complete_in_quotes() {
    let mut session = Terminal::new().file("my app.log", "").start();
    session.keys("cat my\t").shows("cat 'my app.log' ");
    session.keys("\x15cat \"my\t").shows("cat \"my app.log\" ");
    session.keys("\x15cat 'my a\t").shows("cat 'my app.log' ");
}

#[test]
fn names_that_cannot_be_words_are_not_offered() {
    let mut session = Terminal::new().file("odd\x1b[31m.log", "").file("odd-one.log", "").start();
    session.keys("cat od\t").shows("cat odd-one.log ");
}

#[test]
fn users_and_groups_complete_where_the_type_is_one() {
    let rules = "[[allow]]\ncommands = [\"id [<user>]\", \"getent group <group>\"]\n";
    let mut session = Terminal::new().rules(rules).start();
    session.keys("id roo\t").shows("id root ");
    session.keys("\x15getent group roo\t").shows("getent group root ");
}

/// A unit of this host that is the only one to begin as its name without `service`.
fn unit() -> Option<String> {
    let places = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
    let entries = places.iter().filter_map(|place| std::fs::read_dir(place).ok()).flatten();
    let names: std::collections::BTreeSet<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    let alone = |stem: &str| names.iter().filter(|name| name.starts_with(stem)).count() == 1;
    let is_one = |name: &&String| name.strip_suffix("service").is_some_and(&alone);
    names.iter().filter(|name| !name.contains(['@', '\\'])).find(is_one).cloned()
}

#[test]
fn units_complete_where_the_type_is_one() {
    let Some(unit) = unit() else {
        return println!("skipped: this host has no units of systemd's");
    };
    let rules = "[[allow]]\ncommands = [\"systemctl status <unit>\", \"echo <word>\"]\n";
    let mut session = Terminal::new().rules(rules).start();
    let stem = unit.strip_suffix("service").unwrap();
    session.keys(&format!("systemctl status {stem}\t")).shows(&format!("> systemctl status {unit} "));
    session.keys(&format!("\x15echo {stem}\t")).settle();
    assert!(!session.cursor().0.contains(&unit), "{}", session.text());
}

#[test]
fn aliases_and_sudo_complete() {
    let rules = "[aliases]\nlog = \"journalctl -u nginx\"\n[[allow]]\ncommands = [\"journalctl [-u <unit>]\", \"sudo systemctl (restart|reload) nginx\"]\n";
    let mut session = Terminal::new().rules(rules).start();
    session.keys("lo\t").shows("log");
    session.keys("\x15su\t").shows("sudo ");
    session.keys("sys\tre\t").shows("reload   restart");
}

#[test]
fn help_and_cd_complete_their_own() {
    let mut session = Terminal::new().file("web/a.log", "").start();
    session.keys("help ta\t").shows("help tail ");
    session.keys("\x15? gr\t").shows("? grep ");
    session.keys("\x15cd w\t").shows("cd web/");
}

#[test]
fn a_glob_or_a_fault_offers_nothing() {
    let mut session = Terminal::new().start();
    session.keys("cat $HO\t").settle();
    assert!(session.text().contains("cat $HO"));
    assert!(session.bells() > 0);
}

/// The same directory with and without rules that open it: only where they do is there anything to offer.
#[test]
fn nothing_outside_the_rules_is_offered_however_it_is_asked_for() {
    for (typed, name) in [
        ("cat /etc/sha\t\t", "shadow"),
        ("cat /etc/\t\t", "shadow"),
        ("cat ../../../../../../etc/sha\t\t", "shadow"),
        ("cat '/etc/sha\t\t", "shadow"),
        ("cd /ro\t\t", "root/"),
        ("cd /\t\t", "root/"),
        ("ls /ro\t\t", "root/"),
    ] {
        let mut session = Terminal::new().start();
        let screen = session.keys(typed).settle();
        assert!(!screen.contains(name), "{typed:?}: {screen}");
        let open = super::screen::RULES.replace("LOGS/**\"", "/etc/**\", \"/root/**\", \"LOGS/**\"");
        Terminal::new().rules(&open).start().keys(typed).shows(name);
    }
}
