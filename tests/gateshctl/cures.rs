//! What `check` says to write instead, written instead: no fault may be left.

use super::Policy;

/// A faulty file, what is said of it, and the file as it was told to be: a part of it and what replaces that.
type Row = (&'static str, &'static str, (&'static str, &'static str));

#[track_caller]
fn mends(rows: &[Row]) {
    for (text, said, (from, to)) in rows {
        assert!(text.contains(from), "{from} is not in\n{text}");
        mended(text, said, &text.replace(from, to));
    }
}

/// `said` stands beneath the fault of `text`, and `after` is what it told to write.
#[track_caller]
fn mended(text: &str, said: &str, after: &str) {
    let told = Policy::of(text).asked(&["check"]);
    assert_eq!(told.code(), 1, "{text}\n{told:#?}");
    assert!(told.out.contains(said), "{said} is not said of\n{text}\n{}", told.out);
    let checked = Policy::of(after).asked(&["check"]);
    assert_eq!(checked.code(), 0, "{after}\n{}", checked.out);
}

#[test]
fn of_keys_and_their_values() {
    mends(&[
        ("[[allow]]\ncomands = [\"id\"]\n", "did you mean \"commands\"?", ("comands", "commands")),
        ("[allow]\ncommands = [\"id\"]\n", "[[allow]]", ("[allow]", "[[allow]]")),
        ("[[alow]]\ncommands = [\"id\"]\n", "did you mean [[allow]]?", ("alow", "allow")),
        (
            "[case]\nallow = [\"id\"]\n[[allow]]\ncommands = [\"id\"]\n",
            "did you mean [cases]?",
            ("case]", "cases]"),
        ),
        ("[[allow]]\ncommands = \"id\"\n", "write commands = [\"id\"]", ("= \"id\"", "= [\"id\"]")),
        ("[[allow]]\nname = \"x\"\n", "add  commands = [\"...\"]", ("\"x\"", "\"x\"\ncommands = [\"id\"]")),
        ("[[allow]]\ncommands = [\"id\"]\ntimeout = 5\n", "write timeout = \"5s\"", ("= 5", "= \"5s\"")),
        ("[[allow]]\ncommands = [\"id\"]\ntimeout = \"5\"\n", "\"45s\"", ("\"5\"", "\"45s\"")),
        ("[[allow]]\ncommands = [\"id\"]\nname = 5\n", "write name = \"5\"", ("= 5", "= \"5\"")),
        ("[[allow]]\ncommands = [\"id\"]\nnetwork = true\n", "network = [\"inet\"]", ("true", "[\"inet\"]")),
        ("[[allow]]\ncommands = [\"id\"]\nnetwork = [\"tcp\"]\n", "\"inet\"", ("tcp", "inet")),
        ("[[allow]]\ncommands = [\"id\"]\nconfirm = \"yes\"\n", "confirm = true", ("\"yes\"", "true")),
        ("[[allow]]\ncommands = [\"id\"]\numask = 22\n", "\"027\"", ("22", "\"027\"")),
        (
            "[[allow]]\ncommands = [\"id\"]\nenv = [\"A=b\"]\n",
            "env = { LANG = \"C\" }",
            ("[\"A=b\"]", "{ LANG = \"C\" }"),
        ),
        ("[[allow]]\ncommands = [\"id\"]\nreason = \"ticket\"\n", "\"<text>\"", ("\"ticket\"", "\"<text>\"")),
        ("[[allow]]\ncommands = [\"id\"]\nlimits = { memory = 5 }\n", "\"512M\"", ("5 }", "\"512M\" }")),
        (
            "[[allow]]\ncommands = [\"id\"]\nwith = [\"journal\"]\n",
            "did you mean \"@journal\"?",
            ("journal", "@journal"),
        ),
    ]);
}

#[test]
fn of_when_and_cases() {
    let when = "[[allow]]\ncommands = [\"id\"]\nwhen = { days = [\"monday\"] }\n";
    let hours = "[[allow]]\ncommands = [\"id\"]\nwhen = { hours = \"9-17\" }\n";
    let zone =
        "[[allow]]\ncommands = [\"id\"]\nwhen = { hours = \"09:00-17:00\", zone = \"Europa/Berlin\" }\n";
    let labels = "[[allow]]\ncommands = [\"id\"]\nwhen = { labels = { env = \"prod\" } }\n";
    let cases = "[cases]\nallow = \"id\"\n[[allow]]\ncommands = [\"id\"]\n";
    mends(&[
        (when, "days = \"mon-fri\"", ("[\"monday\"]", "\"mon-fri\"")),
        (hours, "\"09:00-17:00\"", ("9-17", "09:00-17:00")),
        (zone, "\"UTC\"", ("Europa/Berlin", "UTC")),
        (labels, "labels = [\"env=prod\"]", ("{ env = \"prod\" }", "[\"env=prod\"]")),
        (cases, "write allow = [\"id\"]", ("= \"id\"", "= [\"id\"]")),
    ]);
}

#[test]
fn of_paths_and_globs() {
    let log = |glob: &str| {
        format!("[types]\nlog = {{ file = [\"{glob}\"] }}\n[[allow]]\ncommands = [\"cat <log>\"]\n")
    };
    let rows = [
        ("var/log/*.log", "\"/var/log/*.log\""),
        ("/var//log/./x/", "\"/var/log/x\""),
        ("/srv/a/../b/*", "\"/srv/b/*\""),
        ("~/x", "\"{home}/x\""),
        ("$HOME/x", "\"{home}/x\""),
        ("/srv/{a,b}/x", "\"/srv/a/x\", \"/srv/b/x\""),
    ];
    for (glob, cure) in rows {
        mended(&log(glob), cure, &log(glob).replace(&format!("\"{glob}\""), cure));
    }
    mends(&[
        (
            "[[allow]]\ncommands = [\"id\"]\nexec = \"sh\"\n",
            "exec = [\"sh\"]",
            ("\"sh\"", "[\"/usr/bin/sh\"]"),
        ),
        (
            "[[allow]]\ncommands = [\"id\"]\nexec = [\"sh\"]\n",
            "write \"/usr/bin/sh\"",
            ("\"sh\"", "\"/usr/bin/sh\""),
        ),
        ("[[allow]]\ncommands = [\"id\"]\nread = [\"/srv/\"]\n", "write \"/srv\"", ("/srv/", "/srv")),
        ("[[allow]]\ncommands = [\"id\"]\nread = [\"~/x\"]\n", "write \"{home}/x\"", ("~", "{home}")),
        (
            "[[allow]]\ncommands = [\"id\"]\nread = [\"/etc/gatesh\"]\n",
            "leave it out",
            ("read = [\"/etc/gatesh\"]\n", ""),
        ),
    ]);
}

#[test]
fn of_types() {
    let types = |of: &str, synopsis: &str| format!("[types]\n{of}\n[[allow]]\ncommands = [\"{synopsis}\"]\n");
    for (of, synopsis, said, (from, to)) in [
        ("log = { file = ['/srv/*'] }", "cat <lgo>", "did you mean <log>", ("lgo", "log")),
        ("a = { integer = [5, 1] }", "seq <a>", "the smaller one comes first", ("5, 1", "1, 5")),
        ("Log = { file = ['/srv/*'] }", "cat <log>", "a small letter", ("Log", "log")),
        ("word = { one_of = ['b'] }", "echo <word>", "give it another name", ("word", "words")),
        (
            "a = { file = ['/srv/*'], acess = 'read' }",
            "cat <a>",
            "did you mean \"access\"?",
            ("acess", "access"),
        ),
        ("a = { regex = '(?i)a' }", "echo <a>", "write the letters out: [Aa]", ("(?i)a", "[Aa]")),
    ] {
        mended(&types(of, synopsis), said, &types(of, synopsis).replace(from, to));
    }
    // One whose definition has a fault of its own is meant all the same.
    let told = Policy::of(&types("log = { file = ['srv/*'] }", "cat <lgo>")).asked(&["check"]);
    let _ = told.prints("did you mean <log>, defined in line 2?");
    // Of a name like no other, the ones there are.
    let told = Policy::of("[[allow]]\ncommands = [\"echo <zzzzzz>\"]\n").asked(&["check"]);
    let _ = told.prints("built in: word text ");
}

#[test]
fn of_synopses() {
    let rows = [
        ("tail -n <number> x", "[-n <number>] if it may be left out", "tail [-n <number>] x"),
        ("tail -n <number> x", "(-n <number>)   an option", "tail (-n <number>) x"),
        ("ls [-x <word> -y]", "[-y]", "ls [-x <word>] [-y]"),
        ("ls [-x -y]", "'-y'", "ls [-x '-y']"),
        ("ls [-x -y]", "[-y]", "ls [-x] [-y]"),
        ("cat [<word>] [<number>]", "cat    and    cat <word> [<number>]", "cat <word> [<number>]"),
        ("uname > x", "'>'", "uname '>' x"),
        ("ls [--color=auto|never]", "[--color=(auto|never)]", "ls [--color=(auto|never)]"),
        ("ls (--color=auto|never)", "(--color=(auto|never))", "ls (--color=(auto|never))"),
        ("ls [-a|x]", "write two pairs", "ls [-a] [x]"),
        ("x (add|commit -m)", "'-x'", "x (add|commit '-m')"),
        ("cat <word>... <number>...", "cat <word> <number>...", "cat <word> <number>..."),
        ("x [-f <word>...]", "write [-f <word>]...", "x [-f <word>]..."),
        ("x '-a' <word>", "['-a' <word>]", "x ['-a' <word>]"),
        ("sudo -n uname", "sudo PROGRAM ...", "sudo uname"),
        ("bin/uname", "its name alone", "uname"),
        ("cat <word> ... x", "<log>...", "cat <word>... x"),
    ];
    for (synopsis, said, after) in rows {
        let rule = |synopsis: &str| format!("[[allow]]\ncommands = [\"{synopsis}\"]\n");
        mended(&rule(synopsis), said, &rule(after));
    }
}

#[test]
fn of_toml() {
    mends(&[
        ("[[allow]]\ncommands = [\"id]\n", "the closing quote is missing", ("id]", "id\"]")),
        (
            "[[allow]]\ncommands = [\"id\", 'tty]\nname = \"x\"\n",
            "the closing quote is missing",
            ("tty]", "tty']"),
        ),
        ("[[allow]]\ncommands = [\n  \"id\",\n", "its ] is missing", ("\"id\",\n", "\"id\",\n]\n")),
        (
            "[types]\na = { regex = \"\\d+\" }\n[[allow]]\ncommands = [\"echo <a>\"]\n",
            "'...'",
            ("\"\\d+\"", "'\\d+'"),
        ),
        ("[[allow]]\ncommands = [\"id\"]\nconfirm = True\n", "write true", ("True", "true")),
        ("[[allow]]\ncommands = [\"id\" \"tty\"]\n", "a comma is missing", ("\" \"", "\", \"")),
    ]);
}

#[test]
fn of_lints() {
    mends(&[
        (
            "[[allow]]\ncommands = [\"journalctl [-f]\"]\n",
            "with = [\"@journal\"]",
            ("[[allow]]", "[[allow]]\nwith = [\"@journal\"]"),
        ),
        (
            "[[allow]]\ncommands = [\"curl <host>\"]\n",
            "with = [\"@dns\", \"@tls\"]",
            ("[[allow]]", "[[allow]]\nwith = [\"@dns\", \"@tls\"]"),
        ),
        (
            "[[allow]]\ncommands = [\"docker ps\"]\nnetwork = [\"unix\"]\n",
            "accept.bus-interpreter = \"why\"",
            ("network", "accept.bus-interpreter = \"why\"\naccept.interpreter = \"why\"\nnetwork"),
        ),
        (
            "[[allow]]\ncommands = [\"python3 <word>\", \"tee x\"]\nwrite = [\"/srv/x\"]\nexec = [\"/usr/bin/id\"]\naccept = { interpreter = \"x\" }\n",
            "add to accept:  write-and-exec = \"why\"",
            ("\"x\" }", "\"x\", write-and-exec = \"why\" }"),
        ),
        (
            "[types]\nl = { file = [\"/srv/*\"] }\n[[allow]]\ncommands = [\"sudo less <l>\"]\nexec = [\"/usr/bin/id\"]\n",
            "leave exec out",
            ("exec = [\"/usr/bin/id\"]\n", ""),
        ),
    ]);
}

#[test]
fn of_a_choice_that_no_word_can_be() {
    let rules = |synopsis: &str| {
        let sort = "[types]\nsort = { one_of = [\"-rss\", \"rss\"] }\n";
        Policy::of(&format!("{sort}[[allow]]\ncommands = [\"{synopsis}\"]\n"))
    };
    let told = rules("ls <sort>").asked(&["check"]).prints("-rss of <sort> is never taken here");
    let _ = told.prints("only behind --name=<sort>");
    let behind = rules("ls [--sort=<sort>]");
    assert!(!behind.asked(&["check"]).out.contains("never taken"));
    assert_eq!(behind.explained("ls --sort=-rss").code(), 0);
    assert_eq!(behind.explained("ls --sort=-pid").code(), 1);
}

#[test]
fn of_signs_that_only_a_shell_reads() {
    for (synopsis, sign, mended) in [
        ("uname; id", ";", "uname"),
        ("uname && id", "&", "uname"),
        ("grep \\\"x y\\\" <word>", "\"", "grep 'x y' <word>"),
        ("ls $HOME", "$", "ls '$HOME'"),
    ] {
        let rule = |synopsis: &str| Policy::of(&format!("[[allow]]\ncommands = [\"{synopsis}\"]\n"));
        let said = format!("{sign} is text in a synopsis");
        assert!(rule(synopsis).asked(&["check"]).out.contains(&said), "{synopsis}");
        assert!(rule(mended).asked(&["check"]).out.ends_with("no faults\n"), "{mended}");
    }
}
