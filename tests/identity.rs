//! Who is asking: numbers lead to names and back, or nobody is let in.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use gatesh::identity::names::{Database, Names};
use gatesh::identity::{Credentials, Identity, IdentityError, UnixGroup};

const PASSWD: &str = "\
root:x:0:0:root:/root:/bin/bash
ann:x:1001:1001:Ann:/home/ann:/usr/bin/gatesh
bob:x:1002:1002::/home/bob:
nohome:x:1003:1001:::/bin/sh
twin:x:1004:1001::/home/a:/bin/sh
twin:x:1005:1001::/home/b:/usr/bin/gatesh
";
const GROUP: &str = "\
root:x:0:
ann:x:1001:
readers:x:2001:ann,bob
ops:x:2002:bob,ann
twin:x:2003:
twin:x:2004:ann
a/b:x:2005:
sudo:x:2006:
admins:x:2006:
";

/// A root directory with a user database of its own.
struct Host {
    root: tempfile::TempDir,
}

impl Host {
    fn new() -> Self {
        Self::with(PASSWD, GROUP)
    }

    fn with(passwd: impl AsRef<[u8]>, group: impl AsRef<[u8]>) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("etc")).unwrap();
        fs::create_dir_all(root.path().join("usr/bin")).unwrap();
        fs::write(root.path().join("etc/passwd"), passwd).unwrap();
        fs::write(root.path().join("etc/group"), group).unwrap();
        Self { root }
    }

    fn sources(self, sources: &str) -> Self {
        let text = format!("passwd: {sources}\ngroup: {sources}\n");
        fs::write(self.root.path().join("etc/nsswitch.conf"), text).unwrap();
        self
    }

    /// A getent that notes each question and runs `body` as a shell script. Written by another process: a
    /// descriptor open for writing here could be inherited by a neighbour's child and make execve fail.
    fn getent(self, body: &str) -> Self {
        let text = format!("#!/bin/sh\necho \"$@\" >>{}\n{body}\n", self.asked_file().display());
        let write = "umask 022; printf %s \"$1\" >\"$2\" && chmod 755 \"$2\"";
        let path = self.root.path().join("usr/bin/getent");
        let status = Command::new("sh").args(["-c", write, "sh", &text]).arg(path).status().unwrap();
        assert!(status.success());
        self
    }

    fn asked_file(&self) -> PathBuf {
        self.root.path().join("asked")
    }

    fn asked(&self) -> String {
        fs::read_to_string(self.asked_file()).unwrap_or_default()
    }

    fn database(&self) -> Database {
        Database::under(self.root.path(), nix::unistd::getuid().as_raw())
    }

    fn names(&self) -> Names {
        self.database().read().unwrap()
    }

    fn who(&self, uid: u32, gids: &[u32]) -> Result<Identity, IdentityError> {
        Identity::of(&kernel(uid, gids), &self.names())
    }

    fn refuses(&self, uid: u32, gids: &[u32]) -> String {
        self.who(uid, gids).unwrap_err().to_string()
    }
}

/// The first gid is the real one.
fn kernel(uid: u32, gids: &[u32]) -> Credentials {
    let (&gid, supplementary) = gids.split_first().unwrap();
    Credentials { uid, effective_uid: uid, gid, effective_gid: gid, supplementary: supplementary.to_vec() }
}

fn group(gid: u32, name: &str) -> UnixGroup {
    UnixGroup { gid, name: name.to_owned() }
}

fn group_names(identity: &Identity) -> Vec<&str> {
    identity.groups.iter().map(|group| group.name.as_str()).collect()
}

mod from_files {
    use super::*;

    #[test]
    fn a_person_is_known_by_the_files_alone() {
        let ann = Host::new().who(1001, &[1001, 2001, 2002]).unwrap();
        assert_eq!((ann.uid, ann.user.as_str()), (1001, "ann"));
        assert_eq!(
            (ann.home.as_path(), ann.shell.as_path()),
            (Path::new("/home/ann"), Path::new("/usr/bin/gatesh"))
        );
        assert_eq!(ann.groups, [group(1001, "ann"), group(2001, "readers"), group(2002, "ops")]);
        assert!(ann.is_in("ops") && !ann.is_in("root"));
    }

    #[test]
    fn groups_are_the_kernels_not_the_files() {
        assert_eq!(group_names(&Host::new().who(1001, &[1001]).unwrap()), ["ann"]);
    }

    #[test]
    fn a_group_counts_once() {
        let ann = Host::new().who(1001, &[1001, 2001, 1001, 2001]).unwrap();
        assert_eq!(group_names(&ann), ["ann", "readers"]);
    }

    #[test]
    fn an_empty_shell_is_the_bourne_shell() {
        assert_eq!(Host::with(PASSWD, "g:x:5:\n").who(1002, &[5]).unwrap().shell, Path::new("/bin/sh"));
    }

    #[test]
    fn a_group_that_no_file_can_be_called_by_is_kept() {
        assert_eq!(group_names(&Host::new().who(1001, &[1001, 2005]).unwrap()), ["ann", "a/b"]);
        let odd = Host::with(PASSWD, b".x:x:1:\n:x:2:\n\x01\x1b[2J:x:3:\n");
        assert_eq!(group_names(&odd.who(1001, &[1, 2, 3]).unwrap()), [".x", "", "\x01\x1b[2J"]);
    }

    #[test]
    fn the_first_of_two_names_for_a_number_counts() {
        assert_eq!(group_names(&Host::new().who(1001, &[2006]).unwrap()), ["sudo"]);
    }

    #[test]
    fn this_process_is_somebody() {
        let me = Identity::of_process().unwrap();
        assert_eq!(me.uid, nix::unistd::getuid().as_raw());
        assert!(me.home.is_absolute());
        assert_eq!(me.groups[0].gid, nix::unistd::getgid().as_raw());
    }
}

mod refusals {
    use super::*;

    #[test]
    fn a_setuid_process_is_nobody() {
        let raised = Credentials { effective_uid: 0, ..kernel(1001, &[1001]) };
        let error = Identity::of(&raised, &Host::new().names()).unwrap_err();
        assert_eq!(error.to_string(), "the process runs for two users at once: real 1001, effective 0");
    }

    #[test]
    fn a_setgid_process_is_nobody() {
        let raised = Credentials { effective_gid: 0, ..kernel(1001, &[1001]) };
        let error = Identity::of(&raised, &Host::new().names()).unwrap_err();
        assert_eq!(error.to_string(), "the process runs for two groups at once: real 1001, effective 0");
    }

    #[test]
    fn a_user_without_a_name_is_refused() {
        assert_eq!(
            Host::new().refuses(4242, &[1001]),
            "user id 4242 has no name: give it one in /etc/passwd"
        );
    }

    #[test]
    fn a_group_without_a_name_is_refused_by_its_number() {
        let text = "group id 4242 has no name: give it one in /etc/group";
        assert_eq!(Host::new().refuses(1001, &[1001, 4242]), text);
        assert_eq!(Host::new().refuses(1001, &[4242]), text);
    }

    #[test]
    fn a_group_whose_name_is_another_groups_is_refused() {
        let text = "group id 2004 is called twin, but twin is group id 2003: mend /etc/group";
        assert_eq!(Host::new().refuses(1001, &[1001, 2004]), text);
    }

    #[test]
    fn a_user_whose_name_is_another_users_is_refused() {
        let text = "user id 1005 is called twin, but twin is user id 1004: mend /etc/passwd";
        assert_eq!(Host::new().refuses(1005, &[1001]), text);
    }

    #[test]
    fn a_home_that_is_not_absolute_is_refused() {
        let text = "the home directory of nohome is \"\": make it an absolute path";
        assert_eq!(Host::new().refuses(1003, &[1001]), text);
    }

    #[test]
    fn a_name_that_is_not_utf8_is_refused_and_shown_harmless() {
        let host = Host::with(PASSWD, b"r\xff\x1b:x:1001:\n");
        assert_eq!(host.refuses(1001, &[1001]), r#"the name "r\xff\x1b" is not UTF-8: choose another one"#);
    }

    #[test]
    fn a_hostile_name_cannot_write_to_the_terminal() {
        let host = Host::with(PASSWD, b"\x1b[2J:x:5:\n\x1b[2J:x:6:\n");
        assert!(!host.refuses(1001, &[6]).contains('\x1b'));
    }

    #[test]
    fn a_line_with_a_nul_byte_names_nobody() {
        let host = Host::with(PASSWD, b"ops\0:x:2002:\n");
        assert!(host.refuses(1001, &[2002]).starts_with("group id 2002 has no name"));
    }

    #[test]
    fn missing_files_are_refused_by_name() {
        let host = Host::new();
        fs::remove_file(host.root.path().join("etc/group")).unwrap();
        let text = host.database().read().unwrap_err().to_string();
        assert!(text.contains("etc/group cannot be read: No such file"), "{text}");
    }

    #[test]
    fn a_file_without_end_is_refused() {
        let host = Host::new();
        let file = fs::File::create(host.root.path().join("etc/passwd")).unwrap();
        file.set_len(1 << 30).unwrap();
        let text = host.database().read().unwrap_err().to_string();
        assert!(text.contains("longer than"), "{text}");
    }
}

mod through_getent {
    use super::*;

    const DIRECTORY: &str = r#"case "$*" in
        "passwd 70001"|"passwd eve") echo 'eve:*:70001:70001:Eve:/home/eve:/bin/bash';;
        "group 70001"|"group domain users") echo 'domain users:*:70001:';;
        "group 70002"|"group remote-ops") echo 'remote-ops:*:70002:ann,eve';;
        "initgroups eve") echo 'eve                   70002 2001';;
        *) exit 2;;
    esac"#;

    fn directory() -> Host {
        Host::new().sources("files sss").getent(DIRECTORY)
    }

    #[test]
    fn what_the_files_lack_comes_from_the_directory() {
        let eve = directory().who(70001, &[70001, 70002, 2001]).unwrap();
        assert_eq!((eve.user.as_str(), eve.home.as_path()), ("eve", Path::new("/home/eve")));
        assert_eq!(group_names(&eve), ["domain users", "remote-ops", "readers"]);
    }

    #[test]
    fn nothing_is_asked_about_what_the_files_hold() {
        let host = directory();
        host.who(1001, &[1001, 2001]).unwrap();
        assert_eq!(host.asked(), "");
    }

    #[test]
    fn nothing_is_asked_where_only_files_are_named() {
        for sources in ["files", "compat", "files systemd", "files mymachines cache"] {
            let host = Host::new().sources(sources).getent(DIRECTORY);
            assert!(host.refuses(1001, &[70002]).starts_with("group id 70002 has no name"), "{sources}");
            assert_eq!(host.asked(), "", "{sources}");
        }
    }

    #[test]
    fn nothing_is_asked_without_a_configuration() {
        let host = Host::new().getent(DIRECTORY);
        assert!(host.refuses(1001, &[70002]).starts_with("group id 70002 has no name"));
        assert_eq!(host.asked(), "");
    }

    #[test]
    fn systemd_is_asked_for_its_own_ranges() {
        let dynamic = r#"case "$2" in 61200|svc) echo 'svc:!:61200:';; *) exit 2;; esac"#;
        let host = Host::new().sources("files systemd").getent(dynamic);
        assert_eq!(group_names(&host.who(1001, &[61200]).unwrap()), ["svc"]);
        assert!(host.refuses(1001, &[60000]).contains("60000 has no name"));
        assert_eq!(host.asked(), "group 61200\ngroup svc\n");
    }

    #[test]
    fn systemd_names_nobody_outside_its_ranges() {
        let host = Host::new().sources("files systemd").getent("echo 'wheel:x:10:'");
        let text = host.names().group_by_name("wheel").unwrap_err().to_string();
        assert!(text.ends_with("it answered about something else"), "{text}");
    }

    #[test]
    fn a_directory_cannot_rename_a_group_of_the_files() {
        let host = Host::new().sources("files sss").getent("echo 'ops:*:70009:'");
        let text = "group id 70009 is called ops, but ops is group id 2002: mend /etc/group";
        assert_eq!(host.refuses(1001, &[70009]), text);
    }

    #[test]
    fn a_name_that_does_not_lead_back_is_refused() {
        let host =
            Host::new().sources("files sss").getent(r#"[ "$2" = 70003 ] || exit 2; echo 'gone:*:70003:'"#);
        let text = "group id 70003 is called gone, but no group of that name is found";
        assert_eq!(host.refuses(1001, &[70003]), text);
    }

    #[test]
    fn names_that_getent_reads_as_numbers_or_options_are_not_asked() {
        let host = directory();
        for name in ["70002", "+70002", " 70002", "-s", "--help", "", "a:b", "a\nb"] {
            assert_eq!(host.names().group_by_name(name).unwrap(), None, "{name}");
        }
        assert_eq!(host.asked(), "");
    }

    #[test]
    fn the_environment_is_empty_and_the_input_too() {
        let body = r#"[ "$(env | grep -cv -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD=)" = 0 ] || exit 7
            [ "$(pwd)" = / ] || exit 8; read x && exit 9; echo 'web:x:70005:'"#;
        let host = Host::new().sources("files sss").getent(body);
        assert_eq!(host.names().group_by_name("web").unwrap(), Some(group(70005, "web")));
    }
}

mod a_bad_getent {
    use super::*;

    /// What is said about group 70002 when getent does `body`.
    fn refusal(body: &str) -> String {
        let host = Host::new().sources("files sss").getent(body);
        let text = host.refuses(1001, &[1001, 70002]);
        let (command, fault) = text.split_once(": ").unwrap();
        assert!(command.ends_with("usr/bin/getent group 70002"), "{command}");
        fault.to_owned()
    }

    #[test]
    fn two_lines_are_no_answer() {
        assert_eq!(refusal("echo 'a:x:70002:'; echo 'b:x:70002:'"), "its answer is not one line");
    }

    #[test]
    fn no_line_is_no_answer() {
        assert_eq!(refusal("exit 0"), "its answer is not one line");
        assert_eq!(refusal("printf '\\n'"), "its answer is not one line");
        assert_eq!(refusal("printf 'a:x:70002:'"), "its answer is not one line");
    }

    #[test]
    fn an_answer_about_another_key_is_none() {
        for line in ["ops:x:70003:", "ops:x:070002x:", "70002", "#a:x:70002:", "+a:x:70002:"] {
            assert_eq!(refusal(&format!("echo '{line}'")), "it answered about something else", "{line}");
        }
    }

    #[test]
    fn a_failure_is_not_taken_for_not_found() {
        assert_eq!(refusal("echo 'a:x:70002:'; exit 1"), "it failed (exit status: 1)");
        assert!(refusal("kill -9 $$").starts_with("it failed (signal: 9"));
    }

    #[test]
    fn an_answer_without_end_is_cut_off() {
        let text = refusal("head -c 10485760 /dev/zero");
        assert_eq!(text, "its answer is longer than 1048576 bytes");
    }

    #[test]
    fn an_answer_that_does_not_come_is_not_waited_for() {
        let mut database = Host::new().sources("files sss").getent("").database();
        database.patience = Duration::from_millis(300);
        for body in ["sleep 60", "echo 'a:x:70002:'; sleep 60", "exec >&-; sleep 60", "sleep 60 & exit 0"] {
            let host = Host::new().sources("files sss").getent(body);
            let begun = Instant::now();
            let impatient = Database { patience: database.patience, ..host.database() };
            let text = impatient.read().unwrap().group_by_id(70002).unwrap_err().to_string();
            assert!(text.ends_with("no answer in 0.3 s"), "{body}: {text}");
            assert!(begun.elapsed() < Duration::from_secs(5), "{body}");
        }
    }

    #[test]
    fn what_it_started_ends_with_it() {
        let host = Host::new().sources("files sss").getent("sleep 61 & echo $! >\"$0.child\"; wait");
        let impatient = Database { patience: Duration::from_millis(300), ..host.database() };
        impatient.read().unwrap().group_by_id(70002).unwrap_err();
        let pid = fs::read_to_string(host.root.path().join("usr/bin/getent.child")).unwrap();
        let status = || fs::read_to_string(format!("/proc/{}/status", pid.trim())).unwrap_or_default();
        let is_over = || status().is_empty() || status().contains("State:\tZ");
        // It has been killed; a busy host takes a moment to carry that out.
        let end = Instant::now() + Duration::from_secs(5);
        while !is_over() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(is_over(), "{}", status());
    }

    #[test]
    fn one_that_others_can_write_is_not_started() {
        use std::os::unix::fs::PermissionsExt;
        let host = Host::new().sources("files sss").getent("echo 'a:x:70002:'");
        let path = host.root.path().join("usr/bin/getent");
        fs::set_permissions(path, fs::Permissions::from_mode(0o775)).unwrap();
        assert!(host.refuses(1001, &[70002]).ends_with("it is not a file that only root can write"));
        assert_eq!(host.asked(), "");
    }

    #[test]
    fn one_of_another_owner_is_not_started() {
        let host = Host::new().sources("files sss").getent("echo 'a:x:70002:'");
        if nix::unistd::getuid().is_root() {
            std::os::unix::fs::chown(host.root.path().join("usr/bin/getent"), Some(12345), None).unwrap();
        }
        let strict = Database { owner: 0, ..host.database() }.read().unwrap();
        let text = strict.group_by_id(70002).unwrap_err().to_string();
        assert!(text.ends_with("it is not a file that only root can write"), "{text}");
    }

    #[test]
    fn one_that_is_not_there_is_named() {
        let text = Host::new().sources("files sss").refuses(1001, &[70002]);
        assert!(text.contains("getent group 70002: No such file"), "{text}");
    }
}

mod memberships {
    use super::*;

    fn of(host: &Host, user: &str) -> Vec<String> {
        let groups = host.names().groups_of(user).unwrap().unwrap();
        groups.into_iter().map(|group| group.name).collect()
    }

    #[test]
    fn the_primary_group_comes_first() {
        let group = "readers:x:2001:ann\nann:x:1001:ann\nops:x:2002:anna\n";
        assert_eq!(of(&Host::with(PASSWD, group), "ann"), ["ann", "readers"]);
    }

    #[test]
    fn nobody_has_no_groups() {
        assert_eq!(Host::new().names().groups_of("nobody-here").unwrap(), None);
    }

    #[test]
    fn a_group_that_does_not_lead_back_is_refused_here_too() {
        let text = Host::new().names().groups_of("ann").unwrap_err().to_string();
        assert_eq!(text, "group id 2004 is called twin, but twin is group id 2003: mend /etc/group");
    }

    #[test]
    fn a_directory_adds_its_own() {
        let body = r#"case "$*" in
            "initgroups ann") echo 'ann   70002 2001';; "group 70002"|"group far") echo 'far:*:70002:';; *) exit 2;;
        esac"#;
        let host = Host::with(PASSWD, "ann:x:1001:\nreaders:x:2001:\n").sources("files sss").getent(body);
        assert_eq!(of(&host, "ann"), ["ann", "far", "readers"]);
    }

    #[test]
    fn memberships_of_somebody_else_are_no_answer() {
        for line in ["bob 2001", "ann 20x1", "annn 2001"] {
            let host = Host::with(PASSWD, "ann:x:1001:\n").sources("files sss");
            let text =
                host.getent(&format!("echo '{line}'")).names().groups_of("ann").unwrap_err().to_string();
            assert!(text.ends_with("initgroups ann: it answered about something else"), "{line}: {text}");
        }
    }

    #[test]
    fn users_are_found_by_their_shell() {
        let users = Host::new().names().users_with_shell(Path::new("/usr/bin/gatesh"));
        let names: Vec<_> = users.iter().map(|user| (user.name.as_str(), user.uid)).collect();
        assert_eq!(names, [("ann", 1001), ("twin", 1005)]);
        assert!(Host::new().names().users_with_shell(Path::new("/usr/bin//gatesh")).is_empty());
    }

    #[test]
    fn groups_and_users_are_found_by_name() {
        let names = Host::new().names();
        assert_eq!(names.group_by_name("twin").unwrap(), Some(group(2003, "twin")));
        assert_eq!(names.user_by_name("bob").unwrap().unwrap().uid, 1002);
        assert_eq!(names.user_by_name("Bob").unwrap(), None);
    }
}

mod a_running_session {
    use super::*;

    fn ann_then(gids: &[u32], passwd: &str, group: &str) -> Result<Identity, IdentityError> {
        let ann = Host::new().who(1001, gids).unwrap();
        ann.read_again(&Host::with(passwd, group).names())
    }

    #[test]
    fn loses_a_group_that_was_taken_away() {
        let now = ann_then(&[1001, 2001, 2002], PASSWD, "ann:x:1001:\nreaders:x:2001:ann\nops:x:2002:bob\n");
        assert_eq!(group_names(&now.unwrap()), ["ann", "readers"]);
    }

    #[test]
    fn never_gains_a_group() {
        let now = ann_then(&[1001], PASSWD, "ann:x:1001:\nreaders:x:2001:ann\n");
        assert_eq!(group_names(&now.unwrap()), ["ann"]);
    }

    #[test]
    fn of_a_user_who_is_gone_is_refused() {
        let error = ann_then(&[1001], "root:x:0:0::/root:/bin/sh\n", GROUP).unwrap_err();
        assert!(error.to_string().starts_with("user id 1001 has no name"));
    }

    #[test]
    fn of_a_user_who_was_renamed_is_refused() {
        let error = ann_then(&[1001], "eve:x:1001:1001::/home/eve:/bin/sh\n", GROUP).unwrap_err();
        assert_eq!(error.to_string(), "ann is called eve now: start a new session");
    }
}
