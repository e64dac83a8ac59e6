#!/bin/sh
# What tests/packaging/systemd.sh runs inside the booted container.
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C DEBIAN_FRONTEND=noninteractive
# shellcheck source=tests/packaging/lib.sh
. /root/lib.sh
work=$(mktemp -d) || exit 1
eventually() { within_a_minute "$@" >/dev/null 2>&1; }
result() { systemctl show -p "$1" --value gatesh-check.service; }
runs_again_after() { # CHANGE: a shell command; waits until the check has run once more and is done
    last=$(result ExecMainExitTimestampMonotonic)
    sh -c "$1"
    eventually sh -c "[ \"\$(systemctl show -p ExecMainExitTimestampMonotonic --value gatesh-check.service)\" != '$last' ]" &&
        eventually sh -c '! systemctl show -p ActiveState --value gatesh-check.service | grep -q activating'
}

expect 0 "it installs on a running system" dpkg -i /root/gatesh.deb
expect 0 "the path unit watches" systemctl is-active gatesh-check.path
expect 0 "the timer is armed" systemctl is-active gatesh-doctor.timer
groupadd -f log-readers
useradd -m -G log-readers -s /usr/bin/gatesh ann
: >/var/log/app.log && chmod 0644 /var/log/app.log

holds "a policy put in place is checked" \
    runs_again_after 'cp /usr/share/gatesh/examples/sets.d/* /etc/gatesh/sets.d/
        cp /usr/share/gatesh/examples/groups.d/log-readers.toml /etc/gatesh/groups.d/'
holds "and holds" test "$(result Result)" = success
holds "a broken file is noticed" runs_again_after 'echo "oops = 1" >>/etc/gatesh/groups.d/log-readers.toml'
holds "the unit has failed, for monitoring to see" systemctl is-failed gatesh-check.service
journalctl --no-pager -t gatesh-check >"$work/out"
said 'log-readers.toml' "and the journal names the file"
holds "the mended file is noticed" \
    runs_again_after 'cp /usr/share/gatesh/examples/groups.d/log-readers.toml /etc/gatesh/groups.d/'
holds "and the unit is sound again" test "$(result Result)" = success

# How deploy-policy switches: the directory becomes a link, and the link is replaced. Nobody starts the service here:
# that the path unit does is the point.
mkdir -p /var/lib/gatesh/policies
cp -a /etc/gatesh /var/lib/gatesh/policies/one
cp -a /etc/gatesh /var/lib/gatesh/policies/two
echo 'oops = 1' >>/var/lib/gatesh/policies/two/gatesh.toml
switch_to() { # NAME
    echo "ln -s /var/lib/gatesh/policies/$1 /etc/gatesh.next && mv -T /etc/gatesh.next /etc/gatesh"
}
holds "a directory that becomes a link is noticed" \
    runs_again_after 'mv /etc/gatesh /root/old && ln -s /var/lib/gatesh/policies/one /etc/gatesh'
holds "and the policy behind it holds" test "$(result Result)" = success
holds "a link that is switched is noticed" runs_again_after "$(switch_to two)"
holds "and the fault behind it" systemctl is-failed gatesh-check.service
holds "an edit of a file behind the link it was switched to is noticed" \
    runs_again_after 'cp -a /var/lib/gatesh/policies/one/gatesh.toml /var/lib/gatesh/policies/two/'
holds "and the unit is sound again" test "$(result Result)" = success
holds "so is one that is renamed over, as editors do" \
    runs_again_after 'cd /var/lib/gatesh/policies/two/groups.d && echo "oops = 1" >.new && mv .new log-readers.toml'
holds "and its fault" systemctl is-failed gatesh-check.service
holds "and the switch back, as a roll-back does it" runs_again_after "$(switch_to one)"
holds "and the unit is sound again" test "$(result Result)" = success
rm /etc/gatesh && mv /root/old /etc/gatesh

sed -i 's/^sink .*/sink = "journald"/' /etc/gatesh/gatesh.toml
expect 126 "ann does not read the password file" su - ann -c 'cat /etc/shadow'
journalctl --sync
journalctl --no-pager -o cat GATESH_DECISION=deny >"$work/out" 2>&1
said '"event":"denied"' "and the journal has the record, to be selected by its fields"

# As on Amazon Linux and RHEL: rsyslog reads the journal.
cp /usr/share/gatesh/rsyslog/30-gatesh.conf /etc/rsyslog.d/
printf '%s\n' 'module(load="imjournal" StateFile="trial" IgnorePreviousMessages="on")' \
    'include(file="/etc/rsyslog.d/*.conf")' >/etc/rsyslog.conf
systemctl restart rsyslog
for sink in journald syslog; do
    sed -i "s/^sink .*/sink = \"$sink\"/" /etc/gatesh/gatesh.toml
    holds "with sink = \"$sink\", records reach rsyslog's file through the journal" \
        eventually sh -c "su - ann -c 'cat /etc/$sink'; grep -q '^{\"v\":1,.*/etc/$sink' /var/log/gatesh/audit.json"
done
expect 0 "each line a JSON object" python3 -c 'import json; [json.loads(line) for line in open("/var/log/gatesh/audit.json")]'

systemctl start gatesh-doctor.service
journalctl --no-pager -t gatesh-doctor >"$work/out"
said 'gatesh-doctor' "doctor reports to the journal from inside its sandbox"
gateshctl doctor >"$work/outside" 2>&1
journalctl --no-pager -o cat -t gatesh-doctor >"$work/inside"
holds "and sees there what it sees outside" diff "$work/outside" "$work/inside"
finish
