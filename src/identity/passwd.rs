//! Reads the lines of /etc/passwd and /etc/group, and of getent's answers, which have the same form.
//!
//! Both files are read the way glibc's `files` source reads them: blanks before a name are skipped, `#` begins
//! a comment, names that begin with `+` or `-` are NIS leftovers and belong to nobody, the first line that
//! matches counts, and a line that makes no sense is passed over. Stricter than glibc in two things: an id is
//! decimal digits and nothing else, and a line with a NUL byte is no line.

/// A line of passwd(5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UserLine<'a> {
    pub(super) name: &'a [u8],
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) home: &'a [u8],
    pub(super) shell: &'a [u8],
}

/// A line of group(5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GroupLine<'a> {
    pub(super) name: &'a [u8],
    pub(super) gid: u32,
    members: &'a [u8],
}

impl GroupLine<'_> {
    pub(super) fn has_member(&self, user: &[u8]) -> bool {
        self.members.split(|&byte| byte == b',').any(|member| member.trim_ascii_start() == user)
    }
}

pub(super) fn user_lines(text: &[u8]) -> impl Iterator<Item = UserLine<'_>> {
    lines(text).filter_map(user_line)
}

pub(super) fn group_lines(text: &[u8]) -> impl Iterator<Item = GroupLine<'_>> {
    lines(text).filter_map(group_line)
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii_start)
        .filter(|line| !matches!(line.first(), None | Some(b'#' | b'+' | b'-')) && !line.contains(&0))
}

/// `name:password:uid:gid:gecos:home:shell`; what is missing at the end is empty.
fn user_line(line: &[u8]) -> Option<UserLine<'_>> {
    let mut fields = line.splitn(7, |&byte| byte == b':');
    let name = fields.next()?;
    let uid = id(fields.nth(1)?)?;
    let gid = id(fields.next()?)?;
    let home = fields.nth(1).unwrap_or_default();
    let shell = fields.next().unwrap_or_default();
    Some(UserLine { name, uid, gid, home, shell })
}

/// `name:password:gid:member,member`.
fn group_line(line: &[u8]) -> Option<GroupLine<'_>> {
    let mut fields = line.splitn(4, |&byte| byte == b':');
    let name = fields.next()?;
    let gid = id(fields.nth(1)?)?;
    Some(GroupLine { name, gid, members: fields.next().unwrap_or_default() })
}

/// A user or group id in decimal. The largest value means "no id" to the kernel and is none here.
pub(super) fn id(digits: &[u8]) -> Option<u32> {
    let text = str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    text.parse().ok().filter(|&id| id != u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &[u8]) -> Vec<&[u8]> {
        group_lines(text).map(|line| line.name).collect()
    }

    #[test]
    fn a_whole_user_line_is_read_field_by_field() {
        let line = user_lines(b"ann:x:1001:100:Ann, Ops:/home/ann:/usr/bin/gatesh\n").next().unwrap();
        let expected =
            UserLine { name: b"ann", uid: 1001, gid: 100, home: b"/home/ann", shell: b"/usr/bin/gatesh" };
        assert_eq!(line, expected);
    }

    #[test]
    fn a_carriage_return_belongs_to_the_last_field() {
        let line = user_lines(b"ann:x:1:1::/home/ann:/bin/sh\r\n").next().unwrap();
        assert_eq!(line.shell, b"/bin/sh\r");
        assert!(!group_lines(b"ops:x:10:ann\r\n").next().unwrap().has_member(b"ann"));
    }

    #[test]
    fn a_line_with_a_nul_byte_is_no_line() {
        assert_eq!(names(b"wheel\0x:x:10:\nops:x:\x0011:\nweb:x:12:a\0b\n"), [&b""[..]; 0]);
    }

    #[test]
    fn lines_that_lack_a_number_are_passed_over() {
        assert_eq!(names(b"a\nb:x\nc:x:\nd:x:ten:\ne:x:-1:\nf:x:+7:\ng:x: 8:\nh:x:9 :\nok:x:5:\n"), [b"ok"]);
    }

    #[test]
    fn numbers_beyond_an_id_are_passed_over() {
        assert_eq!(names(b"a:x:4294967295:\nb:x:4294967296:\nc:x:99999999999999999999:\n"), [&b""[..]; 0]);
        assert_eq!(names(b"d:x:4294967294:\n"), [b"d"]);
    }

    #[test]
    fn comments_blank_lines_and_nis_leftovers_are_nobodys() {
        assert_eq!(names(b"#a:x:1:\n\n  # b:x:2:\n+c:x:3:\n-d:x:4:\n+:::\n  e:x:5:\n"), [b"e"]);
    }

    #[test]
    fn a_user_line_may_end_after_the_group_id() {
        let line = user_lines(b"ann:x:1:2").next().unwrap();
        assert_eq!((line.home, line.shell), (&b""[..], &b""[..]));
    }

    #[test]
    fn members_are_whole_names() {
        let line = group_lines(b"ops:x:10:anna, bob,,ann.b\n").next().unwrap();
        assert!(line.has_member(b"bob") && line.has_member(b"anna"));
        assert!(!line.has_member(b"ann"), "part of a name is not the name");
    }

    #[test]
    fn a_fifth_field_stays_with_the_members() {
        assert!(!group_lines(b"ops:x:10:ann:bob\n").next().unwrap().has_member(b"ann"));
    }

    #[test]
    fn a_huge_line_is_read_like_any_other() {
        let members = "u,".repeat(500_000);
        let text = format!("big:x:10:{members}ann\nnext:x:11:\n");
        assert_eq!(names(text.as_bytes()), [&b"big"[..], b"next"]);
        assert!(group_lines(text.as_bytes()).next().unwrap().has_member(b"ann"));
    }
    proptest::proptest! {
        #[test]
        fn whatever_a_file_holds_names_are_parts_of_one_line(text in "[a:\\x00\n#+ 0-9-]{0,60}") {
            for line in group_lines(text.as_bytes()) {
                let name = str::from_utf8(line.name).unwrap();
                assert!(text.contains(&format!("{name}:")) && !name.contains([':', '\n', '\0']));
            }
        }
    }
}
