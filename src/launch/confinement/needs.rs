//! Which programs cannot work without which grants, as data, so that `check` can print the line to add.

/// What a program needs beyond the files its words name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// Sets, without the `@`.
    pub sets: &'static [&'static str],
    /// Whether it makes processes, so that `limits.processes` (or `exec`) must stand in the rule.
    pub processes: bool,
    /// Programs that it starts, for `exec`.
    pub programs: &'static [&'static str],
}

const fn sets(sets: &'static [&'static str]) -> Needs {
    Needs { sets, processes: false, programs: &[] }
}

const fn starts(programs: &'static [&'static str]) -> Needs {
    Needs { sets: &[], processes: true, programs }
}

/// What `program` needs: its file's name; `python3.11` counts as `python3`, `vim.tiny` as itself.
pub fn of(program: &str) -> Option<&'static Needs> {
    let exact =
        |name: &str| NEEDS.iter().find(|(programs, _)| programs.contains(&name)).map(|(_, needs)| needs);
    let stem =
        program.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.' || letter == '-');
    exact(program).or_else(|| exact(stem))
}

/// Programs and their needs, tried on Debian 12.
#[rustfmt::skip]
const NEEDS: &[(&[&str], Needs)] = &[
    (&["ps", "top", "htop", "pgrep", "pidof", "pstree", "free", "uptime", "vmstat", "fuser"], sets(&["proc"])),
    (&["df", "findmnt", "lsblk", "iostat", "mpstat", "sar", "pidstat", "slabtop", "lscpu"], sets(&["proc"])),
    (&["lsof"], Needs { sets: &["proc"], processes: true, programs: &[] }),
    (&["ss", "ip", "tc", "bridge", "ethtool"], sets(&["netlink"])),
    (&["netstat", "ifconfig", "route", "arp"], sets(&["netlink", "proc"])),
    (&["systemctl", "loginctl", "hostnamectl", "timedatectl", "busctl", "resolvectl"], sets(&["systemd"])),
    (&["systemd-cgls", "systemd-cgtop", "systemd-analyze"], sets(&["systemd"])),
    (&["journalctl"], sets(&["journal"])),
    (&["dpkg-query", "apt", "apt-get", "apt-cache", "aptitude"], sets(&["packages"])),
    (&["dpkg"], Needs { sets: &["packages"], processes: true, programs: &["/usr/bin/dpkg-query"] }),
    (&["rpm", "yum", "dnf", "microdnf", "zypper"], sets(&["packages"])),
    (&["who", "w", "last", "lastb", "lastlog", "users"], sets(&["logins"])),
    (&["dmesg"], sets(&["kmsg"])),
    (&["git"], sets(&["git"])),
    (&["ping", "traceroute", "tracepath", "mtr", "dig", "host", "nslookup", "nc", "ncat", "telnet"], sets(&["dns"])),
    (&["curl", "wget", "aws"], sets(&["dns", "tls"])),
    (&["ssh", "psql", "mysql", "redis-cli"], sets(&["dns"])),
    (&["scp", "sftp"], Needs { sets: &["dns"], processes: true, programs: &["/usr/bin/ssh"] }),
    (&["vim", "vi", "vim.tiny", "vim.basic", "view", "vimdiff", "nvim", "nano", "emacs"], sets(&["editors"])),
    (&["file"], sets(&["magic"])),
    (&["perl", "python", "python3", "ruby"], sets(&["scripts"])),
    (&["zcat", "zless", "zmore"], starts(&["/usr/bin/gzip"])),
    (&["zgrep"], starts(&["/usr/bin/gzip", "/usr/bin/grep", "/usr/bin/sed"])),
    (&["xargs", "env", "nice", "timeout", "nohup", "watch", "stdbuf", "ionice", "taskset", "setsid"], starts(&[])),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::sets;

    #[test]
    fn every_set_that_a_program_needs_exists() {
        for (programs, needs) in NEEDS {
            assert!(
                !programs.is_empty() && needs.sets.iter().all(|set| sets::find(set).is_some()),
                "{needs:?}"
            );
        }
    }

    #[test]
    fn no_program_stands_twice() {
        let all: Vec<&str> = NEEDS.iter().flat_map(|(programs, _)| *programs).copied().collect();
        for (index, name) in all.iter().enumerate() {
            assert!(!all[..index].contains(name), "{name}");
        }
    }

    #[test]
    fn versions_in_a_programs_name_do_not_matter() {
        assert_eq!(of("python3.11").unwrap().sets, ["scripts"]);
        assert_eq!(of("vim.tiny").unwrap().sets, ["editors"]);
        assert!(of("cat").is_none());
    }
}
