#!/bin/sh
# The .rpm in a system of its own: install, session, upgrade, .rpmnew, refused removal, removal, .rpmsave.
# The system is Debian with an empty rpm database, so --nodeps; the scripts and files are the real ones.
# Usage: rpm.sh OLD.rpm NEW.rpm   (root; NEW has another version and other settings)
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ "${1:-}" != --inner ]; then
    exec unshare --mount --pid --mount-proc --fork --kill-child "$0" --inner "$(readlink -f "$1")" "$(readlink -f "$2")"
fi
old=$2 new=$3
. tests/packaging/lib.sh
private=yes
mkdir -p target/packaging
work=$(mktemp -d target/packaging/rpm.XXXXXX) || exit 1
root=$PWD/$work/root
trap 'umount -lR "$root" 2>/dev/null; rm -rf "$work"' EXIT
clean_system "$root"
furnish
inside_rpm() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin rpm --root "$root" "$@"
}
rpm() {
    inside_rpm --nodeps "$@"
}

expect 0 "it installs" rpm -U "$old"
expect 0 "no file differs from what was packed" rpm -V gatesh
holds "the group for readers of records is there" grep -q '^gatesh-audit:' "$root/etc/group"
holds "the shell is not in /etc/shells" sh -c "! grep gatesh '$root/etc/shells'"
holds "gatesh.toml is the only configuration file" test "$(inside_rpm -qc gatesh)" = /etc/gatesh/gatesh.toml
people
start_rsyslog
holds "/var/lib/gatesh/history takes everybody's lines and shows nobody's" \
    test "$(inside stat -c %a:%U:%G /var/lib/gatesh/history)" = 1733:root:root
expect 0 "ann reads a log" session 'cat /var/log/app.log'
said '^hello from the log$' "and sees it"
expect 126 "ann does not read the password file" session 'cat /etc/shadow'

echo '# an edit of the administrator' >>"$root/etc/gatesh/gatesh.toml"
open_session
expect 0 "it upgrades" rpm -U "$new"
open_session_goes_on
holds "the edited settings are kept" grep -q 'an edit of the administrator' "$root/etc/gatesh/gatesh.toml"
holds "and the new ones stand beside them" test -f "$root/etc/gatesh/gatesh.toml.rpmnew"
expect 0 "a session works after the upgrade" session 'cat /var/log/app.log'
expect 0 "it downgrades" rpm -U --oldpackage "$old"
expect 0 "a session works after the downgrade" session 'cat /var/log/app.log'

status=0
rpm -e gatesh >"$work/out" 2>&1 || status=$?
holds "it does not go while an account uses it" test "$status" != 0
rpm -e gatesh >"$work/out" 2>&1
said '^  ann$' "and lists the account"
said 'usermod -s' "and says the way out"
expect 0 "ann's session works all the same" session 'cat /var/log/app.log'

inside usermod -s /bin/bash ann
expect 0 "it goes when nobody uses it" rpm -e gatesh
said 'kept, because they are yours' "and says which rules it leaves"
holds "they are there" test -f "$root/etc/gatesh/groups.d/log-readers.toml"
holds "and so are the edited settings" test -f "$root/etc/gatesh/gatesh.toml.rpmsave"
expect 0 "it installs again" rpm -U "$new"
inside usermod -s /usr/bin/gatesh ann
expect 0 "and the old rules hold" session 'cat /var/log/app.log'
expect 126 "in both directions" session 'cat /etc/shadow'

# The same where the policy is a link into deploy-policy's store.
under_deploy_policy
expect 0 "a host under deploy-policy downgrades" rpm -U --oldpackage "$old"
policy_is_as_deployed "downgraded"
expect 0 "downgraded: a session works" session 'cat /var/log/app.log'
expect 0 "it upgrades" rpm -U "$new"
policy_is_as_deployed "upgraded"
expect 0 "upgraded: a session works" session 'cat /var/log/app.log'
inside usermod -s /bin/bash ann
expect 0 "it goes" rpm -e gatesh
policy_is_as_deployed "removed"
expect 0 "it comes back" rpm -U "$new"
inside usermod -s /usr/bin/gatesh ann
policy_is_as_deployed "installed again"
expect 0 "installed again: a session works" session 'cat /var/log/app.log'
expect 126 "installed again: in both directions" session 'cat /etc/shadow'
finish
