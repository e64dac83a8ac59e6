#!/bin/sh
# Everything about packages and fleets: builds the packages and tries them, each artefact with its own tool and, as
# root, in clean systems. Usage: packaging/test.sh [--binaries DIR] [PART]...
#
#   lint fleet images release deb rpm distributor systemd ansible cross    what runs without a PART; CI runs these
#   compile   two full release builds in different directories, byte for byte
#   machine   after cross: its programs on an arm64 kernel, in an emulated machine, which takes minutes
#
# As an ordinary user, or where a tool is missing, what is left out is said; in CI that is a failure.
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
: "${parts:=lint fleet images release deb rpm distributor systemd ansible cross}"
# shellcheck disable=SC2046 # a list of names
sh tests/tools.sh debootstrap dpkg-dev rpm rpmlint lintian mandoc rsyslog logrotate shellcheck systemd systemd-container \
    bash zsh fish zip unzip python3 python3-venv gnupg binutils gcc-aarch64-linux-gnu libc6-dev-arm64-cross \
    qemu-user-static $(case $parts in *machine*) echo qemu-system-arm cpio ;; esac)
PATH=$PWD/target/tools/bin:$PATH

work=$(mktemp -d)
cross=''
# The build on the other core has usually ended by then, and that is no failure.
trap '[ -z "$cross" ] || kill "$cross" 2>/dev/null || :; rm -rf "$work"' EXIT
# The tests need the programs, not their speed: those of `cargo build` do.
if [ -z "$binaries" ]; then
    cargo build --quiet
    # Where cargo itself says they are: an older build of another target may lie beside them.
    binaries=$(dirname "$(cargo build --quiet --message-format json |
        sed -n 's/.*"executable":"\([^"]*\/gateshctl\)".*/\1/p')")
fi
mkdir "$work/old" "$work/new"
cp "$binaries/gatesh" "$binaries/gateshctl" "$work/old/"
strip "$work/old/gatesh" "$work/old/gateshctl"
# Another program by its bytes, so that an upgrade can be told from none.
cp "$work/old/"* "$work/new/" && echo >>"$work/new/gatesh"
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || date +%s)}"
# Programs with debugging in them are large, and nobody keeps these packages.
COMPRESSION_LEVEL=1
export PATH SOURCE_DATE_EPOCH COMPRESSION_LEVEL

failed='' faults='' summary=''
# Of what this shell has waited for; on a busy machine it says more than the clock.
cpu_seconds() { awk '{ printf "%d", ($16 + $17) / 100 }' "/proc/$$/stat"; }
try() { # NAME COMMAND...
    name=$1 began=$(date +%s) cpu=$(cpu_seconds)
    shift
    echo "--- $name"
    "$@" >"$work/log" 2>&1 || failed="$failed $name"
    cat "$work/log"
    # Said again at the end: what a long log keeps of its middle is up to whoever keeps it.
    faults="$faults$(sed -n "/^NOT OK/,/^ok /{/^ok /d;s/^/$name: /p}" "$work/log" | cut -c 1-300 | head -n 40)
"
    summary="$summary$(printf '%-12s %4d checks %4d s, %d s of processor' "$name" "$(grep -c '^ok ' "$work/log")" \
        "$(($(date +%s) - began))" "$(($(cpu_seconds) - cpu))")
"
}
root_only() { # NAME COMMAND...
    if [ "$(id -u)" = 0 ]; then try "$@"; else
        echo "skipped $1: only root can install packages"
        [ -z "${CI:-}" ] || failed="$failed $1(skipped)"
    fi
}
build() { packaging/build.sh "$@" >"$work/build.log" 2>&1 || { cat "$work/build.log" && exit 1; }; }
# Two versions, with other settings and programs; and the first again from another directory, later.
packages() {
    build --binaries "$work/old" --out "$work/one"
    mkdir "$work/copy"
    tar --exclude=./target --exclude=./.git -cf - . | tar -xf - -C "$work/copy"
    sleep 1
    (cd "$work/copy" && build --binaries "$work/old" --out "$work/two")
    cmp "$work/one/SHA256SUMS" "$work/two/SHA256SUMS" && echo "ok      packing twice gives the same bytes"
    echo "# new in 9.0.0" >>"$work/copy/config/gatesh.toml"
    (cd "$work/copy" && build --binaries "$work/new" --version 9.0.0 --out "$work/next")
}
# Compiling for aarch64 takes as long as all the rest, on the other core.
case $parts in *cross*)
    tests/packaging/cross.sh >"$work/cross.log" 2>&1 &
    cross=$!
    ;;
esac
cross_ends() {
    status=0
    wait "$cross" || status=$?
    cat "$work/cross.log"
    return $status
}
try packages packages

for part in $parts; do
    case $part in
        lint) try lint tests/packaging/lint.sh "$work/one" "$work/old" ;;
        fleet) try fleet tests/packaging/fleet.sh "$work/old" ;;
        images) root_only images tests/packaging/images.sh "$work"/one/*.deb ;;
        release) try release tests/packaging/release.sh "$work/old" "$work/one" ;;
        deb) root_only deb tests/packaging/deb.sh "$work"/one/*.deb "$work"/next/*.deb ;;
        rpm) root_only rpm tests/packaging/rpm.sh "$work"/one/*.rpm "$work"/next/*.rpm ;;
        distributor) root_only distributor tests/packaging/distributor.sh "$work/one" "$work/next" ;;
        systemd) root_only systemd tests/packaging/systemd.sh "$work"/one/*.deb ;;
        ansible) root_only ansible tests/packaging/ansible.sh "$work"/one/*.deb ;;
        cross) try cross cross_ends ;;
        compile) try compile tests/packaging/compile.sh ;;
        machine) try machine tests/packaging/arm64.sh target/package/aarch64-unknown-linux-gnu/release ;;
        *) echo "test.sh: there is no part $part" >&2 && exit 2 ;;
    esac
done
printf '\n%s' "$summary"
printf '%s' "$faults" | sed '/^$/d'
[ -z "$failed" ] || { echo "failed:$failed" && exit 1; }
