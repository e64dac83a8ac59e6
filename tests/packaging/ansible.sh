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
work=$(mktemp -d target/packaging/ansible.XXXXXX)
root=$PWD/$work/root
trap 'umount -lR "$root" 2>/dev/null; rm -rf "$work"' EXIT
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
    (cd "$work/ansible" && GATESH_TRIAL_ROOT=$root LC_ALL=C.UTF-8 ansible-playbook -i trial, -c chrooted trial.yml \
        -e ansible_python_interpreter=/usr/bin/python3 -e gatesh_package="$deb" \
        -e gatesh_policy="$PWD/../policy" "$@")
}
# A container that is not booted has nobody to restart rsyslog.
expect 0 "the role runs" play -e gatesh_rsyslog=false
expect 0 "it has put the policy in place" inside gateshctl check
expect 0 "and made the account" inside sh -c 'getent passwd gatesh-log-readers | grep -q ":/usr/bin/gatesh$"'
expect 0 "it runs again" play -e gatesh_rsyslog=false
said 'changed=0 ' "and changes nothing"
start_rsyslog
echo 'hello from the log' >"$root/var/log/app.log" && chmod 0644 "$root/var/log/app.log"
expect 0 "the account reads a log" inside su - gatesh-log-readers -c 'cat /var/log/app.log'
expect 126 "and not the password file" inside su - gatesh-log-readers -c 'cat /etc/shadow'
echo 'oops = 1' >>"$work/policy/gatesh.toml"
expect 2 "a policy with a fault fails the play" play -e gatesh_rsyslog=false
said 'check or test failed: the policy is not taken' "and says why"
expect 0 "the account reads logs as before" inside su - gatesh-log-readers -c 'cat /var/log/app.log'
finish
