#!/bin/sh
# Makes what Systems Manager Distributor takes: a zip for each kind of package and architecture, and manifest.json.
# Usage: build.sh VERSION OUT   (OUT holds the packages; SOURCE_DATE_EPOCH is set)
set -eu
version=$1 out=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
export TZ=UTC LC_ALL=C
rm -rf "$out/distributor"
mkdir "$out/distributor"

for package in "$out"/gatesh_"$version"-*.deb "$out"/gatesh-"$version"-*.rpm; do
    [ -f "$package" ] || continue
    work=$(mktemp -d)
    # The names of architectures are Distributor's.
    case $package in
        *amd64.deb) name=gatesh-deb-x86_64 ;;
        *arm64.deb) name=gatesh-deb-arm64 ;;
        *x86_64.rpm) name=gatesh-rpm-x86_64 ;;
        *aarch64.rpm) name=gatesh-rpm-arm64 ;;
    esac
    case $name in *x86_64) machine=x86_64 ;; *) machine=aarch64 ;; esac
    cp "$package" "$work/"
    # The programs once more, to be tried before they are installed.
    tar -C "$work" -xzf "$out/gatesh-$version-$machine-linux.tar.gz" --strip-components=3 \
        "gatesh-$version-$machine-linux/usr/bin/gatesh" "gatesh-$version-$machine-linux/usr/bin/gateshctl"
    install -m 0755 "$here/install.sh" "$here/uninstall.sh" "$work/"
    install -m 0755 "$here/install.sh" "$work/update.sh"
    (cd "$work" && sha256sum gatesh* >SHA256SUMS)
    find "$work" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    (cd "$work" && find . -type f -printf '%P\n' | sort | zip -q -X "-${COMPRESSION_LEVEL:-9}" "$out/distributor/$name.zip" -@)
    rm -rf "$work"
done
python3 "$here/manifest.py" "$version" "$out/distributor" >"$out/distributor/manifest.json"
