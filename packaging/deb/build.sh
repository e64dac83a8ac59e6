#!/bin/sh
# Makes the .deb. Usage: build.sh BINARIES SBOM VERSION DEB_ARCH OUT   (SOURCE_DATE_EPOCH is set)
set -eu
binaries=$1 sbom=$2 version=$3-1 arch=$4 out=$5
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 0755 "$work" # mktemp made it private, and it becomes the package's /
umask 022

"$here/../stage.sh" "$work" "$binaries" "$sbom" deb
documents=$work/usr/share/doc/gatesh
install -m 0644 "$here/copyright" "$documents/copyright"
gzip -9nc "$here/../../CHANGELOG.md" >"$documents/changelog.gz"
{
    printf 'gatesh (%s) unstable; urgency=medium\n\n' "$version"
    printf '  * See /usr/share/doc/gatesh/changelog.gz.\n\n'
    printf ' -- gatesh authors <gatesh@localhost.localdomain>  %s\n' \
        "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$documents/changelog.Debian.gz"
install -d "$work/usr/share/lintian/overrides"
install -m 0644 "$here/lintian-overrides" "$work/usr/share/lintian/overrides/gatesh"

install -d "$work/DEBIAN"
size=$(du -sk --apparent-size --exclude=DEBIAN "$work" | cut -f1)
sed -e "s/@VERSION@/$version/" -e "s/@DEB_ARCH@/$arch/" -e "s/@SIZE@/$size/" "$here/control" >"$work/DEBIAN/control"
install -m 0644 "$here/conffiles" "$work/DEBIAN/conffiles"
for script in postinst prerm postrm; do
    sed -e "/^#ACCOUNTS#/{r $here/../accounts.sh" -e 'd}' -e "/^#LINK#/{r $here/../link.sh" -e 'd}' "$here/$script" >"$work/DEBIAN/$script"
    chmod 0755 "$work/DEBIAN/$script"
done
(cd "$work" && find . -type f ! -path './DEBIAN/*' -printf '%P\n' | LC_ALL=C sort | xargs md5sum) \
    >"$work/DEBIAN/md5sums"
find "$work" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
# xz, because dpkg reads zstd only since Debian 12.
dpkg-deb --root-owner-group -Zxz "-z${COMPRESSION_LEVEL:-6}" --build "$work" "$out/gatesh_${version}_$arch.deb" >/dev/null
