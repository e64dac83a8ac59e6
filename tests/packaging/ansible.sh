#!/bin/sh
# The Ansible role run for real, from here on a clean Debian: twice, and the second run changes nothing; then with a
# policy that has a fault. Usage: ansible.sh PACKAGE.deb   (root)
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ "${1:-}" != --inner ]; then
    exec unshare --mount --pid --mount-proc --fork --kill-child "$0" --inner "$(readlink -f "$1")"
fi
deb=$2
. tests/packaging/lib.sh
private=yes
mkdir -p target/packaging
work=$(mktemp -d target/packaging/ansible.XXXXXX) || exit 1
root=$PWD/$work/root
# Another run at the same time has another.
host=trial-${work##*.}
planted=/tmp/gatesh-policy-$host.tar.gz
trap 'umount -lR "$root" 2>/dev/null; rm -rf "$work" "$planted"' EXIT
if ! command -v ansible-playbook >/dev/null; then
    skip "the Ansible role: ansible-playbook is not installed"
    finish
    exit
fi
clean_system "$root"
furnish
cp -r packaging/ansible "$work/ansible"
mkdir "$work/ansible/connection_plugins" "$work/policy"
cp tests/packaging/chrooted.py "$work/ansible/connection_plugins/"
cp -r config/gatesh.toml config/groups.d config/sets.d "$work/policy/"
rm "$work/policy/groups.d/package-updaters.toml"
play() { # [OPTION...]
    (cd "$work/ansible" && GATESH_TRIAL_ROOT=$root HOME=/root TMPDIR=/tmp LC_ALL=C.UTF-8 \
        ansible-playbook -i "$host," -c chrooted trial.yml -e ansible_python_interpreter=/usr/bin/python3 \
        -e gatesh_package="$deb" -e gatesh_policy="$PWD/../policy" "$@")
}
# Nobody has booted this system, so the script that old init systems had restarts rsyslog. Ansible goes by the name of
# the first process: for a shell it supposes systemd, which does nothing here.
echo trial >/proc/1/comm
cat >"$root/etc/init.d/rsyslog" <<'SCRIPT'
#!/bin/sh
running=$(cat /run/trial.pid 2>/dev/null)
case $1 in
    status) [ -n "$running" ] && kill -0 "$running" ;;
    stop | restart)
        # It takes its socket and this file away as it goes.
        [ -z "$running" ] || kill "$running"
        while [ -e /run/trial.pid ]; do sleep 0.1; done
        ;;
esac
case $1 in
    start | restart)
        rsyslogd -i /run/trial.pid
        until [ -s /run/trial.pid ] && [ -S /dev/log ]; do sleep 0.1; done
        ;;
esac
SCRIPT
chmod 0755 "$root/etc/init.d/rsyslog"
printf '%s\n' 'module(load="imuxsock")' 'include(file="/etc/rsyslog.d/*.conf")' '*.* /var/log/all' \
    >"$root/etc/rsyslog.conf"
inside /etc/init.d/rsyslog start
# Somebody else on the controller waits where the bundle used to be packed.
ln -s "$PWD/$work/victim" "$planted"
expect 0 "the role runs" play
holds "it writes to no name that could be known" test ! -e "$work/victim"
holds "and clears up" sh -c "! find /tmp -maxdepth 1 -name 'gatesh-policy.*' -newer '$planted' | grep ."
expect 0 "it has put the policy in place" inside gateshctl check
expect 0 "and made the account" inside sh -c 'getent passwd gatesh-log-readers | grep -q ":/usr/bin/gatesh$"'
expect 0 "it runs again" play
said 'changed=0 ' "and changes nothing"
holds "what it copied was root's alone" test "$(inside stat -c %a:%U /var/cache/gatesh-install)" = 700:root
echo 'hello from the log' >"$root/var/log/app.log" && chmod 0644 "$root/var/log/app.log"
expect 0 "the account reads a log" inside su - gatesh-log-readers -c 'cat /var/log/app.log'
expect 126 "and not the password file" inside su - gatesh-log-readers -c 'cat /etc/shadow'
holds "the record is in the file, for rsyslog was restarted" \
    within_a_minute grep -qs 'etc/shadow' "$root/var/log/gatesh/audit.json"
holds "which is rotated" test -f "$root/etc/logrotate.d/gatesh"
echo 'oops = 1' >>"$work/policy/gatesh.toml"
expect 2 "a policy with a fault fails the play" play
said 'check or test failed: the policy is not taken' "and says why"
expect 0 "the account reads logs as before" inside su - gatesh-log-readers -c 'cat /var/log/app.log'
finish
