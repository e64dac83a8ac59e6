#!/bin/sh
# Installs or updates gatesh for Systems Manager Distributor. It is also update.sh. Whatever fails, the host keeps
# the shell it had: everything is tried before, checked after, and taken back.
set -u
cd "$(dirname "$0")" || exit 1
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C DEBIAN_FRONTEND=noninteractive
kept=/var/lib/gatesh/before-update
policy=/etc/gatesh

fail() { # TEXT
    echo "gatesh: not installed: $1" >&2
    exit 1
}
works() { # DIR: the programs in DIR run here and refuse what they ought to
    "$1/gateshctl" --version >/dev/null 2>&1 || return 1
    echo=$("$1/gatesh" --demo -c 'cat /etc/shadow' 2>&1)
    [ $? = 126 ] && printf '%s\n' "$echo" | grep -q 'not allowed'
}

sha256sum --quiet --check SHA256SUMS || fail "the package is damaged"
chmod 0755 gatesh gateshctl
works . || fail "the programs do not work on this host"
# A policy that holds must hold for the new version too, else sessions would be refused after the update.
if [ -d "$policy/groups.d" ] && [ -x /usr/bin/gateshctl ] && gateshctl check >/dev/null 2>&1; then
    ./gateshctl check || fail "the policy of this host has faults for the new version"
fi

if [ -x /usr/bin/gatesh ]; then
    mkdir -p "$kept"
    cp -p /usr/bin/gatesh /usr/bin/gateshctl "$kept/" || fail "cannot keep the programs there are"
fi
back() { # TEXT
    if [ -x "$kept/gatesh" ]; then
        for program in gatesh gateshctl; do
            # Beside, then over it: there is no moment without the shell.
            cp -p "$kept/$program" "/usr/bin/.$program.back" && mv "/usr/bin/.$program.back" "/usr/bin/$program"
        done
        echo "gatesh: the programs before it were put back" >&2
    fi
    fail "$1"
}
# One of them is there; a pattern that fits nothing stays as it is.
for package in ./gatesh_*.deb ./gatesh-*.rpm; do [ ! -f "$package" ] || break; done
case $package in
    *.deb) dpkg --force-confold -i "$package" || back "dpkg failed" ;;
    *) rpm -U --oldpackage --replacepkgs "$package" || back "rpm failed" ;;
esac
cmp -s gatesh /usr/bin/gatesh || back "another program than the package's is in /usr/bin"
works /usr/bin || back "the installed programs do not work"
rm -rf "$kept"
gatesh --version
