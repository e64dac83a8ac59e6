//! The delivery of policies, walked as an instance walks it: the document out of the exported template, its steps in
//! the agent's manner, the real programs on a system whose /etc, /run and /var/lib are its own. Only the bucket is a
//! directory.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::hcl;
use crate::scenario::{Answer, is_root, output, run, temporary, write_program};

/// The programs lie where packages put them.
const ENTER: &str = r#"
set -e
cd "$0"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$0/etc,workdir=$0/etc-work" /etc
mount -t overlay overlay -o "lowerdir=/usr,upperdir=$0/usr,workdir=$0/usr-work" /usr
mount --bind run /run
mount --bind lib /var/lib
cd /
exec "$@"
"#;

/// As systemd gives it to the agent.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const GROUP: &str = "description = \"x\"\n[[allow]]\ncommands = [\"uname -r\"]\n";
const OTHER: &str = "description = \"y\"\n[[allow]]\ncommands = [\"uname -m\"]\n";
const FLAGS: [&str; 8] = [
    "--account",
    "111122223333",
    "--policy-bucket",
    "rules",
    "--policy-region",
    "eu-west-1",
    "--policy-tag",
    "gatesh=on",
];

/// What `export` prints of the shipped policy with its delivery.
fn exported(words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gateshctl"));
    command.args(["--config", concat!(env!("CARGO_MANIFEST_DIR"), "/config")]).args(words).args(FLAGS);
    let answer = run(command, b"");
    assert_eq!(answer.code(), 0, "{answer:#?}");
    answer.out
}

/// The Command document of the exported template.
fn document() -> Value {
    let template: Value = serde_json::from_str(&exported(&["--json", "export", "cloudformation"])).unwrap();
    template["Resources"]["DeliverPolicy"]["Properties"]["Content"].clone()
}

/// A host on which gatesh is installed and no policy is, and a bucket.
struct Instance {
    place: tempfile::TempDir,
    document: Value,
}

impl Instance {
    fn new() -> Option<Self> {
        if !is_root() {
            println!("skipped: only root can make a system of its own");
            return None;
        }
        let instance = Self { place: temporary(), document: document() };
        let beneath = [
            "etc",
            "etc-work",
            "usr/bin",
            "usr/libexec/gatesh",
            "usr-work",
            "run",
            "lib",
            "bucket",
            "beneath",
            "tree",
        ];
        for name in beneath {
            fs::create_dir_all(instance.path(name)).unwrap();
        }
        for name in ["", "etc", "usr", "usr/bin", "usr/libexec", "usr/libexec/gatesh", "run", "lib"] {
            fs::set_permissions(instance.path(name), PermissionsExt::from_mode(0o755)).unwrap();
        }
        // In an upper directory this is the absence of what the host may have.
        output("mknod", &[instance.path("etc/gatesh").to_str().unwrap(), "c", "0", "0"]);
        // Another process copies them, as another writes programs.
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/fleet/deploy-policy");
        for (program, into) in [
            (env!("CARGO_BIN_EXE_gatesh"), "usr/bin"),
            (env!("CARGO_BIN_EXE_gateshctl"), "usr/bin"),
            (script, "usr/libexec/gatesh"),
        ] {
            output("install", &["-m", "0755", program, instance.path(into).to_str().unwrap()]);
        }
        Some(instance)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Runs a program there.
    fn inside(&self, words: &[&str]) -> Answer {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", ENTER]).arg(self.place.path()).args(words);
        command.env_clear().env("PATH", PATH).current_dir("/");
        run(command, b"")
    }

    /// Packs these files, puts them into the bucket and runs the document with the archive's digest.
    fn deliver(&self, files: &[(&str, &str)]) -> Answer {
        let digest = self.put(files);
        self.run_document(&digest)
    }

    /// Puts an archive of these files into the bucket, as the manual packs one; its digest.
    fn put(&self, files: &[(&str, &str)]) -> String {
        let (tree, archive) = (self.path("tree"), self.path("bucket/gatesh/policy.tar.gz"));
        fs::remove_dir_all(&tree).unwrap();
        for directory in ["groups.d", "sets.d"] {
            fs::create_dir_all(tree.join(directory)).unwrap();
        }
        for (name, text) in [("gatesh.toml", "")].iter().chain(files) {
            fs::write(tree.join(name), text).unwrap();
        }
        fs::create_dir_all(archive.parent().unwrap()).unwrap();
        let [tree, archive] = [&tree, &archive].map(|path| path.to_str().unwrap());
        output("tar", &["-czf", archive, "-C", tree, "gatesh.toml", "groups.d", "sets.d"]);
        output("sha256sum", &[archive])[..64].to_owned()
    }

    /// Each step in turn, also after one that failed, as the agent does where a document says nothing of it; the
    /// answer of the last.
    fn run_document(&self, digest: &str) -> Answer {
        let pattern = self.document["parameters"]["sha256"]["allowedPattern"].as_str().unwrap();
        assert!(regex::Regex::new(pattern).unwrap().is_match(digest), "{digest}");
        let text = self.document["mainSteps"].to_string().replace("{{ sha256 }}", digest);
        assert!(!text.contains("{{"), "{text}");
        let steps: Vec<Value> = serde_json::from_str(&text).unwrap();
        let mut last = None;
        for step in &steps {
            assert_eq!(step["precondition"]["StringEquals"], serde_json::json!(["platformType", "Linux"]));
            match step["action"].as_str().unwrap() {
                "aws:downloadContent" => self.download(&step["inputs"]),
                "aws:runShellScript" => last = Some(self.run_script(&step["inputs"])),
                other => panic!("no step of a Command document: {other}"),
            }
        }
        last.unwrap()
    }

    /// As the agent's s3resource.go: an object goes under its own name into a destination that is a directory or
    /// ends as one, and else *is* the destination; directories are made with mode 0600. Objects beneath the key, which
    /// the stand keeps in a directory of their own, make the destination one.
    fn download(&self, inputs: &Value) {
        let source: Value = serde_json::from_str(inputs["sourceInfo"].as_str().unwrap()).unwrap();
        let url = source["path"].as_str().unwrap();
        let object = url.strip_prefix("https://s3.eu-west-1.amazonaws.com/rules/").unwrap();
        let wanted = inputs["destinationPath"].as_str().unwrap();
        let there = self.path(&format!("lib/{}", wanted.strip_prefix("/var/lib/").unwrap()));
        let beneath = fs::read_dir(self.path("beneath")).unwrap().map(Result::unwrap).collect::<Vec<_>>();
        if !beneath.is_empty() {
            fs::DirBuilder::new().recursive(true).mode(0o600).create(&there).unwrap();
            for one in beneath {
                fs::copy(one.path(), there.join(one.file_name())).unwrap();
            }
            return;
        }
        let into = if there.is_dir() || wanted.ends_with('/') {
            there.join(Path::new(object).file_name().unwrap())
        } else {
            there
        };
        fs::DirBuilder::new().recursive(true).mode(0o600).create(into.parent().unwrap()).unwrap();
        let _ = fs::copy(self.path("bucket").join(object), into);
    }

    /// As the agent's runscript.go: one file of all lines, which `sh -c` starts.
    fn run_script(&self, inputs: &Value) -> Answer {
        let lines: Vec<&str> =
            inputs["runCommand"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        let script = self.path("lib/_script.sh");
        write_program(&script, &(lines.join("\n") + "\n"));
        self.inside(&["sh", "-c", "/var/lib/_script.sh"])
    }

    /// The rules of a group in force, as somebody without rights reads them.
    fn in_force(&self, group: &str) -> Option<String> {
        let file = format!("/etc/gatesh/groups.d/{group}.toml");
        let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "cat", &file];
        let answer = self.inside(&nobody);
        (answer.code() == 0).then_some(answer.out)
    }
}

#[test]
fn an_instance_takes_a_policy_and_everybody_can_read_it() {
    let Some(instance) = Instance::new() else { return };
    let answer = instance.deliver(&[("groups.d/nogroup.toml", GROUP), ("groups.d/root.toml", GROUP)]);
    assert_eq!(answer.code(), 0, "{answer:#?}");
    assert_eq!(instance.in_force("nogroup").as_deref(), Some(GROUP));
    let loose = instance.inside(&[
        "find",
        "-L",
        "/etc/gatesh",
        "(",
        "!",
        "-user",
        "root",
        "-o",
        "-perm",
        "/022",
        ")",
    ]);
    assert_eq!((loose.code(), loose.out.as_str()), (0, ""), "{loose:#?}");
    let explain = ["gateshctl", "explain", "--group", "nogroup", "--", "uname -r"];
    assert_eq!(instance.inside(&explain).code(), 0);
}

#[test]
fn what_the_package_put_there_is_kept_beside_it() {
    let Some(instance) = Instance::new() else { return };
    let put = "mkdir -p /etc/gatesh/groups.d /etc/gatesh/sets.d && echo '# mine' >/etc/gatesh/gatesh.toml";
    assert_eq!(instance.inside(&["sh", "-c", put]).code(), 0);
    assert_eq!(instance.deliver(&[("groups.d/root.toml", GROUP)]).code(), 0);
    let kept = instance.inside(&["sh", "-c", "cat /var/lib/gatesh/policies/before-*/gatesh.toml"]);
    assert_eq!(kept.out, "# mine\n");
}

#[test]
fn a_file_that_is_no_longer_delivered_goes() {
    let Some(instance) = Instance::new() else { return };
    assert_eq!(
        instance.deliver(&[("groups.d/root.toml", GROUP), ("groups.d/nogroup.toml", GROUP)]).code(),
        0
    );
    assert_eq!(instance.deliver(&[("groups.d/root.toml", GROUP)]).code(), 0);
    assert_eq!(instance.in_force("nogroup"), None);
}

#[test]
fn an_instance_keeps_its_policy_when_it_is_given_a_bad_one() {
    let Some(instance) = Instance::new() else { return };
    assert_eq!(instance.deliver(&[("groups.d/root.toml", GROUP)]).code(), 0);
    let wrong_case = format!("{OTHER}[cases]\nallow = [\"id\"]\n");
    let bad: [(&str, &str); 2] =
        [("a policy with a fault", "nonsense"), ("one whose cases fail", &wrong_case)];
    for (what, text) in bad {
        let answer = instance.deliver(&[("groups.d/root.toml", text)]);
        assert!(answer.code() == 1 && answer.out.contains("\"refused\""), "{what}: {answer:#?}");
        assert_eq!(instance.in_force("root").as_deref(), Some(GROUP), "{what}");
    }
}

#[test]
fn an_archive_that_was_swapped_in_the_bucket_is_not_installed() {
    let Some(instance) = Instance::new() else { return };
    let digest = instance.put(&[("groups.d/root.toml", GROUP)]);
    assert_eq!(instance.run_document(&digest).code(), 0);
    instance.put(&[("groups.d/root.toml", OTHER)]);
    let answer = instance.run_document(&digest);
    assert!(answer.code() == 1 && answer.out.contains("digest is"), "{answer:#?}");
    assert_eq!(instance.in_force("root").as_deref(), Some(GROUP));
}

#[test]
fn an_archive_that_cannot_be_fetched_changes_nothing() {
    let Some(instance) = Instance::new() else { return };
    let digest = instance.put(&[("groups.d/root.toml", GROUP)]);
    assert_eq!(instance.run_document(&digest).code(), 0);
    fs::remove_file(instance.path("bucket/gatesh/policy.tar.gz")).unwrap();
    for digest in [&digest, &"0".repeat(64)] {
        assert_eq!(instance.run_document(digest).code(), 1);
        assert_eq!(instance.in_force("root").as_deref(), Some(GROUP));
    }
}

#[test]
fn an_object_beneath_the_key_stops_no_later_delivery() {
    let Some(instance) = Instance::new() else { return };
    let digest = instance.put(&[("groups.d/root.toml", GROUP)]);
    fs::write(instance.path("beneath/policy.tar.gz"), "x").unwrap();
    assert_eq!(instance.run_document(&digest).code(), 1);
    assert!(instance.path("lib/gatesh-delivery/policy.tar.gz").is_dir());
    fs::remove_file(instance.path("beneath/policy.tar.gz")).unwrap();
    let answer = instance.run_document(&digest);
    assert_eq!(answer.code(), 0, "{answer:#?}");
    assert_eq!(instance.in_force("root").as_deref(), Some(GROUP));
}

#[test]
fn a_store_behind_a_link_that_others_cannot_follow_is_said() {
    let Some(instance) = Instance::new() else { return };
    fs::DirBuilder::new().mode(0o700).create(instance.path("lib/closed")).unwrap();
    std::os::unix::fs::symlink("/var/lib/closed", instance.path("lib/open")).unwrap();
    let digest = instance.put(&[("groups.d/root.toml", GROUP)]);
    fs::copy(instance.path("bucket/gatesh/policy.tar.gz"), instance.path("lib/policy.tar.gz")).unwrap();
    let deploy = |store: &str| {
        let source = ["--source", "file:///var/lib/policy.tar.gz", "--sha256", &digest, "--store", store];
        instance.inside(&[&["/usr/libexec/gatesh/deploy-policy"], &source[..]].concat())
    };
    let answer = deploy("/var/lib/open/policies");
    assert!(answer.code() == 1 && answer.out.contains("/var/lib/closed"), "{answer:#?}");
    assert_eq!(deploy("policies").code(), 2);
    assert!(!instance.path("etc/gatesh").is_symlink());
}

#[test]
fn a_policy_that_does_not_hold_where_it_is_in_force_is_taken_back() {
    let Some(instance) = Instance::new() else { return };
    assert_eq!(instance.deliver(&[("groups.d/root.toml", GROUP)]).code(), 0);
    // Beside the policy in force everything is well, so that only the check after the switch can find it.
    fs::set_permissions(instance.path("etc"), PermissionsExt::from_mode(0o777)).unwrap();
    let answer = instance.deliver(&[("groups.d/root.toml", OTHER)]);
    assert!(answer.code() == 1 && answer.out.contains("\"rolled-back\""), "{answer:#?}");
    fs::set_permissions(instance.path("etc"), PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(instance.in_force("root").as_deref(), Some(GROUP));
}

#[test]
fn a_store_that_others_cannot_reach_is_said_and_nothing_is_switched() {
    let Some(instance) = Instance::new() else { return };
    fs::DirBuilder::new().mode(0o700).create(instance.path("lib/gatesh")).unwrap();
    let answer = instance.deliver(&[("groups.d/root.toml", GROUP)]);
    assert!(answer.code() == 1 && answer.out.contains("/var/lib/gatesh"), "{answer:#?}");
    assert!(!instance.path("etc/gatesh").is_symlink());
    assert_eq!(fs::metadata(instance.path("lib/gatesh")).unwrap().mode() & 0o777, 0o700, "it is the host's");
}

#[test]
fn terraform_hands_out_the_same_lines() {
    let configuration = exported(&["export", "terraform"]);
    if hcl(&configuration).is_none() {
        return;
    }
    // A string of HCL is one of JSON, but for `${` and `%{`, which are doubled where they mean themselves.
    let plain = |line: &str| -> String {
        let line = line.trim().trim_end_matches(',');
        assert!(!line.replace("$${", "").contains("${") && !line.replace("%%{", "").contains("%{"), "{line}");
        serde_json::from_str(&line.replace("$${", "${").replace("%%{", "%{")).unwrap()
    };
    let lists = configuration.split("\"runCommand\" = [\n").skip(1);
    let scripts: Vec<Vec<String>> =
        lists.map(|rest| rest.split_once("\n          ]").unwrap().0.lines().map(plain).collect()).collect();
    let steps = document()["mainSteps"].clone();
    let ran = steps.as_array().unwrap().iter().map(|step| &step["inputs"]["runCommand"]);
    let ran: Vec<&Value> = ran.filter(|lines| lines.is_array()).collect();
    assert_eq!(serde_json::json!(scripts), serde_json::json!(ran));
}
