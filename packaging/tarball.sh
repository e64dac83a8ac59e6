#!/bin/sh
# Makes the tarball for hosts without dpkg or rpm. Usage: tarball.sh BINARIES SBOM VERSION ARCH OUT
set -eu
name=gatesh-$3-$4-linux out=$5
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022
"$here/stage.sh" "$work/$name" "$1" "$2" rpm
cp "$here"/../LICENSE* "$here/../CHANGELOG.md" "$work/$name/usr/share/doc/gatesh/"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
    --format=ustar -cf - "$name" | gzip "-${COMPRESSION_LEVEL:-9}n" >"$out/$name.tar.gz"
