#!/bin/sh
# Everything about packages and fleets: builds the packages and tries them, each artefact with its own tool and, as
# root, in clean systems. Usage: packaging/test.sh [--binaries DIR] [lint|fleet|deb|rpm|distributor|systemd|ansible|cross]...
# As an ordinary user, or where a tool is missing, what is left out is said.
set -eu
cd "$(dirname "$0")/.."
binaries='' parts=''
while [ $# -gt 0 ]; do
    case $1 in
        --binaries) binaries=$2 && shift ;;
        *) parts="$parts $1" ;;
    esac
    shift
done
: "${parts:=lint fleet deb rpm distributor systemd ansible cross}"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    missing=''
    for package in debootstrap dpkg-dev rpm lintian mandoc rsyslog logrotate shellcheck systemd systemd-container \
        yamllint zip zsh fish python3 python3-yaml gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static \
        qemu-system-arm cpio; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
    done
    if [ -n "$missing" ]; then
        echo "installing$missing"
        apt-get update -qq
        # shellcheck disable=SC2086 # a list of names
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    fi
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The tests need the programs, not their speed: those of `cargo build` do.
if [ -z "$binaries" ]; then
    cargo build --quiet
    binaries=$(dirname "$(find target/*/debug -maxdepth 1 -name gateshctl | head -n 1)")
fi
mkdir "$work/old" "$work/new"
cp "$binaries/gatesh" "$binaries/gateshctl" "$work/old/"
strip "$work/old/gatesh" "$work/old/gateshctl"
# Another program by its bytes, so that an upgrade can be told from none.
cp "$work/old/"* "$work/new/" && echo >>"$work/new/gatesh"
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || date +%s)}"
# Programs with debugging in them are large, and nobody keeps these packages.
COMPRESSION_LEVEL=1
export SOURCE_DATE_EPOCH COMPRESSION_LEVEL

failed=''
try() { # NAME COMMAND...
    name=$1
    shift
    echo "--- $name"
    "$@" || failed="$failed $name"
}
root_only() { # NAME COMMAND...
    if [ "$(id -u)" = 0 ]; then try "$@"; else echo "skipped $1: only root can install packages"; fi
}

build() { packaging/build.sh "$@" >"$work/build.log" 2>&1 || { cat "$work/build.log" && exit 1; }; }
build --binaries "$work/old" --out "$work/one"
# The same from another directory, later: the bytes must not tell.
mkdir "$work/copy"
tar --exclude=./target --exclude=./.git -cf - . | tar -xf - -C "$work/copy"
sleep 1
(cd "$work/copy" && build --binaries "$work/old" --out "$work/two")
try "two builds give the same bytes" cmp "$work/one/SHA256SUMS" "$work/two/SHA256SUMS"
# The next version, with other settings.
echo "# new in 9.0.0" >>"$work/copy/config/gatesh.toml"
(cd "$work/copy" && build --binaries "$work/new" --version 9.0.0 --out "$work/next")

for part in $parts; do
    case $part in
        lint) try lint tests/packaging/lint.sh "$work/one" ;;
        fleet) try fleet tests/packaging/fleet.sh "$work/old" ;;
        deb) root_only deb tests/packaging/deb.sh "$work"/one/*.deb "$work"/next/*.deb ;;
        rpm) root_only rpm tests/packaging/rpm.sh "$work"/one/*.rpm "$work"/next/*.rpm ;;
        distributor) root_only distributor tests/packaging/distributor.sh "$work/one" "$work/next" ;;
        systemd) root_only systemd tests/packaging/systemd.sh "$work"/one/*.deb ;;
        ansible) root_only ansible tests/packaging/ansible.sh "$work"/one/*.deb ;;
        cross) root_only cross tests/packaging/cross.sh ;;
        *) echo "test.sh: there is no part $part" >&2 && exit 2 ;;
    esac
done
[ -z "$failed" ] || { echo "failed:$failed" && exit 1; }
