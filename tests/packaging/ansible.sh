#!/bin/sh
# The Ansible role run for real, on a throw-away layer over this machine's own file system: twice, and the second run
# changes nothing. Usage: ansible.sh PACKAGE.deb   (root)
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ "${1:-}" != --inner ]; then
    if ! command -v ansible-playbook >/dev/null; then
        echo "skipped the Ansible role: ansible-playbook is not installed"
        exit 0
    fi
    exec unshare --mount --pid --mount-proc --fork --kill-child "$0" --inner "$(readlink -f "$1")"
fi
deb=$2
. tests/packaging/lib.sh
work=$(mktemp -d /var/tmp/gatesh-ansible.XXXXXX)
trap 'umount -lR "$work/layer" 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work/upper" "$work/work" "$work/root" "$work/layer"
mount -t tmpfs tmpfs "$work/layer"
mkdir "$work/layer/upper" "$work/layer/work" "$work/layer/root"
root=$work/layer/root
if ! mount -t overlay overlay -o "lowerdir=/,upperdir=$work/layer/upper,workdir=$work/layer/work" "$root" 2>/dev/null; then
    skip "the Ansible role: no overlay can be mounted here"
    exit 0
fi
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
cp -r packaging/ansible "$root/run/ansible"
cp -r config "$root/run/policy"
rm "$root/run/policy/groups.d/package-updaters.toml"
cp "$deb" "$root/run/gatesh_trial.deb"
play() {
    chroot "$root" sh -c 'cd /run/ansible && LC_ALL=C.UTF-8 ansible-playbook -i localhost, -c local trial.yml \
        -e ansible_python_interpreter=/usr/bin/python3 -e gatesh_package=/run/gatesh_trial.deb \
        -e gatesh_policy=/run/policy -e gatesh_rsyslog=false'
}
expect 0 "the role runs" play
expect 0 "it has put the policy in place" chroot "$root" gateshctl check
expect 0 "and made the account" chroot "$root" sh -c 'getent passwd gatesh-log-readers | grep -q ":/usr/bin/gatesh$"'
expect 0 "it runs again" play
said 'changed=0 ' "and changes nothing"
finish
