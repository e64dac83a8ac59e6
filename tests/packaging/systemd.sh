#!/bin/sh
# The units in a booted container: the path unit notices a broken and a mended policy and the journal says so, the
# timer is armed, doctor runs inside its sandbox, records reach the journal. Usage: systemd.sh PACKAGE.deb   (root)
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/packaging/lib.sh
deb=$(readlink -f "$1")
mkdir -p target/packaging
work=$(mktemp -d target/packaging/systemd.XXXXXX) || exit 1
root=$PWD/$work/root
trap 'rm -rf "$work"' EXIT
clean_system "$root"
cp "$deb" "$root/root/gatesh.deb"
cp tests/packaging/booted.sh tests/packaging/lib.sh "$root/root/"
cat >"$root/etc/systemd/system/trial.service" <<'UNIT'
[Unit]
After=basic.target dbus.service
[Service]
Type=oneshot
ExecStart=/bin/sh /root/booted.sh
StandardOutput=file:/root/results
StandardError=file:/root/results
ExecStopPost=/bin/systemctl exit 0
UNIT
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -s ../trial.service "$root/etc/systemd/system/multi-user.target.wants/"

# A control group of its own, where the host has the unified hierarchy beside the old ones; gone at the end.
group=''
for hierarchy in /sys/fs/cgroup/unified /sys/fs/cgroup; do
    if [ -f "$hierarchy/cgroup.procs" ] && mkdir "$hierarchy/gatesh-trial-$$" 2>/dev/null; then
        group=$hierarchy/gatesh-trial-$$
        break
    fi
done
(
    [ -z "$group" ] || sh -c 'echo $PPID' >"$group/cgroup.procs"
    exec timeout -s KILL 600 systemd-nspawn --quiet --directory "$root" --boot --register=no --keep-unit --private-network
) >"$work/boot" 2>&1 </dev/null
[ -z "$group" ] || find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null

if [ ! -s "$root/root/results" ]; then
    skip "no container can be booted here, so the units were not seen at work: $(tail -n 1 "$work/boot")"
    finish
    exit
fi
cat "$root/root/results"
grep -Eq '^[0-9]+ passed, 0 failed$' "$root/root/results"
