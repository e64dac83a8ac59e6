//! Reads from nsswitch.conf(5) whether names can live anywhere but in files. Starting getent costs more than the
//! rest of a session's start, so it is asked only where it can know more.

use std::ops::RangeInclusive;

/// Users that systemd makes up for a service (`DynamicUser=`); groups alike.
const DYNAMIC: RangeInclusive<u32> = 61_184..=65_519;
/// Users that systemd-homed keeps; groups alike.
const HOMED: RangeInclusive<u32> = 60_001..=60_513;

/// Which ids a source besides the files can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// None: only files are named.
    Nothing,
    /// Those in systemd's ranges. Its root and nobody are in the files too.
    Systemd,
    /// Any: a directory service, a database, or a source unknown here.
    Anything,
}

impl Reach {
    pub(super) fn covers(self, id: u32) -> bool {
        match self {
            Self::Nothing => false,
            Self::Systemd => DYNAMIC.contains(&id) || HOMED.contains(&id),
            Self::Anything => true,
        }
    }
}

/// What the configuration says of `database` ("passwd", "group"). A database it does not name is in files, which
/// is glibc's own default.
pub(super) fn beyond_files(configuration: &[u8], database: &str) -> Reach {
    configuration
        .split(|&byte| byte == b'\n')
        .filter_map(|line| sources(line, database))
        .flat_map(without_actions)
        .map(|source| reach(&source))
        .max()
        .unwrap_or(Reach::Nothing)
}

/// What stands after `database:`, without the comment.
fn sources<'a>(line: &'a [u8], database: &str) -> Option<&'a [u8]> {
    let line = line.split(|&byte| byte == b'#').next()?;
    let colon = line.iter().position(|&byte| byte == b':')?;
    let (name, rest) = line.split_at_checked(colon)?;
    (name.trim_ascii() == database.as_bytes()).then_some(rest)?.strip_prefix(b":")
}

/// The names of a list such as `files [!UNAVAIL=return] sss`.
fn without_actions(sources: &[u8]) -> Vec<Vec<u8>> {
    let mut in_action = false;
    let mut names = vec![Vec::new()];
    for &byte in sources {
        match (byte, names.last_mut()) {
            (b'[', _) => in_action = true,
            (b']', _) => {
                in_action = false;
                names.push(Vec::new());
            }
            (_, _) if in_action => {}
            (byte, Some(name)) if !byte.is_ascii_whitespace() => name.push(byte),
            (_, _) => names.push(Vec::new()),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn reach(source: &[u8]) -> Reach {
    match source {
        b"files" | b"compat" | b"cache" | b"mymachines" => Reach::Nothing,
        b"systemd" => Reach::Systemd,
        _ => Reach::Anything,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(configuration: &str) -> Reach {
        beyond_files(configuration.as_bytes(), "group")
    }

    #[test]
    fn files_alone_reach_nothing_further() {
        for line in ["group: files", "group: compat", "group:", "", "group: files cache mymachines", "group"]
        {
            assert_eq!(group(line), Reach::Nothing, "{line}");
        }
    }

    #[test]
    fn directory_services_and_unknown_sources_reach_everything() {
        for source in ["sss", "ldap", "winbind", "nis", "altfiles", "db", "something-new"] {
            assert_eq!(group(&format!("group: files {source}")), Reach::Anything, "{source}");
        }
    }

    #[test]
    fn another_databases_sources_do_not_count() {
        assert_eq!(group("passwd: files sss\nnetgroup: nis\nsubgroup: ldap"), Reach::Nothing);
    }

    #[test]
    fn actions_in_brackets_are_no_sources() {
        assert_eq!(group("group: files [ SUCCESS = merge ] systemd"), Reach::Systemd);
        assert_eq!(group("group: files [NOTFOUND=return]sss"), Reach::Anything);
        assert_eq!(group("group: files [sss"), Reach::Nothing);
    }

    #[test]
    fn comments_are_not_read() {
        assert_eq!(group("#group: sss\ngroup: files # sss"), Reach::Nothing);
    }

    #[test]
    fn blanks_around_the_name_do_not_matter() {
        assert_eq!(group(" group :\tfiles\tsss\r"), Reach::Anything);
    }

    #[test]
    fn systemd_holds_its_two_ranges_and_nothing_else() {
        let held = [60_001, 60_513, 61_184, 65_519];
        let foreign = [0, 1000, 60_000, 60_514, 61_183, 65_520, 65_534, 100_000];
        assert!(held.iter().all(|&id| Reach::Systemd.covers(id)));
        assert!(!foreign.iter().any(|&id| Reach::Systemd.covers(id)));
    }
}
