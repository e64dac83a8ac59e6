use std::fs;

use super::super::grants::listed;
use super::*;

/// What ann (uid 1001, in ops) may run, by files beneath a root: (whom the line names, runas, password, command).
fn may(files: &[(&str, &str)]) -> Vec<(String, String, bool, String)> {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let gids = BTreeMap::from([("ops".to_owned(), 500)]);
    let groups = ["ops".to_owned()];
    let subject = Subject { name: "ann", uid: 1001, groups: &groups, gids: &gids };
    let all = Sudoers::read(&Host::new(Some(root.path()))).of(&subject);
    all.into_iter().map(|grant| (grant.to, grant.runas, grant.asks_password, grant.command)).collect()
}

#[track_caller]
fn gives(sudoers: &str, expected: &[(&str, &str, bool, &str)]) {
    let found = may(&[("etc/sudoers", sudoers)]);
    let found: Vec<_> = found.iter().map(|(a, b, c, d)| (a.as_str(), b.as_str(), *c, d.as_str())).collect();
    assert_eq!(found, expected, "{sudoers}");
}

#[test]
fn the_agents_own_line_is_understood() {
    gives("ann ALL=(ALL) NOPASSWD:ALL\n", &[("ann", "ALL", false, "ALL")]);
}

#[test]
fn tags_and_runas_hold_for_what_follows() {
    gives(
        "ann web1, web2 = (root) NOPASSWD: /bin/a -x, PASSWD: /bin/b, (www) /bin/c\n",
        &[
            ("ann", "root", false, "/bin/a -x"),
            ("ann", "root", true, "/bin/b"),
            ("ann", "www", true, "/bin/c"),
        ],
    );
}

#[test]
fn a_further_host_begins_anew() {
    gives(
        "ann web = (www) NOPASSWD: /bin/a : db = /bin/b\n",
        &[("ann", "www", false, "/bin/a"), ("ann", "root", true, "/bin/b")],
    );
}

#[test]
fn people_are_meant_by_name_group_id_and_alias() {
    for who in ["%ops", "%#500", "#1001", "ALL", "bob, ann", "TEAM", "bob , ann"] {
        let sudoers = format!("User_Alias TEAM = bob, %ops : OTHER = eve\n{who} ALL = /bin/a\n");
        assert_eq!(may(&[("etc/sudoers", &sudoers)]).len(), 1, "{who}");
    }
}

#[test]
fn others_are_not_meant() {
    for who in ["bob", "%wheel", "%#501", "#1002", "OTHER", "annie", "ALL, !ann", "+netgroup", "TEAM, !%ops"]
    {
        gives(&format!("User_Alias TEAM = ann : OTHER = eve\n{who} ALL = /bin/a\n"), &[]);
    }
}

#[test]
fn aliases_of_commands_are_put_in_and_negations_open_nothing() {
    gives(
        "Cmnd_Alias LOGS = /bin/tail, SHELLS\nCmnd_Alias SHELLS = /bin/sh\nann ALL = NOPASSWD: LOGS, !/bin/rm\n",
        &[("ann", "root", false, "/bin/tail"), ("ann", "root", false, "/bin/sh")],
    );
}

#[test]
fn an_alias_that_names_itself_ends() {
    gives("Cmnd_Alias A = A\nann ALL = A\n", &[("ann", "root", true, "A")]);
}

#[test]
fn comments_continuations_and_options_are_read_over() {
    gives(
        "# ann ALL = ALL\nann ALL = \\\n  TIMEOUT=5m CWD=/tmp NOEXEC: \\\n  /bin/a \\# b # a comment\n#1001 ALL = /bin/c\n",
        &[("ann", "root", true, "/bin/a \\# b"), ("#1001", "root", true, "/bin/c")],
    );
}

#[test]
fn a_colon_of_a_digest_or_an_escaped_one_is_no_host() {
    gives("ann ALL = sha256:00ff /bin/a\\:b\n", &[("ann", "root", true, "sha256:00ff /bin/a\\:b")]);
}

#[test]
fn a_password_that_is_never_asked_is_told() {
    gives("Defaults !authenticate\nann ALL = /bin/a\n", &[("ann", "root", false, "/bin/a")]);
    gives("Defaults:%ops env_reset, !authenticate\nann ALL = /bin/a\n", &[("ann", "root", false, "/bin/a")]);
    gives("Defaults:bob !authenticate\nann ALL = /bin/a\n", &[("ann", "root", true, "/bin/a")]);
}

#[test]
fn includes_are_followed_as_sudo_follows_them() {
    let found = may(&[
        ("etc/sudoers", "@include sudoers.local\n#includedir /etc/sudoers.d\n"),
        ("etc/sudoers.local", "ann ALL = /bin/local\n"),
        ("etc/sudoers.d/10-ann", "ann ALL = /bin/ten\n"),
        ("etc/sudoers.d/ann.dpkg-old", "ann ALL = ALL\n"),
        ("etc/sudoers.d/ann~", "ann ALL = ALL\n"),
    ]);
    assert_eq!(found.iter().map(|grant| grant.3.as_str()).collect::<Vec<_>>(), ["/bin/local", "/bin/ten"]);
}

#[test]
fn a_file_that_includes_itself_ends() {
    let found = may(&[("etc/sudoers", "@include /etc/sudoers\nann ALL = /bin/a\n")]);
    assert!(found.len() <= DEEPEST + 1);
}

#[test]
fn what_sudo_lists_is_read_back() {
    let text = "Matching Defaults entries for ann on host:\n    env_reset, !authenticate\n\n\
        User ann may run the following commands on host:\n    (ALL) ALL\n    (root) NOPASSWD: /bin/a, /bin/b\n";
    let all = listed(text);
    assert_eq!(
        all.iter().map(|grant| grant.command.as_str()).collect::<Vec<_>>(),
        ["ALL", "/bin/a", "/bin/b"]
    );
    assert!(all.iter().all(|grant| !grant.asks_password));
    assert_eq!(listed("User ann is not allowed to run sudo on host.\n"), []);
}
