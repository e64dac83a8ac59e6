//! /etc/shells: a login shell that is listed there can be left.

use super::finding::Finding;
use super::host::Host;
use super::people::is_gatesh;

pub(super) fn findings(host: &Host) -> Vec<Finding> {
    // No such file means the libc's own list: sh and csh.
    let text = host.read("/etc/shells").unwrap_or_default();
    let listed = text.lines().map(str::trim).find(|line| line.starts_with('/') && is_gatesh(line.as_ref()));
    vec![match listed {
        None => Finding::ok("shells", "/etc/shells", "gatesh is not listed"),
        Some(line) => Finding::warning(
            "shells",
            "/etc/shells",
            format!(
                "lists {line}: chsh lets its users choose another shell, and su -s lets others of their uid do so; an \
                 unlisted shell has neither"
            ),
        )
        .cure("remove the line, unless a service needs it (an FTP server may)"),
    }]
}
