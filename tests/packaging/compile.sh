#!/bin/sh
# A release compiled twice in full: in another directory, with another home of cargo, at another time. The artefacts
# must have the same bytes, and no path of this machine may stand in the programs. Usage: compile.sh   (any user;
# two builds with whole-program optimisation take minutes)
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/packaging/lib.sh
work=$(mktemp -d "${TMPDIR:-/var/tmp}/gatesh-compile.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
unset COMPRESSION_LEVEL
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH
home=${CARGO_HOME:-$HOME/.cargo}

tree() { # DIR
    mkdir -p "$1"
    tar --exclude=./target --exclude=./.git -cf - . | tar -xf - -C "$1"
}
tree "$work/one"
tree "$work/a/longer/way/two"
# The same crates by another path.
mkdir "$work/home"
for part in registry config.toml config; do [ ! -e "$home/$part" ] || ln -s "$home/$part" "$work/home/$part"; done

expect 0 "a release is built" sh -c "cd '$work/one' && packaging/build.sh --out '$work/dist-one'"
expect 0 "and again, elsewhere" sh -c "
    cd '$work/a/longer/way/two' && CARGO_HOME='$work/home' packaging/build.sh --out '$work/dist-two'"
expect 0 "all artefacts have the same bytes" diff -r "$work/dist-one" "$work/dist-two"
holds "and there are packages among them" sh -c "ls '$work'/dist-one/*.deb '$work'/dist-one/*.rpm"
for program in gatesh gateshctl; do
    built=$(echo "$work"/one/target/package/*/release/"$program")
    strings -a "$built" >"$work/strings"
    holds "$program names its crates by a path that is no machine's" grep -q '^/cargo/registry/src/' "$work/strings"
    holds "$program names no path of this one" \
        sh -c "! grep -F -e '$work' -e '$home' -e '$HOME/' -e '$PWD' '$work/strings'"
done
finish
