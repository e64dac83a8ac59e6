#!/bin/sh
# The .deb in a clean Debian: install, session, upgrade with a session open, conffile, downgrade, refused removal,
# removal, purge, installation again. Usage: deb.sh OLD.deb NEW.deb   (root; NEW has another version, binary and settings)
# shellcheck disable=SC2016 # dpkg-query's own ${...}
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ "${1:-}" != --inner ]; then
    exec unshare --mount --pid --mount-proc --fork --kill-child "$0" --inner "$(readlink -f "$1")" "$(readlink -f "$2")"
fi
old=$2 new=$3
. tests/packaging/lib.sh
private=yes
mkdir -p target/packaging
work=$(mktemp -d target/packaging/deb.XXXXXX) || exit 1
root=$PWD/$work/root
trap 'umount -lR "$root" 2>/dev/null; rm -rf "$work"' EXIT
clean_system "$root"
furnish
cp "$old" "$root/root/old.deb"
cp "$new" "$root/root/new.deb"

expect 0 "it installs in a clean Debian" inside dpkg -i /root/old.deb
holds "the group for readers of records is there" grep -q '^gatesh-audit:' "$root/etc/group"
holds "/var/log/gatesh lets sessions through and only its group look" \
    test "$(inside stat -c %a:%U:%G /var/log/gatesh)" = 751:root:gatesh-audit
holds "/var/lib/gatesh/history takes everybody's lines and shows nobody's" \
    test "$(inside stat -c %a:%U:%G /var/lib/gatesh/history)" = 1733:root:root
holds "the shell is not in /etc/shells" sh -c "! grep gatesh '$root/etc/shells'"
holds "gatesh.toml is the only conffile" \
    test "$(inside dpkg-query -W -f '${Conffiles}' gatesh | awk 'NF {print $1}')" = /etc/gatesh/gatesh.toml
expect 0 "no file differs from its checksum" inside dpkg --verify gatesh
holds "the path unit and the timer are enabled" \
    test -L "$root/etc/systemd/system/paths.target.wants/gatesh-check.path" \
    -a -L "$root/etc/systemd/system/timers.target.wants/gatesh-doctor.timer"
expect 0 "the shipped settings have no fault" inside gateshctl check
start_rsyslog
# The README's five minutes, as they stand there; one of its lines is there to be refused.
{
    python3 tests/packaging/readme.py | sed -e 's/^sudo -iu ann .*/status=0; & || status=$?; test $status = 126/' \
        -e 's/$/ || exit/'
    echo 'echo "all of it"'
} >"$root/root/five-minutes"
expect 0 "the README's five minutes do what it says" inside sh /root/five-minutes
said '^all of it$' "down to the last line"
said 'does not match <log>' "and what ought to be refused is"
said "exec /usr/bin/gatesh --group log-readers" "and there is a Session document"
people
expect 0 "the example policy has no fault" inside gateshctl check
expect 0 "ann reads a log" session 'cat /var/log/app.log'
said '^hello from the log$' "and sees it"
expect 126 "ann does not read the password file" session 'cat /etc/shadow'
said 'does not match <log>' "and is told why"
expect 0 "both stand in the audit file, a JSON object a line" \
    grep -c '^{"v":1,.*"event":"\(command-start\|denied\)"' "$root/var/log/gatesh/audit.json"
holds "which only its group may read" \
    test "$(inside stat -c %a:%U:%G /var/log/gatesh/audit.json)" = 640:root:gatesh-audit
expect 0 "rotation of the audit file is understood" \
    inside logrotate -d /usr/share/gatesh/logrotate/gatesh
expect 1 "ann could not take another shell even if she could run chsh" \
    inside su -s /bin/bash ann -c 'chsh -s /bin/bash'
said 'may not change the shell' "because it is not in /etc/shells"
# What the operator's guide says of listing it: its own two commands.
line=$(grep '^    echo /usr/bin/gatesh >>/etc/shells' docs/operators.md)
echo ann:secret | inside chpasswd
as_ann_in_bash() { inside su -s /bin/sh nobody -c 'echo secret | su -s /bin/bash ann -c "cat /etc/passwd"'; }
takes_bash() { inside su -s /bin/bash ann -c 'echo secret | chsh -s /bin/bash'; }
expect 126 "whoever knows her password does not get another shell by su -s" as_ann_in_bash
expect 0 "listed, as the guide says it" inside sh -c "${line%%#*}"
expect 0 "su -s gives another shell" as_ann_in_bash
expect 0 "and chsh lets her out" takes_bash
inside usermod -s /usr/bin/gatesh ann
inside passwd -l ann >/dev/null
expect 1 "without a password it does neither" takes_bash
expect 1 "nor the other" as_ann_in_bash
expect 0 "unlisted, as the guide says it" inside sh -c "${line#*# back: }"
holds "/etc/shells is as it was" sh -c "! grep gatesh '$root/etc/shells'"

# What image builds do after the installation.
mkdir -p "$root/etc/sudoers.d"
echo 'ssm-user ALL=(ALL) NOPASSWD:ALL' >"$root/etc/sudoers.d/ssm-agent-users"
expect 0 "session accounts are made" inside /usr/libexec/gatesh/provision --user reader:log-readers
expect 0 "and made once" inside /usr/libexec/gatesh/provision --user reader:log-readers
holds "without the agent's sudo rule" test ! -e "$root/etc/sudoers.d/ssm-agent-users"
expect 0 "a session account reads logs" inside su - reader -c 'cat /var/log/app.log'
expect 125 "ssm-user, who is in no group, gets nothing" inside su - ssm-user -c 'cat /var/log/app.log'
expect 2 "an account without groups is an error" inside /usr/libexec/gatesh/provision --user reader
inside userdel -r reader 2>/dev/null
inside userdel -r ssm-user 2>/dev/null

# A session that is open while the package is upgraded.
open_session
expect 0 "it upgrades" inside dpkg -i /root/new.deb
holds "settings nobody has touched follow the package" grep -q 'new in 9.0.0' "$root/etc/gatesh/gatesh.toml"
open_session_goes_on
expect 0 "a session works after the upgrade" session 'cat /var/log/app.log'

# Both sides changed the settings.
echo '# an edit of the administrator' >>"$root/etc/gatesh/gatesh.toml"
inside sh -c 'dpkg-deb -R /root/new.deb /root/unpacked &&
    echo "# new in this version" >>/root/unpacked/etc/gatesh/gatesh.toml &&
    sed -i "s/^Version: .*/Version: 9.9.9-1/" /root/unpacked/DEBIAN/control &&
    dpkg-deb --root-owner-group -b /root/unpacked /root/newer.deb' >/dev/null
expect 1 "settings changed on both sides are asked about" inside dpkg -i /root/newer.deb
said "Configuration file '/etc/gatesh/gatesh.toml'" "by name"
expect 0 "and kept where the administrator says so" inside dpkg --force-confold -i /root/newer.deb
holds "as edited" grep -q 'an edit of the administrator' "$root/etc/gatesh/gatesh.toml"
holds "with the new ones beside them" test -f "$root/etc/gatesh/gatesh.toml.dpkg-dist"
expect 0 "it downgrades" inside dpkg --force-confold -i /root/old.deb
expect 0 "a session works after the downgrade" session 'cat /var/log/app.log'

expect 1 "it does not go while an account uses it" inside dpkg -r gatesh
said '^  ann$' "and lists the account"
said 'usermod -s' "and says the way out"
expect 0 "ann's session works all the same" session 'cat /var/log/app.log'
holds "the package is still installed" \
    test "$(inside dpkg-query -W -f '${db:Status-Status}' gatesh)" = installed

inside usermod -s /bin/bash ann
expect 0 "it goes when nobody uses it" inside dpkg -r gatesh
holds "rules and settings stay" \
    test -f "$root/etc/gatesh/groups.d/log-readers.toml" -a -f "$root/etc/gatesh/gatesh.toml"
expect 0 "it is purged" inside dpkg -P gatesh
said '/etc/gatesh/groups.d/log-readers.toml' "and says which rules it leaves"
holds "they are there" test -f "$root/etc/gatesh/groups.d/log-readers.toml"
holds "and so are the records" test -s "$root/var/log/gatesh/audit.json"
holds "no unit is left" sh -c "! find '$root/etc/systemd' '$root/usr/lib/systemd' -name 'gatesh-*' | grep ."

expect 0 "it installs again" inside dpkg -i /root/new.deb
inside usermod -s /usr/bin/gatesh ann
expect 0 "and the old rules hold" session 'cat /var/log/app.log'
expect 126 "in both directions" session 'cat /etc/shadow'

# The same where the policy is a link into deploy-policy's store.
under_deploy_policy
expect 0 "a host under deploy-policy downgrades" inside dpkg --force-confold -i /root/old.deb
policy_is_as_deployed "downgraded"
expect 0 "downgraded: a session works" session 'cat /var/log/app.log'
expect 0 "it upgrades" inside dpkg --force-confold -i /root/new.deb
policy_is_as_deployed "upgraded"
expect 0 "upgraded: a session works" session 'cat /var/log/app.log'
inside usermod -s /bin/bash ann
expect 0 "it goes" inside dpkg -r gatesh
policy_is_as_deployed "removed"
expect 0 "it comes back" inside dpkg --force-confold -i /root/new.deb
policy_is_as_deployed "installed again"
expect 0 "it is purged" inside dpkg -P gatesh
said '/var/lib/gatesh/policies/.*/groups.d/log-readers.toml' "and says which rules it leaves"
policy_is_as_deployed "purged"
expect 0 "it comes back from nothing" inside dpkg --force-confold -i /root/new.deb
inside usermod -s /usr/bin/gatesh ann
policy_is_as_deployed "installed anew"
expect 0 "installed anew: a session works" session 'cat /var/log/app.log'
expect 126 "installed anew: in both directions" session 'cat /etc/shadow'
finish
